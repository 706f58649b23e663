# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The tasks that people write, without Ansible: which options there are, what they ask for, and what comes back.

What is Ansible's about a task, such as how its options arrive and how it ends, is the door's (_module.py). A door makes
a Call of what a task says, and gets a result, or Failed.
"""

from __future__ import annotations

import base64
import importlib.util
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.twilio.proxy.plugins.module_utils._client import Client
from ansible_collections.twilio.proxy.plugins.module_utils._connection import (
    CONNECTION,
    PAGING,
    Option,
    connect,
    option_problems,
)
from ansible_collections.twilio.proxy.plugins.module_utils._errors import REQUESTS_ERROR, ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._plan import differences, plan, writable
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import (
    NOTHING_CHANGED,
    Outcome,
    PreconditionError,
    TaskError,
    gather,
    reconcile,
)
from ansible_collections.twilio.proxy.plugins.module_utils._resources import (
    ADVICE,
    RESOURCES,
    URL,
    Field,
    Object,
    Resource,
    normalize_sid,
)
from ansible_collections.twilio.proxy.plugins.module_utils._validation import (
    masked,
    no_value,
    problems,
    quoted,
    secrets,
    visible,
)

#: What a failure returns beside its msg: what Twilio said, null where it said nothing.
FAILURE_KEYS = ("status", "code", "message", "more_info", "request_id")

NOT_KNOWN = "It is not known whether the change was made: run the task again, it looks before it changes anything."

Result = dict[str, t.Any]


class Failed(Exception):
    """The task has failed. ``result`` is what it returns beside the message."""

    def __init__(self, msg: str, result: Result | None = None) -> None:
        super().__init__(msg)
        self.result = {"changed": False, **dict.fromkeys(FAILURE_KEYS), **(result or {})}


class MissingLibrary(Exception):
    """A Python library is not installed; the text is its name, the cause is why it cannot be imported."""


@dataclass(frozen=True)
class Task:
    """A kind of task: its options and their rules, as Ansible's argument specs have them, and what it does.

    ``environment`` names the environment variables that stand in for options. ``explain`` gives sentences about options
    that did not get as far as ``perform``, from what the task said; ``failure`` is what is returned then beside what
    every failure returns.
    """

    options: t.Mapping[str, dict[str, t.Any]]
    rules: t.Mapping[str, t.Any]
    perform: t.Callable[[Call], Result]
    environment: t.Mapping[str, str] = field(
        default_factory=lambda: {name: option.env for name, option in CONNECTION.items() if option.env}
    )
    explain: t.Callable[[t.Mapping[str, t.Any]], list[str]] = lambda _said: []
    failure: t.Mapping[str, t.Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One task as somebody wrote it.

    ``said`` are the options as they were written, ``params`` all of them after Ansible read them. ``from_environment``
    names those that an environment variable gave. ``agent`` is who calls, for the User-Agent. What is handed to
    ``mask`` must not show in anything that is said from then on. ``clients`` gives those that ask: see clients() of
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
        """The options of these names that have a value; one that has none is not managed."""
        return {name: self.params[name] for name in names if self.params[name] is not None}

    def nulls(self, names: t.Iterable[str]) -> list[str]:
        """Those of these options that are null although the task has them, as if a variable had no value."""
        return [name for name in names if name in self.params_raw and self.params[name] is None]

    def hide_passwords(self, *values: t.Any) -> None:
        """Has the secrets of URLs in these values masked."""
        self.mask(secrets_in(values))


_FIELDS = [item for resource in RESOURCES for item in resource.fields]
_URLS = {"base_url", *(item.name for item in _FIELDS if item.rule is URL)}
_SIDS = {
    *(item.name for item in _FIELDS if item.is_sid),
    *(name for name, option in CONNECTION.items() if option.rule is not None and option.rule.is_sid),
}


def with_normalized_sids(params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The options with their SIDs as Twilio writes them: what is read is compared with them."""
    return {
        name: [with_normalized_sids(item) if isinstance(item, dict) else item for item in value]
        if isinstance(value, list)
        else normalize_sid(value)
        if name in _SIDS
        else value
        for name, value in params.items()
    }


def secrets_in(value: t.Any) -> t.Iterator[str]:
    """The secrets of URLs, wherever they stand in options or results."""
    waiting = [(value, False)]
    while waiting:
        value, is_url = waiting.pop()
        if isinstance(value, dict):
            # There may be very many objects, and in nearly all of them nothing to find.
            for name, member in value.items():
                if isinstance(member, str):
                    if "@" in member or "=" in member:
                        waiting.append((member, name in _URLS))
                elif isinstance(member, (dict, list, tuple)):
                    waiting.append((member, False))
        elif isinstance(value, (list, tuple)):
            waiting += [(member, False) for member in value if isinstance(member, (str, dict, list, tuple))]
        else:
            yield from secrets(value, is_url)


Spec = t.Mapping[str, t.Any]

#: What a value of an option has to be before Ansible converts it, by the option's type.
_WRITTEN: t.Mapping[str, tuple[type, str]] = {
    **dict.fromkeys(("str", "path"), (str, "a text, as Ansible read it: put it into quotes")),
    "list": (list, "a list"),
    "dict": (dict, "a mapping of options"),
}


def not_as_written(options: Spec, params_raw: t.Mapping[str, t.Any], kind: type = object) -> list[str]:
    """A sentence for each value of this kind that Ansible would convert to what its option takes.

    YAML reads 0123, yes and 2026-11-23 as something else than a text. The text that Ansible makes of that is another
    one than what was written, and may be the name of another object.
    """
    found = []
    for place, spec, value in walk({"type": "dict", "options": options}, params_raw):
        python_type, words = _WRITTEN.get(spec["type"], (object, ""))
        if isinstance(value, kind) and not isinstance(value, python_type):
            told = "its value" if spec.get("no_log") else quoted(value)
            found.append(f"{place}: {told} is not {words}.")
    return found


def walk(spec: Spec, value: t.Any, place: str = "") -> t.Iterator[tuple[str, Spec, t.Any]]:
    """The place, the spec and the value of each option that has a value, and of each element of a list."""
    if spec["type"] == "list" and isinstance(value, (list, tuple)):
        inner = {**spec, "type": spec["elements"]}
        for number, element in enumerate(value):
            yield from walk(inner, element, f"{place}[{number}]")
    elif spec["type"] == "dict" and isinstance(value, dict):
        for name, option in spec["options"].items():
            if value.get(name) is not None:
                yield from walk(option, value[name], f"{place}.{name}".lstrip("."))
    # Ansible reads a text as a list of texts.
    elif spec["type"] != "list" or "options" in spec:
        yield place, spec, value


def object_task(resource: Resource) -> Task:
    """Makes one object of the resource present or absent."""
    names, names_of_parent = named_by(resource), parent_options(resource)
    exclusive = [names] if resource.field(resource.name_field).immutable else []
    return Task(
        {
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            **{name: {"type": "str"} for name in (*names_of_parent, *names)},
            **{item.name: field_spec(item) for item in resource.writable},
            **connection_specs(),
        },
        {
            "required_one_of": [names, *([names_of_parent] if names_of_parent else [])],
            "mutually_exclusive": [*exclusive, *([names_of_parent] if names_of_parent else [])],
        },
        lambda call: _make(resource, call),
    )


def objects_task(resource: Resource) -> Task:
    """Reads objects of the resource."""
    names, names_of_parent = named_by(resource), parent_options(resource)
    return Task(
        {
            **{name: {"type": "str"} for name in (*names_of_parent, *names)},
            "properties": {"type": "list", "elements": "str", "choices": [item.name for item in resource.fields]},
            **{name: option_spec(option) for name, option in PAGING.items()},
            **connection_specs(),
        },
        {
            "required_one_of": [names_of_parent] if names_of_parent else [],
            "mutually_exclusive": [names, *([names_of_parent] if names_of_parent else [])],
        },
        lambda call: _read(resource, call),
    )


def named_by(resource: Resource) -> tuple[str, ...]:
    """The options that name an object of the resource."""
    return "sid", resource.name_field


def parent_options(resource: Resource) -> tuple[str, ...]:
    """The options that name the object in which the resource's objects live."""
    parent = resource.parent
    return () if parent is None else (f"{parent.key}_sid", f"{parent.key}_{parent.name_field}")


def field_spec(item: Field) -> dict[str, t.Any]:
    """A field as an option, in Ansible's form."""
    return {"type": item.type, **({"choices": list(item.choices)} if item.choices else {})}


def option_spec(option: Option) -> dict[str, t.Any]:
    """An option of a table, in Ansible's form."""
    # no_log=False says on purpose that an API key's SID, like any other SID, is no secret.
    spec: dict[str, t.Any] = {"type": option.type, "no_log": option.secret}
    return spec if option.default is None else {**spec, "default": option.default}


def connection_specs() -> dict[str, dict[str, t.Any]]:
    """The options of CONNECTION, in Ansible's form."""
    return {name: option_spec(option) for name, option in CONNECTION.items()}


def _make(resource: Resource, call: Call) -> Result:
    call = _with_null_sids(resource, call)
    desired = call.given(item.name for item in resource.writable)
    found = null_problems(call, named_by(resource)) + problems(resource, call.given(["sid"]) | desired)
    absent = call.params["state"] == "absent"
    try:
        (client,), predicted_values = connected(call, found + _parent_problems(resource, call))
        there = _resolve_parent(client, resource, call)
        if there is None:
            outcome = _without_parent(resource, call, desired, absent, predicted_values)
        else:
            outcome = reconcile(
                client,
                there,
                desired,
                sid=call.params["sid"],
                absent=absent,
                check_mode=call.check_mode,
                predicted_values=_predicted_from_parent(there, predicted_values),
            )
    except (PreconditionError, ApiError) as failure:
        raise failed(failure) from failure
    call.hide_passwords(outcome.before, outcome.after)
    if not call.check_mode:
        for sentence in values_not_accepted(resource, desired, outcome):
            call.warn(sentence)
    result: Result = {"changed": outcome.changed, resource.key: outcome.after or outcome.before or {}}
    if outcome.changed and call.diff_mode:
        result["diff"] = diff(resource, outcome)
    return result


def _read(resource: Resource, call: Call) -> Result:
    call, names = _with_null_sids(resource, call), named_by(resource)
    # In check mode, the SID of an object that an earlier task would have created is null: there is no such object yet.
    not_yet_there = call.check_mode and bool(call.nulls(names))
    found = [] if not_yet_there else null_problems(call, names)
    found += problems(resource, call.given(names)) + option_problems(PAGING, call.params, call.params_raw)
    try:
        (client,), _known = connected(call, found + _parent_problems(resource, call))
        sid, name, page_size, limit, names = (
            call.params[name] for name in ("sid", resource.name_field, "page_size", "limit", "properties")
        )
        there = None if not_yet_there else _resolve_parent(client, resource, call)
        if there is None and not call.check_mode:
            raise _missing_parent(resource, call)
        objects = (
            gather(client, there, sid=sid, name=name, page_size=page_size, limit=limit, names=names or None)
            if there
            else []
        )
    except (PreconditionError, ApiError) as failure:
        raise failed(failure) from failure
    call.hide_passwords(*objects)
    return {"changed": False, resource.list_key: objects}


def _with_null_sids(resource: Resource, call: Call) -> Call:
    """The call with its SIDs as they were meant."""
    sids = {
        name: null_if_predicted(call.params[name], call.check_mode) for name in ("sid", *parent_options(resource)[:1])
    }
    return replace(call, params={**call.params, **sids})


def null_if_predicted(sid: str | None, check_mode: bool) -> str | None:
    """The SID that a task names, None if it is null: in check mode it may be that of what is not there yet."""
    # ansible-core before 2.19 makes "" of a template that gives null.
    return None if check_mode and sid == "" else sid


def null_problems(call: Call, names: t.Sequence[str]) -> list[str]:
    """What is wrong where a task names an object by a variable that has no value.

    ``names`` are the options that may name it, that of the SID first. To go on without a SID would mean another object,
    or all of them. In check mode a null SID may be that of an object which an earlier task would have created.
    """
    nulls = call.nulls(names)
    if call.given(names) and (call.check_mode or names[0] not in nulls):
        return []
    return [no_value(name) for name in nulls]


def _parent_problems(resource: Resource, call: Call) -> list[str]:
    parent, names_of_parent = resource.parent, parent_options(resource)
    if parent is None or (call.check_mode and call.nulls(names_of_parent)):
        return []
    given = {name.removeprefix(f"{parent.key}_"): value for name, value in call.given(names_of_parent).items()}
    return null_problems(call, names_of_parent) + [f"{parent.key}_{sentence}" for sentence in problems(parent, given)]


def _resolve_parent(client: Client, resource: Resource, call: Call) -> Resource | None:
    """The resource in the place that the task names, None if there is no such place."""
    if resource.parent is None:
        return resource
    sid, name = (call.params[option] for option in parent_options(resource))
    if sid is None and name is not None:
        found = client.find(resource.parent, name)
        sid = found["sid"] if found else None
    return resource.in_parent(sid) if sid else None


def _without_parent(
    resource: Resource,
    call: Call,
    desired: t.Mapping[str, t.Any],
    absent: bool,
    predicted_values: t.Mapping[str, t.Any],
) -> Outcome:
    if absent:
        return Outcome(False, None, None)
    if not call.check_mode:
        raise _missing_parent(resource, call)
    call.warn(f"{_not_yet(resource, call)} If no earlier task creates it, this one will fail.")
    return Outcome(True, None, plan(resource, desired, None, predicted_values=predicted_values).after)


def _missing_parent(resource: Resource, call: Call) -> PreconditionError:
    return PreconditionError(f"no {_parent_label(resource, call)}.", NOTHING_CHANGED)


def _not_yet(resource: Resource, call: Call) -> str:
    nulls = call.nulls(parent_options(resource))
    because = f", because {nulls[0]} is null" if nulls else ""
    return f"There is no {_parent_label(resource, call)} yet{because}."


def _parent_label(resource: Resource, call: Call) -> str:
    names = [quoted(name) for name in call.given(parent_options(resource)).values()]
    return " ".join([*([resource.parent.name] if resource.parent else []), *names])


def _predicted_from_parent(resource: Resource, predicted_values: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return (
        {**predicted_values, parent_options(resource)[0]: resource.parent_sid}
        if resource.parent
        else dict(predicted_values)
    )


def require_libraries() -> None:
    """Raises MissingLibrary if requests or jsonschema is not installed."""
    if REQUESTS_ERROR is not None:
        raise MissingLibrary("requests") from REQUESTS_ERROR
    # Looked for, not imported: it is needed only when something has gone wrong, which is no moment to find it missing.
    if importlib.util.find_spec("jsonschema") is None:
        raise MissingLibrary("jsonschema")


def connected(call: Call, found: list[str], count: int = 1) -> tuple[tuple[Client, ...], dict[str, t.Any]]:
    """As many clients as are to ask at the same time, and what is known of a new object beforehand.

    ``found`` is what is wrong with other options: everything is said at once. Raises Refused, or MissingLibrary.
    """
    require_libraries()
    connection, wrong = connect(call.params, call.params_raw, call.from_environment, call.environment)
    if connection is None or found:
        raise PreconditionError(" ".join([*found, *wrong]), "No request was sent.")
    credentials = connection.credentials
    call.mask([base64.b64encode(f"{credentials.username}:{credentials.password}".encode()).decode()])
    if not connection.verify:
        call.warn("validate_certs is false: whoever stands between here and Twilio can read the credentials.")
    asking = call.clients(
        count,
        connection.base_url,
        credentials,
        timeout=call.params["timeout"],
        retries=call.params["retries"],
        verify=connection.verify,
        agent=call.agent,
    )
    for client in asking:
        client.begin(call.on_retry)
    return asking, {"account_sid": credentials.account_sid}


def diff(resource: Resource, outcome: Outcome) -> Result:
    """What changed, in Ansible's form of a diff."""
    before, after = writable(resource, outcome.before), writable(resource, outcome.after)
    return {
        "before": before,
        "after": {name: _beside(name, before[name], value) for name, value in after.items()}
        if before and after
        else after,
        "before_header": _header(resource, outcome.before),
        "after_header": _header(resource, outcome.after),
    }


def _beside(name: str, before: t.Any, after: t.Any) -> t.Any:
    """The value after a change as a diff shows it: where only what is masked has changed, that is told."""
    if before == after or not (isinstance(before, str) and isinstance(after, str)):
        return after
    alike = masked(before, name in _URLS) == masked(after, name in _URLS)
    return f"{after} (secret changed)" if alike else after


def _header(resource: Resource, item: Object | None) -> str:
    if item is None:
        return f"no {resource.name}"
    name, sid = item[resource.name_field], item["sid"]
    return visible(f"{resource.name} {name or sid}" + (f" ({sid})" if name and sid else ""))


def values_not_accepted(
    resource: Resource, desired: t.Mapping[str, t.Any], outcome: Outcome, place: str = ""
) -> list[str]:
    """A sentence for each value that was sent, and is not what Twilio answered with; ``place`` is where it stands."""
    if outcome.after is None or not outcome.changed:
        return []
    return [
        f"{place}{name} was set to {quoted(value)}, but Twilio answered with {quoted(outcome.after[name])}:"
        " this task will report a change each time it runs."
        for name, value in differences(resource, desired, outcome.after).items()
    ]


def failed(failure: TaskError) -> Failed:
    """The failure as the task's end."""
    text = failure_text(failure) if isinstance(failure, ApiError) else str(failure)
    return Failed(text, {"changed": failure.may_have_been_applied or failure.applied, **details_from_twilio(failure)})


def timed_out(limit: BaseException, text: str, result: Result | None = None) -> Failed:
    """Return the end of a task that Ansible ended because of its timeout. ``text`` and ``result`` are what is known."""
    period = getattr(limit, "timeout", None)  # ansible-core before 2.19 does not say it
    more = {} if period is None else {"timedout": {"period": int(period)}}  # it is a tagged one there
    return Failed(f"Ansible ended the task because of its timeout. {text}", {**(result or {}), **more})


def what_is_known(clients: t.Iterable[Client]) -> tuple[str, Result]:
    """Return a sentence about what these clients may have changed since they began, and ``changed``."""
    writing = next((client.writing for client in clients if client.writing is not None), None)
    if writing is None:
        return NOTHING_CHANGED, {}
    return f"A request to {writing} had been sent. {NOT_KNOWN}", {"changed": True}


def details_from_twilio(failure: TaskError) -> Result:
    """FAILURE_KEYS of the failure."""
    return {key: getattr(failure, key, None) for key in FAILURE_KEYS}


def failure_text(error: ApiError, unchanged: str = NOTHING_CHANGED) -> str:
    """What happened, what to do, and what was changed, in sentences. ``unchanged`` says that it was nothing."""
    facts = {"HTTP": error.status, "code": error.code, "request": error.request_id}
    told = [f"{name} {fact}" for name, fact in facts.items() if fact is not None]
    answer = ", ".join([*told, *([f"after {error.tries} tries"] if error.tries > 1 else [])])
    what = str(error).rstrip(".")
    sentences = [
        what[:1].upper() + what[1:] + (f" ({answer})." if answer else "."),
        error.advice or ADVICE.get(error.code or 0, ""),
        "" if error.applied else NOT_KNOWN if error.may_have_been_applied else unchanged,
    ]
    return visible(" ".join(sentence for sentence in sentences if sentence))
