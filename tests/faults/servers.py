# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers beside the emulator (a closed port, another host, a slow one), and the adapter that diverts requests."""

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

SECONDS_BETWEEN_CHUNKS = 0.05
CHUNKS = 100
MAX_REQUESTS = 500  # requests in one task


@contextlib.contextmanager
def closed_port() -> t.Iterator[int]:
    """Return a port of this machine that refuses connections, reserved for the duration of the ``with``."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


class Server(http.server.ThreadingHTTPServer):
    """A server that runs for the duration of the ``with``."""

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
        """Ignore clients that close the connection."""


class OtherHost(Server):
    """Another host. It counts connections and refuses them: no client may connect to it."""

    def __init__(self) -> None:
        super().__init__(http.server.BaseHTTPRequestHandler)
        self.connections = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def verify_request(self, request: t.Any, client_address: t.Any) -> bool:  # noqa: ARG002  (the base names them)
        self.connections += 1
        return False


class SlowServer(Server):
    """A server that sends its answer so slowly that it exceeds the timeout, although data keeps coming.

    ``applies_requests``: whether it passes the request on to the emulator.
    """

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(_SlowHandler)
        self.emulator = emulator
        self.applies_requests = False


class _SlowHandler(http.server.BaseHTTPRequestHandler):
    server: SlowServer

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.server.applies_requests:
            headers = {"Content-Type": self.headers.get("Content-Type", "")}
            self.server.emulator.send(self.command, self.path, headers=headers, body=body)
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
        with contextlib.suppress(OSError):
            for _number in range(CHUNKS):
                time.sleep(SECONDS_BETWEEN_CHUNKS)
                self.wfile.write(b" ")

    do_POST = do_DELETE = do_GET  # noqa: N815  (the base wants these names)

    def log_message(self, format: str, *_arguments: t.Any) -> None:  # noqa: A002  (the base names it)
        """Log nothing."""


@dataclass
class Diversion:
    """Sends requests of a method and a path to another port.

    It leaves the first ``skip`` of them alone, and diverts the next ``times`` (None: all). ``used`` counts these.
    """

    method: str
    path: str
    skip: int
    times: int | None
    port: int
    used: int = 0

    def diverts(self, request: requests.PreparedRequest) -> bool:
        """Return whether this request goes to the other port, and count it."""
        if request.method != self.method or not re.fullmatch(self.path, urlsplit(str(request.url)).path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.used == self.times:
            return False
        self.used += 1
        return True


class RecordingAdapter(HTTPAdapter):
    """A transport adapter that records the requests of a client and may divert some."""

    def __init__(self, diversion: Diversion | None = None) -> None:
        super().__init__()
        self.diversion = diversion
        self.sent: list[tuple[str, str]] = []

    def send(self, request: requests.PreparedRequest, *args: t.Any, **kwargs: t.Any) -> requests.Response:
        self.sent.append((str(request.method), str(request.url)))
        if len(self.sent) > MAX_REQUESTS:
            raise RuntimeError(f"More than {MAX_REQUESTS} requests, the last is {self.sent[-1]}")
        if self.diversion is not None and self.diversion.diverts(request):
            parts = urlsplit(str(request.url))
            request.url = parts._replace(netloc=f"127.0.0.1:{self.diversion.port}").geturl()
        return super().send(request, *args, **kwargs)
