# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which list or object a path leads to."""

from __future__ import annotations

import dataclasses
import typing as t
import urllib.parse

from .resources import Resource


@dataclasses.dataclass(frozen=True)
class Route:
    """The way to a list, or to the object that ``identifier`` names in it. ``above`` are the objects on that way, the
    outermost first."""

    resource: Resource
    identifier: str | None
    above: tuple[tuple[Resource, str], ...] = ()

    @property
    def outermost(self) -> str | None:
        """What names the first object on the way, itself included; None when there is none."""
        return self.above[0][1] if self.above else self.identifier


def find_route(resources: t.Iterable[Resource], path: str) -> Route | None:
    """The route of a path, as it was sent, from where the lists of these resources are; None when there is no such."""
    for resource in resources:
        if path == resource.path:
            return Route(resource, None)
        start, _path, rest = path.partition(resource.path + "/")
        quoted, slash, further = rest.partition("/")
        if start or not quoted:
            continue
        identifier = urllib.parse.unquote(quoted)
        if not slash:
            return Route(resource, identifier)
        route = find_route(resource.below, slash + further)
        if route:
            return dataclasses.replace(route, above=((resource, identifier), *route.above))
    return None
