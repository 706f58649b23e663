# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a large estate takes, step by step in its life: memory, time and requests of the modules.

The figures are the modules', each in a process of its own, without those of Ansible on the controller.
"""

from __future__ import annotations

import typing as t

from ansible_collections.twilio.proxy.tests.benchmarks.contenders import Account
from ansible_collections.twilio.proxy.tests.benchmarks.figures import emulator
from ansible_collections.twilio.proxy.tests.benchmarks.measuring import Broken, rounded
from ansible_collections.twilio.proxy.tests.scale.many_services import (
    CONCURRENCY,
    LATENCY,
    LISTED,
    Counts,
    Step,
    kinds,
    listing,
    steps,
)


class Figures(t.NamedTuple):
    """What the module of a step took."""

    step: str
    module: str
    services: int
    seconds: float
    peak_memory_mib: float
    requests: Counts


def of_step(step: Step, account: Account, services: int, **options: t.Any) -> Figures:
    """The figures of a step; raises Broken if it took other requests than it should."""
    name = step.module.rpartition(".")[2]
    account.emulator.forget_requests()
    usage = account.module(name, **step.options, **options)
    requests = kinds(account.emulator.requests())
    if requests != step.requests:
        raise Broken(f"{step.name}, {name}: these requests were sent: {requests}. Run make scale.")
    return Figures(step.name, name, services, rounded(usage.seconds), rounded(usage.peak), requests)


def all_figures(size: int, listed: int = LISTED) -> t.Iterator[Figures]:
    """Those of every step, on an API whose answers take their time."""
    with emulator(LATENCY) as running:
        for step in steps(size):
            yield of_step(step, Account(running, []), size, concurrency=CONCURRENCY)
    with emulator(LATENCY, listed) as running:
        yield of_step(listing(listed), Account(running, []), listed)
