# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands beside the emulator: a port at which nobody listens, an origin that is none of the client's business, a
server whose answers come in drops, and the line between all these and a client."""

from __future__ import annotations

import contextlib
import http.server
import re
import socket
import threading
import time
import typing as t
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

SECONDS_BETWEEN_DROPS = 0.05
DROPS = 100
ENDLESS = 500  # requests in one task


@contextlib.contextmanager
def closed_port() -> t.Iterator[int]:
    """A port of this machine that refuses connections, and that nobody else gets meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


class Server(http.server.ThreadingHTTPServer):
    """Serves for as long as the ``with`` lasts."""

    daemon_threads = True

    def __init__(self, handler: type[http.server.BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)

    def __enter__(self) -> t.Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def port(self) -> int:
        return self.server_address[1]

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """A client that leaves is no news."""


class Elsewhere(Server):
    """An origin that notes whoever connects. It must stay without a guest."""

    def __init__(self) -> None:
        super().__init__(http.server.BaseHTTPRequestHandler)
        self.guests = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def verify_request(self, request: t.Any, client_address: t.Any) -> bool:  # noqa: ARG002  (the base names them)
        self.guests += 1
        return False


class Dripping(Server):
    """Answers for an emulator, so slowly that the answer does not end in time although data keep coming.

    ``carries_out`` says whether the emulator gets the request.
    """

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(_Drip)
        self.emulator = emulator
        self.carries_out = False


class _Drip(http.server.BaseHTTPRequestHandler):
    server: Dripping

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.server.carries_out:
            headers = {"Content-Type": self.headers.get("Content-Type", "")}
            self.server.emulator.send(self.command, self.path, headers=headers, body=body)
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
        with contextlib.suppress(OSError):
            for _drop in range(DROPS):
                time.sleep(SECONDS_BETWEEN_DROPS)
                self.wfile.write(b" ")

    do_POST = do_DELETE = do_GET  # noqa: N815  (the base wants these names)

    def log_message(self, format: str, *_arguments: t.Any) -> None:  # noqa: A002  (the base names it)
        """Nothing is logged."""


@dataclass
class Diversion:
    """Sends the requests of a method and a path to another port: after ``skip`` others, and ``times`` times (None: for
    ever). ``used`` counts them."""

    method: str
    path: str
    skip: int
    times: int | None
    port: int
    used: int = 0

    def takes(self, request: requests.PreparedRequest) -> bool:
        """Whether this request goes to the other port; counts it."""
        if request.method != self.method or not re.fullmatch(self.path, urlsplit(str(request.url)).path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.used == self.times:
            return False
        self.used += 1
        return True


class Line(HTTPAdapter):
    """The way of a client's requests, which notes them, and on which some may be diverted."""

    def __init__(self, diversion: Diversion | None = None) -> None:
        super().__init__()
        self.diversion = diversion
        self.sent: list[tuple[str, str]] = []

    def send(self, request: requests.PreparedRequest, *args: t.Any, **kwargs: t.Any) -> requests.Response:
        self.sent.append((str(request.method), str(request.url)))
        if len(self.sent) > ENDLESS:
            raise RuntimeError(f"There is no end of requests, the last is {self.sent[-1]}")
        if self.diversion is not None and self.diversion.takes(request):
            parts = urlsplit(str(request.url))
            request.url = parts._replace(netloc=f"127.0.0.1:{self.diversion.port}").geturl()
        return super().send(request, *args, **kwargs)
