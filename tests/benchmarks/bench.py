# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare what the collection costs with what the alternatives cost, on a local emulator of the API.

    nox -e bench                                    # all rows, which takes about ten minutes
    nox -e bench -- --rounds 9 --only "in-process"  # those with this text in their name
    nox -e bench -- --json

A round of a row runs both sides, one after the other, and every second round the other way round. The ratio is the
median of those of the rounds. CPU time is that of all processes except the emulator. Seconds need an idle machine.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import types
import typing as t
from importlib.metadata import version
from pathlib import Path

from ansible_collections.twilio.proxy.plugins.module_utils._bulk_task import CONCURRENCY
from ansible_collections.twilio.proxy.tests.benchmarks import tasks
from ansible_collections.twilio.proxy.tests.benchmarks.tasks import Task
from ansible_collections.twilio.proxy.tests.scale.many_services import CONCURRENCY as CONCURRENT
from ansible_collections.twilio.proxy.tests.scale.many_services import (
    LATENCY,
    LISTED,
    SIZE,
    number_of_changes,
    pages_of,
    some_services,
    with_changes,
)
from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, Emulator, Service, form_of

HERE = "ansible_collections.twilio.proxy.tests.benchmarks"
LIBRARY = Path(__file__).resolve().parent / "library"
MODULES = Path(__file__).resolve().parents[2] / "plugins" / "modules"
#: The environment of a playbook for each way of execution.
Way = t.Mapping[str, str]
IN_PROCESS: Way = types.MappingProxyType({})
AS_MODULE: Way = {"TWILIO_PROXY_IN_PROCESS": "false"}

LIMIT = "the latency alone"
#: Seconds. Smaller differences cannot be measured.
RESOLUTION = 0.001

Services = t.Sequence[Service]


class Usage(t.NamedTuple):
    """Wall-clock and CPU time, both in seconds."""

    seconds: float
    cpu: float


#: Does its work on an emulator, and returns what it costs: the seconds of one of the two times.
Side = t.Callable[[Emulator], float]


class Row(t.NamedTuple):
    """What is measured, against what, and the largest ratio that is accepted.

    The account has the Services in ``existing`` before each run. ``latency`` is in seconds.
    """

    name: str
    ours: Side
    against: str
    theirs: Side
    goal: float | None = None
    existing: Services = ()
    latency: float = 0.0


# The rows.


def all_rows(largest: int) -> list[Row]:
    """Return all rows. No number of tasks or Services is larger than ``largest``."""
    return [*rows_of_tasks(largest), *rows_of_bulk(largest), *rows_of_large_accounts(largest)]


def rows_of_tasks(largest: int) -> list[Row]:
    """Return the rows about the CPU time of tasks that change nothing, in a small account."""
    services, count = some_services(min(50, largest)), min(20, largest)
    module, in_process = (per_task(tasks.SERVICE, count, way) for way in (AS_MODULE, IN_PROCESS))
    ping, least_action, least_module = (
        per_task(task, count) for task in (tasks.PING, tasks.LEAST_ACTION, tasks.LEAST_MODULE)
    )
    item, uri = (per_item(task, services) for task in (tasks.EACH_SERVICE, tasks.EACH_URI))
    return [
        Row("CPU of a task, module", module, "ping", ping, 1.3, services),
        Row("CPU of a task, module", module, "the least module", least_module, None, services),
        Row("CPU of a task, in-process", in_process, "ping", ping, 0.15, services),
        Row("CPU of a task, in-process", in_process, "the least action plugin", least_action, 1.25, services),
        Row("CPU of a loop item, in-process", item, "uri", uri, 0.05, services),
    ]


def rows_of_bulk(largest: int) -> list[Row]:
    """Return the rows about the time of one task for many Services, and of what else a user could write."""
    size = min(200, largest)
    services = some_services(size)
    limit = constant(least_seconds(size, CONCURRENCY["concurrency"].default))
    created = without_start(applied(of_playbook(tasks.SERVICES), services))
    alternatives = {
        "a loop of service": of_playbook(tasks.EACH_SERVICE),
        "a playbook of uri": of_playbook(*tasks.URI_PLAYBOOK),
        "the official client": lambda emulator, wanted: program(emulator, "official_client", wanted),
    }
    cases: dict[str, tuple[Services, Services]] = {
        f"create {size} Services": ((), services),
        f"change 5 % of {size} Services": (services, with_changes(services, number_of_changes(size))),
        f"change none of {size} Services": (services, services),
    }
    rows = [Row(f"create {size} Services, without start", created, LIMIT, limit, 1.15, (), LATENCY)]
    for name, (existing, wanted) in cases.items():
        ours = applied(of_playbook(tasks.SERVICES), wanted)
        for against, usage in alternatives.items():
            rows.append(Row(name, ours, against, applied(usage, wanted), None, existing, LATENCY))
    return rows


def rows_of_large_accounts(largest: int) -> list[Row]:
    """Return the rows about large accounts. Modules and programs are run without Ansible."""
    services, listed = some_services(min(SIZE, largest)), some_services(min(LISTED, largest))
    apply = seconds_of_module("services", services=services, concurrency=CONCURRENT)
    export, read = seconds_of_module("services_info", concurrency=CONCURRENT), seconds_of_module("service_info")
    pages, each = least_seconds(pages_of(len(services))), least_seconds(len(services), CONCURRENT)
    listing = f"list {len(listed)} Services"
    engine, loop = cpu_of_program("engine"), cpu_of_program("requests_loop")
    sessions = [{"unique_name": f"ride {number:05}"} for number in range(len(services))]
    rides = [{"sid": f"KS{0:032}", "unique_name": "rides", "sessions": sessions}]
    filters = {"service_sid": rides[0]["sid"], "status": ["open"], "max_sessions": len(sessions)}
    close = closed(seconds_of_module("sessions", state="closed", **filters))
    writes = least_seconds(len(sessions), CONCURRENCY["concurrency"].default)

    def against_limit(name: str, ours: Side, limit: float, existing: Services) -> Row:
        return Row(f"{name}, module", ours, LIMIT, constant(limit), None, existing, LATENCY)

    return [
        Row(f"close {len(sessions)} Sessions, module", close, LIMIT, constant(pages + writes), 1.3, rides, LATENCY),
        against_limit(f"create {len(services)} Services", apply, least_seconds(1) + each, ()),
        against_limit(f"change none of {len(services)} Services", apply, pages, services),
        against_limit(f"export {len(services)} Services", export, pages + each, services),
        against_limit(listing, read, least_seconds(pages_of(len(listed))), listed),
        Row(f"CPU to {listing}, engine", engine, "a plain loop of requests", loop, 1.3, listed),
    ]


def least_seconds(requests: int, concurrency: int = 1) -> float:
    """Return the seconds that the latency of this many requests takes."""
    return math.ceil(requests / concurrency) * LATENCY


# Their sides.


def per_task(task: Task, count: int, way: Way = IN_PROCESS) -> Side:
    """Measure the CPU time of a task, without the start of Ansible and the other costs of the first task."""

    def side(emulator: Emulator) -> float:
        many, first = (playbook(emulator, [task] * number, way=way).cpu for number in (1 + count, 1))
        return max(many - first, RESOLUTION) / count

    return side


def per_item(task: Task, services: Services) -> Side:
    """Measure the CPU time of an item of a loop over these Services, without the rest of the task."""

    def side(emulator: Emulator) -> float:
        many, none = (playbook(emulator, [loop], services).cpu for loop in (task, {**task, "loop": []}))
        return max(many - none, RESOLUTION) / len(services)

    return side


def applied(usage: t.Callable[[Emulator, Services], Usage], services: Services) -> Side:
    """Measure the seconds that it takes to apply these Services. Exit if they are not applied."""

    def side(emulator: Emulator) -> float:
        seconds = usage(emulator, services).seconds
        existing = {service["unique_name"]: service for service in emulator.services()}
        if any(not service.items() <= existing.get(service["unique_name"], {}).items() for service in services):
            sys.exit("The account does not have the Services that it should have.")
        return seconds

    return side


def closed(side: Side) -> Side:
    """Measure the same. Exit if a Session is not closed."""

    def measured(emulator: Emulator) -> float:
        seconds = side(emulator)
        sessions = [session for service in emulator.services() for session in emulator.sessions(service["sid"])]
        if any(session["status"] != "closed" for session in sessions):
            sys.exit("The account has Sessions that should be closed.")
        return seconds

    return measured


def of_playbook(*play_tasks: Task) -> t.Callable[[Emulator, Services], Usage]:
    return lambda emulator, services: playbook(emulator, play_tasks, services)


def without_start(side: Side) -> Side:
    """Subtract the seconds of a playbook without tasks."""
    return lambda emulator: max(side(emulator) - playbook(emulator, []).seconds, RESOLUTION)


def seconds_of_module(name: str, **options: t.Any) -> Side:
    return lambda emulator: module(emulator, name, options).seconds


def cpu_of_program(name: str) -> Side:
    return lambda emulator: program(emulator, name).cpu


def constant(value: float) -> Side:
    return lambda _emulator: value


# Commands.


def playbook(emulator: Emulator, play_tasks: t.Sequence[Task], services: Services = (), way: Way = IN_PROCESS) -> Usage:
    """Run ansible-playbook with these tasks, and the variables that they use."""
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"ansible.builtin.uri": tasks.URI_DEFAULTS},
        "tasks": play_tasks,
    }
    variables = {
        "user": emulator.account_sid,
        "password": emulator.auth_token,
        "list_url": f"{emulator.base_url}/v1/Services",
        "services": services,
        "existing": emulator.services(),
        "forms": {service["unique_name"]: form_of(service) for service in services},
    }
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        file, given = Path(folder, "playbook.yml"), Path(folder, "variables.json")
        # JSON is YAML.
        file.write_text(json.dumps([play]), encoding="utf-8")
        given.write_text(json.dumps(variables), encoding="utf-8")
        command = [str(Path(sys.executable).with_name("ansible-playbook")), str(file), "--extra-vars", f"@{given}"]
        return run(emulator, command, way)


def program(emulator: Emulator, name: str, services: Services = ()) -> Usage:
    """Run one of the programs in this folder, which get the Services in a file."""
    return run_with_json(emulator, ["-m", f"{HERE}.{name}"], services)


def module(emulator: Emulator, name: str, options: t.Mapping[str, t.Any]) -> Usage:
    """Run a module as Ansible does on a managed node, in a process of its own."""
    return run_with_json(emulator, [str(MODULES / f"{name}.py")], {"ANSIBLE_MODULE_ARGS": options})


def run_with_json(emulator: Emulator, arguments: t.Sequence[str], document: t.Any) -> Usage:
    with tempfile.NamedTemporaryFile("w", prefix="benchmark-", suffix=".json") as file:
        json.dump(document, file)
        file.flush()
        return run(emulator, [sys.executable, *arguments, file.name])


def run(emulator: Emulator, command: t.Sequence[str], environment: t.Mapping[str, str] | None = None) -> Usage:
    """Run a command and return its usage. Exit if it fails."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
        "ANSIBLE_ACTION_PLUGINS": str(LIBRARY / "action"),
        "ANSIBLE_LIBRARY": str(LIBRARY / "modules"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        **emulator.environment,
        **(environment or {}),
    }
    # As a user has it: the libraries are compiled by the first run.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    # With a pipe, this program would have to read while it measures.
    with tempfile.TemporaryFile("w+") as output:
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
        # Includes the processes that it waited for: the workers and the modules of a playbook.
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            sys.exit(f"{' '.join(command)}: exit status {process.returncode}\n{output.read()[-2000:]}")
    return Usage(seconds, usage.ru_utime + usage.ru_stime)


# The program.


def measure(row: Row, rounds: int) -> dict[str, t.Any]:
    """Return the result of a row: the median seconds of both sides, and the median and the extremes of the ratios."""
    seeded = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "services": row.existing}
    ours: list[float] = []
    theirs: list[float] = []
    with Emulator(latency=row.latency, accounts=[seeded]) as emulator:
        for number in range(rounds):
            sides = [(row.ours, ours), (row.theirs, theirs)]
            for side, values in sides[:: -1 if number % 2 else 1]:
                emulator.reset()
                values.append(side(emulator))
    ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
    return {
        "name": row.name,
        "ours": statistics.median(ours),
        "against": row.against,
        "theirs": statistics.median(theirs),
        "ratio": statistics.median(ratios),
        "min": min(ratios),
        "max": max(ratios),
        "goal": row.goal,
    }


def line(result: t.Mapping[str, t.Any]) -> str:
    """Return a result as a line of the table."""
    ours, theirs = (f"{result[side]:.3g} s" for side in ("ours", "theirs"))
    ratio = f"{result['ratio']:.3g} ({result['min']:.3g} to {result['max']:.3g})"
    goal = "" if result["goal"] is None else f"goal {result['goal']:g}"
    return f"{result['name']:38}  {ours:>9}  {result['against']:24}  {theirs:>9}  {ratio:24}  {goal}".rstrip()


def machine() -> str:
    """Return what the figures depend on."""
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()},"
        f" ansible-core {version('ansible-core')}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the cost of the collection with that of the alternatives.")
    parser.add_argument("--rounds", type=int, default=3, help="how often each row is measured (default: 3)")
    parser.add_argument("--only", default="", help="measure the rows with this text in their name or alternative")
    parser.add_argument("--largest", type=int, default=10_000, help="the largest number of Services or tasks")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    results = []
    if not arguments.json:
        print(f"{machine()}, {arguments.rounds} rounds", flush=True)
    for row in all_rows(arguments.largest):
        if arguments.only in f"{row.name} / {row.against}":
            results.append(measure(row, arguments.rounds))
            if not arguments.json:
                print(line(results[-1]), flush=True)
    if arguments.json:
        print(json.dumps({"machine": machine(), "rounds": arguments.rounds, "rows": results}, indent=2))


if __name__ == "__main__":
    main()
