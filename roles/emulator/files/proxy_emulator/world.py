# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a reset brings back to the beginning. A new beginning is a new world: what still happens in the
old one, such as a late answer, does not reach it."""

from __future__ import annotations

import json
import time
import typing as t

from .api import RESOURCES, Api
from .collection import Collection
from .errors import Refusal, error_document
from .faults import KINDS, Case, Delivery, FaultError, Meetings
from .forms import shown_form
from .messages import Answer, Request
from .recorder import Entry, Recorder
from .rulebook import Rulebook
from .rules import Settings
from .settings import SettingsError


class World:
    """The API with its objects, the faults in wait, and the memory of requests."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.api = Api(settings)
        self.rulebook = Rulebook()
        self.recorder = Recorder()
        self._meetings = Meetings()
        for number, account in enumerate(settings["accounts"]):
            lists = self.api.collections(account["account_sid"])
            for resource in RESOURCES:
                _seed(lists[resource.path], account[resource.key], f"settings.accounts[{number}].{resource.key}")

    def deliver(self, request: Request) -> tuple[Delivery, Entry]:
        """Processes a request as the faults demand, and remembers it."""
        fault = self.rulebook.fault_for(request.method, request.path)
        case = Case(self.api, request, self.api.credentials.account_sid(request.headers), self._meetings)
        entry = Entry(
            method=request.method,
            path=request.path,
            query=json.dumps(request.query),
            form=json.dumps(shown_form(request)),
            account_sid=case.account_sid,
            user_agent=request.headers.get("user-agent"),
            connection=request.connection,
            fault=fault["kind"] if fault else None,
        )
        self.recorder.add(entry)
        time.sleep(self.settings["latency"])
        try:
            delivery = KINDS[fault["kind"]].act(fault, case) if fault else Delivery(case.apply())
        except FaultError as error:
            delivery = Delivery(Answer.of_json(500, error_document(500, None, str(error))))
        entry.applied = case.applied
        return delivery, entry


class Emulator:
    """The present world, and the settings that every reset starts from."""

    def __init__(self, settings: Settings) -> None:
        self.start_settings = settings
        self.world = World(settings)

    def reset(self, settings: Settings) -> None:
        self.world = World(settings)


def _seed(collection: Collection, seeds: t.Sequence[t.Mapping[str, t.Any]], place: str) -> None:
    resource = collection.resource
    inner = {child.key: child.path for child in resource.below}
    for number, seed in enumerate(seeds):
        here = f"{place}[{number}]"
        sid = seed.get("sid")
        if sid in collection.account.homes:
            raise SettingsError(f"{here}.sid: stands there twice")
        own = {name: value for name, value in seed.items() if name != "sid" and name not in inner}
        try:
            record = collection.add({resource.field(name).parameter: _text(own[name]) for name in own}, sid)
        except Refusal as refusal:
            raise SettingsError(f"{here}: {refusal}") from refusal
        for key, path in inner.items():
            _seed(collection.below(record.sid)[path], seed[key], f"{here}.{key}")


def _text(value: t.Any) -> str:
    """The value as a form has it."""
    return value if isinstance(value, str) else json.dumps(value)
