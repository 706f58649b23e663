# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix as a table of counts: as text, and as the picture in docs/."""

from __future__ import annotations

import functools
import itertools
import typing as t
from html import escape

from .cells import cells, excluded, fields
from .faults import FAULTS, Fault
from .places import PLACES, Place
from .rules import ends_well


class Count(t.NamedTuple):
    """What is tried in one field: how many cells are to end well, and how many in a failure. ``left_out`` counts the
    ways of trying (task, once or for ever) in which the fault does not happen there."""

    well: int
    failed: int
    left_out: int

    def __add__(self, other: object) -> Count:
        assert isinstance(other, Count)
        return Count(self.well + other.well, self.failed + other.failed, self.left_out + other.left_out)

    @property
    def tried(self) -> int:
        return self.well + self.failed


@functools.cache
def count(fault: Fault, place: Place) -> Count:
    """The counts of one field."""
    ends = [ends_well(cell) for cell in cells(fault, place)]
    ways = itertools.product(place.tasks, (False, True))
    left_out = [way for way in ways if excluded(fault, place, *way)]
    return Count(sum(ends), len(ends) - sum(ends), len(left_out))


def total() -> Count:
    """The counts of all fields."""
    return functools.reduce(Count.__add__, itertools.starmap(count, fields()), Count(0, 0, 0))


def summary() -> str:
    """The counts in a sentence."""
    never = sum(count(*field).tried == 0 for field in fields())
    return (
        f"{total().tried} cells: {total().well} end well after the trouble, {total().failed} fail as they should."
        f" {never} of {len(fields())} fields do not apply."
    )


def text() -> str:
    """The table for a terminal."""
    width = max(len(fault.name) for fault in FAULTS)
    columns = [max(len(place.name), 9) for place in PLACES]
    lines = [" " * width + "".join(f"  {place.name:>{size}}" for place, size in zip(PLACES, columns, strict=True))]
    for fault in FAULTS:
        quoted = (_shown(count(fault, place)) for place in PLACES)
        lines.append(
            f"{fault.name:<{width}}" + "".join(f"  {each:>{size}}" for each, size in zip(quoted, columns, strict=True))
        )
    return "\n".join([*lines, "", "ended well + failed as they should; - does not apply", summary()])


def _shown(found: Count) -> str:
    return f"{found.well}+{found.failed}" if found.tried else "-"


# The picture. Numbers and tables only: no date, no timing, nothing of the machine that draws it.

LEFT, TOP, WIDE, HIGH, GAP = 300, 134, 92, 22, 3
NONE = "\N{EN DASH}"
STYLE = """
text { font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.title { font-size: 18px; font-weight: 600 }
.count { font-size: 12px; text-anchor: middle; font-variant-numeric: tabular-nums }
.name { text-anchor: end }
.note, .none { fill: #59636e }
.none { text-anchor: middle }
.well { fill: #9ecbf2 }
.failed { fill: #f5c77e }
.page { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .note, .none { fill: #9198a1 }
  .well { fill: #1c5a94 }
  .failed { fill: #8a5a00 }
  .page { fill: #0d1117 }
}
"""


def picture() -> str:
    """The table as SVG."""
    width, height = LEFT + len(PLACES) * WIDE + 16, TOP + len(FAULTS) * HIGH + 16
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"',
            f'  width="{width}" height="{height}" role="img" aria-labelledby="title summary">',
            '<title id="title">The fault matrix</title>',
            f'<desc id="summary">{escape(summary())}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="page" width="{width}" height="{height}"/>',
            '<text class="title" x="16" y="30">What was tried: every fault, at every place</text>',
            f'<text class="note" x="16" y="52">{escape(summary())}</text>',
            *_legend(),
            *(_heading(column, place) for column, place in enumerate(PLACES)),
            *itertools.chain.from_iterable(_row(row, fault) for row, fault in enumerate(FAULTS)),
            "</svg>",
            "",
        ]
    )


def _legend() -> t.Iterator[str]:
    words = (("well", "ended well"), ("failed", "failed as it should"))
    for number, (kind, meaning) in enumerate(words):
        x = 16 + number * 120
        yield f'<rect class="{kind}" x="{x}" y="66" width="14" height="14" rx="3"/>'
        yield f'<text class="note" x="{x + 20}" y="78">{meaning}</text>'
    yield f'<text class="note" x="290" y="78">{NONE} does not apply</text>'


def _heading(column: int, place: Place) -> str:
    # A long name goes on two lines, broken at the blank nearest to its middle.
    blanks = [at for at, char in enumerate(place.name) if char == " "]
    middle = min(blanks, key=lambda at: abs(at - len(place.name) / 2), default=len(place.name))
    parts = [part for part in (place.name[:middle], place.name[middle + 1 :]) if part]
    x = LEFT + column * WIDE + (WIDE - GAP) / 2
    return "".join(
        f'<text class="count" x="{x:g}" y="{TOP - 10 - 15 * (len(parts) - 1 - line)}">{escape(part)}</text>'
        for line, part in enumerate(parts)
    )


def _row(row: int, fault: Fault) -> t.Iterator[str]:
    y = TOP + row * HIGH
    yield f'<text class="name" x="{LEFT - 10}" y="{y + 14}">{escape(fault.name)}</text>'
    for column, place in enumerate(PLACES):
        found, x = count(fault, place), LEFT + column * WIDE
        if not found.tried:
            yield f'<text class="none" x="{x + (WIDE - GAP) / 2:g}" y="{y + 14}">{NONE}</text>'
            continue
        split = round((WIDE - GAP) * found.well / found.tried)
        parts = (("well", x, split, found.well), ("failed", x + split, WIDE - GAP - split, found.failed))
        for kind, start, size, number in parts:
            if number:
                yield f'<rect class="{kind}" x="{start}" y="{y}" width="{size}" height="{HIGH - GAP}"/>'
                yield f'<text class="count" x="{start + size / 2:g}" y="{y + 14}">{number}</text>'
