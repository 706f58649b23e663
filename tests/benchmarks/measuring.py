# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the benchmarks measure: what a command took, round after round, and what is made of it."""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

#: What takes longer than this, in seconds, is measured in the first round only.
LONG = 30
#: Differences below this, in seconds, are none that can be told.
RESOLUTION = 0.001

PROGRAMS = Path(sys.executable).parent
USAGE = Path(__file__).resolve().parent / "usage.py"

#: What a contender needed for a case, by the names of both.
Readings = dict[tuple[str, str], float]
Samples = dict[tuple[str, str], list[float]]


class Usage(t.NamedTuple):
    """Seconds by the clock and of the processors, and the largest memory of one process in MiB."""

    seconds: float
    cpu: float
    peak: float


class Spread(t.NamedTuple):
    """The middle of some values, the smallest and the largest."""

    median: float
    low: float
    high: float


class Broken(Exception):
    """A command failed, or did not do what it is measured for."""


def usage_of(command: t.Sequence[str], given: t.Any = None, environment: t.Mapping[str, str] | None = None) -> Usage:
    """What a command took that gets what is given as JSON on its standard input; raises Broken if it fails."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, tempfile.TemporaryFile("w+") as stdin:
        json.dump(given, stdin)
        stdin.seek(0)
        result = Path(folder, "usage.json")
        # A pipe would have the benchmark read while it measures.
        with Path(folder, "output").open("w+") as output:
            done = subprocess.run(
                [sys.executable, "-I", str(USAGE), str(result), *command],
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=_environment(environment or {}),
                check=False,
            )
            if done.returncode != 0:
                output.seek(0)
                raise Broken(f"{' '.join(command)}: exit status {done.returncode}\n{output.read()[-2000:]}")
        return Usage(**json.loads(result.read_text(encoding="utf-8")))


def _environment(more: t.Mapping[str, str]) -> dict[str, str]:
    """That of a user, with the collection where Python and Ansible look for it."""
    return {
        **os.environ,
        "PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        **more,
    }


def playbook(
    tasks: t.Sequence[t.Any], variables: t.Mapping[str, t.Any], environment: t.Mapping[str, str] | None = None
) -> Usage:
    """What ansible-playbook took for these tasks, its own start included."""
    play = {"name": "Benchmark", "hosts": "localhost", "gather_facts": False, "tasks": tasks}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        file, given = Path(folder, "playbook.yml"), Path(folder, "variables.json")
        # Each JSON document is a YAML document.
        file.write_text(json.dumps([play]), encoding="utf-8")
        given.write_text(json.dumps(variables), encoding="utf-8")
        command = [str(PROGRAMS / "ansible-playbook"), str(file), "--extra-vars", f"@{given}"]
        return usage_of(command, environment=environment)


def difference(more: float, less: float) -> float:
    """What the one took more than the other."""
    return max(more - less, RESOLUTION)


def interleaved(rounds: int, contenders: t.Mapping[str, t.Callable[[], Readings]]) -> Samples:
    """All readings: each contender once a round, in an order that turns around from round to round.

    One that took LONG takes part in the first round only.
    """
    samples: Samples = {}
    waiting = dict(contenders)
    for turn in range(rounds):
        for name in list(waiting)[:: -1 if turn % 2 else 1]:
            start = time.monotonic()
            for key, value in waiting[name]().items():
                samples.setdefault(key, []).append(value)
            seconds = time.monotonic() - start
            print(f"round {turn + 1}: {name}, {seconds:.1f} s", flush=True)
            if seconds > LONG:
                del waiting[name]
    return samples


def spread(values: t.Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


def ratios(ours: t.Sequence[float], theirs: t.Sequence[float]) -> list[float]:
    """Round by round; what was measured fewer times holds with its median for the rounds that it missed."""
    rounds = range(max(len(ours), len(theirs)))
    return [_of_round(ours, turn) / _of_round(theirs, turn) for turn in rounds]


def _of_round(values: t.Sequence[float], turn: int) -> float:
    return values[turn] if turn < len(values) else statistics.median(values)


def rounded(value: float) -> float:
    """To three significant digits: more would be noise."""
    return value if value == 0 else round(value, 2 - math.floor(math.log10(abs(value))))
