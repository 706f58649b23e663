# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control requests."""

from __future__ import annotations

import json
import re
import typing as t

import pytest
from proxy_emulator.faults import KINDS

from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, Emulator

CONTROL = "/__emulator__"
ANSWER_500 = {"kind": "answer", "status": 500}


def post(emulator: Emulator, path: str, document: t.Any) -> tuple[int, str]:
    """Return the status and the message."""
    reply = emulator.send("POST", CONTROL + path, body=json.dumps(document).encode())
    return reply.status, reply.json["message"] if reply.status >= 400 else ""


def test_status(emulator: Emulator) -> None:
    emulator.reset(latency=0.001)
    status = emulator.status()
    assert (status["status"], status["pid"]) == ("running", emulator.pid)
    assert status["settings"]["latency"] == 0.001
    assert "emulator-" not in json.dumps(status)


def test_reset_deletes_everything(emulator: Emulator) -> None:
    emulator.reset(rate_limit=0.001, rate_limit_burst=1)
    emulator.create(unique_name="a")
    emulator.fault(ANSWER_500, times=None)
    emulator.reset()
    assert emulator.requests() == emulator.faults() == []
    assert emulator.services() == emulator.services() == []
    assert emulator.status()["settings"]["rate_limit"] is None


def test_reset_without_a_body(emulator: Emulator) -> None:
    emulator.create(unique_name="a")
    assert emulator.send("POST", CONTROL + "/reset").status == 204
    assert emulator.services() == []


def test_reset_restores_the_configured_services() -> None:
    account = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "services": [{"unique_name": "seed"}]}
    with Emulator(accounts=[account], cleared_value="empty") as emulator:
        (seed,) = emulator.services()
        emulator.send("DELETE", f"/v1/Services/{seed['sid']}")
        emulator.reset(list_order="newest_first")
        emulator.create(unique_name="new")
        assert [service["unique_name"] for service in emulator.services()] == ["new", "seed"]
        assert emulator.status()["settings"]["cleared_value"] == "empty"


def test_status_has_the_owned_numbers_with_their_sids(emulator: Emulator) -> None:
    (account,) = emulator.status()["settings"]["accounts"]
    assert account["phone_numbers"][0]["phone_number"] == "+12025550100"
    assert account["phone_numbers"] == emulator.owned_numbers()
    sids = {number["sid"] for number in account["phone_numbers"]}
    assert len(sids) == 20
    assert all(re.fullmatch("PN[0-9a-f]{32}", sid) for sid in sids)


def test_settings_of_a_reset_apply_until_the_next(emulator: Emulator) -> None:
    emulator.reset(latency=0.001)
    emulator.reset(list_order="newest_first")
    settings = emulator.status()["settings"]
    assert (settings["latency"], settings["list_order"]) == (0, "newest_first")


@pytest.mark.parametrize(
    ("body", "finding"),
    [
        ({"settings": {"latency": "x"}}, 'body.settings.latency: "x" is not a number.'),
        ({"settings": {"listen": "::1"}}, "body.settings: unknown option 'listen'"),
        ({"setting": {}}, "body: unknown option 'setting'; did you mean settings?"),
        ([], "body: the value is not a dictionary."),
        (
            {
                "settings": {
                    "accounts": [{"account_sid": ACCOUNT_SID, "auth_token": "a", "services": [{"unique_name": ""}]}]
                }
            },
            "emulator_settings.accounts[0].services[0]: Invalid value for parameter UniqueName",
        ),
    ],
)
def test_invalid_reset_changes_nothing(emulator: Emulator, body: t.Any, finding: str) -> None:
    emulator.create(unique_name="a")
    status, message = post(emulator, "/reset", body)
    assert status == 400
    assert message.startswith(finding)
    assert len(emulator.services()) == 1


def test_first_credentials_stay_valid_for_control_requests() -> None:
    other = {"account_sid": "AC" + "1" * 32, "auth_token": "other"}
    with Emulator() as emulator:
        emulator.reset(accounts=[other])
        assert emulator.send("GET", "/v1/Services").status == 401
        assert emulator.status()["status"] == "running"
        emulator.account_sid, emulator.auth_token = other["account_sid"], other["auth_token"]
        assert emulator.services() == []
        assert emulator.status()["status"] == "running"


def test_requests_are_recorded_in_order(emulator: Emulator) -> None:
    form = {"UniqueName": "Zoë ☎ & = % +", "CallbackUrl": ""}
    emulator.send("POST", "/v1/Services?a=1&a=2&b=", form, headers={"User-Agent": "tester/1"})
    emulator.send("GET", "/unknown", headers={"Authorization": ""})
    created, unknown = emulator.requests()
    assert created == {
        "method": "POST",
        "path": "/v1/Services",
        "query": [["a", "1"], ["a", "2"], ["b", ""]],
        "form": [["UniqueName", "Zoë ☎ & = % +"], ["CallbackUrl", ""]],
        "status": 201,
        "account_sid": ACCOUNT_SID,
        "user_agent": "tester/1",
        "connection": created["connection"],
        "fault": None,
        "applied": True,
    }
    assert (unknown["status"], unknown["account_sid"], unknown["applied"]) == (401, None, False)
    assert unknown["user_agent"] is None


def test_deleting_recorded_requests_keeps_objects(emulator: Emulator) -> None:
    emulator.create(unique_name="a")
    emulator.forget_requests()
    assert emulator.requests() == []
    assert len(emulator.services()) == 1


def test_faults_are_listed_and_cleared(emulator: Emulator) -> None:
    emulator.fault(ANSWER_500, method="GET", path="/v1/.*", skip=1, times=None)
    emulator.fault({"kind": "cut", "when": "before"})
    assert emulator.faults() == [
        {"fault": ANSWER_500, "method": "GET", "path": "/v1/.*", "skip": 1, "times": None, "used": 0},
        {"fault": {"kind": "cut", "when": "before"}, "method": None, "path": None, "skip": 0, "times": 1, "used": 0},
    ]
    assert emulator.send("DELETE", CONTROL + "/faults").status == 204
    assert emulator.faults() == []


@pytest.mark.parametrize(
    ("rules", "finding"),
    [
        ({}, "rules: the value is not a list."),
        ([{}], "rules[0]: fault is missing."),
        ([{"fault": {}}], "rules[0].fault: kind is missing."),
        (
            [{"fault": {"kind": "explode"}}],
            f'rules[0].fault.kind: "explode" is not one of {", ".join(sorted(KINDS))}.',
        ),
        ([{"fault": {"kind": "answer"}}], "rules[0].fault: status is missing."),
        ([{"fault": {"kind": "answer", "status": 99}}], "rules[0].fault.status: 99 is less than 200."),
        ([{"fault": ANSWER_500}, {"fault": {"kind": "cut", "when": "x"}}], 'rules[1].fault.when: "x" is not one of'),
        ([{"fault": {"kind": "late", "seconds": -1}}], "rules[0].fault.seconds: -1 is less than 0."),
        ([{"fault": {"kind": "patch", "set": {"sid": 1}}}], 'rules[0].fault.set: "sid" does not match ^/.'),
        (
            [{"fault": {"kind": "other_client", "requests": [{"method": "POST"}]}}],
            "rules[0].fault.requests[0]: path is missing.",
        ),
        ([{"fault": {"kind": "cut", "when": "after", "more": 1}}], "rules[0].fault: unknown option 'more'."),
        ([{"fault": ANSWER_500, "path": "("}], "rules[0].path: '(' is not a regular expression"),
        ([{"fault": ANSWER_500, "times": 0}], "rules[0].times: 0 is less than 1."),
    ],
)
def test_invalid_rule_is_rejected_with_its_place(emulator: Emulator, rules: t.Any, finding: str) -> None:
    status, message = post(emulator, "/faults", rules)
    assert status == 400
    assert message.startswith(finding)
    assert emulator.faults() == []


@pytest.mark.parametrize("path", ["/reset", "/faults"])
def test_invalid_json_is_rejected(emulator: Emulator, path: str) -> None:
    reply = emulator.send("POST", CONTROL + path, body=b"{")
    assert reply.status == 400
    assert reply.json["message"].startswith("The body is not valid JSON")


def test_unknown_control_requests(emulator: Emulator) -> None:
    assert emulator.send("GET", CONTROL + "/unknown").status == 404
    reply = emulator.send("PUT", CONTROL + "/faults")
    assert (reply.status, reply.headers["allow"]) == (405, "DELETE, GET, POST")


def test_control_requests_are_not_recorded_and_meet_no_fault(emulator: Emulator) -> None:
    emulator.fault(ANSWER_500, times=None)
    emulator.status()
    assert emulator.requests() == []
