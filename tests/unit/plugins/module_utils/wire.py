# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the wire: answers that are written down beforehand, and the requests that came for them."""

from __future__ import annotations

import io
import json
import typing as t
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter

from ansible_collections.twilio.proxy.plugins.module_utils._client import Client, Credentials
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE, Object

BASE_URL = "https://proxy.example.com"
LIST = "/v1/Services"
SID = "KS" + "1" * 32
OTHER_SID = "KS" + "2" * 32
ACCOUNT = "AC" + "0" * 32
REQUEST_ID = "RQ" + "f" * 32


class Answer(t.NamedTuple):
    """One answer: a dict or list is sent as JSON, a str as it is."""

    status: int
    body: t.Any = ""
    headers: t.Mapping[str, str] = {}


Step: t.TypeAlias = "Answer | Exception"
Request = tuple[str, str, dict[str, str]]


class Wire(BaseAdapter):
    """Plays the steps in order, one a request, and fails the test if a request comes for which there is none."""

    def __init__(self, *steps: Step) -> None:
        super().__init__()
        self.steps = list(steps)
        self.requests: list[Request] = []
        self.prepared: list[requests.PreparedRequest] = []
        self.arguments: list[dict[str, t.Any]] = []

    def send(self, request: requests.PreparedRequest, **arguments: t.Any) -> requests.Response:  # type: ignore[override]
        url = urlsplit(str(request.url))
        sent = parse_qsl(str(request.body or ""), keep_blank_values=True) or parse_qsl(url.query)
        self.requests.append((str(request.method), url.path, dict(sent)))
        self.prepared.append(request)
        self.arguments.append(arguments)
        assert self.steps, f"a request that nobody expected: {self.requests[-1]}"
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        response = requests.Response()
        response.status_code = step.status
        response.headers.update({"Twilio-Request-Id": REQUEST_ID, **step.headers})
        response.raw = io.BytesIO((step.body if isinstance(step.body, str) else json.dumps(step.body)).encode())
        response.url, response.request = str(request.url), request
        return response

    def close(self) -> None:
        """There is nothing to close."""


class Waits(list[float]):
    """The seconds that a client wanted to wait."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def client(wire: Wire, retries: int = 3, base_url: str = BASE_URL, **options: t.Any) -> Client:
    """A client that speaks to the wire, and does not wait."""
    made = Client(
        base_url,
        options.pop("credentials", Credentials(ACCOUNT, "a-token")),
        retries=retries,
        **{"timeout": 7, "verify": True, "agent": "", "sleep": Waits(), "jitter": lambda: 0.0, **options},
    )
    made._session.mount("https://", wire)
    made._session.mount("http://", wire)
    return made


def service(**fields: t.Any) -> Object:
    """A Service as the API answers it."""
    return {
        "sid": SID,
        "account_sid": ACCOUNT,
        "unique_name": "rides",
        "callback_url": None,
        "chat_instance_sid": None,
        "default_ttl": 0,
        "geo_match_level": "country",
        "intercept_callback_url": None,
        "number_selection_behavior": "prefer-sticky",
        "out_of_session_callback_url": None,
        "date_created": "2026-11-23T08:00:00Z",
        "date_updated": "2026-11-23T08:00:00Z",
        "url": f"{BASE_URL}{LIST}/{SID}",
        "links": {"sessions": f"{BASE_URL}{LIST}/{SID}/Sessions"},
        **fields,
    }


def page(*services: Object, following: str | None = None) -> Answer:
    """A page of the list; ``following`` is its next_page_url."""
    return Answer(200, {SERVICE.list_key: list(services), "meta": {"key": "services", "next_page_url": following}})


def error(status: int, code: int | None = None, message: str = "No.", **headers: str) -> Answer:
    """An error in Twilio's form."""
    body = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return Answer(status, {name: value for name, value in body.items() if value is not None}, headers)


ABSENT = error(400, SERVICE.absent_code, SERVICE.absent_message)
TAKEN = error(400, SERVICE.taken_code, "Service UniqueName must be unique.")
