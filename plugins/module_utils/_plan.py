# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The change that makes an object as desired. Pure: no I/O, no Ansible.

*Desired* is a dict with the named fields only: a field that is not in it is not managed.
"" in it means "no value".
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.twilio.proxy.plugins.module_utils._resources import Field, Object, Resource
from ansible_collections.twilio.proxy.plugins.module_utils._validation import label, quoted

Operation = t.Literal["create", "update", "delete", "none"]

NOTHING_CHANGED = "Nothing was changed."


@dataclass(eq=False)
class PreconditionError(Exception):
    """The desired state cannot be reached, and no request for it was sent.

    ``reason`` explains why, in sentences. ``closing`` is the sentence after them: how far the task got.
    """

    reason: str
    closing: str = ""
    may_have_been_applied: t.ClassVar[bool] = False
    applied: t.ClassVar[bool] = False

    def __str__(self) -> str:
        return " ".join(sentence for sentence in (self.reason, self.closing) if sentence)


@dataclass(frozen=True)
class Change:
    """The change from ``before`` to ``after``; None is an absent object.

    ``send`` has the fields that differ, with the values to send. ``after`` is a prediction: values that only the API
    knows (SID, dates, URLs of a new object; the date of an update) are None.
    """

    operation: Operation
    before: Object | None
    after: Object | None
    send: t.Mapping[str, t.Any]


def plan(
    resource: Resource,
    desired: t.Mapping[str, t.Any],
    current: Object | None,
    *,
    absent: bool = False,
    predicted_values: t.Mapping[str, t.Any] | None = None,
) -> Change:
    """Return the change that makes ``current`` as ``desired``, or ``absent``.

    ``predicted_values`` are those of a new object's read-only fields, such as the account's SID. Raise
    PreconditionError if the API has no request for the change.
    """
    if absent:
        if current is None:
            return Change("none", None, None, {})
        _require(resource, "delete", resource.delete_word)
        return Change("delete", current, None, {})
    if current is None:
        _require(resource, "create", resource.create_word)
        send = {
            field.name: desired[field.name]
            for field in resource.settable
            if field.name in desired and not _is_default(field, desired[field.name])
        }
        new = {**new_object(resource), **(predicted_values or {})}
        return Change("create", None, {name: send.get(name, value) for name, value in new.items()}, send)
    send = differences(resource, desired, current)
    if not send:
        return Change("none", current, current, {})
    _check_update(resource, send, current)
    values = {name: resource.field(name).normalize(value) for name, value in send.items()}
    unknown = ["date_updated", *(field.name for field in resource.fields if send.keys() & {*field.depends_on})]
    return Change("update", current, {**current, **dict.fromkeys(unknown), **values}, send)


def _is_default(field: Field, value: t.Any) -> bool:
    """Return whether a new object is as desired without this parameter."""
    # "" clears a value, and a new object has none yet. A status that counts as desired is not asked for.
    return bool(value == "" or (field.transitions and field.is_satisfied(value, field.default)))


def _require(resource: Resource, operation: Operation, word: str) -> None:
    if operation not in resource.operations:
        raise PreconditionError(f"Twilio's API cannot {word} {resource.name}s.", NOTHING_CHANGED)


def _check_update(resource: Resource, send: t.Mapping[str, t.Any], current: Object) -> None:
    fixed = [name for name in send if "update" not in resource.operations or resource.field(name).immutable]
    if fixed:
        values = " and ".join(f"the {name} {quoted(current[name])}, not {quoted(send[name])}" for name in fixed)
        advice = "Leave out"
        if resource.deleted_field is not None and resource.parent is not None:
            advice = f"Use another {resource.parent.name}, or leave out"
        elif {"create", "delete"} <= set(resource.operations):
            advice = f"{resource.delete_word.capitalize()} it and {resource.create_word} it again, or leave out"
        raise PreconditionError(
            f"The {label(resource, current)} has {values}. This cannot be changed after creation."
            f" {advice} {' and '.join(fixed)}.",
            NOTHING_CHANGED,
        )
    for name, value in send.items():
        transitions = resource.field(name).transitions
        if transitions and (current[name], value) not in transitions:
            sources = " or ".join(quoted(source) for source, target in transitions if target == value)
            raise PreconditionError(
                f"The {label(resource, current)} has the {name} {quoted(current[name])}, which cannot be changed to"
                f" {quoted(value)}{f'; {sources} can' if sources else ''}.",
                NOTHING_CHANGED,
            )


def differences(resource: Resource, desired: t.Mapping[str, t.Any], current: Object) -> dict[str, t.Any]:
    """Return the desired values that the current object does not have, in the table's order."""
    return {
        field.name: desired[field.name]
        for field in resource.writable
        if field.name in desired and not field.is_satisfied(desired[field.name], current[field.name])
    }


def new_object(resource: Resource) -> Object:
    """Return an object as the API makes it when nothing but its name is sent."""
    parent_sids = resource.parent_sids
    return {field.name: parent_sids.get(field.name, field.default) for field in resource.fields}


def writable(resource: Resource, item: Object | None) -> Object | None:
    """Return the part of an object that can be written, as diffs show it."""
    return None if item is None else {field.name: field.normalize(item[field.name]) for field in resource.writable}


def not_found(resource: Resource, sid: str) -> str:
    """Return the sentences that there is no object with this SID."""
    return f"There is no {resource.name} {sid}. Check the SID, and that the credentials belong to its account."


def name_is_taken(resource: Resource, sid: str, name: str) -> str:
    """Return the sentence that an object cannot get this name, because the object with the SID has it."""
    return (
        f"The {resource.name_field} {quoted(name)} is taken by the {resource.name} {sid}."
        f" Choose another one, or rename that {resource.name} first."
    )


def why_not(
    resource: Resource, desired: t.Mapping[str, t.Any], sid: str, current: Object | None, absent: bool
) -> str | None:
    """Return why the object with the SID, which is ``current``, cannot be made as desired or absent; None if it can."""
    name = desired.get(resource.name_field)
    if absent:
        # Deleting cannot be undone: a name beside the SID has to be the object's, or one of the two is a mistake.
        if current is not None and name is not None and current[resource.name_field] != name:
            return (
                f"The {resource.name} {sid} has the {resource.name_field} {quoted(current[resource.name_field])},"
                f" not {quoted(name)}. Check which {resource.name} to {resource.delete_word}, and give only its sid."
            )
    elif current is None and not resource.sid_is_chosen:
        return f"{not_found(resource, sid)} To create a {resource.name}, give {resource.name_field} without sid."
    return None
