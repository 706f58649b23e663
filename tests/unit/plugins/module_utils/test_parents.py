# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A chain of parents: options, resolving, checks, predictions and errors, for a Room on a Floor in a Building."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils._argspec import parent_options
from ansible_collections.twilio.proxy.plugins.module_utils._client import Credentials
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import Desired, reconcile

from .made_up import (
    BUILDING,
    BUILDING_SID,
    BUILDINGS,
    FLOOR,
    FLOOR_SID,
    FLOORS,
    ROOM,
    ROOM_SID,
    ROOMS,
    absent,
    building,
    floor,
    modules,
    room,
)
from .tasks import NULL, Result, Task
from .wire import ACCOUNT, BASE_URL, Answer, Step, Wire, client, error, page

BY_SIDS: Result = {"building_sid": BUILDING_SID, "floor_sid": FLOOR_SID}
BY_NAMES: Result = {"building_unique_name": "north", "floor_unique_name": "first"}
LOBBY: Result = {"unique_name": "lobby"}
GET_BUILDINGS, GET_FLOORS, GET_ROOMS = (("GET", path, {"PageSize": "1000"}) for path in (BUILDINGS, FLOORS, ROOMS))
IN_PLACE = ROOM.in_parent(BUILDING_SID, FLOOR_SID)
OTHERS = [building(sid="BG" + "2" * 32, unique_name="south"), building()]
NEXT = f"{BASE_URL}{BUILDINGS}?Page=1"
NO_BUILDINGS, NO_FLOORS, NO_ROOMS = page(of=BUILDING), page(of=FLOOR), page(of=ROOM)


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Task:
    """Return a runner of the modules that Rooms would have."""
    return Task(monkeypatch, capsys, *modules(ROOM))


def test_each_ancestor_has_its_options_and_its_part_of_the_path() -> None:
    assert [resource.key for resource in ROOM.ancestors] == ["building", "floor"]
    assert parent_options(BUILDING) == ()
    assert parent_options(ROOM) == (
        ("building_sid", "building_unique_name"),
        ("floor_sid", "floor_unique_name"),
    )
    assert (BUILDING.url_path, IN_PLACE.url_path) == (BUILDINGS, ROOMS)
    assert IN_PLACE.parent == FLOOR.in_parent(BUILDING_SID)
    assert IN_PLACE.parent_sids == BY_SIDS
    assert ROOM.parent_sids == {"building_sid": None, "floor_sid": None}
    assert ROOM.in_parent() is ROOM


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"floor_sid": FLOOR_SID}, "one of the following is required: building_sid, building_unique_name"),
        ({"building_sid": BUILDING_SID}, "one of the following is required: floor_sid, floor_unique_name"),
        ({**BY_SIDS, "floor_unique_name": "first"}, "parameters are mutually exclusive: floor_sid|floor_unique_name"),
        ({**BY_SIDS, "floor_sid": "KS1"}, "floor_sid: 'KS1' is not "),
        ({**BY_NAMES, "building_unique_name": ""}, "building_unique_name: '' is not "),
        ({**BY_NAMES, "floor_unique_name": NULL}, "floor_unique_name: the value is null."),
    ],
)
@pytest.mark.parametrize("info", [False, True])
def test_each_ancestor_has_to_be_named_once_and_correctly(options: Result, words: str, info: bool, task: Task) -> None:
    result = task(info=info, **LOBBY, **options)
    assert result["failed"]
    assert words in result["msg"]
    assert task.wire.requests == []


@pytest.mark.parametrize(
    ("options", "answers", "requests"),
    [
        # A list is read up to the page that has the name, and none for a SID.
        (
            BY_NAMES,
            [page(*OTHERS, of=BUILDING, following=NEXT), page(floor(), of=FLOOR)],
            [GET_BUILDINGS, GET_FLOORS],
        ),
        ({"building_sid": BUILDING_SID, "floor_unique_name": "first"}, [page(floor(), of=FLOOR)], [GET_FLOORS]),
        (
            {"building_unique_name": "north", "floor_sid": FLOOR_SID},
            [page(*OTHERS, of=BUILDING, following=NEXT)],
            [GET_BUILDINGS],
        ),
        (BY_SIDS, [], []),
    ],
)
def test_parents_are_resolved_from_the_outermost_to_the_nearest(
    options: Result, answers: list[Step], requests: list[t.Any], task: Task
) -> None:
    result = task(*answers, NO_ROOMS, Answer(201, room()), **LOBBY, **options)
    assert (result["changed"], result["room"]) == (True, room())
    assert task.wire.requests == [*requests, GET_ROOMS, ("POST", ROOMS, {"UniqueName": "lobby"})]
    assert task(*answers, page(room(), of=ROOM), info=True, **options)["rooms"] == [room()]
    assert task.wire.requests == [*requests, GET_ROOMS]
    assert task(*answers, Answer(200, room()), sid=ROOM_SID, **options)["changed"] is False
    assert task.wire.requests == [*requests, ("GET", f"{ROOMS}/{ROOM_SID}", {})]


#: An absent ancestor: the options that name it, the answers, and its description.
MISSING: dict[str, tuple[Result, list[Step], str]] = {
    "no Building": (BY_NAMES, [NO_BUILDINGS], "no Building 'north'"),
    "no Floor": (
        BY_NAMES,
        [page(building(), of=BUILDING), NO_FLOORS],
        f"no Floor 'first' in the Building {BUILDING_SID}",
    ),
    "no Floor in a Building of a SID": (
        {"building_sid": BUILDING_SID, "floor_unique_name": "first"},
        [NO_FLOORS],
        f"no Floor 'first' in the Building {BUILDING_SID}",
    ),
}


@pytest.mark.parametrize("name", MISSING)
def test_a_missing_ancestor_is_an_error(name: str, task: Task) -> None:
    options, answers, words = MISSING[name]
    for info in (False, True):
        assert task(*answers, info=info, **LOBBY, **options)["msg"].startswith(f"There is {words}. ")
        assert task.wire.steps == []
    for check_mode in (False, True):
        result = task(*answers, **LOBBY, **options, state="absent", _ansible_check_mode=check_mode)
        assert (result["changed"], result["room"], task.warnings) == (False, {}, [])
    assert task(*answers, info=True, **options, _ansible_check_mode=True)["rooms"] == []
    result = task(*answers, **LOBBY, **options, _ansible_check_mode=True)
    assert (result["changed"], result["room"]["unique_name"], result["room"]["seats"]) == (True, "lobby", 4)
    assert task.warnings == [f"There is {words} yet. If no earlier task creates it, this one will fail."]


@pytest.mark.parametrize(
    ("options", "answers", "words"),
    [
        ({**BY_SIDS, "building_sid": NULL}, [], "no Building yet, because building_sid is null"),
        ({**BY_NAMES, "building_unique_name": NULL}, [], "no Building yet, because building_unique_name is null"),
        ({**BY_SIDS, "floor_sid": NULL}, [], f"no Floor in the Building {BUILDING_SID} yet, because floor_sid is null"),
        ({**BY_SIDS, "building_sid": "", "floor_sid": ""}, [], "no Building yet, because building_sid is null"),
        (
            {"building_unique_name": "north", "floor_sid": NULL},
            [page(building(), of=BUILDING)],
            f"no Floor in the Building {BUILDING_SID} yet, because floor_sid is null",
        ),
        # The null is not the reason why the Building is missing.
        ({"building_unique_name": "north", "floor_sid": NULL}, [NO_BUILDINGS], "no Building 'north' yet"),
    ],
)
def test_an_ancestor_may_be_predicted_in_check_mode(
    options: Result, answers: list[Step], words: str, task: Task
) -> None:
    result = task(*answers, **LOBBY, **options, _ansible_check_mode=True)
    assert result["changed"]
    assert task.warnings == [f"There is {words}. If no earlier task creates it, this one will fail."]
    assert task(*answers, info=True, **options, _ansible_check_mode=True)["rooms"] == []


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (BY_SIDS, absent(BUILDING)),
        (BY_SIDS, absent(FLOOR)),
        (BY_SIDS, error(404, 20404)),
        ({"building_sid": BUILDING_SID, "floor_unique_name": "first"}, absent(BUILDING)),
        ({"building_sid": BUILDING_SID, "floor_unique_name": "first"}, error(404, 20404)),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_an_absent_answer_about_any_ancestor_counts(
    options: Result, answer: Answer, check_mode: bool, task: Task
) -> None:
    result = task(answer, **LOBBY, **options, state="absent", _ansible_check_mode=check_mode)
    assert (result["changed"], result["room"]) == (False, {})
    result = task(answer, **LOBBY, **options, _ansible_check_mode=check_mode)
    assert (result["failed"], result["changed"], result["status"]) == (True, False, answer.status)


@pytest.mark.parametrize("options", [BY_SIDS, {"building_sid": BUILDING_SID, "floor_unique_name": "first"}])
def test_an_answer_that_is_not_about_an_ancestor_is_an_error(options: Result, task: Task) -> None:
    result = task(error(401, 20003), **LOBBY, **options, state="absent")
    assert (result["failed"], result["code"]) == (True, 20003)


def test_an_ancestor_that_is_deleted_before_the_object_is_no_error(task: Task) -> None:
    result = task(page(room(), of=ROOM), absent(BUILDING), **LOBBY, **BY_SIDS, state="absent")
    assert (result["changed"], result["room"]) == (False, room())


def test_a_predicted_object_has_the_sids_of_its_ancestors(task: Task) -> None:
    answers = [page(building(), of=BUILDING), page(floor(), of=FLOOR), NO_ROOMS]
    result = task(*answers, **LOBBY, **BY_NAMES, _ansible_check_mode=True)
    assert result["room"] == room(sid=None)


def test_the_account_is_read_from_the_nearest_parent() -> None:
    wire = Wire(NO_ROOMS, Answer(200, floor(account_sid="AC" + "9" * 32)))
    with pytest.raises(ApiError, match="belong to the account AC9"):
        reconcile(client(wire, credentials=Credentials("SK1", "a-secret", ACCOUNT)), Desired(IN_PLACE, LOBBY))
    assert [request[:2] for request in wire.requests] == [("GET", ROOMS), ("GET", f"{FLOORS}/{FLOOR_SID}")]
