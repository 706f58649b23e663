# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Participant of a Session, and the choice of its number from the pool of the Service.

An identifier has a number in at most one Session that is not closed. Of the geography, the calling code of a country
and, in North America, the area code are known: which area codes make an extended area is not, so all of the country do.
"""

from __future__ import annotations

import re
import typing as t

from . import errors, rules
from .claims import numbers_elsewhere, participants
from .resources import Field, Record, Resource, Values, new_sid

if t.TYPE_CHECKING:
    from .collection import Collection

MOST = 2
# The calling code of a country, and the area code in North America, at the start of a number.
CALLING_CODE = r"\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9][0-9]{2})"
AREA_CODE = r"\+1([0-9]{3})"
# What a number must be able to do for a mode of the Session, with the code if none is.
NEEDS = {
    "voice-only": {"voice": 80201},
    "message-only": {"sms": 80202},
    "voice-and-message": {"voice": 80201, "sms": 80202},
}


def identify(given: Values, others: Collection) -> Values:
    """Return the SID and the number of a new Participant. Raise ``Refusal`` if it cannot have one."""
    settings, identifier = others.settings, given["identifier"]
    if identifier in settings["unreachable_identifiers"]:
        raise errors.Refusal(400, 80404, "The identifier cannot be reached")
    same = [other.values["date_deleted"] for other in others.records() if other.values["identifier"] == identifier]
    if None in same:
        raise errors.Refusal(400, 80103, "The Participant is already in the Session")
    if same:
        raise errors.Refusal(400, settings["returning_participant_code"], "The Participant was in the Session before")
    if sum(other.values["date_deleted"] is None for other in others.records()) >= MOST:
        raise errors.Refusal(400, 80609, f"The Session has {MOST} Participants")
    named = given["proxy_identifier_sid"] is not None or given["proxy_identifier"] is not None
    return {
        **new_sid("KP")(given, others),
        **(_named(given, others) if named else _number(_chosen(str(identifier), others))),
        "date_deleted": None,
    }


def may_change(_participant: t.Any, others: Collection) -> None:
    """Check that the Session is open, or takes changes when it is closed."""
    if others.owner.values["status"] == "closed" and others.settings["participants_of_closed_session"] == "refused":
        raise errors.Refusal(400, 80607, "The Session is closed")


def _number(number: Record) -> Values:
    return {"proxy_identifier": number.values["phone_number"], "proxy_identifier_sid": number.sid}


def _named(given: Values, others: Collection) -> Values:
    """Return the number that the request names."""
    sid, text = given["proxy_identifier_sid"], given["proxy_identifier"]
    if sid is None and not re.fullmatch(rules.E164, str(text)):
        return {"proxy_identifier": text}  # of a chat channel
    pool = others.parent.sibling("/PhoneNumbers").records()
    named = (entry for entry in pool if sid in (None, entry.sid) and text in (None, entry.values["phone_number"]))
    number = next(named, None)
    if number is None:
        code = 80304 if sid is None else 80305
        raise errors.Refusal(400, code, "The proxy identifier is not in the pool of the Service")
    if number.values["is_reserved"] and others.settings["reserved_number_by_name"] == "refused":
        raise errors.Refusal(400, 80304 if sid is None else 80207, "The proxy identifier is reserved")
    if number.values["phone_number"] in numbers_elsewhere(given["identifier"], others.parent, others.owner.sid):
        code = others.settings["number_conflict_code"]
        raise errors.Refusal(400, code, "The identifier uses the number in another Session")
    return _number(number)


def _chosen(identifier: str, others: Collection) -> Record:
    """Return the number of the pool that the Service chooses."""
    session, sessions, settings = others.owner, others.parent, others.settings
    service = sessions.owner.values
    found = sessions.sibling("/PhoneNumbers").records()
    _require(found, 80205, "The pool of the Service is empty")
    for ability, code in NEEDS[str(session.values["mode"])].items():
        found = [number for number in found if t.cast("dict[str, bool]", number.values["capabilities"])[ability]]
        _require(found, code, f"No number of the pool can do {ability}")
    found = [number for number in found if _alike(CALLING_CODE, identifier, number)]
    _require(found, 80203, "No number of the pool is of the country of the identifier")
    if service["geo_match_level"] == "area-code":
        found = [number for number in found if _alike(AREA_CODE, identifier, number)]
        _require(found, 80206, "No number of the pool is of the area of the identifier")
    found = [number for number in found if not number.values["is_reserved"]]
    _require(found, 80207, "All numbers of the pool that match are reserved")
    elsewhere = numbers_elsewhere(identifier, sessions, session.sid)
    found = [number for number in found if number.values["phone_number"] not in elsewhere]
    _require(found, settings["no_free_number_code"], "All numbers of the pool that match are in use")
    before = [
        claim.participant.values["proxy_identifier_sid"]
        for claim in participants(sessions)
        if claim.participant.values["identifier"] == identifier
    ]
    known = [number for number in found if number.sid in before]
    unknown = [number for number in found if number.sid not in before]
    sticky = service["number_selection_behavior"] == "prefer-sticky"
    first, second = (known, unknown) if sticky else (unknown, known)
    return (first or second)[0]


def _require(found: t.Sequence[Record], code: int, message: str) -> None:
    if not found:
        raise errors.Refusal(400, code, message)


def _alike(part: str, identifier: str, number: Record) -> bool:
    """Return whether the number has this part of the identifier, which may be of a chat channel and have none."""
    wanted, has = re.match(part, identifier), re.match(part, str(number.values["phone_number"]))
    return wanted is None or (has is not None and wanted[1] == has[1])


PARTICIPANT = Resource(
    name="Participant",
    path="/Participants",
    key="participants",
    fields=(
        Field("identifier", "Identifier", rules.text(1, 191), required=True, immutable=True),
        Field("friendly_name", "FriendlyName", rules.text(0, 255), immutable=True),
        Field("proxy_identifier", "ProxyIdentifier", rules.text(1, 255), immutable=True),
        Field("proxy_identifier_sid", "ProxyIdentifierSid", rules.sid("PN"), immutable=True),
    ),
    identify=identify,
    absent_code=80405,
    operations=("create", "delete"),
    may_create=may_change,
    may_delete=may_change,
    deleted_field="date_deleted",
    deletion_status="participant_deletion_status",
    is_listed=lambda values, settings: values["date_deleted"] is None or settings["deleted_participants_are_listed"],
    links=(("message_interactions", "MessageInteractions"),),
)
