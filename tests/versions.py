# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of versions in README.md: the kinds of tests that ran, by ansible-core and Python.

`python3 tests/run.py --publish` writes it. Every complete run of a stage compares it with what ran.
"""

from __future__ import annotations

import typing as t
from collections.abc import Collection
from pathlib import Path

BEGIN, END = "<!-- versions that the tests ran on -->", "<!-- end of the versions -->"
ON_MODULES = {"integration": "integration tests, modules on", "targets": "ansible-test's targets, modules on"}
WITHOUT_MODULES = {"unit": "unit tests", "sanity": "sanity tests"}
COLUMNS = {"unit": WITHOUT_MODULES["unit"], **ON_MODULES, "sanity": WITHOUT_MODULES["sanity"]}


class Ran(t.NamedTuple):
    """A kind of tests that ran: its ansible-core, with the Python of the controller and that of the modules."""

    kind: str
    core: str
    python: str
    modules: str


def numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def table(ran: Collection[Ran]) -> list[str]:
    """Return the lines of the table."""
    lines = [_line(["ansible-core", "Python", *COLUMNS.values()]), _line(["---"] * (2 + len(COLUMNS)))]
    for core, python in sorted({(entry.core, entry.python) for entry in ran}, key=lambda row: numbers(row[0])):
        entries = {entry for entry in ran if (entry.core, entry.python) == (core, python)}
        lines.append(_line([core, python, *(_cell(entries, kind) for kind in COLUMNS)]))
    return lines


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(ran: Collection[Ran], kind: str) -> str:
    pythons = sorted({entry.modules for entry in ran if entry.kind == kind}, key=numbers)
    if kind in ON_MODULES:
        return ", ".join(pythons)
    return "yes" if pythons else ""


def claims(readme: str) -> set[Ran]:
    """Return the entries of the table in the README."""
    _header, _rule, *lines = readme.partition(BEGIN)[2].partition(END)[0].strip().splitlines()
    found = set()
    for line in lines:
        core, python, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        for kind, cell in zip(COLUMNS, cells, strict=True):
            pythons = cell.split(", ") if kind in ON_MODULES else [python]
            found |= {Ran(kind, core, python, modules) for modules in pythons if cell}
    return found


def publish(path: Path, ran: Collection[Ran]) -> None:
    """Write what ran into the README. Its entries for other kinds of tests stay."""
    readme = path.read_text(encoding="utf-8")
    before, rest = readme.split(BEGIN)
    others = {claim for claim in claims(readme) if claim.kind not in {entry.kind for entry in ran}}
    lines = "\n".join(table({*others, *ran}))
    path.write_text(f"{before}{BEGIN}\n{lines}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def differences(readme: str, ran: Collection[Ran]) -> list[str]:
    """Return a sentence for each difference between the README and what ran, for these kinds of tests."""
    listed = {claim for claim in claims(readme) if claim.kind in {entry.kind for entry in ran}}
    return [
        *(f"README.md lists tests that did not run: {' '.join(entry)}." for entry in sorted(listed - {*ran})),
        *(f"README.md does not list tests that ran: {' '.join(entry)}." for entry in sorted({*ran} - listed)),
    ]
