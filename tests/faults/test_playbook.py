# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sample of the fault matrix with ansible-playbook: the modules report what the engine reports.

The waits of the modules are real, so the sample is small: the faults with different results, at each place. All cases
run in one playbook, each with its own emulator.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.faults import checks
from ansible_collections.twilio.proxy.tests.faults.cases import Case, cases, combinations
from ansible_collections.twilio.proxy.tests.faults.faults import FAULTS
from ansible_collections.twilio.proxy.tests.faults.rules import expected
from ansible_collections.twilio.proxy.tests.faults.runner import Servers, SharedServers, initial_account, inject
from ansible_collections.twilio.proxy.tests.faults.servers import OtherHost, SlowServer, closed_port
from ansible_collections.twilio.proxy.tests.faults.tasks import NAME, SID, Task
from ansible_collections.twilio.proxy.tests.integration.command_line import Result, playbook
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator, Service

#: Faults that a module reports differently. The emulator causes all of them.
SAMPLED = (
    "reset after the request was applied",
    "503, not applied",
    "401",
    "next page on another host",
    "another client deletes it",
    "another client takes the name",
)


def sample() -> list[Case]:
    """Return for each sampled fault at each place a case that fails and, if the place writes, one that succeeds."""
    found: list[Case] = []
    for fault, place in combinations():
        if fault.name not in SAMPLED:
            continue
        candidates = [dataclasses.replace(case, retries=min(case.retries, 1)) for case in cases(fault, place)]
        for succeeds in (False, True) if place.writes else (False,):
            matching = (case for case in candidates if expected(case).succeeds == succeeds and not waits_long(case))
            found += itertools.islice(matching, 1)
    return found


def waits_long(case: Case) -> bool:
    """Whether the case waits for more than a second."""
    return sum(expected(case).waits) > 1


@dataclasses.dataclass(frozen=True)
class CaseResult:
    """The result of a case in the playbook, and the Services before and after it."""

    result: Result
    before: list[Service]
    after: list[Service]


def ansible_task(number: int, case: Case, emulator: Emulator) -> dict[str, t.Any]:
    """Return the playbook task of a case."""
    return {
        "name": str(number),
        **module(case.task, {"retries": case.retries, "timeout": 30}),
        "environment": emulator.environment,
        "ignore_errors": True,
    }


def module(task: Task, options: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the module of a task with its options."""
    if task.by_sid:
        options["sid"] = SID
    if task.desired is None:
        return {"twilio.proxy.service_info": options | ({"unique_name": NAME} if task.by_name else {})}
    return {"twilio.proxy.service": {**options, **task.desired, "state": "absent" if task.absent else "present"}}


SAMPLE = sample()


@pytest.fixture(scope="module")
def case_results() -> t.Iterator[list[CaseResult]]:
    """Run all cases of the sample in one playbook."""
    with contextlib.ExitStack() as stack:
        shared = SharedServers(stack.enter_context(OtherHost()), stack.enter_context(closed_port()))
        emulators, before = [], []
        for case in SAMPLE:
            emulator = stack.enter_context(Emulator(accounts=[initial_account(case.task)], **case.settings))
            before.append(emulator.services())
            assert inject(case, Servers(emulator, stack.enter_context(SlowServer(emulator)), shared)) is None
            emulators.append(emulator)
        tasks = [ansible_task(*values) for values in zip(range(len(SAMPLE)), SAMPLE, emulators, strict=True)]
        run = playbook([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}])
        for emulator in emulators:
            emulator.send("DELETE", "/__emulator__/faults")
        after = [emulator.services() for emulator in emulators]
        assert shared.other_host.connections == 0
        results = [run.result(str(number)) for number in range(len(SAMPLE))]
        yield [CaseResult(*values) for values in zip(results, before, after, strict=True)]


@pytest.mark.parametrize("number", range(len(SAMPLE)), ids=[str(case).partition(" | retries")[0] for case in SAMPLE])
def test_the_module_reports_the_same(number: int, case_results: list[CaseResult]) -> None:
    case, got = SAMPLE[number], case_results[number]
    expectation = expected(case)
    result = checks.Result(got.result["changed"], objects(got.result), got.result if got.result["failed"] else None)
    problems = [
        *checks.result(case, expectation, result, got.after),
        *checks.account_state(expectation.services, got.before, got.after),
        *checks.invariants(case, result, got.before, got.after),
    ]
    assert not problems, "\n".join(f"{case}: {problem}" for problem in problems)


def objects(result: Result) -> list[t.Any]:
    """Return the Services that a result describes as existing."""
    if "services" in result:
        return list(result["services"])
    state = result.get("invocation", {}).get("module_args", {}).get("state")
    return [] if state == "absent" or not result.get("service") else [result["service"]]


def test_the_sample_has_every_fault_and_every_place() -> None:
    assert {fault.name for fault in FAULTS} >= set(SAMPLED) == {case.fault.name for case in SAMPLE}
    assert len({case.place.name for case in SAMPLE}) == len({place.name for _fault, place in combinations()})
