# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A loop of the official Python client: what a program does that somebody writes for the purpose.

    echo '{"base_url": ..., "user": ..., "password": ..., "create": [...]}' | python official_client.py

Creates the Services that it is given, one after the other. Lists all, in pages as large as can be, if it is given none.
"""

from __future__ import annotations

import json
import sys

from twilio.rest import Client

from ansible_collections.twilio.proxy.tests.contract.official import Redirected


def main() -> None:
    given = json.load(sys.stdin)
    way = Redirected(given["base_url"])
    # The official client's constructor has no types.
    client = Client(given["user"], given["password"], http_client=way)  # type: ignore[no-untyped-call]
    services = client.proxy.v1.services
    if "create" in given:
        found = [services.create(**service) for service in given["create"]]
    else:
        found = services.list(page_size=1000)
    print(len(found))


if __name__ == "__main__":
    main()
