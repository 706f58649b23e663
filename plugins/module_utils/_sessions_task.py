# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The task that closes or deletes many Sessions, without Ansible."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import replace
from datetime import datetime, timezone

from ansible_collections.twilio.proxy.plugins.module_utils._argspec import (
    connection_specs,
    option_spec,
    parent_options,
)
from ansible_collections.twilio.proxy.plugins.module_utils._bulk import (
    carry_out_jobs,
    read_all,
    read_children,
    read_list,
)
from ansible_collections.twilio.proxy.plugins.module_utils._bulk_task import CONCURRENCY, perform
from ansible_collections.twilio.proxy.plugins.module_utils._client import Client
from ansible_collections.twilio.proxy.plugins.module_utils._connection import Option, option_problems
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._plan import NOTHING_CHANGED, PreconditionError
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import MissingParentError
from ansible_collections.twilio.proxy.plugins.module_utils._report import outline
from ansible_collections.twilio.proxy.plugins.module_utils._resources import (
    E164,
    IDENTIFIER,
    INTERACTION,
    MAX_INT,
    PARTICIPANT,
    SERVICE,
    SESSION,
    Object,
    Resource,
    Rule,
)
from ansible_collections.twilio.proxy.plugins.module_utils._result import Failed, Result, failed
from ansible_collections.twilio.proxy.plugins.module_utils._sessions_plan import (
    SESSION_OPERATIONS,
    Filters,
    plan_sessions,
    resource_sids,
)
from ansible_collections.twilio.proxy.plugins.module_utils._task import (
    Call,
    Task,
    connected,
    locate_parent,
    parent_problems,
    warn_of_missing_parent,
    with_null_sids,
)
from ansible_collections.twilio.proxy.plugins.module_utils._validation import label, listed, regex_problem

_PERIOD = Rule(f"a whole number of seconds from 1 to {MAX_INT}", minimum=1, maximum=MAX_INT)
# Ansible keeps the space after the comma of "a, b", and nobody has the identifier " b".
_IDENTIFIER = replace(IDENTIFIER, text=f"{IDENTIFIER.text} without spaces at its ends", pattern=r"\S(?:.*\S)?")
FILTERS: t.Mapping[str, Option] = {
    "unique_name_matching": Option(),
    "status": Option("list", choices=SESSION.field("status").choices),
    "idle_for": Option("int", rule=_PERIOD),
    "older_than": Option("int", rule=_PERIOD),
    "participant_identifier": Option("list", rule=_IDENTIFIER),
    "phone_number": Option("list", rule=E164),
}
LIMIT: t.Mapping[str, Option] = {
    "max_sessions": Option("int", rule=Rule(f"a number from 1 to {MAX_INT}", minimum=1, maximum=MAX_INT), default=100),
}
_NOTHING: Result = {SESSION.list_key: [], "summary": dict.fromkeys(SESSION_OPERATIONS.values(), 0)}
# Twilio shows a participant that was removed, and the Session still has that person's data.
_EVERY_PARTICIPANT = replace(PARTICIPANT, deleted_field=None)

#: A Session, and its kind in its Service.
_Located = tuple[Resource, Object]


def sessions_task() -> Task:
    """Return the task that closes or deletes the Sessions that filters select."""
    names = [*parent_options(SESSION)[0], "all_services"]
    return Task(
        {
            "state": {"type": "str", "choices": ["closed", "absent"], "required": True},
            **{name: {"type": "bool" if name == "all_services" else "str"} for name in names},
            **{name: option_spec(option) for name, option in {**FILTERS, **LIMIT, **CONCURRENCY}.items()},
            **connection_specs(),
        },
        {"required_one_of": [names, list(FILTERS)], "mutually_exclusive": [names]},
        _make,
        failure=_NOTHING,
    )


def _make(call: Call) -> Result:
    call = with_null_sids(SESSION, call)
    absent = call.params["state"] == "absent"
    filters = Filters(**call.given(FILTERS))
    try:
        clients, _predicted_values = connected(call, _problems(call), call.params["concurrency"])
        selected = _select(clients, call, filters, not absent)
        _check_number(selected, call)
        selected, details = _with_details(clients, filters, selected)
    except (PreconditionError, ApiError) as error:
        failure = failed(error)
        raise Failed(str(failure), {**_NOTHING, **failure.result}) from error
    kinds = {item["sid"]: resource for resource, item in selected}
    return perform(
        SESSION,
        call,
        plan_sessions([item for _resource, item in selected], absent),
        lambda results: carry_out_jobs(
            clients, [(kinds[str(result.step.entry.sid)], result, result.step) for result in results]
        ),
        functools.partial(outline, words=SESSION_OPERATIONS, details=details),
    )


def _problems(call: Call) -> list[str]:
    found = parent_problems(SESSION, call)
    found += option_problems({**FILTERS, **LIMIT, **CONCURRENCY}, call.params, call.params_raw)
    pattern = regex_problem("unique_name_matching", call.params["unique_name_matching"] or "")
    if pattern is not None:
        found.append(pattern)
    if call.params["all_services"] is False:
        found.append("all_services: false names no Service. Set service_sid or service_unique_name instead.")
    return found


def _select(clients: t.Sequence[Client], call: Call, filters: Filters, closing: bool) -> list[_Located]:
    now = datetime.now(timezone.utc)
    selected = [located for located in _read(clients, call) if filters.select(located[1], now, closing)]
    if not filters.need_participants:
        return selected
    participants = read_children(clients, selected, _EVERY_PARTICIPANT)
    return [
        located
        for located, people in zip(selected, participants)
        if people is not None and filters.select_by_participants(people)
    ]


def _read(clients: t.Sequence[Client], call: Call) -> list[_Located]:
    if call.params["all_services"]:
        services = read_all(clients, SERVICE, lambda _service: True, SESSION)
        return [(SESSION.in_parent(service["sid"]), item) for service, items in services for item in items or []]
    try:
        located = locate_parent(clients[0], SESSION, call)
    except MissingParentError as error:
        if not call.check_mode:
            raise
        warn_of_missing_parent(SESSION, call, error)
        return []
    return [(located, item) for item in read_list(clients[0], located)]


def _check_number(selected: t.Sequence[_Located], call: Call) -> None:
    number, limit = len(selected), call.params["max_sessions"]
    if number > limit:
        names = listed([label(SESSION, item) for _resource, item in selected])
        raise PreconditionError(
            f"max_sessions: {number} Sessions match, and at most {limit} may: {names}."
            f" Add a filter, or set max_sessions to {number}.",
            NOTHING_CHANGED,
        )


def _with_details(
    clients: t.Sequence[Client], filters: Filters, selected: t.Sequence[_Located]
) -> tuple[list[_Located], dict[str, Result]]:
    """Return the Sessions that still exist, and what is returned of each beside its names, by their SIDs."""
    sids = {item["sid"]: {"service_sid": resource.parent_sid} for resource, item in selected}
    if filters.participant_identifier is None:
        return list(selected), sids
    interactions = read_children(clients, selected, INTERACTION)
    existing = [(located, of) for located, of in zip(selected, interactions) if of is not None]
    details = {item["sid"]: {**sids[item["sid"]], **resource_sids(of)} for (_resource, item), of in existing}
    return [located for located, _interactions in existing], details
