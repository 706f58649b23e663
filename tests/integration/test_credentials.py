# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials in options and environment variables, and Ansible's keywords."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.integration.command_line import Result, playbook
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

# Two accounts, each with a token and a key. The account of the created Service shows which credentials were used.
FIRST_ACCOUNT, SECOND_ACCOUNT = "AC" + "1" * 32, "AC" + "2" * 32
FIRST_KEY, SECOND_KEY = "SK" + "1" * 32, "SK" + "2" * 32
ACCOUNTS = [
    {"account_sid": FIRST_ACCOUNT, "auth_token": "token-1", "api_keys": [{"sid": FIRST_KEY, "secret": "secret-1"}]},
    {"account_sid": SECOND_ACCOUNT, "auth_token": "token-2", "api_keys": [{"sid": SECOND_KEY, "secret": "secret-2"}]},
]
TOKEN = {"account_sid": FIRST_ACCOUNT, "auth_token": "token-1"}
TOKEN_IN_ENVIRONMENT = {"TWILIO_ACCOUNT_SID": FIRST_ACCOUNT, "TWILIO_AUTH_TOKEN": "token-1"}
KEY = {"api_key": SECOND_KEY, "api_secret": "secret-2"}
KEY_IN_ENVIRONMENT = {"TWILIO_API_KEY": SECOND_KEY, "TWILIO_API_SECRET": "secret-2"}

#: Options, environment variables, and the account that is used.
CREDENTIALS: dict[str, tuple[dict[str, str], dict[str, str], str]] = {
    "token": (TOKEN, {}, FIRST_ACCOUNT),
    "token-in-environment": ({}, TOKEN_IN_ENVIRONMENT, FIRST_ACCOUNT),
    "key": (KEY, {}, SECOND_ACCOUNT),
    "key-in-environment": ({}, KEY_IN_ENVIRONMENT, SECOND_ACCOUNT),
    "key-wins-in-options": ({**TOKEN, **KEY}, {}, SECOND_ACCOUNT),
    "key-wins-in-environment": ({}, {**TOKEN_IN_ENVIRONMENT, **KEY_IN_ENVIRONMENT}, SECOND_ACCOUNT),
    "key-option-wins": (KEY, TOKEN_IN_ENVIRONMENT, SECOND_ACCOUNT),
    "token-option-wins": (TOKEN, KEY_IN_ENVIRONMENT, FIRST_ACCOUNT),
    "token-option-with-account-in-environment": (
        {"auth_token": "token-1"},
        {"TWILIO_ACCOUNT_SID": FIRST_ACCOUNT, **KEY_IN_ENVIRONMENT},
        FIRST_ACCOUNT,
    ),
    "option-wins-over-environment": (
        {"account_sid": SECOND_ACCOUNT, "auth_token": "token-2"},
        TOKEN_IN_ENVIRONMENT,
        SECOND_ACCOUNT,
    ),
    "empty-variables": (TOKEN, {"TWILIO_API_KEY": "", "TWILIO_API_SECRET": "", "TWILIO_REGION": ""}, FIRST_ACCOUNT),
}


@pytest.fixture(scope="module")
def results() -> dict[str, Result]:
    """The result of creating a Service with each set of credentials."""
    task = {"name": "create", "twilio.proxy.service": "{{ arguments }}"}
    play = {"hosts": "all", "gather_facts": False, "environment": "{{ environment_of_host }}", "tasks": [task]}
    with Emulator(accounts=ACCOUNTS) as emulator:
        hosts = {
            name: {
                "arguments": {"unique_name": name, **options},
                "environment_of_host": {"TWILIO_PROXY_BASE_URL": emulator.base_url, **environment},
            }
            for name, (options, environment, _account) in CREDENTIALS.items()
        }
        run = playbook([play], hosts=hosts)
    return {name: run.result("create", name) for name in CREDENTIALS}


@pytest.mark.parametrize("name", CREDENTIALS)
def test_the_credentials_in_use(name: str, results: dict[str, Result]) -> None:
    assert results[name].get("service", results[name])["account_sid"] == CREDENTIALS[name][-1]


def test_a_key_of_another_account_is_an_error() -> None:
    """It is detected before the first write, or by its answer. Nothing else is written."""
    key = {**KEY, "account_sid": FIRST_ACCOUNT}
    number = {"phone_number": "+12025550101", "service_sid": "KS" + "1" * 32, **key}
    names = [{"unique_name": name} for name in "abcdef"]
    tasks = [
        {"name": "number", "twilio.proxy.phone_number": number, "ignore_errors": True},
        {"name": "delete", "twilio.proxy.service": {"sid": number["service_sid"], "state": "absent", **KEY}},
        {"name": "many", "twilio.proxy.services": {"services": names, "concurrency": 6, **key}, "ignore_errors": True},
        {"name": "again", "twilio.proxy.services": {"services": names, "concurrency": 6, **key}, "ignore_errors": True},
    ]
    numbers = [{"phone_number": number["phone_number"]}]
    rides = {"sid": number["service_sid"], "unique_name": "rides"}
    second = {**ACCOUNTS[1], "phone_numbers": numbers, "services": [rides]}
    with Emulator(accounts=[ACCOUNTS[0], second]) as emulator:
        play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
        run = playbook([play], environment={"TWILIO_PROXY_BASE_URL": emulator.base_url})
        writes = [entry["method"] for entry in emulator.requests() if entry["method"] != "GET"]
    assert writes == ["DELETE", "POST"]
    results = {name: run.result(name) for name in ("number", "many", "again")}
    assert {name: result["changed"] for name, result in results.items()} == {
        "number": False,
        "many": True,
        "again": False,
    }
    assert all(f"belong to the account {SECOND_ACCOUNT}" in result["msg"] for result in results.values())


def test_keywords_of_ansible(emulator: Emulator) -> None:
    """module_defaults of the group, environment of a play, a block and a task, loop, register and delegate_to."""
    rides = {"unique_name": "rides"}
    tasks: list[dict[str, t.Any]] = [
        {"name": "defaults", "twilio.proxy.service": rides, "environment": {"TWILIO_AUTH_TOKEN": "not-used"}},
        {"name": "defaults of info", "twilio.proxy.service_info": {}},
        {
            "name": "loop",
            "twilio.proxy.service": {"unique_name": "{{ item }}", "default_ttl": "{{ 60 }}"},
            "loop": ["rides", "trips"],
            "register": "looped",
        },
        {
            "name": "registered",
            "twilio.proxy.service": {
                "sid": "{{ looped.results[1].service.sid }}",
                "state": "{{ 'absent' if looped is changed else 'present' }}",
            },
        },
        {"name": "delegated", "twilio.proxy.service": rides, "delegate_to": "localhost", "run_once": True},
    ]
    options = {
        "base_url": emulator.base_url,
        "account_sid": emulator.account_sid,
        "auth_token": emulator.auth_token,
    }
    play_with_defaults = {
        "hosts": "other",
        "gather_facts": False,
        "module_defaults": {"group/twilio.proxy.proxy": options},
        "tasks": tasks,
    }
    play_with_environment = {
        "hosts": "other",
        "gather_facts": False,
        "environment": {**emulator.environment, "TWILIO_AUTH_TOKEN": "wrong"},
        "tasks": [
            {
                "name": "block",
                "environment": {"TWILIO_AUTH_TOKEN": emulator.auth_token},
                "block": [{"name": "environment", "twilio.proxy.service": rides}],
            }
        ],
    }
    run = playbook([play_with_defaults, play_with_environment], hosts={"other": {}, "localhost": {}})
    assert run.status == 0, run.output
    changed = {entry.task: entry.result["changed"] for entry in run.recorded}
    assert changed == {
        "defaults": True,
        "defaults of info": False,
        "loop": True,
        "registered": True,
        "delegated": False,
        "environment": False,
    }
    assert [service["unique_name"] for service in emulator.services()] == ["rides"]
    assert emulator.services()[0]["default_ttl"] == 60
