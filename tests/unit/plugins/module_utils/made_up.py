# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Made-up tables for what no resource of the API needs yet: a Building has Floors, and a Floor has Rooms."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

from ansible_collections.twilio.proxy.plugins.module_utils._module import run
from ansible_collections.twilio.proxy.plugins.module_utils._resources import (
    ACCOUNT_SID,
    UNIQUE_NAME,
    Field,
    Object,
    Resource,
    Rule,
)
from ansible_collections.twilio.proxy.plugins.module_utils._task import object_task, objects_task

from .wire import ACCOUNT, Answer, error


def sid_rule(prefix: str) -> Rule:
    """The rule of SIDs with this prefix."""
    return Rule(f"{prefix} and 32 digits", pattern=f"{prefix}[0-9a-f]{{32}}", is_sid=True)


BUILDING = Resource(
    name="Building",
    key="building",
    list_key="buildings",
    path="/v1/Buildings",
    name_field="unique_name",
    absent_code=90401,
    absent_message="Invalid Building Sid",
    taken_code=90601,
    fields=(
        Field("sid", rule=sid_rule("BG")),
        Field("account_sid", rule=ACCOUNT_SID),
        Field("unique_name", param="UniqueName", rule=UNIQUE_NAME),
    ),
)
FLOOR = Resource(
    name="Floor",
    key="floor",
    list_key="floors",
    path="/Floors",
    parent=BUILDING,
    name_field="unique_name",
    absent_code=90402,
    absent_message="Invalid Floor Sid",
    taken_code=90602,
    fields=(
        Field("sid", rule=sid_rule("FL")),
        Field("account_sid", rule=ACCOUNT_SID),
        Field("building_sid", rule=sid_rule("BG")),
        Field("unique_name", param="UniqueName", rule=UNIQUE_NAME),
    ),
)
ROOM = Resource(
    name="Room",
    key="room",
    list_key="rooms",
    path="/Rooms",
    parent=FLOOR,
    name_field="unique_name",
    absent_code=90403,
    absent_message="Invalid Room Sid",
    taken_code=90603,
    fields=(
        Field("sid", rule=sid_rule("RM")),
        Field("account_sid", rule=ACCOUNT_SID),
        Field("building_sid", rule=sid_rule("BG")),
        Field("floor_sid", rule=sid_rule("FL")),
        Field("unique_name", param="UniqueName", rule=UNIQUE_NAME),
        Field("seats", "int", param="Seats", default=4),
        Field("kind", param="Kind", choices=("open", "closed"), default="open", immutable=True),
        Field("colour", param="Colour", immutable=True, clearable=True),
    ),
)
BUILDING_SID, FLOOR_SID, ROOM_SID = (prefix + "1" * 32 for prefix in ("BG", "FL", "RM"))
BUILDINGS = "/v1/Buildings"
FLOORS = f"{BUILDINGS}/{BUILDING_SID}/Floors"
ROOMS = f"{FLOORS}/{FLOOR_SID}/Rooms"


def building(**fields: t.Any) -> Object:
    """A Building as the API would answer it."""
    return {"sid": BUILDING_SID, "account_sid": ACCOUNT, "unique_name": "north", **fields}


def floor(**fields: t.Any) -> Object:
    """A Floor as the API would answer it."""
    names = {"building_sid": BUILDING_SID, "unique_name": "first"}
    return {"sid": FLOOR_SID, "account_sid": ACCOUNT, **names, **fields}


def room(**fields: t.Any) -> Object:
    """A Room as the API would answer it."""
    return {
        "sid": ROOM_SID,
        "account_sid": ACCOUNT,
        "building_sid": BUILDING_SID,
        "floor_sid": FLOOR_SID,
        "unique_name": "lobby",
        "seats": 4,
        "kind": "open",
        "colour": None,
        **fields,
    }


def absent(resource: Resource) -> Answer:
    """The answer that there is no such object of the resource."""
    return error(400, resource.absent_code, resource.absent_message)


def modules(resource: Resource) -> tuple[t.Any, t.Any]:
    """The module that would manage objects of the resource, and the one that would read them."""
    made, read = object_task(resource), objects_task(resource)
    return SimpleNamespace(main=lambda: run(made)), SimpleNamespace(main=lambda: run(read))
