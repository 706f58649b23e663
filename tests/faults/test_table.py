# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of counts, and the tables that the matrix is made of."""

from __future__ import annotations

import pytest

from ansible_collections.twilio.proxy.tests.faults import table
from ansible_collections.twilio.proxy.tests.faults.cases import (
    EXCLUSIONS,
    UNKNOWNS,
    Exclusion,
    cases,
    combinations,
    exclusions,
)
from ansible_collections.twilio.proxy.tests.faults.faults import FAULTS
from ansible_collections.twilio.proxy.tests.faults.places import PLACES
from ansible_collections.twilio.proxy.tests.faults.tasks import TASKS

ALL = [case for pair in combinations() for case in cases(*pair)]


def test_the_table_is_complete() -> None:
    """Every fault at every place, in each task, once and persistent, is either tested or excluded."""
    assert len(ALL) == table.total().cases
    for fault, place in combinations():
        count = table.count(fault, place)
        tested = {(case.task.name, case.persistent) for case in cases(fault, place)}
        assert len(tested) + count.excluded == 2 * len(place.tasks)
    assert all(fault.name in table.text() for fault in FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_every_fault_has_a_case(fault: object) -> None:
    assert any(case.fault is fault for case in ALL)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name.replace(" ", "-"))
def test_every_place_has_failures_and_successes(place: object) -> None:
    counts = [table.count(*pair) for pair in combinations() if pair[1] is place]
    assert sum(count.succeeded for count in counts) > 0 < sum(count.failed for count in counts)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name.replace(" ", "-"))
def test_every_task_has_a_case(task: object) -> None:
    assert any(case.task is task for case in ALL)


def test_every_value_of_every_unknown_is_tested() -> None:
    for unknown in UNKNOWNS:
        for place in PLACES:
            tested = {case.settings[unknown.setting] for case in ALL if case.place is place}
            # A setting that makes no difference at a place is tested there with its first and its last value.
            assert {unknown.values(place)[0], unknown.values(place)[-1]} <= tested
            assert tested <= set(unknown.values(place))


@pytest.mark.parametrize("rule", EXCLUSIONS, ids=lambda rule: rule.reason.replace(" ", "-"))
def test_every_exclusion_is_needed(rule: Exclusion) -> None:
    """Each is the only reason to exclude something."""
    assert any(
        exclusions(fault, place, task, persistent) == [rule.reason]
        for fault, place in combinations()
        for task in place.tasks
        for persistent in (False, True)
    )
