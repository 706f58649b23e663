# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many objects at once: what is read, what is refused, the order of requests, and what a failure leaves undone."""

from __future__ import annotations

import signal
import threading
import time
import typing as t
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
from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import Entry, Pruning
from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import Step as Planned
from ansible_collections.twilio.proxy.plugins.module_utils._client import Client, Credentials, Observed
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._plan import PreconditionError
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import Outcome, TaskError
from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER, SERVICE, Object

from .test_bulk_plan import ONE, THREE, TTL, TWO, by_sid, gone, ks, named, pn, taken
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


def ride(letter: str, **fields: t.Any) -> Object:
    """The Service of this letter, which is also its name."""
    return service(**{"sid": ks(letter), "unique_name": letter, **fields})


def digits(letter: str, phone_number: str, **fields: t.Any) -> Object:
    """The number in the pool of the Service of this letter."""
    return number(service_sid=ks(letter), sid=pn(phone_number), phone_number=phone_number, **fields)


def with_pool(entry: Entry, *wanted: Entry | str) -> Entry:
    """The entry, with the numbers that its pool shall have."""
    inner = tuple(
        Entry(f"{entry.place}.phone_numbers[{position}]", {"phone_number": one})
        if isinstance(one, str)
        else Entry(f"{entry.place}.phone_numbers[{position}]", one.desired, one.sid)
        for position, one in enumerate(wanted)
    )
    return Entry(entry.place, entry.desired, entry.sid, entry.absent, inner)


def reserved(phone_number: str) -> Entry:
    """An entry for a number that is kept for sessions that ask for it."""
    return Entry("", {"phone_number": phone_number, "is_reserved": True})


def the_one(sid: str) -> Entry:
    """An entry for the number with this SID."""
    return Entry("", {"sid": sid}, sid=sid)


# The requests


def update(letter: str, **form: str) -> Request:
    """Sets these form fields of a Service."""
    return ("POST", f"{LIST}/{ks(letter)}", form)


def create(**form: str) -> Request:
    """Creates a Service."""
    return ("POST", LIST, form)


def delete(letter: str) -> Request:
    """Deletes a Service."""
    return ("DELETE", f"{LIST}/{ks(letter)}", {})


def read_pool(letter: str) -> Request:
    """Reads the numbers of a Service."""
    return ("GET", pool(ks(letter)), {"PageSize": "1000"})


def add(letter: str, **form: str) -> Request:
    """Adds a number to a Service."""
    return ("POST", pool(ks(letter)), form)


def change(letter: str, phone_number: str, **form: str) -> Request:
    """Sets these form fields of a number."""
    return ("POST", f"{pool(ks(letter))}/{pn(phone_number)}", form)


def remove(letter: str, phone_number: str) -> Request:
    """Removes a number from a Service."""
    return ("DELETE", f"{pool(ks(letter))}/{pn(phone_number)}", {})


def planned(clients: t.Sequence[Client], *entries: Entry, **asked: t.Any) -> list[Planned]:
    """The steps for the entries."""
    options = {"pruning": None, "prune_children": False, "predicted_values": {"account_sid": ACCOUNT}, **asked}
    return plan_list(clients, SERVICE, entries, **options)


def carried_out(wire: Wire, *entries: Entry, retries: int = 0, **asked: t.Any) -> list[StepResult]:
    """What came of the entries, asked for by one client."""
    clients = [client(wire, retries=retries)]
    results = not_begun(planned(clients, *entries, **asked))
    carry_out(clients, SERVICE, results)
    assert wire.steps == []
    return results


def refusal(wire: Wire, *entries: Entry, **asked: t.Any) -> str:
    """Why the entries are refused."""
    with pytest.raises(PreconditionError) as refused:
        planned([client(wire)], *entries, **asked)
    assert wire.steps == []
    assert all(method == "GET" for method, _path, _sent in wire.requests)
    return str(refused.value)


def code(result: StepResult) -> int | None:
    """Return Twilio's code of the error."""
    assert isinstance(result.error, ApiError)
    return result.error.code


# Reading


def test_all_is_read_and_only_the_pools_that_are_wanted() -> None:
    wire = Wire(page(ride("a"), ride("b"), ride("c")), numbers(digits("a", ONE)), numbers())
    read = read_all([client(wire)], SERVICE, lambda item: item["unique_name"] != "b")
    assert read == [(ride("a"), [digits("a", ONE)]), (ride("b"), None), (ride("c"), [])]
    assert wire.requests == [GET_LIST, read_pool("a"), read_pool("c")]


def test_what_two_pages_have_is_there_once() -> None:
    wire = Wire(page(ride("a"), ride("b"), following=NEXT), page(ride("b"), ride("c")))
    read = read_all([client(wire)], SERVICE, lambda _item: False)
    assert read == [(ride("a"), None), (ride("b"), None), (ride("c"), None)]
    following = f"{NEXT.split('?', maxsplit=1)[0]}/{ks('a')}/PhoneNumbers?Page=1"
    wire = Wire(
        page(ride("a")),
        page(digits("a", ONE), following=following, of=PHONE_NUMBER),
        numbers(digits("a", ONE), digits("a", TWO)),
    )
    read = read_all([client(wire)], SERVICE, lambda _item: True)
    assert read == [(ride("a"), [digits("a", ONE), digits("a", TWO)])]


@pytest.mark.parametrize("steps", [[WRONG], [page(ride("a"), ride("b")), WRONG]])
def test_what_cannot_be_read_is_told_and_nothing_else_is_read(steps: list[Step]) -> None:
    wire = Wire(*steps)
    with pytest.raises(ApiError) as caught:
        read_all([client(wire)], SERVICE, lambda _item: True)
    assert caught.value.code == 80701
    assert wire.steps == []


def test_pools_are_read_by_several_clients() -> None:
    letters = "abcdef"
    router = Router(
        {
            ("GET", LIST): [page(*map(ride, letters))],
            **{("GET", pool(ks(letter))): [numbers(digits(letter, ONE))] for letter in letters},
        }
    )
    clients = [client(router) for _number in range(3)]
    read = read_all(clients, SERVICE, lambda _item: True)
    assert read == [(ride(letter), [digits(letter, ONE)]) for letter in letters]
    assert sorted(router.requests[1:]) == sorted(map(read_pool, letters))


@pytest.mark.parametrize("gone", [ABSENT, error(404, 20404)])
def test_what_is_deleted_before_its_pool_is_read_is_left_out(gone: Answer) -> None:
    wire = Wire(page(ride("a"), ride("b")), gone, ABSENT, numbers())
    read = read_all([client(wire)], SERVICE, lambda _item: True)
    assert read == [(ride("b"), [])]
    assert wire.requests == [GET_LIST, read_pool("a"), ("GET", f"{LIST}/{ks('a')}", {}), read_pool("b")]


@pytest.mark.parametrize("answer", [ABSENT, error(404, 20404), Answer(404, "<p>gateway</p>"), WRONG])
def test_a_pool_that_cannot_be_read_is_no_proof_that_its_service_is_absent(answer: Answer) -> None:
    of_twilio = isinstance(answer.body, dict) and answer != WRONG
    wire = Wire(page(ride("a"), ride("b", unique_name=None)), numbers(), answer, *[Answer(200, ride("b"))] * of_twilio)
    with pytest.raises(ApiError) as caught:
        read_all([client(wire)], SERVICE, lambda _item: True)
    assert str(caught.value).startswith(f"cannot list the phone numbers of the Service {ks('b')}: ")
    assert wire.steps == []


def test_what_is_deleted_before_its_pool_is_read_is_created_anew_or_refused_by_its_sid() -> None:
    steps = planned([client(Wire(page(ride("a")), ABSENT, ABSENT))], with_pool(named("a"), ONE), pruning=Pruning())
    (step,) = steps
    assert step.change.operation == "create"
    assert [child.change.operation for child in step.children or ()] == ["create"]
    assert f"no Service {ks('a')}" in refusal(Wire(page(ride("a")), ABSENT, ABSENT), with_pool(by_sid("a"), ONE))


# What is planned, and what is refused


def test_the_pools_of_the_entries_that_have_one_are_read() -> None:
    wire = Wire(page(*map(ride, "abcd"), ride("e", unique_name=None)), numbers(), numbers(digits("c", ONE)), numbers())
    steps = planned(
        [client(wire)],
        named("a"),
        with_pool(named("b")),
        with_pool(by_sid("c"), ONE, TWO),
        with_pool(named("x"), THREE),
        with_pool(by_sid("e")),
    )
    assert wire.requests == [GET_LIST, *map(read_pool, "bce")]
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


def test_what_is_known_of_new_objects() -> None:
    wire = Wire(page(ride("a")), numbers())
    there, new = planned([client(wire)], with_pool(named("a"), ONE), with_pool(named("x"), TWO))
    assert new.change.after is not None
    assert new.change.after["account_sid"] == ACCOUNT
    for step, sid, phone_number in ((there, ks("a"), ONE), (new, None, TWO)):
        (child,) = step.children or ()
        assert child.change.after is not None
        assert child.change.after["account_sid"] == ACCOUNT
        assert child.change.after["service_sid"] == sid
        assert child.change.after["phone_number"] == phone_number
        assert child.change.after["is_reserved"] is False


@pytest.mark.parametrize("pruned", [False, True])
def test_numbers_that_no_entry_names_are_removed_if_that_is_asked_for(pruned: bool) -> None:
    # However many they are: the limit is one for Services.
    wire = Wire(page(ride("a")), numbers(*(digits("a", one) for one in (ONE, TWO, THREE))))
    (step,) = planned([client(wire)], with_pool(named("a"), TWO), prune_children=pruned)
    assert [(child.change.operation, (child.change.before or {})["sid"]) for child in step.children or ()] == [
        ("none", pn(TWO)),
        *[("delete", pn(ONE)), ("delete", pn(THREE))] * pruned,
    ]


def test_everything_that_is_wrong_is_in_one_message() -> None:
    wire = Wire(page(*map(ride, "abcd")), numbers(digits("a", ONE)), numbers())
    assert refusal(
        wire,
        with_pool(named("a"), ONE, the_one(pn(ONE))),
        with_pool(by_sid("b", unique_name="c"), ONE),
        pruning=Pruning("d", at_most=0),
    ) == " ".join(
        [
            "prune: 1 Service is in no entry and would be deleted, and max_deletions allows 0 (as it says): 'd'.",
            "Name what shall stay, bound prune with prune_matching, or set max_deletions to as many as you mean.",
            taken("by_sid(b)", "c", "c"),
            "by_name(a).phone_numbers[1] and by_name(a).phone_numbers[0] are both about the phone number",
            f"{pn(ONE)}.",
            "by_name(a).phone_numbers[0] and by_name(a).phone_numbers[1] both want the phone number",
            f"'{ONE}' ({pn(ONE)}).",
            "by_name(a).phone_numbers[0] and by_sid(b).phone_numbers[0] both want the phone number",
            f"'{ONE}' ({pn(ONE)}).",
            "Nothing was changed.",
        ]
    )


def test_a_number_that_another_pool_keeps_is_refused() -> None:
    wire = Wire(page(ride("a"), ride("b")), numbers(), numbers(digits("b", ONE)))
    assert refusal(wire, with_pool(named("a"), ONE), with_pool(named("b"))) == (
        f"by_name(a).phone_numbers[0]: the phone number '{ONE}' is in the pool of by_name(b), which keeps it without"
        " prune_phone_numbers. Nothing was changed."
    )


def test_nothing_is_refused_where_nothing_is_wrong() -> None:
    wire = Wire(page())
    assert planned([client(wire)]) == []
    assert wire.requests == [GET_LIST]


# What would come of it


def test_what_is_foreseen() -> None:
    b = ride("b")
    wire = Wire(page(ride("a"), b, ride("c")), numbers(digits("b", ONE)))
    steps = planned(
        [client(wire)], gone("a"), with_pool(named("b"), reserved(ONE)), named("x"), named("c"), prune_children=True
    )
    deleted, kept, new, same = predict(steps)
    assert deleted.outcome == Outcome(True, ride("a"), None)
    assert kept.outcome == Outcome(False, b, b)
    assert kept.children is not None
    assert [child.outcome for child in kept.children] == [
        Outcome(True, digits("b", ONE), digits("b", ONE, is_reserved=True, date_updated=None))
    ]
    assert new.outcome == Outcome(True, None, steps[2].change.after)
    assert same.outcome == Outcome(False, ride("c"), ride("c"))
    assert [one.step for one in (deleted, kept, new, same)] == steps
    assert [result.children for result in (deleted, new, same)] == [None, None, None]
    assert all(result.error is None and not result.has_temporary_name for result in (deleted, kept, new, same))


# What is done, and in which order


def test_a_whole_run() -> None:
    """Everything at once: deleted, pruned, swapped, updated, created, and numbers moved, changed, added, removed."""
    has_temporary_name = f"renaming {ks('a')}"
    a, b, c, d, e, n = (ride(letter) for letter in "abcdef")
    n = ride("f", unique_name="n")
    wire = Wire(
        page(a, b, c, d, e),
        numbers(digits("c", ONE), digits("c", TWO), digits("c", THREE)),
        DELETED,
        DELETED,
        Answer(200, {**c, **TTL}),
        Answer(200, {**a, "unique_name": has_temporary_name}),
        Answer(200, {**b, "unique_name": "a"}),
        Answer(200, {**a, "unique_name": "b"}),
        Answer(201, n),
        DELETED,
        DELETED,
        Answer(201, digits("f", TWO)),
        Answer(200, digits("c", ONE, is_reserved=True)),
    )
    results = carried_out(
        wire,
        by_sid("a", unique_name="b"),
        with_pool(named("n"), TWO),
        gone("d"),
        with_pool(named("c", **TTL), reserved(ONE)),
        by_sid("b", unique_name="a"),
        pruning=Pruning(),
        prune_children=True,
    )
    assert wire.requests == [
        GET_LIST,
        read_pool("c"),
        delete("d"),
        delete("e"),
        update("c", DefaultTtl="5"),
        update("a", UniqueName=has_temporary_name),
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
        [Outcome(True, None, digits("f", TWO))],
        None,
        [
            Outcome(True, digits("c", ONE), digits("c", ONE, is_reserved=True)),
            Outcome(True, digits("c", TWO), None),
            Outcome(True, digits("c", THREE), None),
        ],
        None,
        None,
    ]
    children = [*results, *(child for result in results for child in result.children or [])]
    assert all(child.error is None and not child.has_temporary_name for child in children)


def test_nothing_is_sent_where_nothing_differs() -> None:
    wire = Wire(page(ride("a"), ride("b")), numbers(digits("a", ONE)))
    results = carried_out(wire, with_pool(named("a"), ONE), by_sid("b"), gone("c"))
    assert [result.outcome for result in results] == [
        Outcome(False, ride("a"), ride("a")),
        Outcome(False, ride("b"), ride("b")),
        Outcome(False, None, None),
    ]
    assert [child.outcome for child in results[0].children or []] == [
        Outcome(False, digits("a", ONE), digits("a", ONE))
    ]


def test_numbers_change_places() -> None:
    """Removed from both, and only then added to the others; one is named by its SID."""
    wire = Wire(
        page(ride("a"), ride("b")),
        numbers(digits("a", ONE)),
        numbers(digits("b", TWO)),
        DELETED,
        DELETED,
        Answer(201, digits("b", ONE)),
        Answer(201, digits("a", TWO)),
    )
    carried_out(wire, with_pool(named("a"), TWO), with_pool(named("b"), the_one(pn(ONE))), prune_children=True)
    assert wire.requests[3:] == [
        remove("a", ONE),
        remove("b", TWO),
        add("b", Sid=pn(ONE)),
        add("a", PhoneNumber=TWO),
    ]


def test_a_number_of_a_service_that_is_deleted_is_free() -> None:
    wire = Wire(page(ride("a"), ride("b")), numbers(), DELETED, Answer(201, digits("b", ONE)))
    carried_out(wire, with_pool(named("b"), ONE), gone("a"))
    assert wire.requests[2:] == [delete("a"), add("b", PhoneNumber=ONE)]


def test_a_name_that_is_passed_on() -> None:
    """One is renamed away by its SID, and another one is created with the name that it had."""
    renamed, new = ride("a", unique_name="x"), ride("b", unique_name="a")
    wire = Wire(page(ride("a")), numbers(), Answer(200, renamed), Answer(201, new), Answer(201, digits("b", ONE)))
    results = carried_out(wire, with_pool(named("a"), ONE), by_sid("a", unique_name="x"))
    assert wire.requests[2:] == [
        update("a", UniqueName="x"),
        create(UniqueName="a"),
        add("b", PhoneNumber=ONE),
    ]
    assert [result.outcome for result in results] == [Outcome(True, None, new), Outcome(True, ride("a"), renamed)]


KEY = Credentials("SK1", "a-secret", ACCOUNT)
OTHER_ACCOUNT = "AC" + "9" * 32


@pytest.mark.parametrize("account", [ACCOUNT, OTHER_ACCOUNT, None])
def test_the_first_write_to_an_empty_account_goes_alone(account: str | None) -> None:
    """Its answer tells whose account it is, unless it leaves that out."""
    letters = "abcd"
    alone = threading.Lock()
    together = threading.Barrier(3)
    first: list[Answer] = []

    def answer(letter: str) -> t.Callable[[], Answer]:
        made = Answer(201, ride(letter, account_sid=account))

        def first_or_together() -> Answer:
            with alone:
                if not first:
                    first.append(made)
                    time.sleep(0.05)  # in which another one would come
                    assert len(router.requests) == 2
                    return made
            together.wait(5)
            return made

        return first_or_together

    router = Router({("GET", LIST): [page()], ("POST", LIST): [answer(letter) for letter in letters]})
    observed = Observed()
    four = [client(router, retries=0, credentials=KEY, observed=observed) for _number in range(4)]
    results = not_begun(planned(four, *map(named, letters)))
    carry_out(four, SERVICE, results)
    if account != OTHER_ACCOUNT:
        assert all(result.outcome is not None for result in results)
        return
    assert len(router.requests) == 2
    (failed,) = [result for result in results if result.error is not None]
    assert failed is results[0]
    assert failed.error is not None
    assert (failed.error.applied, failed.error.may_have_been_applied) == (True, False)
    assert [result.outcome for result in results] == [None] * 4


def test_the_account_is_told_by_what_was_read_to_all_the_clients() -> None:
    observed = Observed()
    wire = Wire(page(ride("a")), *(Answer(201, ride(letter)) for letter in "bc"))
    two = [client(wire, credentials=KEY, observed=observed) for _number in range(2)]
    steps = planned(two, named("b"), named("c"))
    assert all(one.knows_account for one in two)
    carry_out(two, SERVICE, not_begun(steps))
    assert len(wire.requests) == 3


# One number by two names


@pytest.mark.parametrize("entries", [("sid first", pn(ONE), ONE), ("number first", ONE, pn(ONE))], ids=lambda e: e[0])
@pytest.mark.parametrize("pools", [1, 2])
def test_a_number_named_by_sid_and_by_number_is_added_once(entries: tuple[str, str, str], pools: int) -> None:
    """Its answer tells the number; another number is not added before both places are named."""
    _name, *names = entries
    wanted = [the_one(one) if one.startswith("PN") else one for one in names]
    with_both = [
        [with_pool(named("a"), *wanted, TWO)],
        [with_pool(named("a"), wanted[0]), with_pool(named("b"), wanted[1], TWO)],
    ][pools - 1]
    by_name, by_its_sid = (names.index(one) for one in (ONE, pn(ONE)))
    places = [f"by_name({'a' if pools == 1 or not n else 'b'}).phone_numbers[{n if pools == 1 else 0}]" for n in (0, 1)]
    adder = "ab"[by_its_sid] if pools == 2 else "a"
    read = [page(ride("a"), ride("b")), *[numbers()] * pools]
    wire = Wire(*read, Answer(201, digits(adder, ONE)))
    results = carried_out(wire, *with_both)
    assert wire.requests[1 + pools :] == [add(adder, Sid=pn(ONE))]
    children = {child.step.entry.place: child for result in results for child in result.children or []}
    (refused,) = [child for child in children.values() if child.error is not None]
    assert refused is children[places[by_name]]
    assert str(refused.error) == (
        f"the phone number '{ONE}' is {pn(ONE)}, which {places[by_its_sid]} names: name it once."
    )
    # The next run is refused before it writes.
    there = {adder: digits(adder, ONE)}
    again = Wire(page(ride("a"), ride("b")), *(numbers(*filter(None, [there.get(x)])) for x in "ab"[:pools]))
    params_raw = refusal(again, *with_both)
    assert all(place in params_raw for place in places)


# Trouble


def test_a_failed_service_leaves_the_rest_undone() -> None:
    wire = Wire(page(*map(ride, "abcde")), numbers(digits("d", ONE)), DELETED, WRONG)
    results = carried_out(
        wire,
        named("x"),
        gone("a"),
        gone("b"),
        gone("c"),
        with_pool(named("d"), ONE, TWO),
        named("e", **TTL),
        named("e2"),
    )
    assert wire.requests[2:] == [delete("a"), delete("b")]
    assert [result.outcome for result in results] == [
        None,
        Outcome(True, ride("a"), None),
        None,
        None,
        Outcome(False, ride("d"), ride("d")),
        None,
        None,
    ]
    assert code(results[2]) == 80701
    assert [result.error for result in results if result is not results[2]] == [None] * 6
    assert results[4].children is not None
    assert [child.outcome for child in results[4].children] == [
        Outcome(False, digits("d", ONE), digits("d", ONE)),
        None,
    ]


def test_a_failed_update_leaves_the_creates_undone() -> None:
    wire = Wire(page(ride("a")), WRONG)
    first, second = carried_out(wire, named("x"), named("a", **TTL))
    assert (first.outcome, first.error, second.outcome) == (None, None, None)
    assert code(second) == 80701


def test_a_failed_removal_leaves_the_additions_undone() -> None:
    wire = Wire(page(ride("a"), ride("b")), numbers(digits("a", ONE)), numbers(), WRONG)
    first, second = carried_out(wire, with_pool(named("a")), with_pool(named("b"), ONE), prune_children=True)
    assert wire.requests[3:] == [remove("a", ONE)]
    (removed,), (added,) = first.children or [], second.children or []
    assert code(removed) == 80701
    assert (added.outcome, added.error) == (None, None)
    assert first.outcome == Outcome(False, ride("a"), ride("a"))


def test_a_number_that_another_service_has_fails_alone() -> None:
    wire = Wire(page(ride("a")), numbers(), Answer(201, digits("a", ONE)), error(400, 80101))
    (result,) = carried_out(wire, with_pool(named("a"), ONE, TWO, THREE))
    added, refused, waiting = result.children or []
    assert added.outcome == Outcome(True, None, digits("a", ONE))
    assert code(refused) == 80101
    assert (waiting.outcome, waiting.error) == (None, None)


@pytest.mark.parametrize("first_fails", [True, False])
def test_a_swap_that_ends_in_the_middle(first_fails: bool) -> None:
    has_temporary_name = f"renaming {ks('a')}"
    away = ride("a", unique_name=has_temporary_name)
    wire = Wire(page(ride("a"), ride("b")), WRONG if first_fails else Answer(200, away), *[WRONG] * (not first_fails))
    a, b = carried_out(wire, by_sid("a", unique_name="b", **TTL), by_sid("b", unique_name="a"))
    assert (
        wire.requests[1:]
        == [update("a", UniqueName=has_temporary_name), update("b", UniqueName="a")][: 2 - first_fails]
    )
    assert (b.outcome, b.has_temporary_name) == (None, False)
    if first_fails:
        assert code(a) == 80701
        assert (a.outcome, a.has_temporary_name, b.error) == (None, False, None)
    else:
        assert code(b) == 80701
        assert (a.outcome, a.has_temporary_name, a.error) == (Outcome(True, ride("a"), away), True, None)


def test_a_swap_whose_temporary_name_may_have_been_given() -> None:
    a, b = carried_out(
        Wire(page(ride("a"), ride("b")), RESET), by_sid("a", unique_name="b"), by_sid("b", unique_name="a")
    )
    assert isinstance(a.error, ApiError)
    assert (a.outcome, a.has_temporary_name, a.error.may_have_been_applied) == (None, True, True)
    assert (b.outcome, b.error) == (None, None)


@pytest.mark.parametrize("after", [1, 2])
def test_a_swap_that_failed_is_finished_by_the_next_run(after: int) -> None:
    """As its entries name the Services by their SIDs, a temporary name is one as any other."""
    away, other = ride("a", unique_name=f"renaming {ks('a')}"), ride("b", unique_name="a")
    first = Wire(page(ride("a"), ride("b")), *[Answer(200, away), Answer(200, other)][:after], WRONG)
    swap = by_sid("a", unique_name="b"), by_sid("b", unique_name="a")
    carried_out(first, *swap)
    there = [away, ride("b") if after == 1 else other]
    last = ride("a", unique_name="b")
    again = Wire(page(*there), *[Answer(200, other)] * (after == 1), Answer(200, last))
    results = carried_out(again, *swap, pruning=Pruning())
    assert [result.outcome and result.outcome.after for result in results] == [last, other]


def test_a_swap_that_fails_at_the_end() -> None:
    away, other = ride("a", unique_name=f"renaming {ks('a')}"), ride("b", unique_name="a")
    wire = Wire(page(ride("a"), ride("b")), Answer(200, away), Answer(200, other), TAKEN)
    a, b = carried_out(wire, by_sid("a", unique_name="b", **TTL), by_sid("b", unique_name="a"))
    assert wire.requests[-1] == update("a", UniqueName="b", DefaultTtl="5")
    assert code(a) == SERVICE.taken_code
    assert (a.outcome, a.has_temporary_name) == (Outcome(True, ride("a"), away), True)
    assert (b.outcome, b.has_temporary_name, b.error) == (Outcome(True, ride("b"), other), False, None)


def test_a_swap_whose_last_answer_was_lost_is_a_change_all_the_same() -> None:
    """Somebody deleted and restored what the run had renamed: it is found as wanted, and was changed nevertheless."""
    away, other = ride("a", unique_name=f"renaming {ks('a')}"), ride("b", unique_name="a")
    last = ride("a", unique_name="b")
    wire = Wire(page(ride("a"), ride("b")), Answer(200, away), Answer(200, other), ABSENT, Answer(200, last))
    a, _b = carried_out(wire, by_sid("a", unique_name="b"), by_sid("b", unique_name="a"))
    assert (a.outcome, a.has_temporary_name, a.error) == (Outcome(True, ride("a"), last), False, None)


def test_what_comes_back_in_the_middle_of_a_swap_is_taken_out_of_the_way_again() -> None:
    """It was not to be found for a moment: what is looked for then is the temporary name."""
    has_temporary_name = f"renaming {ks('a')}"
    away, other, last = (
        ride("a", unique_name=has_temporary_name),
        ride("b", unique_name="a"),
        ride("a", unique_name="b"),
    )
    wire = Wire(
        page(ride("a"), ride("b")),
        ABSENT,
        Answer(200, ride("a")),
        *(Answer(200, item) for item in (away, other, last)),
    )
    a, b = carried_out(wire, by_sid("a", unique_name="b"), by_sid("b", unique_name="a"), retries=1)
    assert wire.requests[1:] == [
        update("a", UniqueName=has_temporary_name),
        ("GET", f"{LIST}/{ks('a')}", {}),
        update("a", UniqueName=has_temporary_name),
        update("b", UniqueName="a"),
        update("a", UniqueName="b"),
    ]
    assert (a.outcome, a.has_temporary_name) == (Outcome(True, ride("a"), last), False)
    assert b.outcome == Outcome(True, ride("b"), other)


def test_what_is_named_by_its_name_and_vanishes_is_created_with_all_that_was_said() -> None:
    new = ride("b", unique_name="a", geo_match_level="radius", **TTL)
    wire = Wire(page(ride("a", geo_match_level="radius")), ABSENT, page(), Answer(201, new))
    (result,) = carried_out(wire, named("a", geo_match_level="radius", **TTL))
    assert wire.requests[1:] == [
        update("a", DefaultTtl="5"),
        GET_LIST,
        create(UniqueName="a", DefaultTtl="5", GeoMatchLevel="radius"),
    ]
    assert result.outcome == Outcome(True, None, new)


def test_a_lost_create_is_looked_up_and_not_sent_again() -> None:
    new = ride("a", unique_name="x")
    wire = Wire(page(), RESET, page(new), Answer(201, digits("a", ONE)))
    (result,) = carried_out(wire, with_pool(named("x"), ONE))
    assert wire.requests == [GET_LIST, create(UniqueName="x"), GET_LIST, add("a", PhoneNumber=ONE)]
    assert result.outcome == Outcome(True, None, new)


@pytest.mark.parametrize("by_number", [True, False])
def test_a_lost_addition_is_looked_up_and_not_sent_again(by_number: bool) -> None:
    added = digits("a", ONE, is_reserved=True)
    wire = Wire(page(ride("a")), numbers(), error(500), numbers(added) if by_number else Answer(200, added))
    wanted = reserved(ONE) if by_number else Entry("", {"sid": pn(ONE), "is_reserved": True}, sid=pn(ONE))
    (result,) = carried_out(wire, with_pool(named("a"), wanted))
    form = {"PhoneNumber": ONE} if by_number else {"Sid": pn(ONE)}
    look: Request = read_pool("a") if by_number else ("GET", f"{pool(ks('a'))}/{pn(ONE)}", {})
    assert wire.requests[2:] == [add("a", **form, IsReserved="true"), look]
    assert [child.outcome for child in result.children or ()] == [Outcome(True, None, added)]


def test_somebody_else_was_faster() -> None:
    """With each of the requests: what was wanted is there, or is gone, and that is not a failure."""
    new = ride("b", unique_name="x")
    wire = Wire(
        page(ride("a"), ride("c")),
        numbers(digits("c", ONE)),
        ABSENT,
        TAKEN,
        page(new),
        NUMBER_ABSENT,
        NUMBER_TAKEN,
        numbers(digits("c", TWO)),
    )
    results = carried_out(wire, gone("a"), named("x"), with_pool(by_sid("c"), TWO), prune_children=True)
    assert [result.outcome for result in results] == [
        Outcome(False, ride("a"), None),
        Outcome(False, new, new),
        Outcome(False, ride("c"), ride("c")),
    ]
    assert [child.outcome for child in results[2].children or ()] == [
        Outcome(False, digits("c", TWO), digits("c", TWO)),
        Outcome(False, digits("c", ONE), None),
    ]


def test_what_vanishes_before_its_update_is_refused_by_its_sid_and_nothing_else_is_done() -> None:
    wire = Wire(page(ride("a")), ABSENT, ABSENT)
    changed, new = carried_out(wire, by_sid("a", **TTL), named("x"))
    assert isinstance(changed.error, PreconditionError)
    assert str(changed.error).startswith(f"no Service {ks('a')}; ")
    assert (changed.outcome, new.outcome, new.error) == (None, None, None)


# Several requests at once


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """The event by which a run learns that no work is to be begun any more."""
    event = threading.Event()
    monkeypatch.setattr(_bulk, "threading", SimpleNamespace(**{**vars(threading), "Event": lambda: event}))
    return event


def wait_for(event: threading.Event) -> None:
    """Waits, and fails the test where that takes too long."""
    assert event.wait(5), "it never happened"


def clients(count: int) -> list[Client]:
    """Clients that are not asked to ask for anything."""
    return [client(Wire()) for _number in range(count)]


TROUBLE = PreconditionError("no")


def test_jobs_give_results_in_their_order_and_each_client_does_one_at_a_time() -> None:
    count, jobs = 3, list(range(12))
    all_of_them = threading.Barrier(count)
    lock = threading.Lock()
    busy: list[Client] = []
    most = []

    def work(one: Client, job: int) -> int:
        with lock:
            assert one not in busy
            busy.append(one)
            most.append(len(busy))
        all_of_them.wait(5)  # which all the clients have to reach, and 12 jobs are four times three
        with lock:
            busy.remove(one)
        return job * 2

    assert in_parallel(clients(count), jobs, work) == [job * 2 for job in jobs]
    assert max(most) == count


def test_one_client_does_the_jobs_in_their_order() -> None:
    begun: list[int] = []
    assert in_parallel(clients(1), [3, 1, 2], lambda _client, job: begun.append(job)) == [None] * 3
    assert begun == [3, 1, 2]


@pytest.mark.parametrize(("count", "jobs", "used"), [(4, 0, 0), (4, 1, 1), (4, 2, 2), (1, 5, 1)])
def test_no_more_clients_are_used_than_there_are_jobs(count: int, jobs: int, used: int) -> None:
    all_of_them = threading.Barrier(max(1, used))
    seen = set()

    def work(one: Client, job: int) -> int:
        seen.add(id(one))
        all_of_them.wait(5)
        return job

    assert in_parallel(clients(count), range(jobs), work) == list(range(jobs))
    assert len(seen) == used


@pytest.mark.parametrize("error", [TROUBLE, ApiError("delete", "no")])
def test_after_a_failure_nothing_is_begun_and_what_is_in_flight_is_waited_for(
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


def test_two_may_fail_at_once(stopped: threading.Event) -> None:
    other = ApiError("delete", "no")
    both = threading.Barrier(2)

    def work(_client: Client, job: int) -> None:
        both.wait(5)
        raise (TROUBLE, other)[job]

    assert in_parallel(clients(2), range(3), work) == [TROUBLE, other, None]
    assert stopped.is_set()


def test_what_nobody_expected_ends_the_work_and_forgets_nothing(stopped: threading.Event) -> None:
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
    assert str(error) == "cannot go on: unexpected KeyError: 'a bug'"
    assert isinstance(error, ApiError)
    assert error.may_have_been_applied
    assert others == [1, None, None, None]
    assert sorted(begun) == [0, 1]


def interrupt() -> None:
    """Tell this thread of Ctrl-C: the system may tell any, and Python acts on it in the main thread."""
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)


def test_an_interrupt_begins_nothing_and_tells_what_is_in_flight(monkeypatch: pytest.MonkeyPatch) -> None:
    """One answer comes in time, one does not, one request waits for its retry, and others wait for their turn."""
    monkeypatch.setattr(_bulk, "TIME_TO_FINISH", 0.5)
    all_of_them, never, waits = threading.Barrier(3), threading.Event(), threading.Event()

    def in_time() -> Answer:
        all_of_them.wait(5)
        wait_for(waits)
        interrupt()
        wait_for(three[0]._stopped)
        return DELETED

    def too_late() -> Answer:
        all_of_them.wait(5)
        never.wait(5)
        return DELETED

    def refused() -> Answer:
        all_of_them.wait(5)
        return error(429, 20429, **{"Retry-After": "60"})

    router = Router(
        {
            ("GET", LIST): [page(*map(ride, "abcde"))],
            ("DELETE", f"{LIST}/{ks('a')}"): [in_time],
            ("DELETE", f"{LIST}/{ks('b')}"): [too_late],
            ("DELETE", f"{LIST}/{ks('c')}"): [refused],
        }
    )
    three = [client(router, sleep=None) for _number in range(3)]
    results = not_begun(planned(three, *map(gone, "abcde")))
    three[0].begin(lambda _line: waits.set())
    with pytest.raises(KeyboardInterrupt):
        carry_out(three, SERVICE, results)
    a, b, *others = results
    assert a.outcome == Outcome(True, ride("a"), None)
    assert isinstance(b.error, ApiError)
    assert str(b.error) == f"cannot delete the Service {ks('b')}: the task ended before the answer came"
    assert b.error.may_have_been_applied
    assert [(result.outcome, result.error) for result in others] == [(None, None)] * 3
    never.set()
    assert sorted(router.requests[1:]) == [delete("a"), delete("b"), delete("c")]


def test_an_interrupted_look_after_a_lost_create_is_not_known_either() -> None:
    def ends_the_task() -> Answer:
        interrupt()
        wait_for(one._stopped)
        return page()

    router = Router({("GET", LIST): [page(), ends_the_task], ("POST", LIST): [RESET]})
    one = client(router)
    (created,) = results = not_begun(planned([one], named("x")))
    with pytest.raises(KeyboardInterrupt):
        carry_out([one], SERVICE, results)
    assert isinstance(created.error, ApiError)
    assert created.error.may_have_been_applied
    assert len(router.requests) == 3


def test_the_main_thread_tells_about_retries() -> None:
    told = []
    router = Router({("GET", LIST): [page(ride("a"))], ("DELETE", f"{LIST}/{ks('a')}"): [error(429), DELETED]})
    one = client(router)
    results = not_begun(planned([one], gone("a")))
    one.begin(lambda line: told.append((threading.current_thread(), line)))
    carry_out([one], SERVICE, results)
    assert told == [(threading.main_thread(), f"Retry 1 in 0.5 seconds: cannot delete the Service {ks('a')}: No.")]
    one.on_retry("afterwards")
    assert told[1:] == [(threading.main_thread(), "afterwards")]


def test_a_run_with_several_clients_waits_for_what_is_in_flight(stopped: threading.Event) -> None:
    in_flight = threading.Event()

    def fails() -> Answer:
        wait_for(in_flight)
        return WRONG

    def takes_its_time() -> Answer:
        in_flight.set()
        wait_for(stopped)
        return DELETED

    router = Router(
        {
            ("GET", LIST): [page(*map(ride, "abcd"))],
            ("DELETE", f"{LIST}/{ks('a')}"): [fails],
            ("DELETE", f"{LIST}/{ks('b')}"): [takes_its_time],
        }
    )
    two = [client(router, retries=0) for _number in range(2)]
    steps = planned(two, *map(gone, "abcd"), named("x"))
    a, b, *others = results = not_begun(steps)
    carry_out(two, SERVICE, results)
    assert code(a) == 80701
    assert b.outcome == Outcome(True, ride("b"), None)
    assert [(result.outcome, result.error) for result in others] == [(None, None)] * 3
    assert sorted(router.requests[1:]) == [delete("a"), delete("b")]


def test_a_run_with_several_clients_keeps_the_rounds_apart() -> None:
    """Deletes, updates and creates, removals and additions: each kind at once, and none before those before it."""
    letters = "abcd"
    router = Router(
        {
            ("GET", LIST): [page(*map(ride, letters))],
            **{("GET", pool(ks(letter))): [numbers(digits(letter, ONE))] for letter in "b"},
            ("DELETE", f"{LIST}/{ks('a')}"): [DELETED],
            ("DELETE", f"{LIST}/{ks('d')}"): [DELETED],
            ("POST", f"{LIST}/{ks('b')}"): [Answer(200, ride("b", **TTL))],
            ("POST", f"{LIST}/{ks('c')}"): [Answer(200, ride("c", **TTL))],
            ("POST", LIST): [Answer(201, ride("e", unique_name="x"))],
            ("DELETE", f"{pool(ks('b'))}/{pn(ONE)}"): [DELETED],
            ("POST", pool(ks("e"))): [Answer(201, digits("e", ONE))],
            ("POST", pool(ks("b"))): [Answer(201, digits("b", TWO))],
        }
    )
    four = [client(router, retries=0) for _number in range(4)]
    steps = planned(
        four,
        with_pool(named("x"), ONE),
        gone("a"),
        with_pool(named("b", **TTL), TWO),
        named("c", **TTL),
        pruning=Pruning(),
        prune_children=True,
    )
    results = not_begun(steps)
    carry_out(four, SERVICE, results)
    assert all(result.outcome and result.outcome.changed and not result.error for result in results)
    sent = router.requests[2:]
    in_batches = [sorted(sent[:2]), sorted(sent[2:4]), sent[4:5], sent[5:6], sorted(sent[6:])]
    assert in_batches == [
        [delete("a"), delete("d")],
        [update("b", DefaultTtl="5"), update("c", DefaultTtl="5")],
        [create(UniqueName="x")],
        [remove("b", ONE)],
        sorted([add("e", PhoneNumber=ONE), add("b", PhoneNumber=TWO)]),
    ]
    assert not any(router.steps.values())


def test_the_pool_of_a_service_that_had_to_be_created_again_is_filled_again() -> None:
    wire = Wire(
        page(ride("a")),
        numbers(digits("a", ONE), digits("a", TWO)),
        ABSENT,  # somebody has deleted it
        page(),
        Answer(201, ride("b", unique_name="a", default_ttl=5)),
        Answer(201, digits("b", ONE)),
    )
    (result,) = carried_out(wire, with_pool(named("a", default_ttl=5), ONE), retries=1, prune_children=True)
    assert wire.requests[-2:] == [create(UniqueName="a", DefaultTtl="5"), add("b", PhoneNumber=ONE)]
    assert result.children is not None
    assert [child.outcome for child in result.children] == [
        Outcome(True, None, digits("b", ONE)),
        Outcome(False, digits("a", TWO), None),
    ]
