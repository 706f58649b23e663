# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role offers every setting of the emulator, under the same name and with the same meaning."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml
from proxy_emulator.settings import SCHEMA

ROLE = Path(__file__).resolve().parents[4] / "roles" / "emulator"
OWN = {"emulator_state", "emulator_directory"}
TYPES = {
    "integer": "int",
    "number": "float",
    "string": "str",
    "boolean": "bool",
    "array": "list",
    "object": "dict",
}


def load(path: str) -> t.Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


OPTIONS = load("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
DEFAULTS = load("defaults/main.yml")


def expected_type(rule: t.Mapping[str, t.Any]) -> str:
    if "enum" in rule:
        return "int" if isinstance(rule["enum"][0], int) else "str"
    names = [name for name in [rule["type"]] if isinstance(name, str)] or [n for n in rule["type"] if n != "null"]
    if len(names) == 1:
        return TYPES[names[0]]
    return "raw" if "boolean" in names else "str"


def expected_option(rule: t.Mapping[str, t.Any], required: bool) -> dict[str, t.Any]:
    """The option in an argument spec that says the same as a member of the JSON Schema."""
    option: dict[str, t.Any] = {"description": [rule["description"]], "type": expected_type(rule)}
    if required:
        option["required"] = True
    if rule.get("default") is not None:
        option["default"] = rule["default"]
    if rule.get("writeOnly"):
        option["no_log"] = True
    inner = rule.get("items", rule)
    if option["type"] == "list":
        option["elements"] = expected_type(inner)
    if "enum" in inner:
        option["choices"] = inner["enum"]
    if "properties" in inner:
        option["options"] = expected_options(inner)
    return option


def expected_options(schema: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    required = schema.get("required", [])
    return {name: expected_option(rule, name in required) for name, rule in schema["properties"].items()}


def test_the_argument_spec_says_what_the_schema_says() -> None:
    expected = {f"emulator_{name}": option for name, option in expected_options(SCHEMA).items()}
    assert {name: option for name, option in OPTIONS.items() if name not in OWN} == expected


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_every_option_is_described_and_has_its_default(name: str) -> None:
    assert "".join(OPTIONS[name]["description"]).strip()
    assert DEFAULTS[name] == OPTIONS[name].get("default")


def test_the_defaults_are_those_of_options() -> None:
    assert set(DEFAULTS) == set(OPTIONS)


def test_the_role_passes_every_setting_on() -> None:
    passed = re.findall(r"'(\w+)': .*?\bemulator_\1\b", load("vars/main.yml")["emulator_settings"])
    assert passed == list(SCHEMA["properties"])


def test_the_readme_names_every_variable() -> None:
    readme = (ROLE / "README.md").read_text(encoding="utf-8")
    assert [name for name in OPTIONS if f"`{name}`" not in readme] == []
