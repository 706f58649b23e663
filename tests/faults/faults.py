# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults of the matrix: how each is made, to which requests it can happen, and what the client can know of it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from .wire import SID, Json, Sent

HTML = "<html><body><h1>Bad gateway</h1></body></html>"


@dataclass(frozen=True, eq=False)
class Fault:
    """A row of the matrix.

    ``make`` is the fault as the emulator has it, or one of the kinds ``refused`` and ``timeout`` of the wire; or a
    function that returns it for a request, or None if it cannot happen to that. ``then`` happens to the next request.

    ``transient``: the request may succeed later. ``uncertain``: the client cannot tell whether it was applied.
    ``applied``: it was, which makes a difference to requests that write. ``status`` and ``code`` are those of the
    answer. ``is_race``: nothing is wrong, but another client makes a change before the request.
    """

    name: str
    make: Json | t.Callable[[Sent], Json | None]
    transient: bool = False
    uncertain: bool = False
    applied: bool = False
    status: int | None = None
    code: int | None = None
    is_race: bool = False
    then: Fault | None = None

    def for_request(self, request: Sent) -> Json | None:
        """Return the fault that the request meets, or None if it cannot happen to it."""
        if callable(self.make):
            return self.make(request)
        return self.make if request.writes or not self.applied else None


@dataclass
class Injection:
    """The fault that the requests with a key meet, after the first ``skip`` of them: one, or all if ``persistent``.

    Its fault ``then`` is for the next request, whatever that is, or for all. ``met`` counts the requests that met one.
    """

    fault: Fault
    key: tuple[str, str, str]
    skip: int
    persistent: bool
    met: int = 0

    def fault_for(self, sent: Sent) -> Json | None:
        """Return the fault that this request meets, and count it."""
        fault = self.fault
        if fault.then is not None and self.met:
            fault, is_due = fault.then, self.persistent or self.met == 1
        else:
            is_due = sent.key == self.key and (self.persistent or not self.met)
            self.skip -= is_due
            is_due = is_due and self.skip < 0
        self.met += is_due
        return fault.for_request(replace(sent, has_next=True)) if is_due else None


def on_read(fault: Json) -> t.Callable[[Sent], Json | None]:
    return lambda request: None if request.writes else fault


def on_write(fault: Json) -> t.Callable[[Sent], Json | None]:
    return lambda request: fault if request.writes else None


def on_next_page(url: t.Callable[[Sent], str]) -> t.Callable[[Sent], Json | None]:
    return lambda request: {"kind": "patch", "set": {"/meta/next_page_url": url(request)}} if request.has_next else None


def answer(status: int, document: Json | None = None, **members: t.Any) -> Json:
    body = {"body": HTML} if document is None else {"json": document}
    return {"kind": "answer", "status": status, **body, **members}


def error(code: int) -> Json:
    return {"code": code, "message": "No.", "more_info": f"https://www.twilio.com/docs/errors/{code}"}


# What another client does before a request. It goes by the request: the same change, the same objects, the same name.


def by_other_client(method: str, path: str, form: Json | None = None) -> Json:
    return {"kind": "other_client", "requests": [{"method": method, "path": path, "form": form or {}}]}


def same_request(request: Sent) -> Json | None:
    return by_other_client(request.method, request.path, request.form) if request.writes else None


def delete_object(request: Sent) -> Json | None:
    """Delete the object that the request is about, or the one that its list is in."""
    path = request.path.rpartition("/")[0] if request.is_about_list else request.path
    return by_other_client("DELETE", path) if SID.search(path) and request.method != "DELETE" else None


def delete_parent(request: Sent) -> Json | None:
    path = request.path.rsplit("/", 2)[0]
    return by_other_client("DELETE", path) if SID.search(path) and not request.is_about_list else None


def take_name(request: Sent) -> Json | None:
    """Create an object of the same name, or number, with other values."""
    name = next((name for name in ("UniqueName", "PhoneNumber", "Sid") if name in request.form), None)
    if name is None or (request.creates and len(request.form) == 1):
        return None
    return by_other_client("POST", request.list_path, {name: request.form[name]})


def take_name_in_capitals(request: Sent) -> Json | None:
    name = request.form.get("UniqueName")
    return by_other_client("POST", request.list_path, {"UniqueName": name.upper()}) if name else None


CUT_BEFORE: Json = {"kind": "cut", "when": "before"}
CUT_AFTER: Json = {"kind": "cut", "when": "after"}
CUT_MIDDLE: Json = {"kind": "cut", "when": "middle"}
TIMEOUT: Json = {"kind": "timeout", "applied": "no"}

UNAVAILABLE = Fault("503", answer(503, error(20503)), transient=True, uncertain=True, status=503, code=20503)
UNAUTHORIZED = Fault("401", answer(401, error(20003)), status=401, code=20003)


def both(name: str, document: Json, **properties: t.Any) -> list[Fault]:
    """Return the fault with a request that was not applied, and with one that was."""
    properties["uncertain"] = True
    return [
        Fault(f"{name}, not applied", document, **properties),
        Fault(f"{name}, applied", {**document, "applied": True}, applied=True, **properties),
    ]


FAULTS = (
    Fault("connection refused", {"kind": "refused"}, transient=True),
    Fault("connection lost, not applied", CUT_BEFORE, transient=True, uncertain=True),
    Fault("connection lost, applied", CUT_AFTER, transient=True, uncertain=True, applied=True),
    Fault("half of a read", on_read(CUT_MIDDLE), transient=True, uncertain=True),
    Fault("half of an answer, applied", CUT_MIDDLE, transient=True, uncertain=True, applied=True),
    Fault("timeout, not applied", TIMEOUT, transient=True, uncertain=True),
    Fault("timeout, applied", {**TIMEOUT, "applied": "yes"}, transient=True, uncertain=True, applied=True),
    Fault("timeout, applied later", on_write({**TIMEOUT, "applied": "late"}), transient=True, uncertain=True),
    Fault("429", answer(429, error(20429)), transient=True, status=429, code=20429),
    *both("500", answer(500, error(20500)), transient=True, status=500, code=20500),
    *both("502 of a gateway", answer(502), transient=True, status=502),
    *both("200 without JSON", answer(200), transient=True, status=200),
    *both("200 with other JSON", answer(200, {"unexpected": True}), status=200),
    Fault("302", answer(302, headers={"Location": "https://other.example.com/"}), status=302),
    Fault("400", answer(400, error(20001)), status=400, code=20001),
    UNAUTHORIZED,
    Fault("403", answer(403, error(80506)), status=403, code=80506),
    Fault("404 of a gateway", answer(404), status=404),
    Fault("next page on another host", on_next_page(lambda _request: "https://other.example.com/v1/Services")),
    Fault("next page that was read before", on_next_page(lambda request: request.url)),
    *(
        Fault(
            f"connection lost, and then {then.name}", CUT_AFTER, transient=True, uncertain=True, applied=True, then=then
        )
        for then in (UNAVAILABLE, UNAUTHORIZED)
    ),
    Fault("another client does the same", same_request, is_race=True),
    Fault("another client deletes it", delete_object, is_race=True),
    Fault("another client deletes the parent", delete_parent, is_race=True),
    Fault("another client takes the name", take_name, is_race=True),
    Fault("another client takes the name in capitals", take_name_in_capitals, is_race=True),
)
