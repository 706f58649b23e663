# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The number pool of a Service and its errors."""

from __future__ import annotations

import re
import threading
import time
import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, Emulator

LIST = "/v1/Services"
ABSENT_SERVICE = LIST + "/KS" + "0" * 32
ABSENT = "/PN" + "0" * 32
NUMBER, OTHER = "+12025550100", "+12025550101"
NOT_OWNED = "+12025550199"


@pytest.fixture
def service(emulator: Emulator) -> dict[str, t.Any]:
    """A Service whose pool is empty."""
    return emulator.create(unique_name="a")


def pool_of(service: dict[str, t.Any]) -> str:
    return f"{LIST}/{service['sid']}/PhoneNumbers"


def path_of(number: dict[str, t.Any]) -> str:
    return f"{LIST}/{number['service_sid']}/PhoneNumbers/{number['sid']}"


def sid_of(emulator: Emulator, phone_number: str) -> str:
    return next(str(owned["sid"]) for owned in emulator.owned_numbers() if owned["phone_number"] == phone_number)


def account_with(**members: t.Any) -> dict[str, t.Any]:
    return {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, **members}


def test_add_by_number(emulator: Emulator, service: dict[str, t.Any]) -> None:
    reply = emulator.send("POST", pool_of(service), {"PhoneNumber": NUMBER})
    number = reply.json
    assert reply.status == 201
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", number["date_created"])
    assert number == {
        "sid": sid_of(emulator, NUMBER),
        "account_sid": ACCOUNT_SID,
        "service_sid": service["sid"],
        "phone_number": NUMBER,
        "friendly_name": NUMBER,
        "iso_country": "US",
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "is_reserved": False,
        "in_use": 0,
        "date_created": number["date_created"],
        "date_updated": number["date_created"],
        "url": f"{service['links']['phone_numbers']}/{number['sid']}",
    }
    assert emulator.pool(service["sid"]) == [number]
    assert emulator.send("GET", path_of(number)).json == number


def test_add_by_sid(emulator: Emulator, service: dict[str, t.Any]) -> None:
    sid = sid_of(emulator, OTHER)
    number = emulator.add_number(service["sid"], sid=sid)
    assert (number["sid"], number["phone_number"]) == (sid, OTHER)


def test_sid_takes_precedence_over_number(emulator: Emulator, service: dict[str, t.Any]) -> None:
    number = emulator.add_number(service["sid"], sid=sid_of(emulator, OTHER), phone_number=NUMBER)
    assert number["phone_number"] == OTHER


@pytest.mark.parametrize("reserved", [True, False])
def test_add_reserved_or_not(emulator: Emulator, service: dict[str, t.Any], reserved: bool) -> None:
    number = emulator.add_number(service["sid"], phone_number=NUMBER, is_reserved=reserved)
    assert number["is_reserved"] is reserved


def test_owned_number_has_its_configured_members(emulator: Emulator) -> None:
    owned = {
        "phone_number": NUMBER,
        "sid": "PN" + "7" * 32,
        "friendly_name": "Zoë's ☎",
        "iso_country": "CA",
        "capabilities": {"voice": True, "sms": False, "mms": False, "fax": True},
    }
    emulator.reset(accounts=[account_with(phone_numbers=[owned])])
    number = emulator.add_number(emulator.create(unique_name="a")["sid"], phone_number=NUMBER)
    assert {name: number[name] for name in owned} == owned


def test_update_changes_only_mutable_fields_and_the_date(emulator: Emulator, service: dict[str, t.Any]) -> None:
    before = emulator.add_number(service["sid"], phone_number=NUMBER)
    time.sleep(1.05)
    # All but the last is ignored, what is invalid too.
    form = {"Sid": sid_of(emulator, OTHER), "PhoneNumber": "x", "FriendlyName": "x", "IsReserved": "true"}
    after = emulator.send("POST", path_of(before), form).json
    assert after == {**before, "is_reserved": True, "date_updated": after["date_updated"]}
    assert after["date_updated"] > before["date_updated"]
    assert emulator.send("POST", path_of(before)).json == {**after, "date_updated": after["date_updated"]}
    assert emulator.pool(service["sid"]) == [after]
    assert emulator.send("POST", path_of(before), {"IsReserved": "false"}).json["is_reserved"] is False


def test_neither_sid_nor_number(emulator: Emulator, service: dict[str, t.Any]) -> None:
    reply = emulator.send("POST", pool_of(service), {"IsReserved": "true"})
    assert (reply.status, reply.json["code"]) == (400, 20001)
    assert reply.json["message"] == "Missing required parameter Sid or PhoneNumber in the post body"


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("Sid", ""), ("Sid", "PN1"), ("PhoneNumber", ""), ("PhoneNumber", "2025550100"), ("IsReserved", "True")],
)
def test_invalid_value_is_rejected_with_its_parameter(
    emulator: Emulator, service: dict[str, t.Any], parameter: str, value: str
) -> None:
    reply = emulator.send("POST", pool_of(service), {"PhoneNumber": NUMBER, parameter: value})
    assert (reply.status, reply.json["code"]) == (400, 80701)
    assert f"parameter {parameter}:" in reply.json["message"]
    assert emulator.pool(service["sid"]) == []


def test_invalid_update_is_rejected(emulator: Emulator, service: dict[str, t.Any]) -> None:
    number = emulator.add_number(service["sid"], phone_number=NUMBER)
    for value in ("", "yes"):
        reply = emulator.send("POST", path_of(number), {"IsReserved": value})
        assert (reply.status, reply.json["code"]) == (400, 80701)
    assert emulator.pool(service["sid"]) == [number]


def test_a_number_that_this_service_has(emulator: Emulator, service: dict[str, t.Any]) -> None:
    number = emulator.add_number(service["sid"], phone_number=NUMBER)
    for form in ({"PhoneNumber": NUMBER}, {"Sid": number["sid"], "IsReserved": "true"}):
        reply = emulator.send("POST", pool_of(service), form)
        assert (reply.status, reply.json["code"]) == (400, 80104)
        assert reply.json["more_info"].endswith("/80104")
    assert emulator.pool(service["sid"]) == [number]


def test_a_number_that_another_service_has(emulator: Emulator, service: dict[str, t.Any]) -> None:
    number = emulator.add_number(service["sid"], phone_number=NUMBER)
    other = emulator.create(unique_name="b")
    for form in ({"PhoneNumber": NUMBER}, {"Sid": number["sid"]}):
        reply = emulator.send("POST", pool_of(other), form)
        assert (reply.status, reply.json["code"]) == (400, 80101)
    assert emulator.pool(other["sid"]) == []
    # It is not to be found there, either.
    assert emulator.send("GET", f"{pool_of(other)}/{number['sid']}").json["code"] == 80407

    emulator.send("DELETE", path_of(number))
    assert emulator.add_number(other["sid"], phone_number=NUMBER)["service_sid"] == other["sid"]


@pytest.mark.parametrize("form", [{"PhoneNumber": NOT_OWNED}, {"Sid": "PN" + "0" * 32}])
def test_a_number_that_the_account_does_not_own(
    emulator: Emulator, service: dict[str, t.Any], form: dict[str, str]
) -> None:
    reply = emulator.send("POST", pool_of(service), form)
    assert (reply.status, reply.json["code"]) == (400, 80301)
    assert emulator.pool(service["sid"]) == []


def test_deleting_a_service_releases_its_numbers(emulator: Emulator, service: dict[str, t.Any]) -> None:
    numbers = [emulator.add_number(service["sid"], phone_number=number) for number in (NUMBER, OTHER)]
    other = emulator.create(unique_name="b")
    emulator.send("DELETE", f"{LIST}/{service['sid']}")
    for number in numbers:
        assert emulator.send("GET", path_of(number)).json["code"] == 80408
        assert emulator.add_number(other["sid"], sid=number["sid"])["service_sid"] == other["sid"]


@pytest.mark.parametrize(
    ("child_path", "methods", "allowed"),
    [
        ("/PhoneNumbers", ["DELETE", "PUT", "PATCH", "BREW"], "GET, POST"),
        ("/PhoneNumbers" + ABSENT, ["PUT", "PATCH", "BREW"], "DELETE, GET, POST"),
    ],
)
def test_a_method_that_is_not_allowed(emulator: Emulator, child_path: str, methods: list[str], allowed: str) -> None:
    for method in methods:
        reply = emulator.send(method, ABSENT_SERVICE + child_path)
        assert (reply.status, reply.json["code"], reply.headers["allow"]) == (405, 20004, allowed)


def test_pool_in_pages(emulator: Emulator, service: dict[str, t.Any]) -> None:
    wanted = [f"+120255501{number:02}" for number in range(5)]
    for number in wanted:
        emulator.add_number(service["sid"], phone_number=number)
    page = emulator.send("GET", pool_of(service) + "?PageSize=2").json
    assert page["meta"]["key"] == "phone_numbers"
    assert page["meta"]["next_page_url"].startswith(service["links"]["phone_numbers"] + "?")
    found = list(page["phone_numbers"])
    while page["meta"]["next_page_url"]:
        page = emulator.send("GET", page["meta"]["next_page_url"].removeprefix(emulator.base_url)).json
        found += page["phone_numbers"]
    assert [number["phone_number"] for number in found] == wanted


def test_each_service_has_its_own_pool(emulator: Emulator, service: dict[str, t.Any]) -> None:
    other = emulator.create(unique_name="b")
    mine = emulator.add_number(service["sid"], phone_number=NUMBER)
    its = emulator.add_number(other["sid"], phone_number=OTHER)
    assert (emulator.pool(service["sid"]), emulator.pool(other["sid"])) == ([mine], [its])


def test_two_accounts_may_own_the_same_number() -> None:
    accounts: list[dict[str, t.Any]] = [
        {"account_sid": f"AC{digit * 32}", "auth_token": digit, "phone_numbers": [{"phone_number": NUMBER}]}
        for digit in "12"
    ]
    with Emulator(accounts=accounts) as emulator:
        sids = set()
        for account in accounts:
            emulator.account_sid, emulator.auth_token = account["account_sid"], account["auth_token"]
            number = emulator.add_number(emulator.create(unique_name="a")["sid"], phone_number=NUMBER)
            assert number["account_sid"] == account["account_sid"]
            assert number["sid"] == sid_of(emulator, NUMBER)
            sids.add(number["sid"])
        assert len(sids) == 2


def test_configured_pools_exist_at_the_start_and_after_a_reset() -> None:
    owned = [{"phone_number": NUMBER, "sid": "PN" + "7" * 32}, {"phone_number": OTHER}]
    pool = [{"sid": "PN" + "7" * 32, "is_reserved": True}, {"phone_number": OTHER}]
    seed = {"unique_name": "a", "phone_numbers": pool}
    account = account_with(phone_numbers=owned, services=[seed])
    # The limits are for clients.
    with Emulator(accounts=[account], reserved_number_limit=0, unreserved_number_limit=0) as emulator:
        for _time in range(2):
            (service,) = emulator.services()
            found = {number["phone_number"]: number["is_reserved"] for number in emulator.pool(service["sid"])}
            assert found == {NUMBER: True, OTHER: False}
            assert emulator.send("POST", pool_of(service), {"PhoneNumber": NUMBER}).json["code"] == 80104
            emulator.send("DELETE", f"{LIST}/{service['sid']}")
            emulator.reset()


def test_one_of_many_concurrent_additions_of_a_number_succeeds(emulator: Emulator) -> None:
    services = [emulator.create(unique_name=str(number)) for number in range(10)]
    barrier = threading.Barrier(len(services))
    codes: list[int | None] = []

    def add(service: dict[str, t.Any]) -> None:
        barrier.wait(timeout=60)
        codes.append(emulator.send("POST", pool_of(service), {"PhoneNumber": NUMBER}).json.get("code"))

    threads = [threading.Thread(target=add, args=[service]) for service in services]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(codes, key=str) == [80101] * 9 + [None]


def test_other_client_removes_the_number(emulator: Emulator, service: dict[str, t.Any]) -> None:
    number = emulator.add_number(service["sid"], phone_number=NUMBER)
    emulator.fault({"kind": "other_client", "requests": [{"method": "DELETE", "path": "{path}"}]})
    assert emulator.send("POST", path_of(number), {"IsReserved": "true"}).json["code"] == 80407


def test_other_client_deletes_the_service_of_the_number(emulator: Emulator, service: dict[str, t.Any]) -> None:
    number = emulator.add_number(service["sid"], phone_number=NUMBER)
    emulator.fault({"kind": "other_client", "requests": [{"method": "DELETE", "path": LIST + "/{sid}"}]})
    assert emulator.send("GET", path_of(number)).json["code"] == 80408
