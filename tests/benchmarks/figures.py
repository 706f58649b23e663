# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured: groups of contenders that do the same, and the ratios between them with their goals."""

from __future__ import annotations

import functools
import math
import typing as t

from ansible_collections.twilio.proxy.plugins.module_utils._bulk_task import CONCURRENCY
from ansible_collections.twilio.proxy.tests.benchmarks import contenders as do
from ansible_collections.twilio.proxy.tests.benchmarks.contenders import AS_MODULE, DOORS, IN_CONTROLLER, Account
from ansible_collections.twilio.proxy.tests.benchmarks.measuring import (
    Readings,
    Samples,
    Usage,
    difference,
    interleaved,
)
from ansible_collections.twilio.proxy.tests.scale.many_services import (
    LATENCY,
    LISTED,
    SIZE,
    changes_of,
    some_services,
    with_changes,
)
from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, Emulator

CLIENT, LOOP, LIMIT, GET, PING = "the official client", "a bare loop of requests", "the limit", "`uri`", "`ping`"
BARE_MODULE = "the least module that uses requests"
LOOPED, PLAYBOOK = "a loop of `service`", "a playbook of `uri`"
IN_FLIGHT: int = CONCURRENCY["concurrency"].default


class Sizes(t.NamedTuple):
    """How much is done, and how often."""

    rounds: int = 3
    items: int = 50
    tasks: int = 10
    services: int = 200
    few: int = 10
    many: int = SIZE
    listed: int = LISTED


class Row(t.NamedTuple):
    """A ratio: what a contender, which came by one of the doors, needed of a unit for a case, against another."""

    case: str
    unit: str
    door: str
    ours: str
    against: str
    theirs: str
    goal: float | None = None


class Group(t.NamedTuple):
    """Cases that are measured together, and the rows that are made of them."""

    name: str
    title: str
    rows: list[Row]
    measure: t.Callable[[Sizes], Samples]


def rows(
    case: str, unit: str, against: t.Sequence[str], goals: t.Mapping[tuple[str, str], float] | None = None
) -> list[Row]:
    """The rows of both doors against others. A goal is that of a door against one of them."""
    return [
        Row(case, unit, door, door, other, other, (goals or {}).get((door, other)))
        for other in against
        for door in DOORS
    ]


def emulator(latency: float = 0.0, services: int = 0) -> Emulator:
    """An emulator with an account that has so many Services from the start."""
    seeded = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "services": some_services(services)}
    return Emulator(latency=latency, accounts=[seeded])


# A task that has nothing to do.

ITEM, TASK = "an item of a loop", "a task of its own"


def one_converged(sizes: Sizes) -> Samples:
    """CPU of one item, and of one task. The start of ansible-playbook and what it does only once do not count."""
    with emulator(services=sizes.items) as running:
        account = Account(running, some_services(sizes.items))
        found, one = running.services(), account.wanted[0]

        def item(tasks: do.Tasks, contender: str, door: str = IN_CONTROLLER) -> Readings:
            many = account.play(tasks, door, found=found).cpu
            none = account.play(tasks, door, found=[], services=[]).cpu
            return {(ITEM, contender): difference(many, none) / sizes.items}

        def task(tasks: t.Callable[[int], do.Tasks], contender: str, door: str = IN_CONTROLLER) -> Readings:
            many, single = (account.play(tasks(count), door).cpu for count in (1 + sizes.tasks, 1))
            return {(TASK, contender): difference(many, single) / sizes.tasks}

        todo: dict[str, t.Callable[[], Readings]] = {
            "looped uri": functools.partial(item, do.looped_get(), GET),
            "looped ping": functools.partial(item, do.looped_ping(), PING),
            "tasks of ping": functools.partial(task, do.pings, PING),
            "tasks of a bare module": functools.partial(task, do.bare_gets, BARE_MODULE),
        }
        for door in DOORS:
            todo[f"looped service {door}"] = functools.partial(item, do.looped(), door, door)
            todo[f"tasks of service {door}"] = functools.partial(task, functools.partial(do.single, one), door, door)
        return interleaved(sizes.rounds, todo)


# An estate that comes into being, stays as it is, and changes a little.

CREATED, CONVERGED, CHANGED = "created", "converged", "5 % changed"
START, LEAST = "a playbook without tasks", "created, without Ansible's start"


def time_of_all(sizes: Sizes, latency: float) -> Samples:
    """Seconds from the command to its end, the start of Ansible or Python included; and those of the bulk module beyond
    a playbook without tasks."""
    with emulator(latency) as running:
        created = some_services(sizes.services)
        changed = with_changes(created, changes_of(sizes.services))

        def life(name: str, seconds: t.Callable[[Account], float]) -> Readings:
            running.reset()
            readings = {}
            for case, wanted in ((CREATED, created), (CONVERGED, created), (CHANGED, changed)):
                account = Account(running, wanted)
                readings[case, name] = seconds(account)
                account.check()
            return readings

        def start() -> Readings:
            return {(START, START): Account(running, created).play([]).seconds}

        todo = {
            PLAYBOOK: lambda: life(PLAYBOOK, lambda account: account.play(do.uri_playbook(sizes.services)).seconds),
            LOOPED: lambda: life(LOOPED, lambda account: account.play(do.looped()).seconds),
            CLIENT: lambda: life(
                CLIENT, lambda account: account.program("official_client", services=account.wanted).seconds
            ),
            START: start,
        }
        for door in DOORS:
            todo[door] = functools.partial(life, door, functools.partial(_bulk_seconds, door))
        samples = interleaved(sizes.rounds, todo)
    for door in DOORS:
        # The bulk module may have taken long, and have missed rounds.
        pairs = zip(samples[CREATED, door], samples[START, START], strict=False)
        samples[LEAST, door] = [difference(whole, start) for whole, start in pairs]
    samples[LEAST, LIMIT] = [math.ceil(sizes.services / IN_FLIGHT) * latency]
    return samples


def _bulk_seconds(door: str, account: Account) -> float:
    return account.play(do.bulk(), door).seconds


def time_rows() -> list[Row]:
    return [row for case in (CREATED, CONVERGED, CHANGED) for row in rows(case, "s", [LOOPED, PLAYBOOK, CLIENT])]


# An estate that grows.


def growth(sizes: Sizes) -> Samples:
    """Requests and seconds for each Service, in a small estate and in a large one, beyond a playbook without tasks."""
    with emulator() as running:

        def all_of(door: str, count: int) -> Readings:
            running.reset()
            account = Account(running, some_services(count))
            start = account.play([], door).seconds
            readings = {}
            for case in (CREATED, CONVERGED):
                running.forget_requests()
                seconds = difference(account.play(do.bulk(), door).seconds, start)
                readings[f"{case}: requests for each", f"{door}, {count}"] = len(running.requests()) / count
                readings[f"{case}: time for each", f"{door}, {count}"] = seconds / count
                account.check()
            return readings

        counts = (sizes.few, sizes.many)
        todo = {
            f"{count} Services {door}": functools.partial(all_of, door, count) for door in DOORS for count in counts
        }
        return interleaved(sizes.rounds, todo)


def growth_rows(sizes: Sizes) -> list[Row]:
    return [
        Row(f"{case}: {what} for each", unit, door, f"{door}, {sizes.many}", "itself", f"{door}, {sizes.few}", 1.0)
        for case in (CREATED, CONVERGED)
        for what, unit in (("requests", "requests"), ("time", "s"))
        for door in DOORS
    ]


# An estate that is only read.

ALL_FIELDS, TWO_FIELDS, PLAYED = "CPU, all fields", "CPU, two fields", "CPU with Ansible's part"
MEMORY, REQUESTS = "peak memory, all fields", "requests"


def listing(sizes: Sizes) -> Samples:
    """CPU, peak memory and requests of whole processes that list everything, Python's start included.

    In the place of the controller, which does much else, stands the engine alone, up to the hand-over of its result.
    """
    with emulator(services=sizes.listed) as running:
        account = Account(running, [])

        def other(name: str, contender: str) -> Readings:
            """A program that always gets all fields."""
            readings = full(contender, lambda: account.program(name))
            return {**readings, **{(case, contender): readings[ALL_FIELDS, contender] for case in (TWO_FIELDS, PLAYED)}}

        def ours(door: str, usage: t.Callable[..., Usage]) -> Readings:
            return {**full(door, usage), (TWO_FIELDS, door): usage(properties=["sid", "unique_name"]).cpu}

        def full(contender: str, usage: t.Callable[[], Usage]) -> Readings:
            running.forget_requests()
            took = usage()
            needed = {ALL_FIELDS: took.cpu, MEMORY: took.peak, REQUESTS: float(len(running.requests()))}
            return {(case, contender): value for case, value in needed.items()}

        def played(door: str) -> Readings:
            return {(PLAYED, door): difference(account.play(do.listing(), door).cpu, account.play([], door).cpu)}

        todo: dict[str, t.Callable[[], Readings]] = {
            LOOP: functools.partial(other, "requests_loop", LOOP),
            CLIENT: functools.partial(other, "official_client", CLIENT),
            "the engine alone": functools.partial(ours, IN_CONTROLLER, functools.partial(account.program, "engine")),
            "service_info": functools.partial(ours, AS_MODULE, functools.partial(account.module, "service_info")),
            **{f"service_info in a playbook, {door}": functools.partial(played, door) for door in DOORS},
        }
        return interleaved(sizes.rounds, todo)


def listing_rows() -> list[Row]:
    goals = {(IN_CONTROLLER, LOOP): 1.5}
    others = [LOOP, CLIENT]
    return [
        *rows(ALL_FIELDS, "s", others, goals),
        *rows(TWO_FIELDS, "s", others, goals),
        *rows(PLAYED, "s", others),
        *rows(MEMORY, "MiB", others),
        *rows(REQUESTS, "requests", others),
    ]


# All of it.


def groups(sizes: Sizes) -> list[Group]:
    """The groups, in the order in which they are measured and shown."""
    goals = {(IN_CONTROLLER, GET): 0.05}
    goals_of_task = {(IN_CONTROLLER, PING): 0.15, (AS_MODULE, PING): 1.25}
    swift, slow = (functools.partial(time_of_all, latency=latency) for latency in (0.0, LATENCY))
    answers = f"{LATENCY * 1000:.0f} ms"
    limit = rows(LEAST, "s", [LIMIT], {(door, LIMIT): 1.3 for door in DOORS})
    return [
        Group(
            "task",
            f"CPU of a converged `service` task, one of {sizes.items} items or of {sizes.tasks} tasks",
            [*rows(ITEM, "s", [GET, PING], goals), *rows(TASK, "s", [PING, BARE_MODULE], goals_of_task)],
            one_converged,
        ),
        Group("swift", f"Time of {sizes.services} Services, where an answer takes none", time_rows(), swift),
        Group(
            "slow", f"Time of {sizes.services} Services, where an answer takes {answers}", [*time_rows(), *limit], slow
        ),
        Group(
            "growth",
            f"What each of {sizes.many:,} Services takes, against each of {sizes.few}",
            growth_rows(sizes),
            growth,
        ),
        Group("listing", f"Listing of {sizes.listed:,} Services", listing_rows(), listing),
    ]
