# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check JSON documents against a JSON Schema. Each problem is one sentence that names the place."""

from __future__ import annotations

import difflib
import json
import sys
import typing as t

if t.TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

Schema = t.Mapping[str, t.Any]

TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "a dictionary",
    "string": "a string",
}
BOUNDS = {"minimum": "less than", "maximum": "more than", "exclusiveMinimum": "not more than"}


def problems(schema: Schema, value: t.Any, root: str) -> list[str]:
    """Return all problems of the value, each as ``root.member[0]: problem.``."""
    if value == {} and schema["type"] == "object" and "required" not in schema:
        return []
    try:
        # Imported only when there is something to check: the default settings need nothing but Python.
        import jsonschema
    except ImportError:
        return [f"{root} cannot be checked. Install the Python library jsonschema (3.2 or newer) for {sys.executable}."]
    errors = sorted(jsonschema.Draft7Validator(schema).iter_errors(value), key=_place)
    # jsonschema reports each missing member, and _problem() names all of them.
    return list(dict.fromkeys(f"{root}{_place(error)}: {_problem(error)}" for error in errors))


def with_defaults(schema: Schema, value: t.Any) -> t.Any:
    """Return a copy of a valid value with the default of each member that was left out."""
    if isinstance(value, dict) and "properties" in schema:
        members: dict[str, Schema] = schema["properties"]
        complete = {name: member["default"] for name, member in members.items() if "default" in member}
        complete.update(value)
        return {name: with_defaults(members.get(name, {}), member) for name, member in complete.items()}
    if isinstance(value, list):
        return [with_defaults(schema.get("items", {}), item) for item in value]
    return value


def without_secrets(schema: Schema, value: t.Any) -> t.Any:
    """Return a copy of the value without the members that the schema marks ``writeOnly``."""
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


def _problem(error: ValidationError) -> str:
    rule, expected = error.validator, t.cast("t.Any", error.validator_value)
    schema, value = t.cast(Schema, error.schema), t.cast("t.Any", error.instance)
    if rule == "required":
        missing = [name for name in expected if name not in value]
        return f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing."
    if rule == "additionalProperties":
        return " ".join(_unknown(name, schema["properties"]) for name in value if name not in schema["properties"])
    if rule in ("minLength", "minItems"):
        return "the value is empty."
    if rule == "uniqueItems":
        return "a value is listed twice."
    # A container and what is marked writeOnly may hold a secret.
    secret = schema.get("writeOnly") or isinstance(value, (dict, list)) or "items" in schema or "properties" in schema
    subject = "the value" if secret else json.dumps(value, ensure_ascii=False)
    if rule == "type":
        names = [expected] if isinstance(expected, str) else expected
        return f"{subject} is not {' or '.join(TYPES[name] for name in names)}."
    if rule == "enum":
        return f"{subject} is not one of {', '.join(map(str, expected))}."
    if rule in BOUNDS:
        return f"{subject} is {BOUNDS[rule]} {expected}."
    return f"{subject} does not match {expected}."


def _unknown(name: str, known: t.Iterable[str]) -> str:
    similar = difflib.get_close_matches(name, known, n=1)
    return f"unknown option {name!r}" + (f"; did you mean {similar[0]}?" if similar else ".")
