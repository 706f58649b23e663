# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to come of a cell, by rule: from what is true of the fault, the place and the task, and nothing else."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.twilio.proxy.plugins.module_utils._client import (
    FIRST_WAIT,
    LONGEST_RETRY_AFTER,
    LONGEST_WAIT,
)

from .cells import Cell
from .faults import SECONDS_OF_DATE, STRANGER
from .tasks import BEFORE, NAME, SID, Fields

#: A wait is longer by up to this part of it, so that many clients do not come back together.
JITTER = 0.25


# The bound. It is what docs/reliability.md promises, and no cell may exceed it.


def tries(retries: int, pages: int, writes: bool) -> int:
    """The most requests that a task sends: each may be tried again, and a task that writes looks and writes several
    times if it has to, at most once more than it may retry, and looks a last time."""
    if not writes:
        return (retries + 1) * pages
    return (retries + 1) * ((retries + 3) * pages + retries + 2)


def seconds(timeout: float, retries: int, pages: int, writes: bool, longest_wait: float = LONGEST_WAIT) -> float:
    """The longest that a task takes: each try its whole time, and after each the longest wait."""
    return tries(retries, pages, writes) * (timeout + longest_wait * (1 + JITTER))


def one_request(timeout: float, retries: int) -> float:
    """The longest that one request takes with all its tries, where the server asks for no wait of its own."""
    waits = sum(min(FIRST_WAIT * 2**attempt, LONGEST_WAIT) for attempt in range(retries))
    return (retries + 1) * timeout + float(waits) * (1 + JITTER)


# The rules.


@dataclass(frozen=True)
class Expected:
    """``well``: the task succeeds. ``changed`` is its result, also that of a failure. ``uncertain``: the failure says
    that nobody knows. ``refused``: it fails because what was asked for cannot be done, not because of an answer.
    ``stays``: it cannot do better the next time. ``services`` are those that there are afterwards, beside others."""

    well: bool
    changed: bool
    uncertain: bool
    refused: bool
    stays: bool
    services: list[Fields]
    struck: int
    waits: list[float]


def expected(cell: Cell) -> Expected:
    """All of it."""
    well = ends_well(cell)
    uncertain = not well and is_uncertain(cell)
    return Expected(
        well=well,
        changed=made_a_change(cell) if well else uncertain,
        uncertain=uncertain,
        refused=not well and refuses(cell),
        stays=not well and bool(cell.fault.race),
        services=services(cell, well),
        struck=struck(cell),
        waits=waits(cell),
    )


def is_repeatable(cell: Cell) -> bool:
    """Whether a request may be sent again unseen: all but one to create that may have been carried out already."""
    return cell.place.step != "create" or not cell.fault.uncertain


def is_met(cell: Cell) -> bool:
    """Whether the client minds what the fault does. A next page that it does not want is nothing to it, and of the
    answer to a delete it needs no more than the first line."""
    if cell.fault.next_page:
        return cell.reads_on
    return not (cell.fault.half and cell.place.step == "delete")


def is_tried_again(cell: Cell) -> bool:
    """Whether the client sends the request again: because it may go well later, or because a look will tell."""
    return cell.fault.passing or not is_repeatable(cell)


def is_found_by_looking(cell: Cell) -> bool:
    """Whether a create whose answer was lost turns up in the list."""
    return not is_repeatable(cell) and cell.fault.carried_out == "yes"


def is_uncertain(cell: Cell) -> bool:
    """Whether something of ours may have been carried out and no good answer to it came."""
    return cell.place.after_lost_create or (cell.place.writes and cell.fault.uncertain)


def ends_well(cell: Cell) -> bool:
    """Trouble that passes is outlived, if there is a try left; a carried out create is found, even if there is none."""
    if cell.fault.race:
        return race_ends_well(cell)
    if not is_met(cell) or is_found_by_looking(cell):
        return True
    return is_tried_again(cell) and not cell.persistent and cell.retries > 0


def race_ends_well(cell: Cell) -> bool:
    """Somebody else was faster: that is as good as our own work where it comes to the same. A name that stands for
    something else cannot be had, and an object with a chosen SID cannot be made again."""
    if cell.fault.race == "deletes it":
        return cell.task.absent or cell.task.reads or not cell.task.by_sid
    if cell.fault.race == "takes it in capitals":
        return not cell.clash
    return cell.place.step == "create"  # where it is found by its name, and made what it shall be


def refuses(cell: Cell) -> bool:
    """Whether the task fails because it looked and saw that it cannot be done."""
    return cell.fault.race == "deletes it"


def made_a_change(cell: Cell) -> bool:
    """What a task that succeeded says: it made a change, unless somebody else had done all of it."""
    if cell.fault.race == "deletes it" and cell.task.absent:
        return False
    return cell.task.changes and cell.fault.race != "creates it"


def services(cell: Cell, well: bool) -> list[Fields]:
    """The Services afterwards: as desired if all went well or the lost request was carried out, else as before."""
    if cell.fault.race == "deletes it":
        ours = cell.task.applied_to(None) if well and not cell.task.reads and not cell.task.absent else None
    elif cell.fault.race == "takes the name" and cell.place.step == "create":
        ours = cell.task.applied_to(stranger(cell))
    elif cell.task.reads:
        ours = cell.task.before
    elif well or cell.place.after_lost_create or (cell.place.writes and cell.fault.carried_out != "no"):
        ours = cell.task.after
    else:
        ours = cell.task.before
    theirs = cell.fault.race == "takes it in capitals" or (
        cell.fault.race == "takes the name" and cell.place.step == "update"
    )
    return [each for each in (ours, stranger(cell) if theirs else None) if each is not None]


def stranger(cell: Cell) -> Fields:
    """The Service of somebody who was faster and wants something else."""
    name = str((cell.task.desired or {})["unique_name"])
    spelled = name.upper() if cell.fault.race == "takes it in capitals" else name
    return {**BEFORE, "callback_url": None, "unique_name": spelled, **STRANGER}


def struck(cell: Cell) -> int:
    """How many requests meet the fault."""
    if not is_met(cell) or not cell.persistent or is_found_by_looking(cell):
        return 1
    if cell.fault.next_page == "looping":
        return 2  # the page that leads astray, and the one it leads to, which is where the loop shows
    return cell.retries + 1 if is_tried_again(cell) else 1


def waits(cell: Cell) -> list[float]:
    """The seconds waited between tries: longer from one to the next, or what the server asked for if that is longer."""
    asked: t.Mapping[str, float] = {
        "none": 0.0,
        "seconds": 7.0,
        "date": SECONDS_OF_DATE,
        "longest": LONGEST_RETRY_AFTER,
    }
    wait = asked[cell.fault.wait]
    # The look after a lost create has a wait before it, and begins to count its own anew.
    found = [FIRST_WAIT] if cell.place.after_lost_create else []
    found += [max(wait, min(FIRST_WAIT * 2**attempt, LONGEST_WAIT)) for attempt in range(pauses(cell))]
    return found


def pauses(cell: Cell) -> int:
    """How often the client waits because of the fault."""
    if cell.fault.race:
        return looks_after_race(cell)
    if not is_tried_again(cell) or not is_met(cell):
        return 0
    # After a lost create comes a look, and before the look a pause, even where no try is left.
    return struck(cell) if not is_repeatable(cell) else min(struck(cell), cell.retries)


def looks_after_race(cell: Cell) -> int:
    """How often it is looked again because the answer to a create or an update says that somebody was faster."""
    if cell.fault.race == "deletes it":
        return int(cell.place.step == "update")
    if cell.place.step != "create":
        return 0
    if cell.fault.race == "takes it in capitals":
        return (cell.retries + 1) * cell.clash  # the name is taken, and never in the list
    return 1


# What a failure says.


def operation(cell: Cell) -> str:
    """What was being done."""
    return {
        "list": "list the Services",
        "fetch": f"read the Service {SID}",
        "create": f"create the Service '{NAME}'",
        "update": f"update the Service {SID}",
        "delete": f"delete the Service {SID}",
    }[cell.place.step]


def status(cell: Cell) -> int | None:
    """The HTTP status that the failure reports."""
    if cell.fault.race:
        return t.cast(int, cell.settings["name_taken_status"])
    if cell.fault.code == 80506:
        return t.cast(int, cell.settings["creation_closed_status"])
    return cell.fault.status
