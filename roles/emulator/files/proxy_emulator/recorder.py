# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recorded requests to the API."""

from __future__ import annotations

import collections
import dataclasses
import json
import threading
import typing as t

# The oldest entries beyond these limits are dropped.
CAPACITY = 50_000
CAPACITY_BYTES = 32 * 1024 * 1024
# Approximate size of an entry without its texts.
ENTRY_BYTES = 512


@dataclasses.dataclass
class Entry:
    """One request.

    ``query`` and ``form`` are pairs as JSON, which takes the least memory. ``status`` is None until the answer is sent;
    it stays None if the connection is cut. ``applied`` is true if the API processed the request successfully, whatever
    answer was sent.
    """

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
        """Return the approximate size of the entry in memory."""
        return ENTRY_BYTES + sum(map(len, (self.path, self.query, self.form, self.user_agent or "")))

    def document(self) -> dict[str, t.Any]:
        """Return the entry as a JSON document."""
        return {**dataclasses.asdict(self), "query": json.loads(self.query), "form": json.loads(self.form)}


class Recorder:
    """The requests in the order of their arrival."""

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
        return [entry.document() for entry in entries]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._bytes = 0
