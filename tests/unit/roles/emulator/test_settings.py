# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings: defaults, checks and secrets."""

from __future__ import annotations

import re
import sys
import typing as t

import jsonschema
import pytest
from proxy_emulator import settings
from proxy_emulator.state import State

NUMBER = "+12025550100"
OWNED = {"phone_number": NUMBER, "sid": "PN" + "7" * 32}
POOL = "services[0].phone_numbers[0]: "
ACCOUNT = {"account_sid": "AC" + "1" * 32, "auth_token": "hush-token"}


def test_schema_and_its_defaults_are_valid() -> None:
    jsonschema.Draft7Validator.check_schema(settings.SCHEMA)
    defaults = {name: rule["default"] for name, rule in settings.SCHEMA["properties"].items()}
    jsonschema.Draft7Validator(settings.SCHEMA).validate(defaults)
    complete = settings.complete({})
    assert {**complete, "accounts": None} == {**defaults, "accounts": None}
    assert complete == settings.complete(defaults)


def test_settings_not_given_have_their_defaults() -> None:
    complete = settings.complete({"latency": 1.5, "accounts": [ACCOUNT]})
    assert complete["latency"] == 1.5
    assert complete["accounts"] == [{**ACCOUNT, "api_keys": [], "phone_numbers": [], "services": []}]
    assert complete["absent_answer"] == "invalid_sid_400"


@pytest.mark.parametrize(
    ("given", "finding"),
    [
        ([], ": the value is not a dictionary."),
        ({"latency": -1}, ".latency: -1 is less than 0."),
        ({"page_size_cap": 2000}, ".page_size_cap: 2000 is more than 1000."),
        ({"page_size_cap": "100"}, '.page_size_cap: "100" is not an integer.'),
        ({"rate_limit": 0}, ".rate_limit: 0 is not more than 0."),
        ({"port": 1}, ": unknown option 'port'."),
        ({"latenci": 1}, ": unknown option 'latenci'; did you mean latency?"),
        ({"list_order": "x"}, '.list_order: "x" is not one of oldest_first, newest_first.'),
        ({"name_taken_status": "400"}, '.name_taken_status: "400" is not one of 400, 409.'),
        ({"service_limit": "x"}, '.service_limit: "x" is not an integer or null.'),
        ({"lookup_by_name": "yes"}, '.lookup_by_name: "yes" is not true or false.'),
        ({"geo_match_levels": []}, ".geo_match_levels: the value is empty."),
        ({"geo_match_levels": ["radius", "radius"]}, ".geo_match_levels: a value is listed twice."),
        ({"accounts": [{"account_sid": ACCOUNT["account_sid"]}]}, ".accounts[0]: auth_token is missing."),
        ({"accounts": [{}]}, ".accounts[0]: account_sid, auth_token are missing."),
        ({"accounts": [ACCOUNT, ACCOUNT]}, f".accounts: {ACCOUNT['account_sid']} is listed twice."),
        (
            {"latency": "a", "list_order": 1},
            '.latency: "a" is not a number. emulator_settings.list_order: 1 is not one of oldest_first, newest_first.',
        ),
    ],
)
def test_error_names_the_place_the_value_and_the_rule(given: t.Any, finding: str) -> None:
    with pytest.raises(settings.SettingsError) as error:
        settings.complete(given)
    assert str(error.value) == "emulator_settings" + finding


def test_only_default_settings_need_no_jsonschema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    settings.complete({})
    with pytest.raises(settings.SettingsError, match="Install the Python library jsonschema"):
        settings.complete({"latency": 1})


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
def test_error_holds_no_secret(accounts: t.Any) -> None:
    with pytest.raises(settings.SettingsError) as error:
        settings.complete({"accounts": accounts})
    assert "hush" not in str(error.value)


def test_public_settings_hold_no_secret() -> None:
    key = {"sid": "SK" + "1" * 32, "secret": "hush-secret"}
    public = settings.public(settings.complete({"accounts": [{**ACCOUNT, "api_keys": [key]}]}))
    assert public["accounts"] == [
        {
            "account_sid": ACCOUNT["account_sid"],
            "api_keys": [{"sid": key["sid"]}],
            "phone_numbers": [],
            "services": [],
        }
    ]
    assert public["listen"] == "127.0.0.1"


def test_completing_twice_changes_nothing() -> None:
    service = {"unique_name": "a", "phone_numbers": [{"phone_number": NUMBER}]}
    complete = settings.complete({"accounts": [{**ACCOUNT, "phone_numbers": [OWNED], "services": [service]}]})
    assert settings.complete(complete) == complete


def test_default_account_owns_twenty_numbers() -> None:
    (account,) = settings.complete({})["accounts"]
    expected = [f"+120255501{number:02}" for number in range(20)]
    assert [number["phone_number"] for number in account["phone_numbers"]] == expected


def test_number_members_have_defaults() -> None:
    given: list[dict[str, t.Any]] = [
        {"phone_number": NUMBER},
        {"phone_number": "+99912345"},
        {
            "phone_number": "+12025550101",
            "sid": "PN" + "1" * 32,
            "friendly_name": "Desk",
            "iso_country": "CA",
            "capabilities": {"voice": False, "fax": True},
        },
    ]
    (account,) = settings.complete({"accounts": [{**ACCOUNT, "phone_numbers": given}]})["accounts"]
    capabilities = {"voice": True, "sms": True, "mms": True, "fax": False}
    us, foreign, chosen = account["phone_numbers"]
    assert re.fullmatch("PN[0-9a-f]{32}", us["sid"])
    assert us == {
        "sid": us["sid"],
        "phone_number": NUMBER,
        "friendly_name": NUMBER,
        "iso_country": "US",
        "capabilities": capabilities,
    }
    assert foreign["iso_country"] is None
    assert chosen == {**given[2], "capabilities": {**capabilities, "voice": False, "fax": True}}


def test_number_sid_is_derived_from_account_and_number() -> None:
    def sids(account_sid: str) -> list[str]:
        owned = [{"phone_number": NUMBER}, {"phone_number": "+12025550101"}]
        account = {**ACCOUNT, "account_sid": account_sid, "phone_numbers": owned}
        return [number["sid"] for number in settings.complete({"accounts": [account]})["accounts"][0]["phone_numbers"]]

    one, same, other = sids("AC" + "1" * 32), sids("AC" + "1" * 32), sids("AC" + "2" * 32)
    assert one == same
    assert len({*one, *other}) == 4


@pytest.mark.parametrize(
    ("numbers", "finding"),
    [
        ([{}], "[0]: phone_number is missing."),
        ([{"phone_number": 12025550100}], "[0].phone_number: 12025550100 is not a string."),
        ([{"phone_number": "12025550100"}], '[0].phone_number: "12025550100" does not match ^'),
        ([{"phone_number": NUMBER, "sid": "PN1"}], '[0].sid: "PN1" does not match ^PN'),
        ([{"phone_number": NUMBER, "capabilities": {"telex": True}}], "[0].capabilities: unknown option 'telex'."),
        ([OWNED, {"phone_number": NUMBER}], f": {NUMBER} is listed twice."),
        ([OWNED, {**OWNED, "phone_number": "+12025550101"}], f": {'PN' + '7' * 32} is listed twice."),
    ],
)
def test_invalid_owned_number_is_named(numbers: list[dict[str, t.Any]], finding: str) -> None:
    with pytest.raises(settings.SettingsError) as error:
        settings.complete({"accounts": [{**ACCOUNT, "phone_numbers": numbers}]})
    assert str(error.value).startswith("emulator_settings.accounts[0].phone_numbers" + finding)


def test_digest_depends_on_settings_and_port() -> None:
    variants = [({"latency": 1}, 1), ({"latency": 1}, 1), ({"latency": 2}, 1), ({"latency": 1}, 2)]
    first, same, *others = [settings.digest(settings.complete(given), port) for given, port in variants]
    assert first == same
    assert len({first, *others}) == 3


@pytest.mark.parametrize(
    ("services", "finding"),
    [
        ([{"unique_name": "a"}, {"unique_name": "a"}], "services[1]: Service UniqueName must be unique."),
        ([{"unique_name": ""}], "services[0]: Invalid value for parameter UniqueName"),
        ([{"unique_name": "a", "callback_url": "x"}], "services[0]: Invalid value for parameter CallbackUrl"),
        (
            [{"unique_name": "a", "sid": "KS" + "1" * 32}, {"unique_name": "b", "sid": "KS" + "1" * 32}],
            f"services[1].sid: {'KS' + '1' * 32} is listed twice.",
        ),
        ([{"unique_name": "a", "phone_numbers": [{}]}], POOL + "Missing required parameter Sid or PhoneNumber"),
        (
            [{"unique_name": "a", "phone_numbers": [{"phone_number": 12025550100}]}],
            POOL + "Invalid value for parameter PhoneNumber: must be an E.164 number",
        ),
        (
            [{"unique_name": "a", "phone_numbers": [{"phone_number": "+12025550199"}]}],
            POOL + "The account does not own the Phone Number",
        ),
        (
            [{"unique_name": name, "phone_numbers": [{"phone_number": NUMBER}]} for name in "ab"],
            "services[1].phone_numbers[0]: The Phone Number is in the pool of another Service",
        ),
        (
            [{"unique_name": "a", "phone_numbers": [{"phone_number": NUMBER}, {"sid": OWNED["sid"]}]}],
            f"services[0].phone_numbers[1].sid: {OWNED['sid']} is listed twice.",
        ),
    ],
)
def test_invalid_service_is_named(services: list[dict[str, t.Any]], finding: str) -> None:
    complete = settings.complete({"accounts": [{**ACCOUNT, "phone_numbers": [OWNED], "services": services}]})
    with pytest.raises(settings.SettingsError) as error:
        State(complete)
    assert str(error.value).startswith("emulator_settings.accounts[0]." + finding)
