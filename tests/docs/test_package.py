# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tarball is reproducible, has the files for users, and is one that ansible-galaxy verifies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.docs.conftest import PATH

# 2033-05-18 03:33:20 UTC.
MOMENT = 2_000_000_000
# Other files are only in a checkout.
SHIPPED = {
    *("CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "FILES.json", "LICENSES", "MANIFEST.json", "README.md", "REUSE.toml"),
    *("SECURITY.md", "changelogs", "docs", "meta", "playbooks", "plugins", "roles", "tests"),
}


def package(checkout: Path, folder: Path) -> Path:
    command = [sys.executable, ".ci/package.py", str(folder)]
    environment = {**os.environ, "PATH": PATH, "SOURCE_DATE_EPOCH": str(MOMENT)}
    subprocess.run(command, cwd=checkout, check=True, capture_output=True, env=environment)
    (built,) = folder.glob("twilio-proxy-*.tar.gz")
    return built


@pytest.mark.slow
def test_the_tarball_depends_on_the_content_alone(checkout: Path, tmp_path: Path) -> None:
    files = subprocess.run(["git", "ls-files", "-z"], cwd=checkout, check=True, capture_output=True, text=True).stdout
    copy = tmp_path / "copy"
    for name in filter(None, files.split("\0")):
        if (checkout / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(checkout / name, copy / name)
    one = package(copy, tmp_path / "one")
    for path in copy.rglob("*.yml"):
        os.utime(path, (0, 0))
    shutil.move(copy, tmp_path / "moved")
    other = package(tmp_path / "moved", tmp_path / "other")
    assert one.read_bytes() == other.read_bytes()
    with tarfile.open(one) as archive:
        members = archive.getmembers()
    assert {member.name.partition("/")[0] for member in members} == SHIPPED
    assert {(member.mtime, member.uid, member.gid, member.uname) for member in members} == {(MOMENT, 0, 0, "")}
    assert [member.name for member in members] == sorted(member.name for member in members)


def test_ansible_galaxy_verifies_the_tarball(tarball: Path, tmp_path: Path) -> None:
    environment = {"PATH": PATH, "HOME": str(tmp_path), "ANSIBLE_COLLECTIONS_PATH": str(tmp_path)}
    for command in (["install", "--offline", str(tarball)], ["verify", "--offline", "twilio.proxy"]):
        subprocess.run(["ansible-galaxy", "collection", *command], env=environment, check=True, capture_output=True)
