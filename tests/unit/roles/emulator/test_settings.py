# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings: complete, checked, and silent about secrets."""

from __future__ import annotations

import re
import typing as t

import jsonschema
import pytest
from proxy_emulator import settings
from proxy_emulator.world import World

NUMBER = "+12025550100"
OWNED = {"phone_number": NUMBER, "sid": "PN" + "7" * 32}
POOL = "services[0].phone_numbers[0]: "
ACCOUNT = {"account_sid": "AC" + "1" * 32, "auth_token": "hush-token"}


def test_the_schema_is_a_schema_whose_defaults_are_valid() -> None:
    jsonschema.Draft7Validator.check_schema(settings.SCHEMA)
    defaults = {name: rule["default"] for name, rule in settings.SCHEMA["properties"].items()}
    jsonschema.Draft7Validator(settings.SCHEMA).validate(defaults)
    complete = settings.complete({})
    assert {**complete, "accounts": None} == {**defaults, "accounts": None}
    assert complete == settings.complete(defaults)


def test_what_is_left_out_has_its_default() -> None:
    complete = settings.complete({"latency": 1.5, "accounts": [ACCOUNT]})
    assert complete["latency"] == 1.5
    assert complete["accounts"] == [{**ACCOUNT, "api_keys": [], "phone_numbers": [], "services": []}]
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
        {
            "account_sid": ACCOUNT["account_sid"],
            "api_keys": [{"sid": key["sid"]}],
            "phone_numbers": [],
            "services": [],
        }
    ]
    assert shown["port"] == 8642


def test_complete_settings_stay_as_they_are() -> None:
    service = {"unique_name": "a", "phone_numbers": [{"phone_number": NUMBER}]}
    complete = settings.complete({"accounts": [{**ACCOUNT, "phone_numbers": [OWNED], "services": [service]}]})
    assert settings.complete(complete) == complete
    assert settings.digest(settings.complete(complete)) == settings.digest(complete)


def test_the_default_account_owns_twenty_numbers() -> None:
    (account,) = settings.complete({})["accounts"]
    wanted = [f"+120255501{number:02}" for number in range(20)]
    assert [number["phone_number"] for number in account["phone_numbers"]] == wanted


def test_a_number_is_described_whatever_is_left_out() -> None:
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


def test_the_sid_of_a_number_follows_from_the_account_and_the_number() -> None:
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
        ([{}], "[0]: lacks phone_number"),
        ([{"phone_number": 12025550100}], "[0].phone_number: must be string"),
        ([{"phone_number": "12025550100"}], "[0].phone_number: must satisfy pattern"),
        ([{"phone_number": NUMBER, "sid": "PN1"}], "[0].sid: must satisfy pattern"),
        ([{"phone_number": NUMBER, "capabilities": {"telex": True}}], "[0].capabilities: does not know telex"),
        ([OWNED, {"phone_number": NUMBER}], f": {NUMBER} stands there twice"),
        ([OWNED, {**OWNED, "phone_number": "+12025550101"}], f": {'PN' + '7' * 32} stands there twice"),
    ],
)
def test_an_owned_number_that_cannot_be_is_named(numbers: list[dict[str, t.Any]], finding: str) -> None:
    with pytest.raises(settings.SettingsError) as error:
        settings.complete({"accounts": [{**ACCOUNT, "phone_numbers": numbers}]})
    assert str(error.value).startswith("settings.accounts[0].phone_numbers" + finding)


def test_two_accounts_may_own_the_same_number() -> None:
    other = {**ACCOUNT, "account_sid": "AC" + "2" * 32}
    complete = settings.complete({"accounts": [{**account, "phone_numbers": [OWNED]} for account in (ACCOUNT, other)]})
    assert [account["phone_numbers"][0]["phone_number"] for account in complete["accounts"]] == [NUMBER, NUMBER]


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
            "services[0].phone_numbers[1].sid: stands there twice",
        ),
    ],
)
def test_a_seed_that_cannot_be_is_named(services: list[dict[str, t.Any]], finding: str) -> None:
    complete = settings.complete({"accounts": [{**ACCOUNT, "phone_numbers": [OWNED], "services": services}]})
    with pytest.raises(settings.SettingsError) as error:
        World(complete)
    assert str(error.value).startswith("settings.accounts[0]." + finding)
