# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Service."""

from __future__ import annotations

import typing as t

from . import rules
from .errors import Refusal
from .phone_numbers import PHONE_NUMBER
from .resources import Field, Resource, Values, new_sid
from .sessions import SESSION

if t.TYPE_CHECKING:
    from .collection import Collection

GEO_MATCH_LEVELS = ("country", "area-code", "extended-area-code", "overlay", "radius")


def may_create(_values: Values, services: Collection) -> None:
    """Check that creating Services is enabled and the account has fewer than its limit."""
    settings = services.settings
    if settings["creation_closed"]:
        raise Refusal(settings["creation_closed_status"], 80506, "Creating Services is closed for this account")
    limit = settings["service_limit"]
    if limit is not None and len(services.records()) >= limit:
        message = f"The account has reached its limit of {limit} Services"
        raise Refusal(settings["service_limit_status"], settings["service_limit_code"], message)


SERVICE = Resource(
    name="Service",
    path="/v1/Services",
    key="services",
    fields=(
        Field("unique_name", "UniqueName", rules.text(1, 191), required=True),
        Field("default_ttl", "DefaultTtl", rules.natural_number, default=0),
        Field("callback_url", "CallbackUrl", rules.url, clearable=True),
        Field("geo_match_level", "GeoMatchLevel", rules.choice_by_setting("geo_match_levels"), default="country"),
        Field(
            "number_selection_behavior",
            "NumberSelectionBehavior",
            rules.choice("prefer-sticky", "avoid-sticky"),
            default="prefer-sticky",
        ),
        Field("intercept_callback_url", "InterceptCallbackUrl", rules.url, clearable=True),
        Field("out_of_session_callback_url", "OutOfSessionCallbackUrl", rules.url, clearable=True),
        Field("chat_instance_sid", "ChatInstanceSid", rules.sid("IS"), clearable=True),
    ),
    identify=new_sid("KS"),
    absent_code=80408,
    may_create=may_create,
    name_field="unique_name",
    name_taken_code=80602,
    sid_member="service_sid",
    links=(("sessions", "Sessions"), ("phone_numbers", "PhoneNumbers")),
    children=(PHONE_NUMBER, SESSION),
)
