# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A minimal program that lists all Services: it follows the pages and collects their entries."""

from __future__ import annotations

import os
import typing as t

import requests


def main() -> None:
    found: list[t.Any] = []
    with requests.Session() as session:
        session.auth = (os.environ["TWILIO_ACCOUNT_SID"], os.environ["TWILIO_AUTH_TOKEN"])
        url = f"{os.environ['TWILIO_PROXY_BASE_URL']}/v1/Services?PageSize=100"
        while url:
            answer = session.get(url, timeout=30)
            answer.raise_for_status()
            page = answer.json()
            found += page["services"]
            url = page["meta"]["next_page_url"]
    print(len(found))


if __name__ == "__main__":
    main()
