# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phone numbers that an account owns, whether or not they are in a pool."""

from __future__ import annotations

import hashlib
import re
import typing as t

from .rules import E164

Number = t.Mapping[str, t.Any]

CAPABILITIES = {"voice": True, "sms": True, "mms": True, "fax": False}


def described(account_sid: str, given: Number) -> dict[str, t.Any]:
    """Return all members of a number of which at least ``phone_number`` is given."""
    phone_number = given["phone_number"]
    return {
        "sid": sid_of(account_sid, phone_number),
        "friendly_name": phone_number,
        "iso_country": "US" if phone_number.startswith("+1") else None,
        **given,
        "capabilities": {**CAPABILITIES, **given.get("capabilities", {})},
    }


def sid_of(account_sid: str, phone_number: str) -> str:
    """Return the SID of a number for which none is given. It depends only on the account and the number."""
    return "PN" + hashlib.sha256(f"{account_sid} {phone_number}".encode()).hexdigest()[:32]


class OwnedNumbers:
    """The listed numbers of an account. With ``owns_all``, any other number is added when it is first requested."""

    def __init__(self, account_sid: str, listed: t.Sequence[Number], owns_all: bool) -> None:
        self._account_sid = account_sid
        self._owns_all = owns_all
        self._by_sid: dict[str, Number] = {}
        self._by_number: dict[str, Number] = {}
        for number in listed:
            self._add(described(account_sid, number))

    def by_sid(self, sid: str) -> Number | None:
        return self._by_sid.get(sid)

    def by_number(self, phone_number: str) -> Number | None:
        if phone_number not in self._by_number and self._owns_all and re.fullmatch(E164, phone_number):
            self._add(described(self._account_sid, {"phone_number": phone_number}))
        return self._by_number.get(phone_number)

    def _add(self, number: Number) -> None:
        self._by_sid[number["sid"]] = number
        self._by_number[number["phone_number"]] = number
