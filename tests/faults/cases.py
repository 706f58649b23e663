# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases of the matrix: the requests of each task with each fault, and how a task is run."""

from __future__ import annotations

import functools
import itertools
import json
import re
import typing as t
from dataclasses import dataclass, replace

from proxy_emulator.settings import complete

from .faults import Fault
from .tasks import ACCOUNT_SID, AUTH_TOKEN, BULK, NUMBERS, Task
from .wire import BASE_URL, SID, Json, Run, Sent, Together, Wire, run_module


class Mode(t.NamedTuple):
    """How often a request meets the fault, how often it may be sent again, and whether it is check mode."""

    name: str
    persistent: bool
    retries: int
    check_mode: bool = False


MODES = (
    Mode("once", persistent=False, retries=2),
    Mode("persistent", persistent=True, retries=2),
    Mode("without retries", persistent=False, retries=0),
    Mode("check mode", persistent=True, retries=1, check_mode=True),
)
NO_FAULT = Mode("no fault", persistent=False, retries=2)


#: What the API's documentation does not say: the settings of the emulator that a client can notice, and their values.
UNKNOWNS: t.Mapping[str, tuple[t.Any, ...]] = {
    "absent_answer": ("invalid_sid_400", "invalid_sid_400_without_code", "not_found_404"),
    "page_size_cap": (100, 2, 1),
    "list_order": ("oldest_first", "newest_first"),
    "name_taken_status": (400, 409),
    "number_refused_status": (400, 409),
    "cleared_value": ("null", "empty"),
    "case_sensitive_names": (True, False),
    "closing_twice": ("refused", "accepted"),
    "deleted_participants_are_listed": (True, False),
    "participant_deletion_status": (200, 204),
}


@functools.cache
def variants() -> tuple[Json, ...]:
    """Return variants of the API that have each pair of values of two settings in one of them."""

    def pairs(variant: tuple[t.Any, ...]) -> set[t.Any]:
        return set(itertools.combinations(zip(UNKNOWNS, variant, strict=True), 2))

    possible = list(itertools.product(*UNKNOWNS.values()))
    missing = set().union(*map(pairs, possible))
    chosen = []
    while missing:
        best = max(possible, key=lambda variant: len(pairs(variant) & missing))
        missing -= pairs(best)
        chosen.append(dict(zip(UNKNOWNS, best, strict=True)))
    return tuple(chosen)


def settings_of(services: t.Sequence[Json], variant: Json) -> Json:
    """Return the settings of an emulator with these Services."""
    account = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "phone_numbers": NUMBERS, "services": [*services]}
    return dict(complete({**variant, "accounts": [account]}))


def run(task: Task, wire: Wire, mode: Mode = NO_FAULT) -> Run:
    """Run the task as a module."""
    options = {
        "account_sid": ACCOUNT_SID,
        "auth_token": AUTH_TOKEN,
        "base_url": BASE_URL,
        "retries": mode.retries,
        **task.options,
        "_ansible_check_mode": mode.check_mode,
        "_ansible_diff": True,
    }
    return run_module(task.module, options, wire)


@dataclass(frozen=True)
class CleanRun:
    """A run of a task without a fault: its requests in order, its result, and the account after each of its writes."""

    settings: Json
    sent: tuple[Sent, ...]
    result: Json
    snapshots: tuple[Json, ...]

    @property
    def writes(self) -> list[Sent]:
        return [request for request in self.sent if request.writes]


def together(task: Task) -> Together | None:
    return Together("POST", task.in_flight) if task.in_flight > 1 else None


@functools.cache
def clean_run(task: Task, variant: int) -> CleanRun:
    """Return the run of a task with the variant of this number."""
    settings = settings_of(task.before, variants()[variant])
    wire = Wire(settings, together=together(task))
    result = run(task, wire).result
    following = [*wire.sent[1:], None]
    sent = [
        replace(request, has_next=after is not None and (after.method, after.path) == ("GET", request.path))
        for request, after in zip(wire.sent, following, strict=True)
    ]
    return CleanRun(settings, tuple(sent), comparable(result, wire.known_sids), tuple(wire.snapshots or ()))


def comparable(result: Json, known_sids: set[str]) -> Json:
    """Return a result without what differs from run to run: new SIDs, dates, and the options."""
    result = {name: value for name, value in result.items() if name != "invocation"}
    text = SID.sub(lambda found: found[0] if found[0] in known_sids else "new", json.dumps(result))
    text = re.sub(r'"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+Z"', '"date"', text)
    return dict(json.loads(text))


@dataclass(frozen=True)
class Case:
    """A fault at a request of a task: the one after ``skip`` with the same key. ``variant`` is a number."""

    task: Task
    fault: Fault
    mode: Mode
    variant: int
    request: Sent
    skip: int

    @property
    def is_looked_up(self) -> bool:
        """Whether the client has to read before it may send the request again."""
        return self.request.is_once and self.fault.uncertain

    @property
    def is_uncertain(self) -> bool:
        """Whether something may have been changed if the task fails."""
        return self.request.writes and self.fault.uncertain

    def __str__(self) -> str:
        return f"{self.fault.name} | {self.mode.name} | {self.request} | {variants()[self.variant]}"


def cases(task: Task, fault: Fault, first: int) -> t.Iterator[Case]:
    """Yield the cases of a fault in a task: at each of its requests, in each mode that makes a difference.

    Each mode has another variant of the API, starting with the number ``first``. A task about many objects sends
    requests of the same kind for each of them, so that each request is in every other mode.
    """
    for position, mode in enumerate(MODES):
        variant = (first + position) % len(variants())
        for number, (request, skip) in enumerate(places(clean_run(task, variant))):
            case = Case(task, fault, mode, variant, request, skip)
            is_left_out = task.module in BULK and (first + position + number) % 2
            if not is_left_out and fault.for_request(request) is not None and makes_a_difference(case):
                yield case


def places(clean: CleanRun) -> list[tuple[Sent, int]]:
    """Return the requests of a run, each with the number of those of its key before it.

    Of reads that differ in their page or their SIDs alone, it is the first and the last.
    """
    kinds = [request.key if request.writes else SID.sub("", request.path) for request in clean.sent]
    first = {kind: position for position, kind in reversed(list(enumerate(kinds)))}
    last = {kind: position for position, kind in enumerate(kinds)}
    keys = [request.key for request in clean.sent]
    return [(clean.sent[at], keys[:at].count(keys[at])) for at in sorted({*first.values(), *last.values()})]


def makes_a_difference(case: Case) -> bool:
    """Whether the mode of a case is another one for its fault."""
    fault, mode = case.fault, case.mode
    if mode.check_mode:
        return not case.request.writes and case.task.after != case.task.before and not fault.is_race
    if fault.is_race:
        return not mode.persistent
    if fault.then is not None and case.task.in_flight > 1:  # the next request may be any of them
        return False
    # A read that is not sent again fails like one that was sent again in vain.
    if mode.retries == 0 and not case.request.writes:
        return False
    return mode.persistent or fault.transient or case.is_looked_up
