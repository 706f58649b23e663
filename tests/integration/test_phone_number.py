# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What twilio.proxy.phone_number does where an answer is lost, somebody else is faster, or the API's answers differ.

What it does where all is well is played by the target of the same name.
"""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.integration.accounts import ABSENT_SID, LIST, OTHER_SID, SID
from ansible_collections.twilio.proxy.tests.integration.command_line import Result, playbook
from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, Emulator, Fault, Service

FAILURE_KEYS = {"status", "code", "message", "more_info", "request_id", "changed", "msg"}
NUMBER_SID, OWN, OF_OTHERS = "PN" + "7" * 32, "+12025550100", "+12025550199"
POOL = f"{LIST}/{SID}/PhoneNumbers"
OBJECT = f"{POOL}/{NUMBER_SID}"
EMPTY: Service = {"sid": SID, "unique_name": "rides"}
WITH_NUMBER: Service = {**EMPTY, "phone_numbers": [{"phone_number": OWN}]}
ELSEWHERE: Service = {"sid": OTHER_SID, "unique_name": "trips", "phone_numbers": [{"phone_number": OWN}]}

ADD = {"service_sid": SID, "phone_number": OWN}
ADD_BY_SID = {"service_sid": SID, "sid": NUMBER_SID}
RESERVE = {**ADD, "is_reserved": True}
REMOVE = {**ADD, "state": "absent"}
REMOVE_BY_SID = {**ADD_BY_SID, "state": "absent"}

WORLDS: dict[str, dict[str, t.Any]] = {
    "recorded": {},
    "generic": {"absent_answer": "not_found_404", "number_refused_status": 409, "lookup_by_name": True},
    "without-code": {"absent_answer": "invalid_sid_400_without_code", "number_refused_status": 403},
}
EVERYWHERE = tuple(WORLDS)
LOST = {"kind": "cut", "when": "after"}
NEVER_DONE = {"kind": "cut", "when": "before"}
DOWN = {"kind": "answer", "status": 503}
SECOND_ADD = {"kind": "meanwhile", "requests": [{"method": "POST", "path": POOL, "form": {"PhoneNumber": OWN}}]}
SECOND_REMOVE = {"kind": "meanwhile", "requests": [{"method": "DELETE", "path": OBJECT}]}
SERVICE_VANISHES = {"kind": "meanwhile", "requests": [{"method": "DELETE", "path": f"{LIST}/{SID}"}]}


@dataclasses.dataclass(frozen=True)
class Case:
    """A task, and the trouble that it meets.

    ``before`` are the Services of the account, ``sent`` the methods of the requests. ``left`` is what the pool then
    has: each number with whether it is reserved, None if there is no such Service. ``code`` is that of a failure in the
    world that was recorded; a failure without one has ``says`` alone.
    """

    given: t.Mapping[str, t.Any]
    sent: str
    before: tuple[Service, ...] = (EMPTY,)
    left: t.Mapping[str, bool] | None = dataclasses.field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    changed: bool = False
    code: int | None = None
    says: tuple[str, ...] = ()
    worlds: tuple[str, ...] = ("recorded",)

    @property
    def fails(self) -> bool:
        return bool(self.code or self.says)


CASES = {
    # An answer is lost, and nothing is added twice.
    "add-lost": Case(ADD, "GET POST GET", left={OWN: False}, faults=(Fault(LOST, "POST"),), changed=True),
    "add-by-sid-lost": Case(
        ADD_BY_SID, "GET POST GET", left={OWN: False}, faults=(Fault(LOST, "POST"),), changed=True, worlds=EVERYWHERE
    ),
    "add-never-done": Case(
        ADD, "GET POST GET POST", left={OWN: False}, faults=(Fault(NEVER_DONE, "POST"),), changed=True
    ),
    "add-of-unknown-fate": Case(
        {**ADD, "retries": 0},
        "GET POST GET",
        left={OWN: False},
        faults=(Fault(LOST, "POST"), Fault(DOWN, "GET", skip=1)),
        changed=True,
        code=20503,
        says=("It is not known whether the change was made",),
    ),
    "reserve-lost": Case(
        RESERVE, "GET POST POST", (WITH_NUMBER,), {OWN: True}, faults=(Fault(LOST, "POST"),), changed=True
    ),
    "remove-lost": Case(
        REMOVE,
        "GET DELETE DELETE",
        (WITH_NUMBER,),
        faults=(Fault(LOST, "DELETE"),),
        changed=True,
        worlds=EVERYWHERE,
    ),
    # Somebody else is faster.
    "somebody-adds": Case(
        ADD, "GET POST GET", left={OWN: False}, faults=(Fault(SECOND_ADD, "POST"),), worlds=EVERYWHERE
    ),
    "somebody-adds-what-shall-be-reserved": Case(
        RESERVE, "GET POST GET POST", left={OWN: True}, faults=(Fault(SECOND_ADD, "POST"),), changed=True
    ),
    "somebody-removes-before": Case(
        REMOVE, "GET DELETE", (WITH_NUMBER,), faults=(Fault(SECOND_REMOVE, "DELETE"),), worlds=EVERYWHERE
    ),
    "somebody-removes-what-shall-be-reserved": Case(
        RESERVE,
        "GET POST GET POST",
        (WITH_NUMBER,),
        {OWN: True},
        faults=(Fault(SECOND_REMOVE, "POST", OBJECT),),
        changed=True,
        worlds=EVERYWHERE,
    ),
    "somebody-deletes-the-service-before-an-addition": Case(
        ADD,
        "GET POST",
        left=None,
        faults=(Fault(SERVICE_VANISHES, "POST"),),
        code=80408,
        says=("Cannot add the phone number",),
        worlds=EVERYWHERE,
    ),
    "somebody-deletes-the-service-before-a-removal": Case(
        REMOVE, "GET DELETE", (WITH_NUMBER,), None, faults=(Fault(SERVICE_VANISHES, "DELETE"),), worlds=EVERYWHERE
    ),
    # The API refuses, with one status or another.
    "another-service-has-it": Case(
        ADD,
        "GET POST",
        (EMPTY, ELSEWHERE),
        code=80101,
        says=("remove it from the other one first",),
        worlds=EVERYWHERE,
    ),
    "not-owned": Case(
        {**ADD, "phone_number": OF_OTHERS},
        "GET POST",
        code=80301,
        says=("The number has to be one of this account's own",),
        worlds=EVERYWHERE,
    ),
    "no-such-service": Case(
        {**ADD, "service_sid": ABSENT_SID},
        "GET",
        code=80408,
        says=("Cannot list the phone numbers",),
        worlds=EVERYWHERE,
    ),
    "no-such-service-for-a-removal": Case({**REMOVE, "service_sid": ABSENT_SID}, "GET", worlds=EVERYWHERE),
    "no-such-service-for-a-removal-by-sid": Case(
        {**REMOVE_BY_SID, "service_sid": ABSENT_SID}, "GET", worlds=EVERYWHERE
    ),
    "no-service-of-the-name": Case(
        {"service_unique_name": "Rides", "phone_number": OWN}, "GET", says=("no Service 'Rides'. Nothing was changed.",)
    ),
    "no-service-of-the-name-for-a-removal": Case(
        {"service_unique_name": "Rides", "phone_number": OWN, "state": "absent"}, "GET"
    ),
    # Refused before anything is sent.
    "null-for-the-service": Case({**ADD, "service_sid": None}, "", says=("service_sid: null is refused", "No request")),
    "null-for-the-number": Case({**ADD, "phone_number": None}, "", says=("phone_number: null is refused",)),
    "two-services": Case({**ADD, "service_unique_name": "rides"}, "", says=("mutually exclusive",)),
    "two-names-for-the-number": Case({**ADD, "sid": NUMBER_SID}, "", says=("mutually exclusive",)),
    "no-number": Case({"service_sid": SID}, "", says=("one of the following is required: sid, phone_number",)),
    "no-service": Case({"phone_number": OWN}, "", says=("one of the following is required: service_sid",)),
    "a-number-without-plus": Case({**ADD, "phone_number": OWN[1:]}, "", says=("phone_number: '1202", "E.164")),
}
RUNS = [(name, world) for name, case in CASES.items() for world in case.worlds]


class Played(t.NamedTuple):
    """What came of a case: its result, the methods of its requests, the pool that was left, and unused faults."""

    case: Case
    result: Result
    sent: str
    left: dict[str, bool] | None
    unused: list[t.Any]


@pytest.fixture(scope="module")
def table() -> dict[tuple[str, str], Played]:
    """All cases through one playbook, each with an emulator of its own."""
    with contextlib.ExitStack() as stack:
        emulators = {run: stack.enter_context(Emulator(**settings(*run))) for run in RUNS}
        for (name, _world), emulator in emulators.items():
            for fault in CASES[name].faults:
                emulator.fault(*fault)
        hosts = {
            "-".join(run): {"arguments": dict(CASES[run[0]].given), "environment_of_host": emulator.environment}
            for run, emulator in emulators.items()
        }
        task = {"name": "run", "twilio.proxy.phone_number": "{{ arguments }}", "ignore_errors": True}
        play = {"hosts": "all", "gather_facts": False, "environment": "{{ environment_of_host }}", "tasks": [task]}
        results = playbook([play], hosts=hosts)
        return {
            run: played_on(emulator, CASES[run[0]], results.result("run", "-".join(run)))
            for run, emulator in emulators.items()
        }


def settings(name: str, world: str) -> dict[str, t.Any]:
    """The emulator's settings, with the case's Services in its only account, which owns one number."""
    account = {
        "account_sid": ACCOUNT_SID,
        "auth_token": AUTH_TOKEN,
        "phone_numbers": [{"phone_number": OWN, "sid": NUMBER_SID}],
        "services": list(CASES[name].before),
    }
    return {**WORLDS[world], "accounts": [account]}


def played_on(emulator: Emulator, case: Case, result: Result) -> Played:
    sent = " ".join(entry["method"] for entry in emulator.requests())
    unused = [rule for rule in emulator.faults() if not rule["used"]]
    emulator.send("DELETE", "/__emulator__/faults")
    there = any(service["sid"] == SID for service in emulator.services())
    left = {number["phone_number"]: number["is_reserved"] for number in emulator.pool(SID)} if there else None
    return Played(case, result, sent, left, unused)


@pytest.fixture(params=RUNS, ids="-".join)
def played(request: pytest.FixtureRequest, table: dict[tuple[str, str], Played]) -> Played:
    return table[request.param]


def test_the_requests_and_what_is_left(played: Played) -> None:
    """Each fault happened, exactly these requests were sent, and the pool is as it should be."""
    assert (played.sent, played.left, played.unused) == (played.case.sent, played.case.left, [])


def test_the_result(played: Played) -> None:
    """Whether something changed, and the number as it is; the keys of a failure, whatever it was."""
    case, result = played.case, played.result
    assert (result["failed"], result["changed"]) == (case.fails, case.changed), result.get("msg")
    if case.fails:
        assert FAILURE_KEYS - set(result) == set()
        assert [words for words in case.says if words not in result["msg"]] == [], result["msg"]
    elif case.left:
        assert {result["phone_number"]["phone_number"]: result["phone_number"]["is_reserved"]} == case.left
        assert result["phone_number"]["service_sid"] == SID


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.fails])
def test_the_code_of_a_failure(name: str, table: dict[tuple[str, str], Played]) -> None:
    case, result = CASES[name], table[name, "recorded"].result
    assert result["code"] == case.code
    assert bool(result["status"]) == bool(case.code)
