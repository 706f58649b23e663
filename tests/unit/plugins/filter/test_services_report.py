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

from ansible_collections.twilio.proxy.plugins.filter.services_report import (
    REASONS,
    RETURN,
    SETTINGS,
    FilterModule,
    services_report,
)
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE
from ansible_collections.twilio.proxy.plugins.modules import services_info

SIDS = ["KS" + str(digit) * 32 for digit in range(3)]
NUMBERS = [{"phone_number": "+12025550100"}, {"phone_number": "+12025550101", "is_reserved": True}]


def report(*services: dict[str, t.Any], matching: str = "", **more: t.Any) -> list[str]:
    return services_report({"services": list(services), **more}, matching=matching)


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
        f"日本        {SIDS[2]}  1 number",
        "  +12025550100",
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
    assert yaml.safe_load(RETURN)["_value"]["sample"] == report(*services)


@pytest.mark.parametrize("result", [None, [], {}, {"services": None}])
def test_a_value_that_is_no_result_is_refused(result: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="no list services"):
        services_report(result)


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"services_report": services_report}
