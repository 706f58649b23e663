# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Participants: the choice of their numbers, their removal, and each answer where the behaviour is uncertain."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, Emulator, Reply, form_of

FIRST, SECOND, THIRD = "+12025550142", "+13125550143", "+442079460144"
#: Numbers by what they differ in: the area, the country, what they can do.
WASHINGTON, CHICAGO, LONDON, TEXT, VOICE = (
    "+12025550100",
    "+13125550101",
    "+442079460102",
    "+12025550103",
    "+12025550104",
)
OWNED = [
    *({"phone_number": number} for number in (WASHINGTON, CHICAGO, LONDON)),
    {"phone_number": TEXT, "capabilities": {"voice": False}},
    {"phone_number": VOICE, "capabilities": {"sms": False}},
]

Object = dict[str, t.Any]


def new_service(emulator: Emulator, *numbers: str, reserved: t.Sequence[str] = (), **options: t.Any) -> Object:
    """Return a Service with these numbers. ``options`` are its fields, and settings of the emulator."""
    fields = {name: options.pop(name) for name in ("geo_match_level", "number_selection_behavior") if name in options}
    account = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "phone_numbers": OWNED}
    emulator.reset(accounts=[account], **options)
    service = emulator.create(unique_name="a", **fields)
    for number in numbers:
        emulator.add_number(service["sid"], phone_number=number, is_reserved=number in reserved)
    return service


def add(emulator: Emulator, session: Object, identifier: str = FIRST, **fields: str) -> Reply:
    path = f"/v1/Services/{session['service_sid']}/Sessions/{session['sid']}/Participants"
    return emulator.send("POST", path, form_of({"identifier": identifier, **fields}))


def number_of(reply: Reply) -> t.Any:
    """Return the number of a new Participant, or the code of the error."""
    return reply.json["proxy_identifier"] if reply.status == 201 else reply.json["code"]


def close(emulator: Emulator, session: Object) -> None:
    emulator.send("POST", session["url"].removeprefix(emulator.base_url), {"Status": "closed"})


def remove(emulator: Emulator, thing: Object) -> tuple[int, int | None]:
    reply = emulator.send("DELETE", thing["url"].removeprefix(emulator.base_url))
    return reply.status, reply.json["code"] if reply.body else None


def test_a_participant_has_a_number_of_the_pool(emulator: Emulator) -> None:
    service = new_service(emulator, WASHINGTON)
    session = emulator.create_session(service["sid"])
    reply = add(emulator, session, friendly_name="Zoë")
    participant = reply.json
    assert (reply.status, participant) == (
        201,
        {
            "sid": participant["sid"],
            "account_sid": ACCOUNT_SID,
            "service_sid": service["sid"],
            "session_sid": session["sid"],
            "identifier": FIRST,
            "friendly_name": "Zoë",
            "proxy_identifier": WASHINGTON,
            "proxy_identifier_sid": emulator.pool(service["sid"])[0]["sid"],
            "date_deleted": None,
            "date_created": participant["date_created"],
            "date_updated": participant["date_created"],
            "url": f"{session['url']}/Participants/{participant['sid']}",
            "links": {"message_interactions": f"{participant['url']}/MessageInteractions"},
        },
    )
    assert emulator.children(session) == [participant]
    assert number_of(add(emulator, session)) == 80103
    assert number_of(add(emulator, session, SECOND)) == WASHINGTON
    assert number_of(add(emulator, session, "+13125550999")) == 80609


def test_numbers_in_use_are_counted_and_not_removed(emulator: Emulator) -> None:
    service = new_service(emulator, WASHINGTON)
    people = [{"Identifier": FIRST}, {"Identifier": SECOND}]
    session = emulator.create_session(service["sid"], participants=people)
    (number,) = emulator.pool(service["sid"])
    assert number["in_use"] == 1
    assert remove(emulator, number) == (400, 80611)
    close(emulator, session)
    assert emulator.pool(service["sid"])[0]["in_use"] == 0
    assert remove(emulator, number) == (204, None)


def test_a_number_in_use_may_be_removed(emulator: Emulator) -> None:
    service = new_service(emulator, WASHINGTON, removal_of_number_in_use="accepted")
    session = emulator.create_session(service["sid"], participants=[{"Identifier": FIRST}])
    assert remove(emulator, emulator.pool(service["sid"])[0]) == (204, None)
    assert emulator.children(session)[0]["proxy_identifier"] == WASHINGTON


# The choice of a number


@pytest.mark.parametrize(
    ("numbers", "reserved", "options", "identifier", "expected"),
    [
        ([], [], {}, FIRST, 80205),
        ([TEXT], [], {}, FIRST, 80201),
        ([VOICE], [], {}, FIRST, 80202),
        ([TEXT, VOICE], [], {"default_mode": "voice-only"}, FIRST, VOICE),
        ([VOICE, TEXT], [], {"default_mode": "message-only"}, FIRST, TEXT),
        ([WASHINGTON, LONDON], [], {}, THIRD, LONDON),
        ([WASHINGTON], [], {}, THIRD, 80203),
        ([WASHINGTON, CHICAGO], [], {}, SECOND, WASHINGTON),
        ([WASHINGTON, CHICAGO], [], {"geo_match_level": "area-code"}, SECOND, CHICAGO),
        ([WASHINGTON], [], {"geo_match_level": "area-code"}, SECOND, 80206),
        # More than the country is there in North America only.
        ([LONDON], [], {"geo_match_level": "area-code"}, "+441619460144", LONDON),
        ([WASHINGTON, CHICAGO], [WASHINGTON], {}, FIRST, CHICAGO),
        ([WASHINGTON, LONDON], [WASHINGTON], {}, FIRST, 80207),
        ([LONDON], [], {}, "messenger:123456", LONDON),
        ([WASHINGTON], [], {"unreachable_identifiers": [FIRST]}, FIRST, 80404),
        ([WASHINGTON], [], {"unreachable_identifiers": [SECOND]}, FIRST, WASHINGTON),
    ],
)
def test_a_number_is_chosen_by_what_it_can_do_and_where_it_is(
    emulator: Emulator, numbers: list[str], reserved: list[str], options: Object, identifier: str, expected: t.Any
) -> None:
    service = new_service(emulator, *numbers, reserved=reserved, **options)
    assert number_of(add(emulator, emulator.create_session(service["sid"]), identifier)) == expected


@pytest.mark.parametrize(("behavior", "second"), [("prefer-sticky", WASHINGTON), ("avoid-sticky", CHICAGO)])
def test_an_identifier_keeps_its_number_or_gets_others(emulator: Emulator, behavior: str, second: str) -> None:
    service = new_service(emulator, WASHINGTON, CHICAGO, number_selection_behavior=behavior)
    found = []
    for _time in range(3):
        session = emulator.create_session(service["sid"])
        found.append(number_of(add(emulator, session)))
        close(emulator, session)
    # Where all numbers were used before, the first one is used again.
    assert found == [WASHINGTON, second, WASHINGTON]


@pytest.mark.parametrize("code", [80206, 80208])
def test_no_free_number_code(emulator: Emulator, code: int) -> None:
    service = new_service(emulator, WASHINGTON, CHICAGO, no_free_number_code=code)
    sessions = [emulator.create_session(service["sid"]) for _time in range(3)]
    assert [number_of(add(emulator, session)) for session in sessions] == [WASHINGTON, CHICAGO, code]
    assert number_of(add(emulator, sessions[2], SECOND)) == WASHINGTON
    close(emulator, sessions[0])
    assert number_of(add(emulator, sessions[2])) == WASHINGTON


# Numbers that are named


def sids(emulator: Emulator, service: Object) -> dict[str, str]:
    return {number["phone_number"]: number["sid"] for number in emulator.pool(service["sid"])}


def test_a_number_is_named(emulator: Emulator) -> None:
    service = new_service(emulator, WASHINGTON, CHICAGO, LONDON)
    known = sids(emulator, service)
    for name, value in (("proxy_identifier", LONDON), ("proxy_identifier_sid", known[LONDON])):
        session = emulator.create_session(service["sid"])
        assert number_of(add(emulator, session, **{name: value})) == LONDON
        close(emulator, session)
    session = emulator.create_session(service["sid"])
    both = {"proxy_identifier": LONDON, "proxy_identifier_sid": known[CHICAGO]}
    assert number_of(add(emulator, session, **both)) == 80305
    assert number_of(add(emulator, session, proxy_identifier="+12025550999")) == 80304
    assert number_of(add(emulator, session, proxy_identifier_sid="PN" + "0" * 32)) == 80305
    channel = add(emulator, session, "messenger:123456", proxy_identifier="messenger:987654532").json
    assert (channel["proxy_identifier"], channel["proxy_identifier_sid"]) == ("messenger:987654532", None)


@pytest.mark.parametrize("code", [80604, 80000])
def test_number_conflict_code(emulator: Emulator, code: int) -> None:
    service = new_service(emulator, WASHINGTON, number_conflict_code=code)
    sessions = [emulator.create_session(service["sid"]) for _time in range(2)]
    found = [number_of(add(emulator, session, proxy_identifier=WASHINGTON)) for session in sessions]
    assert found == [WASHINGTON, code]


@pytest.mark.parametrize(("answer", "expected"), [("accepted", [LONDON] * 2), ("refused", [80304, 80207])])
def test_reserved_number_by_name(emulator: Emulator, answer: str, expected: list[t.Any]) -> None:
    service = new_service(emulator, LONDON, reserved=[LONDON], reserved_number_by_name=answer)
    session = emulator.create_session(service["sid"])
    found = [
        number_of(add(emulator, session, FIRST, proxy_identifier=LONDON)),
        number_of(add(emulator, session, SECOND, proxy_identifier_sid=sids(emulator, service)[LONDON])),
    ]
    assert found == expected


# Removal


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("status", [200, 204])
@pytest.mark.parametrize("code", [80103, 80612])
def test_a_removed_participant_does_not_come_back(emulator: Emulator, listed: bool, status: int, code: int) -> None:
    service = new_service(
        emulator,
        WASHINGTON,
        deleted_participants_are_listed=listed,
        participant_deletion_status=status,
        returning_participant_code=code,
    )
    people = [{"Identifier": FIRST}, {"Identifier": SECOND}]
    session = emulator.create_session(service["sid"], participants=people)
    first, second = emulator.children(session)
    assert remove(emulator, first) == (status, None)
    assert remove(emulator, first) == (400, 80405)
    assert number_of(add(emulator, session, FIRST)) == code
    found = emulator.send("GET", first["url"].removeprefix(emulator.base_url))
    assert found.status == (200 if listed else 400)
    assert not listed or found.json["date_deleted"] >= first["date_created"]
    assert emulator.children(session) == [found.json] * listed + [second]
    # The place is free, and the number.
    assert number_of(add(emulator, session, "+13125550999")) == WASHINGTON
    assert number_of(add(emulator, emulator.create_session(service["sid"]), FIRST)) == WASHINGTON
    assert remove(emulator, session) == (204, None)


@pytest.mark.parametrize(("answer", "expected"), [("refused", [80607, 400]), ("accepted", [WASHINGTON, 200])])
def test_participants_of_closed_session(emulator: Emulator, answer: str, expected: list[t.Any]) -> None:
    service = new_service(emulator, WASHINGTON, participants_of_closed_session=answer)
    session = emulator.create_session(service["sid"], participants=[{"Identifier": FIRST}])
    close(emulator, session)
    assert [number_of(add(emulator, session, SECOND)), remove(emulator, emulator.children(session)[0])[0]] == expected


def test_sessions_at_the_start() -> None:
    person = {"identifier": FIRST, "sid": "KP" + "1" * 32}
    call = {"type": "voice", "sid": "KI" + "1" * 32, "data": {"seconds": 5}}
    session: dict[str, t.Any] = {"unique_name": "one", "sid": "KC" + "1" * 32, "ttl": 60}
    session |= {"participants": [person], "interactions": [call]}
    pool = [{"phone_number": WASHINGTON}]
    service = {"unique_name": "a", "phone_numbers": pool, "sessions": [session]}
    account = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "phone_numbers": pool, "services": [service]}
    with Emulator(accounts=[account]) as emulator:
        (found,) = emulator.sessions(emulator.services()[0]["sid"])
        assert (found["sid"], found["unique_name"], found["ttl"]) == (session["sid"], "one", 60)
        assert found["status"] == "in-progress"
        (participant,) = emulator.children(found)
        assert (participant["sid"], participant["proxy_identifier"]) == (person["sid"], WASHINGTON)
        (interaction,) = emulator.children(found, "interactions")
        assert (interaction["sid"], interaction["data"]) == (call["sid"], '{"seconds": 5}')
        assert interaction["inbound_participant_sid"] == person["sid"]
