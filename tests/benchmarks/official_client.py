# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A script with the official Python client: one request after the other.

    echo '{"base_url": ..., "user": ..., "password": ..., "services": [...]}' | python official_client.py

It lists all Services, creates those of the given ones that are missing, and updates those that differ.
"""

from __future__ import annotations

import json
import sys

from twilio.rest import Client

from ansible_collections.twilio.proxy.tests.contract.official import EmulatorHttpClient


def main() -> None:
    given = json.load(sys.stdin)
    http_client = EmulatorHttpClient(given["base_url"])
    # The official client's constructor has no types.
    client = Client(given["user"], given["password"], http_client=http_client)  # type: ignore[no-untyped-call]
    services = client.proxy.v1.services
    found = list(services.stream(page_size=100))
    by_name = {service.unique_name: service for service in found}
    for wanted in given.get("services", []):
        current = by_name.get(wanted["unique_name"])
        if current is None:
            services.create(**wanted)
        elif any(getattr(current, name) != value for name, value in wanted.items()):
            current.update(**wanted)
    print(len(found))


if __name__ == "__main__":
    main()
