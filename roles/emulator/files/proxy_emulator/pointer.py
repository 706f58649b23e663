# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change a document at a JSON Pointer (RFC 6901)."""

from __future__ import annotations

import typing as t


def set_value(document: t.Any, pointer: str, value: t.Any) -> None:
    """Set a member or replace an item. ``-`` appends to a list.

    :raises LookupError, TypeError: if the parent of the member does not exist.
    """
    parent, name = _parent(document, pointer)
    if isinstance(parent, list) and name == "-":
        parent.append(value)
    elif isinstance(parent, list):
        parent[_index(parent, name)] = value
    else:
        parent[name] = value


def remove(document: t.Any, pointer: str) -> None:
    """Remove a member or an item.

    :raises LookupError, TypeError: if it does not exist.
    """
    parent, name = _parent(document, pointer)
    del parent[_index(parent, name) if isinstance(parent, list) else name]


def _parent(document: t.Any, pointer: str) -> tuple[t.Any, str]:
    *names, last = [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
    parent = document
    for name in names:
        parent = parent[_index(parent, name)] if isinstance(parent, list) else parent[name]
    return parent, last


def _index(items: list[t.Any], text: str) -> int:
    if not text.isdecimal() or int(text) >= len(items):
        raise LookupError(text)
    return int(text)
