# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings: complete, checked, and silent about secrets."""

from __future__ import annotations

import typing as t

import jsonschema
import pytest
from proxy_emulator import settings
from proxy_emulator.world import World

ACCOUNT = {"account_sid": "AC" + "1" * 32, "auth_token": "hush-token"}


def test_the_schema_is_a_schema_whose_defaults_are_valid() -> None:
    jsonschema.Draft7Validator.check_schema(settings.SCHEMA)
    defaults = {name: rule["default"] for name, rule in settings.SCHEMA["properties"].items()}
    jsonschema.Draft7Validator(settings.SCHEMA).validate(defaults)
    assert settings.complete({}) == defaults


def test_what_is_left_out_has_its_default() -> None:
    complete = settings.complete({"latency": 1.5, "accounts": [ACCOUNT]})
    assert complete["latency"] == 1.5
    assert complete["accounts"] == [{**ACCOUNT, "api_keys": [], "services": []}]
    assert complete["absent_answer"] == "invalid_sid_400"


@pytest.mark.parametrize(
    ("given", "finding"),
    [
        ([], "settings: must be object"),
        ({"latency": -1}, "settings.latency: must satisfy minimum 0"),
        ({"ports": 1}, "settings: does not know ports"),
        (
            {"absent_answer": "x"},
            "settings.absent_answer: must be one of invalid_sid_400, invalid_sid_400_without_code",
        ),
        ({"service_limit": "x"}, "settings.service_limit: must be integer or null"),
        ({"accounts": [{"account_sid": ACCOUNT["account_sid"]}]}, "settings.accounts[0]: lacks auth_token"),
        ({"accounts": [ACCOUNT, ACCOUNT]}, f"settings.accounts: {ACCOUNT['account_sid']} stands there twice"),
        ({"latency": "a", "port": -1}, "settings.latency: must be number; settings.port: must satisfy minimum 0"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(given: t.Any, finding: str) -> None:
    with pytest.raises(settings.SettingsError) as error:
        settings.complete(given)
    assert str(error.value).startswith(finding)


@pytest.mark.parametrize(
    "accounts",
    [
        {"auth_token": "hush-token"},
        [{**ACCOUNT, "account_sid": "x"}],
        [{**ACCOUNT, "auth_token": ["hush-token"]}],
        [{**ACCOUNT, "api_keys": [{"sid": "SK", "secret": "hush-secret"}]}],
        [{**ACCOUNT, "api_keys": "hush-secret"}],
        [{**ACCOUNT, "more": "hush-secret"}],
    ],
)
def test_a_finding_holds_no_secret(accounts: t.Any) -> None:
    with pytest.raises(settings.SettingsError) as error:
        settings.complete({"accounts": accounts})
    assert "hush" not in str(error.value)


def test_shown_settings_hold_no_secret() -> None:
    key = {"sid": "SK" + "1" * 32, "secret": "hush-secret"}
    shown = settings.shown(settings.complete({"accounts": [{**ACCOUNT, "api_keys": [key]}]}))
    assert shown["accounts"] == [
        {"account_sid": ACCOUNT["account_sid"], "api_keys": [{"sid": key["sid"]}], "services": []}
    ]
    assert shown["port"] == 8642


def test_the_digest_tells_settings_apart() -> None:
    one, same, other = ({"latency": 1}, {"latency": 1}, {"latency": 2})
    digests = [settings.digest(settings.complete(given)) for given in (one, same, other)]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize(
    ("services", "finding"),
    [
        ([{"unique_name": "a"}, {"unique_name": "a"}], "services[1]: Service UniqueName must be unique."),
        ([{"unique_name": ""}], "services[0]: Invalid value for parameter UniqueName"),
        ([{"unique_name": "a", "callback_url": "x"}], "services[0]: Invalid value for parameter CallbackUrl"),
        (
            [{"unique_name": "a", "sid": "KS" + "1" * 32}, {"unique_name": "b", "sid": "KS" + "1" * 32}],
            "services[1].sid: stands there twice",
        ),
    ],
)
def test_a_seed_that_cannot_be_is_named(services: list[dict[str, t.Any]], finding: str) -> None:
    complete = settings.complete({"accounts": [{**ACCOUNT, "services": services}]})
    with pytest.raises(settings.SettingsError) as error:
        World(complete)
    assert str(error.value).startswith("settings.accounts[0]." + finding)
