# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A memory of the requests to the API, for tests to look at."""

from __future__ import annotations

import collections
import dataclasses
import json
import threading
import typing as t

# An emulator that runs for weeks forgets the oldest: beyond so many, or so many bytes of memory.
CAPACITY = 50_000
CAPACITY_BYTES = 32 * 1024 * 1024
# About what an entry takes without its texts.
ENTRY_BYTES = 512


@dataclasses.dataclass
class Entry:
    """One request. ``query`` and ``form`` are pairs as JSON, which takes the least memory. ``status`` is None until an
    answer goes out, and for ever when the connection was cut instead; ``applied`` says whether the API itself processed
    the request with success, whatever the client was told."""

    method: str
    path: str
    query: str
    form: str
    account_sid: str | None
    user_agent: str | None
    connection: int
    fault: str | None
    status: int | None = None
    applied: bool = False

    def size(self) -> int:
        """Return about how much memory the entry takes."""
        return ENTRY_BYTES + sum(map(len, (self.path, self.query, self.form, self.user_agent or "")))

    def shown(self) -> dict[str, t.Any]:
        """Return the entry as JSON has it."""
        return {**dataclasses.asdict(self), "query": json.loads(self.query), "form": json.loads(self.form)}


class Recorder:
    """The requests in the order in which they came in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: collections.deque[Entry] = collections.deque()
        self._bytes = 0

    def add(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)
            self._bytes += entry.size()
            while len(self._entries) > CAPACITY or self._bytes > CAPACITY_BYTES:
                self._bytes -= self._entries.popleft().size()

    def entries(self) -> list[dict[str, t.Any]]:
        with self._lock:
            entries = list(self._entries)
        return [entry.shown() for entry in entries]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._bytes = 0
