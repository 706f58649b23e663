# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of the Services of an account."""

from __future__ import annotations

import re
import typing as t

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.twilio.proxy.plugins.filter.services_report import RETURN, FilterModule, services_report
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE
from ansible_collections.twilio.proxy.plugins.modules import services_info
from ansible_collections.twilio.proxy.plugins.plugin_utils._inventory import REASONS, SETTINGS

SIDS = ["KS" + str(digit) * 32 for digit in range(3)]
NUMBERS = [{"phone_number": "+12025550100"}, {"phone_number": "+12025550101", "is_reserved": True}]


NOW = "2026-11-23T08:00:00Z"
SESSIONS = [
    {"status": "open", "date_created": "2026-11-22T08:00:01Z"},
    {"status": "in-progress", "date_created": "2026-11-23T07:00:00Z"},
    {"status": "open", "date_created": "2026-10-24T08:00:00Z"},
    *(7 * [{"status": "closed", "date_created": "2026-09-01T08:00:00Z"}]),
]


def report(*services: dict[str, t.Any], **more: t.Any) -> t.Any:
    options = {name: more.pop(name) for name in ("matching", "sessions", "now", "form") if name in more}
    return services_report({"services": list(services), **more}, **options)


@pytest.mark.parametrize(
    ("created", "age"),
    [
        ("2026-11-23T09:00:00Z", "under_1_day"),  # after now, by another clock
        ("2026-11-22T08:00:01Z", "under_1_day"),
        ("2026-11-22T08:00:00Z", "1_to_7_days"),
        ("2026-11-16T08:00:00Z", "7_to_30_days"),
        ("2026-10-24T08:00:00Z", "over_30_days"),
    ],
)
def test_a_session_that_is_not_closed_has_an_age(created: str, age: str) -> None:
    sessions = {"KS": [{"status": "open", "date_created": created}]}
    (service,) = report({"sid": "KS"}, sessions=sessions, now=NOW, form="data")["services"]
    assert {name for name, number in service["ages"].items() if number} == {age}


def test_sessions_are_counted_by_status() -> None:
    """Also with one that Twilio does not document. Without a time, the ages end now."""
    sessions = {"KS": [*SESSIONS, {"status": "paused", "date_created": NOW}]}
    (service,) = report({"sid": "KS"}, sessions=sessions, form="data")["services"]
    assert service["sessions"] == {"open": 2, "in-progress": 1, "closed": 7, "failed": 0, "unknown": 0, "paused": 1}
    assert sum(service["ages"].values()) == 3


@pytest.mark.parametrize("created", [None, "2026-11-23T08:00:00", "yesterday"])
def test_a_session_without_a_readable_date_has_no_age(created: str | None) -> None:
    sessions = {"KS": [{"status": "open", "date_created": created}]}
    (service,) = report({"sid": "KS"}, sessions=sessions, now=NOW, form="data")["services"]
    assert (service["sessions"]["open"], sum(service["ages"].values())) == (1, 0)


def test_the_report_as_data() -> None:
    rides = {"unique_name": "rides", "sid": SIDS[0], "default_ttl": 60, "phone_numbers": NUMBERS}
    left_out = [{"service": "trial", "option": "phone_numbers", "reason": "name"}]
    result = report(rides, {"unique_name": "trial"}, left_out=left_out, in_use={"+12025550101": 2}, form="data")
    assert result == {
        "services": [
            {
                "unique_name": "rides",
                "sid": SIDS[0],
                "options": {"default_ttl": 60},
                "left_out": {},
                "phone_numbers": [
                    {"phone_number": "+12025550100", "is_reserved": False, "in_use": 0},
                    {"phone_number": "+12025550101", "is_reserved": True, "in_use": 2},
                ],
                "room": {"unreserved": 499, "reserved": 4999},
            },
            {
                "unique_name": "trial",
                "options": {},
                "left_out": {"phone_numbers": REASONS["name"]},
                "phone_numbers": None,
                "room": None,
            },
        ]
    }


def test_a_pool_over_the_limit_has_no_room() -> None:
    numbers = [{"phone_number": f"+1202555{number:04}"} for number in range(501)]
    (service,) = report({"phone_numbers": numbers}, form="data")["services"]
    assert service["room"] == {"unreserved": 0, "reserved": 5000}


def test_the_report_as_csv() -> None:
    services: list[dict[str, t.Any]] = [
        {"unique_name": 'a,"b"\n', "sid": SIDS[0], "phone_numbers": NUMBERS},
        {"unique_name": None, "sid": SIDS[1]},
        {"unique_name": "lost", "sid": SIDS[2]},
    ]
    left_out = [{"service": "lost", "option": "phone_numbers", "reason": "name"}]
    sessions = {SIDS[0]: SESSIONS}
    lines = report(*services, left_out=left_out, in_use={"+12025550100": 3}, sessions=sessions, now=NOW, form="csv")
    statuses = "sessions_open,sessions_in_progress,sessions_closed,sessions_failed,sessions_unknown"
    ages = "age_under_1_day,age_1_to_7_days,age_7_to_30_days,age_over_30_days"
    assert lines == [
        f"unique_name,sid,phone_number,is_reserved,in_use,room_unreserved,room_reserved,{statuses},{ages}",
        rf'"a,""b""\n",{SIDS[0]},+12025550100,false,3,499,4999,2,1,7,0,0,2,0,0,1',
        rf'"a,""b""\n",{SIDS[0]},+12025550101,true,0,499,4999,2,1,7,0,0,2,0,0,1',
        f",{SIDS[1]},,,,500,5000,0,0,0,0,0,0,0,0,0",
        f"lost,{SIDS[2]},,,,,,0,0,0,0,0,0,0,0,0",
    ]
    assert report(form="csv") == [lines[0].partition(",sessions")[0]]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"form": "xml"}, "form: 'xml' is not one of table, data, csv."),
        ({"now": "today"}, "now: 'today' is not a date"),
        ({"now": "2026-11-23T08:00:00"}, "now: '2026-11-23T08:00:00' is not a date"),
    ],
)
def test_a_wrong_option_is_refused(options: dict[str, str], problem: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"^services_report: {problem}"):
        report(**options)


def test_the_layout_of_a_report() -> None:
    assert report(
        {"unique_name": "deliveries", "sid": SIDS[0]},
        {
            "unique_name": "rides",
            "sid": SIDS[1],
            "default_ttl": 3600,
            "callback_url": "https://example.com/",
            "phone_numbers": NUMBERS,
        },
        {"unique_name": "日本", "sid": SIDS[2], "phone_numbers": NUMBERS[:1]},
    ) == [
        f"deliveries  {SIDS[0]}  no numbers",
        f"rides       {SIDS[1]}  2 numbers",
        "  callback_url: https://example.com/",
        "  default_ttl: 3600",
        "  +12025550100",
        "  +12025550101 (reserved)",
        "  room for 499 more numbers and 4999 more reserved numbers",
        f"日本        {SIDS[2]}  1 number",
        "  +12025550100",
        "  room for 499 more numbers and 5000 more reserved numbers",
        "3 Services, 3 numbers.",
    ]


def test_without_sids_the_report_has_no_sid_column() -> None:
    assert report({"unique_name": "rides", "phone_numbers": []}) == ["rides  no numbers", "1 Service, 0 numbers."]


def test_an_omission_is_shown_in_place_of_its_value() -> None:
    left_out = [
        {"service": "rides", "option": "callback_url", "reason": "secret"},
        {"service": "rides", "option": "phone_numbers", "reason": "name"},
        {"service": "trial", "option": "chat_instance_sid", "reason": "sid"},
    ]
    services = [{"unique_name": name, "default_ttl": 60} for name in ("rides", "trial")]
    assert report(*services, left_out=left_out) == [
        "rides",
        "  callback_url: left out, it contains a secret",
        "  default_ttl: 60",
        "  phone_numbers: left out, Twilio's answer has no phone_number for a number in it",
        "trial  no numbers",
        "  chat_instance_sid: left out, it contains a SID",
        "  default_ttl: 60",
        "2 Services, 0 numbers.",
    ]


def test_every_reason_and_every_setting_has_a_text() -> None:
    documented = services_info.RETURN.partition("    reason:")[2].partition("\nstatus:")[0]
    assert {*REASONS} == {*re.findall(r"- V\((\w+)\)", documented)}
    assert {*SETTINGS} == {field.name for field in SERVICE.writable} - {SERVICE.name_field}


def test_names_are_selected_by_a_regular_expression() -> None:
    services = [{"unique_name": name} for name in ("team-a-1", "team-b-1", None)]
    assert report(*services, matching="^team-a-")[-1] == "1 Service, 0 numbers."
    assert report(*services)[2:] == ["(without a name)  no numbers", "3 Services, 0 numbers."]
    with pytest.raises(AnsibleFilterError, match=r"^services_report: matching: '\(' is not"):
        report(matching="(")


def test_control_characters_are_escaped() -> None:
    lines = report({"unique_name": "\x1b[31ma", "callback_url": "https://a.example/\u202e"})
    assert lines[:2] == [r"\x1b[31ma  no numbers", r"  callback_url: https://a.example/\u202e"]


def test_the_documentation_shows_the_layout() -> None:
    services: list[dict[str, t.Any]] = [
        {"unique_name": "deliveries", "sid": "KS0123456789abcdef0123456789abcdef"},
        {
            "unique_name": "rides",
            "sid": "KS1123456789abcdef0123456789abcdef",
            "callback_url": "https://example.com/proxy/status",
            "default_ttl": 3600,
            "phone_numbers": NUMBERS,
        },
    ]
    sessions = {services[0]["sid"]: [], services[1]["sid"]: SESSIONS}
    lines = report(*services, in_use={"+12025550100": 3}, sessions=sessions, now=NOW)
    assert lines.pop(1) == "  Sessions: none"
    assert yaml.safe_load(RETURN)["_value"]["sample"] == lines


@pytest.mark.parametrize("result", [None, [], {}, {"services": None}])
def test_a_value_that_is_no_result_is_refused(result: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="no list services"):
        services_report(result)


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"services_report": services_report}
