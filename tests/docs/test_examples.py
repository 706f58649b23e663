# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the modules' documentation do what they say."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.docs.conftest import ACCOUNT
from ansible_collections.twilio.proxy.tests.docs.snippets import Reader, playbook, warnings
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

MODULES = sorted(path.stem for path in Path(__file__).parents[2].glob("plugins/modules/*.py"))

# What the output of the first run holds, by module.
SEEN: dict[str, str] = {
    # Each of the five tasks changes something.
    "service": "ok=5    changed=5",
    "service_info": ACCOUNT["services"][0]["sid"],
}


def run(reader: Reader, module: str, *options: str) -> str:
    """The examples of a module as a play; its output."""
    examples = importlib.import_module(f"ansible_collections.twilio.proxy.plugins.modules.{module}").EXAMPLES
    reader.write("examples.yml", playbook(examples))
    result = reader.run(" ".join(["ansible-playbook", "examples.yml", *options]))
    assert result.returncode == 0, result.stdout
    assert warnings(result.stdout) == []
    assert "skipped=0" in result.stdout
    return result.stdout


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_write_nothing_in_check_mode(module: str, reader: Reader, account: Emulator) -> None:
    run(reader, module, "--check", "--diff")
    requests = account.requests()
    assert requests
    assert {request["method"] for request in requests} == {"GET"}


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_run_and_run_again(module: str, reader: Reader, account: Emulator) -> None:
    assert SEEN[module] in run(reader, module)
    services = account.services()
    run(reader, module)
    assert account.services() == services
