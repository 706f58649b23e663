# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/reliability.md agrees with the code: its tests exist, and its numbers and formulas are those of the code."""

from __future__ import annotations

import ast
import math
import re
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils import _client
from ansible_collections.twilio.proxy.plugins.module_utils._connection import CONNECTION
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError
from ansible_collections.twilio.proxy.tests.faults import rules

CHECKOUT = Path(__file__).resolve().parents[2]
DOCUMENT = (CHECKOUT / "docs" / "reliability.md").read_text(encoding="utf-8")


def table(first_heading: str) -> list[list[str]]:
    """Return the rows of the table with this first heading."""
    lines = iter(DOCUMENT.splitlines())
    next(line for line in lines if line.startswith(f"| {first_heading} |"))
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return rows


@pytest.mark.parametrize("test", sorted(set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", DOCUMENT))))
def test_a_named_test_exists(test: str) -> None:
    path, _colons, name = test.partition("::")
    tree = ast.parse((CHECKOUT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_promise_names_its_test() -> None:
    promises = table("promise")
    assert len(promises) > 10
    for _promise, test in promises:
        assert re.fullmatch(r"`tests/[\w/]+\.py::\w+`", test)


def test_the_numbers() -> None:
    numbers = dict(table("number"))
    for name in ("timeout", "retries"):
        option = CONNECTION[name]
        (found,) = (value for number, value in numbers.items() if number.startswith(f"`{name}`"))
        assert option.rule is not None
        assert found == f"{option.default}, from {option.rule.minimum} to {option.rule.maximum}"
    assert numbers["first wait, in seconds"] == f"{_client.FIRST_WAIT:g}"
    assert numbers["longest wait of the module's own, in seconds"] == f"{_client.LONGEST_WAIT:g}"
    (retry_after,) = (value for number, value in numbers.items() if "`Retry-After`" in number)
    assert retry_after == f"{_client.LONGEST_RETRY_AFTER:g}"
    assert numbers["random addition to every wait, at most"] == f"{rules.JITTER:.0%}".replace("%", " %")


def test_the_waits_are_those_of_the_client() -> None:
    waited: list[float] = []
    client = _client.Client(
        "http://localhost",
        _client.Credentials("AC", ""),
        timeout=1,
        retries=0,
        sleep=waited.append,
        verify=True,
        agent="",
        jitter=lambda: 1.0,
    )
    for attempt in range(6):
        client.pause(attempt, ApiError("wait", "no"))
    client.pause(0, ApiError("wait", "no", retry_after=10.0**9))
    longer = 1 + rules.JITTER
    sums = re.search(r"1\.25 \* \(([^)]*) \+ \.\.\.\)", DOCUMENT)
    assert sums is not None
    assert waited == [float(wait) * longer for wait in sums[1].split(" + ")] + [_client.LONGEST_RETRY_AFTER * longer]


@pytest.mark.parametrize("row", table("`timeout`"), ids=lambda row: "-".join(row[:2]))
def test_the_bounds(row: list[str]) -> None:
    timeout, retries, *documented = map(int, row)
    bounds = (
        rules.max_seconds_of_one_request(timeout, retries),
        rules.max_seconds(timeout, retries, pages=1, writes=False),
        rules.max_seconds(timeout, retries, pages=1, writes=True),
    )
    assert documented == [math.ceil(bound) for bound in bounds]


@pytest.mark.parametrize("writes", [False, True])
def test_the_formulas(writes: bool) -> None:
    formulas = [line for line in DOCUMENT.splitlines() if line.startswith("(retries + 1) *") and "pages" in line]
    formula = formulas[writes]
    for retries in (0, 2, 20):
        for pages in (1, 3):
            value = eval(formula, {"retries": retries, "pages": pages})  # the formula in the document
            assert value == rules.max_requests(retries, pages, writes)
