# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the documentation of modules and filters work."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.docs.conftest import ACCOUNT, ACCOUNT_WITH_SERVICES, OTHER_SERVICES
from ansible_collections.twilio.proxy.tests.docs.snippets import Reader, playbook, warnings
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

MODULES, FILTERS = (
    sorted(f"{folder}/{path.stem}" for path in Path(__file__).parents[2].glob(f"plugins/{folder}/*.py"))
    for folder in ("modules", "filter")
)

# Their examples start with an account that has only the Service of Flex.
EMPTY_ACCOUNT = {"modules/service", "modules/service_info"}

# Their examples are about a Session that exists.
IN_SESSION = {
    "modules/interaction",
    "modules/interaction_info",
    "modules/participant",
    "modules/participant_info",
    "modules/session_info",
    "modules/sessions",
}
SESSION = {
    "unique_name": "ride 4711",
    "participants": [{"identifier": "+12025550143", "friendly_name": "driver"}],
}

# A condition skips a task of these.
WITH_CONDITIONS = {"modules/interaction", "modules/session_info"}

# A part of the output.
EXPECTED_OUTPUT: dict[str, str] = {
    "filter/export_target": "ok=1    changed=0",
    "filter/regex_problem": "ok=1    changed=0",
    "filter/services_file": "ok=2    changed=1",
    "filter/services_plan": "rides  default_ttl",
    "filter/services_problems": "ok=1    changed=0",
    "filter/services_report": "5 Services, 4 numbers.",
    # It deletes the message and leaves the call.
    "modules/interaction": "ok=2    changed=1",
    "modules/interaction_info": '"msg": 1',
    "modules/participant": "ok=3    changed=2",
    "modules/participant_info": '"driver": "+12025550103"',
    "modules/session": "ok=4    changed=4",
    # The interactions are newer.
    "modules/session_info": "ok=1    changed=0",
    "modules/phone_number": "ok=4    changed=3",
    "modules/phone_number_info": "+12025550105",
    # No Session has been idle for a day. The other two tasks close and delete one.
    "modules/sessions": "ok=4    changed=2",
    # All five tasks change something.
    "modules/service": "ok=5    changed=5",
    "modules/service_info": ACCOUNT["services"][0]["sid"],
    # All tasks change something, except the one that reads.
    "modules/services": "ok=6    changed=5",
    "modules/services_info": "deliveries has 2.",
}


#: The modules whose examples start with the same account.
WITH_SAME_ACCOUNT = (EMPTY_ACCOUNT, IN_SESSION, {*MODULES} - EMPTY_ACCOUNT - IN_SESSION)
RIDES = next(service for service in OTHER_SERVICES if service["unique_name"] == "rides")


def examples_of(plugin: str) -> str:
    """Return the examples of a module or a filter as plays."""
    name = plugin.replace("/", ".")
    return playbook(importlib.import_module(f"ansible_collections.twilio.proxy.plugins.{name}").EXAMPLES)


def prepare(account: Emulator, plugin: str) -> None:
    """Reset the account to what the examples of the plugin start with."""
    if plugin in IN_SESSION:
        account.reset(accounts=[{**ACCOUNT, "services": [{**RIDES, "sessions": [SESSION]}]}])
        (service,) = account.services()
        (session,) = account.sessions(service["sid"])
        for kind in ("message", "voice"):
            account.interact(session, kind)
        account.forget_requests()
    elif plugin not in EMPTY_ACCOUNT:
        account.reset(accounts=[ACCOUNT_WITH_SERVICES])


def run(reader: Reader, examples: str, *options: str) -> str:
    """Run the examples and return the output."""
    reader.write("examples.yml", examples)
    result = reader.run(" ".join(["ansible-playbook", "examples.yml", *options]))
    assert result.returncode == 0, result.stdout
    assert warnings(result.stdout) == []
    return result.stdout


@pytest.mark.parametrize("plugins", [sorted(plugins) for plugins in WITH_SAME_ACCOUNT], ids=" ".join)
def test_the_examples_write_nothing_in_check_mode(plugins: list[str], reader: Reader, account: Emulator) -> None:
    """They are run together, because none of them may change the account of the others."""
    prepare(account, plugins[0])
    output = run(reader, "".join(map(examples_of, plugins)), "--check", "--diff")
    assert WITH_CONDITIONS.intersection(plugins) or "skipped=0" in output
    assert {request["method"] for request in account.requests()} == {"GET"}


@pytest.mark.parametrize("plugin", MODULES + FILTERS)
def test_the_examples_work(plugin: str, reader: Reader, account: Emulator) -> None:
    prepare(account, plugin)
    output = run(reader, examples_of(plugin))
    assert EXPECTED_OUTPUT[plugin] in output
    assert plugin in WITH_CONDITIONS or "skipped=0" in output
