# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""State shared by all objects of an account."""

from __future__ import annotations

import threading
import typing as t

from .clock import Clock
from .owned_numbers import OwnedNumbers
from .rules import Settings

if t.TYPE_CHECKING:
    from .collection import Collection


class Account:
    """An account.

    ``lists`` maps the SID of each object to its list. Hold ``lock`` to read or change objects.
    """

    def __init__(self, given: t.Mapping[str, t.Any], settings: Settings, clock: Clock) -> None:
        self.sid: str = given["account_sid"]
        self.settings = settings
        self.lock = threading.Lock()
        self.clock = clock
        self.lists: dict[str, Collection] = {}
        self.numbers = OwnedNumbers(self.sid, given["phone_numbers"], settings["owns_all_numbers"])
