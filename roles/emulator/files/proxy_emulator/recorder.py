# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A memory of the requests to the API, for tests to look at."""

from __future__ import annotations

import collections
import dataclasses
import threading
import typing as t

from .messages import Pairs

# An emulator that runs for weeks forgets the oldest.
CAPACITY = 50_000


@dataclasses.dataclass
class Entry:
    """One request. ``status`` is None until an answer goes out, and for ever when the connection was cut instead;
    ``applied`` says whether the API itself processed the request with success, whatever the client was told."""

    method: str
    path: str
    query: Pairs
    form: Pairs
    account_sid: str | None
    user_agent: str | None
    connection: int
    fault: str | None
    status: int | None = None
    applied: bool = False


class Recorder:
    """The requests in the order in which they came in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: collections.deque[Entry] = collections.deque(maxlen=CAPACITY)

    def add(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)

    def entries(self) -> list[dict[str, t.Any]]:
        with self._lock:
            return [dataclasses.asdict(entry) for entry in self._entries]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
