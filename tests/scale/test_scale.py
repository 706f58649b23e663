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

from ansible_collections.twilio.proxy.tests.integration.command_line import Run, playbook
from ansible_collections.twilio.proxy.tests.scale.many_services import (
    CONCURRENCY,
    LATENCY,
    LISTED,
    SIZE,
    Step,
    kinds,
    listing,
    number_of_changes,
    some_services,
    steps,
    with_changes,
)
from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, Emulator, Service

pytestmark = pytest.mark.slow

#: The Services after each step, by its name, for those that change them or could.
WANTED: dict[str, list[Service]] = {
    "created": some_services(SIZE),
    "converged": some_services(SIZE),
    "changed": with_changes(some_services(SIZE), number_of_changes(SIZE)),
    "pruned": [],
}


def test_each_step_sends_only_the_expected_requests(tmp_path: Path) -> None:
    """Each page of the list once, one request for each change or each pool, and nothing else."""
    with Emulator(latency=LATENCY) as emulator:
        for step in steps():
            check_step(step, emulator, tmp_path / "variables.json")


def check_step(step: Step, emulator: Emulator, variables: Path) -> None:
    """Run the step by a playbook that reads the options from a file of variables, and check what it did."""
    emulator.forget_requests()
    variables.write_text(json.dumps({"step_options": {**step.options, "concurrency": CONCURRENCY}}), encoding="utf-8")
    task = {"name": "Run the step", step.module: "{{ step_options }}"}
    result = run_task(task, emulator, "-e", f"@{variables}").result("Run the step")
    requests = emulator.requests()
    assert kinds(requests) == step.requests, step.name
    # A connection carries one request at a time, and the pages of a list are read one after the other.
    connections = len({request["connection"] for request in requests})
    expected = range(1, 2) if set(step.requests) == {"page of Services"} else range(2, CONCURRENCY + 1)
    assert connections in expected, step.name
    if step.summary:
        assert {operation: count for operation, count in result["summary"].items() if count} == step.summary
        assert len(result["services"]) == SIZE
    if step.name in WANTED:
        assert with_wanted_fields(emulator.services(), WANTED[step.name]) == WANTED[step.name], step.name
    if step.name == "exported":
        # Values that are the defaults of a new Service are left out.
        assert result["services"] == [
            {name: value for name, value in service.items() if value != "country"} for service in WANTED["changed"]
        ]


def run_task(task: dict[str, t.Any], emulator: Emulator, *arguments: str) -> Run:
    run = playbook(
        [{"hosts": "localhost", "gather_facts": False, "tasks": [task]}], *arguments, environment=emulator.environment
    )
    assert run.status == 0, run.output[-5000:]
    return run


def with_wanted_fields(services: list[Service], wanted: list[Service]) -> list[Service]:
    """Return the Services sorted by name, each with the fields that its wanted Service has."""
    fields = {service["unique_name"]: list(service) for service in wanted}
    in_order = sorted(services, key=lambda service: str(service["unique_name"]))
    return [{field: service[field] for field in fields.get(service["unique_name"], service)} for service in in_order]


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
