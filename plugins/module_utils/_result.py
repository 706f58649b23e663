# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Results, diffs and messages of a task about one object. Pure: no I/O, no Ansible.

Those of a task about many objects are in _report.py, which a task about one object does not import.
"""

from __future__ import annotations

import typing as t

from ansible_collections.twilio.proxy.plugins.module_utils._client import Client
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._plan import NOTHING_CHANGED, differences, writable
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import Outcome, TaskError
from ansible_collections.twilio.proxy.plugins.module_utils._resources import ADVICE, URL, Field, Object, Resource
from ansible_collections.twilio.proxy.plugins.module_utils._validation import masked, quoted, visible

#: What a failure returns beside its msg: what Twilio answered, null where it did not.
FAILURE_KEYS = ("status", "code", "message", "more_info", "request_id")

NO_REQUEST = "No request was sent."
RUN_AGAIN = "Run the task again: it reads the current state before it changes anything."
NOT_KNOWN = f"It is not known whether the change was made. {RUN_AGAIN}"

Result = dict[str, t.Any]


class Failed(Exception):
    """The task has failed. ``result`` is what it returns beside the message."""

    def __init__(self, msg: str, result: Result | None = None) -> None:
        super().__init__(msg)
        self.result = {"changed": False, **dict.fromkeys(FAILURE_KEYS), **(result or {})}


def diff(resource: Resource, outcome: Outcome) -> Result:
    """Return what changed, in Ansible's form of a diff."""
    before, after = writable(resource, outcome.before), writable(resource, outcome.after)
    return {
        "before": before,
        "after": {name: _after(resource.field(name), before[name], value) for name, value in after.items()}
        if before and after
        else after,
        "before_header": _header(resource, outcome.before),
        "after_header": _header(resource, outcome.after),
    }


def _after(field: Field, before: t.Any, after: t.Any) -> t.Any:
    """Return the value after a change as a diff shows it, with a note if only a masked secret changed."""
    if before == after or not (isinstance(before, str) and isinstance(after, str)):
        return after
    is_url = field.rule is URL
    alike = masked(before, is_url) == masked(after, is_url)
    return f"{after} (secret changed)" if alike else after


def _header(resource: Resource, item: Object | None) -> str:
    if item is None:
        return f"no {resource.name}"
    name, sid = item[resource.name_field], item["sid"]
    return visible(f"{resource.name} {name or sid}" + (f" ({sid})" if name and sid and name != sid else ""))


def values_not_accepted(
    resource: Resource, desired: t.Mapping[str, t.Any], outcome: Outcome, place: str = ""
) -> list[str]:
    """Return a sentence for each value that was sent and is not what Twilio answered with.

    ``place`` is where the values stand in the task.
    """
    if outcome.after is None or not outcome.changed:
        return []
    return [
        f"{place}{name} was set to {quoted(value)}, but Twilio answered with {quoted(outcome.after[name])}:"
        " this task will report a change each time it runs."
        for name, value in differences(resource, desired, outcome.after).items()
    ]


def failed(error: TaskError) -> Failed:
    """Return the failure of a task because of this error."""
    text = failure_text(error) if isinstance(error, ApiError) else str(error)
    return Failed(text, {"changed": error.may_have_been_applied or error.applied, **details_from_twilio(error)})


def timed_out(limit: BaseException, text: str, result: Result | None = None) -> Failed:
    """Return the failure of a task that Ansible ended at its timeout. ``text`` and ``result`` say what was changed."""
    period = getattr(limit, "timeout", None)  # ansible-core has it since 2.19
    more = {} if period is None else {"timedout": {"period": int(period)}}  # without Ansible's tags
    return Failed(f"Ansible ended the task because of its timeout. {text}", {**(result or {}), **more})


def what_is_known(clients: t.Iterable[Client]) -> tuple[str, Result]:
    """Return a sentence about what these clients may have changed since they began, and ``changed``."""
    writing = next((client.writing for client in clients if client.writing is not None), None)
    if writing is None:
        return NOTHING_CHANGED, {}
    return f"A request to {writing} had been sent. {NOT_KNOWN}", {"changed": True}


def details_from_twilio(error: TaskError) -> Result:
    """Return what Twilio answered, by FAILURE_KEYS, with control characters escaped."""
    details = {key: getattr(error, key, None) for key in FAILURE_KEYS}
    return {key: visible(value) if isinstance(value, str) else value for key, value in details.items()}


def failure_text(error: ApiError, unchanged: str = NOTHING_CHANGED) -> str:
    """Return sentences: what happened, what to do, what was changed. ``unchanged`` is the one for no change."""
    facts = {"HTTP": error.status, "code": error.code, "request": error.request_id}
    details = [f"{name} {fact}" for name, fact in facts.items() if fact is not None]
    answer = ", ".join([*details, *([f"after {error.tries} tries"] if error.tries > 1 else [])])
    text = str(error).rstrip(".")
    sentences = [
        text[:1].upper() + text[1:] + (f" ({answer})." if answer else "."),
        error.advice or ADVICE.get(error.code or 0, ""),
        "" if error.applied else NOT_KNOWN if error.may_have_been_applied else unchanged,
    ]
    return visible(" ".join(sentence for sentence in sentences if sentence))
