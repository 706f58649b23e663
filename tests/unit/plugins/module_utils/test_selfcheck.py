# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module selfcheck, whole: which requests it sends, and that it removes what it made, whatever happens."""

from __future__ import annotations

import typing as t

import pytest
import requests

from ansible_collections.twilio.proxy.plugins.module_utils._questions import QUESTIONS
from ansible_collections.twilio.proxy.plugins.module_utils._selfcheck import Run
from ansible_collections.twilio.proxy.plugins.module_utils._task import FAILURE_KEYS
from ansible_collections.twilio.proxy.plugins.modules import selfcheck

from .door import Result, Task, warnings_of
from .wire import ABSENT, LIST, OTHER_SID, SID, TAKEN, Answer, Request, Router, Step, Wire, client, error, page, service

TOKEN = "abcdef0123456789"
NAME, OTHER_NAME = f"ansible-selfcheck-{TOKEN}-name", f"ansible-selfcheck-{TOKEN}-NAME"
ABSENT_SID = f"KS{TOKEN * 2}"
URL = "https://example.com/ansible-selfcheck"

MADE = Answer(201, service(unique_name=NAME, callback_url=URL))
ALSO_MADE = Answer(201, service(unique_name=OTHER_NAME, sid=OTHER_SID))
TOO_LARGE = error(400, 20007)
INVALID = error(400, 80701)
GONE = Answer(204)
LOST = requests.ConnectionError()
NEVER_SENT = requests.ConnectTimeout()
BUSY = error(503, 20503)
LEVELS = ("country", "area-code", "extended-area-code", "overlay", "radius")

READS: list[Step] = [ABSENT, page(service()), TOO_LARGE]
#: The answers to what is written after the create, up to the last question.
UPDATES: list[Step] = [
    *(Answer(200, service(unique_name=NAME, geo_match_level=level)) for level in LEVELS),
    INVALID,
    Answer(200, service(unique_name=NAME)),
    Answer(200, service(unique_name=NAME)),
]
CREATE = ("POST", LIST, {"UniqueName": NAME, "CallbackUrl": URL})
CREATE_AGAIN = ("POST", LIST, {"UniqueName": NAME})
CREATE_OTHER = ("POST", LIST, {"UniqueName": OTHER_NAME})
FIND = ("GET", LIST, {"PageSize": "1000"})
DELETE: Request = ("DELETE", f"{LIST}/{SID}", {})
DELETE_OTHER: Request = ("DELETE", f"{LIST}/{OTHER_SID}", {})


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Task:
    """Runs the module, which picks no name by chance."""
    return Task(monkeypatch, capsys, selfcheck, selfcheck)


@pytest.fixture(autouse=True)
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda length: (TOKEN * 2)[: 2 * length])


def settled(result: Result) -> list[str]:
    return [row["key"] for row in result["answers"] if row["settled"]]


def of(result: Result, key: str) -> Result:
    (row,) = [row for row in result["answers"] if row["key"] == key]
    return t.cast(Result, row)


def test_it_reads(task: Task) -> None:
    result = task(*READS, ABSENT)
    assert task.wire.requests == [
        ("GET", f"{LIST}/{ABSENT_SID}", {}),
        ("GET", LIST, {"PageSize": "1000"}),
        ("GET", LIST, {"PageSize": "1001"}),
        ("GET", f"{LIST}/rides", {}),
    ]
    assert (result["changed"], result["left"], task.warnings) == (False, [], [])
    assert settled(result) == ["absent", "page_over_maximum", "lookup_by_name"]
    assert [row["key"] for row in result["answers"]] == [question.key for question in QUESTIONS]
    assert of(result, "cleared_later")["answer"] == "not settled: it needs writing"
    assert len(result["table"].splitlines()) == len(QUESTIONS) + 2


def test_it_writes_and_removes_what_it_wrote(task: Task) -> None:
    result = task(*READS, MADE, ABSENT, TAKEN, ALSO_MADE, *UPDATES, GONE, GONE, write=True)
    assert task.wire.requests[3:] == [
        CREATE,
        ("GET", f"{LIST}/{NAME}", {}),
        CREATE_AGAIN,
        CREATE_OTHER,
        *(("POST", f"{LIST}/{SID}", {"GeoMatchLevel": level}) for level in LEVELS),
        ("POST", f"{LIST}/{SID}", {"NumberSelectionBehavior": "ansible-selfcheck"}),
        ("POST", f"{LIST}/{SID}", {"CallbackUrl": ""}),
        ("GET", f"{LIST}/{SID}", {}),
        DELETE,
        DELETE_OTHER,
    ]
    assert (result["changed"], result["left"], task.warnings) == (False, [], [])
    assert settled(result) == [question.key for question in QUESTIONS if question.key != "page_limit"]


def test_check_mode_only_reads(task: Task) -> None:
    result = task(*READS, ABSENT, write=True, _ansible_check_mode=True)
    assert [method for method, _path, _form in task.wire.requests] == ["GET"] * 4
    assert of(result, "create")["answer"] == "not settled: it needs writing, and this is check mode"


@pytest.mark.parametrize("options", [{"write": "perhaps"}, {"write": True, "retries": 21}])
def test_what_is_refused_asks_nothing(options: Result, task: Task) -> None:
    result = task(**options)
    assert result["failed"]
    assert {key: result[key] for key in FAILURE_KEYS} == dict.fromkeys(FAILURE_KEYS)
    assert (result["answers"], result["table"], result["left"], task.wire.requests) == ([], "", [], [])


def test_two_of_one_name_are_both_removed(task: Task) -> None:
    again = Answer(201, service(unique_name=NAME, sid=OTHER_SID))
    result = task(*READS, MADE, ABSENT, again, TAKEN, *UPDATES, GONE, GONE, write=True)
    assert task.wire.requests[-2:] == [DELETE, DELETE_OTHER]
    assert of(result, "name_taken")["answer"] == "a second Service of that name"
    assert of(result, "name_in_other_case")["answer"] == "no, it is refused as taken"


def test_nothing_is_made_where_nothing_can_be(task: Task) -> None:
    result = task(*READS, error(403, 80506), ABSENT, write=True)
    assert len(task.wire.requests) == 5
    assert of(result, "create")["answer"] == "no, creating is closed for this account"
    assert of(result, "cleared")["answer"] == "not settled: no Service was made"


# What may have been made.


@pytest.mark.parametrize(
    "lost",
    [
        LOST,
        BUSY,
        Answer(502, "<p>gateway</p>"),
        # These say nothing of what happened behind them.
        Answer(413, "<p>gateway</p>"),
        Answer(302),
        Answer(201, {"sid": SID}),
        Answer(201, service(unique_name="rides")),
        Answer(201, service(unique_name=None)),
    ],
)
def test_what_may_have_been_made_is_found_and_removed(lost: Step, task: Task) -> None:
    there = page(service(sid=OTHER_SID), service(sid=OTHER_SID, unique_name=None), service(unique_name=NAME))
    result = task(*READS, lost, ABSENT, there, GONE, write=True)
    assert task.wire.requests[3:] == [CREATE, ("GET", f"{LIST}/rides", {}), FIND, DELETE]
    assert (result["changed"], result["left"], task.warnings) == (False, [], [])


def test_what_is_made_a_little_later_is_found_too(task: Task) -> None:
    there = page(service(unique_name=NAME), service(unique_name=OTHER_NAME, sid=OTHER_SID))
    not_yet = page(service(unique_name=NAME))
    result = task(*READS, MADE, ABSENT, TAKEN, LOST, *UPDATES, not_yet, not_yet, there, GONE, GONE, write=True)
    assert task.wire.requests[-5:] == [FIND, FIND, FIND, DELETE, DELETE_OTHER]
    assert list(task.clients[0]._sleep) == pytest.approx([0.5, 1], rel=0.26)  # type: ignore[call-overload]
    assert of(result, "name_in_other_case")["answer"] == "not settled: no answer came"
    assert result["changed"] is False


def test_what_is_never_found_is_told(task: Task) -> None:
    result = task(*READS, LOST, ABSENT, page(), page(), page(), write=True, retries=2)
    assert task.wire.requests[-3:] == [FIND, FIND, FIND]
    assert (result["changed"], result["left"]) == (True, [])
    assert f"that was to create {NAME}, and the list does not have it" in warnings_of(result)


def test_what_is_never_found_is_told_in_a_failure_too(task: Task) -> None:
    result = task(*READS, LOST, error(401, 20003), page(), write=True, retries=0)
    assert (result["failed"], result["changed"], result["left"]) == (True, True, [])
    assert result["msg"].endswith(f"Perhaps made: {NAME}. If the list has it later, delete it.")


def test_what_was_never_sent_is_not_looked_for(task: Task) -> None:
    result = task(*READS, NEVER_SENT, NEVER_SENT, write=True, retries=1)
    assert task.wire.requests[-2:] == [CREATE, CREATE]
    assert (result["failed"], result["changed"], result["left"]) == (True, False, [])
    assert settled(result) == ["absent", "page_over_maximum"]
    assert of(result, "create")["answer"] == "not settled: no answer came"
    assert of(result, "cleared")["answer"] == "not settled: a request failed before"
    assert [row["key"] for row in result["answers"]] == [question.key for question in QUESTIONS]
    assert "Cannot find out about Services: there was no connection" in result["msg"]


def test_what_cannot_be_looked_for_is_told(task: Task) -> None:
    result = task(*READS, MADE, ABSENT, TAKEN, LOST, *UPDATES, error(403, 20003), GONE, write=True)
    assert task.wire.requests[-2:] == [FIND, DELETE]
    assert (result["failed"], result["changed"], result["left"]) == (True, True, [OTHER_NAME])
    assert result["status"] == 403
    assert f"Perhaps not removed: {OTHER_NAME}. Delete what is there of these." in result["msg"]


def test_what_cannot_be_removed_is_told(task: Task) -> None:
    refused = error(403, 20003)
    result = task(*READS, MADE, ABSENT, TAKEN, ALSO_MADE, *UPDATES, refused, BUSY, write=True, retries=0)
    assert task.wire.requests[-2:] == [DELETE, DELETE_OTHER]
    assert (result["failed"], result["changed"], result["left"]) == (True, True, [OTHER_NAME, NAME])
    assert result["status"] == 403
    assert f"Perhaps not removed: {OTHER_NAME}, {NAME}." in result["msg"]
    assert len(settled(result)) == len(QUESTIONS) - 1


def test_what_somebody_else_removed_is_gone(task: Task) -> None:
    result = task(*READS, MADE, ABSENT, TAKEN, TAKEN, *UPDATES, ABSENT, write=True)
    assert (result["changed"], result["left"]) == (False, [])


# What goes wrong in the middle.


def test_trouble_settles_one_question_and_not_all(task: Task) -> None:
    updates = [*UPDATES[:5], BUSY, BUSY, *UPDATES[6:]]
    result = task(*READS, MADE, ABSENT, TAKEN, ALSO_MADE, *updates, GONE, GONE, write=True, retries=1)
    assert of(result, "invalid_value")["answer"] == "not settled: no good answer came"
    assert (of(result, "invalid_value")["status"], of(result, "invalid_value")["code"]) == (503, 20503)
    assert of(result, "cleared")["settled"]


def test_credentials_that_are_refused_end_it(task: Task) -> None:
    first = task(error(401, 20003, "Authenticate"), write=True)
    assert len(task.wire.requests) == 1
    assert (first["failed"], first["code"], settled(first)) == (True, 20003, [])
    assert "Cannot find out about Services: Authenticate (HTTP 401" in first["msg"]
    assert first["msg"].endswith("Nothing was changed.")
    later = task(*READS, MADE, ABSENT, error(401, 20003, "Authenticate"), GONE, write=True)
    assert task.wire.requests[-1] == DELETE
    assert (later["failed"], later["changed"], later["left"]) == (True, False, [])
    assert later["msg"].endswith("What was made was removed.")


def test_another_account_is_not_written_to(task: Task) -> None:
    others = page(service(account_sid="AC" + "9" * 32))
    result = task(ABSENT, others, write=True)
    assert len(task.wire.requests) == 2
    assert "the credentials are those of the account" in result["msg"]


class Interrupted(BaseException):
    """As Ansible's own, when a task takes too long."""


def interrupt() -> Step:
    raise Interrupted


def run_on(routes: t.Mapping[tuple[str, str], t.Sequence[Step | t.Callable[[], Step]]]) -> tuple[Run, Router]:
    """A run that is interrupted, and what it asked."""
    router = Router(
        {
            ("GET", f"{LIST}/{ABSENT_SID}"): [ABSENT],
            ("GET", f"{LIST}/{NAME}"): [ABSENT],
            ("DELETE", f"{LIST}/{SID}"): [GONE],
            ("DELETE", f"{LIST}/{OTHER_SID}"): [GONE],
            **routes,
        }
    )
    run = Run(client(router), None)
    with pytest.raises(Interrupted):
        run.ask_all()
    return run, router


def test_an_interruption_between_two_requests_leaves_nothing() -> None:
    run, router = run_on(
        {
            ("GET", LIST): [page(), TOO_LARGE],
            ("POST", LIST): [MADE, TAKEN, ALSO_MADE],
            ("POST", f"{LIST}/{SID}"): [interrupt],
        }
    )
    assert router.requests[-2:] == [DELETE, DELETE_OTHER]
    assert run.left == []


def test_an_interruption_of_a_create_leaves_nothing() -> None:
    there = page(service(unique_name=NAME), service(unique_name=OTHER_NAME, sid=OTHER_SID))
    run, router = run_on(
        {("GET", LIST): [page(), TOO_LARGE, there], ("POST", LIST): [MADE, TAKEN, interrupt]},
    )
    assert router.requests[-3:] == [FIND, DELETE, DELETE_OTHER]
    assert run.left == []


def test_an_interruption_of_the_removal_leaves_nothing() -> None:
    run, router = run_on(
        {
            ("GET", LIST): [page(), TOO_LARGE],
            ("POST", LIST): [MADE, TAKEN, ALSO_MADE],
            ("POST", f"{LIST}/{SID}"): UPDATES[:-1],
            ("GET", f"{LIST}/{SID}"): [UPDATES[-1]],
            ("DELETE", f"{LIST}/{SID}"): [interrupt, ABSENT],
        }
    )
    assert router.requests[-3:] == [DELETE, DELETE, DELETE_OTHER]
    assert run.left == []


def test_an_interruption_of_the_removal_after_a_failure_leaves_nothing() -> None:
    run, router = run_on(
        {
            ("GET", LIST): [page(), TOO_LARGE],
            ("POST", LIST): [MADE, error(401, 20003)],
            ("DELETE", f"{LIST}/{SID}"): [interrupt, GONE],
        }
    )
    assert router.requests[-2:] == [DELETE, DELETE]
    assert run.left == []


def test_what_an_interrupted_run_left_is_told(task: Task) -> None:
    old = page(service(), service(unique_name="ansible-selfcheck-1-name", sid=OTHER_SID))
    result = task(ABSENT, old, Answer(200, old.body), ABSENT)
    assert "ansible-selfcheck-1-name: there before this run." in warnings_of(result)
    assert "ansible-selfcheck" not in result["table"]


def test_no_two_runs_have_the_same_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    first, second = (Run(client(Wire()), None)._known for _run in range(2))
    assert not set(first.values()) & set(second.values())
