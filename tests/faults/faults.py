# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults: how each is caused, and its properties. The rules (rules.py) use nothing but the properties."""

from __future__ import annotations

import email.utils
import time
import typing as t
from dataclasses import dataclass

from ansible_collections.twilio.proxy.plugins.module_utils._client import to_form
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE

from .tasks import Fields

Json = dict[str, t.Any]
Settings = t.Mapping[str, t.Any]
#: Whether the server applies the request: not at all, before the client gives up, or after it gave up.
Applied = t.Literal["no", "yes", "late"]
#: What another client does immediately before the request.
Race = t.Literal["deletes it", "creates it", "takes the name", "takes the name in capitals"]

SHORT = 0.3  # seconds: the timeout of a request that is to exceed it
LONG = 30.0  # seconds: the timeout of all others
LATE = 4 * SHORT  # seconds: the client has given up by then
NEVER = 60.0  # seconds: longer than a case takes
SECONDS_OF_DATE = 40
LONG_RETRY_AFTER = "86400000"
#: The values of a Service that another client created.
OTHER_CLIENT_VALUES: Fields = {"default_ttl": 7}
HTML = "<html><body><h1>Bad gateway</h1></body></html>"


class Context(t.NamedTuple):
    """What a fault may depend on: the URL of another host, the emulator's settings, and the task's desired values."""

    other_host: str
    settings: Settings
    desired: Fields


@dataclass(frozen=True)
class Fault:
    """A row of the matrix.

    ``emulator_fault`` returns the emulator's fault. If it is None, requests are diverted to the server ``diverted_to``.

    ``transient``: the same request may succeed later, and the answer says so.
    ``uncertain``: the client cannot tell whether the request was applied. ``applied``: whether it was.
    ``status``, ``code``: what the client receives. ``wait``: the wait that the server asks for.
    ``message``: a part of the failure's message. ``slow``: it only ends with the timeout.
    ``partial_answer``: a part of the answer arrives. ``next_page``: the fault is in the URL of the next page.
    ``race``: another client makes a change at the same time, and nothing else is wrong.
    """

    name: str
    message: str = ""
    emulator_fault: t.Callable[[Context], Json] | None = None
    diverted_to: t.Literal["closed port", "slow server"] | None = None
    transient: bool = False
    uncertain: bool = False
    applied: Applied = "no"
    status: int | None = None
    code: int | None = None
    wait: t.Literal["none", "seconds", "date", "longest"] = "none"
    slow: bool = False
    half: bool = False
    next_page: t.Literal["foreign", "looping"] | None = None
    race: Race | None = None


def _cut(when: str) -> t.Callable[[Context], Json]:
    return lambda _context: {"kind": "cut", "when": when}


def _late(seconds: float, applied: str) -> t.Callable[[Context], Json]:
    return lambda _context: {"kind": "late", "seconds": seconds, "applied": applied}


def _answer(status: int, applied: Applied = "no", **members: t.Any) -> t.Callable[[Context], Json]:
    return lambda _context: {"kind": "answer", "status": status, "applied": applied == "yes", **members}


def _error(code: int, message: str) -> Json:
    return {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}"}


def _too_many(retry_after: t.Callable[[], str | None]) -> t.Callable[[Context], Json]:
    def emulator_fault(context: Context) -> Json:
        value = retry_after()
        headers = {} if value is None else {"Retry-After": value}
        return _answer(429, json=_error(20429, "Too Many Requests"), headers=headers)(context)

    return emulator_fault


def _date() -> str:
    return email.utils.formatdate(time.time() + SECONDS_OF_DATE, usegmt=True)


def _creation_closed(context: Context) -> Json:
    document = _error(80506, "Creating Services is closed for this account")
    return _answer(context.settings["creation_closed_status"], json=document)(context)


def _redirect(status: int) -> t.Callable[[Context], Json]:
    def emulator_fault(context: Context) -> Json:
        return _answer(status, body=HTML, headers={"Location": f"{context.other_host}{SERVICE.path}"})(context)

    return emulator_fault


def _next_page(url: str) -> t.Callable[[Context], Json]:
    return lambda context: {
        "kind": "patch",
        "set": {"/meta/next_page_url": url.replace("{other_host}", context.other_host)},
    }


def _concurrent_request(method: str, path: str, form: dict[str, str]) -> Json:
    return {"kind": "meanwhile", "requests": [{"method": method, "path": path, "form": form}]}


def _deleted(_context: Context) -> Json:
    return _concurrent_request("DELETE", SERVICE.path + "/{sid}", {})


def _created(context: Context) -> Json:
    return _concurrent_request("POST", SERVICE.path, dict(to_form(SERVICE, context.desired)))


def _name_taken(spell: t.Callable[[str], str]) -> t.Callable[[Context], Json]:
    def emulator_fault(context: Context) -> Json:
        form = {
            "UniqueName": spell(context.desired["unique_name"]),
            "DefaultTtl": str(OTHER_CLIENT_VALUES["default_ttl"]),
        }
        return _concurrent_request("POST", SERVICE.path, form)

    return emulator_fault


def _applied_or_not(
    name: str, emulator_fault: t.Callable[[Applied], t.Callable[[Context], Json]], **properties: t.Any
) -> list[Fault]:
    """Return two faults after which the client cannot tell whether the request was applied: it was not, and it was."""
    return [
        Fault(
            f"{name}, {'applied' if applied == 'yes' else 'not applied'}",
            emulator_fault=emulator_fault(applied),
            uncertain=True,
            applied=applied,
            **properties,
        )
        for applied in t.cast("tuple[Applied, ...]", ("no", "yes"))
    ]


_CONNECTION_LOST: Json = {"message": "was lost", "transient": True}
_TIMEOUT: Json = {
    "message": f"it took longer than {SHORT:g} seconds",
    "transient": True,
    "uncertain": True,
    "slow": True,
}
_UNREADABLE: Json = {"message": "the answer is empty or not JSON", "transient": True, "status": 200}
_RATE_LIMIT: Json = {"message": "Too Many Requests", "transient": True, "status": 429, "code": 20429}

FAULTS: tuple[Fault, ...] = (
    Fault("connection refused", "cannot connect", diverted_to="closed port", transient=True),
    Fault("reset before the request was read", emulator_fault=_cut("before"), uncertain=True, **_CONNECTION_LOST),
    Fault(
        "reset after the request was applied",
        emulator_fault=_cut("after"),
        uncertain=True,
        applied="yes",
        **_CONNECTION_LOST,
    ),
    Fault(
        "reset in the middle of the answer",
        emulator_fault=_cut("middle"),
        uncertain=True,
        applied="yes",
        half=True,
        **_CONNECTION_LOST,
    ),
    Fault("no answer in time, not applied", emulator_fault=_late(NEVER, "after"), **_TIMEOUT),
    Fault("no answer in time, applied", emulator_fault=_late(NEVER, "before"), applied="yes", **_TIMEOUT),
    Fault("no answer in time, applied late", emulator_fault=_late(LATE, "after"), applied="late", **_TIMEOUT),
    Fault("slow answer body, not applied", diverted_to="slow server", **_TIMEOUT),
    Fault("slow answer body, applied", diverted_to="slow server", applied="yes", **_TIMEOUT),
    Fault("429", emulator_fault=_too_many(lambda: None), **_RATE_LIMIT),
    Fault("429, Retry-After in seconds", emulator_fault=_too_many(lambda: "7"), wait="seconds", **_RATE_LIMIT),
    Fault("429, Retry-After as a date", emulator_fault=_too_many(_date), wait="date", **_RATE_LIMIT),
    Fault(
        "429, Retry-After of 1000 days",
        emulator_fault=_too_many(lambda: LONG_RETRY_AFTER),
        wait="longest",
        **_RATE_LIMIT,
    ),
    Fault("429, invalid Retry-After", emulator_fault=_too_many(lambda: "soon"), **_RATE_LIMIT),
    *_applied_or_not(
        "500",
        lambda applied: _answer(500, applied, json=_error(20500, "Internal Server Error")),
        message="Internal Server Error",
        transient=True,
        status=500,
        code=20500,
    ),
    *_applied_or_not(
        "502 in HTML",
        lambda applied: _answer(502, applied, body=HTML),
        message="the answer is not in Twilio's format",
        transient=True,
        status=502,
    ),
    *_applied_or_not(
        "503",
        lambda applied: _answer(503, applied, json=_error(20503, "Service Unavailable")),
        message="Service Unavailable",
        transient=True,
        status=503,
        code=20503,
    ),
    Fault("401", "Authenticate", _answer(401, json=_error(20003, "Authenticate")), status=401, code=20003),
    Fault("creation closed (80506)", "is closed", _creation_closed, code=80506),
    *_applied_or_not("empty body", lambda applied: _answer(200, applied, body=""), **_UNREADABLE),
    *_applied_or_not("truncated JSON body", lambda applied: _answer(200, applied, body='{"sid": "KS'), **_UNREADABLE),
    *_applied_or_not(
        "JSON of the wrong shape",
        lambda applied: _answer(200, applied, json={"unexpected": True}),
        message="the answer is not what Twilio documents",
        status=200,
    ),
    Fault("302 to another host", "the answer is a redirect", _redirect(302), status=302),
    Fault("308 to another host", "the answer is a redirect", _redirect(308), status=308),
    Fault(
        "next page on another host",
        "next_page_url points to another host",
        _next_page("{other_host}/v1/Services?PageToken=PTmore"),
        next_page="foreign",
    ),
    Fault(
        "next page in a loop",
        "next_page_url points to a page that was read before",
        _next_page("{base_url}/v1/Services?PageSize=2&Page=0"),
        next_page="looping",
    ),
    Fault("another client deletes it", emulator_fault=_deleted, race="deletes it"),
    Fault("another client creates it", emulator_fault=_created, race="creates it"),
    Fault(
        "another client takes the name",
        "must be unique",
        _name_taken(str),
        code=SERVICE.taken_code,
        race="takes the name",
    ),
    Fault(
        "another client takes it in capitals",
        "must be unique",
        _name_taken(str.upper),
        code=SERVICE.taken_code,
        race="takes the name in capitals",
    ),
)
