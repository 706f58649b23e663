# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP itself: credentials, bodies, connections."""

from __future__ import annotations

import base64
import http.client
import json
import re
import socket
import subprocess
import sys
import threading
import urllib.parse
from pathlib import Path

import pytest
from proxy_emulator.server import Handler, Server
from proxy_emulator.settings import complete
from proxy_emulator.state import Emulator as Program

from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, PROGRAM, Emulator

LIST = "/v1/Services"
FULL_DISK = Path("/dev/full")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def connect(emulator: Emulator) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urllib.parse.urlsplit(emulator.base_url).netloc, timeout=60)


def exchange(emulator: Emulator, data: bytes) -> bytes:
    """Send the bytes on a new connection and return all that is received."""
    url = urllib.parse.urlsplit(emulator.base_url)
    with socket.create_connection((url.hostname, url.port), timeout=60) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff\xfe").decode(),
        "Bearer " + AUTH_TOKEN,
        basic(ACCOUNT_SID, "wrong"),
        basic(ACCOUNT_SID, ""),
        basic("", ""),
        basic("AC" + "9" * 32, AUTH_TOKEN),
        basic("SK" + "0" * 32, AUTH_TOKEN),
    ],
)
@pytest.mark.parametrize("path", [LIST, "/unknown", "/__emulator__"])
def test_invalid_credentials(emulator: Emulator, path: str, header: str) -> None:
    reply = emulator.send("GET", path, headers={"Authorization": header})
    assert reply.status == 401
    assert (reply.json["code"], reply.json["message"]) == (20003, "Authenticate")
    assert reply.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize("header", [basic(ACCOUNT_SID, AUTH_TOKEN), basic("SK" + "0" * 32, "emulator-api-secret")])
def test_valid_credentials(emulator: Emulator, header: str) -> None:
    assert emulator.send("GET", LIST, headers={"Authorization": header}).status == 200


@pytest.mark.parametrize("path", [LIST, LIST + "/KS0", "/unknown", "/__emulator__"])
def test_each_answer_has_its_own_request_id(emulator: Emulator, path: str) -> None:
    ids = {emulator.send("GET", path).headers["twilio-request-id"] for _try in range(3)}
    assert len(ids) == 3
    assert all(re.fullmatch("RQ[0-9a-f]{32}", found) for found in ids)


@pytest.mark.parametrize("length", [100_000, 10**12])
@pytest.mark.parametrize("path", [LIST, "/__emulator__/reset", "/__emulator__/proof"])
def test_body_without_credentials_is_dropped(emulator: Emulator, path: str, length: int) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FORM['Content-Type']}\r\n"
    answer = exchange(emulator, f"{head}Content-Length: {length}\r\n\r\n".encode() + 50_000 * b"a&")
    assert answer.startswith(b"HTTP/1.1 401" if path != "/__emulator__/proof" else b"HTTP/1.1 405")
    assert b"Connection: close" in answer
    assert [request["form"] for request in emulator.requests()] == ([[]] if path == LIST else [])


OWN_HOSTS = ["localhost", "LOCALHOST.:81", "127.0.0.1", "192.0.2.1:81", "[::1]:81", socket.gethostname()]
OTHER_HOSTS = [
    "evil.example",
    "evil.example:8642",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "[",
    "2130706433",
]


@pytest.mark.parametrize("path", ["/v1/Services", "/__emulator__/reset"])
@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        *(({"Host": host}, False) for host in OWN_HOSTS),
        *(({"Host": host}, True) for host in OTHER_HOSTS),
        ({"Host": "localhost:81", "Origin": "http://localhost:81"}, False),
        ({"Origin": "http://evil.example"}, True),
        ({"Origin": "null"}, True),
    ],
)
def test_requests_of_web_pages_are_rejected(
    emulator: Emulator, path: str, headers: dict[str, str], refused: bool
) -> None:
    emulator.create(unique_name="a")
    reply = emulator.send("POST", path, headers={**FORM, **headers}, body=b"UniqueName=b" if path == LIST else b"{}")
    assert (reply.status == 403) == refused
    assert ([service["unique_name"] for service in emulator.services()] == ["a"]) == refused


def test_host_name_in_listen_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "server_bind", lambda _server: None)
    monkeypatch.setattr(Server, "server_activate", lambda _server: None)
    with Server(Program(complete({"listen": "Proxy.example"})), 0) as server:
        assert server.is_own_host("http://proxy.example:8642")
        assert not server.is_own_host("http://other.example:8642")


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/x-www-form-urlencoded", 201),
        ("Application/X-WWW-Form-Urlencoded; charset=UTF-8", 201),
        ("application/json", 415),
        ("", 415),
    ],
)
def test_body_must_be_a_form(emulator: Emulator, content_type: str, status: int) -> None:
    reply = emulator.send("POST", LIST, headers={"Content-Type": content_type}, body=b"UniqueName=a")
    assert reply.status == status


@pytest.mark.parametrize("body", [b"UniqueName=%ff", "UniqueName=ë".encode(), b"\xff"])
def test_a_form_that_is_not_utf_8(emulator: Emulator, body: bytes) -> None:
    reply = emulator.send("POST", LIST, headers=FORM, body=body)
    assert (reply.status, reply.json["code"]) == (400, 20001)
    assert emulator.requests()[-1]["form"] == []


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 8 * 1024 * 1024])
def test_body_too_large(emulator: Emulator, size: int) -> None:
    reply = emulator.send("POST", LIST, headers=FORM, body=b"a" * size)
    assert (reply.status, reply.json["code"], reply.headers["connection"]) == (413, 20413, "close")


def test_largest_body(emulator: Emulator) -> None:
    start = b"UniqueName=a&More="
    assert emulator.send("POST", LIST, headers=FORM, body=start + b"a" * (1024 * 1024 - len(start))).status == 201


@pytest.mark.parametrize(
    ("header", "status"),
    [(b"Transfer-Encoding: chunked", b"411"), (b"Content-Length: x", b"400"), (b"Content-Length: -1", b"400")],
)
def test_body_of_unknown_length(emulator: Emulator, header: bytes, status: bytes) -> None:
    answer = exchange(emulator, b"POST /v1/Services HTTP/1.1\r\nHost: localhost\r\n" + header + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b"Connection: close" in answer


def test_incomplete_request_is_not_processed(emulator: Emulator) -> None:
    head = f"POST {LIST} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {emulator.authorization}\r\n"
    form = f"Content-Type: {FORM['Content-Type']}\r\nContent-Length: 100\r\n\r\nUniqueName=a"
    assert exchange(emulator, (head + form).encode()) == b""
    assert emulator.services() == []


def test_error_for_invalid_http_is_json(emulator: Emulator) -> None:
    answer = exchange(emulator, b"nonsense\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 Bad Request")
    assert b"application/json" in answer
    assert b"Twilio-Request-Id: RQ" in answer


def test_urls_without_a_host_header_are_those_of_the_server(emulator: Emulator) -> None:
    request = f"GET {LIST} HTTP/1.0\r\nAuthorization: {emulator.authorization}\r\n\r\n"
    assert f'"url": "{emulator.base_url}{LIST}?'.encode() in exchange(emulator, request.encode())


def test_head_has_no_body(emulator: Emulator) -> None:
    reply = emulator.send("HEAD", LIST)
    assert (reply.status, reply.body) == (405, b"")
    assert int(reply.headers["content-length"]) > 0


def test_connection_is_persistent_and_answers_are_not_delayed(emulator: Emulator) -> None:
    # A delayed acknowledgement would cost 40 ms each time.
    assert Handler.disable_nagle_algorithm
    headers = {"Authorization": emulator.authorization}
    connection = connect(emulator)
    for number in range(50):
        form = urllib.parse.urlencode({"UniqueName": str(number)})
        connection.request("POST", LIST, form, {**headers, **FORM})
        assert connection.getresponse().read()
        connection.request("GET", LIST, headers=headers)
        assert connection.getresponse().read()
    connection.close()
    assert len({request["connection"] for request in emulator.requests()}) == 1


def test_each_connection_has_a_number(emulator: Emulator) -> None:
    emulator.services()
    emulator.services()
    one, other = emulator.requests()
    assert one["connection"] != other["connection"]


def test_idle_connection_does_not_block_others(emulator: Emulator) -> None:
    idle = connect(emulator)
    idle.connect()
    assert emulator.services() == []
    idle.close()


def test_one_of_many_concurrent_creations_with_a_name_succeeds(emulator: Emulator) -> None:
    barrier = threading.Barrier(20)
    statuses: list[int] = []

    def create() -> None:
        barrier.wait(timeout=60)
        statuses.append(emulator.send("POST", LIST, {"UniqueName": "wanted"}).status)

    threads = [threading.Thread(target=create) for _number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(statuses) == [201] + [400] * 19
    assert len(emulator.services()) == 1


def test_log_has_requests_and_no_secret() -> None:
    with Emulator() as emulator:
        emulator.create(unique_name="a")
        emulator.send("GET", LIST + "?Secret=hush", headers={"Authorization": basic(ACCOUNT_SID, "hush")})
        exchange(emulator, b"\x1b[1m /\x1b[2J HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert f"POST {LIST} 201" in emulator.log
    assert f"GET {LIST} 401" in emulator.log
    assert "\\x1b[1m /\\x1b[2J 401" in emulator.log
    for secret in ("hush", AUTH_TOKEN, emulator.authorization, "Basic"):
        assert secret not in emulator.log


@pytest.mark.skipif(not FULL_DISK.exists(), reason="only Linux has /dev/full, a disk that is always full")
def test_requests_are_answered_with_a_full_disk() -> None:
    command = [sys.executable, "-B", str(PROGRAM), "serve", "--port", "0"]
    with (
        FULL_DISK.open("w") as disk,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=disk) as process,
    ):
        assert process.stdout is not None
        client = Emulator()
        client.base_url = json.loads(process.stdout.readline())["base_url"]
        client.create(unique_name="a")
        assert len(client.services()) == 1
        process.terminate()
