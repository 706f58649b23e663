# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""State shared by all objects of an account."""

from __future__ import annotations

import threading
import typing as t

from .owned_numbers import OwnedNumbers
from .rules import Settings


class Account:
    """An account.

    ``list_paths`` maps the SID of each object to the path of its list. Hold ``lock`` to read or change objects.
    """

    def __init__(self, given: t.Mapping[str, t.Any], settings: Settings) -> None:
        self.sid: str = given["account_sid"]
        self.settings = settings
        self.lock = threading.Lock()
        self.list_paths: dict[str, str] = {}
        self.numbers = OwnedNumbers(self.sid, given["phone_numbers"], settings["owns_all_numbers"])
