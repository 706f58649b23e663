# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""twilio.proxy.services with errors and for several API variants: each case runs with its faults and again without.

The target of the same name tests it without faults.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.integration.accounts import ABSENT_SID, LIST, OTHER_SID, SID
from ansible_collections.twilio.proxy.tests.integration.command_line import Result, playbook
from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, Emulator, Fault, Service

FAILURE_KEYS = ("status", "code", "message", "more_info", "request_id")
#: The fields of a created or updated Service that only Twilio knows.
UNKNOWN = {"sid", "date_created", "date_updated", "url", "links"}
OBJECT, OTHER_OBJECT = f"{LIST}/{SID}", f"{LIST}/{OTHER_SID}"
ANY_OBJECT, ANY_POOL, ANY_NUMBER = (
    LIST + end for end in ("/KS[0-9a-f]+", "/KS.*/PhoneNumbers", "/KS.*/PhoneNumbers/PN.*")
)
RIDES: Service = {"sid": SID, "unique_name": "rides"}
TRIPS: Service = {"sid": OTHER_SID, "unique_name": "trips"}
FIRST_NUMBER_SID = "PN" + "1" * 32
FIRST_NUMBER, SECOND_NUMBER, NOT_OWNED = "+12025550101", "+12025550102", "+12025550199"
SWAP = [{"sid": SID, "unique_name": "trips"}, {"sid": OTHER_SID, "unique_name": "rides"}]

REFUSAL = {"kind": "answer", "status": 400, "json": {"code": 80701, "message": "No", "status": 400}}
CUT_AFTER = {"kind": "cut", "when": "after"}
CUT_BEFORE = {"kind": "cut", "when": "before"}
UNAVAILABLE = {"kind": "answer", "status": 503}
CONCURRENT_DELETE = {"kind": "meanwhile", "requests": [{"method": "DELETE", "path": "{path}"}]}

GENERIC = {
    "absent_answer": "not_found_404",
    "case_sensitive_names": False,
    "cleared_value": "empty",
    "list_order": "newest_first",
    "lookup_by_name": True,
    "name_taken_status": 409,
    "page_size_cap": 1,
}
VARIANTS: dict[str, dict[str, t.Any]] = {
    "recorded": {},
    "generic": GENERIC,
    "without-code": {"absent_answer": "invalid_sid_400_without_code"},
}


BOTH_VARIANTS = ("recorded", "generic")
#: In place of the code of a failure: it has none, or it depends on the API variant.
NO_CODE, ANY_CODE = 0, -1


@dataclasses.dataclass(frozen=True)
class Case:
    """The options of a task, the faults that it meets, and the expected result.

    ``operations`` are those of the entries in the first run, and ``again`` those in the second run, without faults.
    ``before`` are the Services of the account, and ``remaining`` are the names of the Services after the first run.
    ``writes`` counts its requests other than GET. ``code`` is that of a failure, NO_CODE or ANY_CODE, and None for
    success. ``unpredictable`` is true if check mode cannot predict the result, as with any fault. ``variants`` are the
    API variants for which the case runs.
    """

    options: t.Mapping[str, t.Any]
    operations: str
    again: str
    writes: t.Mapping[str, int]
    remaining: tuple[str, ...]
    before: tuple[Service, ...] = ()
    faults: tuple[Fault, ...] = ()
    code: int | None = None
    msg_contains: tuple[str, ...] = ()
    unpredictable: bool = False
    variants: tuple[str, ...] = ("recorded",)

    @property
    def predictable(self) -> bool:
        """Whether check mode can predict the result."""
        return not self.faults and not self.unpredictable


def services(*entries: t.Mapping[str, t.Any], **options: t.Any) -> dict[str, t.Any]:
    return {"services": list(entries), "retries": 1, **options}


def pool(name: str, *numbers: str) -> dict[str, t.Any]:
    return {"unique_name": name, "phone_numbers": [{"phone_number": number} for number in numbers]}


def refused_case(*entries: t.Mapping[str, t.Any], msg_contains: tuple[str, ...], **options: t.Any) -> Case:
    """Return a case with two Services, of which nothing is done."""
    not_attempted = " ".join(["not_attempted"] * len(entries))
    return Case(
        services(*entries, **options),
        not_attempted,
        not_attempted,
        {},
        ("rides", "trips"),
        (RIDES, TRIPS),
        code=NO_CODE,
        msg_contains=msg_contains,
    )


CASES = {
    # A new Service gets the name of one that is deleted by its SID.
    "replaced": Case(
        services({"unique_name": "rides", "default_ttl": 5}, {"sid": SID, "unique_name": "rides", "state": "absent"}),
        "created deleted",
        "unchanged unchanged",
        {"DELETE": 1, "POST": 1},
        ("rides",),
        (RIDES,),
        variants=BOTH_VARIANTS,
    ),
    # The behaviour of the API is uncertain.
    "absent-already": Case(
        services({"sid": ABSENT_SID, "state": "absent"}, {"unique_name": "x", "state": "absent"}),
        "unchanged unchanged",
        "unchanged unchanged",
        {},
        ("rides", "trips"),
        (RIDES, TRIPS),
        variants=BOTH_VARIANTS,
    ),
    "cleared": Case(
        services({"unique_name": "rides", "callback_url": ""}, {"unique_name": "trips", "callback_url": ""}),
        "updated unchanged",
        "unchanged unchanged",
        {"POST": 1},
        ("rides", "trips"),
        ({**RIDES, "callback_url": "https://example.com/"}, {**TRIPS, "callback_url": ""}),
        variants=BOTH_VARIANTS,
    ),
    "other-case": Case(
        services({"sid": SID, "unique_name": "Rides"}, {"unique_name": "trips", "default_ttl": 5}),
        "updated updated",
        "unchanged unchanged",
        {"POST": 2},
        ("Rides", "trips"),
        (RIDES, TRIPS),
        variants=BOTH_VARIANTS,
    ),
    "swap": Case(
        services(*SWAP),
        "updated updated",
        "unchanged unchanged",
        {"POST": 3},
        ("rides", "trips"),
        (RIDES, TRIPS),
        variants=BOTH_VARIANTS,
    ),
    "prune": Case(
        services({"unique_name": "new"}, prune=True, max_deletions=2),
        "created deleted deleted",
        "unchanged",
        {"POST": 1, "DELETE": 2},
        ("new",),
        (RIDES, TRIPS),
        variants=BOTH_VARIANTS,
    ),
    "pools": Case(
        services(pool("rides", FIRST_NUMBER), pool("new", SECOND_NUMBER), pool("trips"), prune_phone_numbers=True),
        "updated created updated",
        "unchanged unchanged unchanged",
        {"POST": 3, "DELETE": 2},
        ("new", "rides", "trips"),
        (RIDES, {**TRIPS, "phone_numbers": [{"phone_number": FIRST_NUMBER}, {"phone_number": SECOND_NUMBER}]}),
        variants=BOTH_VARIANTS,
    ),
    "no-such-sid": refused_case(
        {"unique_name": "new"}, {"sid": ABSENT_SID}, msg_contains=(f"services[1]: There is no Service {ABSENT_SID}.",)
    ),
    "deleted-before-its-pool-is-read": Case(
        services(pool("rides", FIRST_NUMBER)),
        "created",
        "unchanged",
        {"POST": 2},
        ("rides",),
        (RIDES,),
        (Fault({"kind": "meanwhile", "requests": [{"method": "DELETE", "path": OBJECT}]}, "GET", ANY_POOL),),
        variants=tuple(VARIANTS),
    ),
    "number-in-one-entry-and-its-sid-in-another": Case(
        services(pool("trips", FIRST_NUMBER), {"unique_name": "rides", "phone_numbers": [{"sid": FIRST_NUMBER_SID}]}),
        "failed updated",
        "not_attempted not_attempted",
        {"POST": 1},
        ("rides", "trips"),
        (RIDES, TRIPS),
        code=NO_CODE,
        msg_contains=(f"'{FIRST_NUMBER}' is {FIRST_NUMBER_SID}, which services[1].phone_numbers[0] ",),
        unpredictable=True,
    ),
    "deleted-before-a-delete": Case(
        services({"sid": SID, "state": "absent"}),
        "unchanged",
        "unchanged",
        {"DELETE": 1},
        (),
        (RIDES,),
        (Fault(CONCURRENT_DELETE, "DELETE"),),
        variants=tuple(VARIANTS),
    ),
    "deleted-before-an-update": Case(
        services({"unique_name": "rides", "default_ttl": 5}),
        "created",
        "unchanged",
        {"POST": 2},
        ("rides",),
        (RIDES,),
        (Fault(CONCURRENT_DELETE, "POST", OBJECT),),
        variants=tuple(VARIANTS),
    ),
    "deleted-before-an-update-by-sid": Case(
        services({"sid": SID, "default_ttl": 5}),
        "failed",
        "not_attempted",
        {"POST": 1},
        (),
        (RIDES,),
        (Fault(CONCURRENT_DELETE, "POST", OBJECT),),
        code=NO_CODE,
        msg_contains=(f"no Service {SID}.",),
    ),
    "deleted-before-a-number-is-added": Case(
        services(pool("rides", FIRST_NUMBER)),
        "failed",
        "created",
        {"POST": 1},
        (),
        (RIDES,),
        (Fault({"kind": "meanwhile", "requests": [{"method": "DELETE", "path": OBJECT}]}, "POST"),),
        code=ANY_CODE,
        variants=tuple(VARIANTS),
    ),
    "taken-in-other-case": Case(
        services({"unique_name": "RIDES"}, concurrency=1),
        "failed",
        "failed",
        {"POST": 2},
        ("rides",),
        (RIDES,),
        code=80602,
        msg_contains=("upper and lower case",),
        unpredictable=True,
        variants=("generic",),
    ),
    # Requests or answers are lost, or the API answers with an error.
    "lost-answers-to-creates": Case(
        services(*({"unique_name": name} for name in "abcdef")),
        " ".join(["created"] * 6),
        " ".join(["unchanged"] * 6),
        {"POST": 6},
        tuple("abcdef"),
        faults=(Fault(CUT_AFTER, "POST", times=3),),
    ),
    "lost-creates": Case(
        services(*({"unique_name": name} for name in "abcdef")),
        " ".join(["created"] * 6),
        " ".join(["unchanged"] * 6),
        {"POST": 8},
        tuple("abcdef"),
        faults=(Fault(CUT_BEFORE, "POST", times=2),),
    ),
    "lost-answer-to-an-update": Case(
        services({"unique_name": "rides", "default_ttl": 5}),
        "updated",
        "unchanged",
        {"POST": 2},
        ("rides",),
        (RIDES,),
        (Fault(CUT_AFTER, "POST"),),
    ),
    "lost-answer-to-a-delete": Case(
        services({"unique_name": "rides", "state": "absent"}),
        "deleted",
        "unchanged",
        {"DELETE": 2},
        (),
        (RIDES,),
        (Fault(CUT_AFTER, "DELETE"),),
    ),
    "lost-answer-to-an-added-number": Case(
        services(pool("rides", FIRST_NUMBER, SECOND_NUMBER)),
        "updated",
        "unchanged",
        {"POST": 2},
        ("rides",),
        (RIDES,),
        (Fault(CUT_AFTER, "POST", ANY_POOL),),
    ),
    "lost-answers-to-a-swap": Case(
        services(*SWAP),
        "updated updated",
        "unchanged unchanged",
        {"POST": 6},
        ("rides", "trips"),
        (RIDES, TRIPS),
        tuple(Fault(CUT_AFTER, "POST", skip=skip) for skip in (0, 1, 2)),
    ),
    "create-with-unknown-result": Case(
        services({"unique_name": "new"}, retries=0),
        "failed",
        "unchanged",
        {"POST": 1},
        ("new",),
        faults=(Fault(CUT_AFTER, "POST"), Fault(UNAVAILABLE, "GET", skip=1, times=None)),
        code=20503,
        msg_contains=("It is not known whether the change was made",),
    ),
    "interrupted-swap": Case(
        services(*SWAP),
        "failed failed",
        "updated updated",
        {"POST": 2},
        (f"renaming {SID}", "trips"),
        (RIDES, TRIPS),
        (Fault(REFUSAL, "POST", OTHER_OBJECT),),
        code=80701,
        msg_contains=(f"The Service 'rides' ({SID}) was renamed to 'renaming {SID}'",),
    ),
    "nothing-is-created-after-a-failed-delete": Case(
        services(
            {"unique_name": "trips", "state": "absent"},
            {"unique_name": "rides", "default_ttl": 5},
            {"unique_name": "new", "phone_numbers": [{"phone_number": FIRST_NUMBER}]},
        ),
        "failed not_attempted not_attempted",
        "deleted updated created",
        {"DELETE": 1},
        ("rides", "trips"),
        (RIDES, TRIPS),
        (Fault(REFUSAL, "DELETE"),),
        code=80701,
        msg_contains=("services[0]: ",),
    ),
    "numbers-are-added-last": Case(
        services(pool("rides", NOT_OWNED), {"unique_name": "new"}, {"unique_name": "trips", "state": "absent"}),
        "failed created deleted",
        "failed unchanged unchanged",
        {"POST": 2, "DELETE": 1},
        ("new", "rides"),
        (RIDES, TRIPS),
        code=80301,
        msg_contains=("services[0].phone_numbers[0]: ",),
        unpredictable=True,
    ),
    "number-in-the-pool-of-another-service": Case(
        services(pool("rides", FIRST_NUMBER)),
        "failed",
        "failed",
        {"POST": 1},
        ("rides", "trips"),
        (RIDES, {**TRIPS, "phone_numbers": [{"phone_number": FIRST_NUMBER}]}),
        code=80101,
        unpredictable=True,
    ),
    "number-added-by-somebody-else": Case(
        services(pool("rides", FIRST_NUMBER)),
        "unchanged",
        "unchanged",
        {"POST": 1},
        ("rides",),
        (RIDES,),
        (
            Fault(
                {
                    "kind": "meanwhile",
                    "requests": [{"method": "POST", "path": "{path}", "form": {"PhoneNumber": FIRST_NUMBER}}],
                },
                "POST",
                ANY_POOL,
            ),
        ),
    ),
    "pool-that-cannot-be-read": Case(
        services(pool("rides", FIRST_NUMBER), {"unique_name": "new"}),
        "not_attempted not_attempted",
        "updated created",
        {},
        ("rides",),
        (RIDES,),
        (Fault(UNAVAILABLE, "GET", ANY_POOL, times=2),),
        code=20503,
    ),
    "too-many-requests": Case(
        services(*({"unique_name": name} for name in "abcd")),
        "created created created created",
        "unchanged unchanged unchanged unchanged",
        {"POST": 6},
        tuple("abcd"),
        faults=(Fault({"kind": "answer", "status": 429, "headers": {"Retry-After": "0"}}, "POST", times=2),),
    ),
    # The run only reads, and sends no request if the list itself has an error.
    "duplicate-name": refused_case(
        {"unique_name": "new"},
        {"unique_name": "new"},
        msg_contains=("services[0] and services[1]", "No request was sent."),
    ),
    "invalid-value": refused_case(
        {"unique_name": "new"},
        {"unique_name": "rides", "default_ttl": -1},
        msg_contains=("services[1].default_ttl ('rides'): -1",),
    ),
    "taken-name": refused_case({"sid": SID, "unique_name": "trips"}, msg_contains=("services[0]: ", "'trips'")),
    "delete-with-another-name": refused_case(
        {"unique_name": "new"},
        {"sid": SID, "unique_name": "x", "state": "absent"},
        msg_contains=("services[1]: ", "not 'x'"),
    ),
    "too-many-to-prune": refused_case({"unique_name": "new"}, prune=True, msg_contains=("prune: 2 Services ",)),
    "empty-list": refused_case(prune=True, msg_contains=("allow_empty",)),
}

CASE_VARIANTS = [(name, variant) for name, case in CASES.items() for variant in case.variants]
PREDICTABLE = [(name, variant) for name, variant in CASE_VARIANTS if CASES[name].predictable]


class CaseResult(t.NamedTuple):
    """The results and requests of a case's runs, the names after the first run, and the faults that did not occur."""

    case: Case
    results: dict[str, Result]
    requests: dict[str, list[dict[str, t.Any]]]
    remaining: tuple[str, ...]
    unused_faults: list[t.Any]

    @property
    def run(self) -> Result:
        return self.results["run"]


@pytest.fixture(scope="module")
def case_results() -> t.Iterator[dict[tuple[str, str], CaseResult]]:
    """Run all cases, each with its own emulator: in check mode, outside of it, and again without faults."""
    with contextlib.ExitStack() as stack:
        emulators = {case: stack.enter_context(Emulator(**settings(*case))) for case in CASE_VARIANTS}
        results = {(name, variant): CaseResult(CASES[name], {}, {}, (), []) for name, variant in CASE_VARIANTS}
        for (name, _variant), emulator in emulators.items():
            for fault in CASES[name].faults:
                emulator.fault(*fault)
        run_cases("check", {case: emulators[case] for case in PREDICTABLE}, results)
        run_cases("run", emulators, results)
        for case, emulator in emulators.items():
            unused_faults = [rule for rule in emulator.faults() if not rule["used"]]
            emulator.send("DELETE", "/__emulator__/faults")
            remaining = tuple(sorted(service["unique_name"] for service in emulator.services()))
            results[case] = results[case]._replace(remaining=remaining, unused_faults=unused_faults)
        run_cases("again", emulators, results)
        yield results


def run_cases(
    task: str, emulators: dict[tuple[str, str], Emulator], results: dict[tuple[str, str], CaseResult]
) -> None:
    """Run the cases of these emulators in one playbook, and add its results and requests to ``results``."""
    for emulator in emulators.values():
        emulator.forget_requests()
    hosts = {
        f"{name}-{variant}": {"arguments": dict(CASES[name].options), "environment_of_host": emulator.environment}
        for (name, variant), emulator in emulators.items()
    }
    play = {
        "hosts": "all",
        "gather_facts": False,
        "environment": "{{ environment_of_host }}",
        "tasks": [
            {
                "name": task,
                "twilio.proxy.services": "{{ arguments }}",
                "check_mode": task == "check",
                "diff": True,
                "ignore_errors": True,
            }
        ],
    }
    run = playbook([play], hosts=hosts)
    for (name, variant), emulator in emulators.items():
        results[name, variant].results[task] = run.result(task, f"{name}-{variant}")
        results[name, variant].requests[task] = emulator.requests()


def settings(name: str, variant: str) -> dict[str, t.Any]:
    """Return the emulator's settings, with the case's Services in the only account."""
    account = {
        "account_sid": ACCOUNT_SID,
        "auth_token": AUTH_TOKEN,
        "phone_numbers": [{"phone_number": FIRST_NUMBER, "sid": FIRST_NUMBER_SID}, {"phone_number": SECOND_NUMBER}],
        "services": list(CASES[name].before),
    }
    return {**VARIANTS[variant], "accounts": [account]}


@pytest.fixture(params=CASE_VARIANTS, ids="-".join)
def case_result(request: pytest.FixtureRequest, case_results: dict[tuple[str, str], CaseResult]) -> CaseResult:
    return case_results[request.param]


def operations(result: Result) -> str:
    return " ".join(entry["operation"] for entry in result["services"])


def test_operations_and_summary(case_result: CaseResult) -> None:
    assert operations(case_result.run) == case_result.case.operations
    assert operations(case_result.results["again"]) == case_result.case.again
    for result in case_result.results.values():
        counted = collections.Counter(operations(result).split())
        assert {operation: count for operation, count in result["summary"].items() if count} == counted


def test_writing_requests(case_result: CaseResult) -> None:
    """Exactly these were sent, none in check mode, and each fault occurred."""
    writes = {
        task: collections.Counter(request["method"] for request in requests)
        for task, requests in case_result.requests.items()
    }
    for counts in writes.values():
        del counts["GET"]
    assert writes["run"] == case_result.case.writes
    assert not writes.get("check")
    assert bool(writes["again"]) == bool(set(case_result.case.again.split()) - {"unchanged", "not_attempted"})
    assert case_result.unused_faults == []


#: Cases without errors, which read no more than necessary.
SUCCESSFUL = [(name, variant) for name, variant in CASE_VARIANTS if not CASES[name].faults and CASES[name].code is None]


@pytest.mark.parametrize("task", ["check", "run"])
@pytest.mark.parametrize(("name", "variant"), SUCCESSFUL)
def test_reading_requests(name: str, variant: str, task: str, case_results: dict[tuple[str, str], CaseResult]) -> None:
    """The list is read once, page by page, and only the pools that an entry manages."""
    case, page_size = CASES[name], VARIANTS[variant].get("page_size_cap", 100)
    managed = {entry.get("unique_name") for entry in case.options["services"] if "phone_numbers" in entry}
    pool_sizes = [len(service.get("phone_numbers", ())) for service in case.before if service["unique_name"] in managed]
    requests = case_results[name, variant].requests[task]
    paths = [request["path"] for request in requests if request["method"] == "GET"]
    assert paths.count(LIST) == page_count(len(case.before), page_size)
    assert len(paths) - paths.count(LIST) == sum(page_count(pool_size, page_size) for pool_size in pool_sizes)


def page_count(objects: int, page_size: int) -> int:
    return max(1, -(-objects // page_size))


def test_remaining_services(case_result: CaseResult) -> None:
    assert case_result.remaining == case_result.case.remaining


def test_errors(case_result: CaseResult) -> None:
    """A failure has Twilio's text of the first error, and each entry that failed has its error."""
    case, result = case_result.case, case_result.run
    assert result["failed"] == (case.code is not None)
    assert all(("error" in entry) == (entry["operation"] == "failed") for entry in result["services"])
    if case.code is not None:
        assert [text for text in case.msg_contains if text not in result["msg"]] == [], result["msg"]
        assert case.code in (ANY_CODE, result["code"] or NO_CODE)
        assert set(FAILURE_KEYS) <= set(result)
        assert all({"msg", *FAILURE_KEYS} == set(error) for error in errors(result))


def errors(result: Result) -> list[dict[str, t.Any]]:
    return [entry["error"] for entry in result["services"] if "error" in entry]


@pytest.mark.parametrize(("name", "variant"), PREDICTABLE)
def test_check_mode_predicts_the_result(
    name: str, variant: str, case_results: dict[tuple[str, str], CaseResult]
) -> None:
    """It predicts each key except for the values that only Twilio knows, which are null."""
    results = case_results[name, variant].results
    found = differences(comparable(results["check"]), comparable(results["run"]))
    assert [difference for difference in found if difference[0] not in UNKNOWN or difference[1] is not None] == []


def comparable(result: Result) -> dict[str, t.Any]:
    """Return the predictable part of a result: without the SIDs in headers and the IDs of requests."""
    diffs = [{side: diff[side] for side in ("before", "after")} for diff in result.get("diff", ())]
    return {"diff": diffs, **{key: result[key] for key in ("failed", "changed", "services", "summary")}}


def differences(predicted: t.Any, real: t.Any, name: str = "") -> t.Iterator[tuple[str, t.Any, t.Any]]:
    """Yield the differing values, each pair with the innermost key."""
    if isinstance(predicted, dict) and isinstance(real, dict) and list(predicted) == list(real):
        for key, value in predicted.items():
            yield from differences(value, real[key], key)
    elif isinstance(predicted, list) and isinstance(real, list) and len(predicted) == len(real):
        for predicted_item, real_item in zip(predicted, real, strict=True):
            yield from differences(predicted_item, real_item, name)
    elif predicted != real:
        yield name, predicted, real


#: A run that creates several Services at a time. The API refuses one of them while others are in flight.
SERVICE_COUNT, CONCURRENCY, REFUSED_POSITION = 40, 4, 9


class PartialRun(t.NamedTuple):
    """A run in which one create failed and the next run, each with the writing requests."""

    result: Result
    writes: list[dict[str, t.Any]]
    remaining: list[Service]
    again: Result
    writes_again: list[dict[str, t.Any]]


@pytest.fixture(scope="module")
def partial_run() -> PartialRun:
    with Emulator() as emulator:
        # The first eight are answered in groups of four. Of the next four, one fails while the others wait.
        emulator.fault({"kind": "together", "requests": CONCURRENCY, "seconds": 60}, "POST", times=REFUSED_POSITION - 1)
        emulator.fault(REFUSAL, "POST")
        emulator.fault({"kind": "late", "seconds": 3}, "POST", times=CONCURRENCY - 1)
        result, writes = create_many(emulator)
        remaining = emulator.services()
        return PartialRun(result, writes, remaining, *create_many(emulator))


def create_many(emulator: Emulator) -> tuple[Result, list[dict[str, t.Any]]]:
    entries = [{"unique_name": f"service {number:02}"} for number in range(SERVICE_COUNT)]
    task = {
        "name": "create",
        "twilio.proxy.services": services(*entries, concurrency=CONCURRENCY),
        "ignore_errors": True,
    }
    emulator.forget_requests()
    run = playbook([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}], environment=emulator.environment)
    return run.result("create"), [entry for entry in emulator.requests() if entry["method"] != "GET"]


def test_the_summary_of_a_partial_run(partial_run: PartialRun) -> None:
    """One entry failed, those in flight were completed, and the rest was not attempted."""
    summary = partial_run.result["summary"]
    assert partial_run.result["failed"]
    assert partial_run.result["changed"]
    assert summary["failed"] == 1
    assert REFUSED_POSITION - 1 <= summary["created"] <= REFUSED_POSITION - 1 + CONCURRENCY - 1
    assert len(partial_run.result["services"]) == SERVICE_COUNT
    assert summary["created"] + summary["failed"] + summary["not_attempted"] == SERVICE_COUNT


def test_no_request_is_sent_after_a_failure(partial_run: PartialRun) -> None:
    """The result accounts for each request, and the created Services exist."""
    created = [entry for entry in partial_run.result["services"] if entry["operation"] == "created"]
    assert len(partial_run.writes) == len(created) + 1
    assert {entry["sid"] for entry in created} == {service["sid"] for service in partial_run.remaining}
    not_attempted = [entry for entry in partial_run.result["services"] if entry["operation"] == "not_attempted"]
    assert {(entry["sid"], str(entry["service"])) for entry in not_attempted} == {(None, "{}")}


def test_the_next_run_creates_the_rest(partial_run: PartialRun) -> None:
    created = partial_run.result["summary"]["created"]
    counts = {operation: count for operation, count in partial_run.again["summary"].items() if count}
    assert counts == {"unchanged": created, "created": SERVICE_COUNT - created}
    assert len(partial_run.writes_again) == SERVICE_COUNT - created
