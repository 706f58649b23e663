# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers between a client and the emulator, which record what they receive: one for TLS, and a proxy."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
import typing as t

TIMEOUT_SECONDS = 60


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    tls: ssl.SSLContext | None = None
    target_port = 0
    received: list[bytes]
    status = b"200 Connection established"

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """Print nothing: some tests make the client close the connection early."""


@contextlib.contextmanager
def _running(handler: type[socketserver.BaseRequestHandler]) -> t.Iterator[_Server]:
    with _Server(("127.0.0.1", 0), handler) as server:
        server.received = []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _TlsHandler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        assert self.server.tls is not None
        with self.server.tls.wrap_socket(self.request, server_side=True) as client:
            _relay(client, self.server.target_port, self.server.received)


class _ProxyHandler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            received = self.request.recv(65536)
            if not received:
                return
            head += received
        self.server.received.append(head)
        tunnel = head.startswith(b"CONNECT ") and self.server.status.startswith(b"200")
        self.request.sendall(b"HTTP/1.1 " + (self.server.status if tunnel else b"403 No") + b"\r\n\r\n")
        if tunnel:
            _relay(self.request, int(head.split()[1].rpartition(b":")[2]), [])


def _relay(client: socket.socket, port: int, received: list[bytes]) -> None:
    """Copy bytes in both directions until both sides are closed, and record those of the client."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS) as server:
        answers = threading.Thread(target=_copy, args=(server, client, None), daemon=True)
        answers.start()
        _copy(client, server, received)
        answers.join()


def _copy(source: socket.socket, destination: socket.socket, received: list[bytes] | None) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            if received is not None:
                received.append(data)
            destination.sendall(data)
    # Also after a reset, which the other side would not notice before its timeout.
    with contextlib.suppress(OSError):
        destination.shutdown(socket.SHUT_WR)


class Listener(t.NamedTuple):
    """The port of a server, and the bytes that it received."""

    port: int
    received: list[bytes]


@contextlib.contextmanager
def tls_server(port: int, context: ssl.SSLContext) -> t.Iterator[Listener]:
    """Run a TLS server that forwards to a server on a loopback port. ``received`` is the decrypted text."""
    with _running(_TlsHandler) as server:
        server.tls, server.target_port = context, port
        yield Listener(server.server_address[1], server.received)


@contextlib.contextmanager
def proxy(status: bytes = b"200 Connection established") -> t.Iterator[Listener]:
    """Run a proxy that opens tunnels to loopback ports. ``received`` has the heads of the requests to the proxy.

    With another status than 200, it answers CONNECT with that. It answers all other methods with 403.
    """
    with _running(_ProxyHandler) as server:
        server.status = status
        yield Listener(server.server_address[1], server.received)
