# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test the documentation of the modules: what .ci/update_literals.py does not write."""

from __future__ import annotations

import importlib
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import OPERATIONS
from ansible_collections.twilio.proxy.plugins.module_utils._connection import CONNECTION
from ansible_collections.twilio.proxy.plugins.module_utils._resources import (
    ADVICE,
)
from ansible_collections.twilio.proxy.plugins.module_utils._task import Task

NAMESPACE = "ansible_collections.twilio.proxy.plugins"
MODULES = sorted(path.stem for path in (Path(__file__).parents[3] / "plugins" / "modules").glob("*.py"))
THAT_ADD_NUMBERS = ["phone_number", "services"]
HAZARD = "B(Adding a number overwrites its voice and SMS webhooks. Removing it does not restore them.)"

Docs = dict[str, t.Any]

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


def for_the_machine(option: Docs, inner: str) -> Docs:
    """What an argument spec and documentation both tell of an option; ``inner`` is their key for options in it."""
    told: Docs = {key: option[key] for key in ("type", "choices", "default", "required", "elements") if key in option}
    if inner in option:
        told["options"] = {name: for_the_machine(part, inner) for name, part in option[inner].items()}
    return told


@modules
def test_options_are_those_that_the_module_takes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    task = task_of(name, monkeypatch)
    documented = {option: for_the_machine(text, "suboptions") for option, text in options_of(name).items()}
    assert documented == {option: for_the_machine(spec, "options") for option, spec in task.options.items()}


def test_services_counts_each_operation() -> None:
    documented = literal("services", "RETURN")
    assert list(documented["summary"]["contains"]) == list(OPERATIONS)


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


def test_secrets_are_secrets() -> None:
    secrets = {name for name, option in CONNECTION.items() if option.secret}
    assert secrets == {"auth_token", "api_secret"}


def test_advice_is_whole_sentences() -> None:
    for text in ADVICE.values():
        assert text[0].isupper()
        assert text.endswith(".")
