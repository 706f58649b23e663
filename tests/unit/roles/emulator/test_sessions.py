# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions and their Interactions: their states, their time, and each answer where the behaviour is uncertain."""

from __future__ import annotations

import json
import typing as t
from unittest import mock

import pytest

from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, Emulator

DAY = 24 * 60 * 60
ABSENT = "0" * 32
FIRST, SECOND = "+12025550142", "+12025550143"
TOMORROW = "2099-01-02T03:04:05Z"

Object = dict[str, t.Any]


@pytest.fixture
def service(emulator: Emulator) -> Object:
    return new_service(emulator)


def new_service(emulator: Emulator, **settings: t.Any) -> Object:
    """Return a Service with two numbers, on an emulator with these settings."""
    emulator.reset(**settings)
    service = emulator.create(unique_name="a", default_ttl=60)
    for number in ("+12025550100", "+12025550101"):
        emulator.add_number(service["sid"], phone_number=number)
    return service


def send(emulator: Emulator, thing: Object, **form: str) -> tuple[int, t.Any]:
    """Return status and code, or the object, of an update."""
    reply = emulator.send("POST", thing["url"].removeprefix(emulator.base_url), form)
    return (200, reply.json) if reply.status == 200 else (reply.status, reply.json["code"])


def read(emulator: Emulator, thing: Object) -> Object:
    return t.cast(Object, emulator.send("GET", thing["url"].removeprefix(emulator.base_url)).json)


def delete(emulator: Emulator, thing: Object) -> tuple[int, int | None]:
    reply = emulator.send("DELETE", thing["url"].removeprefix(emulator.base_url))
    return reply.status, reply.json["code"] if reply.body else None


def test_an_empty_request_creates_a_session(emulator: Emulator, service: Object) -> None:
    session = emulator.create_session(service["sid"])
    assert session == {
        "sid": session["sid"],
        "account_sid": ACCOUNT_SID,
        "service_sid": service["sid"],
        "unique_name": None,
        "mode": "voice-and-message",
        "status": "open",
        "ttl": 60,
        **dict.fromkeys(("date_expiry", "closed_reason", "date_started", "date_ended", "date_last_interaction")),
        "date_created": session["date_created"],
        "date_updated": session["date_created"],
        "url": f"{service['url']}/Sessions/{session['sid']}",
        "links": {name.lower(): f"{session['url']}/{name}" for name in ("Participants", "Interactions")},
    }
    assert emulator.sessions(service["sid"]) == [read(emulator, session)] == [session]
    emulator.create_session(service["sid"])
    assert delete(emulator, session) == (204, None)
    assert delete(emulator, session) == (400, 80409)
    assert len(emulator.sessions(service["sid"])) == 1


def test_what_a_request_gives_is_stored(emulator: Emulator, service: Object) -> None:
    given = {"unique_name": "one", "mode": "voice-only", "ttl": 5, "date_expiry": TOMORROW}
    session = emulator.create_session(service["sid"], **given)
    assert {name: session[name] for name in given} == given
    status, after = send(emulator, session, UniqueName="other", Mode="x", Ttl="6", DateExpiry="2099-01-02T01:04+00:00")
    assert (status, after) == (200, {**session, "ttl": 6, "date_expiry": "2099-01-02T01:04:00Z"} | dates(after))
    assert send(emulator, session)[0] == 200
    assert emulator.send("POST", f"/v1/Services/{service['sid']}/Sessions", {"UniqueName": "one"}).json["code"] == 80603


def dates(thing: Object) -> Object:
    return {"date_updated": thing["date_updated"]}


@pytest.mark.parametrize(
    "form",
    [
        {"DateExpiry": "2020-01-01T00:00:00Z"},
        {"DateExpiry": "2099-01-01T00:00:00"},
        {"DateExpiry": "tomorrow"},
        {"Ttl": "2147483647"},
        {"Ttl": "-1"},
        {"Mode": "fax"},
        {"Status": "paused"},
    ],
)
def test_invalid_values_are_refused(emulator: Emulator, service: Object, form: dict[str, str]) -> None:
    reply = emulator.send("POST", f"/v1/Services/{service['sid']}/Sessions", form)
    assert (reply.status, reply.json["code"]) == (400, 80701)
    assert emulator.sessions(service["sid"]) == []
    if "Mode" not in form:
        assert send(emulator, emulator.create_session(service["sid"]), **form) == (400, 80701)


# Status


def test_a_session_is_closed_and_reopened(emulator: Emulator, service: Object) -> None:
    session = emulator.create_session(service["sid"], participants=[{"Identifier": FIRST}])
    (participant,) = emulator.children(session)
    assert send(emulator, session, Status="in-progress") == (400, 80608)
    _status, closed = send(emulator, session, Status="closed")
    assert (closed["status"], closed["closed_reason"]) == ("closed", "api")
    assert closed["date_ended"] >= session["date_created"]
    assert send(emulator, session, Status="open") == (400, 80608)
    assert send(emulator, session, Ttl="6") == (400, 80607)
    assert send(emulator, session)[0] == 200
    _status, again = send(emulator, session, Status="in-progress")
    assert (again["status"], again["closed_reason"], again["date_ended"]) == ("in-progress", None, None)
    assert emulator.children(session) == [participant]
    assert send(emulator, session, Status="closed")[0] == 200


def test_a_session_is_not_reopened_if_its_participant_has_the_number_elsewhere(
    emulator: Emulator, service: Object
) -> None:
    one, other = (emulator.create_session(service["sid"], participants=[{"Identifier": FIRST}]) for _time in range(2))
    send(emulator, one, Status="closed")
    number = emulator.children(one)[0]["proxy_identifier"]
    send(emulator, other, Status="closed")
    third = emulator.create_session(
        service["sid"], participants=[{"Identifier": FIRST, "ProxyIdentifier": number}, {"Identifier": SECOND}]
    )
    assert send(emulator, one, Status="in-progress") == (400, 80604)
    assert send(emulator, other, Status="in-progress")[0] == 200
    assert delete(emulator, third) == (204, None)
    assert send(emulator, one, Status="in-progress")[0] == 200


@pytest.mark.parametrize(
    ("answer", "expected"), [("accepted", (201, "closed")), ("ignored", (201, "open")), ("refused", (400, 80608))]
)
def test_status_at_creation(emulator: Emulator, answer: str, expected: tuple[int, t.Any]) -> None:
    path = f"/v1/Services/{new_service(emulator, status_at_creation=answer)['sid']}/Sessions"
    reply = emulator.send("POST", path, {"Status": "closed"})
    assert (reply.status, reply.json.get("code") or reply.json["status"]) == expected
    assert emulator.send("POST", path, {"Status": "open"}).status == 201


@pytest.mark.parametrize(("answer", "expected"), [("refused", 400), ("accepted", 200)])
def test_closing_twice(emulator: Emulator, answer: str, expected: int) -> None:
    session = emulator.create_session(new_service(emulator, closing_twice=answer)["sid"], status="closed")
    status, after = send(emulator, session, Status="closed")
    assert status == expected
    assert after == 80608 or after["date_ended"] == session["date_ended"]


@pytest.mark.parametrize(("answer", "expected"), [("accepted", 200), ("refused", 400)])
def test_change_while_reopening(emulator: Emulator, answer: str, expected: int) -> None:
    session = emulator.create_session(new_service(emulator, change_while_reopening=answer)["sid"], status="closed")
    status, after = send(emulator, session, Status="in-progress", Ttl="7")
    assert status == expected
    assert after == 80607 or (after["status"], after["ttl"]) == ("in-progress", 7)


@pytest.mark.parametrize(("answer", "expected"), [("taken", 400), ("free", 201)])
def test_closed_session_name(emulator: Emulator, answer: str, expected: int) -> None:
    service = new_service(emulator, closed_session_name=answer)
    session = emulator.create_session(service["sid"], unique_name="one", status="closed")
    path = f"/v1/Services/{service['sid']}/Sessions"
    assert emulator.send("POST", path, {"UniqueName": "one"}).status == expected
    assert send(emulator, session, Status="in-progress") == ((400, 80603) if expected == 201 else (200, mock.ANY))


@pytest.mark.parametrize("listed", [True, False])
def test_closed_sessions_are_listed(emulator: Emulator, listed: bool) -> None:
    service = new_service(emulator, closed_sessions_are_listed=listed)
    session = emulator.create_session(service["sid"], status="closed")
    other = emulator.create_session(service["sid"])
    found = [entry["sid"] for entry in emulator.sessions(service["sid"])]
    assert found == [session["sid"]] * listed + [other["sid"]]
    assert read(emulator, session) == session


@pytest.mark.parametrize(("answer", "expected"), [("accepted", (204, None)), ("refused", (400, 80701))])
def test_deletion_of_open_session(emulator: Emulator, answer: str, expected: tuple[int, int | None]) -> None:
    session = emulator.create_session(new_service(emulator, deletion_of_open_session=answer)["sid"])
    assert delete(emulator, session) == expected
    closed = emulator.create_session(session["service_sid"], status="closed")
    assert delete(emulator, closed) == (204, None)


# Time


def test_the_ttl_begins_with_the_last_interaction(emulator: Emulator, service: Object) -> None:
    session = emulator.create_session(service["sid"], ttl=100)
    emulator.move_clock(1000)
    assert read(emulator, session)["status"] == "open"
    emulator.interact(session)
    first = read(emulator, session)
    assert (first["status"], first["date_started"]) == ("in-progress", first["date_last_interaction"])
    assert first["date_expiry"] > first["date_started"]
    emulator.move_clock(90)
    emulator.interact(session)
    second = read(emulator, session)
    assert second["date_started"] == first["date_started"] < second["date_last_interaction"]
    assert second["date_expiry"] > first["date_expiry"]
    assert send(emulator, session, Ttl="200")[1]["date_expiry"] > second["date_expiry"]
    assert send(emulator, session, Ttl="0")[1]["date_expiry"] is None
    send(emulator, session, Ttl="100")
    emulator.move_clock(101)
    closed = read(emulator, session)
    assert (closed["status"], closed["closed_reason"], closed["date_ended"]) == ("closed", "ttl", closed["date_expiry"])
    assert send(emulator, session, Status="in-progress")[1]["date_expiry"] is None


def test_a_date_wins_over_the_ttl(emulator: Emulator, service: Object) -> None:
    session = emulator.create_session(service["sid"], ttl=100, date_expiry=TOMORROW)
    emulator.interact(session)
    emulator.move_clock(1000)
    found = read(emulator, session)
    assert (found["status"], found["date_expiry"], found["ttl"]) == ("in-progress", TOMORROW, 100)


def test_a_closed_session_is_deleted_after_ninety_days(emulator: Emulator, service: Object) -> None:
    session = emulator.create_session(service["sid"], unique_name="one", status="closed")
    emulator.move_clock(90 * DAY - 5)
    assert read(emulator, session)["status"] == "closed"
    emulator.move_clock(5)
    assert emulator.sessions(service["sid"]) == []
    assert emulator.create_session(service["sid"], unique_name="one")["unique_name"] == "one"


@pytest.mark.parametrize(("answer", "status"), [("unlimited", "open"), ("90_days", "closed")])
def test_session_without_limit(emulator: Emulator, answer: str, status: str) -> None:
    service = new_service(emulator, session_without_limit=answer)
    emulator.send("POST", f"/v1/Services/{service['sid']}", {"DefaultTtl": "0"})
    session = emulator.create_session(service["sid"])
    assert (session["date_expiry"] is None) == (status == "open")
    emulator.move_clock(90 * DAY)
    assert read(emulator, session)["status"] == status


@pytest.mark.parametrize(("answer", "status"), [("accepted", 201), ("refused", 400)])
def test_zero_ttl(emulator: Emulator, answer: str, status: int) -> None:
    path = f"/v1/Services/{new_service(emulator, zero_ttl=answer)['sid']}/Sessions"
    assert emulator.send("POST", path, {"Ttl": "0"}).status == status


@pytest.mark.parametrize("mode", ["voice-and-message", "message-only"])
def test_default_mode(emulator: Emulator, mode: str) -> None:
    assert emulator.create_session(new_service(emulator, default_mode=mode)["sid"])["mode"] == mode


# Participants at the creation


REPEATED = [json.dumps({"Identifier": FIRST, "FriendlyName": None}), json.dumps({"Identifier": SECOND})]
ARRAY = [json.dumps([{"Identifier": FIRST}, {"Identifier": SECOND}])]


@pytest.mark.parametrize(
    ("form", "accepted"), [("both", [REPEATED, ARRAY]), ("repeated", [REPEATED]), ("array", [ARRAY])]
)
def test_participants_form(emulator: Emulator, form: str, accepted: list[list[str]]) -> None:
    service = new_service(emulator, participants_form=form)
    for value in (REPEATED, ARRAY, ["Zoë"], ['"Zoë"']):
        reply = emulator.send("POST", f"/v1/Services/{service['sid']}/Sessions", {"Participants": value})
        assert reply.status == (201 if value in accepted else 400)
        if value in accepted:
            assert [found["identifier"] for found in emulator.children(reply.json)] == [FIRST, SECOND]
    assert len(emulator.sessions(service["sid"])) == len(accepted)


def test_no_session_is_created_without_its_participants(emulator: Emulator, service: Object) -> None:
    value = [json.dumps({"Identifier": FIRST}), json.dumps({"FriendlyName": "b"})]
    reply = emulator.send("POST", f"/v1/Services/{service['sid']}/Sessions", {"Participants": value})
    assert (reply.status, reply.json["code"]) == (400, 20001)
    assert emulator.sessions(service["sid"]) == []
    assert {number["in_use"] for number in emulator.pool(service["sid"])} == {0}


# Interactions


def test_an_interaction_goes_from_one_participant_to_the_other(emulator: Emulator, service: Object) -> None:
    session = emulator.create_session(service["sid"], participants=[{"Identifier": FIRST}, {"Identifier": SECOND}])
    first, second = (participant["sid"] for participant in emulator.children(session))
    message = emulator.interact(session, data={"body": "I am here"})
    call = emulator.interact(session, "voice", participant_sid=second)
    assert emulator.children(session, "interactions") == [message, call]
    assert (message["inbound_participant_sid"], message["outbound_participant_sid"]) == (first, second)
    assert (call["inbound_participant_sid"], call["outbound_participant_sid"]) == (second, first)
    assert (json.loads(message["data"]), call["data"]) == ({"body": "I am here"}, "{}")
    assert (message["inbound_resource_sid"][:2], call["outbound_resource_sid"][:2]) == ("SM", "CA")
    assert read(emulator, message) == message
    assert delete(emulator, message) == (204, None)
    assert delete(emulator, message) == (400, 80403)


def test_no_interaction_happens_where_none_can(emulator: Emulator, service: Object) -> None:
    session = emulator.create_session(service["sid"], status="closed")
    for members, code in (
        ({"session_sid": session["sid"]}, 80607),
        ({"session_sid": service["sid"]}, 80409),
        ({"session_sid": emulator.create_session(service["sid"])["sid"], "participant_sid": "KP" + ABSENT}, 80405),
    ):
        body = json.dumps({"type": "voice", **members}).encode()
        assert emulator.send("POST", "/__emulator__/interactions", body=body).json["code"] == code
    reply = emulator.send("POST", "/__emulator__/clock", body=b'{"seconds": -1}')
    assert (reply.status, reply.json["message"]) == (400, "body.seconds: -1 is less than 0.")
    assert set(emulator.send("GET", "/__emulator__/clock").json) == {"now"}


@pytest.mark.parametrize(("hold", "expected"), [(False, (204, None)), (True, (400, 80615))])
def test_legal_hold(emulator: Emulator, hold: bool, expected: tuple[int, int | None]) -> None:
    session = emulator.create_session(new_service(emulator, legal_hold=hold)["sid"])
    assert delete(emulator, emulator.interact(session)) == expected
    # It is about the Interaction only.
    assert delete(emulator, session) == (204, None)


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("", "DELETE GET POST"),
        ("/Participants", "GET POST"),
        (f"/Participants/KP{ABSENT}", "DELETE GET"),
        ("/Interactions", "GET"),
        (f"/Interactions/KI{ABSENT}", "DELETE GET"),
    ],
)
def test_only_the_operations_of_the_api_are_there(emulator: Emulator, service: Object, path: str, methods: str) -> None:
    session = emulator.create_session(service["sid"])
    reply = emulator.send("PUT", session["url"].removeprefix(emulator.base_url) + path)
    assert (reply.status, reply.headers["allow"]) == (405, methods.replace(" ", ", "))
