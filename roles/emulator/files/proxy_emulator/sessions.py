# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Session, and what becomes of it by interactions and by the time alone."""

from __future__ import annotations

import json
import typing as t

from . import errors, rules
from .claims import numbers_elsewhere
from .clock import DAY, later
from .interactions import INTERACTION, happen
from .participants import PARTICIPANT
from .resources import Field, Parameters, Record, Resource, Values, new_sid

if t.TYPE_CHECKING:
    from .collection import Collection

STATUSES = ("open", "in-progress", "closed", "failed", "unknown")
MODES = ("message-only", "voice-only", "voice-and-message")
TRANSITIONS = (("open", "closed"), ("in-progress", "closed"), ("closed", "in-progress"))
# A closed Session is deleted after this time, and one without a limit may end after it.
NINETY_DAYS = 90 * DAY
UNSET = ("closed_reason", "date_started", "date_ended", "date_last_interaction")


def identify(given: Values, sessions: Collection) -> Values:
    """Return the other values of a new Session."""
    settings, now = sessions.settings, sessions.now()
    _check_expiry(given, sessions)
    ttl = sessions.owner.values["default_ttl"] if given["ttl"] is None else given["ttl"]
    expiry = given["date_expiry"]
    if not ttl and expiry is None and settings["session_without_limit"] == "90_days":
        expiry = later(now, NINETY_DAYS)
    status = given["status"] or "open"
    if status != "open" and settings["status_at_creation"] == "refused":
        raise errors.Refusal(400, 80608, f"A Session cannot be created with the Status {status}")
    if settings["status_at_creation"] == "ignored":
        status = "open"
    return {
        **new_sid("KC")(given, sessions),
        "mode": given["mode"] or settings["default_mode"],
        "ttl": ttl,
        "date_expiry": expiry,
        **dict.fromkeys(UNSET),
        "status": status,
        **(_closed("api", now) if status == "closed" else {}),
    }


def created(session: Record, parameters: Parameters, sessions: Collection) -> None:
    """Add the Participants of the request, or remove the Session again if one cannot be added."""
    try:
        for given in _participants(parameters.get("Participants", ()), sessions.settings["participants_form"]):
            sessions.children(session.sid)[PARTICIPANT.path].create({name: [text] for name, text in given.items()})
    except errors.Refusal:
        sessions.remove(session.sid)
        raise


def _participants(texts: t.Sequence[str], form: str) -> t.Iterator[dict[str, str]]:
    """Yield the parameters of each Participant: from JSON objects in parameters of the same name, or from an array."""
    for text in texts:
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        is_array = isinstance(found, list)
        found = found if isinstance(found, list) else [found]
        if form == ("repeated" if is_array else "array") or not all(isinstance(given, dict) for given in found):
            raise errors.bad_request("Participants has to be JSON of participants")
        yield from ({name: str(value) for name, value in given.items() if value is not None} for given in found)


def change(given: Values, session: Record, sessions: Collection) -> Values:
    """Return the values that a request changes: the transition of the status, and others of an open Session."""
    settings, old = sessions.settings, str(session.values["status"])
    new = str(given.get("status", old))
    _check_expiry(given, sessions)
    others = given.keys() - {"status"}
    if others and old == "closed" and (new == "closed" or settings["change_while_reopening"] == "refused"):
        raise errors.Refusal(400, 80607, "The Session is closed")
    if "status" not in given or (old == new == "closed" and settings["closing_twice"] == "accepted"):
        ends = _ends(session.values, given["ttl"], session.values["date_last_interaction"]) if "ttl" in given else {}
        return {**ends, **given}
    if (old, new) not in TRANSITIONS:
        raise errors.Refusal(400, 80608, f"The Status cannot become {new} from {old}")
    if new == "closed":
        return {**given, **_closed("api", sessions.now())}
    for participant in sessions.children(session.sid)[PARTICIPANT.path].records():
        elsewhere = numbers_elsewhere(participant.values["identifier"], sessions, session.sid)
        if participant.values["date_deleted"] is None and participant.values["proxy_identifier"] in elsewhere:
            raise errors.Refusal(400, 80604, "A Participant uses its number in another Session")
    # A time that has passed would close it at once.
    past = {"date_expiry": None} if _is_past(session.values["date_expiry"], sessions) else {}
    return {**past, **given, "closed_reason": None, "date_ended": None}


def may_delete(session: Record, sessions: Collection) -> None:
    """Check that the Session is closed, if it has to be."""
    if session.values["status"] != "closed" and sessions.settings["deletion_of_open_session"] == "refused":
        status, code = (sessions.settings[f"invalid_value_{name}"] for name in ("status", "code"))
        raise errors.Refusal(status, code, "The Session is not closed")


def pass_time(sessions: Collection) -> None:
    """Close the Sessions whose time is over, and delete those that were closed 90 days ago."""
    # This happens before each request, and there may be many Sessions.
    now = sessions.now()
    long_ago = later(now, -NINETY_DAYS)
    for session in sessions.records():
        status, expiry, ended = (session.values[name] for name in ("status", "date_expiry", "date_ended"))
        if status != "closed" and expiry is not None and str(expiry) <= now:
            ended = str(expiry)
            sessions.change(session.sid, {"status": "closed", **_closed("ttl", ended)})
        if ended is not None and str(ended) <= long_ago:
            sessions.remove(session.sid)


def interact(session: Record, sessions: Collection, happened: t.Mapping[str, t.Any]) -> Record:
    """Make an interaction happen in the Session, which is in progress then, and whose time starts again."""
    if session.values["status"] == "closed":
        raise errors.Refusal(400, 80607, "The Session is closed")
    interaction = happen(sessions.children(session.sid)[INTERACTION.path], happened)
    now = sessions.now()
    started = session.values["date_started"] or now
    values = {"status": "in-progress", "date_started": started, "date_last_interaction": now}
    sessions.change(session.sid, {**values, **_ends(session.values, session.values["ttl"], now)})
    return interaction


def _ends(values: Values, ttl: t.Any, last: t.Any) -> Values:
    """Return when the Session ends by this ttl, which begins with the last interaction, unless a date was given."""
    expiry, before = values["date_expiry"], values["date_last_interaction"]
    has_date = expiry is not None and (before is None or expiry != later(str(before), int(str(values["ttl"]))))
    return {} if has_date or not last else {"date_expiry": later(last, ttl) if ttl else None}


def _check_expiry(given: Values, sessions: Collection) -> None:
    if _is_past(given.get("date_expiry"), sessions):
        status, code = (sessions.settings[f"invalid_value_{name}"] for name in ("status", "code"))
        raise errors.Refusal(status, code, "Invalid value for parameter DateExpiry: must be in the future")


def _is_past(time: t.Any, sessions: Collection) -> bool:
    return time is not None and str(time) <= sessions.now()


def _closed(reason: str, time: str) -> Values:
    return {"closed_reason": reason, "date_ended": time}


SESSION = Resource(
    name="Session",
    path="/Sessions",
    key="sessions",
    fields=(
        Field("unique_name", "UniqueName", rules.text(1, 191), immutable=True),
        Field("mode", "Mode", rules.choice(*MODES), immutable=True),
        Field("status", "Status", rules.choice(*STATUSES)),
        Field("ttl", "Ttl", rules.ttl),
        Field("date_expiry", "DateExpiry", rules.instant),
    ),
    identify=identify,
    absent_code=80409,
    created=created,
    change=change,
    may_delete=may_delete,
    pass_time=pass_time,
    keeps_name=lambda values, settings: values["status"] != "closed" or settings["closed_session_name"] == "taken",
    is_listed=lambda values, settings: values["status"] != "closed" or settings["closed_sessions_are_listed"],
    name_field="unique_name",
    name_taken_code=80603,
    sid_member="session_sid",
    links=(("participants", "Participants"), ("interactions", "Interactions")),
    children=(PARTICIPANT, INTERACTION),
)
