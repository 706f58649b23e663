# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Invalid options are errors before any request, and the message has the option, the value and the rule."""

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
class Case:
    """Options of a task, and the parts of the message. ``by_ansible`` is true if Ansible checks the options."""

    options: t.Mapping[str, t.Any]
    msg_contains: tuple[str, ...]
    module: str = "service"
    environment: t.Mapping[str, str] = dataclasses.field(default_factory=lambda: CREDENTIALS)
    by_ansible: bool = False


def option(name: str, value: t.Any, *rule: str, quoted: str | None = None) -> Case:
    """Return a case with an invalid value of an option of twilio.proxy.service."""
    return Case({"unique_name": "rides", name: value}, (f"{name}: {quoted or repr(value)}", *rule))


def info(name: str, value: t.Any, *rule: str) -> Case:
    return Case({name: value}, (f"{name}: {value!r}", *rule), module="service_info")


def by_ansible(options: t.Mapping[str, t.Any], *msg_contains: str, module: str = "service") -> Case:
    return Case(options, msg_contains, module=module, by_ansible=True)


def credentials(*msg_contains: str, **variables: str) -> Case:
    return Case({"unique_name": "rides"}, msg_contains, environment=variables)


CASES = {
    "sid-of-other-kind": Case({"sid": "IS" + "0" * 32}, ("sid: 'IS0", "KS followed by 32 hexadecimal digits")),
    "sid-too-short": option("sid", "KS123", "KS followed by 32 hexadecimal digits"),
    "sid-with-line-break": option("sid", SID + "\n", "KS followed by 32 hexadecimal digits"),
    "sid-empty": Case({"sid": ""}, ("sid: ''", "KS followed by 32 hexadecimal digits")),
    "chat-sid": option("chat_instance_sid", "IS12", "IS followed by 32 hexadecimal digits"),
    "name-too-long": Case({"unique_name": "x" * 192}, ("unique_name: 'xxx", "(192 characters)", "1 to 191 characters")),
    "name-empty": Case({"unique_name": ""}, ("unique_name: ''", "1 to 191 characters")),
    "name-empty-rename": Case({"sid": SID, "unique_name": ""}, ("unique_name: ''", "1 to 191 characters")),
    "url-without-scheme": option("callback_url", "example.com/status", URL_RULE),
    "url-relative": option("intercept_callback_url", "/intercept", URL_RULE),
    "url-of-other-scheme": option("out_of_session_callback_url", "ftp://example.com/", URL_RULE),
    "url-with-blank": option("callback_url", "https://example.com/a b", URL_RULE),
    "url-too-long": option("callback_url", LONG_URL, "(4001 characters)", URL_RULE, quoted="'https://example.com/xxx"),
    "ttl-negative": option("default_ttl", -1, "whole number of seconds from 0 to 2147483647"),
    "ttl-not-a-number": by_ansible({"unique_name": "rides", "default_ttl": "soon"}, "default_ttl", "'soon'", "integer"),
    "ttl-fraction": by_ansible({"unique_name": "rides", "default_ttl": 1.5}, "default_ttl", "1.5", "integer"),
    "level": by_ansible(
        {"unique_name": "rides", "geo_match_level": "street"}, "geo_match_level", "street", "country, area-code"
    ),
    "behavior": by_ansible(
        {"unique_name": "rides", "number_selection_behavior": "any"}, "number_selection_behavior", "any", "avoid-sticky"
    ),
    "no-sid-and-no-name": by_ansible({"default_ttl": 1}, "one of the following is required", "sid, unique_name"),
    "sid-and-name-for-info": by_ansible(
        {"sid": SID, "unique_name": "rides"}, "mutually exclusive", "sid", module="service_info"
    ),
    "sid-for-info": info("sid", "KS123", "KS followed by 32 hexadecimal digits"),
    "name-for-info": info("unique_name", "", "1 to 191 characters"),
    "page-size-zero": info("page_size", 0, "from 1 to 1000"),
    "page-size-over": info("page_size", 1001, "from 1 to 1000"),
    "limit-zero": info("limit", 0, "from 1 to 2147483647"),
    "limit-huge": info("limit", 10**20, "from 1 to 2147483647"),
    "name-number": Case({"unique_name": 83}, ("unique_name: 83 is not a string", "in quotes")),
    "name-list": Case({"unique_name": ["rides"]}, ("unique_name: ['rides'] is not a string",)),
    "name-boolean": Case({"unique_name": True}, ("unique_name: True is not a string",), module="service_info"),
    "account-sid": option("account_sid", "AC12", "AC followed by 32 hexadecimal digits"),
    "api-key": option("api_key", "SK12", "SK followed by 32 hexadecimal digits"),
    "timeout": option("timeout", 0, "from 1 to 600"),
    "retries": option("retries", 21, "from 0 to 20"),
    "plain-http": option("base_url", "http://example.com", "loopback"),
    "host-that-begins-like-loopback": option("base_url", "http://127.0.0.1.example.com", "loopback"),
    "no-credentials": credentials("account_sid and auth_token", "api_key and api_secret", "TWILIO_AUTH_TOKEN"),
    "account-without-token": credentials("auth_token is missing", "account_sid", TWILIO_ACCOUNT_SID=ACCOUNT_SID),
    "token-without-account": credentials("account_sid is missing", "auth_token", TWILIO_AUTH_TOKEN=AUTH_TOKEN),
    "key-without-secret": credentials("api_secret is missing", "api_key", TWILIO_API_KEY="SK" + "0" * 32),
    "token-with-line-break": credentials(
        "auth_token: the value is not free of", TWILIO_ACCOUNT_SID=ACCOUNT_SID, TWILIO_AUTH_TOKEN=AUTH_TOKEN + "\n"
    ),
    "secret-without-key": credentials("api_key is missing", "api_secret", TWILIO_API_SECRET="hush-hush"),
}


@pytest.fixture(scope="module")
def results() -> dict[str, Result]:
    """Run all cases in one playbook, and check that no request was sent."""
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
                "arguments": dict(case.options),
                "environment_of_host": {"TWILIO_PROXY_BASE_URL": emulator.base_url, **case.environment},
            }
            for name, case in CASES.items()
        }
        play = {"hosts": "all", "gather_facts": False, "environment": "{{ environment_of_host }}", "tasks": tasks}
        run = playbook([play], hosts=hosts)
        assert emulator.requests() == []
    return {name: run.result(case.module, name) for name, case in CASES.items()}


@pytest.mark.parametrize("name", CASES)
def test_invalid_options_are_refused(name: str, results: dict[str, Result]) -> None:
    case, result = CASES[name], results[name]
    assert result["failed"]
    assert not result.get("changed")
    assert [text for text in case.msg_contains if text not in result["msg"]] == [], result["msg"]
    if not case.by_ansible:
        assert result["msg"].endswith("No request was sent.")
        assert {key: result[key] for key in FAILURE_KEYS} == dict.fromkeys(FAILURE_KEYS)
