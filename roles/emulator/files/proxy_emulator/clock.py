# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator's time, which a control request can move, and Twilio's form of it."""

from __future__ import annotations

import datetime as dt

# A time in this form is less than a later one, as a text too.
FORM = "%Y-%m-%dT%H:%M:%SZ"
DAY = 24 * 60 * 60
# The largest number of seconds that is added to a time.
LONGEST = 2**31 - 1


class Clock:
    """The system's time and the seconds by which it was moved."""

    def __init__(self) -> None:
        self._moved = dt.timedelta()

    def move(self, seconds: int) -> None:
        self._moved += dt.timedelta(seconds=seconds)

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.timezone.utc) + self._moved


def timestamp(time: dt.datetime) -> str:
    """Return the time as the API shows it."""
    return time.strftime(FORM)


def later(time: str, seconds: int) -> str:
    """Return a time in the API's form, moved by these seconds."""
    return timestamp(dt.datetime.strptime(time, FORM) + dt.timedelta(seconds=min(seconds, LONGEST)))
