# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings for undocumented behaviour: each answer."""

from __future__ import annotations

import time
import typing as t
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

LIST = "/v1/Services"
ABSENT = LIST + "/KS" + "0" * 32
NUMBER = "+12025550100"
NOT_OWNED = "+12025550199"


@pytest.mark.parametrize(
    ("answer", "status", "document"),
    [
        (
            "invalid_sid_400",
            400,
            {
                "code": 80408,
                "message": "Invalid Service Sid",
                "more_info": "https://www.twilio.com/docs/errors/80408",
                "status": 400,
            },
        ),
        ("invalid_sid_400_without_code", 400, {"message": "Invalid Service Sid", "status": 400}),
        (
            "not_found_404",
            404,
            {
                "code": 20404,
                "message": f"The requested resource {ABSENT} was not found",
                "more_info": "https://www.twilio.com/docs/errors/20404",
                "status": 404,
            },
        ),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_absent_answer(emulator: Emulator, method: str, answer: str, status: int, document: dict[str, t.Any]) -> None:
    emulator.reset(absent_answer=answer)
    reply = emulator.send(method, ABSENT)
    assert (reply.status, reply.json) == (status, document)


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [("invalid_sid_400", 400, 80407), ("invalid_sid_400_without_code", 400, None), ("not_found_404", 404, 20404)],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_absent_answer_about_a_number(
    emulator: Emulator, method: str, answer: str, status: int, code: int | None
) -> None:
    emulator.reset(absent_answer=answer)
    pool = f"{LIST}/{emulator.create(unique_name='a')['sid']}/PhoneNumbers"
    path = f"{pool}/PN{'0' * 32}"
    reply = emulator.send(method, path)
    assert (reply.status, reply.json.get("code")) == (status, code)
    expected = f"The requested resource {path} was not found" if status == 404 else "Invalid Phone Number Sid"
    assert reply.json["message"] == expected


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [("invalid_sid_400", 400, 80408), ("invalid_sid_400_without_code", 400, None), ("not_found_404", 404, 20404)],
)
@pytest.mark.parametrize("child_path", ["/PhoneNumbers", "/PhoneNumbers/PN" + "0" * 32])
def test_absent_answer_about_a_pool(
    emulator: Emulator, child_path: str, answer: str, status: int, code: int | None
) -> None:
    emulator.reset(absent_answer=answer)
    reply = emulator.send("GET", ABSENT + child_path)
    assert (reply.status, reply.json.get("code")) == (status, code)
    expected = f"The requested resource {ABSENT + child_path} was not found" if status == 404 else "Invalid Service Sid"
    assert reply.json["message"] == expected


@pytest.mark.parametrize("status", [400, 409])
def test_name_taken_status(emulator: Emulator, status: int) -> None:
    emulator.reset(name_taken_status=status)
    emulator.create(unique_name="a")
    reply = emulator.send("POST", LIST, {"UniqueName": "a"})
    assert (reply.status, reply.json["status"], reply.json["code"]) == (status, status, 80602)


@pytest.mark.parametrize(("status", "code"), [(400, 80701), (422, 20001)])
def test_invalid_value_status_and_code(emulator: Emulator, status: int, code: int) -> None:
    emulator.reset(invalid_value_status=status, invalid_value_code=code)
    reply = emulator.send("POST", LIST, {"UniqueName": "a", "DefaultTtl": "x"})
    assert (reply.status, reply.json["status"], reply.json["code"]) == (status, status, code)


@pytest.mark.parametrize(("setting", "value"), [("null", None), ("empty", "")])
def test_cleared_value(emulator: Emulator, setting: str, value: str | None) -> None:
    emulator.reset(cleared_value=setting)
    service = emulator.create(unique_name="a", callback_url="https://example.com")
    assert service["chat_instance_sid"] is None
    cleared = emulator.send("POST", f"{LIST}/{service['sid']}", {"CallbackUrl": "", "ChatInstanceSid": ""}).json
    assert (cleared["callback_url"], cleared["chat_instance_sid"]) == (value, value)
    assert cleared["intercept_callback_url"] is None


@pytest.mark.parametrize(("sensitive", "status"), [(True, 201), (False, 400)])
def test_case_sensitive_names(emulator: Emulator, sensitive: bool, status: int) -> None:
    emulator.reset(case_sensitive_names=sensitive, lookup_by_name=True)
    emulator.create(unique_name="Straße")
    assert emulator.send("POST", LIST, {"UniqueName": "STRASSE"}).status == status
    found = emulator.send("GET", f"{LIST}/{urllib.parse.quote('straße')}")
    assert found.status == (400 if sensitive else 200)


@pytest.mark.parametrize(("lookup", "status"), [(True, 200), (False, 400)])
def test_lookup_by_name(emulator: Emulator, lookup: bool, status: int) -> None:
    emulator.reset(lookup_by_name=lookup)
    emulator.create(unique_name="Zoë/☎")
    path = f"{LIST}/{urllib.parse.quote('Zoë/☎', safe='')}"
    assert emulator.send("GET", path).status == status
    # Only to look: nothing is changed by its name.
    assert emulator.send("POST", path, {"DefaultTtl": "1"}).status == 400
    assert emulator.send("DELETE", path).status == 400


@pytest.mark.parametrize("cap", [100, 1000])
def test_page_size_cap(emulator: Emulator, cap: int) -> None:
    emulator.reset(page_size_cap=cap)
    for number in range(120):
        emulator.create(unique_name=str(number))
    page = emulator.send("GET", LIST + "?PageSize=1000").json
    assert len(page["services"]) == min(cap, 120)
    assert page["meta"]["page_size"] == cap
    assert len(emulator.services()) == 120


@pytest.mark.parametrize("query", ["PageSize=1001", "PageSize=99999"])
def test_page_size_over_maximum(emulator: Emulator, query: str) -> None:
    reply = emulator.send("GET", f"{LIST}?{query}")
    assert (reply.status, reply.json["code"]) == (400, 20007)
    emulator.reset(page_size_over_maximum="clamp")
    reply = emulator.send("GET", f"{LIST}?{query}")
    assert (reply.status, reply.json["meta"]["page_size"]) == (200, 100)


@pytest.mark.parametrize(("order", "names"), [("oldest_first", ["a", "b", "c"]), ("newest_first", ["c", "b", "a"])])
def test_list_order(emulator: Emulator, order: str, names: list[str]) -> None:
    emulator.reset(list_order=order)
    for name in "abc":
        emulator.create(unique_name=name)
    assert [service["unique_name"] for service in emulator.services()] == names


@pytest.mark.parametrize("status", [403, 400])
def test_creation_closed(emulator: Emulator, status: int) -> None:
    service = emulator.create(unique_name="a")
    assert service["unique_name"] == "a"
    emulator.reset(creation_closed=True, creation_closed_status=status)
    reply = emulator.send("POST", LIST, {"UniqueName": "a"})
    assert (reply.status, reply.json["code"]) == (status, 80506)
    assert emulator.services() == []


@pytest.mark.parametrize(("status", "code"), [(400, 21102), (403, 80000)])
def test_service_limit(emulator: Emulator, status: int, code: int) -> None:
    emulator.reset(service_limit=2, service_limit_status=status, service_limit_code=code)
    first = emulator.create(unique_name="a")
    emulator.create(unique_name="b")
    reply = emulator.send("POST", LIST, {"UniqueName": "c"})
    assert (reply.status, reply.json["code"]) == (status, code)
    emulator.send("DELETE", f"{LIST}/{first['sid']}")
    assert emulator.create(unique_name="c")["unique_name"] == "c"


@pytest.mark.parametrize("status", [400, 409])
def test_number_refused_status(emulator: Emulator, status: int) -> None:
    emulator.reset(number_refused_status=status)
    one, other = (emulator.create(unique_name=name)["sid"] for name in "ab")
    emulator.add_number(one, phone_number=NUMBER)
    for service, number, code in ((one, NUMBER, 80104), (other, NUMBER, 80101), (one, NOT_OWNED, 80301)):
        reply = emulator.send("POST", f"{LIST}/{service}/PhoneNumbers", {"PhoneNumber": number})
        assert (reply.status, reply.json["status"], reply.json["code"]) == (status, status, code)


@pytest.mark.parametrize(("owns_all", "status"), [(True, 201), (False, 400)])
def test_owns_all_numbers(emulator: Emulator, owns_all: bool, status: int) -> None:
    emulator.reset(owns_all_numbers=owns_all)
    one, other = (emulator.create(unique_name=name)["sid"] for name in "ab")
    reply = emulator.send("POST", f"{LIST}/{one}/PhoneNumbers", {"PhoneNumber": NOT_OWNED})
    assert reply.status == status
    assert reply.json.get("code") == (None if owns_all else 80301)
    # The numbers that are listed are owned anyway, and no SID is that nobody has seen.
    assert emulator.add_number(one, phone_number=NUMBER)["sid"] == emulator.owned_numbers()[0]["sid"]
    unseen = emulator.send("POST", f"{LIST}/{one}/PhoneNumbers", {"Sid": "PN" + "0" * 32})
    assert unseen.json["code"] == 80301
    if owns_all:
        sid = reply.json["sid"]
        assert emulator.send("POST", f"{LIST}/{other}/PhoneNumbers", {"Sid": sid}).json["code"] == 80101
        emulator.send("DELETE", f"{LIST}/{one}/PhoneNumbers/{sid}")
        assert emulator.add_number(other, sid=sid)["phone_number"] == NOT_OWNED
        emulator.reset(owns_all_numbers=True)
        again = emulator.create(unique_name="c")["sid"]
        assert emulator.send("POST", f"{LIST}/{again}/PhoneNumbers", {"Sid": sid}).json["code"] == 80301
        assert emulator.add_number(again, phone_number=NOT_OWNED)["sid"] == sid


@pytest.mark.parametrize(("status", "code"), [(400, 80622), (403, 80000)])
@pytest.mark.parametrize("reserved", [True, False])
def test_number_limits(emulator: Emulator, reserved: bool, status: int, code: int) -> None:
    setting = "reserved_number_limit" if reserved else "unreserved_number_limit"
    emulator.reset(number_limit_status=status, number_limit_code=code, **{setting: 2})
    service = emulator.create(unique_name="a")["sid"]
    pool = f"{LIST}/{service}/PhoneNumbers"
    first, *numbers = (f"+120255501{number:02}" for number in range(6))
    full = [emulator.add_number(service, phone_number=number, is_reserved=reserved) for number in numbers[:2]]
    form = {"PhoneNumber": first, "IsReserved": "true" if reserved else "false"}
    reply = emulator.send("POST", pool, form)
    assert (reply.status, reply.json["code"]) == (status, code)
    assert f"limit of 2 {'reserved' if reserved else 'unreserved'} Phone Numbers" in reply.json["message"]
    # The other sort has a limit of its own, and to change the sort counts too.
    others = [emulator.add_number(service, phone_number=number, is_reserved=not reserved) for number in numbers[2:]]
    change = {"IsReserved": form["IsReserved"]}
    reply = emulator.send("POST", f"{pool}/{others[0]['sid']}", change)
    assert (reply.status, reply.json["code"]) == (status, code)
    assert emulator.send("POST", f"{pool}/{full[0]['sid']}", change).status == 200
    # Another Service has a pool of its own, and what is removed makes room.
    other = emulator.create(unique_name="b")["sid"]
    emulator.send("DELETE", f"{LIST}/{other}/PhoneNumbers/{emulator.add_number(other, phone_number=first)['sid']}")
    emulator.send("DELETE", f"{pool}/{full[0]['sid']}")
    assert emulator.send("POST", f"{pool}/{others[0]['sid']}", change).json["is_reserved"] is reserved


@pytest.mark.parametrize("level", ["country", "area-code", "extended-area-code", "overlay", "radius"])
def test_geo_match_levels(emulator: Emulator, level: str) -> None:
    assert emulator.create(unique_name="a", geo_match_level=level)["geo_match_level"] == level
    others = {"country", "area-code", "extended-area-code", "overlay", "radius"} - {level}
    emulator.reset(geo_match_levels=sorted(others))
    assert emulator.send("POST", LIST, {"UniqueName": "a", "GeoMatchLevel": level}).json["code"] == 80701


@pytest.mark.parametrize(("setting", "header"), [(False, None), (True, "1000"), (3, "3")])
def test_rate_limit(emulator: Emulator, setting: bool | int, header: str | None) -> None:
    emulator.reset(rate_limit=0.001, rate_limit_burst=2, retry_after=setting)
    emulator.create(unique_name="a")
    emulator.create(unique_name="b")
    reply = emulator.send("POST", LIST, {"UniqueName": "c"})
    assert (reply.status, reply.json["code"], reply.headers.get("retry-after")) == (429, 20429, header)
    assert reply.headers["content-type"].startswith("application/json")
    # Another endpoint has permits of its own, and so has each object.
    services = emulator.services()
    assert [service["unique_name"] for service in services] == ["a", "b"]
    for service in services:
        statuses = [emulator.send("GET", f"{LIST}/{service['sid']}").status for _try in range(3)]
        assert statuses == [200, 200, 429]


def test_rate_limit_of_a_pool(emulator: Emulator) -> None:
    emulator.reset(rate_limit=0.001, rate_limit_burst=2)
    one, other = (emulator.create(unique_name=name)["sid"] for name in "ab")
    paths = [f"{LIST}/{one}/PhoneNumbers/PN{number:032}" for number in range(3)]
    # Each endpoint of each Service has permits of its own, which all numbers of a pool share.
    assert [emulator.send("GET", path).status for path in paths] == [400, 400, 429]
    assert [emulator.send("GET", f"{LIST}/{one}/PhoneNumbers").status for _try in range(3)] == [200, 200, 429]
    assert emulator.send("GET", paths[0].replace(one, other)).status == 400
    assert emulator.send("GET", f"{LIST}/{other}/PhoneNumbers").status == 200
    assert emulator.send("GET", f"{LIST}/{one}").status == 200


def test_latency(emulator: Emulator) -> None:
    """Requests wait at the same time."""
    emulator.reset(latency=1)
    start = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        replies = [pool.submit(emulator.send, "GET", LIST) for _number in range(2)]
        while len(emulator.requests()) < 2:
            time.sleep(0.005)
        assert not any(reply.done() for reply in replies)
        assert [reply.result().status for reply in replies] == [200, 200]
    assert time.monotonic() - start >= 1
    emulator.reset()
    assert emulator.status()["settings"]["latency"] == 0
