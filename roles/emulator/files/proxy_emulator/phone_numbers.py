# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The PhoneNumber: a number of the account in the pool of a Service. A number is in at most one pool."""

from __future__ import annotations

import typing as t

from . import errors, rules
from .account import Account
from .resources import Field, Record, Resource, Values


def identify(given: Values, account: Account, path: str) -> Values:
    """Return the number of the account with this SID or, without a SID, with this phone number."""
    sid, phone_number = given["sid"], given["phone_number"]
    if sid is None and phone_number is None:
        raise errors.missing_parameter("Sid or PhoneNumber")
    number = account.numbers.by_number(str(phone_number)) if sid is None else account.numbers.by_sid(str(sid))
    status = account.settings["number_refused_status"]
    if number is None:
        raise errors.Refusal(status, 80301, "The account does not own the Phone Number")
    current_path = account.list_paths.get(number["sid"])
    if current_path == path:
        raise errors.Refusal(status, 80104, "The Phone Number is already in the pool of this Service")
    if current_path is not None:
        raise errors.Refusal(status, 80101, "The Phone Number is in the pool of another Service")
    return {**number, "in_use": 0}


def within_limits(values: Values, others: t.Collection[Record], settings: rules.Settings) -> None:
    """Check the limits of reserved and of unreserved numbers in a pool."""
    kind = "reserved" if values["is_reserved"] else "unreserved"
    limit = settings[f"{kind}_number_limit"]
    if sum(other.values["is_reserved"] == values["is_reserved"] for other in others) >= limit:
        message = f"The Service has reached its limit of {limit} {kind} Phone Numbers"
        raise errors.Refusal(settings["number_limit_status"], settings["number_limit_code"], message)


PHONE_NUMBER = Resource(
    name="Phone Number",
    path="/PhoneNumbers",
    key="phone_numbers",
    fields=(
        Field("sid", "Sid", rules.sid("PN"), immutable=True),
        Field("phone_number", "PhoneNumber", rules.e164, immutable=True),
        Field("is_reserved", "IsReserved", rules.boolean, default=False),
    ),
    identify=identify,
    absent_code=80407,
    may_create=within_limits,
    may_update=within_limits,
)
