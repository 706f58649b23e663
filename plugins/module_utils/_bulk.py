# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Reconcile many objects: read, plan, refuse or act, with several requests in flight.

Every change goes through apply(), which recovers from a lost answer here as it does for one object.
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
    ChildrenPlan,
    Entry,
    ListPlan,
    Pruning,
    Step,
    in_batches,
    names_of,
    plan_all,
    sid_to_change,
    turn,
    wanted_by,
    wanted_from_unlisted,
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
    """Result of a step and of those of its children. Neither outcome nor error is set if it was not attempted.

    ``has_temporary_name`` is true while the object has, or may have, a temporary name.
    """

    step: Step
    outcome: Outcome | None = None
    error: TaskError | None = None
    children: list[StepResult] | None = None
    has_temporary_name: bool = False


#: A step to do, the kind of its object in its parents, and the result to complete.
Job = tuple[Resource, StepResult, Step]


def read_all(
    clients: t.Sequence[Client],
    resource: Resource,
    with_children: t.Callable[[Object], bool],
    child: Resource | None = None,
) -> list[tuple[Object, list[Object] | None]]:
    """Return all objects of the resource, each with its children if ``with_children`` is true. Raise ApiError.

    ``child`` is the kind of children, by default the one that an entry of a list has. An object that is deleted between
    the two requests is left out.
    """
    objects = read_list(clients[0], resource)
    wanted = [item for item in objects if with_children(item)]
    results = read_children(clients, [(resource, item) for item in wanted], child or resource.child)
    children = {item["sid"]: result for item, result in zip(wanted, results)}
    vanished = {sid for sid, result in children.items() if result is None}
    return [(item, children.get(item["sid"])) for item in objects if item["sid"] not in vanished]


def read_children(
    clients: t.Sequence[Client], parents: t.Sequence[tuple[Resource, Object]], child: Resource
) -> list[list[Object] | None]:
    """Return the children of each object, None if it is absent. Raise ApiError.

    The objects come with their kind, in their own parent.
    """
    results = in_parallel(clients, parents, lambda client, parent: _children(client, *parent, child))
    for result in results:
        if isinstance(result, (PreconditionError, ApiError)):
            raise result
    return [result if isinstance(result, list) else None for result in results]


def _children(client: Client, resource: Resource, item: Object, child: Resource) -> list[Object] | None:
    """Return the children of an object, None if it is absent. Raise ApiError, which names the object."""
    sid = item["sid"]
    try:
        return read_list(client, child.in_parent(*map(str, resource.parent_sids.values()), sid))
    except ApiError as error:
        # A plan creates absent objects: read the object itself, as its list may be missing for another reason.
        if error.says_absent(resource) and client.fetch(resource, sid) is None:
            return None
        raise replace(error, operation=f"{error.operation} of the {label(resource, item)}") from None


def read_list(client: Client, resource: Resource) -> list[Object]:
    """Return all objects of the resource, each once. Raise ApiError."""
    # If objects are deleted between two pages, the second may begin with objects of the first.
    return list({item["sid"]: item for item in gather(client, resource)}.values())


def plan_list(
    clients: t.Sequence[Client],
    resource: Resource,
    entries: t.Sequence[Entry],
    *,
    pruning: Pruning | None,
    prune_children: bool,
    predicted_values: t.Mapping[str, t.Any],
) -> ListPlan:
    """Return the plan for all entries, with the steps of their children.

    Raise PreconditionError, with all problems, or ApiError.
    """
    child = resource.child
    to_read = {
        name
        for entry in entries
        if entry.children is not None
        for name in (entry.sid or entry.desired[resource.name_field], *entry.previous_names)
    }
    account = read_all(clients, resource, lambda item: item["sid"] in to_read or item[resource.name_field] in to_read)
    children_by_sid = {item["sid"]: children or [] for item, children in account}
    steps, problems = plan_all(resource, entries, [item for item, _children in account], predicted_values, pruning)
    complete, plans = [], []
    for step in steps:
        entry = step.entry
        if entry.children is not None:
            sid = step.change.before["sid"] if step.change.before else None
            current = children_by_sid.get(sid, [])
            child_steps, child_problems = plan_all(
                child,
                entry.children,
                current,
                {**predicted_values, f"{resource.key}_sid": sid},
                Pruning(at_most=len(current), place=f"{entry.place}.{child.list_key}", names=entry.names)
                if prune_children
                else None,
            )
            problems += child_problems
            plans.append(ChildrenPlan(entry.where, current, child_steps))
            step = replace(step, children=tuple(child_steps))
        complete.append(step)
    problems += wanted_twice(child, plans)
    listed = {step.change.before["sid"] for step in steps[: len(entries)] if step.change.before}
    unlisted = [item for item, _children in account if item["sid"] not in listed]
    warnings: list[str] = []
    if unlisted and any(step.change.operation == "create" and step.children for step in complete):
        children_of = read_children(clients, [(resource, item) for item in unlisted], child)
        found, warnings = wanted_from_unlisted(
            resource, complete, [(item, children or []) for item, children in zip(unlisted, children_of)]
        )
        problems += found
    if problems:
        raise PreconditionError(" ".join(problems), NOTHING_CHANGED)
    pruned = {step.entry.sid for step in steps[len(entries) :]}
    return ListPlan(
        complete,
        warnings,
        [item for item in unlisted if item["sid"] not in pruned],
        sum(len(pool.objects) - sum(step.change.before is not None for step in pool.steps) for pool in plans),
    )


def predict(steps: t.Sequence[Step]) -> list[StepResult]:
    """Return the results that the steps would have."""
    return [
        StepResult(
            step,
            Outcome(step.change.operation != "none", step.change.before, step.change.after),
            children=None if step.children is None else predict(step.children),
        )
        for step in steps
    ]


def not_begun(steps: t.Sequence[Step]) -> list[StepResult]:
    """Return the results of the steps before carry_out(): only steps without a change have an outcome."""
    results = predict(steps)
    for result in results:
        for step_result in (result, *(result.children or [])):
            if step_result.step.change.operation != "none":
                step_result.outcome = None
    return results


def carry_out(clients: t.Sequence[Client], resource: Resource, results: t.Sequence[StepResult]) -> None:
    """Do the steps, one request in flight for each client, until one fails, and complete ``results``.

    Requests in flight are completed. ``results`` are right after an interrupt too.
    """
    by_entry = {id(result.step.entry): result for result in results}
    for batch in in_batches(resource, [result.step for result in results]):
        if not carry_out_jobs(clients, [(resource, by_entry[id(step.entry)], step) for step in batch]):
            return
    child = resource.child
    for result in results:
        _replan_children(child, result)
    jobs = [
        (child.in_parent(_sid(result)), child_result, child_result.step)
        for result in results
        for child_result in result.children or []
        if child_result.outcome is None
    ]
    for now in sorted({turn(step) for _child, _result, step in jobs}):
        now_jobs = [job for job in jobs if turn(job[2]) == now]
        if not carry_out_jobs(clients, now_jobs) or _refuse_named_twice(child, results):
            return


def _refuse_named_twice(child: Resource, results: t.Sequence[StepResult]) -> bool:
    """Refuse children that another entry has added by SID, as the answer shows; return whether any is refused."""
    by_entry = {
        id(child_result.step.entry): child_result for result in results for child_result in result.children or []
    }
    names = names_of(
        child, [result.outcome.after for result in by_entry.values() if result.outcome and result.outcome.after]
    )
    for name, entries in wanted_by(child, [result.step for result in by_entry.values()], names).items():
        for added, waiting in permutations(entries, 2):
            if by_entry[id(added)].outcome is not None and by_entry[id(waiting)].outcome is None:
                reason = f"The {child.name} {quoted(name)} is {added.sid}, which {added.where} has added. Name it once."
                by_entry[id(waiting)].error = PreconditionError(reason)
    return any(result.error is not None for result in by_entry.values())


def _replan_children(child: Resource, result: StepResult) -> None:
    """Plan the children again if the object was deleted by somebody else and had to be created: it has none."""
    before = result.step.change.before
    if result.children is None or before is None or before["sid"] == _sid(result):
        return
    for child_result in result.children:
        if child_result.step.entry.absent:
            child_result.outcome = Outcome(False, child_result.step.change.before, None)
        else:
            child_result.outcome = None
            child_result.step = replace(child_result.step, change=plan(child, child_result.step.entry.desired, None))


def _sid(result: StepResult) -> str:
    # The children of an object wait until it exists.
    item: t.Any = result.outcome and result.outcome.after
    return str(item["sid"])


def carry_out_jobs(clients: t.Sequence[Client], jobs: t.Sequence[Job]) -> bool:
    """Do the jobs and note their results; return False if one failed.

    Results are right after an interrupt too.
    """
    # No answer has named the account yet: wait for the answer to one request before another one is sent.
    if len(jobs) > 1 and not clients[0].knows_account:
        return _do_at_once(clients[:1], jobs[:1]) and _do_at_once(clients, jobs[1:])
    return _do_at_once(clients, jobs)


def _do_at_once(clients: t.Sequence[Client], jobs: t.Sequence[Job]) -> bool:
    def work(client: Client, job: Job) -> Outcome:
        resource, result, step = job
        desired = step.change.send if step.is_temporary_rename else step.entry.desired
        entry = step.entry
        sid = sid_to_change(resource, step)
        wanted = Desired(resource, desired, sid, entry.absent, may_be_absent=entry.may_be_absent)
        outcome = apply(client, wanted, step.change)
        if step.is_temporary_rename or result.has_temporary_name:
            outcome = Outcome(True, result.step.change.before, outcome.after)
        return outcome

    outcomes: list[Outcome | TaskError | None] = [None] * len(jobs)
    try:
        in_parallel(clients, jobs, work, outcomes)
    finally:  # also after an interrupt
        for (_resource, result, step), outcome in zip(jobs, outcomes):
            if isinstance(outcome, Outcome):
                result.outcome, result.has_temporary_name = outcome, step.is_temporary_rename
            else:
                result.error = outcome
                result.has_temporary_name = result.has_temporary_name or (
                    step.is_temporary_rename and outcome is not None and outcome.may_have_been_applied
                )
    return all(isinstance(outcome, Outcome) for outcome in outcomes)


def in_parallel(
    clients: t.Sequence[Client],
    jobs: t.Sequence[_Job],
    work: t.Callable[[Client, _Job], _Result],
    results: list[_Result | TaskError | None] | None = None,
) -> list[_Result | TaskError | None]:
    """Return the results of the jobs, in their order. After a failure no other job is begun; its result is None.

    ``results``, if given, is completed as the jobs end. After an interrupt, a change without an answer is an ApiError
    in it, and the interrupt is raised.
    """
    if results is None:
        results = [None] * len(jobs)
    waiting = iter(range(len(jobs)))
    lock, stop = threading.Lock(), threading.Event()
    current: dict[Client, int] = {}
    # Lines about retries, for the main thread to show, and None for each worker that has ended.
    events: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def next_job() -> int | None:
        with lock:
            return None if stop.is_set() else next(waiting, None)

    def run_jobs(client: Client) -> None:
        while (number := next_job()) is not None:
            client.begin(events.put)
            current[client] = number
            try:
                results[number] = work(client, jobs[number])
            except (PreconditionError, ApiError) as error:
                stop.set()
                if error.may_have_been_applied or not isinstance(error, Stopped):
                    results[number] = error
            except BaseException as error:  # noqa: BLE001  (nothing above a thread's function catches it)
                stop.set()
                # An unknown failure must not lose what is known of the other jobs.
                results[number] = ApiError(
                    "continue", f"unexpected {type(error).__name__}: {error}", may_have_been_applied=True
                )
        events.put(None)

    used, on_retry = clients[: len(jobs)], clients[0].on_retry
    workers: list[threading.Thread] = []
    try:
        for client in used:
            # A daemon: Python waits for other threads before it exits.
            worker = threading.Thread(target=run_jobs, args=(client,), daemon=True)
            worker.start()
            workers.append(worker)
        running = len(workers)
        while running:
            with contextlib.suppress(queue.Empty):
                line = events.get(timeout=POLL_INTERVAL)
                if line is None:
                    running -= 1
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
            if results[number] is None and client.writing is not None:
                results[number] = ApiError(
                    client.writing, "the task ended before the answer arrived", may_have_been_applied=True
                )
        raise
    for client in used:
        client.on_retry = on_retry
    return results
