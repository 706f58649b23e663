# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What twilio.proxy.services does where things go wrong or differ: each case is run, and run again without a fault.

What it does where all is well is played by the target of the same name.
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
#: What only Twilio can know of what is created, and of what is updated.
UNKNOWN = {"sid", "date_created", "date_updated", "url", "links"}
OBJECT, OTHER_OBJECT = f"{LIST}/{SID}", f"{LIST}/{OTHER_SID}"
ANY_OBJECT, ANY_POOL, ANY_NUMBER = (
    LIST + end for end in ("/KS[0-9a-f]+", "/KS.*/PhoneNumbers", "/KS.*/PhoneNumbers/PN.*")
)
RIDES: Service = {"sid": SID, "unique_name": "rides"}
TRIPS: Service = {"sid": OTHER_SID, "unique_name": "trips"}
ONE_SID = "PN" + "1" * 32
ONE, TWO, OF_OTHERS = "+12025550101", "+12025550102", "+12025550199"
SWAP = [{"sid": SID, "unique_name": "trips"}, {"sid": OTHER_SID, "unique_name": "rides"}]

REFUSED = {"kind": "answer", "status": 400, "json": {"code": 80701, "message": "No", "status": 400}}
LOST = {"kind": "cut", "when": "after"}
NEVER_DONE = {"kind": "cut", "when": "before"}
DOWN = {"kind": "answer", "status": 503}
VANISHES = {"kind": "meanwhile", "requests": [{"method": "DELETE", "path": "{path}"}]}

GENERIC = {
    "absent_answer": "not_found_404",
    "case_sensitive_names": False,
    "cleared_value": "empty",
    "list_order": "newest_first",
    "lookup_by_name": True,
    "name_taken_status": 409,
    "page_size_cap": 1,
}
WORLDS: dict[str, dict[str, t.Any]] = {
    "recorded": {},
    "generic": GENERIC,
    "without-code": {"absent_answer": "invalid_sid_400_without_code"},
}


BOTH = ("recorded", "generic")
#: In place of a code of a failure: that it has none, or one that hangs on the world.
NONE, ANY = 0, -1


@dataclasses.dataclass(frozen=True)
class Case:
    """A task, and the trouble that it meets.

    ``before`` are the Services of the account. ``operations`` is what happens to the entries in a run, and ``again`` in
    the next one, which meets no trouble. ``writes`` counts what the first run sends beside GET. ``left`` are the names
    that there are afterwards. ``code`` is what a failure says, NONE or ANY; None here stands for success. ``apart`` is
    true where check mode cannot know what comes, as it never can of a fault. ``worlds`` are those that may matter.
    """

    given: t.Mapping[str, t.Any]
    operations: str
    again: str
    writes: t.Mapping[str, int]
    left: tuple[str, ...]
    before: tuple[Service, ...] = ()
    faults: tuple[Fault, ...] = ()
    settings: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    code: int | None = None
    says: tuple[str, ...] = ()
    apart: bool = False
    worlds: tuple[str, ...] = ("recorded",)

    @property
    def foretold(self) -> bool:
        """Whether check mode can tell what comes."""
        return not self.faults and not self.apart


def services(*entries: t.Mapping[str, t.Any], **options: t.Any) -> dict[str, t.Any]:
    return {"services": list(entries), "retries": 1, **options}


def pool(name: str, *numbers: str) -> dict[str, t.Any]:
    return {"unique_name": name, "phone_numbers": [{"phone_number": number} for number in numbers]}


def refused(*entries: t.Mapping[str, t.Any], says: tuple[str, ...], **options: t.Any) -> Case:
    """A run of which nothing is done, with the two Services there."""
    untouched = " ".join(["not_attempted"] * len(entries))
    given = services(*entries, **options)
    return Case(given, untouched, untouched, {}, ("rides", "trips"), (RIDES, TRIPS), code=NONE, says=says)


CASES = {
    # What is deleted by its SID leaves its name to a new one.
    "replaced": Case(
        services({"unique_name": "rides", "default_ttl": 5}, {"sid": SID, "unique_name": "rides", "state": "absent"}),
        "created deleted",
        "unchanged unchanged",
        {"DELETE": 1, "POST": 1},
        ("rides",),
        (RIDES,),
        worlds=BOTH,
    ),
    # Where the API may differ from one world to another.
    "absent-already": Case(
        services({"sid": ABSENT_SID, "state": "absent"}, {"unique_name": "x", "state": "absent"}),
        "unchanged unchanged",
        "unchanged unchanged",
        {},
        ("rides", "trips"),
        (RIDES, TRIPS),
        worlds=BOTH,
    ),
    "cleared": Case(
        services({"unique_name": "rides", "callback_url": ""}, {"unique_name": "trips", "callback_url": ""}),
        "updated unchanged",
        "unchanged unchanged",
        {"POST": 1},
        ("rides", "trips"),
        ({**RIDES, "callback_url": "https://example.com/"}, {**TRIPS, "callback_url": ""}),
        worlds=BOTH,
    ),
    "other-case": Case(
        services({"sid": SID, "unique_name": "Rides"}, {"unique_name": "trips", "default_ttl": 5}),
        "updated updated",
        "unchanged unchanged",
        {"POST": 2},
        ("Rides", "trips"),
        (RIDES, TRIPS),
        worlds=BOTH,
    ),
    "swap": Case(
        services(*SWAP),
        "updated updated",
        "unchanged unchanged",
        {"POST": 3},
        ("rides", "trips"),
        (RIDES, TRIPS),
        worlds=BOTH,
    ),
    "prune": Case(
        services({"unique_name": "new"}, prune=True, max_deletions=2),
        "created deleted deleted",
        "unchanged",
        {"POST": 1, "DELETE": 2},
        ("new",),
        (RIDES, TRIPS),
        worlds=BOTH,
    ),
    "pools": Case(
        services(pool("rides", ONE), pool("new", TWO), pool("trips"), prune_phone_numbers=True),
        "updated created updated",
        "unchanged unchanged unchanged",
        {"POST": 3, "DELETE": 2},
        ("new", "rides", "trips"),
        (RIDES, {**TRIPS, "phone_numbers": [{"phone_number": ONE}, {"phone_number": TWO}]}),
        worlds=BOTH,
    ),
    "no-such-sid": refused(
        {"unique_name": "new"}, {"sid": ABSENT_SID}, says=(f"services[1]: no Service {ABSENT_SID}",)
    ),
    "vanished-before-its-pool-is-read": Case(
        services(pool("rides", ONE)),
        "created",
        "unchanged",
        {"POST": 2},
        ("rides",),
        (RIDES,),
        (Fault({"kind": "meanwhile", "requests": [{"method": "DELETE", "path": OBJECT}]}, "GET", ANY_POOL),),
        worlds=tuple(WORLDS),
    ),
    "one-number-by-two-names": Case(
        services(pool("trips", ONE), {"unique_name": "rides", "phone_numbers": [{"sid": ONE_SID}]}),
        "failed updated",
        "not_attempted not_attempted",
        {"POST": 1},
        ("rides", "trips"),
        (RIDES, TRIPS),
        code=NONE,
        says=(f"'{ONE}' is {ONE_SID}, which services[1].phone_numbers[0] names",),
        apart=True,
    ),
    "vanished-before-a-delete": Case(
        services({"sid": SID, "state": "absent"}),
        "unchanged",
        "unchanged",
        {"DELETE": 1},
        (),
        (RIDES,),
        (Fault(VANISHES, "DELETE"),),
        worlds=tuple(WORLDS),
    ),
    "vanished-before-a-change": Case(
        services({"unique_name": "rides", "default_ttl": 5}),
        "created",
        "unchanged",
        {"POST": 2},
        ("rides",),
        (RIDES,),
        (Fault(VANISHES, "POST", OBJECT),),
        worlds=tuple(WORLDS),
    ),
    "vanished-before-a-change-by-sid": Case(
        services({"sid": SID, "default_ttl": 5}),
        "failed",
        "not_attempted",
        {"POST": 1},
        (),
        (RIDES,),
        (Fault(VANISHES, "POST", OBJECT),),
        code=NONE,
        says=(f"No Service {SID}",),
    ),
    "vanished-with-its-pool": Case(
        services(pool("rides", ONE)),
        "failed",
        "created",
        {"POST": 1},
        (),
        (RIDES,),
        (Fault({"kind": "meanwhile", "requests": [{"method": "DELETE", "path": OBJECT}]}, "POST"),),
        code=ANY,
        worlds=tuple(WORLDS),
    ),
    "taken-in-other-case": Case(
        services({"unique_name": "RIDES"}, concurrency=1),
        "failed",
        "failed",
        {"POST": 2},
        ("rides",),
        (RIDES,),
        code=80602,
        says=("upper and lower case only",),
        apart=True,
        worlds=("generic",),
    ),
    # Where answers are lost, or are not what they should be.
    "lost-creates": Case(
        services(*({"unique_name": name} for name in "abcdef")),
        " ".join(["created"] * 6),
        " ".join(["unchanged"] * 6),
        {"POST": 6},
        tuple("abcdef"),
        faults=(Fault(LOST, "POST", times=3),),
    ),
    "creates-that-never-came": Case(
        services(*({"unique_name": name} for name in "abcdef")),
        " ".join(["created"] * 6),
        " ".join(["unchanged"] * 6),
        {"POST": 8},
        tuple("abcdef"),
        faults=(Fault(NEVER_DONE, "POST", times=2),),
    ),
    "lost-change": Case(
        services({"unique_name": "rides", "default_ttl": 5}),
        "updated",
        "unchanged",
        {"POST": 2},
        ("rides",),
        (RIDES,),
        (Fault(LOST, "POST"),),
    ),
    "lost-delete": Case(
        services({"unique_name": "rides", "state": "absent"}),
        "deleted",
        "unchanged",
        {"DELETE": 2},
        (),
        (RIDES,),
        (Fault(LOST, "DELETE"),),
    ),
    "lost-number": Case(
        services(pool("rides", ONE, TWO)),
        "updated",
        "unchanged",
        {"POST": 2},
        ("rides",),
        (RIDES,),
        (Fault(LOST, "POST", ANY_POOL),),
    ),
    "lost-swap": Case(
        services(*SWAP),
        "updated updated",
        "unchanged unchanged",
        {"POST": 6},
        ("rides", "trips"),
        (RIDES, TRIPS),
        tuple(Fault(LOST, "POST", skip=skip) for skip in (0, 1, 2)),
    ),
    "create-of-unknown-fate": Case(
        services({"unique_name": "new"}, retries=0),
        "failed",
        "unchanged",
        {"POST": 1},
        ("new",),
        faults=(Fault(LOST, "POST"), Fault(DOWN, "GET", skip=1, times=None)),
        code=20503,
        says=("It is not known whether the change was made",),
    ),
    "interrupted-swap": Case(
        services(*SWAP),
        "failed failed",
        "updated updated",
        {"POST": 2},
        (f"renaming {SID}", "trips"),
        (RIDES, TRIPS),
        (Fault(REFUSED, "POST", OTHER_OBJECT),),
        code=80701,
        says=(f"The Service 'rides' ({SID}) was renamed to 'renaming {SID}'",),
    ),
    "second-phase-is-not-begun": Case(
        services(
            {"unique_name": "trips", "state": "absent"},
            {"unique_name": "rides", "default_ttl": 5},
            {"unique_name": "new", "phone_numbers": [{"phone_number": ONE}]},
        ),
        "failed not_attempted not_attempted",
        "deleted updated created",
        {"DELETE": 1},
        ("rides", "trips"),
        (RIDES, TRIPS),
        (Fault(REFUSED, "DELETE"),),
        code=80701,
        says=("services[0]: ", "Remove the cause, and run the task again to go on from there."),
    ),
    "numbers-are-last": Case(
        services(pool("rides", OF_OTHERS), {"unique_name": "new"}, {"unique_name": "trips", "state": "absent"}),
        "failed created deleted",
        "failed unchanged unchanged",
        {"POST": 2, "DELETE": 1},
        ("new", "rides"),
        (RIDES, TRIPS),
        code=80301,
        says=("services[0].phone_numbers[0]: ", "The number has to be one of this account's own"),
        apart=True,
    ),
    "number-of-another-service": Case(
        services(pool("rides", ONE)),
        "failed",
        "failed",
        {"POST": 1},
        ("rides", "trips"),
        (RIDES, {**TRIPS, "phone_numbers": [{"phone_number": ONE}]}),
        code=80101,
        says=("remove it from the other one first",),
        apart=True,
    ),
    "number-that-somebody-else-adds": Case(
        services(pool("rides", ONE)),
        "unchanged",
        "unchanged",
        {"POST": 1},
        ("rides",),
        (RIDES,),
        (
            Fault(
                {"kind": "meanwhile", "requests": [{"method": "POST", "path": "{path}", "form": {"PhoneNumber": ONE}}]},
                "POST",
                ANY_POOL,
            ),
        ),
    ),
    "pool-that-cannot-be-read": Case(
        services(pool("rides", ONE), {"unique_name": "new"}),
        "not_attempted not_attempted",
        "updated created",
        {},
        ("rides",),
        (RIDES,),
        (Fault(DOWN, "GET", ANY_POOL, times=2),),
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
    # Nothing is sent but what reads, and nothing at all where the list itself is wrong.
    "two-of-a-name": refused(
        {"unique_name": "new"}, {"unique_name": "new"}, says=("services[0] and services[1]", "No request was sent.")
    ),
    "wrong-value": refused(
        {"unique_name": "new"},
        {"unique_name": "rides", "default_ttl": -1},
        says=("services[1].default_ttl ('rides'): -1",),
    ),
    "taken-name": refused({"sid": SID, "unique_name": "trips"}, says=("services[0]: the Service", "'trips'")),
    "delete-of-another-name": refused(
        {"unique_name": "new"}, {"sid": SID, "unique_name": "x", "state": "absent"}, says=("services[1]: ", "not 'x'")
    ),
    "too-many-to-prune": refused({"unique_name": "new"}, prune=True, says=("prune: 2 Services are in no entry",)),
    "empty-list": refused(prune=True, says=("allow_empty",)),
}

RUNS = [(name, world) for name, case in CASES.items() for world in case.worlds]


class Played(t.NamedTuple):
    """What came of a case: the results and the requests of its runs, what was left by the first, and unused faults."""

    case: Case
    results: dict[str, Result]
    sent: dict[str, list[dict[str, t.Any]]]
    left: tuple[str, ...]
    unused: list[t.Any]

    @property
    def run(self) -> Result:
        return self.results["run"]


@pytest.fixture(scope="module")
def table() -> t.Iterator[dict[tuple[str, str], Played]]:
    """All cases, each with an emulator of its own, by a playbook for each of the three runs."""
    with contextlib.ExitStack() as stack:
        emulators = {run: stack.enter_context(Emulator(**settings(*run))) for run in RUNS}
        played = {run: Played(CASES[run[0]], {}, {}, (), []) for run in RUNS}
        for (name, _world), emulator in emulators.items():
            for fault in CASES[name].faults:
                emulator.fault(*fault)
        one_run("check", {run: each for run, each in emulators.items() if CASES[run[0]].foretold}, played)
        one_run("run", emulators, played)
        for run, emulator in emulators.items():
            unused = [rule for rule in emulator.faults() if not rule["used"]]
            emulator.send("DELETE", "/__emulator__/faults")
            left = tuple(sorted(service["unique_name"] for service in emulator.services()))
            played[run] = played[run]._replace(left=left, unused=unused)
        one_run("again", emulators, played)
        yield played


def one_run(task: str, emulators: dict[tuple[str, str], Emulator], played: dict[tuple[str, str], Played]) -> None:
    for emulator in emulators.values():
        emulator.forget_requests()
    hosts = {
        "-".join(run): {"arguments": dict(CASES[run[0]].given), "environment_of_host": emulator.environment}
        for run, emulator in emulators.items()
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
    results = playbook([play], hosts=hosts)
    for run, emulator in emulators.items():
        played[run].results[task] = results.result(task, "-".join(run))
        played[run].sent[task] = emulator.requests()


def settings(name: str, world: str) -> dict[str, t.Any]:
    """The emulator's settings, with the case's Services in its only account."""
    account = {
        "account_sid": ACCOUNT_SID,
        "auth_token": AUTH_TOKEN,
        "phone_numbers": [{"phone_number": ONE, "sid": ONE_SID}, {"phone_number": TWO}],
        "services": list(CASES[name].before),
    }
    return {**WORLDS[world], "accounts": [account]}


@pytest.fixture(params=RUNS, ids="-".join)
def played(request: pytest.FixtureRequest, table: dict[tuple[str, str], Played]) -> Played:
    return table[request.param]


def operations(result: Result) -> str:
    return " ".join(entry["operation"] for entry in result["services"])


def test_what_happened_to_each_entry(played: Played) -> None:
    """And a summary that adds up; in the run after that, too."""
    assert (operations(played.run), operations(played.results["again"])) == (played.case.operations, played.case.again)
    for result in played.results.values():
        counted = collections.Counter(operations(result).split())
        assert {word: count for word, count in result["summary"].items() if count} == counted


def test_the_requests_that_write(played: Played) -> None:
    """No more than these were sent, none of them in check mode, and each fault happened."""
    writes = {task: collections.Counter(one["method"] for one in sent) for task, sent in played.sent.items()}
    for counts in writes.values():
        del counts["GET"]
    assert writes["run"] == played.case.writes
    assert not writes.get("check")
    assert bool(writes["again"]) == bool(set(played.case.again.split()) - {"unchanged", "not_attempted"})
    assert played.unused == []


#: Cases that read no more than they have to, and those of which check mode can tell what comes.
UNTROUBLED = [run for run in RUNS if not CASES[run[0]].faults and CASES[run[0]].code is None]
FORETOLD = [run for run in RUNS if CASES[run[0]].foretold]


@pytest.mark.parametrize("task", ["check", "run"])
@pytest.mark.parametrize("run", UNTROUBLED, ids="-".join)
def test_what_is_read(run: tuple[str, str], task: str, table: dict[tuple[str, str], Played]) -> None:
    """The list once, page by page, and the pools that are managed and there."""
    case, cap = CASES[run[0]], WORLDS[run[1]].get("page_size_cap", 100)
    managed = {entry.get("unique_name") for entry in case.given["services"] if "phone_numbers" in entry}
    pools = [len(service.get("phone_numbers", ())) for service in case.before if service["unique_name"] in managed]
    read = [entry["path"] for entry in table[run].sent[task] if entry["method"] == "GET"]
    assert read.count(LIST) == pages(len(case.before), cap)
    assert len(read) - read.count(LIST) == sum(pages(size, cap) for size in pools)


def pages(objects: int, cap: int) -> int:
    return max(1, -(-objects // cap))


def test_what_is_left(played: Played) -> None:
    assert played.left == played.case.left


def test_what_is_said(played: Played) -> None:
    """A failure has Twilio's words of the first error, and the entries that failed have an error each."""
    case, result = played.case, played.run
    assert result["failed"] == (case.code is not None)
    assert all(("error" in entry) == (entry["operation"] == "failed") for entry in result["services"])
    if case.code is not None:
        assert [words for words in case.says if words not in result["msg"]] == [], result["msg"]
        assert case.code in (ANY, result["code"] or NONE)
        assert set(FAILURE_KEYS) <= set(result)
        assert all({"msg", *FAILURE_KEYS} == set(error) for error in errors(result))


def errors(result: Result) -> list[dict[str, t.Any]]:
    return [entry["error"] for entry in result["services"] if "error" in entry]


@pytest.mark.parametrize("run", FORETOLD, ids="-".join)
def test_check_mode_foretells_the_run(run: tuple[str, str], table: dict[tuple[str, str], Played]) -> None:
    """Key by key, but for what only Twilio can know, which is null."""
    check, real = (comparable(table[run].results[task]) for task in ("check", "run"))
    found = list(unlike(check, real))
    assert [difference for difference in found if difference[0] not in UNKNOWN or difference[1] is not None] == []


def comparable(result: Result) -> dict[str, t.Any]:
    """The part of a result that check mode can tell: without the SIDs in headers, and the IDs of requests."""
    diffs = [{side: diff[side] for side in ("before", "after")} for diff in result.get("diff", ())]
    return {"diff": diffs, **{key: result[key] for key in ("failed", "changed", "services", "summary")}}


def unlike(foretold: t.Any, real: t.Any, name: str = "") -> t.Iterator[tuple[str, t.Any, t.Any]]:
    """Where the two differ: the innermost name of the place, and what is there."""
    if isinstance(foretold, dict) and isinstance(real, dict) and list(foretold) == list(real):
        for key, value in foretold.items():
            yield from unlike(value, real[key], key)
    elif isinstance(foretold, list) and isinstance(real, list) and len(foretold) == len(real):
        for one, other in zip(foretold, real, strict=True):
            yield from unlike(one, other, name)
    elif foretold != real:
        yield name, foretold, real


#: A run that fails in the middle: so many Services, of which this one is refused while others are in flight.
MANY, IN_FLIGHT, REFUSED_ONE = 40, 4, 9


class Broken(t.NamedTuple):
    """A run that failed in the middle and the run after it, each with the requests that wrote."""

    result: Result
    writes: list[dict[str, t.Any]]
    left: list[Service]
    again: Result
    writes_again: list[dict[str, t.Any]]


@pytest.fixture(scope="module")
def broken() -> Broken:
    with Emulator() as emulator:
        # Eight are answered four by four. Of the next four, the first is refused while the others wait for seconds.
        emulator.fault({"kind": "together", "requests": IN_FLIGHT, "seconds": 60}, "POST", times=REFUSED_ONE - 1)
        emulator.fault(REFUSED, "POST")
        emulator.fault({"kind": "late", "seconds": 3}, "POST", times=IN_FLIGHT - 1)
        result, writes = create_many(emulator)
        left = emulator.services()
        return Broken(result, writes, left, *create_many(emulator))


def create_many(emulator: Emulator) -> tuple[Result, list[dict[str, t.Any]]]:
    entries = [{"unique_name": f"service {number:02}"} for number in range(MANY)]
    task = {
        "name": "create",
        "twilio.proxy.services": services(*entries, concurrency=IN_FLIGHT),
        "ignore_errors": True,
    }
    emulator.forget_requests()
    run = playbook([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}], environment=emulator.environment)
    return run.result("create"), [entry for entry in emulator.requests() if entry["method"] != "GET"]


def test_a_failure_in_the_middle_adds_up(broken: Broken) -> None:
    """One has failed, those in flight are waited for, and the rest is not attempted."""
    summary = broken.result["summary"]
    assert broken.result["failed"]
    assert broken.result["changed"]
    assert summary["failed"] == 1
    assert REFUSED_ONE - 1 <= summary["created"] <= REFUSED_ONE - 1 + IN_FLIGHT - 1
    assert summary["created"] + summary["failed"] + summary["not_attempted"] == len(broken.result["services"]) == MANY


def test_after_a_failure_nothing_is_begun(broken: Broken) -> None:
    """All that was sent is accounted for, and what is said to be created is there."""
    created = [entry for entry in broken.result["services"] if entry["operation"] == "created"]
    assert len(broken.writes) == len(created) + 1
    assert {entry["sid"] for entry in created} == {service["sid"] for service in broken.left}
    untouched = [entry for entry in broken.result["services"] if entry["operation"] == "not_attempted"]
    assert {(entry["sid"], str(entry["service"])) for entry in untouched} == {(None, "{}")}


def test_the_next_run_does_the_rest(broken: Broken) -> None:
    created = broken.result["summary"]["created"]
    rest = {word: count for word, count in broken.again["summary"].items() if count}
    assert rest == {"unchanged": created, "created": MANY - created}
    assert len(broken.writes_again) == MANY - created
