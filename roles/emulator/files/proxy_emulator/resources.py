# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API knows about a kind of object, as data."""

from __future__ import annotations

import dataclasses
import typing as t

from .rules import Rule, Settings, Value


@dataclasses.dataclass(frozen=True)
class Field:
    """A writable member of an object.

    ``parameter`` is its name in a form, ``rule`` what its value may be, ``default`` its value when a create leaves
    it out. An empty parameter clears a ``clearable`` field.
    """

    name: str
    parameter: str
    rule: Rule
    default: Value = None
    required: bool = False
    clearable: bool = False


@dataclasses.dataclass(frozen=True)
class Resource:
    """A kind of object, and where it is found.

    ``path`` is the list's; ``key`` names the list in a page; ``links`` are the members of ``links`` and the path
    below the object that each leads to; ``name_field`` is unique in the account. ``may_create`` is given how many
    there are already, and raises a ``Refusal`` when there may be no further one.
    """

    name: str
    path: str
    key: str
    sid_prefix: str
    fields: tuple[Field, ...]
    links: tuple[tuple[str, str], ...]
    name_field: str
    absent_code: int
    name_taken_code: int
    may_create: t.Callable[[int, Settings], None]

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)
