# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of counts, its picture in docs/, and the tables that the matrix is made of.

    pytest -c tests/pytest.ini tests/faults --write-picture

draws the picture anew.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from ansible_collections.twilio.proxy.tests.faults import table
from ansible_collections.twilio.proxy.tests.faults.cells import DOES_NOT_HAPPEN, UNKNOWNS, Rule, cells, excluded, fields
from ansible_collections.twilio.proxy.tests.faults.faults import FAULTS
from ansible_collections.twilio.proxy.tests.faults.places import PLACES
from ansible_collections.twilio.proxy.tests.faults.tasks import TASKS

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "images" / "fault-matrix.svg"
ALL = [cell for field in fields() for cell in cells(*field)]


def test_the_picture_shows_the_tables(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--write-picture", default=False):
        PICTURE.write_text(table.picture(), encoding="utf-8")
    ElementTree.fromstring(table.picture())
    assert PICTURE.read_text(encoding="utf-8") == table.picture(), "run this test with --write-picture"


def test_the_table_leaves_nothing_out() -> None:
    """Every fault at every place is either tried or declared not to happen, in each task and both ways."""
    assert len(ALL) == table.total().tried
    for fault, place in fields():
        count = table.count(fault, place)
        ways = {(cell.task.name, cell.persistent) for cell in cells(fault, place)}
        assert len(ways) + count.left_out == 2 * len(place.tasks)
    assert all(fault.name in table.text() for fault in FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_every_fault_strikes_somewhere(fault: object) -> None:
    assert any(cell.fault is fault for cell in ALL)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name.replace(" ", "-"))
def test_every_place_is_met_by_failures_and_by_recoveries(place: object) -> None:
    counts = [table.count(*field) for field in fields() if field[1] is place]
    assert sum(count.well for count in counts) > 0 < sum(count.failed for count in counts)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name.replace(" ", "-"))
def test_every_task_is_disturbed(task: object) -> None:
    assert any(cell.task is task for cell in ALL)


def test_every_possible_answer_of_every_unknown_is_tried() -> None:
    for unknown in UNKNOWNS:
        for place in PLACES:
            tried = {cell.settings[unknown.setting] for cell in ALL if cell.place is place}
            wanted = set(unknown.values(place))
            # What cannot make a difference at a place is tried there with its first and its last value.
            assert {unknown.values(place)[0], unknown.values(place)[-1]} <= tried
            assert tried <= wanted


@pytest.mark.parametrize("rule", DOES_NOT_HAPPEN, ids=lambda rule: rule.reason.replace(" ", "-"))
def test_every_reason_for_leaving_out_is_needed(rule: Rule) -> None:
    """Without it, something would be tried that is left out now."""
    assert any(
        excluded(fault, place, task, persistent) == [rule.reason]
        for fault, place in fields()
        for task in place.tasks
        for persistent in (False, True)
    )
