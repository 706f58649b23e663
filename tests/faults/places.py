# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a fault can strike: the requests of a task, by what they are for."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE

from .tasks import CREATE, TASKS, Step, Task

OBJECT = SERVICE.path + "/KS[0-9a-f]{32}"
#: How the requests of a step look on the wire: method, and path as a regular expression.
WIRE: dict[Step, tuple[str, str]] = {
    "list": ("GET", SERVICE.path),
    "fetch": ("GET", OBJECT),
    "create": ("POST", SERVICE.path),
    "update": ("POST", OBJECT),
    "delete": ("DELETE", OBJECT),
}


@dataclass(frozen=True)
class Place:
    """Requests of one step. ``page`` is the page of the list, from 0; ``after_lost_create`` is the look that follows a
    request to create that was carried out and whose answer was lost."""

    name: str
    step: Step
    page: int = 0
    after_lost_create: bool = False

    @property
    def writes(self) -> bool:
        """Whether the request changes something."""
        return self.step not in ("list", "fetch")

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks that come by here."""
        if self.after_lost_create:
            return (CREATE,)
        return tuple(task for task in TASKS if self.step in task.steps)


PLACES = (
    Place("list, first page", "list"),
    Place("list, later page", "list", page=1),
    Place("fetch", "fetch"),
    Place("create", "create"),
    Place("look after a lost create", "list", after_lost_create=True),
    Place("update", "update"),
    Place("delete", "delete"),
)
