# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authentication."""

from __future__ import annotations

import base64
import hmac
import typing as t

from .rules import Settings


class Credentials:
    """Account SIDs with auth tokens, and API key SIDs with secrets."""

    def __init__(self, settings: Settings) -> None:
        self._users: dict[str, tuple[str, str]] = {}
        for account in settings["accounts"]:
            sid = account["account_sid"]
            self._users[sid] = (account["auth_token"], sid)
            self._users.update((key["sid"], (key["secret"], sid)) for key in account["api_keys"])

    def account_sid(self, headers: t.Mapping[str, str]) -> str | None:
        """Return the account of the Basic credentials in the headers, or None if they are not valid."""
        user, password = _basic(headers.get("authorization", ""))
        secret, sid = self._users.get(user, ("", ""))
        valid = bool(sid) and hmac.compare_digest(secret.encode("utf-8"), password.encode("utf-8"))
        return sid if valid else None


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _space, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _colon, password = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except ValueError:
        return "", ""
    return user, password
