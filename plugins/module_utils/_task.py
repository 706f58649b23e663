# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What a task about one object does, without Ansible.

A module, or the action plugin that runs its code in-process, makes a Call of the task's options and gets a result, or
Failed. How options arrive and how a task ends is up to them: see _module.py.
"""

from __future__ import annotations

import base64
import typing as t
from dataclasses import dataclass, field, replace
from itertools import chain

from ansible_collections.twilio.proxy.plugins.module_utils._argspec import (
    named_by,
    object_options,
    objects_options,
    parent_options,
    secrets_in,
)
from ansible_collections.twilio.proxy.plugins.module_utils._client import Client
from ansible_collections.twilio.proxy.plugins.module_utils._connection import (
    CONNECTION,
    PAGING,
    connect,
    option_problems,
)
from ansible_collections.twilio.proxy.plugins.module_utils._errors import REQUESTS_ERROR, ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._plan import PreconditionError, plan
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import (
    Desired,
    MissingParentError,
    Outcome,
    gather,
    parent_is_absent,
    predict,
    reconcile,
    resolve_parent,
)
from ansible_collections.twilio.proxy.plugins.module_utils._resources import Object, Resource
from ansible_collections.twilio.proxy.plugins.module_utils._result import (
    NO_REQUEST,
    Result,
    diff,
    failed,
    values_not_accepted,
)
from ansible_collections.twilio.proxy.plugins.module_utils._validation import no_value, problems


class MissingLibrary(Exception):
    """A Python library is not installed. The text is its name, the cause is why it cannot be imported."""


@dataclass(frozen=True)
class Task:
    """A kind of task: its options and their rules, as Ansible's argument specs have them, and what it does.

    ``environment`` names the environment variables that stand in for options. ``explain`` completes the sentences about
    options that were refused before ``perform``, from the raw parameters and whether it is check mode; ``failure`` is
    what is returned then beside what every failure returns.
    """

    options: t.Mapping[str, dict[str, t.Any]]
    rules: t.Mapping[str, t.Any]
    perform: t.Callable[[Call], Result]
    environment: t.Mapping[str, str] = field(
        default_factory=lambda: {name: option.env for name, option in CONNECTION.items() if option.env}
    )
    explain: t.Callable[[list[str], t.Mapping[str, t.Any], bool], list[str]] = lambda sentences, _raw, _check: sentences
    failure: t.Mapping[str, t.Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One run of a task.

    ``params_raw`` are the options as they were written, ``params`` all of them after Ansible read them.
    ``from_environment`` names those that an environment variable gave. ``agent`` is the caller, for the User-Agent.
    ``mask`` takes texts that must not show in the output from then on. ``clients`` makes clients: see clients() of
    _client.py. ``on_retry`` is called with a line about each retry before its wait. ``time_limit`` are the exceptions
    by which Ansible ends a task because of its keyword ``timeout``; there are none where it abandons the process.
    """

    params: t.Mapping[str, t.Any]
    params_raw: t.Mapping[str, t.Any]
    from_environment: t.Collection[str]
    environment: t.Mapping[str, str]
    check_mode: bool
    diff_mode: bool
    agent: str
    warn: t.Callable[[str], None]
    mask: t.Callable[[t.Iterable[str]], None]
    clients: t.Callable[..., tuple[Client, ...]]
    on_retry: t.Callable[[str], None]
    time_limit: tuple[type[BaseException], ...]

    def given(self, names: t.Iterable[str]) -> dict[str, t.Any]:
        """Return the options of these names that have a value; one that has none is not managed."""
        return {name: self.params[name] for name in names if self.params[name] is not None}

    def nulls(self, names: t.Iterable[str]) -> list[str]:
        """Return those of these options that the task has and that are null, as of a variable without a value."""
        return [name for name in names if name in self.params_raw and self.params[name] is None]

    def hide_passwords(self, *values: t.Any) -> None:
        """Mask the secrets of URLs in these values."""
        self.mask(secrets_in(values))


def object_task(resource: Resource) -> Task:
    """Return the task that makes one object of the resource present or absent."""
    return Task(*object_options(resource), lambda call: _make(resource, call))


def objects_task(resource: Resource) -> Task:
    """Return the task that reads objects of the resource."""
    return Task(*objects_options(resource), lambda call: _read(resource, call))


def _make(resource: Resource, call: Call) -> Result:
    call = with_null_sids(resource, call)
    values = call.given(item.name for item in resource.settable)
    found = null_problems(call, named_by(resource)) + problems(resource, call.given(["sid"]) | values)
    try:
        (client,), predicted_values = connected(call, found + parent_problems(resource, call))
        absent = call.params["state"] == "absent"
        may_be_absent = call.params.get("create") is False
        desired = Desired(resource, values, call.params["sid"], absent, predicted_values, may_be_absent)
        outcome = _outcome(client, call, desired)
    except (PreconditionError, ApiError) as error:
        raise failed(error) from error
    call.hide_passwords(outcome.before, outcome.after)
    if not call.check_mode:
        for sentence in values_not_accepted(resource, values, outcome):
            call.warn(sentence)
    result: Result = {"changed": outcome.changed, resource.key: outcome.after or outcome.before or {}}
    if outcome.changed and call.diff_mode:
        result["diff"] = diff(resource, outcome)
    return result


def _outcome(client: Client, call: Call, desired: Desired) -> Outcome:
    resource = desired.resource
    try:
        located = locate_parent(client, resource, call)
    except (MissingParentError, ApiError) as error:
        if desired.absent and parent_is_absent(error, resource):
            return Outcome(False, None, None)
        if isinstance(error, ApiError) or not call.check_mode:
            raise
        warn_of_missing_parent(resource, call, error)
        change = plan(
            resource,
            desired.values,
            None,
            absent=desired.may_be_absent,
            predicted_values=desired.predicted_values,
        )
        return Outcome(change.operation != "none", None, change.after)
    run = predict if call.check_mode else reconcile
    return run(client, replace(desired, resource=located))


def warn_of_missing_parent(resource: Resource, call: Call, error: MissingParentError) -> None:
    """Warn in check mode that an earlier task has to create an ancestor of the objects."""
    nulls = [] if error.has_name else call.nulls(chain(*parent_options(resource)))
    because = f", because {nulls[0]} is null" if nulls else ""
    call.warn(f"There is no {error.label} yet{because}. If no earlier task creates it, this one will fail.")


def _read(resource: Resource, call: Call) -> Result:
    call, names = with_null_sids(resource, call), named_by(resource)
    # In check mode, the SID of an object that an earlier task would have created is null: there is no such object yet.
    is_predicted = call.check_mode and bool(call.nulls(names))
    found = [] if is_predicted else null_problems(call, names)
    found += problems(resource, call.given(names)) + option_problems(PAGING, call.params, call.params_raw)
    try:
        (client,), _predicted_values = connected(call, found + parent_problems(resource, call))
        objects = [] if is_predicted else _gather(client, resource, call)
    except (PreconditionError, ApiError) as error:
        raise failed(error) from error
    call.hide_passwords(*objects)
    return {"changed": False, resource.list_key: objects}


def _gather(client: Client, resource: Resource, call: Call) -> list[Object]:
    try:
        located = locate_parent(client, resource, call)
    except MissingParentError:
        if call.check_mode:
            return []
        raise
    sid, name, page_size, limit, names = (
        call.params[option] for option in ("sid", resource.name_field, "page_size", "limit", "properties")
    )
    filters = {field: call.params[field] for field in resource.filters if call.params[field]}
    return gather(
        client, located, sid=sid, name=name, page_size=page_size, limit=limit, names=names or None, filters=filters
    )


def with_null_sids(resource: Resource, call: Call) -> Call:
    """Return the call with null for each SID that is predicted in check mode."""
    sids = {"sid", *(sid for sid, _name in parent_options(resource))} & call.params.keys()
    return replace(
        call, params={**call.params, **{sid: null_if_predicted(call.params[sid], call.check_mode) for sid in sids}}
    )


def null_if_predicted(sid: str | None, check_mode: bool) -> str | None:
    """Return the SID, None if it is null: in check mode an earlier task may have predicted its object."""
    # ansible-core before 2.19 converts the null of a template to "".
    return None if check_mode and sid == "" else sid


def null_problems(call: Call, names: t.Sequence[str]) -> list[str]:
    """Return the problems of names that are null, as of a variable without a value.

    ``names`` are the options that may name it, that of the SID first. Without the SID it would be another object, or
    all of them. In check mode a null SID may be that of an object which an earlier task would have created.
    """
    nulls = call.nulls(names)
    if call.given(names) and (call.check_mode or names[0] not in nulls):
        return []
    return [no_value(name) for name in nulls]


def parent_problems(resource: Resource, call: Call) -> list[str]:
    """Return the problems of the options that name the ancestors of the objects."""
    found = []
    for parent, names in zip(resource.ancestors, parent_options(resource)):
        if not (call.check_mode and call.nulls(names)):
            given = {name.removeprefix(f"{parent.key}_"): value for name, value in call.given(names).items()}
            found += null_problems(call, names)
            found += [f"{parent.key}_{sentence}" for sentence in problems(parent, given)]
    return found


def locate_parent(client: Client, resource: Resource, call: Call) -> Resource:
    """Return the resource in the ancestors that the options name. Raise as resolve_parent()."""
    names = ((call.params[sid], call.params[name]) for sid, name in parent_options(resource))
    return resolve_parent(client, resource, names)


def require_libraries() -> None:
    """Raise MissingLibrary if requests is not installed."""
    if REQUESTS_ERROR is not None:
        raise MissingLibrary("requests") from REQUESTS_ERROR


def connected(call: Call, found: list[str], count: int = 1) -> tuple[tuple[Client, ...], dict[str, t.Any]]:
    """Return ``count`` clients, and the predicted values of a new object.

    ``found`` is what is wrong with other options, to be reported together. Raise PreconditionError, or MissingLibrary.
    """
    require_libraries()
    connection, wrong = connect(call.params, call.params_raw, call.from_environment, call.environment)
    if connection is None or found:
        raise PreconditionError(" ".join([*found, *wrong]), NO_REQUEST)
    credentials = connection.credentials
    call.mask([base64.b64encode(f"{credentials.username}:{credentials.password}".encode()).decode()])
    if not connection.verify:
        call.warn("validate_certs is false: anyone between this machine and Twilio can read the credentials.")
    clients = call.clients(
        count,
        connection.base_url,
        credentials,
        timeout=call.params["timeout"],
        retries=call.params["retries"],
        verify=connection.verify,
        agent=call.agent,
    )
    for client in clients:
        client.begin(call.on_retry)
    return clients, {"account_sid": credentials.account_sid}
