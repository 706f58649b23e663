# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official Python client, which knows Twilio's own hosts only, on an emulator."""

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit, urlunsplit

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client


class Redirected(TwilioHttpClient):
    """Sends what is meant for Twilio to the emulator."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.base = urlsplit(base_url)

    def request(self, *arguments: t.Any, **more: t.Any) -> Response:
        method, url, *others = arguments
        meant = urlsplit(url)
        assert meant.netloc in ("proxy.twilio.com", self.base.netloc)
        target = urlunsplit(meant._replace(scheme=self.base.scheme, netloc=self.base.netloc))
        return super().request(method, target, *others, **more)


def services_of(base_url: str, user: str, password: str, account_sid: str | None = None) -> t.Any:
    """The client's list of Services."""
    # The official client's constructor has no types.
    client = Client(user, password, account_sid, http_client=Redirected(base_url))  # type: ignore[no-untyped-call]
    return client.proxy.v1.services
