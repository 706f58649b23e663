# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the result of a case. Each yields a line for each difference from what the rules expect."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.twilio.proxy.plugins.module_utils import _client
from ansible_collections.twilio.proxy.plugins.module_utils._plan import writable
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE, Object
from ansible_collections.twilio.proxy.tests.support.emulator import Service

from . import rules
from .cases import Case
from .faults import LONG, SHORT
from .rules import Expected, operation, status
from .tasks import NAME, OTHER_NAMES, READ_ALL, Fields

Problems = t.Iterator[str]

NOTHING_CHANGED = "Nothing was changed."
NOT_KNOWN = "It is not known whether the change was made."
#: Seconds that a busy machine may exceed a time limit by.
PATIENCE = 4.0


@dataclass(frozen=True)
class Result:
    """The result of a task. ``failure`` is None after a success, else the values that a module fails with."""

    changed: bool
    objects: list[Object] = field(default_factory=list)
    failure: t.Mapping[str, t.Any] | None = None


def as_read(service: t.Mapping[str, t.Any]) -> Object:
    """Return a Service of the emulator as the collection reads it."""
    return {row.name: row.normalize(service[row.name]) for row in SERVICE.fields}


def other_services(services: t.Iterable[Service]) -> list[Service]:
    """Return the Services that the task is not about."""
    found = (service for service in services if service["unique_name"] in OTHER_NAMES)
    return sorted(found, key=lambda service: str(service["sid"]))


def own_services(services: t.Iterable[Service]) -> list[Fields]:
    """Return the writable fields of the Services that the task is about, sorted by name."""
    found = (service for service in services if service["unique_name"] not in OTHER_NAMES)
    return by_name(writable(SERVICE, as_read(service)) or {} for service in found)


def by_name(services: t.Iterable[Fields]) -> list[Fields]:
    return sorted(services, key=lambda service: str(service["unique_name"]))


def result(case: Case, expectation: Expected, got: Result, after: list[Service]) -> Problems:
    """Check success or failure, ``changed``, and the returned values."""
    if (got.failure is None) != expectation.succeeds:
        yield f"should have {'succeeded' if expectation.succeeds else 'failed'}, and returned {got}"
        return
    if got.changed != expectation.changed:
        yield f"changed is {got.changed}"
    if got.failure is not None:
        yield from failure(case, expectation, got.failure)
        return
    name = (case.task.desired or {}).get("unique_name", NAME)
    found = [as_read(service) for service in after if service["unique_name"] == name or case.task is READ_ALL]
    # A request that is applied late changes no value, but the date of the last update.
    ignored = {"date_updated": None} if case.fault.applied == "late" else {}
    if [{**service, **ignored} for service in got.objects] != [{**service, **ignored} for service in found]:
        yield f"returned {got.objects}, and the account has {found}"


def failure(case: Case, expectation: Expected, got: t.Mapping[str, t.Any]) -> Problems:
    """Check the message of a failure and the values beside it."""
    text = got["msg"]
    if text.endswith(NOTHING_CHANGED) == expectation.uncertain or (NOT_KNOWN in text) != expectation.uncertain:
        yield f"the message should {'not ' * expectation.uncertain}say that nothing was changed: {text}"
    if expectation.precondition_fails:
        if not text.startswith("There is no Service KS"):
            yield f"the message should say that there is no such Service: {text}"
        return
    if not text.startswith(f"Cannot {operation(case)}: ") or case.fault.message not in text:
        yield f"the text should say 'Cannot {operation(case)}' and '{case.fault.message}': {text}"
    if (got["status"], got["code"]) != (status(case), case.fault.code):
        yield f"status {got['status']} and code {got['code']}, not {status(case)} and {case.fault.code}"
    answered = status(case) is not None
    if bool(re.fullmatch("RQ[0-9a-f]{32}", got["request_id"] or "")) != answered:
        yield f"request_id is {got['request_id']}"


def account_state(wanted: list[Fields], before: list[Service], after: list[Service]) -> Problems:
    """Check the account afterwards: as the rules say, with every other Service unchanged."""
    if other_services(before) != other_services(after):
        yield f"another Service was changed: {other_services(before)} became {other_services(after)}"
    if own_services(after) != by_name(wanted):
        yield f"the account has {own_services(after)}, not {by_name(wanted)}"


def invariants(case: Case, got: Result, before: list[Service], after: list[Service]) -> Problems:
    """Check what has to hold in every case: no two Services of one name, and no unreported change."""
    names = [service["unique_name"] for service in after]
    if len(names) != len(set(names)):
        yield f"two Services have the same name: {names}"
    if case.fault.race or before == after:
        return
    if not got.changed:
        yield "something was changed, and changed is false"
    if got.failure is not None and NOTHING_CHANGED in got.failure["msg"]:
        yield f"something was changed, and the message is: {got.failure['msg']}"


def limits(
    case: Case,
    expectation: Expected,
    affected_requests: int,
    sent: list[tuple[str, str]],
    waits: list[float],
    elapsed: float,
) -> Problems:
    """Check the number of affected requests, the waits, and the documented bounds."""
    if affected_requests != expectation.affected_requests:
        yield f"the fault affected {affected_requests} requests, not {expectation.affected_requests}"
    slack = 15.0 if case.fault.wait == "date" else 0.0  # a date has whole seconds, and is read later
    if len(waits) != len(expectation.waits) or any(
        not want - slack <= wait <= want for wait, want in zip(waits, expectation.waits, strict=True)
    ):
        yield f"waited {waits}, not {expectation.waits}"
    pages = case.pages + (case.fault.next_page == "looping")
    if len(sent) > rules.max_requests(case.retries, pages, not case.task.reads):
        yield f"sent {len(sent)} requests: {sent}"
    longest = rules.max_seconds(
        SHORT if case.fault.slow else LONG, case.retries, pages, not case.task.reads, _client.LONGEST_RETRY_AFTER
    )
    if elapsed + sum(waits) > longest + PATIENCE:
        yield f"took {elapsed + sum(waits):.1f} seconds, waits included"
    if case.fault.slow and elapsed > affected_requests * SHORT + PATIENCE:
        yield f"took {elapsed:.1f} seconds for {affected_requests} requests that were answered too late"


def only_configured_host(base_url: str, sent: list[tuple[str, str]], connections: int) -> Problems:
    """Check that no request went to another host."""
    foreign = [url for _method, url in sent if not url.startswith(f"{base_url}/")]
    if foreign or connections:
        yield f"requests to another host: {foreign}, {connections} connections"


def converged_services(case: Case, expectation: Expected) -> list[Fields]:
    """Return the Services that the task is about after a further run without a fault."""
    if expectation.succeeds or case.task.reads:
        return by_name(expectation.services)
    return [] if case.task.after is None else [case.task.after]


def convergence(
    case: Case,
    got: Result,
    wanted: list[Fields],
    before: list[Service],
    after: list[Service],
    sent: list[tuple[str, str]],
) -> Problems:
    """Check that a run without a fault makes the changes that are left, reports them, and does nothing else."""
    if got.failure is not None:
        yield f"failed: {got.failure}"
    yield from account_state(wanted, before, after)
    left_to_do = own_services(before) != wanted
    if got.changed != left_to_do or (not left_to_do and before != after):
        yield f"changed is {got.changed}, with {'something' if left_to_do else 'nothing'} to change"
    if not left_to_do and any(method != "GET" for method, _url in sent):
        yield f"wrote with nothing to change: {sent}"
    if case.task is READ_ALL and got.objects != [as_read(service) for service in after]:
        yield f"returned {got.objects}"


def repeated_failure(got: Result, before: list[Service], after: list[Service]) -> Problems:
    """Check that a run that cannot succeed fails again and changes nothing."""
    if got.failure is None or got.changed or not got.failure["msg"].endswith(NOTHING_CHANGED):
        yield f"should have failed and changed nothing: {got}"
    if before != after:
        yield f"{before} became {after}"
