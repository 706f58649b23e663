# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of one kind in one account: what is kept, and the rules for changing it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import secrets
import threading
import typing as t

from . import errors
from .resources import Field, Resource
from .rules import Settings, Value

Parameters = t.Mapping[str, str]
Clock = t.Callable[[], dt.datetime]


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


class AbsentError(Exception):
    """There is no such object."""


@dataclasses.dataclass(frozen=True)
class Record:
    """One object. ``position`` is its place in the list, which it keeps for life."""

    sid: str
    position: int
    values: t.Mapping[str, Value]
    created: dt.datetime
    updated: dt.datetime


@dataclasses.dataclass(frozen=True)
class Slice:
    """Some neighbours out of the list, and whether there are others on either side."""

    records: t.Sequence[Record]
    has_previous: bool
    has_next: bool


class Collection:
    """Safe for many threads; what is wrong with a request is raised as a ``Refusal``."""

    def __init__(self, resource: Resource, settings: Settings, clock: Clock = utc_now) -> None:
        self.resource = resource
        self._settings = settings
        self._clock = clock
        self._lock = threading.RLock()
        self._records: dict[str, Record] = {}
        newest_first = settings["list_order"] == "newest_first"
        self._positions = itertools.count(0, -1 if newest_first else 1)

    def create(self, parameters: Parameters) -> Record:
        with self._lock:
            self.resource.may_create(len(self._records), self._settings)
            return self.add(self.resource.sid_prefix + secrets.token_hex(16), parameters)

    def add(self, sid: str, parameters: Parameters) -> Record:
        """A new object with a chosen SID, whether or not the account may create one."""
        values = {field.name: field.default for field in self.resource.fields}
        for field in self.resource.fields:
            if field.required and field.parameter not in parameters:
                raise errors.missing_parameter(field.parameter)
        values.update(self._read(parameters))
        with self._lock:
            self._refuse_taken_name(values, beside=sid)
            now = self._clock()
            self._records[sid] = Record(sid, next(self._positions), values, now, now)
            return self._records[sid]

    def fetch(self, identifier: str) -> Record:
        with self._lock:
            if identifier in self._records:
                return self._records[identifier]
            if self._settings["lookup_by_name"]:
                for record in self._records.values():
                    if self._same_name(record.values[self.resource.name_field], identifier):
                        return record
            raise AbsentError

    def update(self, sid: str, parameters: Parameters) -> Record:
        with self._lock:
            record = self._existing(sid)
            values = {**record.values, **self._read(parameters)}
            self._refuse_taken_name(values, beside=sid)
            self._records[sid] = dataclasses.replace(record, values=values, updated=self._clock())
            return self._records[sid]

    def delete(self, sid: str) -> None:
        with self._lock:
            self._existing(sid)
            del self._records[sid]

    def slice(self, size: int, after: int | None = None, before: int | None = None) -> Slice:
        """At most ``size`` records: the first, those after a position, or the last ones before a position."""
        with self._lock:
            records = sorted(self._records.values(), key=lambda record: record.position)
        if before is not None:
            chosen = [record for record in records if record.position < before][-size:]
        else:
            chosen = [record for record in records if after is None or record.position > after][:size]
        if not chosen:
            return Slice([], has_previous=before is None and bool(records), has_next=False)
        return Slice(chosen, has_previous=chosen[0] is not records[0], has_next=chosen[-1] is not records[-1])

    def _existing(self, sid: str) -> Record:
        if sid not in self._records:
            raise AbsentError
        return self._records[sid]

    def _read(self, parameters: Parameters) -> dict[str, Value]:
        given = (field for field in self.resource.fields if field.parameter in parameters)
        return {field.name: self._value(field, parameters[field.parameter]) for field in given}

    def _value(self, field: Field, text: str) -> Value:
        if text == "" and field.clearable:
            return None if self._settings["cleared_value"] == "null" else ""
        try:
            return field.rule(text, self._settings)
        except ValueError as error:
            message = f"Invalid value for parameter {field.parameter}: {error}"
            status, code = self._settings["invalid_value_status"], self._settings["invalid_value_code"]
            raise errors.Refusal(status, code, message) from error

    def _refuse_taken_name(self, values: t.Mapping[str, Value], beside: str) -> None:
        field = self.resource.field(self.resource.name_field)
        for record in self._records.values():
            if record.sid != beside and self._same_name(record.values[field.name], values[field.name]):
                message = f"{self.resource.name} {field.parameter} must be unique."
                raise errors.Refusal(self._settings["name_taken_status"], self.resource.name_taken_code, message)

    def _same_name(self, one: Value, other: Value) -> bool:
        if self._settings["case_sensitive_names"]:
            return one == other
        return str(one).casefold() == str(other).casefold()
