# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON Pointers (RFC 6901): changing a document at a place inside it."""

from __future__ import annotations

import typing as t


def set_value(document: t.Any, pointer: str, value: t.Any) -> None:
    """Sets a member or replaces an item; ``-`` appends to a list. ``LookupError`` or ``TypeError`` when there is no
    such place."""
    place, last = _parent(document, pointer)
    if isinstance(place, list) and last == "-":
        place.append(value)
    elif isinstance(place, list):
        place[_index(place, last)] = value
    else:
        place[last] = value


def remove(document: t.Any, pointer: str) -> None:
    """Removes a member or an item. ``LookupError`` or ``TypeError`` when it is not there."""
    place, last = _parent(document, pointer)
    del place[_index(place, last) if isinstance(place, list) else last]


def _parent(document: t.Any, pointer: str) -> tuple[t.Any, str]:
    *steps, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    place = document
    for step in steps:
        place = place[_index(place, step)] if isinstance(place, list) else place[step]
    return place, last


def _index(items: list[t.Any], text: str) -> int:
    if not text.isdecimal() or int(text) >= len(items):
        raise LookupError(text)
    return int(text)
