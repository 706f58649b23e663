# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The tasks about many objects at once, without Ansible: see _task.py, which has those about one."""

from __future__ import annotations

import typing as t

from ansible_collections.twilio.proxy.plugins.module_utils._bulk import (
    Done,
    carry_out,
    foreseen,
    plan_estate,
    read_all,
)
from ansible_collections.twilio.proxy.plugins.module_utils._connection import Option, option_problems
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._estate import LeftOut, as_entries
from ansible_collections.twilio.proxy.plugins.module_utils._estate_schema import estate_problems
from ansible_collections.twilio.proxy.plugins.module_utils._plan_many import (
    OPERATIONS,
    Entry,
    Pruning,
    named_twice,
)
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import Refused
from ansible_collections.twilio.proxy.plugins.module_utils._report import (
    diffs,
    failure,
    not_attempted,
    not_taken,
    report,
)
from ansible_collections.twilio.proxy.plugins.module_utils._resources import Resource, Rule
from ansible_collections.twilio.proxy.plugins.module_utils._schema import problems, regex_problem, shown, sid_of_twilio
from ansible_collections.twilio.proxy.plugins.module_utils._task import (
    Call,
    Failed,
    Result,
    Task,
    connected,
    connection_specs,
    failed,
    field_spec,
    meant_sid,
    named_by,
    option_spec,
    what_twilio_said,
)

CONCURRENCY: t.Mapping[str, Option] = {
    "concurrency": Option("int", rule=Rule("a number from 1 to 16", minimum=1, maximum=16), default=4),
}
PRUNING: t.Mapping[str, Option] = {
    "prune": Option("bool", default=False),
    "prune_matching": Option(),
    "prune_phone_numbers": Option("bool", default=False),
    "max_deletions": Option("int", rule=Rule("a number of 0 or more", minimum=0)),
    "allow_empty": Option("bool", default=False),
}
READING: t.Mapping[str, Option] = {
    "full": Option("bool", default=False),
    "with_sids": Option("bool", default=False),
    "with_secrets": Option("bool", default=False),
}


def estate_task(resource: Resource, contents: Resource) -> Task:
    """Makes many objects of the resource, with their contents, as a list says."""
    entry = {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        **_fields(resource),
        contents.list_key: {
            "type": "list",
            "elements": "dict",
            "options": _fields(contents),
            "required_one_of": [named_by(contents)],
            "mutually_exclusive": [named_by(contents)],
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
        lambda call: _make_all(resource, contents, call),
        explain=lambda said: _places_of_what_is_wrong(resource, said),
        failure={resource.list_key: [], "summary": dict.fromkeys(OPERATIONS, 0)},
    )


def estate_reading_task(resource: Resource, contents: Resource) -> Task:
    """Reads all objects of the resource, with their contents, as such a list."""
    return Task(
        {
            **{name: option_spec(option) for name, option in {**READING, **CONCURRENCY}.items()},
            **connection_specs(),
        },
        {},
        lambda call: _read_all(resource, contents, call),
    )


def _fields(resource: Resource) -> dict[str, t.Any]:
    return {
        **{name: {"type": "str"} for name in named_by(resource)},
        **{f.name: field_spec(f) for f in resource.writable},
    }


def _places_of_what_is_wrong(resource: Resource, said: t.Mapping[str, t.Any]) -> list[str]:
    """What Ansible may have refused, with the place, which Ansible does not tell."""
    try:
        return estate_problems(said.get(resource.list_key, []), resource.list_key)
    except ImportError:
        return []


def _make_all(resource: Resource, contents: Resource, call: Call) -> Result:
    entries, found = _entries(resource, contents, call)
    found += option_problems({**CONCURRENCY, **PRUNING}, call.params) + _pruning_problems(resource, call)
    try:
        clients, known = connected(call, found, call.params["concurrency"])
        steps = plan_estate(
            clients,
            resource,
            contents,
            entries,
            pruning=Pruning(call.params["prune_matching"], call.params["max_deletions"])
            if call.params["prune"]
            else None,
            prune_contents=call.params[f"prune_{contents.list_key}"],
            known=known,
        )
        done = foreseen(steps) if call.check_mode else carry_out(clients, resource, contents, steps)
    except (Refused, ApiError) as problem:
        refused = failed(problem)
        untouched = _result(resource, contents, call, [not_attempted(entry) for entry in entries])
        raise Failed(str(refused), {**untouched, **refused.result}) from problem
    result = _result(resource, contents, call, done)
    failed_with = failure(done, result["summary"])
    if failed_with is not None:
        trouble, text = failed_with
        raise Failed(text, {**result, **what_twilio_said(trouble)})
    return result


def _entries(resource: Resource, contents: Resource, call: Call) -> tuple[list[Entry], list[str]]:
    found: list[str] = []
    given = call.params[resource.list_key]
    written = call.said.get(resource.list_key)
    entries = []
    for number, params in enumerate(given):
        place = f"{resource.list_key}[{number}]"
        said = written[number] if isinstance(written, list) and isinstance(written[number], dict) else {}
        entry = _entry(resource, place, params, said, call.check_mode, found)
        if params[contents.list_key] is not None:
            if entry.absent:
                found.append(f"{place}.{contents.list_key}: refused, because state is absent.")
            said_inside = said.get(contents.list_key) or []
            pool = tuple(
                _entry(
                    contents,
                    f"{place}.{contents.list_key}[{position}]",
                    inner,
                    said_inside[position] if position < len(said_inside) else {},
                    call.check_mode,
                    found,
                )
                for position, inner in enumerate(params[contents.list_key])
            )
            found += named_twice(contents, pool)
            entry = Entry(entry.place, entry.desired, entry.sid, entry.absent, pool)
        entries.append(entry)
    return entries, found + named_twice(resource, entries)


def _entry(
    resource: Resource,
    place: str,
    params: t.Mapping[str, t.Any],
    said: t.Any,
    check_mode: bool,
    found: list[str],
) -> Entry:
    sid = meant_sid(params["sid"], check_mode)
    sid = sid and sid_of_twilio(sid)
    params = {**params, "sid": sid}
    desired = {field.name: params[field.name] for field in resource.writable if params[field.name] is not None}
    named = {"sid": sid} if sid is not None else {}
    name = said.get(resource.identity) if isinstance(said, dict) else None
    if name is not None and not isinstance(name, str):
        # YAML reads `yes` and 0123 as something else, and what Ansible makes of that is another name.
        found.append(f"{place}.{resource.identity}: {name!r} is refused, it must be a text: put it into quotes.")
    found += [f"{place}.{sentence}" for sentence in problems(resource, {**named, **desired})]
    said_nothing = isinstance(said, dict) and "sid" in said and sid is None
    if (said_nothing and not check_mode) or not (named or resource.identity in desired):
        what = "sid" if said_nothing else resource.identity
        found.append(f"{place}.{what}: null is refused, it must have a value or be left out.")
    return Entry(place, desired, sid, params.get("state") == "absent")


def _pruning_problems(resource: Resource, call: Call) -> list[str]:
    # Without its bound, prune would delete more than was meant.
    bounds = call.nulls(("prune_matching", "max_deletions"))
    found = [f"{name}: null is refused, it must have a value or be left out." for name in bounds]
    wrong = regex_problem("prune_matching", call.params["prune_matching"] or "")
    found += [] if wrong is None else [wrong]
    if call.params["prune"] and not call.params[resource.list_key] and not call.params["allow_empty"]:
        found.append(
            f"prune: true is refused with an empty list of {resource.list_key}, because every {resource.name} would be"
            " deleted. If that is meant, set allow_empty to true."
        )
    return found


def _result(resource: Resource, contents: Resource, call: Call, done: t.Sequence[Done]) -> Result:
    result = report(resource, contents, done)
    changes = diffs(resource, contents, done) if call.diff_mode else []
    if changes:
        result["diff"] = changes
    call.hide_passwords(result)
    if not call.check_mode:
        for sentence in not_taken(resource, contents, done):
            call.warn(sentence)
    return result


def _read_all(resource: Resource, contents: Resource, call: Call) -> Result:
    found = option_problems(CONCURRENCY, call.params)
    try:
        clients, _known = connected(call, found, call.params["concurrency"])
        read = read_all(clients, resource, contents, lambda _item: True)
    except (Refused, ApiError) as problem:
        raise failed(problem) from problem
    entries, left_out = as_entries(resource, contents, read, **{name: call.params[name] for name in READING})
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
            f"{one.option} of {shown(one.service) if one.service else 'a Service without a name'}"
            for one in left_out
            if one.reason == reason
        ]
        if places:
            more = f" and {len(places) - 10} more" if len(places) > 10 else ""
            call.warn(
                f"Left out is {words}: {', '.join(places[:10])}{more}. What is left out is not managed by the list."
            )
