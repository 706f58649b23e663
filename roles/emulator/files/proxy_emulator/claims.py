# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Participant has which number of the pool in a Session that is not closed."""

from __future__ import annotations

import typing as t

from .resources import Record

if t.TYPE_CHECKING:
    from .collection import Collection


class Claim(t.NamedTuple):
    """A Participant who has not been removed, and its Session."""

    session: Record
    participant: Record


def participants(sessions: Collection) -> list[Claim]:
    """Return all Participants of the Sessions, also those that were removed."""
    return [
        Claim(session, participant)
        for session in sessions.records()
        for participant in sessions.children(session.sid)["/Participants"].records()
    ]


def claims(sessions: Collection) -> list[Claim]:
    """Return the Participants of Sessions that are not closed."""
    return [
        claim
        for claim in participants(sessions)
        if claim.session.values["status"] != "closed" and claim.participant.values["date_deleted"] is None
    ]


def users(number_sid: str, sessions: Collection) -> set[str]:
    """Return the SIDs of the Sessions that use the number."""
    found = [claim for claim in claims(sessions) if claim.participant.values["proxy_identifier_sid"] == number_sid]
    return {claim.session.sid for claim in found}


def numbers_elsewhere(identifier: t.Any, sessions: Collection, session_sid: str) -> set[t.Any]:
    """Return the numbers that an identifier has in Sessions other than this one."""
    return {
        claim.participant.values["proxy_identifier"]
        for claim in claims(sessions)
        if claim.session.sid != session_sid and claim.participant.values["identifier"] == identifier
    }
