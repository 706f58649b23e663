# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options whose template gives null, which ansible-core before 2.19 turns into an empty text."""

from __future__ import annotations

import re

import pytest

from ansible_collections.twilio.proxy.tests.integration.accounts import SID, single_account
from ansible_collections.twilio.proxy.tests.integration.command_line import Result, playbook

NULL = "{{ predicted.service.sid }}"
NUMBER = "+12025550100"
#: A module, its options, and part of its result in check mode.
TASKS: dict[str, tuple[str, Result, Result]] = {
    "service": ("service", {"sid": NULL, "unique_name": "new"}, {"changed": True}),
    "service_info": ("service_info", {"sid": NULL}, {"services": []}),
    "number": ("phone_number", {"service_sid": NULL, "phone_number": NUMBER}, {"changed": True}),
    "number_info": ("phone_number_info", {"service_sid": SID, "sid": NULL}, {"phone_numbers": []}),
    "pool": ("phone_number_info", {"service_sid": NULL}, {"phone_numbers": []}),
    "services": ("services", {"services": [{"sid": NULL, "unique_name": "new"}]}, {"changed": True}),
}


@pytest.fixture(scope="module", params=[True, False], ids=["check", "apply"])
def results(request: pytest.FixtureRequest) -> tuple[bool, dict[str, Result]]:
    """Whether the tasks ran in check mode, and their results."""
    tasks = [
        {"name": name, f"twilio.proxy.{module}": options, "check_mode": request.param, "ignore_errors": True}
        for name, (module, options, _result) in TASKS.items()
    ]
    variables = {"predicted": {"service": {"sid": None}}}
    play = {"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}
    with single_account([{"sid": SID, "unique_name": "rides"}]) as account:
        run = playbook([play], environment=account.environment)
        assert {request.method for request in account.requests()} <= {"GET"}
    return request.param, {name: run.result(name) for name in TASKS}


@pytest.mark.parametrize("name", TASKS)
def test_null_sid_is_accepted_in_check_mode_only(name: str, results: tuple[bool, dict[str, Result]]) -> None:
    check_mode, result_of = results
    result = result_of[name]
    if check_mode:
        expected = TASKS[name][2]
        assert {key: result[key] for key in ("failed", *expected)} == {"failed": False, **expected}
    else:
        assert result["failed"]
        assert re.search(r"sid(?: \('new'\))?: (?:the value is null|'' is not)", result["msg"])


#: Options of the connection. Without them, environment variables or defaults apply.
CONNECTIONS: dict[str, tuple[str, ...]] = {
    "server": ("base_url",),
    "account": ("account_sid", "auth_token"),
    "key": ("api_key", "api_secret"),
    "certificates": ("ca_path",),
}


@pytest.fixture(scope="module")
def null_connections() -> dict[str, Result]:
    """The results of tasks with null for the options of each set, in the task or in the action group's defaults."""
    tasks = [
        {
            "name": f"{name} {source}",
            "twilio.proxy.service": {"unique_name": "new", **nulls},
            "ignore_errors": True,
            **keywords,
        }
        for name, options in CONNECTIONS.items()
        for source, nulls, keywords in (
            ("template", dict.fromkeys(options, NULL), {}),
            ("null", dict.fromkeys(options), {}),
            ("default", {}, {"module_defaults": {"group/twilio.proxy.proxy": dict.fromkeys(options)}}),
        )
    ]
    variables = {"predicted": {"service": {"sid": None}}}
    play = {"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}
    with single_account() as account:
        run = playbook([play], environment=account.environment)
        assert account.requests() == []
    return {str(task["name"]): run.result(str(task["name"])) for task in tasks}


@pytest.mark.parametrize("source", ["template", "null", "default"])
@pytest.mark.parametrize("name", CONNECTIONS)
def test_null_for_an_option_of_the_connection_is_refused(
    name: str, source: str, null_connections: dict[str, Result]
) -> None:
    result = null_connections[f"{name} {source}"]
    assert result["failed"]
    for option in CONNECTIONS[name]:
        assert re.search(rf"{option}: the value is (null|empty)\.", result["msg"])
