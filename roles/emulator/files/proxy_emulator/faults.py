# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways in which an answer can go wrong. Each kind of fault is the schema of what it is told and the function
that does it."""

from __future__ import annotations

import dataclasses
import re
import threading
import time
import typing as t
import urllib.parse

from . import pointer
from .api import Api
from .checks import Schema
from .errors import error_document
from .forms import FORM
from .messages import Answer, Request

Fault = t.Mapping[str, t.Any]

WHOLE, HALF, NOTHING = "whole", "half", "nothing"


@dataclasses.dataclass(frozen=True)
class Delivery:
    """An answer, and how much of it is sent before the connection breaks."""

    answer: Answer
    extent: str = WHOLE


class Meetings:
    """Where requests that have to be answered together wait for each other: a place for each fault that says so."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places: dict[int, threading.Barrier] = {}

    def wait(self, fault: Fault) -> None:
        """Returns when as many requests as the fault names are here; ``FaultError`` if they do not come in time."""
        with self._lock:
            place = self._places.setdefault(id(fault), threading.Barrier(fault["requests"], timeout=fault["seconds"]))
        try:
            place.wait()
        except threading.BrokenBarrierError as error:
            raise FaultError(f"Fewer than {fault['requests']} requests came within {fault['seconds']} s") from error


@dataclasses.dataclass
class Case:
    """A request on its way to the API. ``applied`` turns true when the API processed it with success."""

    api: Api
    request: Request
    account_sid: str | None
    meetings: Meetings
    applied: bool = False

    def apply(self) -> Answer:
        """Processes the request, and gives the true answer."""
        answer = self.api.answer(self.request)
        self.applied = answer.succeeded()
        return answer


class FaultError(Exception):
    """A fault does not fit the request that it met."""


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of fault: the members it takes beside ``kind``, and what it does."""

    members: Schema
    required: t.Sequence[str]
    act: t.Callable[[Fault, Case], Delivery]

    def schema(self) -> dict[str, t.Any]:
        return {
            "type": "object",
            "additionalProperties": False,
            "required": ["kind", *self.required],
            "properties": {"kind": {"type": "string"}, **self.members},
        }


def _answer_instead(fault: Fault, case: Case) -> Delivery:
    if fault.get("applied", False):
        case.apply()
    status = fault["status"]
    # One spelling for each name, so that a header replaces the one that would be sent otherwise.
    headers = {name.title(): _expanded(value, case) for name, value in fault.get("headers", {}).items()}
    if "body" in fault:
        body = _expanded(fault["body"], case).encode("utf-8")
        return Delivery(Answer(status, {"Content-Type": "text/html; charset=utf-8", **headers}, body))
    document = fault.get("json", error_document(status, 20000 + status, f"The emulator was told to answer {status}"))
    return Delivery(Answer.of_json(status, _expanded(document, case), headers))


def _cut(fault: Fault, case: Case) -> Delivery:
    if fault["when"] == "before":
        return Delivery(Answer.empty(), NOTHING)
    return Delivery(case.apply(), HALF if fault["when"] == "middle" else NOTHING)


def _late(fault: Fault, case: Case) -> Delivery:
    if fault.get("applied", "before") == "after":
        time.sleep(fault["seconds"])
        return Delivery(case.apply())
    answer = case.apply()
    time.sleep(fault["seconds"])
    return Delivery(answer)


def _together(fault: Fault, case: Case) -> Delivery:
    answer = case.apply()
    case.meetings.wait(fault)
    return Delivery(answer)


def _patch(fault: Fault, case: Case) -> Delivery:
    answer = case.apply()
    try:
        document = answer.document()
        for place in fault.get("remove", []):
            pointer.remove(document, place)
        for place, value in fault.get("set", {}).items():
            pointer.set_value(document, place, _expanded(value, case))
    except (LookupError, TypeError, ValueError) as error:
        raise FaultError(f"The answer to patch has no such place: {error}") from error
    return Delivery(Answer.of_json(answer.status, document, answer.headers))


def _meanwhile(fault: Fault, case: Case) -> Delivery:
    if case.account_sid is None:
        raise FaultError("Nobody's account: the request has no valid credentials")
    for other in fault["requests"]:
        request = dataclasses.replace(
            case.request,
            method=other["method"],
            path=_expanded(other["path"], case),
            query=[],
            headers={"content-type": FORM},
            body=urllib.parse.urlencode(other.get("form", {})).encode("ascii"),
        )
        answer = case.api.perform(request, case.account_sid)
        if not answer.succeeded():
            raise FaultError(f"Meanwhile {request.method} {request.path} was refused: {answer.document()['message']}")
    return Delivery(case.apply())


def _expanded(value: t.Any, case: Case) -> t.Any:
    """The value with ``{base_url}``, ``{path}``, the request's, and ``{sid}``, the first SID in it, replaced in every
    text."""
    if isinstance(value, str):
        found = re.search(r"/([A-Z]{2}[0-9a-fA-F]{32})(?=/|$)", case.request.path)
        value = value.replace("{sid}", found[1] if found else "{sid}")
        return value.replace("{base_url}", case.request.base_url).replace("{path}", case.request.path)
    if isinstance(value, t.Mapping):
        return {name: _expanded(member, case) for name, member in value.items()}
    if isinstance(value, list):
        return [_expanded(item, case) for item in value]
    return value


_POINTER: t.Mapping[str, t.Any] = {"type": "string", "pattern": "^/"}
_SECONDS: t.Mapping[str, t.Any] = {"type": "number", "minimum": 0, "maximum": 600}

KINDS: t.Mapping[str, Kind] = {
    "answer": Kind(
        {
            "status": {"type": "integer", "minimum": 200, "maximum": 599},
            "headers": {"type": "object", "additionalProperties": {"type": "string", "pattern": "^[ -~]*$"}},
            "body": {"type": "string"},
            "json": {},
            "applied": {"type": "boolean"},
        },
        ["status"],
        _answer_instead,
    ),
    "cut": Kind({"when": {"enum": ["before", "after", "middle"]}}, ["when"], _cut),
    "late": Kind({"seconds": _SECONDS, "applied": {"enum": ["before", "after"]}}, ["seconds"], _late),
    "together": Kind(
        {"requests": {"type": "integer", "minimum": 2}, "seconds": _SECONDS}, ["requests", "seconds"], _together
    ),
    "patch": Kind(
        {
            "set": {"type": "object", "propertyNames": _POINTER},
            "remove": {"type": "array", "items": _POINTER},
        },
        [],
        _patch,
    ),
    "meanwhile": Kind(
        {
            "requests": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["method", "path"],
                    "properties": {
                        "method": {"enum": ["POST", "DELETE"]},
                        "path": {"type": "string", "pattern": r"^(/|\{path\})"},
                        "form": {"type": "object", "additionalProperties": {"type": "string"}},
                    },
                },
            }
        },
        ["requests"],
        _meanwhile,
    ),
}
