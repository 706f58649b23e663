# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays a cell: brings the fault about, runs the task, and says what is not as the rules have it."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass

from ansible_collections.twilio.proxy.plugins.module_utils._client import Client, Credentials
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._plan import PreconditionError
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import Desired, gather, reconcile
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE
from ansible_collections.twilio.proxy.plugins.module_utils._result import FAILURE_KEYS, failure_text
from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, Emulator, Service

from . import checks
from .cells import Cell
from .elsewhere import Diversion, Dripping, Elsewhere, Line
from .faults import LONG, SHORT, Json, Scene
from .places import WIRE
from .rules import expected
from .tasks import BEFORE, NAME, SID, Task


@dataclass(frozen=True)
class Beside:
    """What all cells share beside the emulator."""

    elsewhere: Elsewhere
    closed_port: int


@dataclass(frozen=True)
class Desk:
    """What one cell at a time needs."""

    emulator: Emulator
    dripping: Dripping
    beside: Beside


def account(task: Task) -> Json:
    """The account that a task meets."""
    services = [{"sid": SID, **_given(BEFORE)} if name == NAME else {"unique_name": name} for name in task.seeds]
    return {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "services": services}


def _given(fields: t.Mapping[str, t.Any]) -> Json:
    return {name: value for name, value in fields.items() if value is not None}


def bring_about(cell: Cell, desk: Desk) -> Diversion | None:
    """Lays the fault in wait: with the emulator, or on the line."""
    method, path = WIRE[cell.place.step]
    times = None if cell.persistent else 1
    if cell.place.after_lost_create:
        desk.emulator.fault({"kind": "cut", "when": "after"}, *WIRE["create"])
    if cell.fault.strikes is not None:
        scene = Scene(desk.beside.elsewhere.base_url, cell.settings, cell.task.desired or {})
        desk.emulator.fault(cell.fault.strikes(scene), method, path, cell.skip, times)
        return None
    desk.dripping.carries_out = cell.fault.carried_out == "yes"
    port = desk.dripping.port if cell.fault.line == "drips" else desk.beside.closed_port
    return Diversion(method, path, cell.skip, times, port)


def run(cell: Cell, base_url: str, line: Line, waits: list[float], timeout: float = LONG) -> checks.Result:
    """The task, once, as the modules would run it."""
    client = Client(
        base_url,
        Credentials(ACCOUNT_SID, AUTH_TOKEN),
        timeout=timeout,
        retries=cell.retries,
        sleep=waits.append,
        verify=True,
        agent="",
        jitter=lambda: 0.0,
    )
    client._session.mount("http://", line)
    task = cell.task
    sid = SID if task.by_sid else None
    try:
        if task.desired is None:
            found = gather(client, SERVICE, sid=sid, name=NAME if task.by_name else None)
            return checks.Result(changed=False, objects=found)
        outcome = reconcile(client, Desired(SERVICE, task.desired, sid=sid, absent=task.absent))
        return checks.Result(changed=outcome.changed, objects=[] if outcome.after is None else [outcome.after])
    except PreconditionError as refused:
        return checks.Result(changed=False, failure={"msg": str(refused)})
    except ApiError as error:
        known = {key: getattr(error, key) for key in FAILURE_KEYS}
        return checks.Result(changed=error.may_have_been_applied, failure={"msg": failure_text(error), **known})


def play(cell: Cell, desk: Desk) -> list[str]:
    """What is wrong with what came of the cell: a line each, none if all is well."""
    emulator, rules = desk.emulator, expected(cell)
    emulator.reset(accounts=[account(cell.task)], **cell.settings)
    before = emulator.services()
    diversion = bring_about(cell, desk)
    line, waits = Line(diversion), list[float]()

    begin = time.monotonic()
    result = run(cell, emulator.base_url, line, waits, SHORT if cell.fault.slow else LONG)
    elapsed = time.monotonic() - begin

    struck = diversion.used if diversion else emulator.faults()[-1]["used"]
    heal(emulator)
    if cell.fault.carried_out == "late":
        wait_for_late_answers(emulator)
    after = emulator.services()
    found = [
        *checks.result(cell, rules, result, after),
        *checks.account(rules.services, before, after),
        *checks.honesty(cell, result, before, after),
        *checks.limits(cell, rules, struck, line.sent, waits, elapsed),
        *checks.border(emulator.base_url, line.sent, desk.beside.elsewhere.guests),
        *second_run(cell, emulator, after),
    ]
    return [f"{cell}: {complaint}" for complaint in found]


def second_run(cell: Cell, emulator: Emulator, left: list[Service]) -> t.Iterator[str]:
    """What is wrong with a second run, without a fault, and with a third, which finds nothing to do."""
    rules = expected(cell)
    settled = checks.settled(cell, rules)
    for number in ("second", "third"):
        line = Line()
        result = run(cell, emulator.base_url, line, [])
        wrote = any(method != "GET" for method, _url in line.sent)
        now = emulator.services() if wrote else left
        if rules.stays:
            complaints = checks.standstill(result, left, now)
        else:
            complaints = checks.convergence(cell, result, settled, left, now, line.sent)
        yield from (f"{number} run: {complaint}" for complaint in complaints)
        left = now


def heal(emulator: Emulator) -> None:
    """Takes all faults away that have not struck yet."""
    emulator.send("DELETE", "/__emulator__/faults")


def wait_for_late_answers(emulator: Emulator) -> None:
    """Until every request that was to be carried out late has been."""
    while any(entry["fault"] == "late" and entry["status"] is None for entry in emulator.requests()):
        time.sleep(0.02)
