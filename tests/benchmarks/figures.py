# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured: groups of workloads that do the same, and the ratios between them with their goals."""

from __future__ import annotations

import functools
import math
import typing as t

from ansible_collections.twilio.proxy.plugins.module_utils._bulk_task import CONCURRENCY
from ansible_collections.twilio.proxy.tests.benchmarks import workloads
from ansible_collections.twilio.proxy.tests.benchmarks.measuring import (
    Readings,
    Samples,
    Usage,
    difference,
    interleaved,
)
from ansible_collections.twilio.proxy.tests.benchmarks.workloads import AS_MODULE, EXECUTIONS, IN_PROCESS, Account
from ansible_collections.twilio.proxy.tests.scale.many_services import (
    LATENCY,
    LISTED,
    SIZE,
    number_of_changes,
    some_services,
    with_changes,
)
from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, Emulator

CLIENT, LOOP_OF_REQUESTS, LIMIT, URI, PING = (
    "the official client",
    "a plain loop of requests",
    "the limit",
    "`uri`",
    "`ping`",
)
BARE_MODULE = "a minimal module that uses requests"
LOOP_OF_SERVICE, PLAYBOOK_OF_URI = "a loop of `service`", "a playbook of `uri`"
IN_FLIGHT: int = CONCURRENCY["concurrency"].default


class Sizes(t.NamedTuple):
    """The sizes of the workloads, and the number of rounds."""

    rounds: int = 3
    items: int = 50
    tasks: int = 10
    services: int = 200
    few: int = 10
    many: int = SIZE
    listed: int = LISTED


class Row(t.NamedTuple):
    """A ratio: what a case costs the collection, run one of the two ways, against an alternative."""

    case: str
    unit: str
    execution: str
    ours: str
    against: str
    theirs: str
    goal: float | None = None


class Group(t.NamedTuple):
    """Cases that are measured together, and the ratios made from them."""

    name: str
    title: str
    rows: list[Row]
    measure: t.Callable[[Sizes], Samples]


def rows(
    case: str, unit: str, against: t.Sequence[str], goals: t.Mapping[tuple[str, str], float] | None = None
) -> list[Row]:
    """Return the rows of both ways against alternatives. Goals are by way and alternative."""
    return [
        Row(case, unit, execution, execution, other, other, (goals or {}).get((execution, other)))
        for other in against
        for execution in EXECUTIONS
    ]


def emulator(latency: float = 0.0, services: int = 0) -> Emulator:
    """Return an emulator with an account that has this many Services."""
    seeded = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "services": some_services(services)}
    return Emulator(latency=latency, accounts=[seeded])


# A task with nothing to change.

ITEM, TASK = "loop item", "single task"


def converged_task(sizes: Sizes) -> Samples:
    """CPU of one loop item and of one task, without the start of ansible-playbook and other one-time costs."""
    with emulator(services=sizes.items) as running:
        account = Account(running, some_services(sizes.items))
        found, service = running.services(), account.wanted[0]

        def item(tasks: workloads.Tasks, implementation: str, execution: str = IN_PROCESS) -> Readings:
            many = account.run_playbook(tasks, execution, found=found).cpu
            none = account.run_playbook(tasks, execution, found=[], services=[]).cpu
            return {(ITEM, implementation): difference(many, none) / sizes.items}

        def task(
            tasks: t.Callable[[int], workloads.Tasks], implementation: str, execution: str = IN_PROCESS
        ) -> Readings:
            many, first = (account.run_playbook(tasks(count), execution).cpu for count in (1 + sizes.tasks, 1))
            return {(TASK, implementation): difference(many, first) / sizes.tasks}

        measurements: dict[str, t.Callable[[], Readings]] = {
            "loop of uri": functools.partial(item, workloads.loop_of_uri(), URI),
            "loop of ping": functools.partial(item, workloads.loop_of_ping(), PING),
            "tasks of ping": functools.partial(task, workloads.tasks_of_ping, PING),
            "tasks of a minimal module": functools.partial(task, workloads.tasks_of_bare_get, BARE_MODULE),
        }
        for execution in EXECUTIONS:
            measurements[f"loop of service, {execution}"] = functools.partial(
                item, workloads.loop_of_service(), execution, execution
            )
            measurements[f"tasks of service, {execution}"] = functools.partial(
                task, functools.partial(workloads.tasks_of_service, service), execution, execution
            )
        return interleaved(sizes.rounds, measurements)


# Services that are created, stay the same, and change a little.

CREATED, CONVERGED, CHANGED = "created", "converged", "5 % changed"
START, CREATED_WITHOUT_START = "a playbook without tasks", "created, without the start of Ansible"


def time_of_many(sizes: Sizes, latency: float) -> Samples:
    """Seconds of the whole command, with the start of Ansible or Python; for the bulk module also without it."""
    with emulator(latency) as running:
        created = some_services(sizes.services)
        changed = with_changes(created, number_of_changes(sizes.services))

        def all_steps(name: str, seconds: t.Callable[[Account], float]) -> Readings:
            running.reset()
            readings = {}
            for case, wanted in ((CREATED, created), (CONVERGED, created), (CHANGED, changed)):
                account = Account(running, wanted)
                readings[case, name] = seconds(account)
                account.verify()
            return readings

        def start() -> Readings:
            return {(START, START): Account(running, created).run_playbook([]).seconds}

        measurements = {
            PLAYBOOK_OF_URI: lambda: all_steps(
                PLAYBOOK_OF_URI, lambda account: account.run_playbook(workloads.uri_playbook(sizes.services)).seconds
            ),
            LOOP_OF_SERVICE: lambda: all_steps(
                LOOP_OF_SERVICE, lambda account: account.run_playbook(workloads.loop_of_service()).seconds
            ),
            CLIENT: lambda: all_steps(
                CLIENT, lambda account: account.run_program("official_client", services=account.wanted).seconds
            ),
            START: start,
        }
        for execution in EXECUTIONS:
            measurements[execution] = functools.partial(
                all_steps, execution, functools.partial(_bulk_seconds, execution)
            )
        samples = interleaved(sizes.rounds, measurements)
    for execution in EXECUTIONS:
        # If the bulk module took long, it has fewer rounds.
        pairs = zip(samples[CREATED, execution], samples[START, START], strict=False)
        samples[CREATED_WITHOUT_START, execution] = [difference(whole, start) for whole, start in pairs]
    samples[CREATED_WITHOUT_START, LIMIT] = [math.ceil(sizes.services / IN_FLIGHT) * latency]
    return samples


def _bulk_seconds(execution: str, account: Account) -> float:
    return account.run_playbook(workloads.bulk_services(), execution).seconds


def time_rows() -> list[Row]:
    return [
        row
        for case in (CREATED, CONVERGED, CHANGED)
        for row in rows(case, "s", [LOOP_OF_SERVICE, PLAYBOOK_OF_URI, CLIENT])
    ]


# Small and large accounts.


def growth(sizes: Sizes) -> Samples:
    """Requests and seconds per Service, for few and for many Services, without the start of Ansible."""
    with emulator() as running:

        def both_cases(execution: str, count: int) -> Readings:
            running.reset()
            account = Account(running, some_services(count))
            start = account.run_playbook([], execution).seconds
            readings = {}
            for case in (CREATED, CONVERGED):
                running.forget_requests()
                seconds = difference(account.run_playbook(workloads.bulk_services(), execution).seconds, start)
                readings[f"{case}: requests per Service", f"{execution}, {count}"] = len(running.requests()) / count
                readings[f"{case}: time per Service", f"{execution}, {count}"] = seconds / count
                account.verify()
            return readings

        counts = (sizes.few, sizes.many)
        measurements = {
            f"{count} Services, {execution}": functools.partial(both_cases, execution, count)
            for execution in EXECUTIONS
            for count in counts
        }
        return interleaved(sizes.rounds, measurements)


def growth_rows(sizes: Sizes) -> list[Row]:
    return [
        Row(
            f"{case}: {what} per Service",
            unit,
            execution,
            f"{execution}, {sizes.many}",
            "a small account",
            f"{execution}, {sizes.few}",
            1.0,
        )
        for case in (CREATED, CONVERGED)
        for what, unit in (("requests", "requests"), ("time", "s"))
        for execution in EXECUTIONS
    ]


# Services that are only read.

ALL_FIELDS, TWO_FIELDS, IN_PLAYBOOK = "CPU, all fields", "CPU, two fields", "CPU with Ansible"
MEMORY, REQUESTS = "peak memory, all fields", "requests"


def listing(sizes: Sizes) -> Samples:
    """CPU, peak memory and requests of whole processes that list all Services, including the start of Python.

    In-process execution is measured by the engine alone, up to its result: the controller does much else.
    """
    with emulator(services=sizes.listed) as running:
        account = Account(running, [])

        def alternative(name: str, implementation: str) -> Readings:
            """Measure a program that always reads all fields."""
            readings = all_fields(implementation, lambda: account.run_program(name))
            return {
                **readings,
                **{(case, implementation): readings[ALL_FIELDS, implementation] for case in (TWO_FIELDS, IN_PLAYBOOK)},
            }

        def ours(execution: str, usage: t.Callable[..., Usage]) -> Readings:
            return {
                **all_fields(execution, usage),
                (TWO_FIELDS, execution): usage(properties=["sid", "unique_name"]).cpu,
            }

        def all_fields(implementation: str, usage: t.Callable[[], Usage]) -> Readings:
            running.forget_requests()
            measured = usage()
            values = {ALL_FIELDS: measured.cpu, MEMORY: measured.peak, REQUESTS: float(len(running.requests()))}
            return {(case, implementation): value for case, value in values.items()}

        def in_playbook(execution: str) -> Readings:
            return {
                (IN_PLAYBOOK, execution): difference(
                    account.run_playbook(workloads.listing(), execution).cpu, account.run_playbook([], execution).cpu
                )
            }

        measurements: dict[str, t.Callable[[], Readings]] = {
            LOOP_OF_REQUESTS: functools.partial(alternative, "requests_loop", LOOP_OF_REQUESTS),
            CLIENT: functools.partial(alternative, "official_client", CLIENT),
            "the engine alone": functools.partial(ours, IN_PROCESS, functools.partial(account.run_program, "engine")),
            "service_info": functools.partial(ours, AS_MODULE, functools.partial(account.run_module, "service_info")),
            **{
                f"service_info in a playbook, {execution}": functools.partial(in_playbook, execution)
                for execution in EXECUTIONS
            },
        }
        return interleaved(sizes.rounds, measurements)


def listing_rows() -> list[Row]:
    goals = {(IN_PROCESS, LOOP_OF_REQUESTS): 1.5}
    others = [LOOP_OF_REQUESTS, CLIENT]
    return [
        *rows(ALL_FIELDS, "s", others, goals),
        *rows(TWO_FIELDS, "s", others, goals),
        *rows(IN_PLAYBOOK, "s", others),
        *rows(MEMORY, "MiB", others),
        *rows(REQUESTS, "requests", others),
    ]


# All groups.


def groups(sizes: Sizes) -> list[Group]:
    """Return the groups in the order in which they are measured and shown."""
    goals = {(IN_PROCESS, URI): 0.05}
    goals_of_task = {(IN_PROCESS, PING): 0.15, (AS_MODULE, PING): 1.25}
    without_latency, with_latency = (functools.partial(time_of_many, latency=latency) for latency in (0.0, LATENCY))
    latency = f"{LATENCY * 1000:.0f} ms"
    limit = rows(CREATED_WITHOUT_START, "s", [LIMIT], {(execution, LIMIT): 1.3 for execution in EXECUTIONS})
    return [
        Group(
            "task",
            f"CPU of a converged `service` task: one of {sizes.items} loop items, or one of {sizes.tasks} tasks",
            [*rows(ITEM, "s", [URI, PING], goals), *rows(TASK, "s", [PING, BARE_MODULE], goals_of_task)],
            converged_task,
        ),
        Group("no latency", f"Time for {sizes.services} Services, without latency", time_rows(), without_latency),
        Group(
            "latency",
            f"Time for {sizes.services} Services, with a latency of {latency}",
            [*time_rows(), *limit],
            with_latency,
        ),
        Group(
            "growth",
            f"Cost per Service: {sizes.many:,} Services against {sizes.few}",
            growth_rows(sizes),
            growth,
        ),
        Group("listing", f"Listing of {sizes.listed:,} Services", listing_rows(), listing),
    ]
