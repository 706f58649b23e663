# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results as tables in Markdown."""

from __future__ import annotations

import itertools
import json
import textwrap
import typing as t

from ansible_collections.twilio.proxy.tests.benchmarks.workloads import EXECUTIONS

#: The results of the benchmarks, as JSON.
Document = dict[str, t.Any]

WIDTH = 120


def as_json(document: Document) -> str:
    return json.dumps(document, indent=2) + "\n"


def shown(value: float) -> str:
    """Return a number with three significant digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _size(document: Document) -> str:
    machine = document["machine"]
    return f"{machine['cores']} cores and {machine['memory_gib']:g} GiB"


def tables(document: Document) -> str:
    """Return all figures as Markdown."""
    machine = document["machine"]
    about = (
        f"On {document['date']}, {_size(document)} ({machine['processor']}, {machine['system']}), with Python"
        f" {machine['python']} and ansible-core {machine['ansible_core']}, in {document['sizes']['rounds']} rounds."
    )
    parts = [textwrap.fill(about, WIDTH), *map(_table, document["groups"]), _memory(document["memory"])]
    return "\n\n".join(parts) + "\n"


def _table(group: dict[str, t.Any]) -> str:
    """Return a line for each comparison, with a column for each way of execution."""
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for row in group["rows"]:
        cells.setdefault((row["case"], row["against"]), {})[row["execution"]] = _cell(row)
    lines = ([*comparison, *(found[execution] for execution in EXECUTIONS)] for comparison, found in cells.items())
    return _section(group["title"], ["case", "against", *EXECUTIONS], lines)


def _cell(row: dict[str, t.Any]) -> str:
    ours, theirs = (amount(row[side], row["unit"]) for side in ("ours", "theirs"))
    goal = "" if row["goal"] is None else f". Goal: {shown(row['goal'])}"
    return f"**{shown(row['ratio'])}** ({shown(row['low'])} to {shown(row['high'])}), {ours} / {theirs}{goal}"


def _memory(memory: dict[str, t.Any]) -> str:
    title = f"Memory of the modules, with a latency of {amount(memory['latency'], 's')}"
    head = ["step", "module", "Services", "peak memory", "time", "requests"]
    rows = (
        [
            step["step"],
            f"`{step['module']}`",
            f"{step['services']:,}",
            amount(step["peak_memory_mib"], "MiB"),
            amount(step["seconds"], "s"),
            ", ".join(f"{kind}: {count:,}" for kind, count in step["requests"].items()),
        ]
        for step in memory["steps"]
    )
    return _section(f"{title} and a concurrency of {memory['in_flight']}", head, rows)


def _section(title: str, head: t.Sequence[str], rows: t.Iterable[t.Sequence[str]]) -> str:
    lines = itertools.chain([head, ["---"] * len(head)], rows)
    return f"### {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def amount(value: float, unit: str) -> str:
    """Return an amount with its unit, in milliseconds below a second."""
    if unit == "s" and value < 1:
        return f"{shown(value * 1000)} ms"
    return f"{shown(value)} {unit}".removesuffix(" requests")
