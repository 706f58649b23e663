# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What is in an account: its Services, the use of its phone numbers, and its Sessions by status and age. Pure."""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta

from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE, SESSION, parse_instant
from ansible_collections.twilio.proxy.plugins.module_utils._services_file import POOL, options_of
from ansible_collections.twilio.proxy.plugins.module_utils._sessions_plan import CLOSABLE

#: The options of a Service beside its name and its SID.
SETTINGS = [field.name for field in options_of(SERVICE) if field.name not in (SERVICE.name_field, "sid")]
#: Why module services_info leaves a value out.
REASONS = {
    "secret": "it contains a secret",
    "sid": "it contains a SID",
    "name": "Twilio's answer has no phone_number for a number in it",
}
#: How many numbers a pool can have. Source: Twilio's documentation of the limits of Proxy.
LIMITS = {"unreserved": 500, "reserved": 5000}
STATUSES = SESSION.field("status").choices or ()
#: The ages of a Session, youngest first, each with the days at which it ends.
AGES = {"under_1_day": 1, "1_to_7_days": 7, "7_to_30_days": 30, "over_30_days": None}

Inventory = dict[str, t.Any]
Sessions = t.Sequence[t.Mapping[str, t.Any]]


def inventory(
    service: t.Mapping[str, t.Any], account: t.Mapping[str, t.Any], sessions: Sessions | None, now: datetime
) -> Inventory:
    """Return what is known of a Service in the result of module services_info. An unknown pool is None."""
    name = service.get(SERVICE.name_field)
    lost = {item["option"]: REASONS[item["reason"]] for item in account.get("left_out", ()) if item["service"] == name}
    numbers = [
        {
            "phone_number": number["phone_number"],
            "is_reserved": bool(number.get("is_reserved")),
            "in_use": (account.get("in_use") or {}).get(number["phone_number"], 0),
        }
        for number in service.get(POOL, ())
    ]
    reserved = sum(number["is_reserved"] for number in numbers)
    sizes = {"unreserved": len(numbers) - reserved, "reserved": reserved}
    return {
        SERVICE.name_field: name,
        **({"sid": service["sid"]} if "sid" in service else {}),
        "options": {option: service[option] for option in SETTINGS if option in service},
        "left_out": lost,
        POOL: None if POOL in lost else numbers,
        "room": None if POOL in lost else {kind: max(0, limit - sizes[kind]) for kind, limit in LIMITS.items()},
        **({} if sessions is None else _counts(sessions, now)),
    }


def _counts(sessions: Sessions, now: datetime) -> Inventory:
    """Return how many Sessions have each status, and of those that can be closed, each age."""
    statuses, ages = dict.fromkeys(STATUSES, 0), dict.fromkeys(AGES, 0)
    for session in sessions:
        statuses[session["status"]] = statuses.get(session["status"], 0) + 1
        created = parse_instant(session["date_created"])
        if session["status"] in CLOSABLE and created is not None:
            days = (now - created) / timedelta(days=1)
            ages[next(age for age, end in AGES.items() if end is None or days < end)] += 1
    return {"sessions": statuses, "ages": ages}
