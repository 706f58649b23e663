# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of a resource."""

from __future__ import annotations

import dataclasses
import datetime as dt
import secrets
import typing as t

from .account import Account
from .rules import Rule, Settings, Value

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


# Return the other values of a new object, the SID among them, from the given values and the path of the list. Raise
# ``Refusal`` if the list cannot hold such an object.
Identify = t.Callable[[Values, Account, str], Values]
# Raise ``Refusal`` if an object with these values cannot be in a list with the others.
Admit = t.Callable[[Values, t.Collection[Record], Settings], None]


def new_sid(prefix: str) -> Identify:
    """Return a function that gives an object a random SID unless one is given."""

    def identify(given: Values, _account: Account, _path: str) -> Values:
        return {"sid": given.get("sid") or prefix + secrets.token_hex(16)}

    return identify


@dataclasses.dataclass(frozen=True)
class Resource:
    """A resource of the API.

    ``path`` is the path of the list, relative to its parent; ``key`` is the name of the list in a page; ``links`` are
    the members of ``links`` with their relative paths; ``sid_member`` is the member of child objects that holds the
    SID of this one. ``name_field`` is unique in a list. ``may_create`` and ``may_update`` check an object before a
    client creates or updates it.
    """

    name: str
    path: str
    key: str
    fields: tuple[Field, ...]
    identify: Identify
    absent_code: int
    may_create: Admit
    may_update: Admit | None = None
    name_field: str | None = None
    name_taken_code: int | None = None
    sid_member: str = ""
    links: tuple[tuple[str, str], ...] = ()
    children: tuple[Resource, ...] = ()

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)
