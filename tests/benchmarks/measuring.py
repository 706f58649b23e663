# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the benchmarks measure: the usage of commands, in rounds, and the ratios made from it."""

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

#: Seconds. A workload that takes longer is measured in the first round only.
LONG = 30
#: Seconds. Smaller differences cannot be measured.
RESOLUTION = 0.001

PROGRAMS = Path(sys.executable).parent
USAGE = Path(__file__).resolve().parent / "usage.py"

#: Measured values by case and implementation.
Readings = dict[tuple[str, str], float]
Samples = dict[tuple[str, str], list[float]]


class Usage(t.NamedTuple):
    """Wall-clock and CPU time in seconds, and the peak memory of the largest process in MiB."""

    seconds: float
    cpu: float
    peak: float


class Spread(t.NamedTuple):
    """The median, the smallest and the largest of some values."""

    median: float
    low: float
    high: float


class BenchmarkError(Exception):
    """A command failed, or did not do its work."""


def usage_of(command: t.Sequence[str], given: t.Any = None, environment: t.Mapping[str, str] | None = None) -> Usage:
    """Run a command with JSON on its standard input and return its usage. Raises BenchmarkError if it fails."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, tempfile.TemporaryFile("w+") as stdin:
        json.dump(given, stdin)
        stdin.seek(0)
        result = Path(folder, "usage.json")
        # With a pipe, the benchmark would have to read while it measures.
        with Path(folder, "output").open("w+") as output:
            completed = subprocess.run(
                [sys.executable, "-I", str(USAGE), str(result), *command],
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=_environment(environment or {}),
                check=False,
            )
            if completed.returncode != 0:
                output.seek(0)
                raise BenchmarkError(
                    f"{' '.join(command)}: exit status {completed.returncode}\n{output.read()[-2000:]}"
                )
        return Usage(**json.loads(result.read_text(encoding="utf-8")))


def _environment(more: t.Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a user, with the paths of the collection."""
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
    """Run ansible-playbook with these tasks and return its usage, including its start."""
    play = {"name": "Benchmark", "hosts": "localhost", "gather_facts": False, "tasks": tasks}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        file, given = Path(folder, "playbook.yml"), Path(folder, "variables.json")
        # JSON is YAML.
        file.write_text(json.dumps([play]), encoding="utf-8")
        given.write_text(json.dumps(variables), encoding="utf-8")
        command = [str(PROGRAMS / "ansible-playbook"), str(file), "--extra-vars", f"@{given}"]
        return usage_of(command, environment=environment)


def difference(more: float, less: float) -> float:
    """Return the difference, at least RESOLUTION."""
    return max(more - less, RESOLUTION)


def interleaved(rounds: int, workloads: t.Mapping[str, t.Callable[[], Readings]]) -> Samples:
    """Run each workload once per round and return all readings. The order is reversed from round to round.

    A workload that took longer than LONG runs in the first round only.
    """
    samples: Samples = {}
    remaining = dict(workloads)
    for turn in range(rounds):
        for name in list(remaining)[:: -1 if turn % 2 else 1]:
            start = time.monotonic()
            for key, value in remaining[name]().items():
                samples.setdefault(key, []).append(value)
            seconds = time.monotonic() - start
            print(f"round {turn + 1}: {name}, {seconds:.1f} s", flush=True)
            if seconds > LONG:
                del remaining[name]
    return samples


def spread(values: t.Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


def ratios(ours: t.Sequence[float], theirs: t.Sequence[float]) -> list[float]:
    """Return the ratios of the rounds. The median stands in for the rounds that a workload did not run in."""
    rounds = range(max(len(ours), len(theirs)))
    return [_of_round(ours, turn) / _of_round(theirs, turn) for turn in rounds]


def _of_round(values: t.Sequence[float], turn: int) -> float:
    return values[turn] if turn < len(values) else statistics.median(values)


def rounded(value: float) -> float:
    """Round to three significant digits: more would be noise."""
    return value if value == 0 else round(value, 2 - math.floor(math.log10(abs(value))))
