# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Sessions are selected, and what is planned for them."""

from __future__ import annotations

import typing as t
from datetime import UTC, datetime

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils._resources import SESSION
from ansible_collections.twilio.proxy.plugins.module_utils._sessions_plan import Filters, plan_sessions, resource_sids

from .wire import SESSION_SID, interaction, participant, session

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
HOUR = 3600


@pytest.mark.parametrize(
    ("filters", "fields", "selected"),
    [
        ({}, {}, True),
        # The name
        ({"unique_name_matching": "ide"}, {"unique_name": "ride 1"}, True),
        ({"unique_name_matching": "^ide"}, {"unique_name": "ride 1"}, False),
        ({"unique_name_matching": "^ride"}, {"unique_name": "Ride 1"}, False),
        ({"unique_name_matching": ""}, {"unique_name": None}, False),
        ({"unique_name_matching": ".*"}, {"unique_name": ""}, False),
        # The status
        ({"status": ["open", "failed"]}, {"status": "failed"}, True),
        ({"status": ["open", "failed"]}, {"status": "closed"}, False),
        ({"status": ["open"]}, {"status": None}, False),
        # The last interaction, or else the last change
        ({"idle_for": HOUR}, {"date_last_interaction": "2026-11-23T11:00:00Z"}, True),
        ({"idle_for": HOUR}, {"date_last_interaction": "2026-11-23T11:00:01Z"}, False),
        ({"idle_for": HOUR}, {"date_last_interaction": "2026-11-23T12:00:00+01:00"}, True),
        ({"idle_for": HOUR}, {"date_last_interaction": "2026-11-23T11:00:00-01:00"}, False),
        ({"idle_for": HOUR}, {"date_last_interaction": "20261123T110000.5Z"}, False),
        (
            {"idle_for": HOUR},
            {"date_last_interaction": "2026-11-23T11:30:00Z", "date_updated": "2026-11-23T08:00:00Z"},
            False,
        ),
        ({"idle_for": HOUR}, {"date_last_interaction": None, "date_updated": "2026-11-23T10:00:00Z"}, True),
        ({"idle_for": HOUR}, {"date_last_interaction": None, "date_updated": "2026-11-23T11:30:00Z"}, False),
        # The creation
        ({"older_than": HOUR}, {"date_created": "2026-11-23T11:00:00Z"}, True),
        ({"older_than": HOUR}, {"date_created": "2026-11-23T11:00:01Z"}, False),
        ({"older_than": HOUR}, {"date_created": "2026-11-23T11:30:00Z", "date_updated": "2026-11-20T00:00:00Z"}, False),
        # What cannot be read is neither idle nor old.
        ({"older_than": 1}, {"date_created": None}, False),
        ({"older_than": 1}, {"date_created": "yesterday"}, False),
        ({"older_than": 1}, {"date_created": "2026-11-20T00:00:00"}, False),
        ({"idle_for": 1}, {"date_last_interaction": None, "date_updated": None}, False),
        # All of them
        ({"status": ["open"], "older_than": HOUR, "unique_name_matching": "1"}, {}, True),
        ({"status": ["open"], "older_than": HOUR, "unique_name_matching": "2"}, {}, False),
        ({"status": ["open"], "older_than": 9 * HOUR, "unique_name_matching": "1"}, {}, False),
    ],
)
def test_a_session_has_to_satisfy_all_filters(
    filters: dict[str, t.Any], fields: dict[str, t.Any], selected: bool
) -> None:
    assert Filters(**filters).select(session(**fields), NOW, closing=False) is selected


@pytest.mark.parametrize("status", SESSION.field("status").choices or ())
def test_only_sessions_that_can_be_closed_are_selected_for_that(status: str) -> None:
    can_be_closed = status in ("open", "in-progress")
    assert Filters().select(session(status=status), NOW, closing=True) is can_be_closed
    assert Filters().select(session(status=status), NOW, closing=False) is True


RIDER, DRIVER = (
    participant(identifier="rider", proxy_identifier="+1"),
    participant(identifier="driver", proxy_identifier="+2"),
)
GONE = {**DRIVER, "date_deleted": "2026-11-23T09:00:00Z"}


@pytest.mark.parametrize(
    ("filters", "people", "selected"),
    [
        ({"participant_identifier": ["rider"]}, [DRIVER, RIDER], True),
        ({"participant_identifier": ["nobody", "rider"]}, [RIDER], True),
        ({"participant_identifier": ["Rider"]}, [RIDER], False),
        ({"participant_identifier": ["rider"]}, [], False),
        ({"participant_identifier": ["driver"]}, [RIDER, GONE], True),
        ({"phone_number": ["+2"]}, [RIDER, DRIVER], True),
        ({"phone_number": ["+3", "+1"]}, [RIDER], True),
        ({"phone_number": ["+2"]}, [RIDER], False),
        ({"phone_number": ["+2"]}, [RIDER, GONE], False),
        ({"participant_identifier": ["rider"], "phone_number": ["+2"]}, [RIDER, DRIVER], True),
        ({"participant_identifier": ["rider"], "phone_number": ["+2"]}, [RIDER], False),
        ({"participant_identifier": ["driver"], "phone_number": ["+1"]}, [RIDER], False),
    ],
)
def test_one_of_the_participants_has_to_satisfy_a_filter(
    filters: dict[str, t.Any], people: list[dict[str, t.Any]], selected: bool
) -> None:
    assert Filters(**filters).need_participants
    assert Filters(**filters).select_by_participants(people) is selected


def test_participants_are_needed_for_no_other_filter() -> None:
    assert not Filters("a", ["open"], 1, 1).need_participants


def test_each_session_has_a_step() -> None:
    first, second = session(), session(sid="KC" + "2" * 32, status="in-progress")
    steps = plan_sessions([first, second], absent=False)
    assert [step.entry.place for step in steps] == ["sessions[0]", "sessions[1]"]
    assert [step.entry.sid for step in steps] == [SESSION_SID, second["sid"]]
    assert [(step.change.operation, step.change.send) for step in steps] == [("update", {"status": "closed"})] * 2
    (step,) = plan_sessions([session(status="failed")], absent=True)
    assert (step.change.operation, step.change.after) == ("delete", None)


def test_interactions_name_calls_and_messages() -> None:
    call, message, other = ("CA" + "1" * 32, "SM" + "1" * 32, "MM" + "2" * 32)
    interactions = [
        interaction(inbound_resource_sid=call, outbound_resource_sid=None),
        interaction(inbound_resource_sid=message, outbound_resource_sid=other),
        interaction(inbound_resource_sid=call, outbound_resource_sid=message),
    ]
    assert resource_sids(interactions) == {"call_sids": [call], "message_sids": [message, other]}
