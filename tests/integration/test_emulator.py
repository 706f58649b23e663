# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role emulator on several hosts with a local connection."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible_collections.twilio.proxy.tests.integration.command_line import playbook


def role(**variables: t.Any) -> dict[str, t.Any]:
    return {"name": "Emulator", "ansible.builtin.include_role": {"name": "twilio.proxy.emulator"}, "vars": variables}


def test_hosts_that_start_one_directory_share_the_emulator(tmp_path: Path) -> None:
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
