# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator over HTTP/1.1."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.server
import ipaddress
import itertools
import os
import secrets
import socket
import socketserver
import struct
import sys
import time
import traceback
import typing as t
import urllib.parse

from .control import Control
from .errors import Refusal, error_document
from .faults import HALF, NOTHING, WHOLE, Delivery
from .messages import Answer, Request
from .state import Emulator

LARGEST_BODY = 1024 * 1024
# A reset can bring the objects of large accounts.
LARGEST_CONTROL_BODY = 64 * LARGEST_BODY
# Maximum number of digits of Content-Length.
LONGEST_LENGTH = 18
# A client that is still sending does not read the answer, so a rejected body is read up to this size.
LARGEST_DISCARD = 16 * LARGEST_BODY
IDLE_SECONDS = 65
STDERR = 2
# With a linger time of zero, closing a socket resets the connection.
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def base_url(host: str, port: int) -> str:
    """Return the URL of a server that listens on the address, for a client on this machine."""
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  (compared, not bound)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(http.server.ThreadingHTTPServer):
    """The HTTP server, with a thread for each connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, emulator: Emulator, port: int) -> None:
        self.emulator = emulator
        self.control = Control(emulator)
        self.connections = itertools.count(1)
        listen = emulator.start_settings["listen"]
        self.names = {"localhost", listen.lower(), socket.gethostname().lower()}
        self.address_family = socket.AF_INET6 if ":" in listen else socket.AF_INET
        super().__init__((listen, port), Handler)

    @property
    def base_url(self) -> str:
        return base_url(self.emulator.start_settings["listen"], self.server_address[1])

    def is_own_host(self, url: str) -> bool:
        """Return whether the host is an IP address or a name of this machine.

        Any port is accepted, because it may be forwarded. A web page can make a name of its own resolve to this
        machine (DNS rebinding), but none of these.
        """
        name = ""
        try:
            name = (urllib.parse.urlsplit(url).hostname or "").rstrip(".")
            ipaddress.ip_address(name)
        except ValueError:
            return name in self.names
        return True

    def authenticates(self, headers: t.Mapping[str, str], is_control: bool) -> bool:
        """Return whether the headers hold valid credentials."""
        if is_control:
            return self.control.authenticates(headers)
        return self.emulator.state.api.credentials.account_sid(headers) is not None

    def server_bind(self) -> None:
        # http.server would look up the name of the machine here, which can take seconds and is not needed.
        socketserver.TCPServer.server_bind(self)

    def shutdown_request(self, request: t.Any) -> None:
        lingering, _seconds = struct.unpack("ii", request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))
        if lingering:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:  # noqa: ARG002  (signature of the base class)
        if not isinstance(sys.exc_info()[1], OSError):
            log(traceback.format_exc())


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    # Buffered, so that head and body leave in one packet.
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self.number = next(self.server.connections)

    def __getattr__(self, name: str) -> t.Callable[[], None]:
        # The API answers all methods, also unknown ones.
        if name.startswith("do_"):
            return self._handle
        raise AttributeError(name)

    def _handle(self) -> None:
        started = time.monotonic()
        path, _mark, query = self.path.partition("?")
        is_control = self.server.control.handles(path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        base_url = "http://" + headers["host"] if headers.get("host") else self.server.base_url
        fault = None
        try:
            request = Request(
                method=self.command,
                path=path,
                query=urllib.parse.parse_qsl(query, keep_blank_values=True, errors="replace"),
                headers=headers,
                body=self._body(headers, base_url, is_control),
                base_url=base_url,
                connection=self.number,
            )
            if is_control:
                delivery = Delivery(self.server.control.answer(request))
            else:
                delivery, entry = self.server.emulator.state.deliver(request)
                fault = entry.fault
                entry.status = delivery.answer.status if delivery.extent == WHOLE else None
        except Refusal as refusal:
            delivery = Delivery(refusal.answer)
        except OSError:
            raise  # The client has closed the connection.
        except Exception:  # noqa: BLE001  (a bug is answered with 500)
            log(traceback.format_exc())
            delivery = Delivery(Answer.of_json(500, error_document(500, 20500, "Internal Server Error")))
        milliseconds = round((time.monotonic() - started) * 1000)
        result = delivery.answer.status if delivery.extent == WHOLE else f"cut ({delivery.extent} sent)"
        # Logged before it is sent, so that a client that has the answer finds it in the log.
        log(f"{self.command} {path} {result} {milliseconds} ms" + (f" fault={fault}" if fault else ""))
        self._send(delivery)

    def _body(self, headers: t.Mapping[str, str], base_url: str, is_control: bool) -> bytes:
        """Return the body of an accepted request. The body of any other is read and dropped."""
        length = self._length(headers)
        largest = LARGEST_CONTROL_BODY if is_control else LARGEST_BODY
        authenticated = self.server.authenticates(headers, is_control)
        refusal = None
        if not self.server.is_own_host(base_url):
            names = ", ".join(sorted(self.server.names))
            refusal = Refusal(403, None, f"The emulator answers only to IP addresses and {names}, not to this Host")
        elif headers.get("origin", base_url) != base_url:
            refusal = Refusal(403, None, "The emulator does not answer to web pages (the header Origin)")
        elif authenticated and length > largest:
            refusal = Refusal(413, 20413, f"The body is larger than {largest} bytes")
        if refusal is not None or not authenticated:
            self._discard(length)
            length = 0
        if refusal is not None:
            raise refusal
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionError("The client closed the connection during its request")
        return body

    def _length(self, headers: t.Mapping[str, str]) -> int:
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers:
            self.close_connection = True
            raise Refusal(411, None, "A body needs the header Content-Length")
        if not (length.isascii() and length.isdecimal() and len(length) <= LONGEST_LENGTH):
            self.close_connection = True
            raise Refusal(400, None, "Content-Length is not a number")
        return int(length)

    def _discard(self, length: int) -> None:
        """Read and drop the body, so that a client that is still sending can read the answer."""
        self.close_connection = self.close_connection or length > 0
        length = min(length, LARGEST_DISCARD)
        while length > 0:
            chunk = self.rfile.read(min(length, 65536))
            if not chunk:
                break
            length -= len(chunk)

    def _send(self, delivery: Delivery) -> None:
        if delivery.extent == NOTHING:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            self.close_connection = True
            return
        head, body = self._head(delivery.answer), self._sent_body(delivery.answer)
        if delivery.extent == HALF:
            self.close_connection = True
            head, body = (head, body[: len(body) // 2]) if body else (head[: len(head) // 2], b"")
        self.wfile.write(head + body)
        self.wfile.flush()

    def _head(self, answer: Answer) -> bytes:
        headers = {
            "Server": "twilio-proxy-emulator",
            "Date": self.date_time_string(),
            "Twilio-Request-Id": "RQ" + secrets.token_hex(16),
        }
        if answer.status not in (204, 304):
            headers["Content-Length"] = str(len(answer.body))
        if self.close_connection:
            headers["Connection"] = "close"
        given = {name.lower() for name in answer.headers}
        headers = {name: value for name, value in headers.items() if name.lower() not in given}
        headers.update(answer.headers)
        lines = [
            f"HTTP/1.1 {answer.status} {_phrase(answer.status)}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _sent_body(self, answer: Answer) -> bytes:
        return b"" if self.command == "HEAD" or answer.status in (204, 304) else answer.body

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002  (signature of the base class)
        """Answer a request that is not valid HTTP."""
        self.close_connection = True
        text = message or _phrase(code)
        log(f"error {code} {text}")
        self._send(Delivery(Answer.of_json(code, error_document(code, None, text))))


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return ""


def log(text: str) -> None:
    """Write one line or a traceback to standard error. It contains no header and no query, hence no secret.

    Control characters are escaped. Errors are ignored, so that requests are answered also when the disk is full.
    """
    time_text = dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    lines = [ascii(line)[1:-1] for line in text.splitlines()]
    with contextlib.suppress(OSError):
        os.write(STDERR, ("\n".join([f"{time_text} {lines[0]}", *lines[1:]]) + "\n").encode("ascii"))
