# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example for Molecule leaves no emulator behind, also after a failure. docs/testing.md runs it unchanged."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.docs.conftest import PATH
from ansible_collections.twilio.proxy.tests.docs.snippets import Reader, first_missing
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

CHECKOUT = Path(__file__).resolve().parents[2]
EXAMPLE = CHECKOUT / "docs" / "examples" / "molecule"

# A role that is not idempotent.
NOT_IDEMPOTENT = "sed -i.bak 's/default_ttl: 3600/default_ttl: \"{{ 999999 | random }}\"/' roles/fleet/tasks/main.yml"

FAILURE = """\
The emulator listens on http://127.0.0.1:
[default > idempotence] Executing
TASK [fleet : Create the Services of the fleet with their numbers]
changed: [localhost]
An error occurred during the test sequence action: 'idempotence'. Cleaning up.
[default > destroy] Executing
TASK [twilio.proxy.emulator : Stop the emulator]
changed: [localhost]
[default > destroy] Executed: Successful
"""


def running(output: str) -> list[int]:
    """Return the PIDs of the emulators in the output that are still running."""
    found = []
    for url in sorted(set(re.findall(r"http://127\.0\.0\.1:\d+", output))):
        # The example uses the account of the tests.
        emulator = Emulator()
        emulator.base_url = url
        with contextlib.suppress(ConnectionRefusedError):
            found.append(emulator.status()["pid"])
    return found


@pytest.fixture
def outputs() -> t.Iterator[list[str]]:
    """Collect the output of Molecule. An emulator that is left running is stopped, and an error."""
    collected: list[str] = []
    yield collected
    left = running("".join(collected))
    for pid in left:
        os.kill(pid, signal.SIGTERM)
    assert left == []


def test_the_emulator_runs_until_destroy_also_after_a_failure(
    tmp_path: Path, installed: Path, outputs: list[str]
) -> None:
    reader = Reader(tmp_path, {"PATH": PATH, "ANSIBLE_COLLECTIONS_PATH": str(installed)})
    reader.run(f"cp -r {EXAMPLE}/. .")
    converged = reader.run("molecule converge")
    outputs.append(converged.stdout)
    assert converged.returncode == 0, converged.stdout
    assert len(running(converged.stdout)) == 1
    reader.run(NOT_IDEMPOTENT)
    tested = reader.run("molecule test")
    outputs.append(tested.stdout)
    assert tested.returncode != 0, tested.stdout
    assert first_missing(FAILURE, tested.stdout) is None, tested.stdout


def test_the_guide_names_the_tested_version() -> None:
    required = (CHECKOUT / "tests" / "requirements" / "molecule.txt").read_text(encoding="utf-8")
    guide = (CHECKOUT / "docs" / "testing.md").read_text(encoding="utf-8")
    versions = re.findall(r"^molecule ~= ([\d.]+)$", required, re.MULTILINE)
    assert versions
    assert re.findall(r"\bMolecule (\d+\.\d+)", guide) == versions
