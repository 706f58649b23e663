# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault matrix as a table of counts."""

from __future__ import annotations

import functools
import itertools
import typing as t

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
