# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rate limits."""

from __future__ import annotations

import typing as t

import pytest
from proxy_emulator.errors import Refusal
from proxy_emulator.ratelimit import RateLimiter


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limiter(clock: Clock, **settings: t.Any) -> RateLimiter:
    return RateLimiter({"rate_limit": 30, "rate_limit_burst": None, "retry_after": False, **settings}, clock)


def admitted(limited: RateLimiter, tries: int, key: str = "a") -> int:
    count = 0
    for _try in range(tries):
        try:
            limited.admit(key)
        except Refusal:
            pass
        else:
            count += 1
    return count


def test_no_rate_is_no_limit(clock: Clock) -> None:
    assert admitted(limiter(clock, rate_limit=None), 10_000) == 10_000


def test_five_times_the_rate_is_accepted_for_five_seconds(clock: Clock) -> None:
    limited = limiter(clock)
    passed = 0
    for _tick in range(50):
        passed += admitted(limited, 15)
        clock.now += 0.1
    assert passed == pytest.approx(5 * 30 * 5, abs=5)
    # From now on only the rate itself.
    assert admitted(limited, 1000) <= 4
    clock.now += 1
    assert admitted(limited, 1000) == 30


def test_rate_limit_burst(clock: Clock) -> None:
    assert admitted(limiter(clock, rate_limit_burst=3), 10) == 3


def test_rate_below_one_per_second(clock: Clock) -> None:
    limited = limiter(clock, rate_limit=0.5, rate_limit_burst=1)
    assert admitted(limited, 2) == 1
    clock.now += 1.9
    assert admitted(limited, 2) == 0
    clock.now += 0.1
    assert admitted(limited, 2) == 1


def test_each_key_has_its_own_limit(clock: Clock) -> None:
    limited = limiter(clock, rate_limit_burst=2)
    assert (admitted(limited, 5, "a"), admitted(limited, 5, "b")) == (2, 2)


@pytest.mark.parametrize(
    ("setting", "headers"),
    [(False, {}), (True, {"Retry-After": "4"}), (7, {"Retry-After": "7"}), (0, {"Retry-After": "0"})],
)
def test_retry_after(clock: Clock, setting: object, headers: dict[str, str]) -> None:
    limited = limiter(clock, rate_limit=0.25, rate_limit_burst=1, retry_after=setting)
    limited.admit("a")
    with pytest.raises(Refusal) as refused:
        limited.admit("a")
    assert (refused.value.answer.status, refused.value.answer.document()["code"]) == (429, 20429)
    assert {name: value for name, value in refused.value.answer.headers.items() if name == "Retry-After"} == headers
