# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of versions in README.md: what of the test suite ran on which ansible-core and with which Pythons.

It is made of what ran, by `python3 tests/run.py --publish`. Every whole run of a stage compares it with what ran then.
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
    """A kind of tests that ran: on which ansible-core, with which Python under it and which under the modules."""

    kind: str
    core: str
    python: str
    modules: str


def numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def table(ran: Collection[Ran]) -> list[str]:
    """The lines of the table."""
    lines = [_line(["ansible-core", "Python", *COLUMNS.values()]), _line(["---"] * (2 + len(COLUMNS)))]
    for core, python in sorted({(one.core, one.python) for one in ran}, key=lambda row: numbers(row[0])):
        here = {one for one in ran if (one.core, one.python) == (core, python)}
        lines.append(_line([core, python, *(_cell(here, kind) for kind in COLUMNS)]))
    return lines


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(ran: Collection[Ran], kind: str) -> str:
    pythons = sorted({one.modules for one in ran if one.kind == kind}, key=numbers)
    if kind in ON_MODULES:
        return ", ".join(pythons)
    return "yes" if pythons else ""


def claims(readme: str) -> set[Ran]:
    """What the README says."""
    _head, _rule, *lines = readme.partition(BEGIN)[2].partition(END)[0].strip().splitlines()
    found = set()
    for line in lines:
        core, python, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        for kind, cell in zip(COLUMNS, cells, strict=True):
            pythons = cell.split(", ") if kind in ON_MODULES else [python]
            found |= {Ran(kind, core, python, modules) for modules in pythons if cell}
    return found


def publish(path: Path, ran: Collection[Ran]) -> None:
    """Writes into the README what ran; what it says of other kinds of tests stays."""
    readme = path.read_text(encoding="utf-8")
    before, rest = readme.split(BEGIN)
    others = {claim for claim in claims(readme) if claim.kind not in {one.kind for one in ran}}
    lines = "\n".join(table({*others, *ran}))
    path.write_text(f"{before}{BEGIN}\n{lines}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def differences(readme: str, ran: Collection[Ran]) -> list[str]:
    """A sentence on each claim about these kinds of tests that is not what ran, and the other way round."""
    said = {claim for claim in claims(readme) if claim.kind in {one.kind for one in ran}}
    return [
        *(f"README.md says what did not run: {' '.join(claim)}." for claim in sorted(said - {*ran})),
        *(f"README.md does not say what ran: {' '.join(one)}." for one in sorted({*ran} - said)),
    ]
