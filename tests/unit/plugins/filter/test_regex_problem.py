# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter hands on what the check of the modules finds."""

from __future__ import annotations

from ansible_collections.twilio.proxy.plugins.filter.regex_problem import FilterModule


def test_the_option_is_named() -> None:
    regex_problem = FilterModule().filters()["regex_problem"]
    assert regex_problem("(", "report_matching").startswith("report_matching: ")
    assert regex_problem(["a"], "report_matching").startswith("report_matching: ")
    assert regex_problem("^a-", "report_matching") is None
