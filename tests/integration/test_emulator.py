# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role emulator in playbooks."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.integration.command_line import playbook


def role(**variables: t.Any) -> dict[str, t.Any]:
    return {"name": "Emulator", "ansible.builtin.include_role": {"name": "twilio.proxy.emulator"}, "vars": variables}


def test_hosts_with_one_directory_share_the_emulator(tmp_path: Path) -> None:
    hosts: dict[str, dict[str, t.Any]] = {f"host{number}": {} for number in range(5)}
    show = {"name": "Show the address", "ansible.builtin.debug": {"msg": "{{ emulator_base_url }}"}}
    stop = {**role(emulator_state="stopped"), "run_once": True}
    play = {
        "hosts": "all",
        "gather_facts": False,
        "vars": {"emulator_directory": str(tmp_path / "emulator"), "emulator_port": 0},
        "tasks": [{"name": "Use the emulator", "block": [role(), show], "always": [stop]}],
    }
    run = playbook([play], "--forks", "5", hosts=hosts)
    assert run.status == 0, run.output
    assert len({run.result("Show the address", host)["msg"] for host in hosts}) == 1
    starts = [result for host in hosts for result in run.results("twilio.proxy.emulator : Start the emulator", host)]
    assert [result["changed"] for result in starts if not result.get("skipped")].count(True) == 1


def play(directory: Path, settings: t.Any, *tasks: dict[str, t.Any], **variables: t.Any) -> list[dict[str, t.Any]]:
    """Return a playbook that starts the emulator, runs the tasks and stops it."""
    play_variables = {
        "emulator_directory": str(directory),
        "emulator_port": 0,
        "emulator_settings": settings,
        **variables,
    }
    block = {"name": "Use the emulator", "block": [role(), *tasks], "always": [role(emulator_state="stopped")]}
    return [{"hosts": "all", "gather_facts": False, "vars": play_variables, "tasks": [block]}]


SHOW = "twilio.proxy.emulator : Show how to use the emulator in a shell"
ENVIRONMENT = {
    "name": "Environment",
    "ansible.builtin.assert": {"that": "emulator_environment.TWILIO_AUTH_TOKEN == token"},
}


def test_role_shows_the_token_of_the_default_account_only(tmp_path: Path) -> None:
    run = playbook(play(tmp_path / "emulator", {}, ENVIRONMENT, token="emulator-auth-token"))
    assert run.status == 0, run.output
    assert " TWILIO_AUTH_TOKEN=emulator-auth-token " in run.result(SHOW)["msg"][1]

    account = {"account_sid": "AC" + "1" * 32, "auth_token": "hush"}
    check = {**ENVIRONMENT, "no_log": True}
    run = playbook(play(tmp_path / "emulator", {"accounts": [account]}, check, token="hush"), "-vvv")
    assert run.status == 0, run.output
    message, export = run.result(SHOW)["msg"]
    assert "TWILIO_AUTH_TOKEN to emulator_settings.accounts[0].auth_token" in message
    assert f" TWILIO_ACCOUNT_SID={account['account_sid']} TWILIO_API_KEY= " in export
    assert "hush" not in run.output


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"page_size_cap": "100"}, 'emulator_settings.page_size_cap: "100" is not an integer.'),
        ({"latenci": 1}, "emulator_settings: unknown option 'latenci'; did you mean latency?"),
    ],
)
def test_invalid_setting_is_one_line(tmp_path: Path, settings: t.Any, error: str) -> None:
    run = playbook(play(tmp_path / "emulator", settings))
    assert run.result("twilio.proxy.emulator : Report why the emulator did not start")["msg"] == error


def test_check_mode_before_the_program_was_copied(tmp_path: Path) -> None:
    run = playbook(play(tmp_path / "emulator", {}, emulator_in_place=False), "--check")
    assert run.status == 0, run.output
    assert not (tmp_path / "emulator").exists()


@pytest.mark.parametrize("name", ["emulator_ask", "emulator_start"])
def test_results_cannot_be_given(name: str, tmp_path: Path) -> None:
    run = playbook(
        [{"hosts": "all", "gather_facts": False, "tasks": [role(emulator_directory=str(tmp_path))]}], "-e", f"{name}=x"
    )
    assert run.status != 0
    assert name in run.result("twilio.proxy.emulator : Check that results can be registered")["msg"]


def test_stopping_reports_that_no_emulator_was_running(tmp_path: Path) -> None:
    stop = role(emulator_state="stopped", emulator_directory=str(tmp_path))
    run = playbook([{"hosts": "all", "gather_facts": False, "tasks": [stop]}])
    assert run.status == 0, run.output
    report = "twilio.proxy.emulator : Report that no emulator was running"
    assert str(tmp_path) in run.result(report)["msg"]
