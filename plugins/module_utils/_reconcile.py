# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Reconcile one object: locate it, plan, apply the plan, and recover from lost answers."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from ansible_collections.twilio.proxy.plugins.module_utils._client import Client, matches
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._plan import (
    NOTHING_CHANGED,
    Change,
    Operation,
    PreconditionError,
    name_is_taken,
    not_found,
    plan,
    why_not,
)
from ansible_collections.twilio.proxy.plugins.module_utils._resources import MAX_PAGE_SIZE, Object, Resource
from ansible_collections.twilio.proxy.plugins.module_utils._validation import quoted


@dataclass(eq=False)
class MissingParentError(PreconditionError):
    """An object has no such ancestor. ``label`` is the kind and name of the ancestor, and its own parent.

    The label has no name if the task names the ancestor by null.
    """

    label: str = ""
    has_name: bool = True


#: Why something was not done.
TaskError = t.Union[PreconditionError, ApiError]


@dataclass(frozen=True)
class Desired:
    """The desired state of one object: its values, or absent. The object is named by its SID, else by its name.

    See _plan.plan() for ``values`` and ``predicted_values``. ``may_be_absent``: an absent object is as desired too.
    """

    resource: Resource
    values: t.Mapping[str, t.Any]
    sid: str | None = None
    absent: bool = False
    predicted_values: t.Mapping[str, t.Any] = field(default_factory=dict)
    may_be_absent: bool = False


@dataclass(frozen=True)
class Outcome:
    """What was changed, or in check mode would be. ``before`` and ``after`` are None if the object is absent."""

    changed: bool
    before: Object | None
    after: Object | None


def reconcile(client: Client, desired: Desired) -> Outcome:
    """Make an object as desired. Raise PreconditionError, or ApiError, which is then about the whole run."""
    return apply(client, desired, _find_change(client, desired))


def predict(client: Client, desired: Desired) -> Outcome:
    """Return what reconcile() would do, without a request that writes. Raise what it would, as far as can be read."""
    change = _find_change(client, desired)
    if change.operation != "none":
        _check_prediction(client, desired.resource, change)
        _check_account(client, desired.resource, change)
    return Outcome(change.operation != "none", change.before, change.after)


def apply(client: Client, desired: Desired, change: Change) -> Outcome:
    """Make a planned change, and plan the rest again after a lost answer or a race. Raise as reconcile()."""
    resource = desired.resource
    failures: list[tuple[Operation, ApiError]] = []
    lost: Change | None = None  # the first change that may have been made, although its answer was lost
    if change.operation != "none":
        _check_account(client, resource, change)
    while change.operation != "none":
        _give_up_in_time(client, resource, change, failures)
        try:
            after = _send(client, resource, change)
        except ApiError as failure:
            if change.operation == "delete" and (failure.says_absent(resource) or parent_is_absent(failure, resource)):
                # Somebody else made the change, unless an own request did whose answer was lost.
                return Outcome(failure.may_have_been_applied, change.before, None)
            lost = lost or (change if failure.may_have_been_applied else None)
            error = replace(failure, may_have_been_applied=lost is not None)
            if not _is_recoverable(resource, change, failure):
                raise error from None
            failures.append((change.operation, error))
        else:
            return Outcome(True, (lost or change).before, after)
        client.pause(len(failures) - 1, error)
        change = _find_rest(client, desired, error)
    return Outcome(lost is not None, (lost or change).before, change.after)


def _find_change(client: Client, desired: Desired) -> Change:
    current = _locate(client, desired)
    return plan(
        desired.resource,
        desired.values,
        current,
        absent=desired.absent or (current is None and desired.may_be_absent),
        predicted_values=desired.predicted_values,
    )


def _find_rest(client: Client, desired: Desired, error: ApiError) -> Change:
    """Return what is left to do after a request failed with this error."""
    try:
        return _find_change(client, desired)
    except ApiError as failure:
        raise replace(failure, may_have_been_applied=error.may_have_been_applied) from None
    except PreconditionError:
        if error.may_have_been_applied:  # a PreconditionError says that nothing was changed
            raise error from None
        raise


def _check_account(client: Client, resource: Resource, change: Change) -> None:
    """Raise ApiError if the account is not that of account_sid, or PreconditionError if no answer names it.

    An account that has no objects yet is named by the answer to the first creation.
    """
    is_first = change.before is None and resource.parent is None
    if not client.check_account(resource) and not is_first:
        raise PreconditionError(
            "account_sid cannot be checked, because no answer from Twilio names the account of the API key."
            " Leave out account_sid to skip the check.",
            NOTHING_CHANGED,
        )


def _check_prediction(client: Client, resource: Resource, change: Change) -> None:
    """Raise PreconditionError if the API would refuse the change: a new name that is taken, or no such parent.

    If a list was read, the parent exists.
    """
    if change.operation == "create" and "sid" in change.send:
        _require_parent(client, resource)
    name = change.send.get(resource.name_field)
    if change.operation != "update" or name is None:
        return
    other = client.find(resource, name)
    if other is not None:
        raise PreconditionError(name_is_taken(resource, other["sid"], name), NOTHING_CHANGED)


def _require_parent(client: Client, resource: Resource) -> None:
    """Raise PreconditionError if an absent object's parent is absent too: Twilio may answer the same in both cases."""
    parent, sid = resource.parent, resource.parent_sid
    if parent and sid and client.fetch(parent, sid) is None:
        raise PreconditionError(not_found(parent, sid), NOTHING_CHANGED)


def _give_up_in_time(
    client: Client, resource: Resource, change: Change, failures: list[tuple[Operation, ApiError]]
) -> None:
    """Raise the last failure after as many as are allowed; another operation than the failed one is tried once."""
    if not failures:
        return
    operation, failure = failures[-1]
    # The name of a deleted object stays taken where the API still shows the object.
    stays_taken = resource.deleted_field is not None and failure.says_taken(resource)
    is_refused = stays_taken or failure.says_stale(resource)
    if len(failures) <= client.retries + (change.operation != operation) and not is_refused:
        return
    advice = failure.advice
    if failure.says_taken(resource) and not stays_taken:
        advice = (
            f"No {resource.name} in the list has exactly this {resource.name_field}."
            " Check for one that differs only in upper and lower case, and use its exact name."
        )
    raise replace(failure, advice=advice, tries=max(failure.tries, len(failures)))


def _locate(client: Client, desired: Desired) -> Object | None:
    resource, sid = desired.resource, desired.sid
    try:
        if sid is None:
            return client.find(resource, str(desired.values.get(resource.name_field)))
        current = client.fetch(resource, sid)
    except ApiError as failure:
        if desired.absent and parent_is_absent(failure, resource):
            return None
        raise
    if current is None and desired.may_be_absent:
        return None
    refusal = why_not(resource, desired.values, sid, current, desired.absent)
    if refusal is not None:
        raise PreconditionError(refusal, NOTHING_CHANGED)
    return current


def parent_is_absent(error: TaskError, resource: Resource) -> bool:
    """Return whether the error says that there is no such ancestor of an object; then there is no such object."""
    if isinstance(error, ApiError):
        return any(error.says_absent(ancestor) for ancestor in resource.ancestors)
    return isinstance(error, MissingParentError)


def resolve_parent(client: Client, resource: Resource, named_by: t.Iterable[tuple[str | None, str | None]]) -> Resource:
    """Return the resource in its ancestors, each of which is named by its SID, or else by its name; outermost first.

    A list is read for each name, and nothing for a SID. Raise MissingParentError where no object has the name, or where
    neither is given, or ApiError.
    """
    sids: list[str] = []
    for ancestor, (sid, name) in zip(resource.ancestors, named_by):
        if sid is None:
            ancestor = ancestor.in_parent(*sids)
            parent = None if name is None else client.find(ancestor, name)
            if parent is None:
                label = ancestor.name if name is None else f"{ancestor.name} {quoted(name)}"
                if ancestor.parent is not None:
                    label += f" in the {ancestor.parent.name} {ancestor.parent_sid}"
                reason = f"There is no {label}. The module twilio.proxy.{ancestor.key}_info lists all names."
                raise MissingParentError(reason, NOTHING_CHANGED, label, name is not None)
            sid = parent["sid"]
        sids.append(sid)
    return resource.in_parent(*sids)


def _send(client: Client, resource: Resource, change: Change) -> Object | None:
    if change.before is None:
        return client.create(resource, change.send)
    if change.after is None:
        client.delete(resource, change.before["sid"])
        return None
    return client.update(resource, change.before["sid"], change.send)


def _is_recoverable(resource: Resource, change: Change, failure: ApiError) -> bool:
    """Return whether reading again shows how to continue after a failed create or update."""
    if change.operation == "create":
        return failure.may_have_been_applied or failure.says_taken(resource)
    return change.operation == "update" and (
        failure.says_absent(resource)
        or failure.says_stale(resource)
        or (failure.may_have_been_applied and not resource.may_repeat(change.send))
    )


def gather(
    client: Client,
    resource: Resource,
    *,
    sid: str | None = None,
    name: str | None = None,
    page_size: int | None = None,
    limit: int | None = None,
    names: t.Sequence[str] | None = None,
    filters: t.Mapping[str, t.Collection[str]] | None = None,
) -> list[Object]:
    """Return the object with the SID, the one with the name, or all up to ``limit``.

    ``names`` are the fields to return, all without them. ``filters`` are the values that fields may have. No page is
    read that is not needed. Raise PreconditionError if their parent is absent, or ApiError.
    """
    if sid is not None or name is not None:
        found = client.fetch(resource, sid) if sid is not None else client.find(resource, str(name))
        if found is None and sid is not None:
            _require_parent(client, resource)
        return [] if found is None or not matches(found, filters) else [{name: found[name] for name in names or found}]
    # A page of as many objects as are wanted is too small where not all of them count.
    wanted = None if filters or resource.deleted_field else limit
    size = page_size or min(wanted or MAX_PAGE_SIZE, MAX_PAGE_SIZE)
    return list(islice(chain.from_iterable(client.pages(resource, size, names, filters)), limit))
