# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run does, or did, with an estate, as a table for people."""

from __future__ import annotations

import collections
import typing as t
import unicodedata

from ansible.errors import AnsibleFilterError

from ansible_collections.twilio.proxy.plugins.module_utils._estate_schema import POOL
from ansible_collections.twilio.proxy.plugins.module_utils._plan_many import OPERATIONS

DOCUMENTATION = r"""
name: estate_plan
short_description: Show what a run does with an estate of Twilio Proxy Services
version_added: 0.1.0
description:
  - Makes a table of what module M(twilio.proxy.services) returns, in check mode or not.
  - A line says what happens to a Service, which one it is, and what about it changes.
    A Service that stays as it is has no line. The last line counts all.
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
    msg: "{{ planned | twilio.proxy.estate_plan }}"
"""

RETURN = r"""
_value:
  description: The lines of the table.
  type: list
  elements: str
  sample:
    - created  rides       +2 numbers
    - updated  deliveries  default_ttl, +1 number, -1 number
    - 1 created, 1 updated, 297 unchanged.
"""

SHAPES = {
    "created": "+{}",
    "deleted": "-{}",
    "updated": "{} changed",
    "failed": "{} failed",
    "not_attempted": "{} not attempted",
}
#: How many columns a name may take before it is no longer worth to align the others with it.
WIDEST_NAME = 40


def estate_plan(result: t.Mapping[str, t.Any]) -> list[str]:
    """The filter."""
    if not isinstance(result, dict) or not isinstance(result.get("services"), list):
        raise AnsibleFilterError("estate_plan: this is no result of twilio.proxy.services, it has no services.")
    services = result["services"]
    rows = [_row(service) for service in services if service["operation"] != "unchanged"]
    widths = [max((_width(row[column]) for row in rows), default=0) for column in range(2)]
    widths[1] = min(widths[1], WIDEST_NAME)
    counts = collections.Counter(service["operation"] for service in services)
    told = ", ".join(f"{counts[word]} {_words(word)}" for word in OPERATIONS if counts[word])
    return [*(_line(row, widths) for row in rows), f"{told or 'No Services'}."]


def _line(cells: t.Iterable[str], widths: t.Sequence[int]) -> str:
    *columns, last = cells
    padded = [cell + " " * (width - _width(cell)) for cell, width in zip(columns, widths)]
    return "  ".join([*padded, last]).rstrip()


def _row(service: t.Mapping[str, t.Any]) -> tuple[str, str, str]:
    name = service["unique_name"] or service["sid"] or "(without a name)"
    what = [", ".join([*_fields(service), *_numbers(service)]), " ".join(_errors(service))]
    return _words(service["operation"]), _visible(name), _visible(": ".join(filter(None, what)))


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


def _numbers(service: t.Mapping[str, t.Any]) -> list[str]:
    counts = collections.Counter(number["operation"] for number in service.get(POOL, ()))
    return [
        shape.format(f"{counts[word]} {'number' if counts[word] == 1 else 'numbers'}")
        for word, shape in SHAPES.items()
        if counts[word]
    ]


def _words(operation: str) -> str:
    return operation.replace("_", " ")


def _visible(text: str) -> str:
    """The text on one line, with nothing in it that a terminal would obey."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _width(text: str) -> int:
    """About how many columns of a terminal the text takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"estate_plan": estate_plan}
