# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""twilio.proxy.phone_number with lost answers, concurrent changes and errors of the API, for each API variant.

The target of the same name tests it without faults.
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
NUMBER_SID, OWN_NUMBER, NOT_OWNED = "PN" + "7" * 32, "+12025550100", "+12025550199"
POOL = f"{LIST}/{SID}/PhoneNumbers"
OBJECT = f"{POOL}/{NUMBER_SID}"
WITHOUT_NUMBER: Service = {"sid": SID, "unique_name": "rides"}
WITH_NUMBER: Service = {**WITHOUT_NUMBER, "phone_numbers": [{"phone_number": OWN_NUMBER}]}
IN_OTHER_POOL: Service = {"sid": OTHER_SID, "unique_name": "trips", "phone_numbers": [{"phone_number": OWN_NUMBER}]}

ADD = {"service_sid": SID, "phone_number": OWN_NUMBER}
ADD_BY_SID = {"service_sid": SID, "sid": NUMBER_SID}
RESERVE = {**ADD, "is_reserved": True}
REMOVE = {**ADD, "state": "absent"}
REMOVE_BY_SID = {**ADD_BY_SID, "state": "absent"}

VARIANTS: dict[str, dict[str, t.Any]] = {
    "recorded": {},
    "generic": {"absent_answer": "not_found_404", "number_refused_status": 409, "lookup_by_name": True},
    "without-code": {"absent_answer": "invalid_sid_400_without_code", "number_refused_status": 403},
}
ALL_VARIANTS = tuple(VARIANTS)
CUT_AFTER = {"kind": "cut", "when": "after"}
CUT_BEFORE = {"kind": "cut", "when": "before"}
UNAVAILABLE = {"kind": "answer", "status": 503}
CONCURRENT_ADD = {
    "kind": "meanwhile",
    "requests": [{"method": "POST", "path": POOL, "form": {"PhoneNumber": OWN_NUMBER}}],
}
CONCURRENT_REMOVE = {"kind": "meanwhile", "requests": [{"method": "DELETE", "path": OBJECT}]}
CONCURRENT_SERVICE_DELETE = {"kind": "meanwhile", "requests": [{"method": "DELETE", "path": f"{LIST}/{SID}"}]}


@dataclasses.dataclass(frozen=True)
class Case:
    """The options of a task, the faults that it meets, and the expected result.

    ``methods`` are those of the requests. ``before`` are the Services of the account. ``pool`` has the numbers after
    the task and whether each is reserved, or is None if the Service is absent. ``code`` is that of a failure for the
    API variant "recorded". A failure without a code has ``msg_contains``.
    """

    options: t.Mapping[str, t.Any]
    methods: str
    before: tuple[Service, ...] = (WITHOUT_NUMBER,)
    pool: t.Mapping[str, bool] | None = dataclasses.field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    changed: bool = False
    code: int | None = None
    msg_contains: tuple[str, ...] = ()
    variants: tuple[str, ...] = ("recorded",)

    @property
    def fails(self) -> bool:
        return bool(self.code or self.msg_contains)


CASES = {
    # An answer is lost. Nothing is added twice.
    "add-lost": Case(ADD, "GET POST GET", pool={OWN_NUMBER: False}, faults=(Fault(CUT_AFTER, "POST"),), changed=True),
    "add-by-sid-lost": Case(
        ADD_BY_SID,
        "GET POST GET",
        pool={OWN_NUMBER: False},
        faults=(Fault(CUT_AFTER, "POST"),),
        changed=True,
        variants=ALL_VARIANTS,
    ),
    "add-request-lost": Case(
        ADD, "GET POST GET POST", pool={OWN_NUMBER: False}, faults=(Fault(CUT_BEFORE, "POST"),), changed=True
    ),
    "add-with-unknown-result": Case(
        {**ADD, "retries": 0},
        "GET POST GET",
        pool={OWN_NUMBER: False},
        faults=(Fault(CUT_AFTER, "POST"), Fault(UNAVAILABLE, "GET", skip=1)),
        changed=True,
        code=20503,
        msg_contains=("It is not known whether the change was made",),
    ),
    "reserve-lost": Case(
        RESERVE, "GET POST POST", (WITH_NUMBER,), {OWN_NUMBER: True}, faults=(Fault(CUT_AFTER, "POST"),), changed=True
    ),
    "remove-lost": Case(
        REMOVE,
        "GET DELETE DELETE",
        (WITH_NUMBER,),
        faults=(Fault(CUT_AFTER, "DELETE"),),
        changed=True,
        variants=ALL_VARIANTS,
    ),
    # Somebody else makes a change between two requests.
    "added-before-an-addition": Case(
        ADD, "GET POST GET", pool={OWN_NUMBER: False}, faults=(Fault(CONCURRENT_ADD, "POST"),), variants=ALL_VARIANTS
    ),
    "added-before-a-reservation": Case(
        RESERVE, "GET POST GET POST", pool={OWN_NUMBER: True}, faults=(Fault(CONCURRENT_ADD, "POST"),), changed=True
    ),
    "removed-before-a-removal": Case(
        REMOVE, "GET DELETE", (WITH_NUMBER,), faults=(Fault(CONCURRENT_REMOVE, "DELETE"),), variants=ALL_VARIANTS
    ),
    "removed-before-a-reservation": Case(
        RESERVE,
        "GET POST GET POST",
        (WITH_NUMBER,),
        {OWN_NUMBER: True},
        faults=(Fault(CONCURRENT_REMOVE, "POST", OBJECT),),
        changed=True,
        variants=ALL_VARIANTS,
    ),
    "service-deleted-before-an-addition": Case(
        ADD,
        "GET POST",
        pool=None,
        faults=(Fault(CONCURRENT_SERVICE_DELETE, "POST"),),
        code=80408,
        msg_contains=("Cannot add the phone number",),
        variants=ALL_VARIANTS,
    ),
    "service-deleted-before-a-removal": Case(
        REMOVE,
        "GET DELETE",
        (WITH_NUMBER,),
        None,
        faults=(Fault(CONCURRENT_SERVICE_DELETE, "DELETE"),),
        variants=ALL_VARIANTS,
    ),
    # The API answers with an error, whose status depends on the API variant.
    "in-the-pool-of-another-service": Case(
        ADD,
        "GET POST",
        (WITHOUT_NUMBER, IN_OTHER_POOL),
        code=80101,
        variants=ALL_VARIANTS,
    ),
    "not-owned": Case(
        {**ADD, "phone_number": NOT_OWNED},
        "GET POST",
        code=80301,
        variants=ALL_VARIANTS,
    ),
    "no-such-service": Case(
        {**ADD, "service_sid": ABSENT_SID},
        "GET",
        code=80408,
        msg_contains=("Cannot list the phone numbers",),
        variants=ALL_VARIANTS,
    ),
    "no-such-service-for-a-removal": Case({**REMOVE, "service_sid": ABSENT_SID}, "GET", variants=ALL_VARIANTS),
    "no-such-service-for-a-removal-by-sid": Case(
        {**REMOVE_BY_SID, "service_sid": ABSENT_SID}, "GET", variants=ALL_VARIANTS
    ),
    "no-service-of-the-name": Case(
        {"service_unique_name": "Rides", "phone_number": OWN_NUMBER},
        "GET",
        msg_contains=("no Service 'Rides'. ",),
    ),
    "no-service-of-the-name-for-a-removal": Case(
        {"service_unique_name": "Rides", "phone_number": OWN_NUMBER, "state": "absent"}, "GET"
    ),
    # Errors before any request.
    "null-for-the-service": Case(
        {**ADD, "service_sid": None}, "", msg_contains=("service_sid: the value is null", "No request")
    ),
    "null-for-the-number": Case({**ADD, "phone_number": None}, "", msg_contains=("phone_number: the value is null",)),
    "two-services": Case({**ADD, "service_unique_name": "rides"}, "", msg_contains=("mutually exclusive",)),
    "two-names-for-the-number": Case({**ADD, "sid": NUMBER_SID}, "", msg_contains=("mutually exclusive",)),
    "no-number": Case({"service_sid": SID}, "", msg_contains=("one of the following is required: sid, phone_number",)),
    "no-service": Case(
        {"phone_number": OWN_NUMBER}, "", msg_contains=("one of the following is required: service_sid",)
    ),
    "a-number-without-plus": Case(
        {**ADD, "phone_number": OWN_NUMBER[1:]}, "", msg_contains=("phone_number: '1202", "E.164")
    ),
}
CASE_VARIANTS = [(name, variant) for name, case in CASES.items() for variant in case.variants]


class CaseResult(t.NamedTuple):
    """The result of a case's task, the methods of its requests, the pool after it, and faults that did not occur."""

    case: Case
    result: Result
    methods: str
    pool: dict[str, bool] | None
    unused_faults: list[t.Any]


@pytest.fixture(scope="module")
def case_results() -> dict[tuple[str, str], CaseResult]:
    """Run all cases in one playbook, each with its own emulator."""
    with contextlib.ExitStack() as stack:
        emulators = {
            (name, variant): stack.enter_context(Emulator(**settings(name, variant))) for name, variant in CASE_VARIANTS
        }
        for (name, _variant), emulator in emulators.items():
            for fault in CASES[name].faults:
                emulator.fault(*fault)
        hosts = {
            f"{name}-{variant}": {
                "arguments": dict(CASES[name].options),
                "environment_of_host": emulator.environment,
            }
            for (name, variant), emulator in emulators.items()
        }
        task = {"name": "run", "twilio.proxy.phone_number": "{{ arguments }}", "ignore_errors": True}
        play = {"hosts": "all", "gather_facts": False, "environment": "{{ environment_of_host }}", "tasks": [task]}
        run = playbook([play], hosts=hosts)
        return {
            (name, variant): case_result_of(emulator, CASES[name], run.result("run", f"{name}-{variant}"))
            for (name, variant), emulator in emulators.items()
        }


def settings(name: str, variant: str) -> dict[str, t.Any]:
    """Return the emulator's settings, with the case's Services in the only account, which owns one number."""
    account = {
        "account_sid": ACCOUNT_SID,
        "auth_token": AUTH_TOKEN,
        "phone_numbers": [{"phone_number": OWN_NUMBER, "sid": NUMBER_SID}],
        "services": list(CASES[name].before),
    }
    return {**VARIANTS[variant], "accounts": [account]}


def case_result_of(emulator: Emulator, case: Case, result: Result) -> CaseResult:
    methods = " ".join(entry["method"] for entry in emulator.requests())
    unused_faults = [rule for rule in emulator.faults() if not rule["used"]]
    emulator.send("DELETE", "/__emulator__/faults")
    exists = any(service["sid"] == SID for service in emulator.services())
    pool = {number["phone_number"]: number["is_reserved"] for number in emulator.pool(SID)} if exists else None
    return CaseResult(case, result, methods, pool, unused_faults)


@pytest.fixture(params=CASE_VARIANTS, ids="-".join)
def case_result(request: pytest.FixtureRequest, case_results: dict[tuple[str, str], CaseResult]) -> CaseResult:
    return case_results[request.param]


def test_requests_and_pool(case_result: CaseResult) -> None:
    """Each fault occurred, exactly these requests were sent, and the pool is as expected."""
    assert (case_result.methods, case_result.pool, case_result.unused_faults) == (
        case_result.case.methods,
        case_result.case.pool,
        [],
    )


def test_result(case_result: CaseResult) -> None:
    """It says whether something changed, and has the number, or the keys and the message of a failure."""
    case, result = case_result.case, case_result.result
    assert (result["failed"], result["changed"]) == (case.fails, case.changed), result.get("msg")
    if case.fails:
        assert FAILURE_KEYS - set(result) == set()
        assert [text for text in case.msg_contains if text not in result["msg"]] == [], result["msg"]
    elif case.pool:
        assert {result["phone_number"]["phone_number"]: result["phone_number"]["is_reserved"]} == case.pool
        assert result["phone_number"]["service_sid"] == SID


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.fails])
def test_code_of_a_failure(name: str, case_results: dict[tuple[str, str], CaseResult]) -> None:
    case, result = CASES[name], case_results[name, "recorded"].result
    assert result["code"] == case.code
    assert bool(result["status"]) == bool(case.code)
