# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official Python client manages Services on the emulator."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest
from twilio.base.exceptions import TwilioRestException

ABSENT_SID = "KS" + "0" * 32

EVERY_FIELD = {
    "unique_name": "Zoë ☎ & = % +",
    "default_ttl": 3600,
    "callback_url": "https://example.com/callback?a=1&b=2",
    "geo_match_level": "area-code",
    "number_selection_behavior": "avoid-sticky",
    "intercept_callback_url": "https://example.com/intercept",
    "out_of_session_callback_url": "https://example.com/out",
    "chat_instance_sid": "IS" + "ab" * 16,
}
CLEARABLE = ("callback_url", "intercept_callback_url", "out_of_session_callback_url", "chat_instance_sid")


def values(service: t.Any) -> dict[str, t.Any]:
    return {name: getattr(service, name) for name in EVERY_FIELD}


def test_create_update_and_delete(services: t.Any, settings: dict[str, t.Any]) -> None:
    created = services.create(**EVERY_FIELD)
    assert values(created) == EVERY_FIELD
    assert isinstance(created.date_created, dt.datetime)
    assert created.date_created == created.date_updated
    assert created.links["phone_numbers"] == created.url + "/PhoneNumbers"

    context = services(created.sid)
    assert values(context.fetch()) == EVERY_FIELD

    changed = context.update(unique_name="renamed", default_ttl=0, geo_match_level="country")
    expected = {**EVERY_FIELD, "unique_name": "renamed", "default_ttl": 0, "geo_match_level": "country"}
    assert values(changed) == values(context.fetch()) == expected
    assert values(context.update()) == expected

    cleared = context.update(**dict.fromkeys(CLEARABLE, ""))
    empty = "" if settings.get("cleared_value") == "empty" else None
    assert values(cleared) == {**expected, **dict.fromkeys(CLEARABLE, empty)}

    assert context.delete() is True
    assert services.list() == []
    with pytest.raises(TwilioRestException) as error:
        context.fetch()
    absent = (404, 20404) if settings.get("absent_answer") == "not_found_404" else (400, 80408)
    assert (error.value.status, error.value.code) == absent


def test_pages(services: t.Any, settings: dict[str, t.Any]) -> None:
    wanted = [services.create(unique_name=f"service {number}").unique_name for number in range(7)]
    if settings.get("list_order") == "newest_first":
        wanted.reverse()
    assert [service.unique_name for service in services.list(page_size=3)] == wanted
    assert [service.unique_name for service in services.stream(page_size=2)] == wanted
    assert [service.unique_name for service in services.list(limit=4, page_size=3)] == wanted[:4]

    first = services.page(page_size=3)
    second = first.next_page()
    assert [service.unique_name for service in second] == wanted[3:6]
    assert [service.unique_name for service in second.previous_page()] == wanted[:3]
    assert services.get_page(second.next_page_url).next_page() is None


@pytest.mark.parametrize("operation", ["fetch", "update", "delete"])
def test_an_absent_service(services: t.Any, settings: dict[str, t.Any], operation: str) -> None:
    with pytest.raises(TwilioRestException) as error:
        getattr(services(ABSENT_SID), operation)()
    absent = (404, 20404) if settings.get("absent_answer") == "not_found_404" else (400, 80408)
    assert (error.value.status, error.value.code) == absent
