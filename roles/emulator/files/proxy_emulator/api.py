# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of the API to requests."""

from __future__ import annotations

import dataclasses
import typing as t

from . import errors, pages
from .account import Account
from .clock import Clock, timestamp
from .collection import AbsentError, Collection, collections
from .credentials import Credentials
from .forms import read_form
from .interactions import INTERACTION
from .messages import Answer, Request
from .ratelimit import RateLimiter
from .resources import Record, Resource
from .routes import Route, find_route
from .rules import Settings
from .services import SERVICE
from .sessions import SESSION, interact

RESOURCES = (SERVICE,)


@dataclasses.dataclass(frozen=True)
class Call:
    """A request and the collection it is about. ``identifier`` is the object in it, or None for the list itself."""

    request: Request
    settings: Settings
    collection: Collection
    identifier: str | None

    @property
    def object_sid(self) -> str:
        return self.identifier or ""

    @property
    def parameters(self) -> dict[str, list[str]]:
        """Return the form: the values of each parameter."""
        found: dict[str, list[str]] = {}
        for name, value in read_form(self.request):
            found.setdefault(name, []).append(value)
        return found


class Api:
    """The accounts and their objects."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.credentials = Credentials(settings)
        self._settings = settings
        self._limiter = RateLimiter(settings)
        self._accounts = {account["account_sid"]: Account(account, settings, clock) for account in settings["accounts"]}
        self._collections = {sid: collections(RESOURCES, account) for sid, account in self._accounts.items()}

    def collections(self, account_sid: str) -> t.Mapping[str, Collection]:
        """Return the top-level collections of the account by the path of their resource."""
        return self._collections[account_sid]

    def answer(self, request: Request) -> Answer:
        """Authenticate the request and return its answer."""
        account_sid = self.credentials.account_sid(request.headers)
        if account_sid is None:
            return errors.authenticate().answer
        return self._answer(request, account_sid, limited=True)

    def perform(self, request: Request, account_sid: str) -> Answer:
        """Return the answer to a request of this account, without authentication and rate limit."""
        return self._answer(request, account_sid, limited=False)

    def interact(self, request: Request, happened: t.Mapping[str, t.Any]) -> Answer:
        """Make an interaction happen in a Session of any account, and return it. Raise ``Refusal`` if it cannot."""
        sid = happened["session_sid"]
        for account in self._accounts.values():
            with account.lock:
                sessions = account.lists.get(sid)
                if sessions is None or sessions.resource is not SESSION:
                    continue
                sessions.pass_time()
                collection = sessions.children(sid)[INTERACTION.path]
                record = interact(sessions.existing(sid), sessions, happened)
                return Answer.of_json(201, _document(Call(request, self._settings, collection, None), record))
        raise errors.Refusal(400, SESSION.absent_code, "Invalid Session Sid")

    def _answer(self, request: Request, account_sid: str, limited: bool) -> Answer:
        try:
            route = find_route(RESOURCES, request.path)
            if route is None:
                raise errors.not_found(request.path)
            operations = _operations(route)
            if request.method not in operations:
                raise errors.method_not_allowed(request.method, operations)
            if limited:
                is_list = route.identifier is None
                self._limiter.admit((account_sid, request.method, route.resource.path, is_list, route.first_identifier))
            with self._accounts[account_sid].lock:
                collection = self._find(account_sid, route)
                return operations[request.method](Call(request, self._settings, collection, route.identifier))
        except AbsentError as error:
            return self._absent(request, error.resource)
        except errors.Refusal as refusal:
            return refusal.answer

    def _find(self, account_sid: str, route: Route) -> Collection:
        found = self.collections(account_sid)
        for resource, sid in route.parents:
            found = found[resource.path].children(sid)
            for collection in found.values():
                collection.pass_time()
        return found[route.resource.path]

    def _absent(self, request: Request, resource: Resource) -> Answer:
        if self._settings["absent_answer"] == "not_found_404":
            return errors.not_found(request.path).answer
        code = resource.absent_code if self._settings["absent_answer"] == "invalid_sid_400" else None
        return errors.Refusal(400, code, f"Invalid {resource.name} Sid").answer


def _list(call: Call) -> Answer:
    collection = call.collection
    page_request = pages.read_page_request(call.request.query, call.settings)
    page = pages.select(collection, page_request)
    objects = [_document(call, record) for record in page.records]
    key = collection.resource.key
    meta = pages.meta(call.request.base_url + collection.path, key, page_request, page)
    return Answer.of_json(200, {"meta": meta, key: objects})


def _create(call: Call) -> Answer:
    return Answer.of_json(201, _document(call, call.collection.create(call.parameters)))


def _fetch(call: Call) -> Answer:
    return Answer.of_json(200, _document(call, call.collection.fetch(call.object_sid)))


def _update(call: Call) -> Answer:
    return Answer.of_json(200, _document(call, call.collection.update(call.object_sid, call.parameters)))


def _delete(call: Call) -> Answer:
    call.collection.delete(call.object_sid)
    setting = call.collection.resource.deletion_status
    return Answer(204 if setting is None else call.settings[setting], {}, b"")


Operation = t.Callable[[Call], Answer]
LIST_OPERATIONS: t.Mapping[str, Operation] = {"GET": _list, "POST": _create}
OBJECT_OPERATIONS: t.Mapping[str, Operation] = {"GET": _fetch, "POST": _update, "DELETE": _delete}


def _operations(route: Route) -> t.Mapping[str, Operation]:
    """Return the operations of the resource on what the path names, by their method."""
    found = LIST_OPERATIONS if route.identifier is None else OBJECT_OPERATIONS
    words = {_create: "create", _update: "update", _delete: "delete"}
    allowed = route.resource.operations
    return {method: call for method, call in found.items() if call not in words or words[call] in allowed}


def _document(call: Call, record: Record) -> dict[str, t.Any]:
    collection = call.collection
    url = f"{call.request.base_url}{collection.path}/{record.sid}"
    document: dict[str, t.Any] = {
        "account_sid": collection.account.sid,
        **collection.parent_sids,
        **record.values,
        **(collection.resource.compute(record, collection) if collection.resource.compute else {}),
        "date_created": timestamp(record.created),
        "date_updated": timestamp(record.updated),
        "url": url,
    }
    if collection.resource.links:
        document["links"] = {name: f"{url}/{path}" for name, path in collection.resource.links}
    return document
