# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for values."""

from __future__ import annotations

import pytest
from proxy_emulator import rules


@pytest.mark.parametrize(
    "value",
    [
        "http://example.com",
        "https://user:word@example.com:8443/path?query=a%20b#part",
        "http://[::1]:80/",
        "https://example.com/" + "a" * 3980,
    ],
)
def test_valid_url(value: str) -> None:
    assert rules.url(value, {}) == value


@pytest.mark.parametrize(
    "value",
    [
        "",
        "example.com",
        "/path",
        "//example.com",
        "ftp://example.com",
        "http://",
        "http:///path",
        "http://example.com/a b",
        "http://example.com/\n",
        "http://example.com:port/",
        "http://[::1/",
    ],
)
def test_invalid_url(value: str) -> None:
    with pytest.raises(ValueError, match="must be an absolute http or https URL"):
        rules.url(value, {})


def test_longest_url() -> None:
    with pytest.raises(ValueError, match="at most 4000 characters"):
        rules.url("https://example.com/" + "a" * 3981, {})


@pytest.mark.parametrize(("value", "number"), [("0", 0), ("3600", 3600), ("007", 7), ("9" * 30, 10**30 - 1)])
def test_valid_natural_number(value: str, number: int) -> None:
    assert rules.natural_number(value, {}) == number


@pytest.mark.parametrize("value", ["", "-1", "+1", "1.0", "1e3", "ten", " 1", "1\n", "\u0661", "9" * 5000])
def test_invalid_natural_number(value: str) -> None:
    with pytest.raises(ValueError, match="whole number"):
        rules.natural_number(value, {})


@pytest.mark.parametrize("value", ["IS" + "0" * 32, "IS" + "aF" * 16])
def test_valid_sid(value: str) -> None:
    assert rules.sid("IS")(value, {}) == value


@pytest.mark.parametrize("value", ["", "IS" + "0" * 31, "IS" + "0" * 33, "KS" + "0" * 32, "IS" + "g" * 32])
def test_invalid_sid(value: str) -> None:
    with pytest.raises(ValueError, match="must be IS and 32 hexadecimal digits"):
        rules.sid("IS")(value, {})


def test_text_length_is_in_characters() -> None:
    rule = rules.text(1, 3)
    assert rule("☎☎☎", {}) == "☎☎☎"
    for value in ("", "abcd"):
        with pytest.raises(ValueError, match="must be 1 to 3 characters long"):
            rule(value, {})


def test_choice() -> None:
    for rule in (rules.choice("yes", "no"), rules.choice_by_setting("answers")):
        assert rule("no", {"answers": ["yes", "no"]}) == "no"
        with pytest.raises(ValueError, match="must be one of yes, no"):
            rule("No", {"answers": ["yes", "no"]})


@pytest.mark.parametrize(("value", "meaning"), [("true", True), ("false", False)])
def test_valid_boolean(value: str, meaning: bool) -> None:
    assert rules.boolean(value, {}) is meaning


@pytest.mark.parametrize("value", ["", "True", "FALSE", "yes", "0", "1", "true ", "true\n"])
def test_invalid_boolean(value: str) -> None:
    with pytest.raises(ValueError, match="must be true or false"):
        rules.boolean(value, {})


@pytest.mark.parametrize("value", ["+12025550100", "+12", "+123456789012345"])
def test_valid_e164(value: str) -> None:
    assert rules.e164(value, {}) == value


@pytest.mark.parametrize(
    "value",
    ["", "+", "+1", "12025550100", "+02025550100", "+1 202 555 0100", "+1234567890123456", "+1202555\n", "+1\u0661"],
)
def test_invalid_e164(value: str) -> None:
    with pytest.raises(ValueError, match=r"must be an E\.164 number"):
        rules.e164(value, {})
