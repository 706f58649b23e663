# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator as pytest fixtures."""

from __future__ import annotations

import typing as t

import pytest

from .emulator import Emulator


@pytest.fixture(scope="session")
def emulator_process() -> t.Iterator[Emulator]:
    """An emulator that all tests of a session share. Use ``emulator``, which resets it."""
    with Emulator() as process:
        yield process


@pytest.fixture
def emulator(emulator_process: Emulator) -> Emulator:
    """The shared emulator, without Services and with its default settings."""
    emulator_process.reset()
    return emulator_process
