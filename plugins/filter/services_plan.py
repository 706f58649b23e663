# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Show what a run will change, or has changed, in the Services of an account."""

from __future__ import annotations

import collections
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import OPERATIONS
from ansible_collections.twilio.proxy.plugins.module_utils._resources import ADVICE, PHONE_NUMBER, SERVICE
from ansible_collections.twilio.proxy.plugins.module_utils._services_file import POOL
from ansible_collections.twilio.proxy.plugins.module_utils._validation import visible
from ansible_collections.twilio.proxy.plugins.plugin_utils._lines import aligned, count

DOCUMENTATION = r"""
name: services_plan
short_description: Show the changes of a run as a table
version_added: 0.1.0
description:
  - Makes a table of the result of module M(twilio.proxy.services). If RV(twilio.proxy.services#module:check_mode) is
    true, the operations are in the future, such as V(create) instead of V(created).
  - Each Service that changes or fails has a line with the operation, its name, and what changes. The last line counts
    all Services, including those that stay the same and those that were not attempted because of a failure. A line
    after it counts what the account has and the list does not name, if there is something.
  - Below the line of a Service, each phone number that changes or fails has a line,
    with V(+) if it is added, V(-) if it is removed, V(~) if it is updated, and V(failed) if it failed.
  - A message of Twilio is shown once. It is left out where C(msg) of the result or a line above has it.
  - A renamed Service is shown with its old name too.
  - The numbers of a deleted Service are not in the result, and so not in the table.
author:
  - The twilio.proxy Authors (@twilio-proxy)
positional: _input
options:
  _input:
    description:
      - The result of module M(twilio.proxy.services).
    type: dict
    required: true
seealso:
  - module: twilio.proxy.services
"""

EXAMPLES = r"""
- name: Plan the changes
  twilio.proxy.services:
    services:
      - unique_name: rides
        default_ttl: 3600
  check_mode: true
  register: plan

- name: Show the plan
  ansible.builtin.debug:
    msg: "{{ plan | twilio.proxy.services_plan }}"
"""

RETURN = r"""
_value:
  description: The lines of the table.
  type: list
  elements: str
  sample:
    - created  rides       +2 numbers
    - "  + +12025550100"
    - "  + +12025550101"
    - updated  deliveries  default_ttl, +1 number, -1 number, 1 number changed
    - "  + +12025550102"
    - "  ~ +12025550103 (is_reserved: true)"
    - "  - +12025550104"
    - updated  parcels -> post  unique_name
    - 1 created, 2 updated, 297 unchanged.
    - "Not in the file, left alone: 1 Service, 3 numbers."
"""

#: How many numbers of a pool have an operation.
COUNTS = {
    "created": "+{}",
    "deleted": "-{}",
    "updated": "{} changed",
    "failed": "{} failed",
    "not_attempted": "{} not attempted",
}
#: The sign before a number.
SIGNS = {"created": "+", "deleted": "-", "updated": "~", "failed": "failed"}
#: Operations of a plan.
VERBS = {"created": "create", "updated": "update", "deleted": "delete"}
#: The fields of a number that can change.
NUMBER_FIELDS = [field.name for field in PHONE_NUMBER.writable if not field.immutable]


def services_plan(result: t.Mapping[str, t.Any]) -> list[str]:
    """Return the lines of the table."""
    if not isinstance(result, dict) or not isinstance(result.get("services"), list):
        raise AnsibleFilterError(
            "services_plan: the input has no list services. Give it the result of twilio.proxy.services."
        )
    services = result["services"]
    changed = [service for service in services if service["operation"] not in ("unchanged", "not_attempted")]
    answers = {_answer(result)}
    verbs = VERBS if result.get("check_mode") else {}
    rows = aligned(
        [
            (verbs.get(service["operation"], service["operation"]), *_name_and_changes(service, answers))
            for service in changed
        ]
    )
    lines = [line for row, service in zip(rows, changed) for line in (row, *_pool(service))]
    counts = collections.Counter(service["operation"] for service in services)
    words = {operation: f"to {verb}" for operation, verb in verbs.items()}
    summary = ", ".join(
        f"{counts[operation]} {words.get(operation, operation.replace('_', ' '))}"
        for operation in OPERATIONS
        if counts[operation]
    )
    return [*lines, f"{summary or 'No Services'}.", *_left_alone(result["not_listed"])]


def _left_alone(not_listed: t.Mapping[str, t.Any]) -> list[str]:
    """Return the line about what the file does not manage, if there is something."""
    counts = {SERVICE.name: len(not_listed[SERVICE.list_key]), "number": not_listed[POOL]}
    texts = [count(number, word) for word, number in counts.items() if number]
    return [f"Not in the file, left alone: {', '.join(texts)}."] if texts else []


def _name_and_changes(service: t.Mapping[str, t.Any], answers: set[t.Any]) -> tuple[str, str]:
    name = service["unique_name"] or service["sid"] or "(without a name)"
    old_names = [change["before"] for change in service["changes"] if change["field"] == SERVICE.name_field]
    names = " -> ".join([*filter(None, old_names), name])
    changes = ", ".join([*_fields(service), *_counts(service)])
    errors = " ".join(_errors(service, answers))
    return visible(names), visible(": ".join(filter(None, [changes, errors])))


def _errors(service: t.Mapping[str, t.Any], answers: set[t.Any]) -> list[str]:
    """Return the messages of the errors, without Twilio's text if it is one of ``answers``, which are completed."""
    messages: list[str] = []
    texts = []
    for item in [service, *service.get(POOL, ())]:
        error = item.get("error")
        # The error of a Service may contain that of a number.
        if error is None or any(error["msg"] in message for message in messages):
            continue
        messages.append(error["msg"])
        answer = _answer(error)
        is_repeated = answer[0] is not None and answer in answers
        texts.append(_without_answer(error) if is_repeated else error["msg"])
        answers.add(answer)
    return texts


def _answer(error: t.Mapping[str, t.Any]) -> tuple[t.Any, t.Any]:
    """Return what identifies a text of Twilio: its code and its message."""
    return error.get("code"), error.get("message")


def _without_answer(error: t.Mapping[str, t.Any]) -> str:
    """Return the message of an error without Twilio's text and the advice about its code."""
    message: str = error["msg"].replace(f": {error['message'].rstrip('.')} (", " (", 1)
    advice = ADVICE.get(error["code"])
    return message if advice is None else message.replace(f" {advice}", "", 1)


def _fields(service: t.Mapping[str, t.Any]) -> list[str]:
    """Return the fields that change of a Service that existed and goes on to exist."""
    if service["operation"] in ("created", "deleted"):
        return []
    return [field for field in service["changed_fields"] if field != POOL]


def _counts(service: t.Mapping[str, t.Any]) -> list[str]:
    """Return how many numbers of the pool each operation has."""
    counts = collections.Counter(number["operation"] for number in service.get(POOL, ()))
    return [text.format(count(counts[operation], "number")) for operation, text in COUNTS.items() if counts[operation]]


def _pool(service: t.Mapping[str, t.Any]) -> list[str]:
    """Return a line for each number that changes or fails."""
    return [_number(number) for number in service.get(POOL, ()) if number["operation"] in SIGNS]


def _number(number: t.Mapping[str, t.Any]) -> str:
    operation = number["operation"]
    name = number[PHONE_NUMBER.name_field] or number["sid"]
    values = [f"{field}: {str(number[field]).lower()}" for field in NUMBER_FIELDS]
    changed = f" ({', '.join(values)})" if operation == "updated" else ""
    return visible(f"  {SIGNS[operation]} {name}{changed}")


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"services_plan": services_plan}
