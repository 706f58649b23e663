# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The connection options: their table, their checks, and the connection that results from them.

Sends no request and does not import Ansible.
"""

from __future__ import annotations

import functools
import ipaddress
import os
import re
import ssl
import typing as t
from dataclasses import dataclass
from urllib.parse import urlsplit

from ansible_collections.twilio.proxy.plugins.module_utils._client import DEFAULT_PORTS, Credentials
from ansible_collections.twilio.proxy.plugins.module_utils._resources import (
    ACCOUNT_SID,
    API_KEY_SID,
    MAX_INT,
    MAX_PAGE_SIZE,
    Rule,
)
from ansible_collections.twilio.proxy.plugins.module_utils._validation import (
    is_not,
    no_value,
    problem,
    quoted,
    satisfies,
)

Params = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Option:
    """An option that does not describe an object. ``type`` is Ansible's, ``env`` names its environment variable.

    A list is one of strings: ``rule`` and ``choices`` are about each of them.
    """

    type: str = "str"
    env: str | None = None
    rule: Rule | None = None
    default: t.Any = None
    secret: bool = False
    choices: tuple[str, ...] | None = None


_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")  # in the order in which requests reads them
_VISIBLE_ASCII = re.compile("[!-~]+")
_HOST_PART = Rule("a name of lower-case letters, digits and hyphens", pattern="[a-z0-9]+(?:-[a-z0-9]+)*")
# White space or a control character copied with a secret makes it invalid, and the mask hides the reason.
_SECRET = Rule(
    "one line of visible characters without surrounding white space",
    pattern=r"(?!\s)[^\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+(?<!\s)",
)

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
PAGING: t.Mapping[str, Option] = {
    "page_size": Option("int", rule=Rule(f"a number from 1 to {MAX_PAGE_SIZE}", minimum=1, maximum=MAX_PAGE_SIZE)),
    "limit": Option("int", rule=Rule(f"a number from 1 to {MAX_INT}", minimum=1, maximum=MAX_INT)),
}


@dataclass(frozen=True)
class Connection:
    """The base URL, the credentials and the certificates to trust (see Client)."""

    base_url: str
    credentials: Credentials
    verify: bool | str


def option_problems(
    options: t.Mapping[str, Option], params: Params, params_raw: Params, from_environment: t.Collection[str] = ()
) -> list[str]:
    """Return a sentence for each wrong value of these options.

    ``params_raw`` are the options as written. ``from_environment`` names those whose value an environment variable set.
    An empty variable counts as not set. An option that is null or empty is an error and does not select the default,
    which may be another account, another server, or no limit.
    """
    found: list[str | None] = []
    for name, option in options.items():
        value = params[name]
        if name in params_raw and value is None:
            found.append(no_value(name))
        elif value in ("", []) and name not in from_environment:
            # ansible-core before 2.19 converts the null of a template to "".
            found.append(no_value(name, "empty"))
        elif value not in ("", None) and option.rule is not None and not _is_unused(name, params):
            items = [(f"{name}[{number}]", item) for number, item in enumerate(value)] if option.type == "list" else []
            found += [problem(place, item, option.rule) for place, item in items or [(name, value)]]
    return [sentence for sentence in found if sentence is not None]


def _is_unused(name: str, params: Params) -> bool:
    return name in ("region", "edge") and bool(params["base_url"])


def _other_server(params: Params, from_environment: t.Collection[str]) -> list[str]:
    """Return a sentence for each option of the task that an address in the environment would override."""
    if "base_url" not in from_environment or not params["base_url"]:
        return []
    return [
        f"{name}: the task sets {quoted(params[name])}, but the environment variable {CONNECTION['base_url'].env}"
        " names another server. Remove one of the two, or set base_url in the task."
        for name in ("region", "edge")
        if params[name] and name not in from_environment
    ]


def connect(
    params: Params, params_raw: Params, from_environment: t.Collection[str], environment: t.Mapping[str, str]
) -> tuple[Connection | None, list[str]]:
    """Return the connection that the options of CONNECTION describe, and a sentence for each problem.

    See option_problems(). The CA certificates are looked up in ``environment`` as requests does.
    """
    found = option_problems(CONNECTION, params, params_raw, from_environment)
    found += _other_server(params, from_environment)
    credentials, wrong = choose_credentials(params, from_environment)
    # An option that is null is not missing.
    invalid = {sentence.partition(":")[0] for sentence in found}
    found += [sentence for sentence in wrong if sentence.partition(" ")[0] not in invalid]
    base_url = params["base_url"] or host_url(params["region"], params["edge"])
    reason = base_url_problem(base_url)
    # option_problems() has already reported a wrong region or edge.
    if reason is not None and params["base_url"]:
        found.append(f"base_url: {quoted(base_url, is_url=True)} {reason}.")
    verify: bool | str = params["validate_certs"]
    if verify:
        ca_path = params["ca_path"]
        # Plain http uses no certificates, so those that the environment names are not checked.
        variables = () if base_url.startswith("http:") else _BUNDLES
        bundles = {"ca_path": ca_path} if ca_path else {name: environment.get(name) for name in variables}
        name, path = next(((name, path) for name, path in bundles.items() if path), ("", ""))
        verify = path or True
        if path and not _has_certificates(path):
            found.append(is_not(name, quoted(path), "a file or a directory of PEM certificates"))
    if found or credentials is None:
        return None, found
    return Connection(base_url, credentials, verify), []


def host_url(region: str | None, edge: str | None) -> str:
    """Return the API's address for a region and an edge location, as Twilio's own clients build it."""
    parts = ["proxy", edge, region or ("us1" if edge else None), "twilio.com"]
    return "https://" + ".".join(part for part in parts if part)


def base_url_problem(base_url: str) -> str | None:
    """Return what is wrong with a base URL, as the predicate of a sentence, or None."""
    try:
        parts = urlsplit(base_url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "is not a valid URL"
    if parts.scheme not in DEFAULT_PORTS or not host or not _VISIBLE_ASCII.fullmatch(base_url):
        return "is not an absolute https URL (or http, for a loopback address)"
    if "@" in parts.netloc or any(char in base_url for char in "?#\\"):
        return "contains credentials, a query or a fragment. Leave them out"
    if parts.path.rstrip("/").endswith("/v1"):
        return "ends in /v1, which is added to it. Leave it out"
    if parts.scheme == "http" and not _is_loopback(host):
        return (
            "is plain http, which shows the credentials to the network. Use https; http is for loopback addresses only"
        )
    return None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _has_certificates(path: str) -> bool:
    try:
        status = os.stat(path)
        _read_certificates(path, status.st_mtime_ns, status.st_size)
    except (OSError, ValueError):  # a file that is no certificate is an SSLError, which is an OSError
        return False
    return True


@functools.lru_cache(maxsize=8)  # a loop of tasks need not read the same file each time
def _read_certificates(path: str, _changed: int, _size: int) -> None:
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(
        **({"capath": path} if os.path.isdir(path) else {"cafile": path})
    )


def choose_credentials(params: Params, from_environment: t.Collection[str]) -> tuple[Credentials | None, list[str]]:
    """Return the credentials to use, and a sentence for each problem.

    An API key takes precedence over an auth token, as in Twilio's own tools, unless the task sets the token and the key
    comes from the environment alone: options of the task take precedence over the environment.
    """
    key, secret, account, token = (params[name] for name in ("api_key", "api_secret", "account_sid", "auth_token"))
    explicit = {name for name in ("account_sid", "auth_token") if params[name] and name not in from_environment}
    if "auth_token" in explicit and {"api_key", "api_secret"} <= set(from_environment):
        key = secret = None
    if key and secret:
        # An account_sid beside an auth_token from the same source belongs to the token, and one from the environment
        # says nothing about a key of the task.
        belongs_to_key = (
            "auth_token" not in explicit if "account_sid" in explicit else not token and "api_key" in from_environment
        )
        return _usable("api_secret", Credentials(key, secret, account if account and belongs_to_key else None))
    if key or secret:
        given, missing = ("api_key", "api_secret") if key else ("api_secret", "api_key")
        return None, [_half(given, missing)]
    if account and token:
        return _usable("auth_token", Credentials(account, token, account))
    if account or token:
        given, missing = ("account_sid", "auth_token") if account else ("auth_token", "account_sid")
        return None, [_half(given, missing)]
    missing_all = (
        "Credentials are missing. Set account_sid and auth_token, or api_key and api_secret, as options or as the"
        " environment variables TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or TWILIO_API_KEY and TWILIO_API_SECRET."
    )
    return None, [missing_all]


def _usable(name: str, credentials: Credentials) -> tuple[Credentials | None, list[str]]:
    if satisfies(_SECRET, credentials.password):
        return credentials, []
    return None, [is_not(name, "the value", _SECRET.text)]


def _half(given: str, missing: str) -> str:
    return (
        f"{missing} is missing: it is needed with {given}. Set {missing} or the environment variable"
        f" {CONNECTION[missing].env}."
    )
