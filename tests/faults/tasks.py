# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks of the matrix. A row says what a module is given, and the Services before and after it.

A resource is covered by rows here: the requests that its tasks send, and so the places of faults, are found by a run
without one. Rows use the names of the emulator's settings.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "a-token-that-nobody-may-see"
PASSWORD = "a-password-that-nobody-may-see"
URL = f"https://user:{PASSWORD}@example.com/callback"

Json = dict[str, t.Any]

#: The modules that change many objects.
BULK = ("services", "sessions")

A, B, C, D, E = (f"+1202555010{number}" for number in range(5))
SID_OF = {number: f"PN{position:032}" for position, number in enumerate((A, B, C, D, E))}
NUMBERS = [{"phone_number": number, "sid": sid} for number, sid in SID_OF.items()]

MESSAGE: Json = {"sid": "KI" + "1" * 32, "type": "message"}
CALL: Json = {"sid": "KI" + "2" * 32, "type": "voice"}
TALK: Json = {"sid": "KC" + "3" * 32, "unique_name": "talk", "interactions": [MESSAGE, CALL]}
NORTH: Json = {"sid": "KS" + "1" * 32, "unique_name": "north", "sessions": [TALK]}
RIDES: Json = {
    "sid": "KS" + "2" * 32,
    "unique_name": "rides",
    "default_ttl": 5,
    "callback_url": URL,
    "phone_numbers": [{"phone_number": A}],
}
SOUTH: Json = {"sid": "KS" + "3" * 32, "unique_name": "south", "phone_numbers": [{"phone_number": B}]}
#: Its participant has a chat channel, and so no number of the pool.
RIDER: Json = {"sid": "KP" + "1" * 32, "identifier": "messenger:1", "proxy_identifier": "messenger:9"}
RIDE: Json = {"sid": "KC" + "1" * 32, "unique_name": "ride 1", "ttl": 5, "participants": [RIDER]}
OLD_RIDE: Json = {"sid": "KC" + "2" * 32, "unique_name": "ride 0", "status": "closed"}
MORE_RIDES: tuple[Json, ...] = tuple(
    {"sid": f"KC{number}" + "4" * 31, "unique_name": f"ride {number}"} for number in (2, 3)
)
WEST: Json = {"sid": "KS" + "4" * 32, "unique_name": "west", "sessions": [OLD_RIDE, RIDE]}
ALL = (NORTH, RIDES, SOUTH, WEST)


def replaced(service: Json, **fields: t.Any) -> tuple[Json, ...]:
    """Return all Services with other fields in one of them; a field that is None is left out."""
    new = {name: value for name, value in {**service, **fields}.items() if value is not None}
    return tuple(new if other is service else other for other in ALL)


def with_sessions(*sessions: Json) -> tuple[Json, ...]:
    """Return all Services with these Sessions in the one that has Sessions."""
    return replaced(WEST, sessions=[*sessions])


def without(service: Json) -> tuple[Json, ...]:
    """Return all Services but one."""
    return tuple(other for other in ALL if other is not service)


@dataclass(frozen=True, eq=False)
class Task:
    """A task. ``in_flight`` of its writing requests are sent before the first of them is answered."""

    name: str
    module: str
    options: Json
    after: tuple[Json, ...] = ALL
    before: tuple[Json, ...] = ALL
    in_flight: int = 1


IN_RIDES = {"service_unique_name": "rides"}
IN_RIDES_BY_SID = {"service_sid": RIDES["sid"]}
IN_WEST = {"service_unique_name": "west"}
IN_TALK = {"service_unique_name": "north", "session_unique_name": "talk"}
IN_RIDE = {**IN_WEST, "session_unique_name": "ride 1"}
IN_RIDE_BY_SID = {"service_sid": WEST["sid"], "session_sid": RIDE["sid"]}
DRIVER: Json = {"identifier": "messenger:2", "friendly_name": "driver", "proxy_identifier": "messenger:9"}

TASKS = (
    Task("read all Services", "service_info", {}),
    Task("read a Service by name", "service_info", {"unique_name": "rides"}),
    Task("read a Service by SID", "service_info", {"sid": RIDES["sid"]}),
    Task("leave a Service as it is", "service", {"unique_name": "rides", "default_ttl": 5}),
    Task(
        "create a Service",
        "service",
        {"unique_name": "trips", "default_ttl": 60, "callback_url": URL},
        after=(*ALL, {"unique_name": "trips", "default_ttl": 60, "callback_url": URL}),
    ),
    Task(
        "update a Service by name",
        "service",
        {"unique_name": "rides", "default_ttl": 60, "callback_url": ""},
        after=replaced(RIDES, default_ttl=60, callback_url=None),
    ),
    Task(
        "rename a Service by SID",
        "service",
        {"sid": RIDES["sid"], "unique_name": "trips"},
        after=replaced(RIDES, unique_name="trips"),
    ),
    Task("delete a Service by name", "service", {"unique_name": "rides", "state": "absent"}, after=without(RIDES)),
    Task("delete a Service by SID", "service", {"sid": RIDES["sid"], "state": "absent"}, after=without(RIDES)),
    Task("read a pool", "phone_number_info", IN_RIDES),
    Task("read a number by SID", "phone_number_info", {**IN_RIDES_BY_SID, "sid": SID_OF[A]}),
    Task(
        "add a number",
        "phone_number",
        {**IN_RIDES, "phone_number": C, "is_reserved": True},
        after=replaced(RIDES, phone_numbers=[{"phone_number": A}, {"phone_number": C, "is_reserved": True}]),
    ),
    Task(
        "add a number by SID",
        "phone_number",
        {**IN_RIDES_BY_SID, "sid": SID_OF[C]},
        after=replaced(RIDES, phone_numbers=[{"phone_number": A}, {"phone_number": C}]),
    ),
    Task(
        "change a number",
        "phone_number",
        {**IN_RIDES_BY_SID, "phone_number": A, "is_reserved": True},
        after=replaced(RIDES, phone_numbers=[{"phone_number": A, "is_reserved": True}]),
    ),
    Task(
        "change a number and never add it",
        "phone_number",
        {**IN_RIDES_BY_SID, "sid": SID_OF[A], "is_reserved": True, "create": False},
        after=replaced(RIDES, phone_numbers=[{"phone_number": A, "is_reserved": True}]),
    ),
    Task(
        "remove a number",
        "phone_number",
        {**IN_RIDES_BY_SID, "phone_number": A, "state": "absent"},
        after=replaced(RIDES, phone_numbers=[]),
    ),
    Task(
        "remove a number by SID",
        "phone_number",
        {**IN_RIDES, "sid": SID_OF[A], "state": "absent"},
        after=replaced(RIDES, phone_numbers=[]),
    ),
    Task("remove a number that is absent", "phone_number", {**IN_RIDES, "phone_number": C, "state": "absent"}),
    Task("read Sessions of a status", "session_info", {**IN_WEST, "status": "open"}),
    Task("leave a Session as it is", "session", {**IN_WEST, "unique_name": "ride 1", "status": "in-progress"}),
    Task(
        "create a Session",
        "session",
        {**IN_WEST, "unique_name": "ride 2", "ttl": 60, "participants": [DRIVER]},
        after=with_sessions(OLD_RIDE, RIDE, {"unique_name": "ride 2", "ttl": 60, "participants": [DRIVER]}),
    ),
    Task(
        "update a Session",
        "session",
        {"service_sid": WEST["sid"], "sid": RIDE["sid"], "ttl": 60},
        after=with_sessions(OLD_RIDE, {**RIDE, "ttl": 60}),
    ),
    Task(
        "close a Session",
        "session",
        {**IN_WEST, "unique_name": "ride 1", "status": "closed"},
        after=with_sessions(OLD_RIDE, {**RIDE, "status": "closed"}),
    ),
    Task(
        "delete a Session",
        "session",
        {**IN_WEST, "unique_name": "ride 1", "state": "absent"},
        after=with_sessions(OLD_RIDE),
    ),
    Task("read interactions of a type", "interaction_info", {**IN_TALK, "type": "voice"}),
    Task(
        "delete an interaction",
        "interaction",
        {**IN_TALK, "sid": MESSAGE["sid"], "state": "absent"},
        after=replaced(NORTH, sessions=[{**TALK, "interactions": [CALL]}]),
    ),
    Task("read participants", "participant_info", IN_RIDE),
    Task(
        "add a participant",
        "participant",
        {**IN_RIDE_BY_SID, **DRIVER},
        after=with_sessions(OLD_RIDE, {**RIDE, "participants": [RIDER, DRIVER]}),
    ),
    Task(
        "remove a participant",
        "participant",
        {**IN_RIDE, "identifier": "messenger:1", "state": "absent"},
        after=with_sessions(OLD_RIDE, {**RIDE, "participants": []}),
    ),
    Task(
        "close Sessions",
        "sessions",
        {**IN_WEST, "state": "closed", "unique_name_matching": "^ride", "concurrency": 1},
        before=with_sessions(OLD_RIDE, RIDE, *MORE_RIDES),
        after=with_sessions(OLD_RIDE, *({**ride, "status": "closed"} for ride in (RIDE, *MORE_RIDES))),
    ),
    Task(
        "delete the Sessions of a person",
        "sessions",
        {"all_services": True, "state": "absent", "participant_identifier": ["messenger:1"], "concurrency": 1},
        before=with_sessions(OLD_RIDE, RIDE, *MORE_RIDES),
        after=with_sessions(OLD_RIDE, *MORE_RIDES),
    ),
    Task(
        "close Sessions at the same time",
        "sessions",
        {"service_sid": WEST["sid"], "state": "closed", "status": ["open"], "concurrency": 3},
        before=with_sessions(OLD_RIDE, RIDE, *MORE_RIDES),
        after=with_sessions(OLD_RIDE, *({**ride, "status": "closed"} for ride in (RIDE, *MORE_RIDES))),
        in_flight=3,
    ),
    Task("read Services with pools", "services_info", {"full": True, "concurrency": 1}),
    Task(
        "create, update and prune Services, and move a number",
        "services",
        {
            "services": [
                {
                    "unique_name": "trips",
                    "callback_url": URL,
                    "phone_numbers": [{"phone_number": B}, {"sid": SID_OF[D], "is_reserved": True}],
                },
                {
                    "unique_name": "rides",
                    "default_ttl": 60,
                    "phone_numbers": [{"phone_number": A}, {"phone_number": C}],
                },
                {"sid": SOUTH["sid"], "phone_numbers": []},
                {"unique_name": "east"},
            ],
            "prune": True,
            "prune_matching": "north|west",  # and not what another client creates
            "prune_phone_numbers": True,
            "max_deletions": 2,
            "concurrency": 1,
        },
        after=(
            {
                **RIDES,
                "default_ttl": 60,
                "phone_numbers": [{"phone_number": A}, {"phone_number": C}],
            },
            {**SOUTH, "phone_numbers": []},
            {
                "unique_name": "trips",
                "callback_url": URL,
                "phone_numbers": [{"phone_number": B}, {"phone_number": D, "is_reserved": True}],
            },
            {"unique_name": "east"},
        ),
    ),
    Task(
        "exchange the names of two Services",
        "services",
        {
            "services": [
                {"sid": RIDES["sid"], "unique_name": "south"},
                {"sid": SOUTH["sid"], "unique_name": "rides"},
            ],
            "concurrency": 1,
        },
        after=(NORTH, {**RIDES, "unique_name": "south"}, {**SOUTH, "unique_name": "rides"}, WEST),
    ),
    Task(
        "rename a Service by its previous name, and prune",
        "services",
        {
            "services": [
                {
                    "unique_name": "trips",
                    "previous_name": ["journeys", "rides"],
                    "default_ttl": 60,
                    "phone_numbers": [{"phone_number": A}, {"phone_number": C}],
                },
                {"unique_name": "south"},
                {"unique_name": "west"},
            ],
            "prune": True,
            "prune_matching": "north|rides",
            "concurrency": 1,
        },
        after=(
            {
                **RIDES,
                "unique_name": "trips",
                "default_ttl": 60,
                "phone_numbers": [{"phone_number": A}, {"phone_number": C}],
            },
            SOUTH,
            WEST,
        ),
    ),
    Task(
        "delete Services",
        "services",
        {
            "services": [
                {"unique_name": "west", "state": "absent"},
                {"sid": SOUTH["sid"], "state": "absent"},
                {"unique_name": "north", "state": "absent"},
            ],
            "concurrency": 1,
        },
        after=(RIDES,),
    ),
    Task(
        "create Services at the same time",
        "services",
        {"services": [{"unique_name": name} for name in ("one", "two", "three", "four")], "concurrency": 4},
        after=(*ALL, *({"unique_name": name} for name in ("one", "two", "three", "four"))),
        in_flight=4,
    ),
    Task(
        "change pools at the same time",
        "services",
        {
            "services": [
                {"unique_name": name, "phone_numbers": [{"phone_number": number, "is_reserved": True}]}
                for name, number in (("north", C), ("rides", A), ("south", B), ("west", D))
            ],
            "concurrency": 4,
        },
        after=tuple(
            {**service, "phone_numbers": [{"phone_number": number, "is_reserved": True}]}
            for service, number in zip(ALL, (C, A, B, D), strict=True)
        ),
        in_flight=4,
    ),
)
