# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official Python client manages Sessions, participants and interactions on the emulator."""

from __future__ import annotations

import datetime as dt
import json
import typing as t

import pytest
from twilio.base.exceptions import TwilioRestException

from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

FIRST, SECOND = "+12025550142", "+12025550143"
END = dt.datetime(2099, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


@pytest.fixture
def service(services: t.Any) -> t.Any:
    """The client's object of a Service with a number."""
    service = services.create(unique_name="a")
    service.phone_numbers.create(phone_number="+12025550100")
    return service


def error_of(call: t.Callable[[], t.Any]) -> int | None:
    """Return the code of the error that a call raises."""
    with pytest.raises(TwilioRestException) as error:
        call()
    return error.value.code


def test_a_session_from_its_creation_to_its_deletion(service: t.Any) -> None:
    people = [{"Identifier": FIRST, "FriendlyName": "rider"}, {"Identifier": SECOND}]
    session = service.sessions.create(
        unique_name="ride 1", ttl=60, mode="voice-only", date_expiry=END, participants=people
    )
    assert (session.unique_name, session.status, session.mode, session.ttl) == ("ride 1", "open", "voice-only", 60)
    assert (session.date_expiry, session.date_started, session.closed_reason) == (END, None, None)
    assert {person.identifier for person in session.participants.list()} == {FIRST, SECOND}
    assert error_of(lambda: service.sessions.create(unique_name="ride 1")) == 80603

    context = service.sessions(session.sid)
    assert context.update(ttl=30).ttl == context.fetch().ttl == 30
    closed = context.update(status="closed")
    assert (closed.status, closed.closed_reason) == ("closed", "api")
    assert isinstance(closed.date_ended, dt.datetime)
    assert error_of(lambda: context.update(ttl=20)) == 80607
    assert error_of(lambda: context.update(status="open")) == 80608
    assert context.update(status="in-progress").date_ended is None
    assert [found.sid for found in service.sessions.list()] == [session.sid]
    assert context.delete() is True
    assert service.sessions.list() == []


def test_a_participant_is_added_and_removed(service: t.Any, settings: dict[str, t.Any]) -> None:
    session = service.sessions.create()
    participant = session.participants.create(identifier=FIRST, friendly_name="rider")
    assert (participant.proxy_identifier, participant.date_deleted) == ("+12025550100", None)
    assert session.participants(participant.sid).fetch().friendly_name == "rider"
    number = service.phone_numbers.list()[0]
    assert number.in_use == 1
    assert error_of(number.delete) == 80611
    session.participants(participant.sid).delete()
    is_listed = settings.get("deleted_participants_are_listed", True)
    assert [found.date_deleted is None for found in session.participants.list()] == [False] * is_listed
    again = error_of(lambda: session.participants.create(identifier=FIRST))
    assert again == settings.get("returning_participant_code", 80103)
    other = service.sessions.create().participants.create(identifier=FIRST, proxy_identifier_sid=number.sid)
    assert other.proxy_identifier == "+12025550100"


def test_an_interaction_is_read_and_deleted(service: t.Any, emulator: Emulator) -> None:
    session = service.sessions.create(participants=[{"Identifier": FIRST}, {"Identifier": SECOND}])
    sid = emulator.interact({"sid": session.sid}, data={"body": "I am here"})["sid"]
    (interaction,) = session.interactions.list()
    assert (interaction.sid, interaction.type, json.loads(interaction.data)) == (sid, "message", {"body": "I am here"})
    assert interaction.inbound_resource_status == "delivered"
    assert service.sessions(session.sid).fetch().status == "in-progress"
    assert session.interactions(sid).delete() is True
    assert session.interactions.list() == []
