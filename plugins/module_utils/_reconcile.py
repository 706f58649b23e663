# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The thin layer that acts: locate, plan, apply, and find out where an answer was lost."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace
from itertools import chain, islice

from ansible_collections.twilio.proxy.plugins.module_utils._client import Client
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._plan import Change, Operation, name_is_taken, plan, why_not
from ansible_collections.twilio.proxy.plugins.module_utils._resources import MAX_PAGE_SIZE, Object, Resource

NOTHING_CHANGED = "Nothing was changed."


@dataclass(eq=False)
class PreconditionError(Exception):
    """What was asked for cannot be done, and nothing was tried.

    ``reason`` says why. ``closing`` is the sentence after it, which says how far the task got.
    """

    reason: str
    closing: str = ""
    may_have_been_applied: t.ClassVar[bool] = False
    applied: t.ClassVar[bool] = False

    def __str__(self) -> str:
        return " ".join(sentence for sentence in (self.reason, self.closing) if sentence)


#: Why something was not done.
TaskError = t.Union[PreconditionError, ApiError]


@dataclass(frozen=True)
class Outcome:
    """What a run did, or in check mode would do: the object before and after it, None where there was or is none."""

    changed: bool
    before: Object | None
    after: Object | None


def reconcile(
    client: Client,
    resource: Resource,
    desired: t.Mapping[str, t.Any],
    *,
    sid: str | None = None,
    absent: bool = False,
    check_mode: bool = False,
    predicted_values: t.Mapping[str, t.Any] | None = None,
    planned: Change | None = None,
) -> Outcome:
    """Makes one object as desired, or absent. See _plan.plan() for ``desired`` and ``known``.

    The object is the one with the SID, else the one with the desired identity. It is looked for, unless ``planned``
    says what has to be done. Raises Refused, or ApiError, whose ``maybe_applied`` then speaks of the whole run.
    """
    # A request was sent and its answer lost. If it was to create, an object that turns up later may be ours.
    may_have_been_written = may_have_been_created = False
    failures: list[tuple[Operation, ApiError]] = []
    while True:
        try:
            change = planned or plan(
                resource,
                desired,
                _locate(client, resource, desired, sid, absent),
                absent=absent,
                predicted_values=predicted_values,
            )
        except ApiError as failure:
            raise replace(failure, may_have_been_applied=may_have_been_written) from None
        except PreconditionError:
            if may_have_been_written:  # which a refusal would deny
                raise failures[-1][1] from None
            raise
        planned = None
        before = None if may_have_been_created else change.before
        if change.operation == "none":
            return Outcome(may_have_been_written, before, change.after)
        if check_mode:
            _check_prediction(client, resource, change)
        client.check_account(resource)
        if check_mode:
            return Outcome(True, before, change.after)
        _give_up_in_time(client, resource, change, failures)
        try:
            return Outcome(True, before, _apply(client, resource, change))
        except ApiError as failure:
            gone = failure.says_absent(resource) or _parent_is_absent(failure, resource)
            if change.operation == "delete" and gone:
                # Somebody was faster, unless it was a try of ours whose answer was lost.
                return Outcome(failure.may_have_been_applied, change.before, None)
            recoverable = _is_recoverable(resource, change, failure)
            may_have_been_created = may_have_been_created or (
                change.operation == "create" and failure.may_have_been_applied
            )
            may_have_been_written = may_have_been_written or failure.may_have_been_applied
            error = replace(failure, may_have_been_applied=may_have_been_written)
            if not recoverable:
                raise error from None
            failures.append((change.operation, error))
        client.pause(len(failures) - 1, failures[-1][1])


def _check_prediction(client: Client, resource: Resource, change: Change) -> None:
    """Raises Refused if the API would refuse the change for what can be read.

    That is a new name that another object has, or a place that is not there; a list that was read has shown the place.
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
    """Raises Refused if what an absent object should be in is not there: the answer may be the same in both cases."""
    parent, sid = resource.parent, resource.parent_sid
    if parent and sid and client.fetch(parent, sid) is None:
        raise PreconditionError(f"no {parent.name} {sid}.", NOTHING_CHANGED)


def _give_up_in_time(
    client: Client, resource: Resource, change: Change, failures: list[tuple[Operation, ApiError]]
) -> None:
    """Raises the last failure after as many as are allowed; another operation than the failed one is tried once."""
    if not failures:
        return
    operation, failure = failures[-1]
    if len(failures) <= client.retries + (change.operation != operation):
        return
    advice = failure.advice
    if failure.says_taken(resource):
        advice = (
            f"No {resource.name} in the list has exactly this {resource.name_field}:"
            " one may differ from it in upper and lower case only."
        )
    raise replace(failure, advice=advice, tries=max(failure.tries, len(failures)))


def _locate(
    client: Client, resource: Resource, desired: t.Mapping[str, t.Any], sid: str | None, absent: bool
) -> Object | None:
    try:
        if sid is None:
            return client.find(resource, str(desired.get(resource.name_field)))
        current = client.fetch(resource, sid)
    except ApiError as failure:
        if absent and _parent_is_absent(failure, resource):
            return None
        raise
    refusal = why_not(resource, desired, sid, current, absent)
    if refusal is not None:
        raise PreconditionError(refusal, NOTHING_CHANGED)
    return current


def _parent_is_absent(failure: ApiError, resource: Resource) -> bool:
    """Whether Twilio answered that what the object is in is not there; then neither is the object."""
    return resource.parent is not None and failure.says_absent(resource.parent)


def _apply(client: Client, resource: Resource, change: Change) -> Object | None:
    """The one line that acts."""
    if change.before is None:
        return client.create(resource, change.send)
    if change.after is None:
        client.delete(resource, change.before["sid"])
        return None
    return client.update(resource, change.before["sid"], change.send)


def _is_recoverable(resource: Resource, change: Change, failure: ApiError) -> bool:
    """Whether reading again tells how to go on after a request to create or to update failed."""
    if change.operation == "create":
        return failure.may_have_been_applied or failure.says_taken(resource)
    return change.operation == "update" and failure.says_absent(resource)


def gather(
    client: Client,
    resource: Resource,
    *,
    sid: str | None = None,
    name: str | None = None,
    page_size: int | None = None,
    limit: int | None = None,
    names: t.Sequence[str] | None = None,
) -> list[Object]:
    """The objects that are there: the one with the SID, the one with the identity, or all up to ``limit``.

    ``names`` are the fields that are wanted; without them it is all. No page is asked for that is not needed. Raises
    Refused if what they are in is not there, or ApiError.
    """
    if sid is not None or name is not None:
        found = client.fetch(resource, sid) if sid is not None else client.find(resource, str(name))
        if found is None and sid is not None:
            _require_parent(client, resource)
        return [] if found is None else [{name: found[name] for name in names or found}]
    size = page_size or min(limit or MAX_PAGE_SIZE, MAX_PAGE_SIZE)
    return list(islice(chain.from_iterable(client.pages(resource, size, names)), limit))
