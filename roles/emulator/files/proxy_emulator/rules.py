# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for the values of parameters. A rule converts the text, or raises a ``ValueError`` with what it must be."""

from __future__ import annotations

import datetime as dt
import re
import typing as t
import urllib.parse

from .clock import LONGEST, timestamp

Settings = t.Mapping[str, t.Any]
Value = t.Union[str, int, t.Mapping[str, t.Any], None]
Rule = t.Callable[[str, Settings], Value]

URL_LENGTH = 4000
E164 = r"\+[1-9][0-9]{1,14}"


def text(shortest: int, longest: int) -> Rule:
    """Accept a text of ``shortest`` to ``longest`` characters."""

    def read(value: str, _settings: Settings) -> Value:
        if not shortest <= len(value) <= longest:
            raise ValueError(f"must be {shortest} to {longest} characters long")
        return value

    return read


def url(value: str, _settings: Settings) -> Value:
    """Accept an absolute http or https URL of at most 4000 characters."""
    if len(value) > URL_LENGTH:
        raise ValueError(f"must be at most {URL_LENGTH} characters long")
    # urlsplit drops line breaks silently, and accepts blanks in names.
    if re.search(r"[\x00-\x20\x7f]", value) or not _is_absolute_http(value):
        raise ValueError("must be an absolute http or https URL")
    return value


def natural_number(value: str, _settings: Settings) -> Value:
    """Accept a whole number of any size, not negative."""
    # Python does not read more than 4300 digits.
    if not re.fullmatch(r"[0-9]{1,4000}", value):
        raise ValueError("must be a whole number, 0 or more")
    return int(value)


def ttl(value: str, settings: Settings) -> Value:
    """Accept a number of seconds that a Session lasts."""
    least = 0 if settings["zero_ttl"] == "accepted" else 1
    if not re.fullmatch("[0-9]{1,10}", value) or not least <= int(value) < LONGEST:
        raise ValueError(f"must be a whole number from {least} to {LONGEST - 1}")
    return int(value)


def instant(value: str, _settings: Settings) -> Value:
    """Accept a date and time with an offset from UTC, in ISO 8601, and return it in UTC with whole seconds."""
    try:
        time = dt.datetime.fromisoformat(re.sub("[Zz]$", "+00:00", value))
        if time.tzinfo is None:
            raise ValueError
        return timestamp(time.astimezone(dt.timezone.utc))
    except (OverflowError, ValueError) as error:
        raise ValueError("must be a date and time with an offset from UTC, in ISO 8601") from error


def boolean(value: str, _settings: Settings) -> Value:
    """Accept ``true`` or ``false``."""
    if value not in ("true", "false"):
        raise ValueError("must be true or false")
    return value == "true"


def e164(value: str, _settings: Settings) -> Value:
    """Accept a phone number in E.164 format."""
    if not re.fullmatch(E164, value):
        raise ValueError("must be an E.164 number: + and 2 to 15 digits, the first of which is not 0")
    return value


def sid(prefix: str) -> Rule:
    """Accept a SID: the prefix and 32 hexadecimal digits."""

    def read(value: str, _settings: Settings) -> Value:
        if not re.fullmatch(prefix + "[0-9a-fA-F]{32}", value):
            raise ValueError(f"must be {prefix} and 32 hexadecimal digits")
        return value

    return read


def choice(*choices: str) -> Rule:
    """Accept one of the choices."""
    return _one_of(lambda _settings: choices)


def choice_by_setting(setting: str) -> Rule:
    """Accept one of the choices that the setting lists."""
    return _one_of(lambda settings: t.cast("list[str]", settings[setting]))


def _one_of(choices_of: t.Callable[[Settings], t.Sequence[str]]) -> Rule:
    def read(value: str, settings: Settings) -> Value:
        choices = choices_of(settings)
        if value not in choices:
            raise ValueError("must be one of " + ", ".join(choices))
        return value

    return read


def _is_absolute_http(value: str) -> bool:
    try:
        parts = urllib.parse.urlsplit(value)
        # Reading the port is what checks it.
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != -1
    except ValueError:
        return False
