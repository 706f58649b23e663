# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of a list. A page token names a place between two records, so that pages neither repeat nor lose a record
while others come and go."""

from __future__ import annotations

import base64
import dataclasses
import re
import typing as t
import urllib.parse

from . import errors
from .collection import Collection, Slice
from .messages import Pairs
from .rules import Settings

DEFAULT_SIZE = 50
LARGEST_SIZE = 1000


@dataclasses.dataclass(frozen=True)
class Turn:
    """Which page is wanted. ``number`` is the client's own count, and only handed back."""

    size: int
    number: int
    token: str | None


def read_turn(query: Pairs, settings: Settings) -> Turn:
    """The page that a query asks for; ``Refusal`` when it makes no sense."""
    given = dict(query)
    size = _number(given, "PageSize", DEFAULT_SIZE, smallest=1)
    if size > LARGEST_SIZE and settings["page_size_over_maximum"] == "error":
        raise errors.page_too_large(LARGEST_SIZE)
    return Turn(min(size, settings["page_size_cap"]), _number(given, "Page", 0, smallest=0), given.get("PageToken"))


def cut_out(collection: Collection, turn: Turn) -> Slice:
    """The records of the page."""
    if turn.token is None:
        return collection.slice(turn.size)
    side, position = _read_token(turn.token)
    if side == "after":
        return collection.slice(turn.size, after=position)
    return collection.slice(turn.size, before=position)


def meta(list_url: str, key: str, turn: Turn, part: Slice) -> dict[str, t.Any]:
    """The ``meta`` member of a page; ``list_url`` is the absolute URL of the list."""

    def link(number: int, token: str | None) -> str:
        query: dict[str, t.Any] = {"PageSize": turn.size, "Page": number}
        if token is not None:
            query["PageToken"] = token
        return f"{list_url}?{urllib.parse.urlencode(query)}"

    previous_page = following_page = None
    if part.has_previous and part.records:
        previous_page = link(max(turn.number - 1, 0), _token("before", part.records[0].position))
    if part.has_next:
        following_page = link(turn.number + 1, _token("after", part.records[-1].position))
    return {
        "page": turn.number,
        "page_size": turn.size,
        "first_page_url": link(0, None),
        "previous_page_url": previous_page,
        "url": link(turn.number, turn.token),
        "next_page_url": following_page,
        "key": key,
    }


def _number(given: t.Mapping[str, str], parameter: str, default: int, smallest: int) -> int:
    text = given.get(parameter, str(default))
    if not re.fullmatch("[0-9]{1,18}", text) or int(text) < smallest:
        raise errors.bad_request(f"{parameter} must be a whole number, {smallest} or more")
    return int(text)


def _token(side: str, position: int) -> str:
    return "PT" + base64.urlsafe_b64encode(f"{side}:{position}".encode("ascii")).decode("ascii").rstrip("=")


def _read_token(token: str) -> tuple[str, int]:
    try:
        padding = "=" * (-(len(token) - 2) % 4)
        text = base64.urlsafe_b64decode(token[2:] + padding).decode("ascii")
    except ValueError:
        text = ""
    match = re.fullmatch("(after|before):(-?[0-9]{1,18})", text)
    if not token.startswith("PT") or not match:
        raise errors.bad_request("PageToken is not one that this list gave")
    return match[1], int(match[2])
