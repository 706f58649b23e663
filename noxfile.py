# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sessions of nox: those of antsibull-nox.toml, and ansible-test on the versions of tests/matrix.toml.

    nox --list
    nox -e lint
    nox -e ansible-test-sanity-2.21
    nox -e ansible-test-integration-2.21 -- service

A change has to pass the targets of make, see docs/CONTRIBUTING.md. These sessions run the same programs.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = ["nox>=2025.02.09", "antsibull-nox>=1.10"]
# ///

from __future__ import annotations

import shutil
import sys
import tomllib
import typing as t
from pathlib import Path

import antsibull_nox
import nox
from antsibull_nox.sessions.ansible_test import COLOR_FLAG

antsibull_nox.load_antsibull_nox_toml()


def commands(row: dict[str, t.Any]) -> list[str]:
    """Return the commands of ansible-test for a row of the matrix."""
    applicable = {"sanity": "sanity" in row["stages"], "integration": "targets" in row}
    return [command for command, is_applicable in applicable.items() if is_applicable]


def add_session(core: str, command: str) -> None:
    """Add a command of ansible-test, with an ansible-core from PyPI and without containers."""

    def copy_requirements() -> None:
        # ansible-test installs the requirements of the modules from this file, in a copy of the collection.
        shutil.copyfile("meta/ee-requirements.txt", "tests/integration/requirements.txt")

    def remove_temporary_files() -> None:
        shutil.rmtree("tests/output/.tmp", ignore_errors=True)

    antsibull_nox.add_ansible_test_session(
        name=f"ansible-test-{command}-{core}",
        description=f"Run ansible-test {command} with ansible-core {core}.",
        # A target right after --venv would be lost.
        ansible_test_params=[command, "--venv", COLOR_FLAG],
        ansible_core_version=core,
        ansible_core_source="pypi",
        default=False,
        register_name=command,
        callback_before=copy_requirements if command == "integration" else None,
        callback_after=remove_temporary_files,
    )


for row in tomllib.loads(Path("tests/matrix.toml").read_text(encoding="utf-8"))["core"]:
    for command in commands(row):
        add_session(row["version"], command)


@nox.session(venv_backend="none", default=False)
def units(session: nox.Session) -> None:
    """Run the unit tests as make does. ansible-test cannot run them, as they need another pytest."""
    arguments = ["--", *session.posargs] if session.posargs else []
    session.run(sys.executable, "tests/run.py", "--stage", "unit", *arguments)


if __name__ == "__main__":
    nox.main()
