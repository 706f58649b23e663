# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transport adapters with prepared answers, which record the requests."""

from __future__ import annotations

import io
import json
import threading
import typing as t
from urllib.parse import parse_qsl, urlsplit

import requests
import urllib3
from requests.adapters import BaseAdapter

from ansible_collections.twilio.proxy.plugins.module_utils._client import Client, Credentials
from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER, SERVICE, Object, Resource

BASE_URL = "https://proxy.example.com"
LIST = "/v1/Services"
SID = "KS" + "1" * 32
OTHER_SID = "KS" + "2" * 32
NUMBER_SID = "PN" + "1" * 32
OTHER_NUMBER_SID = "PN" + "2" * 32
SESSION_SID, PARTICIPANT_SID, INTERACTION_SID = (prefix + "1" * 32 for prefix in ("KC", "KP", "KI"))
ACCOUNT = "AC" + "0" * 32
REQUEST_ID = "RQ" + "f" * 32


class Answer(t.NamedTuple):
    """One answer: a dict or list is sent as JSON, a str or bytes as they are."""

    status: int
    body: t.Any = ""
    headers: t.Mapping[str, str] = {}


Step: t.TypeAlias = "Answer | Exception"
Request = tuple[str, str, dict[str, str]]


def as_sent(request: requests.PreparedRequest) -> Request:
    """Return the method, the path, and the form or else the query."""
    url = urlsplit(str(request.url))
    sent = parse_qsl(str(request.body or ""), keep_blank_values=True) or parse_qsl(url.query)
    return str(request.method), url.path, dict(sent)


class Wire(BaseAdapter):
    """Answers the requests with the steps in order, and fails the test if there is a request without a step."""

    def __init__(self, *steps: Step) -> None:
        super().__init__()
        self.steps = list(steps)
        self.requests: list[Request] = []
        self.prepared: list[requests.PreparedRequest] = []
        self.arguments: list[dict[str, t.Any]] = []

    def send(self, request: requests.PreparedRequest, **arguments: t.Any) -> requests.Response:  # type: ignore[override]
        self.requests.append(as_sent(request))
        self.prepared.append(request)
        self.arguments.append(arguments)
        assert self.steps, f"unexpected request: {self.requests[-1]}"
        return respond(request, self.steps.pop(0))

    def close(self) -> None:
        """There is nothing to close."""


def respond(request: requests.PreparedRequest, step: Step) -> requests.Response:
    """Return the response of the step, or raise its exception."""
    if isinstance(step, Exception):
        raise step
    response = requests.Response()
    response.status_code = step.status
    response.headers.update({"Twilio-Request-Id": REQUEST_ID, **step.headers})
    body = step.body if isinstance(step.body, (str, bytes)) else json.dumps(step.body)
    content = body if isinstance(body, bytes) else body.encode()
    response.raw = urllib3.HTTPResponse(io.BytesIO(content), preload_content=False)
    response.url, response.request = str(request.url), request
    return response


class Router(BaseAdapter):
    """Answers the requests of each method and path with its steps in order, for several clients at once.

    A step may be a function that returns it. It is called while the request is in flight, and may block.
    """

    def __init__(self, steps: t.Mapping[tuple[str, str], t.Sequence[Step | t.Callable[[], Step]]]) -> None:
        super().__init__()
        self.steps = {route: list(of_route) for route, of_route in steps.items()}
        self.requests: list[Request] = []
        self._lock = threading.Lock()

    def send(self, request: requests.PreparedRequest, **_arguments: t.Any) -> requests.Response:  # type: ignore[override]
        received = as_sent(request)
        with self._lock:
            self.requests.append(received)
            steps = self.steps.get(received[:2])
            assert steps, f"unexpected request: {received}"
            step = steps.pop(0)
        return respond(request, step() if callable(step) else step)

    def close(self) -> None:
        """There is nothing to close."""


class Waits(list[float]):
    """Records the seconds of each wait of a client, instead of waiting."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def client(wire: Wire | Router, retries: int = 3, base_url: str = BASE_URL, **options: t.Any) -> Client:
    """Return a client that uses the wire and does not wait."""
    new_client = Client(
        base_url,
        options.pop("credentials", Credentials(ACCOUNT, "a-token")),
        retries=retries,
        **{"timeout": 7, "verify": True, "agent": "", "sleep": Waits(), "jitter": lambda: 0.0, **options},
    )
    new_client._session.mount("https://", wire)
    new_client._session.mount("http://", wire)
    return new_client


def service(**fields: t.Any) -> Object:
    """Return a Service as the API returns it."""
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


def number(**fields: t.Any) -> Object:
    """Return a phone number of a Service as the API returns it."""
    found = {
        "sid": NUMBER_SID,
        "account_sid": ACCOUNT,
        "service_sid": SID,
        "phone_number": "+12025550101",
        "friendly_name": "(202) 555-0101",
        "iso_country": "US",
        "capabilities": {"voice": True, "sms_inbound": True},
        "is_reserved": False,
        "in_use": 0,
        "date_created": "2026-11-23T08:00:00Z",
        "date_updated": "2026-11-23T08:00:00Z",
        **fields,
    }
    return {**found, "url": f"{BASE_URL}{pool(found['service_sid'])}/{found['sid']}"}


def pool(service_sid: str) -> str:
    """Return the path of the phone numbers of the Service with this SID."""
    return f"{LIST}/{service_sid}/PhoneNumbers"


def session(**fields: t.Any) -> Object:
    """Return a Session as the API returns it."""
    unset = ("closed_reason", "date_started", "date_ended", "date_last_interaction")
    return {
        "sid": SESSION_SID,
        "account_sid": ACCOUNT,
        "service_sid": SID,
        "unique_name": "ride 1",
        "mode": "voice-and-message",
        "status": "open",
        "ttl": 0,
        "date_expiry": "2026-12-01T08:00:00Z",
        **dict.fromkeys(unset),
        **_of_resource(sessions(), SESSION_SID, "participants"),
        **fields,
    }


def participant(**fields: t.Any) -> Object:
    """Return a Participant as the API returns it."""
    return {
        "sid": PARTICIPANT_SID,
        "account_sid": ACCOUNT,
        "service_sid": SID,
        "session_sid": SESSION_SID,
        "identifier": "+12025550142",
        "friendly_name": "rider",
        "proxy_identifier": "+12025550101",
        "proxy_identifier_sid": NUMBER_SID,
        "date_deleted": None,
        **_of_resource(sessions("Participants"), PARTICIPANT_SID, "message_interactions"),
        **fields,
    }


def interaction(**fields: t.Any) -> Object:
    """Return an Interaction as the API returns it."""
    resource = {"sid": "SM" + "1" * 32, "status": "delivered", "type": "Message", "url": "https://api.example.com/1"}
    of_sides = {f"{side}_resource_{name}": text for side in ("inbound", "outbound") for name, text in resource.items()}
    found = {
        "sid": INTERACTION_SID,
        "account_sid": ACCOUNT,
        "service_sid": SID,
        "session_sid": SESSION_SID,
        "type": "message",
        "data": '{"body": "I am here"}',
        "inbound_participant_sid": PARTICIPANT_SID,
        "outbound_participant_sid": "KP" + "2" * 32,
        **of_sides,
        **_of_resource(sessions("Interactions"), INTERACTION_SID),
        **fields,
    }
    del found["links"]
    return found


def _of_resource(path: str, sid: str, *links: str) -> Object:
    dates = dict.fromkeys(("date_created", "date_updated"), "2026-11-23T08:00:00Z")
    url = f"{BASE_URL}{path}/{sid}"
    return {**dates, "url": url, "links": {name: f"{url}/{name.title()}" for name in links}}


def sessions(below: str | None = None) -> str:
    """Return the path of the Sessions of the Service, or of a list below the Session."""
    path = f"{LIST}/{SID}/Sessions"
    return path if below is None else f"{path}/{SESSION_SID}/{below}"


def page(*objects: Object, following: str | None = None, of: Resource = SERVICE) -> Answer:
    """Return a page of the list; ``following`` is its next_page_url."""
    return Answer(200, {of.list_key: list(objects), "meta": {"key": of.list_key, "next_page_url": following}})


def numbers(*objects: Object) -> Answer:
    """Return the only page of the list of a Service's phone numbers."""
    return page(*objects, of=PHONE_NUMBER)


def error(status: int, code: int | None = None, message: str = "No.", **headers: str) -> Answer:
    """Return an error in Twilio's form."""
    body = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return Answer(status, {name: value for name, value in body.items() if value is not None}, headers)


ABSENT = error(400, SERVICE.absent_code, SERVICE.absent_message)
TAKEN = error(400, SERVICE.taken_code, "Service UniqueName must be unique.")
NUMBER_ABSENT = error(400, PHONE_NUMBER.absent_code, PHONE_NUMBER.absent_message)
NUMBER_TAKEN = error(400, PHONE_NUMBER.taken_code, "The phone number is in this Service already.")
