# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role emulator in playbooks."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible_collections.twilio.proxy.tests.integration.command_line import Run, playbook
from ansible_collections.twilio.proxy.tests.integration.role_playbooks import attempt, role, stopped_at_the_end
from ansible_collections.twilio.proxy.tests.support.emulator import AUTH_TOKEN

START, STOP, COPY, ERROR, SHOW, REGISTERED = (
    f"twilio.proxy.emulator : {task}"
    for task in (
        "Start the emulator",
        "Stop the emulator",
        "Copy the program to the target",
        "Report why the emulator did not start",
        "Show how to use the emulator in a shell",
        "Check that results can be registered",
    )
)
Task = dict[str, t.Any]

OTHER: dict[str, t.Any] = {
    "accounts": [
        {"account_sid": "AC" + "1" * 32, "auth_token": "hush-token", "services": [{"unique_name": "hush-service"}]}
    ]
}
GIVEN: list[dict[str, t.Any]] = [{"emulator_ask": "given"}, {"emulator_start": "given"}]
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
    """Return whether each run of the task that was not skipped changed something."""
    return [result["changed"] for result in run.results(task) if not result.get("skipped")]


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
        emulator(check=True, emulator_settings=OTHER),
        attempt(emulator(emulator_settings={"page_size_cap": "100"})),
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
    assert run.counts()["rescued"] == 3
    assert changes(run, START) == [True, True, True, True]
    assert changes(run, "Create") == [True, False]
    assert [result["msg"] for result in run.results("Count")] == [1, 1, 1]
    assert changes(run, STOP) == [True, True]
    assert run.counts()["changed"] == len(changes(run, START)) + 1 + len(changes(run, STOP))
    assert [result["msg"] for result in run.results(ERROR)] == [
        'emulator_settings.page_size_cap: "100" is not an integer.'
    ]
    # The token of the default account is public, any other one is a secret.
    *shown, other = (result["msg"][1] for result in run.results(SHOW))
    assert f"TWILIO_AUTH_TOKEN={AUTH_TOKEN} " in shown[0]
    assert f"TWILIO_ACCOUNT_SID={OTHER['accounts'][0]['account_sid']} " in other
    assert "hush" not in run.output
    assert not (directory / "state.json").exists()


def test_a_copy_of_the_program(tmp_path: Path) -> None:
    """On another machine, the program runs from the directory, which nobody else can change."""
    directory = tmp_path / "emulator"
    writable = tmp_path / "writable"
    writable.mkdir()
    writable.chmod(0o777)

    def copied(state: str = "started", check: bool = False, **variables: t.Any) -> dict[str, t.Any]:
        return emulator(state, check, emulator_in_place=False, **variables)

    look = {"name": "Look", "ansible.builtin.stat": {"path": str(directory)}}
    tasks: list[Task] = [
        *(attempt(copied(check=check, emulator_directory=str(writable))) for check in (True, False)),
        copied(check=True),
        look,
        copied("stopped"),
        copied(),
        {"name": "Show the command", "ansible.builtin.debug": {"msg": "{{ emulator_start.cmd[2] }}"}},
        copied("stopped"),
    ]
    run = run_tasks(directory, tasks)
    assert run.status == 0, run.output
    assert run.counts()["rescued"] == 2
    assert list(writable.iterdir()) == []
    assert not run.result("Look")["stat"]["exists"]
    assert changes(run, COPY) == [True, True]
    assert changes(run, START) == [True, True]
    assert changes(run, STOP) == [True]
    assert run.counts()["changed"] == 5
    program = directory / "proxy_emulator"
    assert run.result("Show the command")["msg"] == str(program)
    assert {path.stat().st_mode & 0o777 for path in (directory, program)} == {0o700}
    assert (program / "__main__.py").stat().st_mode & 0o777 == 0o644


def test_hosts_with_one_directory_share_the_emulator(tmp_path: Path) -> None:
    hosts: dict[str, dict[str, t.Any]] = {f"host{number}": {} for number in range(3)}
    show = {"name": "Show the address", "ansible.builtin.debug": {"msg": "{{ emulator_base_url }}"}}
    run = run_tasks(tmp_path / "emulator", [emulator(), show], "--forks", "3", hosts=hosts)
    assert run.status == 0, run.output
    assert len({run.result("Show the address", host)["msg"] for host in hosts}) == 1
    starts = [result for host in hosts for result in run.results(START, host)]
    assert [result["changed"] for result in starts].count(True) == 1
