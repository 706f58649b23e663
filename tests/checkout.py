# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of the checkout at .../ansible_collections/twilio/proxy, where Ansible's tools expect a collection.

    python3 tests/checkout.py lint .ci/lint     # runs .ci/lint in such a copy, with the environment lint

A copy includes uncommitted files, and no file that git ignores or, without git, that the tools of the project create.
The command finds the programs of the environment first. It has no Ansible settings of the user, and the checkout as
$CHECKOUT.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from environments import CHECKOUT, Failed, Missing, environment

#: Folders that the tools of the project create, in any folder and at the top.
CREATED_ANYWHERE = {"__pycache__", ".ansible", ".hypothesis", ".mypy_cache", ".ruff_cache", ".schemathesis"}
CREATED_AT_THE_TOP = {".git", ".venv", "build"}


@contextlib.contextmanager
def collection_copy() -> Iterator[Path]:
    """Make a copy of the checkout for the duration of the ``with``."""
    with tempfile.TemporaryDirectory(prefix="twilio-proxy-") as temporary:
        collection = Path(temporary, "ansible_collections", "twilio", "proxy")
        for name in _files():
            (collection / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, collection / name)
        yield collection


def _files() -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        return list(_files_without_git())
    return [name for name in listed.split("\0") if name and (CHECKOUT / name).is_file()]


def _files_without_git() -> Iterator[str]:
    for folder, subfolders, names in os.walk(CHECKOUT):
        relative = Path(folder).relative_to(CHECKOUT)
        created = CREATED_ANYWHERE | (set() if relative.parts else CREATED_AT_THE_TOP)
        subfolders[:] = [name for name in subfolders if name not in created]
        yield from (str(relative / name) for name in names)


def main(name: str, *command: str) -> int:
    try:
        programs = environment(name) / "bin"
        with collection_copy() as collection:
            return _run(collection, programs, command)
    except (Missing, Failed) as error:
        sys.exit(str(error))


def _run(collection: Path, programs: Path, command: Sequence[str]) -> int:
    collections_path = collection.parents[2]
    (collections_path / "ansible.cfg").touch()
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "TWILIO_"))}
    variables |= {
        "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
        "ANSIBLE_COLLECTIONS_PATH": str(collections_path),
        "ANSIBLE_CONFIG": str(collections_path / "ansible.cfg"),
        "ANSIBLE_HOME": str(collections_path / "home"),
        "CHECKOUT": str(CHECKOUT),
    }
    return subprocess.run(command, cwd=collection, env=variables, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
