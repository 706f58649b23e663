# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The same as _reconcile.py for many objects at once: read, plan, refuse or act, with several requests in flight.

Every change goes through apply(), so that a lost answer is found out about here as it is there.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
import typing as t
from dataclasses import dataclass, replace
from itertools import permutations

from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import (
    Entry,
    Pool,
    Pruning,
    Step,
    in_batches,
    names_of,
    plan_all,
    turn,
    wanted_by,
    wanted_twice,
)
from ansible_collections.twilio.proxy.plugins.module_utils._client import Client
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError, Stopped
from ansible_collections.twilio.proxy.plugins.module_utils._plan import NOTHING_CHANGED, PreconditionError, plan
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import Desired, Outcome, TaskError, apply, gather
from ansible_collections.twilio.proxy.plugins.module_utils._resources import Object, Resource
from ansible_collections.twilio.proxy.plugins.module_utils._validation import label, quoted

#: Seconds: Python runs signal handlers only when the main thread wakes.
POLL_INTERVAL = 0.1
#: Seconds that requests in flight get for their answers when the task is interrupted.
TIME_TO_FINISH = 1.0

_Job = t.TypeVar("_Job")
_Result = t.TypeVar("_Result")


@dataclass
class StepResult:
    """What came of a step: an outcome, or trouble, or neither if it was not attempted; and of those of its pool.

    ``aside`` is true while the object has, or may have, a name that it was given to make way for another one.
    """

    step: Step
    outcome: Outcome | None = None
    error: TaskError | None = None
    pool: list[StepResult] | None = None
    has_temporary_name: bool = False


def read_all(
    clients: t.Sequence[Client], resource: Resource, children: Resource, of: t.Callable[[Object], bool]
) -> list[tuple[Object, list[Object] | None]]:
    """All objects of the resource, each with its contents if ``of`` says so. Raises ApiError.

    What is deleted between the two requests is left out.
    """
    objects = _once(gather(clients[0], resource))
    wanted = [item for item in objects if of(item)]
    found = in_parallel(clients, wanted, lambda client, item: _contents(client, resource, children, item))
    for error in found:
        if isinstance(error, (PreconditionError, ApiError)):
            raise error
    pools = {item["sid"]: pool if isinstance(pool, list) else None for item, pool in zip(wanted, found)}
    vanished = {sid for sid, pool in pools.items() if pool is None}
    return [(item, pools.get(item["sid"])) for item in objects if item["sid"] not in vanished]


def _contents(client: Client, resource: Resource, children: Resource, item: Object) -> list[Object] | None:
    """Return what is in an object, None if that is absent. Raises ApiError, which names the object."""
    sid = item["sid"]
    try:
        return _once(gather(client, children.in_parent(sid)))
    except ApiError as failure:
        # A plan creates what is absent: the object itself is asked for, as its list may be missing for another reason.
        if failure.says_absent(resource) and client.fetch(resource, sid) is None:
            return None
        raise replace(failure, operation=f"{failure.operation} of the {label(resource, item)}") from None


def _once(objects: t.Iterable[Object]) -> list[Object]:
    # While others delete, a page may begin with what the page before ended with.
    return list({item["sid"]: item for item in objects}.values())


def plan_list(
    clients: t.Sequence[Client],
    resource: Resource,
    children: Resource,
    entries: t.Sequence[Entry],
    *,
    pruning: Pruning | None,
    prune_children: bool,
    predicted_values: t.Mapping[str, t.Any],
) -> list[Step]:
    """The steps for all entries, with those of their pools. Raises Refused, with all that is wrong, or ApiError."""
    with_pool = {entry.sid or entry.desired[resource.name_field] for entry in entries if entry.pool is not None}
    read = read_all(
        clients, resource, children, lambda item: item["sid"] in with_pool or item[resource.name_field] in with_pool
    )
    pools_read = {item["sid"]: pool or [] for item, pool in read}
    steps, found = plan_all(resource, entries, [item for item, _pool in read], predicted_values, pruning)
    planned, pools = [], []
    for step in steps:
        if step.entry.pool is not None:
            sid = step.change.before["sid"] if step.change.before else None
            there = pools_read.get(sid, [])
            pool_steps, wrong = plan_all(
                children,
                step.entry.pool,
                there,
                {**predicted_values, f"{resource.key}_sid": sid},
                Pruning(at_most=len(there), place=f"{step.entry.place}.{children.list_key}")
                if prune_children
                else None,
            )
            found += wrong
            pools.append(Pool(step.entry.place, there, pool_steps))
            step = replace(step, pool=tuple(pool_steps))
        planned.append(step)
    found += wanted_twice(children, pools)
    if found:
        raise PreconditionError(" ".join(found), NOTHING_CHANGED)
    return planned


def predict(steps: t.Sequence[Step]) -> list[StepResult]:
    """What would come of the steps."""
    return [
        StepResult(
            step,
            Outcome(step.change.operation != "none", step.change.before, step.change.after),
            pool=None if step.pool is None else predict(step.pool),
        )
        for step in steps
    ]


def not_begun(steps: t.Sequence[Step]) -> list[StepResult]:
    """Return the results of the steps before carry_out(): an outcome only where nothing has to be done."""
    done = predict(steps)
    for one in done:
        for part in (one, *(one.pool or [])):
            if part.step.change.operation != "none":
                part.outcome = None
    return done


def carry_out(
    clients: t.Sequence[Client], resource: Resource, children: Resource, done: t.Sequence[StepResult]
) -> None:
    """Do the steps, until one fails, with a request in flight for each client, and note the results in ``done``.

    Requests in flight are waited for. ``done`` is right after an interrupt too.
    """
    steps = [one.step for one in done]
    by_place = {id(one.step.entry): one for one in done}
    for batch in in_batches(resource, steps):
        jobs = [(resource, by_place[id(step.entry)], step) for step in batch]
        if not _do(clients, jobs):
            return
    for one in done:
        _start_pool_anew(children, one)
    waiting = [(one, part) for one in done for part in one.pool or [] if part.outcome is None]
    for now in sorted({turn(part.step) for _one, part in waiting}):
        jobs = [(children.in_parent(_sid(one)), part, part.step) for one, part in waiting if turn(part.step) == now]
        if not _do(clients, jobs) or _refuse_named_twice(children, done):
            return


def _refuse_named_twice(children: Resource, done: t.Sequence[StepResult]) -> bool:
    """Refuse what another entry has added by its SID, as the answer told; return whether anything is refused."""
    parts = {id(part.step.entry): part for one in done for part in one.pool or []}
    names = names_of(children, [part.outcome.after for part in parts.values() if part.outcome and part.outcome.after])
    for name, entries in wanted_by(children, [part.step for part in parts.values()], names).items():
        for added, left in permutations(entries, 2):
            if parts[id(added)].outcome is not None and parts[id(left)].outcome is None:
                why = f"the {children.name} {quoted(name)} is {added.sid}, which {added.place} names: name it once."
                parts[id(left)].error = PreconditionError(why)
    return any(part.error is not None for part in parts.values())


def _start_pool_anew(children: Resource, one: StepResult) -> None:
    """Plans the pool of an object that somebody deleted meanwhile and that had to be created again: it is empty."""
    before = one.step.change.before
    if one.pool is None or before is None or before["sid"] == _sid(one):
        return
    for part in one.pool:
        if part.step.entry.absent:
            part.outcome = Outcome(False, part.step.change.before, None)
        else:
            part.outcome = None
            part.step = replace(part.step, change=plan(children, part.step.entry.desired, None))


def _sid(one: StepResult) -> str:
    # What has a pool shall be there, and the turn of the pools comes when it is.
    item: t.Any = one.outcome and one.outcome.after
    return str(item["sid"])


def _do(clients: t.Sequence[Client], jobs: t.Sequence[tuple[Resource, StepResult, Step]]) -> bool:
    """Does the jobs, and notes what came of each; false if one failed."""
    # Nothing that was read has named the account: the answer to one request has to, before another one is sent.
    if len(jobs) > 1 and not clients[0].knows_account:
        return _do_at_once(clients[:1], jobs[:1]) and _do_at_once(clients, jobs[1:])
    return _do_at_once(clients, jobs)


def _do_at_once(clients: t.Sequence[Client], jobs: t.Sequence[tuple[Resource, StepResult, Step]]) -> bool:
    def work(client: Client, job: tuple[Resource, StepResult, Step]) -> Outcome:
        resource, one, step = job
        desired = step.change.send if step.is_temporary_rename else step.entry.desired
        entry = step.entry
        outcome = apply(client, Desired(resource, desired, entry.sid, entry.absent), step.change)
        if step.is_temporary_rename or one.has_temporary_name:
            outcome = Outcome(True, one.step.change.before, outcome.after)
        return outcome

    results: list[Outcome | TaskError | None] = [None] * len(jobs)
    try:
        in_parallel(clients, jobs, work, results)
    finally:  # also after an interrupt
        for (_resource, one, step), result in zip(jobs, results):
            if isinstance(result, Outcome):
                one.outcome, one.has_temporary_name = result, step.is_temporary_rename
            else:
                one.error = result
                one.has_temporary_name = one.has_temporary_name or (
                    step.is_temporary_rename and result is not None and result.may_have_been_applied
                )
    return all(isinstance(result, Outcome) for result in results)


def in_parallel(
    clients: t.Sequence[Client],
    jobs: t.Sequence[_Job],
    work: t.Callable[[Client, _Job], _Result],
    results: list[_Result | TaskError | None] | None = None,
) -> list[_Result | TaskError | None]:
    """Return the results of the jobs, in their order. After a failure no other job is begun; its result is None.

    ``results``, if given, gets each result as soon as it is there. After an interrupt, a change whose answer has not
    come is an ApiError there, and the interrupt is raised.
    """
    found: list[_Result | TaskError | None] = [None] * len(jobs) if results is None else results
    waiting = iter(range(len(jobs)))
    lock, stop = threading.Lock(), threading.Event()
    current: dict[Client, int] = {}
    # Lines about retries, for the main thread to show, and None for each worker that has ended.
    events: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def next_job() -> int | None:
        with lock:
            return None if stop.is_set() else next(waiting, None)

    def serve(client: Client) -> None:
        while (number := next_job()) is not None:
            client.begin(events.put)
            current[client] = number
            try:
                found[number] = work(client, jobs[number])
            except (PreconditionError, ApiError) as error:
                stop.set()
                if error.may_have_been_applied or not isinstance(error, Stopped):
                    found[number] = error
            except BaseException as error:  # noqa: BLE001  (a thread has nobody to raise it to)
                stop.set()
                # Whatever it was, what has been done must not be forgotten because of it.
                found[number] = ApiError(
                    "go on", f"unexpected {type(error).__name__}: {error}", may_have_been_applied=True
                )
        events.put(None)

    used, on_retry = clients[: len(jobs)], clients[0].on_retry
    workers: list[threading.Thread] = []
    try:
        for client in used:
            # A daemon, because Python waits for other threads at its end.
            worker = threading.Thread(target=serve, args=(client,), daemon=True)
            worker.start()
            workers.append(worker)
        left = len(workers)
        while left:
            with contextlib.suppress(queue.Empty):
                line = events.get(timeout=POLL_INTERVAL)
                if line is None:
                    left -= 1
                else:
                    on_retry(line)
    except BaseException:  # an interrupt
        stop.set()
        for client in used:
            client.stop()
        end = time.monotonic() + TIME_TO_FINISH
        for worker in workers:
            worker.join(max(0.0, end - time.monotonic()))
        for client, number in list(current.items()):
            if found[number] is None and client.writing is not None:
                found[number] = ApiError(
                    client.writing, "the task ended before the answer came", may_have_been_applied=True
                )
        raise
    for client in used:
        client.on_retry = on_retry
    return found
