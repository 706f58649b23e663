# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ratios as a picture: a line for each comparison, a mark for each way of execution, on a logarithmic axis."""

from __future__ import annotations

import itertools
import math
import typing as t
from html import escape

from ansible_collections.twilio.proxy.tests.benchmarks.workloads import AS_MODULE, IN_PROCESS

LEFT, WIDE, RIGHT, TOP, HIGH, HEADING = 424, 420, 132, 118, 24, 40
#: Vertical distance of a mark from the middle of its line, so that the two do not hide each other.
OFFSETS = {IN_PROCESS: -4.5, AS_MODULE: 4.5}
KINDS = {IN_PROCESS: "in-process", AS_MODULE: "module"}
#: Smaller ratios are drawn here.
SMALLEST = 0.001
STYLE = """
text { font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.title { font-size: 18px; font-weight: 600 }
.heading { font-weight: 600 }
.name { text-anchor: end }
.value { font-size: 11px; font-variant-numeric: tabular-nums }
.axis { font-size: 11px; text-anchor: middle }
.note, .axis { fill: #59636e }
.grid { stroke: #d1d9e0; stroke-width: 1 }
.same { stroke: #59636e; stroke-width: 1.5 }
.in-process { fill: #0a69da; stroke: #0a69da }
.module { fill: #bc4c00; stroke: #bc4c00 }
.whisker { stroke-width: 1.5 }
.goal { stroke: #1a7f37; stroke-width: 3 }
.page { fill: #ffffff }
text.in-process, text.module { stroke: none }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .note, .axis { fill: #9198a1 }
  .grid { stroke: #3d444d }
  .same { stroke: #9198a1 }
  .in-process { fill: #58a6ff; stroke: #58a6ff }
  .module { fill: #f0883e; stroke: #f0883e }
  .goal { stroke: #3fb950 }
  .page { fill: #0d1117 }
}
"""

Row = dict[str, t.Any]


class Axis(t.NamedTuple):
    """A logarithmic axis between two powers of ten, given by their exponents."""

    first: int
    last: int

    def at(self, value: float) -> float:
        """Return the x coordinate of a value."""
        share = (math.log10(max(value, SMALLEST)) - self.first) / (self.last - self.first)
        return LEFT + WIDE * share


def axis_of(values: t.Iterable[float]) -> Axis:
    """Return the axis for these values and 1."""
    exponents = [0.0, *(math.log10(max(value, SMALLEST)) for value in values)]
    first, last = math.floor(min(exponents)), math.ceil(max(exponents))
    return Axis(first, max(last, first + 1))


def shown(value: float) -> str:
    """Return a number with three significant digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def picture(document: t.Mapping[str, t.Any]) -> str:
    """Return the results as SVG."""
    groups = document["groups"]
    rows = [row for group in groups for row in group["rows"]]
    axis = axis_of(value for row in rows for value in (row["low"], row["high"], row["goal"] or 1.0))
    body, bottom = _body(groups, axis)
    width, height = LEFT + WIDE + RIGHT, bottom + 16
    summary = f"{len(rows)} ratios, measured on {document['date']}. Below 1, the collection costs less."
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"',
            f'  width="{width}" height="{height}" role="img" aria-labelledby="title summary">',
            '<title id="title">Cost compared with the alternatives</title>',
            f'<desc id="summary">{escape(summary)}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="page" width="{width}" height="{height}"/>',
            '<text class="title" x="16" y="30">Cost compared with the alternatives</text>',
            f'<text class="note" x="16" y="52">{escape(summary)}</text>',
            *_legend(),
            *_grid(axis, bottom),
            *body,
            "</svg>",
            "",
        ]
    )


def _legend() -> t.Iterator[str]:
    for number, (execution, kind) in enumerate(KINDS.items()):
        x = 22 + number * 150
        yield _mark(kind, x, 76)
        yield f'<text class="note" x="{x + 12}" y="80">{escape(execution)}</text>'
    yield '<line class="whisker in-process" x1="310" y1="76" x2="334" y2="76"/>'
    yield '<text class="note" x="342" y="80">smallest to largest of the rounds</text>'
    yield '<line class="goal" x1="570" y1="69" x2="570" y2="83"/>'
    yield '<text class="note" x="578" y="80">goal</text>'


def _grid(axis: Axis, bottom: int) -> t.Iterator[str]:
    for exponent in range(axis.first, axis.last + 1):
        x, kind = axis.at(10.0**exponent), "grid" if exponent else "same"
        yield f'<line class="{kind}" x1="{x:g}" y1="{TOP}" x2="{x:g}" y2="{bottom}"/>'
        yield f'<text class="axis" x="{x:g}" y="{TOP - 6}">{10.0**exponent:g}</text>'


def _body(groups: t.Iterable[t.Mapping[str, t.Any]], axis: Axis) -> tuple[list[str], int]:
    """Return the groups one below the other, and the y coordinate of their end."""
    found, y = [], TOP
    for group in groups:
        found.append(f'<text class="heading" x="16" y="{y + HEADING - 16}">{_plain(group["title"])}</text>')
        y += HEADING
        for (case, against), rows in itertools.groupby(group["rows"], lambda row: (row["case"], row["against"])):
            label = _plain(f"{case} / {against}")
            found.append(f'<text class="name" x="{LEFT - 14}" y="{y + HIGH / 2 + 4:g}">{label}</text>')
            for row in rows:
                found += _row(row, y + HIGH / 2, axis)
            y += HIGH
    return found, y


def _row(row: Row, middle: float, axis: Axis) -> t.Iterator[str]:
    kind, y = KINDS[row["execution"]], middle + OFFSETS[row["execution"]]
    low, x, high = (axis.at(row[name]) for name in ("low", "ratio", "high"))
    if row["goal"] is not None:
        goal = axis.at(row["goal"])
        yield f'<line class="goal" x1="{goal:.1f}" y1="{y - 5:g}" x2="{goal:.1f}" y2="{y + 5:g}"/>'
    yield f'<line class="whisker {kind}" x1="{low:.1f}" y1="{y:g}" x2="{high:.1f}" y2="{y:g}"/>'
    yield _mark(kind, x, y)
    column = LEFT + WIDE + 14 + 58 * list(KINDS).index(row["execution"])
    yield f'<text class="value {kind}" x="{column}" y="{middle + 4:g}">{shown(row["ratio"])}</text>'


def _mark(kind: str, x: float, y: float) -> str:
    """Return a circle or a square, as not everybody can tell the colours apart."""
    if kind == KINDS[IN_PROCESS]:
        return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:g}" r="4"/>'
    return f'<rect class="{kind}" x="{x - 3.5:.1f}" y="{y - 3.5:g}" width="7" height="7"/>'


def _plain(text: str) -> str:
    """Return Markdown as the text of an element."""
    return escape(text.replace("`", ""))
