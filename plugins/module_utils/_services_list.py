# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What is there, as the list that would make it so. Pure: no I/O, no Ansible."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.twilio.proxy.plugins.module_utils._plan import new_object
from ansible_collections.twilio.proxy.plugins.module_utils._resources import URL, Field, Object, Resource
from ansible_collections.twilio.proxy.plugins.module_utils._validation import secrets

_A_SID = re.compile("[A-Z]{2}[0-9a-fA-F]{32}")


class LeftOut(t.NamedTuple):
    """A value that is not in the list. ``reason`` is ``secret``, ``sid`` or ``name``: it holds one, or has none."""

    service: str | None
    option: str
    reason: str


def as_entries(
    resource: Resource,
    children: Resource,
    read: t.Iterable[tuple[Object, t.Sequence[Object] | None]],
    *,
    full: bool,
    with_sids: bool,
    with_secrets: bool,
) -> tuple[list[Object], list[LeftOut]]:
    """An entry for each object, sorted by name, and what no entry says.

    An entry has what a new object would not have, or with ``full`` everything. Without ``with_sids`` it has nothing
    that means an object of this account, so that the list can be applied to another one. Without ``with_secrets`` it
    has no URL that holds a secret.
    """
    entries: list[Object] = []
    left_out: list[LeftOut] = []
    for item, pool in sorted(read, key=lambda one: (one[0][resource.name_field] or "", one[0]["sid"])):
        name = item[resource.name_field]
        if not name and not with_sids:
            left_out.append(LeftOut(name, resource.name_field, "name"))
            continue
        kept, lost = _written(resource, item, full, with_sids, with_secrets)
        left_out += [LeftOut(name, option, reason) for option, reason in lost]
        entry = {"sid": item["sid"], **kept} if with_sids else kept
        numbers = [_written(children, one, full, with_sids=False, with_secrets=False)[0] for one in pool or []]
        if any(children.name_field not in one for one in numbers):
            # To leave out one of them would be to say that it shall not be there.
            left_out.append(LeftOut(name, children.list_key, "name"))
        elif numbers or full:
            entry[children.list_key] = sorted(numbers, key=lambda one: str(one[children.name_field]))
        entries.append(entry)
    return entries, left_out


def _written(
    resource: Resource, item: Object, full: bool, with_sids: bool, with_secrets: bool
) -> tuple[Object, list[tuple[str, str]]]:
    new = new_object(resource)
    kept: Object = {}
    lost = []
    for field in resource.writable:
        value = item[field.name]
        reason = None if value is None else _reason_to_leave_out(field, value, with_sids, with_secrets)
        if field.name == "sid" or (value is None and not (full and field.clearable)):
            continue
        if reason is not None:
            lost.append((field.name, reason))
        elif full or value != new[field.name]:
            kept[field.name] = "" if value is None else value
    return kept, lost


def _reason_to_leave_out(field: Field, value: t.Any, with_sids: bool, with_secrets: bool) -> str | None:
    if field.rule is URL and not with_secrets and secrets(value, meant_as_url=True):
        return "secret"
    # A SID is one account's, be it the value or a part of an URL that leads there.
    if field.clearable and not with_sids and _A_SID.search(value):
        return "sid"
    return None
