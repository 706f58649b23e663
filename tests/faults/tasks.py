# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks of the fault matrix, the Services that they start with, and their expected results."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.twilio.proxy.plugins.module_utils._plan import new_object, writable
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE

Fields = t.Mapping[str, t.Any]
Step = t.Literal["list", "fetch", "create", "update", "delete"]

SID = "KS" + "5" * 32
NAME, NEW_NAME = "rides", "trips"
OTHER_NAMES = ("north", "east", "south", "west")
#: The Service that the tasks are about. In the list, others come before and after it.
BEFORE: Fields = {
    **(writable(SERVICE, new_object(SERVICE)) or {}),
    "unique_name": NAME,
    "default_ttl": 5,
    "callback_url": "https://example.com/old",
}


@dataclass(frozen=True)
class Task:
    """One task: its steps in the order of their requests, and the desired values.

    ``desired`` is None for a task that only reads. ``exists`` says whether the Service exists before the task.
    """

    name: str
    steps: tuple[Step, ...]
    desired: Fields | None = None
    by_sid: bool = False
    by_name: bool = False
    absent: bool = False
    exists: bool = True
    clears: bool = False

    @property
    def seeds(self) -> tuple[str, ...]:
        """The names of the Services that exist before the task, in the order of their creation."""
        return (*OTHER_NAMES[:2], *((NAME,) if self.exists else ()), *OTHER_NAMES[2:])

    @property
    def reads(self) -> bool:
        """Whether the task is one of an info module."""
        return self.desired is None

    @property
    def changes(self) -> bool:
        """Whether the task has something to change."""
        return len(self.steps) > 1

    @property
    def before(self) -> Fields | None:
        """The Service before the task."""
        return BEFORE if self.exists else None

    @property
    def after(self) -> Fields | None:
        """The Service after the task succeeded."""
        if self.absent:
            return None
        return self.applied_to(self.before)

    def applied_to(self, current: Fields | None) -> Fields:
        """Return what the task makes of a Service, or of none."""
        defaults = writable(SERVICE, new_object(SERVICE)) or {}
        requested = {name: None if value == "" else value for name, value in (self.desired or {}).items()}
        return {**(current or defaults), **requested}


READ_ALL = Task("read all", ("list",))
READ_BY_NAME = Task("read by name", ("list",), by_name=True)
READ_BY_SID = Task("read by SID", ("fetch",), by_sid=True)
NOTHING_TO_DO = Task("nothing to do", ("list",), {"unique_name": NAME, "default_ttl": 5}, by_name=True)
CREATE = Task(
    "create",
    ("list", "create"),
    {"unique_name": NAME, "default_ttl": 60, "callback_url": "https://example.com/new"},
    by_name=True,
    exists=False,
)
UPDATE = Task(
    "update by name",
    ("list", "update"),
    {"unique_name": NAME, "default_ttl": 60, "callback_url": ""},
    by_name=True,
    clears=True,
)
RENAME = Task("rename by SID", ("fetch", "update"), {"unique_name": NEW_NAME}, by_sid=True)
DELETE_BY_NAME = Task("delete by name", ("list", "delete"), {"unique_name": NAME}, by_name=True, absent=True)
DELETE_BY_SID = Task("delete by SID", ("fetch", "delete"), {}, by_sid=True, absent=True)

TASKS = (
    READ_ALL,
    READ_BY_NAME,
    READ_BY_SID,
    NOTHING_TO_DO,
    CREATE,
    UPDATE,
    RENAME,
    DELETE_BY_NAME,
    DELETE_BY_SID,
)
