# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers that the cases run against."""

from __future__ import annotations

import contextlib
import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.faults import table
from ansible_collections.twilio.proxy.tests.faults.runner import Servers, SharedServers
from ansible_collections.twilio.proxy.tests.faults.servers import OtherHost, SlowServer, closed_port
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

#: Cases that mostly wait run in parallel, each on its own servers.
SERVER_SETS = 8


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of cases under the results of the tests."""
    terminalreporter.section("the fault matrix")
    terminalreporter.write_line(table.text())


@pytest.fixture(scope="session")
def server_sets() -> t.Iterator[list[Servers]]:
    """Start all servers."""
    with contextlib.ExitStack() as stack:
        shared = SharedServers(stack.enter_context(OtherHost()), stack.enter_context(closed_port()))
        found = []
        for _number in range(SERVER_SETS):
            emulator = stack.enter_context(Emulator())
            found.append(Servers(emulator, stack.enter_context(SlowServer(emulator)), shared))
        yield found
