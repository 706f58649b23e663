# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The tables read as the JSON Schema of an estate file, and what is wrong with an estate. Pure.

An estate is the list of Services that an account shall have, with their number pools. Its schema is for three readers:
editors, which show the raw file while it is written, programs that check the raw file, and services_problems(), which
checks what Ansible made of it. So a value may be a template, and where a rule is broken the schema says so itself, in
``errorMessage``, which editors know too.
"""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import Entry, named_twice
from ansible_collections.twilio.proxy.plugins.module_utils._resources import (
    PHONE_NUMBER,
    SERVICE,
    URL,
    Field,
    Resource,
    Rule,
    normalize_sid,
)
from ansible_collections.twilio.proxy.plugins.module_utils._validation import quoted

#: The one key of an estate file.
SERVICES_KEY = "proxy_services"
#: The key of an entry that holds its number pool.
POOL = PHONE_NUMBER.list_key
STATE = Field("state", choices=("present", "absent"))

_JSON_TYPES: t.Mapping[str, str] = {"str": "string", "int": "integer", "bool": "boolean"}
# "$" would let a line break pass in Python, and "\Z" is not known elsewhere.
_END = r"(?![\s\S])"
_TEMPLATE = r"\{[{%]"
_EMPTY = f"^{_END}"
# ansible-core before 2.19 makes texts of templated numbers.
_DIGITS = f"^[0-9]+{_END}"

Schema = dict[str, t.Any]


def options_of(resource: Resource) -> tuple[Field, ...]:
    """The fields that an entry of an estate may have: what names the object, and what can be written."""
    return tuple(field for field in resource.fields if field.name == "sid" or field.writable)


def services_schema() -> Schema:
    """The JSON Schema (draft 7) of an estate file."""
    number = {
        **_mapping({field.name: _field(field) for field in options_of(PHONE_NUMBER)}),
        **_named_by("sid", PHONE_NUMBER.name_field),
        "dependencies": {
            "sid": {"properties": {PHONE_NUMBER.name_field: _refusing({}, "left out where sid is given")}},
        },
    }
    service = {
        **_mapping(
            {
                **{field.name: _field(field) for field in options_of(SERVICE)},
                STATE.name: _field(STATE),
                POOL: _list(number, "The number pool."),
            }
        ),
        **_named_by("sid", SERVICE.name_field),
        "dependencies": {
            POOL: {"properties": {"state": _refusing({"const": "absent"}, f"present where {POOL} is given")}},
        },
    }
    return {
        **_mapping({SERVICES_KEY: _list(service, "The Services of an account, as twilio.proxy.services takes them.")}),
        "required": [SERVICES_KEY],
    }


def _mapping(properties: Schema) -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _named_by(sid: str, name_field: str) -> Schema:
    """Either of the two is needed. Said in this way, because a failed anyOf does not tell what is missing."""
    return {"if": {"required": [sid]}, "else": {"required": [name_field]}}


def _refusing(schema: Schema, rule: str) -> Schema:
    return {"not": schema, "errorMessage": f"It must be {rule}."}


def _list(items: Schema, description: str) -> Schema:
    leaf = {"type": "array", "items": _or_text(items), "errorMessage": "It must be a list."}
    return {"description": description, **_or_text(leaf)}


def _field(field: Field) -> Schema:
    rule = f"It must be {rule_of(field)}."
    leaf: Schema = {"type": _JSON_TYPES[field.type], **_limits(field), "errorMessage": rule}
    texts = ([_EMPTY] if field.clearable else []) + ([_DIGITS] if field.type == "int" else [])
    return {"description": rule, **_or_text(leaf, *texts)}


def _or_text(schema: Schema, *patterns: str) -> Schema:
    """The schema, a template or a text of one of the patterns. A failed anyOf would not tell which rule is broken."""
    return {"if": {"type": "string", "pattern": "|".join([*patterns, _TEMPLATE])}, "else": schema}


def _limits(field: Field) -> Schema:
    rule = field.rule or Rule("")
    found = {
        "enum": None if field.choices is None else list(field.choices),
        "pattern": None if rule.pattern is None else f"^(?:{rule.pattern}){_END}",
        "minLength": rule.min_length,
        "maxLength": rule.max_length,
        "minimum": rule.minimum,
        "maximum": rule.maximum,
    }
    return {keyword: value for keyword, value in found.items() if value is not None}


def rule_of(field: Field) -> str:
    """What a value of the field must be; completes the sentence "it must be ..."."""
    if field.choices is not None:
        rule = "one of " + ", ".join(field.choices)
    elif field.rule is not None:
        rule = field.rule.text
    else:
        rule = "true or false"
    return rule + (', or "" to clear it' if field.clearable else "")


def services_problems(services: t.Any, name: str = SERVICES_KEY) -> list[str]:
    """What is wrong with an estate, which stands under ``name``: a sentence each.

    What the schema finds comes in the order of the list, and after it the entries that name one object. Raises
    ImportError if jsonschema is missing.
    """
    from jsonschema import Draft7Validator  # costly, and needed by those alone who check an estate

    errors = Draft7Validator(services_schema()).iter_errors({SERVICES_KEY: services})
    found: dict[tuple[t.Any, ...], str] = {}
    for error in sorted(errors, key=lambda error: _order(error.absolute_path)):
        # A value that is of the wrong type also breaks every other rule.
        for key, sentence in _sentences(error, name):
            found.setdefault((*error.absolute_path, key), sentence)
    return [*found.values(), *_named_twice(services, name)]


def _named_twice(services: t.Any, name: str) -> list[str]:
    # The schema has its own words for what is not of the expected type.
    found = []
    for place, service in _mappings(services, name):
        numbers = _mappings(service.get(POOL), f"{place}.{POOL}")
        found += named_twice(PHONE_NUMBER, [_names(PHONE_NUMBER, *number) for number in numbers])
    return found + named_twice(SERVICE, [_names(SERVICE, *service) for service in _mappings(services, name)])


def _mappings(items: t.Any, place: str) -> list[tuple[str, dict[t.Any, t.Any]]]:
    numbered = enumerate(items) if isinstance(items, (list, tuple)) else ()
    return [(f"{place}[{number}]", item) for number, item in numbered if isinstance(item, dict)]


def _names(resource: Resource, place: str, item: dict[t.Any, t.Any]) -> Entry:
    """What the item says about which object it means."""
    texts = {option: value for option, value in item.items() if isinstance(value, str)}
    sid = normalize_sid(texts.get("sid"))
    name = {resource.name_field: texts[resource.name_field]} if resource.name_field in texts else {}
    return Entry(place, name, sid, item.get(STATE.name) == "absent")


def _order(path: t.Iterable[t.Any]) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (-1, step) for step in path]


def _sentences(error: t.Any, name: str) -> list[tuple[t.Any, str]]:
    """What an error of jsonschema means, with what makes it another one than those of the same place."""
    path = list(error.absolute_path)
    place = name + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path[1:])
    if error.validator == "required":
        return [(error.validator, f"{place}: sid or {error.validator_value[0]} is missing, it has to be named.")]
    if error.validator == "additionalProperties":
        options = error.schema["properties"]
        return [
            (key, f"{place}: unknown option {quoted(str(key))}; {_meant(str(key), list(options))}")
            for key in error.instance
            if key not in options
        ]
    rule = error.schema.get("errorMessage", "It must be a mapping of options.")
    refused = f"{place}: {_told(path[-1], error.instance)} is refused, {rule[0].lower()}{rule[1:]}"
    return [(None, refused + _hint(error))]


def _meant(name: str, options: list[str]) -> str:
    near = difflib.get_close_matches(name, options, n=1)
    return f"did you mean {near[0]}?" if near else f"the options are {', '.join(options)}."


def _told(option: t.Any, value: t.Any) -> str:
    """The value for a message. One that has parts is not shown: what is wrong is that it has them."""
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if not isinstance(value, (str, int, float)):
        return str(value)
    return quoted(value, meant_as_url=any(field.name == option and field.rule is URL for field in SERVICE.fields))


def _hint(error: t.Any) -> str:
    if error.instance is None:
        return " To leave it as it is, leave it out." if error.schema.get("type") in _JSON_TYPES.values() else ""
    text = error.schema.get("type") == "string" and "enum" not in error.schema
    if text and not isinstance(error.instance, (str, dict, list)):
        return " To have it as a text, put it into quotes."
    return ""
