# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A large estate, and what is done to it: the steps, and the requests that each of them takes."""

from __future__ import annotations

import collections
import re
import typing as t

from ansible_collections.twilio.proxy.tests.support.emulator import Service

#: How many Services the estate has.
SIZE = 1_000
#: How many Services there are where they are only listed.
LISTED = 10_000
#: What a page of the API holds, seconds that an answer takes, and how many requests may be in flight.
PAGE = 100
LATENCY = 0.05
CONCURRENCY = 16

Options = dict[str, t.Any]
Counts = dict[str, int]

#: A request by its method and its path, as people call it.
KINDS = {
    r"GET /v1/Services": "page of Services",
    r"POST /v1/Services": "create",
    r"POST /v1/Services/\w+": "update",
    r"DELETE /v1/Services/\w+": "delete",
    r"GET /v1/Services/\w+/PhoneNumbers": "page of a pool",
}


class Step(t.NamedTuple):
    """Something that is done to the estate: a module with its options, what it reports, and the requests it takes."""

    name: str
    module: str
    options: Options
    summary: Counts
    requests: Counts


def some_services(count: int) -> list[Service]:
    """So many Services, each with a name and some settings of its own."""
    return [
        {
            "unique_name": f"service {number:05}",
            "default_ttl": 60 + number,
            "callback_url": f"https://example.com/proxy/status?service={number:05}",
            "geo_match_level": ("country", "area-code")[number % 2],
        }
        for number in range(count)
    ]


def changes_of(count: int) -> int:
    """How many of so many Services change when some do: 5 %, and at least one."""
    return max(1, count // 20)


def with_changes(services: t.Sequence[Service], count: int) -> list[Service]:
    """The same Services, of which so many, in equal distances, have another setting."""
    distance = len(services) // count
    return [
        {**service, "number_selection_behavior": "avoid-sticky"} if number % distance == 0 else dict(service)
        for number, service in enumerate(services)
    ]


def pages_of(services: int) -> int:
    """How many pages it takes to list so many Services."""
    return max(1, -(-services // PAGE))


def steps(size: int = SIZE) -> list[Step]:
    """What happens to an estate in its life, in this order, from an account that has no Services."""
    wanted = some_services(size)
    changes = changes_of(size)
    changed = with_changes(wanted, changes)
    pages = {"page of Services": pages_of(size)}
    gone = {"prune": True, "allow_empty": True, "max_deletions": size}
    made = "twilio.proxy.services"
    return [
        Step("created", made, {"services": wanted}, {"created": size}, {"page of Services": 1, "create": size}),
        Step("converged", made, {"services": wanted}, {"unchanged": size}, pages),
        Step(
            "changed",
            made,
            {"services": changed},
            {"updated": changes, "unchanged": size - changes},
            {**pages, "update": changes},
        ),
        Step("exported", "twilio.proxy.services_info", {}, {}, {**pages, "page of a pool": size}),
        Step("pruned", made, {"services": [], **gone}, {"deleted": size}, {**pages, "delete": size}),
    ]


def listing(listed: int = LISTED) -> Step:
    """All Services of an account that has very many, with two of their fields."""
    options = {"properties": ["sid", "unique_name"]}
    return Step("listed", "twilio.proxy.service_info", options, {}, {"page of Services": pages_of(listed)})


def kinds(requests: t.Iterable[t.Mapping[str, t.Any]]) -> Counts:
    """How many there are of each kind among the requests of an emulator's record."""
    return dict(collections.Counter(_kind(f"{request['method']} {request['path']}") for request in requests))


def _kind(request: str) -> str:
    found = (kind for pattern, kind in KINDS.items() if re.fullmatch(pattern, request))
    return next(found, request)
