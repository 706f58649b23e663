# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault matrix: each fault, at each request of each task. See tasks.py, faults.py and rules.py."""

from __future__ import annotations

import pytest

from ansible_collections.twilio.proxy.tests.faults import cases, rules
from ansible_collections.twilio.proxy.tests.faults.faults import FAULTS, Fault
from ansible_collections.twilio.proxy.tests.faults.tasks import TASKS, Task
from ansible_collections.twilio.proxy.tests.faults.wire import Wire

SHOWN = 5  # problems of one fault in one task: the others are most likely the same
PAIRS = [(task, fault) for task in TASKS for fault in FAULTS]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_task_without_a_fault_does_what_its_row_says(task: Task) -> None:
    for variant in cases.variants():
        wire, wanted = Wire(cases.settings_of(task.before, variant)), Wire(cases.settings_of(task.after, variant))
        wanted.known_sids = wire.known_sids
        before, check = wire.account(), cases.run(task, wire, cases.NO_FAULT._replace(check_mode=True))
        assert (wire.account(), wire.applied) == (before, [])
        result = cases.run(task, wire)
        assert wire.account() == wanted.account()
        assert check.result["changed"] == result.result["changed"] == (task.before != task.after)
        assert [*rules.output(check), *rules.output(result)] == []


@pytest.mark.parametrize(("task", "fault"), PAIRS, ids=[f"{fault.name} - {task.name}" for task, fault in PAIRS])
def test_every_case_keeps_the_rules(task: Task, fault: Fault) -> None:
    found = cases.cases(task, fault, first=PAIRS.index((task, fault)))
    problems = [problem for case in found for problem in rules.problems(case)]
    more = f"\n... and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
    assert not problems, "\n".join(problems[:SHOWN]) + more
