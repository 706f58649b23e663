# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures for the published OpenAPI description and Twilio's official client, which are not part of this project."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.contract.official import services_of
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

VARIABLE = "TWILIO_PROXY_OPENAPI"
BESIDE_THE_CHECKOUT = Path(__file__).resolve().parents[3] / "shared" / "spec" / "twilio_proxy_v1.json"

# Two API variants, which differ wherever the behaviour is uncertain. A page size over the maximum is an error in both:
# the description does not allow a smaller page.
VARIANTS: dict[str, dict[str, t.Any]] = {
    "recorded": {},
    "generic": {
        "absent_answer": "not_found_404",
        "name_taken_status": 409,
        "number_refused_status": 409,
        "invalid_value_status": 422,
        "cleared_value": "empty",
        "case_sensitive_names": False,
        "lookup_by_name": True,
        "page_size_cap": 1000,
        "list_order": "newest_first",
        "closed_session_name": "free",
        "closing_twice": "accepted",
        "deleted_participants_are_listed": False,
        "participants_of_closed_session": "accepted",
        "returning_participant_code": 80612,
        "session_without_limit": "90_days",
    },
}


@pytest.fixture(scope="session")
def openapi() -> dict[str, t.Any]:
    """The description, from the path in the environment variable or from beside the checkout."""
    path = Path(os.environ.get(VARIABLE) or BESIDE_THE_CHECKOUT)
    if not path.is_file():
        pytest.fail(f"There is no OpenAPI description at {path}: set {VARIABLE} to its path.", pytrace=False)
    return t.cast("dict[str, t.Any]", json.loads(path.read_text(encoding="utf-8")))


@pytest.fixture(params=VARIANTS)
def settings(request: pytest.FixtureRequest) -> dict[str, t.Any]:
    """The emulator's settings for each API variant."""
    return VARIANTS[request.param]


@pytest.fixture
def services(emulator: Emulator, settings: dict[str, t.Any]) -> t.Any:
    """The official client's list of Services, on an emulator with these settings."""
    emulator.reset(**settings)
    return services_of(emulator, emulator.account_sid, emulator.auth_token)
