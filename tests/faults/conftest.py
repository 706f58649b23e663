# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desks at which cells are played."""

from __future__ import annotations

import contextlib
import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.faults import table
from ansible_collections.twilio.proxy.tests.faults.elsewhere import Dripping, Elsewhere, closed_port
from ansible_collections.twilio.proxy.tests.faults.play import Beside, Desk
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

#: Cells that mostly wait are played at so many desks at once.
DESKS = 8


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-picture", action="store_true", help="draw docs/images/fault-matrix.svg anew")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of what was tried, under the results of the tests."""
    terminalreporter.section("the fault matrix")
    terminalreporter.write_line(table.text())


@pytest.fixture(scope="session")
def desks() -> t.Iterator[list[Desk]]:
    """All desks."""
    with contextlib.ExitStack() as stack:
        beside = Beside(stack.enter_context(Elsewhere()), stack.enter_context(closed_port()))
        found = []
        for _number in range(DESKS):
            emulator = stack.enter_context(Emulator())
            found.append(Desk(emulator, stack.enter_context(Dripping(emulator)), beside))
        yield found
