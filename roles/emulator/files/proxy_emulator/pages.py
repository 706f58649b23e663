# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of a list.

A page token is a position between two records, so that no record is repeated or skipped while others are added or
deleted.
"""

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
class PageRequest:
    """The requested page. ``number`` is counted by the client and only returned to it."""

    size: int
    number: int
    token: str | None


def read_page_request(query: Pairs, settings: Settings) -> PageRequest:
    """Return the page that the query requests. Raise ``Refusal`` if it is invalid."""
    given = dict(query)
    size = _number(given, "PageSize", DEFAULT_SIZE, smallest=1)
    if size > LARGEST_SIZE and settings["page_size_over_maximum"] == "error":
        raise errors.page_too_large(LARGEST_SIZE)
    number = _number(given, "Page", 0, smallest=0)
    return PageRequest(min(size, settings["page_size_cap"]), number, given.get("PageToken"))


def select(collection: Collection, page_request: PageRequest) -> Slice:
    """Return the records of the page."""
    if page_request.token is None:
        return collection.slice(page_request.size)
    side, position = _read_token(page_request.token)
    if side == "after":
        return collection.slice(page_request.size, after=position)
    return collection.slice(page_request.size, before=position)


def meta(list_url: str, key: str, page_request: PageRequest, page: Slice) -> dict[str, t.Any]:
    """Return the ``meta`` member of a page. ``list_url`` is the absolute URL of the list."""

    def link(number: int, token: str | None) -> str:
        query: dict[str, t.Any] = {"PageSize": page_request.size, "Page": number}
        if token is not None:
            query["PageToken"] = token
        return f"{list_url}?{urllib.parse.urlencode(query)}"

    previous_page = following_page = None
    if page.has_previous and page.records:
        previous_page = link(max(page_request.number - 1, 0), _token("before", page.records[0].position))
    if page.has_next:
        following_page = link(page_request.number + 1, _token("after", page.records[-1].position))
    return {
        "page": page_request.number,
        "page_size": page_request.size,
        "first_page_url": link(0, None),
        "previous_page_url": previous_page,
        "url": link(page_request.number, page_request.token),
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
        raise errors.bad_request("PageToken is not a token of this list")
    return match[1], int(match[2])
