# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client: requests, answers, retries and errors."""

from __future__ import annotations

import base64
import contextlib
import functools
import io
import json
import ssl
import sys
import time
import typing as t
import warnings
from http import HTTPStatus
from urllib.parse import parse_qsl

import pytest
import requests
import urllib3
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.twilio.proxy.plugins.module_utils import _client
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError, Stopped
from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER, SERVICE, Field, Resource
from ansible_collections.twilio.proxy.plugins.module_utils._validation import problems
from ansible_collections.twilio.proxy.plugins.module_utils._version import VERSION
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

from .made_up import BUILDING_SID, FLOOR_SID, ROOM, room
from .wire import (
    ABSENT,
    ACCOUNT,
    BASE_URL,
    LIST,
    NUMBER_ABSENT,
    NUMBER_SID,
    NUMBER_TAKEN,
    OTHER_NUMBER_SID,
    OTHER_SID,
    REQUEST_ID,
    SID,
    TAKEN,
    Answer,
    Step,
    Waits,
    Wire,
    client,
    error,
    number,
    page,
    pool,
    service,
)

NEXT = f"{BASE_URL}{LIST}?PageSize=2&Page=1&PageToken=abc"
ONE = f"{LIST}/{SID}"
POOL = PHONE_NUMBER.in_parent(SID)

RESET = requests.ConnectionError(
    urllib3.exceptions.ProtocolError("aborted", ConnectionResetError(104, "Reset by peer"))
)
TIMEOUT = requests.ReadTimeout(urllib3.exceptions.ReadTimeoutError(t.cast(t.Any, None), "/", "timed out"))
REFUSED = requests.ConnectionError(
    urllib3.exceptions.MaxRetryError(
        t.cast(t.Any, None), "/", urllib3.exceptions.ConnectTimeoutError(ConnectionRefusedError(111, "Refused"))
    )
)
CHECK_THE_WAY = "Check base_url, region and edge, and the proxy if there is one."
HTML = Answer(502, "<html>Authorization: Basic c2VjcmV0</html>", {"Content-Type": "text/html"})
HALF = Answer(200, '{"sid": "KS')


def failing(call: t.Callable[[], t.Any]) -> ApiError:
    """Return the error that the call raises."""
    with pytest.raises(ApiError) as caught:
        call()
    return caught.value


# Requests


def test_a_request_has_credentials_and_a_user_agent() -> None:
    wire = Wire(Answer(200, service()))
    client(wire, agent="ansible-core/2.19.0").fetch(SERVICE, SID)
    headers = wire.prepared[0].headers
    assert headers["Authorization"] == "Basic " + base64.b64encode(f"{ACCOUNT}:a-token".encode()).decode()
    assert headers["Accept"] == "application/json"
    assert headers["User-Agent"].startswith(f"ansible-twilio-proxy/{VERSION} ansible-core/2.19.0 Python/")
    assert f"requests/{requests.__version__}" in headers["User-Agent"]


def test_credentials_are_utf_8() -> None:
    wire = Wire(Answer(200, service()))
    api = _client.Client(BASE_URL, _client.Credentials("AC", "☎"), timeout=1, retries=0, verify=True, agent="")
    api._session.mount("https://", wire)
    api.fetch(SERVICE, SID)
    assert wire.prepared[0].headers["Authorization"] == "Basic " + base64.b64encode("AC:☎".encode()).decode()


def test_the_repr_of_credentials_has_no_password() -> None:
    assert "hush" not in repr(_client.Credentials("AC", "hush"))


def test_every_request_has_timeouts_and_verification_and_no_redirects() -> None:
    wire = Wire(Answer(200, service()), Answer(307, "", {"Location": "https://elsewhere.example/"}))
    api = client(wire, verify="/etc/ca.pem")
    api.fetch(SERVICE, SID)
    failing(lambda: api.fetch(SERVICE, SID))
    assert [arguments["timeout"] for arguments in wire.arguments] == [(7, 7), (7, 7)]
    assert [arguments["stream"] for arguments in wire.arguments] == [True, True]
    assert [arguments["verify"] for arguments in wire.arguments] == ["/etc/ca.pem", "/etc/ca.pem"]
    assert [request[:2] for request in wire.requests] == [("GET", ONE), ("GET", ONE)]


def test_the_option_overrides_the_ca_bundle_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/the/environments.pem")
    wire = Wire(*[Answer(200, service())] * 3)
    for verify in (True, False, "/the/options.pem"):
        client(wire, verify=verify).fetch(SERVICE, SID)
    assert [arguments["verify"] for arguments in wire.arguments] == ["/the/environments.pem", False, "/the/options.pem"]


@pytest.mark.parametrize(
    ("base_url", "proxies"), [("https://a.example", {"https": "http://proxy.example"}), ("http://127.0.0.1:1", {})]
)
def test_a_proxy_is_used_for_https_and_never_for_plain_http(
    base_url: str, proxies: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://proxy.example")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    wire = Wire(Answer(200, service()))
    client(wire, base_url=base_url).fetch(SERVICE, SID)
    used = wire.arguments[0]["proxies"]
    assert {name: url for name, url in used.items() if name == "https"} == proxies
    assert bool(used) == bool(proxies)


def test_create_update_and_delete_send_forms() -> None:
    wire = Wire(Answer(201, service()), Answer(200, service(default_ttl=5)), Answer(204))
    api = client(wire)
    assert api.create(SERVICE, {"unique_name": "Zoë ☎ & = % +", "default_ttl": 0, "callback_url": "http://a/?b"})
    assert api.update(SERVICE, SID, {"default_ttl": 5, "chat_instance_sid": ""})["default_ttl"] == 5
    api.delete(SERVICE, SID)
    assert wire.requests == [
        ("POST", LIST, {"UniqueName": "Zoë ☎ & = % +", "DefaultTtl": "0", "CallbackUrl": "http://a/?b"}),
        ("POST", ONE, {"DefaultTtl": "5", "ChatInstanceSid": ""}),
        ("DELETE", ONE, {}),
    ]
    assert wire.prepared[0].headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_a_form_has_the_parameters_of_the_table_and_no_read_only_fields() -> None:
    values = dict.fromkeys((field.name for field in SERVICE.fields), "x")
    assert [name for name, _value in _client.to_form(SERVICE, values)] == [field.param for field in SERVICE.writable]


@pytest.mark.parametrize(
    ("values", "form"),
    [
        ({"phone_number": "+12025550101"}, {"PhoneNumber": "+12025550101"}),
        ({"phone_number": "+12025550101", "is_reserved": True}, {"PhoneNumber": "+12025550101", "IsReserved": "true"}),
        ({"sid": NUMBER_SID, "is_reserved": False}, {"Sid": NUMBER_SID, "IsReserved": "false"}),
    ],
)
def test_numbers_are_requested_below_their_service(values: dict[str, t.Any], form: dict[str, str]) -> None:
    wire = Wire(Answer(201, number()), Answer(200, number(is_reserved=True)), Answer(200, number()), Answer(204))
    api = client(wire)
    assert api.create(POOL, values) == number()
    assert api.update(POOL, NUMBER_SID, {"is_reserved": True}) == number(is_reserved=True)
    assert api.fetch(POOL, NUMBER_SID) == number()
    api.delete(POOL, NUMBER_SID)
    number_path = f"{pool(SID)}/{NUMBER_SID}"
    assert wire.requests == [
        ("POST", pool(SID), form),
        ("POST", number_path, {"IsReserved": "true"}),
        ("GET", number_path, {}),
        ("DELETE", number_path, {}),
    ]
    assert [path for _method, path, _sent in wire.requests] == [
        f"/v1/Services/{SID}/PhoneNumbers",
        number_path,
        number_path,
        number_path,
    ]


def test_each_service_has_its_own_path_of_numbers() -> None:
    wire = Wire(page(number(), of=PHONE_NUMBER), page(number(sid=OTHER_NUMBER_SID), of=PHONE_NUMBER))
    api = client(wire)
    assert api.find(POOL, "+12025550101") == number()
    assert list(api.pages(PHONE_NUMBER.in_parent(OTHER_SID), 5)) == [[number(sid=OTHER_NUMBER_SID)]]
    assert wire.requests == [("GET", pool(SID), {"PageSize": "1000"}), ("GET", pool(OTHER_SID), {"PageSize": "5"})]
    assert (POOL.parent, POOL.parent_sid) == (SERVICE, SID)
    assert PHONE_NUMBER.parent_sid is None


@given(st.text(), st.sampled_from([field.name for field in SERVICE.writable if field.type == "str"]))
@example("\r\nX-Injected: 1\r\n\r\n", "unique_name")
@example("\0 \x7f\u2028 𐍈🚕", "unique_name")
@example("https://example.com/𐍈?a=%0d%0a&b=ü+ü#☎", "callback_url")
def test_a_text_is_sent_unchanged_or_refused(text: str, name: str) -> None:
    """This includes control characters, line breaks and NUL."""
    if problems(SERVICE, {name: text}):
        return
    wire = Wire(Answer(200, service()))
    client(wire).update(SERVICE, SID, {name: text})
    assert wire.requests == [("POST", ONE, {SERVICE.field(name).param: text})]
    assert b"\r" not in str(wire.prepared[0].body).encode()
    assert wire.prepared[0].headers["Content-Length"] == str(len(wire.prepared[0].body or ""))


@pytest.mark.parametrize("path", ["/twilio", "/twilio/", "/twiliX", "/X//"])
def test_the_path_of_the_base_url_is_used(path: str) -> None:
    wire = Wire(Answer(200, service()))
    client(wire, base_url=f"https://gateway.example{path}").fetch(SERVICE, SID)
    assert wire.requests == [("GET", f"{path.rstrip('/')}{ONE}", {})]


# Pages


def test_pages_are_followed_to_the_end() -> None:
    first, second, third = service(unique_name="a"), service(unique_name="b"), service(unique_name="c")
    wire = Wire(page(first, following=NEXT), page(following=f"{NEXT}2"), page(second, third))
    assert list(client(wire).pages(SERVICE, 2)) == [[first], [], [second, third]]
    token = {"PageSize": "2", "Page": "1", "PageToken": "abc"}
    assert wire.requests == [
        ("GET", LIST, {"PageSize": "2"}),
        ("GET", LIST, token),
        ("GET", LIST, {**token, "PageToken": "abc2"}),
    ]


def test_a_page_is_requested_only_when_it_is_needed() -> None:
    wire = Wire(page(service(), following=NEXT))
    assert next(client(wire).pages(SERVICE)) == [service()]
    assert wire.requests == [("GET", LIST, {"PageSize": "1000"})]


def test_a_default_port_is_the_same_origin() -> None:
    wire = Wire(page(following=NEXT.replace(".com/", ".com:443/")), page())
    assert list(client(wire).pages(SERVICE)) == [[], []]


@pytest.mark.parametrize(
    "following",
    [
        NEXT.replace("example.com", "example.org"),
        NEXT.replace("https", "http"),
        NEXT.replace(".com/", ".com:8443/"),
        "https://proxy.example.com@evil.example/",
        "https://evil.example\\@proxy.example.com.evil.example/",
        "https://evil.example#@proxy.example.com/",
        "//evil.example/v1/Services",
        "/v1/Services?Page=1",
        "https://[proxy.example.com/",
        "https://proxy.example.com:x/",
    ],
)
def test_another_origin_gets_no_request(following: str) -> None:
    wire = Wire(page(service(), following=following))
    failure = failing(lambda: list(client(wire).pages(SERVICE)))
    assert str(failure) == (
        "cannot list the Services: the answer's next_page_url points to another host,"
        " which must not get the credentials"
    )
    assert failure.advice == "Set base_url, or region and edge, to the host that answers."
    assert len(wire.requests) == 1


def test_credentials_within_a_next_page_url_are_dropped() -> None:
    wire = Wire(page(following=NEXT.replace("https://", "https://user:pw@")), page())
    list(client(wire).pages(SERVICE))
    assert wire.prepared[1].url == NEXT
    assert wire.prepared[1].headers["Authorization"] == wire.prepared[0].headers["Authorization"]


def test_a_next_page_that_is_the_first_page_is_an_error() -> None:
    wire = Wire(page(service(), following=f"{BASE_URL}{LIST}?PageSize=1000"))
    failure = failing(lambda: list(client(wire).pages(SERVICE)))
    assert "read before" in failure.message
    assert len(wire.requests) == 1


@pytest.mark.parametrize("answer", [Answer(204), Answer(200), Answer(202), Answer(200, service())])
def test_any_success_is_an_answer_to_a_delete(answer: Answer) -> None:
    wire = Wire(answer)
    client(wire).delete(SERVICE, SID)
    assert wire.requests == [("DELETE", f"{LIST}/{SID}", {})]


@pytest.mark.parametrize("body", [{"deleted": True}, [], service(sid="KS" + "f" * 32)])
def test_an_answer_to_a_delete_with_another_body_is_not_from_the_api(body: t.Any) -> None:
    failure = failing(lambda: client(Wire(Answer(200, body))).delete(SERVICE, SID))
    assert failure.may_have_been_applied


def test_a_fragment_of_a_next_page_url_is_dropped() -> None:
    wire = Wire(page(following=f"{NEXT}#part"), page())
    list(client(wire).pages(SERVICE))
    assert wire.prepared[1].url == NEXT


def test_a_loop_of_pages_is_an_error() -> None:
    wire = Wire(page(following=NEXT), page(following=f"{NEXT}2"), page(following=NEXT))
    failure = failing(lambda: list(client(wire).pages(SERVICE)))
    assert str(failure) == (
        "cannot list the Services: the answer's next_page_url points to a page that was read before"
    )
    assert len(wire.requests) == 3


def test_find_stops_at_the_object_and_matches_exactly() -> None:
    wanted = service(sid=OTHER_SID, unique_name="rides")
    wire = Wire(page(service(unique_name="Rides"), service(unique_name="rides ")), page())
    assert client(wire).find(SERVICE, "rides") is None
    wire = Wire(page(service(unique_name="ride"), following=NEXT), page(wanted, following=f"{NEXT}2"))
    assert client(wire).find(SERVICE, "rides") == wanted
    assert len(wire.requests) == 2


# Answers


def test_an_object_has_the_fields_of_the_table_and_no_others() -> None:
    answer = {**service(), "callback_url": "", "something_new": 1}
    del answer["links"]
    read = client(Wire(Answer(200, answer))).fetch(SERVICE, SID)
    assert read == {**service(), "callback_url": None, "links": None}


@pytest.mark.parametrize(
    "answer",
    [
        ABSENT,
        error(400, None, SERVICE.absent_message),
        error(404, 20404),
        error(404),
    ],
)
def test_answers_that_mean_absent(answer: Answer) -> None:
    assert client(Wire(answer)).fetch(SERVICE, SID) is None


@pytest.mark.parametrize(
    "answer",
    [
        error(400, 20001),
        error(400, None, "Invalid Service Sid "),
        error(400, 80407, SERVICE.absent_message),
        error(403, SERVICE.absent_code),
        error(410, 20404),
        Answer(404, "<html>Not found</html>"),
        Answer(404),
        Answer(404, []),
        Answer(404, {"message": 5, "status": 404}),
        Answer(404, {"message": "no Route matched with those values"}),
        Answer(404, {"message": "Not found", "status": "404"}),
        error(404, 20001),
    ],
)
def test_answers_that_do_not_mean_absent(answer: Answer) -> None:
    assert failing(lambda: client(Wire(answer)).fetch(SERVICE, SID)).status == answer.status


def test_an_error_has_the_details_from_twilio() -> None:
    failure = failing(lambda: client(Wire(error(401, 20003, "Authenticate"))).fetch(SERVICE, SID))
    assert (failure.status, failure.code, failure.message) == (401, 20003, "Authenticate")
    assert failure.more_info == "https://www.twilio.com/docs/errors/20003"
    assert failure.request_id == REQUEST_ID
    assert str(failure) == f"cannot read the Service {SID}: Authenticate"
    assert failure.advice is None
    assert not failure.transient
    assert not failure.may_have_been_applied


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (ABSENT, SERVICE),
        (NUMBER_ABSENT, PHONE_NUMBER),
        (error(400, None, PHONE_NUMBER.absent_message), PHONE_NUMBER),
    ],
)
def test_an_absent_answer_belongs_to_its_resource(answer: Answer, expected: Resource) -> None:
    failure = failing(lambda: client(Wire(answer)).delete(POOL, NUMBER_SID))
    assert [resource for resource in (SERVICE, PHONE_NUMBER) if failure.says_absent(resource)] == [expected]
    assert not failure.says_taken(PHONE_NUMBER)


def test_answers_that_mean_already_added() -> None:
    failure = failing(lambda: client(Wire(NUMBER_TAKEN)).create(POOL, {"sid": NUMBER_SID}))
    assert failure.says_taken(PHONE_NUMBER)
    assert not failure.says_taken(SERVICE)


@pytest.mark.parametrize(
    ("call", "operation"),
    [
        (lambda api: api.create(POOL, {"phone_number": "+12025550101"}), "add the phone number '+12025550101'"),
        (lambda api: api.create(POOL, {"sid": NUMBER_SID}), f"add the phone number {NUMBER_SID}"),
        (
            lambda api: api.create(POOL, {"sid": NUMBER_SID, "phone_number": "+12025550101"}),
            "add the phone number '+12025550101'",
        ),
        (lambda api: api.update(POOL, NUMBER_SID, {"is_reserved": True}), f"update the phone number {NUMBER_SID}"),
        (lambda api: api.delete(POOL, NUMBER_SID), f"remove the phone number {NUMBER_SID}"),
        (lambda api: api.fetch(POOL, NUMBER_SID), f"read the phone number {NUMBER_SID}"),
        (lambda api: api.find(POOL, "+12025550101"), "list the phone numbers"),
        (lambda api: api.create(SERVICE, {"unique_name": "rides"}), "create the Service 'rides'"),
        (lambda api: api.delete(SERVICE, SID), f"delete the Service {SID}"),
    ],
)
def test_an_error_names_the_operation(call: t.Callable[[_client.Client], t.Any], operation: str) -> None:
    failure = failing(lambda: call(client(Wire(error(403, 20003, "No.")))))
    assert str(failure) == f"cannot {operation}: No."


def test_missing_or_malformed_details_of_an_error_are_null() -> None:
    failure = failing(lambda: client(Wire(Answer(400, {"message": "No.", "status": 400}))).fetch(SERVICE, SID))
    assert (failure.code, failure.more_info) == (None, None)
    body = {"message": "No.", "code": "80701", "more_info": 1, "status": 400}
    failure = failing(lambda: client(Wire(Answer(400, body))).fetch(SERVICE, SID))
    assert (failure.code, failure.more_info) == (None, None)


UNREADABLE = "the answer is empty or not JSON, although its status is a success"
REDIRECT = "the answer is a redirect, which is not followed: the credentials are for the configured host only"
NOT_TWILIO = "the answer is not in Twilio's format, so it probably comes from a proxy or a gateway"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (200, UNREADABLE),
        (201, UNREADABLE),
        (299, UNREADABLE),
        (300, REDIRECT),
        (301, REDIRECT),
        (399, REDIRECT),
        (400, NOT_TWILIO),
        (403, NOT_TWILIO),
        (599, NOT_TWILIO),
    ],
)
def test_an_answer_that_is_not_from_twilio_is_described_and_not_quoted(status: int, words: str) -> None:
    failure = failing(lambda: client(Wire(HTML._replace(status=status)), retries=0).fetch(SERVICE, SID))
    assert str(failure) == f"cannot read the Service {SID}: {words}"
    assert failure.advice == CHECK_THE_WAY
    assert failure.transient == (status < 300 or status >= 500)


def test_json_with_an_unexpected_status_is_an_error() -> None:
    assert failing(lambda: client(Wire(Answer(300, service()))).fetch(SERVICE, SID)).message == REDIRECT


@pytest.mark.parametrize("call", ["fetch", "pages", "create", "update"])
def test_an_answer_of_the_wrong_shape_fails_and_names_the_field(call: str) -> None:
    wrong = service(default_ttl="60")
    wire = Wire(page(wrong) if call == "pages" else Answer(200, wrong))
    calls: dict[str, t.Callable[[], t.Any]] = {
        "fetch": lambda: client(wire).fetch(SERVICE, SID),
        "pages": lambda: list(client(wire).pages(SERVICE)),
        "create": lambda: client(wire).create(SERVICE, {"unique_name": "a"}),
        "update": lambda: client(wire).update(SERVICE, SID, {"default_ttl": 60}),
    }
    failure = failing(calls[call])
    operation = {
        "fetch": f"read the Service {SID}",
        "pages": "list the Services",
        "create": "create the Service 'a'",
        "update": f"update the Service {SID}",
    }
    place = "services[0]." if call == "pages" else ""
    assert str(failure) == (
        f"cannot {operation[call]}: the answer is not what Twilio documents:"
        f" {place}default_ttl is a string, not an integer"
    )
    assert failure.status == HTTPStatus.OK
    assert failure.request_id == REQUEST_ID
    assert failure.may_have_been_applied == (call in ("create", "update"))
    assert len(wire.requests) == 1


# Errors and retries

PASSING: dict[str, tuple[Step, bool]] = {
    # the step, and whether the request may have been carried out
    "rate limit": (error(429, 20429), False),
    "concurrent write": (error(409, 80623), False),
    "server error": (error(500, 20500), True),
    "unavailable": (error(503, 20503), True),
    "gateway": (HTML, True),
    "half an answer": (HALF, True),
    "blank answer": (Answer(200, " "), True),
    "no JSON": (Answer(200, "hello"), True),
    "deep JSON": (Answer(200, "[" * 100_000), True),
    "reset": (RESET, True),
    "time-out": (TIMEOUT, True),
    "broken body": (requests.exceptions.ChunkedEncodingError("c2VjcmV0"), True),
    "refused": (REFUSED, False),
    "connect time-out": (
        requests.ConnectTimeout(
            urllib3.exceptions.MaxRetryError(t.cast(t.Any, None), "/", urllib3.exceptions.ConnectTimeoutError())
        ),
        False,
    ),
    "reset behind a proxy": (requests.exceptions.ProxyError(ConnectionResetError(104, "Reset by peer")), True),
    "proxy": (requests.exceptions.ProxyError(OSError("Tunnel connection failed: 407")), False),
}


@pytest.mark.parametrize("error", PASSING)
@pytest.mark.parametrize("method", ["fetch", "update", "delete"])
def test_repeatable_requests_are_sent_again_after_a_transient_error(error: str, method: str) -> None:
    step, _maybe = PASSING[error]
    good = Answer(204) if method == "delete" else Answer(200, service())
    wire = Wire(step, step, good)
    api = client(wire)
    calls: dict[str, t.Callable[[], t.Any]] = {
        "fetch": lambda: api.fetch(SERVICE, SID),
        "update": lambda: api.update(SERVICE, SID, {"default_ttl": 0}),
        "delete": lambda: api.delete(SERVICE, SID),
    }
    assert calls[method]() == (None if method == "delete" else service())
    assert len(set(map(str, wire.requests))) == 1
    assert len(wire.requests) == 3
    assert api._sleep == Waits([0.5, 1.0])


@pytest.mark.parametrize("error", PASSING)
def test_a_create_that_may_have_been_applied_is_not_sent_again(error: str) -> None:
    step, ambiguous = PASSING[error]
    wire = Wire(step) if ambiguous else Wire(step, Answer(201, service()))
    api = client(wire)
    if ambiguous:
        failure = failing(lambda: api.create(SERVICE, {"unique_name": "rides"}))
        assert failure.may_have_been_applied
        assert "c2VjcmV0" not in str(failure)
    else:
        assert api.create(SERVICE, {"unique_name": "rides"}) == service()
    assert wire.steps == []


@pytest.mark.parametrize("error", PASSING)
def test_retries_are_limited(error: str) -> None:
    step, ambiguous = PASSING[error]
    wire = Wire(*[step] * 3)
    failure = failing(lambda: client(wire, retries=2).update(SERVICE, SID, {"default_ttl": 0}))
    assert wire.steps == []
    assert failure.may_have_been_applied == ambiguous
    wire = Wire(*[step] * 3)
    assert not failing(lambda: client(wire, retries=2).fetch(SERVICE, SID)).may_have_been_applied


def test_an_earlier_try_may_have_been_applied() -> None:
    failure = failing(lambda: client(Wire(RESET, ABSENT)).delete(SERVICE, SID))
    assert failure.says_absent(SERVICE)
    assert failure.may_have_been_applied
    failure = failing(lambda: client(Wire(error(429, 20429), ABSENT)).delete(SERVICE, SID))
    assert not failure.may_have_been_applied
    wire = Wire(REFUSED, RESET)
    assert failing(lambda: client(wire).create(SERVICE, {"unique_name": "a"})).may_have_been_applied
    assert wire.steps == []


@pytest.mark.parametrize("answer", [error(400, 80701), error(401, 20003), error(403, 80506), TAKEN, ABSENT])
def test_a_refused_request_is_not_sent_again(answer: Answer) -> None:
    wire = Wire(answer)
    failure = failing(lambda: client(wire).update(SERVICE, SID, {"default_ttl": 0}))
    assert len(wire.requests) == 1
    assert not failure.may_have_been_applied
    assert failure.says_taken(SERVICE) == (answer is TAKEN)


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        (REFUSED, "cannot connect to proxy.example.com: Refused"),
        (RESET, "the connection to proxy.example.com was lost: Reset by peer"),
        (TIMEOUT, "the connection to proxy.example.com was lost: it took longer than 7 seconds"),
        (
            requests.exceptions.InvalidHeader("c2VjcmV0"),
            "the connection to proxy.example.com was lost: InvalidHeader",
        ),
        (
            requests.exceptions.ContentDecodingError("c2VjcmV0"),
            "the connection to proxy.example.com was lost: ContentDecodingError",
        ),
    ],
)
def test_connection_errors_have_readable_messages(lost: Exception, words: str) -> None:
    failure = failing(lambda: client(Wire(lost), retries=0).delete(SERVICE, SID))
    assert str(failure) == f"cannot delete the Service {SID}: {words}"
    if "cannot connect" in words:
        assert failure.advice == f"{CHECK_THE_WAY} To use the emulator, start it first."
    else:
        assert failure.advice is None


class Drops(io.BytesIO):
    """An endless body that arrives byte by byte."""

    def read1(self, _size: int | None = -1, /) -> bytes:
        time.sleep(0.01)
        return b" "

    def stream(self, size: int, decode_content: bool) -> t.Iterator[bytes]:
        assert (size, decode_content) == (_client.CHUNK_OF_OLD_URLLIB3, True)
        return iter(self.read1, b"")


class OldResponse:
    """The raw response of urllib3 before 2.2, which has no read1."""

    def __init__(self, body: Drops) -> None:
        self.stream, self.close = body.stream, body.close


@pytest.mark.parametrize("is_old", [False, True])
def test_the_time_to_read_a_body_is_limited(is_old: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(Answer(200))
    answer = wire.send

    def send(*args: t.Any, **options: t.Any) -> requests.Response:
        response = answer(*args, **options)
        response.raw = OldResponse(Drops()) if is_old else urllib3.HTTPResponse(Drops(), preload_content=False)
        return response

    monkeypatch.setattr(wire, "send", send)
    failure = failing(lambda: client(wire, retries=0, timeout=0.1).update(SERVICE, SID, {"default_ttl": 0}))
    assert failure.message == "the connection to proxy.example.com was lost: it took longer than 0.1 seconds"
    assert failure.may_have_been_applied


def test_no_request_is_sent_after_stop() -> None:
    api = client(Wire())
    api.stop()
    assert not failing(lambda: api.create(SERVICE, {"unique_name": "a"})).may_have_been_applied
    wire = Wire(RESET)
    api = client(wire, sleep=lambda _seconds: api.stop())
    stopped = failing(lambda: api.delete(SERVICE, SID))
    assert isinstance(stopped, Stopped)
    assert stopped.may_have_been_applied  # by the first try


def test_stop_ends_a_wait() -> None:
    api = client(Wire(error(429, 20429, **{"Retry-After": "60"})), sleep=None)
    api.begin(lambda _line: api.stop())
    start = time.monotonic()
    assert isinstance(failing(lambda: api.fetch(SERVICE, SID)), Stopped)
    assert time.monotonic() - start < 60


def test_each_retry_is_reported_before_its_wait() -> None:
    retry_lines: list[str] = []
    api = client(
        Wire(REFUSED, error(500, 20500, "Oops."), Answer(200, service())), sleep=lambda _s: retry_lines.append("-")
    )
    api.begin(retry_lines.append)
    api.fetch(SERVICE, SID)
    why = f"cannot read the Service {SID}: "
    assert retry_lines == [
        f"Retry 1 in 0.5 seconds: {why}cannot connect to proxy.example.com: Refused",
        "-",
        f"Retry 2 in 1.0 seconds: {why}Oops.",
        "-",
    ]


@pytest.mark.parametrize("retries", [0, 2])
def test_an_error_has_the_number_of_tries(retries: int) -> None:
    wire = Wire(*[REFUSED] * (retries + 1))
    assert failing(lambda: client(wire, retries=retries).fetch(SERVICE, SID)).tries == retries + 1


def test_a_client_knows_the_change_that_may_have_been_made() -> None:
    wire = Wire(Answer(200, service()), TAKEN, RESET, TAKEN, Answer(200, service()))
    api = client(wire)
    found = []
    calls: list[t.Callable[[], t.Any]] = [
        lambda: api.fetch(SERVICE, SID),
        lambda: api.create(SERVICE, {"unique_name": "refused"}),
        lambda: api.create(SERVICE, {"unique_name": "lost"}),
        lambda: api.create(SERVICE, {"unique_name": "refused after that"}),
        lambda: api.update(SERVICE, SID, {"default_ttl": 0}),
    ]
    for call in calls:
        with contextlib.suppress(ApiError):
            call()
        found.append(api.writing)
    lost = "create the Service 'lost'"
    assert found == [None, None, lost, lost, f"update the Service {SID}"]
    api.begin(api.on_retry)
    assert api.writing is None


# Proxies

REFUSED_TUNNEL = "Tunnel connection failed: 407 Proxy Authentication Required"
TUNNEL = requests.exceptions.ProxyError(OSError(REFUSED_TUNNEL))
SOCKS = requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")
CERTIFICATE = ssl.SSLCertVerificationError(1, "certificate verify failed")
CERTIFICATE.verify_message = "self-signed certificate"
NO_TLS = ssl.SSLError(1, "no")
NO_TLS.reason = "WRONG_VERSION_NUMBER"
THROUGH = "proxy.example.com through the proxy p.example:3128"
OF_THE_PROXY = "Check the environment variables HTTPS_PROXY, ALL_PROXY and NO_PROXY."


@pytest.mark.parametrize(
    ("lost", "proxy", "message"),
    [
        (REFUSED, "http://p.example:3128", "cannot connect to the proxy p.example:3128: Refused"),
        (REFUSED, "http://12/34@p.example:3128", "cannot connect to the proxy p.example:3128: Refused"),
        (REFUSED, "p.example:3128", "cannot connect to the proxy p.example:3128: Refused"),
        (REFUSED, "http://[::1]:3128", "cannot connect to the proxy [::1]:3128: Refused"),
        (REFUSED, "socks5://p.example:3128", f"cannot connect to {THROUGH}: Refused"),
        (RESET, "http://p.example:3128", f"the connection to {THROUGH} was lost: Reset by peer"),
        (
            TUNNEL,
            "http://p.example:3128",
            f"the proxy p.example:3128 refused the connection to proxy.example.com: {REFUSED_TUNNEL}",
        ),
        (
            requests.exceptions.SSLError(urllib3.exceptions.SSLError(CERTIFICATE)),
            "https://p.example:3128",
            f"the certificate of {THROUGH} is not trusted: self-signed certificate",
        ),
        (
            requests.exceptions.SSLError(urllib3.exceptions.SSLError(NO_TLS)),
            "https://p.example:3128",
            f"{THROUGH} does not speak TLS",
        ),
        (
            SOCKS,
            "socks5h://p.example:3128",
            "the proxy p.example:3128 is a SOCKS proxy, and the Python library PySocks is missing",
        ),
        (
            requests.exceptions.InvalidProxyURL(),
            "http://p.example:secret",
            "the proxy of the environment cannot be used: InvalidProxyURL",
        ),
        (TypeError("secret"), "http://", "the proxy of the environment cannot be used: TypeError"),
    ],
)
def test_an_error_of_a_proxy_names_the_proxy(
    lost: Exception, proxy: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "all_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    scheme, separator, rest = proxy.rpartition("//")
    monkeypatch.setenv("HTTPS_PROXY", f"{scheme}{separator}user:secret@{rest}" if rest else proxy)
    failure = failing(lambda: client(Wire(lost), retries=0).fetch(SERVICE, SID))
    assert failure.message == message
    assert failure.transient == (lost in (REFUSED, RESET, TUNNEL))
    if lost in (REFUSED, TUNNEL):
        assert failure.advice == OF_THE_PROXY
    if lost is SOCKS:
        assert failure.advice == f"Install it: {sys.executable} -m pip install PySocks."
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", "proxy.example.com")
    for api in (client(Wire(REFUSED), 0), client(Wire(REFUSED), 0, "http://127.0.0.1:1")):
        direct = failing(functools.partial(api.fetch, SERVICE, SID))
        assert direct.message.startswith("cannot connect to ")
        assert "the proxy" not in direct.message


def test_a_certificate_for_another_name_is_recognised_with_an_older_urllib3() -> None:
    cause = type("CertificateError", (ValueError,), {})("hostname 'a' doesn't match 'b'")
    wire = Wire(requests.exceptions.SSLError(urllib3.exceptions.SSLError(cause)))
    failure = failing(lambda: client(wire).fetch(SERVICE, SID))
    assert failure.message == ("the certificate of proxy.example.com is not trusted: hostname 'a' doesn't match 'b'")


@pytest.mark.parametrize("reason", ["WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"])
def test_a_server_without_tls_is_not_tried_again(reason: str) -> None:
    cause = ssl.SSLError(1, "[SSL] no")
    cause.reason = reason
    wire = Wire(requests.exceptions.SSLError(urllib3.exceptions.SSLError(cause)))
    failure = failing(lambda: client(wire).create(SERVICE, {"unique_name": "a"}))
    assert str(failure) == "cannot create the Service 'a': proxy.example.com does not speak TLS"
    assert failure.advice == "Check whether base_url should begin with https."
    assert failure.may_have_been_applied


@pytest.mark.parametrize(
    "odd", [requests.exceptions.InvalidProxyURL("c2VjcmV0"), urllib3.exceptions.LocationParseError("a..b")]
)
def test_a_request_that_cannot_be_sent_is_not_tried_again(odd: Exception) -> None:
    failure = failing(lambda: client(Wire(odd)).create(SERVICE, {"unique_name": "a"}))
    assert str(failure) == (
        f"cannot create the Service 'a': a request to proxy.example.com cannot be made: {type(odd).__name__}"
    )
    assert failure.advice == CHECK_THE_WAY
    assert not failure.may_have_been_applied


def test_the_size_of_an_answer_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_client, "LARGEST_ANSWER", 100_000)
    assert failing(lambda: client(Wire(Answer(200, "[" + " " * 99_999)), retries=0).fetch(SERVICE, SID)).transient
    wire = Wire(Answer(200, "[" + " " * 100_000))
    failure = failing(lambda: client(wire).update(SERVICE, SID, {"default_ttl": 5}))
    assert str(failure) == f"cannot update the Service {SID}: the answer is larger than 100000 bytes"
    assert failure.may_have_been_applied
    assert len(wire.requests) == 1


@pytest.mark.parametrize("account_sid", [None, ACCOUNT])
def test_an_answer_of_the_named_account_is_accepted(account_sid: str | None) -> None:
    wire = Wire(
        Answer(200, service()),
        page(service()),
        *(Answer(200, service(account_sid=empty_value)) for empty_value in (None, "")),
    )
    api = client(wire, credentials=_client.Credentials("SK", "a-secret", account_sid))
    assert api.fetch(SERVICE, SID) == service()
    assert list(api.pages(SERVICE)) == [[service()]]
    for empty_value in (None, ""):
        assert api.fetch(SERVICE, SID) == service(account_sid=empty_value)


def test_an_answer_of_another_account_is_an_error() -> None:
    other = "AC" + "9" * 32
    credentials = _client.Credentials("SK", "a-secret", other)
    message = f"the credentials belong to the account {ACCOUNT}, but account_sid is {other}"
    failure = failing(lambda: client(Wire(Answer(200, service())), credentials=credentials).fetch(SERVICE, SID))
    assert str(failure) == f"cannot read the Service {SID}: {message}"
    assert failure.advice == "Set account_sid to the account of the API key, or leave it out."
    assert not failure.may_have_been_applied
    failure = failing(lambda: list(client(Wire(page(service())), credentials=credentials).pages(SERVICE)))
    assert str(failure) == f"cannot list the Services: {message}"
    assert not failure.may_have_been_applied
    wire = Wire(Answer(201, service()))
    failure = failing(lambda: client(wire, credentials=credentials).create(SERVICE, {"unique_name": "rides"}))
    assert str(failure) == f"cannot create the Service 'rides': {message}"
    assert failure.advice == (
        f"The change was made in {ACCOUNT}: it now has the Service 'rides' ({SID}). Undo it there. "
        "Set account_sid to the account of the API key, or leave it out."
    )
    assert (failure.applied, failure.may_have_been_applied) == (True, False)


def test_clients_share_their_observations() -> None:
    key = _client.Credentials("SK1", "a-secret", ACCOUNT)
    api = _client.clients(2, BASE_URL, key, timeout=7, retries=0, verify=True, agent="")
    api[0]._session.mount("https://", Wire(page(service())))
    assert not api[1].knows_account
    list(api[0].pages(SERVICE))
    assert api[1].knows_account


@pytest.mark.parametrize("body", ["<html>", {"status": 404, "message": "No."}, {"code": 20404, "message": "No."}])
def test_an_address_that_has_answered_before_is_not_suspected(body: t.Any) -> None:
    api = client(Wire(Answer(404, body), page(), Answer(404, body), Answer(404, {**TAKEN.body, "status": 404})))
    before = failing(lambda: list(api.pages(SERVICE)))
    list(api.pages(SERVICE))
    after = failing(lambda: list(api.pages(SERVICE)))
    assert (before.advice or "Check base_url").startswith("Check base_url")
    assert str(after.advice).startswith("This host has answered as Twilio before")
    assert failing(lambda: list(api.pages(SERVICE))).advice is None


def test_a_redirect_means_that_nothing_was_changed() -> None:
    failure = failing(lambda: client(Wire(Answer(300))).create(SERVICE, {"unique_name": "a"}))
    assert not failure.may_have_been_applied


def test_a_certificate_error_is_not_tried_again() -> None:
    cause = ssl.SSLCertVerificationError(1, "certificate verify failed")
    cause.verify_message = "self-signed certificate"
    wire = Wire(requests.exceptions.SSLError(urllib3.exceptions.SSLError(cause)))
    failure = failing(lambda: client(wire).create(SERVICE, {"unique_name": "a"}))
    assert str(failure) == (
        "cannot create the Service 'a': the certificate of proxy.example.com is not trusted: self-signed certificate"
    )
    assert failure.advice == "If a private CA issued it, set ca_path to the certificate of that CA."
    assert not failure.may_have_been_applied


NOW = 1_000_000_000  # seconds since the epoch, which is Sun, 09 Sep 2001 01:46:40 GMT


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("0", 0.5),
        ("3", 3),
        ("3600", 60),
        ("-5", 0.5),
        ("Sun, 09 Sep 2001 01:47:00 GMT", 20),
        ("Mon, 10 Sep 2001 01:46:40 GMT", 60),
        ("Sun, 09 Sep 2001 01:46:00 GMT", 0.5),
        ("Mon, 01 Jan 99999999999 00:00:00 GMT", 0.5),
        ("soon", 0.5),
        ("1.5", 0.5),
        ("9" * 5000, 60),
        ("Thu, 01 Jan 99999 00:00:00 GMT", 0.5),
    ],
)
def test_retry_after_is_honoured_within_bounds(
    retry_after: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = Waits()
    wire = Wire(error(429, 20429, **{"Retry-After": retry_after}), Answer(200, service()))
    api = client(wire, sleep=waits)
    monkeypatch.setattr("time.time", lambda: NOW)
    api.fetch(SERVICE, SID)
    assert waits == [seconds]


def test_waits_double_up_to_a_limit_with_jitter() -> None:
    waits = Waits()
    failing(lambda: client(Wire(*[error(503)] * 8), retries=7, sleep=waits).fetch(SERVICE, SID))
    assert waits == [0.5, 1, 2, 4, 8, 8, 8]
    waits.clear()
    client(Wire(error(503), Answer(200, service())), sleep=waits, jitter=lambda: 1.0).fetch(SERVICE, SID)
    assert waits == [0.625]


def test_urllib3_does_not_warn_about_disabled_verification(recwarn: pytest.WarningsRecorder) -> None:
    wire = Wire(Answer(200, service()), Answer(200, service()))
    original_send = wire.send

    def send(*args: t.Any, **options: t.Any) -> requests.Response:
        unverified = "Unverified HTTPS request is being made to host 'a'."
        warnings.warn(unverified, urllib3.exceptions.InsecureRequestWarning, stacklevel=2)
        warnings.warn("Something else.", UserWarning, stacklevel=2)
        return original_send(*args, **options)

    wire.send = send  # type: ignore[method-assign]
    client(wire, verify=False).fetch(SERVICE, SID)
    assert [str(warning.message) for warning in recwarn] == ["Something else."]


def test_no_retries_means_one_request() -> None:
    wire = Wire(error(503))
    failing(lambda: client(wire, retries=0).fetch(SERVICE, SID))
    assert wire.steps == []


def reaching(emulator: Emulator) -> _client.Client:
    credentials = _client.Credentials(emulator.account_sid, emulator.auth_token)
    return _client.Client(emulator.base_url, credentials, timeout=9, retries=0, verify=True, agent="")


def test_an_idle_connection_is_not_used_again(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    api = reaching(emulator)
    assert [list(api.pages(SERVICE)) for _again in range(2)] == [[[]], [[]]]
    monkeypatch.setattr(_client, "IDLE", -1)
    assert list(api.pages(SERVICE)) == [[]]
    first, second, third = (request["connection"] for request in emulator.requests())
    assert first == second != third


def test_cookies_are_not_stored(emulator: Emulator) -> None:
    api, empty = reaching(emulator), {"services": [], "meta": {"next_page_url": None}}
    emulator.fault({"kind": "answer", "status": 200, "headers": {"Set-Cookie": "a=b"}, "json": empty})
    assert list(api.pages(SERVICE)) == [[]]
    assert [rule["used"] for rule in emulator.faults()] == [1]
    assert list(api._session.cookies) == []


@pytest.mark.parametrize(
    "field", [field for field in SERVICE.fields if field.needs_normalizing], ids=lambda field: field.name
)
@pytest.mark.parametrize("value", ["", 60.0, 60, None, "x"])
def test_values_are_normalized_when_they_are_read(field: Field, value: t.Any) -> None:
    normalize = None if value is None else field.normalize(value)
    assert _client._reader([field])({field.name: value}) == {field.name: normalize}


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(service(unique_name="sur\ud800x")),
        json.dumps(service(unique_name="sur\ud800x"), ensure_ascii=False).encode("utf-8", "surrogatepass"),
        json.dumps(service(unique_name="sur\ud800x"), ensure_ascii=False).encode("utf-16", "surrogatepass"),
    ],
    ids=["escape", "utf-8", "utf-16"],
)
def test_a_lone_surrogate_is_escaped(body: str | bytes) -> None:
    found = client(Wire(Answer(200, body))).fetch(SERVICE, SID)
    assert found is not None
    assert found["unique_name"] == r"sur\ud800x"
    whole = json.dumps(service(unique_name="🚕", links={"a\udfff": "b\\ud800"}))
    found = client(Wire(Answer(200, whole))).fetch(SERVICE, SID)
    assert found is not None
    assert (found["unique_name"], found["links"]) == ("🚕", {r"a\udfff": r"b\ud800"})


def test_sids_in_answers_are_converted_to_lower_case() -> None:
    upper = service(sid="KS" + "A" * 32, account_sid="AC" + "B" * 32)
    api = client(Wire(page(upper)), credentials=_client.Credentials("SK1", "x", "AC" + "b" * 32))
    ((found,),) = api.pages(SERVICE)
    assert (found["sid"], found["account_sid"]) == ("KS" + "a" * 32, "AC" + "b" * 32)


def test_a_list_is_sent_as_a_parameter_for_each_element() -> None:
    chairs = [{"wood": "oak", "legs": 4, "used_since": None}, {"legs": 3}]
    values = {"unique_name": "lobby", "seats": 2, "chairs": chairs}
    form = [
        ("UniqueName", "lobby"),
        ("Seats", "2"),
        ("Chairs", '{"Wood": "oak", "LegCount": 4}'),
        ("Chairs", '{"LegCount": 3}'),
    ]
    assert _client.to_form(ROOM, values) == form
    wire = Wire(Answer(201, room()))
    client(wire).create(ROOM.in_parent(BUILDING_SID, FLOOR_SID), values)
    assert parse_qsl(str(wire.prepared[0].body)) == form
