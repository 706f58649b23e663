# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The expected result of a case, derived from the properties of the fault, the place and the task alone."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.twilio.proxy.plugins.module_utils._client import (
    FIRST_WAIT,
    LONGEST_RETRY_AFTER,
    LONGEST_WAIT,
)

from .cases import Case
from .faults import OTHER_CLIENT_VALUES, SECONDS_OF_DATE
from .tasks import BEFORE, NAME, SID, Fields

#: The largest random addition to a wait, as a part of it: many clients do not retry at the same time.
JITTER = 0.25


# No case may exceed these bounds.


def max_requests(retries: int, pages: int, writes: bool) -> int:
    """Return the largest number of requests that a task sends.

    Each may be retried. A task that writes may have to read and write again: at most ``retries`` + 2 writes, and a last
    read.
    """
    if not writes:
        return (retries + 1) * pages
    return (retries + 1) * ((retries + 3) * pages + retries + 2)


def max_seconds(timeout: float, retries: int, pages: int, writes: bool, longest_wait: float = LONGEST_WAIT) -> float:
    """Return the longest time that a task takes: a timeout and the longest wait for each request."""
    return max_requests(retries, pages, writes) * (timeout + longest_wait * (1 + JITTER))


def max_seconds_of_one_request(timeout: float, retries: int) -> float:
    """Return the longest time that one request takes with all retries, if the server asks for no wait."""
    waits = sum(min(FIRST_WAIT * 2**attempt, LONGEST_WAIT) for attempt in range(retries))
    return (retries + 1) * timeout + float(waits) * (1 + JITTER)


# The rules.


@dataclass(frozen=True)
class Expected:
    """The expected result of a case.

    ``changed`` is also expected of a failure. ``uncertain``: the failure says that it is not known whether the change
    was made. ``precondition_fails``: the task fails because of the state that it read, not because of an error.
    ``permanent``: another run fails as well. ``services``: the Services afterwards that the task is about.
    ``affected_requests``: the number of requests with the fault. ``waits``: seconds.
    """

    succeeds: bool
    changed: bool
    uncertain: bool
    precondition_fails: bool
    permanent: bool
    services: list[Fields]
    affected_requests: int
    waits: list[float]


def expected(case: Case) -> Expected:
    """Return the expected result of a case."""
    succeeds = is_successful(case)
    uncertain = not succeeds and is_uncertain(case)
    return Expected(
        succeeds=succeeds,
        changed=is_changed(case) if succeeds else uncertain,
        uncertain=uncertain,
        precondition_fails=not succeeds and fails_precondition(case),
        permanent=not succeeds and bool(case.fault.race),
        services=services(case, succeeds),
        affected_requests=affected_requests(case),
        waits=waits(case),
    )


def is_repeatable(case: Case) -> bool:
    """Whether the request can be repeated without a read: all but one to create that may have been applied."""
    return case.place.step != "create" or not case.fault.uncertain


def affects_client(case: Case) -> bool:
    """Whether the fault makes a difference to the client.

    It does not if the client needs no next page, or only the status of an answer to a delete.
    """
    if case.fault.next_page:
        return case.reads_next_page
    return not (case.fault.half and case.place.step == "delete")


def is_retried(case: Case) -> bool:
    """Whether the client retries: the fault is transient, or a read shows whether the request was applied."""
    return case.fault.transient or not is_repeatable(case)


def is_found_afterwards(case: Case) -> bool:
    """Whether the client finds the Service in the list after the answer to the create was lost."""
    return not is_repeatable(case) and case.fault.applied == "yes"


def is_uncertain(case: Case) -> bool:
    """Whether a write may have been applied without a valid answer."""
    return case.place.after_lost_create or (case.place.writes and case.fault.uncertain)


def is_successful(case: Case) -> bool:
    """Whether the task succeeds: a transient fault is retried, and an applied create is found even without a retry."""
    if case.fault.race:
        return is_successful_after_race(case)
    if not affects_client(case) or is_found_afterwards(case):
        return True
    return is_retried(case) and not case.persistent and case.retries > 0


def is_successful_after_race(case: Case) -> bool:
    """Whether the task succeeds after a change by another client.

    It does if the change leads to the desired result. It cannot take a name that is in use, or create a Service with a
    given SID.
    """
    if case.fault.race == "deletes it":
        return case.task.absent or case.task.reads or not case.task.by_sid
    if case.fault.race == "takes the name in capitals":
        return not case.names_conflict
    return case.place.step == "create"  # then it is found by its name, and updated


def fails_precondition(case: Case) -> bool:
    """Whether the task fails because of the state that it read."""
    return case.fault.race == "deletes it"


def is_changed(case: Case) -> bool:
    """Whether a task that succeeded made a change itself, and not another client all of it."""
    if case.fault.race == "deletes it" and case.task.absent:
        return False
    return case.task.changes and case.fault.race != "creates it"


def services(case: Case, succeeds: bool) -> list[Fields]:
    """Return the Services afterwards: as desired if the task succeeded or its write was applied, else as before."""
    if case.fault.race == "deletes it":
        ours = case.task.applied_to(None) if succeeds and not case.task.reads and not case.task.absent else None
    elif case.fault.race == "takes the name" and case.place.step == "create":
        ours = case.task.applied_to(service_of_other_client(case))
    elif case.task.reads:
        ours = case.task.before
    elif succeeds or case.place.after_lost_create or (case.place.writes and case.fault.applied != "no"):
        ours = case.task.after
    else:
        ours = case.task.before
    theirs = case.fault.race == "takes the name in capitals" or (
        case.fault.race == "takes the name" and case.place.step == "update"
    )
    return [service for service in (ours, service_of_other_client(case) if theirs else None) if service is not None]


def service_of_other_client(case: Case) -> Fields:
    """Return the Service that another client created, with other values."""
    name = str((case.task.desired or {})["unique_name"])
    taken = name.upper() if case.fault.race == "takes the name in capitals" else name
    return {**BEFORE, "callback_url": None, "unique_name": taken, **OTHER_CLIENT_VALUES}


def affected_requests(case: Case) -> int:
    """Return the number of requests with the fault."""
    if not affects_client(case) or not case.persistent or is_found_afterwards(case):
        return 1
    if case.fault.next_page == "looping":
        return 2  # the page with the wrong URL, and the page that it leads to, where the loop is detected
    return case.retries + 1 if is_retried(case) else 1


def waits(case: Case) -> list[float]:
    """Return the waits in seconds: they grow, or are as long as the server asks for if that is longer."""
    requested: t.Mapping[str, float] = {
        "none": 0.0,
        "seconds": 7.0,
        "date": SECONDS_OF_DATE,
        "longest": LONGEST_RETRY_AFTER,
    }
    wait = requested[case.fault.wait]
    # There is a wait before the list after a lost create, which has retries of its own.
    found = [FIRST_WAIT] if case.place.after_lost_create else []
    found += [max(wait, min(FIRST_WAIT * 2**attempt, LONGEST_WAIT)) for attempt in range(number_of_waits(case))]
    return found


def number_of_waits(case: Case) -> int:
    """Return how often the client waits because of the fault."""
    if case.fault.race:
        return reads_after_race(case)
    if not is_retried(case) or not affects_client(case):
        return 0
    # After a lost create the client waits and reads, even without a retry left.
    return affected_requests(case) if not is_repeatable(case) else min(affected_requests(case), case.retries)


def reads_after_race(case: Case) -> int:
    """Return how often the client reads again after a write that was rejected because of another client's change."""
    if case.fault.race == "deletes it":
        return int(case.place.step == "update")
    if case.place.step != "create":
        return 0
    if case.fault.race == "takes the name in capitals":
        return (case.retries + 1) * case.names_conflict  # the name is taken, and not in the list
    return 1


# The values of a failure.


def operation(case: Case) -> str:
    """Return the operation that the failure names."""
    return {
        "list": "list the Services",
        "fetch": f"read the Service {SID}",
        "create": f"create the Service '{NAME}'",
        "update": f"update the Service {SID}",
        "delete": f"delete the Service {SID}",
    }[case.place.step]


def status(case: Case) -> int | None:
    """Return the HTTP status that the failure reports."""
    if case.fault.race:
        return t.cast(int, case.settings["name_taken_status"])
    if case.fault.code == 80506:
        return t.cast(int, case.settings["creation_closed_status"])
    return case.fault.status
