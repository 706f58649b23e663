# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the collection: the tasks, the account that they meet, and what they have to make of it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.twilio.proxy.plugins.module_utils._plan import new_object, writable
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE

Fields = t.Mapping[str, t.Any]
Step = t.Literal["list", "fetch", "create", "update", "delete"]

SID = "KS" + "5" * 32
NAME, NEW_NAME = "rides", "trips"
OTHERS = ("north", "east", "south", "west")
#: The Service in question, where it is there from the start. The others stand before and behind it in the list.
BEFORE: Fields = {
    **(writable(SERVICE, new_object(SERVICE)) or {}),
    "unique_name": NAME,
    "default_ttl": 5,
    "callback_url": "https://example.com/old",
}


@dataclass(frozen=True)
class Task:
    """One task: the requests that it takes in the order of their kinds, and what it asks for.

    ``desired`` is None for a task that only reads. ``there`` says whether the Service exists from the start.
    """

    name: str
    steps: tuple[Step, ...]
    desired: Fields | None = None
    by_sid: bool = False
    by_name: bool = False
    absent: bool = False
    there: bool = True
    clears: bool = False

    @property
    def seeds(self) -> tuple[str, ...]:
        """The names of the Services that are there from the start, in the order in which they came."""
        return (*OTHERS[:2], *((NAME,) if self.there else ()), *OTHERS[2:])

    @property
    def reads(self) -> bool:
        """Whether it is a task of an info module."""
        return self.desired is None

    @property
    def changes(self) -> bool:
        """Whether it has something to change."""
        return len(self.steps) > 1

    @property
    def before(self) -> Fields | None:
        """The Service from the start."""
        return BEFORE if self.there else None

    @property
    def after(self) -> Fields | None:
        """The Service when the task has done its work."""
        if self.absent:
            return None
        return self.applied_to(self.before)

    def applied_to(self, current: Fields | None) -> Fields:
        """What the task makes of a Service, or of none."""
        fresh = writable(SERVICE, new_object(SERVICE)) or {}
        asked = {name: None if value == "" else value for name, value in (self.desired or {}).items()}
        return {**(current or fresh), **asked}


READ_ALL = Task("read all", ("list",))
READ_BY_NAME = Task("read by name", ("list",), by_name=True)
READ_BY_SID = Task("read by SID", ("fetch",), by_sid=True)
NOTHING_TO_DO = Task("nothing to do", ("list",), {"unique_name": NAME, "default_ttl": 5}, by_name=True)
CREATE = Task(
    "create",
    ("list", "create"),
    {"unique_name": NAME, "default_ttl": 60, "callback_url": "https://example.com/new"},
    by_name=True,
    there=False,
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
