# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of objects with the operations on it."""

from __future__ import annotations

import bisect
import dataclasses
import datetime as dt
import itertools
import typing as t

from . import errors
from .account import Account
from .names import Names
from .resources import Field, Record, Resource, Values
from .rules import Value

Parameters = t.Mapping[str, str]


class AbsentError(Exception):
    """The object does not exist."""

    def __init__(self, resource: Resource) -> None:
        super().__init__(resource.name)
        self.resource = resource


@dataclasses.dataclass(frozen=True)
class Slice:
    """Consecutive records of the list, and whether there are others before and after them."""

    records: t.Sequence[Record]
    has_previous: bool
    has_next: bool


class Collection:
    """The objects at a path.

    The caller holds the lock of the account. Invalid requests raise ``Refusal``. ``parent_sids`` are the members of
    each object that hold the SIDs of its parents.
    """

    def __init__(self, resource: Resource, account: Account, root: str, parent_sids: Values) -> None:
        self.resource = resource
        self.account = account
        self.path = root + resource.path
        self.parent_sids = parent_sids
        self._records: dict[str, Record] = {}
        self._names = Names(account.settings["case_sensitive_names"])
        self._children: dict[str, dict[str, Collection]] = {}
        # Positions and SIDs in the order of the list.
        self._order: list[tuple[int, str]] = []
        newest_first = account.settings["list_order"] == "newest_first"
        self._positions = itertools.count(0, -1 if newest_first else 1)

    def create(self, parameters: Parameters) -> Record:
        values = self._new(parameters, None)
        self.resource.may_create(values, self._records.values(), self.account.settings)
        return self._add(values)

    def add(self, parameters: Parameters, sid: str | None) -> Record:
        """Add an object, with this SID if given. Limits and closed creation do not apply."""
        return self._add(self._new(parameters, sid))

    def fetch(self, identifier: str) -> Record:
        if self.account.settings["lookup_by_name"] and identifier not in self._records:
            return self.existing(self._names.sid(identifier) or identifier)
        return self.existing(identifier)

    def existing(self, sid: str) -> Record:
        if sid not in self._records:
            raise AbsentError(self.resource)
        return self._records[sid]

    def update(self, sid: str, parameters: Parameters) -> Record:
        record = self.existing(sid)
        values = {**record.values, **self._read(parameters, creating=False)}
        if self.resource.may_update and values != record.values:
            others = [other for other in self._records.values() if other.sid != sid]
            self.resource.may_update(values, others, self.account.settings)
        self._take_name(values, sid)
        self._records[sid] = dataclasses.replace(record, values=values, updated=_now())
        return self._records[sid]

    def delete(self, sid: str) -> None:
        """Delete the object and its children."""
        record = self.existing(sid)
        for collection in self._children.pop(sid).values():
            collection.clear()
        self._names.release(sid)
        del self._order[bisect.bisect_left(self._order, (record.position, sid))]
        del self._records[sid]
        del self.account.list_paths[sid]

    def clear(self) -> None:
        for sid in list(self._records):
            self.delete(sid)

    def children(self, sid: str) -> t.Mapping[str, Collection]:
        """Return the child collections of an object by the path of their resource."""
        self.existing(sid)
        return self._children[sid]

    def slice(self, size: int, after: int | None = None, before: int | None = None) -> Slice:
        """Return at most ``size`` records: the first, those after a position, or the last before a position."""
        if before is not None:
            end = bisect.bisect_left(self._order, (before, ""))
            start = max(end - size, 0)
        else:
            start = 0 if after is None else bisect.bisect_left(self._order, (after + 1, ""))
            end = start + size
        records = [self._records[sid] for _position, sid in self._order[start:end]]
        return Slice(records, has_previous=start > 0, has_next=bool(records) and end < len(self._order))

    def _new(self, parameters: Parameters, sid: str | None) -> Values:
        for field in self.resource.fields:
            if field.required and field.parameter not in parameters:
                raise errors.missing_parameter(field.parameter)
        given = {field.name: field.default for field in self.resource.fields}
        given.update(self._read(parameters, creating=True))
        if sid is not None:
            given["sid"] = sid
        return {**given, **self.resource.identify(given, self.account, self.path)}

    def _add(self, values: Values) -> Record:
        sid, now = str(values["sid"]), _now()
        self._take_name(values, sid)
        record = Record(sid, next(self._positions), values, now, now)
        self._records[sid] = record
        self.account.list_paths[sid] = self.path
        bisect.insort(self._order, (record.position, sid))
        parent_sids = {**self.parent_sids, self.resource.sid_member: sid}
        self._children[sid] = collections(self.resource.children, self.account, f"{self.path}/{sid}", parent_sids)
        return record

    def _read(self, parameters: Parameters, creating: bool) -> dict[str, Value]:
        return {
            field.name: self._value(field, parameters[field.parameter])
            for field in self.resource.fields
            if field.parameter in parameters and (creating or not field.immutable)
        }

    def _value(self, field: Field, text: str) -> Value:
        settings = self.account.settings
        if text == "" and field.clearable:
            return None if settings["cleared_value"] == "null" else ""
        try:
            return field.rule(text, settings)
        except ValueError as error:
            message = f"Invalid value for parameter {field.parameter}: {error}"
            raise errors.Refusal(settings["invalid_value_status"], settings["invalid_value_code"], message) from error

    def _take_name(self, values: Values, sid: str) -> None:
        """Assign the name in the values to the object. Raise ``Refusal`` if another object has it."""
        if self.resource.name_field is None:
            return
        field = self.resource.field(self.resource.name_field)
        if self._names.sid(values[field.name]) not in (None, sid):
            message = f"{self.resource.name} {field.parameter} must be unique."
            status = self.account.settings["name_taken_status"]
            raise errors.Refusal(status, self.resource.name_taken_code, message)
        self._names.assign(sid, values[field.name])


def collections(
    resources: t.Iterable[Resource], account: Account, root: str, parent_sids: Values
) -> dict[str, Collection]:
    """Return empty collections under the path ``root`` by the path of their resource."""
    return {resource.path: Collection(resource, account, root, parent_sids) for resource in resources}


def _now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)
