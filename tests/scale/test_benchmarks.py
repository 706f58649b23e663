# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmarks with tiny sizes: they measure what they say. No test depends on the time that something takes."""

from __future__ import annotations

import itertools
import math
import os
import sys
import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.benchmarks import bench, figures, many_services, measuring, workloads
from ansible_collections.twilio.proxy.tests.benchmarks.figures import (
    BARE_MODULE,
    CHANGED,
    CLIENT,
    CONVERGED,
    CREATED,
    CREATED_WITHOUT_START,
    ITEM,
    LIMIT,
    LOOP_OF_REQUESTS,
    PING,
    TASK,
    URI,
    Sizes,
)
from ansible_collections.twilio.proxy.tests.benchmarks.measuring import BenchmarkError, Readings, Usage
from ansible_collections.twilio.proxy.tests.benchmarks.page import Document, publish
from ansible_collections.twilio.proxy.tests.benchmarks.workloads import AS_MODULE, EXECUTIONS, IN_PROCESS, Account
from ansible_collections.twilio.proxy.tests.scale.many_services import (
    LATENCY,
    kinds,
    listing,
    some_services,
    with_changes,
)
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

TINY = Sizes(rounds=2, items=3, tasks=2, services=2, few=1, many=2, listed=3)


def none(_tasks: t.Any, _variables: t.Any, _environment: t.Any = None) -> Usage:
    """Replace a playbook: run nothing."""
    return Usage(0.0, 0.0, 0.0)


def costly(tasks: t.Sequence[t.Any], variables: t.Mapping[str, t.Any], environment: t.Mapping[str, str]) -> Usage:
    """Replace a playbook: the start takes 5 s, an item 1 s as a module and 0.25 s in-process."""
    loops = {"{{ services }}": len(variables["services"]), "{{ found }}": len(variables.get("found", ()))}
    items = sum(loops.get(task.get("loop"), 1) for task in tasks)
    seconds = 5 + items * (1.0 if workloads.SWITCH in environment else 0.25)
    return Usage(seconds, seconds, 1.0)


# The workloads.


def uri_tasks() -> workloads.Tasks:
    return workloads.uri_playbook(2)


@pytest.mark.parametrize("tasks", [workloads.bulk_services, workloads.loop_of_service, uri_tasks])
def test_each_playbook_applies_the_wanted_services(tasks: t.Callable[[], workloads.Tasks], emulator: Emulator) -> None:
    check_applied(lambda account: account.run_playbook(tasks()), emulator)


def test_the_official_client_applies_the_wanted_services(emulator: Emulator) -> None:
    check_applied(lambda account: account.run_program("official_client", services=account.wanted), emulator)


def check_applied(run: t.Callable[[Account], Usage], emulator: Emulator) -> None:
    """Check that a workload updates the Service that differs, creates the missing one, and sends no other write."""
    created = some_services(2)
    emulator.create(**created[0])
    account = Account(emulator, with_changes(created, 1))
    emulator.forget_requests()
    run(account)
    account.verify()
    found = kinds(emulator.requests())
    assert {kind: count for kind, count in found.items() if kind != "page of Services"} == {"create": 1, "update": 1}


def test_the_playbook_of_uri_reads_all_pages(emulator: Emulator) -> None:
    emulator.reset(page_size_cap=1)
    created = some_services(2)
    for service in created:
        emulator.create(**service)
    emulator.forget_requests()
    # There are fewer pages than tasks: the last task has no next page to read.
    Account(emulator, created).run_playbook(workloads.uri_playbook(201))
    assert kinds(emulator.requests()) == {"page of Services": 2}


def test_the_other_tasks_run(emulator: Emulator) -> None:
    created = some_services(2)
    found = [emulator.create(**service) for service in created]
    emulator.forget_requests()
    tasks = [
        *workloads.loop_of_uri(),
        *workloads.loop_of_ping(),
        *workloads.tasks_of_ping(1),
        *workloads.tasks_of_service(created[0], 1),
        *workloads.tasks_of_bare_get(1),
        *workloads.listing(),
    ]
    usage = Account(emulator, created).run_playbook(tasks, AS_MODULE, found=found)
    requests = [f"{request['method']} {request['path']}" for request in emulator.requests()]
    assert requests[:2] == [f"GET /v1/Services/{service['sid']}" for service in found]
    assert set(requests[2:]) == {"GET /v1/Services"}
    assert min(usage) > 0


def test_a_missing_service_is_an_error(emulator: Emulator) -> None:
    with pytest.raises(BenchmarkError, match="service 00001"):
        Account(emulator, some_services(2)).verify()


# The figures.


def test_items_and_tasks_are_measured_without_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workloads, "playbook", costly)
    samples = figures.converged_task(TINY)
    for case, others in ((ITEM, [URI, PING, IN_PROCESS]), (TASK, [PING, BARE_MODULE, IN_PROCESS])):
        found = {name: values for (sample_case, name), values in samples.items() if sample_case == case}
        assert found.pop(AS_MODULE) == [1.0, 1.0]
        assert found == {name: [0.25, 0.25] for name in others}


def test_the_time_of_many_services(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workloads, "playbook", costly)
    monkeypatch.setattr(Account, "verify", lambda _account: None)
    samples = figures.time_of_many(TINY, LATENCY)
    for case in (CREATED, CONVERGED, CHANGED):
        assert samples[case, AS_MODULE] == [6.0, 6.0]
        assert min(samples[case, CLIENT]) > 0
    assert samples[CREATED_WITHOUT_START, AS_MODULE] == [1.0, 1.0]
    assert samples[CREATED_WITHOUT_START, LIMIT] == [LATENCY]


def test_the_cost_per_service(monkeypatch: pytest.MonkeyPatch) -> None:
    def module(tasks: workloads.Tasks, variables: t.Mapping[str, t.Any], environment: t.Mapping[str, str]) -> Usage:
        """Run the bulk module without a playbook, which would be slow."""
        options = {"ANSIBLE_MODULE_ARGS": {"services": variables["services"]}}
        command = [sys.executable, str(workloads.MODULES / "services.py")]
        return measuring.usage_of(command, options, environment) if tasks else none(tasks, variables)

    monkeypatch.setattr(workloads, "playbook", module)
    monkeypatch.setattr(figures, "EXECUTIONS", {AS_MODULE: EXECUTIONS[AS_MODULE]})
    samples = figures.growth(TINY._replace(rounds=1))
    assert samples["created: requests per Service", f"{AS_MODULE}, 1"] == [2.0]
    assert samples["created: requests per Service", f"{AS_MODULE}, 2"] == [1.5]
    assert samples["converged: requests per Service", f"{AS_MODULE}, 2"] == [0.5]
    assert samples["converged: time per Service", f"{AS_MODULE}, 2"][0] > measuring.RESOLUTION


def test_every_listing_reads_all_services(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workloads, "playbook", none)
    samples = figures.listing(TINY._replace(rounds=1, listed=201))
    for implementation in (*EXECUTIONS, LOOP_OF_REQUESTS, CLIENT):
        assert samples[figures.REQUESTS, implementation] == [3.0]
        assert samples[figures.MEMORY, implementation][0] > 1


def test_the_steps_with_many_services() -> None:
    found = list(many_services.all_figures(2, 3))
    assert [step_figures.step for step_figures in found] == [
        "created",
        "converged",
        "changed",
        "exported",
        "pruned",
        "listed",
    ]
    assert all(step_figures.peak_memory_mib > 1 for step_figures in found)


def test_a_step_that_sends_other_requests_is_an_error(emulator: Emulator) -> None:
    emulator.reset(page_size_cap=1)
    for service in some_services(2):
        emulator.create(**service)
    with pytest.raises(BenchmarkError, match=r"sent \{'page of Services': 2\}, not"):
        many_services.figures_of_step(listing(2), Account(emulator, []), 2)


def test_every_ratio_is_published(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every measured value is 1 for the collection and 2 for the alternative."""
    document = made_up_document(monkeypatch)
    rows = [row for group in document["groups"] for row in group["rows"]]
    assert {(row["ratio"], row["low"], row["high"]) for row in rows} == {(0.5, 0.5, 0.5)}
    assert {row["goal"] for row in rows} == {None, 0.05, 0.15, 1.0, 1.25, 1.3, 1.5}
    for name in ("docs/images", "build"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("README.md", "docs/performance.md"):
        (tmp_path / name).write_text("before\n<!-- measured -->\nold\n<!-- end of what was measured -->\nafter\n")
    publish(document, tmp_path)
    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert readme.startswith("before\n<!-- measured -->\nMeasured on 2")
    assert "a converged item of a `service` loop takes 0.5" in readme
    assert readme.endswith("\n<!-- end of what was measured -->\nafter\n")
    assert "old" not in readme


def made_up_document(monkeypatch: pytest.MonkeyPatch) -> Document:
    """Return the document of a run in which the collection cost half of each alternative."""

    def halves(group: figures.Group) -> figures.Group:
        theirs = {(row.case, row.theirs): [2.0] for row in group.rows}
        ours = {(row.case, row.ours): [1.0, 1.0, 1.0] for row in group.rows}
        return group._replace(measure=lambda _sizes: {**theirs, **ours})

    monkeypatch.setattr(bench, "groups", lambda sizes: [halves(group) for group in figures.groups(sizes)])
    monkeypatch.setattr(bench, "all_figures", lambda _size, _listed: iter(()))
    return bench.document(TINY)


# How it is measured.


def test_usage_includes_child_processes() -> None:
    size = 64
    program = f"memory = bytearray({size} << 20); print(sum(range(2_000_000)))"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {program!r}], check=True)"
    small = measuring.usage_of([sys.executable, "-c", ""])
    usage = measuring.usage_of([sys.executable, "-c", script])
    assert small.peak < size < usage.peak
    assert usage.cpu > small.cpu


def test_the_memory_of_the_benchmark_itself_does_not_count() -> None:
    memory = bytearray(os.urandom(1024)) * (64 * 1024)
    assert measuring.usage_of([sys.executable, "-c", ""]).peak < len(memory) / 1024**2


def test_a_failing_command_is_an_error() -> None:
    with pytest.raises(BenchmarkError, match="exit status 3\nwhy"):
        measuring.usage_of([sys.executable, "-c", "print('why'); raise SystemExit(3)"])


def test_the_workloads_are_interleaved(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    clock = itertools.count()

    def workload(name: str, seconds: int) -> Readings:
        order.append(name)
        for _second in range(seconds):
            next(clock)
        return {("case", name): float(len(order))}

    monkeypatch.setattr("time.monotonic", lambda: float(next(clock)))
    samples = measuring.interleaved(
        3,
        {
            "first": lambda: workload("first", 1),
            "slow": lambda: workload("slow", measuring.LONG),
            "last": lambda: workload("last", 1),
        },
    )
    assert order == ["first", "slow", "last", "last", "first", "first", "last"]
    assert samples == {("case", "first"): [1, 5, 6], ("case", "slow"): [2], ("case", "last"): [3, 4, 7]}


def test_ratios_are_those_of_the_rounds() -> None:
    assert measuring.ratios([1.0, 2.0, 3.0], [2.0, 2.0, 4.0]) == [0.5, 1.0, 0.75]
    assert measuring.ratios([1.0, 2.0, 3.0], [4.0]) == [0.25, 0.5, 0.75]
    assert measuring.ratios([1.0], [4.0, 2.0, 1.0]) == [0.25, 0.5, 1.0]
    assert measuring.spread([3.0, 1.0, 2.5]) == (2.5, 1.0, 3.0)


@pytest.mark.parametrize(
    ("value", "rounded"), [(0.0, 0.0), (0.0123456, 0.0123), (1.0, 1.0), (12345.6, 12300.0), (-2.346, -2.35)]
)
def test_values_have_three_significant_digits(value: float, rounded: float) -> None:
    assert math.isclose(measuring.rounded(value), rounded)


def test_a_difference_is_at_least_the_resolution() -> None:
    assert measuring.difference(1.0, 1.5) == measuring.RESOLUTION
    assert measuring.difference(2.0, 0.5) == 1.5
