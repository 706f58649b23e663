# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account with many Services, with ansible-playbook and latency: the results, and not one request too many.

Time and memory depend on the machine: tests/benchmarks measures them.
"""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.integration.command_line import Result, Run, playbook
from ansible_collections.twilio.proxy.tests.scale.many_services import (
    CONCURRENCY,
    LATENCY,
    LISTED,
    SIZE,
    Counts,
    Step,
    kinds,
    listing,
    number_of_changes,
    some_services,
    steps,
    with_changes,
)
from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, Emulator, Service

STEPS = {step.name: step for step in steps()}


class StepResult(t.NamedTuple):
    """The result of a step, its requests by name, the number of its connections, and the Services afterwards."""

    result: Result
    requests: Counts
    connections: int
    services: list[Service]


@pytest.fixture(scope="module")
def empty_emulator() -> t.Iterator[Emulator]:
    with Emulator(latency=LATENCY) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def results(empty_emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, StepResult]:
    """Run the steps one after the other, each by a playbook that reads the options from a file of variables."""
    variables = tmp_path_factory.mktemp("scale") / "variables.json"
    return {name: run_step(empty_emulator, step, variables) for name, step in STEPS.items()}


def run_step(emulator: Emulator, step: Step, variables: Path) -> StepResult:
    emulator.forget_requests()
    options = {**step.options, "concurrency": CONCURRENCY}
    variables.write_text(json.dumps({"step_options": options}), encoding="utf-8")
    task = {"name": "Run the step", step.module: "{{ step_options }}"}
    run = run_task(task, emulator, "-e", f"@{variables}")
    requests = emulator.requests()
    connections = len({request["connection"] for request in requests})
    return StepResult(run.result("Run the step"), kinds(requests), connections, emulator.services())


def run_task(task: dict[str, t.Any], emulator: Emulator, *arguments: str) -> Run:
    run = playbook(
        [{"hosts": "localhost", "gather_facts": False, "tasks": [task]}], *arguments, environment=emulator.environment
    )
    assert run.status == 0, run.output[-5000:]
    return run


@pytest.mark.parametrize("name", STEPS)
def test_each_step_sends_only_the_expected_requests(name: str, results: dict[str, StepResult]) -> None:
    """Each page of the list once, one request for each change or each pool, and nothing else."""
    assert results[name].requests == STEPS[name].requests
    # A connection carries one request at a time, and the pages of a list are read one after the other.
    concurrent = range(2, CONCURRENCY + 1)
    expected = range(1, 2) if set(STEPS[name].requests) == {"page of Services"} else concurrent
    assert results[name].connections in expected


@pytest.mark.parametrize("name", [name for name, step in STEPS.items() if step.summary])
def test_each_step_reports_the_expected_summary(name: str, results: dict[str, StepResult]) -> None:
    result, summary = results[name].result, STEPS[name].summary
    assert {status: count for status, count in result["summary"].items() if count} == summary
    assert sum(summary.values()) == len(result["services"]) == SIZE


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("created", some_services(SIZE)),
        ("converged", some_services(SIZE)),
        ("changed", with_changes(some_services(SIZE), number_of_changes(SIZE))),
        ("pruned", []),
    ],
)
def test_each_step_leaves_the_wanted_services(name: str, wanted: list[Service], results: dict[str, StepResult]) -> None:
    assert with_wanted_fields(results[name].services, wanted) == wanted


def with_wanted_fields(services: list[Service], wanted: list[Service]) -> list[Service]:
    """Return the Services sorted by name, each with the fields that its wanted Service has."""
    fields = {service["unique_name"]: list(service) for service in wanted}
    in_order = sorted(services, key=lambda service: str(service["unique_name"]))
    return [{field: service[field] for field in fields.get(service["unique_name"], service)} for service in in_order]


def test_the_export_is_the_applied_list(results: dict[str, StepResult]) -> None:
    """Values that are the defaults of a new Service are left out."""
    wanted = with_changes(some_services(SIZE), number_of_changes(SIZE))
    without_defaults = [{name: value for name, value in service.items() if value != "country"} for service in wanted]
    assert results["exported"].result["services"] == without_defaults


def test_many_services_are_listed_page_by_page() -> None:
    step = listing()
    account = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "services": some_services(LISTED)}
    with Emulator(latency=LATENCY, accounts=[account]) as emulator:
        run = run_task({"name": "List the Services", step.module: step.options}, emulator)
        assert kinds(emulator.requests()) == step.requests
    services = run.result("List the Services")["services"]
    assert {tuple(service) for service in services} == {tuple(step.options["properties"])}
    assert [service["unique_name"] for service in services] == [
        wanted["unique_name"] for wanted in some_services(LISTED)
    ]
