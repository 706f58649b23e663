# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What large estates cost: time, memory and requests, of the modules and of a loop of the official client beside them.

    estate.py CLIENT_PYTHON RESULT     # called by .ci/bench

CLIENT_PYTHON is an interpreter that has the official client, RESULT the file that the figures are written to. Modules
are run as Ansible runs them on a managed node: a process of their own with the options on its standard input. The
figures are theirs, without those of Ansible on the controller.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

from ansible_collections.twilio.proxy.tests.scale.estates import (
    CONCURRENCY,
    LATENCY,
    LISTED,
    SIZE,
    Counts,
    Step,
    estate,
    kinds,
    listing,
    steps,
)
from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, Emulator

MODULES = Path(__file__).resolve().parents[2] / "plugins" / "modules"
CLIENT = "ansible_collections.twilio.proxy.tests.benchmarks.official_client"
#: What ru_maxrss counts in, by the manual of each system.
BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024
MIB = 1024 * 1024


class Figures(t.NamedTuple):
    """What a process took. ``program`` is the module, or the official client."""

    step: str
    program: str
    seconds: float
    peak_memory_mib: float
    requests: Counts


@contextlib.contextmanager
def account(services: int) -> t.Iterator[Emulator]:
    """An emulator with an account that has so many Services from the start."""
    seeded = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "services": estate(services)}
    with Emulator(latency=LATENCY, accounts=[seeded]) as emulator:
        yield emulator


def measured(step: str, program: str, command: list[str], given: t.Any, emulator: Emulator) -> Figures:
    """The figures of a command that gets what is given as JSON on its standard input."""
    emulator.forget_requests()
    with tempfile.TemporaryFile("w+") as stdin, tempfile.TemporaryFile("w+") as output:
        json.dump(given, stdin)
        stdin.seek(0)
        start = time.monotonic()
        process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **emulator.environment},
        )
        # Its own peak, where getrusage() would tell the largest of all processes that were waited for.
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            sys.exit(f"{step}, {program}: exit status {process.returncode}\n{output.read()[-2000:]}")
    # A process begins with the peak of the one that started it: below that, nothing can be measured.
    if usage.ru_maxrss <= resource.getrusage(resource.RUSAGE_SELF).ru_maxrss:
        sys.exit(f"{step}, {program}: it took less memory than the benchmark itself, so it is not known how much.")
    peak = usage.ru_maxrss * BYTES_PER_UNIT / MIB
    return Figures(step, program, round(seconds, 2), round(peak, 1), kinds(emulator.requests()))


def of_module(step: Step, emulator: Emulator) -> Figures:
    """The figures of a step, by its module."""
    name = step.module.rpartition(".")[2]
    concurrency = {} if step == listing() else {"concurrency": CONCURRENCY}
    given = {"ANSIBLE_MODULE_ARGS": {**step.options, **concurrency}}
    figures = measured(step.name, name, [sys.executable, str(MODULES / f"{name}.py")], given, emulator)
    if figures.requests != step.requests:
        sys.exit(f"{step.name}, {name}: these requests were sent: {figures.requests}. Run make scale.")
    return figures


def of_client(python: str, step: Step, work: dict[str, t.Any], emulator: Emulator) -> Figures:
    """The figures of the same step, by the official client."""
    access = {"base_url": emulator.base_url, "user": emulator.account_sid, "password": emulator.auth_token}
    return measured(step.name, "official client", [python, "-m", CLIENT], {**access, **work}, emulator)


def all_figures(client_python: str) -> t.Iterator[Figures]:
    """Those of every step, and of the official client where it can be compared."""
    created, listed = steps()[0], listing()
    with account(services=0) as emulator:
        for step in steps():
            yield of_module(step, emulator)
        yield of_client(client_python, created, {"create": estate(SIZE)}, emulator)
    with account(services=LISTED) as emulator:
        yield of_module(listed, emulator)
        yield of_client(client_python, listed, {}, emulator)


def line(figures: Figures) -> str:
    requests = ", ".join(f"{kind} {count}" for kind, count in figures.requests.items())
    return (
        f"{figures.step:<10} {figures.program:<16} {figures.seconds:>7.2f} s {figures.peak_memory_mib:>7.1f} MiB"
        f"   {requests}"
    )


def main(client_python: str, result: str) -> None:
    print(
        f"{SIZE} Services, and {LISTED} that are listed. Answers take {LATENCY} s, {CONCURRENCY} requests are in"
        " flight at most. The official client sends one after the other.",
        flush=True,
    )
    found = []
    for figures in all_figures(client_python):
        print(line(figures), flush=True)
        found.append(figures._asdict())
    document = {
        "python": platform.python_version(),
        "services": SIZE,
        "listed": LISTED,
        "latency": LATENCY,
        "concurrency": CONCURRENCY,
        "figures": found,
    }
    Path(result).parent.mkdir(parents=True, exist_ok=True)
    Path(result).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
