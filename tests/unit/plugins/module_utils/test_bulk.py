# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reconciling many objects: reading, refusals, the order of requests, and failures."""

from __future__ import annotations

import signal
import threading
import time
import typing as t
from dataclasses import replace
from types import SimpleNamespace

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils import _bulk
from ansible_collections.twilio.proxy.plugins.module_utils._bulk import (
    StepResult,
    carry_out,
    in_parallel,
    not_begun,
    plan_list,
    predict,
    read_all,
)
from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import Entry, ListPlan, Pruning
from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import Step as Planned
from ansible_collections.twilio.proxy.plugins.module_utils._client import Client, Credentials, Observed
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._plan import PreconditionError
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import Outcome, TaskError
from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER, SERVICE, Object

from .test_bulk_plan import ONE, THREE, TTL, TWO, absent_by_sid, by_sid, ks, named, pn, taken
from .test_client import NEXT, RESET
from .wire import (
    ABSENT,
    ACCOUNT,
    LIST,
    NUMBER_ABSENT,
    NUMBER_TAKEN,
    TAKEN,
    Answer,
    Request,
    Router,
    Step,
    Wire,
    client,
    error,
    number,
    numbers,
    page,
    pool,
    service,
)

GET_LIST: Request = ("GET", LIST, {"PageSize": "1000"})
DELETED = Answer(204)
WRONG = error(400, 80701)
#: Seconds after which something that does not happen fails the test.
PATIENCE = 60


def service_of(letter: str, **fields: t.Any) -> Object:
    """Return the Service of this letter, which is also its name."""
    return service(**{"sid": ks(letter), "unique_name": letter, **fields})


def number_of(letter: str, phone_number: str, **fields: t.Any) -> Object:
    """Return the number in the pool of the Service of this letter."""
    return number(service_sid=ks(letter), sid=pn(phone_number), phone_number=phone_number, **fields)


def with_pool(entry: Entry, *wanted: Entry | str) -> Entry:
    """Return the entry with entries for the numbers of its pool."""
    inner = tuple(
        Entry(f"{entry.place}.phone_numbers[{position}]", {"phone_number": child})
        if isinstance(child, str)
        else Entry(f"{entry.place}.phone_numbers[{position}]", child.desired, child.sid)
        for position, child in enumerate(wanted)
    )
    return replace(entry, children=inner)


def reserved_entry(phone_number: str) -> Entry:
    """Return an entry for a reserved number."""
    return Entry("", {"phone_number": phone_number, "is_reserved": True})


def number_entry(sid: str) -> Entry:
    """Return an entry for the number with this SID."""
    return Entry("", {"sid": sid}, sid=sid)


# The requests


def update(letter: str, **form: str) -> Request:
    """Return the request that sets these form fields of a Service."""
    return ("POST", f"{LIST}/{ks(letter)}", form)


def create(**form: str) -> Request:
    """Return the request that creates a Service."""
    return ("POST", LIST, form)


def delete(letter: str) -> Request:
    """Return the request that deletes a Service."""
    return ("DELETE", f"{LIST}/{ks(letter)}", {})


def read_pool(letter: str) -> Request:
    """Return the request that reads the numbers of a Service."""
    return ("GET", pool(ks(letter)), {"PageSize": "1000"})


def add(letter: str, **form: str) -> Request:
    """Return the request that adds a number to a Service."""
    return ("POST", pool(ks(letter)), form)


def change(letter: str, phone_number: str, **form: str) -> Request:
    """Return the request that sets these form fields of a number."""
    return ("POST", f"{pool(ks(letter))}/{pn(phone_number)}", form)


def remove(letter: str, phone_number: str) -> Request:
    """Return the request that removes a number from a Service."""
    return ("DELETE", f"{pool(ks(letter))}/{pn(phone_number)}", {})


def planned(clients: t.Sequence[Client], *entries: Entry, **settings: t.Any) -> list[Planned]:
    """Return the steps for the entries."""
    return plan_of(clients, *entries, **settings).steps


def plan_of(clients: t.Sequence[Client], *entries: Entry, **settings: t.Any) -> ListPlan:
    """Return the plan for the entries."""
    options = {"pruning": None, "prune_children": False, "predicted_values": {"account_sid": ACCOUNT}, **settings}
    return plan_list(clients, SERVICE, entries, **options)


def carried_out(wire: Wire, *entries: Entry, retries: int = 0, **settings: t.Any) -> list[StepResult]:
    """Return the results of the entries, carried out by one client."""
    clients = [client(wire, retries=retries)]
    results = not_begun(planned(clients, *entries, **settings))
    carry_out(clients, SERVICE, results)
    assert wire.steps == []
    return results


def refusal(wire: Wire, *entries: Entry, **settings: t.Any) -> str:
    """Return why the entries are refused."""
    with pytest.raises(PreconditionError) as refused:
        planned([client(wire)], *entries, **settings)
    assert wire.steps == []
    assert all(method == "GET" for method, _path, _sent in wire.requests)
    return str(refused.value)


def code(result: StepResult) -> int | None:
    """Return Twilio's code of the error."""
    assert isinstance(result.error, ApiError)
    return result.error.code


# Reading


def test_all_services_and_the_wanted_pools_are_read() -> None:
    wire = Wire(page(service_of("a"), service_of("b"), service_of("c")), numbers(number_of("a", ONE)), numbers())
    read = read_all([client(wire)], SERVICE, lambda item: item["unique_name"] != "b")
    assert read == [(service_of("a"), [number_of("a", ONE)]), (service_of("b"), None), (service_of("c"), [])]
    assert wire.requests == [GET_LIST, read_pool("a"), read_pool("c")]


def test_an_object_on_two_pages_is_returned_once() -> None:
    wire = Wire(page(service_of("a"), service_of("b"), following=NEXT), page(service_of("b"), service_of("c")))
    read = read_all([client(wire)], SERVICE, lambda _item: False)
    assert read == [(service_of("a"), None), (service_of("b"), None), (service_of("c"), None)]
    following = f"{NEXT.split('?', maxsplit=1)[0]}/{ks('a')}/PhoneNumbers?Page=1"
    wire = Wire(
        page(service_of("a")),
        page(number_of("a", ONE), following=following, of=PHONE_NUMBER),
        numbers(number_of("a", ONE), number_of("a", TWO)),
    )
    read = read_all([client(wire)], SERVICE, lambda _item: True)
    assert read == [(service_of("a"), [number_of("a", ONE), number_of("a", TWO)])]


@pytest.mark.parametrize("steps", [[WRONG], [page(service_of("a"), service_of("b")), WRONG]])
def test_an_error_while_reading_is_raised_and_ends_reading(steps: list[Step]) -> None:
    wire = Wire(*steps)
    with pytest.raises(ApiError) as caught:
        read_all([client(wire)], SERVICE, lambda _item: True)
    assert caught.value.code == 80701
    assert wire.steps == []


def test_pools_are_read_by_several_clients() -> None:
    letters = "abcdef"
    router = Router(
        {
            ("GET", LIST): [page(*map(service_of, letters))],
            **{("GET", pool(ks(letter))): [numbers(number_of(letter, ONE))] for letter in letters},
        }
    )
    clients = [client(router) for _number in range(3)]
    read = read_all(clients, SERVICE, lambda _item: True)
    assert read == [(service_of(letter), [number_of(letter, ONE)]) for letter in letters]
    assert sorted(router.requests[1:]) == sorted(map(read_pool, letters))


@pytest.mark.parametrize("absent_answer", [ABSENT, error(404, 20404)])
def test_a_service_that_is_deleted_before_its_pool_is_read_is_left_out(absent_answer: Answer) -> None:
    wire = Wire(page(service_of("a"), service_of("b")), absent_answer, ABSENT, numbers())
    read = read_all([client(wire)], SERVICE, lambda _item: True)
    assert read == [(service_of("b"), [])]
    assert wire.requests == [GET_LIST, read_pool("a"), ("GET", f"{LIST}/{ks('a')}", {}), read_pool("b")]


@pytest.mark.parametrize("answer", [ABSENT, error(404, 20404), Answer(404, "<p>gateway</p>"), WRONG])
def test_a_pool_that_cannot_be_read_does_not_mean_that_its_service_is_absent(answer: Answer) -> None:
    from_twilio = isinstance(answer.body, dict) and answer != WRONG
    wire = Wire(
        page(service_of("a"), service_of("b", unique_name=None)),
        numbers(),
        answer,
        *[Answer(200, service_of("b"))] * from_twilio,
    )
    with pytest.raises(ApiError) as caught:
        read_all([client(wire)], SERVICE, lambda _item: True)
    assert str(caught.value).startswith(f"cannot list the phone numbers of the Service {ks('b')}: ")
    assert wire.steps == []


def test_a_service_that_is_deleted_before_its_pool_is_read_is_created_or_refused() -> None:
    steps = planned(
        [client(Wire(page(service_of("a")), ABSENT, ABSENT))], with_pool(named("a"), ONE), pruning=Pruning()
    )
    (step,) = steps
    assert step.change.operation == "create"
    assert [child.change.operation for child in step.children or ()] == ["create"]
    assert f"no Service {ks('a')}" in refusal(Wire(page(service_of("a")), ABSENT, ABSENT), with_pool(by_sid("a"), ONE))


# Plans and refusals


def test_only_pools_that_an_entry_names_are_read() -> None:
    wire = Wire(
        page(*map(service_of, "abcd"), service_of("e", unique_name=None)),
        numbers(),
        numbers(number_of("c", ONE)),
        numbers(),
        numbers(),
    )
    steps = planned(
        [client(wire)],
        named("a"),
        with_pool(named("b")),
        with_pool(by_sid("c"), ONE, TWO),
        with_pool(named("x"), THREE),
        with_pool(by_sid("e")),
    )
    # A number of an unlisted Service could not be added to the new one.
    assert wire.requests == [GET_LIST, *map(read_pool, "bce"), read_pool("d")]
    assert [step.change.operation for step in steps] == ["none", "none", "none", "create", "none"]
    assert [
        None if step.children is None else [child.change.operation for child in step.children] for step in steps
    ] == [
        None,
        [],
        ["none", "create"],
        ["create"],
        [],
    ]


def test_planned_objects_have_the_known_values() -> None:
    wire = Wire(page(service_of("a")), numbers())
    existing, new = planned([client(wire)], with_pool(named("a"), ONE), with_pool(named("x"), TWO))
    assert new.change.after is not None
    assert new.change.after["account_sid"] == ACCOUNT
    for step, sid, phone_number in ((existing, ks("a"), ONE), (new, None, TWO)):
        (child,) = step.children or ()
        assert child.change.after is not None
        assert child.change.after["account_sid"] == ACCOUNT
        assert child.change.after["service_sid"] == sid
        assert child.change.after["phone_number"] == phone_number
        assert child.change.after["is_reserved"] is False


@pytest.mark.parametrize("pruned", [False, True])
def test_numbers_without_an_entry_are_removed_only_with_pruning(pruned: bool) -> None:
    # The limit of pruning is for Services, not for numbers.
    wire = Wire(page(service_of("a")), numbers(*(number_of("a", phone_number) for phone_number in (ONE, TWO, THREE))))
    (step,) = planned([client(wire)], with_pool(named("a"), TWO), prune_children=pruned)
    assert [(child.change.operation, (child.change.before or {})["sid"]) for child in step.children or ()] == [
        ("none", pn(TWO)),
        *[("delete", pn(ONE)), ("delete", pn(THREE))] * pruned,
    ]


def test_all_problems_of_a_plan_are_in_one_message() -> None:
    wire = Wire(page(*map(service_of, "abcd")), numbers(number_of("a", ONE)), numbers())
    message = refusal(
        wire,
        with_pool(named("a"), ONE, number_entry(pn(ONE))),
        with_pool(by_sid("b", unique_name="c"), ONE),
        pruning=Pruning("d", at_most=0),
    )
    problems = [
        "prune: 1 Service is ",
        taken("by_sid(b)", "c", "c"),
        "by_name(a).phone_numbers[1] and by_name(a).phone_numbers[0] both name ",
        "by_name(a).phone_numbers[0] and by_name(a).phone_numbers[1] both name ",
        "by_name(a).phone_numbers[0] and by_sid(b).phone_numbers[0] both name ",
        "Nothing was changed.",
    ]
    places = [message.find(problem) for problem in problems]
    assert -1 not in places
    assert places == sorted(places)


def test_a_number_that_stays_in_another_pool_is_refused() -> None:
    wire = Wire(page(service_of("a"), service_of("b")), numbers(), numbers(number_of("b", ONE)))
    message = refusal(wire, with_pool(named("a"), ONE), with_pool(named("b")))
    assert message.startswith(f"by_name(a).phone_numbers[0]: the phone number '{ONE}' is in the pool of by_name(b) ")


def numbered_pools(count: int) -> tuple[Wire, list[Object]]:
    """Return an account with this many unlisted Services, each of which has one number, and the Services."""
    items = [service(sid=f"KS{position:032d}", unique_name=f"s{position}") for position in range(count)]
    pools = [
        numbers(number(service_sid=item["sid"], sid=f"PN{position:032d}", phone_number=f"+1202555{position:04d}"))
        for position, item in enumerate(items)
    ]
    return Wire(page(*items), *pools), items


@pytest.mark.parametrize("wanted", ["+12025550001", f"PN{1:032d}"], ids=["by digits", "by SID"])
def test_numbers_of_unlisted_services_that_a_new_one_wants_are_refused(wanted: str) -> None:
    wire, _items = numbered_pools(3)
    entry = number_entry(wanted) if wanted.startswith("PN") else wanted
    message = refusal(wire, with_pool(named("x"), entry, "+12025550002", THREE))
    assert [f"'s{position}'" in message for position in range(3)] == [False, True, True]
    assert len(wire.requests) == 1 + 3


def test_pools_of_unlisted_services_are_read_for_new_services_with_numbers_only() -> None:
    """One more request for each unlisted Service, and none if no number is added to a new Service."""
    for entries in (
        [named("x")],
        [with_pool(named("x"))],
        [named("s0"), absent_by_sid("f")],
    ):
        wire, _items = numbered_pools(3)
        wire.steps[1:] = []
        planned([client(wire)], *entries)
        assert len(wire.requests) == 1
    wire = Wire(page(service_of("a"), service_of("b")), numbers(number_of("a", ONE)))
    planned([client(wire)], with_pool(named("a"), ONE, TWO))
    assert len(wire.requests) == 2
    wire = Wire(page(service_of("a")))
    planned([client(wire)], named("a"), with_pool(named("x"), ONE))
    assert len(wire.requests) == 1


def test_an_unlisted_service_that_is_deleted_before_its_pool_is_read_holds_no_numbers() -> None:
    wire = Wire(page(service_of("a")), ABSENT, ABSENT)
    (step,) = planned([client(wire)], with_pool(named("x"), ONE))
    assert step.change.operation == "create"


def test_what_is_left_alone_is_counted() -> None:
    wire = Wire(
        page(*map(service_of, "abcd"), service_of("e", unique_name=None)),
        numbers(number_of("a", ONE), number_of("a", TWO)),
        numbers(number_of("b", THREE)),
    )
    plan = plan_of([client(wire)], with_pool(named("a"), ONE), with_pool(named("b")), pruning=Pruning("c", at_most=1))
    assert [item["sid"] for item in plan.left_alone] == [ks("d"), ks("e")]
    assert (plan.children_left_alone, plan.warnings) == (2, [])
    wire = Wire(page(service_of("a")), numbers(number_of("a", ONE), number_of("a", TWO)))
    plan = plan_of([client(wire)], with_pool(named("a"), ONE), prune_children=True)
    assert (plan.left_alone, plan.children_left_alone) == ([], 0)


def renamed_to(name: str, *previous_names: str) -> Entry:
    """Return an entry without a SID that has previous names."""
    return replace(named(name), previous_names=previous_names)


def test_a_rename_by_previous_name_keeps_the_pool() -> None:
    renamed = service_of("a", unique_name="x")
    wire = Wire(
        page(service_of("a"), service_of("b")),
        numbers(number_of("a", ONE), number_of("a", TWO)),
        Answer(200, renamed),
        DELETED,
        Answer(201, number_of("a", THREE)),
    )
    (result,) = carried_out(wire, with_pool(renamed_to("x", "a"), TWO, THREE), prune_children=True)
    assert wire.requests[1:] == [
        read_pool("a"),
        update("a", UniqueName="x"),
        remove("a", ONE),
        add("a", PhoneNumber=THREE),
    ]
    assert result.outcome == Outcome(True, service_of("a"), renamed)
    again = Wire(page(renamed), numbers(number_of("a", TWO), number_of("a", THREE)))
    (result,) = carried_out(again, with_pool(renamed_to("x", "a"), TWO, THREE), prune_children=True)
    assert result.outcome == Outcome(False, renamed, renamed)


@pytest.mark.parametrize("applied", [True, False])
def test_a_lost_rename_by_previous_name_is_looked_up_by_its_sid(applied: bool) -> None:
    """The name of the entry does not find the Service before it is renamed: another one would be created."""
    renamed = service_of("a", unique_name="x")
    found = renamed if applied else service_of("a")
    wire = Wire(page(service_of("a")), ABSENT, Answer(200, found), *[Answer(200, renamed)] * (not applied))
    (result,) = carried_out(wire, renamed_to("x", "a"), retries=1)
    rename = update("a", UniqueName="x")
    assert wire.requests[1:] == [rename, ("GET", f"{LIST}/{ks('a')}", {}), *[rename] * (not applied)]
    assert result.outcome is not None
    assert result.outcome.after == renamed


def test_a_service_that_is_deleted_before_its_rename_is_an_error() -> None:
    """The next run creates it."""
    wire = Wire(page(service_of("a")), ABSENT, ABSENT)
    (result,) = carried_out(wire, renamed_to("x", "a"), retries=1)
    assert isinstance(result.error, PreconditionError)


def test_an_empty_list_is_planned() -> None:
    wire = Wire(page())
    assert planned([client(wire)]) == []
    assert wire.requests == [GET_LIST]


# Predictions


def test_predict_returns_the_results_of_the_steps() -> None:
    b = service_of("b")
    wire = Wire(page(service_of("a"), b, service_of("c")), numbers(number_of("b", ONE)))
    steps = planned(
        [client(wire)],
        absent_by_sid("a"),
        with_pool(named("b"), reserved_entry(ONE)),
        named("x"),
        named("c"),
        prune_children=True,
    )
    deleted, unchanged, new, also_unchanged = predict(steps)
    assert deleted.outcome == Outcome(True, service_of("a"), None)
    assert unchanged.outcome == Outcome(False, b, b)
    assert unchanged.children is not None
    assert [child.outcome for child in unchanged.children] == [
        Outcome(True, number_of("b", ONE), number_of("b", ONE, is_reserved=True, date_updated=None))
    ]
    assert new.outcome == Outcome(True, None, steps[2].change.after)
    assert also_unchanged.outcome == Outcome(False, service_of("c"), service_of("c"))
    assert [result.step for result in (deleted, unchanged, new, also_unchanged)] == steps
    assert [result.children for result in (deleted, new, also_unchanged)] == [None, None, None]
    assert all(
        result.error is None and not result.has_temporary_name for result in (deleted, unchanged, new, also_unchanged)
    )


# Changes and their order


def test_all_kinds_of_changes_in_one_run() -> None:
    """Services are deleted, pruned, swapped, updated and created; numbers are moved, changed, added and removed."""
    temporary_name = f"renaming {ks('a')}"
    a, b, c, d, e, n = (service_of(letter) for letter in "abcdef")
    n = service_of("f", unique_name="n")
    wire = Wire(
        page(a, b, c, d, e),
        numbers(number_of("c", ONE), number_of("c", TWO), number_of("c", THREE)),
        numbers(),
        DELETED,
        DELETED,
        Answer(200, {**c, **TTL}),
        Answer(200, {**a, "unique_name": temporary_name}),
        Answer(200, {**b, "unique_name": "a"}),
        Answer(200, {**a, "unique_name": "b"}),
        Answer(201, n),
        DELETED,
        DELETED,
        Answer(201, number_of("f", TWO)),
        Answer(200, number_of("c", ONE, is_reserved=True)),
    )
    results = carried_out(
        wire,
        by_sid("a", unique_name="b"),
        with_pool(named("n"), TWO),
        absent_by_sid("d"),
        with_pool(named("c", **TTL), reserved_entry(ONE)),
        by_sid("b", unique_name="a"),
        pruning=Pruning(),
        prune_children=True,
    )
    assert wire.requests == [
        GET_LIST,
        read_pool("c"),
        read_pool("e"),
        delete("d"),
        delete("e"),
        update("c", DefaultTtl="5"),
        update("a", UniqueName=temporary_name),
        update("b", UniqueName="a"),
        update("a", UniqueName="b"),
        create(UniqueName="n"),
        remove("c", TWO),
        remove("c", THREE),
        add("f", PhoneNumber=TWO),
        change("c", ONE, IsReserved="true"),
    ]
    assert [result.outcome for result in results] == [
        Outcome(True, a, {**a, "unique_name": "b"}),
        Outcome(True, None, n),
        Outcome(True, d, None),
        Outcome(True, c, {**c, **TTL}),
        Outcome(True, b, {**b, "unique_name": "a"}),
        Outcome(True, e, None),
    ]
    assert [
        None if result.children is None else [child.outcome for child in result.children] for result in results
    ] == [
        None,
        [Outcome(True, None, number_of("f", TWO))],
        None,
        [
            Outcome(True, number_of("c", ONE), number_of("c", ONE, is_reserved=True)),
            Outcome(True, number_of("c", TWO), None),
            Outcome(True, number_of("c", THREE), None),
        ],
        None,
        None,
    ]
    children = [*results, *(child for result in results for child in result.children or [])]
    assert all(child.error is None and not child.has_temporary_name for child in children)


def test_no_change_is_sent_if_nothing_differs() -> None:
    wire = Wire(page(service_of("a"), service_of("b")), numbers(number_of("a", ONE)))
    results = carried_out(wire, with_pool(named("a"), ONE), by_sid("b"), absent_by_sid("c"))
    assert [result.outcome for result in results] == [
        Outcome(False, service_of("a"), service_of("a")),
        Outcome(False, service_of("b"), service_of("b")),
        Outcome(False, None, None),
    ]
    assert [child.outcome for child in results[0].children or []] == [
        Outcome(False, number_of("a", ONE), number_of("a", ONE))
    ]


def test_numbers_are_swapped_between_pools() -> None:
    """Both numbers are removed before one is added; one entry names its number by SID."""
    wire = Wire(
        page(service_of("a"), service_of("b")),
        numbers(number_of("a", ONE)),
        numbers(number_of("b", TWO)),
        DELETED,
        DELETED,
        Answer(201, number_of("b", ONE)),
        Answer(201, number_of("a", TWO)),
    )
    carried_out(wire, with_pool(named("a"), TWO), with_pool(named("b"), number_entry(pn(ONE))), prune_children=True)
    assert wire.requests[3:] == [
        remove("a", ONE),
        remove("b", TWO),
        add("b", Sid=pn(ONE)),
        add("a", PhoneNumber=TWO),
    ]


def test_the_old_name_of_a_renamed_service_can_be_used() -> None:
    """One Service is renamed by its SID, and another one is created with its old name."""
    renamed, new = service_of("a", unique_name="x"), service_of("b", unique_name="a")
    wire = Wire(
        page(service_of("a")), numbers(), Answer(200, renamed), Answer(201, new), Answer(201, number_of("b", ONE))
    )
    results = carried_out(wire, with_pool(named("a"), ONE), by_sid("a", unique_name="x"))
    assert wire.requests[2:] == [
        update("a", UniqueName="x"),
        create(UniqueName="a"),
        add("b", PhoneNumber=ONE),
    ]
    assert [result.outcome for result in results] == [Outcome(True, None, new), Outcome(True, service_of("a"), renamed)]


KEY = Credentials("SK1", "a-secret", ACCOUNT)
OTHER_ACCOUNT = "AC" + "9" * 32


@pytest.mark.parametrize("account", [ACCOUNT, OTHER_ACCOUNT, None])
def test_the_first_change_of_an_empty_account_is_sent_alone(account: str | None) -> None:
    """Its answer names the account, unless it leaves that out."""
    letters = "abcd"
    alone = threading.Lock()
    together = threading.Barrier(3)
    first: list[Answer] = []

    def answer(letter: str) -> t.Callable[[], Answer]:
        made = Answer(201, service_of(letter, account_sid=account))

        def first_or_together() -> Answer:
            with alone:
                if not first:
                    first.append(made)
                    time.sleep(0.05)  # a second request would come in this time
                    assert len(router.requests) == 2
                    return made
            together.wait(PATIENCE)
            return made

        return first_or_together

    router = Router({("GET", LIST): [page()], ("POST", LIST): [answer(letter) for letter in letters]})
    observed = Observed()
    four_clients = [client(router, retries=0, credentials=KEY, observed=observed) for _number in range(4)]
    results = not_begun(planned(four_clients, *map(named, letters)))
    carry_out(four_clients, SERVICE, results)
    if account != OTHER_ACCOUNT:
        assert all(result.outcome is not None for result in results)
        return
    assert len(router.requests) == 2
    (failed,) = [result for result in results if result.error is not None]
    assert failed is results[0]
    assert failed.error is not None
    assert (failed.error.applied, failed.error.may_have_been_applied) == (True, False)
    assert [result.outcome for result in results] == [None] * 4


def test_all_clients_share_the_account_that_was_read() -> None:
    observed = Observed()
    wire = Wire(page(service_of("a")), *(Answer(201, service_of(letter)) for letter in "bc"))
    two_clients = [client(wire, credentials=KEY, observed=observed) for _number in range(2)]
    steps = planned(two_clients, named("b"), named("c"))
    assert all(api.knows_account for api in two_clients)
    carry_out(two_clients, SERVICE, not_begun(steps))
    assert len(wire.requests) == 3


# A number named by SID and by digits


@pytest.mark.parametrize("entries", [("sid first", pn(ONE), ONE), ("number first", ONE, pn(ONE))], ids=lambda e: e[0])
@pytest.mark.parametrize("pools", [1, 2])
def test_a_number_named_by_sid_and_by_number_is_added_once(entries: tuple[str, str, str], pools: int) -> None:
    """The answer has the digits. No other number is added before the error names both places."""
    _name, *names = entries
    wanted = [number_entry(name) if name.startswith("PN") else name for name in names]
    with_both = [
        [with_pool(named("a"), *wanted, TWO)],
        [with_pool(named("a"), wanted[0]), with_pool(named("b"), wanted[1], TWO)],
    ][pools - 1]
    by_name, by_its_sid = (names.index(name) for name in (ONE, pn(ONE)))
    places = [f"by_name({'a' if pools == 1 or not n else 'b'}).phone_numbers[{n if pools == 1 else 0}]" for n in (0, 1)]
    adder = "ab"[by_its_sid] if pools == 2 else "a"
    read = [page(service_of("a"), service_of("b")), *[numbers()] * pools]
    wire = Wire(*read, Answer(201, number_of(adder, ONE)))
    results = carried_out(wire, *with_both)
    assert wire.requests[1 + pools :] == [add(adder, Sid=pn(ONE))]
    children = {child.step.entry.place: child for result in results for child in result.children or []}
    (refused,) = [child for child in children.values() if child.error is not None]
    assert refused is children[places[by_name]]
    assert str(refused.error) == (
        f"The phone number '{ONE}' is {pn(ONE)}, which {places[by_its_sid]} has added. Name it once."
    )
    # The next run is refused before it writes.
    existing = {adder: number_of(adder, ONE)}
    next_run = Wire(
        page(service_of("a"), service_of("b")), *(numbers(*filter(None, [existing.get(x)])) for x in "ab"[:pools])
    )
    refusal_text = refusal(next_run, *with_both)
    assert all(place in refusal_text for place in places)


# Errors


def test_after_a_failed_service_nothing_else_is_attempted() -> None:
    wire = Wire(page(*map(service_of, "abcde")), numbers(number_of("d", ONE)), DELETED, WRONG)
    results = carried_out(
        wire,
        named("x"),
        absent_by_sid("a"),
        absent_by_sid("b"),
        absent_by_sid("c"),
        with_pool(named("d"), ONE, TWO),
        named("e", **TTL),
        named("e2"),
    )
    assert wire.requests[2:] == [delete("a"), delete("b")]
    assert [result.outcome for result in results] == [
        None,
        Outcome(True, service_of("a"), None),
        None,
        None,
        Outcome(False, service_of("d"), service_of("d")),
        None,
        None,
    ]
    assert code(results[2]) == 80701
    assert [result.error for result in results if result is not results[2]] == [None] * 6
    assert results[4].children is not None
    assert [child.outcome for child in results[4].children] == [
        Outcome(False, number_of("d", ONE), number_of("d", ONE)),
        None,
    ]


def test_after_a_failed_update_nothing_is_created() -> None:
    wire = Wire(page(service_of("a")), WRONG)
    first, second = carried_out(wire, named("x"), named("a", **TTL))
    assert (first.outcome, first.error, second.outcome) == (None, None, None)
    assert code(second) == 80701


def test_after_a_failed_removal_nothing_is_added() -> None:
    wire = Wire(page(service_of("a"), service_of("b")), numbers(number_of("a", ONE)), numbers(), WRONG)
    first, second = carried_out(wire, with_pool(named("a")), with_pool(named("b"), ONE), prune_children=True)
    assert wire.requests[3:] == [remove("a", ONE)]
    (removed,), (added,) = first.children or [], second.children or []
    assert code(removed) == 80701
    assert (added.outcome, added.error) == (None, None)
    assert first.outcome == Outcome(False, service_of("a"), service_of("a"))


def test_a_number_that_another_service_has_is_the_only_failure() -> None:
    wire = Wire(page(service_of("a")), numbers(), Answer(201, number_of("a", ONE)), error(400, 80101))
    (result,) = carried_out(wire, with_pool(named("a"), ONE, TWO, THREE))
    added, refused, waiting = result.children or []
    assert added.outcome == Outcome(True, None, number_of("a", ONE))
    assert code(refused) == 80101
    assert (waiting.outcome, waiting.error) == (None, None)


@pytest.mark.parametrize("first_fails", [True, False])
def test_a_swap_that_fails_halfway_leaves_a_temporary_name(first_fails: bool) -> None:
    temporary_name = f"renaming {ks('a')}"
    temporary = service_of("a", unique_name=temporary_name)
    wire = Wire(
        page(service_of("a"), service_of("b")),
        WRONG if first_fails else Answer(200, temporary),
        *[WRONG] * (not first_fails),
    )
    a, b = carried_out(wire, by_sid("a", unique_name="b", **TTL), by_sid("b", unique_name="a"))
    assert wire.requests[1:] == [update("a", UniqueName=temporary_name), update("b", UniqueName="a")][: 2 - first_fails]
    assert (b.outcome, b.has_temporary_name) == (None, False)
    if first_fails:
        assert code(a) == 80701
        assert (a.outcome, a.has_temporary_name, b.error) == (None, False, None)
    else:
        assert code(b) == 80701
        assert (a.outcome, a.has_temporary_name, a.error) == (Outcome(True, service_of("a"), temporary), True, None)


def test_a_lost_temporary_rename_may_leave_a_temporary_name() -> None:
    a, b = carried_out(
        Wire(page(service_of("a"), service_of("b")), RESET), by_sid("a", unique_name="b"), by_sid("b", unique_name="a")
    )
    assert isinstance(a.error, ApiError)
    assert (a.outcome, a.has_temporary_name, a.error.may_have_been_applied) == (None, True, True)
    assert (b.outcome, b.error) == (None, None)


@pytest.mark.parametrize("after", [1, 2])
def test_the_next_run_completes_a_failed_swap(after: int) -> None:
    """The entries name the Services by SID, so a temporary name needs no special treatment."""
    temporary, other = service_of("a", unique_name=f"renaming {ks('a')}"), service_of("b", unique_name="a")
    first = Wire(page(service_of("a"), service_of("b")), *[Answer(200, temporary), Answer(200, other)][:after], WRONG)
    swap = by_sid("a", unique_name="b"), by_sid("b", unique_name="a")
    carried_out(first, *swap)
    existing = [temporary, service_of("b") if after == 1 else other]
    last = service_of("a", unique_name="b")
    next_run = Wire(page(*existing), *[Answer(200, other)] * (after == 1), Answer(200, last))
    results = carried_out(next_run, *swap, pruning=Pruning())
    assert [result.outcome and result.outcome.after for result in results] == [last, other]


def test_a_swap_that_fails_at_its_last_rename() -> None:
    temporary, other = service_of("a", unique_name=f"renaming {ks('a')}"), service_of("b", unique_name="a")
    wire = Wire(page(service_of("a"), service_of("b")), Answer(200, temporary), Answer(200, other), TAKEN)
    a, b = carried_out(wire, by_sid("a", unique_name="b", **TTL), by_sid("b", unique_name="a"))
    assert wire.requests[-1] == update("a", UniqueName="b", DefaultTtl="5")
    assert code(a) == SERVICE.taken_code
    assert (a.outcome, a.has_temporary_name) == (Outcome(True, service_of("a"), temporary), True)
    assert (b.outcome, b.has_temporary_name, b.error) == (Outcome(True, service_of("b"), other), False, None)


def test_a_swap_whose_last_answer_was_lost_is_a_change() -> None:
    """The Service already has the wanted name when it is read again, and was nevertheless changed by the run."""
    temporary, other = service_of("a", unique_name=f"renaming {ks('a')}"), service_of("b", unique_name="a")
    last = service_of("a", unique_name="b")
    wire = Wire(
        page(service_of("a"), service_of("b")), Answer(200, temporary), Answer(200, other), ABSENT, Answer(200, last)
    )
    a, _b = carried_out(wire, by_sid("a", unique_name="b"), by_sid("b", unique_name="a"))
    assert (a.outcome, a.has_temporary_name, a.error) == (Outcome(True, service_of("a"), last), False, None)


def test_a_service_that_reappears_during_a_swap_is_renamed_again() -> None:
    """The Service was absent for a moment, so that its temporary rename is repeated."""
    temporary_name = f"renaming {ks('a')}"
    temporary, other, last = (
        service_of("a", unique_name=temporary_name),
        service_of("b", unique_name="a"),
        service_of("a", unique_name="b"),
    )
    wire = Wire(
        page(service_of("a"), service_of("b")),
        ABSENT,
        Answer(200, service_of("a")),
        *(Answer(200, item) for item in (temporary, other, last)),
    )
    a, b = carried_out(wire, by_sid("a", unique_name="b"), by_sid("b", unique_name="a"), retries=1)
    assert wire.requests[1:] == [
        update("a", UniqueName=temporary_name),
        ("GET", f"{LIST}/{ks('a')}", {}),
        update("a", UniqueName=temporary_name),
        update("b", UniqueName="a"),
        update("a", UniqueName="b"),
    ]
    assert (a.outcome, a.has_temporary_name) == (Outcome(True, service_of("a"), last), False)
    assert b.outcome == Outcome(True, service_of("b"), other)


def test_a_service_that_is_deleted_before_its_update_is_created_with_all_desired_values() -> None:
    new = service_of("b", unique_name="a", geo_match_level="radius", **TTL)
    wire = Wire(page(service_of("a", geo_match_level="radius")), ABSENT, page(), Answer(201, new))
    (result,) = carried_out(wire, named("a", geo_match_level="radius", **TTL))
    assert wire.requests[1:] == [
        update("a", DefaultTtl="5"),
        GET_LIST,
        create(UniqueName="a", DefaultTtl="5", GeoMatchLevel="radius"),
    ]
    assert result.outcome == Outcome(True, None, new)


def test_a_lost_create_is_looked_up_and_not_sent_again() -> None:
    new = service_of("a", unique_name="x")
    wire = Wire(page(), RESET, page(new), Answer(201, number_of("a", ONE)))
    (result,) = carried_out(wire, with_pool(named("x"), ONE))
    assert wire.requests == [GET_LIST, create(UniqueName="x"), GET_LIST, add("a", PhoneNumber=ONE)]
    assert result.outcome == Outcome(True, None, new)


@pytest.mark.parametrize("by_number", [True, False])
def test_a_lost_addition_is_looked_up_and_not_sent_again(by_number: bool) -> None:
    added = number_of("a", ONE, is_reserved=True)
    wire = Wire(page(service_of("a")), numbers(), error(500), numbers(added) if by_number else Answer(200, added))
    wanted = reserved_entry(ONE) if by_number else Entry("", {"sid": pn(ONE), "is_reserved": True}, sid=pn(ONE))
    (result,) = carried_out(wire, with_pool(named("a"), wanted))
    form = {"PhoneNumber": ONE} if by_number else {"Sid": pn(ONE)}
    lookup: Request = read_pool("a") if by_number else ("GET", f"{pool(ks('a'))}/{pn(ONE)}", {})
    assert wire.requests[2:] == [add("a", **form, IsReserved="true"), lookup]
    assert [child.outcome for child in result.children or ()] == [Outcome(True, None, added)]


def test_changes_that_somebody_else_made_are_no_failures() -> None:
    """For each kind of request, somebody else has already made the change."""
    new = service_of("b", unique_name="x")
    wire = Wire(
        page(service_of("a"), service_of("c")),
        numbers(number_of("c", ONE)),
        ABSENT,
        TAKEN,
        page(new),
        NUMBER_ABSENT,
        NUMBER_TAKEN,
        numbers(number_of("c", TWO)),
    )
    results = carried_out(wire, absent_by_sid("a"), named("x"), with_pool(by_sid("c"), TWO), prune_children=True)
    assert [result.outcome for result in results] == [
        Outcome(False, service_of("a"), None),
        Outcome(False, new, new),
        Outcome(False, service_of("c"), service_of("c")),
    ]
    assert [child.outcome for child in results[2].children or ()] == [
        Outcome(False, number_of("c", TWO), number_of("c", TWO)),
        Outcome(False, number_of("c", ONE), None),
    ]


def test_a_sid_that_is_deleted_before_its_update_fails_and_ends_the_run() -> None:
    wire = Wire(page(service_of("a")), ABSENT, ABSENT)
    changed, new = carried_out(wire, by_sid("a", **TTL), named("x"))
    assert isinstance(changed.error, PreconditionError)
    assert str(changed.error).startswith(f"There is no Service {ks('a')}. ")
    assert (changed.outcome, new.outcome, new.error) == (None, None, None)


# Several requests at once


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Return the event that is set when a run starts no further jobs."""
    event = threading.Event()
    monkeypatch.setattr(_bulk, "threading", SimpleNamespace(**{**vars(threading), "Event": lambda: event}))
    return event


def wait_for(event: threading.Event) -> None:
    """Wait for the event, and fail the test after a time limit."""
    assert event.wait(PATIENCE), "it never happened"


def clients(count: int) -> list[Client]:
    """Return clients that send no requests."""
    return [client(Wire()) for _number in range(count)]


ERROR = PreconditionError("no")


def test_results_are_in_the_order_of_the_jobs_and_each_client_does_one_job_at_a_time() -> None:
    count, jobs = 3, list(range(12))
    barrier = threading.Barrier(count)
    lock = threading.Lock()
    busy: list[Client] = []
    busy_counts = []

    def work(api: Client, job: int) -> int:
        with lock:
            assert api not in busy
            busy.append(api)
            busy_counts.append(len(busy))
        barrier.wait(PATIENCE)  # all three clients have to reach it, and 12 jobs are four times three
        with lock:
            busy.remove(api)
        return job * 2

    assert in_parallel(clients(count), jobs, work) == [job * 2 for job in jobs]
    assert max(busy_counts) == count


def test_one_client_does_the_jobs_in_their_order() -> None:
    begun: list[int] = []
    assert in_parallel(clients(1), [3, 1, 2], lambda _client, job: begun.append(job)) == [None] * 3
    assert begun == [3, 1, 2]


@pytest.mark.parametrize(("count", "jobs", "used"), [(4, 0, 0), (4, 1, 1), (4, 2, 2), (1, 5, 1)])
def test_no_more_clients_are_used_than_there_are_jobs(count: int, jobs: int, used: int) -> None:
    barrier = threading.Barrier(max(1, used))
    seen = set()

    def work(api: Client, job: int) -> int:
        seen.add(id(api))
        barrier.wait(PATIENCE)
        return job

    assert in_parallel(clients(count), range(jobs), work) == list(range(jobs))
    assert len(seen) == used


@pytest.mark.parametrize("error", [ERROR, ApiError("delete", "no")])
def test_after_a_failure_no_job_is_started_and_requests_in_flight_are_completed(
    error: TaskError, stopped: threading.Event
) -> None:
    begun, in_flight = [], threading.Event()

    def work(_client: Client, job: int) -> str:
        begun.append(job)
        if job == 0:
            wait_for(in_flight)
            raise error
        in_flight.set()
        wait_for(stopped)
        return "done"

    assert in_parallel(clients(2), range(5), work) == [error, "done", None, None, None]
    assert sorted(begun) == [0, 1]


def test_two_jobs_may_fail_at_the_same_time(stopped: threading.Event) -> None:
    other = ApiError("delete", "no")
    both = threading.Barrier(2)

    def work(_client: Client, job: int) -> None:
        both.wait(PATIENCE)
        raise (ERROR, other)[job]

    assert in_parallel(clients(2), range(3), work) == [ERROR, other, None]
    assert stopped.is_set()


def test_an_unexpected_exception_ends_the_run_and_keeps_the_results(stopped: threading.Event) -> None:
    begun, in_flight = [], threading.Event()

    def work(_client: Client, job: int) -> int:
        begun.append(job)
        if job == 0:
            wait_for(in_flight)
            raise KeyError("a bug")
        in_flight.set()
        wait_for(stopped)
        return job

    error, *others = in_parallel(clients(2), range(5), work)
    assert str(error) == "cannot continue: unexpected KeyError: 'a bug'"
    assert isinstance(error, ApiError)
    assert error.may_have_been_applied
    assert others == [1, None, None, None]
    assert sorted(begun) == [0, 1]


def interrupt() -> None:
    """Send SIGINT to this thread, as Ctrl-C may; Python handles it in the main thread."""
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)


def test_after_an_interrupt_no_request_is_started_and_those_in_flight_are_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One answer comes in time, one does not, one request waits for its retry, and others have not started."""
    monkeypatch.setattr(_bulk, "TIME_TO_FINISH", 2)
    barrier, never_set, waits = threading.Barrier(3), threading.Event(), threading.Event()

    def in_time() -> Answer:
        barrier.wait(PATIENCE)
        wait_for(waits)
        interrupt()
        wait_for(three_clients[0]._stopped)
        return DELETED

    def too_late() -> Answer:
        barrier.wait(PATIENCE)
        never_set.wait(PATIENCE)
        return DELETED

    def refused() -> Answer:
        barrier.wait(PATIENCE)
        return error(429, 20429, **{"Retry-After": "60"})

    router = Router(
        {
            ("GET", LIST): [page(*map(service_of, "abcde"))],
            ("DELETE", f"{LIST}/{ks('a')}"): [in_time],
            ("DELETE", f"{LIST}/{ks('b')}"): [too_late],
            ("DELETE", f"{LIST}/{ks('c')}"): [refused],
        }
    )
    three_clients = [client(router, sleep=None) for _number in range(3)]
    results = not_begun(planned(three_clients, *map(absent_by_sid, "abcde")))
    three_clients[0].begin(lambda _line: waits.set())
    with pytest.raises(KeyboardInterrupt):
        carry_out(three_clients, SERVICE, results)
    a, b, *others = results
    assert a.outcome == Outcome(True, service_of("a"), None)
    assert isinstance(b.error, ApiError)
    assert str(b.error) == f"cannot delete the Service {ks('b')}: the task ended before the answer arrived"
    assert b.error.may_have_been_applied
    assert [(result.outcome, result.error) for result in others] == [(None, None)] * 3
    never_set.set()
    assert sorted(router.requests[1:]) == [delete("a"), delete("b"), delete("c")]


def test_an_interrupt_while_a_lost_create_is_looked_up_leaves_its_result_unknown() -> None:
    def interrupted() -> Answer:
        interrupt()
        wait_for(api._stopped)
        return page()

    router = Router({("GET", LIST): [page(), interrupted], ("POST", LIST): [RESET]})
    api = client(router)
    (created,) = results = not_begun(planned([api], named("x")))
    with pytest.raises(KeyboardInterrupt):
        carry_out([api], SERVICE, results)
    assert isinstance(created.error, ApiError)
    assert created.error.may_have_been_applied
    assert len(router.requests) == 3


def test_retries_are_shown_by_the_main_thread() -> None:
    retry_lines = []
    router = Router({("GET", LIST): [page(service_of("a"))], ("DELETE", f"{LIST}/{ks('a')}"): [error(429), DELETED]})
    api = client(router)
    results = not_begun(planned([api], absent_by_sid("a")))
    api.begin(lambda line: retry_lines.append((threading.current_thread(), line)))
    carry_out([api], SERVICE, results)
    assert retry_lines == [
        (threading.main_thread(), f"Retry 1 in 0.5 seconds: cannot delete the Service {ks('a')}: No.")
    ]
    api.on_retry("afterwards")
    assert retry_lines[1:] == [(threading.main_thread(), "afterwards")]


def test_a_run_with_several_clients_completes_each_batch_before_the_next() -> None:
    """Deletes, updates, creates, removals and additions are batches: requests of one batch are sent in parallel."""
    letters = "abcd"
    router = Router(
        {
            ("GET", LIST): [page(*map(service_of, letters))],
            ("GET", pool(ks("b"))): [numbers(number_of("b", ONE))],
            ("GET", pool(ks("d"))): [numbers()],
            ("DELETE", f"{LIST}/{ks('a')}"): [DELETED],
            ("DELETE", f"{LIST}/{ks('d')}"): [DELETED],
            ("POST", f"{LIST}/{ks('b')}"): [Answer(200, service_of("b", **TTL))],
            ("POST", f"{LIST}/{ks('c')}"): [Answer(200, service_of("c", **TTL))],
            ("POST", LIST): [Answer(201, service_of("e", unique_name="x"))],
            ("DELETE", f"{pool(ks('b'))}/{pn(ONE)}"): [DELETED],
            ("POST", pool(ks("e"))): [Answer(201, number_of("e", ONE))],
            ("POST", pool(ks("b"))): [Answer(201, number_of("b", TWO))],
        }
    )
    four_clients = [client(router, retries=0) for _number in range(4)]
    steps = planned(
        four_clients,
        with_pool(named("x"), ONE),
        absent_by_sid("a"),
        with_pool(named("b", **TTL), TWO),
        named("c", **TTL),
        pruning=Pruning(),
        prune_children=True,
    )
    results = not_begun(steps)
    carry_out(four_clients, SERVICE, results)
    assert all(result.outcome and result.outcome.changed and not result.error for result in results)
    sent = router.requests[3:]
    in_batches = [sorted(sent[:2]), sorted(sent[2:4]), sent[4:5], sent[5:6], sorted(sent[6:])]
    assert in_batches == [
        [delete("a"), delete("d")],
        [update("b", DefaultTtl="5"), update("c", DefaultTtl="5")],
        [create(UniqueName="x")],
        [remove("b", ONE)],
        sorted([add("e", PhoneNumber=ONE), add("b", PhoneNumber=TWO)]),
    ]
    assert not any(router.steps.values())


def test_numbers_are_added_again_to_a_service_that_had_to_be_created_again() -> None:
    wire = Wire(
        page(service_of("a")),
        numbers(number_of("a", ONE), number_of("a", TWO)),
        ABSENT,  # somebody has deleted it
        page(),
        Answer(201, service_of("b", unique_name="a", default_ttl=5)),
        Answer(201, number_of("b", ONE)),
    )
    (result,) = carried_out(wire, with_pool(named("a", default_ttl=5), ONE), retries=1, prune_children=True)
    assert wire.requests[-2:] == [create(UniqueName="a", DefaultTtl="5"), add("b", PhoneNumber=ONE)]
    assert result.children is not None
    assert [child.outcome for child in result.children] == [
        Outcome(True, None, number_of("b", ONE)),
        Outcome(False, number_of("a", TWO), None),
    ]
