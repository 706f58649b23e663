# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The tasks about many objects, without Ansible. Those about one are in _task.py."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.twilio.proxy.plugins.module_utils._argspec import (
    connection_specs,
    field_spec,
    named_by,
    option_spec,
)
from ansible_collections.twilio.proxy.plugins.module_utils._bulk import (
    StepResult,
    carry_out,
    not_begun,
    plan_list,
    predict,
    read_all,
)
from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import (
    OPERATIONS,
    ListPlan,
    Pruning,
    Step,
)
from ansible_collections.twilio.proxy.plugins.module_utils._connection import Option, option_problems
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._plan import PreconditionError
from ansible_collections.twilio.proxy.plugins.module_utils._report import (
    diffs,
    failure,
    interruption,
    not_attempted,
    not_listed,
    report,
    unaccepted_values,
)
from ansible_collections.twilio.proxy.plugins.module_utils._resources import MAX_INT, RESOURCES, Object, Resource, Rule
from ansible_collections.twilio.proxy.plugins.module_utils._result import (
    Failed,
    Result,
    details_from_twilio,
    failed,
    timed_out,
)
from ansible_collections.twilio.proxy.plugins.module_utils._services_file import (
    PREVIOUS_NAME,
    LeftOut,
    as_entries,
    entries_of,
    problems_of_options,
    services_problems,
)
from ansible_collections.twilio.proxy.plugins.module_utils._task import Call, Task, connected, null_if_predicted
from ansible_collections.twilio.proxy.plugins.module_utils._validation import listed, quoted, regex_problem

CONCURRENCY: t.Mapping[str, Option] = {
    "concurrency": Option("int", rule=Rule("a number from 1 to 16", minimum=1, maximum=16), default=4),
}
PRUNING: t.Mapping[str, Option] = {
    "prune": Option("bool", default=False),
    "prune_matching": Option(),
    "prune_phone_numbers": Option("bool", default=False),
    "max_deletions": Option("int", rule=Rule(f"a number from 0 to {MAX_INT}", minimum=0, maximum=MAX_INT)),
    "allow_empty": Option("bool", default=False),
}
#: Returns what a task returns about these results.
Reporter = t.Callable[[Resource, t.Sequence[StepResult]], Result]
READING: t.Mapping[str, Option] = {
    "full": Option("bool", default=False),
    "with_sids": Option("bool", default=False),
    "with_secrets": Option("bool", default=False),
}


def list_task(resource: Resource) -> Task:
    """Return the task that makes many objects of the resource, with their children, as a list says."""
    child = resource.child
    entry = {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        **_fields(resource),
        PREVIOUS_NAME.name: {"type": "list", "elements": "str"},
        child.list_key: {
            "type": "list",
            "elements": "dict",
            "options": _fields(child),
            "required_one_of": [named_by(child)],
            "mutually_exclusive": [named_by(child)],
        },
    }
    return Task(
        {
            resource.list_key: {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": entry,
                "required_one_of": [named_by(resource)],
            },
            **{name: option_spec(option) for name, option in {**CONCURRENCY, **PRUNING}.items()},
            **connection_specs(),
        },
        {},
        lambda call: _make_all(resource, call),
        explain=lambda sentences, params_raw, check_mode: _explain(resource, sentences, params_raw, check_mode),
        failure={
            resource.list_key: [],
            "summary": dict.fromkeys(OPERATIONS, 0),
            "not_listed": not_listed(resource, ListPlan([])),
        },
    )


def read_list_task(resource: Resource) -> Task:
    """Return the task that reads all objects of the resource, with their children, as such a list."""
    return Task(
        {
            **{name: option_spec(option) for name, option in {**READING, **CONCURRENCY}.items()},
            **connection_specs(),
        },
        {},
        lambda call: _read_all(resource, call),
    )


def _fields(resource: Resource) -> dict[str, t.Any]:
    return {
        **{name: {"type": "str"} for name in named_by(resource)},
        **{f.name: field_spec(f) for f in resource.writable},
    }


def _explain(
    resource: Resource, sentences: list[str], params_raw: t.Mapping[str, t.Any], check_mode: bool
) -> list[str]:
    """Return the sentences, with those about the list replaced by all its problems: Ansible reports only some."""
    items = params_raw.get(resource.list_key, [])
    try:
        explained = services_problems(_without_nulls(resource, items, items, check_mode), resource.list_key)
    except ImportError:
        explained = []
    return explained + [text for text in sentences if not (explained and text.startswith(resource.list_key))]


def _without_nulls(resource: Resource, items: t.Any, items_raw: t.Any, check_mode: bool) -> t.Any:
    """Return a list without options that are null, which are not managed.

    The null name of an object stays, and is an error. To go on without it would mean another object. In check mode a
    null SID may be that of an object which an earlier task would have created.
    """
    if not isinstance(items, (list, tuple)):
        return items
    return [
        _entry_without_nulls(resource, item, item_raw, check_mode) if isinstance(item, dict) else item
        for item, item_raw in zip(items, items_raw)
    ]


def _entry_without_nulls(
    resource: Resource, params: t.Mapping[str, t.Any], params_raw: t.Mapping[str, t.Any], check_mode: bool
) -> Object:
    values = {name: params[name] for name in params_raw if params[name] is not None}
    if null_if_predicted(values.get("sid"), check_mode) is None:
        values.pop("sid", None)
    if PREVIOUS_NAME.name in params_raw:
        # Ansible splits a text at its commas. Null is an error: without a previous name, the object would be created.
        values[PREVIOUS_NAME.name] = params_raw[PREVIOUS_NAME.name]
    names = named_by(resource)
    nulls = [name for name in names if name in params_raw and name not in values]
    if not values.keys() & {*names} or ("sid" in nulls and not check_mode):
        values.update(dict.fromkeys(nulls))
    for child in RESOURCES:
        if child.listed_in_parent and child.list_key in values:
            pair = values[child.list_key], params_raw[child.list_key]
            values[child.list_key] = _without_nulls(child, *pair, check_mode)
    return values


def _make_all(resource: Resource, call: Call) -> Result:
    name = resource.list_key
    services = _without_nulls(resource, call.params[name], call.params_raw[name], call.check_mode)
    entries = entries_of(services, name)
    problems = [
        *problems_of_options(services, name),
        *option_problems({**CONCURRENCY, **PRUNING}, call.params, call.params_raw),
        *_pruning_problems(resource, call),
    ]
    try:
        clients, predicted_values = connected(call, problems, call.params["concurrency"])
        pruning = Pruning(call.params["prune_matching"], call.params["max_deletions"]) if call.params["prune"] else None
        plan = plan_list(
            clients,
            resource,
            entries,
            pruning=pruning,
            prune_children=call.params[f"prune_{resource.child.list_key}"],
            predicted_values=predicted_values,
        )
    except (PreconditionError, ApiError) as error:
        failure_of_task = failed(error)
        untouched = _result(
            resource, call, [not_attempted(entry) for entry in entries], functools.partial(report, plan=ListPlan([]))
        )
        raise Failed(str(failure_of_task), {**untouched, **failure_of_task.result}) from error
    for sentence in plan.warnings:
        call.warn(sentence)
    act = functools.partial(carry_out, clients, resource)
    return perform(resource, call, plan.steps, act, functools.partial(report, plan=plan))


def perform(
    resource: Resource,
    call: Call,
    steps: t.Sequence[Step],
    act: t.Callable[[list[StepResult]], t.Any],
    reporter: Reporter,
) -> Result:
    """Do the steps with ``act``, or predict them in check mode, and return the result. Raise Failed."""
    if call.check_mode:
        return _result(resource, call, predict(steps), reporter)
    results = not_begun(steps)
    try:
        act(results)
        return _result_or_failure(resource, call, results, reporter)
    except call.time_limit as limit:
        result = _result(resource, call, results, reporter)
        raise timed_out(limit, interruption(resource, results, result["summary"]), result) from limit


def _result_or_failure(resource: Resource, call: Call, results: t.Sequence[StepResult], reporter: Reporter) -> Result:
    result = _result(resource, call, results, reporter)
    failed_with = failure(resource, results, result["summary"])
    if failed_with is not None:
        error, text = failed_with
        raise Failed(text, {**result, **details_from_twilio(error)})
    return result


def _pruning_problems(resource: Resource, call: Call) -> list[str]:
    problem = regex_problem("prune_matching", call.params["prune_matching"] or "")
    problems = [] if problem is None else [problem]
    if call.params["prune"] and not call.params[resource.list_key] and not call.params["allow_empty"]:
        problems.append(
            f"prune: {resource.list_key} is empty, so every {resource.name} would be deleted."
            " If you want that, set allow_empty to true."
        )
    return problems


def _result(resource: Resource, call: Call, results: t.Sequence[StepResult], reporter: Reporter) -> Result:
    result = reporter(resource, results)
    result["check_mode"] = call.check_mode
    changes = diffs(resource, results) if call.diff_mode else []
    if changes:
        result["diff"] = changes
    call.hide_passwords(result)
    if not call.check_mode:
        for sentence in unaccepted_values(resource, results):
            call.warn(sentence)
    return result


def _read_all(resource: Resource, call: Call) -> Result:
    problems = option_problems(CONCURRENCY, call.params, call.params_raw)
    try:
        clients, _predicted_values = connected(call, problems, call.params["concurrency"])
        account = read_all(clients, resource, lambda _item: True)
    except (PreconditionError, ApiError) as error:
        raise failed(error) from error
    entries, left_out = as_entries(resource, account, **{name: call.params[name] for name in READING})
    _warn_of_what_is_left_out(call, left_out)
    return {
        "changed": False,
        resource.list_key: entries,
        "left_out": [value._asdict() for value in left_out],
        IN_USE: {
            child_item[resource.child.name_field]: child_item[IN_USE]
            for _item, children in account
            for child_item in children or []
            if child_item.get(IN_USE)
        },
    }


#: A read-only field of phone numbers. It is no option of an entry.
IN_USE = "in_use"
_WHY_LEFT_OUT = {
    "secret": "the URL contains a secret (with_secrets includes it)",
    "sid": "the value contains a SID, which exists in this account only (with_sids includes it)",
    "name": "it has no name (with_sids includes a Service without a name)",
}


def _warn_of_what_is_left_out(call: Call, left_out: t.Sequence[LeftOut]) -> None:
    for reason, why in _WHY_LEFT_OUT.items():
        places = [
            f"{value.option} of {quoted(value.service) if value.service else 'a Service without a name'}"
            for value in left_out
            if value.reason == reason
        ]
        if places:
            call.warn(f"Left out, because {why}: {listed(places)}. The list does not manage what is left out.")
