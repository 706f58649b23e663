# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base URL: built as Twilio's clients do, and refused if the credentials must not be sent there."""

from __future__ import annotations

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils._connection import (
    CONNECTION,
    base_url_problem,
    connect,
    host_url,
)


@pytest.mark.parametrize(
    ("region", "edge", "url"),
    [
        (None, None, "https://proxy.twilio.com"),
        ("ie1", None, "https://proxy.ie1.twilio.com"),
        (None, "dublin", "https://proxy.dublin.us1.twilio.com"),
        ("ie1", "dublin", "https://proxy.dublin.ie1.twilio.com"),
        ("", "", "https://proxy.twilio.com"),
    ],
)
def test_region_and_edge_name_the_host(region: str | None, edge: str | None, url: str) -> None:
    assert host_url(region, edge) == url
    assert base_url_problem(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example",
        "https://a.example:8443/some/path",
        "http://localhost:8642",
        "http://127.0.0.1",
        "http://127.1.2.3:1",
        "http://[::1]:8642",
        "https://a.example/!~",
        "https://a.example/v1X",
    ],
)
def test_accepted_base_urls(url: str) -> None:
    assert base_url_problem(url) is None


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://a.example", "is plain http"),
        ("http://127.0.0.1.a.example", "is plain http"),
        ("http://127.a.b.c", "is plain http"),
        ("http://1127.0.0.1", "is plain http"),
        ("http://0.0.0.0", "is plain http"),
        ("http://localhost.a.example", "is plain http"),
        ("http://notlocalhost", "is plain http"),
        ("http://a.localhost", "is plain http"),
        ("ftp://a.example", "is not an absolute https URL"),
        ("a.example", "is not an absolute https URL"),
        ("https://", "is not an absolute https URL"),
        ("https://a .example", "is not an absolute https URL"),
        ("https://a.example/\r\nX: y", "is not an absolute https URL"),
        ("https://ä.example", "is not an absolute https URL"),
        ("https://user:pw@a.example", "contains credentials"),
        ("https://a.example\\@b.example", "contains credentials"),
        ("https://a.example/\\b", "contains credentials"),
        ("https://a.example/\x7f", "is not an absolute https URL"),
        ("https://a.example/v1", "ends in /v1"),
        ("https://a.example/x/v1/", "ends in /v1"),
        ("http://127.0.0.999", "is plain http"),
        ("http://127.0.0.256:1", "is plain http"),
        ("https://a.example?x=y", "contains credentials"),
        ("https://a.example?", "contains credentials"),
        ("https://a.example/#", "contains credentials"),
        ("https://a.example#x", "contains credentials"),
        ("https://a.example:port", "is not a valid URL"),
        ("https://[::1", "is not a valid URL"),
    ],
)
def test_refused_base_urls(url: str, problem: str) -> None:
    assert (base_url_problem(url) or "").startswith(problem)


@pytest.mark.parametrize("name", ["region", "edge"])
def test_an_address_in_the_environment_does_not_override_an_option_of_the_task(name: str) -> None:
    params = {
        **{option: spec.default for option, spec in CONNECTION.items()},
        "account_sid": "AC" + 32 * "0",
        "auth_token": "token",
        "base_url": "https://a.example",
        name: "ie1",
    }
    connection, problems = connect(params, {}, {"base_url"}, {})
    assert connection is None
    assert [problem.partition(":")[0] for problem in problems] == [name]
    # The task or the environment sets both.
    assert connect(params, {}, set(), {})[1] == connect(params, {}, {"base_url", name}, {})[1] == []


def test_a_null_secret_is_not_missing_too() -> None:
    params = {**{option: spec.default for option, spec in CONNECTION.items()}, "account_sid": "AC" + 32 * "0"}
    _connection, problems = connect(params, {"auth_token": None}, set(), {})
    assert [problem.partition(":")[0] for problem in problems] == ["auth_token"]
