# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the modules' documentation that .ci/update_literals.py does not write."""

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
from ansible_collections.twilio.proxy.plugins.module_utils._sessions_plan import SESSION_OPERATIONS
from ansible_collections.twilio.proxy.plugins.module_utils._task import Task

NAMESPACE = "ansible_collections.twilio.proxy.plugins"
MODULES = sorted(path.stem for path in (Path(__file__).parents[3] / "plugins" / "modules").glob("*.py"))

Docs = dict[str, t.Any]

modules = pytest.mark.parametrize("name", MODULES)


def module_of(name: str) -> t.Any:
    """Return the module's Python module."""
    return importlib.import_module(f"{NAMESPACE}.modules.{name}")


def literal(name: str, part: str) -> Docs:
    """Return a part of a module's documentation, parsed."""
    return t.cast(Docs, yaml.safe_load(getattr(module_of(name), part)))


def options_of(name: str) -> Docs:
    """Return the documented options of a module, with those of its fragments."""
    documentation = literal(name, "DOCUMENTATION")
    options: Docs = {}
    for fragment in documentation["extends_documentation_fragment"]:
        file, _dot, variable = fragment.removeprefix("twilio.proxy.").partition(".")
        found = importlib.import_module(f"{NAMESPACE}.doc_fragments.{file}").ModuleDocFragment
        options.update(yaml.safe_load(getattr(found, variable.upper() or "DOCUMENTATION"))["options"])
    return {**options, **documentation.get("options", {})}


def task_of(name: str, monkeypatch: pytest.MonkeyPatch) -> Task:
    """Return the task that a module runs."""
    tasks: list[Task] = []
    monkeypatch.setattr(module_of(name), "run", tasks.append)
    module_of(name).main()
    (task,) = tasks
    return task


def argument_attributes(option: Docs, inner: str) -> Docs:
    """Return the attributes of an option that argument specs and documentation share.

    ``inner`` is their key for suboptions.
    """
    attributes: Docs = {
        key: option[key] for key in ("type", "choices", "default", "required", "elements") if key in option
    }
    if inner in option:
        attributes["options"] = {name: argument_attributes(part, inner) for name, part in option[inner].items()}
    return attributes


@modules
def test_the_documented_options_are_those_of_the_argument_spec(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    task = task_of(name, monkeypatch)
    documented = {option: argument_attributes(text, "suboptions") for option, text in options_of(name).items()}
    assert documented == {option: argument_attributes(spec, "options") for option, spec in task.options.items()}


@pytest.mark.parametrize(("name", "operations"), [("services", OPERATIONS), ("sessions", SESSION_OPERATIONS.values())])
def test_a_bulk_module_counts_each_operation(name: str, operations: t.Iterable[str]) -> None:
    documented = literal(name, "RETURN")
    assert list(documented["summary"]["contains"]) == list(operations)


@modules
def test_returned_names_are_no_methods_of_a_dict(name: str) -> None:
    # In a template, result.items would be the method. ansible-core 2.21 refuses them.
    def names(documented: Docs) -> t.Iterator[str]:
        for key, entry in documented.items():
            yield key
            yield from names(entry.get("contains", {}))

    assert set(names(literal(name, "RETURN"))).isdisjoint(dir(dict))


def test_secret_options_have_no_log() -> None:
    secrets = {name for name, option in CONNECTION.items() if option.secret}
    assert secrets == {"auth_token", "api_secret"}


def test_advice_consists_of_whole_sentences() -> None:
    for text in ADVICE.values():
        assert text[0].isupper()
        assert text.endswith(".")
