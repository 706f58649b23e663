# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the tests of the documentation: the installed collection, and a reader with an emulator."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.docs.snippets import Reader
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

PROGRAMS = Path(sys.executable).parent
# Ansible's community asks that a collection works with these files alone. The others are removed before a test.
NEEDED = {"meta", "playbooks", "plugins", "roles", "MANIFEST.json", "FILES.json"}
PATH = os.pathsep.join([str(PROGRAMS), os.environ["PATH"]])

# The account that the documents and examples use.
ACCOUNT: dict[str, t.Any] = {
    "account_sid": "AC0123456789abcdef0123456789abcdef",
    "auth_token": "your_auth_token",
    "api_keys": [{"sid": "SK0123456789abcdef0123456789abcdef", "secret": "your_api_secret"}],
    "phone_numbers": [{"phone_number": f"+120255501{number:02}"} for number in range(20)],
    "services": [{"unique_name": "Flex Proxy Service", "sid": "KS0123456789abcdef0123456789abcdef"}],
}

# Further Services, for documents and examples that start with some.
OTHER_SERVICES: list[dict[str, t.Any]] = [
    {
        "unique_name": "rides",
        "callback_url": "https://example.com/proxy/status",
        "default_ttl": 600,
        "phone_numbers": [{"phone_number": "+12025550103"}, {"phone_number": "+12025550105", "is_reserved": True}],
    },
    {
        "unique_name": "deliveries",
        "number_selection_behavior": "avoid-sticky",
        "phone_numbers": [{"phone_number": "+12025550102"}, {"phone_number": "+12025550104"}],
    },
    {"unique_name": "trial"},
    {"unique_name": "team-a-trial"},
]
ACCOUNT_WITH_SERVICES = {**ACCOUNT, "services": [*ACCOUNT["services"], *OTHER_SERVICES]}


@pytest.fixture(scope="session")
def tarball(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the tarball of the collection, as `make build` does."""
    folder = tmp_path_factory.mktemp("build")
    command = [sys.executable, ".ci/package.py", str(folder)]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True, env={**os.environ, "PATH": PATH})
    (built,) = folder.glob("twilio-proxy-*.tar.gz")
    return built


@pytest.fixture(scope="session")
def installed(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the collection from the tarball; return the folder for ANSIBLE_COLLECTIONS_PATH."""
    folder = tmp_path_factory.mktemp("installed")
    command = [str(PROGRAMS / "ansible-galaxy"), "collection", "install", "--offline", str(tarball), "-p", str(folder)]
    environment = {name: value for name, value in os.environ.items() if name != "ANSIBLE_COLLECTIONS_PATH"}
    subprocess.run(command, env=environment, check=True, capture_output=True)
    for path in (folder / "ansible_collections" / "twilio" / "proxy").iterdir():
        if path.name not in NEEDED:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return folder


@pytest.fixture
def account() -> t.Iterator[Emulator]:
    """Start an emulator with the account of the documents."""
    with Emulator(accounts=[ACCOUNT]) as running:
        yield running


@pytest.fixture
def reader(tmp_path: Path, installed: Path, account: Emulator) -> Reader:
    """Return a reader with the collection installed and the environment set for the emulator."""
    environment = {**account.environment, "PATH": PATH, "ANSIBLE_COLLECTIONS_PATH": str(installed)}
    return Reader(tmp_path, environment)
