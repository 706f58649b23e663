# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Show the Services and number pools of an account."""

from __future__ import annotations

import re
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER, SERVICE
from ansible_collections.twilio.proxy.plugins.module_utils._services_file import POOL, options_of
from ansible_collections.twilio.proxy.plugins.module_utils._validation import regex_problem, visible
from ansible_collections.twilio.proxy.plugins.plugin_utils._lines import aligned, count

DOCUMENTATION = r"""
name: services_report
short_description: Show the Services and number pools of an account
version_added: 0.1.0
description:
  - Makes a table of what module M(twilio.proxy.services_info) returns.
  - Each Service has a line with its name, its SID if the result has it, and the size of its pool.
    Below it is a line for each option in the result, and for each number of its pool.
  - The last line counts all of them.
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
seealso:
  - module: twilio.proxy.services_info
"""

EXAMPLES = r"""
- name: Read the account
  twilio.proxy.services_info:
    with_sids: true
  register: account

- name: Show it
  ansible.builtin.debug:
    msg: "{{ account | twilio.proxy.services_report }}"

- name: Show the Services of a team
  ansible.builtin.debug:
    msg: "{{ account | twilio.proxy.services_report(matching='^team-a-') }}"
"""

RETURN = r"""
_value:
  description: The lines of the table.
  type: list
  elements: str
  sample:
    - "deliveries  KS0123456789abcdef0123456789abcdef  no numbers"
    - "rides       KS1123456789abcdef0123456789abcdef  2 numbers"
    - "  callback_url: https://example.com/proxy/status"
    - "  default_ttl: 3600"
    - "  +12025550100"
    - "  +12025550101 (reserved)"
    - 2 Services, 2 numbers.
"""

#: The options that have a line of their own. Name and SID are in the first line.
SETTINGS = [field.name for field in options_of(SERVICE) if field.name not in (SERVICE.name_field, "sid")]
#: Why module services_info leaves a value out.
REASONS = {
    "secret": "it contains a secret",
    "sid": "it contains a SID",
    "name": "Twilio's answer has no phone_number for a number in it",
}

Lost = t.Mapping[tuple[t.Optional[str], str], str]


def services_report(result: t.Mapping[str, t.Any], matching: str = "") -> list[str]:
    """Return the lines of the table."""
    if not isinstance(result, dict) or not isinstance(result.get("services"), list):
        raise AnsibleFilterError(
            "services_report: the input has no list services. Give it the result of twilio.proxy.services_info."
        )
    problem = regex_problem("matching", matching)
    if problem is not None:
        raise AnsibleFilterError(f"services_report: {problem}")
    services = [service for service in result["services"] if re.search(matching, service.get(SERVICE.name_field) or "")]
    lost = {(item["service"], item["option"]): item["reason"] for item in result.get("left_out", ())}
    heads = aligned([_head(service, lost) for service in services])
    lines = [line for head, service in zip(heads, services) for line in (head, *_details(service, lost))]
    numbers = sum(len(service.get(POOL, ())) for service in services)
    return [*lines, f"{count(len(services), SERVICE.name)}, {count(numbers, 'number')}."]


def _head(service: t.Mapping[str, t.Any], lost: Lost) -> list[str]:
    name = service.get(SERVICE.name_field)
    size = count(len(service[POOL]), "number") if service.get(POOL) else "no numbers"
    sids = [service["sid"]] if "sid" in service else []
    return [visible(name or "(without a name)"), *sids, "" if (name, POOL) in lost else size]


def _details(service: t.Mapping[str, t.Any], lost: Lost) -> list[str]:
    """Return the lines below that of a Service. A value that was left out has a line that says so."""
    name = service.get(SERVICE.name_field)
    lines = []
    for option in (*SETTINGS, POOL):
        if (name, option) in lost:
            lines.append(f"{option}: left out, {REASONS[lost[name, option]]}")
        elif option in service and option != POOL:
            lines.append(f"{option}: {service[option]}")
    lines += [
        f"{number[PHONE_NUMBER.name_field]}{' (reserved)' if number.get('is_reserved') else ''}"
        for number in service.get(POOL, ())
    ]
    return [visible(f"  {line}") for line in lines]


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"services_report": services_report}
