# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the tests of the kit for AWX."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.awx.controller import MODULES
from ansible_collections.twilio.proxy.tests.awx.kit import command


@pytest.fixture(scope="session")
def module_options() -> dict[str, t.Any]:
    """Return the documented options of the modules of awx.awx, without those for the connection."""
    names = [f"awx.awx.{module}" for module in MODULES.values()]
    # The package ansible has the collection awx.awx.
    output = command("ansible-doc", "--json", *names, environment={"ANSIBLE_DEPRECATION_WARNINGS": "false"})
    documented = json.loads(output.stdout[output.stdout.index("{") :])
    return {
        name.rpartition(".")[2]: {
            option: spec
            for option, spec in documented[name]["doc"]["options"].items()
            if not option.startswith(("controller_", "request_", "validate_"))
        }
        for name in names
    }
