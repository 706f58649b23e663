# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the checkout has the files of the project, and none that its tools create."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
LIST = "from checkout import collection_copy\nwith collection_copy() as copy:\n    print(*copy.rglob('*'), sep='\\n')"


def copied(project: Path, path: str) -> set[str]:
    """Return the files of a copy of the project, made by a process with this PATH."""
    command = [sys.executable, "-B", "-c", LIST]
    completed = subprocess.run(
        command, cwd=project / "tests", env={"PATH": path}, check=True, stdout=subprocess.PIPE, text=True
    )
    return {line.partition("/ansible_collections/twilio/proxy/")[2] for line in completed.stdout.splitlines()}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project without git, with files that its tools create."""
    for name in ("checkout.py", "environments.py"):
        (tmp_path / "tests").mkdir(exist_ok=True)
        shutil.copy(CHECKOUT / "tests" / name, tmp_path / "tests")
    for name in (".venv/a", "build/b", "plugins/c", "plugins/build/d", "plugins/__pycache__/e", ".gitignore"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("/.venv/\n/build/\n__pycache__/\n", encoding="utf-8")
    return tmp_path


def test_a_copy_needs_no_git(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    empty = tmp_path_factory.mktemp("empty")
    found = copied(project, str(empty))
    assert {name for name in found if not (project / name).is_dir()} == {
        ".gitignore",
        "plugins/build/d",
        "plugins/c",
        "tests/checkout.py",
        "tests/environments.py",
    }
    git = shutil.which("git")
    assert git is not None
    subprocess.run([git, "init", "--quiet"], cwd=project, check=True)
    assert copied(project, str(Path(git).parent)) == found
