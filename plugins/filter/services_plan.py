# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run does, or did, with an estate, as a table for people."""

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
short_description: Show what a run does with an estate of Twilio Proxy Services
version_added: 0.1.0
description:
  - Makes a table of what module M(twilio.proxy.services) returns, in check mode or not.
  - A line says what happens to a Service, which one it is, and what about it changes.
    A Service that stays as it is has no line. The last line counts all.
  - Below the line of a Service, its pool has a line for each number that does not stay as it is,
    with V(+) if it is added, V(-) if it is removed, V(~) if it is changed, and in words if it failed.
  - A Service that is renamed has its old name, too, if the result is one of diff mode. Others do not hold it.
  - The numbers that the deletion of a Service frees are not in the result, and so not in the table.
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
- name: See what would be done
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
#: What stands before a number. What has no sign here is said in words.
SIGNS = {"created": "+", "deleted": "-", "updated": "~"}
#: What can change about a number, and still be the number.
NUMBER_FIELDS = [field.name for field in PHONE_NUMBER.writable if not field.immutable]


def services_plan(result: t.Mapping[str, t.Any]) -> list[str]:
    """The filter."""
    if not isinstance(result, dict) or not isinstance(result.get("services"), list):
        raise AnsibleFilterError("services_plan: this is no result of twilio.proxy.services, it has no services.")
    services = result["services"]
    old_names = _old_names(result.get("diff", ()))
    told_of = [service for service in services if service["operation"] != "unchanged"]
    rows = [_row(service, old_names) for service in told_of]
    counts = collections.Counter(service["operation"] for service in services)
    told = ", ".join(f"{counts[word]} {_words(word)}" for word in OPERATIONS if counts[word])
    lines = [line for head, service in zip(aligned(rows), told_of) for line in (head, *_pool(service))]
    return [*lines, f"{told or 'No Services'}."]


def _old_names(diffs: t.Iterable[t.Mapping[str, t.Any]]) -> dict[str, str | None]:
    """The names of Services before the run, by those after it, which no two of them share."""
    both = ((one["before"], one["after"]) for one in diffs)
    return {after[SERVICE.name_field]: before[SERVICE.name_field] for before, after in both if before and after}


def _row(service: t.Mapping[str, t.Any], old_names: t.Mapping[str, str | None]) -> tuple[str, str, str]:
    name = service["unique_name"] or service["sid"] or "(without a name)"
    old_name = old_names.get(name) if SERVICE.name_field in service["changed_fields"] else None
    names = name if old_name is None else f"{old_name} -> {name}"
    what = [", ".join([*_fields(service), *_counts(service)]), " ".join(_errors(service))]
    return _words(service["operation"]), visible(names), visible(": ".join(filter(None, what)))


def _errors(service: t.Mapping[str, t.Any]) -> list[str]:
    """What went wrong. The error of a number may be told by that of its Service already."""
    found: list[str] = []
    for item in [service, *service.get(POOL, ())]:
        if "error" in item and not any(item["error"]["msg"] in told for told in found):
            found.append(item["error"]["msg"])
    return found


def _fields(service: t.Mapping[str, t.Any]) -> list[str]:
    """The fields that change where there was a Service and will be one."""
    if service["operation"] in ("created", "deleted"):
        return []
    return [field for field in service["changed_fields"] if field != POOL]


def _counts(service: t.Mapping[str, t.Any]) -> list[str]:
    """How many numbers of the pool there are of each kind."""
    counts = collections.Counter(number["operation"] for number in service.get(POOL, ()))
    return [shape.format(count(counts[word], "number")) for word, shape in SHAPES.items() if counts[word]]


def _pool(service: t.Mapping[str, t.Any]) -> list[str]:
    """A line for each number that does not stay as it is."""
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
