# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmarks measure what they say, tried on next to nothing. How long anything takes is not looked at."""

from __future__ import annotations

import itertools
import math
import os
import sys
import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.benchmarks import bench, contenders, figures, many_services, measuring
from ansible_collections.twilio.proxy.tests.benchmarks.contenders import AS_MODULE, DOORS, IN_CONTROLLER, Account
from ansible_collections.twilio.proxy.tests.benchmarks.figures import (
    BARE_MODULE,
    CHANGED,
    CLIENT,
    CONVERGED,
    CREATED,
    GET,
    ITEM,
    LEAST,
    LIMIT,
    LOOP,
    PING,
    TASK,
    Sizes,
)
from ansible_collections.twilio.proxy.tests.benchmarks.measuring import Broken, Readings, Usage
from ansible_collections.twilio.proxy.tests.benchmarks.page import Document, publish
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
    """In the place of a playbook: nothing was run."""
    return Usage(0.0, 0.0, 0.0)


def costly(tasks: t.Sequence[t.Any], variables: t.Mapping[str, t.Any], environment: t.Mapping[str, str]) -> Usage:
    """In the place of a playbook: it starts in 5 s, an item takes 1 s as a module and 0.25 s else."""
    loops = {"{{ services }}": len(variables["services"]), "{{ found }}": len(variables.get("found", ()))}
    items = sum(loops.get(task.get("loop"), 1) for task in tasks)
    seconds = 5 + items * (1.0 if contenders.SWITCH in environment else 0.25)
    return Usage(seconds, seconds, 1.0)


# The contenders.


def uri_tasks() -> contenders.Tasks:
    return contenders.uri_playbook(2)


@pytest.mark.parametrize("tasks", [contenders.bulk, contenders.looped, uri_tasks])
def test_each_playbook_brings_about_what_is_wanted(tasks: t.Callable[[], contenders.Tasks], emulator: Emulator) -> None:
    brings_about(lambda account: account.play(tasks()), emulator)


def test_the_official_client_brings_about_what_is_wanted(emulator: Emulator) -> None:
    brings_about(lambda account: account.program("official_client", services=account.wanted), emulator)


def brings_about(do: t.Callable[[Account], Usage], emulator: Emulator) -> None:
    """One Service is there and differs, one is missing; whoever does not write what needs no writing is compared."""
    created = some_services(2)
    emulator.create(**created[0])
    account = Account(emulator, with_changes(created, 1))
    emulator.forget_requests()
    do(account)
    account.check()
    found = kinds(emulator.requests())
    assert {kind: count for kind, count in found.items() if kind != "page of Services"} == {"create": 1, "update": 1}


def test_the_playbook_of_uri_reads_all_pages(emulator: Emulator) -> None:
    emulator.reset(page_size_cap=1)
    created = some_services(2)
    for service in created:
        emulator.create(**service)
    emulator.forget_requests()
    # More pages than there are: the last task has nothing to follow.
    Account(emulator, created).play(contenders.uri_playbook(201))
    assert kinds(emulator.requests()) == {"page of Services": 2}


def test_the_small_tasks_run(emulator: Emulator) -> None:
    created = some_services(2)
    found = [emulator.create(**service) for service in created]
    emulator.forget_requests()
    tasks = [
        *contenders.looped_get(),
        *contenders.looped_ping(),
        *contenders.pings(1),
        *contenders.single(created[0], 1),
        *contenders.bare_gets(1),
        *contenders.listing(),
    ]
    usage = Account(emulator, created).play(tasks, AS_MODULE, found=found)
    requests = [f"{request['method']} {request['path']}" for request in emulator.requests()]
    assert requests[:2] == [f"GET /v1/Services/{service['sid']}" for service in found]
    assert set(requests[2:]) == {"GET /v1/Services"}
    assert min(usage) > 0


def test_what_was_not_brought_about_is_found_out(emulator: Emulator) -> None:
    with pytest.raises(Broken, match="service 00001"):
        Account(emulator, some_services(2)).check()


# The figures.


def test_an_item_and_a_task_are_told_without_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contenders, "playbook", costly)
    samples = figures.one_converged(TINY)
    for case, unswitched in ((ITEM, [GET, PING, IN_CONTROLLER]), (TASK, [PING, BARE_MODULE, IN_CONTROLLER])):
        found = {name: values for (of, name), values in samples.items() if of == case}
        assert found.pop(AS_MODULE) == [1.0, 1.0]
        assert found == {name: [0.25, 0.25] for name in unswitched}


def test_the_time_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contenders, "playbook", costly)
    monkeypatch.setattr(Account, "check", lambda _account: None)
    samples = figures.time_of_all(TINY, LATENCY)
    for case in (CREATED, CONVERGED, CHANGED):
        assert samples[case, AS_MODULE] == [6.0, 6.0]
        assert min(samples[case, CLIENT]) > 0
    assert samples[LEAST, AS_MODULE] == [1.0, 1.0]
    assert samples[LEAST, LIMIT] == [LATENCY]


def test_how_an_estate_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    def module(tasks: contenders.Tasks, variables: t.Mapping[str, t.Any], environment: t.Mapping[str, str]) -> Usage:
        """The bulk module without a playbook around it, which would take its time."""
        options = {"ANSIBLE_MODULE_ARGS": {"services": variables["services"]}}
        command = [sys.executable, str(contenders.MODULES / "services.py")]
        return measuring.usage_of(command, options, environment) if tasks else none(tasks, variables)

    monkeypatch.setattr(contenders, "playbook", module)
    monkeypatch.setattr(figures, "DOORS", {AS_MODULE: DOORS[AS_MODULE]})
    samples = figures.growth(TINY._replace(rounds=1))
    assert samples["created: requests for each", f"{AS_MODULE}, 1"] == [2.0]
    assert samples["created: requests for each", f"{AS_MODULE}, 2"] == [1.5]
    assert samples["converged: requests for each", f"{AS_MODULE}, 2"] == [0.5]
    assert samples["converged: time for each", f"{AS_MODULE}, 2"][0] > measuring.RESOLUTION


def test_what_lists_reads_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contenders, "playbook", none)
    samples = figures.listing(TINY._replace(rounds=1, listed=201))
    for contender in (*DOORS, LOOP, CLIENT):
        assert samples[figures.REQUESTS, contender] == [3.0]
        assert samples[figures.MEMORY, contender][0] > 1


def test_the_steps_of_a_large_estate() -> None:
    found = list(many_services.all_figures(2, 3))
    assert [each.step for each in found] == ["created", "converged", "changed", "exported", "pruned", "listed"]
    assert all(each.peak_memory_mib > 1 for each in found)


def test_a_step_that_sends_other_requests_is_found_out(emulator: Emulator) -> None:
    emulator.reset(page_size_cap=1)
    for service in some_services(2):
        emulator.create(**service)
    with pytest.raises(Broken, match="these requests were sent"):
        many_services.of_step(listing(2), Account(emulator, []), 2)


def test_every_row_finds_what_it_compares(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From the samples to the documents, with 1 in the place of whatever a round can find."""
    document = made_up(monkeypatch)
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


def made_up(monkeypatch: pytest.MonkeyPatch) -> Document:
    """A document of a run in which the collection took half of what the others took."""

    def halves(group: figures.Group) -> figures.Group:
        theirs = {(row.case, row.theirs): [2.0] for row in group.rows}
        ours = {(row.case, row.ours): [1.0, 1.0, 1.0] for row in group.rows}
        return group._replace(measure=lambda _sizes: {**theirs, **ours})

    monkeypatch.setattr(bench, "groups", lambda sizes: [halves(group) for group in figures.groups(sizes)])
    monkeypatch.setattr(bench, "all_figures", lambda _size, _listed: iter(()))
    return bench.document(TINY)


# How it is measured.


def test_usage_is_that_of_a_command_and_of_what_it_started() -> None:
    held = 64
    hog = f"held = bytearray({held} << 20); print(sum(range(2_000_000)))"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hog!r}], check=True)"
    small = measuring.usage_of([sys.executable, "-c", ""])
    usage = measuring.usage_of([sys.executable, "-c", script])
    assert small.peak < held < usage.peak
    assert usage.cpu > small.cpu


def test_the_memory_of_the_benchmark_itself_does_not_count() -> None:
    held = bytearray(os.urandom(1024)) * (64 * 1024)
    assert measuring.usage_of([sys.executable, "-c", ""]).peak < len(held) / 1024**2


def test_a_command_that_fails_is_found_out() -> None:
    with pytest.raises(Broken, match="exit status 3\nwhy"):
        measuring.usage_of([sys.executable, "-c", "print('why'); raise SystemExit(3)"])


def test_all_take_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    clock = itertools.count()

    def contender(name: str, seconds: int) -> Readings:
        order.append(name)
        for _second in range(seconds):
            next(clock)
        return {("case", name): float(len(order))}

    monkeypatch.setattr("time.monotonic", lambda: float(next(clock)))
    samples = measuring.interleaved(
        3,
        {
            "first": lambda: contender("first", 1),
            "slow": lambda: contender("slow", measuring.LONG),
            "last": lambda: contender("last", 1),
        },
    )
    assert order == ["first", "slow", "last", "last", "first", "first", "last"]
    assert samples == {("case", "first"): [1, 5, 6], ("case", "slow"): [2], ("case", "last"): [3, 4, 7]}


def test_ratios_are_made_round_by_round() -> None:
    assert measuring.ratios([1.0, 2.0, 3.0], [2.0, 2.0, 4.0]) == [0.5, 1.0, 0.75]
    assert measuring.ratios([1.0, 2.0, 3.0], [4.0]) == [0.25, 0.5, 0.75]
    assert measuring.ratios([1.0], [4.0, 2.0, 1.0]) == [0.25, 0.5, 1.0]
    assert measuring.spread([3.0, 1.0, 2.5]) == (2.5, 1.0, 3.0)


@pytest.mark.parametrize(
    ("value", "seen"), [(0.0, 0.0), (0.0123456, 0.0123), (1.0, 1.0), (12345.6, 12300.0), (-2.346, -2.35)]
)
def test_three_digits_are_enough(value: float, seen: float) -> None:
    assert math.isclose(measuring.rounded(value), seen)


def test_a_difference_that_is_lost_in_the_noise_is_none_to_divide_by() -> None:
    assert measuring.difference(1.0, 1.5) == measuring.RESOLUTION
    assert measuring.difference(2.0, 0.5) == 1.5
