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
import ssl
import typing as t
from dataclasses import dataclass

from ansible.module_utils.ansible_release import __version__ as ansible_version
from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib

from ansible_collections.twilio.proxy.plugins.module_utils._client import (
    REQUESTS_ERROR,
    ApiError,
    Client,
    Credentials,
    base_url_problem,
    host_url,
)
from ansible_collections.twilio.proxy.plugins.module_utils._plan import differences, writable
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import Outcome, Refused, gather, reconcile
from ansible_collections.twilio.proxy.plugins.module_utils._resources import (
    ACCOUNT_SID,
    ADVICE,
    API_KEY_SID,
    MAX_PAGE_SIZE,
    Object,
    Resource,
    Rule,
)
from ansible_collections.twilio.proxy.plugins.module_utils._schema import passwords, problem, problems, shown


@dataclass(frozen=True)
class Option:
    """An option about the account or the connection, not about an object. ``env`` names its environment variable."""

    type: str = "str"
    env: str | None = None
    rule: Rule | None = None
    default: t.Any = None
    secret: bool = False

    def spec(self) -> dict[str, t.Any]:
        """The option for an argument spec."""
        # no_log=False says on purpose that an API key's SID, like any other SID, is no secret.
        spec: dict[str, t.Any] = {"type": self.type, "no_log": self.secret}
        if self.env:
            spec["fallback"] = (env_fallback, [self.env])
        if self.default is not None:
            spec["default"] = self.default
        return spec


_HOST_PART = Rule("lower-case letters, digits and hyphens, as in us1 or sydney", pattern="[a-z0-9]+(?:-[a-z0-9]+)*")
_NOT_EMPTY = Rule("a text that is not empty", min_length=1)

CONNECTION: t.Mapping[str, Option] = {
    "account_sid": Option(env="TWILIO_ACCOUNT_SID", rule=ACCOUNT_SID),
    "auth_token": Option(env="TWILIO_AUTH_TOKEN", secret=True),
    "api_key": Option(env="TWILIO_API_KEY", rule=API_KEY_SID),
    "api_secret": Option(env="TWILIO_API_SECRET", secret=True),
    "region": Option(env="TWILIO_REGION", rule=_HOST_PART),
    "edge": Option(env="TWILIO_EDGE", rule=_HOST_PART),
    "base_url": Option(env="TWILIO_PROXY_BASE_URL"),
    "timeout": Option("int", rule=Rule("a number of seconds from 1 to 600", minimum=1, maximum=600), default=30),
    "retries": Option("int", rule=Rule("a number from 0 to 20", minimum=0, maximum=20), default=5),
    "validate_certs": Option("bool", default=True),
    "ca_path": Option("path"),
}
#: What a failure returns beside its msg: what Twilio said, null where it said nothing.
FAILURE_KEYS = ("status", "code", "message", "more_info", "request_id")
PAGING: t.Mapping[str, Option] = {
    "page_size": Option("int", rule=Rule(f"a number from 1 to {MAX_PAGE_SIZE}", minimum=1, maximum=MAX_PAGE_SIZE)),
    "limit": Option("int", rule=Rule("a number of 1 or more", minimum=1)),
}


class _Module(AnsibleModule):
    """An AnsibleModule that also names the value which is of the wrong type; ansible-core before 2.19 does not."""

    def __init__(self, **spec: t.Any) -> None:
        super().__init__(supports_check_mode=True, **spec)  # type: ignore[no-untyped-call]  # it has no types

    def fail_json(self, msg: str, **result: t.Any) -> t.NoReturn:
        for name in re.findall(r"argument '(\w+)' is of type", msg):
            value = shown(self.params[name])
            if value not in msg:
                msg = f"{msg}. {name} is {value}."
        super().fail_json(msg=msg, **result)


def run(resource: Resource) -> None:
    """The module that makes one object of the resource present or absent. Ends the process."""
    fields = {
        field.name: {"type": field.type, **({"choices": list(field.choices)} if field.choices else {})}
        for field in resource.writable
    }
    module = _Module(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "sid": {"type": "str"},
            **fields,
            **_specs(CONNECTION),
        },
        required_one_of=[("sid", resource.identity)],
    )
    desired = _given(module, fields)
    try:
        client = _connect(module, problems(resource, {**desired, **_given(module, ["sid"])}))
        outcome = reconcile(
            client,
            resource,
            desired,
            sid=module.params["sid"],
            absent=module.params["state"] == "absent",
            check_mode=module.check_mode,
            known=_given(module, ["account_sid"]),
        )
    except (Refused, ApiError) as failure:
        _fail(module, failure)
    else:
        _hide_passwords(module, outcome.before, outcome.after)
        _warn_of_what_was_not_taken(module, resource, desired, outcome)
        result = {resource.key: outcome.after or outcome.before or {}}
        module.exit_json(changed=outcome.changed, **result, **_diff(module, resource, outcome))


def run_info(resource: Resource) -> None:
    """The module that reads objects of the resource. Ends the process."""
    names = [field.name for field in resource.fields]
    module = _Module(
        argument_spec={
            "sid": {"type": "str"},
            resource.identity: {"type": "str"},
            "properties": {"type": "list", "elements": "str", "choices": names},
            **_specs(PAGING),
            **_specs(CONNECTION),
        },
        mutually_exclusive=[("sid", resource.identity)],
    )
    try:
        client = _connect(
            module, problems(resource, _given(module, ["sid", resource.identity])) + _option_problems(module, PAGING)
        )
        objects = gather(
            client,
            resource,
            sid=module.params["sid"],
            identity=module.params[resource.identity],
            page_size=module.params["page_size"],
            limit=module.params["limit"],
        )
    except (Refused, ApiError) as failure:
        _fail(module, failure)
    else:
        _hide_passwords(module, *objects)
        properties = module.params["properties"] or names
        found = [{name: item[name] for name in properties} for item in objects]
        module.exit_json(changed=False, **{resource.list_key: found})


def _specs(options: t.Mapping[str, Option]) -> dict[str, dict[str, t.Any]]:
    return {name: option.spec() for name, option in options.items()}


def _given(module: AnsibleModule, names: t.Iterable[str]) -> dict[str, t.Any]:
    """The options of these names that have a value; one that has none is not managed."""
    return {name: module.params[name] for name in names if module.params[name] is not None}


def _connect(module: AnsibleModule, found: list[str]) -> Client:
    """The client that the options ask for. ``found`` is what is wrong with other options: everything is said at once.

    Raises Refused.
    """
    if REQUESTS_ERROR is not None:
        raise Refused(missing_required_lib("requests")) from REQUESTS_ERROR
    # Looked for, not imported: it is needed only when something has gone wrong, which is no moment to find it missing.
    if importlib.util.find_spec("jsonschema") is None:
        raise Refused(missing_required_lib("jsonschema"))
    params: dict[str, t.Any] = {name: module.params[name] for name in CONNECTION}
    _hide_passwords(module, module.params)
    found = found + _option_problems(module, CONNECTION)
    credentials, half = choose_credentials(params, os.environ)
    found += half
    base_url = params["base_url"] or host_url(params["region"], params["edge"])
    rule = base_url_problem(base_url)
    if rule is not None:
        found.append(f"base_url: {shown(base_url)} is refused, it must be {rule}.")
    ca_path = params["ca_path"]
    if ca_path and not _has_certificates(ca_path):
        found.append(f"ca_path: {shown(ca_path)} is refused, it must be a file or a directory of PEM certificates.")
    if found or credentials is None:
        raise Refused(" ".join([*found, "No request was sent."]))
    pair = f"{credentials.username}:{credentials.password}".encode()
    module.no_log_values.add(base64.b64encode(pair).decode())
    if not params["validate_certs"]:
        module.warn("validate_certs is false: whoever stands between here and Twilio can read the credentials.")
    return Client(
        base_url,
        credentials,
        timeout=params["timeout"],
        retries=params["retries"],
        verify=params["validate_certs"] and (ca_path or True),
        agent=f"ansible-core/{ansible_version}",
    )


def _has_certificates(ca_path: str) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(
            **({"capath": ca_path} if os.path.isdir(ca_path) else {"cafile": ca_path})
        )
    except (OSError, ValueError):  # a file that is no certificate is an SSLError, which is an OSError
        return False
    return True


def _option_problems(module: AnsibleModule, options: t.Mapping[str, Option]) -> list[str]:
    found = (
        problem(name, module.params[name], option.rule)
        for name, option in options.items()
        # An environment variable that is set to nothing is not set.
        if option.rule is not None and module.params[name] not in (None, "")
    )
    return [sentence for sentence in found if sentence is not None]


def choose_credentials(
    params: t.Mapping[str, t.Any], environment: t.Mapping[str, str]
) -> tuple[Credentials | None, list[str]]:
    """The credentials to use, and what is wrong with those that were given.

    An API key wins over an auth token, as in Twilio's own tools, unless the token was given to the task and the key
    comes from the environment alone: what a task says must not be outvoted by what a shell happens to hold.
    """
    key, secret, account, token = (params[name] for name in ("api_key", "api_secret", "account_sid", "auth_token"))

    def from_environment(name: str) -> bool:
        return bool(params[name] == environment.get(CONNECTION[name].env or ""))

    if token and not from_environment("auth_token") and from_environment("api_key") and from_environment("api_secret"):
        key = secret = None
    if key and secret:
        return Credentials(key, secret), []
    if key or secret:
        given, missing = ("api_key", "api_secret") if key else ("api_secret", "api_key")
        return None, [_half(given, missing)]
    if account and token:
        return Credentials(account, token), []
    if account or token:
        given, missing = ("account_sid", "auth_token") if account else ("auth_token", "account_sid")
        return None, [_half(given, missing)]
    missing_all = (
        "Credentials are missing: give account_sid and auth_token, or api_key and api_secret, as options or as the"
        " environment variables TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or TWILIO_API_KEY and TWILIO_API_SECRET."
    )
    return None, [missing_all]


def _half(given: str, missing: str) -> str:
    return (
        f"{missing} is missing: {given} is one half of a pair, and {missing} or the environment variable"
        f" {CONNECTION[missing].env} has to give the other."
    )


def _hide_passwords(module: AnsibleModule, *values: t.Mapping[str, t.Any] | None) -> None:
    """Has Ansible mask the passwords of URLs in whatever the module says from now on.

    They are masked together with the characters around them, so that a short password does not mask half of the output.
    """
    for mapping in values:
        for value in (mapping or {}).values():
            if isinstance(value, str) and "@" in value:
                module.no_log_values.update(f":{password}@" for password in passwords(value))


def _diff(module: AnsibleModule, resource: Resource, outcome: Outcome) -> dict[str, t.Any]:
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
    module: AnsibleModule, resource: Resource, desired: t.Mapping[str, t.Any], outcome: Outcome
) -> None:
    if outcome.after is None or not outcome.changed:
        return
    for name, value in differences(resource, desired, outcome.after).items():
        module.warn(
            f"{name} was set to {shown(value)}, but Twilio answered with {shown(outcome.after[name])}:"
            " this task will report a change each time it runs."
        )


def _fail(module: AnsibleModule, failure: Refused | ApiError) -> None:
    """Ends the module with a failure, which has the same keys whatever it was."""
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
