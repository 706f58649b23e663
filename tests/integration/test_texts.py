# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of every kind survive the round trip: what is written is what the API stores and what comes back."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.integration.accounts import accounts
from ansible_collections.twilio.proxy.tests.integration.command_line import ad_hoc, playbook

NAMES = {
    "form": "Zoë ☎ & = % +",
    "yaml-bool": "yes",
    "yaml-null": "null",
    "number": "1e3",
    "emoji": "👩‍👩‍👧 🏳️‍🌈",
    "quotes": """it's "quoted" `here`""",
    "braces": "{a} [b] {c: d}",
    "backslashes": "\\n \\ \\u0041",
    "blanks-around": "  a name  ",
    "escaped": "%2F..%00?PageSize=1#x",
    "longest": "ß" * 191,
}


@pytest.fixture(scope="module")
def stored() -> dict[str, tuple[t.Any, ...]]:
    """Each name created and found again by one playbook: both answers, what the API then has, and the requests."""
    tasks: list[dict[str, t.Any]] = [
        {"name": "create", "twilio.proxy.service": {"unique_name": "{{ unique_name }}"}},
        {"name": "find", "twilio.proxy.service": {"unique_name": "{{ unique_name }}"}},
    ]
    play = {"hosts": "all", "gather_facts": False, "environment": "{{ environment_of_host }}", "tasks": tasks}
    with accounts(dict.fromkeys(NAMES, ())) as own:
        hosts = {
            name: {"unique_name": text, "environment_of_host": own[name].environment} for name, text in NAMES.items()
        }
        run = playbook([play], hosts=hosts)
        return {
            name: (*(run.result(task["name"], name) for task in tasks), own[name].services(), own[name].requests())
            for name in NAMES
        }


@pytest.mark.parametrize("name", NAMES)
def test_a_name_survives_a_playbook(name: str, stored: dict[str, tuple[t.Any, ...]]) -> None:
    create, find, services, sent = stored[name]
    assert (create["changed"], find["changed"]) == (True, False)
    assert create["service"]["unique_name"] == NAMES[name]
    assert find["service"] == create["service"]
    assert [service["unique_name"] for service in services] == [NAMES[name]]
    assert [one.form for one in sent if one.method == "POST"] == [{"UniqueName": NAMES[name]}]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ('unique_name="Zoë ☎ & = % +"', "Zoë ☎ & = % +"),
        (json.dumps({"unique_name": NAMES["quotes"]}), NAMES["quotes"]),
    ],
)
def test_a_name_survives_the_command_line(arguments: str, name: str) -> None:
    with accounts({"one": []}) as own:
        result = ad_hoc("twilio.proxy.service", arguments, environment=own["one"].environment).only
        services = own["one"].services()
    assert result["service"]["unique_name"] == name
    assert [service["unique_name"] for service in services] == [name]
