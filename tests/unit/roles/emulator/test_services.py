# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services and their errors."""

from __future__ import annotations

import re
import time
import typing as t
import urllib.parse

import pytest

from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, Emulator

LIST = "/v1/Services"
ABSENT = LIST + "/KS" + "0" * 32

LONGEST_NAME = "☎" * 191
EVERY_FIELD = {
    "unique_name": "Zoë ☎ & = % +",
    "default_ttl": 3600,
    "callback_url": "https://example.com/callback?a=1&b=2",
    "geo_match_level": "area-code",
    "number_selection_behavior": "avoid-sticky",
    "intercept_callback_url": "https://example.com/intercept",
    "out_of_session_callback_url": "https://example.com/out",
    "chat_instance_sid": "IS" + "ab" * 16,
}


def path_of(service: dict[str, t.Any]) -> str:
    return f"{LIST}/{service['sid']}"


def test_create_with_every_field(emulator: Emulator) -> None:
    service = emulator.create(**EVERY_FIELD)
    assert {name: service[name] for name in EVERY_FIELD} == EVERY_FIELD
    assert emulator.services() == [service]
    assert emulator.send("GET", path_of(service)).json == service


def test_create_with_only_the_name(emulator: Emulator) -> None:
    service = emulator.create(unique_name="plain")
    assert re.fullmatch("KS[0-9a-f]{32}", service["sid"])
    url = emulator.base_url + path_of(service)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", service["date_created"])
    assert service == {
        "sid": service["sid"],
        "account_sid": ACCOUNT_SID,
        "unique_name": "plain",
        "default_ttl": 0,
        "callback_url": None,
        "geo_match_level": "country",
        "number_selection_behavior": "prefer-sticky",
        "intercept_callback_url": None,
        "out_of_session_callback_url": None,
        "chat_instance_sid": None,
        "date_created": service["date_created"],
        "date_updated": service["date_created"],
        "url": url,
        "links": {"sessions": url + "/Sessions", "phone_numbers": url + "/PhoneNumbers"},
    }


def test_update_changes_only_the_given_fields_and_the_date(emulator: Emulator) -> None:
    before = emulator.create(**EVERY_FIELD)
    time.sleep(1.05)
    after = emulator.send("POST", path_of(before), {"UniqueName": "renamed", "DefaultTtl": "0"}).json
    assert after == {**before, "unique_name": "renamed", "default_ttl": 0, "date_updated": after["date_updated"]}
    assert after["date_updated"] > before["date_updated"]
    assert emulator.services() == [after]


def test_empty_update(emulator: Emulator) -> None:
    before = emulator.create(unique_name="a")
    forms: list[dict[str, str] | None] = [None, {}]
    for form in forms:
        reply = emulator.send("POST", path_of(before), form)
        assert reply.status == 200
        assert {**reply.json, "date_updated": None} == {**before, "date_updated": None}


@pytest.mark.parametrize(
    "parameter", ["CallbackUrl", "InterceptCallbackUrl", "OutOfSessionCallbackUrl", "ChatInstanceSid"]
)
def test_empty_parameter_clears_the_field(emulator: Emulator, parameter: str) -> None:
    field = re.sub("(?<!^)([A-Z])", r"_\1", parameter).lower()
    before = emulator.create(**EVERY_FIELD)
    after = emulator.send("POST", path_of(before), {parameter: ""}).json
    assert after == {**before, field: None, "date_updated": after["date_updated"]}


@pytest.mark.parametrize("parameter", ["UniqueName", "DefaultTtl", "GeoMatchLevel", "NumberSelectionBehavior"])
def test_some_fields_cannot_be_cleared(emulator: Emulator, parameter: str) -> None:
    before = emulator.create(**EVERY_FIELD)
    reply = emulator.send("POST", path_of(before), {parameter: ""})
    assert (reply.status, reply.json["code"]) == (400, 80701)
    assert emulator.services() == [before]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("UniqueName", LONGEST_NAME + "n"),
        ("DefaultTtl", "-1"),
        ("DefaultTtl", "1.5"),
        ("CallbackUrl", "example.com"),
        ("InterceptCallbackUrl", "ftp://example.com"),
        ("OutOfSessionCallbackUrl", "https://example.com/" + "a" * 4000),
        ("GeoMatchLevel", "planet"),
        ("NumberSelectionBehavior", "sticky"),
        ("ChatInstanceSid", "IS123"),
    ],
)
def test_invalid_value_is_rejected_with_its_parameter(emulator: Emulator, parameter: str, value: str) -> None:
    service = emulator.create(unique_name="a")
    for path, form in ((LIST, {"UniqueName": "b", parameter: value}), (path_of(service), {parameter: value})):
        reply = emulator.send("POST", path, form)
        assert (reply.status, reply.json["code"]) == (400, 80701)
        assert f"parameter {parameter}:" in reply.json["message"]
    assert emulator.services() == [service]


def test_longest_name(emulator: Emulator) -> None:
    assert emulator.create(unique_name=LONGEST_NAME)["unique_name"] == LONGEST_NAME


def test_a_missing_name(emulator: Emulator) -> None:
    reply = emulator.send("POST", LIST, {"DefaultTtl": "5"})
    assert reply.status == 400
    assert reply.json == {
        "code": 20001,
        "message": "Missing required parameter UniqueName in the post body",
        "more_info": "https://www.twilio.com/docs/errors/20001",
        "status": 400,
    }


def test_name_taken(emulator: Emulator) -> None:
    emulator.create(unique_name="a")
    other = emulator.create(unique_name="b")
    for path in (LIST, path_of(other)):
        reply = emulator.send("POST", path, {"UniqueName": "a"})
        assert (reply.status, reply.json["code"]) == (400, 80602)
        assert reply.json["message"] == "Service UniqueName must be unique."
    assert emulator.send("POST", path_of(other), {"UniqueName": "b"}).status == 200


def test_name_is_available_after_a_rename(emulator: Emulator) -> None:
    first = emulator.create(unique_name="a")
    emulator.send("POST", path_of(first), {"UniqueName": "b"})
    assert emulator.create(unique_name="a")["unique_name"] == "a"
    assert emulator.send("POST", LIST, {"UniqueName": "b"}).json["code"] == 80602


def test_name_stays_taken_after_a_rejected_rename(emulator: Emulator) -> None:
    emulator.create(unique_name="a")
    other = emulator.create(unique_name="b")
    assert emulator.send("POST", path_of(other), {"UniqueName": "a"}).json["code"] == 80602
    for name in "ab":
        assert emulator.send("POST", LIST, {"UniqueName": name}).json["code"] == 80602


def test_name_is_available_after_deletion(emulator: Emulator) -> None:
    emulator.send("DELETE", path_of(emulator.create(unique_name="a")))
    assert emulator.create(unique_name="a")["unique_name"] == "a"


def test_unknown_parameters_are_ignored_and_the_first_value_wins(emulator: Emulator) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = emulator.send("POST", LIST, headers=form, body=b"UniqueName=a&UniqueName=b&Colour=red")
    assert reply.json["unique_name"] == "a"
    assert "colour" not in reply.json


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v2/Services",
        "/v1/Services/",
        "/v1/services",
        "/x/v1/Services/a",
        ABSENT + "/",
        ABSENT + "/ShortCodes",
        ABSENT + "/PhoneNumbers/",
        ABSENT + "/PhoneNumbers/PN0/",
        ABSENT + "/PhoneNumbers/PN0/PhoneNumbers",
    ],
)
def test_an_unknown_path(emulator: Emulator, path: str) -> None:
    reply = emulator.send("GET", path)
    assert (reply.status, reply.json["code"]) == (404, 20404)
    assert reply.json["message"] == f"The requested resource {path} was not found"


@pytest.mark.parametrize(
    ("path", "methods", "allowed"),
    [
        (LIST, ["DELETE", "PUT", "PATCH", "OPTIONS", "TRACE", "BREW"], "GET, POST"),
        (ABSENT, ["PUT", "PATCH", "OPTIONS", "TRACE", "BREW"], "DELETE, GET, POST"),
    ],
)
def test_a_method_that_is_not_allowed(emulator: Emulator, path: str, methods: list[str], allowed: str) -> None:
    for method in methods:
        reply = emulator.send(method, path)
        assert (reply.status, reply.json["code"], reply.headers["allow"]) == (405, 20004, allowed)


def test_each_account_has_its_own_objects() -> None:
    key = {"sid": "SK" + "2" * 32, "secret": "key secret"}
    accounts = [
        {"account_sid": "AC" + "1" * 32, "auth_token": "one"},
        {"account_sid": "AC" + "2" * 32, "auth_token": "two", "api_keys": [key], "services": [{"unique_name": "seed"}]},
    ]
    with Emulator(accounts=accounts) as emulator:
        mine = emulator.create(unique_name="seed")
        assert emulator.services() == [mine]

        emulator.account_sid, emulator.auth_token = "AC" + "2" * 32, "two"
        (seeded,) = emulator.services()
        assert seeded["account_sid"] == "AC" + "2" * 32
        assert emulator.send("GET", path_of(mine)).status == 400

        emulator.account_sid, emulator.auth_token = key["sid"], key["secret"]
        assert emulator.services() == [seeded]


def test_configured_services_exist_at_the_start(emulator: Emulator) -> None:
    seed = {**EVERY_FIELD, "sid": "KS" + "5" * 32}
    account = {"account_sid": ACCOUNT_SID, "auth_token": emulator.auth_token, "services": [seed]}
    emulator.reset(accounts=[account], creation_closed=True)
    (service,) = emulator.services()
    assert {name: service[name] for name in seed} == seed


def test_query_parameters_do_not_create(emulator: Emulator) -> None:
    query = urllib.parse.urlencode({"UniqueName": "a"})
    assert emulator.send("POST", f"{LIST}?{query}").json["code"] == 20001
