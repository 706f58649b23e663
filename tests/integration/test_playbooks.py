# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks: whose account they use, where they run, and what they need."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.integration.accounts import accounts
from ansible_collections.twilio.proxy.tests.integration.command_line import playbook
from ansible_collections.twilio.proxy.tests.integration.role_playbooks import (
    Hosts,
    credentials,
    failure,
    imported,
    read_services,
    recording_sudo,
    stopped_at_the_end,
    sudo_settings,
)
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

NAMES = ("apply", "export", "report")
REPORT = "Show the Services and their phone numbers"

#: The variables of hosts without complete credentials.
NO_CREDENTIALS: Hosts = {
    "missing": {},
    "null": {"proxy_account": None},
    "empty": {"proxy_account": {}},
    "other": {"proxy_account": {"retries": 2}},
    "nulls": {"proxy_account": {"account_sid": None, "auth_token": None}},
    "texts": {"proxy_account": {"api_key": "", "api_secret": ""}},
    "without account_sid": {"proxy_account": {"account_sid": None, "auth_token": "a-token"}},
    "auth_token alone": {"proxy_account": {"auth_token": "a-token"}},
    "without auth_token": {"proxy_account": {"account_sid": "AC" + "a" * 32}},
    "without api_key": {"proxy_account": {"api_secret": "a-secret"}},
    "without api_secret": {"proxy_account": {"account_sid": None, "api_key": "SK" + "a" * 32}},
    "omitted": {
        "proxy_account": {
            "account_sid": "{{ nothing | default(omit) }}",
            "auth_token": "{{ nothing | default(omit) }}",
        }
    },
    "undefined": {"proxy_account": "{{ nothing }}"},
    "text": {"proxy_account": "fleet"},
    "list": {"proxy_account": ["fleet"]},
}
#: What the playbooks need besides, and what makes an unnoticed use of the account in the environment visible.
VARIABLES = {
    "proxy_services": [{"unique_name": "rides"}],
    "apply_prune": True,
    "export_file": "{{ folder }}/{{ inventory_hostname }}.yml",
}
BYPASS = {"account_options": ["api_key", "api_secret"]}
#: The hosts that the check is bypassed for.
UNCHECKED = ("empty", "nulls", "texts", "auth_token alone", "without auth_token", "undefined")


@pytest.mark.parametrize(("names", "bypass"), [(NAMES, {}), (["report"], BYPASS)], ids=["", "without the check"])
def test_a_host_without_credentials_never_uses_those_in_the_environment(
    names: list[str], bypass: dict[str, t.Any], tmp_path: Path
) -> None:
    """Also if the check with the explanation is bypassed. A host with an account goes on."""
    # The playbooks share the check.
    hosts: Hosts = {f"{name}-missing": {} for name in names}
    tried = UNCHECKED if bypass else NO_CREDENTIALS
    hosts |= {f"{names[-1]}-{host}": NO_CREDENTIALS[host] for host in tried}
    variables = {**VARIABLES, "folder": str(tmp_path), **bypass}
    key = {"TWILIO_API_KEY": "SK" + "0" * 32, "TWILIO_API_SECRET": "a-secret"}
    with accounts({"environment": [{"unique_name": "unmanaged"}], "own": []}) as account_of:
        own = {f"{name}-own": credentials(account_of["own"]) for name in names}
        environment = {**account_of["environment"].environment, **key}
        plays = [imported(name, f"{name}-*") for name in names]
        run = playbook(plays, "-e", json.dumps(variables), hosts={**hosts, **own}, environment=environment)
        for host in hosts:
            msg = failure(run, host)["msg"]
            assert bypass or host in msg
        assert {run.counts(host)["failed"] for host in own} == {0}
        assert {entry["account_sid"] for entry in account_of["own"].emulator.requests()} == {account_of["own"].sid}
    assert [path.name for path in tmp_path.iterdir()] == ([] if bypass else ["export-own.yml"])


@pytest.mark.parametrize("host", ["fleet", "localhost"])
@pytest.mark.parametrize("bypass", [{}, BYPASS], ids=["", "without the check"])
def test_with_an_inventory_of_accounts_the_environment_is_not_used(
    bypass: dict[str, t.Any], host: str, emulator: Emulator, tmp_path: Path
) -> None:
    """Also without proxy_hosts, if a group is called localhost, or localhost has an undefined account."""
    account = {"proxy_account": "{{ nothing }}"} if host == "localhost" else {}
    inventory = tmp_path / "hosts.json"
    group = {"localhost" if host == "fleet" else "accounts": {"hosts": {host: account}}}
    inventory.write_text(json.dumps({"all": {"children": group}}), encoding="utf-8")
    options = ("-i", str(inventory), "-e", json.dumps(bypass))
    run = playbook([imported("report", None)], *options, environment=emulator.environment)
    assert bypass or host in failure(run, host)["msg"]
    assert run.counts(host)["failed"] == 1
    assert emulator.requests() == []


def test_everything_runs_on_the_controller_as_the_user_who_starts_it(tmp_path: Path) -> None:
    """Whatever the inventory says about connections, and the command line about become."""
    sudo, sudo_log = recording_sudo(tmp_path)
    unusable = {"ansible_connection": "none_such", "ansible_python_interpreter": str(tmp_path / "nowhere")}
    with accounts({"token": [], "key": []}) as account_of:
        emulator = account_of["token"].emulator
        hosts = {name: {**unusable, **credentials(account)} for name, account in account_of.items()}
        variables = {**VARIABLES, "folder": str(tmp_path)}
        run = playbook(
            [imported(name) for name in NAMES],
            *("--become", "-e", json.dumps(variables)),
            hosts=hosts,
            # Of another account: those of the host are used.
            environment={"TWILIO_ACCOUNT_SID": "AC" + "f" * 32, "TWILIO_AUTH_TOKEN": "another", **sudo_settings(sudo)},
        )
        assert run.status == 0, run.output
        for name, account in account_of.items():
            assert account.pools() == {"rides": []}
            assert read_services(tmp_path / f"{name}.yml") == [{"unique_name": "rides"}]
            assert account.services()[0]["sid"] in run.result(REPORT, name)["msg"][0]
        assert emulator.requests() != []
    assert sudo_log.read_text(encoding="utf-8") == ""


@pytest.mark.parametrize(
    ("name", "hosts", "options", "words"),
    [
        ("apply", None, ["--limit", "one"], ["--limit one", "proxy_hosts"]),
        ("export", "none_such", [], ["proxy_hosts", "'none_such'"]),
        ("report", "one", ["--limit", "two"], ["proxy_hosts", "'one'", "--limit two"]),
        ("drain", "one", ["--limit", "two"], ["proxy_hosts", "'one'", "--limit two"]),
        ("smoke_test", ", ,", [], ["proxy_hosts", "''"]),
        ("apply", "one", ["--limit", "@{folder}/retry"], ["proxy_hosts", "'one'", "--limit @"]),
    ],
)
def test_a_playbook_without_a_host_fails(
    name: str, hosts: str | None, options: list[str], words: list[str], tmp_path: Path
) -> None:
    """Ansible would end with success, and nothing would be done."""
    (tmp_path / "retry").write_text("two\n", encoding="utf-8")
    options = [option.format(folder=tmp_path) for option in options]
    run = playbook([imported(name, hosts)], *options, hosts={"one": {}, "two": {}})
    assert run.status == 4
    assert run.recorded == []
    (line,) = [line for line in run.output.splitlines() if "No request was sent." in line]
    assert all(word in line for word in words)


def test_what_is_missing_or_wrong_is_named_before_any_request(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    given: dict[str, tuple[dict[str, t.Any], str]] = {
        "apply-nothing": ({}, "-e @services.yml"),
        "apply-services": ({"services": []}, "services to"),
        "apply-proxy-service": ({"proxy_service": []}, "proxy_service to"),
        "export-nothing": ({}, "export_file"),
        "report-wrong": ({"report_matching": "["}, "report_matching"),
        "report-format": ({"report_format": "xml"}, "report_format"),
        "report-file-1": ({"report_file": "same.csv"}, "report_file"),
        "report-file-2": ({"report_file": "same.csv"}, "report_file"),
        "report-folder": ({"report_file": str(tmp_path)}, "report_file"),
        "report-nowhere": ({"report_file": f"{tmp_path}/nowhere/report.csv"}, "report_file"),
        "report-pipe": ({"report_file": f"{tmp_path}/pipe"}, "report_file"),
        "smoke_test-nothing": ({}, "smoke_test_service"),
        "smoke_test-same": ({"smoke_test_service": "rides", "smoke_test_participants": 2 * ["+12025550142"]}, "two"),
        "smoke_test-text": ({"smoke_test_service": "rides", "smoke_test_participants": "ab"}, "two"),
    }
    fine: Hosts = {
        "apply-fine": {"proxy_services": []},
        "export-fine": {"export_file": f"{tmp_path}/fine.yml"},
        "report-fine": {},
    }
    with accounts({"tested": [], "fine": []}) as account_of:
        tested, used = account_of.values()
        hosts = {host: {**credentials(tested), **variables} for host, (variables, _word) in given.items()}
        # A playbook ends if all hosts of a play fail.
        hosts |= {host: {**credentials(used), **variables} for host, variables in fine.items()}
        run = playbook([imported(name, f"{name}-*") for name in (*NAMES, "smoke_test")], hosts=hosts)
        for host, (_variables, word) in given.items():
            msg = failure(run, host)["msg"]
            assert word in msg
            assert host in msg or not host.startswith(("apply", "export"))
        # A file of variables without its @.
        raw = playbook([imported("apply", None)], "-e", "services.yml", environment=tested.environment)
        assert "-e @services.yml" in failure(raw, "localhost")["msg"]
        result = json.dumps({"report_account": {"services": [], "left_out": []}})
        report = playbook([imported("report", None)], "-e", result, environment=tested.environment)
        assert "report_account" in failure(report, "localhost")["msg"]
        assert tested.requests() == []


def test_the_report(emulator: Emulator) -> None:
    """It has the SIDs, and only the Services whose name matches."""
    service = emulator.create(unique_name="a-rides")
    emulator.create(unique_name="b-rides")
    emulator.forget_requests()
    run = playbook([imported("report", None)], "-e", "report_matching=^a-", environment=emulator.environment)
    first, last = run.result(REPORT)["msg"]
    assert first.split() == ["a-rides", service["sid"], "no", "numbers"]
    assert last.startswith("1 Service, ")
    assert run.counts()["changed"] == 0
    assert {request["method"] for request in emulator.requests()} == {"GET"}


def test_the_report_in_a_file(emulator: Emulator, tmp_path: Path) -> None:
    """It counts the Sessions of the Services whose name matches, and only theirs are read."""
    rides, other = (emulator.create(unique_name=name) for name in ("rides", "other"))
    number = emulator.add_number(rides["sid"], phone_number="+12025550100")["phone_number"]
    emulator.create_session(rides["sid"], participants=json.dumps({"Identifier": "+12025550142"}))
    emulator.forget_requests()
    file = tmp_path / "report.json"
    wanted = {"report_matching": "^rides$", "report_sessions": True, "report_file": str(file)}
    plays = [{**imported("report", None), "vars": {"report_format": form}} for form in ("csv", "json")]
    run = playbook(plays, "-e", json.dumps(wanted), environment=emulator.environment)
    assert run.status == 0, run.output
    assert run.counts()["changed"] == 2
    assert file.stat().st_mode & 0o777 == 0o600
    text = file.read_text(encoding="utf-8")
    (reported,) = json.loads(text)["services"]
    assert text.startswith('{\n    "services"')
    assert reported["phone_numbers"] == [{"phone_number": number, "is_reserved": False, "in_use": 1}]
    assert (reported["sessions"]["open"], reported["ages"]["under_1_day"]) == (1, 1)
    assert not [request for request in emulator.requests() if request["path"].endswith(f"{other['sid']}/Sessions")]


PARTICIPANTS = ["+12025550142", "+12025550143"]


def test_the_smoke_test() -> None:
    """It deletes the Session that it created, also after a failure, and touches no other."""
    pool = [{"phone_number": f"+1202555010{digit}"} for digit in range(2)]
    services: list[dict[str, t.Any]] = [
        {"unique_name": "rides", "phone_numbers": pool, "sessions": [{"unique_name": "taken"}]},
        {"unique_name": "faulty", "phone_numbers": [{"phone_number": "+12025550102"}]},
        {"unique_name": "no numbers"},
    ]
    with accounts({"account": services}, owns_all_numbers=True) as account_of:
        account = account_of["account"]
        sid_of = {service["unique_name"]: service["sid"] for service in account.services()}
        sessions = account.emulator.sessions
        before = sessions(sid_of["rides"])
        hosts = {
            "fine": {"smoke_test_service": "rides"},
            "taken": {"smoke_test_service": "rides", "smoke_test_name": "taken"},
            "faulty": {"smoke_test_service": "faulty"},
            "empty": {"smoke_test_service": "no numbers"},
        }
        given = {host: {**credentials(account), **variables} for host, variables in hosts.items()}
        variables = json.dumps({"smoke_test_participants": PARTICIPANTS})
        planned = playbook([imported("smoke_test", "fine")], "--check", "-e", variables, hosts=given)
        assert planned.status == 0, planned.output
        assert {request.method for request in account.requests()} == {"GET"}
        closing = f"/v1/Services/{sid_of['faulty']}/Sessions/KC.*"
        answer = {"code": 80608, "message": "No", "status": 400}
        account.emulator.fault({"kind": "answer", "status": 400, "json": answer}, "POST", closing)
        run = playbook([imported("smoke_test")], "-e", variables, hosts=given)
        assert "works" in run.result("Show the result", "fine")["msg"]
        assert "not touched" in failure(run, "taken")["msg"]
        assert failure(run, "empty")["code"] == 80205
        assert run.result("Close the Session", "faulty")["code"] == 80608
        assert run.counts("faulty")["failed"] == 1
        assert run.result("Delete the Session", "faulty")["changed"]
        assert sessions(sid_of["rides"]) == before
        assert sessions(sid_of["faulty"]) == sessions(sid_of["no numbers"]) == []
        # Two are created and deleted. The one of "empty" is refused.
        created = [
            request for request in account.requests() if request.method == "POST" and "Participants" in request.form
        ]
        assert len(created) == 3
        assert sum(request.method == "DELETE" for request in account.requests()) == 2


def test_the_emulator_of_the_playbook(tmp_path: Path) -> None:
    """It runs on the controller, whatever the inventory says about localhost."""
    sudo, sudo_log = recording_sudo(tmp_path)
    unusable = {"ansible_connection": "none_such", "ansible_python_interpreter": str(tmp_path / "nowhere")}
    variables = {"emulator_directory": str(tmp_path / "emulator"), "emulator_port": 0}
    plays = [
        {**imported("emulator", None), "vars": {**variables, "emulator_state": state}}
        for state in ("started", "stopped")
    ]
    with stopped_at_the_end(tmp_path / "emulator"):
        run = playbook(plays, "--become", hosts={"localhost": unusable}, environment=sudo_settings(sudo))
    assert run.status == 0, run.output
    assert run.result("twilio.proxy.emulator : Start the emulator")["changed"]
    assert run.result("twilio.proxy.emulator : Stop the emulator")["changed"]
    assert sudo_log.read_text(encoding="utf-8") == ""
