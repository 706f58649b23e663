# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures as they are shown: a table and a picture in docs/, and a line in the README. All made of one document."""

from __future__ import annotations

import itertools
import json
import textwrap
import typing as t
from pathlib import Path

from ansible_collections.twilio.proxy.tests.benchmarks.contenders import DOORS, IN_CONTROLLER
from ansible_collections.twilio.proxy.tests.benchmarks.figures import ALL_FIELDS, GET, ITEM, LEAST, LIMIT, LOOP
from ansible_collections.twilio.proxy.tests.benchmarks.picture import picture, shown

#: What a run of the benchmarks found, as JSON.
Document = dict[str, t.Any]

FIGURES, PICTURE, PAGE, README = (
    "docs/performance.json",
    "docs/images/performance.svg",
    "docs/performance.md",
    "README.md",
)
#: What is between these lines in a document of the checkout is written by the benchmarks.
BEGIN, END = "<!-- measured -->", "<!-- end of what was measured -->"
WIDTH = 120
TIMES = "\N{MULTIPLICATION SIGN}"


def as_json(document: Document) -> str:
    return json.dumps(document, indent=2) + "\n"


def publish(document: Document, checkout: Path) -> None:
    """Writes the figures into the checkout, wherever they are shown."""
    (checkout / FIGURES).write_text(as_json(document), encoding="utf-8")
    (checkout / PICTURE).write_text(picture(document), encoding="utf-8")
    for name, text in ((PAGE, tables(document)), (README, sentence(document))):
        file = checkout / name
        file.write_text(with_measured(file.read_text(encoding="utf-8"), text), encoding="utf-8")


def with_measured(page: str, text: str) -> str:
    """The page with this text between its two marks."""
    before, begin, rest = page.partition(f"{BEGIN}\n")
    _old, end, after = rest.partition(f"{END}\n")
    return "".join([before, begin, text, end, after])


def measured(page: str) -> str:
    """What a page has between its two marks."""
    return page.partition(f"{BEGIN}\n")[2].partition(f"{END}\n")[0]


def sentence(document: Document) -> str:
    """The ratios in a sentence, with the date and the machine."""
    sizes = document["sizes"]
    item = _ratio(document, "task", ITEM, IN_CONTROLLER, GET)
    limit = _ratio(document, "slow", LEAST, IN_CONTROLLER, LIMIT)
    listed = _ratio(document, "listing", ALL_FIELDS, IN_CONTROLLER, LOOP)
    text = (
        f"Measured on {document['date']}, {_size(document)}: a converged item of a `service` loop takes {item} {TIMES}"
        f" the CPU of a `uri`, creating {sizes['services']}"
        f" Services {limit} {TIMES} the least time that latency allows, listing"
        f" {sizes['listed']:,} {listed} {TIMES} the CPU of a bare loop of requests. [More](docs/performance.md)"
    )
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"


def _ratio(document: Document, group: str, case: str, door: str, against: str) -> str:
    (rows,) = (each["rows"] for each in document["groups"] if each["name"] == group)
    wanted = {"case": case, "door": door, "against": against}
    (row,) = (row for row in rows if wanted.items() <= row.items())
    return shown(row["ratio"])


def _size(document: Document) -> str:
    machine = document["machine"]
    return f"{machine['cores']} cores and {machine['memory_gib']:g} GiB"


def tables(document: Document) -> str:
    """All figures as Markdown."""
    machine = document["machine"]
    about = (
        f"On {document['date']}, {_size(document)} ({machine['processor']}, {machine['system']}), with Python"
        f" {machine['python']} and ansible-core {machine['ansible_core']}, in {document['sizes']['rounds']} rounds."
    )
    parts = [textwrap.fill(about, WIDTH), *map(_table, document["groups"]), _memory(document["memory"])]
    return "\n\n".join(parts) + "\n"


def _table(group: dict[str, t.Any]) -> str:
    """A line for each comparison, with a column for each door."""
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for row in group["rows"]:
        cells.setdefault((row["case"], row["against"]), {})[row["door"]] = _cell(row)
    lines = ([*compared, *(found[door] for door in DOORS)] for compared, found in cells.items())
    return _section(group["title"], ["what", "against", *DOORS], lines)


def _cell(row: dict[str, t.Any]) -> str:
    ours, theirs = (amount(row[side], row["unit"]) for side in ("ours", "theirs"))
    goal = "" if row["goal"] is None else f". Goal: {shown(row['goal'])}"
    return f"**{shown(row['ratio'])}** ({shown(row['low'])} to {shown(row['high'])}), {ours} / {theirs}{goal}"


def _memory(memory: dict[str, t.Any]) -> str:
    title = f"Memory of the modules, where an answer takes {amount(memory['latency'], 's')}"
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
    return _section(f"{title}, and the concurrency is {memory['in_flight']}", head, rows)


def _section(title: str, head: t.Sequence[str], rows: t.Iterable[t.Sequence[str]]) -> str:
    lines = itertools.chain([head, ["---"] * len(head)], rows)
    return f"### {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def amount(value: float, unit: str) -> str:
    """An amount with its unit, below a second in milliseconds."""
    if unit == "s" and value < 1:
        return f"{shown(value * 1000)} ms"
    return f"{shown(value)} {unit}".removesuffix(" requests")
