# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a case: inject the fault, run the task, and return what differs from the rules."""

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
from .cases import Case
from .faults import LONG, SHORT, Context, Json
from .places import REQUESTS
from .rules import expected
from .servers import Diversion, OtherHost, RecordingAdapter, SlowServer
from .tasks import BEFORE, NAME, SID, Task


@dataclass(frozen=True)
class SharedServers:
    """The servers that all cases share."""

    other_host: OtherHost
    closed_port: int


@dataclass(frozen=True)
class Servers:
    """The servers for one case at a time."""

    emulator: Emulator
    slow_server: SlowServer
    shared: SharedServers


def initial_account(task: Task) -> Json:
    """Return the account that a task starts with."""
    services = [{"sid": SID, **_not_none(BEFORE)} if name == NAME else {"unique_name": name} for name in task.seeds]
    return {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "services": services}


def _not_none(values: t.Mapping[str, t.Any]) -> Json:
    return {name: value for name, value in values.items() if value is not None}


def inject(case: Case, servers: Servers) -> Diversion | None:
    """Set the fault up on the emulator, or return the diversion that causes it."""
    method, path = REQUESTS[case.place.step]
    times = None if case.persistent else 1
    if case.place.after_lost_create:
        servers.emulator.fault({"kind": "cut", "when": "after"}, *REQUESTS["create"])
    if case.fault.emulator_fault is not None:
        context = Context(servers.shared.other_host.base_url, case.settings, case.task.desired or {})
        servers.emulator.fault(case.fault.emulator_fault(context), method, path, case.skip, times)
        return None
    servers.slow_server.applies_requests = case.fault.applied == "yes"
    port = servers.slow_server.port if case.fault.diverted_to == "slow server" else servers.shared.closed_port
    return Diversion(method, path, case.skip, times, port)


def run_task(
    case: Case, base_url: str, adapter: RecordingAdapter, waits: list[float], timeout: float = LONG
) -> checks.Result:
    """Run the task once, as the modules do."""
    client = Client(
        base_url,
        Credentials(ACCOUNT_SID, AUTH_TOKEN),
        timeout=timeout,
        retries=case.retries,
        sleep=waits.append,
        verify=True,
        agent="",
        jitter=lambda: 0.0,
    )
    client._session.mount("http://", adapter)
    task = case.task
    sid = SID if task.by_sid else None
    try:
        if task.desired is None:
            found = gather(client, SERVICE, sid=sid, name=NAME if task.by_name else None)
            return checks.Result(changed=False, objects=found)
        outcome = reconcile(client, Desired(SERVICE, task.desired, sid=sid, absent=task.absent))
        return checks.Result(changed=outcome.changed, objects=[] if outcome.after is None else [outcome.after])
    except PreconditionError as error:
        return checks.Result(changed=False, failure={"msg": str(error)})
    except ApiError as error:
        details = {key: getattr(error, key) for key in FAILURE_KEYS}
        return checks.Result(changed=error.may_have_been_applied, failure={"msg": failure_text(error), **details})


def run_case(case: Case, servers: Servers) -> list[str]:
    """Run the case and return its problems, a line for each."""
    emulator, expectation = servers.emulator, expected(case)
    emulator.reset(accounts=[initial_account(case.task)], **case.settings)
    before = emulator.services()
    diversion = inject(case, servers)
    adapter, waits = RecordingAdapter(diversion), list[float]()

    begin = time.monotonic()
    result = run_task(case, emulator.base_url, adapter, waits, SHORT if case.fault.slow else LONG)
    elapsed = time.monotonic() - begin

    affected_requests = diversion.used if diversion else emulator.faults()[-1]["used"]
    remove_faults(emulator)
    if case.fault.applied == "late":
        wait_for_late_answers(emulator)
    after = emulator.services()
    found = [
        *checks.result(case, expectation, result, after),
        *checks.account_state(expectation.services, before, after),
        *checks.invariants(case, result, before, after),
        *checks.limits(case, expectation, affected_requests, adapter.sent, waits, elapsed),
        *checks.only_configured_host(emulator.base_url, adapter.sent, servers.shared.other_host.connections),
        *second_run(case, emulator, after),
    ]
    return [f"{case}: {problem}" for problem in found]


def second_run(case: Case, emulator: Emulator, left: list[Service]) -> t.Iterator[str]:
    """Yield the problems of a second run, without a fault, and of a third, which has nothing to change."""
    expectation = expected(case)
    converged_services = checks.converged_services(case, expectation)
    for number in ("second", "third"):
        adapter = RecordingAdapter()
        result = run_task(case, emulator.base_url, adapter, [])
        wrote = any(method != "GET" for method, _url in adapter.sent)
        now = emulator.services() if wrote else left
        if expectation.permanent:
            problems = checks.repeated_failure(result, left, now)
        else:
            problems = checks.convergence(case, result, converged_services, left, now, adapter.sent)
        yield from (f"{number} run: {problem}" for problem in problems)
        left = now


def remove_faults(emulator: Emulator) -> None:
    """Remove all faults that have not been used yet."""
    emulator.send("DELETE", "/__emulator__/faults")


def wait_for_late_answers(emulator: Emulator) -> None:
    """Wait until every late request has been applied."""
    while any(entry["fault"] == "late" and entry["status"] is None for entry in emulator.requests()):
        time.sleep(0.02)
