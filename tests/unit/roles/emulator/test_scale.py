# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator with very many objects."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, Emulator

LIST = "/v1/Services"
SERVICES = 10_000
# A fraction of a second each on an idle machine; far more if the time grew with the square of the number.
SECONDS = 10


def test_ten_thousand_services_with_a_number_each(emulator: Emulator) -> None:
    numbers = [f"+1202555{number:05}" for number in range(SERVICES)]
    services: list[dict[str, t.Any]] = [
        {"unique_name": f"Service {position:05} ☎", "phone_numbers": [{"phone_number": number}]}
        for position, number in enumerate(numbers)
    ]
    account = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "services": services}
    start = time.monotonic()
    # More than a megabyte, which is more than the API itself would take.
    emulator.reset(accounts=[account], owns_all_numbers=True)
    seeded = time.monotonic()
    found = emulator.services()
    listed = time.monotonic()
    assert [service["unique_name"] for service in found] == [service["unique_name"] for service in services]
    assert max(seeded - start, listed - seeded) < SECONDS

    assert len(emulator.requests()) == SERVICES // 50
    assert emulator.pool(found[-1]["sid"])[0]["phone_number"] == numbers[-1]
    assert emulator.send("POST", LIST, {"UniqueName": services[0]["unique_name"]}).json["code"] == 80602
    for service in found[:100]:
        assert emulator.send("DELETE", f"{LIST}/{service['sid']}").status == 204
    page = emulator.send("GET", LIST + "?PageSize=1").json
    assert page["services"] == [found[100]]
    assert page["meta"]["previous_page_url"] is None
