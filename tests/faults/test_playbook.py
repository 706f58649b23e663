# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sample of the matrix through ansible-playbook: the modules say what the engine below them says.

The modules wait for real, so the sample is small: the faults that end differently, at each place. All run in one
playbook, each on an emulator of its own.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.faults import checks
from ansible_collections.twilio.proxy.tests.faults.cells import Cell, cells, fields
from ansible_collections.twilio.proxy.tests.faults.elsewhere import Dripping, Elsewhere, closed_port
from ansible_collections.twilio.proxy.tests.faults.faults import FAULTS
from ansible_collections.twilio.proxy.tests.faults.play import Beside, Desk, account, bring_about
from ansible_collections.twilio.proxy.tests.faults.rules import expected
from ansible_collections.twilio.proxy.tests.faults.tasks import NAME, SID, Task
from ansible_collections.twilio.proxy.tests.integration.command_line import Result, playbook
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator, Service

#: Kinds of trouble that a module has different words for; all of them come from the emulator, none from the line.
SAMPLED = (
    "reset after it was carried out",
    "503, not carried out",
    "401",
    "next page elsewhere",
    "somebody deletes it",
    "somebody takes the name",
)


def sample() -> list[Cell]:
    """At each field of the sampled faults: a cell that fails, and where something is written one that ends well."""
    found: list[Cell] = []
    for fault, place in fields():
        if fault.name not in SAMPLED:
            continue
        tried = [dataclasses.replace(cell, retries=min(cell.retries, 1)) for cell in cells(fault, place)]
        for well in (False, True) if place.writes else (False,):
            ended = (cell for cell in tried if expected(cell).well == well and not waits_long(cell))
            found += itertools.islice(ended, 1)
    return found


def waits_long(cell: Cell) -> bool:
    """Whether it would take more than a second of waiting."""
    return sum(expected(cell).waits) > 1


@dataclasses.dataclass(frozen=True)
class Played:
    """What a cell came to in the playbook."""

    result: Result
    before: list[Service]
    after: list[Service]


def ansible_task(number: int, cell: Cell, emulator: Emulator) -> dict[str, t.Any]:
    """The task of a cell, for a playbook."""
    return {
        "name": str(number),
        **module(cell.task, {"retries": cell.retries, "timeout": 30}),
        "environment": emulator.environment,
        "ignore_errors": True,
    }


def module(task: Task, options: dict[str, t.Any]) -> dict[str, t.Any]:
    """The module of a task, with its options."""
    if task.by_sid:
        options["sid"] = SID
    if task.desired is None:
        return {"twilio.proxy.service_info": options | ({"unique_name": NAME} if task.by_name else {})}
    return {"twilio.proxy.service": {**options, **task.desired, "state": "absent" if task.absent else "present"}}


SAMPLE = sample()


@pytest.fixture(scope="module")
def played() -> t.Iterator[list[Played]]:
    """All cells of the sample, in one playbook."""
    with contextlib.ExitStack() as stack:
        beside = Beside(stack.enter_context(Elsewhere()), stack.enter_context(closed_port()))
        emulators, before = [], []
        for cell in SAMPLE:
            emulator = stack.enter_context(Emulator(accounts=[account(cell.task)], **cell.settings))
            before.append(emulator.services())
            assert bring_about(cell, Desk(emulator, stack.enter_context(Dripping(emulator)), beside)) is None
            emulators.append(emulator)
        tasks = [ansible_task(*each) for each in zip(range(len(SAMPLE)), SAMPLE, emulators, strict=True)]
        run = playbook([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}])
        for emulator in emulators:
            emulator.send("DELETE", "/__emulator__/faults")
        after = [emulator.services() for emulator in emulators]
        assert beside.elsewhere.guests == 0
        results = [run.result(str(number)) for number in range(len(SAMPLE))]
        yield [Played(*each) for each in zip(results, before, after, strict=True)]


@pytest.mark.parametrize("number", range(len(SAMPLE)), ids=[str(cell).partition(" | retries")[0] for cell in SAMPLE])
def test_the_module_says_the_same(number: int, played: list[Played]) -> None:
    cell, got = SAMPLE[number], played[number]
    rules = expected(cell)
    result = checks.Result(got.result["changed"], objects(got.result), got.result if got.result["failed"] else None)
    complaints = [
        *checks.result(cell, rules, result, got.after),
        *checks.account(rules.services, got.before, got.after),
        *checks.honesty(cell, result, got.before, got.after),
    ]
    assert not complaints, "\n".join(f"{cell}: {complaint}" for complaint in complaints)


def objects(result: Result) -> list[t.Any]:
    """The Services that a result names as those that are there."""
    if "services" in result:
        return list(result["services"])
    state = result.get("invocation", {}).get("module_args", {}).get("state")
    return [] if state == "absent" or not result.get("service") else [result["service"]]


def test_the_sample_has_what_it_is_for() -> None:
    assert {fault.name for fault in FAULTS} >= set(SAMPLED) == {cell.fault.name for cell in SAMPLE}
    assert len({cell.place.name for cell in SAMPLE}) == len({place.name for _fault, place in fields()})
