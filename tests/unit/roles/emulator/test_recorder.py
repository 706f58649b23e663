# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limits of the recorded requests."""

from __future__ import annotations

import json

import pytest
from proxy_emulator import recorder


def entry(number: int, text: str = "") -> recorder.Entry:
    return recorder.Entry("POST", "/", "[]", json.dumps([["UniqueName", text]]), None, None, number, None)


def numbers(record: recorder.Recorder) -> list[int]:
    return [found["connection"] for found in record.entries()]


def test_oldest_entries_beyond_the_number_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "CAPACITY", 2)
    record = recorder.Recorder()
    for number in range(4):
        record.add(entry(number))
    assert numbers(record) == [2, 3]


def test_oldest_entries_beyond_the_size_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "CAPACITY_BYTES", 25_000)
    record = recorder.Recorder()
    for number in range(4):
        record.add(entry(number, "a" * 10_000))
    assert numbers(record) == [2, 3]
    record.clear()
    for number in range(6, 8):
        record.add(entry(number, "a" * 10_000))
    assert numbers(record) == [6, 7]
