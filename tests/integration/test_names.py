# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names with all kinds of characters are sent, stored and returned unchanged."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.integration.accounts import accounts, single_account
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
def results() -> dict[str, tuple[t.Any, ...]]:
    """For each name, the results of creating and finding the Service, the Services afterwards, and the requests."""
    tasks: list[dict[str, t.Any]] = [
        {"name": "create", "twilio.proxy.service": {"unique_name": "{{ unique_name }}"}},
        {"name": "find", "twilio.proxy.service": {"unique_name": "{{ unique_name }}"}},
    ]
    play = {"hosts": "all", "gather_facts": False, "environment": "{{ environment_of_host }}", "tasks": tasks}
    with accounts(dict.fromkeys(NAMES, ())) as account_of:
        hosts = {
            key: {"unique_name": name, "environment_of_host": account_of[key].environment}
            for key, name in NAMES.items()
        }
        run = playbook([play], hosts=hosts)
        return {
            key: (*(run.result(task["name"], key) for task in tasks), account.services(), account.requests())
            for key, account in account_of.items()
        }


@pytest.mark.parametrize("key", NAMES)
def test_a_name_in_a_playbook_is_unchanged(key: str, results: dict[str, tuple[t.Any, ...]]) -> None:
    create, find, services, requests = results[key]
    assert (create["changed"], find["changed"]) == (True, False)
    assert create["service"]["unique_name"] == NAMES[key]
    assert find["service"] == create["service"]
    assert [service["unique_name"] for service in services] == [NAMES[key]]
    assert [request.form for request in requests if request.method == "POST"] == [{"UniqueName": NAMES[key]}]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ('unique_name="Zoë ☎ & = % +"', "Zoë ☎ & = % +"),
        (json.dumps({"unique_name": NAMES["quotes"]}), NAMES["quotes"]),
    ],
)
def test_a_name_on_the_command_line_is_unchanged(arguments: str, name: str) -> None:
    with single_account() as account:
        result = ad_hoc("twilio.proxy.service", arguments, environment=account.environment).only
        services = account.services()
    assert result["service"]["unique_name"] == name
    assert [service["unique_name"] for service in services] == [name]
