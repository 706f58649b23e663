# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions, participants and interactions: lost answers, concurrent changes, and each of the uncertain answers.

The targets of the modules test them without faults.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import time
import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.integration.accounts import LIST, SID
from ansible_collections.twilio.proxy.tests.integration.command_line import Result, ad_hoc, playbook
from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, Emulator, Fault

SESSION_SID, PARTICIPANT_SID = "KC" + "5" * 32, "KP" + "5" * 32
SESSIONS = f"{LIST}/{SID}/Sessions"
SESSION = f"{SESSIONS}/{SESSION_SID}"
FIRST, SECOND, LONDON = "+12025550142", "+12025550143", "+442079460144"
NUMBER, RESERVED = "+12025550100", "+12025550101"
POOL: list[Result] = [{"phone_number": NUMBER}, {"phone_number": RESERVED, "is_reserved": True}]

IN_SERVICE = {"service_unique_name": "rides"}
RIDE = {**IN_SERVICE, "unique_name": "ride 1"}
NEW_RIDE = {**IN_SERVICE, "unique_name": "ride 2"}
IN_RIDE = {"service_sid": SID, "session_unique_name": "ride 1"}
CUT_AFTER, CUT_BEFORE = ({"kind": "cut", "when": when} for when in ("after", "before"))


def concurrent(method: str, path: str, **form: str) -> dict[str, t.Any]:
    """Return the fault that somebody else makes this change first."""
    return {"kind": "other_client", "requests": [{"method": method, "path": path, "form": form}]}


@dataclasses.dataclass(frozen=True)
class Case:
    """A task about a Session with a participant, or about another one, and its expected result.

    ``methods`` are those of the requests after the one that finds the Service by its name. ``status`` is that of the
    Session at the start. ``after`` are the statuses of Sessions and the identifiers of participants in the end.
    """

    module: str
    options: t.Mapping[str, t.Any]
    methods: str
    after: t.Mapping[str, t.Any]
    changed: bool = False
    code: int | None = None
    words: str = ""
    fault: Fault | None = None
    status: str = "open"
    settings: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)


After = dict[str, tuple[str, list[str]]]
OPEN: After = {"ride 1": ("open", [FIRST])}
CLOSED: After = {"ride 1": ("closed", [FIRST])}
BOTH: After = {**OPEN, "ride 2": ("open", [])}
SECOND_ADDED: After = {"ride 1": ("open", [FIRST, SECOND])}
REMOVED: After = {"ride 1": ("open", [])}
ADD, REMOVE = {**IN_RIDE, "identifier": SECOND}, {**IN_RIDE, "identifier": FIRST, "state": "absent"}
CASES = {
    # Never twice
    "create-lost": Case("session", NEW_RIDE, "GET POST GET", BOTH, True, fault=Fault(CUT_AFTER, "POST")),
    "create-request-lost": Case("session", NEW_RIDE, "GET POST GET POST", BOTH, True, fault=Fault(CUT_BEFORE, "POST")),
    "close-lost": Case(
        "session", {**RIDE, "status": "closed"}, "GET POST GET", CLOSED, True, fault=Fault(CUT_AFTER, "POST")
    ),
    "add-lost": Case("participant", ADD, "GET GET POST GET", SECOND_ADDED, True, fault=Fault(CUT_AFTER, "POST")),
    "remove-lost": Case(
        "participant", REMOVE, "GET GET DELETE DELETE", REMOVED, True, fault=Fault(CUT_AFTER, "DELETE")
    ),
    # Somebody else was faster
    "added-before": Case(
        "participant",
        ADD,
        "GET GET POST GET",
        SECOND_ADDED,
        fault=Fault(concurrent("POST", f"{SESSION}/Participants", Identifier=SECOND), "POST"),
    ),
    "session-deleted-before-an-addition": Case(
        "participant", ADD, "GET GET POST", {}, code=80409, fault=Fault(concurrent("DELETE", SESSION), "POST")
    ),
    "session-deleted-before-a-removal": Case(
        "participant", REMOVE, "GET GET DELETE", {}, fault=Fault(concurrent("DELETE", SESSION), "DELETE")
    ),
    "concurrent-write": Case(
        "session",
        {**RIDE, "status": "closed"},
        "GET POST POST",
        CLOSED,
        True,
        fault=Fault({"kind": "answer", "status": 409, "json": {"code": 80623, "message": "", "status": 409}}, "POST"),
    ),
    # The API's answers that are not certain, each with the other one
    "no-number-for-a-participant": Case(
        "session",
        {**NEW_RIDE, "participants": [{"identifier": FIRST}, {"identifier": LONDON}]},
        "GET POST",
        OPEN,
        code=80206,
        words="close another Session of this participant",
    ),
    "participants-in-an-array": Case(
        "session",
        {**NEW_RIDE, "participants": [{"identifier": SECOND}]},
        "GET POST",
        OPEN,
        code=20001,
        settings={"participants_form": "array"},
    ),
    "created-closed": Case(
        "session", {**NEW_RIDE, "status": "closed"}, "GET POST", {**OPEN, "ride 2": ("closed", [])}, True
    ),
    "created-open-all-the-same": Case(
        "session", {**NEW_RIDE, "status": "closed"}, "GET POST", BOTH, True, settings={"status_at_creation": "ignored"}
    ),
    "not-created-closed": Case(
        "session",
        {**NEW_RIDE, "status": "closed"},
        "GET POST",
        OPEN,
        code=80608,
        settings={"status_at_creation": "refused"},
    ),
    "closed-is-closed": Case("session", {**RIDE, "status": "closed"}, "GET", CLOSED, status="closed"),
    "closed-takes-no-change": Case(
        "session", {**RIDE, "ttl": 9}, "GET POST", CLOSED, code=80607, words="Reopen it first", status="closed"
    ),
    "reopened-with-a-change": Case(
        "session",
        {**RIDE, "ttl": 9, "status": "in-progress"},
        "GET POST",
        {"ride 1": ("in-progress", [FIRST])},
        True,
        status="closed",
    ),
    "not-reopened-with-a-change": Case(
        "session",
        {**RIDE, "ttl": 9, "status": "in-progress"},
        "GET POST",
        CLOSED,
        code=80607,
        status="closed",
        settings={"change_while_reopening": "refused"},
    ),
    "name-of-a-closed-session": Case(
        "session", RIDE, "GET", CLOSED, status="closed", settings={"closed_session_name": "free"}
    ),
    "closed-session-is-not-listed": Case(
        "session",
        {**RIDE, "retries": 0},
        "GET POST GET",
        {},
        code=80603,
        status="closed",
        settings={"closed_sessions_are_listed": False},
    ),
    "open-session-is-not-deleted": Case(
        "session",
        {**RIDE, "state": "absent"},
        "GET DELETE",
        OPEN,
        code=80701,
        settings={"deletion_of_open_session": "refused"},
    ),
    "zero-ttl": Case("session", {**NEW_RIDE, "ttl": 0}, "GET POST", OPEN, code=80701, settings={"zero_ttl": "refused"}),
    "closed-session-takes-no-participant": Case(
        "participant", ADD, "GET GET POST", CLOSED, code=80607, words="Reopen it first", status="closed"
    ),
    "closed-session-takes-a-participant": Case(
        "participant",
        ADD,
        "GET GET POST",
        {"ride 1": ("closed", [FIRST, SECOND])},
        True,
        status="closed",
        settings={"participants_of_closed_session": "accepted"},
    ),
    "unreachable": Case(
        "participant", ADD, "GET GET POST", OPEN, code=80404, settings={"unreachable_identifiers": [SECOND]}
    ),
    "reserved-number": Case("participant", {**ADD, "proxy_identifier": RESERVED}, "GET GET POST", SECOND_ADDED, True),
    "reserved-number-is-refused": Case(
        "participant",
        {**ADD, "proxy_identifier": RESERVED},
        "GET GET POST",
        OPEN,
        code=80304,
        words="Check also whether it is reserved",
        settings={"reserved_number_by_name": "refused"},
    ),
}


class CaseResult(t.NamedTuple):
    """The result of a case's task, the methods of its requests, what exists then, and faults that did not occur."""

    case: Case
    result: Result
    methods: str
    after: dict[str, t.Any]
    unused_faults: list[t.Any]


def emulator_of(**settings: t.Any) -> Emulator:
    """Return an emulator whose account has a Service with two numbers and a Session of one participant."""
    people = [{"sid": PARTICIPANT_SID, "identifier": FIRST}]
    session = {"sid": SESSION_SID, "unique_name": "ride 1", "participants": people}
    service = {"sid": SID, "unique_name": "rides", "phone_numbers": POOL, "sessions": [session]}
    numbers = [{"phone_number": number["phone_number"]} for number in POOL]
    account = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "phone_numbers": numbers, "services": [service]}
    return Emulator(accounts=[account], **settings)


def case_results() -> t.Iterator[tuple[str, CaseResult]]:
    """Run all cases in one playbook, each with its own emulator, and yield their names and results."""
    with contextlib.ExitStack() as stack:
        emulators = {name: stack.enter_context(emulator_of(**case.settings)) for name, case in CASES.items()}
        for name, emulator in emulators.items():
            if CASES[name].status == "closed":
                emulator.send("POST", SESSION, {"Status": "closed"})
            emulator.forget_requests()
            if fault := CASES[name].fault:
                emulator.fault(*fault)
        hosts = {
            name: {
                "arguments": dict(case.options),
                "module": f"twilio.proxy.{case.module}",
                "environment_of_host": emulators[name].environment,
            }
            for name, case in CASES.items()
        }
        tasks = [
            {"name": f"run {module}", f"twilio.proxy.{module}": "{{ arguments }}", "ignore_errors": True}
            | {"when": f"module == 'twilio.proxy.{module}'"}
            for module in ("session", "participant")
        ]
        play = {"hosts": "all", "gather_facts": False, "environment": "{{ environment_of_host }}", "tasks": tasks}
        run = playbook([play], hosts=hosts)
        for name, case in CASES.items():
            yield name, case_result_of(emulators[name], case, run.result(f"run {case.module}", name))


def case_result_of(emulator: Emulator, case: Case, result: Result) -> CaseResult:
    methods = " ".join(entry["method"] for entry in emulator.requests() if entry["path"] != LIST)
    unused_faults = [rule for rule in emulator.faults() if not rule["used"]]
    after = {
        session["unique_name"]: (
            session["status"],
            [found["identifier"] for found in emulator.children(session) if found["date_deleted"] is None],
        )
        for session in emulator.sessions(SID)
    }
    return CaseResult(case, result, methods, after, unused_faults)


def test_requests_and_results() -> None:
    """Each fault occurred, exactly these requests were sent, and the results say what happened."""
    for name, (case, result, methods, after, unused_faults) in case_results():
        assert (methods, after, unused_faults) == (case.methods, case.after, []), name
        changed_and_failed = (case.changed, case.code is not None)
        assert (result["changed"], result["failed"]) == changed_and_failed, f"{name}: {result.get('msg')}"
        assert result.get("code") == case.code, name
        assert case.words in result.get("msg", ""), name
        if name == "created-open-all-the-same":
            assert "status was set to 'closed', but Twilio answered with 'open'" in json.dumps(result["warnings"])


STEPS: list[tuple[str, Result]] = [
    ("session", {**NEW_RIDE, "ttl": 60, "status": "in-progress", "participants": [{"identifier": SECOND}]}),
    ("session", {**NEW_RIDE, "ttl": 30, "date_expiry": "2099-01-01T10:00:00+01:00", "mode": "voice-and-message"}),
    ("session", {**NEW_RIDE, "date_expiry": "2099-01-01 09:00Z", "participants": []}),
    ("session", {**NEW_RIDE, "status": "closed"}),
    ("session", {**NEW_RIDE, "status": "in-progress"}),
    ("session", {**NEW_RIDE, "state": "absent"}),
    ("participant", {**IN_RIDE, "identifier": "messenger:1"}),
    ("participant", {**IN_RIDE, "identifier": "messenger:1", "friendly_name": None}),
    ("participant", {**IN_RIDE, "sid": PARTICIPANT_SID, "state": "absent"}),
    ("participant", {**IN_RIDE, "identifier": FIRST, "state": "absent"}),
]
#: The API's answers that differ most from those that the emulator gives by default.
OTHER_ANSWERS = {
    "absent_answer": "not_found_404",
    "closed_session_name": "free",
    "deleted_participants_are_listed": False,
    "list_order": "newest_first",
    "participant_deletion_status": 204,
    "participants_form": "repeated",
    "session_without_limit": "90_days",
}


@pytest.mark.parametrize("settings", [{}, OTHER_ANSWERS], ids=["recorded", "generic"])
def test_check_mode_predicts_each_step_and_nothing_changes_the_second_time(settings: dict[str, t.Any]) -> None:
    tasks = [
        {"name": f"{number} {name}", f"twilio.proxy.{module}": options, "check_mode": name == "check", "diff": True}
        for number, (module, options) in enumerate(STEPS)
        for name in ("check", "run", "again")
    ]
    with emulator_of(**settings) as emulator:
        play = {"hosts": "all", "gather_facts": False, "tasks": tasks}
        run = playbook([play], environment=emulator.environment)
    for number, (module, options) in enumerate(STEPS):
        predicted, result, again = (run.result(f"{number} {name}") for name in ("check", "run", "again"))
        assert predicted["changed"] == result["changed"] == (number not in (2, 7, 9)), number
        assert again["changed"] is False
        assert again[module] == ({} if options.get("state") == "absent" else result[module])
        # What only Twilio knows is null, and the rest is so.
        assert predicted[module].keys() == result[module].keys()
        known = {name: value for name, value in predicted[module].items() if value is not None}
        assert known == {name: result[module][name] for name in known}
        assert ("diff" in predicted) == ("diff" in result) == result["changed"]


@pytest.mark.parametrize(
    ("hold", "fault", "code"), [(False, None, None), (False, CUT_AFTER, None), (True, None, 80615)]
)
def test_an_interaction_is_deleted_unless_there_is_a_legal_hold(
    hold: bool, fault: dict[str, t.Any] | None, code: int | None
) -> None:
    with emulator_of(legal_hold=hold) as emulator:
        (session,) = emulator.sessions(SID)
        interaction = emulator.interact(session, data={"body": "I am here"})
        if fault:
            emulator.fault(fault, "DELETE")
        options = {**IN_RIDE, "sid": interaction["sid"], "state": "absent"}
        task = {"name": "delete", "twilio.proxy.interaction": options, "ignore_errors": True}
        run = playbook([{"hosts": "all", "gather_facts": False, "tasks": [task]}], environment=emulator.environment)
        result = run.result("delete")
        assert (result["changed"], result.get("code")) == (code is None, code)
        assert emulator.children(session, "interactions") == [interaction] * hold
        assert code or result["interaction"] == interaction


def test_ad_hoc_in_check_mode() -> None:
    with emulator_of() as emulator:
        arguments = json.dumps({**NEW_RIDE, "participants": [{"identifier": SECOND}]})
        predicted = ad_hoc("twilio.proxy.session", arguments, "--check", environment=emulator.environment).only
        assert (predicted["changed"], predicted["session"]["sid"]) == (True, None)
        found = ad_hoc(
            "twilio.proxy.session_info",
            "service_unique_name=rides status=open,in-progress properties=unique_name",
            environment=emulator.environment,
        ).only
        assert found["sessions"] == [{"unique_name": "ride 1"}]


def test_stale_sessions_are_closed_and_a_person_is_erased() -> None:
    """The module sessions finds both on an account, and does in the end what it said in check mode."""
    with emulator_of() as emulator:
        (session,) = emulator.sessions(SID)
        interaction = emulator.interact(session)
        emulator.create_session(SID, unique_name="stale")
        time.sleep(1)
        in_all = {"all_services": True, "concurrency": 2}
        options = {
            "close": {**in_all, "state": "closed", "idle_for": 1, "unique_name_matching": "^st"},
            "erase": {**in_all, "state": "absent", "participant_identifier": [FIRST], "phone_number": NUMBER},
        }
        tasks = [
            {"name": f"{name} {mode}", "twilio.proxy.sessions": task, "check_mode": mode == "check"}
            for name, task in options.items()
            for mode in ("check", "run", "again")
        ]
        run = playbook([{"hosts": "all", "gather_facts": False, "tasks": tasks}], environment=emulator.environment)
        (left,) = emulator.sessions(SID)
    sids = {interaction["inbound_resource_sid"], interaction["outbound_resource_sid"]}
    for name, unique_name in (("close", "stale"), ("erase", "ride 1")):
        predicted, result, again = (run.result(f"{name} {mode}") for mode in ("check", "run", "again"))
        assert predicted["sessions"] == result["sessions"]
        assert [entry["unique_name"] for entry in result["sessions"]] == [unique_name]
        assert (predicted["changed"], result["changed"], again["changed"]) == (True, True, False)
        assert again["sessions"] == []
    assert {*run.result("erase run")["sessions"][0]["message_sids"]} == sids
    assert (left["unique_name"], left["status"]) == ("stale", "closed")
