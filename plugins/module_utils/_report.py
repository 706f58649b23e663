# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Turn the results of a task about many objects into what it returns and its messages. Pure: no I/O, no Ansible."""

from __future__ import annotations

import typing as t
from collections import Counter

from ansible_collections.twilio.proxy.plugins.module_utils._bulk import StepResult
from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import (
    OPERATIONS,
    Entry,
    ListPlan,
    Step,
    temporary_name,
)
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._plan import Change, PreconditionError, differences, writable
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import Outcome, TaskError
from ansible_collections.twilio.proxy.plugins.module_utils._resources import Object, Resource
from ansible_collections.twilio.proxy.plugins.module_utils._result import (
    RUN_AGAIN,
    Result,
    details_from_twilio,
    diff,
    failure_text,
    values_not_accepted,
)
from ansible_collections.twilio.proxy.plugins.module_utils._validation import label, listed, quoted


def not_attempted(entry: Entry) -> StepResult:
    """Return the result of an entry that was not attempted, and of whose object nothing is known."""
    children = None if entry.children is None else [not_attempted(child_entry) for child_entry in entry.children]
    return StepResult(Step(entry, Change("none", None, None, {})), children=children)


def report(resource: Resource, results: t.Sequence[StepResult], plan: ListPlan) -> Result:
    """Return what the task returns: whether something changed, the result of each entry, and how many of each."""
    reports = [_report_of_entry(resource, result) for result in results]
    counts = Counter(entry["operation"] for entry in reports)
    return {
        "changed": any(map(_changed, _with_children(results))),
        resource.list_key: reports,
        "summary": {operation: counts[operation] for operation in OPERATIONS},
        "not_listed": not_listed(resource, plan),
    }


def not_listed(resource: Resource, plan: ListPlan) -> Result:
    """Return what is in the account, not in the list, and left alone: the names of objects, the number of children."""
    return {
        resource.list_key: [item[resource.name_field] or item["sid"] for item in plan.left_alone],
        resource.child.list_key: plan.children_left_alone,
    }


def outline(
    resource: Resource,
    results: t.Sequence[StepResult],
    words: t.Mapping[str, str],
    details: t.Mapping[str, Result],
) -> Result:
    """Return what a task returns that selects existing objects: as report(), with the names of the objects alone.

    ``words`` are those for OPERATIONS that can happen. ``details`` are further values of objects, by their SIDs.
    """
    reports = []
    for result in results:
        item: t.Any = result.step.change.before
        names = {name: item[name] for name in ("sid", resource.name_field)}
        more = {} if result.error is None else {"error": _error(result.error)}
        reports.append({"operation": words[_operation(result)], **names, **details[item["sid"]], **more})
    counts = Counter(entry["operation"] for entry in reports)
    return {
        "changed": any(map(_changed, results)),
        resource.list_key: reports,
        "summary": {word: counts[word] for word in words.values()},
    }


def diffs(resource: Resource, results: t.Sequence[StepResult]) -> list[Result]:
    """Return what changed, in Ansible's form of a diff, for each entry of which a change is known."""
    return [_diff(resource, result) for result in results if _was_changed(result)]


def unaccepted_values(resource: Resource, results: t.Sequence[StepResult]) -> list[str]:
    """Return a sentence for each value that was sent, and is not what Twilio answered with."""
    problems = []
    for result in results:
        # A temporary name is not the one that the entry asks for.
        problems += [] if result.has_temporary_name else _values_not_accepted(resource, result)
        for child_result in result.children or []:
            problems += _values_not_accepted(resource.child, child_result)
    return problems


def _values_not_accepted(resource: Resource, result: StepResult) -> list[str]:
    entry, outcome = result.step.entry, result.outcome
    return [] if outcome is None else values_not_accepted(resource, entry.desired, outcome, f"{entry.where}: ")


def failure(
    resource: Resource, results: t.Sequence[StepResult], summary: t.Mapping[str, int]
) -> tuple[TaskError, str] | None:
    """Return the first error, and the message about it and the rest; None if there was none."""
    errors = ((result.error, result.step.entry.where) for result in _with_children(results) if result.error is not None)
    first = next(errors, None)
    if first is None:
        return None
    error, place = first
    return error, (
        f"{place}: {_error(error)['msg']} {_counts(resource, results, summary)}"
        f" Requests in progress were completed; no new ones were started.{_how_to_continue(error)}"
    )


def interruption(resource: Resource, results: t.Sequence[StepResult], summary: t.Mapping[str, int]) -> str:
    """Return the message about what was done before the task was interrupted."""
    errors = ((result.error, result.step.entry.where) for result in _with_children(results))
    unknown = [place for error, place in errors if error is not None and error.may_have_been_applied]
    in_progress = f" It is not known whether these were changed: {listed(unknown)}." if unknown else ""
    return f"{_counts(resource, results, summary)}{in_progress} {RUN_AGAIN}"


def _counts(resource: Resource, results: t.Sequence[StepResult], summary: t.Mapping[str, int]) -> str:
    counts = ", ".join(f"{number} {operation.replace('_', ' ')}" for operation, number in summary.items() if number)
    total = f"{len(results)} {'entry' if len(results) == 1 else 'entries'}"
    renamed = "".join(f" {_temporary_rename(resource, result)}" for result in results if result.has_temporary_name)
    return f"Of {total}: {counts}.{_changed_before(results)}{renamed}"


def _changed_before(results: t.Sequence[StepResult]) -> str:
    """Return which entries were changed before they failed. A temporary name has a sentence of its own."""
    changed = [
        f"{result.step.entry.where} was {'created' if _operation(result) == 'created' else 'updated'}"
        for result in results
        if _failed(result) and _was_changed(result) and not result.has_temporary_name
    ]
    return f" {listed(changed)} before the failure." if changed else ""


def _how_to_continue(error: TaskError) -> str:
    if error.may_have_been_applied or error.applied:  # its own message says it
        return ""
    if isinstance(error, ApiError) and error.transient:
        return f" {RUN_AGAIN}"
    return f" Fix the cause. {RUN_AGAIN}"


def _was_changed(result: StepResult) -> bool:
    """Return whether a change of the object or of its children is known."""
    return any(part.outcome is not None and part.outcome.changed for part in _with_children([result]))


def _failed(result: StepResult) -> bool:
    return any(_operation(part) == "failed" for part in _with_children([result]))


def _with_children(results: t.Iterable[StepResult]) -> t.Iterator[StepResult]:
    for result in results:
        yield result
        yield from result.children or []


def _changed(result: StepResult) -> bool:
    error = result.error
    lost = error is not None and (error.may_have_been_applied or error.applied)
    return lost or (result.outcome is not None and result.outcome.changed)


def _operation(result: StepResult) -> str:
    if result.error is not None or result.has_temporary_name:
        return "failed"
    if result.outcome is None:
        return "not_attempted"
    if not result.outcome.changed:
        return "unchanged"
    if result.outcome.after is None:
        return "deleted"
    return "created" if result.outcome.before is None else "updated"


def _item(result: StepResult) -> Object:
    if result.outcome is None:
        return result.step.change.before or {}
    return result.outcome.after or result.outcome.before or {}


def _report_of_entry(resource: Resource, result: StepResult) -> Result:
    item, entry, children = _item(result), result.step.entry, result.children or []
    operation, error = _operation(result), _error_of_entry(resource, result)
    outcome = result.outcome
    changes = [] if outcome is None or not outcome.changed else _changes(resource, outcome)
    fields = [change["field"] for change in changes]
    children_changed = any(map(_changed, children))
    if children_changed:
        fields.append(resource.child.list_key)
    operations = {_operation(child_result) for child_result in children}
    if "failed" in operations:
        operation = "failed"
    elif operation == "unchanged" and operations - {"unchanged"}:
        operation = "updated" if children_changed else "not_attempted"
    reports = {}
    if result.children is not None:
        reports[resource.child.list_key] = [_report_of_child(resource.child, child_result) for child_result in children]
    return {
        "operation": operation,
        resource.name_field: item.get(resource.name_field, entry.desired.get(resource.name_field)),
        "sid": item.get("sid", entry.sid),
        resource.key: item,
        "changed_fields": fields,
        "changes": changes,
        **({} if error is None else {"error": error}),
        **reports,
    }


def _error_of_entry(resource: Resource, result: StepResult) -> Result | None:
    """Return the error of the object, or else the first one of its children."""
    if result.has_temporary_name:
        renamed = _temporary_rename(resource, result)
        if result.error is None:
            return _error(PreconditionError(renamed))
        return {**_error(result.error), "msg": f"{_error(result.error)['msg']} {renamed}"}
    if result.error is not None:
        return _error(result.error)
    errors = (child_result.error for child_result in result.children or [] if child_result.error is not None)
    error = next(map(_error, errors), None)
    operation = _operation(result)
    if error is not None and operation in ("created", "updated"):
        error["msg"] = f"The {resource.name} was {operation}, and then: {error['msg']}"
    return error


def _temporary_rename(resource: Resource, result: StepResult) -> str:
    """Return a sentence: the temporary name of the object, and how it gets the one of its entry."""
    before, wanted = result.step.change.before or {}, result.step.entry.desired[resource.name_field]
    verb = "may have been" if result.outcome is None else "was"
    return (
        f"The {label(resource, before)} {verb} renamed to {quoted(temporary_name(before['sid']))}, a temporary name."
        f" To give it the name {quoted(wanted)}, name it by sid in the list and run the task again."
    )


def _report_of_child(child: Resource, result: StepResult) -> Result:
    item = {**result.step.entry.desired, **_item(result)}
    error = {} if result.error is None else {"error": _error(result.error)}
    return {
        "operation": _operation(result),
        **{field.name: item.get(field.name) for field in child.writable},
        **error,
    }


def _changes(resource: Resource, outcome: Outcome) -> list[Result]:
    """Return the fields that changed, with their values as a diff shows them."""
    if outcome.before is None or outcome.after is None:
        return []
    shown = diff(resource, outcome)
    return [
        {"field": name, "before": shown["before"][name], "after": shown["after"][name]}
        for name in differences(resource, writable(resource, outcome.after) or {}, outcome.before)
    ]


def _error(error: TaskError) -> Result:
    # The reason alone: the closing sentence is about the whole task, and other entries may have been changed.
    text = (
        error.reason if isinstance(error, PreconditionError) else failure_text(error, "This request changed nothing.")
    )
    return {"msg": text, **details_from_twilio(error)}


def _diff(resource: Resource, result: StepResult) -> Result:
    changes = diff(resource, _known_outcome(result))
    if result.children is not None:
        outcomes = [_known_outcome(child_result) for child_result in result.children]
        for side, items in (
            ("before", [outcome.before for outcome in outcomes]),
            ("after", [outcome.after for outcome in outcomes]),
        ):
            if changes[side] is not None:
                changes[side] = {**changes[side], resource.child.list_key: _children_in_diff(resource.child, items)}
    return changes


def _known_outcome(result: StepResult) -> Outcome:
    """Return the outcome, or that nothing was changed where it is not known."""
    return result.outcome or Outcome(False, result.step.change.before, result.step.change.before)


def _children_in_diff(child: Resource, items: t.Iterable[Object | None]) -> list[Object]:
    fields_of = [writable(child, item) or {} for item in items if item is not None]
    return sorted(
        (
            {name: value for name, value in fields.items() if name != "sid" or fields[child.name_field] is None}
            for fields in fields_of
        ),
        key=str,
    )
