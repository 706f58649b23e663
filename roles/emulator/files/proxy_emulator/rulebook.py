# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which request meets which fault."""

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
    """A fault for the requests of a method (None: any) whose whole path matches a pattern (None: any).

    ``skip`` requests go by unharmed first; then it happens ``times`` times (None: for ever); ``used`` counts them.
    """

    fault: Fault
    method: str | None = None
    path: str | None = None
    skip: int = 0
    times: int | None = 1
    used: int = 0

    def meets(self, method: str, path: str) -> bool:
        """Whether the fault happens to this request; counts it."""
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
    """Rules in the order in which they were given: the first that meets a request counts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []

    def fault_for(self, method: str, path: str) -> Fault | None:
        with self._lock:
            for rule in self._rules:
                if rule.meets(method, path):
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
    """What is wrong with a list of rules; empty when nothing is."""
    found = problems(RULES, given, "rules")
    if found:
        return found
    for number, rule in enumerate(given):
        found += problems(KINDS[rule["fault"]["kind"]].schema(), rule["fault"], f"rules[{number}].fault")
        try:
            re.compile(rule.get("path", ""))
        except re.error as error:
            found.append(f"rules[{number}].path: is not a regular expression: {error}")
    return found
