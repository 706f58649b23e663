# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions, Participants and Interactions: what their tables add, with prepared answers."""

from __future__ import annotations

import json
import typing as t
from urllib.parse import parse_qsl

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils._resources import (
    INTERACTION,
    PARTICIPANT,
    SERVICE,
    SESSION,
    Resource,
)

from .made_up import absent, modules
from .tasks import Result, Task
from .wire import (
    BASE_URL,
    INTERACTION_SID,
    LIST,
    NUMBER_SID,
    OTHER_SID,
    PARTICIPANT_SID,
    SESSION_SID,
    SID,
    Answer,
    Step,
    error,
    interaction,
    page,
    participant,
    service,
    session,
    sessions,
)

RESET = ConnectionResetError(104, "Reset by peer")
IN_SERVICE: Result = {"service_sid": SID}
IN_SESSION: Result = {"service_sid": SID, "session_sid": SESSION_SID}
BY_NAMES: Result = {"service_unique_name": "rides", "session_unique_name": "ride 1"}
RIDER: Result = {"identifier": "+12025550142"}
REMOVED = participant(date_deleted="2026-11-24T08:00:00Z")
OTHER_SESSION = session(sid="KC" + "2" * 32, unique_name="ride 2", status="closed")
ALL = {"PageSize": "1000"}
GET_SESSIONS, GET_PARTICIPANTS, GET_INTERACTIONS = (
    ("GET", path, ALL) for path in (sessions(), sessions("Participants"), sessions("Interactions"))
)
NO_SESSIONS, NO_PARTICIPANTS = page(of=SESSION), page(of=PARTICIPANT)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> t.Callable[[Resource], Task]:
    """Return a function that makes a runner of a resource's modules."""
    return lambda resource: Task(monkeypatch, capsys, *modules(resource))


@pytest.fixture
def session_task(run: t.Callable[[Resource], Task]) -> Task:
    return run(SESSION)


@pytest.fixture
def participant_task(run: t.Callable[[Resource], Task]) -> Task:
    return run(PARTICIPANT)


@pytest.fixture
def interaction_task(run: t.Callable[[Resource], Task]) -> Task:
    return run(INTERACTION)


# Sessions


def test_a_session_is_created_with_a_parameter_for_each_participant(session_task: Task) -> None:
    people = [{**RIDER, "friendly_name": "Zoë"}, {"identifier": "messenger:1", "proxy_identifier_sid": NUMBER_SID}]
    options: Result = {
        "unique_name": "ride 1",
        "mode": "voice-only",
        "ttl": 60,
        "date_expiry": "2026-12-01T09:00+01:00",
    }
    created = session(mode="voice-only", ttl=60)
    result = session_task(
        NO_SESSIONS, Answer(201, created), **IN_SERVICE, **options, status="in-progress", participants=people
    )
    assert (result["changed"], result["session"]) == (True, created)
    assert parse_qsl(str(session_task.wire.prepared[-1].body)) == [
        ("UniqueName", "ride 1"),
        ("Mode", "voice-only"),
        ("Ttl", "60"),
        ("DateExpiry", "2026-12-01T08:00:00Z"),
        ("Participants", json.dumps({"Identifier": "+12025550142", "FriendlyName": "Zoë"})),
        ("Participants", json.dumps({"Identifier": "messenger:1", "ProxyIdentifierSid": NUMBER_SID})),
    ]
    # It exists now: nothing is compared that can only be given to a new one.
    result = session_task(page(created, of=SESSION), **IN_SERVICE, **options, participants=[{"identifier": "other"}])
    assert (result["changed"], session_task.wire.requests) == (False, [GET_SESSIONS])


def test_a_predicted_session_has_no_values_that_twilio_decides(session_task: Task) -> None:
    options: Result = {"unique_name": "ride 1", "participants": [RIDER], "_ansible_check_mode": True}
    predicted = session_task(NO_SESSIONS, **IN_SERVICE, **options)["session"]
    known = {"service_sid": SID, "unique_name": "ride 1", "mode": "voice-and-message", "status": "open"}
    assert {name: value for name, value in predicted.items() if value is not None} == {
        "account_sid": session()["account_sid"],
        **known,
    }


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ([{"friendly_name": "rider"}], "missing required arguments: identifier"),
        ([RIDER, {"identifier": "a" * 4000}], "participants[1].identifier: 'aaaa"),
        ([{**RIDER, "proxy_identifier_sid": "PN1"}], "participants[0].proxy_identifier_sid: 'PN1' is not PN"),
        ([{"identifier": 12025550142}], "participants[0].identifier: 12025550142 is not a string."),
    ],
)
def test_participants_are_checked_before_any_request(people: list[Result], words: str, session_task: Task) -> None:
    result = session_task(**IN_SERVICE, unique_name="ride 1", participants=people)
    assert result["failed"]
    assert words in result["msg"]


@pytest.mark.parametrize(
    ("current", "status", "form"),
    [
        ("open", "in-progress", None),
        ("in-progress", "in-progress", None),
        ("closed", "closed", None),
        ("open", "closed", {"Status": "closed"}),
        ("in-progress", "closed", {"Status": "closed"}),
        ("closed", "in-progress", {"Status": "in-progress"}),
    ],
)
def test_a_status_is_sent_where_it_differs(
    current: str, status: str, form: dict[str, str] | None, session_task: Task
) -> None:
    answers = [] if form is None else [Answer(200, session(status=status))]
    result = session_task(Answer(200, session(status=current)), *answers, **IN_SERVICE, sid=SESSION_SID, status=status)
    assert result["changed"] == (form is not None)
    path = f"{sessions()}/{SESSION_SID}"
    assert session_task.wire.requests == [("GET", path, {}), *([] if form is None else [("POST", path, form)])]


@pytest.mark.parametrize("status", ["closed", "open"])
def test_a_status_that_somebody_else_changed_is_looked_at_once(status: str, session_task: Task) -> None:
    steps = [Answer(200, session()), error(400, 80608), Answer(200, session(status=status))]
    result = session_task(*steps, **IN_SERVICE, sid=SESSION_SID, status="closed")
    assert (result["changed"], result.get("code")) == (False, None if status == "closed" else 80608)
    assert [request[0] for request in session_task.wire.requests] == ["GET", "POST", "GET"]


def test_what_comes_with_a_status_or_ttl_is_not_predicted(session_task: Task) -> None:
    closed = session(status="closed", closed_reason="api", date_ended="2026-11-24T08:00:00Z")
    options: Result = {**IN_SERVICE, "sid": SESSION_SID, "_ansible_check_mode": True}
    reopened = session_task(Answer(200, closed), **options, status="in-progress", date_expiry="2099-01-01T00:00:00Z")
    dates = {"date_expiry": "2099-01-01T00:00:00Z", "date_updated": None}
    assert reopened["session"] == session(status="in-progress", **dates)
    prolonged = session_task(Answer(200, session()), **options, ttl=60)
    assert prolonged["session"] == session(ttl=60, date_expiry=None, date_updated=None)


def test_only_a_status_that_can_be_asked_for_is_an_option(session_task: Task) -> None:
    result = session_task(**IN_SERVICE, unique_name="ride 1", status="open")
    assert "value of status must be one of: in-progress, closed, got: open" in result["msg"]


def test_another_mode_is_an_error_before_any_write(session_task: Task) -> None:
    answers = page(session(), of=SESSION)
    result = session_task(answers, **IN_SERVICE, unique_name="ride 1", mode="voice-only", status="closed")
    assert result["msg"] == (
        f"The Session 'ride 1' ({SESSION_SID}) has the mode 'voice-and-message', not 'voice-only'. This cannot be"
        " changed after creation. Delete it and create it again, or leave out mode. Nothing was changed."
    )


# Never twice


@pytest.mark.parametrize("found", [True, False])
def test_a_session_whose_answer_was_lost_is_looked_up(found: bool, session_task: Task) -> None:
    again = [page(session(), of=SESSION)] if found else [NO_SESSIONS, Answer(201, session())]
    result = session_task(NO_SESSIONS, RESET, *again, **IN_SERVICE, unique_name="ride 1")
    assert (result["changed"], result["session"]) == (True, session())
    assert [request[0] for request in session_task.wire.requests] == ["GET", "POST", "GET", *["POST"] * (not found)]


@pytest.mark.parametrize("found", [True, False])
def test_a_participant_whose_answer_was_lost_is_looked_up(found: bool, participant_task: Task) -> None:
    again = [page(participant(), of=PARTICIPANT)] if found else [page(REMOVED, of=PARTICIPANT), error(400, 80103)]
    result = participant_task(NO_PARTICIPANTS, RESET, *again, *([] if found else again[:1]), **IN_SESSION, **RIDER)
    assert result["changed"]
    assert result.get("failed", False) is not found
    assert participant_task.wire.steps == []


# Participants


def test_a_participant_is_found_through_its_chain_and_added(participant_task: Task) -> None:
    next_page = f"{BASE_URL}{sessions()}?Page=1"
    down = [
        page(service(sid=OTHER_SID, unique_name="other"), service(), following=f"{BASE_URL}{LIST}?Page=1"),
        page(OTHER_SESSION, of=SESSION, following=next_page),
        page(session(), of=SESSION, following=next_page + "2"),
    ]
    requests = [("GET", LIST, ALL), GET_SESSIONS, ("GET", sessions(), {"Page": "1"}), GET_PARTICIPANTS]
    added = participant_task(*down, NO_PARTICIPANTS, Answer(201, participant()), **BY_NAMES, **RIDER)
    assert (added["changed"], added["participant"]) == (True, participant())
    form = {"Identifier": "+12025550142"}
    assert participant_task.wire.requests == [*requests, ("POST", sessions("Participants"), form)]
    # One page of the last list, up to the Participant; by SIDs, nothing but the object.
    further = f"{BASE_URL}{sessions('Participants')}?Page=1"
    found = page(participant(), of=PARTICIPANT, following=further)
    assert participant_task(*down, found, **BY_NAMES, **RIDER)["changed"] is False
    assert participant_task.wire.requests == requests
    assert participant_task(Answer(200, participant()), **IN_SESSION, sid=PARTICIPANT_SID)["changed"] is False
    assert len(participant_task.wire.requests) == 1
    assert participant_task(*down, found, info=True, **BY_NAMES, **RIDER)["participants"] == [participant()]
    assert participant_task.wire.requests == requests


@pytest.mark.parametrize("answer", [Answer(200), Answer(200, participant()), Answer(204)])
def test_a_participant_is_removed(answer: Answer, participant_task: Task) -> None:
    result = participant_task(Answer(200, participant()), answer, **IN_SESSION, sid=PARTICIPANT_SID, state="absent")
    assert (result["changed"], result["participant"]) == (True, participant())


def test_a_removed_participant_is_not_there(participant_task: Task) -> None:
    shown = page(REMOVED, participant(identifier="+12025550143"), of=PARTICIPANT)
    for options, answer in ((RIDER, shown), ({"sid": PARTICIPANT_SID}, Answer(200, REMOVED))):
        result = participant_task(answer, **IN_SESSION, **options, state="absent")
        assert (result["changed"], result["participant"]) == (False, {})
    assert participant_task(shown, info=True, **IN_SESSION, **RIDER)["participants"] == []
    found = participant_task(shown, info=True, **IN_SESSION, limit=1, properties=["identifier"])["participants"]
    assert found == [{"identifier": "+12025550143"}]
    assert participant_task.wire.requests == [GET_PARTICIPANTS]
    added = participant_task(shown, Answer(201, participant()), **IN_SESSION, **RIDER)
    assert added["changed"]


@pytest.mark.parametrize("code", [80103, 80612])
def test_a_participant_does_not_come_back_and_the_message_has_the_way_out(code: int, participant_task: Task) -> None:
    again = [page(REMOVED, of=PARTICIPANT)] if code == PARTICIPANT.taken_code else []
    result = participant_task(NO_PARTICIPANTS, error(400, code), *again, **IN_SESSION, **RIDER)
    assert (result["failed"], result["changed"], result["code"]) == (True, False, code)
    assert "Add it to another Session. Nothing was changed." in result["msg"]
    assert participant_task.wire.steps == []


def test_a_participant_that_somebody_else_added_is_accepted(participant_task: Task) -> None:
    steps: list[Step] = [NO_PARTICIPANTS, error(400, 80103), page(participant(), of=PARTICIPANT)]
    result = participant_task(*steps, **IN_SESSION, **RIDER)
    assert (result["changed"], result["participant"]) == (False, participant())


def test_a_participant_that_differs_is_an_error_before_any_write(participant_task: Task) -> None:
    options = {**RIDER, "friendly_name": "driver", "proxy_identifier": "+12025550199"}
    result = participant_task(page(participant(), of=PARTICIPANT), **IN_SESSION, **options)
    assert result["msg"] == (
        f"The Participant '+12025550142' ({PARTICIPANT_SID}) has the friendly_name 'rider', not 'driver' and the"
        " proxy_identifier '+12025550101', not '+12025550199'. This cannot be changed after creation."
        " Use another Session, or leave out friendly_name and proxy_identifier. Nothing was changed."
    )


def test_a_participant_needs_its_session(participant_task: Task) -> None:
    result = participant_task(page(service()), NO_SESSIONS, **BY_NAMES, **RIDER)
    assert result["msg"].startswith(f"There is no Session 'ride 1' in the Service {SID}.")
    result = participant_task(absent(SESSION), **IN_SESSION, **RIDER, state="absent")
    assert (result["changed"], result["participant"]) == (False, {})


# Interactions


def test_an_interaction_is_deleted(interaction_task: Task) -> None:
    options = {**IN_SESSION, "sid": INTERACTION_SID, "state": "absent"}
    result = interaction_task(Answer(200, interaction()), Answer(204), **options)
    assert (result["changed"], result["interaction"]) == (True, interaction())
    assert interaction_task(absent(INTERACTION), **options)["interaction"] == {}
    assert interaction_task(absent(SERVICE), **options)["changed"] is False
    held = interaction_task(Answer(200, interaction()), error(400, 80615), **options)
    assert (held["failed"], held["changed"]) == (True, False)
    assert "after the legal hold has ended" in held["msg"]


def test_an_interaction_has_to_be_named_and_absent(interaction_task: Task) -> None:
    assert "missing required arguments: state" in interaction_task(**IN_SESSION, sid=INTERACTION_SID)["msg"]
    result = interaction_task(**IN_SESSION, state="absent")
    assert "missing required arguments: sid" in result["msg"]


# Filters


def test_a_filter_is_applied_before_the_limit(session_task: Task) -> None:
    first = page(session(), OTHER_SESSION, of=SESSION, following=f"{BASE_URL}{sessions()}?Page=1")
    second = page(session(status="in-progress"), session(), of=SESSION, following=f"{BASE_URL}{sessions()}?Page=2")
    wanted = {"status": ["closed", "in-progress"], "limit": 2, "properties": ["unique_name"]}
    found = session_task(first, second, info=True, **IN_SERVICE, **wanted)
    assert found["sessions"] == [{"unique_name": "ride 2"}, {"unique_name": "ride 1"}]
    # As many objects as are wanted would be too small a page.
    assert session_task.wire.requests == [GET_SESSIONS, ("GET", sessions(), {"Page": "1"})]
    paged = session_task(page(session(), of=SESSION), info=True, **IN_SERVICE, status="open", page_size=7, limit=1)
    assert (len(paged["sessions"]), session_task.wire.requests) == (1, [("GET", sessions(), {"PageSize": "7"})])


@pytest.mark.parametrize(("status", "count"), [(["open"], 1), (["closed", "failed"], 0), ([], 1)])
def test_a_filter_is_applied_to_one_object(status: list[str], count: int, session_task: Task) -> None:
    for answer, options in (
        (Answer(200, session()), {"sid": SESSION_SID}),
        (page(session(), of=SESSION), {"unique_name": "ride 1"}),
    ):
        found = session_task(answer, info=True, **IN_SERVICE, **options, status=status)
        assert found["sessions"] == [session()] * count


def test_interactions_of_a_type(interaction_task: Task) -> None:
    call = interaction(type="voice", sid="KI" + "2" * 32)
    answer = page(interaction(), call, of=INTERACTION)
    assert interaction_task(answer, info=True, **IN_SESSION, type="voice")["interactions"] == [call]
    assert interaction_task.wire.requests == [GET_INTERACTIONS]
    assert "value of type must be one or more of" in interaction_task(info=True, **IN_SESSION, type="fax")["msg"]
