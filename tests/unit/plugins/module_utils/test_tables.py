# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the modules and those of the emulator agree. Both are written by hand."""

from __future__ import annotations

import pytest
from proxy_emulator.resources import Resource as EmulatorResource
from proxy_emulator.services import SERVICE as EMULATOR_SERVICE

from ansible_collections.twilio.proxy.plugins.module_utils._resources import RESOURCES, Resource


def emulated(resource: Resource) -> EmulatorResource:
    """Return the emulator's table of the resource."""
    level: tuple[EmulatorResource, ...] = (EMULATOR_SERVICE,)
    while level:
        for found in level:
            if found.key == resource.list_key:
                return found
        level = tuple(child for parent in level for child in parent.children)
    pytest.fail(f"Add {resource.name} to the children of its parent in roles/emulator/files/proxy_emulator/")


resources = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.key)


@resources
def test_the_emulator_has_the_same_writable_fields(resource: Resource) -> None:
    table = {field.name: (field.param, field.clearable, field.immutable) for field in resource.writable}
    other = emulated(resource)
    assert {field.name: (field.parameter, field.clearable, field.immutable) for field in other.fields} == table
    assert set(other.operations) == set(resource.operations)
    assert other.absent_code == resource.absent_code


@resources
def test_the_emulator_has_the_same_limits_of_lengths(resource: Resource) -> None:
    for field in resource.writable:
        limit = field.rule.max_length if field.rule and not field.rule.pattern else None
        if limit is not None:
            rule = emulated(resource).field(field.name).rule
            assert rule("☎" * limit, {}) == "☎" * limit
            with pytest.raises(ValueError, match="characters"):
                rule("☎" * (limit + 1), {})


@resources
def test_the_text_of_a_rule_has_its_limits(resource: Resource) -> None:
    for rule in (field.rule for field in resource.writable if field.rule):
        limits = (rule.min_length, rule.max_length, rule.minimum, rule.maximum)
        assert [limit for limit in limits if limit is not None and str(limit) not in rule.text] == []
