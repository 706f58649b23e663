# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account for each case of a test, so that one playbook can run many cases."""

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
ABSENT_SID = "KS" + "a" * 32


class Request(t.NamedTuple):
    """A request that the emulator received."""

    method: str
    path: str
    form: dict[str, str]
    query: dict[str, str]


@dataclasses.dataclass(frozen=True)
class Account:
    """An account of a running emulator."""

    emulator: Emulator
    sid: str
    token: str = dataclasses.field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that point the modules to this account."""
        return {
            "TWILIO_PROXY_BASE_URL": self.emulator.base_url,
            "TWILIO_ACCOUNT_SID": self.sid,
            "TWILIO_AUTH_TOKEN": self.token,
        }

    def requests_by_connection(self) -> list[list[Request]]:
        """Return the requests since the last reset, one list for each connection.

        Each run of a module that sends requests has its own connection, unless the connection breaks.
        """
        entries = (entry for entry in self.emulator.requests() if entry["account_sid"] == self.sid)
        return [
            [Request(entry["method"], entry["path"], dict(entry["form"]), dict(entry["query"])) for entry in group]
            for _connection, group in itertools.groupby(entries, key=lambda entry: entry["connection"])
        ]

    def requests(self) -> list[Request]:
        """Return the requests since the last reset."""
        return [request for requests in self.requests_by_connection() for request in requests]

    def services(self) -> list[Service]:
        """Return all Services, as the API lists them."""
        return self._all(LIST, "services")

    def pools(self) -> dict[str, list[str]]:
        """Return the numbers in the pool of each Service, by its name."""
        return {
            service["unique_name"]: sorted(
                number["phone_number"] for number in self._all(f"{LIST}/{service['sid']}/PhoneNumbers", "phone_numbers")
            )
            for service in self.services()
        }

    def _all(self, target: str, key: str) -> list[dict[str, t.Any]]:
        pair = f"{self.sid}:{self.token}".encode()
        headers = {"Authorization": "Basic " + base64.b64encode(pair).decode("ascii")}
        found: list[dict[str, t.Any]] = []
        while target:
            page = json.loads(self.emulator.send("GET", target, headers=headers).body)
            found += page[key]
            target = (page["meta"]["next_page_url"] or "")[len(self.emulator.base_url) :]
        return found


@contextlib.contextmanager
def accounts(services: t.Mapping[str, t.Sequence[Service]], **settings: t.Any) -> t.Iterator[dict[str, Account]]:
    """Run an emulator with an account for each name, which has these Services at the start."""
    credentials = {name: (f"AC{number:032x}", f"token-of-{name}") for number, name in enumerate(services, start=1)}
    documents = [
        {"account_sid": sid, "auth_token": token, "services": list(services[name])}
        for name, (sid, token) in credentials.items()
    ]
    with Emulator(accounts=documents, **settings) as emulator:
        yield {name: Account(emulator, *pair) for name, pair in credentials.items()}


@contextlib.contextmanager
def single_account(services: t.Sequence[Service] = (), **settings: t.Any) -> t.Iterator[Account]:
    """Run an emulator with one account, which has these Services at the start."""
    with accounts({"single": services}, **settings) as account_of:
        yield account_of["single"]
