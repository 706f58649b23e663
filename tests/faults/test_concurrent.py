# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that create, change and delete one object at the same time: each reads before the first of them writes."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils._client import Client, Credentials
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import Desired, Outcome, reconcile
from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER, SERVICE
from ansible_collections.twilio.proxy.tests.faults.cases import settings_of
from ansible_collections.twilio.proxy.tests.faults.tasks import ACCOUNT_SID, ALL, AUTH_TOKEN, NORTH, C, Json
from ansible_collections.twilio.proxy.tests.faults.wire import BASE_URL, Together, Wire

CLIENTS = 20

#: A new object, and the fields of it that the clients disagree about.
OBJECTS = (
    (Desired(SERVICE, {"unique_name": "trips"}), [{"default_ttl": 100}, {"default_ttl": 200}]),
    (
        Desired(PHONE_NUMBER.in_parent(NORTH["sid"]), {"phone_number": C, "is_reserved": True}),
        [{"is_reserved": False}] * 2,
    ),
)


def run(wire: Wire, desired: t.Sequence[Desired]) -> list[Outcome]:
    """Return the outcomes of clients, each with its desired state."""

    def one_run(state: Desired) -> Outcome:
        credentials = Credentials(ACCOUNT_SID, AUTH_TOKEN)
        client = Client(BASE_URL, credentials, timeout=1, retries=0, verify=True, agent="", sleep=wire.waits.append)
        client._session.mount("http://", wire)
        return reconcile(client, state)

    wire.restart(Together("GET", CLIENTS))
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(one_run, desired))


@pytest.mark.parametrize(("desired", "changes"), OBJECTS, ids=lambda value: getattr(value, "resource", SERVICE).name)
def test_clients_at_the_same_time_agree(desired: Desired, changes: list[Json]) -> None:
    wire = Wire(settings_of(ALL, {}))

    created = run(wire, [desired] * CLIENTS)
    assert sorted(outcome.changed for outcome in created) == [False] * (CLIENTS - 1) + [True]
    (sid,) = {outcome.after["sid"] for outcome in created if outcome.after}
    assert len(wire.applied) == 1

    wanted = [changes[number % 2] for number in range(CLIENTS)]
    updated = run(wire, [Desired(desired.resource, values, sid=sid) for values in wanted])
    assert all(outcome.changed for outcome in updated)
    assert [
        outcome.after and values.items() <= outcome.after.items()
        for outcome, values in zip(updated, wanted, strict=True)
    ] == [True] * CLIENTS

    deleted = run(wire, [Desired(desired.resource, {}, sid=sid, absent=True)] * CLIENTS)
    assert sorted(outcome.changed for outcome in deleted) == [False] * (CLIENTS - 1) + [True]
    assert wire.account() == Wire(settings_of(ALL, {})).account()
