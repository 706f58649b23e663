# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists in pages."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

LIST = "/v1/Services"


def names(page: t.Any) -> list[str]:
    return [service["unique_name"] for service in page["services"]]


def get(emulator: Emulator, url: str) -> t.Any:
    reply = emulator.send("GET", url.removeprefix(emulator.base_url))
    assert reply.status == 200
    return reply.json


def fill(emulator: Emulator, count: int) -> list[str]:
    wanted = [f"service {number:03}" for number in range(count)]
    for name in wanted:
        emulator.create(unique_name=name)
    return wanted


def test_an_empty_list(emulator: Emulator) -> None:
    url = f"{emulator.base_url}{LIST}?PageSize=50&Page=0"
    assert get(emulator, LIST) == {
        "meta": {
            "page": 0,
            "page_size": 50,
            "first_page_url": url,
            "previous_page_url": None,
            "url": url,
            "next_page_url": None,
            "key": "services",
        },
        "services": [],
    }


def test_all_pages_forwards_and_backwards(emulator: Emulator) -> None:
    wanted = fill(emulator, 7)
    first = get(emulator, LIST + "?PageSize=3")
    second = get(emulator, first["meta"]["next_page_url"])
    third = get(emulator, second["meta"]["next_page_url"])
    assert [names(page) for page in (first, second, third)] == [wanted[:3], wanted[3:6], wanted[6:]]
    assert [page["meta"]["page"] for page in (first, second, third)] == [0, 1, 2]
    assert third["meta"]["next_page_url"] is first["meta"]["previous_page_url"] is None

    back = get(emulator, third["meta"]["previous_page_url"])
    assert names(back) == names(second)
    assert back["meta"]["page"] == 1
    assert names(get(emulator, back["meta"]["previous_page_url"])) == names(first)
    assert get(emulator, second["meta"]["first_page_url"]) == first
    assert get(emulator, second["meta"]["url"]) == second


def test_a_full_last_page_has_no_next(emulator: Emulator) -> None:
    fill(emulator, 4)
    first = get(emulator, LIST + "?PageSize=2")
    assert get(emulator, first["meta"]["next_page_url"])["meta"]["next_page_url"] is None


@pytest.mark.parametrize("order", ["oldest_first", "newest_first"])
def test_pages_are_stable_while_objects_are_added_and_deleted(emulator: Emulator, order: str) -> None:
    emulator.reset(list_order=order)
    wanted = fill(emulator, 6)
    if order == "newest_first":
        wanted.reverse()
    first = get(emulator, LIST + "?PageSize=2")
    for service in first["services"]:
        emulator.send("DELETE", f"{LIST}/{service['sid']}")
    emulator.create(unique_name="late")
    rest, url = [], first["meta"]["next_page_url"]
    while url:
        page = get(emulator, url)
        rest += names(page)
        url = page["meta"]["next_page_url"]
    assert rest == wanted[2:] + (["late"] if order == "oldest_first" else [])


def test_page_after_all_objects_were_deleted(emulator: Emulator) -> None:
    fill(emulator, 3)
    first = get(emulator, LIST + "?PageSize=2")
    for service in emulator.services():
        emulator.send("DELETE", f"{LIST}/{service['sid']}")
    page = get(emulator, first["meta"]["next_page_url"])
    assert page["services"] == []
    assert page["meta"]["next_page_url"] is page["meta"]["previous_page_url"] is None


def test_urls_have_the_host_of_the_request(emulator: Emulator) -> None:
    fill(emulator, 2)
    page = emulator.send("GET", LIST + "?PageSize=1", headers={"Host": "localhost:81"}).json
    for url in (page["meta"]["next_page_url"], page["meta"]["url"], page["services"][0]["url"]):
        assert url.startswith("http://localhost:81/v1/Services")


@pytest.mark.parametrize(
    "query", ["PageSize=0", "PageSize=-1", "PageSize=ten", "PageSize=", "Page=-1", "Page=x", "PageSize=1e1"]
)
def test_invalid_page_request(emulator: Emulator, query: str) -> None:
    reply = emulator.send("GET", f"{LIST}?{query}")
    assert (reply.status, reply.json["code"]) == (400, 20001)
    assert reply.json["message"].startswith(query.partition("=")[0])


@pytest.mark.parametrize("token", ["", "x", "PT", "PTx", "PT!!!!", "PTYWZ0ZXI6eA", "YWZ0ZXI6MQ", "PT%E2%98%8E"])
def test_invalid_page_token(emulator: Emulator, token: str) -> None:
    reply = emulator.send("GET", f"{LIST}?PageToken={token}")
    assert (reply.status, reply.json["code"]) == (400, 20001)
    assert "PageToken" in reply.json["message"]
