# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module in this process against the emulator's API, without sockets: a fault needs no time and no luck."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import re
import threading
import typing as t
from dataclasses import dataclass, field
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

import requests
import urllib3
from ansible.module_utils.common import warnings
from ansible.module_utils.testing import patch_module_args
from proxy_emulator.collection import Collection
from proxy_emulator.faults import HALF, KINDS, NOTHING, Barriers, Delivery, FaultError
from proxy_emulator.faults import Case as FaultyRequest
from proxy_emulator.messages import Request
from proxy_emulator.state import State
from requests.adapters import BaseAdapter

from ansible_collections.twilio.proxy.plugins.module_utils import _client
from ansible_collections.twilio.proxy.plugins.module_utils._module import Module

Json = dict[str, t.Any]

# Nothing listens there. With https, requests would look for a proxy in the environment at each request.
BASE_URL = "http://127.0.0.1"
MAX_REQUESTS = 300  # of one task
SECONDS = 60  # for requests that wait for each other; only a failing test takes as long
SID = re.compile("[A-Z]{2}[0-9a-f]{32}")
DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+Z")


@dataclass(frozen=True, repr=False)
class Sent:
    """A request as it was sent. ``key`` is the same in every run of a task: new SIDs are left out of it.

    ``has_next``: the client asked for the next page after it.
    """

    method: str
    url: str
    form: Json
    key: tuple[str, str, str]
    has_next: bool = False

    def __repr__(self) -> str:
        return " ".join(self.key)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def is_about_list(self) -> bool:
        return SID.fullmatch(self.path.rpartition("/")[2]) is None

    @property
    def list_path(self) -> str:
        return self.path if self.is_about_list else self.path.rpartition("/")[0]

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def is_once(self) -> bool:
        """Whether the client has to read before it may send the request again, if it may have been applied."""
        return self.creates or "Status" in self.form

    @property
    def creates(self) -> bool:
        return self.method == "POST" and self.is_about_list


class Injection(t.Protocol):
    """Decides which requests meet a fault."""

    def fault_for(self, sent: Sent) -> Json | None:
        """Return the fault that this request meets, as the emulator has it, or of the kind refused or timeout."""


@dataclass
class Together:
    """The first ``number`` requests of a method are answered when the last of them has been processed."""

    method: str
    number: int


class Wire(BaseAdapter):
    """A transport adapter with the emulator behind it. ``sent`` are the requests to it, ``applied`` those that wrote.

    ``waits`` are the seconds that its clients would have waited. Without a fault, ``snapshots`` are the account before
    the first request and after each write.
    """

    def __init__(self, settings: Json, injection: Injection | None = None, together: Together | None = None) -> None:
        super().__init__()
        self.state = State(settings)
        self.known_sids = set(SID.findall(json.dumps(settings)))
        (account,) = settings["accounts"]
        self._collections = self.state.api.collections(account["account_sid"])
        self._account_lock = next(iter(self._collections.values())).account.lock
        self._lock = threading.Lock()
        self.injection: Injection | None = None
        self._late: list[FaultyRequest] = []
        self.restart(together)
        self.injection = injection
        self.snapshots = None if injection else [self.account()]

    def restart(self, together: Together | None = None) -> None:
        """Apply what is late, and forget the fault and the requests."""
        for request in self._late:
            request.apply()
        self._late = []
        self.injection = None
        self.sent: list[Sent] = []
        self.applied: list[Sent] = []
        self.waits: list[float] = []
        self._together = together
        self._barrier = threading.Barrier(together.number, timeout=SECONDS) if together else None

    def account(self) -> Json:
        """Return the objects of the account, without SIDs that are new, dates, and what was deleted."""
        with self._account_lock:
            return self._documents(self._collections)

    def _documents(self, collections: t.Mapping[str, Collection]) -> Json:
        found = {}
        for collection in collections.values():
            items = [
                {
                    **{name: _value(value) for name, value in record.values.items()},
                    "sid": record.sid if record.sid in self.known_sids else None,
                    **self._documents(collection.children(record.sid)),
                }
                for record in collection._records.values()
                if not record.values.get("date_deleted")
            ]
            found[collection.resource.key] = sorted(items, key=str)
        return found

    def objects(self) -> dict[str, Json]:
        """Return the objects of the account by their paths."""
        found: dict[str, Json] = {}
        waiting = [self._collections]
        while waiting:
            for collection in waiting.pop().values():
                for sid, record in collection._records.items():
                    found[f"{collection.path}/{sid}"] = {
                        name: None if value == "" else value for name, value in record.values.items()
                    }
                    waiting.append(collection.children(sid))
        return found

    def send(self, request: requests.PreparedRequest, **_arguments: t.Any) -> requests.Response:  # type: ignore[override]
        sent = self._as_sent(request)
        received = self._as_received(request, sent)
        with self._lock:
            self.sent.append(sent)
            fault = self.injection.fault_for(sent) if self.injection else None
            barrier = self._barrier if self._is_held(sent) else None
        if len(self.sent) > MAX_REQUESTS:
            raise RuntimeError(f"More than {MAX_REQUESTS} requests, the last is {sent}")
        try:
            return _response(request, self._deliver(sent, received, fault))
        finally:
            if received.applied and sent.writes:
                with self._lock:
                    self.applied.append(sent)
                    if self.snapshots is not None:
                        self.snapshots.append(self.account())
            if barrier is not None:
                barrier.wait()

    def _is_held(self, sent: Sent) -> bool:
        """Whether the answer waits for other requests."""
        together = self._together
        if together is None or sent.method != together.method:
            return False
        return sum(other.method == sent.method for other in self.sent) <= together.number

    def _deliver(self, sent: Sent, received: FaultyRequest, fault: Json | None) -> Delivery:
        kind = fault and fault["kind"]
        if not sent.url.startswith(f"{BASE_URL}/") or kind == "refused":
            refused = urllib3.exceptions.NewConnectionError(t.cast(t.Any, None), "Connection refused")
            raise requests.ConnectionError(urllib3.exceptions.MaxRetryError(t.cast(t.Any, None), "", refused))
        if fault is None:
            return Delivery(received.apply())
        if kind != "timeout":
            try:
                return KINDS[fault["kind"]].apply(fault, received)
            except FaultError:  # the request of another client was refused
                return Delivery(received.apply())
        if fault["applied"] == "yes":
            received.apply()
        elif fault["applied"] == "late":
            self._late.append(received)
        raise requests.ReadTimeout("Read timed out.")

    def _as_sent(self, request: requests.PreparedRequest) -> Sent:
        url = str(request.url)
        form = dict(parse_qsl(str(request.body or ""), keep_blank_values=True))
        parts = urlsplit(url)
        texts = (str(request.method), f"{parts.path}?{parts.query}", json.dumps(form))
        method, target, values = (
            SID.sub(lambda found: found[0] if found[0] in self.known_sids else "new", text) for text in texts
        )
        return Sent(method, url, form, (method, target, values))

    def _as_received(self, request: requests.PreparedRequest, sent: Sent) -> FaultyRequest:
        headers = {name.lower(): str(value) for name, value in request.headers.items()}
        received = Request(
            method=sent.method,
            path=sent.path,
            query=parse_qsl(urlsplit(sent.url).query, keep_blank_values=True),
            headers=headers,
            body=str(request.body or "").encode("ascii"),
            base_url=BASE_URL,
            connection=1,
        )
        return FaultyRequest(self.state.api, received, self.state.api.credentials.account_sid(headers), Barriers())

    def close(self) -> None:
        """There is nothing to close."""


def _value(value: t.Any) -> t.Any:
    """Return a value without what differs from run to run."""
    if isinstance(value, str):
        return "date" if DATE.fullmatch(value) else value or None
    return value


def _response(request: requests.PreparedRequest, delivery: Delivery) -> requests.Response:
    """Return the response, or raise what requests raises if the connection is cut."""
    body = delivery.answer.body
    if delivery.extent == NOTHING or (delivery.extent == HALF and not body):
        lost = urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset"))
        raise requests.ConnectionError(lost, request=request)
    headers = {**delivery.answer.headers, "Content-Length": str(len(body)), "Twilio-Request-Id": "RQ" + "f" * 32}
    content = io.BytesIO(body[: len(body) // 2] if delivery.extent == HALF else body)
    response = requests.Response()
    response.status_code = delivery.answer.status
    response.headers.update(headers)
    response.raw = urllib3.HTTPResponse(content, headers=headers, preload_content=False)
    response.url, response.request = str(request.url), request
    return response


@dataclass(frozen=True)
class Run:
    """What a module printed, the result in it, and the exit status."""

    output: str
    status: t.Any
    result: Json = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        return bool(self.result.get("failed"))


def run_module(name: str, options: Json, wire: Wire) -> Run:
    """Run a module with these options. Its clients do not wait."""
    module = importlib.import_module(f"ansible_collections.twilio.proxy.plugins.modules.{name}")

    def clients(count: int, *args: t.Any, **more: t.Any) -> tuple[_client.Client, ...]:
        found = _client.clients(count, *args, **more, sleep=wire.waits.append, jitter=lambda: 0.0)
        for client in found:
            for scheme in ("http://", "https://"):
                client._session.mount(scheme, wire)
        return found

    # Elsewhere a module is a process of its own, without the warnings of earlier modules.
    warnings._global_warnings.clear()
    output, status = io.StringIO(), None
    with (
        patch_module_args(options),
        mock.patch.object(Module, "clients", staticmethod(clients)),
        contextlib.redirect_stdout(output),
    ):
        try:
            module.main()
        except SystemExit as end:
            status = end.code
    return Run(output.getvalue(), status, json.loads(output.getvalue()))
