# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control requests under ``/__emulator__``. Their errors name the place in the JSON."""

from __future__ import annotations

import hmac
import json
import os
import secrets
import typing as t

from .checks import problems
from .clock import LONGEST, timestamp
from .credentials import Credentials
from .errors import Refusal, authenticate, method_not_allowed, not_found
from .interactions import KINDS
from .messages import Answer, Request
from .rulebook import Rule, rule_problems
from .settings import RESET_SCHEMA, SettingsError, fill, public
from .state import Emulator

PREFIX = "/__emulator__"
PROOF = PREFIX + "/proof"
# Environment variable with the key of the emulator, set by the process that starts it.
KEY_VARIABLE = "TWILIO_PROXY_EMULATOR_KEY"

RESET = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"settings": RESET_SCHEMA},
}
MOVE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["seconds"],
    "properties": {"seconds": {"type": "integer", "minimum": 0, "maximum": LONGEST}},
}
INTERACT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["session_sid", "type"],
    "properties": {
        "session_sid": {"type": "string"},
        "participant_sid": {"type": "string"},
        "type": {"enum": sorted(KINDS)},
        "data": {"type": "object"},
    },
}


def proof(key: str, nonce: str, pid: int) -> str:
    """Return the answer to the nonce. Only the process with this ID that was given the key can compute it."""
    return hmac.new(key.encode("ascii"), f"{nonce} {pid}".encode(), "sha256").hexdigest()


class Control:
    """Answers to control requests."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._key = os.environ.get(KEY_VARIABLE, secrets.token_hex(32))
        # They stay valid for control requests after a reset to other accounts.
        self._first_credentials = Credentials(emulator.start_settings)
        self._operations: t.Mapping[str, t.Mapping[str, t.Callable[[Request], Answer]]] = {
            PREFIX: {"GET": self._status},
            PROOF: {"GET": self._proof},
            PREFIX + "/reset": {"POST": self._reset},
            PREFIX + "/requests": {"GET": self._requests, "DELETE": self._clear_requests},
            PREFIX + "/clock": {"GET": self._clock, "POST": self._move_clock},
            PREFIX + "/interactions": {"POST": self._interact},
            PREFIX + "/faults": {"GET": self._faults, "POST": self._add_faults, "DELETE": self._clear_faults},
        }

    @staticmethod
    def handles(path: str) -> bool:
        """Return whether a request to this path is a control request."""
        return path == PREFIX or path.startswith(PREFIX + "/")

    def authenticates(self, headers: t.Mapping[str, str]) -> bool:
        """Return whether the headers hold valid credentials."""
        accepted = (self._first_credentials, self._emulator.state.api.credentials)
        return any(credentials.account_sid(headers) is not None for credentials in accepted)

    def answer(self, request: Request) -> Answer:
        try:
            # A client asks for the proof before it sends credentials.
            if request.path != PROOF and not self.authenticates(request.headers):
                raise authenticate()
            operations = self._operations.get(request.path)
            if operations is None:
                raise not_found(request.path)
            if request.method not in operations:
                raise method_not_allowed(request.method, operations)
            return operations[request.method](request)
        except Refusal as refusal:
            return refusal.answer

    def _status(self, _request: Request) -> Answer:
        return Answer.of_json(
            200,
            {
                "status": "running",
                "pid": os.getpid(),
                "settings": public(self._emulator.state.settings),
            },
        )

    def _proof(self, request: Request) -> Answer:
        nonce = dict(request.query).get("nonce", "")
        return Answer.of_json(200, {"proof": proof(self._key, nonce, os.getpid())})

    def _reset(self, request: Request) -> Answer:
        given = _json(request, default={})
        _raise_for(problems(RESET, given, "body"))
        try:
            self._emulator.reset(fill({**self._emulator.start_settings, **given.get("settings", {})}))
        except SettingsError as error:
            _raise_for([str(error)])
        return Answer.empty()

    def _requests(self, _request: Request) -> Answer:
        return Answer.of_json(200, self._emulator.state.recorder.entries())

    def _clear_requests(self, _request: Request) -> Answer:
        self._emulator.state.recorder.clear()
        return Answer.empty()

    def _clock(self, _request: Request) -> Answer:
        return Answer.of_json(200, {"now": timestamp(self._emulator.state.clock.now())})

    def _move_clock(self, request: Request) -> Answer:
        given = _json(request, default=None)
        _raise_for(problems(MOVE, given, "body"))
        self._emulator.state.clock.move(given["seconds"])
        return self._clock(request)

    def _interact(self, request: Request) -> Answer:
        given = _json(request, default=None)
        _raise_for(problems(INTERACT, given, "body"))
        return self._emulator.state.api.interact(request, given)

    def _faults(self, _request: Request) -> Answer:
        return Answer.of_json(200, self._emulator.state.rulebook.rules())

    def _add_faults(self, request: Request) -> Answer:
        given = _json(request, default=None)
        _raise_for(rule_problems(given))
        rules = [Rule(**rule) for rule in given]
        self._emulator.state.rulebook.append(rules)
        return Answer.of_json(201, self._emulator.state.rulebook.rules())

    def _clear_faults(self, _request: Request) -> Answer:
        self._emulator.state.rulebook.clear()
        return Answer.empty()


def _json(request: Request, default: t.Any) -> t.Any:
    if not request.body:
        return default
    try:
        return json.loads(request.body)
    except ValueError as error:
        raise Refusal(400, None, f"The body is not valid JSON: {error}.") from error


def _raise_for(found: t.Sequence[str]) -> None:
    if found:
        raise Refusal(400, None, " ".join(found))
