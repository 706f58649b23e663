# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to hold after each case. The rules know the properties of the fault, and nothing of the task but its row."""

from __future__ import annotations

import base64
import itertools
import typing as t
from collections import Counter

from ansible_collections.twilio.proxy.plugins.module_utils._client import FIRST_WAIT
from ansible_collections.twilio.proxy.plugins.module_utils._plan import NOTHING_CHANGED
from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER, SERVICE, SESSION
from ansible_collections.twilio.proxy.plugins.module_utils._result import NOT_KNOWN

from .cases import Case, CleanRun, clean_run, comparable, run, together
from .faults import Injection
from .tasks import ACCOUNT_SID, AUTH_TOKEN, BULK, PASSWORD
from .wire import BASE_URL, Json, Run, Wire

Problems = t.Iterator[str]

SECRETS = (AUTH_TOKEN, PASSWORD, base64.b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode())
MASK = "********"


def problems(case: Case) -> list[str]:
    """Run a case and return what breaks a rule."""
    clean = clean_run(case.task, case.variant)
    injection = Injection(case.fault, case.request.key, case.skip, case.mode.persistent)
    wire = Wire(clean.settings, injection, None if case.fault.is_race else together(case.task))
    before = wire.objects()
    first = run(case.task, wire, case.mode)
    found = [*output(first), *requests(case, clean, wire, injection)]
    if case.mode.check_mode:
        found += [*failure(case, first, wire), *unchanged(wire, before)]
    elif case.fault.is_race:
        found += race(first, wire)
    elif succeeds(case):
        found += success(first, wire, clean)
    else:
        found += [*failure(case, first, wire), *left_behind(case, wire, clean)]
    if not case.mode.check_mode:
        found += [*report(case, first, wire, before, clean), *run_again(case, first, wire)]
    return [f"{case}: {problem}" for problem in found]


def succeeds(case: Case) -> bool:
    """Whether the task succeeds in spite of the fault."""
    can_be_repeated = not case.mode.persistent and case.mode.retries > 0
    if case.fault.then is not None:
        return case.fault.then.transient and can_be_repeated
    if case.is_looked_up and case.fault.applied:
        return True
    return (case.fault.transient or case.is_looked_up) and can_be_repeated


def output(got: Run) -> Problems:
    """The exit status goes with the result, and no secret is printed."""
    if got.status != int(got.failed):
        yield f"the exit status is {got.status}"
    for secret in SECRETS:
        if secret in got.output:
            yield f"a secret is printed: {got.output}"


def requests(case: Case, clean: CleanRun, wire: Wire, injection: Injection) -> Problems:
    """Requests go to one host; nothing is created twice; there is an end to tries, and a wait before each."""
    foreign = [request.url for request in wire.sent if not request.url.startswith(f"{BASE_URL}/")]
    if foreign:
        yield f"requests to another host: {foreign}"
    created = [request.key for request in wire.applied if request.creates]
    if len(created) != len(set(created)):
        yield f"created twice: {created}"
    if case.is_looked_up:
        sent = [request for request in wire.sent if request.key == case.request.key or not request.writes]
        if any(one.writes and other.writes for one, other in itertools.pairwise(sent)):
            yield f"sent again without a look: {sent}"
    reads, writes = len(clean.sent) - len(clean.writes), len(clean.writes)
    tries = case.mode.retries + 1
    if len(wire.sent) > tries * (reads * (tries + 2) + writes * (tries + 1) if writes else reads + case.fault.is_race):
        yield f"sent {len(wire.sent)} requests, and {len(clean.sent)} without a fault"
    if case.fault.is_race:
        return
    if case.fault.then is None and not (case.is_looked_up and case.fault.applied):
        is_tried = case.mode.persistent and (case.fault.transient or case.is_looked_up)
        if injection.met != (tries if is_tried else 1):
            yield f"{injection.met} requests met the fault"
    if len(wire.waits) < injection.met - 1 or any(wait < FIRST_WAIT for wait in wire.waits):
        yield f"waited {wire.waits} for {injection.met} requests that met the fault"


def success(got: Run, wire: Wire, clean: CleanRun) -> Problems:
    """The result and the account are those of a run without the fault."""
    result = comparable(got.result, wire.known_sids)
    if result != clean.result:
        yield f"returned {result}, and without the fault {clean.result}"
    if wire.account() != clean.snapshots[-1]:
        yield f"the account is {wire.account()}"


def failure(case: Case, got: Run, wire: Wire) -> Problems:
    """The failure says what Twilio answered, and whether something was changed."""
    if not got.failed:
        yield f"succeeded: {got.result}"
        return
    then = case.fault.then if case.request.is_once or case.mode.retries else None
    last = then or case.fault
    if (got.result["status"], got.result["code"]) != (last.status, last.code):
        yield f"status {got.result['status']}, code {got.result['code']}"
    if got.result["changed"] != (bool(wire.applied) or case.is_uncertain):
        yield f"changed is {got.result['changed']}, and these were applied: {wire.applied}"
    if (NOT_KNOWN in got.result["msg"]) != case.is_uncertain:
        yield f"the message is {got.result['msg']}"
    if NOTHING_CHANGED in got.result["msg"] and (got.result["changed"] or wire.applied):
        yield f"something may have been changed, and the message is {got.result['msg']}"
    if case.task.module not in BULK and not got.result["changed"] and NOTHING_CHANGED not in got.result["msg"]:
        yield f"nothing was changed, and the message is {got.result['msg']}"


def left_behind(case: Case, wire: Wire, clean: CleanRun) -> Problems:
    """After a failure, the requests in flight are completed, and no other change is begun."""
    position = [request.key for request in clean.sent].index(case.request.key)
    done = [request for request in clean.sent[:position] if request.writes]
    if case.task.in_flight > 1 and case.request.writes:
        done = [request for request in clean.writes if request.key != case.request.key]
    keys = {request.key for request in wire.applied} - {case.request.key}
    if keys != {request.key for request in done}:
        yield f"applied {keys}, and before the fault only {done}"
    was_applied = case.fault.applied and case.request.writes
    if (case.request.key in {request.key for request in wire.applied}) != was_applied:
        yield f"the request that met the fault {'should have been' if was_applied else 'was'} applied"
    if case.task.in_flight == 1 and wire.account() != clean.snapshots[len(done) + was_applied]:
        yield f"the account is {wire.account()}"


def unchanged(wire: Wire, before: t.Mapping[str, Json]) -> Problems:
    """Check mode does not write."""
    if any(request.writes for request in wire.sent) or wire.objects() != before:
        yield f"sent {wire.sent}"


def race(got: Run, wire: Wire) -> Problems:
    """What is reported as changed is what this client changed, and not another one."""
    if got.result["changed"] != bool(wire.applied):
        yield f"changed is {got.result['changed']}, and these were applied: {wire.applied}"


def report(case: Case, got: Run, wire: Wire, before: t.Mapping[str, Json], clean: CleanRun) -> Problems:
    """What is reported of each entry of a list, and of its children, is so, and is what the entry asks for."""
    key = case.task.module
    entries = [entry for entry in got.result.get(key, []) if "operation" in entry]
    if not entries:
        return
    if Counter(entry["operation"] for entry in entries) != Counter(got.result["summary"]):
        yield f"the summary is {got.result['summary']}"
    after = wire.objects()
    # What would be pruned comes last, and is not there if the task failed before it knew.
    for entry, wanted in zip(entries, clean.result[key], strict=False):
        place = f"{SERVICE.path}/{entry['sid']}"
        if key == "sessions":
            place = f"{SERVICE.path}/{entry['service_sid']}{SESSION.path}/{entry['sid']}"
        rows = [(place, entry, wanted)]
        for child, wanted_child in zip(entry.get("phone_numbers", []), wanted.get("phone_numbers", []), strict=False):
            rows.append((f"{place}{PHONE_NUMBER.path}/{child['sid']}", child, wanted_child))
        for path, item, wanted_item in rows:
            exists = after.get(path)
            if item["operation"] == "not_attempted":
                is_so = exists == before.get(path) or case.fault.is_race
            elif item["operation"] == "failed":
                is_so = True
            elif case.fault.is_race:
                is_so = exists is None or is_report_of(exists, item)
            elif item["operation"] == "deleted":
                is_so = exists is None and wanted_item["operation"] == "deleted"
            else:
                is_so = exists is not None and is_report_of(exists, item) and is_report_of(exists, wanted_item)
                is_so = is_so and item["operation"] == wanted_item["operation"]
            if not is_so:
                yield f"reported {item}, and the object is {exists}"


def is_report_of(exists: Json, item: Json) -> bool:
    """Whether an entry reports the values of the object, but for those that are masked."""
    reported = {"status": item["operation"]} if item["operation"] == "closed" else item.get("service", item)
    values = ((reported[name], value) for name, value in exists.items() if name in reported and name != "sid")
    return all(one == value or MASK in str(one) for one, value in values)


def run_again(case: Case, first: Run, wire: Wire) -> Problems:
    """A second run, without the fault, does what is left to do and no more; a third one has nothing to do.

    What could not be done because of another client still cannot be done, or it would have been done.
    """
    expected = clean_run(case.task, case.variant).snapshots[-1]
    for name in ("second", "third"):
        wire.restart()
        before = wire.account()
        again = run(case.task, wire)
        yield from output(again)
        if not case.fault.is_race and (again.failed or wire.account() != expected):
            yield f"the {name} run returned {again.result}, and left {wire.account()}"
        if case.fault.is_race and case.task.module not in BULK and again.failed != first.failed:
            yield f"the first run returned {first.result}, and the {name} {again.result}"
        if case.fault.is_race and again.result["changed"] and not first.failed and not again.failed:
            yield f"the first run returned {first.result}, and the second one changed {wire.applied}"
        if not again.result["changed"] == (wire.account() != before) == bool(wire.applied):
            yield f"changed of the {name} run is {again.result['changed']}, and it applied {wire.applied}"
        if not again.result["changed"]:
            if not again.failed and any(request.writes for request in wire.sent):
                yield f"the {name} run had nothing to do, and sent {wire.sent}"
            return
    # While the name stays taken, each run fails after it has created some of the others.
    if not (case.fault.is_race and again.failed):
        yield f"the third run changed something: {wire.applied}"
