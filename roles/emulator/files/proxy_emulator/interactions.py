# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Interaction: a message or a call between the Participants of a Session. A control request makes one happen."""

from __future__ import annotations

import hashlib
import json
import secrets
import typing as t

from .errors import Refusal
from .resources import Record, Resource, new_sid

if t.TYPE_CHECKING:
    from .collection import Collection

#: The prefix of the SID, the status and the type of what an Interaction of a type consists of.
KINDS = {"message": ("SM", "delivered", "Message", "Messages"), "voice": ("CA", "in-progress", "Call", "Calls")}


def happen(interactions: Collection, happened: t.Mapping[str, t.Any]) -> Record:
    """Add an Interaction from a Participant of the Session to the other one."""
    active = [
        record.sid
        for record in interactions.sibling("/Participants").records()
        if record.values["date_deleted"] is None
    ]
    inbound = happened.get("participant_sid", next(iter(active), None))
    if inbound not in (None, *active):
        raise Refusal(400, 80405, "Invalid Participant Sid")
    values: dict[str, t.Any] = {
        "sid": happened.get("sid", "KI" + secrets.token_hex(16)),
        "type": happened["type"],
        "data": json.dumps(happened.get("data", {})),
    }
    outbound = next((sid for sid in active if sid != inbound), None)
    prefix, status, kind, path = KINDS[happened["type"]]
    for side, participant in (("inbound", inbound), ("outbound", outbound)):
        sid = prefix + hashlib.sha256(f"{values['sid']} {side}".encode()).hexdigest()[:32]
        values[f"{side}_participant_sid"] = participant
        values[f"{side}_resource_sid"] = sid
        values[f"{side}_resource_status"] = status
        values[f"{side}_resource_type"] = kind
        values[f"{side}_resource_url"] = (
            f"https://api.twilio.com/2010-04-01/Accounts/{interactions.account.sid}/{path}/{sid}.json"
        )
    return interactions.put(values)


def may_delete(_interaction: Record, interactions: Collection) -> None:
    """Check that there is no legal hold."""
    if interactions.settings["legal_hold"]:
        raise Refusal(400, 80615, "The Interaction is under a legal hold and cannot be deleted")


INTERACTION = Resource(
    name="Interaction",
    path="/Interactions",
    key="interactions",
    fields=(),
    identify=new_sid("KI"),
    absent_code=80403,
    operations=("delete",),
    may_delete=may_delete,
)
