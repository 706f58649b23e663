# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix: nothing that goes wrong makes two, loses one, leaks or lies. rules.py says what is expected of a cell."""

from __future__ import annotations

import itertools
import queue
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.twilio.proxy.tests.faults.cells import Cell, cells, fields
from ansible_collections.twilio.proxy.tests.faults.faults import Fault
from ansible_collections.twilio.proxy.tests.faults.places import Place
from ansible_collections.twilio.proxy.tests.faults.play import Desk, play

FIELDS = [(fault, place) for fault, place in fields() if cells(fault, place)]
SHOWN = 5  # complaints about one field; the others are most likely the same


@pytest.mark.parametrize(
    ("fault", "place"), FIELDS, ids=[f"{fault.name} - {place.name}".replace(" ", "-") for fault, place in FIELDS]
)
def test_every_cell_ends_as_the_rules_say(fault: Fault, place: Place, desks: list[Desk]) -> None:
    free: queue.SimpleQueue[Desk] = queue.SimpleQueue()
    # What mostly waits is played at all desks at once, and the rest at one, where it does not get in its own way.
    used = desks if fault.slow else desks[:1]
    for desk in used:
        free.put(desk)

    def played(cell: Cell) -> list[str]:
        desk = free.get()
        try:
            return play(cell, desk)
        except Exception as error:
            error.add_note(f"in {cell}")
            raise
        finally:
            free.put(desk)

    with ThreadPoolExecutor(len(used)) as pool:
        complaints = list(itertools.chain.from_iterable(pool.map(played, cells(fault, place))))
    more = f"\n... and {len(complaints) - SHOWN} more" if len(complaints) > SHOWN else ""
    assert not complaints, "\n".join(complaints[:SHOWN]) + more
