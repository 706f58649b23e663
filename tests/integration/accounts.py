# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts for the cases of a test: each case has one to itself, so that many of them can go through one playbook."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import itertools
import json
import typing as t

from ansible_collections.twilio.proxy.tests.support.emulator import Emulator, Service

LIST = "/v1/Services"
SID = "KS" + "5" * 32
OTHER_SID = "KS" + "6" * 32
ABSENT_SID = "KS" + "a" * 32

#: What a new Service has where nobody said otherwise.
DEFAULTS: t.Mapping[str, t.Any] = {
    "callback_url": None,
    "chat_instance_sid": None,
    "default_ttl": 0,
    "geo_match_level": "country",
    "intercept_callback_url": None,
    "number_selection_behavior": "prefer-sticky",
    "out_of_session_callback_url": None,
}
WRITABLE = ("unique_name", *DEFAULTS)


class Sent(t.NamedTuple):
    """A request that an emulator got."""

    method: str
    path: str
    form: dict[str, str]
    query: dict[str, str]


@dataclasses.dataclass(frozen=True)
class Account:
    """One account of a running emulator."""

    emulator: Emulator
    sid: str
    token: str = dataclasses.field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point the modules to this account."""
        return {
            "TWILIO_PROXY_BASE_URL": self.emulator.base_url,
            "TWILIO_ACCOUNT_SID": self.sid,
            "TWILIO_AUTH_TOKEN": self.token,
        }

    def runs(self) -> list[list[Sent]]:
        """The requests since the last reset, those of one connection together.

        Each run of a module that sends anything has a connection to itself, as long as none is cut.
        """
        mine = (entry for entry in self.emulator.requests() if entry["account_sid"] == self.sid)
        return [
            [Sent(one["method"], one["path"], dict(one["form"]), dict(one["query"])) for one in group]
            for _connection, group in itertools.groupby(mine, key=lambda entry: entry["connection"])
        ]

    def requests(self) -> list[Sent]:
        """The requests since the last reset, whoever sent them."""
        return [sent for run in self.runs() for sent in run]

    def services(self) -> list[Service]:
        """All Services, as the API lists them."""
        pair = f"{self.sid}:{self.token}".encode()
        headers = {"Authorization": "Basic " + base64.b64encode(pair).decode("ascii")}
        found: list[Service] = []
        target: str | None = LIST
        while target:
            page = json.loads(self.emulator.send("GET", target, headers=headers).body)
            found += page["services"]
            following = page["meta"]["next_page_url"]
            target = following and following[len(self.emulator.base_url) :]
        return found


@contextlib.contextmanager
def accounts(services: t.Mapping[str, t.Sequence[Service]], **settings: t.Any) -> t.Iterator[dict[str, Account]]:
    """An emulator with an account for each name, which has these Services from the start."""
    credentials = {name: (f"AC{number:032x}", f"token-of-{name}") for number, name in enumerate(services, start=1)}
    documents = [
        {"account_sid": sid, "auth_token": token, "services": list(services[name])}
        for name, (sid, token) in credentials.items()
    ]
    with Emulator(accounts=documents, **settings) as emulator:
        yield {name: Account(emulator, *pair) for name, pair in credentials.items()}


def stored(service: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The fields of a Service that can be written; "" and null both say that there is no value."""
    return {name: None if service[name] == "" else service[name] for name in WRITABLE}
