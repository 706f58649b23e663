# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The PhoneNumber: a number of the account in the pool of a Service. A number is in at most one pool."""

from __future__ import annotations

import typing as t

from . import errors, rules
from .claims import users
from .resources import Field, Record, Resource, Values

if t.TYPE_CHECKING:
    from .collection import Collection


def identify(given: Values, pool: Collection) -> Values:
    """Return the number of the account with this SID or, without a SID, with this phone number."""
    sid, phone_number = given["sid"], given["phone_number"]
    if sid is None and phone_number is None:
        raise errors.missing_parameter("Sid or PhoneNumber")
    account = pool.account
    number = account.numbers.by_number(str(phone_number)) if sid is None else account.numbers.by_sid(str(sid))
    status = account.settings["number_refused_status"]
    if number is None:
        raise errors.Refusal(status, 80301, "The account does not own the Phone Number")
    current = account.lists.get(number["sid"])
    if current is pool:
        raise errors.Refusal(status, 80104, "The Phone Number is already in the pool of this Service")
    if current is not None:
        raise errors.Refusal(status, 80101, "The Phone Number is in the pool of another Service")
    return number


def within_limits(values: Values, pool: Collection) -> None:
    """Check the limits of reserved and of unreserved numbers in a pool."""
    settings = pool.settings
    kind = "reserved" if values["is_reserved"] else "unreserved"
    limit = settings[f"{kind}_number_limit"]
    if sum(number.values["is_reserved"] == values["is_reserved"] for number in pool.records()) >= limit:
        message = f"The Service has reached its limit of {limit} {kind} Phone Numbers"
        raise errors.Refusal(settings["number_limit_status"], settings["number_limit_code"], message)


def change(given: Values, number: Record, pool: Collection) -> Values:
    """Check the limit of the numbers to which this one would belong."""
    values = {**number.values, **given}
    if values != number.values:
        within_limits(values, pool)
    return given


def in_use(number: Record, pool: Collection) -> Values:
    """Return how many Sessions that are not closed use the number."""
    return {"in_use": len(users(number.sid, pool.sibling("/Sessions")))}


def may_remove(number: Record, pool: Collection) -> None:
    """Check that no Session uses the number."""
    if pool.settings["removal_of_number_in_use"] == "refused" and users(number.sid, pool.sibling("/Sessions")):
        raise errors.Refusal(400, 80611, "The Phone Number is in use by an active Session")


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
    change=change,
    may_delete=may_remove,
    compute=in_use,
)
