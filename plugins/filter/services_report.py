# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Show the Services, number pools, and Sessions of an account."""

from __future__ import annotations

import csv
import io
import re
import typing as t
from datetime import datetime, timezone

from ansible.errors import AnsibleFilterError

from ansible_collections.twilio.proxy.plugins.module_utils._resources import INSTANT, SERVICE, SESSION, parse_instant
from ansible_collections.twilio.proxy.plugins.module_utils._services_file import POOL
from ansible_collections.twilio.proxy.plugins.module_utils._validation import regex_problem, visible
from ansible_collections.twilio.proxy.plugins.plugin_utils._inventory import (
    SETTINGS,
    Inventory,
    Sessions,
    inventory,
)
from ansible_collections.twilio.proxy.plugins.plugin_utils._lines import aligned, count

DOCUMENTATION = r"""
name: services_report
short_description: Show the Services, number pools, and Sessions of an account
version_added: 0.1.0
description:
  - Makes a report of what module M(twilio.proxy.services_info) returns.
  - Twilio allows 500 numbers that are not reserved, and 5000 reserved ones, in each pool. The report says how many more
    a pool has room for.
author:
  - The twilio.proxy Authors (@twilio-proxy)
positional: _input
options:
  _input:
    description:
      - The result of module M(twilio.proxy.services_info).
    type: dict
    required: true
  matching:
    description:
      - A regular expression. Only Services whose name matches it somewhere are shown.
    type: str
    default: ""
  sessions:
    description:
      - The Sessions of each Service by its SID, as module M(twilio.proxy.session_info) returns them.
      - The report counts them by status, and those that are not closed by age. Each must have the fields C(status) and
        C(date_created).
      - Without it, the report has no Sessions.
    type: dict
  now:
    description:
      - The date and time at which the age of a Session ends, such as V(2026-11-23T08:00:00Z). By default, it is now.
    type: str
  form:
    description:
      - With V(table), a Service has a line with its name, its SID if the result has it, and the size of its pool.
        Below it is a line for each option in the result, for each number of its pool, and for its Sessions.
        The last line counts all of them.
      - With V(data), the report is a dictionary with a list C(services).
      - With V(csv), the first line has the names of the columns. Each number has a line, with the values of its
        Service. A Service without numbers has a line too.
    type: str
    choices: [table, data, csv]
    default: table
seealso:
  - module: twilio.proxy.services_info
  - module: twilio.proxy.session_info
"""

EXAMPLES = r"""
- name: Read the account
  twilio.proxy.services_info:
    with_sids: true
  register: account

- name: Show it
  ansible.builtin.debug:
    msg: "{{ account | twilio.proxy.services_report }}"

- name: Show the Services of a team as data
  ansible.builtin.debug:
    msg: "{{ account | twilio.proxy.services_report(matching='^team-a-', form='data') }}"
"""

RETURN = r"""
_value:
  description: The lines of the report, or a dictionary with O(form=data).
  type: raw
  sample:
    - "deliveries  KS0123456789abcdef0123456789abcdef  no numbers"
    - "rides       KS1123456789abcdef0123456789abcdef  2 numbers"
    - "  callback_url: https://example.com/proxy/status"
    - "  default_ttl: 3600"
    - "  +12025550100, in use by 3 Sessions"
    - "  +12025550101 (reserved)"
    - "  room for 499 more numbers and 4999 more reserved numbers"
    - "  Sessions: 2 open, 1 in-progress, 7 closed"
    - "  not closed, by age: 2 under 1 day, 1 over 30 days"
    - 2 Services, 2 numbers, 10 Sessions.
"""

#: The columns of CSV, apart from those about Sessions.
COLUMNS = (SERVICE.name_field, "sid", "phone_number", "is_reserved", "in_use", "room_unreserved", "room_reserved")


def services_report(
    result: t.Mapping[str, t.Any],
    matching: str = "",
    sessions: t.Mapping[str, Sessions] | None = None,
    now: str | None = None,
    form: str = "table",
) -> t.Any:
    """Return the report in this form."""
    if not isinstance(result, dict) or not isinstance(result.get("services"), list):
        raise AnsibleFilterError(
            "services_report: the input has no list services. Give it the result of twilio.proxy.services_info."
        )
    problem = regex_problem("matching", matching)
    if form not in FORMS:
        problem = f"form: '{form}' is not one of {', '.join(FORMS)}."
    moment = datetime.now(timezone.utc) if now is None else parse_instant(now)
    if moment is None:
        problem = f"now: '{now}' is not {INSTANT.text}."
    if problem is not None or moment is None:
        raise AnsibleFilterError(f"services_report: {problem}")
    return FORMS[form](
        [
            inventory(service, result, None if sessions is None else sessions.get(service.get("sid", ""), ()), moment)
            for service in result["services"]
            if re.search(matching, service.get(SERVICE.name_field) or "")
        ]
    )


def _table(services: t.Sequence[Inventory]) -> list[str]:
    heads = aligned([_head(service) for service in services])
    lines = [line for head, service in zip(heads, services) for line in (head, *_details(service))]
    numbers = sum(len(service[POOL] or ()) for service in services)
    counts = [count(len(services), SERVICE.name), count(numbers, "number")]
    if any("sessions" in service for service in services):
        counts.append(count(sum(sum(service["sessions"].values()) for service in services), SESSION.name))
    return [*lines, f"{', '.join(counts)}."]


def _head(service: Inventory) -> list[str]:
    numbers = service[POOL]
    size = "" if numbers is None else count(len(numbers), "number") if numbers else "no numbers"
    sids = [service["sid"]] if "sid" in service else []
    return [visible(service[SERVICE.name_field] or "(without a name)"), *sids, size]


def _details(service: Inventory) -> list[str]:
    """Return the lines below that of a Service. A value that was left out has a line that says so."""
    lines = []
    for option in (*SETTINGS, POOL):
        if option in service["left_out"]:
            lines.append(f"{option}: left out, {service['left_out'][option]}")
        elif option in service["options"]:
            lines.append(f"{option}: {service['options'][option]}")
    for number in service[POOL] or ():
        use = f", in use by {count(number['in_use'], SESSION.name)}" if number["in_use"] else ""
        lines.append(f"{number['phone_number']}{' (reserved)' if number['is_reserved'] else ''}{use}")
    if service[POOL]:
        room = service["room"]
        lines.append(f"room for {room['unreserved']} more numbers and {room['reserved']} more reserved numbers")
    if "sessions" in service:
        lines.append(f"Sessions: {_listed(service['sessions'])}")
    if any(service.get("ages", {}).values()):
        lines.append(f"not closed, by age: {_listed(service['ages'])}")
    return [visible(f"  {line}") for line in lines]


def _listed(counts: t.Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items() if number) or "none"


def _csv(services: t.Sequence[Inventory]) -> list[str]:
    rows = [{**_shared(service), **number} for service in services for number in service[POOL] or [{}]]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys((*COLUMNS, *(name for row in rows for name in row)))))
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue().splitlines()


def _shared(service: Inventory) -> Inventory:
    """Return the cells that are alike in each line of a Service."""
    groups = {"room": service["room"] or {}, "sessions": service.get("sessions", {}), "age": service.get("ages", {})}
    return {
        **{name: service.get(name) for name in (SERVICE.name_field, "sid")},
        **{
            f"{group}_{name}".replace("-", "_"): number
            for group, numbers in groups.items()
            for name, number in numbers.items()
        },
    }


def _cell(value: t.Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else visible(str(value))


FORMS: t.Mapping[str, t.Callable[[list[Inventory]], t.Any]] = {
    "table": _table,
    "data": lambda services: {"services": services},
    "csv": _csv,
}


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"services_report": services_report}
