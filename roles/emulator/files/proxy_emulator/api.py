# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API answers to a request, when nothing goes wrong on the way."""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t
import urllib.parse

from . import errors, pages
from .collection import AbsentError, Collection, Record
from .credentials import Credentials
from .forms import read_form
from .messages import Answer, Request
from .ratelimit import RateLimiter
from .resources import Resource
from .rules import Settings
from .services import SERVICE

RESOURCES = (SERVICE,)


@dataclasses.dataclass(frozen=True)
class Call:
    """A request that has found its resource. ``identifier`` names an object, or is None for the list."""

    request: Request
    settings: Settings
    account_sid: str
    collection: Collection
    identifier: str | None

    @property
    def object_sid(self) -> str:
        return self.identifier or ""

    @property
    def parameters(self) -> dict[str, str]:
        """The form; of a parameter given twice, the first counts."""
        return dict(reversed(read_form(self.request)))


class Api:
    """The accounts and their objects, seen through requests."""

    def __init__(self, settings: Settings) -> None:
        self.credentials = Credentials(settings)
        self._settings = settings
        self._limiter = RateLimiter(settings)
        self._collections = {
            (account["account_sid"], resource.path): Collection(resource, settings)
            for account in settings["accounts"]
            for resource in RESOURCES
        }

    def collection(self, account_sid: str, resource: Resource) -> Collection:
        return self._collections[account_sid, resource.path]

    def answer(self, request: Request) -> Answer:
        """The answer to a client."""
        account_sid = self.credentials.account_sid(request.headers)
        if account_sid is None:
            return errors.authenticate().answer
        return self._answer(request, account_sid, limited=True)

    def perform(self, request: Request, account_sid: str) -> Answer:
        """The answer to somebody who has already proved who they are, and whom no rate limit holds up."""
        return self._answer(request, account_sid, limited=False)

    def _answer(self, request: Request, account_sid: str, limited: bool) -> Answer:
        try:
            call = self._route(request, account_sid)
            operations = OBJECT_OPERATIONS if call.identifier is not None else LIST_OPERATIONS
            if request.method not in operations:
                raise errors.method_not_allowed(request.method, operations)
            if limited:
                self._limiter.admit((account_sid, request.method, call.collection.resource.path, call.identifier))
            return operations[request.method](call)
        except AbsentError:
            return self._absent(call)
        except errors.Refusal as refusal:
            return refusal.answer

    def _route(self, request: Request, account_sid: str) -> Call:
        for resource in RESOURCES:
            collection = self.collection(account_sid, resource)
            if request.path == resource.path:
                return Call(request, self._settings, account_sid, collection, None)
            parent, _slash, identifier = request.path.rpartition("/")
            if parent == resource.path and identifier:
                return Call(request, self._settings, account_sid, collection, urllib.parse.unquote(identifier))
        raise errors.not_found(request.path)

    def _absent(self, call: Call) -> Answer:
        resource = call.collection.resource
        if self._settings["absent_answer"] == "not_found_404":
            return errors.not_found(call.request.path).answer
        code = resource.absent_code if self._settings["absent_answer"] == "invalid_sid_400" else None
        return errors.Refusal(400, code, f"Invalid {resource.name} Sid").answer


def _list(call: Call) -> Answer:
    resource = call.collection.resource
    turn = pages.read_turn(call.request.query, call.settings)
    part = pages.cut_out(call.collection, turn)
    objects = [_shown(call, record) for record in part.records]
    meta = pages.meta(call.request.base_url + resource.path, resource.key, turn, part)
    return Answer.of_json(200, {"meta": meta, resource.key: objects})


def _create(call: Call) -> Answer:
    return Answer.of_json(201, _shown(call, call.collection.create(call.parameters)))


def _fetch(call: Call) -> Answer:
    return Answer.of_json(200, _shown(call, call.collection.fetch(call.object_sid)))


def _update(call: Call) -> Answer:
    return Answer.of_json(200, _shown(call, call.collection.update(call.object_sid, call.parameters)))


def _delete(call: Call) -> Answer:
    call.collection.delete(call.object_sid)
    return Answer.empty()


Operation = t.Callable[[Call], Answer]
LIST_OPERATIONS: t.Mapping[str, Operation] = {"GET": _list, "POST": _create}
OBJECT_OPERATIONS: t.Mapping[str, Operation] = {"GET": _fetch, "POST": _update, "DELETE": _delete}


def _shown(call: Call, record: Record) -> dict[str, t.Any]:
    resource = call.collection.resource
    url = f"{call.request.base_url}{resource.path}/{record.sid}"
    return {
        "sid": record.sid,
        "account_sid": call.account_sid,
        **record.values,
        "date_created": _timestamp(record.created),
        "date_updated": _timestamp(record.updated),
        "url": url,
        "links": {name: f"{url}/{below}" for name, below in resource.links},
    }


def _timestamp(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
