# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module sessions, from its options to its requests and results, with prepared answers."""

from __future__ import annotations

import threading
import typing as t

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils import _bulk, _module
from ansible_collections.twilio.proxy.plugins.module_utils._resources import INTERACTION, PARTICIPANT, SESSION
from ansible_collections.twilio.proxy.plugins.module_utils._result import FAILURE_KEYS, NOT_KNOWN
from ansible_collections.twilio.proxy.plugins.module_utils._sessions_plan import SESSION_OPERATIONS
from ansible_collections.twilio.proxy.plugins.module_utils._sessions_task import sessions_task
from ansible_collections.twilio.proxy.plugins.modules import sessions as sessions_module

from .tasks import NULL, Result, Routes, Task, warnings_of
from .wire import (
    ABSENT,
    LIST,
    OTHER_SID,
    SID,
    Answer,
    error,
    interaction,
    page,
    participant,
    service,
    session,
    sessions,
)

KC = ["KC" + str(number) * 32 for number in range(10)]
IN_RIDES: Result = {"service_sid": SID, "concurrency": 1}
CLOSE: Result = {**IN_RIDES, "state": "closed", "status": ["open"]}
DELETE: Result = {**IN_RIDES, "state": "absent", "unique_name_matching": "."}
GET_SESSIONS = ("GET", sessions())
GONE = error(400, SESSION.absent_code, SESSION.absent_message)
RESET = ConnectionResetError(104, "Reset by peer")
WORDS = [*SESSION_OPERATIONS.values()]


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Task:
    """Return a runner of the module."""
    # Made anew, so that mutation testing changes how it is made.
    monkeypatch.setattr(sessions_module, "TASK", sessions_task())
    return Task(monkeypatch, capsys, sessions_module, sessions_module)


def path(number: int, below: str = "") -> str:
    return f"{sessions()}/{KC[number]}{below}"


def ride(number: int, **fields: t.Any) -> Result:
    return session(sid=KC[number], unique_name=f"ride {number}", **fields)


def closed(number: int) -> Answer:
    return Answer(200, ride(number, status="closed", closed_reason="api"))


def rides(*items: Result) -> Answer:
    return page(*items, of=SESSION)


def people(*items: Result) -> Answer:
    return page(*items, of=PARTICIPANT)


def summary(**counts: int) -> Result:
    return {**dict.fromkeys(WORDS, 0), **counts}


def entry(operation: str, number: int, **more: t.Any) -> Result:
    return {"operation": operation, "sid": KC[number], "unique_name": f"ride {number}", "service_sid": SID, **more}


def sent(task: Task) -> list[tuple[str, str]]:
    return [request[:2] for request in task.wire.requests]


# Wrong options


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"service_sid": SID}, "one of the following is required: unique_name_matching, status, idle_for, older_than"),
        ({"status": ["open"]}, "one of the following is required: service_sid, service_unique_name, all_services"),
        ({"service_sid": SID, "all_services": True, "idle_for": 1}, "mutually exclusive"),
        ({"all_services": False, "idle_for": 1}, "all_services: false names no Service."),
        ({"service_sid": "KS1", "idle_for": 1}, "service_sid: 'KS1' is not KS followed by 32"),
        ({"service_sid": NULL, "idle_for": 1}, "service_sid: the value is null."),
        ({"service_sid": SID, "status": []}, "status: the value is empty."),
        (
            {"service_sid": SID, "status": NULL},
            "value of status must be one of: open, in-progress",
        ),
        ({"service_sid": SID, "status": ["open", "lost"]}, "value of status must be one or more of: open, in-progress"),
        ({"service_sid": SID, "idle_for": 0}, "idle_for: 0 is not a whole number of seconds from 1 to"),
        ({"service_sid": SID, "older_than": 1.5}, "older_than: 1.5 is not an integer"),
        ({"service_sid": SID, "unique_name_matching": ""}, "unique_name_matching: the value is empty."),
        ({"service_sid": SID, "unique_name_matching": "("}, "unique_name_matching: '(' is not a regular expression"),
        ({"service_sid": SID, "participant_identifier": ["a", ""]}, "participant_identifier[1]: '' is not"),
        ({"service_sid": SID, "participant_identifier": "a, b"}, "participant_identifier[1]: ' b' is not"),
        (
            {"service_sid": SID, "participant_identifier": 12025550142},
            "participant_identifier: 12025550142 is not a string",
        ),
        ({"service_sid": SID, "phone_number": ["202"]}, "phone_number[0]: '202' is not an E.164 number"),
        ({"service_sid": SID, "phone_number": [12025550100]}, "phone_number[0]: 12025550100 is not a string"),
        ({"service_sid": SID, "idle_for": 1, "max_sessions": 0}, "max_sessions: 0 is not a number from 1"),
        ({"service_sid": SID, "idle_for": 1, "concurrency": 17}, "concurrency: 17 is not a number from 1 to 16"),
        ({"service_sid": SID, "idle_for": 1, "state": "open"}, "must be one of: closed, absent"),
    ],
)
def test_wrong_options_are_refused_before_any_request(task: Task, options: Result, words: str) -> None:
    result = task(**{"state": "closed", **options})
    assert result["failed"]
    assert words in result["msg"].replace('"', "'")
    assert task.wire.requests == []
    assert (result["sessions"], result["summary"], result["changed"]) == ([], summary(), False)
    assert {*FAILURE_KEYS} <= result.keys()


# Requests and results


def test_sessions_are_closed(task: Task) -> None:
    listed = rides(ride(1), ride(2, status="in-progress"), ride(3, status="closed"), ride(4))
    result = task(listed, closed(1), closed(4), **CLOSE)
    assert task.wire.requests == [
        ("GET", sessions(), {"PageSize": "1000"}),
        ("POST", path(1), {"Status": "closed"}),
        ("POST", path(4), {"Status": "closed"}),
    ]
    assert result["sessions"] == [entry("closed", 1), entry("closed", 4)]
    assert (result["changed"], result["summary"]) == (True, summary(closed=2))
    assert "diff" not in result


def test_sessions_are_deleted_whatever_their_status(task: Task) -> None:
    statuses = SESSION.field("status").choices or ()
    listed = rides(*(ride(number, status=status) for number, status in enumerate(statuses)))
    result = task(listed, *[Answer(204)] * len(statuses), **DELETE)
    assert sent(task) == [GET_SESSIONS, *(("DELETE", path(number)) for number in range(len(statuses)))]
    assert result["summary"] == summary(deleted=5)
    assert result["sessions"][0] == entry("deleted", 0)


@pytest.mark.parametrize("state", ["closed", "absent"])
def test_a_second_run_changes_nothing(task: Task, state: str) -> None:
    again = rides(ride(1, status="closed")) if state == "closed" else rides()
    result = task(again, **{**DELETE, "state": state})
    assert (result["changed"], result["sessions"], result["summary"]) == (False, [], summary())
    assert sent(task) == [GET_SESSIONS]


@pytest.mark.parametrize(("state", "operation", "after"), [("closed", "closed", "closed"), ("absent", "deleted", None)])
def test_check_mode_predicts_the_same_result(task: Task, state: str, operation: str, after: str | None) -> None:
    result = task(rides(ride(1)), **{**DELETE, "state": state}, _ansible_check_mode=True, _ansible_diff=True)
    assert sent(task) == [GET_SESSIONS]
    assert result["sessions"] == [entry(operation, 1)]
    assert (result["changed"], result["summary"]) == (True, summary(**{operation: 1}))
    (diff,) = result["diff"]
    assert (diff["before"]["status"], diff["after"] and diff["after"]["status"]) == ("open", after)
    assert diff["before_header"] == f"Session ride 1 ({KC[1]})"


def test_a_session_without_a_name_is_reported_by_its_sid(task: Task) -> None:
    result = task(rides({**ride(1), "unique_name": None}), closed(1), **CLOSE)
    assert result["sessions"] == [{**entry("closed", 1), "unique_name": None}]


def test_the_service_is_found_by_its_name(task: Task) -> None:
    task(page(service()), rides(), **{**CLOSE, "service_sid": None}, service_unique_name="rides")
    assert sent(task) == [("GET", LIST), GET_SESSIONS]


def test_all_services_are_read_and_a_session_keeps_its_service(task: Task) -> None:
    other = f"{LIST}/{OTHER_SID}/Sessions"
    in_other = ride(2, service_sid=OTHER_SID)
    vanished = "KS" + "3" * 32
    routes = {
        ("GET", LIST): [page(service(), service(sid=OTHER_SID), service(sid=vanished))],
        GET_SESSIONS: [rides(ride(1))],
        ("GET", other): [rides(in_other)],
        ("GET", f"{LIST}/{vanished}/Sessions"): [ABSENT],
        ("GET", f"{LIST}/{vanished}"): [ABSENT],
        ("DELETE", path(1)): [Answer(204)],
        ("DELETE", f"{other}/{KC[2]}"): [Answer(204)],
    }
    result = task.routed(routes, all_services=True, state="absent", unique_name_matching="^ride")
    assert not result.get("failed"), result
    assert result["sessions"] == [entry("deleted", 1), {**entry("deleted", 2), "service_sid": OTHER_SID}]
    assert len(task.router.requests) == len(routes)


# Participants and interactions


def test_participants_are_read_of_sessions_that_the_other_filters_select(task: Task) -> None:
    result = task(
        rides(ride(1), ride(2, status="closed"), ride(3), ride(4)),
        people(participant()),
        people(participant(proxy_identifier="+12025550109"), participant(date_deleted="2026-11-23T08:00:00Z")),
        # Deleted in the meantime
        GONE,
        GONE,
        closed(1),
        **CLOSE,
        phone_number=["+12025550101", "+12025550102"],
    )
    assert sent(task) == [
        GET_SESSIONS,
        ("GET", path(1, "/Participants")),
        ("GET", path(3, "/Participants")),
        ("GET", path(4, "/Participants")),
        ("GET", path(4)),
        ("POST", path(1)),
    ]
    assert result["sessions"] == [entry("closed", 1)]


@pytest.mark.parametrize("check", [False, True])
def test_calls_and_messages_of_a_person_are_read_before_the_sessions_are_deleted(task: Task, check: bool) -> None:
    call = "CA" + "1" * 32
    found = interaction(inbound_resource_sid=call)
    result = task(
        rides(ride(1), ride(2), ride(3)),
        people(participant(identifier="rider", date_deleted="2026-11-23T08:00:00Z")),
        people(participant(identifier="driver")),
        people(participant(identifier="rider")),
        page(found, of=INTERACTION),
        GONE,
        GONE,
        *[Answer(204)] * (not check),
        **IN_RIDES,
        state="absent",
        participant_identifier=["rider"],
        _ansible_check_mode=check,
    )
    assert sent(task) == [
        GET_SESSIONS,
        *(("GET", path(number, "/Participants")) for number in (1, 2, 3)),
        ("GET", path(1, "/Interactions")),
        ("GET", path(3, "/Interactions")),
        ("GET", path(3)),
        *[("DELETE", path(1))] * (not check),
    ]
    assert result["sessions"] == [entry("deleted", 1, call_sids=[call], message_sids=[found["outbound_resource_sid"]])]


@pytest.mark.parametrize(
    ("selected", "requests"),
    [
        ({"status": ["open"]}, {"sessions": 10, "writes": 1000}),
        ({"phone_number": ["+12025550101"]}, {"sessions": 10, "participants": 1000, "writes": 500}),
        (
            {"participant_identifier": ["rider 1"]},
            {"sessions": 10, "participants": 1000, "interactions": 500, "writes": 500},
        ),
        (
            {"unique_name_matching": "1$", "phone_number": ["+12025550101"]},
            {"sessions": 10, "participants": 100, "writes": 100},
        ),
    ],
)
def test_a_filter_costs_what_the_documentation_says(task: Task, selected: Result, requests: dict[str, int]) -> None:
    items = [session(sid=f"KC{number:032}", unique_name=f"ride {number}") for number in range(1000)]
    following = [f"https://proxy.example.com{sessions()}?Page={number}" for number in range(1, 10)]
    pages = [
        page(*items[100 * number : 100 * number + 100], following=url, of=SESSION)
        for number, url in enumerate([*following, None])
    ]
    routes: dict[tuple[str, str], list[t.Any]] = {GET_SESSIONS: pages}
    for number, item in enumerate(items):
        place = f"{sessions()}/{item['sid']}"
        person = participant(identifier=f"rider {number % 2}", proxy_identifier=f"+1202555010{number % 2}")
        routes |= {
            ("GET", f"{place}/Participants"): [people(person)],
            ("GET", f"{place}/Interactions"): [page(of=INTERACTION)],
            ("POST", place): [Answer(200, {**item, "status": "closed"})],
        }
    result = task.routed(routes, service_sid=SID, state="closed", max_sessions=1000, concurrency=16, **selected)
    kinds = [
        "writes" if method == "POST" else where.rpartition("/")[2].lower()
        for method, where, _query in task.router.requests
    ]
    assert {kind: kinds.count(kind) for kind in kinds} == requests
    assert result["summary"] == summary(closed=requests["writes"])


# Failures


@pytest.mark.parametrize("check", [False, True])
def test_too_many_sessions_are_refused_before_the_first_write(task: Task, check: bool) -> None:
    listed = rides(*(ride(number) for number in range(3)))
    result = task(listed, **CLOSE, max_sessions=2, _ansible_check_mode=check)
    assert result["msg"] == (
        "max_sessions: 3 Sessions match, and at most 2 may:"
        f" Session 'ride 0' ({KC[0]}), Session 'ride 1' ({KC[1]}), Session 'ride 2' ({KC[2]})."
        " Add a filter, or set max_sessions to 3. Nothing was changed."
    )
    assert sent(task) == [GET_SESSIONS]
    assert (result["sessions"], result["summary"]) == ([], summary())


def test_as_many_as_allowed_are_closed(task: Task) -> None:
    result = task(rides(ride(1), ride(2)), closed(1), closed(2), **CLOSE, max_sessions=2)
    assert result["summary"] == summary(closed=2)


def test_a_failure_says_what_was_done(task: Task) -> None:
    refused = error(400, 80701, "No.")
    result = task(rides(ride(1), ride(2), ride(3)), Answer(204), refused, **DELETE)
    assert result["failed"]
    assert result["msg"].startswith(f"sessions[1]: Cannot delete the Session {KC[2]}: No (HTTP 400, code 80701")
    assert "Of 3 entries: 1 deleted, 1 failed, 1 not attempted." in result["msg"]
    assert [item["operation"] for item in result["sessions"]] == ["deleted", "failed", "not_attempted"]
    assert result["sessions"][1]["error"]["code"] == result["code"] == 80701
    assert (result["changed"], result["summary"]) == (True, summary(deleted=1, failed=1, not_attempted=1))


def test_reading_fails(task: Task) -> None:
    result = task(ABSENT, **CLOSE)
    assert (result["failed"], result["code"], result["sessions"]) == (True, 80408, [])
    assert result["summary"] == summary()
    result = task(rides(ride(1)), error(500, 20500), **CLOSE, phone_number=["+12025550101"], retries=0)
    assert result["msg"].startswith(f"Cannot list the Participants of the Session 'ride 1' ({KC[1]}): No (HTTP 500")


def test_a_lost_answer_is_looked_up_and_the_change_is_ours(task: Task) -> None:
    result = task(rides(ride(1)), RESET, closed(1), **CLOSE)
    assert sent(task) == [GET_SESSIONS, ("POST", path(1)), ("GET", path(1))]
    assert (result["changed"], result["sessions"]) == (True, [entry("closed", 1)])


def test_an_unknown_result_is_said(task: Task) -> None:
    result = task(rides(ride(1)), RESET, error(401, 20003), **CLOSE)
    assert (result["failed"], result["changed"], result["summary"]) == (True, True, summary(failed=1))
    assert NOT_KNOWN in result["msg"]


@pytest.mark.parametrize("gone", [GONE, error(404, 20404)])
def test_a_session_that_was_deleted_in_the_meantime_is_not_closed_or_created(task: Task, gone: Answer) -> None:
    result = task(rides(ride(1)), gone, gone, **CLOSE)
    assert sent(task) == [GET_SESSIONS, ("POST", path(1)), ("GET", path(1))]
    assert (result["changed"], result["sessions"]) == (False, [entry("unchanged", 1)])


def test_a_session_that_was_closed_in_the_meantime_is_unchanged(task: Task) -> None:
    stale = error(400, SESSION.stale_code, "No.")
    result = task(rides(ride(1)), stale, closed(1), **CLOSE)
    assert (result["changed"], result["sessions"]) == (False, [entry("unchanged", 1)])


def test_a_value_that_twilio_does_not_accept_is_a_warning(task: Task) -> None:
    task(rides(ride(1)), Answer(200, ride(1)), **CLOSE)
    assert task.warnings[0].startswith("sessions[0]: status was set to 'closed', but Twilio answered with 'open'")


class TimeLimit(BaseException):
    """Stands for Ansible's timeout of a task."""


def test_the_timeout_of_the_task_shows_what_was_done(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_module.Module, "time_limit", (TimeLimit,))

    sent, ended = threading.Event(), threading.Event()

    def interrupt(*_arguments: t.Any) -> None:
        sent.wait(10)
        raise TimeLimit

    # The main thread, where the timeout comes, shows the line about a retry.
    monkeypatch.setattr(_module.Module, "on_retry", interrupt)
    monkeypatch.setattr(_bulk, "TIME_TO_FINISH", 0.05)

    def late() -> Answer:
        sent.set()
        ended.wait(10)
        return closed(2)

    routes: Routes = {
        GET_SESSIONS: [rides(ride(1), ride(2), ride(3))],
        ("POST", path(1)): [closed(1)],
        ("POST", path(2)): [error(429, 20429), late],
    }
    result = task.routed(routes, **CLOSE)
    ended.set()
    assert result["msg"].startswith("Ansible ended the task because of its timeout. Of 3 entries: 1 closed")
    assert "It is not known whether these were changed: sessions[1]." in result["msg"]
    assert [item["operation"] for item in result["sessions"]] == ["closed", "failed", "not_attempted"]
    assert (result["changed"], result["summary"]) == (True, summary(closed=1, failed=1, not_attempted=1))


# A Service that an earlier task would create


@pytest.mark.parametrize(
    ("named", "steps", "words"),
    [
        ({"service_unique_name": "new"}, [page()], "There is no Service 'new' yet."),
        ({"service_sid": NULL}, [], "There is no Service yet, because service_sid is null."),
        ({"service_sid": ""}, [], "There is no Service yet"),
    ],
)
def test_check_mode_warns_of_a_service_that_is_not_there_yet(
    task: Task, named: Result, steps: list[Answer], words: str
) -> None:
    options = {"state": "closed", "idle_for": 1, **named, "_ansible_check_mode": True}
    result = task(*steps, **options)
    assert (result["changed"], result["sessions"], result["summary"]) == (False, [], summary())
    assert words in task.warnings[0]
    assert words in warnings_of(result)


def test_a_service_that_does_not_exist_is_an_error(task: Task) -> None:
    for state in ("closed", "absent"):
        result = task(page(), service_unique_name="ride", state=state, idle_for=1)
        assert result["msg"].startswith("There is no Service 'ride'.")
        assert (result["changed"], result["sessions"]) == (False, [])
