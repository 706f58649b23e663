# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The engine as Ansible modules: argument specs, checks at the door, results, diffs, failure texts.

The only file of module_utils that knows Ansible.
"""

from __future__ import annotations

import base64
import importlib.util
import os
import re
import typing as t

from ansible.module_utils.ansible_release import __version__ as ansible_version
from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib
from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.twilio.proxy.plugins.module_utils._client import REQUESTS_ERROR, ApiError, Client
from ansible_collections.twilio.proxy.plugins.module_utils._connection import (
    CONNECTION,
    PAGING,
    Option,
    connect,
    option_problems,
)
from ansible_collections.twilio.proxy.plugins.module_utils._plan import differences, writable
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import Outcome, Refused, gather, reconcile
from ansible_collections.twilio.proxy.plugins.module_utils._resources import ADVICE, URL, Field, Object, Resource
from ansible_collections.twilio.proxy.plugins.module_utils._schema import passwords, problems, shown

#: What a failure returns beside its msg: what Twilio said, null where it said nothing.
FAILURE_KEYS = ("status", "code", "message", "more_info", "request_id")


class _Module(AnsibleModule):
    """An AnsibleModule that remembers where options come from, masks passwords in URLs, and fails with FAILURE_KEYS.

    ``from_environment`` names the options that an environment variable gave, ``left_out`` those of ``named_by`` that
    the task does not have; one that it has may still be null.
    """

    def __init__(self, resource: Resource, options: dict[str, dict[str, t.Any]], **rules: t.Any) -> None:
        self.named_by = ("sid", resource.identity)
        self.from_environment: set[str] = set()
        self.left_out: set[str] = set()
        self._urls = {"base_url", *(field.name for field in resource.fields if field.rule is URL)}
        self._accepted = False
        for name in self.named_by:
            options[name] = {"type": "str", "fallback": (self._note_left_out, [name])}
        for name, option in CONNECTION.items():
            options[name] = _spec(option)
            if option.env:
                options[name]["fallback"] = (self._recall, [name, option.env])
        super().__init__(options, supports_check_mode=True, **rules)  # type: ignore[no-untyped-call]  # it has no types
        self._accepted = True
        self.hide_passwords(self.params)

    def _recall(self, name: str, variable: str) -> str:
        value: str = env_fallback(variable)
        self.from_environment.add(name)
        return value

    def _note_left_out(self, name: str) -> t.NoReturn:
        self.left_out.add(name)
        raise AnsibleFallbackNotFound

    def given(self, names: t.Iterable[str]) -> dict[str, t.Any]:
        """The options of these names that have a value; one that has none is not managed."""
        return {name: self.params[name] for name in names if self.params[name] is not None}

    @property
    def nulls(self) -> list[str]:
        """The options that name the object and are null although the task has them, as if a variable had no value."""
        return [name for name in self.named_by if self.params[name] is None and name not in self.left_out]

    def hide_passwords(self, *values: t.Mapping[str, t.Any] | None) -> None:
        """Has Ansible mask the passwords of URLs in whatever the module says from now on.

        They are masked together with the characters around them, so that a short one does not mask half of the output.
        """
        for mapping in values:
            for name, value in (mapping or {}).items():
                if isinstance(value, str) and "@" in value:
                    found = passwords(value, meant_as_url=name in self._urls)
                    self.no_log_values.update(f":{password}@" for password in found)

    def fail_json(self, msg: str, **result: t.Any) -> t.NoReturn:
        """Fails with the same keys whatever it was, also where Ansible refuses an option."""
        if not self._accepted:
            self.hide_passwords(self.params)
            # The system's log cannot take it, and ansible-core does not say which option it is in.
            for name, value in self.params.items():
                if isinstance(value, str) and "\0" in value:
                    msg = f"{name}: its value is refused, it must be without the character NUL. {msg}"
            # ansible-core before 2.19 does not repeat a value that is of the wrong type.
            for name in re.findall(r"argument '(\w+)' is of type", msg):
                value = shown(self.params[name])
                if value not in msg:
                    msg = f"{msg}. {name} is {value}."
        super().fail_json(msg=msg, **{"changed": False, **dict.fromkeys(FAILURE_KEYS), **result})


def run(resource: Resource) -> None:
    """The module that makes one object of the resource present or absent. Ends the process."""
    module = _Module(
        resource,
        {
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            **{field.name: _field_spec(field) for field in resource.writable},
        },
        required_one_of=[("sid", resource.identity)],
    )
    desired = module.given(field.name for field in resource.writable)
    try:
        client, known = _connect(module, _naming_problems(module) + problems(resource, module.given(["sid"]) | desired))
        outcome = reconcile(
            client,
            resource,
            desired,
            sid=module.params["sid"],
            absent=module.params["state"] == "absent",
            check_mode=module.check_mode,
            known=known,
        )
    except (Refused, ApiError) as failure:
        _fail(module, failure)
    else:
        module.hide_passwords(outcome.before, outcome.after)
        _warn_of_what_was_not_taken(module, resource, desired, outcome)
        result = {resource.key: outcome.after or outcome.before or {}}
        module.exit_json(changed=outcome.changed, **result, **_diff(module, resource, outcome))


def run_info(resource: Resource) -> None:
    """The module that reads objects of the resource. Ends the process."""
    names = [field.name for field in resource.fields]
    module = _Module(
        resource,
        {
            "properties": {"type": "list", "elements": "str", "choices": names},
            **{name: _spec(option) for name, option in PAGING.items()},
        },
        mutually_exclusive=[("sid", resource.identity)],
    )
    # In check mode, the SID of an object that an earlier task would have created is null: there is no such object yet.
    not_yet_there = module.check_mode and bool(module.nulls)
    found = [] if not_yet_there else _naming_problems(module)
    found += problems(resource, module.given(module.named_by)) + option_problems(PAGING, module.params)
    try:
        client, _known = _connect(module, found)
        sid, identity, page_size, limit = (
            module.params[name] for name in ("sid", resource.identity, "page_size", "limit")
        )
        objects = (
            []
            if not_yet_there
            else gather(client, resource, sid=sid, identity=identity, page_size=page_size, limit=limit)
        )
    except (Refused, ApiError) as failure:
        _fail(module, failure)
    else:
        module.hide_passwords(*objects)
        properties = module.params["properties"] or names
        shown_objects = [{name: item[name] for name in properties} for item in objects]
        module.exit_json(changed=False, **{resource.list_key: shown_objects})


def _field_spec(field: Field) -> dict[str, t.Any]:
    return {"type": field.type, **({"choices": list(field.choices)} if field.choices else {})}


def _spec(option: Option) -> dict[str, t.Any]:
    # no_log=False says on purpose that an API key's SID, like any other SID, is no secret.
    spec: dict[str, t.Any] = {"type": option.type, "no_log": option.secret}
    return spec if option.default is None else {**spec, "default": option.default}


def _naming_problems(module: _Module) -> list[str]:
    """What is wrong where the task names an object by a variable that has no value.

    To go on without a SID would mean another object, or all of them. In check mode a null SID may be that of an object
    which an earlier task would have created.
    """
    nulls = module.nulls
    if module.given(module.named_by) and (module.check_mode or "sid" not in nulls):
        return []
    return [f"{name}: null is refused, it must have a value or be left out." for name in nulls]


def _connect(module: _Module, found: list[str]) -> tuple[Client, dict[str, t.Any]]:
    """The client that the options ask for, and what is known of a new object beforehand.

    ``found`` is what is wrong with other options: everything is said at once. Raises Refused.
    """
    if REQUESTS_ERROR is not None:
        raise Refused(missing_required_lib("requests")) from REQUESTS_ERROR
    # Looked for, not imported: it is needed only when something has gone wrong, which is no moment to find it missing.
    if importlib.util.find_spec("jsonschema") is None:
        raise Refused(missing_required_lib("jsonschema"))
    connection, wrong = connect(module.params, module.from_environment, os.environ)
    if connection is None or found:
        raise Refused(" ".join([*found, *wrong, "No request was sent."]))
    credentials = connection.credentials
    pair = f"{credentials.username}:{credentials.password}".encode()
    module.no_log_values.add(base64.b64encode(pair).decode())
    if not connection.verify:
        module.warn("validate_certs is false: whoever stands between here and Twilio can read the credentials.")
    client = Client(
        connection.base_url,
        credentials,
        timeout=module.params["timeout"],
        retries=module.params["retries"],
        verify=connection.verify,
        agent=f"ansible-core/{ansible_version}",
    )
    return client, {"account_sid": credentials.account_sid}


def _diff(module: _Module, resource: Resource, outcome: Outcome) -> dict[str, t.Any]:
    if not outcome.changed or not module._diff:  # AnsibleModule has no public name for diff mode
        return {}
    return {
        "diff": {
            "before": writable(resource, outcome.before),
            "after": writable(resource, outcome.after),
            "before_header": _header(resource, outcome.before),
            "after_header": _header(resource, outcome.after),
        }
    }


def _header(resource: Resource, item: Object | None) -> str:
    if item is None:
        return f"no {resource.name}"
    return f"{resource.name} {item[resource.identity]}" + (f" ({item['sid']})" if item["sid"] else "")


def _warn_of_what_was_not_taken(
    module: _Module, resource: Resource, desired: t.Mapping[str, t.Any], outcome: Outcome
) -> None:
    if outcome.after is None or not outcome.changed:
        return
    for name, value in differences(resource, desired, outcome.after).items():
        module.warn(
            f"{name} was set to {shown(value)}, but Twilio answered with {shown(outcome.after[name])}:"
            " this task will report a change each time it runs."
        )


def _fail(module: _Module, failure: Refused | ApiError) -> None:
    """Ends the module with a failure."""
    module.fail_json(
        msg=failure_text(failure) if isinstance(failure, ApiError) else str(failure),
        changed=getattr(failure, "maybe_applied", False),
        **{key: getattr(failure, key, None) for key in FAILURE_KEYS},
    )


def failure_text(error: ApiError) -> str:
    """What happened, what to do, and what was changed, in sentences."""
    facts = {"HTTP": error.status, "code": error.code, "request": error.request_id}
    answer = ", ".join(f"{name} {fact}" for name, fact in facts.items() if fact is not None)
    what = str(error).rstrip(".")
    sentences = [
        what[:1].upper() + what[1:] + (f" ({answer})." if answer else "."),
        error.advice or ADVICE.get(error.code or 0, ""),
        "It is not known whether the change was made: run the task again, it looks before it changes anything."
        if error.maybe_applied
        else "Nothing was changed.",
    ]
    return " ".join(sentence for sentence in sentences if sentence)
