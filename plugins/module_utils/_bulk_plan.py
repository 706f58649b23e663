# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Plan the changes of a list of objects, and their order. Pure: no I/O, no Ansible.

A whole run is planned before its first change, so that it can be refused as a whole. Problems are sentences that begin
with the place of an entry.
"""

from __future__ import annotations

import re
import typing as t
from collections import Counter, defaultdict
from dataclasses import dataclass, replace

from ansible_collections.twilio.proxy.plugins.module_utils._plan import (
    Change,
    PreconditionError,
    name_is_taken,
    plan,
    why_not,
)
from ansible_collections.twilio.proxy.plugins.module_utils._resources import Object, Resource
from ansible_collections.twilio.proxy.plugins.module_utils._validation import label, listed, quoted

#: What can happen to an entry, in the order in which a summary counts it.
OPERATIONS = ("created", "updated", "deleted", "unchanged", "failed", "not_attempted")


@dataclass(frozen=True)
class Entry:
    """One entry of a list: the object that it names, and the desired state of that.

    ``place`` is the entry's position in the list, and ``names`` what names its object and the parent of that, for
    messages. ``children`` are the entries about the object's children, None if those are not managed. An object with
    one of the ``previous_names`` is renamed. See Desired for ``may_be_absent``.
    """

    place: str
    desired: t.Mapping[str, t.Any]
    sid: str | None = None
    absent: bool = False
    children: tuple[Entry, ...] | None = None
    previous_names: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    may_be_absent: bool = False

    @property
    def where(self) -> str:
        """The place and the names: names are easier to find than positions."""
        return place_of(self.place, self.names)


@dataclass(frozen=True)
class Pruning:
    """Which objects that no entry names are deleted: those whose name matches, and how many at most.

    ``place`` is the option that asks for it, and ``names`` are those of the parent, for messages.
    """

    matching: str | None = None
    at_most: int | None = None
    place: str = "prune"
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """An entry, and the change that it asks for. The entry of a pruned object is made up.

    ``is_temporary_rename`` marks a step before that one: the object gives its name away.
    """

    entry: Entry
    change: Change
    children: tuple[Step, ...] | None = None
    is_temporary_rename: bool = False


def place_of(place: str, names: t.Sequence[str]) -> str:
    """Return a place in a list for a message, with the names of the objects there."""
    return f"{place} ({', '.join(quoted(name) for name in names)})" if names else place


@dataclass(frozen=True)
class ListPlan:
    """The plan for a list: its steps, and warnings about them.

    ``left_alone`` are the objects that no entry names and that stay, and ``children_left_alone`` the number of children
    that no entry names and that stay in pools that are managed.
    """

    steps: list[Step]
    warnings: t.Sequence[str] = ()
    left_alone: t.Sequence[Object] = ()
    children_left_alone: int = 0


def named_twice(resource: Resource, entries: t.Sequence[Entry]) -> list[str]:
    """Return a sentence for each two entries with the same SID or name, or the same previous name."""
    problems = []
    names: dict[t.Any, Entry] = {}
    for option in ("sid", resource.name_field):
        names = {}
        for entry in entries:
            value = entry.sid if option == "sid" else _claimed_name(resource, entry)
            if not isinstance(value, str):
                continue
            if value in names:
                problems.append(f"{names[value].where} and {entry.where} both have the {option} {quoted(value)}.")
            else:
                names[value] = entry
    previous: dict[str, Entry] = {}
    for entry in entries:
        for name in entry.previous_names:
            other = names.get(name, previous.get(name))
            if other is not None and other is not entry:
                option = resource.name_field if name in names else "previous_name"
                problems.append(
                    f"{entry.where}: the previous_name {quoted(name)} is also the {option} of {other.where}."
                )
            previous[name] = entry
    return problems


def _claimed_name(resource: Resource, entry: Entry) -> t.Any:
    # An object that is deleted by its SID frees its name for another one.
    return None if entry.absent and entry.sid is not None else entry.desired.get(resource.name_field)


def plan_all(
    resource: Resource,
    entries: t.Sequence[Entry],
    objects: t.Sequence[Object],
    predicted_values: t.Mapping[str, t.Any],
    pruning: Pruning | None = None,
) -> tuple[list[Step], list[str]]:
    """Return a step for each entry, then one for each object that is pruned, and the problems."""
    located, problems = _locate_all(resource, entries, objects)
    steps = []
    for entry, current in zip(entries, located):
        try:
            change = plan(resource, entry.desired, current, absent=entry.absent, predicted_values=predicted_values)
        except PreconditionError as error:
            problems.append(f"{entry.where}: {error.reason}")
            change = Change("none", current, current, {})
        steps.append(Step(entry, change))
    if pruning is not None:
        pruned, excess = _prune(resource, steps, objects, pruning)
        steps += pruned
        problems += excess
    return steps, problems + _names_in_the_way(resource, steps, objects)


def _locate_all(
    resource: Resource, entries: t.Sequence[Entry], objects: t.Sequence[Object]
) -> tuple[list[Object | None], list[str]]:
    # A SID goes before a name: an object that one entry names by its SID is not meant by its old name in another
    # entry, unless the first one leaves it that name.
    by_sid = {item["sid"]: item for item in objects}
    by_name = {item[resource.name_field]: item for item in objects}
    entries_by_sid = {entry.sid: entry for entry in entries if entry.sid is not None}
    located: list[Object | None] = []
    problems = []
    for entry in entries:
        if entry.sid is not None:
            current = by_sid.get(entry.sid)
            refusal = why_not(resource, entry.desired, entry.sid, current, entry.absent)
            if refusal is not None:
                problems.append(f"{entry.where}: {refusal}")
            located.append(current)
            continue
        found = []
        for name in (entry.desired[resource.name_field], *entry.previous_names):
            item = by_name.get(name)
            other = entries_by_sid.get(item["sid"]) if item is not None else None
            if other is not None and (
                # To rename an object and to delete it is a contradiction. To replace it by one of its name is not.
                name in entry.previous_names if other.absent else other.desired.get(resource.name_field, name) == name
            ):
                problems.append(f"{other.where} and {entry.where} both name the {resource.name} {other.sid}.")
            elif other is not None:
                item = None
            if item is not None:
                found.append(item)
        if len(found) > 1:
            problems.append(
                f"{entry.where}: {' and '.join(f'the {label(resource, item)}' for item in found)} exist, but this"
                f" entry is about one {resource.name}. Delete the others, or remove their names from previous_name."
            )
        located.append(found[0] if found else None)
    return located, problems


def _prune(
    resource: Resource, steps: t.Sequence[Step], objects: t.Sequence[Object], pruning: Pruning
) -> tuple[list[Step], list[str]]:
    named = {step.change.before["sid"] for step in steps if step.change.before is not None}
    to_delete = [item for item in objects if item["sid"] not in named and _may_be_pruned(resource, item, pruning)]
    unnamed = [item["sid"] for item in to_delete if not item[resource.name_field]]
    if unnamed and any(step.entry.sid is None for step in steps):
        place = place_of(pruning.place, pruning.names)
        problem = (
            f"{place}: the {resource.name} {unnamed[0]} has no {resource.name_field} in Twilio's answer, so it"
            f" may be one that the list names. Name the {resource.name}s of this list by sid, or do not prune it."
        )
        return [], [problem]
    allowed = max(1, len(objects) // 10) if pruning.at_most is None else pruning.at_most
    if len(to_delete) <= allowed:
        return [_deletion(resource, item, pruning) for item in to_delete], []
    # All of them have a name: one without is pruned only as a child, and their number is not limited.
    names = listed([quoted(item[resource.name_field]) for item in to_delete])
    limit = f"10 % of {len(objects)}, at least 1" if pruning.at_most is None else "max_deletions"
    are = " is" if len(to_delete) == 1 else "s are"
    problem = (
        f"prune: {len(to_delete)} {resource.name}{are} not in the list and would be deleted, but the limit is {allowed}"
        f" ({limit}): {names}. Add those to keep to the list, limit prune with prune_matching, or set max_deletions to"
        f" {len(to_delete)}."
    )
    return [], [problem]


def _may_be_pruned(resource: Resource, item: Object, pruning: Pruning) -> bool:
    name = item[resource.name_field]
    # A list cannot name an object without a name. A child is pruned anyway: its whole pool is managed.
    if name in resource.protected_names or (not name and resource.parent is None):
        return False
    return pruning.matching is None or re.search(pruning.matching, name) is not None


def _deletion(resource: Resource, item: Object, pruning: Pruning) -> Step:
    names = (*pruning.names, item[resource.name_field] or item["sid"])
    entry = Entry(pruning.place, {}, sid=item["sid"], absent=True, names=names)
    return Step(entry, Change("delete", item, None, {}))


def _names_in_the_way(resource: Resource, steps: t.Sequence[Step], objects: t.Sequence[Object]) -> list[str]:
    names_in_use = {item[resource.name_field]: item["sid"] for item in objects if item[resource.name_field]}
    for step in steps:
        before, after = step.change.before, step.change.after
        if before is not None and (after is None or after[resource.name_field] != before[resource.name_field]):
            names_in_use.pop(before[resource.name_field], None)
    wanted = (
        (step.entry.where, step.change.send[resource.name_field])
        for step in steps
        if resource.name_field in step.change.send
    )
    return [
        f"{place}: {name_is_taken(resource, names_in_use[name], name)}"
        for place, name in wanted
        if name in names_in_use
    ]


def in_batches(resource: Resource, steps: t.Sequence[Step]) -> list[list[Step]]:
    """Return the steps that change something, in batches. Those of one batch may be done in any order.

    Deletions come first, then updates, then creations. An object gets a name in a later batch than the one in which
    another object gives it up.
    """
    by_operation: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        by_operation[step.change.operation].append(step)
    updates = _updates_in_batches(resource, by_operation["update"])
    batches = [by_operation["delete"], *updates, by_operation["create"]]
    return [batch for batch in batches if batch]


def _updates_in_batches(resource: Resource, waiting: list[Step]) -> list[list[Step]]:
    batches = []
    while waiting:
        claimed = {
            _before(step)[resource.name_field] for step in waiting if resource.name_field in step.change.send
        } - {None}
        ready = [step for step in waiting if step.change.send.get(resource.name_field) not in claimed]
        if ready:
            waiting = [step for step in waiting if step.change.send.get(resource.name_field) in claimed]
            batches.append(ready)
            continue
        # Objects wait for each other's names in a cycle. One of them gets a temporary name, which breaks the cycle.
        first, *others = waiting
        new_name = {resource.name_field: temporary_name(_before(first)["sid"])}
        after = {**_before(first), **new_name}
        rename = Change("update", first.change.before, after, new_name)
        batches.append([replace(first, change=rename, is_temporary_rename=True)])
        waiting = [replace(first, change=replace(first.change, before=after)), *others]
    return batches


def temporary_name(sid: str) -> str:
    """Return the name of the object with this SID while other objects change their names."""
    return f"renaming {sid}"


def _before(step: Step) -> Object:
    return t.cast(Object, step.change.before)


def turn(step: Step) -> int:
    """Return the turn of a step about a child: all steps of one turn come before those of the next.

    A child that moves has to be removed from the first parent before it is added to the second. Children are added by
    SID before others are added by name: the answer has the name, which may be the one of another entry.
    """
    if step.change.operation == "delete":
        return 0
    return 1 if "sid" in step.change.send else 2


@dataclass(frozen=True)
class ChildrenPlan:
    """The plan for the children of one object: the place of its entry, its current children, and the steps."""

    where: str
    objects: t.Sequence[Object]
    steps: t.Sequence[Step]


def wanted_twice(resource: Resource, plans: t.Sequence[ChildrenPlan]) -> list[str]:
    """Return a sentence for each child that two parents want, or that one wants and another one keeps."""
    names = names_of(resource, [item for children in plans for item in children.objects])
    wanted = wanted_by(resource, [step for children in plans for step in children.steps], names)
    problems = []
    for name, (first, *others) in wanted.items():
        # One entry may name a child by its SID, and another one by its name.
        sid = next((f" ({entry.sid})" for entry in (first, *others) if entry.sid not in (None, name)), "")
        child = f"{resource.name} {quoted(name)}{sid}"
        problems += [
            f"{first.where} and {other.where} both name the {child}, which can be in one pool only." for other in others
        ]
    for children in plans:
        named = {_name_in(resource, step, names) for step in children.steps}
        for item in children.objects:
            name = names[item["sid"]]
            if name not in named and name in wanted:
                problems.append(
                    f"{wanted[name][0].where}: the {resource.name} {quoted(name)} is in the pool of {children.where}"
                    f" and stays there, because prune_{resource.list_key} is not true."
                )
    return problems


def wanted_from_unlisted(
    resource: Resource, steps: t.Sequence[Step], unlisted: t.Iterable[tuple[Object, t.Iterable[Object]]]
) -> tuple[list[str], list[str]]:
    """Return the problems, and the warnings, about children of unlisted objects that new objects want.

    Twilio would refuse such a child. It is a warning if pruning deletes the unlisted object first: that may have been
    meant as a rename.
    """
    child = resource.child
    owners = {
        key: item
        for item, children in unlisted
        for child_item in children
        for key in (child_item["sid"], child_item[child.name_field])
    }
    to_delete = {_before(step)["sid"] for step in steps if step.change.operation == "delete"}
    problems, warnings = [], []
    for step in steps:
        if step.change.operation != "create":
            continue
        wanted = [owners.get(entry.sid or entry.desired.get(child.name_field)) for entry in step.entry.children or ()]
        by_sid = {item["sid"]: item for item in wanted if item is not None}
        for sid, count in Counter(item["sid"] for item in wanted if item is not None).items():
            name = by_sid[sid][resource.name_field]
            advice = f"add previous_name: {quoted(name)}." if name else f"add sid: {sid}."
            if sid in to_delete:
                warnings.append(
                    f"{step.entry.where}: pruning deletes the {label(resource, by_sid[sid])}, and this entry creates a"
                    f" {resource.name} with {count} of its {child.name}s. To rename it instead, {advice}"
                )
            else:
                problems.append(
                    f"{step.entry.where}: the {label(resource, by_sid[sid])} is not in the list and has {count} of"
                    f" these {child.name}s. To rename it, {advice}"
                )
    return problems, warnings


def sid_to_change(resource: Resource, step: Step) -> str | None:
    """Return the SID that names the object of a step, None where its name does.

    An object that is renamed by its previous name does not have the name of its entry yet.
    """
    is_renamed = step.change.before is not None and resource.name_field in step.change.send
    return _before(step)["sid"] if is_renamed else step.entry.sid


def names_of(resource: Resource, objects: t.Iterable[Object]) -> dict[str, str]:
    """Return the name of each object by its SID; the SID itself where an object has no name."""
    return {item["sid"]: item[resource.name_field] or item["sid"] for item in objects}


def wanted_by(resource: Resource, steps: t.Iterable[Step], names: t.Mapping[str, str]) -> dict[str | None, list[Entry]]:
    """Return the entries that want each object, by its name, or by its SID where ``names`` does not have it."""
    wanted: dict[str | None, list[Entry]] = defaultdict(list)
    for step in steps:
        if step.change.operation != "delete":
            wanted[_name_in(resource, step, names)].append(step.entry)
    return wanted


def _name_in(resource: Resource, step: Step, names: t.Mapping[str, str]) -> str | None:
    sid = step.entry.sid
    return step.entry.desired.get(resource.name_field) or (sid and names.get(sid, sid))
