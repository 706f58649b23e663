# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run all benchmarks and write the results.

    python bench.py CHECKOUT     # called by .ci/bench

The results go to build/benchmarks/, as JSON and as tables. The figures in the guide are from there.
"""

from __future__ import annotations

import datetime
import os
import platform
import sys
import typing as t
from importlib.metadata import version
from pathlib import Path

from ansible_collections.twilio.proxy.tests.benchmarks.figures import IN_FLIGHT, Group, Row, Sizes, groups
from ansible_collections.twilio.proxy.tests.benchmarks.many_services import all_figures
from ansible_collections.twilio.proxy.tests.benchmarks.measuring import BenchmarkError, Samples, ratios, rounded, spread
from ansible_collections.twilio.proxy.tests.benchmarks.page import Document, as_json, tables
from ansible_collections.twilio.proxy.tests.scale.many_services import CONCURRENCY, LATENCY

GIB = 1024**3


def machine() -> dict[str, t.Any]:
    """Return the properties of the machine that the figures depend on."""
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB, 1),
        "processor": _processor(),
        "system": platform.system(),
        "python": platform.python_version(),
        "ansible_core": version("ansible-core"),
    }


def _processor() -> str:
    """Return the name of the processor on Linux, and its architecture elsewhere."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def document(sizes: Sizes) -> Document:
    """Return all results. Raises BenchmarkError if a workload did not do its work."""
    return {
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "machine": machine(),
        "sizes": {**sizes._asdict(), "in_flight": IN_FLIGHT, "latency": LATENCY},
        "groups": [_measured(group, sizes) for group in groups(sizes)],
        "memory": {
            "latency": LATENCY,
            "in_flight": CONCURRENCY,
            "steps": [figures._asdict() for figures in all_figures(sizes.many, sizes.listed)],
        },
    }


def _measured(group: Group, sizes: Sizes) -> dict[str, t.Any]:
    print(f"== {group.title}", flush=True)
    samples = group.measure(sizes)
    return {"name": group.name, "title": group.title, "rows": [_ratio(row, samples) for row in group.rows]}


def _ratio(row: Row, samples: Samples) -> dict[str, t.Any]:
    ours, theirs = samples[row.case, row.ours], samples[row.case, row.theirs]
    found = spread(ratios(ours, theirs))
    return {
        "case": row.case,
        "unit": row.unit,
        "execution": row.execution,
        "against": row.against,
        "ours": rounded(spread(ours).median),
        "theirs": rounded(spread(theirs).median),
        "ratio": rounded(found.median),
        "low": rounded(found.low),
        "high": rounded(found.high),
        "goal": row.goal,
        "rounds": [len(ours), len(theirs)],
    }


def main(checkout: str) -> None:
    try:
        found = document(Sizes())
    except BenchmarkError as error:
        sys.exit(str(error))
    results = Path(checkout, "build", "benchmarks")
    results.mkdir(parents=True, exist_ok=True)
    (results / "results.json").write_text(as_json(found), encoding="utf-8")
    (results / "results.md").write_text(tables(found), encoding="utf-8")
    print(tables(found))
    print("Written: build/benchmarks/results.json and build/benchmarks/results.md.")


if __name__ == "__main__":
    main(*sys.argv[1:])
