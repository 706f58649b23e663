# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a list: which objects are meant, what is pruned, in which order, and what is refused."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import (
    ChildrenPlan,
    Entry,
    Pruning,
    Step,
    in_batches,
    named_twice,
    plan_all,
    wanted_twice,
)
from ansible_collections.twilio.proxy.plugins.module_utils._plan import Change
from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER, SERVICE, Object

from .made_up import ROOM, room
from .wire import number, service

KNOWN = {"account_sid": "AC1"}


def ks(letter: str) -> str:
    """The SID of the Service that was called by this letter first."""
    return "KS" + letter * 32


def there(*names: str) -> list[Object]:
    """Services with these names, each with the SID of its name."""
    return [service(sid=ks(name), unique_name=name) for name in names]


def named(name: str, **desired: t.Any) -> Entry:
    """An entry without a SID."""
    return Entry(f"by_name({name})", {"unique_name": name, **desired})


def by_sid(letter: str, **desired: t.Any) -> Entry:
    """An entry with the SID of the Service that has this name before the run."""
    return Entry(f"by_sid({letter})", desired, sid=ks(letter))


def gone(letter: str, **desired: t.Any) -> Entry:
    """An entry that wants the Service with this SID to be absent."""
    return Entry(f"gone({letter})", desired, sid=ks(letter), absent=True)


def taken(place: str, holder: str, name: str) -> str:
    """The sentence about a name that another Service keeps."""
    return (
        f"{place}: the Service {ks(holder)} already has the unique_name '{name}',"
        " so Twilio would refuse to give it to another Service."
    )


Short = tuple[str, str, dict[str, t.Any]]


def short(steps: t.Iterable[Step]) -> list[Short]:
    """Of each step the operation, what it is about (a letter of a SID, or a new name), what is sent."""
    return [
        (
            step.change.operation,
            step.change.before["sid"][2] if step.change.before else step.entry.desired.get("unique_name", "?"),
            dict(step.change.send),
        )
        for step in steps
    ]


# What one list says twice


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([], []),
        ([named("a"), named("b"), by_sid("a"), by_sid("b")], []),
        ([named("a"), named("A"), named("a ")], []),
        ([named("a"), named("b"), named("a")], ["by_name(a) and by_name(a) both have the unique_name 'a'."]),
        # What is deleted by its SID leaves its name to another one. By its name, the next run would delete that one.
        ([gone("a", unique_name="x"), named("x")], []),
        ([by_sid("b", unique_name="x"), gone("a", unique_name="x")], []),
        (
            [named("x"), Entry("old", {"unique_name": "x"}, absent=True)],
            ["by_name(x) and old both have the unique_name 'x'."],
        ),
        ([by_sid("a", unique_name="b"), named("b")], ["by_sid(a) and by_name(b) both have the unique_name 'b'."]),
        (
            [by_sid("a"), by_sid("b"), gone("a"), gone("b")],
            [
                f"by_sid(a) and gone(a) both have the sid '{ks('a')}'.",
                f"by_sid(b) and gone(b) both have the sid '{ks('b')}'.",
            ],
        ),
        (
            [Entry(place, {"unique_name": "a"}, sid=ks("a")) for place in "123"],
            [
                f"1 and 2 both have the sid '{ks('a')}'.",
                f"1 and 3 both have the sid '{ks('a')}'.",
                "1 and 2 both have the unique_name 'a'.",
                "1 and 3 both have the unique_name 'a'.",
            ],
        ),
    ],
)
def test_entries_that_name_one_object(entries: list[Entry], found: list[str]) -> None:
    assert named_twice(SERVICE, entries) == found


def test_numbers_are_named_by_their_number() -> None:
    entries = [Entry(place, {"phone_number": "+12025550101"}) for place in ("p[0]", "p[1]")]
    assert named_twice(PHONE_NUMBER, entries) == ["p[0] and p[1] both have the phone_number '+12025550101'."]


# Which objects are meant


class Row(t.NamedTuple):
    """The entries, what is there, and the steps that come of it: one per entry, in their order."""

    entries: list[Entry]
    objects: list[Object]
    steps: list[Short]


TTL = {"default_ttl": 5}
ROWS: dict[str, Row] = {
    "nothing": Row([], there("a"), []),
    "created": Row([named("a", **TTL)], there("b"), [("create", "a", {"unique_name": "a", **TTL})]),
    "as it is": Row([named("a"), by_sid("b")], there("a", "b"), [("none", "a", {}), ("none", "b", {})]),
    "updated": Row(
        [named("a", **TTL), by_sid("b", **TTL)], there("a", "b"), [("update", "a", TTL), ("update", "b", TTL)]
    ),
    "names are exact": Row([named("A")], there("a"), [("create", "A", {"unique_name": "A"})]),
    "deleted": Row(
        [gone("a"), Entry("by name", {"unique_name": "b"}, absent=True)],
        there("a", "b"),
        [("delete", "a", {}), ("delete", "b", {})],
    ),
    "absent already": Row([gone("a")], [], [("none", "?", {})]),
    "a SID and the name that goes with it": Row(
        [Entry("both", {"unique_name": "a"}, sid=ks("a"), absent=True)], there("a"), [("delete", "a", {})]
    ),
    "renamed": Row([by_sid("a", unique_name="x")], there("a", "b"), [("update", "a", {"unique_name": "x"})]),
    "a name is passed on to a new one": Row(
        [named("a"), by_sid("a", unique_name="x")],
        there("a"),
        [("create", "a", {"unique_name": "a"}), ("update", "a", {"unique_name": "x"})],
    ),
    "what is named by its SID is not meant by its old name": Row(
        [by_sid("a", unique_name="x"), Entry("old", {"unique_name": "a"}, absent=True)],
        there("a"),
        [("update", "a", {"unique_name": "x"}), ("none", "a", {})],
    ),
    "replaced by SID and name": Row(
        [named("a", **TTL), gone("a", unique_name="a")],
        there("a"),
        [("create", "a", {"unique_name": "a", **TTL}), ("delete", "a", {})],
    ),
    "replaced in an earlier run": Row(
        [named("a"), gone("b", unique_name="a")], there("a"), [("none", "a", {}), ("none", "a", {})]
    ),
    "a name that is freed by a deletion by SID and name": Row(
        [by_sid("a", unique_name="b"), gone("b", unique_name="b")],
        there("a", "b"),
        [("update", "a", {"unique_name": "b"}), ("delete", "b", {})],
    ),
    "replaced": Row([gone("a"), named("a")], there("a"), [("delete", "a", {}), ("create", "a", {"unique_name": "a"})]),
    "swapped": Row(
        [by_sid("a", unique_name="b"), by_sid("b", unique_name="a")],
        there("a", "b"),
        [("update", "a", {"unique_name": "b"}), ("update", "b", {"unique_name": "a"})],
    ),
    "a name that is freed by a deletion": Row(
        [by_sid("a", unique_name="b"), gone("b")],
        there("a", "b"),
        [("update", "a", {"unique_name": "b"}), ("delete", "b", {})],
    ),
    "a name that is freed by a rename": Row(
        [by_sid("a", unique_name="b"), by_sid("b", unique_name="c")],
        there("a", "b"),
        [("update", "a", {"unique_name": "b"}), ("update", "b", {"unique_name": "c"})],
    ),
    "one that never had a name is in nobody's way": Row(
        [by_sid("a", **TTL), named("b"), named("c")],
        [*there("a", "b"), service(sid=ks("d"), unique_name=None)],
        [("update", "a", TTL), ("none", "b", {}), ("create", "c", {"unique_name": "c"})],
    ),
    "nor is one whose name is empty": Row(
        [by_sid("a", **TTL), named("b"), named("c")],
        [*there("a", "b"), service(sid=ks("d"), unique_name="")],
        [("update", "a", TTL), ("none", "b", {}), ("create", "c", {"unique_name": "c"})],
    ),
    "one that never had a name gets one": Row(
        [by_sid("d", unique_name="d")],
        [service(sid=ks("d"), unique_name=None), service(sid=ks("e"), unique_name=None)],
        [("update", "d", {"unique_name": "d"})],
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_step_for_each_entry(name: str) -> None:
    row = ROWS[name]
    steps, found = plan_all(SERVICE, row.entries, row.objects, KNOWN)
    assert found == []
    assert [step.entry for step in steps] == row.entries
    assert short(steps) == row.steps
    assert not any(step.is_temporary_rename for step in steps)
    assert all(step.children is None for step in steps)


def test_a_step_has_what_was_there_and_what_will_be() -> None:
    (new, changed), found = plan_all(SERVICE, [named("a"), named("b", **TTL)], there("b"), KNOWN)
    (b,) = there("b")
    assert found == []
    assert new.change.before is None
    assert new.change.after is not None
    assert (new.change.after["account_sid"], new.change.after["unique_name"]) == ("AC1", "a")
    assert changed.change == Change("update", b, {**b, **TTL, "date_updated": None}, TTL)


REFUSED: dict[str, tuple[list[Entry], list[str]]] = {
    "the same by SID and by name": (
        [by_sid("a", **TTL), named("a")],
        [f"by_sid(a) and by_name(a) are both about the Service {ks('a')}."],
    ),
    "the same by name and by SID with that name": (
        [named("a"), by_sid("a", unique_name="a")],
        [f"by_sid(a) and by_name(a) are both about the Service {ks('a')}."],
    ),
    "a name that an unlisted one keeps": ([by_sid("a", unique_name="b")], [taken("by_sid(a)", "b", "b")]),
    "a name that a listed one keeps": (
        [by_sid("a", unique_name="b"), by_sid("b", **TTL)],
        [taken("by_sid(a)", "b", "b")],
    ),
    "a SID that is not there": (
        [by_sid("f")],
        [
            (
                f"by_sid(f): no Service {ks('f')}; a Service cannot be created with a chosen SID. Check the SID, and"
                " that the credentials are those of its account. To have a new Service, give unique_name without sid."
            )
        ],
    ),
    "a SID and another name": (
        [Entry("both", {"unique_name": "b"}, sid=ks("a"), absent=True)],
        [
            (
                f"both: the Service {ks('a')} has the unique_name 'a', not 'b'. Give only one of the two options, or"
                " the two that belong together."
            )
        ],
    ),
    "everything is said at once": (
        [by_sid("a", unique_name="c"), by_sid("b"), named("b")],
        [f"by_sid(b) and by_name(b) are both about the Service {ks('b')}.", taken("by_sid(a)", "c", "c")],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_and_where(name: str) -> None:
    entries, sentences = REFUSED[name]
    assert plan_all(SERVICE, entries, there("a", "b", "c"), KNOWN)[1] == sentences


# What no entry names


def services(count: int) -> list[Object]:
    """As many Services."""
    return [service(sid=f"KS{number:032d}", unique_name=f"s{number}") for number in range(count)]


def test_a_different_value_of_an_immutable_field_is_refused_with_its_place() -> None:
    entries = [Entry("rooms[0]", {"unique_name": "lobby", "kind": "closed"}), Entry("rooms[1]", {"unique_name": "b"})]
    steps, [problem] = plan_all(ROOM, entries, [room()], {}, Pruning())
    assert problem.startswith(f"rooms[0]: the Room 'lobby' ({room()['sid']}) has the kind 'open', not 'closed'")
    assert [step.change.operation for step in steps] == ["none", "create"]


@pytest.mark.parametrize(
    ("pruning", "entries", "pruned"),
    [
        (Pruning(at_most=4), [], ["a", "b", "c"]),
        (Pruning(at_most=3), [], ["a", "b", "c"]),
        (Pruning(at_most=3), [named("a"), by_sid("b"), named("x")], ["c"]),
        (Pruning(at_most=3), [gone("a")], ["b", "c"]),
        (Pruning(at_most=3), [by_sid("a", unique_name="x"), named("a")], ["b", "c"]),
        (Pruning("[ac]", at_most=2), [], ["a", "c"]),
        (Pruning("[ac]"), [named("a")], ["c"]),
        (Pruning("x"), [], []),
        (Pruning(""), [named("a"), named("b")], ["c"]),
    ],
)
def test_what_is_pruned(pruning: Pruning, entries: list[Entry], pruned: list[str]) -> None:
    steps, found = plan_all(SERVICE, entries, there("a", "b", "c"), KNOWN, pruning)
    assert found == []
    assert short(steps[len(entries) :]) == [("delete", letter, {}) for letter in pruned]
    for step in steps[len(entries) :]:
        assert step.entry.place == "prune"
        assert step.change.before is not None
        assert step.change.after is None
        assert (step.entry.sid, step.entry.absent) == (step.change.before["sid"], True)


def test_nothing_is_pruned_unless_that_is_asked_for() -> None:
    assert plan_all(SERVICE, [], there("a"), KNOWN) == ([], [])


@pytest.mark.parametrize(
    ("name", "matching", "pruned"),
    [
        ("Flex Proxy Service", None, False),
        ("Flex Proxy Service", "Flex", False),
        ("flex proxy service", None, True),
        ("Flex Proxy Service 2", None, True),
        (None, None, False),
        (None, "", False),
        ("tmp-1", "^tmp-", True),
        ("my-tmp-1", "^tmp-", False),
        ("my-tmp-1", "tmp", True),
        ("Tmp", "tmp", False),
    ],
)
def test_what_may_be_pruned(name: str | None, matching: str | None, pruned: bool) -> None:
    steps, found = plan_all(SERVICE, [], [service(unique_name=name)], KNOWN, Pruning(matching))
    assert len(steps) == pruned
    assert found == []


def test_what_is_never_pruned_can_be_deleted_by_an_entry() -> None:
    flex = service(unique_name="Flex Proxy Service")
    entry = Entry("services[0]", {"unique_name": "Flex Proxy Service"}, absent=True)
    steps, found = plan_all(SERVICE, [entry], [flex], KNOWN, Pruning())
    assert [step.change for step in steps] == [Change("delete", flex, None, {})]
    assert found == []


def test_a_number_without_digits_is_not_pruned_beside_entries_with_digits() -> None:
    """It may be the number that an entry names."""
    unnamed = number(phone_number=None)
    pruning = Pruning(at_most=1, place="services[0].phone_numbers")
    by_digits = Entry("services[0].phone_numbers[0]", {"phone_number": "+12025550101"})
    steps, [problem] = plan_all(PHONE_NUMBER, [by_digits], [unnamed], KNOWN, pruning)
    assert [step.change.operation for step in steps] == ["create"]
    assert problem.startswith("services[0].phone_numbers: ")
    assert unnamed["sid"] in problem
    by_its_sid = Entry("services[0].phone_numbers[0]", {}, sid="PN" + "f" * 32)
    steps, problems = plan_all(PHONE_NUMBER, [by_its_sid], [unnamed], KNOWN, pruning)
    assert ([step.change.operation for step in steps], problems) == (["create", "delete"], [])


def test_what_is_freed_by_pruning_can_be_taken() -> None:
    entries = [by_sid("a", unique_name="b"), named("c")]
    steps, found = plan_all(SERVICE, entries, there("a", "b"), KNOWN, Pruning())
    assert found == []
    assert [operation for operation, *_about in short(steps)] == ["update", "create", "delete"]


@pytest.mark.parametrize(
    ("count", "allowed"), [(0, 1), (1, 1), (9, 1), (10, 1), (19, 1), (20, 2), (29, 2), (30, 3), (100, 10)]
)
def test_a_tenth_may_be_pruned_and_one_at_least(count: int, allowed: int) -> None:
    objects = services(count)
    for to_delete in range(min(count, allowed + 2)):
        entries = [Entry(item["sid"], {}, sid=item["sid"]) for item in objects[to_delete:]]
        steps, found = plan_all(SERVICE, entries, objects, KNOWN, Pruning())
        assert len(steps) - len(entries) == (to_delete if to_delete <= allowed else 0)
        assert len(found) == (to_delete > allowed)


def test_too_many_to_prune_are_refused_by_their_names() -> None:
    unnamed = service(sid=ks("f"), unique_name=None)  # which is not among them
    steps, found = plan_all(SERVICE, [named("c")], [unnamed, *there("a", "b", "c")], KNOWN, Pruning(at_most=1))
    assert found == [
        (
            "prune: 2 Services are in no entry and would be deleted, and max_deletions allows 1 (as it says): 'a', 'b'."
            " Name what shall stay, bound prune with prune_matching, or set max_deletions to as many as you mean."
        )
    ]
    assert short(steps) == [("none", "c", {})]
    assert plan_all(SERVICE, [], there("a"), KNOWN, Pruning(at_most=0))[1] == [
        (
            "prune: 1 Service is in no entry and would be deleted, and max_deletions allows 0 (as it says): 'a'."
            " Name what shall stay, bound prune with prune_matching, or set max_deletions to as many as you mean."
        )
    ]


def test_too_many_to_prune_do_not_hide_what_else_is_wrong() -> None:
    entries = [by_sid("a"), named("a")]
    found = plan_all(SERVICE, entries, there("a", "b", "c"), KNOWN, Pruning())[1]
    assert [sentence.split(" ", 1)[0] for sentence in found] == ["by_sid(a)", "prune:"]


@pytest.mark.parametrize(("count", "more"), [(10, "'s9'."), (11, "'s9' and 1 more."), (25, "'s9' and 15 more.")])
def test_ten_of_too_many_are_named(count: int, more: str) -> None:
    allowed = max(1, count // 10)
    (sentence,) = plan_all(SERVICE, [], services(count), KNOWN, Pruning())[1]
    assert sentence.startswith(
        f"prune: {count} Services are in no entry and would be deleted, and max_deletions allows {allowed}"
        f" (10 % of the {count} that are there, at least 1): 's0', 's1',"
    )
    assert f"{more} Name what shall stay" in sentence


# The order


def renamed(**names: str) -> list[Entry]:
    """An entry for each Service that gets another name."""
    return [by_sid(letter, unique_name=name) for letter, name in names.items()]


def rename(letter: str, name: str) -> Short:
    """The step that gives the Service its name."""
    return ("update", letter, {"unique_name": name})


def has_temporary_name(letter: str) -> Short:
    """The step that takes the Service out of the way."""
    return rename(letter, f"renaming {ks(letter)}")


ORDERS: dict[str, tuple[list[Entry], list[list[Short]]]] = {
    "nothing to do": ([named("a"), by_sid("b")], []),
    "renames that have nothing to do with each other": (
        renamed(a="x", b="y"),
        [[rename("a", "x"), rename("b", "y")]],
    ),
    "a chain": (renamed(a="b", b="c", c="x"), [[rename("c", "x")], [rename("b", "c")], [rename("a", "b")]]),
    "a swap": (renamed(a="b", b="a"), [[has_temporary_name("a")], [rename("b", "a")], [rename("a", "b")]]),
    "three in a circle": (
        renamed(a="b", b="c", c="a"),
        [[has_temporary_name("a")], [rename("c", "a")], [rename("b", "c")], [rename("a", "b")]],
    ),
    "two swaps": (
        renamed(a="b", b="a", c="d", d="c"),
        [
            [has_temporary_name("a")],
            [rename("b", "a")],
            [rename("a", "b")],
            [has_temporary_name("c")],
            [rename("d", "c")],
            [rename("c", "d")],
        ],
    ),
    "a swap beside a plain update": (
        [*renamed(a="b"), named("c", **TTL), *renamed(b="a")],
        [[("update", "c", TTL)], [has_temporary_name("a")], [rename("b", "a")], [rename("a", "b")]],
    ),
    "a swap beside a chain": (
        renamed(a="b", b="a", c="d", d="x"),
        [[rename("d", "x")], [rename("c", "d")], [has_temporary_name("a")], [rename("b", "a")], [rename("a", "b")]],
    ),
    "deleted, updated, created": (
        [named("x"), by_sid("a", unique_name="b"), gone("b"), named("a"), named("c", **TTL), gone("d")],
        [
            [("delete", "b", {}), ("delete", "d", {})],
            [rename("a", "b"), ("update", "c", TTL)],
            [("create", "x", {"unique_name": "x"}), ("create", "a", {"unique_name": "a"})],
        ],
    ),
}


@pytest.mark.parametrize("name", ORDERS)
def test_the_order(name: str) -> None:
    entries, batches = ORDERS[name]
    steps, found = plan_all(SERVICE, entries, there("a", "b", "c", "d"), KNOWN)
    assert found == []
    in_order = in_batches(SERVICE, steps)
    assert [short(batch) for batch in in_order] == batches
    away = [step for batch in in_order for step in batch if step.is_temporary_rename]
    assert short(away) == [step for batch in batches for step in batch if "renaming" in str(step)]


def test_what_is_updated_beside_a_swap_is_sent_with_the_last_step_of_it() -> None:
    entries = [by_sid("a", unique_name="b", **TTL), by_sid("b", unique_name="a")]
    a, b = there("a", "b")
    steps, _found = plan_all(SERVICE, entries, [a, b], KNOWN)
    (away,), (other,), (last,) = in_batches(SERVICE, steps)
    is_temporary_rename = {**a, "unique_name": f"renaming {ks('a')}"}
    assert away.entry is last.entry is entries[0]
    assert away.change == Change("update", a, is_temporary_rename, {"unique_name": f"renaming {ks('a')}"})
    assert other == steps[1]
    after = {**a, "unique_name": "b", **TTL, "date_updated": None}
    assert last.change == Change("update", is_temporary_rename, after, {"unique_name": "b", **TTL})
    assert (away.is_temporary_rename, other.is_temporary_rename, last.is_temporary_rename) == (True, False, False)


def test_a_rename_waits_for_nobody_without_a_name() -> None:
    objects = [service(sid=ks("a"), unique_name=None), *there("b")]
    steps, found = plan_all(SERVICE, [by_sid("a", unique_name="b"), by_sid("b", unique_name="c")], objects, KNOWN)
    assert found == []
    assert [short(batch) for batch in in_batches(SERVICE, steps)] == [
        [rename("b", "c")],
        [rename("a", "b")],
    ]


@st.composite
def accounts(draw: st.DrawFn) -> tuple[list[Entry], list[Object], Pruning | None]:
    """Services, some without a name, and entries that keep, rename, update, delete and create, in any order."""
    letters = draw(st.lists(st.sampled_from("abcdef"), unique=True))
    objects = [service(sid=ks(letter), unique_name=draw(st.sampled_from([letter] * 4 + [None]))) for letter in letters]
    names = st.sampled_from("abcdefxy")
    entries = []
    for letter in letters:
        what = draw(st.sampled_from(["unlisted", "kept", "renamed", "renamed", "renamed", "deleted"]))
        if what == "renamed":
            entries.append(by_sid(letter, unique_name=draw(names)))
        elif what == "kept":
            entries.append(by_sid(letter, **draw(st.sampled_from([{}, TTL]))))
        elif what == "deleted":
            entries.append(gone(letter))
    entries += [named(name, **draw(st.sampled_from([{}, TTL]))) for name in draw(st.sets(names, max_size=2))]
    assume(not named_twice(SERVICE, entries))
    return draw(st.permutations(entries)), objects, draw(st.sampled_from([None, Pruning(at_most=9)]))


def wanted_names(entries: list[Entry], objects: list[Object], pruning: Pruning | None) -> list[str]:
    """The names that there would be, were the entries to be had: one that is there twice cannot be had."""
    by_entry = {entry.sid: entry for entry in entries if entry.sid}
    by_name = {entry.desired["unique_name"] for entry in entries if not entry.sid}
    names = [entry.desired["unique_name"] for entry in entries if not entry.sid]
    for item in objects:
        entry = by_entry.get(item["sid"])
        meant_by_name = entry is None and item["unique_name"] in by_name
        if entry is not None and not entry.absent:
            names.append(entry.desired.get("unique_name", item["unique_name"]))
        elif entry is None and not meant_by_name and pruning is None:
            names.append(item["unique_name"])
    return [name for name in names if name is not None]


@given(accounts(), st.randoms())
def test_no_name_is_ever_had_by_two(account: tuple[list[Entry], list[Object], Pruning | None], random: t.Any) -> None:
    """Steps of a round in any order: no two Services have one name at any time, and in the end all is as wanted."""
    entries, objects, pruning = account
    steps, found = plan_all(SERVICE, entries, objects, KNOWN, pruning)
    names = wanted_names(entries, objects, pruning)
    assert bool(found) == (len(set(names)) < len(names))
    if found:
        return
    claimed = {item["sid"]: item["unique_name"] for item in objects}
    batches = in_batches(SERVICE, steps)
    for batch in batches:
        for step in random.sample(batch, len(batch)):
            sid = step.change.before["sid"] if step.change.before else f"new {step.entry.place}"
            if step.change.operation == "delete":
                del claimed[sid]
                continue
            if step.change.operation == "update":
                assert step.change.before is not None
                assert claimed[sid] == step.change.before["unique_name"]
            name = step.change.send.get("unique_name", claimed.get(sid))
            assert name is None or name not in [other for one, other in claimed.items() if one != sid]
            claimed[sid] = name
    assert sorted(name for name in claimed.values() if name) == sorted(names)
    done = [step for batch in batches for step in batch if not step.is_temporary_rename]
    assert sorted(step.entry.place for step in done) == sorted(
        step.entry.place for step in steps if step.change.operation != "none"
    )


# What lives in the objects

ONE, TWO, THREE = (f"+1202555010{digit}" for digit in "123")


def pn(phone_number: str) -> str:
    """The SID of the number."""
    return "PN" + phone_number[-1] * 32


def in_pool(*phone_numbers: str) -> list[Object]:
    """These numbers, as they are in a pool."""
    return [number(sid=pn(phone_number), phone_number=phone_number) for phone_number in phone_numbers]


def a_pool(
    place: str, wanted: t.Sequence[str], objects: list[Object], *, pruned: bool = False
) -> tuple[ChildrenPlan, list[str]]:
    """The pool of the entry at the place, which wants these numbers or SIDs, and what is wrong with it."""
    entries = [
        Entry(f"{place}.phone_numbers[{position}]", {"sid": one}, sid=one)
        if one.startswith("PN")
        else Entry(f"{place}.phone_numbers[{position}]", {"phone_number": one})
        for position, one in enumerate(wanted)
    ]
    pruning = Pruning(at_most=len(objects)) if pruned else None
    steps, found = plan_all(PHONE_NUMBER, entries, objects, KNOWN, pruning)
    return ChildrenPlan(place, objects, steps), found


def both_want(first: str, second: str, phone_number: str, by_sid: str = "") -> list[str]:
    """The sentence about what two pools want."""
    return [f"{first} and {second} both want the phone number '{phone_number}'{by_sid and f' ({by_sid})'}."]


A, B = "services[0]", "services[1]"
POOLS: dict[str, tuple[list[tuple[ChildrenPlan, list[str]]], list[str]]] = {
    "different numbers": ([a_pool(A, [ONE], []), a_pool(B, [TWO, pn(THREE)], [])], []),
    "one number in two": (
        [a_pool(A, [ONE], []), a_pool(B, [TWO, ONE], [])],
        both_want(f"{A}.phone_numbers[0]", f"{B}.phone_numbers[1]", ONE),
    ),
    "one SID in two": (
        [a_pool(A, [pn(ONE)], []), a_pool(B, [pn(ONE)], [])],
        both_want(f"{A}.phone_numbers[0]", f"{B}.phone_numbers[0]", pn(ONE)),
    ),
    "by SID in one and by number in the other": (
        [a_pool(A, [ONE], in_pool(ONE)), a_pool(B, [pn(ONE)], [])],
        both_want(f"{A}.phone_numbers[0]", f"{B}.phone_numbers[0]", ONE, pn(ONE)),
    ),
    "by number in one and by SID in the other": (
        [a_pool(A, [pn(ONE)], []), a_pool(B, [ONE], in_pool(ONE))],
        both_want(f"{A}.phone_numbers[0]", f"{B}.phone_numbers[0]", ONE, pn(ONE)),
    ),
    "by both in one, while it is moved there": (
        [a_pool(A, [], in_pool(ONE), pruned=True), a_pool(B, [ONE, pn(ONE)], [])],
        both_want(f"{B}.phone_numbers[0]", f"{B}.phone_numbers[1]", ONE, pn(ONE)),
    ),
    "moved": ([a_pool(A, [], in_pool(ONE), pruned=True), a_pool(B, [ONE], [])], []),
    "moved, by SID": ([a_pool(B, [pn(ONE)], []), a_pool(A, [], in_pool(ONE), pruned=True)], []),
    "exchanged": (
        [a_pool(A, [TWO], in_pool(ONE), pruned=True), a_pool(B, [pn(ONE)], in_pool(TWO), pruned=True)],
        [],
    ),
    "a number that another pool keeps": (
        [a_pool(A, [TWO], in_pool(ONE, TWO)), a_pool(B, [ONE], [])],
        [
            (
                f"{B}.phone_numbers[0]: the phone number '{ONE}' is in the pool of {A}, which keeps it"
                " without prune_phone_numbers."
            )
        ],
    ),
    "a SID that another pool keeps": (
        [a_pool(A, [pn(ONE)], []), a_pool(B, [], in_pool(ONE))],
        [
            (
                f"{A}.phone_numbers[0]: the phone number '{ONE}' is in the pool of {B}, which keeps it"
                " without prune_phone_numbers."
            )
        ],
    ),
    "what a pool keeps for itself": ([a_pool(A, [], in_pool(ONE)), a_pool(B, [TWO], in_pool(TWO))], []),
    "numbers without a number": (
        [
            a_pool(A, [pn(ONE)], [number(sid=pn(ONE), phone_number=None)]),
            a_pool(B, [pn(TWO)], [number(sid=pn(TWO), phone_number=None), number(sid=pn(THREE), phone_number=None)]),
        ],
        [],
    ),
}


@pytest.mark.parametrize("name", POOLS)
def test_what_two_pools_want(name: str) -> None:
    pools, found = POOLS[name]
    assert [wrong for _pool, wrong in pools] == [[] for _pool in pools]
    assert wanted_twice(PHONE_NUMBER, [children for children, _problems in pools]) == found


def test_one_number_by_sid_and_by_number_in_one_pool() -> None:
    _pool, found = a_pool(A, [ONE, pn(ONE)], in_pool(ONE))
    assert found == [f"{A}.phone_numbers[1] and {A}.phone_numbers[0] are both about the phone number {pn(ONE)}."]


def test_a_number_that_is_not_there_is_added_by_its_sid() -> None:
    wanted, found = a_pool(A, [pn(ONE)], in_pool(TWO))
    assert found == []
    assert [(step.change.operation, dict(step.change.send)) for step in wanted.steps] == [("create", {"sid": pn(ONE)})]
