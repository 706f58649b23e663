# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Select Sessions, and plan to close or delete them. Pure: no I/O, no Ansible."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import Entry, Step
from ansible_collections.twilio.proxy.plugins.module_utils._plan import plan
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SESSION, Object, parse_instant

CLOSED = "closed"
#: The statuses that a request can change to closed.
CLOSABLE = frozenset(source for source, target in SESSION.field("status").transitions if target == CLOSED)
#: What can happen to a Session, by the words of _bulk_plan.OPERATIONS, in the order in which a summary counts it.
SESSION_OPERATIONS: t.Mapping[str, str] = {
    "updated": "closed",
    "deleted": "deleted",
    "unchanged": "unchanged",
    "failed": "failed",
    "not_attempted": "not_attempted",
}


@dataclass(frozen=True)
class Filters:
    """What a Session must satisfy to be selected. A filter that is None selects all.

    ``idle_for`` and ``older_than`` are in seconds. ``participant_identifier`` and ``phone_number`` are about the
    participants of a Session, and satisfied if one of them has one of the values.
    """

    unique_name_matching: str | None = None
    status: t.Collection[str] | None = None
    idle_for: int | None = None
    older_than: int | None = None
    participant_identifier: t.Collection[str] | None = None
    phone_number: t.Collection[str] | None = None

    @property
    def need_participants(self) -> bool:
        """Whether the participants of a Session have to be read."""
        return self.participant_identifier is not None or self.phone_number is not None

    def select(self, session: Object, now: datetime, closing: bool) -> bool:
        """Return whether the Session satisfies the filters that need nothing but it.

        Without a readable date, it is neither idle nor old. One that cannot be closed is not selected for ``closing``.
        """
        if closing and session["status"] not in CLOSABLE:
            return False
        if self.status is not None and session["status"] not in self.status:
            return False
        name = session["unique_name"]
        if self.unique_name_matching is not None and (not name or not re.search(self.unique_name_matching, name)):
            return False
        last_use = session["date_last_interaction"] or session["date_updated"]
        return _is_before(last_use, now, self.idle_for) and _is_before(session["date_created"], now, self.older_than)

    def select_by_participants(self, participants: t.Iterable[Object]) -> bool:
        """Return whether participants of a Session satisfy the filters about them.

        One that was removed still identifies the Session of a person, but has no proxy number any more.
        """
        people = list(participants)
        identifiers = {person["identifier"] for person in people}
        numbers = {person["proxy_identifier"] for person in people if not person["date_deleted"]}
        return all(
            wanted is None or not found.isdisjoint(wanted)
            for wanted, found in ((self.participant_identifier, identifiers), (self.phone_number, numbers))
        )


def _is_before(instant: str | None, now: datetime, seconds: int | None) -> bool:
    """Return whether the instant is at least so many seconds before ``now``."""
    moment = parse_instant(instant)
    return seconds is None or (moment is not None and (now - moment).total_seconds() >= seconds)


def plan_sessions(sessions: t.Iterable[Object], absent: bool) -> list[Step]:
    """Return the step that closes or deletes each Session. A Session that is absent by then is left alone."""
    desired = {} if absent else {"status": CLOSED}
    return [
        Step(
            Entry(f"{SESSION.list_key}[{number}]", desired, session["sid"], absent, may_be_absent=True),
            plan(SESSION, desired, session, absent=absent),
        )
        for number, session in enumerate(sessions)
    ]


def resource_sids(interactions: t.Iterable[Object]) -> dict[str, list[str]]:
    """Return the SIDs of the Calls and the Messages that interactions name, each once."""
    sids = dict.fromkeys(
        interaction[f"{side}_resource_sid"] for interaction in interactions for side in ("inbound", "outbound")
    )
    found = [sid for sid in sids if sid]
    return {
        "call_sids": [sid for sid in found if sid.startswith("CA")],
        "message_sids": [sid for sid in found if not sid.startswith("CA")],
    }
