# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official Python client, pointed at the emulator."""

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit, urlunsplit

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from ansible_collections.twilio.proxy.tests.support.emulator import Emulator


class EmulatorHttpClient(TwilioHttpClient):
    """Sends the requests to the emulator instead of Twilio."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.base_url = urlsplit(base_url)

    def request(self, *args: t.Any, **kwargs: t.Any) -> Response:
        method, url, *others = args
        parts = urlsplit(url)
        assert parts.netloc in ("proxy.twilio.com", self.base_url.netloc)
        target = urlunsplit(parts._replace(scheme=self.base_url.scheme, netloc=self.base_url.netloc))
        return super().request(method, target, *others, **kwargs)


def services_of(emulator: Emulator, user: str, password: str, account_sid: str | None = None) -> t.Any:
    """Return the client's list of Services."""
    http_client = EmulatorHttpClient(emulator.base_url)
    # The official client's constructor has no types.
    client = Client(user, password, account_sid, http_client=http_client)  # type: ignore[no-untyped-call]
    return client.proxy.v1.services
