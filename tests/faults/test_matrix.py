# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault matrix: no fault leads to a second Service, a lost one, a leak, or a wrong report. See rules.py."""

from __future__ import annotations

import itertools
import queue
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.twilio.proxy.tests.faults.cases import Case, cases, combinations
from ansible_collections.twilio.proxy.tests.faults.faults import Fault
from ansible_collections.twilio.proxy.tests.faults.places import Place
from ansible_collections.twilio.proxy.tests.faults.runner import Servers, run_case

COMBINATIONS = [(fault, place) for fault, place in combinations() if cases(fault, place)]
SHOWN = 5  # problems of one fault at one place: the others are most likely the same


@pytest.mark.parametrize(
    ("fault", "place"),
    COMBINATIONS,
    ids=[f"{fault.name} - {place.name}".replace(" ", "-") for fault, place in COMBINATIONS],
)
def test_every_case_ends_as_the_rules_say(fault: Fault, place: Place, server_sets: list[Servers]) -> None:
    free: queue.SimpleQueue[Servers] = queue.SimpleQueue()
    # Cases that mostly wait run in parallel. The others would only slow each other down.
    used = server_sets if fault.slow else server_sets[:1]
    for servers in used:
        free.put(servers)

    def problems_of(case: Case) -> list[str]:
        servers = free.get()
        try:
            return run_case(case, servers)
        except Exception as error:
            error.add_note(f"in {case}")
            raise
        finally:
            free.put(servers)

    with ThreadPoolExecutor(len(used)) as pool:
        problems = list(itertools.chain.from_iterable(pool.map(problems_of, cases(fault, place))))
    more = f"\n... and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
    assert not problems, "\n".join(problems[:SHOWN]) + more
