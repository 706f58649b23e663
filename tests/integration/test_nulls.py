# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options without a value, as a template gives them: null, or an empty text before ansible-core 2.19."""

from __future__ import annotations

import re

import pytest

from ansible_collections.twilio.proxy.tests.integration.accounts import SID, accounts
from ansible_collections.twilio.proxy.tests.integration.command_line import Result, playbook

NOT_YET = "{{ foreseen.service.sid }}"
NUMBER = "+12025550100"
#: A module, its options, and what it returns in check mode.
TASKS: dict[str, tuple[str, Result, Result]] = {
    "service": ("service", {"sid": NOT_YET, "unique_name": "new"}, {"changed": True}),
    "service_info": ("service_info", {"sid": NOT_YET}, {"services": []}),
    "number": ("phone_number", {"service_sid": NOT_YET, "phone_number": NUMBER}, {"changed": True}),
    "number_info": ("phone_number_info", {"service_sid": SID, "sid": NOT_YET}, {"phone_numbers": []}),
    "pool": ("phone_number_info", {"service_sid": NOT_YET}, {"phone_numbers": []}),
    "services": ("services", {"services": [{"sid": NOT_YET, "unique_name": "new"}]}, {"changed": True}),
}


@pytest.fixture(scope="module", params=[True, False], ids=["check", "apply"])
def results(request: pytest.FixtureRequest) -> tuple[bool, dict[str, Result]]:
    """What the tasks return, in check mode and outside of it."""
    tasks = [
        {"name": name, f"twilio.proxy.{module}": options, "check_mode": request.param, "ignore_errors": True}
        for name, (module, options, _result) in TASKS.items()
    ]
    variables = {"foreseen": {"service": {"sid": None}}}
    play = {"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}
    with accounts({"one": [{"sid": SID, "unique_name": "rides"}]}) as own:
        run = playbook([play], environment=own["one"].environment)
        assert {one.method for one in own["one"].requests()} <= {"GET"}
    return request.param, {name: run.result(name) for name in TASKS}


@pytest.mark.parametrize("name", TASKS)
def test_a_sid_that_is_null(name: str, results: tuple[bool, dict[str, Result]]) -> None:
    check_mode, found = results
    result = found[name]
    if check_mode:
        expected = TASKS[name][2]
        assert {key: result[key] for key in ("failed", *expected)} == {"failed": False, **expected}
    else:
        assert result["failed"]
        assert re.search(r"sid(?: \('new'\))?: (?:null|'') is refused, it must ", result["msg"])


#: Options that say who asks, and where: without them, the environment or a default would say so.
CONNECTIONS: dict[str, tuple[str, ...]] = {
    "server": ("base_url",),
    "account": ("account_sid", "auth_token"),
    "key": ("api_key", "api_secret"),
    "certificates": ("ca_path",),
}


@pytest.fixture(scope="module")
def without_connection() -> dict[str, Result]:
    """What the tasks return; each gets its options from the task, and as defaults of the action group."""
    tasks = [
        {
            "name": f"{name} {way}",
            "twilio.proxy.service": {"unique_name": "new", **given},
            "ignore_errors": True,
            **more,
        }
        for name, options in CONNECTIONS.items()
        for way, given, more in (
            ("template", dict.fromkeys(options, NOT_YET), {}),
            ("null", dict.fromkeys(options), {}),
            ("default", {}, {"module_defaults": {"group/twilio.proxy.proxy": dict.fromkeys(options)}}),
        )
    ]
    variables = {"foreseen": {"service": {"sid": None}}}
    play = {"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}
    with accounts({"one": []}) as own:
        run = playbook([play], environment=own["one"].environment)
        assert own["one"].requests() == []
    return {str(task["name"]): run.result(str(task["name"])) for task in tasks}


@pytest.mark.parametrize("way", ["template", "null", "default"])
@pytest.mark.parametrize("name", CONNECTIONS)
def test_an_option_of_the_connection_that_is_null(name: str, way: str, without_connection: dict[str, Result]) -> None:
    result = without_connection[f"{name} {way}"]
    assert result["failed"]
    for option in CONNECTIONS[name]:
        assert f"{option}: null is refused" in result["msg"].replace("''", "null")
