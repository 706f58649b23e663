# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make and update the virtual environments of the project, from matrix.toml and requirements/*.txt.

    python3 tests/environments.py lint contract     # makes missing and outdated ones, prints a path for each

They are in .venv/ at the top of the checkout, or in $PROXY_VENVS, which several checkouts can share. An up-to-date
environment is recognised by its stamp.
"""

from __future__ import annotations

import dataclasses
import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import sys
import typing as t
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:
    sys.exit(
        f"Python 3.11 or newer is needed, and this is {sys.version.split()[0]}. Name another one, as in:"
        " make demo PYTHON=python3.13"
    )

TESTS = Path(__file__).resolve().parent
CHECKOUT = TESTS.parent
VENVS = Path(os.environ.get("PROXY_VENVS", CHECKOUT / ".venv"))


class Missing(Exception):
    """An environment cannot be made: this machine has no interpreter for it."""


class Failed(Exception):
    """An environment cannot be made: venv or pip failed."""


@dataclasses.dataclass(frozen=True)
class Core:
    """A row of the matrix: an ansible-core, its Pythons, and the stages of tests that run on it."""

    version: str
    python: list[str]
    stages: list[str]
    modules: str = ""
    ways: t.Sequence[str] = ()
    targets: t.Sequence[str] = ()
    extras: t.Sequence[str] = ()

    @property
    def environment(self) -> str:
        return f"core-{self.version}"


@functools.cache
def matrix() -> dict[str, t.Any]:
    return tomllib.loads((TESTS / "matrix.toml").read_text(encoding="utf-8"))


def cores(stage: str) -> list[Core]:
    """Return the rows that a stage of the test suite runs on."""
    return [core for core in all_cores() if stage in core.stages]


def all_cores() -> list[Core]:
    return [Core(**row) for row in matrix()["core"]]


def environment(name: str) -> Path:
    """Make or update an environment, and return its path."""
    pythons, requirements = _wanted(name)
    path = VENVS / name
    stamp = path / "stamp"
    digest = hashlib.sha256("\n".join([str(path), *pythons, *requirements]).encode()).hexdigest()
    VENVS.mkdir(exist_ok=True)
    with open(VENVS / f"{name}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        usable = (path / "bin" / "python").exists()
        if not (usable and stamp.is_file() and stamp.read_text(encoding="utf-8") == digest):
            python = interpreter(pythons)
            print(f"making the environment {name} with {python}", file=sys.stderr)
            _run([python, "-m", "venv", "--clear", str(path)])
            _run([str(path / "bin" / "python"), "-m", "pip", "--quiet", "install", *requirements])
            stamp.write_text(digest, encoding="utf-8")
    return path


def _wanted(name: str) -> tuple[list[str], list[str]]:
    """Return the Python versions and the requirements of an environment."""
    for core in all_cores():
        if core.environment == name:
            listed = [line for file in ["core", *core.extras] for line in _requirements(file)]
            return core.python, [f"ansible-core~={core.version}.0", *listed]
    try:
        return matrix()["environment"][name], _requirements(name)
    except KeyError:
        sys.exit(f"There is no environment {name!r} in {TESTS / 'matrix.toml'}.")


def _requirements(name: str) -> list[str]:
    folder = TESTS / "requirements"
    found = next(path for part in (name, name.partition("-")[0]) if (path := folder / f"{part}.txt").exists())
    lines = found.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def interpreter(versions: Sequence[str]) -> str:
    """Return the first of these Pythons on this machine that works and can make virtual environments."""
    for version in versions:
        for candidate in _candidates(version):
            if _works(candidate, version):
                return candidate
    raise Missing(f"no usable Python {' or '.join(versions)} (with venv and ensurepip), neither on PATH nor in pyenv")


def _candidates(version: str) -> Iterator[str]:
    for folder in os.get_exec_path():
        candidate = shutil.which(f"python{version}", path=folder)
        if candidate:
            yield candidate
    yield sys.executable  # it may have no other name than python3
    for installed in sorted(pyenv_root().glob(f"versions/{version}.*/bin/python{version}"), reverse=True):
        yield str(installed)


@functools.cache
def pyenv_root() -> Path:
    """Return the folder of pyenv, or without pyenv a folder that does not exist."""
    if not shutil.which("pyenv"):
        return Path(os.devnull)
    return Path(subprocess.run(["pyenv", "root"], check=True, capture_output=True, text=True).stdout.strip())


def _works(python: str, version: str) -> bool:
    program = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"
    result = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False)
    return result.returncode == 0 and result.stdout.strip() == version


def _run(command: list[str]) -> None:
    """Run a command. Raises Failed with its output if it fails."""
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if result.returncode:
        raise Failed(f"{' '.join(command)} failed:\n{result.stdout}")


def main(names: list[str]) -> int:
    def attempt(name: str) -> Path | Missing | Failed:
        try:
            return environment(name)
        except (Missing, Failed) as error:
            return error

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(attempt, names))
    errors = [result for result in results if isinstance(result, Exception)]
    for result in results:
        print(result, file=sys.stderr if result in errors else sys.stdout)
    return len(errors)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
