# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory, time and requests of the modules for an account with many Services, step by step.

Each module runs in a process of its own, without Ansible on the controller.
"""

from __future__ import annotations

import typing as t

from ansible_collections.twilio.proxy.tests.benchmarks.figures import emulator
from ansible_collections.twilio.proxy.tests.benchmarks.measuring import BenchmarkError, rounded
from ansible_collections.twilio.proxy.tests.benchmarks.workloads import Account
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
    """The usage of the module of a step."""

    step: str
    module: str
    services: int
    seconds: float
    peak_memory_mib: float
    requests: Counts


def figures_of_step(step: Step, account: Account, services: int, **options: t.Any) -> Figures:
    """Return the figures of a step. Raises BenchmarkError if it sent other requests than expected."""
    name = step.module.rpartition(".")[2]
    account.emulator.forget_requests()
    usage = account.run_module(name, **step.options, **options)
    requests = kinds(account.emulator.requests())
    if requests != step.requests:
        raise BenchmarkError(f"{step.name}, {name}: sent {requests}, not {step.requests}. Run make scale.")
    return Figures(step.name, name, services, rounded(usage.seconds), rounded(usage.peak), requests)


def all_figures(size: int, listed: int = LISTED) -> t.Iterator[Figures]:
    """Yield the figures of every step, on an emulator with latency."""
    with emulator(LATENCY) as running:
        for step in steps(size):
            yield figures_of_step(step, Account(running, []), size, concurrency=CONCURRENCY)
    with emulator(LATENCY, listed) as running:
        yield figures_of_step(listing(listed), Account(running, []), listed)
