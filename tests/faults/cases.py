# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases of the fault matrix.

A case is one fault, at one place, in one task that sends such requests, once or persistently, with one API variant that
can make a difference.
"""

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
class Case:
    """One run of a task with a fault. ``settings`` are the emulator's: the API variant."""

    fault: Fault
    place: Place
    task: Task
    persistent: bool
    settings: Settings
    retries: int

    def __str__(self) -> str:
        how_often = "persistent" if self.persistent else "once"
        variant = ", ".join(f"{name}={value}" for name, value in self.settings.items())
        parts = (self.fault.name, self.place.name, self.task.name, how_often, f"retries={self.retries}", variant)
        return f"[{' | '.join(parts)}]"

    @property
    def page_size(self) -> int:
        """The number of Services on a page."""
        return int(self.settings["page_size_cap"])

    @property
    def pages(self) -> int:
        """The largest number of pages that the list can have."""
        return math.ceil((len(self.task.seeds) + 1) / self.page_size)

    @property
    def skip(self) -> int:
        """The number of requests of this kind before the first one with the fault."""
        if self.place.after_lost_create:
            return math.ceil(len(self.task.seeds) / self.page_size)
        return self.place.page

    @property
    def reads_next_page(self) -> bool:
        """Whether the client asks for the page after the one with the fault: it has not found the name yet."""
        names = list(self.task.seeds) + [NAME] * self.place.after_lost_create
        if self.settings["list_order"] == "newest_first":
            names.reverse()
        found = self.task.by_name and NAME in names
        return not found or names.index(NAME) // self.page_size > self.place.page

    @property
    def names_conflict(self) -> bool:
        """Whether a name in capitals counts as the same name."""
        return not self.settings["case_sensitive_names"]


# Combinations that cannot happen.


@dataclass(frozen=True)
class Exclusion:
    """The reason why a combination of fault, place, task and persistence cannot happen, and when it applies."""

    reason: str
    applies: t.Callable[[Fault, Place, Task, bool], bool]


EXCLUSIONS = (
    Exclusion(
        "only a list has a next page",
        lambda fault, place, _task, _persistent: fault.next_page is not None and place.step != "list",
    ),
    Exclusion(
        "a next page that repeats once is no loop",
        lambda fault, _place, _task, persistent: fault.next_page == "looping" and not persistent,
    ),
    Exclusion(
        "a request that only reads is the same, applied or not",
        lambda fault, place, _task, _persistent: (
            not place.writes and fault.applied != "no" and (fault.status is not None or fault.slow)
        ),
    ),
    Exclusion(
        "a concurrent change happens once",
        lambda fault, _place, _task, persistent: fault.race is not None and persistent,
    ),
    Exclusion(
        "the request names no Service that could be deleted",
        lambda fault, place, _task, _persistent: (
            fault.race == "deletes it" and place.step not in ("fetch", "update", "delete")
        ),
    ),
    Exclusion(
        "the request does not create a Service",
        lambda fault, place, _task, _persistent: fault.race == "creates it" and place.step != "create",
    ),
    Exclusion(
        "the request does not set a name",
        lambda fault, place, task, _persistent: (
            fault.race in ("takes the name", "takes the name in capitals")
            and not (place.step == "create" or (place.step == "update" and task.by_sid))
        ),
    ),
)


def exclusions(fault: Fault, place: Place, task: Task, persistent: bool) -> list[str]:
    """Return the reasons why this combination cannot happen, or an empty list."""
    return [rule.reason for rule in EXCLUSIONS if rule.applies(fault, place, task, persistent)]


# The API variants: every emulator setting for a behaviour of the API that is not documented. A predicate says which of
# them can make a difference to a case. A case is run with the full product of those, and once more with the last value
# of all others together, which reveals a wrong predicate. Left out are the settings for values that the API rejects
# (invalid_value_*, geo_match_levels) and for the number of Services (service_limit_*): no task here depends on them.
#
# Faults that only end with a timeout cost real time. They are run with one deviation at a time, not with the product.


@dataclass(frozen=True)
class Unknown:
    """An emulator setting for an undocumented behaviour, its values, and whether it can affect a fault."""

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
            fault.race not in (None, "deletes it") or (fault.applied == "late" and place.step == "create")
        ),
    ),
    Unknown(
        "case_sensitive_names",
        _always(True, False),
        lambda fault, _place, _task: fault.race == "takes the name in capitals",
    ),
    # A small cap gives the list more than one page.
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
    # The client never fetches by name, and never asks for more than 1000 per page.
    Unknown("lookup_by_name", _always(False, True), lambda _fault, _place, _task: False),
    Unknown("page_size_over_maximum", _always("error", "clamp"), lambda _fault, _place, _task: False),
)


def variants(fault: Fault, place: Place, task: Task) -> t.Iterator[Settings]:
    """Yield the API variants that a fault is run with."""
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


def cases(fault: Fault, place: Place) -> list[Case]:
    """Return all cases of a fault at a place."""
    found = []
    for task, persistent in itertools.product(place.tasks, (False, True)):
        if exclusions(fault, place, task, persistent):
            continue
        all_settings = list(variants(fault, place, task))
        retries = RETRIES_WHEN_SLOW if fault.slow else RETRIES
        found += [Case(fault, place, task, persistent, settings, retries) for settings in all_settings]
        found.append(Case(fault, place, task, persistent, all_settings[0], 0))
    return found


def combinations() -> list[tuple[Fault, Place]]:
    """Return every fault at every place, also where it cannot happen."""
    return list(itertools.product(FAULTS, PLACES))
