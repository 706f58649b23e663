# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account with many Services: the steps of its test, and the requests that each of them sends."""

from __future__ import annotations

import collections
import re
import typing as t

from ansible_collections.twilio.proxy.tests.support.emulator import Service

#: The number of Services that are managed.
SIZE = 1_000
#: The number of Services that are only listed.
LISTED = 10_000
#: Services per page, seconds per answer, and the largest number of requests in flight.
PAGE = 100
LATENCY = 0.05
CONCURRENCY = 16

Options = dict[str, t.Any]
Counts = dict[str, int]

#: Names of requests by method and path.
KINDS = {
    r"GET /v1/Services": "page of Services",
    r"POST /v1/Services": "create",
    r"POST /v1/Services/\w+": "update",
    r"DELETE /v1/Services/\w+": "delete",
    r"GET /v1/Services/\w+/PhoneNumbers": "page of a pool",
}


class Step(t.NamedTuple):
    """A task of the test: a module with its options, the expected summary and the expected requests."""

    name: str
    module: str
    options: Options
    summary: Counts
    requests: Counts


def some_services(count: int) -> list[Service]:
    """Return this many Services, each with its own name and settings."""
    return [
        {
            "unique_name": f"service {number:05}",
            "default_ttl": 60 + number,
            "callback_url": f"https://example.com/proxy/status?service={number:05}",
            "geo_match_level": ("country", "area-code")[number % 2],
        }
        for number in range(count)
    ]


def number_of_changes(count: int) -> int:
    """Return how many of this many Services are changed: 5 %, and at least one."""
    return max(1, count // 20)


def with_changes(services: t.Sequence[Service], count: int) -> list[Service]:
    """Return the same Services, with another setting in this many of them, evenly distributed."""
    distance = len(services) // count
    return [
        {**service, "number_selection_behavior": "avoid-sticky"} if number % distance == 0 else dict(service)
        for number, service in enumerate(services)
    ]


def pages_of(services: int) -> int:
    """Return the number of pages of this many Services."""
    return max(1, -(-services // PAGE))


def steps(size: int = SIZE) -> list[Step]:
    """Return the steps in their order. The first one starts with an account without Services."""
    wanted = some_services(size)
    changes = number_of_changes(size)
    changed = with_changes(wanted, changes)
    pages = {"page of Services": pages_of(size)}
    pruning = {"prune": True, "allow_empty": True, "max_deletions": size}
    module = "twilio.proxy.services"
    return [
        Step("created", module, {"services": wanted}, {"created": size}, {"page of Services": 1, "create": size}),
        Step("converged", module, {"services": wanted}, {"unchanged": size}, pages),
        Step(
            "changed",
            module,
            {"services": changed},
            {"updated": changes, "unchanged": size - changes},
            {**pages, "update": changes},
        ),
        Step("exported", "twilio.proxy.services_info", {}, {}, {**pages, "page of a pool": size}),
        Step("pruned", module, {"services": [], **pruning}, {"deleted": size}, {**pages, "delete": size}),
    ]


def listing(listed: int = LISTED) -> Step:
    """Return the step that lists this many Services with two of their fields."""
    options = {"properties": ["sid", "unique_name"]}
    return Step("listed", "twilio.proxy.service_info", options, {}, {"page of Services": pages_of(listed)})


def kinds(requests: t.Iterable[t.Mapping[str, t.Any]]) -> Counts:
    """Count the recorded requests of an emulator by name."""
    return dict(collections.Counter(_kind(f"{request['method']} {request['path']}") for request in requests))


def _kind(request: str) -> str:
    found = (kind for pattern, kind in KINDS.items() if re.fullmatch(pattern, request))
    return next(found, request)
