# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A large estate through ansible-playbook, on an API that takes its time: what is done, and not one request too many.

How long it takes and how much memory is told by tests/benchmarks, and is no test: it hangs on the machine.
"""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.twilio.proxy.tests.integration.command_line import Result, Run, playbook
from ansible_collections.twilio.proxy.tests.scale.many_services import (
    CONCURRENCY,
    LATENCY,
    LISTED,
    SIZE,
    Counts,
    Step,
    changes_of,
    kinds,
    listing,
    some_services,
    steps,
    with_changes,
)
from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, Emulator, Service

STEPS = {step.name: step for step in steps()}
PAGES_AND_POOLS = STEPS["exported"].requests


class Played(t.NamedTuple):
    """What came of a step: its result, its requests by kind and the connections that they came on, and the Services
    that there were afterwards."""

    result: Result
    requests: Counts
    connections: int
    left: list[Service]


@pytest.fixture(scope="module")
def emulator_of_the_estate() -> t.Iterator[Emulator]:
    with Emulator(latency=LATENCY) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def life(emulator_of_the_estate: Emulator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    """Each step on what the step before left, by a playbook that finds its options in a file of variables."""
    variables = tmp_path_factory.mktemp("estate") / "variables.json"
    return {name: played(emulator_of_the_estate, step, variables) for name, step in STEPS.items()}


def played(emulator: Emulator, step: Step, variables: Path) -> Played:
    emulator.forget_requests()
    options = {**step.options, "concurrency": CONCURRENCY}
    variables.write_text(json.dumps({"step_options": options}), encoding="utf-8")
    task = {"name": "do", step.module: "{{ step_options }}"}
    run = one_play(task, emulator, "-e", f"@{variables}")
    requests = emulator.requests()
    connections = len({request["connection"] for request in requests})
    return Played(run.result("do"), kinds(requests), connections, emulator.services())


def one_play(task: dict[str, t.Any], emulator: Emulator, *arguments: str) -> Run:
    run = playbook(
        [{"hosts": "localhost", "gather_facts": False, "tasks": [task]}], *arguments, environment=emulator.environment
    )
    assert run.status == 0, run.output[-5000:]
    return run


@pytest.mark.parametrize("name", STEPS)
def test_the_requests(name: str, life: dict[str, Played]) -> None:
    """One pass over the list, one request for each change or each pool, and nothing else."""
    assert life[name].requests == STEPS[name].requests


@pytest.mark.parametrize("name", STEPS)
def test_no_more_are_in_flight_than_is_allowed(name: str, life: dict[str, Played]) -> None:
    """A connection carries one request at a time, and the pages of a list come one after the other."""
    several = range(2, CONCURRENCY + 1)
    expected = range(1, 2) if set(STEPS[name].requests) == {"page of Services"} else several
    assert life[name].connections in expected


@pytest.mark.parametrize("name", [name for name, step in STEPS.items() if step.summary])
def test_the_result(name: str, life: dict[str, Played]) -> None:
    result, summary = life[name].result, STEPS[name].summary
    assert {word: count for word, count in result["summary"].items() if count} == summary
    assert result["changed"] == (set(summary) != {"unchanged"})
    assert sum(summary.values()) == len(result["services"]) == SIZE


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("created", some_services(SIZE)),
        ("converged", some_services(SIZE)),
        ("changed", with_changes(some_services(SIZE), changes_of(SIZE))),
        ("pruned", []),
    ],
)
def test_what_is_there_afterwards(name: str, wanted: list[Service], life: dict[str, Played]) -> None:
    assert as_wanted(life[name].left, wanted) == wanted


def as_wanted(services: list[Service], wanted: list[Service]) -> list[Service]:
    """The Services by their names, each with the fields that are wanted of it."""
    fields = {service["unique_name"]: list(service) for service in wanted}
    in_order = sorted(services, key=lambda service: str(service["unique_name"]))
    return [{field: service[field] for field in fields.get(service["unique_name"], service)} for service in in_order]


def test_the_result_is_in_the_order_of_the_list(life: dict[str, Played]) -> None:
    names = [service["unique_name"] for service in some_services(SIZE)]
    for name in ("created", "converged", "changed"):
        assert [service["unique_name"] for service in life[name].result["services"]] == names


def test_the_export_is_what_was_applied(life: dict[str, Played]) -> None:
    """A value that a new Service has anyway is not in it."""
    wanted = with_changes(some_services(SIZE), changes_of(SIZE))
    brief = [{name: value for name, value in service.items() if value != "country"} for service in wanted]
    assert life["exported"].result["services"] == brief


@pytest.fixture(scope="module")
def seeded() -> t.Iterator[Emulator]:
    """An account that has the estate from the start."""
    account = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "services": some_services(SIZE)}
    with Emulator(latency=LATENCY, accounts=[account]) as emulator:
        yield emulator


def test_the_role_that_exports_reads_as_little(seeded: Emulator, tmp_path: Path) -> None:
    """And the file that it writes is what a run with nothing to do would be given."""
    file = tmp_path / "services.yml"
    role = {"name": "twilio.proxy.export"}
    variables = {"export_file": str(file), "export_concurrency": CONCURRENCY}
    one_play({"name": "export", "ansible.builtin.include_role": role, "vars": variables}, seeded)
    assert kinds(seeded.requests()) == PAGES_AND_POOLS
    written = yaml.safe_load(file.read_text(encoding="utf-8"))["proxy_services"]
    names = [service["unique_name"] for service in written]
    assert names == [service["unique_name"] for service in some_services(SIZE)]


def test_very_many_are_listed_page_by_page() -> None:
    step = listing()
    account = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "services": some_services(LISTED)}
    with Emulator(latency=LATENCY, accounts=[account]) as emulator:
        run = one_play({"name": "do", step.module: step.options}, emulator)
        assert kinds(emulator.requests()) == step.requests
    services = run.result("do")["services"]
    assert {tuple(service) for service in services} == {tuple(step.options["properties"])}
    assert [service["unique_name"] for service in services] == [one["unique_name"] for one in some_services(LISTED)]
