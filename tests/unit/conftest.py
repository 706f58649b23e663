# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of hypothesis for all unit tests."""

from __future__ import annotations

from hypothesis import settings

# No deadline, as the machine may be busy, and the same examples in each run, so that failures are reproducible.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")
