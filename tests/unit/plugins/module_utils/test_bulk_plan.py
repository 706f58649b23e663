# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a list: the objects of the entries, pruning, the order of steps, and refusals."""

from __future__ import annotations

import typing as t
from dataclasses import replace

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
    wanted_from_unlisted,
    wanted_twice,
)
from ansible_collections.twilio.proxy.plugins.module_utils._plan import Change, name_is_taken, why_not
from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER, SERVICE, Object

from .made_up import ROOM, room
from .wire import number, service

KNOWN = {"account_sid": "AC1"}


def ks(letter: str) -> str:
    """Return the SID of the Service that has this letter as its name before the run."""
    return "KS" + letter * 32


def existing(*names: str) -> list[Object]:
    """Return Services with these names, each with the SID of its name."""
    return [service(sid=ks(name), unique_name=name) for name in names]


def named(name: str, **desired: t.Any) -> Entry:
    """Return an entry without a SID."""
    return Entry(f"by_name({name})", {"unique_name": name, **desired})


def renamed_to(name: str, *previous_names: str, **desired: t.Any) -> Entry:
    """Return an entry without a SID that has previous names."""
    return Entry(f"renamed_to({name})", {"unique_name": name, **desired}, previous_names=previous_names)


def by_sid(letter: str, **desired: t.Any) -> Entry:
    """Return an entry with the SID of the Service that has this name before the run."""
    return Entry(f"by_sid({letter})", desired, sid=ks(letter))


def absent_by_sid(letter: str, **desired: t.Any) -> Entry:
    """Return an entry that deletes the Service with this SID."""
    return Entry(f"absent_by_sid({letter})", desired, sid=ks(letter), absent=True)


def taken(place: str, holder: str, name: str) -> str:
    """Return the sentence about a name that another Service keeps."""
    return f"{place}: {name_is_taken(SERVICE, ks(holder), name)}"


Short = tuple[str, str, dict[str, t.Any]]


def short(steps: t.Iterable[Step]) -> list[Short]:
    """Return of each step the operation, the object (a letter of its SID, or a new name) and the values to send."""
    return [
        (
            step.change.operation,
            step.change.before["sid"][2] if step.change.before else step.entry.desired.get("unique_name", "?"),
            dict(step.change.send),
        )
        for step in steps
    ]


# Duplicates in a list


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([], []),
        ([named("a"), named("b"), by_sid("a"), by_sid("b")], []),
        ([named("a"), named("A"), named("a ")], []),
        ([named("a"), named("b"), named("a")], ["by_name(a) and by_name(a) both have the unique_name 'a'."]),
        # A deletion by SID frees the name for another entry. By name, the next run would delete the new object.
        ([absent_by_sid("a", unique_name="x"), named("x")], []),
        ([by_sid("b", unique_name="x"), absent_by_sid("a", unique_name="x")], []),
        (
            [named("x"), Entry("old", {"unique_name": "x"}, absent=True)],
            ["by_name(x) and old both have the unique_name 'x'."],
        ),
        ([by_sid("a", unique_name="b"), named("b")], ["by_sid(a) and by_name(b) both have the unique_name 'b'."]),
        (
            [by_sid("a"), by_sid("b"), absent_by_sid("a"), absent_by_sid("b")],
            [
                f"by_sid(a) and absent_by_sid(a) both have the sid '{ks('a')}'.",
                f"by_sid(b) and absent_by_sid(b) both have the sid '{ks('b')}'.",
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
        ([renamed_to("x", "a", "b", "a"), named("c"), renamed_to("y", "d")], []),
        ([absent_by_sid("a", unique_name="a"), renamed_to("x", "a")], []),
        (
            [renamed_to("x", "a", "b"), named("a")],
            ["renamed_to(x): the previous_name 'a' is also the unique_name of by_name(a)."],
        ),
        (
            [renamed_to("x", "a"), by_sid("b", unique_name="a"), renamed_to("y", "x")],
            [
                "renamed_to(x): the previous_name 'a' is also the unique_name of by_sid(b).",
                "renamed_to(y): the previous_name 'x' is also the unique_name of renamed_to(x).",
            ],
        ),
        (
            [renamed_to("x", "a"), renamed_to("y", "b", "a")],
            ["renamed_to(y): the previous_name 'a' is also the previous_name of renamed_to(x)."],
        ),
    ],
)
def test_entries_for_the_same_object_are_refused(entries: list[Entry], found: list[str]) -> None:
    assert named_twice(SERVICE, entries) == found


def test_a_duplicate_number_is_named_by_its_digits() -> None:
    entries = [Entry(place, {"phone_number": "+12025550101"}) for place in ("p[0]", "p[1]")]
    assert named_twice(PHONE_NUMBER, entries) == ["p[0] and p[1] both have the phone_number '+12025550101'."]


# The objects of the entries


class Row(t.NamedTuple):
    """The entries, the existing objects, and the expected steps: one per entry, in their order."""

    entries: list[Entry]
    objects: list[Object]
    steps: list[Short]


TTL = {"default_ttl": 5}
ROWS: dict[str, Row] = {
    "nothing": Row([], existing("a"), []),
    "created": Row([named("a", **TTL)], existing("b"), [("create", "a", {"unique_name": "a", **TTL})]),
    "as it is": Row([named("a"), by_sid("b")], existing("a", "b"), [("none", "a", {}), ("none", "b", {})]),
    "updated": Row(
        [named("a", **TTL), by_sid("b", **TTL)], existing("a", "b"), [("update", "a", TTL), ("update", "b", TTL)]
    ),
    "names are exact": Row([named("A")], existing("a"), [("create", "A", {"unique_name": "A"})]),
    "deleted": Row(
        [absent_by_sid("a"), Entry("by name", {"unique_name": "b"}, absent=True)],
        existing("a", "b"),
        [("delete", "a", {}), ("delete", "b", {})],
    ),
    "absent already": Row([absent_by_sid("a")], [], [("none", "?", {})]),
    "a SID and the name that goes with it": Row(
        [Entry("both", {"unique_name": "a"}, sid=ks("a"), absent=True)], existing("a"), [("delete", "a", {})]
    ),
    "renamed": Row([by_sid("a", unique_name="x")], existing("a", "b"), [("update", "a", {"unique_name": "x"})]),
    "a new object gets the old name of another one": Row(
        [named("a"), by_sid("a", unique_name="x")],
        existing("a"),
        [("create", "a", {"unique_name": "a"}), ("update", "a", {"unique_name": "x"})],
    ),
    "an object that is named by its SID is not named by its old name": Row(
        [by_sid("a", unique_name="x"), Entry("old", {"unique_name": "a"}, absent=True)],
        existing("a"),
        [("update", "a", {"unique_name": "x"}), ("none", "a", {})],
    ),
    "replaced by SID and name": Row(
        [named("a", **TTL), absent_by_sid("a", unique_name="a")],
        existing("a"),
        [("create", "a", {"unique_name": "a", **TTL}), ("delete", "a", {})],
    ),
    "replaced in an earlier run": Row(
        [named("a"), absent_by_sid("b", unique_name="a")], existing("a"), [("none", "a", {}), ("none", "a", {})]
    ),
    "a name that is freed by a deletion by SID and name": Row(
        [by_sid("a", unique_name="b"), absent_by_sid("b", unique_name="b")],
        existing("a", "b"),
        [("update", "a", {"unique_name": "b"}), ("delete", "b", {})],
    ),
    "replaced": Row(
        [absent_by_sid("a"), named("a")], existing("a"), [("delete", "a", {}), ("create", "a", {"unique_name": "a"})]
    ),
    "renamed by its previous name": Row(
        [renamed_to("x", "a", **TTL)], existing("a", "b"), [("update", "a", {"unique_name": "x", **TTL})]
    ),
    "renamed by one of its previous names": Row(
        [renamed_to("x", "y", "a", "z")], existing("a", "b"), [("update", "a", {"unique_name": "x"})]
    ),
    "renamed already": Row([renamed_to("a", "x", "y")], existing("a"), [("none", "a", {})]),
    "created, as none of its names exists": Row([renamed_to("x", "y")], [], [("create", "x", {"unique_name": "x"})]),
    "a previous name is that of an object that another entry renames by SID": Row(
        [by_sid("a", unique_name="x"), renamed_to("y", "a")],
        existing("a"),
        [("update", "a", {"unique_name": "x"}), ("create", "y", {"unique_name": "y"})],
    ),
    "renamed to a name that another one gives up": Row(
        [renamed_to("b", "a"), by_sid("b", unique_name="x")],
        existing("a", "b"),
        [("update", "a", {"unique_name": "b"}), ("update", "b", {"unique_name": "x"})],
    ),
    "renamed to a name that is freed by a deletion": Row(
        [renamed_to("b", "a"), absent_by_sid("b")],
        existing("a", "b"),
        [("update", "a", {"unique_name": "b"}), ("delete", "b", {})],
    ),
    "swapped": Row(
        [by_sid("a", unique_name="b"), by_sid("b", unique_name="a")],
        existing("a", "b"),
        [("update", "a", {"unique_name": "b"}), ("update", "b", {"unique_name": "a"})],
    ),
    "a name that is freed by a deletion": Row(
        [by_sid("a", unique_name="b"), absent_by_sid("b")],
        existing("a", "b"),
        [("update", "a", {"unique_name": "b"}), ("delete", "b", {})],
    ),
    "a name that is freed by a rename": Row(
        [by_sid("a", unique_name="b"), by_sid("b", unique_name="c")],
        existing("a", "b"),
        [("update", "a", {"unique_name": "b"}), ("update", "b", {"unique_name": "c"})],
    ),
    "a Service without a name does not block another one": Row(
        [by_sid("a", **TTL), named("b"), named("c")],
        [*existing("a", "b"), service(sid=ks("d"), unique_name=None)],
        [("update", "a", TTL), ("none", "b", {}), ("create", "c", {"unique_name": "c"})],
    ),
    "a Service with an empty name does not block another one": Row(
        [by_sid("a", **TTL), named("b"), named("c")],
        [*existing("a", "b"), service(sid=ks("d"), unique_name="")],
        [("update", "a", TTL), ("none", "b", {}), ("create", "c", {"unique_name": "c"})],
    ),
    "a Service without a name gets one": Row(
        [by_sid("d", unique_name="d")],
        [service(sid=ks("d"), unique_name=None), service(sid=ks("e"), unique_name=None)],
        [("update", "d", {"unique_name": "d"})],
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_each_entry_has_a_step(name: str) -> None:
    row = ROWS[name]
    steps, found = plan_all(SERVICE, row.entries, row.objects, KNOWN)
    assert found == []
    assert [step.entry for step in steps] == row.entries
    assert short(steps) == row.steps
    assert not any(step.is_temporary_rename for step in steps)
    assert all(step.children is None for step in steps)


def test_a_step_has_the_object_before_and_after() -> None:
    (new, changed), found = plan_all(SERVICE, [named("a"), named("b", **TTL)], existing("b"), KNOWN)
    (b,) = existing("b")
    assert found == []
    assert new.change.before is None
    assert new.change.after is not None
    assert (new.change.after["account_sid"], new.change.after["unique_name"]) == ("AC1", "a")
    assert changed.change == Change("update", b, {**b, **TTL, "date_updated": None}, TTL)


def both_exist(place: str, *letters: str) -> str:
    """Return the sentence about Services that one entry is about."""
    found = " and ".join(f"the Service '{letter}' ({ks(letter)})" for letter in letters)
    return (
        f"{place}: {found} exist, but this entry is about one Service. Delete the others, or remove their names from"
        " previous_name."
    )


REFUSED: dict[str, tuple[list[Entry], list[str]]] = {
    "the same by SID and by name": (
        [by_sid("a", **TTL), named("a")],
        [f"by_sid(a) and by_name(a) both name the Service {ks('a')}."],
    ),
    "the same by name and by SID with that name": (
        [named("a"), by_sid("a", unique_name="a")],
        [f"by_sid(a) and by_name(a) both name the Service {ks('a')}."],
    ),
    "a name that an unlisted one keeps": ([by_sid("a", unique_name="b")], [taken("by_sid(a)", "b", "b")]),
    "a name that a listed one keeps": (
        [by_sid("a", unique_name="b"), by_sid("b", **TTL)],
        [taken("by_sid(a)", "b", "b")],
    ),
    "the new and the previous name": ([renamed_to("a", "x", "b")], [both_exist("renamed_to(a)", "a", "b")]),
    "two previous names": ([renamed_to("x", "a", "b", "c")], [both_exist("renamed_to(x)", "a", "b", "c")]),
    "a previous name, and the same by SID": (
        [renamed_to("x", "a"), by_sid("a", **TTL)],
        [f"by_sid(a) and renamed_to(x) both name the Service {ks('a')}."],
    ),
    "a previous name, and a deletion by SID": (
        [renamed_to("x", "a"), absent_by_sid("a")],
        [f"{absent_by_sid('a').where} and renamed_to(x) both name the Service {ks('a')}."],
    ),
    "a SID that does not exist": (
        [by_sid("f")],
        [
            f"by_sid(f): {why_not(SERVICE, {}, ks('f'), None, absent=False)}",
        ],
    ),
    "a SID and another name": (
        [Entry("both", {"unique_name": "b"}, sid=ks("a"), absent=True)],
        [
            f"both: {why_not(SERVICE, {'unique_name': 'b'}, ks('a'), existing('a')[0], absent=True)}",
        ],
    ),
    "all problems are reported at once": (
        [by_sid("a", unique_name="c"), by_sid("b"), named("b")],
        [f"by_sid(b) and by_name(b) both name the Service {ks('b')}.", taken("by_sid(a)", "c", "c")],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_impossible_entries_are_refused_with_their_place(name: str) -> None:
    entries, sentences = REFUSED[name]
    assert plan_all(SERVICE, entries, existing("a", "b", "c"), KNOWN)[1] == sentences


# Pruning


def services(count: int) -> list[Object]:
    """Return this number of Services."""
    return [service(sid=f"KS{number:032d}", unique_name=f"s{number}") for number in range(count)]


def test_a_different_value_of_an_immutable_field_is_refused_with_its_place() -> None:
    entries = [Entry("rooms[0]", {"unique_name": "lobby", "kind": "closed"}), Entry("rooms[1]", {"unique_name": "b"})]
    steps, [problem] = plan_all(ROOM, entries, [room()], {}, Pruning())
    assert problem.startswith(f"rooms[0]: The Room 'lobby' ({room()['sid']}) has the kind 'open', not 'closed'")
    assert [step.change.operation for step in steps] == ["none", "create"]


@pytest.mark.parametrize(
    ("pruning", "entries", "pruned"),
    [
        (Pruning(at_most=4), [], ["a", "b", "c"]),
        (Pruning(at_most=3), [], ["a", "b", "c"]),
        (Pruning(at_most=3), [named("a"), by_sid("b"), named("x")], ["c"]),
        (Pruning(at_most=3), [absent_by_sid("a")], ["b", "c"]),
        (Pruning(at_most=3), [renamed_to("x", "a")], ["b", "c"]),
        (Pruning(at_most=3), [by_sid("a", unique_name="x"), named("a")], ["b", "c"]),
        (Pruning("[ac]", at_most=2), [], ["a", "c"]),
        (Pruning("[ac]"), [named("a")], ["c"]),
        (Pruning("x"), [], []),
        (Pruning(""), [named("a"), named("b")], ["c"]),
    ],
)
def test_objects_without_an_entry_are_pruned(pruning: Pruning, entries: list[Entry], pruned: list[str]) -> None:
    steps, found = plan_all(SERVICE, entries, existing("a", "b", "c"), KNOWN, pruning)
    assert found == []
    assert short(steps[len(entries) :]) == [("delete", letter, {}) for letter in pruned]
    for step in steps[len(entries) :]:
        assert step.entry.place == "prune"
        assert step.change.before is not None
        assert step.change.after is None
        assert (step.entry.sid, step.entry.absent) == (step.change.before["sid"], True)


def test_nothing_is_pruned_unless_that_is_asked_for() -> None:
    assert plan_all(SERVICE, [], existing("a"), KNOWN) == ([], [])


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
def test_pruning_is_bounded_by_the_pattern(name: str | None, matching: str | None, pruned: bool) -> None:
    steps, found = plan_all(SERVICE, [], [service(unique_name=name)], KNOWN, Pruning(matching))
    assert len(steps) == pruned
    assert found == []


def test_a_protected_object_can_be_deleted_by_an_entry() -> None:
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


def test_the_name_of_a_pruned_object_can_be_used() -> None:
    entries = [by_sid("a", unique_name="b"), named("c")]
    steps, found = plan_all(SERVICE, entries, existing("a", "b"), KNOWN, Pruning())
    assert found == []
    assert [operation for operation, *_about in short(steps)] == ["update", "create", "delete"]


@pytest.mark.parametrize(
    ("count", "allowed"), [(0, 1), (1, 1), (9, 1), (10, 1), (19, 1), (20, 2), (29, 2), (30, 3), (100, 10)]
)
def test_a_tenth_of_the_objects_or_one_may_be_pruned(count: int, allowed: int) -> None:
    objects = services(count)
    for to_delete in range(min(count, allowed + 2)):
        entries = [Entry(item["sid"], {}, sid=item["sid"]) for item in objects[to_delete:]]
        steps, found = plan_all(SERVICE, entries, objects, KNOWN, Pruning())
        assert len(steps) - len(entries) == (to_delete if to_delete <= allowed else 0)
        assert len(found) == (to_delete > allowed)


def test_too_many_objects_to_prune_are_refused_and_named() -> None:
    unnamed = service(sid=ks("f"), unique_name=None)  # which is not among them
    steps, found = plan_all(SERVICE, [named("c")], [unnamed, *existing("a", "b", "c")], KNOWN, Pruning(at_most=1))
    assert found == [
        (
            "prune: 2 Services are not in the list and would be deleted, but the limit is 1 (max_deletions): 'a', 'b'."
            " Add those to keep to the list, limit prune with prune_matching, or set max_deletions to 2."
        )
    ]
    assert short(steps) == [("none", "c", {})]
    (sentence,) = plan_all(SERVICE, [], existing("a"), KNOWN, Pruning(at_most=0))[1]
    assert sentence.startswith("prune: 1 Service is not in the list ")


def test_too_many_objects_to_prune_do_not_hide_other_problems() -> None:
    entries = [by_sid("a"), named("a")]
    found = plan_all(SERVICE, entries, existing("a", "b", "c"), KNOWN, Pruning())[1]
    assert [sentence.split(" ", 1)[0] for sentence in found] == ["by_sid(a)", "prune:"]


@pytest.mark.parametrize(("count", "more"), [(10, "'s9'."), (11, "'s9' and 1 more."), (25, "'s9' and 15 more.")])
def test_ten_of_too_many_objects_to_prune_are_named(count: int, more: str) -> None:
    allowed = max(1, count // 10)
    (sentence,) = plan_all(SERVICE, [], services(count), KNOWN, Pruning())[1]
    assert sentence.startswith(
        f"prune: {count} Services are not in the list and would be deleted, but the limit is {allowed}"
        f" (10 % of {count}, at least 1): 's0', 's1',"
    )
    assert f"{more} Add those to keep" in sentence


# The order


def renamed(**names: str) -> list[Entry]:
    """Return an entry for each Service that gets another name."""
    return [by_sid(letter, unique_name=name) for letter, name in names.items()]


def rename(letter: str, name: str) -> Short:
    """Return the step that gives the Service its name."""
    return ("update", letter, {"unique_name": name})


def temporary_rename(letter: str) -> Short:
    """Return the step that gives the Service a temporary name."""
    return rename(letter, f"renaming {ks(letter)}")


ORDERS: dict[str, tuple[list[Entry], list[list[Short]]]] = {
    "nothing to do": ([named("a"), by_sid("b")], []),
    "renames that have nothing to do with each other": (
        renamed(a="x", b="y"),
        [[rename("a", "x"), rename("b", "y")]],
    ),
    "a chain": (renamed(a="b", b="c", c="x"), [[rename("c", "x")], [rename("b", "c")], [rename("a", "b")]]),
    "a swap": (renamed(a="b", b="a"), [[temporary_rename("a")], [rename("b", "a")], [rename("a", "b")]]),
    "three in a circle": (
        renamed(a="b", b="c", c="a"),
        [[temporary_rename("a")], [rename("c", "a")], [rename("b", "c")], [rename("a", "b")]],
    ),
    "two swaps": (
        renamed(a="b", b="a", c="d", d="c"),
        [
            [temporary_rename("a")],
            [rename("b", "a")],
            [rename("a", "b")],
            [temporary_rename("c")],
            [rename("d", "c")],
            [rename("c", "d")],
        ],
    ),
    "a swap beside a rename by previous name to a name that is given up": (
        [*renamed(a="b", b="a", c="x"), renamed_to("c", "d")],
        [
            [rename("c", "x")],
            [rename("d", "c")],
            [temporary_rename("a")],
            [rename("b", "a")],
            [rename("a", "b")],
        ],
    ),
    "a swap beside a plain update": (
        [*renamed(a="b"), named("c", **TTL), *renamed(b="a")],
        [[("update", "c", TTL)], [temporary_rename("a")], [rename("b", "a")], [rename("a", "b")]],
    ),
    "a swap beside a chain": (
        renamed(a="b", b="a", c="d", d="x"),
        [[rename("d", "x")], [rename("c", "d")], [temporary_rename("a")], [rename("b", "a")], [rename("a", "b")]],
    ),
    "deleted, updated, created": (
        [
            named("x"),
            by_sid("a", unique_name="b"),
            absent_by_sid("b"),
            named("a"),
            named("c", **TTL),
            absent_by_sid("d"),
        ],
        [
            [("delete", "b", {}), ("delete", "d", {})],
            [rename("a", "b"), ("update", "c", TTL)],
            [("create", "x", {"unique_name": "x"}), ("create", "a", {"unique_name": "a"})],
        ],
    ),
}


@pytest.mark.parametrize("name", ORDERS)
def test_steps_are_in_the_right_order(name: str) -> None:
    entries, batches = ORDERS[name]
    steps, found = plan_all(SERVICE, entries, existing("a", "b", "c", "d"), KNOWN)
    assert found == []
    in_order = in_batches(SERVICE, steps)
    assert [short(batch) for batch in in_order] == batches
    temporary = [step for batch in in_order for step in batch if step.is_temporary_rename]
    assert short(temporary) == [step for batch in batches for step in batch if "renaming" in str(step)]


def test_other_fields_of_a_swap_are_sent_with_its_last_rename() -> None:
    entries = [by_sid("a", unique_name="b", **TTL), by_sid("b", unique_name="a")]
    a, b = existing("a", "b")
    steps, _found = plan_all(SERVICE, entries, [a, b], KNOWN)
    (temporary,), (other,), (last,) = in_batches(SERVICE, steps)
    renamed_object = {**a, "unique_name": f"renaming {ks('a')}"}
    assert temporary.entry is last.entry is entries[0]
    assert temporary.change == Change("update", a, renamed_object, {"unique_name": f"renaming {ks('a')}"})
    assert other == steps[1]
    after = {**a, "unique_name": "b", **TTL, "date_updated": None}
    assert last.change == Change("update", renamed_object, after, {"unique_name": "b", **TTL})
    assert (temporary.is_temporary_rename, other.is_temporary_rename, last.is_temporary_rename) == (True, False, False)


def test_an_object_without_a_name_delays_no_rename() -> None:
    objects = [service(sid=ks("a"), unique_name=None), *existing("b")]
    steps, found = plan_all(SERVICE, [by_sid("a", unique_name="b"), by_sid("b", unique_name="c")], objects, KNOWN)
    assert found == []
    assert [short(batch) for batch in in_batches(SERVICE, steps)] == [
        [rename("b", "c")],
        [rename("a", "b")],
    ]


class Account(t.NamedTuple):
    """The entries of a list, the Services of the account, and how to prune."""

    entries: list[Entry]
    objects: list[Object]
    pruning: Pruning | None


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """Draw Services, some without a name, and entries that keep, rename, update, delete and create, in any order."""
    letters = draw(st.lists(st.sampled_from("abcdef"), unique=True))
    objects = [service(sid=ks(letter), unique_name=draw(st.sampled_from([letter] * 4 + [None]))) for letter in letters]
    names = st.sampled_from("abcdefxy")
    entries = []
    for letter in letters:
        case = draw(st.sampled_from(["unlisted", "unlisted", "kept", "renamed", "renamed", "renamed", "deleted"]))
        if case == "renamed":
            entries.append(by_sid(letter, unique_name=draw(names)))
        elif case == "kept":
            entries.append(by_sid(letter, **draw(st.sampled_from([{}, TTL]))))
        elif case == "deleted":
            entries.append(absent_by_sid(letter))
    for name in draw(st.sets(names, max_size=2)):
        previous = draw(st.lists(st.sampled_from("abcdefz".replace(name, "")), max_size=2))
        entries.append(renamed_to(name, *previous, **draw(st.sampled_from([{}, TTL]))))
    assume(not named_twice(SERVICE, entries))
    return Account(draw(st.permutations(entries)), objects, draw(st.sampled_from([None, Pruning(at_most=9)])))


def wanted_names(account: Account) -> list[str]:
    """Return the names after the run. A name that occurs twice is not possible."""
    entries, objects, pruning = account
    by_entry = {entry.sid: entry for entry in entries if entry.sid}

    def name_after(item: Object) -> str | None:
        """Return the name that an entry with the SID gives, the present one without such an entry."""
        entry = by_entry.get(item["sid"])
        return (
            None if entry and entry.absent else (entry.desired if entry else {}).get("unique_name", item["unique_name"])
        )

    names = [name_after(item) for item in objects if item["sid"] in by_entry]
    meant_by_name = []
    for entry in entries:
        if entry.sid is None:
            its_names = (entry.desired["unique_name"], *entry.previous_names)
            found = [item for item in objects if item["unique_name"] in its_names]
            meant = [item for item in found if name_after(item) == item["unique_name"]]
            to_delete = [item for item in found if item["sid"] in by_entry and by_entry[item["sid"]].absent]
            is_possible = (
                len(meant) <= 1
                and not any(item["sid"] in by_entry for item in meant)
                and not any(item["unique_name"] in entry.previous_names for item in to_delete)
            )
            names += [entry.desired["unique_name"]] * (1 if is_possible else 2)
            meant_by_name += [item["sid"] for item in meant]
    if pruning is None:
        names += [item["unique_name"] for item in objects if item["sid"] not in {*by_entry, *meant_by_name}]
    return [name for name in names if name is not None]


def do(steps: t.Iterable[Step], objects: list[Object]) -> None:
    """Do the steps, and check that no two Services have the same name in between."""
    for step in steps:
        before, after = step.change.before, step.change.after
        if before is not None:
            (current,) = [item for item in objects if item["sid"] == before["sid"]]
            assert current["unique_name"] == before["unique_name"]
            objects.remove(current)
        if after is not None:
            objects.append({**after, "sid": after["sid"] or f"KS of {after['unique_name']}"})
        names = [item["unique_name"] for item in objects if item["unique_name"]]
        assert len(names) == len(set(names))


@given(accounts(), st.randoms(), st.integers(0, 12))
def test_no_two_services_ever_have_the_same_name(account: Account, random: t.Any, done: int) -> None:
    """The steps of a batch may be done in any order, and all names are as wanted in the end.

    The same holds if the run is interrupted after some steps, and the list is applied again.
    """
    entries, objects, pruning = account
    steps, found = plan_all(SERVICE, entries, objects, KNOWN, pruning)
    names = wanted_names(account)
    assert bool(found) == (len(set(names)) < len(names))
    if found:
        return
    pruned = {step.change.before["sid"] for step in steps[len(entries) :] if step.change.before}
    assert not pruned & {step.change.before["sid"] for step in steps[: len(entries)] if step.change.before}
    batches = in_batches(SERVICE, steps)
    in_order = [step for batch in batches for step in random.sample(batch, len(batch))]
    completed = [step for step in in_order if not step.is_temporary_rename]
    assert sorted(step.entry.place for step in completed) == sorted(
        step.entry.place for step in steps if step.change.operation != "none"
    )
    for interrupted in (False, True):
        current = [dict(item) for item in objects]
        do(in_order[:done] if interrupted else in_order, current)
        if interrupted:
            rest, problems = plan_all(SERVICE, entries, current, KNOWN, pruning)
            assert problems == []
            do((step for batch in in_batches(SERVICE, rest) for step in batch), current)
        assert sorted(item["unique_name"] for item in current if item["unique_name"]) == sorted(names)


# Children of the objects

ONE, TWO, THREE = (f"+1202555010{digit}" for digit in "123")


def pn(phone_number: str) -> str:
    """Return the SID of the number."""
    return "PN" + phone_number[-1] * 32


def in_pool(*phone_numbers: str) -> list[Object]:
    """Return these numbers as objects of a pool."""
    return [number(sid=pn(phone_number), phone_number=phone_number) for phone_number in phone_numbers]


def pool_plan(
    place: str, wanted: t.Sequence[str], objects: list[Object], *, pruned: bool = False
) -> tuple[ChildrenPlan, list[str]]:
    """Return the plan for the pool of the entry at the place, which wants these numbers or SIDs, and its problems."""
    entries = [
        Entry(f"{place}.phone_numbers[{position}]", {"sid": wanted_name}, sid=wanted_name)
        if wanted_name.startswith("PN")
        else Entry(f"{place}.phone_numbers[{position}]", {"phone_number": wanted_name})
        for position, wanted_name in enumerate(wanted)
    ]
    pruning = Pruning(at_most=len(objects)) if pruned else None
    steps, found = plan_all(PHONE_NUMBER, entries, objects, KNOWN, pruning)
    return ChildrenPlan(place, objects, steps), found


def wanted_by_both(first: str, second: str, phone_number: str, by_sid: str = "") -> list[str]:
    """Return the sentence about a number that two entries want."""
    name = f"the phone number '{phone_number}'{by_sid and f' ({by_sid})'}"
    return [f"{first} and {second} both name {name}, which can be in one pool only."]


A, B = "services[0]", "services[1]"
POOLS: dict[str, tuple[list[tuple[ChildrenPlan, list[str]]], list[str]]] = {
    "different numbers": ([pool_plan(A, [ONE], []), pool_plan(B, [TWO, pn(THREE)], [])], []),
    "one number in two": (
        [pool_plan(A, [ONE], []), pool_plan(B, [TWO, ONE], [])],
        wanted_by_both(f"{A}.phone_numbers[0]", f"{B}.phone_numbers[1]", ONE),
    ),
    "one SID in two": (
        [pool_plan(A, [pn(ONE)], []), pool_plan(B, [pn(ONE)], [])],
        wanted_by_both(f"{A}.phone_numbers[0]", f"{B}.phone_numbers[0]", pn(ONE)),
    ),
    "by SID in one and by number in the other": (
        [pool_plan(A, [ONE], in_pool(ONE)), pool_plan(B, [pn(ONE)], [])],
        wanted_by_both(f"{A}.phone_numbers[0]", f"{B}.phone_numbers[0]", ONE, pn(ONE)),
    ),
    "by number in one and by SID in the other": (
        [pool_plan(A, [pn(ONE)], []), pool_plan(B, [ONE], in_pool(ONE))],
        wanted_by_both(f"{A}.phone_numbers[0]", f"{B}.phone_numbers[0]", ONE, pn(ONE)),
    ),
    "by both in one, to which it moves": (
        [pool_plan(A, [], in_pool(ONE), pruned=True), pool_plan(B, [ONE, pn(ONE)], [])],
        wanted_by_both(f"{B}.phone_numbers[0]", f"{B}.phone_numbers[1]", ONE, pn(ONE)),
    ),
    "moved": ([pool_plan(A, [], in_pool(ONE), pruned=True), pool_plan(B, [ONE], [])], []),
    "moved, by SID": ([pool_plan(B, [pn(ONE)], []), pool_plan(A, [], in_pool(ONE), pruned=True)], []),
    "exchanged": (
        [pool_plan(A, [TWO], in_pool(ONE), pruned=True), pool_plan(B, [pn(ONE)], in_pool(TWO), pruned=True)],
        [],
    ),
    "a number that another pool keeps": (
        [pool_plan(A, [TWO], in_pool(ONE, TWO)), pool_plan(B, [ONE], [])],
        [
            (
                f"{B}.phone_numbers[0]: the phone number '{ONE}' is in the pool of {A} and stays there, because"
                " prune_phone_numbers is not true."
            )
        ],
    ),
    "a SID that another pool keeps": (
        [pool_plan(A, [pn(ONE)], []), pool_plan(B, [], in_pool(ONE))],
        [
            (
                f"{A}.phone_numbers[0]: the phone number '{ONE}' is in the pool of {B} and stays there, because"
                " prune_phone_numbers is not true."
            )
        ],
    ),
    "numbers that stay in their pools": ([pool_plan(A, [], in_pool(ONE)), pool_plan(B, [TWO], in_pool(TWO))], []),
    "numbers without a number": (
        [
            pool_plan(A, [pn(ONE)], [number(sid=pn(ONE), phone_number=None)]),
            pool_plan(B, [pn(TWO)], [number(sid=pn(TWO), phone_number=None), number(sid=pn(THREE), phone_number=None)]),
        ],
        [],
    ),
}


@pytest.mark.parametrize("name", POOLS)
def test_a_number_in_two_pools_is_refused(name: str) -> None:
    pools, found = POOLS[name]
    assert [wrong for _pool, wrong in pools] == [[] for _pool in pools]
    assert wanted_twice(PHONE_NUMBER, [children for children, _problems in pools]) == found


def test_a_number_named_by_sid_and_by_digits_in_one_pool_is_refused() -> None:
    _pool, found = pool_plan(A, [ONE, pn(ONE)], in_pool(ONE))
    assert found == [f"{A}.phone_numbers[1] and {A}.phone_numbers[0] both name the phone number {pn(ONE)}."]


def test_a_number_outside_the_pool_is_added_by_its_sid() -> None:
    wanted, found = pool_plan(A, [pn(ONE)], in_pool(TWO))
    assert found == []
    assert [(step.change.operation, dict(step.change.send)) for step in wanted.steps] == [("create", {"sid": pn(ONE)})]


def creation(*wanted: str, name: str = "x") -> Step:
    """Return the step that creates a Service with these numbers or SIDs of numbers."""
    numbers = tuple(
        Entry(f"pool[{position}]", {"sid": key}, sid=key) if key.startswith("PN") else Entry("", {"phone_number": key})
        for position, key in enumerate(wanted)
    )
    return Step(replace(named(name), children=numbers), Change("create", None, service(sid=None, unique_name=name), {}))


def test_numbers_of_unlisted_services_are_a_problem_of_the_entry_that_wants_them() -> None:
    a, b, unnamed = *existing("a", "b"), service(sid=ks("c"), unique_name=None)
    pools = [(a, in_pool(ONE, TWO)), (b, []), (unnamed, in_pool(THREE))]
    updated = Step(replace(named("b"), children=(Entry("", {"phone_number": ONE}),)), Change("update", b, b, TTL))
    steps = [creation(ONE, pn(TWO), THREE), updated, creation("+12025550109", name="y"), creation(name="z")]
    problems, warnings = wanted_from_unlisted(SERVICE, steps, pools)
    assert problems == [
        (
            f"by_name(x): the Service 'a' ({ks('a')}) is not in the list and has 2 of these phone numbers."
            " To rename it, add previous_name: 'a'."
        ),
        (
            f"by_name(x): the Service {ks('c')} is not in the list and has 1 of these phone numbers."
            f" To rename it, add sid: {ks('c')}."
        ),
    ]
    assert warnings == []


def test_numbers_of_pruned_services_are_a_warning() -> None:
    (a,) = existing("a")
    prune = Step(Entry("prune", {}, sid=ks("a"), absent=True), Change("delete", a, None, {}))
    problems, warnings = wanted_from_unlisted(SERVICE, [creation(ONE), prune], [(a, in_pool(ONE, TWO))])
    assert problems == []
    (warning,) = warnings
    assert warning == (
        f"by_name(x): pruning deletes the Service 'a' ({ks('a')}), and this entry creates a Service with 1 of its"
        " phone numbers. To rename it instead, add previous_name: 'a'."
    )
