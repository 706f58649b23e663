# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON Pointers."""

from __future__ import annotations

import typing as t

import pytest
from proxy_emulator import pointer


@pytest.fixture
def document() -> t.Any:
    return {"name": "a", "items": [{"x": 1}, {"x": 2}], "a/b": {"~": 0}}


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("/name", {"name": "new", "items": [{"x": 1}, {"x": 2}], "a/b": {"~": 0}}),
        ("/added", {"name": "a", "items": [{"x": 1}, {"x": 2}], "a/b": {"~": 0}, "added": "new"}),
        ("/items/1/x", {"name": "a", "items": [{"x": 1}, {"x": "new"}], "a/b": {"~": 0}}),
        ("/items/0", {"name": "a", "items": ["new", {"x": 2}], "a/b": {"~": 0}}),
        ("/items/-", {"name": "a", "items": [{"x": 1}, {"x": 2}, "new"], "a/b": {"~": 0}}),
        ("/a~1b/~0", {"name": "a", "items": [{"x": 1}, {"x": 2}], "a/b": {"~": "new"}}),
    ],
)
def test_set_value(document: t.Any, place: str, expected: t.Any) -> None:
    pointer.set_value(document, place, "new")
    assert document == expected


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("/name", {"items": [{"x": 1}, {"x": 2}], "a/b": {"~": 0}}),
        ("/items/0", {"name": "a", "items": [{"x": 2}], "a/b": {"~": 0}}),
        ("/items/1/x", {"name": "a", "items": [{"x": 1}, {}], "a/b": {"~": 0}}),
    ],
)
def test_remove(document: t.Any, place: str, expected: t.Any) -> None:
    pointer.remove(document, place)
    assert document == expected


@pytest.mark.parametrize("place", ["/none/x", "/items/2/x", "/items/x", "/items/2", "/name/x"])
def test_absent_parent(document: t.Any, place: str) -> None:
    with pytest.raises((LookupError, TypeError)):
        pointer.set_value(document, place, "new")
    with pytest.raises((LookupError, TypeError)):
        pointer.remove(document, place)
