# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks: each takes what came of a cell and what the rules expect, and says in lines what is wrong."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.twilio.proxy.plugins.module_utils import _client
from ansible_collections.twilio.proxy.plugins.module_utils._plan import writable
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE, Object
from ansible_collections.twilio.proxy.tests.support.emulator import Service

from . import rules as bounds
from .cells import Cell
from .faults import LONG, SHORT
from .rules import Expected, operation, status
from .tasks import NAME, OTHERS, READ_ALL, Fields

Complaints = t.Iterator[str]

NOTHING_CHANGED = "Nothing was changed."
NOT_KNOWN = "It is not known whether the change was made: run the task again, it looks before it changes anything."
#: Seconds that a busy machine may take longer than the time limits say.
PATIENCE = 4.0


@dataclass(frozen=True)
class Result:
    """What a task came to, whoever ran it. ``failure`` is None for a success, else what the modules return with it."""

    changed: bool
    objects: list[Object] = field(default_factory=list)
    failure: t.Mapping[str, t.Any] | None = None


def known(service: t.Mapping[str, t.Any]) -> Object:
    """A Service as the collection reads it."""
    return {row.name: row.normalize(service[row.name]) for row in SERVICE.fields}


def others(services: t.Iterable[Service]) -> list[Service]:
    """The Services that are none of the task's business."""
    return sorted((each for each in services if each["unique_name"] in OTHERS), key=lambda each: str(each["sid"]))


def own(services: t.Iterable[Service]) -> list[Fields]:
    """What can be written of the Services that are, in the order of their names."""
    found = (writable(SERVICE, known(each)) or {} for each in services if each["unique_name"] not in OTHERS)
    return by_name(found)


def by_name(services: t.Iterable[Fields]) -> list[Fields]:
    return sorted(services, key=lambda each: str(each["unique_name"]))


def result(cell: Cell, rules: Expected, got: Result, after: list[Service]) -> Complaints:
    """Success or failure, ``changed``, what is returned with it."""
    if (got.failure is None) != rules.well:
        yield f"should have ended {'well' if rules.well else 'in a failure'}, and gave {got}"
        return
    if got.changed != rules.changed:
        yield f"changed is {got.changed}"
    if got.failure is not None:
        yield from failure(cell, rules, got.failure)
        return
    name = (cell.task.desired or {}).get("unique_name", NAME)
    found = [known(each) for each in after if each["unique_name"] == name or cell.task is READ_ALL]
    # What is carried out late leaves the values as they are, but not the date of the last update.
    apart_from = {"date_updated": None} if cell.fault.carried_out == "late" else {}
    if [{**each, **apart_from} for each in got.objects] != [{**each, **apart_from} for each in found]:
        yield f"returned {got.objects}, and there is {found}"


def failure(cell: Cell, rules: Expected, got: t.Mapping[str, t.Any]) -> Complaints:
    """The failure's text and facts."""
    text = got["msg"]
    if text.endswith(NOTHING_CHANGED) == rules.uncertain or (NOT_KNOWN in text) != rules.uncertain:
        yield f"the text should {'not ' * rules.uncertain}say that nothing was changed: {text}"
    if rules.refused:
        if not text.startswith("no Service KS"):
            yield f"the text should say that there is no such Service: {text}"
        return
    if not text.startswith(f"Cannot {operation(cell)}: ") or cell.fault.says not in text:
        yield f"the text should say 'Cannot {operation(cell)}' and '{cell.fault.says}': {text}"
    if (got["status"], got["code"]) != (status(cell), cell.fault.code):
        yield f"status {got['status']} and code {got['code']}, not {status(cell)} and {cell.fault.code}"
    answered = status(cell) is not None
    if bool(re.fullmatch("RQ[0-9a-f]{32}", got["request_id"] or "")) != answered:
        yield f"request_id is {got['request_id']}"


def account(wanted: list[Fields], before: list[Service], after: list[Service]) -> Complaints:
    """The account afterwards: what the rules say, and every other Service as it was, to the byte."""
    if others(before) != others(after):
        yield f"another Service was touched: {others(before)} became {others(after)}"
    if own(after) != by_name(wanted):
        yield f"the account has {own(after)}, not {by_name(wanted)}"


def honesty(cell: Cell, got: Result, before: list[Service], after: list[Service]) -> Complaints:
    """Whatever the rules say: never two of one name, never an unsaid change."""
    names = [each["unique_name"] for each in after]
    if len(names) != len(set(names)):
        yield f"there are two Services of one name: {names}"
    if cell.fault.race or before == after:
        return
    if not got.changed:
        yield "there was a change, and changed is false"
    if got.failure is not None and NOTHING_CHANGED in got.failure["msg"]:
        yield f"there was a change, and the text says: {got.failure['msg']}"


def limits(
    cell: Cell, rules: Expected, struck: int, sent: list[tuple[str, str]], waits: list[float], elapsed: float
) -> Complaints:
    """How often the fault was met, how long was waited, and that the promised bound holds."""
    if struck != rules.struck:
        yield f"the fault was met {struck} times, not {rules.struck}"
    slack = 15.0 if cell.fault.wait == "date" else 0.0  # a date has whole seconds, and time goes on until it is read
    if len(waits) != len(rules.waits) or any(
        not want - slack <= wait <= want for wait, want in zip(waits, rules.waits, strict=True)
    ):
        yield f"waited {waits}, not {rules.waits}"
    pages = cell.pages + (cell.fault.next_page == "looping")
    if len(sent) > bounds.tries(cell.retries, pages, not cell.task.reads):
        yield f"sent {len(sent)} requests: {sent}"
    longest = bounds.seconds(
        SHORT if cell.fault.slow else LONG, cell.retries, pages, not cell.task.reads, _client.LONGEST_RETRY_AFTER
    )
    if elapsed + sum(waits) > longest + PATIENCE:
        yield f"took {elapsed + sum(waits):.1f} seconds, waits included"
    if cell.fault.slow and elapsed > struck * SHORT + PATIENCE:
        yield f"took {elapsed:.1f} seconds for {struck} requests that were answered too late"


def border(base_url: str, sent: list[tuple[str, str]], guests: int) -> Complaints:
    """Nothing goes anywhere else."""
    away = [url for _method, url in sent if not url.startswith(f"{base_url}/")]
    if away or guests:
        yield f"requests went elsewhere: {away}, {guests} arrived"


def settled(cell: Cell, rules: Expected) -> list[Fields]:
    """The Services in question when a run without a fault has done its work."""
    if rules.well or cell.task.reads:
        return by_name(rules.services)
    return [] if cell.task.after is None else [cell.task.after]


def convergence(
    cell: Cell,
    got: Result,
    wanted: list[Fields],
    before: list[Service],
    after: list[Service],
    sent: list[tuple[str, str]],
) -> Complaints:
    """A run without a fault does what is left to do, says so, and no more."""
    if got.failure is not None:
        yield f"failed: {got.failure}"
    yield from account(wanted, before, after)
    left_to_do = own(before) != wanted
    if got.changed != left_to_do or (not left_to_do and before != after):
        yield f"changed is {got.changed}, and there was {'something' if left_to_do else 'nothing'} to do"
    if not left_to_do and any(method != "GET" for method, _url in sent):
        yield f"wrote although there was nothing to do: {sent}"
    if cell.task is READ_ALL and got.objects != [known(each) for each in after]:
        yield f"returned {got.objects}"


def standstill(got: Result, before: list[Service], after: list[Service]) -> Complaints:
    """A run that cannot get what it wants says so again, and leaves everything as it is."""
    if got.failure is None or got.changed or not got.failure["msg"].endswith(NOTHING_CHANGED):
        yield f"should have failed and changed nothing: {got}"
    if before != after:
        yield f"{before} became {after}"
