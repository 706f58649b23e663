# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of faults. Each is the schema of its members and the function that carries it out."""

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
    """An answer, and how much of it is sent before the connection is cut."""

    answer: Answer
    extent: str = WHOLE


class Barriers:
    """A barrier for each fault of the kind ``together``, at which its requests wait for each other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._barriers: dict[int, threading.Barrier] = {}

    def wait(self, fault: Fault) -> None:
        """Wait for as many requests as the fault names. Raise ``FaultError`` if they do not arrive in time."""
        new = threading.Barrier(fault["requests"], timeout=fault["seconds"])
        with self._lock:
            barrier = self._barriers.setdefault(id(fault), new)
        try:
            barrier.wait()
        except threading.BrokenBarrierError as error:
            raise FaultError(f"Fewer than {fault['requests']} requests arrived in {fault['seconds']} s.") from error


@dataclasses.dataclass
class Case:
    """A request that may meet a fault. ``applied`` becomes true when the API has processed it successfully."""

    api: Api
    request: Request
    account_sid: str | None
    barriers: Barriers
    applied: bool = False

    def apply(self) -> Answer:
        """Process the request and return the API's answer."""
        answer = self.api.answer(self.request)
        self.applied = answer.succeeded()
        return answer


class FaultError(Exception):
    """The fault cannot be applied to the request."""


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of fault: the schema of its members besides ``kind``, and the function that carries it out."""

    members: Schema
    required: t.Sequence[str]
    apply: t.Callable[[Fault, Case], Delivery]

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
    # Normalize the names, so that a header replaces the one that would be sent otherwise.
    headers = {name.title(): _expanded(value, case) for name, value in fault.get("headers", {}).items()}
    if "body" in fault:
        body = _expanded(fault["body"], case).encode("utf-8")
        return Delivery(Answer(status, {"Content-Type": "text/html; charset=utf-8", **headers}, body))
    document = fault.get("json", error_document(status, 20000 + status, f"Injected fault: status {status}"))
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
    case.barriers.wait(fault)
    return Delivery(answer)


def _patch(fault: Fault, case: Case) -> Delivery:
    answer = case.apply()
    try:
        document = answer.document()
        for path in fault.get("remove", []):
            pointer.remove(document, path)
        for path, value in fault.get("set", {}).items():
            pointer.set_value(document, path, _expanded(value, case))
    except (LookupError, TypeError, ValueError) as error:
        raise FaultError(f"The answer cannot be patched: {error}") from error
    return Delivery(Answer.of_json(answer.status, document, answer.headers))


def _other_client(fault: Fault, case: Case) -> Delivery:
    if case.account_sid is None:
        raise FaultError("The request has no valid credentials.")
    for member in fault["requests"]:
        request = dataclasses.replace(
            case.request,
            method=member["method"],
            path=_expanded(member["path"], case),
            query=[],
            headers={"content-type": FORM},
            body=urllib.parse.urlencode(member.get("form", {})).encode("ascii"),
        )
        answer = case.api.perform(request, case.account_sid)
        if not answer.succeeded():
            reason = answer.document()["message"]
            raise FaultError(f"{request.method} {request.path} of the fault failed: {reason}")
    return Delivery(case.apply())


def _expanded(value: t.Any, case: Case) -> t.Any:
    """Return the value with the placeholders in its strings replaced.

    ``{base_url}`` and ``{path}`` are those of the request, ``{sid}`` is the first SID in its path.
    """
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
    "other_client": Kind(
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
        _other_client,
    ),
}
