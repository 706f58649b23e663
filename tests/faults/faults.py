# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults: how each is brought about, and what is true of it.

What is true of a fault is all that the rules (rules.py) know of it.
"""

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
#: When the request is carried out: not at all, before the client gives up, or only after it gave up.
CarriedOut = t.Literal["no", "yes", "late"]
#: What somebody else does at that very moment.
Race = t.Literal["deletes it", "creates it", "takes the name", "takes it in capitals"]

SHORT = 0.3  # seconds: the time limit of a request where it is to be exceeded
LONG = 30.0  # seconds: the time limit where it is not
LATE = 4 * SHORT  # after this long, the client has given up for good
NEVER = 60.0  # longer than a cell takes
SECONDS_OF_DATE = 40
ABSURD = "86400000"
#: What the Service of somebody who was faster differs in.
STRANGER: Fields = {"default_ttl": 7}
HTML = "<html><body><h1>Bad gateway</h1></body></html>"


class Scene(t.NamedTuple):
    """What a fault may need to know: an address that is no place for credentials, the emulator's settings, and what the
    task wants."""

    elsewhere: str
    settings: Settings
    desired: Fields


@dataclass(frozen=True)
class Fault:
    """A row of the matrix.

    ``strikes`` gives the emulator's fault; where it is None, ``line`` says what the line does to the request.

    ``passing``: the same request may go well later, and the answer says so.
    ``uncertain``: who asked cannot tell whether the request was carried out. ``carried_out`` is the truth.
    ``status``, ``code``: what the client learns. ``wait``: the seconds that the server asks for.
    ``says``: words of the failure. ``slow``: it shows only after the time limit. ``half``: half of the answer does
    come. ``next_page``: it is about the page that follows. ``race``: nothing is wrong but that somebody else is faster.
    """

    name: str
    says: str = ""
    strikes: t.Callable[[Scene], Json] | None = None
    line: t.Literal["refuses", "drips"] | None = None
    passing: bool = False
    uncertain: bool = False
    carried_out: CarriedOut = "no"
    status: int | None = None
    code: int | None = None
    wait: t.Literal["none", "seconds", "date", "longest"] = "none"
    slow: bool = False
    half: bool = False
    next_page: t.Literal["foreign", "looping"] | None = None
    race: Race | None = None


def _cut(when: str) -> t.Callable[[Scene], Json]:
    return lambda _scene: {"kind": "cut", "when": when}


def _late(seconds: float, applied: str) -> t.Callable[[Scene], Json]:
    return lambda _scene: {"kind": "late", "seconds": seconds, "applied": applied}


def _answer(status: int, carried_out: CarriedOut = "no", **members: t.Any) -> t.Callable[[Scene], Json]:
    return lambda _scene: {"kind": "answer", "status": status, "applied": carried_out == "yes", **members}


def _error(code: int, message: str) -> Json:
    return {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}"}


def _too_many(retry_after: t.Callable[[], str | None]) -> t.Callable[[Scene], Json]:
    def strikes(scene: Scene) -> Json:
        value = retry_after()
        headers = {} if value is None else {"Retry-After": value}
        return _answer(429, json=_error(20429, "Too Many Requests"), headers=headers)(scene)

    return strikes


def _date() -> str:
    return email.utils.formatdate(time.time() + SECONDS_OF_DATE, usegmt=True)


def _closed(scene: Scene) -> Json:
    document = _error(80506, "Creating Services is closed for this account")
    return _answer(scene.settings["creation_closed_status"], json=document)(scene)


def _redirect(status: int) -> t.Callable[[Scene], Json]:
    def strikes(scene: Scene) -> Json:
        return _answer(status, body=HTML, headers={"Location": f"{scene.elsewhere}{SERVICE.path}"})(scene)

    return strikes


def _next_page(url: str) -> t.Callable[[Scene], Json]:
    return lambda scene: {
        "kind": "patch",
        "set": {"/meta/next_page_url": url.replace("{elsewhere}", scene.elsewhere)},
    }


def _meanwhile(method: str, path: str, form: dict[str, str]) -> Json:
    return {"kind": "meanwhile", "requests": [{"method": method, "path": path, "form": form}]}


def _gone(_scene: Scene) -> Json:
    return _meanwhile("DELETE", SERVICE.path + "/{sid}", {})


def _same(scene: Scene) -> Json:
    return _meanwhile("POST", SERVICE.path, dict(to_form(SERVICE, scene.desired)))


def _takes(spelled: t.Callable[[str], str]) -> t.Callable[[Scene], Json]:
    def strikes(scene: Scene) -> Json:
        form = {"UniqueName": spelled(scene.desired["unique_name"]), "DefaultTtl": str(STRANGER["default_ttl"])}
        return _meanwhile("POST", SERVICE.path, form)

    return strikes


def _either(name: str, strikes: t.Callable[[CarriedOut], t.Callable[[Scene], Json]], **truth: t.Any) -> list[Fault]:
    """The fault that leaves open whether the request was carried out: once it was not, once it was."""
    return [
        Fault(
            f"{name}, {'carried out' if carried_out == 'yes' else 'not carried out'}",
            strikes=strikes(carried_out),
            uncertain=True,
            carried_out=carried_out,
            **truth,
        )
        for carried_out in t.cast("tuple[CarriedOut, ...]", ("no", "yes"))
    ]


_LOST: Json = {"says": "was lost", "passing": True}
_OUT_OF_TIME: Json = {
    "says": f"it took longer than {SHORT:g} seconds",
    "passing": True,
    "uncertain": True,
    "slow": True,
}
_UNREADABLE: Json = {"says": "the answer is empty or no JSON", "passing": True, "status": 200}
_RATE: Json = {"says": "Too Many Requests", "passing": True, "status": 429, "code": 20429}

FAULTS: tuple[Fault, ...] = (
    Fault("connection refused", "there was no connection", line="refuses", passing=True),
    Fault("reset before the request was read", strikes=_cut("before"), uncertain=True, **_LOST),
    Fault("reset after it was carried out", strikes=_cut("after"), uncertain=True, carried_out="yes", **_LOST),
    Fault(
        "reset in the middle of the answer",
        strikes=_cut("middle"),
        uncertain=True,
        carried_out="yes",
        half=True,
        **_LOST,
    ),
    Fault("no answer in time, not carried out", strikes=_late(NEVER, "after"), **_OUT_OF_TIME),
    Fault("no answer in time, carried out", strikes=_late(NEVER, "before"), carried_out="yes", **_OUT_OF_TIME),
    Fault("no answer in time, carried out late", strikes=_late(LATE, "after"), carried_out="late", **_OUT_OF_TIME),
    Fault("answer in drops, not carried out", line="drips", **_OUT_OF_TIME),
    Fault("answer in drops, carried out", line="drips", carried_out="yes", **_OUT_OF_TIME),
    Fault("429", strikes=_too_many(lambda: None), **_RATE),
    Fault("429, Retry-After in seconds", strikes=_too_many(lambda: "7"), wait="seconds", **_RATE),
    Fault("429, Retry-After as a date", strikes=_too_many(_date), wait="date", **_RATE),
    Fault("429, Retry-After of 1000 days", strikes=_too_many(lambda: ABSURD), wait="longest", **_RATE),
    Fault("429, Retry-After that says nothing", strikes=_too_many(lambda: "soon"), **_RATE),
    *_either(
        "500",
        lambda carried_out: _answer(500, carried_out, json=_error(20500, "Internal Server Error")),
        says="Internal Server Error",
        passing=True,
        status=500,
        code=20500,
    ),
    *_either(
        "502 in HTML",
        lambda carried_out: _answer(502, carried_out, body=HTML),
        says="the answer is not in Twilio's form",
        passing=True,
        status=502,
    ),
    *_either(
        "503",
        lambda carried_out: _answer(503, carried_out, json=_error(20503, "Service Unavailable")),
        says="Service Unavailable",
        passing=True,
        status=503,
        code=20503,
    ),
    Fault("401", "Authenticate", _answer(401, json=_error(20003, "Authenticate")), status=401, code=20003),
    Fault("creation closed (80506)", "is closed", _closed, code=80506),
    *_either("empty body", lambda carried_out: _answer(200, carried_out, body=""), **_UNREADABLE),
    *_either("half a JSON body", lambda carried_out: _answer(200, carried_out, body='{"sid": "KS'), **_UNREADABLE),
    *_either(
        "JSON of the wrong shape",
        lambda carried_out: _answer(200, carried_out, json={"unexpected": True}),
        says="the answer is not of the form that Twilio documents",
        status=200,
    ),
    Fault("302 to elsewhere", "the answer is a redirect", _redirect(302), status=302),
    Fault("308 to elsewhere", "the answer is a redirect", _redirect(308), status=308),
    Fault(
        "next page elsewhere",
        "next_page_url points to another host",
        _next_page("{elsewhere}/v1/Services?PageToken=PTmore"),
        next_page="foreign",
    ),
    Fault(
        "next page in a loop",
        "next_page_url points to a page that was read before",
        _next_page("{base_url}/v1/Services?PageSize=2&Page=0"),
        next_page="looping",
    ),
    Fault("somebody deletes it", strikes=_gone, race="deletes it"),
    Fault("somebody creates it", strikes=_same, race="creates it"),
    Fault("somebody takes the name", "must be unique", _takes(str), code=SERVICE.taken_code, race="takes the name"),
    Fault(
        "somebody takes it in capitals",
        "must be unique",
        _takes(str.upper),
        code=SERVICE.taken_code,
        race="takes it in capitals",
    ),
)
