# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix: every fault, at every place, in every task that comes by there, once and for ever, in every world that
can make a difference. A cell is one of these."""

from __future__ import annotations

import itertools
import math
import typing as t
from dataclasses import dataclass

from .faults import FAULTS, Fault, Settings
from .places import PLACES, Place
from .tasks import NAME, Task

RETRIES = 2
RETRIES_WHEN_SLOW = 1


@dataclass(frozen=True)
class Cell:
    """One thing that is tried. ``settings`` are the emulator's: a world in which nothing about the API is unknown."""

    fault: Fault
    place: Place
    task: Task
    persistent: bool
    settings: Settings
    retries: int

    def __str__(self) -> str:
        how_long = "for ever" if self.persistent else "once"
        world = ", ".join(f"{name}={value}" for name, value in self.settings.items())
        parts = (self.fault.name, self.place.name, self.task.name, how_long, f"retries={self.retries}", world)
        return f"[{' | '.join(parts)}]"

    @property
    def page_size(self) -> int:
        """How many Services a page holds."""
        return int(self.settings["page_size_cap"])

    @property
    def pages(self) -> int:
        """How many pages the list may come to have."""
        return math.ceil((len(self.task.seeds) + 1) / self.page_size)

    @property
    def skip(self) -> int:
        """How many requests of the place's kind go by unharmed."""
        if self.place.after_lost_create:
            return math.ceil(len(self.task.seeds) / self.page_size)
        return self.place.page

    @property
    def reads_on(self) -> bool:
        """Whether the client wants the page after the one that the fault strikes, or did not find the name yet."""
        names = list(self.task.seeds) + [NAME] * self.place.after_lost_create
        if self.settings["list_order"] == "newest_first":
            names.reverse()
        found = self.task.by_name and NAME in names
        return not found or names.index(NAME) // self.page_size > self.place.page

    @property
    def clash(self) -> bool:
        """Whether the server takes a name in capitals for the same name."""
        return not self.settings["case_sensitive_names"]


# What does not happen, and why.


@dataclass(frozen=True)
class Rule:
    """What does not happen: a reason, and whether it is one for a fault in the way of a task at a place, for ever or
    once."""

    reason: str
    holds: t.Callable[[Fault, Place, Task, bool], bool]


DOES_NOT_HAPPEN = (
    Rule(
        "only a list has a next page",
        lambda fault, place, _task, _persistent: fault.next_page is not None and place.step != "list",
    ),
    Rule(
        "a loop that ends is a detour",
        lambda fault, _place, _task, persistent: fault.next_page == "looping" and not persistent,
    ),
    Rule(
        "to a request that only reads it is the same, carried out or not",
        lambda fault, place, _task, _persistent: (
            not place.writes and fault.carried_out != "no" and (fault.status is not None or fault.slow)
        ),
    ),
    Rule(
        "somebody is faster than a task once, and done",
        lambda fault, _place, _task, persistent: fault.race is not None and persistent,
    ),
    Rule(
        "no request about an object that could vanish",
        lambda fault, place, _task, _persistent: (
            fault.race == "deletes it" and place.step not in ("fetch", "update", "delete")
        ),
    ),
    Rule(
        "no request that creates",
        lambda fault, place, _task, _persistent: fault.race == "creates it" and place.step != "create",
    ),
    Rule(
        "no request that gives a name",
        lambda fault, place, task, _persistent: (
            fault.race in ("takes the name", "takes it in capitals")
            and not (place.step == "create" or (place.step == "update" and task.by_sid))
        ),
    ),
)


def excluded(fault: Fault, place: Place, task: Task, persistent: bool) -> list[str]:
    """Why a fault does not happen there; empty where it does."""
    return [rule.reason for rule in DOES_NOT_HAPPEN if rule.holds(fault, place, task, persistent)]


# The worlds: every emulator setting that stands for something nobody knows. Which of them can make a difference to a
# cell is said by a predicate; a cell is tried in the full product of those, and once more with the other answer of all
# the others together, so that a setting that is wrongly thought to make no difference shows. Left out are the settings
# about values that the API refuses (invalid_value_*, geo_match_levels) and about the number of Services
# (service_limit_*), which no task here meets.
#
# The faults that only a time limit ends cost real time. They are tried with single deviations of what can make a
# difference, not with the product.


@dataclass(frozen=True)
class Unknown:
    """An emulator setting, its possible values, and whether it can make a difference to a fault there."""

    setting: str
    values: t.Callable[[Place], tuple[t.Any, ...]]
    matters: t.Callable[[Fault, Place, Task], bool]


def _always(*values: t.Any) -> t.Callable[[Place], tuple[t.Any, ...]]:
    return lambda _place: values


UNKNOWNS = (
    Unknown(
        "absent_answer",
        _always("invalid_sid_400", "invalid_sid_400_without_code", "not_found_404"),
        lambda fault, place, _task: place.step == "delete" or fault.race == "deletes it",
    ),
    Unknown(
        "cleared_value", _always("null", "empty"), lambda _fault, place, task: place.step == "update" and task.clears
    ),
    Unknown(
        "name_taken_status",
        _always(400, 409),
        lambda fault, place, _task: (
            fault.race not in (None, "deletes it") or (fault.carried_out == "late" and place.step == "create")
        ),
    ),
    Unknown(
        "case_sensitive_names",
        _always(True, False),
        lambda fault, _place, _task: fault.race == "takes it in capitals",
    ),
    # Whether the cap is 100 or 1000 is the question whether there are more pages than one.
    Unknown(
        "page_size_cap",
        lambda place: (2, 1) if place.page else (100, 2),
        lambda _fault, place, _task: place.step in ("list", "create"),
    ),
    Unknown(
        "list_order",
        _always("oldest_first", "newest_first"),
        lambda _fault, place, _task: place.step in ("list", "create"),
    ),
    Unknown("creation_closed_status", _always(403, 400), lambda fault, _place, _task: fault.code == 80506),
    # Nothing is ever asked for by its name, and no page of more than 1000.
    Unknown("lookup_by_name", _always(False, True), lambda _fault, _place, _task: False),
    Unknown("page_size_over_maximum", _always("error", "clamp"), lambda _fault, _place, _task: False),
)


def worlds(fault: Fault, place: Place, task: Task) -> t.Iterator[Settings]:
    """The settings in which a fault is tried there."""
    values = {unknown.setting: unknown.values(place) for unknown in UNKNOWNS}
    base = {setting: possible[0] for setting, possible in values.items()}
    relevant = {unknown.setting for unknown in UNKNOWNS if unknown.matters(fault, place, task)}
    if fault.slow:
        yield base
        yield from ({**base, setting: value} for setting in sorted(relevant) for value in values[setting][1:])
        return
    yield from (
        dict(zip(values, chosen, strict=True))
        for chosen in itertools.product(
            *(possible if setting in relevant else possible[:1] for setting, possible in values.items())
        )
    )
    yield {setting: possible[0 if setting in relevant else -1] for setting, possible in values.items()}


def cells(fault: Fault, place: Place) -> list[Cell]:
    """All cells of a fault at a place."""
    found = []
    for task, persistent in itertools.product(place.tasks, (False, True)):
        if excluded(fault, place, task, persistent):
            continue
        tried = list(worlds(fault, place, task))
        retries = RETRIES_WHEN_SLOW if fault.slow else RETRIES
        found += [Cell(fault, place, task, persistent, settings, retries) for settings in tried]
        found.append(Cell(fault, place, task, persistent, tried[0], 0))
    return found


def fields() -> list[tuple[Fault, Place]]:
    """Every fault at every place, those included at which it never happens."""
    return list(itertools.product(FAULTS, PLACES))
