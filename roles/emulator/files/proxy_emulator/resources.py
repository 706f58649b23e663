# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of a resource."""

from __future__ import annotations

import dataclasses
import datetime as dt
import secrets
import typing as t

from .rules import Rule, Settings, Value

if t.TYPE_CHECKING:
    from .collection import Collection

Parameters = t.Mapping[str, t.Sequence[str]]
Values = t.Mapping[str, Value]


@dataclasses.dataclass(frozen=True)
class Field:
    """A writable member of an object.

    ``parameter`` is its name in a form, ``rule`` reads its value, ``default`` is its value if a creation does not give
    it. An empty parameter clears a ``clearable`` field. An update ignores an ``immutable`` field.
    """

    name: str
    parameter: str
    rule: Rule
    default: Value = None
    required: bool = False
    clearable: bool = False
    immutable: bool = False


@dataclasses.dataclass(frozen=True)
class Record:
    """One object. ``position`` is its permanent position in the list."""

    sid: str
    position: int
    values: Values
    created: dt.datetime
    updated: dt.datetime


# Return the other values of a new object, the SID among them, from the given values. Raise ``Refusal`` if the list
# cannot hold such an object.
Identify = t.Callable[[Values, "Collection"], Values]
# Raise ``Refusal`` if a client must not create an object with these values in the list.
Admit = t.Callable[[Values, "Collection"], None]
# Return the values that a client's values change in an object. Raise ``Refusal`` if it cannot have them.
Change = t.Callable[[Values, Record, "Collection"], Values]
# Do what comes with an object: for one that was created with these parameters, or that is to be deleted.
Created = t.Callable[[Record, Parameters, "Collection"], None]
Deletes = t.Callable[[Record, "Collection"], None]
# Return the members of an object that are worked out when it is shown.
Compute = t.Callable[[Record, "Collection"], Values]


def new_sid(prefix: str) -> Identify:
    """Return a function that gives an object a random SID unless one is given."""

    def identify(given: Values, _objects: Collection) -> Values:
        return {"sid": given.get("sid") or prefix + secrets.token_hex(16)}

    return identify


@dataclasses.dataclass(frozen=True)
class Resource:
    """A resource of the API.

    ``path`` is the path of the list, relative to its parent; ``key`` is the name of the list in a page; ``links`` are
    the members of ``links`` with their relative paths; ``sid_member`` is the member of child objects that holds the
    SID of this one. ``name_field`` is unique in a list, among the objects of which ``keeps_name`` is true.
    ``operations`` are those that the API has beside reading. ``may_create``, ``change`` and ``may_delete`` check an
    object before a client creates, updates or deletes it, and ``created`` is called after it was created.
    ``pass_time`` does to a list what happens by the time alone. An object with a ``deleted_field`` is not removed when
    it is deleted, but gets the time in it. ``is_listed`` is whether a list shows it, which it does without one.
    ``deletion_status`` is the setting with the status of the answer to a deletion, 204 without one.
    """

    name: str
    path: str
    key: str
    fields: tuple[Field, ...]
    identify: Identify
    absent_code: int
    operations: t.Collection[str] = ("create", "update", "delete")
    may_create: Admit | None = None
    created: Created | None = None
    change: Change | None = None
    may_delete: Deletes | None = None
    pass_time: t.Callable[[Collection], None] | None = None
    compute: Compute | None = None
    keeps_name: t.Callable[[Values, Settings], bool] = lambda _values, _settings: True
    is_listed: t.Callable[[Values, Settings], bool] | None = None
    deleted_field: str | None = None
    deletion_status: str | None = None
    name_field: str | None = None
    name_taken_code: int | None = None
    sid_member: str = ""
    links: tuple[tuple[str, str], ...] = ()
    children: tuple[Resource, ...] = ()

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)
