# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The tasks about many objects at once, without Ansible: see _task.py, which has those about one."""

from __future__ import annotations

import typing as t

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
    Entry,
    Pruning,
    named_twice,
)
from ansible_collections.twilio.proxy.plugins.module_utils._connection import Option, option_problems
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import PreconditionError
from ansible_collections.twilio.proxy.plugins.module_utils._report import (
    diffs,
    failure,
    interruption,
    not_attempted,
    report,
    unaccepted_values,
)
from ansible_collections.twilio.proxy.plugins.module_utils._resources import MAX_INT, Resource, Rule
from ansible_collections.twilio.proxy.plugins.module_utils._services_file import services_problems
from ansible_collections.twilio.proxy.plugins.module_utils._services_list import LeftOut, as_entries
from ansible_collections.twilio.proxy.plugins.module_utils._task import (
    Call,
    Failed,
    Result,
    Task,
    connected,
    connection_specs,
    details_from_twilio,
    failed,
    field_spec,
    named_by,
    null_if_predicted,
    option_spec,
    timed_out,
)
from ansible_collections.twilio.proxy.plugins.module_utils._validation import no_value, problems, quoted, regex_problem

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
READING: t.Mapping[str, Option] = {
    "full": Option("bool", default=False),
    "with_sids": Option("bool", default=False),
    "with_secrets": Option("bool", default=False),
}


def list_task(resource: Resource, children: Resource) -> Task:
    """Makes many objects of the resource, with their contents, as a list says."""
    entry = {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        **_fields(resource),
        children.list_key: {
            "type": "list",
            "elements": "dict",
            "options": _fields(children),
            "required_one_of": [named_by(children)],
            "mutually_exclusive": [named_by(children)],
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
        lambda call: _make_all(resource, children, call),
        explain=lambda params_raw: _places_of_what_is_wrong(resource, params_raw),
        failure={resource.list_key: [], "summary": dict.fromkeys(OPERATIONS, 0)},
    )


def read_list_task(resource: Resource, children: Resource) -> Task:
    """Reads all objects of the resource, with their contents, as such a list."""
    return Task(
        {
            **{name: option_spec(option) for name, option in {**READING, **CONCURRENCY}.items()},
            **connection_specs(),
        },
        {},
        lambda call: _read_all(resource, children, call),
    )


def _fields(resource: Resource) -> dict[str, t.Any]:
    return {
        **{name: {"type": "str"} for name in named_by(resource)},
        **{f.name: field_spec(f) for f in resource.writable},
    }


def _places_of_what_is_wrong(resource: Resource, params_raw: t.Mapping[str, t.Any]) -> list[str]:
    """What Ansible may have refused, with the place, which Ansible does not tell."""
    try:
        return services_problems(params_raw.get(resource.list_key, []), resource.list_key)
    except ImportError:
        return []


def _make_all(resource: Resource, children: Resource, call: Call) -> Result:
    entries, found = _entries(resource, children, call)
    found += option_problems({**CONCURRENCY, **PRUNING}, call.params, call.params_raw) + _pruning_problems(
        resource, call
    )
    try:
        clients, predicted_values = connected(call, found, call.params["concurrency"])
        steps = plan_list(
            clients,
            resource,
            children,
            entries,
            pruning=Pruning(call.params["prune_matching"], call.params["max_deletions"])
            if call.params["prune"]
            else None,
            prune_children=call.params[f"prune_{children.list_key}"],
            predicted_values=predicted_values,
        )
    except (PreconditionError, ApiError) as problem:
        refused = failed(problem)
        untouched = _result(resource, children, call, [not_attempted(entry) for entry in entries])
        raise Failed(str(refused), {**untouched, **refused.result}) from problem
    if call.check_mode:
        return _result(resource, children, call, predict(steps))
    done = not_begun(steps)
    try:
        carry_out(clients, resource, children, done)
        return _result_or_failure(resource, children, call, done)
    except call.time_limit as limit:
        result = _result(resource, children, call, done)
        raise timed_out(limit, interruption(resource, done, result["summary"]), result) from limit


def _result_or_failure(resource: Resource, children: Resource, call: Call, done: t.Sequence[StepResult]) -> Result:
    result = _result(resource, children, call, done)
    failed_with = failure(resource, done, result["summary"])
    if failed_with is not None:
        error, text = failed_with
        raise Failed(text, {**result, **details_from_twilio(error)})
    return result


def _entries(resource: Resource, children: Resource, call: Call) -> tuple[list[Entry], list[str]]:
    found: list[str] = []
    entries = []
    for number, (params, params_raw) in enumerate(
        zip(call.params[resource.list_key], call.params_raw[resource.list_key])
    ):
        place = f"{resource.list_key}[{number}]"
        entry = _entry(resource, place, params, params_raw, call.check_mode, found)
        if params[children.list_key] is not None:
            if entry.absent:
                found.append(f"{place}.{children.list_key}: refused, because state is absent.")
            inside = zip(params[children.list_key], params_raw[children.list_key])
            pool = tuple(
                _entry(children, f"{place}.{children.list_key}[{position}]", *both, call.check_mode, found)
                for position, both in enumerate(inside)
            )
            found += named_twice(children, pool)
            entry = Entry(entry.place, entry.desired, entry.sid, entry.absent, pool)
        entries.append(entry)
    return entries, found + named_twice(resource, entries)


def _entry(
    resource: Resource,
    place: str,
    params: t.Mapping[str, t.Any],
    params_raw: t.Mapping[str, t.Any],
    check_mode: bool,
    found: list[str],
) -> Entry:
    sid = null_if_predicted(params["sid"], check_mode)
    params = {**params, "sid": sid}
    desired = {field.name: params[field.name] for field in resource.writable if params[field.name] is not None}
    named = {"sid": sid} if sid is not None else {}
    found += [f"{place}.{sentence}" for sentence in problems(resource, {**named, **desired})]
    said_nothing = "sid" in params_raw and sid is None
    if (said_nothing and not check_mode) or not (named or resource.name_field in desired):
        found.append(no_value(f"{place}.{'sid' if said_nothing else resource.name_field}"))
    return Entry(place, desired, sid, params.get("state") == "absent")


def _pruning_problems(resource: Resource, call: Call) -> list[str]:
    wrong = regex_problem("prune_matching", call.params["prune_matching"] or "")
    found = [] if wrong is None else [wrong]
    if call.params["prune"] and not call.params[resource.list_key] and not call.params["allow_empty"]:
        found.append(
            f"prune: true is refused with an empty list of {resource.list_key}, because every {resource.name} would be"
            " deleted. If that is meant, set allow_empty to true."
        )
    return found


def _result(resource: Resource, children: Resource, call: Call, done: t.Sequence[StepResult]) -> Result:
    result = report(resource, children, done)
    changes = diffs(resource, children, done) if call.diff_mode else []
    if changes:
        result["diff"] = changes
    call.hide_passwords(result)
    if not call.check_mode:
        for sentence in unaccepted_values(resource, children, done):
            call.warn(sentence)
    return result


def _read_all(resource: Resource, children: Resource, call: Call) -> Result:
    found = option_problems(CONCURRENCY, call.params, call.params_raw)
    try:
        clients, _known = connected(call, found, call.params["concurrency"])
        read = read_all(clients, resource, children, lambda _item: True)
    except (PreconditionError, ApiError) as problem:
        raise failed(problem) from problem
    entries, left_out = as_entries(resource, children, read, **{name: call.params[name] for name in READING})
    _warn_of_what_is_left_out(call, left_out)
    return {
        "changed": False,
        resource.list_key: entries,
        "left_out": [one._asdict() for one in left_out],
    }


_WHY_LEFT_OUT = {
    "secret": "an URL with a secret in it; with_secrets writes it",
    "sid": "a value with a SID in it, which is of this account alone; with_sids writes it",
    "name": "what has no name; with_sids writes a Service without one",
}


def _warn_of_what_is_left_out(call: Call, left_out: t.Sequence[LeftOut]) -> None:
    for reason, words in _WHY_LEFT_OUT.items():
        places = [
            f"{one.option} of {quoted(one.service) if one.service else 'a Service without a name'}"
            for one in left_out
            if one.reason == reason
        ]
        if places:
            more = f" and {len(places) - 10} more" if len(places) > 10 else ""
            call.warn(
                f"Left out is {words}: {', '.join(places[:10])}{more}. What is left out is not managed by the list."
            )
