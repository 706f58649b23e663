# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of one object: its differences, the values to send, and the prediction."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.twilio.proxy.plugins.module_utils import _plan
from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER, SERVICE, Object

from .made_up import BADGE, ROOM, VISIT, badge, room, visit
from .wire import NUMBER_SID, OTHER_SID, SID, number, service

WRITABLE = [field.name for field in SERVICE.writable]


def test_an_absent_object_is_created_with_the_named_fields() -> None:
    change = _plan.plan(SERVICE, {"unique_name": "rides", "default_ttl": 60, "callback_url": ""}, None)
    assert change.operation == "create"
    assert change.before is None
    assert dict(change.send) == {"unique_name": "rides", "default_ttl": 60}


def test_the_prediction_of_a_new_object_has_the_defaults() -> None:
    change = _plan.plan(SERVICE, {"unique_name": "rides"}, None, predicted_values={"account_sid": "AC1"})
    assert change.after == {
        **dict.fromkeys(field.name for field in SERVICE.fields),
        "account_sid": "AC1",
        "unique_name": "rides",
        "default_ttl": 0,
        "geo_match_level": "country",
        "number_selection_behavior": "prefer-sticky",
    }


def test_a_named_field_is_sent_even_if_it_is_the_default() -> None:
    change = _plan.plan(SERVICE, {"unique_name": "rides", "geo_match_level": "country", "default_ttl": 0}, None)
    assert dict(change.send) == {"unique_name": "rides", "geo_match_level": "country", "default_ttl": 0}


def test_no_difference_needs_no_change() -> None:
    current = service()
    change = _plan.plan(SERVICE, {"unique_name": "rides", "default_ttl": 0}, current)
    assert change == _plan.Change("none", current, current, {})


def test_only_fields_that_differ_are_sent() -> None:
    current = service(default_ttl=60, callback_url="https://example.com")
    change = _plan.plan(SERVICE, {"unique_name": "rides", "default_ttl": 61, "geo_match_level": "country"}, current)
    assert change.operation == "update"
    assert dict(change.send) == {"default_ttl": 61}
    assert change.before == current
    assert change.after == {**current, "default_ttl": 61, "date_updated": None}


@pytest.mark.parametrize("present", [None, ""])
def test_empty_is_the_same_as_none(present: str | None) -> None:
    assert _plan.plan(SERVICE, {"callback_url": ""}, service(callback_url=present)).operation == "none"


def test_clearing_sends_an_empty_value_and_predicts_none() -> None:
    change = _plan.plan(SERVICE, {"callback_url": ""}, service(callback_url="https://example.com"))
    assert dict(change.send) == {"callback_url": ""}
    assert change.after is not None
    assert change.after["callback_url"] is None


def test_texts_are_compared_exactly() -> None:
    assert _plan.differences(SERVICE, {"unique_name": "Rides"}, service()) == {"unique_name": "Rides"}
    assert _plan.differences(SERVICE, {"unique_name": "rides "}, service()) == {"unique_name": "rides "}


def test_an_existing_object_is_deleted() -> None:
    current = service()
    assert _plan.plan(SERVICE, {"default_ttl": 5}, current, absent=True) == _plan.Change("delete", current, None, {})
    assert _plan.plan(SERVICE, {"default_ttl": 5}, None, absent=True) == _plan.Change("none", None, None, {})


def test_writable_returns_the_writable_fields() -> None:
    assert _plan.writable(SERVICE, None) is None
    part = _plan.writable(SERVICE, service())
    assert part is not None
    assert list(part) == WRITABLE
    assert not {"sid", "account_sid", "date_created", "date_updated", "url", "links"} & set(part)


URLS = st.sampled_from(["https://a.example", "https://b.example/x?y=z", "http://c.example"])
SIDS = st.sampled_from(["IS" + "a" * 32, "IS" + "b" * 32])
STORED: dict[str, st.SearchStrategy[t.Any]] = {
    "unique_name": st.text(min_size=1, max_size=5),
    "default_ttl": st.integers(0, 3),
    "geo_match_level": st.sampled_from(SERVICE.field("geo_match_level").choices or ()),
    "number_selection_behavior": st.sampled_from(SERVICE.field("number_selection_behavior").choices or ()),
    **{name: st.none() | st.just("") | URLS for name in WRITABLE if name.endswith("_url")},
    "chat_instance_sid": st.none() | st.just("") | SIDS,
}
CURRENT = st.fixed_dictionaries(STORED).map(lambda fields: service(**fields))
DESIRED = st.fixed_dictionaries({}, optional=STORED).map(
    lambda fields: {name: value for name, value in fields.items() if value is not None}
)


def carried_out(change: _plan.Change) -> Object:
    """Return the object as the API has it after the change."""
    before = change.before or service(default_ttl=0)
    return {**before, **{name: SERVICE.field(name).normalize(value) for name, value in change.send.items()}}


def test_there_is_a_strategy_for_every_writable_field() -> None:
    assert set(STORED) == set(WRITABLE)


@given(DESIRED, CURRENT)
def test_planning_again_after_a_change_gives_no_change(desired: dict[str, t.Any], current: Object) -> None:
    after = carried_out(_plan.plan(SERVICE, desired, current))
    assert _plan.plan(SERVICE, desired, after).operation == "none"


@given(DESIRED, CURRENT)
def test_only_named_fields_change(desired: dict[str, t.Any], current: Object) -> None:
    change = _plan.plan(SERVICE, desired, current)
    assert set(change.send) <= set(desired)
    assert change.after is not None
    moved = {name for name, value in change.after.items() if value != current[name]}
    assert moved <= set(desired) | {"date_updated"}


@given(DESIRED, CURRENT)
def test_the_prediction_is_the_object_after_the_change(desired: dict[str, t.Any], current: Object) -> None:
    change = _plan.plan(SERVICE, desired, current)
    predicted = _plan.writable(SERVICE, change.after)
    assert predicted == _plan.writable(SERVICE, carried_out(change))


@given(DESIRED, st.text(min_size=1, max_size=5))
def test_a_created_object_needs_no_second_change(desired: dict[str, t.Any], name: str) -> None:
    desired = {**desired, "unique_name": name}
    change = _plan.plan(SERVICE, desired, None)
    assert change.operation == "create"
    assert change.after is not None
    assert _plan.plan(SERVICE, desired, change.after).operation == "none"
    created = {**service(), **dict(change.send)}
    assert _plan.writable(SERVICE, created) == _plan.writable(SERVICE, change.after)


@given(CURRENT)
def test_no_named_field_means_no_change(current: Object) -> None:
    assert _plan.plan(SERVICE, {}, current) == _plan.Change("none", current, current, {})


def test_an_unknown_field_is_an_error() -> None:
    with pytest.raises(KeyError, match="colour"):
        SERVICE.field("colour")


def test_a_sid_is_never_sent() -> None:
    change = _plan.plan(SERVICE, {"unique_name": "a", "sid": SID}, service())
    assert dict(change.send) == {"unique_name": "a"}


# Objects in a Service


def test_a_number_is_added_by_its_number_or_by_its_sid() -> None:
    predicted_values = {"account_sid": "AC1", "service_sid": SID}
    by_number = _plan.plan(PHONE_NUMBER, {"phone_number": "+12025550101"}, None, predicted_values=predicted_values)
    assert by_number.operation == "create"
    assert dict(by_number.send) == {"phone_number": "+12025550101"}
    assert by_number.after == {
        "sid": None,
        "account_sid": "AC1",
        "service_sid": SID,
        "phone_number": "+12025550101",
        "friendly_name": None,
        "iso_country": None,
        "capabilities": None,
        "is_reserved": False,
        "in_use": 0,
        "date_created": None,
        "date_updated": None,
        "url": None,
    }
    by_sid = _plan.plan(PHONE_NUMBER, {"sid": NUMBER_SID, "is_reserved": True}, None, predicted_values=predicted_values)
    assert dict(by_sid.send) == {"sid": NUMBER_SID, "is_reserved": True}
    assert by_sid.after is not None
    assert (by_sid.after["sid"], by_sid.after["phone_number"], by_sid.after["is_reserved"]) == (NUMBER_SID, None, True)


@pytest.mark.parametrize("reserved", [True, False])
def test_is_reserved_is_managed_only_if_it_is_named(reserved: bool) -> None:
    current = number(is_reserved=reserved)
    for name_field in ({"sid": NUMBER_SID}, {"phone_number": "+12025550101"}):
        assert _plan.plan(PHONE_NUMBER, name_field, current).operation == "none"
        assert _plan.plan(PHONE_NUMBER, {**name_field, "is_reserved": reserved}, current).operation == "none"
        change = _plan.plan(PHONE_NUMBER, {**name_field, "is_reserved": not reserved}, current)
        assert change.operation == "update"
        assert dict(change.send) == {"is_reserved": not reserved}


def test_false_is_sent_as_a_value() -> None:
    change = _plan.plan(PHONE_NUMBER, {"phone_number": "+12025550101", "is_reserved": False}, None)
    assert dict(change.send) == {"phone_number": "+12025550101", "is_reserved": False}


# Immutable fields


def test_an_immutable_field_is_sent_with_a_new_object() -> None:
    change = _plan.plan(ROOM, {"unique_name": "lobby", "kind": "closed"}, None)
    assert dict(change.send) == {"unique_name": "lobby", "kind": "closed"}
    assert change.after is not None
    assert change.after["kind"] == "closed"


def test_an_immutable_field_that_is_as_desired_needs_no_change() -> None:
    same = {"unique_name": "lobby", "kind": "open", "colour": ""}
    assert _plan.plan(ROOM, same, room()).operation == "none"
    assert dict(_plan.plan(ROOM, {**same, "seats": 5}, room()).send) == {"seats": 5}
    assert _plan.plan(ROOM, {**same, "kind": "closed"}, room(), absent=True).operation == "delete"


def test_a_different_value_of_an_immutable_field_is_an_error_with_advice() -> None:
    with pytest.raises(_plan.PreconditionError) as caught:
        _plan.plan(ROOM, {"unique_name": "lobby", "seats": 5, "kind": "closed"}, room())
    assert str(caught.value) == (
        f"The Room 'lobby' ({room()['sid']}) has the kind 'open', not 'closed'. This cannot be changed after creation."
        " Delete it and create it again, or leave out kind. Nothing was changed."
    )
    with pytest.raises(_plan.PreconditionError, match="the kind 'open', not 'closed' and the colour None, not 'red'"):
        _plan.plan(ROOM, {"kind": "closed", "colour": "red"}, room())
    with pytest.raises(_plan.PreconditionError, match="Remove it and add it again, or leave out phone_number"):
        _plan.plan(PHONE_NUMBER, {"sid": NUMBER_SID, "phone_number": "+12025550109"}, number())


# Operations


def test_an_object_without_update_has_to_be_as_desired() -> None:
    same = {"identifier": "0001", "friendly_name": "guest"}
    assert _plan.plan(BADGE, same, badge()).operation == "none"
    assert _plan.plan(BADGE, same, None).operation == "create"
    assert _plan.plan(BADGE, same, badge(), absent=True).operation == "delete"
    with pytest.raises(_plan.PreconditionError, match=r"'guest', not 'staff'.*Delete it and create it"):
        _plan.plan(BADGE, {**same, "friendly_name": "staff"}, badge())


def test_there_is_no_advice_if_an_object_cannot_be_created_again() -> None:
    lasting = replace(BADGE, operations=("create",))
    with pytest.raises(_plan.PreconditionError) as caught:
        _plan.plan(lasting, {"friendly_name": "staff"}, badge())
    assert caught.value.reason.endswith(" after creation. Leave out friendly_name.")
    with pytest.raises(_plan.PreconditionError, match=r"^Twilio's API cannot delete Badges\."):
        _plan.plan(lasting, {}, badge(), absent=True)
    assert _plan.plan(lasting, {}, None, absent=True).operation == "none"


def test_an_object_that_can_only_be_deleted_is_not_created() -> None:
    assert _plan.plan(VISIT, {}, visit(), absent=True).operation == "delete"
    with pytest.raises(_plan.PreconditionError, match=r"^Twilio's API cannot create Visits\."):
        _plan.plan(VISIT, {}, None)


# Transitions


@pytest.mark.parametrize(
    ("current", "desired", "operation"),
    [
        ("free", "locked", "update"),
        ("used", "locked", "update"),
        ("locked", "used", "update"),
        ("used", "used", "none"),
        ("locked", "locked", "none"),
        # A Room that is free counts as used.
        ("free", "used", "none"),
    ],
)
def test_a_possible_or_unneeded_transition_is_accepted(current: str, desired: str, operation: str) -> None:
    change = _plan.plan(ROOM, {"unique_name": "lobby", "status": desired}, room(status=current))
    assert change.operation == operation
    assert dict(change.send) == ({"status": desired} if operation == "update" else {})
    assert _plan.plan(ROOM, {"unique_name": "lobby"}, room(status=current)).operation == "none"


@pytest.mark.parametrize(
    ("current", "desired", "words"),
    [
        ("broken", "locked", "has the status 'broken', which cannot be changed to 'locked'; 'free' or 'used' can."),
        ("locked", "broken", "has the status 'locked', which cannot be changed to 'broken'."),
    ],
)
def test_an_impossible_transition_is_an_error_with_both_values(current: str, desired: str, words: str) -> None:
    with pytest.raises(_plan.PreconditionError) as caught:
        _plan.plan(ROOM, {"seats": 5, "status": desired}, room(status=current))
    assert str(caught.value) == f"The Room 'lobby' ({room()['sid']}) {words} Nothing was changed."


def test_a_status_that_a_new_object_has_is_not_asked_for() -> None:
    change = _plan.plan(ROOM, {"unique_name": "lobby", "status": "used"}, None)
    assert dict(change.send) == {"unique_name": "lobby"}
    assert change.after is not None
    assert change.after["status"] == "free"
    assert dict(_plan.plan(ROOM, {"status": "locked"}, None).send) == {"status": "locked"}


# Creation fields


def test_a_creation_field_is_sent_once_and_never_compared() -> None:
    desired = {"unique_name": "lobby", "chairs": [{"wood": "oak", "legs": 4}]}
    change = _plan.plan(ROOM, desired, None)
    assert dict(change.send) == desired
    assert change.after is not None
    assert "chairs" not in change.after
    assert _plan.plan(ROOM, desired, room()).operation == "none"
    assert dict(_plan.plan(ROOM, {**desired, "seats": 5}, room()).send) == {"seats": 5}


# Times


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-23T08:00:00Z",
        "2026-11-23t08:00:00z",
        "2026-11-23 08:00Z",
        "20261123T080000Z",
        "2026-11-23T08:00:00.000+00:00",
        "2026-11-23T09:30:00+01:30",
        "2026-11-23T07:30:00,0-0030",
        "2026-11-23T08:00:00.0000001Z",
    ],
)
def test_times_are_compared_as_instants(written: str) -> None:
    assert ROOM.field("closes_at").normalize(written) == "2026-11-23T08:00:00Z"
    current = room(closes_at="2026-11-23T08:00:00Z")
    assert _plan.plan(ROOM, {"closes_at": written}, current).operation == "none"
    assert _plan.plan(ROOM, {"closes_at": "2026-11-23T08:00:01Z"}, room(closes_at=written)).operation == "update"


@pytest.mark.parametrize(
    "value", ["2026-02-30T08:00:00Z", "0001-01-01T00:00:00+01:00", "2026-11-23T08:00:00", "2026-11-22T20Z", 5]
)
def test_a_text_that_is_no_time_is_not_changed(value: t.Any) -> None:
    assert ROOM.field("closes_at").normalize(value) == value


def test_fractions_of_a_second_are_compared() -> None:
    assert ROOM.field("closes_at").normalize("2026-11-23T09:00:00.5+01") == "2026-11-23T08:00:00.500000Z"


# Changes that are possible


def test_a_taken_name_is_described() -> None:
    assert _plan.name_is_taken(SERVICE, SID, "it's") == (
        f'The unique_name "it\'s" is taken by the Service {SID}. Choose another one, or rename that Service first.'
    )


@pytest.mark.parametrize(
    ("desired", "current", "absent"),
    [
        ({"unique_name": "rides"}, service(), False),
        ({"unique_name": "trips"}, service(), False),
        ({}, service(), False),
        ({"unique_name": "rides"}, service(), True),
        ({}, service(), True),
        ({}, None, True),
        ({"unique_name": "rides"}, None, True),
    ],
)
def test_possible_changes_have_no_reason_against_them(
    desired: dict[str, t.Any], current: Object | None, absent: bool
) -> None:
    assert _plan.why_not(SERVICE, desired, SID, current, absent) is None


@pytest.mark.parametrize(
    ("desired", "current", "absent", "reason"),
    [
        (
            {"unique_name": "rides"},
            None,
            False,
            (
                f"There is no Service {OTHER_SID}. Check the SID, and that the credentials belong to its account."
                " To create a Service, give unique_name without sid."
            ),
        ),
        (
            {"unique_name": "trips"},
            service(sid=OTHER_SID),
            True,
            (
                f"The Service {OTHER_SID} has the unique_name 'rides', not 'trips'. Check which Service to delete, and"
                " give only its sid."
            ),
        ),
        (
            {"unique_name": "trips"},
            service(sid=OTHER_SID, unique_name=None),
            True,
            (
                f"The Service {OTHER_SID} has the unique_name None, not 'trips'. Check which Service to delete, and"
                " give only its sid."
            ),
        ),
    ],
)
def test_impossible_changes_have_a_reason(
    desired: dict[str, t.Any], current: Object | None, absent: bool, reason: str
) -> None:
    assert _plan.why_not(SERVICE, desired, OTHER_SID, current, absent) == reason


def test_a_number_is_added_by_its_sid() -> None:
    assert _plan.why_not(PHONE_NUMBER, {"sid": NUMBER_SID}, NUMBER_SID, None, absent=False) is None
