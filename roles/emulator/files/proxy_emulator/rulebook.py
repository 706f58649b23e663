# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules that select the requests a fault applies to."""

from __future__ import annotations

import dataclasses
import re
import threading
import typing as t

from .checks import problems
from .faults import KINDS, Fault

RULES: dict[str, t.Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["fault"],
        "properties": {
            "method": {"type": "string"},
            "path": {"type": "string"},
            "skip": {"type": "integer", "minimum": 0},
            "times": {"type": ["integer", "null"], "minimum": 1},
            "fault": {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"enum": sorted(KINDS)}},
            },
        },
    },
}


@dataclasses.dataclass
class Rule:
    """A fault for the requests with this method (None: any) whose whole path matches the pattern (None: any).

    The first ``skip`` requests are left alone, the next ``times`` (None: all) meet the fault. ``used`` counts those.
    """

    fault: Fault
    method: str | None = None
    path: str | None = None
    skip: int = 0
    times: int | None = 1
    used: int = 0

    def applies(self, method: str, path: str) -> bool:
        """Return whether the fault applies to this request, and count the request."""
        if self.method not in (None, method) or (self.path is not None and not re.fullmatch(self.path, path)):
            return False
        if self.times is not None and self.used >= self.times:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.used += 1
        return True


class Rulebook:
    """Rules in order. The first that applies to a request is used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []

    def fault_for(self, method: str, path: str) -> Fault | None:
        with self._lock:
            for rule in self._rules:
                if rule.applies(method, path):
                    return rule.fault
        return None

    def append(self, rules: t.Sequence[Rule]) -> None:
        with self._lock:
            self._rules.extend(rules)

    def rules(self) -> list[dict[str, t.Any]]:
        with self._lock:
            return [dataclasses.asdict(rule) for rule in self._rules]

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()


def rule_problems(given: t.Any) -> list[str]:
    """Return all problems of a list of rules."""
    found = problems(RULES, given, "rules")
    if found:
        return found
    for position, rule in enumerate(given):
        found += problems(KINDS[rule["fault"]["kind"]].schema(), rule["fault"], f"rules[{position}].fault")
        try:
            re.compile(rule.get("path", ""))
        except re.error as error:
            found.append(f"rules[{position}].path: {rule['path']!r} is not a regular expression: {error}.")
    return found
