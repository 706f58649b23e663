# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Lines of text with aligned columns."""

from __future__ import annotations

import typing as t
import unicodedata

#: Columns up to which a cell widens its column.
WIDEST = 40


def aligned(rows: t.Sequence[t.Sequence[str]]) -> list[str]:
    """Return a line for each row. All rows have the same number of cells; the last cell of a row is not padded."""
    columns = range(len(rows[0]) - 1) if rows else []
    widths = [min(max(_width(row[column]) for row in rows), WIDEST) for column in columns]
    return [_line(row, widths) for row in rows]


def count(number: int, noun: str) -> str:
    """Return the count with its noun: 1 number, 2 numbers."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _line(cells: t.Iterable[str], widths: t.Sequence[int]) -> str:
    *columns, last = cells
    padded = [cell + " " * (width - _width(cell)) for cell, width in zip(columns, widths)]
    return "  ".join([*padded, last]).rstrip()


def _width(text: str) -> int:
    """Return about how many columns of a terminal the text takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
