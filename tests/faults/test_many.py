# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Concurrent runs on one Service, and a server with a rate limit."""

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
#: Seconds within which all runs have to start: the timeout of the answers that wait for them.
PATIENCE = 300


class ConcurrentRuns(t.NamedTuple):
    """Concurrent runs, and their writing requests as method and status."""

    runs: list[Run]
    writes: list[tuple[str, int]]

    def results(self, task: str) -> list[Result]:
        return [run.result(task) for run in self.runs]


@pytest.fixture(scope="module")
def concurrent_runs(emulator_process: Emulator) -> ConcurrentRuns:
    """Run twenty playbooks that create, change and delete one Service, each step at the same time."""
    emulator_process.reset()
    # Each read is answered once all twenty have sent theirs, so that all act on the same state.
    fault = {"kind": "together", "requests": RUNS, "seconds": PATIENCE}
    for path in (LIST, f"{LIST}/KS.*", f"{LIST}/KS.*"):
        emulator_process.fault(fault, method="GET", path=path, times=RUNS)
    with ThreadPoolExecutor(RUNS) as pool:
        runs = list(pool.map(lambda number: one_run(emulator_process, number), range(RUNS)))
    writes = [(entry["method"], entry["status"]) for entry in emulator_process.requests() if entry["method"] != "GET"]
    return ConcurrentRuns(runs, writes)


def one_run(emulator: Emulator, number: int) -> Run:
    """Run one playbook. Every second one sets another value."""
    service = {"sid": "{{ created.service.sid }}", "timeout": PATIENCE}
    tasks = [
        {
            "name": "Create the Service",
            "twilio.proxy.service": {"unique_name": "rides", "timeout": PATIENCE},
            "register": "created",
        },
        {"name": "Update the Service", "twilio.proxy.service": {**service, "default_ttl": 100 + number % 2}},
        {"name": "Delete the Service", "twilio.proxy.service": {**service, "state": "absent"}},
    ]
    play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
    return playbook([play], environment=emulator.environment)


def test_every_run_succeeds(concurrent_runs: ConcurrentRuns) -> None:
    assert [run.output for run in concurrent_runs.runs if run.status != 0] == []


def test_one_service_is_created_and_one_run_reports_it(concurrent_runs: ConcurrentRuns) -> None:
    created = concurrent_runs.results("Create the Service")
    assert sum(result["changed"] for result in created) == 1
    assert len({result["service"]["sid"] for result in created}) == 1
    assert sorted(concurrent_runs.writes[:RUNS]) == [("POST", 201), *[("POST", 400)] * (RUNS - 1)], (
        "not all of them were concurrent"
    )


def test_the_last_writer_wins_and_no_run_fails(concurrent_runs: ConcurrentRuns) -> None:
    changed = concurrent_runs.results("Update the Service")
    assert [result["changed"] for result in changed] == [True] * RUNS
    assert [result["service"]["default_ttl"] for result in changed] == [100 + number % 2 for number in range(RUNS)]
    assert concurrent_runs.writes[RUNS : 2 * RUNS] == [("POST", 200)] * RUNS
    assert {result["service"]["default_ttl"] for result in concurrent_runs.results("Delete the Service")} <= {100, 101}


def test_one_run_reports_the_deletion(concurrent_runs: ConcurrentRuns) -> None:
    deleted = concurrent_runs.results("Delete the Service")
    assert sum(result["changed"] for result in deleted) == 1
    assert sorted(concurrent_runs.writes[2 * RUNS :]) == [("DELETE", 204), *[("DELETE", 400)] * (RUNS - 1)]


@pytest.mark.parametrize("retry_after", [False, True])
def test_runs_succeed_despite_a_rate_limit(retry_after: bool) -> None:
    """The limit is thirty requests per second, as Twilio documents, and the clients send more."""
    clients, turns = 6, 15
    with Emulator(rate_limit=30, rate_limit_burst=10, retry_after=retry_after) as emulator:

        def converge(number: int) -> list[Outcome]:
            credentials = Credentials(ACCOUNT_SID, AUTH_TOKEN)
            client = Client(emulator.base_url, credentials, timeout=30, retries=8, verify=True, agent="")
            return [
                reconcile(client, Desired(SERVICE, {"unique_name": f"rides {number} {turn}"})) for turn in range(turns)
            ]

        with ThreadPoolExecutor(clients) as pool:
            outcomes = [outcome for results in pool.map(converge, range(clients)) for outcome in results]
        assert all(outcome.changed for outcome in outcomes)
        rejected = [entry for entry in emulator.requests() if entry["status"] == 429]
        assert rejected, "the limit was not reached"
        emulator.reset()
    assert len(outcomes) == clients * turns
