# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""From what was done about many objects to what their task returns and says. Pure: no I/O, no Ansible."""

from __future__ import annotations

import typing as t
from collections import Counter

from ansible_collections.twilio.proxy.plugins.module_utils._bulk import StepResult
from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import (
    OPERATIONS,
    Entry,
    Step,
    temporary_name,
)
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._plan import Change, differences, writable
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import Outcome, PreconditionError, TaskError
from ansible_collections.twilio.proxy.plugins.module_utils._resources import Object, Resource
from ansible_collections.twilio.proxy.plugins.module_utils._task import (
    Result,
    details_from_twilio,
    diff,
    failure_text,
    values_not_accepted,
)
from ansible_collections.twilio.proxy.plugins.module_utils._validation import label, quoted


def not_attempted(entry: Entry) -> StepResult:
    """An entry about which nothing was done, and of whose object nothing is known."""
    pool = None if entry.pool is None else [not_attempted(part) for part in entry.pool]
    return StepResult(Step(entry, Change("none", None, None, {})), pool=pool)


def report(resource: Resource, children: Resource, done: t.Sequence[StepResult]) -> Result:
    """What the task returns: whether something changed, what came of each entry, and how many of each."""
    reports = [_report_of_entry(resource, children, one) for one in done]
    counts = Counter(one["operation"] for one in reports)
    return {
        "changed": any(map(_changed, _with_parts(done))),
        resource.list_key: reports,
        "summary": {word: counts[word] for word in OPERATIONS},
    }


def diffs(resource: Resource, children: Resource, done: t.Sequence[StepResult]) -> list[Result]:
    """What changed, in Ansible's form of a diff, for each entry of which something is known to have changed."""
    return [_diff(resource, children, one) for one in done if _was_changed(one)]


def unaccepted_values(resource: Resource, children: Resource, done: t.Sequence[StepResult]) -> list[str]:
    """A sentence for each value that was sent, and is not what Twilio answered with."""
    found = []
    for one in done:
        # The name that it was given to make way is not the one that its entry asks for.
        found += [] if one.has_temporary_name else _values_not_accepted(resource, one)
        for part in one.pool or []:
            found += _values_not_accepted(children, part)
    return found


def _values_not_accepted(resource: Resource, one: StepResult) -> list[str]:
    entry = one.step.entry
    return [] if one.outcome is None else values_not_accepted(resource, entry.desired, one.outcome, f"{entry.place}.")


def failure(
    resource: Resource, done: t.Sequence[StepResult], summary: t.Mapping[str, int]
) -> tuple[TaskError, str] | None:
    """The first trouble, and what the task says about it and the rest; None if there was none."""
    errors = ((part.error, part.step.entry.place) for part in _with_parts(done) if part.error is not None)
    first = next(errors, None)
    if first is None:
        return None
    error, place = first
    return error, (
        f"{place}: {_error(error)['msg']} {_counts(resource, done, summary)}"
        f" What was in flight was waited for, and nothing else was begun.{_how_to_go_on(error)}"
    )


def interruption(resource: Resource, done: t.Sequence[StepResult], summary: t.Mapping[str, int]) -> str:
    """Return what the task says about what was done before it was interrupted."""
    errors = ((part.error, part.step.entry.place) for part in _with_parts(done))
    unknown = [place for error, place in errors if error is not None and error.may_have_been_applied]
    in_flight = f" It is not known whether these were changed: {_first_ten(unknown)}." if unknown else ""
    return f"{_counts(resource, done, summary)}{in_flight} Run the task again, it looks before it changes anything."


def _counts(resource: Resource, done: t.Sequence[StepResult], summary: t.Mapping[str, int]) -> str:
    counts = ", ".join(f"{number} {word.replace('_', ' ')}" for word, number in summary.items() if number)
    total = f"{len(done)} {'entry' if len(done) == 1 else 'entries'}"
    halves = [one.step.entry.place for one in done if _failed(one) and _was_changed(one)]
    changed = f" Of the failed, changed before: {_first_ten(halves)}." if halves else ""
    renamed = "".join(f" {_temporary_rename(resource, one)}" for one in done if one.has_temporary_name)
    return f"Of {total}: {counts}.{changed}{renamed}"


def _first_ten(places: t.Sequence[str]) -> str:
    more = f" and {len(places) - 10} more" if len(places) > 10 else ""
    return ", ".join(places[:10]) + more


def _how_to_go_on(error: TaskError) -> str:
    if error.may_have_been_applied:  # the error has said so already
        return ""
    if isinstance(error, ApiError) and error.transient:
        return " Running the task again goes on from there."
    return " When the cause is gone, running the task again goes on from there."


def _was_changed(one: StepResult) -> bool:
    """Whether it is known that something of it was."""
    return any(part.outcome is not None and part.outcome.changed for part in _with_parts([one]))


def _failed(one: StepResult) -> bool:
    return any(_operation(part) == "failed" for part in _with_parts([one]))


def _with_parts(done: t.Iterable[StepResult]) -> t.Iterator[StepResult]:
    for one in done:
        yield one
        yield from one.pool or []


def _changed(one: StepResult) -> bool:
    error = one.error
    lost = error is not None and (error.may_have_been_applied or error.applied)
    return lost or (one.outcome is not None and one.outcome.changed)


def _operation(one: StepResult) -> str:
    if one.error is not None or one.has_temporary_name:
        return "failed"
    if one.outcome is None:
        return "not_attempted"
    if not one.outcome.changed:
        return "unchanged"
    if one.outcome.after is None:
        return "deleted"
    return "created" if one.outcome.before is None else "updated"


def _item(one: StepResult) -> Object:
    if one.outcome is None:
        return one.step.change.before or {}
    return one.outcome.after or one.outcome.before or {}


def _report_of_entry(resource: Resource, children: Resource, one: StepResult) -> Result:
    item, entry, parts = _item(one), one.step.entry, one.pool or []
    operation, error = _operation(one), _error_of_entry(resource, one)
    fields = [] if one.outcome is None or not one.outcome.changed else _changed_fields(resource, one.outcome)
    if any(map(_changed, parts)):
        fields.append(children.list_key)
    of_parts = {_operation(part) for part in parts}
    if "failed" in of_parts:
        operation = "failed"
    elif operation == "unchanged" and of_parts - {"unchanged"}:
        operation = "updated" if any(map(_changed, parts)) else "not_attempted"
    return {
        "operation": operation,
        resource.name_field: item.get(resource.name_field, entry.desired.get(resource.name_field)),
        "sid": item.get("sid", entry.sid),
        resource.key: item,
        "changed_fields": fields,
        **({} if error is None else {"error": error}),
        **({} if one.pool is None else {children.list_key: [_report_of_part(children, part) for part in parts]}),
    }


def _error_of_entry(resource: Resource, one: StepResult) -> Result | None:
    """What went wrong with the object, or else with the first thing in it that failed."""
    if one.has_temporary_name:
        renamed = _temporary_rename(resource, one)
        if one.error is None:
            return _error(PreconditionError(renamed))
        return {**_error(one.error), "msg": f"{_error(one.error)['msg']} {renamed}"}
    if one.error is not None:
        return _error(one.error)
    error = next((_error(part.error) for part in one.pool or [] if part.error is not None), None)
    operation = _operation(one)
    if error is not None and operation in ("created", "updated"):
        error["msg"] = f"The {resource.name} was {operation}, and then: {error['msg']}"
    return error


def _temporary_rename(resource: Resource, one: StepResult) -> str:
    """Say which name the object has, or may have, and how it gets the one that its entry asks for."""
    before, wanted = one.step.change.before or {}, one.step.entry.desired[resource.name_field]
    was = "may have been" if one.outcome is None else "was"
    return (
        f"The {label(resource, before)} {was} renamed to {quoted(temporary_name(before['sid']))}, a temporary name. Run"
        f" the task again with its sid, and it gets the name {quoted(wanted)}."
    )


def _report_of_part(children: Resource, part: StepResult) -> Result:
    item = {**part.step.entry.desired, **_item(part)}
    error = {} if part.error is None else {"error": _error(part.error)}
    return {
        "operation": _operation(part),
        **{field.name: item.get(field.name) for field in children.writable},
        **error,
    }


def _changed_fields(resource: Resource, outcome: Outcome) -> list[str]:
    if outcome.before is None or outcome.after is None:
        return []
    return list(differences(resource, writable(resource, outcome.after) or {}, outcome.before))


def _error(error: TaskError) -> Result:
    if isinstance(error, ApiError):
        text = failure_text(error, "This request changed nothing.")
    else:
        # Its closing sentence is about the whole task, and other entries may have been changed.
        text = error.reason[:1].upper() + error.reason[1:]
    return {"msg": text, **details_from_twilio(error)}


def _diff(resource: Resource, children: Resource, one: StepResult) -> Result:
    result = diff(resource, _known(one))
    if one.pool is not None:
        outcomes = [_known(part) for part in one.pool]
        for side, items in (
            ("before", [part.before for part in outcomes]),
            ("after", [part.after for part in outcomes]),
        ):
            if result[side] is not None:
                result[side] = {**result[side], children.list_key: _numbers(children, items)}
    return result


def _known(one: StepResult) -> Outcome:
    """What is known to have come of it: nothing, where that is not known."""
    return one.outcome or Outcome(False, one.step.change.before, one.step.change.before)


def _numbers(children: Resource, items: t.Iterable[Object | None]) -> list[Object]:
    shown_items = [writable(children, item) or {} for item in items if item is not None]
    return sorted(
        (
            {name: value for name, value in item.items() if name != "sid" or item[children.name_field] is None}
            for item in shown_items
        ),
        key=str,
    )
