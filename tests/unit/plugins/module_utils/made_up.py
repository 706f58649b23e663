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
    INSTANT,
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
        Field("closes_at", param="ClosesAt", rule=INSTANT, clearable=True),
        Field(
            "status",
            param="Status",
            choices=("used", "locked"),
            default="free",
            transitions=(("free", "locked"), ("used", "locked"), ("locked", "used")),
            satisfied_by=(("used", "free"),),
        ),
    ),
    creation_fields=(
        Field(
            "chairs",
            "list",
            param="Chairs",
            elements=(
                Field("wood", param="Wood", rule=Rule("a text", min_length=1)),
                Field("legs", "int", param="LegCount", rule=Rule("a number from 3", minimum=3)),
                Field("used_since", param="UsedSince", rule=INSTANT),
            ),
        ),
    ),
)
#: What can be created and deleted, and not changed.
BADGE = Resource(
    name="Badge",
    key="badge",
    list_key="badges",
    path="/v1/Badges",
    name_field="identifier",
    absent_code=90404,
    absent_message="Invalid Badge Sid",
    taken_code=90604,
    operations=("create", "delete"),
    fields=(
        Field("sid", rule=sid_rule("BD")),
        Field("account_sid", rule=ACCOUNT_SID),
        Field("identifier", param="Identifier", rule=UNIQUE_NAME, immutable=True),
        Field("friendly_name", param="FriendlyName"),
    ),
)
#: What comes about by itself, has no name, and can only be deleted.
VISIT = Resource(
    name="Visit",
    key="visit",
    list_key="visits",
    path="/Visits",
    parent=BUILDING,
    name_field="sid",
    absent_code=90405,
    absent_message="Invalid Visit Sid",
    taken_code=0,
    operations=("delete",),
    fields=(
        Field("sid", rule=sid_rule("VS")),
        Field("account_sid", rule=ACCOUNT_SID),
        Field("building_sid", rule=sid_rule("BG")),
        Field("date_created"),
    ),
)
BUILDING_SID, FLOOR_SID, ROOM_SID, VISIT_SID = (prefix + "1" * 32 for prefix in ("BG", "FL", "RM", "VS"))
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
        "closes_at": None,
        "status": "free",
        **fields,
    }


def badge(**fields: t.Any) -> Object:
    """A Badge as the API would answer it."""
    names = {"identifier": "0001", "friendly_name": "guest"}
    return {"sid": "BD" + "1" * 32, "account_sid": ACCOUNT, **names, **fields}


def visit(**fields: t.Any) -> Object:
    """A Visit as the API would answer it."""
    times = {"date_created": "2026-11-23T08:00:00Z"}
    return {"sid": VISIT_SID, "account_sid": ACCOUNT, "building_sid": BUILDING_SID, **times, **fields}


def absent(resource: Resource) -> Answer:
    """The answer that there is no such object of the resource."""
    return error(400, resource.absent_code, resource.absent_message)


def modules(resource: Resource) -> tuple[t.Any, t.Any]:
    """The module that would manage objects of the resource, and the one that would read them."""
    made, read = object_task(resource), objects_task(resource)
    return SimpleNamespace(main=lambda: run(made)), SimpleNamespace(main=lambda: run(read))
