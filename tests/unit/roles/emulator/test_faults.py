# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of faults and their rules."""

from __future__ import annotations

import http.client
import threading
import time
import typing as t
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

LIST = "/v1/Services"
FORM = {"UniqueName": "a"}


def names(emulator: Emulator) -> list[str]:
    return [service["unique_name"] for service in emulator.services()]


def last_request(emulator: Emulator) -> dict[str, t.Any]:
    return emulator.requests()[-1]


@pytest.mark.parametrize(("applied", "created"), [(False, []), (True, ["a"])])
def test_answer(emulator: Emulator, applied: bool, created: list[str]) -> None:
    fault = {"kind": "answer", "status": 503, "headers": {"retry-after": "1"}, "json": {"why": 1}, "applied": applied}
    emulator.fault(fault)
    reply = emulator.send("POST", LIST, FORM)
    assert (reply.status, reply.json, reply.headers["retry-after"]) == (503, {"why": 1}, "1")
    assert reply.headers["twilio-request-id"].startswith("RQ")
    request = last_request(emulator)
    assert (request["status"], request["fault"], request["applied"]) == (503, "answer", applied)
    assert names(emulator) == created


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (500, 20500), (503, 20503), (404, 20404)])
def test_answer_with_only_a_status_is_the_generic_error(emulator: Emulator, status: int, code: int) -> None:
    emulator.fault({"kind": "answer", "status": status})
    reply = emulator.send("GET", LIST)
    assert (reply.status, reply.json["status"], reply.json["code"]) == (status, status, code)


def test_answer_in_html(emulator: Emulator) -> None:
    emulator.fault({"kind": "answer", "status": 502, "body": "<h1>Bad Gateway ☎</h1>"})
    reply = emulator.send("GET", LIST)
    assert (reply.status, reply.body.decode()) == (502, "<h1>Bad Gateway ☎</h1>")
    assert reply.headers["content-type"] == "text/html; charset=utf-8"


def test_answer_with_headers(emulator: Emulator) -> None:
    headers = {"content-type": "application/json", "Location": "{base_url}/v1/Elsewhere", "twilio-request-id": ""}
    emulator.fault({"kind": "answer", "status": 307, "body": "{", "headers": headers})
    reply = emulator.send("GET", LIST)
    assert reply.headers["location"] == emulator.base_url + "/v1/Elsewhere"
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["twilio-request-id"] == ""


def test_answer_with_an_unknown_status(emulator: Emulator) -> None:
    emulator.fault({"kind": "answer", "status": 599, "body": ""})
    assert emulator.send("GET", LIST).status == 599


@pytest.mark.parametrize(
    ("when", "error", "created"),
    [
        ("before", ConnectionResetError, []),
        ("after", ConnectionResetError, ["a"]),
        ("middle", http.client.IncompleteRead, ["a"]),
    ],
)
def test_cut(emulator: Emulator, when: str, error: type[Exception], created: list[str]) -> None:
    emulator.fault({"kind": "cut", "when": when})
    with pytest.raises(error):
        emulator.send("POST", LIST, FORM)
    request = last_request(emulator)
    assert (request["status"], request["fault"], request["applied"]) == (None, "cut", bool(created))
    assert names(emulator) == created


def test_cut_in_the_middle_sends_half_of_the_body(emulator: Emulator) -> None:
    whole = emulator.send("GET", LIST).body
    emulator.fault({"kind": "cut", "when": "middle"})
    with pytest.raises(http.client.IncompleteRead) as error:
        emulator.send("GET", LIST)
    assert error.value.partial == whole[: len(whole) // 2]


def test_cut_in_the_middle_of_an_answer_without_a_body(emulator: Emulator) -> None:
    service = emulator.create(unique_name="a")
    emulator.fault({"kind": "cut", "when": "middle"})
    path = f"{LIST}/{service['sid']}"
    # Python's client takes half a head for a whole one: what is missing are the later headers.
    assert "twilio-request-id" not in emulator.send("DELETE", path).headers
    assert names(emulator) == []


@pytest.mark.parametrize("applied", ["before", "after"])
def test_late(emulator: Emulator, applied: str) -> None:
    # Long enough for the requests below on a busy machine, where it matters.
    seconds = 0.3 if applied == "before" else 2
    emulator.fault({"kind": "late", "seconds": seconds, "applied": applied})
    start = time.monotonic()
    thread = threading.Thread(target=emulator.send, args=("POST", LIST, FORM))
    thread.start()
    while not any(request["method"] == "POST" for request in emulator.requests()):
        time.sleep(0.005)
    assert names(emulator) == (["a"] if applied == "before" else [])
    thread.join(timeout=60)
    assert time.monotonic() - start >= seconds
    assert names(emulator) == ["a"]


def test_late_means_applied_first(emulator: Emulator) -> None:
    emulator.fault({"kind": "late", "seconds": 0})
    assert emulator.send("POST", LIST, FORM).status == 201


def test_together(emulator: Emulator) -> None:
    emulator.fault({"kind": "together", "requests": 3, "seconds": 60}, method="GET", times=3)
    with ThreadPoolExecutor(3) as pool:
        first = [pool.submit(emulator.send, "GET", LIST) for _number in range(2)]
        while len(emulator.requests()) < 2:
            time.sleep(0.005)
        assert emulator.send("POST", LIST, FORM).status == 201
        assert not any(each.done() for each in first)
        last = emulator.send("GET", LIST)
        assert [each.result().status for each in first] == [200, 200]
    assert [service["unique_name"] for service in last.json["services"]] == ["a"]


def test_together_times_out(emulator: Emulator) -> None:
    emulator.fault({"kind": "together", "requests": 2, "seconds": 0.05})
    reply = emulator.send("GET", LIST)
    assert (reply.status, reply.json["message"]) == (500, "Fewer than 2 requests arrived in 0.05 s.")


def test_late_request_does_not_change_the_state_after_a_reset(emulator: Emulator) -> None:
    emulator.fault({"kind": "late", "seconds": 0.2, "applied": "after"})
    thread = threading.Thread(target=emulator.send, args=("POST", LIST, FORM))
    thread.start()
    while not emulator.requests():
        time.sleep(0.005)
    emulator.reset()
    thread.join(timeout=60)
    assert names(emulator) == []
    assert [request["method"] for request in emulator.requests()] == ["GET"]


def test_patch(emulator: Emulator) -> None:
    emulator.create(unique_name="a")
    places = {
        "/meta/next_page_url": "https://elsewhere.example/v1/Services",
        "/meta/url": "{base_url}/other",
        "/services/0/default_ttl": "many",
        "/services/0/links": {"self": ["{base_url}"]},
    }
    emulator.fault({"kind": "patch", "set": places, "remove": ["/meta/key", "/services/0/sid"]})
    true = emulator.send("GET", LIST + "?Other=1")
    patched = true.json
    plain = emulator.send("GET", LIST).json
    assert true.status == 200
    assert patched["meta"]["next_page_url"] == "https://elsewhere.example/v1/Services"
    assert patched["meta"]["url"] == emulator.base_url + "/other"
    assert "key" not in patched["meta"]
    del plain["services"][0]["sid"]
    plain["services"][0].update(default_ttl="many", links={"self": [emulator.base_url]})
    assert patched["services"] == plain["services"]


def test_patch_keeps_the_status_of_an_error(emulator: Emulator) -> None:
    emulator.fault({"kind": "patch", "remove": ["/code"]})
    reply = emulator.send("GET", LIST + "/KS0")
    assert reply.status == 400
    assert "code" not in reply.json


def test_patch_at_an_absent_pointer_is_an_error(emulator: Emulator) -> None:
    emulator.fault({"kind": "patch", "set": {"/services/0/sid": "x"}})
    reply = emulator.send("GET", LIST)
    assert reply.status == 500
    assert "cannot be patched" in reply.json["message"]


def test_patch_of_an_answer_without_a_body_is_an_error(emulator: Emulator) -> None:
    service = emulator.create(unique_name="a")
    emulator.fault({"kind": "patch", "set": {"/sid": "x"}})
    assert emulator.send("DELETE", f"{LIST}/{service['sid']}").status == 500


def test_other_client_creates_a_service_with_the_name(emulator: Emulator) -> None:
    other = {"method": "POST", "path": LIST, "form": {"UniqueName": "a", "DefaultTtl": "9"}}
    emulator.fault({"kind": "other_client", "requests": [other]}, method="POST")
    assert emulator.send("POST", LIST, FORM).json["code"] == 80602
    (service,) = emulator.services()
    assert service["default_ttl"] == 9
    # Nobody else's requests are in the memory.
    assert [request["method"] for request in emulator.requests()] == ["POST", "GET"]


def test_other_client_deletes_the_service(emulator: Emulator) -> None:
    service = emulator.create(unique_name="a")
    emulator.fault({"kind": "other_client", "requests": [{"method": "DELETE", "path": LIST + "/{sid}"}]})
    assert emulator.send("POST", f"{LIST}/{service['sid']}", {"DefaultTtl": "1"}).json["code"] == 80408
    assert names(emulator) == []


def test_other_client_ignores_the_rate_limit(emulator: Emulator) -> None:
    emulator.reset(rate_limit=0.001, rate_limit_burst=1)
    others = [{"method": "POST", "path": LIST, "form": {"UniqueName": name}} for name in "bcd"]
    emulator.fault({"kind": "other_client", "requests": others})
    assert emulator.send("POST", LIST, FORM).status == 201
    assert names(emulator) == ["b", "c", "d", "a"]


def test_failed_request_of_other_client_is_an_error(emulator: Emulator) -> None:
    emulator.fault({"kind": "other_client", "requests": [{"method": "POST", "path": LIST}]})
    reply = emulator.send("POST", LIST, FORM)
    assert reply.status == 500
    assert "Missing required parameter UniqueName" in reply.json["message"]
    assert names(emulator) == []


def test_other_client_without_credentials_is_an_error(emulator: Emulator) -> None:
    emulator.fault({"kind": "other_client", "requests": [{"method": "POST", "path": LIST, "form": FORM}]})
    assert emulator.send("GET", LIST, headers={"Authorization": ""}).status == 500
    assert names(emulator) == []


def statuses(emulator: Emulator, *requests: str) -> list[int]:
    return [emulator.send(method, target).status for method, target in map(str.split, requests)]


def test_rule_matches_method_and_whole_path(emulator: Emulator) -> None:
    emulator.fault({"kind": "answer", "status": 500}, method="GET", path="/v1/Services/KS.*", times=None)
    seen = statuses(emulator, f"GET {LIST}", f"POST {LIST}/KS1", f"GET {LIST}/KS1/x", f"GET {LIST}/KS1?a=b")
    assert seen == [200, 400, 500, 500]
    emulator.reset()
    emulator.fault({"kind": "answer", "status": 500}, path="/v1/Serv")
    assert statuses(emulator, f"GET {LIST}") == [200]


def test_rule_with_skip_and_times(emulator: Emulator) -> None:
    emulator.fault({"kind": "answer", "status": 500}, skip=1, times=2)
    assert statuses(emulator, *[f"GET {LIST}"] * 5) == [200, 500, 500, 200, 200]
    assert emulator.faults()[0]["used"] == 2


def test_rule_without_end(emulator: Emulator) -> None:
    emulator.fault({"kind": "answer", "status": 500}, times=None)
    assert statuses(emulator, *[f"GET {LIST}"] * 5) == [500] * 5


def test_first_matching_rule_applies(emulator: Emulator) -> None:
    emulator.fault({"kind": "answer", "status": 501}, skip=1)
    emulator.fault({"kind": "answer", "status": 502}, times=2)
    emulator.fault({"kind": "answer", "status": 503})
    assert statuses(emulator, *[f"GET {LIST}"] * 5) == [502, 501, 502, 503, 200]


def test_cut_closes_a_persistent_connection_only_for_its_request(emulator: Emulator) -> None:
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(emulator.base_url).netloc, timeout=60)
    headers = {"Authorization": emulator.authorization}
    connection.request("GET", LIST, headers=headers)
    assert connection.getresponse().read()
    emulator.fault({"kind": "cut", "when": "before"})
    connection.request("GET", LIST, headers=headers)
    with pytest.raises(ConnectionResetError):
        connection.getresponse()
    connection.close()
    assert names(emulator) == []
