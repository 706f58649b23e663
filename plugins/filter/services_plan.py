# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Show what a run does, or did, with the Services of an account."""

from __future__ import annotations

import collections
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import OPERATIONS
from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER, SERVICE
from ansible_collections.twilio.proxy.plugins.module_utils._services_file import POOL
from ansible_collections.twilio.proxy.plugins.module_utils._validation import visible
from ansible_collections.twilio.proxy.plugins.plugin_utils._lines import aligned, count

DOCUMENTATION = r"""
name: services_plan
short_description: Show what a run does with the Services of an account
version_added: 0.1.0
description:
  - Makes a table of what module M(twilio.proxy.services) returns, in check mode or not.
  - A line says what happens to a Service, which one it is, and what about it changes.
    A Service that stays as it is has no line. The last line counts all.
  - Below the line of a Service, its pool has a line for each number that does not stay as it is,
    with V(+) if it is added, V(-) if it is removed, V(~) if it is changed, and in words if it failed.
  - A Service that is renamed is shown with its old name too in diff mode. Other results do not hold it.
  - The numbers of a Service that is deleted are not in the result, and so not in the table.
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
- name: Show the plan
  twilio.proxy.services:
    services:
      - unique_name: rides
        default_ttl: 3600
  check_mode: true
  register: planned

- name: Show it
  ansible.builtin.debug:
    msg: "{{ planned | twilio.proxy.services_plan }}"
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
"""

SHAPES = {
    "created": "+{}",
    "deleted": "-{}",
    "updated": "{} changed",
    "failed": "{} failed",
    "not_attempted": "{} not attempted",
}
#: The sign before a number. Other operations are written in words.
SIGNS = {"created": "+", "deleted": "-", "updated": "~"}
#: The fields of a number that can change.
NUMBER_FIELDS = [field.name for field in PHONE_NUMBER.writable if not field.immutable]


def services_plan(result: t.Mapping[str, t.Any]) -> list[str]:
    """Return the lines of the table."""
    if not isinstance(result, dict) or not isinstance(result.get("services"), list):
        raise AnsibleFilterError("services_plan: this is not a result of twilio.proxy.services, it has no services.")
    services = result["services"]
    old_names = _old_names(result.get("diff", ()))
    shown = [service for service in services if service["operation"] != "unchanged"]
    rows = aligned([_row(service, old_names) for service in shown])
    lines = [line for row, service in zip(rows, shown) for line in (row, *_pool(service))]
    counts = collections.Counter(service["operation"] for service in services)
    summary = ", ".join(f"{counts[operation]} {_words(operation)}" for operation in OPERATIONS if counts[operation])
    return [*lines, f"{summary or 'No Services'}."]


def _old_names(diffs: t.Iterable[t.Mapping[str, t.Any]]) -> dict[str, str | None]:
    """Return the names of Services before the run, by those after it, which are unique."""
    both = ((diff["before"], diff["after"]) for diff in diffs)
    return {after[SERVICE.name_field]: before[SERVICE.name_field] for before, after in both if before and after}


def _row(service: t.Mapping[str, t.Any], old_names: t.Mapping[str, str | None]) -> tuple[str, str, str]:
    name = service["unique_name"] or service["sid"] or "(without a name)"
    old_name = old_names.get(name) if SERVICE.name_field in service["changed_fields"] else None
    names = name if old_name is None else f"{old_name} -> {name}"
    changes = ", ".join([*_fields(service), *_counts(service)])
    errors = " ".join(_errors(service))
    return _words(service["operation"]), visible(names), visible(": ".join(filter(None, [changes, errors])))


def _errors(service: t.Mapping[str, t.Any]) -> list[str]:
    """Return the errors. That of a Service may contain that of a number already."""
    errors: list[str] = []
    for item in [service, *service.get(POOL, ())]:
        if "error" in item and not any(item["error"]["msg"] in error for error in errors):
            errors.append(item["error"]["msg"])
    return errors


def _fields(service: t.Mapping[str, t.Any]) -> list[str]:
    """Return the fields that change of a Service that existed and goes on to exist."""
    if service["operation"] in ("created", "deleted"):
        return []
    return [field for field in service["changed_fields"] if field != POOL]


def _counts(service: t.Mapping[str, t.Any]) -> list[str]:
    """Return how many numbers of the pool each operation has."""
    counts = collections.Counter(number["operation"] for number in service.get(POOL, ()))
    return [
        shape.format(count(counts[operation], "number")) for operation, shape in SHAPES.items() if counts[operation]
    ]


def _pool(service: t.Mapping[str, t.Any]) -> list[str]:
    """Return a line for each number that does not stay as it is."""
    return [_number(number) for number in service.get(POOL, ()) if number["operation"] != "unchanged"]


def _number(number: t.Mapping[str, t.Any]) -> str:
    operation = number["operation"]
    name = number[PHONE_NUMBER.name_field] or number["sid"]
    values = [f"{field}: {str(number[field]).lower()}" for field in NUMBER_FIELDS]
    changed = f" ({', '.join(values)})" if operation == "updated" else ""
    return visible(f"  {SIGNS.get(operation, _words(operation))} {name}{changed}")


def _words(operation: str) -> str:
    return operation.replace("_", " ")


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"services_plan": services_plan}
