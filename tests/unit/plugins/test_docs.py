# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The literal documentation of the modules against the tables that the code runs on, and against itself."""

from __future__ import annotations

import importlib
import inspect
import typing as t
from itertools import chain
from pathlib import Path

import pytest
import yaml

from ansible_collections.twilio.proxy.plugins.doc_fragments import _attributes, _connection
from ansible_collections.twilio.proxy.plugins.module_utils._argspec import parent_options
from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import OPERATIONS
from ansible_collections.twilio.proxy.plugins.module_utils._bulk_task import CONCURRENCY
from ansible_collections.twilio.proxy.plugins.module_utils._connection import CONNECTION, PAGING, Option
from ansible_collections.twilio.proxy.plugins.module_utils._resources import (
    ADVICE,
    PHONE_NUMBER,
    RESOURCES,
    SERVICE,
    Field,
    Resource,
)
from ansible_collections.twilio.proxy.plugins.module_utils._result import FAILURE_KEYS
from ansible_collections.twilio.proxy.plugins.module_utils._task import Task

NAMESPACE = "ansible_collections.twilio.proxy.plugins"
ONE_BY_ONE = [resource.key + suffix for resource in RESOURCES for suffix in ("", "_info")]
MODULES = [*ONE_BY_ONE, "services", "services_info"]
THAT_ADD_NUMBERS = ["phone_number", "services"]
HAZARD = "B(Adding a number overwrites its voice and SMS webhooks. Removing it does not restore them.)"

Docs = dict[str, t.Any]

resources = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.key)
modules = pytest.mark.parametrize("name", MODULES)


def module_of(name: str) -> t.Any:
    """The module's Python module."""
    return importlib.import_module(f"{NAMESPACE}.modules.{name}")


def literal(name: str, part: str) -> Docs:
    """A part of a module's documentation, read."""
    return t.cast(Docs, yaml.safe_load(getattr(module_of(name), part)))


def options_of(name: str) -> Docs:
    """The documented options of a module, with those of the fragments that it names."""
    documentation = literal(name, "DOCUMENTATION")
    options: Docs = {}
    for fragment in documentation["extends_documentation_fragment"]:
        file, _dot, variable = fragment.removeprefix("twilio.proxy.").partition(".")
        found = importlib.import_module(f"{NAMESPACE}.doc_fragments.{file}").ModuleDocFragment
        options.update(yaml.safe_load(getattr(found, variable.upper() or "DOCUMENTATION"))["options"])
    return {**options, **documentation.get("options", {})}


def task_of(name: str, monkeypatch: pytest.MonkeyPatch) -> Task:
    """The task that a module runs."""
    tasks: list[Task] = []
    monkeypatch.setattr(module_of(name), "run", tasks.append)
    module_of(name).main()
    (task,) = tasks
    return task


def params_raw(option: t.Mapping[str, t.Any]) -> str:
    """The description of an option or of a returned value, in one piece."""
    text = option["description"]
    return text if isinstance(text, str) else " ".join(text)


def for_the_machine(option: Docs, inner: str) -> Docs:
    """What an argument spec and documentation both tell of an option; ``inner`` is their key for options in it."""
    told: Docs = {key: option[key] for key in ("type", "choices", "default", "required", "elements") if key in option}
    if inner in option:
        told["options"] = {name: for_the_machine(part, inner) for name, part in option[inner].items()}
    return told


def returned(resource: Resource, name: str) -> Docs:
    """The documented fields of a returned object."""
    key = resource.list_key if name.endswith("_info") else resource.key
    return t.cast(Docs, literal(name, "RETURN")[key]["contains"])


@modules
def test_options_are_those_that_the_module_takes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    task = task_of(name, monkeypatch)
    documented = {option: for_the_machine(text, "suboptions") for option, text in options_of(name).items()}
    assert documented == {option: for_the_machine(spec, "options") for option, spec in task.options.items()}


@resources
def test_options_are_the_writable_fields(resource: Resource) -> None:
    options = options_of(resource.key)
    fields = {field.name for field in resource.writable}
    assert set(options) == {"state", "sid", *fields, *chain(*parent_options(resource)), *CONNECTION}
    for field in resource.writable:
        assert_field_is_told(field, options[field.name])


def assert_field_is_told(field: Field, option: Docs) -> None:
    text = params_raw(option)
    assert ('V("") clears it' in text) == field.clearable, f"{field.name} can be cleared, or not"
    if field.default is not None:
        assert f"V({yaml.safe_dump(field.default).split()[0]})" in text, f"what a new object has for {field.name}"
    if field.rule is not None:
        for limit in (field.rule.max_length, field.rule.minimum):
            assert limit is None or str(limit) in text


def test_entries_of_services_have_the_options_of_service_and_phone_number() -> None:
    entry = dict(options_of("services")["services"]["suboptions"])
    pool = entry.pop("phone_numbers")["suboptions"]
    service = {name: text for name, text in options_of("service").items() if name not in CONNECTION}
    assert entry == nested(service, "services[].")
    shared = [field.name for field in PHONE_NUMBER.writable]
    number = {name: text for name, text in options_of("phone_number").items() if name in shared}
    assert pool == nested(number, "services[].phone_numbers[].")


def nested(options: Docs, place: str) -> Docs:
    """The options as they are documented where they are suboptions."""
    return {
        name: {**option, "description": [line.replace("O(", f"O({place}") for line in option["description"]]}
        for name, option in options.items()
    }


@resources
@pytest.mark.parametrize("suffix", ["", "_info"])
def test_returned_objects_have_the_tables_fields(resource: Resource, suffix: str) -> None:
    documented = returned(resource, resource.key + suffix)
    assert list(documented) == [field.name for field in resource.fields]
    for field in resource.fields:
        assert documented[field.name]["type"] == field.type
        assert documented[field.name]["sample"] is not None
        assert ("V(null) if there is none" in params_raw(documented[field.name])) == field.clearable


@resources
def test_both_modules_describe_the_same_object(resource: Resource) -> None:
    assert returned(resource, resource.key) == returned(resource, f"{resource.key}_info")
    properties = options_of(f"{resource.key}_info")["properties"]
    assert properties["choices"] == [field.name for field in resource.fields]


def test_services_info_returns_what_services_takes() -> None:
    entry = dict(literal("services_info", "RETURN")["services"]["contains"])
    pool = entry.pop("phone_numbers")["contains"]
    assert list(entry) == ["sid", *(field.name for field in SERVICE.writable)]
    assert list(pool) == [field.name for field in PHONE_NUMBER.writable if field.name != "sid"]
    for resource, documented in ((SERVICE, entry), (PHONE_NUMBER, pool)):
        whole = returned(resource, resource.key)
        for name, value in documented.items():
            assert value["type"] == whole[name]["type"]
            # Here, what has no value is an empty string, and not null.
            assert params_raw(value) == params_raw(whole[name]).removesuffix(" V(null) if there is none.")


def test_services_counts_each_operation() -> None:
    documented = literal("services", "RETURN")
    assert list(documented["summary"]["contains"]) == list(OPERATIONS)


@modules
def test_failures_are_documented_alike(name: str) -> None:
    first = literal(MODULES[0], "RETURN")
    documented = {key: entry for key, entry in literal(name, "RETURN").items() if entry["returned"] == "failure"}
    assert list(documented) == list(FAILURE_KEYS)
    assert documented == {key: first[key] for key in FAILURE_KEYS}


def test_an_entrys_error_is_documented_as_a_failure_is() -> None:
    documented = dict(literal("services", "RETURN")["services"]["contains"]["error"]["contains"])
    documented.pop("msg")
    failure = literal("services", "RETURN")
    assert documented == {key: without(failure[key], "returned") for key in FAILURE_KEYS}


def without(entry: Docs, key: str) -> Docs:
    return {name: value for name, value in entry.items() if name != key}


@modules
def test_returned_names_are_no_methods_of_a_dict(name: str) -> None:
    # In a template, result.items would be the method. ansible-core 2.21 refuses them.
    def names(documented: Docs) -> t.Iterator[str]:
        for key, entry in documented.items():
            yield key
            yield from names(entry.get("contains", {}))

    assert set(names(literal(name, "RETURN"))).isdisjoint(dir(dict))


@pytest.mark.parametrize("name", THAT_ADD_NUMBERS)
def test_the_hazard_of_adding_a_number_is_told(name: str) -> None:
    assert HAZARD in literal(name, "DOCUMENTATION")["description"]


def test_the_connection_options_are_documented_as_they_are() -> None:
    options = yaml.safe_load(_connection.ModuleDocFragment.DOCUMENTATION)["options"]
    assert list(options) == list(CONNECTION)
    for name, option in CONNECTION.items():
        assert (f"E({option.env})" in params_raw(options[name])) == (option.env is not None)


@pytest.mark.parametrize(
    ("name", "table"),
    [("service_info", PAGING), ("phone_number_info", PAGING), ("services", CONCURRENCY), ("service", CONNECTION)],
)
def test_bounds_are_documented_as_they_are(name: str, table: t.Mapping[str, Option]) -> None:
    options = options_of(name)
    for option, row in table.items():
        if row.rule is not None and row.rule.maximum is not None:
            assert f"V({row.rule.minimum}) to V({row.rule.maximum})" in params_raw(options[option])


def test_secrets_are_secrets() -> None:
    secrets = {name for name, option in CONNECTION.items() if option.secret}
    assert secrets == {"auth_token", "api_secret"}


@modules
def test_modules_are_thin_and_documented(name: str) -> None:
    assert len(inspect.getsource(module_of(name).main).splitlines()) == 2
    documentation = literal(name, "DOCUMENTATION")
    assert documentation["module"] == name
    assert documentation["seealso"]
    assert "twilio.proxy._connection" in documentation["extends_documentation_fragment"]
    assert yaml.safe_load(module_of(name).EXAMPLES)
    attributes = yaml.safe_load(_attributes.ModuleDocFragment.DOCUMENTATION)["attributes"]
    assert set(attributes) == {"check_mode", "diff_mode", "idempotent", "action", "action_group"}


def test_every_module_is_looked_at() -> None:
    assert sorted(MODULES) == sorted(path.stem for path in Path(module_of("service").__file__).parent.glob("*.py"))


def test_advice_is_whole_sentences() -> None:
    for text in ADVICE.values():
        assert text[0].isupper()
        assert text.endswith(".")
