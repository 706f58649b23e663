# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's keywords: defaults of the action group, environment, loop, register and delegation."""

from __future__ import annotations

import typing as t

from ansible_collections.twilio.proxy.tests.integration.command_line import playbook
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator


def test_keywords_of_ansible(emulator: Emulator) -> None:
    """module_defaults of the group, environment of a play, a block and a task, loop, register and delegate_to."""
    rides = {"unique_name": "rides"}
    tasks: list[dict[str, t.Any]] = [
        {"name": "defaults", "twilio.proxy.service": rides, "environment": {"TWILIO_AUTH_TOKEN": "not-used"}},
        {"name": "defaults of info", "twilio.proxy.service_info": {}},
        {
            "name": "loop",
            "twilio.proxy.service": {"unique_name": "{{ item }}", "default_ttl": "{{ 60 }}"},
            "loop": ["rides", "trips"],
            "register": "looped",
        },
        {
            "name": "registered",
            "twilio.proxy.service": {
                "sid": "{{ looped.results[1].service.sid }}",
                "state": "{{ 'absent' if looped is changed else 'present' }}",
            },
        },
        {"name": "delegated", "twilio.proxy.service": rides, "delegate_to": "localhost", "run_once": True},
    ]
    options = {
        "base_url": emulator.base_url,
        "account_sid": emulator.account_sid,
        "auth_token": emulator.auth_token,
    }
    play_with_defaults = {
        "hosts": "other",
        "gather_facts": False,
        "module_defaults": {"group/twilio.proxy.proxy": options},
        "tasks": tasks,
    }
    play_with_environment = {
        "hosts": "other",
        "gather_facts": False,
        "environment": {**emulator.environment, "TWILIO_AUTH_TOKEN": "wrong"},
        "tasks": [
            {
                "name": "block",
                "environment": {"TWILIO_AUTH_TOKEN": emulator.auth_token},
                "block": [{"name": "environment", "twilio.proxy.service": rides}],
            }
        ],
    }
    run = playbook([play_with_defaults, play_with_environment], hosts={"other": {}, "localhost": {}})
    assert run.status == 0, run.output
    changed = {entry.task: entry.result["changed"] for entry in run.recorded}
    assert changed == {
        "defaults": True,
        "defaults of info": False,
        "loop": True,
        "registered": True,
        "delegated": False,
        "environment": False,
    }
    assert [service["unique_name"] for service in emulator.services()] == ["rides"]
    assert emulator.services()[0]["default_ttl"] == 60
