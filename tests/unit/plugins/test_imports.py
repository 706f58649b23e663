# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A successful run of a module imports only what it needs: every import slows every task."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

MODULES = Path(__file__).resolve().parents[3] / "plugins" / "modules"
#: Program that runs the module of its argument and writes the imported modules to the standard error.
RUN = """\
import runpy, sys
try:
    runpy.run_path(sys.argv.pop(), run_name="__main__")
finally:
    print(*sys.modules, file=sys.stderr)
"""
OURS = "ansible_collections.twilio.proxy.plugins.module_utils."
COMMON = {
    "_argspec",
    "_client",
    "_connection",
    "_errors",
    "_module",
    "_plan",
    "_reconcile",
    "_resources",
    "_result",
    "_validation",
    "_task",
    "_version",
}
MANY = {*COMMON, "_bulk", "_bulk_task", "_services_file", "_bulk_plan", "_report"}
#: requests and its dependencies. jsonschema is imported only to explain what is wrong.
LIBRARIES = {"certifi", "charset-normalizer", "idna", "requests", "urllib3"}
#: Backports that requests imports on older Pythons.
OF_OLDER_PYTHONS = {"typing_extensions"}

NUMBER = "+12025550199"
IN_SERVICE = {"service_unique_name": "rides"}
IN_SESSION = {**IN_SERVICE, "session_unique_name": "ride 1"}
CASES: t.Mapping[str, tuple[dict[str, t.Any], set[str]]] = {
    "service": ({"unique_name": "rides", "default_ttl": 60}, COMMON),
    "service_info": ({}, COMMON),
    "phone_number": ({"service_unique_name": "rides", "phone_number": NUMBER}, COMMON),
    "phone_number_info": ({"service_unique_name": "rides"}, COMMON),
    "session": ({**IN_SERVICE, "unique_name": "ride 1", "ttl": 60}, COMMON),
    "session_info": ({**IN_SERVICE, "status": "open"}, COMMON),
    "participant": ({**IN_SESSION, "identifier": "+12025550142"}, COMMON),
    "participant_info": (IN_SESSION, COMMON),
    "interaction": ({**IN_SESSION, "sid": f"KI{'0' * 32}", "state": "absent"}, COMMON),
    "interaction_info": (IN_SESSION, COMMON),
    "services": (
        {"services": [{"unique_name": "rides", "phone_numbers": [{"phone_number": NUMBER}]}, {"unique_name": "new"}]},
        MANY,
    ),
    "services_info": ({}, MANY),
    "sessions": (
        {**IN_SERVICE, "state": "absent", "participant_identifier": "+12025550142"},
        {*MANY, "_sessions_plan", "_sessions_task"},
    ),
}


def distributions(imported: t.Iterable[str]) -> set[str]:
    """Return the distributions of these modules that belong neither to Python nor to Ansible."""
    known = importlib.metadata.packages_distributions()
    found = {name for entry in imported for name in known.get(entry.partition(".")[0], [])}
    return found - {"ansible-core", "setuptools"}


@pytest.fixture
def account(emulator_process: Emulator) -> Emulator:
    """Return an emulator whose account has a Service with a number and a Session."""
    own = {"account_sid": emulator_process.account_sid, "auth_token": emulator_process.auth_token}
    emulator_process.reset(accounts=[{**own, "phone_numbers": [{"phone_number": NUMBER}]}])
    service = emulator_process.create(unique_name="rides")
    emulator_process.add_number(service["sid"], phone_number=NUMBER)
    emulator_process.create_session(service["sid"], unique_name="ride 1")
    return emulator_process


@pytest.mark.parametrize("name", sorted(path.stem for path in MODULES.glob("*.py")))
def test_a_successful_run_imports_only_these_libraries(name: str, account: Emulator) -> None:
    options, ours = CASES[name]
    done = subprocess.run(
        [sys.executable, "-c", RUN, os.fspath(MODULES / f"{name}.py")],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": options}),
        env={**os.environ, **account.environment, "PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "failed" not in json.loads(done.stdout)
    imported = done.stderr.split()
    assert {entry.removeprefix(OURS) for entry in imported if entry.startswith(OURS)} == ours
    assert distributions(imported) - OF_OLDER_PYTHONS == LIBRARIES
