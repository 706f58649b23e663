# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The literal documentation of the modules against the tables that the code runs on."""

from __future__ import annotations

import importlib
import inspect
import typing as t

import pytest
import yaml

from ansible_collections.twilio.proxy.plugins.doc_fragments import _attributes, _connection
from ansible_collections.twilio.proxy.plugins.module_utils import _module
from ansible_collections.twilio.proxy.plugins.module_utils._connection import CONNECTION
from ansible_collections.twilio.proxy.plugins.module_utils._resources import ADVICE, MAX_PAGE_SIZE, SERVICE, Resource

RESOURCES = [SERVICE]
MODULES = [resource.key for resource in RESOURCES] + [f"{resource.key}_info" for resource in RESOURCES]


def module_of(name: str) -> t.Any:
    """The module's Python module."""
    return importlib.import_module(f"ansible_collections.twilio.proxy.plugins.modules.{name}")


def literal(name: str, part: str) -> dict[str, t.Any]:
    """A part of a module's documentation, read."""
    return t.cast("dict[str, t.Any]", yaml.safe_load(getattr(module_of(name), part)))


def returned(resource: Resource, name: str) -> dict[str, t.Any]:
    """The documented fields of a returned object."""
    key = resource.list_key if name.endswith("_info") else resource.key
    return t.cast("dict[str, t.Any]", literal(name, "RETURN")[key]["contains"])


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.key)
def test_options_are_the_writable_fields(resource: Resource) -> None:
    options = literal(resource.key, "DOCUMENTATION")["options"]
    assert set(options) == {"state", "sid", *(field.name for field in resource.writable)}
    for field in resource.writable:
        option, text = options[field.name], " ".join(options[field.name]["description"])
        assert option["type"] == field.type
        assert option.get("choices") == (None if field.choices is None else list(field.choices))
        assert ('V("") clears it' in text) == field.clearable, f"{field.name} can be cleared, or not"
        if field.default is not None:
            assert f"V({field.default})" in text, f"what a new object has for {field.name}"
        if field.rule is not None:
            for limit in (field.rule.max_length, field.rule.minimum):
                assert limit is None or str(limit) in text


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.key)
@pytest.mark.parametrize("suffix", ["", "_info"])
def test_returned_objects_have_the_tables_fields(resource: Resource, suffix: str) -> None:
    documented = returned(resource, resource.key + suffix)
    assert list(documented) == [field.name for field in resource.fields]
    for field in resource.fields:
        assert documented[field.name]["type"] == field.type
        assert documented[field.name]["sample"] is not None
        says_null = "V(null) if there is none" in documented[field.name]["description"]
        assert says_null == field.clearable


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.key)
def test_both_modules_describe_the_same_object(resource: Resource) -> None:
    assert returned(resource, resource.key) == returned(resource, f"{resource.key}_info")
    properties = literal(f"{resource.key}_info", "DOCUMENTATION")["options"]["properties"]
    assert properties["choices"] == [field.name for field in resource.fields]


@pytest.mark.parametrize("name", MODULES)
def test_failures_are_documented_alike(name: str) -> None:
    first = literal(MODULES[0], "RETURN")
    documented = {key: entry for key, entry in literal(name, "RETURN").items() if entry["returned"] == "failure"}
    assert list(documented) == list(_module.FAILURE_KEYS)
    assert documented == {key: first[key] for key in _module.FAILURE_KEYS}


def test_the_connection_options_are_documented_as_they_are() -> None:
    options = yaml.safe_load(_connection.ModuleDocFragment.DOCUMENTATION)["options"]
    assert list(options) == list(CONNECTION)
    for name, option in CONNECTION.items():
        text = " ".join(options[name]["description"])
        assert options[name]["type"] == option.type
        assert options[name].get("default") == option.default
        assert (f"E({option.env})" in text) == (option.env is not None)
        if option.rule is not None and option.rule.maximum is not None:
            assert f"V({option.rule.minimum}) to V({option.rule.maximum})" in text


def test_the_page_size_is_documented_as_it_is() -> None:
    text = " ".join(literal("service_info", "DOCUMENTATION")["options"]["page_size"]["description"])
    assert f"V(1) to V({MAX_PAGE_SIZE})" in text


def test_secrets_are_secrets() -> None:
    secrets = {name for name, option in CONNECTION.items() if option.secret}
    assert secrets == {"auth_token", "api_secret"}


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_thin_and_documented(name: str) -> None:
    assert len(inspect.getsource(module_of(name).main).splitlines()) == 2
    documentation = literal(name, "DOCUMENTATION")
    assert documentation["module"] == name
    assert documentation["seealso"]
    assert "twilio.proxy._connection" in documentation["extends_documentation_fragment"]
    assert yaml.safe_load(module_of(name).EXAMPLES)
    attributes = yaml.safe_load(_attributes.ModuleDocFragment.DOCUMENTATION)["attributes"]
    assert set(attributes) == {"check_mode", "diff_mode", "idempotent", "action_group"}


def test_advice_is_whole_sentences() -> None:
    for text in ADVICE.values():
        assert text[0].isupper()
        assert text.endswith(".")
