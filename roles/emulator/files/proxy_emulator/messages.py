# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests and answers, independent of HTTP sockets."""

from __future__ import annotations

import dataclasses
import http
import json
import typing as t

Pairs = t.Sequence[tuple[str, str]]


@dataclasses.dataclass(frozen=True)
class Request:
    """One HTTP request.

    ``path`` is percent-encoded, as it was sent, without the query. ``headers`` has lower-case names. ``base_url`` is
    the scheme and host of the request. ``connection`` is the number of the TCP connection.
    """

    method: str
    path: str
    query: Pairs
    headers: t.Mapping[str, str]
    body: bytes
    base_url: str
    connection: int


@dataclasses.dataclass(frozen=True)
class Answer:
    """One HTTP answer. The server adds the length, the date and the request ID."""

    status: int
    headers: t.Mapping[str, str]
    body: bytes

    @classmethod
    def of_json(cls, status: int, document: t.Any, headers: t.Mapping[str, str] | None = None) -> Answer:
        body = json.dumps(document, ensure_ascii=False).encode("utf-8")
        return cls(status, {"Content-Type": "application/json; charset=utf-8", **(headers or {})}, body)

    @classmethod
    def empty(cls) -> Answer:
        return cls(204, {}, b"")

    def document(self) -> t.Any:
        """Return the value of the JSON body. Raise ``ValueError`` if it is not JSON."""
        return json.loads(self.body)

    def succeeded(self) -> bool:
        return self.status < http.HTTPStatus.BAD_REQUEST
