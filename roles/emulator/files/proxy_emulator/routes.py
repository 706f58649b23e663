# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the list or the object of a path."""

from __future__ import annotations

import dataclasses
import typing as t
import urllib.parse

from .resources import Resource


@dataclasses.dataclass(frozen=True)
class Route:
    """A list, or the object ``identifier`` in it. ``parents`` are its parents, the outermost first."""

    resource: Resource
    identifier: str | None
    parents: tuple[tuple[Resource, str], ...] = ()

    @property
    def first_identifier(self) -> str | None:
        """The identifier of the outermost object in the path, or None."""
        return self.parents[0][1] if self.parents else self.identifier


def find_route(resources: t.Iterable[Resource], path: str) -> Route | None:
    """Return the route of a percent-encoded path relative to the parent of these resources, or None."""
    for resource in resources:
        if path == resource.path:
            return Route(resource, None)
        before, _path, rest = path.partition(resource.path + "/")
        quoted, slash, child_path = rest.partition("/")
        if before or not quoted:
            continue
        identifier = urllib.parse.unquote(quoted)
        if not slash:
            return Route(resource, identifier)
        route = find_route(resource.children, slash + child_path)
        if route:
            return dataclasses.replace(route, parents=((resource, identifier), *route.parents))
    return None
