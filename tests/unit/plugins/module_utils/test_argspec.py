# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specs follow the tables: operations, lists, and the normalization of options."""

from __future__ import annotations

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils._argspec import (
    connection_specs,
    field_spec,
    named_by,
    normalized,
    object_options,
    objects_options,
    type_problems,
)
from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER, SERVICE

from .made_up import BADGE, BUILDING_SID, ROOM, VISIT, VISIT_SID, absent, modules, visit
from .tasks import Result, Task
from .wire import Answer, page

VISITS = f"/v1/Buildings/{BUILDING_SID}/Visits"
BY_SID: Result = {"building_sid": BUILDING_SID, "sid": VISIT_SID}


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Task:
    """Return a runner of the modules that Visits would have."""
    return Task(monkeypatch, capsys, *modules(VISIT))


def test_the_states_follow_from_the_operations() -> None:
    states = {resource.key: object_options(resource)[0]["state"] for resource in (BADGE, VISIT)}
    assert states == {
        "badge": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "visit": {"type": "str", "choices": ["absent"], "required": True},
    }
    options, rules = object_options(VISIT)
    assert {"building_sid", "building_unique_name", "sid"} <= set(options)
    assert options["sid"] == {"type": "str", "required": True}
    parents = [("building_sid", "building_unique_name")]
    assert rules == {"required_one_of": parents, "mutually_exclusive": parents}
    assert objects_options(VISIT)[1] == {"required_one_of": parents, "mutually_exclusive": parents}
    assert "date_created" in objects_options(VISIT)[0]["properties"]["choices"]


def test_fields_and_options_in_the_form_of_ansible() -> None:
    assert field_spec(SERVICE.field("geo_match_level")) == {
        "type": "str",
        "choices": ["country", "area-code", "extended-area-code", "overlay", "radius"],
    }
    specs = connection_specs()
    assert specs["auth_token"] == {"type": "str", "no_log": True}
    assert specs["timeout"] == {"type": "int", "no_log": False, "default": 30}
    properties = objects_options(PHONE_NUMBER)[0]["properties"]
    assert properties.pop("choices")[:2] == ["sid", "account_sid"]
    assert properties == {"type": "list", "elements": "str"}


def test_sid_and_name_exclude_each_other_if_an_object_cannot_be_renamed() -> None:
    exclusive = {
        resource.key: object_options(resource)[1]["mutually_exclusive"] for resource in (SERVICE, PHONE_NUMBER)
    }
    assert exclusive == {
        "service": [],
        "phone_number": [("sid", "phone_number"), ("service_sid", "service_unique_name")],
    }


@pytest.mark.parametrize("value", [True, "yes", "OFF", 1, "0"])
def test_what_ansible_reads_as_true_or_false(value: object) -> None:
    assert type_problems({"a": {"type": "bool"}}, {"a": value}) == []


def test_a_resource_without_a_name_is_named_by_its_sid() -> None:
    assert named_by(BADGE) == ("sid", "identifier")
    assert named_by(VISIT) == ("sid",)


@pytest.mark.parametrize("check_mode", [False, True])
def test_an_object_that_can_only_be_deleted_is_deleted(check_mode: bool, task: Task) -> None:
    steps = [Answer(200, visit()), *[Answer(204)] * (not check_mode)]
    result = task(*steps, **BY_SID, state="absent", _ansible_check_mode=check_mode, _ansible_diff=True)
    assert (result["changed"], result["visit"]) == (True, visit())
    assert result["diff"]["before_header"] == f"Visit {VISIT_SID}"
    assert task.wire.steps == []
    assert task(absent(VISIT), **BY_SID, state="absent")["changed"] is False


def test_state_is_required_if_an_object_can_only_be_deleted(task: Task) -> None:
    assert task(**BY_SID)["msg"] == "missing required arguments: state"
    assert "value of state must be one of: absent, got: present" in task(**BY_SID, state="present")["msg"]


def test_objects_without_a_name_are_read(task: Task) -> None:
    assert task(page(visit(), of=VISIT), info=True, building_sid=BUILDING_SID)["visits"] == [visit()]
    assert task(Answer(200, visit()), info=True, **BY_SID)["visits"] == [visit()]
    assert task.wire.requests == [("GET", f"{VISITS}/{VISIT_SID}", {})]


def test_a_list_has_the_options_of_its_elements() -> None:
    [chairs] = ROOM.creation_fields
    spec = {
        "type": "list",
        "elements": "dict",
        "options": {"wood": {"type": "str"}, "legs": {"type": "int"}, "used_since": {"type": "str"}},
    }
    assert field_spec(chairs) == object_options(ROOM)[0]["chairs"] == spec
    assert "chairs" not in objects_options(ROOM)[0]["properties"]["choices"]


def test_elements_of_a_list_are_checked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    task = Task(monkeypatch, capsys, *modules(ROOM))
    place: Result = {"building_sid": BUILDING_SID, "floor_sid": "FL" + "1" * 32, "unique_name": "lobby"}
    msg = task(**place, chairs=[{"wood": "oak", "legs": 4}, {"legs": 2}])["msg"]
    assert msg.startswith("chairs[1].legs: 2 is not ")
    assert task.wire.requests == []


def test_sids_are_normalized_at_any_depth_of_options() -> None:
    upper, lower = "KS" + "A" * 32, "KS" + "a" * 32
    options = {"service_sid": upper, "services": [{"sid": upper, "unique_name": upper}, "KS"], "limit": 5, "sid": None}
    assert normalized(options) == {
        "service_sid": lower,
        "services": [{"sid": lower, "unique_name": upper}, "KS"],
        "limit": 5,
        "sid": None,
    }
