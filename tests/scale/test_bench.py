# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmarks run, with the smallest sizes. No test depends on the time that something takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


def test_every_row_of_the_benchmarks_is_measured() -> None:
    program = "ansible_collections.twilio.proxy.tests.benchmarks.bench"
    command = [sys.executable, "-m", program, "--largest", "1", "--rounds", "1", "--json"]
    environment = {**os.environ, "PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"]}
    completed = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=True)
    rows = json.loads(completed.stdout)["rows"]
    assert {row["goal"] for row in rows} == {None, 0.05, 0.15, 1.15, 1.25, 1.3}
    assert all(row["min"] == row["ratio"] == row["max"] > 0 for row in rows)
