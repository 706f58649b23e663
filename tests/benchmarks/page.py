# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results in the documents: tables and a picture in docs/, and a sentence in the README."""

from __future__ import annotations

import itertools
import json
import textwrap
import typing as t
from pathlib import Path

from ansible_collections.twilio.proxy.tests.benchmarks.figures import (
    ALL_FIELDS,
    CREATED_WITHOUT_START,
    ITEM,
    LIMIT,
    LOOP_OF_REQUESTS,
    URI,
)
from ansible_collections.twilio.proxy.tests.benchmarks.picture import picture, shown
from ansible_collections.twilio.proxy.tests.benchmarks.workloads import EXECUTIONS, IN_PROCESS

#: The results of the benchmarks, as JSON.
Document = dict[str, t.Any]

FIGURES, PICTURE, PAGE, README = (
    "docs/performance.json",
    "docs/images/performance.svg",
    "docs/performance.md",
    "README.md",
)
#: The benchmarks write what is between these lines.
BEGIN, END = "<!-- measured -->", "<!-- end of what was measured -->"
WIDTH = 120
TIMES = "\N{MULTIPLICATION SIGN}"


def as_json(document: Document) -> str:
    return json.dumps(document, indent=2) + "\n"


def publish(document: Document, checkout: Path) -> None:
    """Write the results into the documents of the checkout."""
    (checkout / FIGURES).write_text(as_json(document), encoding="utf-8")
    (checkout / PICTURE).write_text(picture(document), encoding="utf-8")
    for name, text in ((PAGE, tables(document)), (README, sentence(document))):
        file = checkout / name
        file.write_text(with_measured(file.read_text(encoding="utf-8"), text), encoding="utf-8")


def with_measured(page: str, text: str) -> str:
    """Return the page with this text between its two markers."""
    before, begin, rest = page.partition(f"{BEGIN}\n")
    _old, end, after = rest.partition(f"{END}\n")
    return "".join([before, begin, text, end, after])


def measured(page: str) -> str:
    """Return the text between the two markers of a page."""
    return page.partition(f"{BEGIN}\n")[2].partition(f"{END}\n")[0]


def sentence(document: Document) -> str:
    """Return the main ratios in a sentence, with the date and the machine."""
    sizes = document["sizes"]
    item = _ratio(document, "task", ITEM, IN_PROCESS, URI)
    limit = _ratio(document, "latency", CREATED_WITHOUT_START, IN_PROCESS, LIMIT)
    listed = _ratio(document, "listing", ALL_FIELDS, IN_PROCESS, LOOP_OF_REQUESTS)
    text = (
        f"Measured on {document['date']}, {_size(document)}: a converged item of a `service` loop takes {item} {TIMES}"
        f" the CPU of a `uri`, creating {sizes['services']}"
        f" Services {limit} {TIMES} the least time that latency allows, listing"
        f" {sizes['listed']:,} {listed} {TIMES} the CPU of a plain loop of requests. [More](docs/performance.md)"
    )
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"


def _ratio(document: Document, group: str, case: str, execution: str, against: str) -> str:
    (rows,) = (found["rows"] for found in document["groups"] if found["name"] == group)
    wanted = {"case": case, "execution": execution, "against": against}
    (row,) = (row for row in rows if wanted.items() <= row.items())
    return shown(row["ratio"])


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
