# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused before any request is sent, with a message that names the option, the value and the rule."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.integration.accounts import SID
from ansible_collections.twilio.proxy.tests.integration.command_line import Result, playbook
from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, Emulator

FAILURE_KEYS = ("status", "code", "message", "more_info", "request_id")
LONG_URL = "https://example.com/" + "x" * 3981
URL_RULE = "absolute http or https URL of at most 4000 characters"
CREDENTIALS = {
    "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
    "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
}


@dataclasses.dataclass(frozen=True)
class Refusal:
    """What is given, and what the message has to contain. ``ours`` is false where Ansible itself refuses."""

    given: t.Mapping[str, t.Any]
    says: tuple[str, ...]
    module: str = "service"
    environment: t.Mapping[str, str] = dataclasses.field(default_factory=lambda: CREDENTIALS)
    ours: bool = True


def option(name: str, value: t.Any, *rule: str, shown: str | None = None) -> Refusal:
    """A value of an option of twilio.proxy.service that is refused beside a good name."""
    return Refusal({"unique_name": "rides", name: value}, (f"{name}: {shown or repr(value)}", *rule))


def info(name: str, value: t.Any, *rule: str) -> Refusal:
    return Refusal({name: value}, (f"{name}: {value!r}", *rule), module="service_info")


def by_ansible(given: t.Mapping[str, t.Any], *says: str, module: str = "service") -> Refusal:
    return Refusal(given, says, module=module, ours=False)


def credentials(*says: str, **variables: str) -> Refusal:
    return Refusal({"unique_name": "rides"}, says, environment=variables)


REFUSALS = {
    "sid-of-other-kind": Refusal({"sid": "IS" + "0" * 32}, ("sid: 'IS0", "KS followed by 32 hexadecimal digits")),
    "sid-too-short": option("sid", "KS123", "KS followed by 32 hexadecimal digits"),
    "sid-with-line-break": option("sid", SID + "\n", "KS followed by 32 hexadecimal digits"),
    "sid-empty": Refusal({"sid": ""}, ("sid: ''", "KS followed by 32 hexadecimal digits")),
    "chat-sid": option("chat_instance_sid", "IS12", "IS followed by 32 hexadecimal digits"),
    "name-too-long": Refusal(
        {"unique_name": "x" * 192}, ("unique_name: 'xxx", "(192 characters)", "1 to 191 characters")
    ),
    "name-empty": Refusal({"unique_name": ""}, ("unique_name: ''", "1 to 191 characters")),
    "name-empty-rename": Refusal({"sid": SID, "unique_name": ""}, ("unique_name: ''", "1 to 191 characters")),
    "url-without-scheme": option("callback_url", "example.com/status", URL_RULE),
    "url-relative": option("intercept_callback_url", "/intercept", URL_RULE),
    "url-of-other-scheme": option("out_of_session_callback_url", "ftp://example.com/", URL_RULE),
    "url-with-blank": option("callback_url", "https://example.com/a b", URL_RULE),
    "url-too-long": option("callback_url", LONG_URL, "(4001 characters)", URL_RULE, shown="'https://example.com/xxx"),
    "ttl-negative": option("default_ttl", -1, "whole number of seconds from 0 to 2147483647"),
    "ttl-a-word": by_ansible(
        {"unique_name": "rides", "default_ttl": "soon"}, "default_ttl", "'soon'", "convert", "int"
    ),
    "ttl-a-fraction": by_ansible({"unique_name": "rides", "default_ttl": 1.5}, "default_ttl", "1.5", "convert", "int"),
    "level": by_ansible(
        {"unique_name": "rides", "geo_match_level": "street"}, "geo_match_level", "street", "country, area-code"
    ),
    "behavior": by_ansible(
        {"unique_name": "rides", "number_selection_behavior": "any"}, "number_selection_behavior", "any", "avoid-sticky"
    ),
    "nothing-named": by_ansible({"default_ttl": 1}, "one of the following is required", "sid, unique_name"),
    "both-for-info": by_ansible(
        {"sid": SID, "unique_name": "rides"}, "mutually exclusive", "sid", module="service_info"
    ),
    "sid-for-info": info("sid", "KS123", "KS followed by 32 hexadecimal digits"),
    "name-for-info": info("unique_name", "", "1 to 191 characters"),
    "page-size-none": info("page_size", 0, "from 1 to 1000"),
    "page-size-over": info("page_size", 1001, "from 1 to 1000"),
    "limit-none": info("limit", 0, "from 1 to 2147483647"),
    "limit-huge": info("limit", 10**20, "from 1 to 2147483647"),
    "name-a-number": Refusal({"unique_name": 83}, ("unique_name: 83 is not a text", "put it into quotes")),
    "name-a-list": Refusal({"unique_name": ["rides"]}, ("unique_name: ['rides'] is not a text",)),
    "name-a-truth": Refusal({"unique_name": True}, ("unique_name: True is not a text",), module="service_info"),
    "account-sid": option("account_sid", "AC12", "AC followed by 32 hexadecimal digits"),
    "api-key": option("api_key", "SK12", "SK followed by 32 hexadecimal digits"),
    "timeout": option("timeout", 0, "from 1 to 600"),
    "retries": option("retries", 21, "from 0 to 20"),
    "plain-http": option("base_url", "http://example.com", "loopback"),
    "almost-loopback": option("base_url", "http://127.0.0.1.example.com", "loopback"),
    "no-credentials": credentials("account_sid and auth_token", "api_key and api_secret", "TWILIO_AUTH_TOKEN"),
    "account-without-token": credentials("auth_token is missing", "account_sid", TWILIO_ACCOUNT_SID=ACCOUNT_SID),
    "token-without-account": credentials("account_sid is missing", "auth_token", TWILIO_AUTH_TOKEN=AUTH_TOKEN),
    "key-without-secret": credentials("api_secret is missing", "api_key", TWILIO_API_KEY="SK" + "0" * 32),
    "token-with-line-break": credentials(
        "auth_token: its value is refused", TWILIO_ACCOUNT_SID=ACCOUNT_SID, TWILIO_AUTH_TOKEN=AUTH_TOKEN + "\n"
    ),
    "secret-without-key": credentials("api_key is missing", "api_secret", TWILIO_API_SECRET="hush-hush"),
}


@pytest.fixture(scope="module")
def refused() -> dict[str, Result]:
    """All cases through one playbook. That not one request was sent is checked here, and so of each of them."""
    tasks = [
        {
            "name": module,
            f"twilio.proxy.{module}": "{{ arguments }}",
            "when": f"module == '{module}'",
            "ignore_errors": True,
        }
        for module in ("service", "service_info")
    ]
    with Emulator() as emulator:
        hosts = {
            name: {
                "module": case.module,
                "arguments": dict(case.given),
                "environment_of_host": {"TWILIO_PROXY_BASE_URL": emulator.base_url, **case.environment},
            }
            for name, case in REFUSALS.items()
        }
        play = {"hosts": "all", "gather_facts": False, "environment": "{{ environment_of_host }}", "tasks": tasks}
        run = playbook([play], hosts=hosts)
        assert emulator.requests() == []
    return {name: run.result(case.module, name) for name, case in REFUSALS.items()}


@pytest.mark.parametrize("name", REFUSALS)
def test_it_is_refused_with_a_reason(name: str, refused: dict[str, Result]) -> None:
    case, result = REFUSALS[name], refused[name]
    assert result["failed"]
    assert not result.get("changed")
    assert [words for words in case.says if words not in result["msg"]] == [], result["msg"]
    if case.ours:
        assert result["msg"].endswith("No request was sent.")
        assert {key: result[key] for key in FAILURE_KEYS} == dict.fromkeys(FAILURE_KEYS)
