# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of the emulator. A reset replaces it, so that requests in progress change only the old state."""

from __future__ import annotations

import json
import time
import typing as t

from .api import RESOURCES, Api
from .clock import Clock
from .collection import Collection
from .errors import Refusal, error_document
from .faults import KINDS, Barriers, Case, Delivery, FaultError
from .forms import form_or_nothing
from .interactions import INTERACTION
from .messages import Answer, Request
from .recorder import Entry, Recorder
from .rulebook import Rulebook
from .rules import Settings
from .sessions import interact
from .settings import ROOT, SettingsError


class State:
    """The API with its objects, the fault rules and the recorded requests."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock()
        self.api = Api(settings, self.clock)
        self.rulebook = Rulebook()
        self.recorder = Recorder()
        self._barriers = Barriers()
        for position, account in enumerate(settings["accounts"]):
            collections = self.api.collections(account["account_sid"])
            for resource in RESOURCES:
                place = f"{ROOT}.accounts[{position}].{resource.key}"
                _seed(collections[resource.path], account[resource.key], place)

    def deliver(self, request: Request) -> tuple[Delivery, Entry]:
        """Record the request and process it, with the fault that a rule selects."""
        fault = self.rulebook.fault_for(request.method, request.path)
        case = Case(self.api, request, self.api.credentials.account_sid(request.headers), self._barriers)
        entry = Entry(
            method=request.method,
            path=request.path,
            query=json.dumps(request.query),
            form=json.dumps(form_or_nothing(request)),
            account_sid=case.account_sid,
            user_agent=request.headers.get("user-agent"),
            connection=request.connection,
            fault=fault["kind"] if fault else None,
        )
        self.recorder.add(entry)
        time.sleep(self.settings["latency"])
        try:
            delivery = KINDS[fault["kind"]].apply(fault, case) if fault else Delivery(case.apply())
        except FaultError as error:
            delivery = Delivery(Answer.of_json(500, error_document(500, None, str(error))))
        entry.applied = case.applied
        return delivery, entry


class Emulator:
    """The current state, and the settings that each reset starts from."""

    def __init__(self, settings: Settings) -> None:
        self.start_settings = settings
        self.state = State(settings)

    def reset(self, settings: Settings) -> None:
        self.state = State(settings)


def _seed(collection: Collection, seeds: t.Sequence[t.Mapping[str, t.Any]], place: str) -> None:
    resource = collection.resource
    child_paths = {child.key: child.path for child in resource.children}
    for position, seed in enumerate(seeds):
        seed_place = f"{place}[{position}]"
        sid = seed.get("sid")
        if sid in collection.account.lists:
            raise SettingsError(f"{seed_place}.sid: {sid} is listed twice.")
        fields = {name: value for name, value in seed.items() if name != "sid" and name not in child_paths}
        try:
            if resource is INTERACTION:
                interact(collection.owner, collection.parent, seed)
                continue
            record = collection.add({resource.field(name).parameter: [_text(fields[name])] for name in fields}, sid)
        except Refusal as refusal:
            raise SettingsError(f"{seed_place}: {str(refusal).rstrip('.')}.") from refusal
        for key, path in child_paths.items():
            _seed(collection.children(record.sid)[path], seed.get(key, ()), f"{seed_place}.{key}")


def _text(value: t.Any) -> str:
    """Return the value as the text of a form parameter."""
    return value if isinstance(value, str) else json.dumps(value)
