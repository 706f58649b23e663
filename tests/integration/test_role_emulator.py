# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role emulator in playbooks."""

from __future__ import annotations

import json
import shutil
import socket
import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.integration.command_line import Run, playbook
from ansible_collections.twilio.proxy.tests.integration.role_playbooks import attempt, role, stopped_at_the_end
from ansible_collections.twilio.proxy.tests.support.emulator import AUTH_TOKEN, PROGRAM

ROLE = PROGRAM.parents[1]

START, STOP, PREDICTED_START, PREDICTED_STOP, NOT_RUNNING, COPY, ERROR, SHOW = (
    f"twilio.proxy.emulator : {task}"
    for task in (
        "Start the emulator",
        "Stop the emulator",
        "Predict the start in check mode",
        "Predict the stop in check mode",
        "Report that no emulator was running",
        "Copy the program to the target",
        "Report why the emulator did not start",
        "Show how to use the emulator in a shell",
    )
)
Task = dict[str, t.Any]

OTHER: dict[str, t.Any] = {
    "accounts": [
        {"account_sid": "AC" + "1" * 32, "auth_token": "hush-token", "services": [{"unique_name": "hush-service"}]}
    ]
}
GIVEN: list[dict[str, t.Any]] = [{name: "given"} for name in ("emulator_start", "emulator_stop", "emulator_prediction")]
#: Credentials that the tasks would prefer to those of the emulator.
KEY = {"TWILIO_API_KEY": "SK" + "f" * 32, "TWILIO_API_SECRET": "another-secret"}


def emulator(state: str = "started", check: bool = False, **variables: t.Any) -> Task:
    task = role("emulator", emulator_state=state, **variables)
    task["ansible.builtin.include_role"]["apply"] = {"check_mode": check}
    return task


def run_tasks(directory: Path, tasks: list[Task], *options: str, **more: t.Any) -> Run:
    """Run the tasks with the variables of the role, and stop what they started."""
    variables = {"emulator_directory": str(directory), "emulator_port": 0}
    play = {"hosts": "all", "gather_facts": False, "vars": variables, "environment": KEY, "tasks": tasks}
    with stopped_at_the_end(directory):
        return playbook([play], *options, **more)


def changes(run: Run, task: str) -> list[bool]:
    """Return whether each run of the task that was not skipped changed something. The name of its role is ignored."""
    name = task.rpartition(" : ")[2]
    results = [entry.result for entry in run.recorded if entry.task.rpartition(" : ")[2] == name]
    return [result["changed"] for result in results if not result.get("skipped")]


def test_start_use_restart_and_stop(tmp_path: Path) -> None:
    environment = "{{ emulator_environment }}"
    create = {"name": "Create", "twilio.proxy.service": {"unique_name": "rides"}, "environment": environment}
    read = {"name": "Read", "twilio.proxy.services_info": {}, "environment": environment, "no_log": True}
    count = {"name": "Count", "ansible.builtin.debug": {"msg": "{{ result.services | length }}"}}
    show: list[Task] = [{**read, "register": "result"}, count]
    directory = tmp_path / "emulator"
    tasks: list[Task] = [
        *(attempt(emulator(**given)) for given in GIVEN),
        emulator(check=True),
        emulator(),
        create,
        emulator(),
        *show,
        emulator(check=True),
        emulator(check=True, emulator_settings=OTHER),
        *(attempt(emulator(check=check, emulator_settings={"page_size_cap": "100"})) for check in (True, False)),
        # The settings were wrong, so the one that ran still does.
        emulator(),
        create,
        emulator(emulator_settings=OTHER),
        *show,
        emulator("stopped", check=True),
        *show,
        emulator("stopped"),
        emulator("stopped"),
    ]
    run = run_tasks(directory, tasks, "-vvv")
    assert run.status == 0, run.output
    assert run.counts()["rescued"] == 5
    assert changes(run, START) == [False, True, False, False, False, False, False, False, True]
    assert changes(run, PREDICTED_START) == [True, False, True, False]
    assert changes(run, "Create") == [True, False]
    # ansible-core 2.17 makes text of it.
    assert [int(result["msg"]) for result in run.results("Count")] == [1, 1, 1]
    assert changes(run, STOP) == [False, True, False]
    assert changes(run, PREDICTED_STOP) == [True]
    assert run.counts()["changed"] == 2 + 2 + 1 + 1 + 1
    assert ["emulator_settings.page_size_cap" in result["msg"] for result in run.results(ERROR)] == [True, True]
    (not_running,) = run.results(NOT_RUNNING)
    assert str(directory) in not_running["msg"]
    assert run.recorded[-1].task == NOT_RUNNING
    # The token of the default account is public, any other one is a secret.
    *shown, other = (result["msg"][1] for result in run.results(SHOW))
    assert f"TWILIO_AUTH_TOKEN={AUTH_TOKEN} " in shown[0]
    assert f"TWILIO_ACCOUNT_SID={OTHER['accounts'][0]['account_sid']} " in other
    # With -vvv, Ansible shows the command that runs a module, with its environment.
    assert not [line for line in run.output.splitlines() if "hush" in line and "> EXEC " not in line]
    assert not (directory / "state.json").exists()


@pytest.mark.slow
def test_a_copy_of_the_program(tmp_path: Path) -> None:
    """On another machine, the program runs from the directory, which nobody else can change.

    The program of the role has too many files to copy them in each run of the tests.
    """
    copied_role = tmp_path / "copied"
    shutil.copytree(ROLE, copied_role, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    program = copied_role / "files" / "proxy_emulator"
    shutil.copy(PROGRAM / "directory.py", program)
    answer = {"changed": True, "base_url": "http://127.0.0.1:1", "account_sid": "", "auth_token": ""}
    (program / "__main__.py").write_text(f"print({json.dumps(json.dumps(answer))})", encoding="utf-8")
    directory, writable = tmp_path / "emulator", tmp_path / "writable"
    writable.mkdir()
    writable.chmod(0o777)

    def copied(check: bool = False, **variables: t.Any) -> Task:
        task = emulator("started", check, emulator_in_place=False, **variables)
        task["ansible.builtin.include_role"]["name"] = str(copied_role)
        return task

    show = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ emulator_start.cmd[2] }}"}}
    look = {"name": "Look", "ansible.builtin.stat": {"path": str(directory)}}
    refused = [attempt(copied(check, emulator_directory=str(writable))) for check in (True, False)]
    run = run_tasks(directory, [*refused, copied(check=True), look, copied(), show, copied()])
    assert run.status == 0, run.output
    assert run.counts()["rescued"] == 2
    assert list(writable.iterdir()) == []
    assert not run.result("Look")["stat"]["exists"]
    assert changes(run, COPY) == [True, True, False]
    # Check mode has no program to ask, and predicts a start. The program says that each start changes something.
    assert changes(run, PREDICTED_START) == [True]
    assert changes(run, START) == [False, True, True]
    assert run.counts()["changed"] == 2 + 1 + 2
    assert run.result("Show")["msg"] == str(directory / "proxy_emulator")
    assert {path.stat().st_mode & 0o777 for path in (directory, directory / "proxy_emulator")} == {0o700}
    assert (directory / "proxy_emulator" / "__main__.py").stat().st_mode & 0o777 == 0o644


def test_hosts_with_one_directory_share_the_emulator(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    hosts: dict[str, dict[str, t.Any]] = {f"host{number}": {} for number in range(3)}
    show = {"name": "Show the address", "ansible.builtin.debug": {"msg": "{{ emulator_base_url }}"}}
    run = run_tasks(tmp_path / "emulator", [emulator(emulator_port=port), show], "--forks", "3", hosts=hosts)
    assert run.status == 0, run.output
    assert {run.result("Show the address", host)["msg"] for host in hosts} == {f"http://127.0.0.1:{port}"}
    starts = [result for host in hosts for result in run.results(START, host)]
    assert [result["changed"] for result in starts].count(True) == 1
