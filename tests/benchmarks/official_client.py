# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A script with the official Python client: one request after the other.

    python -m ansible_collections.twilio.proxy.tests.benchmarks.official_client SERVICES.json

It lists all Services, creates those of the file that are missing, and updates those that differ.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from twilio.rest import Client

from ansible_collections.twilio.proxy.tests.contract.official import EmulatorHttpClient


def main(file: str) -> None:
    http_client = EmulatorHttpClient(os.environ["TWILIO_PROXY_BASE_URL"])
    # The official client's constructor has no types.
    client = Client(http_client=http_client)  # type: ignore[no-untyped-call]
    services = client.proxy.v1.services
    by_name = {service.unique_name: service for service in services.stream(page_size=100)}
    for wanted in json.loads(Path(file).read_text(encoding="utf-8")):
        current = by_name.get(wanted["unique_name"])
        if current is None:
            services.create(**wanted)
        elif any(getattr(current, name) != value for name, value in wanted.items()):
            current.update(**wanted)


if __name__ == "__main__":
    main(*sys.argv[1:])
