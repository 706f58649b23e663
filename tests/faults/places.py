# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The places where a fault can occur: the requests of a task, by their purpose."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE

from .tasks import CREATE, TASKS, Step, Task

OBJECT = SERVICE.path + "/KS[0-9a-f]{32}"
#: The requests of each step: method, and path as a regular expression.
REQUESTS: dict[Step, tuple[str, str]] = {
    "list": ("GET", SERVICE.path),
    "fetch": ("GET", OBJECT),
    "create": ("POST", SERVICE.path),
    "update": ("POST", OBJECT),
    "delete": ("DELETE", OBJECT),
}


@dataclass(frozen=True)
class Place:
    """Requests of one step. ``page`` is the page of the list, from 0. ``after_lost_create``: the client lists the
    Services after a request to create was applied and its answer was lost."""

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
        """The tasks that send such requests."""
        if self.after_lost_create:
            return (CREATE,)
        return tuple(task for task in TASKS if self.step in task.steps)


PLACES = (
    Place("list, first page", "list"),
    Place("list, later page", "list", page=1),
    Place("fetch", "fetch"),
    Place("create", "create"),
    Place("list after a lost create", "list", after_lost_create=True),
    Place("update", "update"),
    Place("delete", "delete"),
)
