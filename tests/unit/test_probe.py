# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe for live accounts, run on the emulator: it finds the settings, writes only if asked to, and cleans up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.live import probe
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

PROGRAM = Path(probe.__file__)
LIST, OBJECT = "/v1/Services", "/v1/Services/KS[^/]*"
NAME = "name-of-a-customer"

Rows = dict[str, tuple[str, str]]


@pytest.fixture
def account(emulator_process: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """Return an account with one Service, and set its credentials in the environment."""
    reset(emulator_process)
    monkeypatch.setattr(probe, "WAIT", 0)
    monkeypatch.delenv("TWILIO_API_KEY", raising=False)
    for name, value in emulator_process.environment.items():
        monkeypatch.setenv(name, value)
    return emulator_process


def reset(emulator: Emulator, **settings: t.Any) -> None:
    own = {"account_sid": emulator.account_sid, "auth_token": emulator.auth_token}
    emulator.reset(accounts=[{**own, "services": [{"unique_name": NAME}]}], **settings)


def rows(output: str) -> Rows:
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in output.splitlines()]
    return {text: (answer, evidence) for text, answer, evidence in lines[2:]}


def methods(emulator: Emulator) -> set[str]:
    return {request["method"] for request in emulator.requests()}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            {},
            {
                "Can the account create a Service?": ("yes", "201"),
                "How is an absent Service answered?": ("400 with its own code", "400/80408"),
                "How is an absent phone number answered?": ("400 with its own code", "400/80407"),
                "Does a list take PageSize=1001?": ("no", "400/20007"),
                "Can a Service be fetched by its name?": ("no", "200, 400/80408"),
                "Can two Services have one name?": ("no", "201, 400/80602"),
                "Can names differ in case only?": ("yes", "201, 201"),
                "Does GeoMatchLevel take radius?": ("yes", "200"),
                "How is an invalid value answered?": ("refused", "400/80701"),
                "What does a cleared field read as?": ("null", "200, 200"),
            },
        ),
        (
            {
                "absent_answer": "not_found_404",
                "page_size_over_maximum": "clamp",
                "lookup_by_name": True,
                "name_taken_status": 409,
                "case_sensitive_names": False,
                "geo_match_levels": ["country", "area-code", "extended-area-code"],
                "invalid_value_status": 422,
                "cleared_value": "empty",
            },
            {
                "How is an absent Service answered?": ("generic 404", "404/20404"),
                "How is an absent phone number answered?": ("generic 404", "404/20404"),
                "Does a list take PageSize=1001?": ("yes", "200"),
                "Can a Service be fetched by its name?": ("yes", "200, 200"),
                "Can two Services have one name?": ("no", "201, 409/80602"),
                "Can names differ in case only?": ("no", "201, 409/80602"),
                "Does GeoMatchLevel take radius?": ("no", "422/80701"),
                "How is an invalid value answered?": ("refused", "422/80701"),
                "What does a cleared field read as?": ("an empty string", "200, 200"),
            },
        ),
        (
            {"creation_closed": True, "absent_answer": "invalid_sid_400_without_code"},
            {
                "Can the account create a Service?": ("no, creation is closed for the account", "403/80506"),
                "How is an absent Service answered?": ("400 without a code", "400"),
                "Can two Services have one name?": ("not settled", "403/80506"),
                "How is an invalid value answered?": ("not settled: there is no new service", ""),
            },
        ),
    ],
)
def test_it_finds_the_settings_and_removes_its_services(
    settings: dict[str, t.Any], expected: Rows, account: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    reset(account, **settings)
    before = account.services()
    assert probe.main(["--write"]) == 0
    output, errors = capsys.readouterr()
    assert errors == ""
    found = rows(output)
    assert {text: found[text] for text in expected} == expected
    assert list(found) == [question.text for question in probe.QUESTIONS]
    assert account.services() == before


def test_it_only_reads_without_the_write_option(account: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    assert probe.main([]) == 0
    output = capsys.readouterr().out
    assert methods(account) == {"GET"}
    found = rows(output)
    assert found["Can a Service be fetched by its name?"] == ("no", "200, 400/80408")
    assert found["Can the account create a Service?"] == ("not settled: it needs --write", "")
    for private in (account.auth_token, account.account_sid, NAME, account.services()[0]["sid"], probe.NAMES):
        assert private not in output


def test_it_writes_only_to_its_own_service() -> None:
    for request in {request for question in probe.QUESTIONS for request in question.requests}:
        below = request.path == probe.SERVICE or request.path.startswith(f"{probe.SERVICE}/")
        assert request.method == "GET" or request.creates_service or below


def test_it_removes_a_service_if_the_answer_was_lost(account: Emulator) -> None:
    before = account.services()
    account.fault({"kind": "cut", "when": "after"}, "POST", LIST)
    assert probe.main(["--write"]) == 0
    assert account.services() == before


def test_it_does_not_change_a_service_with_another_name(account: Emulator) -> None:
    (before,) = account.services()
    own = {"/sid": before["sid"], "/unique_name": NAME}
    account.fault({"kind": "patch", "set": own}, "POST", LIST)
    assert probe.main(["--write"]) == 0
    assert account.services() == [before]
    writes = [request["path"] for request in account.requests() if request["method"] != "GET"]
    assert [path for path in writes if before["sid"] in path] == []


def test_it_names_services_that_it_could_not_delete(account: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    busy = {"kind": "answer", "status": 503}
    account.fault(busy, "DELETE", OBJECT, times=None)
    assert probe.main(["--write"]) == 1
    left = {service["unique_name"] for service in account.services()} - {NAME}
    output, errors = capsys.readouterr()
    assert len(left) == 2
    assert [name for name in left if f"{name}. Delete it." not in errors or name in output] == []


def test_it_cleans_up_after_an_interrupt(account: Emulator) -> None:
    account.fault({"kind": "late", "seconds": 5}, "POST", OBJECT)
    process = subprocess.Popen(
        [sys.executable, os.fspath(PROGRAM), "--write"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not any(rule["used"] for rule in account.faults()) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert rows(output)["Can the account create a Service?"] == ("yes", "201")
    assert [service["unique_name"] for service in account.services()] == [NAME]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "answer", "status": 401, "json": {"code": 20003, "message": "Authenticate", "status": 401}},
        {"kind": "answer", "status": 302, "headers": {"Location": "{base_url}/v1/Services"}},
        {"kind": "cut", "when": "before"},
    ],
)
def test_it_stops_if_it_cannot_list_the_services(
    fault: t.Mapping[str, t.Any], account: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    account.fault(fault)
    assert probe.main(["--write"]) == 1
    assert methods(account) == {"GET"}
    assert account.auth_token not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("variable", "value"),
    [("TWILIO_API_KEY", "SK" + "0" * 32), ("TWILIO_AUTH_TOKEN", ""), ("TWILIO_PROXY_BASE_URL", "http://example.com")],
)
def test_it_sends_nothing_without_a_pair_of_credentials_and_a_safe_host(
    variable: str, value: str, account: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit):
        probe.main([])
    assert account.requests() == []


def test_it_follows_a_next_page_on_its_own_host_only(account: Emulator) -> None:
    api = probe.Api(account.base_url, account.account_sid, account.auth_token)
    account.create(unique_name="second")
    account.fault({"kind": "patch", "set": {"/meta/next_page_url": "{base_url}/v1/Services?Page=1"}}, "GET", LIST)
    assert len(list(api.services())) == 4
    account.fault({"kind": "patch", "set": {"/meta/next_page_url": "http://example.com/v1/Services"}}, "GET", LIST)
    with pytest.raises(ValueError, match="another host"):
        list(api.services())


def answer(status: int = 200, **body: t.Any) -> probe.Answer:
    return probe.Answer(status, body)


KC, OTHER_KC = "KC" + "0" * 32, "KC" + "1" * 32
EARLY, LATE = "2026-11-01T00:00:00Z", "2026-11-11T00:00:00Z"


# Answers that the emulator cannot give, or not within a second.
@pytest.mark.parametrize(
    ("verdict", "answers", "expected"),
    [
        (probe.order_of_services, [answer(services=[{"date_created": EARLY}, {"date_created": LATE}])], "oldest first"),
        (probe.order_of_services, [answer(services=[{"date_created": LATE}, {"date_created": EARLY}])], "newest first"),
        (
            probe.order_of_services,
            [answer(services=[{"date_created": date} for date in (EARLY, LATE, EARLY)])],
            "not by date",
        ),
        (probe.order_of_services, [answer(services=[{"date_created": EARLY}])], None),
        (probe.default_mode, [answer(mode="voice-only")], "voice-only"),
        (probe.default_mode, [answer(mode="a name of a customer")], None),
        (probe.default_expiry, [answer(date_expiry=None)], "date_expiry is null"),
        (probe.default_expiry, [answer(date_expiry=LATE, date_created=EARLY)], "after 10 days"),
        (probe.default_expiry, [answer()], None),
        (probe.listed, [answer(sid=KC), answer(sessions=[{"sid": OTHER_KC}, {"sid": KC}])], "yes"),
        (probe.listed, [answer(sid=KC), answer(sessions=[{"sid": OTHER_KC}])], "no"),
        (probe.name_free, [answer(400, code=80603)], "no"),
        (probe.accepted, [answer(400, code=80608)], "no"),
        (probe.accepted, [answer(400, code=80409)], None),
        (probe.absent(80409), [answer(400, code=80409)], "400 with its own code"),
        (probe.absent(80409), [answer(403, code=20003)], "otherwise"),
    ],
)
def test_a_verdict_follows_from_the_answers(
    verdict: probe.Verdict, answers: list[probe.Answer], expected: str | None
) -> None:
    assert verdict(answers) == expected
