# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory that another user may have prepared."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from proxy_emulator import directory
from proxy_emulator.cli import main
from proxy_emulator.directory import Directory, DirectoryError

OTHER_USER = 12345
COMMANDS = [("start",), ("start", "--check"), ("stop",), ("status",)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "emulator"
    found.mkdir(mode=0o700)
    return found


def link(path: Path) -> str:
    path.rmdir()
    (path.parent / "elsewhere").mkdir(mode=0o700)
    path.symlink_to(path.parent / "elsewhere")
    return f"{path} is a link."


def file(path: Path) -> str:
    path.rmdir()
    path.touch()
    return f"{path} is not a directory."


def for_the_group(path: Path) -> str:
    path.chmod(0o770)
    return f"Other users can write to {path} (mode 0770). Run chmod go-w {path}"


def sticky(path: Path) -> str:
    path.chmod(0o1777)
    return f"Other users can write to {path} (mode 1777). Choose another directory."


@pytest.mark.parametrize("prepare", [link, file, for_the_group, sticky])
@pytest.mark.parametrize("command", COMMANDS, ids="".join)
def test_directory_writable_for_others_is_rejected(
    path: Path, command: tuple[str, ...], prepare: t.Callable[[Path], str], capsys: pytest.CaptureFixture[str]
) -> None:
    problem = prepare(path)
    if command == ("start",) and prepare is file:
        problem = "[Errno 17] File exists"
    assert main([*command, "--directory", str(path)]) == 1
    assert capsys.readouterr().err.startswith(problem)
    assert path.is_file() or not list(path.iterdir())


def test_directory_of_another_user_is_rejected(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: OTHER_USER)
    with pytest.raises(DirectoryError, match=f"another user .ID {user}.*user who runs the emulator .ID {OTHER_USER}."):
        Directory(str(path)).check()


@pytest.mark.parametrize("owner", ["own", "other"])
def test_link_in_the_path_is_followed_unless_it_belongs_to_another_user(
    path: Path, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = path.parent / "way"
    way.symlink_to(path.parent)
    if owner == "own":
        Directory(str(way / "emulator")).create()
        return
    if os.geteuid() == 0:
        os.lchown(way, OTHER_USER, OTHER_USER)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: OTHER_USER)
    with pytest.raises(DirectoryError, match=f"{way} is a link that another user made"):
        Directory(str(way / "emulator")).check()


def linked(file: Path, target: Path) -> None:
    file.symlink_to(target)


def second_name(file: Path, target: Path) -> None:
    os.link(target, file)


def pipe(file: Path, _target: Path) -> None:
    os.mkfifo(file)


def folder(file: Path, _target: Path) -> None:
    file.mkdir()


@pytest.mark.parametrize("prepare", [linked, second_name, pipe, folder])
@pytest.mark.parametrize("name", ["lock", "state.json", "emulator.log"])
def test_foreign_file_is_neither_read_nor_written(
    path: Path, name: str, prepare: t.Callable[[Path, Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    target = path.parent / "target"
    target.write_text("precious")
    target.chmod(0o644)
    prepare(path / name, target)
    assert main(["start", "--directory", str(path)]) == 1
    assert f"{path / name} is not a regular file of your own. Remove it." in capsys.readouterr().err
    assert target.read_text() == "precious"
    assert stat.S_IMODE(target.stat().st_mode) == 0o644


def test_file_is_replaced_and_only_for_its_owner(path: Path) -> None:
    (path / "state.json").write_text("a" * 100)
    (path / "state.json").chmod(0o666)
    Directory(str(path)).write("state.json", {})
    assert (path / "state.json").read_text() == "{}"
    assert stat.S_IMODE((path / "state.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("arguments", [[], ["--create"]])
def test_directory_py_runs_alone(tmp_path: Path, arguments: list[str]) -> None:
    path = tmp_path / "new" / "emulator"
    program = Path(directory.__file__).read_text(encoding="utf-8")
    command = [sys.executable, "-I", "-", *arguments, str(path.parent), str(path)]
    subprocess.run(command, input=program, text=True, check=True)
    assert path.exists() == bool(arguments)
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o777)
    done = subprocess.run(command, input=program, text=True, check=False, capture_output=True)
    assert (done.returncode, done.stderr.startswith("Other users can write to ")) == (1, True)
