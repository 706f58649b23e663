# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of the checkout at .../ansible_collections/twilio/proxy, where Ansible's tools want a collection to be.

    python3 tests/checkout.py lint .ci/lint     # runs .ci/lint in such a copy, with the environment lint

A copy holds what is not committed as well, and nothing that git ignores; where git cannot tell, because the files came
without it, nothing that the tools of the project leave. The command finds the programs of the environment first, no
settings of the user's Ansible, and the checkout itself as $CHECKOUT.
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

#: What the tools of the project leave, in any folder and at the top.
LEFT_ANYWHERE = {"__pycache__", ".ansible", ".hypothesis", ".mypy_cache", ".ruff_cache", ".schemathesis"}
LEFT_AT_THE_TOP = {".git", ".venv", "build"}


@contextlib.contextmanager
def collection_copy() -> Iterator[Path]:
    """A copy of the checkout as it is now, for as long as it is needed."""
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
        here = Path(folder).relative_to(CHECKOUT)
        left = LEFT_ANYWHERE | (set() if here.parts else LEFT_AT_THE_TOP)
        subfolders[:] = [name for name in subfolders if name not in left]
        yield from (str(here / name) for name in names)


def main(name: str, *command: str) -> int:
    try:
        programs = environment(name) / "bin"
        with collection_copy() as collection:
            return _run(collection, programs, command)
    except (Missing, Failed) as problem:
        sys.exit(str(problem))


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
