# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rate limits: a token bucket for each endpoint."""

from __future__ import annotations

import math
import threading
import time
import typing as t

from .errors import too_many_requests
from .rules import Settings

# Five times the rate for five seconds uses the tokens of this many seconds more than are added.
BURST_SECONDS = 20


class RateLimiter:
    """A token bucket for each key. ``clock`` returns seconds."""

    def __init__(self, settings: Settings, clock: t.Callable[[], float] = time.monotonic) -> None:
        self._rate: float | None = settings["rate_limit"]
        self._burst = settings["rate_limit_burst"] or max(1, math.ceil(BURST_SECONDS * (self._rate or 0)))
        self._retry_after: bool | float = settings["retry_after"]
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[t.Hashable, tuple[float, float]] = {}

    def admit(self, key: t.Hashable) -> None:
        """Use one token of the key. Raise ``Refusal`` if there is none."""
        if self._rate is None:
            return
        with self._lock:
            now = self._clock()
            tokens, since = self._buckets.get(key, (float(self._burst), now))
            tokens = min(float(self._burst), tokens + (now - since) * self._rate)
            admitted = tokens >= 1
            self._buckets[key] = (tokens - 1 if admitted else tokens, now)
        if not admitted:
            raise too_many_requests(self._headers((1 - tokens) / self._rate))

    def _headers(self, seconds_left: float) -> dict[str, str]:
        if self._retry_after is False:
            return {}
        if self._retry_after is True:
            return {"Retry-After": str(math.ceil(seconds_left))}
        return {"Retry-After": f"{self._retry_after:g}"}
