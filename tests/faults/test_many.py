# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many at once: runs that meet each other, and a server that lets only so many requests pass."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils._client import Client, Credentials
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import Desired, Outcome, reconcile
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE
from ansible_collections.twilio.proxy.tests.integration.command_line import Result, Run, playbook
from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, Emulator

LIST = "/v1/Services"
RUNS = 20
#: Seconds in which all runs have to have started, and what an answer may take that waits for them.
PATIENCE = 300


class Met(t.NamedTuple):
    """What came of runs that met: the runs, and the requests that wrote, as method and status."""

    runs: list[Run]
    writes: list[tuple[str, int]]

    def results(self, task: str) -> list[Result]:
        return [run.result(task) for run in self.runs]


@pytest.fixture(scope="module")
def met(emulator_process: Emulator) -> Met:
    """Twenty programs that create, change and delete one Service, each step at the same instant."""
    emulator_process.reset()
    # A look is answered when all twenty have looked: what they do next, they all do because of the same state.
    fault = {"kind": "together", "requests": RUNS, "seconds": PATIENCE}
    for path in (LIST, f"{LIST}/KS.*", f"{LIST}/KS.*"):
        emulator_process.fault(fault, method="GET", path=path, times=RUNS)
    with ThreadPoolExecutor(RUNS) as pool:
        runs = list(pool.map(lambda number: one_run(emulator_process, number), range(RUNS)))
    writes = [(entry["method"], entry["status"]) for entry in emulator_process.requests() if entry["method"] != "GET"]
    return Met(runs, writes)


def one_run(emulator: Emulator, number: int) -> Run:
    """One program. Every second one wants another value."""
    this_one = {"sid": "{{ created.service.sid }}", "timeout": PATIENCE}
    tasks = [
        {
            "name": "Create",
            "twilio.proxy.service": {"unique_name": "rides", "timeout": PATIENCE},
            "register": "created",
        },
        {"name": "Change", "twilio.proxy.service": {**this_one, "default_ttl": 100 + number % 2}},
        {"name": "Delete", "twilio.proxy.service": {**this_one, "state": "absent"}},
    ]
    play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
    return playbook([play], environment=emulator.environment)


def test_every_run_succeeds(met: Met) -> None:
    assert [run.output for run in met.runs if run.status != 0] == []


def test_there_is_one_service_and_one_run_says_that_it_created_it(met: Met) -> None:
    created = met.results("Create")
    assert sum(result["changed"] for result in created) == 1
    assert len({result["service"]["sid"] for result in created}) == 1
    assert sorted(met.writes[:RUNS]) == [("POST", 201), *[("POST", 400)] * (RUNS - 1)], "they did not all meet"


def test_the_last_writer_wins_and_nobody_fails(met: Met) -> None:
    changed = met.results("Change")
    assert [result["changed"] for result in changed] == [True] * RUNS
    assert [result["service"]["default_ttl"] for result in changed] == [100 + number % 2 for number in range(RUNS)]
    assert met.writes[RUNS : 2 * RUNS] == [("POST", 200)] * RUNS
    assert {result["service"]["default_ttl"] for result in met.results("Delete")} <= {100, 101}


def test_one_run_says_that_it_deleted_it(met: Met) -> None:
    deleted = met.results("Delete")
    assert sum(result["changed"] for result in deleted) == 1
    assert sorted(met.writes[2 * RUNS :]) == [("DELETE", 204), *[("DELETE", 400)] * (RUNS - 1)]


@pytest.mark.parametrize("retry_after", [False, True])
def test_a_rate_limit_is_worked_through(retry_after: bool) -> None:
    """Thirty requests per second, as Twilio says, and clients that want more."""
    clients, each = 6, 15
    with Emulator(rate_limit=30, rate_limit_burst=10, retry_after=retry_after) as emulator:

        def converge(number: int) -> list[Outcome]:
            credentials = Credentials(ACCOUNT_SID, AUTH_TOKEN)
            client = Client(emulator.base_url, credentials, timeout=30, retries=8, verify=True, agent="")
            return [
                reconcile(client, Desired(SERVICE, {"unique_name": f"rides {number} {turn}"})) for turn in range(each)
            ]

        with ThreadPoolExecutor(clients) as pool:
            outcomes = [outcome for found in pool.map(converge, range(clients)) for outcome in found]
        assert all(outcome.changed for outcome in outcomes)
        refused = [entry for entry in emulator.requests() if entry["status"] == 429]
        assert refused, "the limit was not met"
        emulator.reset()
    assert len(outcomes) == clients * each
