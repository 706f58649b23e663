# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official Python client manages the phone numbers of a Service on the emulator."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest
from twilio.base.exceptions import TwilioRestException

from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

ABSENT_SID = "PN" + "0" * 32
NUMBER, OTHER, NOT_OWNED = "+12025550100", "+12025550101", "+12025550199"


@pytest.fixture
def service(services: t.Any) -> t.Any:
    """The client's object of a Service with an empty pool."""
    return services.create(unique_name="a")


def error_of(call: t.Callable[[], t.Any]) -> tuple[int, int | None]:
    """Return status and code of the error that a call raises."""
    with pytest.raises(TwilioRestException) as error:
        call()
    return error.value.status, error.value.code


def test_add_update_and_remove(service: t.Any, emulator: Emulator) -> None:
    first = service.phone_numbers.create(phone_number=NUMBER)
    owned = {number["phone_number"]: number for number in emulator.owned_numbers()}
    assert (first.sid, first.phone_number, first.service_sid) == (owned[NUMBER]["sid"], NUMBER, service.sid)
    assert (first.account_sid, first.is_reserved, first.in_use) == (emulator.account_sid, False, 0)
    assert (first.friendly_name, first.iso_country) == (NUMBER, "US")
    assert first.capabilities == {"voice": True, "sms": True, "mms": True, "fax": False}
    assert isinstance(first.date_created, dt.datetime)
    assert first.date_created == first.date_updated
    assert first.url == f"{service.url}/PhoneNumbers/{first.sid}"

    second = service.phone_numbers.create(sid=owned[OTHER]["sid"], is_reserved=True)
    assert (second.phone_number, second.is_reserved) == (OTHER, True)
    assert {number.sid for number in service.phone_numbers.list()} == {first.sid, second.sid}

    context = service.phone_numbers(first.sid)
    assert context.fetch().phone_number == NUMBER
    assert context.update(is_reserved=True).is_reserved is True
    assert context.update().is_reserved is True
    assert context.update(is_reserved=False).is_reserved is context.fetch().is_reserved is False

    assert context.delete() is True
    assert [number.sid for number in service.phone_numbers.list()] == [second.sid]
    assert service.phone_numbers.create(sid=first.sid).phone_number == NUMBER


def test_pages(service: t.Any, settings: dict[str, t.Any]) -> None:
    wanted = [f"+120255501{number:02}" for number in range(7)]
    for number in wanted:
        service.phone_numbers.create(phone_number=number)
    if settings.get("list_order") == "newest_first":
        wanted.reverse()
    assert [number.phone_number for number in service.phone_numbers.list(page_size=3)] == wanted
    first = service.phone_numbers.page(page_size=3)
    second = first.next_page()
    assert [number.phone_number for number in second] == wanted[3:6]
    assert [number.phone_number for number in second.previous_page()] == wanted[:3]


@pytest.mark.parametrize("operation", ["fetch", "update", "delete"])
def test_an_absent_number(service: t.Any, settings: dict[str, t.Any], operation: str) -> None:
    absent = (404, 20404) if settings.get("absent_answer") == "not_found_404" else (400, 80407)
    assert error_of(getattr(service.phone_numbers(ABSENT_SID), operation)) == absent
