# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What has to be done so that many objects are as a list says, and in which order. Pure: no I/O, no Ansible.

Nothing here acts, so that a whole run can be refused before its first request that changes something. What is wrong
is given as sentences that begin with the place of an entry.
"""

from __future__ import annotations

import re
import typing as t
from collections import defaultdict
from dataclasses import dataclass, replace

from ansible_collections.twilio.proxy.plugins.module_utils._plan import Change, name_is_taken, plan, why_not
from ansible_collections.twilio.proxy.plugins.module_utils._resources import Object, Resource
from ansible_collections.twilio.proxy.plugins.module_utils._validation import quoted

#: What can have happened to an entry, in the order in which a summary counts it.
OPERATIONS = ("created", "updated", "deleted", "unchanged", "failed", "not_attempted")


@dataclass(frozen=True)
class Entry:
    """One entry of a list: the object that it names, and how that shall be.

    ``place`` is where the entry stands, for people. ``pool`` are the entries about what lives in the object, None if
    that is not managed.
    """

    place: str
    desired: t.Mapping[str, t.Any]
    sid: str | None = None
    absent: bool = False
    pool: tuple[Entry, ...] | None = None


@dataclass(frozen=True)
class Pruning:
    """Which objects that no entry names are deleted: those whose identity matches, and how many at most.

    ``place`` is what asks for it, for people.
    """

    matching: str | None = None
    at_most: int | None = None
    place: str = "prune"


@dataclass(frozen=True)
class Step:
    """An entry, and what has to be done about its object. A pruned object has an entry that is made up for it.

    ``meanwhile`` is true for a step before the one that the entry asks for: the object gives its name away.
    """

    entry: Entry
    change: Change
    pool: tuple[Step, ...] | None = None
    is_temporary_rename: bool = False


def named_twice(resource: Resource, entries: t.Sequence[Entry]) -> list[str]:
    """The entries that name one object, by their own words."""
    found = []
    for option in ("sid", resource.name_field):
        places: dict[t.Any, str] = {}
        for entry in entries:
            value = entry.sid if option == "sid" else _claimed_name(resource, entry)
            if value in places:
                found.append(f"{places[value]} and {entry.place} both have the {option} {quoted(value)}.")
            elif value is not None:
                places[value] = entry.place
    return found


def _claimed_name(resource: Resource, entry: Entry) -> t.Any:
    # What is deleted by its SID leaves its name to another object.
    return None if entry.absent and entry.sid is not None else entry.desired.get(resource.name_field)


def plan_all(
    resource: Resource,
    entries: t.Sequence[Entry],
    objects: t.Sequence[Object],
    predicted_values: t.Mapping[str, t.Any],
    pruning: Pruning | None = None,
) -> tuple[list[Step], list[str]]:
    """A step for each entry, and after them one for each object that is pruned; and what is wrong."""
    located, found = _locate_all(resource, entries, objects)
    steps = [
        Step(entry, plan(resource, entry.desired, current, absent=entry.absent, predicted_values=predicted_values))
        for entry, current in zip(entries, located)
    ]
    if pruning is not None:
        pruned, excess = _prune(resource, steps, objects, pruning)
        steps += pruned
        found += excess
    return steps, found + _names_in_the_way(resource, steps, objects)


def _locate_all(
    resource: Resource, entries: t.Sequence[Entry], objects: t.Sequence[Object]
) -> tuple[list[Object | None], list[str]]:
    # A SID goes before a name: an object that one entry names by its SID is not meant by its old name in another
    # entry, unless the first one leaves it that name.
    by_sid = {item["sid"]: item for item in objects}
    by_name = {item[resource.name_field]: item for item in objects}
    holders = {entry.sid: entry for entry in entries if entry.sid is not None}
    located: list[Object | None] = []
    found = []
    for entry in entries:
        if entry.sid is not None:
            current = by_sid.get(entry.sid)
            refusal = why_not(resource, entry.desired, entry.sid, current, entry.absent)
            if refusal is not None:
                found.append(f"{entry.place}: {refusal}")
        else:
            name = entry.desired[resource.name_field]
            current = by_name.get(name)
            holder = holders.get(current["sid"]) if current is not None else None
            if current is not None and holder is not None:
                if not holder.absent and holder.desired.get(resource.name_field, name) == name:
                    found.append(f"{holder.place} and {entry.place} are both about the {resource.name} {holder.sid}.")
                else:
                    current = None
        located.append(current)
    return located, found


def _prune(
    resource: Resource, steps: t.Sequence[Step], objects: t.Sequence[Object], pruning: Pruning
) -> tuple[list[Step], list[str]]:
    named = {step.change.before["sid"] for step in steps if step.change.before is not None}
    to_delete = [item for item in objects if item["sid"] not in named and _may_be_pruned(resource, item, pruning)]
    allowed = max(1, len(objects) // 10) if pruning.at_most is None else pruning.at_most
    if len(to_delete) <= allowed:
        return [_deletion(item, pruning.place) for item in to_delete], []
    # All of them have one: what has none is pruned only with a pool, of which everything may go.
    names = ", ".join(quoted(item[resource.name_field]) for item in to_delete[:10])
    more = f" and {len(to_delete) - 10} more" if len(to_delete) > 10 else ""
    why = f"10 % of the {len(objects)} that are there, at least 1" if pruning.at_most is None else "as it says"
    are = " is" if len(to_delete) == 1 else "s are"
    problem = (
        f"prune: {len(to_delete)} {resource.name}{are} in no entry and would be deleted, and max_deletions allows"
        f" {allowed} ({why}): {names}{more}. Name what shall stay, bound prune with prune_matching, or set"
        " max_deletions to as many as you mean."
    )
    return [], [problem]


def _may_be_pruned(resource: Resource, item: Object, pruning: Pruning) -> bool:
    name = item[resource.name_field]
    # Nobody can name in a list what has no name, but what is in a pool goes with the pool.
    if name in resource.protected_names or (not name and resource.parent is None):
        return False
    return pruning.matching is None or re.search(pruning.matching, name) is not None


def _deletion(item: Object, place: str) -> Step:
    return Step(Entry(place, {}, sid=item["sid"], absent=True), Change("delete", item, None, {}))


def _names_in_the_way(resource: Resource, steps: t.Sequence[Step], objects: t.Sequence[Object]) -> list[str]:
    kept = {item[resource.name_field]: item["sid"] for item in objects if item[resource.name_field]}
    for step in steps:
        before, after = step.change.before, step.change.after
        if before is not None and (after is None or after[resource.name_field] != before[resource.name_field]):
            kept.pop(before[resource.name_field], None)
    wanted = (
        (step.entry.place, step.change.send[resource.name_field])
        for step in steps
        if resource.name_field in step.change.send
    )
    return [f"{place}: {name_is_taken(resource, kept[name], name)}" for place, name in wanted if name in kept]


def in_batches(resource: Resource, steps: t.Sequence[Step]) -> list[list[Step]]:
    """The steps that do something. Those of one round may be done in any order, and after the rounds before.

    First comes what is deleted, then what is updated, then what is created. An object gets a name in a later round
    than the one in which another object leaves it.
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
        # Objects wait for each other's names in a circle. It opens when one of them takes another name meanwhile.
        first, *others = waiting
        has_temporary_name = {resource.name_field: temporary_name(_before(first)["sid"])}
        after = {**_before(first), **has_temporary_name}
        batches.append(
            [
                replace(
                    first,
                    change=Change("update", first.change.before, after, has_temporary_name),
                    is_temporary_rename=True,
                )
            ]
        )
        waiting = [replace(first, change=replace(first.change, before=after)), *others]
    return batches


def temporary_name(sid: str) -> str:
    """Return the name of the object with this SID while other objects change their names."""
    return f"renaming {sid}"


def _before(step: Step) -> Object:
    return t.cast(Object, step.change.before)


def turn(step: Step) -> int:
    """Return which turn a step about an object in another one has: all of one turn come before those of the next.

    What moves has to leave the first pool before it comes to the second. What is added by its SID comes before what is
    added by its name: the answer tells the name, which may be the one that another entry has.
    """
    if step.change.operation == "delete":
        return 0
    return 1 if "sid" in step.change.send else 2


@dataclass(frozen=True)
class Pool:
    """What lives in one object: the place of its entry, what is there, and the steps about it."""

    place: str
    objects: t.Sequence[Object]
    steps: t.Sequence[Step]


def wanted_twice(resource: Resource, pools: t.Sequence[Pool]) -> list[str]:
    """The objects that two pools shall have, or that one shall have and another one keeps."""
    names = names_of(resource, [item for pool in pools for item in pool.objects])
    wanted = wanted_by(resource, [step for pool in pools for step in pool.steps], names)
    found = []
    for name, (first, *others) in wanted.items():
        # One of them may name by SID what another one names otherwise.
        sid = next((f" ({entry.sid})" for entry in (first, *others) if entry.sid not in (None, name)), "")
        what = f"{resource.name} {quoted(name)}{sid}"
        found += [f"{first.place} and {other.place} both want the {what}." for other in others]
    for pool in pools:
        named = {_name_in(resource, step, names) for step in pool.steps}
        for item in pool.objects:
            name = names[item["sid"]]
            if name not in named and name in wanted:
                found.append(
                    f"{wanted[name][0].place}: the {resource.name} {quoted(name)} is in the pool of {pool.place}, which"
                    f" keeps it without prune_{resource.list_key}."
                )
    return found


def names_of(resource: Resource, objects: t.Iterable[Object]) -> dict[str, str]:
    """Return the name of each object by its SID; what has no name has its SID for one."""
    return {item["sid"]: item[resource.name_field] or item["sid"] for item in objects}


def wanted_by(resource: Resource, steps: t.Iterable[Step], names: t.Mapping[str, str]) -> dict[str | None, list[Entry]]:
    """Return the entries that want each object, by its name, or by its SID where ``names`` does not tell the name."""
    wanted: dict[str | None, list[Entry]] = defaultdict(list)
    for step in steps:
        if step.change.operation != "delete":
            wanted[_name_in(resource, step, names)].append(step.entry)
    return wanted


def _name_in(resource: Resource, step: Step, names: t.Mapping[str, str]) -> str | None:
    sid = step.entry.sid
    return step.entry.desired.get(resource.name_field) or (sid and names.get(sid, sid))
