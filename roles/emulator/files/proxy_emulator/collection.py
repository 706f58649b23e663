# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of objects with the operations on it."""

from __future__ import annotations

import bisect
import dataclasses
import itertools
import typing as t

from . import errors
from .account import Account
from .clock import timestamp
from .names import Names
from .resources import Field, Parameters, Record, Resource, Values
from .rules import Settings, Value


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

    The caller holds the lock of the account. Invalid requests raise ``Refusal``. The objects are in the object with
    the SID ``parent_sid`` of the list ``parent``. ``parent_sids`` are the members of each object that hold the SIDs of
    its parents.
    """

    def __init__(
        self, resource: Resource, account: Account, parent: Collection | None = None, parent_sid: str = ""
    ) -> None:
        self.resource = resource
        self.account = account
        self.path = resource.path
        self.parent_sids: Values = {}
        self._parent, self._parent_sid = parent, parent_sid
        if parent is not None:
            self.path = f"{parent.path}/{parent_sid}{resource.path}"
            self.parent_sids = {**parent.parent_sids, parent.resource.sid_member: parent_sid}
        self._records: dict[str, Record] = {}
        self._names = Names(account.settings["case_sensitive_names"])
        self._children: dict[str, dict[str, Collection]] = {}
        # Positions and SIDs in the order of the list.
        self._order: list[tuple[int, str]] = []
        newest_first = account.settings["list_order"] == "newest_first"
        self._positions = itertools.count(0, -1 if newest_first else 1)

    @property
    def settings(self) -> Settings:
        return self.account.settings

    @property
    def parent(self) -> Collection:
        """The list that has the object in which these objects are."""
        if self._parent is None:
            raise LookupError(self.path)
        return self._parent

    @property
    def owner(self) -> Record:
        """The object in which these objects are."""
        return self.parent.existing(self._parent_sid)

    def sibling(self, path: str) -> Collection:
        """Return the list with this path in the same object."""
        return self.parent.children(self._parent_sid)[path]

    def records(self) -> list[Record]:
        """Return all objects in the order in which they were added."""
        return list(self._records.values())

    def now(self) -> str:
        """Return the time in the API's form."""
        return timestamp(self.account.clock.now())

    def create(self, parameters: Parameters) -> Record:
        values = self._new(parameters, None)
        if self.resource.may_create:
            self.resource.may_create(values, self)
        return self._add(values, parameters)

    def add(self, parameters: Parameters, sid: str | None) -> Record:
        """Add an object, with this SID if given. Limits and closed creation do not apply."""
        return self._add(self._new(parameters, sid), parameters)

    def put(self, values: Values) -> Record:
        """Add an object that no client creates."""
        return self._add(values, {})

    def fetch(self, identifier: str) -> Record:
        if self.account.settings["lookup_by_name"] and identifier not in self._records:
            return self.existing(self._names.sid(identifier) or identifier)
        return self.existing(identifier)

    def existing(self, sid: str) -> Record:
        record = self._records.get(sid)
        deleted = self.resource.deleted_field
        if record is None or (deleted and record.values[deleted] and not self._is_listed(sid)):
            raise AbsentError(self.resource)
        return record

    def update(self, sid: str, parameters: Parameters) -> Record:
        record = self.existing(sid)
        given: Values = self._read(parameters, creating=False)
        if self.resource.change:
            given = self.resource.change(given, record, self)
        return self.change(sid, given)

    def change(self, sid: str, values: Values) -> Record:
        """Give an object other values, without a check."""
        record = self.existing(sid)
        values = {**record.values, **values}
        self._take_name(values, sid)
        self._records[sid] = dataclasses.replace(record, values=values, updated=self.account.clock.now())
        return self._records[sid]

    def delete(self, sid: str) -> None:
        """Delete the object and its children, as a client does."""
        record = self.existing(sid)
        deleted = self.resource.deleted_field
        if deleted and record.values[deleted]:
            raise AbsentError(self.resource)
        if self.resource.may_delete:
            self.resource.may_delete(record, self)
        if deleted:
            self._records[sid] = dataclasses.replace(record, values={**record.values, deleted: self.now()})
        else:
            self.remove(sid)

    def remove(self, sid: str) -> None:
        """Remove the object and its children."""
        record = self._records[sid]
        for collection in self._children.pop(sid, {}).values():
            collection.clear()
        self._names.release(sid)
        del self._order[bisect.bisect_left(self._order, (record.position, sid))]
        del self._records[sid]
        del self.account.lists[sid]

    def clear(self) -> None:
        for sid in list(self._records):
            self.remove(sid)

    def pass_time(self) -> None:
        """Do what happens by the time alone."""
        if self.resource.pass_time:
            self.resource.pass_time(self)

    def children(self, sid: str) -> t.Mapping[str, Collection]:
        """Return the child collections of an object by the path of their resource."""
        self.existing(sid)
        if sid not in self._children:
            self._children[sid] = collections(self.resource.children, self.account, self, sid)
        return self._children[sid]

    def slice(self, size: int, after: int | None = None, before: int | None = None) -> Slice:
        """Return at most ``size`` records: the first, those after a position, or the last before a position."""
        order = self._order
        if self.resource.is_listed:
            order = [entry for entry in order if self._is_listed(entry[1])]
        if before is not None:
            end = bisect.bisect_left(order, (before, ""))
            start = max(end - size, 0)
        else:
            start = 0 if after is None else bisect.bisect_left(order, (after + 1, ""))
            end = start + size
        records = [self._records[sid] for _position, sid in order[start:end]]
        return Slice(records, has_previous=start > 0, has_next=bool(records) and end < len(order))

    def _is_listed(self, sid: str) -> bool:
        return self.resource.is_listed is None or self.resource.is_listed(self._records[sid].values, self.settings)

    def _new(self, parameters: Parameters, sid: str | None) -> Values:
        for field in self.resource.fields:
            if field.required and field.parameter not in parameters:
                raise errors.missing_parameter(field.parameter)
        given = {field.name: field.default for field in self.resource.fields}
        given.update(self._read(parameters, creating=True))
        if sid is not None:
            given["sid"] = sid
        return {**given, **self.resource.identify(given, self)}

    def _add(self, values: Values, parameters: Parameters) -> Record:
        sid, now = str(values["sid"]), self.account.clock.now()
        self._take_name(values, sid)
        record = Record(sid, next(self._positions), values, now, now)
        self._records[sid] = record
        self.account.lists[sid] = self
        bisect.insort(self._order, (record.position, sid))
        if self.resource.created:
            self.resource.created(record, parameters, self)
        return record

    def _read(self, parameters: Parameters, creating: bool) -> dict[str, Value]:
        return {
            field.name: self._value(field, parameters[field.parameter][0])
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
        if values[self.resource.name_field] is None or not self.resource.keeps_name(values, self.settings):
            self._names.release(sid)
            return
        field = self.resource.field(self.resource.name_field)
        if self._names.sid(values[field.name]) not in (None, sid):
            message = f"{self.resource.name} {field.parameter} must be unique."
            status = self.account.settings["name_taken_status"]
            raise errors.Refusal(status, self.resource.name_taken_code, message)
        self._names.assign(sid, values[field.name])


def collections(
    resources: t.Iterable[Resource], account: Account, parent: Collection | None = None, parent_sid: str = ""
) -> dict[str, Collection]:
    """Return empty collections in the object with this SID, by the path of their resource."""
    return {resource.path: Collection(resource, account, parent, parent_sid) for resource in resources}
