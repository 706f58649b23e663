# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can stand between a client and the emulator: TLS, and a proxy. Both remember what they were told."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
import typing as t

TIMEOUT_SECONDS = 30


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    tls: ssl.SSLContext | None = None
    target = 0
    heads: list[bytes]
    status = b"200 Connection established"

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """A client that breaks off is what some tests are about."""


@contextlib.contextmanager
def _serving(handler: type[socketserver.BaseRequestHandler]) -> t.Iterator[_Server]:
    with _Server(("127.0.0.1", 0), handler) as server:
        server.heads = []
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
            _relay(client, self.server.target, self.server.heads)


class _ProxyHandler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            received = self.request.recv(65536)
            if not received:
                return
            head += received
        self.server.heads.append(head)
        tunnel = head.startswith(b"CONNECT ") and self.server.status.startswith(b"200")
        self.request.sendall(b"HTTP/1.1 " + (self.server.status if tunnel else b"403 No") + b"\r\n\r\n")
        if tunnel:
            _relay(self.request, int(head.split()[1].rpartition(b":")[2]), [])


def _relay(client: socket.socket, port: int, heads: list[bytes]) -> None:
    """Carries bytes both ways until both sides are done; remembers the first that the client sends."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS) as server:
        back = threading.Thread(target=_carry, args=(server, client, None), daemon=True)
        back.start()
        _carry(client, server, heads)
        back.join()


def _carry(source: socket.socket, destination: socket.socket, heads: list[bytes] | None) -> None:
    with contextlib.suppress(OSError):
        while received := source.recv(65536):
            if heads is not None:
                heads.append(received)
            destination.sendall(received)
        destination.shutdown(socket.SHUT_WR)


class Front(t.NamedTuple):
    """Where it listens, and the first bytes of what came."""

    port: int
    heads: list[bytes]


@contextlib.contextmanager
def tls_front(port: int, context: ssl.SSLContext) -> t.Iterator[Front]:
    """TLS in front of what listens on a loopback port; ``heads`` is the plain text that went through."""
    with _serving(_TlsHandler) as server:
        server.tls, server.target = context, port
        yield Front(server.server_address[1], server.heads)


@contextlib.contextmanager
def proxy(status: bytes = b"200 Connection established") -> t.Iterator[Front]:
    """A proxy that opens tunnels to loopback ports, or answers CONNECT with another status, and refuses all else."""
    with _serving(_ProxyHandler) as server:
        server.status = status
        yield Front(server.server_address[1], server.heads)
