# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API knows about a kind of object, as data."""

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

    ``parameter`` is its name in a form, ``rule`` what its value may be, ``default`` its value when a create leaves
    it out. An empty parameter clears a ``clearable`` field. An update ignores a field ``at_creation``.
    """

    name: str
    parameter: str
    rule: Rule
    default: Value = None
    required: bool = False
    clearable: bool = False
    at_creation: bool = False


@dataclasses.dataclass(frozen=True)
class Record:
    """One object. ``position`` is its place in the list, which it keeps for life."""

    sid: str
    position: int
    values: Values
    created: dt.datetime
    updated: dt.datetime


# From the values that a create gives, and the path of the list: those that the object has beside them, a SID among
# them. A ``Refusal`` when there can be no such object in this list.
Identify = t.Callable[[Values, Account, str], Values]
# Whether an object may have these values beside the others in its list: a ``Refusal`` when not.
Admit = t.Callable[[Values, t.Collection[Record], Settings], None]


def new_sid(prefix: str) -> Identify:
    """Gives an object a random SID, unless a certain one is given."""

    def identify(given: Values, _account: Account, _path: str) -> Values:
        return {"sid": given.get("sid") or prefix + secrets.token_hex(16)}

    return identify


@dataclasses.dataclass(frozen=True)
class Resource:
    """A kind of object, and where it is found.

    ``path`` is the list's, from the root or from the object that the list is ``below``; ``key`` names the list in a
    page; ``links`` are the members of ``links`` and the path below the object that each leads to; ``sid_member`` is
    where the objects below it have its SID. The field ``name_field`` is unique in a list. ``may_create`` is asked
    before a client creates an object, ``may_update`` before one changes.
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
    below: tuple[Resource, ...] = ()

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)
