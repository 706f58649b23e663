# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault matrix as a table of counts: as text, and as the picture in docs/."""

from __future__ import annotations

import functools
import itertools
import typing as t
from html import escape

from .cases import cases, combinations, exclusions
from .faults import FAULTS, Fault
from .places import PLACES, Place
from .rules import is_successful


class Count(t.NamedTuple):
    """The numbers of cases of one fault at one place that should succeed and fail.

    ``excluded`` counts the combinations of a task with once or persistent that cannot happen there.
    """

    succeeded: int
    failed: int
    excluded: int

    def __add__(self, other: object) -> Count:
        assert isinstance(other, Count)
        return Count(self.succeeded + other.succeeded, self.failed + other.failed, self.excluded + other.excluded)

    @property
    def cases(self) -> int:
        return self.succeeded + self.failed


@functools.cache
def count(fault: Fault, place: Place) -> Count:
    """Return the counts of a fault at a place."""
    successes = [is_successful(case) for case in cases(fault, place)]
    pairs = itertools.product(place.tasks, (False, True))
    excluded = [pair for pair in pairs if exclusions(fault, place, *pair)]
    return Count(sum(successes), len(successes) - sum(successes), len(excluded))


def total() -> Count:
    """Return the counts of all faults at all places."""
    return functools.reduce(Count.__add__, itertools.starmap(count, combinations()), Count(0, 0, 0))


def summary() -> str:
    """Return the counts in a sentence."""
    empty = sum(count(*pair).cases == 0 for pair in combinations())
    return (
        f"{total().cases} cases: {total().succeeded} succeed despite the fault, {total().failed} fail as they should."
        f" {empty} of {len(combinations())} combinations do not apply."
    )


def text() -> str:
    """Return the table for a terminal."""
    width = max(len(fault.name) for fault in FAULTS)
    columns = [max(len(place.name), 9) for place in PLACES]
    lines = [" " * width + "".join(f"  {place.name:>{size}}" for place, size in zip(PLACES, columns, strict=True))]
    for fault in FAULTS:
        cells = (_cell_text(count(fault, place)) for place in PLACES)
        lines.append(
            f"{fault.name:<{width}}" + "".join(f"  {cell:>{size}}" for cell, size in zip(cells, columns, strict=True))
        )
    return "\n".join([*lines, "", "succeeded + failed as they should; - does not apply", summary()])


def _cell_text(found: Count) -> str:
    return f"{found.succeeded}+{found.failed}" if found.cases else "-"


# The picture. It depends on the tables alone: no date, no times, nothing of the machine.

LEFT, TOP, WIDE, HIGH, GAP = 300, 134, 92, 22, 3
NONE = "\N{EN DASH}"
STYLE = """
text { font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.title { font-size: 18px; font-weight: 600 }
.count { font-size: 12px; text-anchor: middle; font-variant-numeric: tabular-nums }
.name { text-anchor: end }
.note, .none { fill: #59636e }
.none { text-anchor: middle }
.succeeded { fill: #9ecbf2 }
.failed { fill: #f5c77e }
.page { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .note, .none { fill: #9198a1 }
  .succeeded { fill: #1c5a94 }
  .failed { fill: #8a5a00 }
  .page { fill: #0d1117 }
}
"""


def picture() -> str:
    """Return the table as SVG."""
    width, height = LEFT + len(PLACES) * WIDE + 16, TOP + len(FAULTS) * HIGH + 16
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"',
            f'  width="{width}" height="{height}" role="img" aria-labelledby="title summary">',
            '<title id="title">The fault matrix</title>',
            f'<desc id="summary">{escape(summary())}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="page" width="{width}" height="{height}"/>',
            '<text class="title" x="16" y="30">Tested: every fault, at every place</text>',
            f'<text class="note" x="16" y="52">{escape(summary())}</text>',
            *_legend(),
            *(_heading(column, place) for column, place in enumerate(PLACES)),
            *itertools.chain.from_iterable(_row(row, fault) for row, fault in enumerate(FAULTS)),
            "</svg>",
            "",
        ]
    )


def _legend() -> t.Iterator[str]:
    labels = (("succeeded", "succeeded"), ("failed", "failed as it should"))
    for number, (kind, label) in enumerate(labels):
        x = 16 + number * 120
        yield f'<rect class="{kind}" x="{x}" y="66" width="14" height="14" rx="3"/>'
        yield f'<text class="note" x="{x + 20}" y="78">{label}</text>'
    yield f'<text class="note" x="290" y="78">{NONE} does not apply</text>'


def _heading(column: int, place: Place) -> str:
    # A long name takes two lines, broken at the space nearest to its middle.
    spaces = [index for index, char in enumerate(place.name) if char == " "]
    middle = min(spaces, key=lambda index: abs(index - len(place.name) / 2), default=len(place.name))
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
        if not found.cases:
            yield f'<text class="none" x="{x + (WIDE - GAP) / 2:g}" y="{y + 14}">{NONE}</text>'
            continue
        split = round((WIDE - GAP) * found.succeeded / found.cases)
        parts = (("succeeded", x, split, found.succeeded), ("failed", x + split, WIDE - GAP - split, found.failed))
        for kind, start, size, number in parts:
            if number:
                yield f'<rect class="{kind}" x="{start}" y="{y}" width="{size}" height="{HIGH - GAP}"/>'
                yield f'<text class="count" x="{start + size / 2:g}" y="{y + 14}">{number}</text>'
