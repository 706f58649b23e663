# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the documentation share: the collection as users have it, and a reader with an emulator."""

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
# All of a collection that may be needed to use it, as Ansible's community asks: the rest is removed before a test.
NEEDED = {"meta", "playbooks", "plugins", "roles", "MANIFEST.json", "FILES.json"}
PATH = os.pathsep.join([str(PROGRAMS), os.environ["PATH"]])

# The account that the documents and examples name, as they name it.
ACCOUNT: dict[str, t.Any] = {
    "account_sid": "AC0123456789abcdef0123456789abcdef",
    "auth_token": "your_auth_token",
    "api_keys": [{"sid": "SK0123456789abcdef0123456789abcdef", "secret": "your_api_secret"}],
    "phone_numbers": [{"phone_number": f"+120255501{number:02}"} for number in range(20)],
    "services": [{"unique_name": "Flex Proxy Service", "sid": "KS0123456789abcdef0123456789abcdef"}],
}

# What others have made in it, for what does not begin with nothing.
GROWN: list[dict[str, t.Any]] = [
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
GROWN_ACCOUNT = {**ACCOUNT, "services": [*ACCOUNT["services"], *GROWN]}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-pictures", action="store_true", help="draw the pictures of the guides anew")


@pytest.fixture(scope="session")
def tarball(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection as a tarball, as `make build` builds it."""
    folder = tmp_path_factory.mktemp("build")
    command = [sys.executable, ".ci/package.py", str(folder)]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True, env={**os.environ, "PATH": PATH})
    (built,) = folder.glob("twilio-proxy-*.tar.gz")
    return built


@pytest.fixture(scope="session")
def installed(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for ANSIBLE_COLLECTIONS_PATH with the collection installed from the tarball."""
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
    """An emulator that has the account of the documents."""
    with Emulator(accounts=[ACCOUNT]) as running:
        yield running


@pytest.fixture
def reader(tmp_path: Path, installed: Path, account: Emulator) -> Reader:
    """Somebody who has the collection installed, and the environment set for the emulator."""
    environment = {**account.environment, "PATH": PATH, "ANSIBLE_COLLECTIONS_PATH": str(installed)}
    return Reader(tmp_path, environment)
