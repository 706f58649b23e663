# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON Schema checks whose findings name the place and the rule, and never repeat the value, which may be secret."""

from __future__ import annotations

import typing as t

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

Schema = t.Mapping[str, t.Any]


def problems(schema: Schema, value: t.Any, root: str) -> list[str]:
    """Everything that is wrong with the value, each as ``root.member[0]: rule``; empty when nothing is."""
    errors = sorted(Draft7Validator(schema).iter_errors(value), key=lambda error: [str(part) for part in error.path])
    return [f"{root}{_place(error)}: {_rule(error)}" for error in errors]


def with_defaults(schema: Schema, value: t.Any) -> t.Any:
    """A copy of a valid value in which every member that was left out has the default of its schema."""
    if isinstance(value, dict) and "properties" in schema:
        members: dict[str, Schema] = schema["properties"]
        given = {name: member["default"] for name, member in members.items() if "default" in member}
        given.update(value)
        return {name: with_defaults(members.get(name, {}), member) for name, member in given.items()}
    if isinstance(value, list):
        return [with_defaults(schema.get("items", {}), item) for item in value]
    return value


def without_secrets(schema: Schema, value: t.Any) -> t.Any:
    """A copy of the value without the members that their schema marks ``writeOnly``."""
    if isinstance(value, dict):
        members: dict[str, Schema] = schema.get("properties", {})
        return {
            name: without_secrets(members.get(name, {}), member)
            for name, member in value.items()
            if not members.get(name, {}).get("writeOnly")
        }
    if isinstance(value, list):
        return [without_secrets(schema.get("items", {}), item) for item in value]
    return value


def _place(error: ValidationError) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)


def _rule(error: ValidationError) -> str:
    wanted: t.Any = error.validator_value
    value: t.Any = error.instance
    if error.validator == "required":
        return "lacks " + ", ".join(name for name in wanted if name not in value)
    if error.validator == "additionalProperties":
        return "does not know " + ", ".join(sorted(set(value) - set(t.cast(Schema, error.schema)["properties"])))
    if error.validator == "type":
        return "must be " + " or ".join([wanted] if isinstance(wanted, str) else wanted)
    if error.validator == "enum":
        return "must be one of " + ", ".join(str(choice) for choice in wanted)
    return f"must satisfy {error.validator} {wanted}"
