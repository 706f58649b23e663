# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-test the way it wants to be run.

    python3 tests/ansible_tester.py 2.21 sanity --test validate-modules

It wants the collection at .../ansible_collections/twilio/proxy, and no link there: it gets a copy, of what is not
committed as well. It wants interpreters on PATH that run: it gets one without pyenv's shims. And it keeps caches in the
home directory: it gets a private one, which it may fill.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from checkout import collection_copy
from environments import CHECKOUT, VENVS, Core, all_cores, environment, pyenv_root

STAND_IN = CHECKOUT / ".ci" / "get_pip.py"
DOWNLOAD_FAILED = re.compile(r"bootstrap script can be manually downloaded and saved to: (\S+/get_pip_(\S+)\.py)")


def ansible_test(
    core: Core, collection: Path, arguments: Sequence[str], beside: str = ""
) -> subprocess.CompletedProcess[str]:
    """One run, with all its output in stdout. One that may be ``beside`` others of this core's has a name for that."""

    def attempt() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["ansible-test", *arguments, "--color", "no"],
            cwd=collection,
            env={"HOME": str(_home(core, beside)), "PATH": _path(core), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    result = attempt()
    out_of_reach = DOWNLOAD_FAILED.search(result.stdout)
    if out_of_reach:
        _put_stand_in(core, Path(out_of_reach[1]), out_of_reach[2].replace("_", "."))
        result = attempt()
    return result


def _put_stand_in(core: Core, get_pip: Path, version: str) -> None:
    pip = [str(environment(core.environment) / "bin" / "pip"), "--quiet", "download", "--no-deps"]
    subprocess.run([*pip, "--dest", str(get_pip.parent), f"pip=={version}"], check=True)
    shutil.copy(STAND_IN, get_pip)


def _home(core: Core, beside: str) -> Path:
    """A home directory of its own for each ansible-core, in which the user's settings of pip hold.

    Two runs that make what is in it at the same time would get in each other's way.
    """
    home = VENVS / "-".join(["home", core.version, *([beside] if beside else [])])
    (home / ".config").mkdir(parents=True, exist_ok=True)
    settings = Path.home() / ".config" / "pip"
    with contextlib.suppress(FileExistsError):
        (home / ".config" / "pip").symlink_to(settings)
    return home


def _path(core: Core) -> str:
    """PATH with the environment first, and pyenv's interpreters in the place of its shims."""
    root = pyenv_root()
    interpreters = sorted(root.glob("versions/3.*/bin"))
    others = [folder for folder in os.get_exec_path() if root not in Path(folder).parents]
    return os.pathsep.join(map(str, [environment(core.environment) / "bin", *interpreters, *others]))


def main(version: str, *arguments: str) -> int:
    core = next(core for core in all_cores() if core.version == version)
    with collection_copy() as collection:
        result = ansible_test(core, collection, arguments)
    print(result.stdout, end="")
    return result.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
