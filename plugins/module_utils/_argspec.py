# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Options of tasks, from the tables: their argument specs, type checks and normalization."""

from __future__ import annotations

import re
import typing as t
from itertools import chain

from ansible_collections.twilio.proxy.plugins.module_utils._connection import CONNECTION, PAGING, Option
from ansible_collections.twilio.proxy.plugins.module_utils._resources import (
    RESOURCES,
    URL,
    Field,
    Resource,
    Rule,
)
from ansible_collections.twilio.proxy.plugins.module_utils._validation import QUOTE_ADVICE, is_not, quoted, secrets

Spec = t.Mapping[str, t.Any]

_RULES: dict[str, Rule | None] = {
    **{
        item.name: item.rule
        for resource in RESOURCES
        for field in (*resource.fields, *resource.creation_fields)
        for item in (field, *field.elements)
    },
    **{name: option.rule for name, option in CONNECTION.items()},
}
_URLS = {"base_url", *(name for name, rule in _RULES.items() if rule is URL)}


def normalized(params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the options in the form in which they are compared with what is read."""
    return {name: _normalized(value, _RULES.get(name)) for name, value in params.items()}


def _normalized(value: t.Any, rule: Rule | None) -> t.Any:
    if isinstance(value, list):
        return [normalized(item) if isinstance(item, dict) else item for item in value]
    return value if rule is None else rule.normalize(value)


def secrets_in(value: t.Any) -> t.Iterator[str]:
    """Yield the secrets of URLs, at any depth of options or results."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            # There may be very many objects, and nearly all of them have no secrets.
            for name, member in value.items():
                if isinstance(member, str):
                    if "@" in member or "=" in member:
                        yield from secrets(member, name in _URLS)
                elif isinstance(member, (dict, list, tuple)):
                    waiting.append(member)
        elif isinstance(value, (list, tuple)):
            waiting += [member for member in value if isinstance(member, (str, dict, list, tuple))]
        else:
            yield from secrets(value)


_BOOLEANS = frozenset({"yes", "on", "1", "true", "t", "y", "no", "off", "0", "false", "f", "n"})


def _is_integer(value: t.Any) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"\s*[+-]?[0-9]+\s*", value) is not None
    return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


def _is_boolean(value: t.Any) -> bool:
    return isinstance(value, bool) or str(value).lower() in _BOOLEANS


def _is_text(value: t.Any) -> bool:
    return isinstance(value, str)


#: What a value must be before Ansible converts it, by the type of its option.
_TYPES: t.Mapping[str, tuple[t.Callable[[t.Any], bool], str]] = {
    "str": (_is_text, "a string"),
    "path": (_is_text, "a string"),
    "int": (_is_integer, "an integer"),
    "bool": (_is_boolean, "true or false"),
    "list": (lambda value: isinstance(value, list), "a list"),
    "dict": (lambda value: isinstance(value, dict), "a mapping of options"),
}


def type_problems(options: Spec, params_raw: t.Mapping[str, t.Any], kind: type = object) -> list[str]:
    """Return a sentence for each value of this kind that is not of its option's type.

    Ansible would convert some of them. YAML does not read 0123, yes and 2026-11-23 as strings, and the string that
    Ansible makes of them may be the name of another object.
    """
    found = []
    for place, spec, value in walk({"type": "dict", "options": options}, params_raw):
        is_valid, words = _TYPES[spec["type"]]
        if isinstance(value, kind) and not is_valid(value):
            value_text = "the value" if spec.get("no_log") else quoted(value)
            advice = f" {QUOTE_ADVICE}" if is_valid is _is_text and not isinstance(value, (list, tuple, dict)) else ""
            found.append(is_not(place, value_text, words) + advice)
    return found


def walk(spec: Spec, value: t.Any, place: str = "") -> t.Iterator[tuple[str, Spec, t.Any]]:
    """Yield the place, the spec and the value of each option that has a value, and of each element of a list."""
    if spec["type"] == "list" and isinstance(value, (list, tuple)):
        inner = {**spec, "type": spec["elements"]}
        for number, element in enumerate(value):
            yield from walk(inner, element, f"{place}[{number}]")
    elif spec["type"] == "dict" and isinstance(value, dict):
        for name, option in spec["options"].items():
            if value.get(name) is not None:
                yield from walk(option, value[name], f"{place}.{name}".lstrip("."))
    elif spec["type"] == "list" and "options" not in spec:
        # Ansible reads a text as a list of texts, and would make such a list of a number.
        yield place, {**spec, "type": spec["elements"]}, value
    else:
        yield place, spec, value


def object_options(resource: Resource) -> tuple[dict[str, dict[str, t.Any]], dict[str, t.Any]]:
    """Return the options of a task that makes one object present or absent, and the rules about them."""
    names, parents = named_by(resource), parent_options(resource)
    alternatives = [names] * (len(names) > 1)
    exclusive = alternatives if resource.field(resource.name_field).immutable else []
    states = [*["present"] * ("create" in resource.operations), *["absent"] * ("delete" in resource.operations)]
    # A task about an object that can only be deleted has to set state.
    default = {"default": "present"} if "present" in states else {"required": True}
    return (
        {
            "state": {"type": "str", "choices": states, **default},
            **{name: {"type": "str"} for name in chain(*parents, names)},
            **{item.name: field_spec(item) for item in resource.settable},
            **({"sid": {"type": "str", "required": True}} if len(names) == 1 else {}),
            **({"create": {"type": "bool", "default": True}} if resource.sid_is_chosen else {}),
            **connection_specs(),
        },
        {
            "required_one_of": [*alternatives, *parents],
            "mutually_exclusive": [*exclusive, *parents],
        },
    )


def objects_options(resource: Resource) -> tuple[dict[str, dict[str, t.Any]], dict[str, t.Any]]:
    """Return the options of a task that reads objects, and the rules about them."""
    names, parents = named_by(resource), parent_options(resource)
    return (
        {
            **{name: {"type": "str"} for name in chain(*parents, names)},
            **{
                name: {"type": "list", "elements": "str", "choices": list(resource.field(name).choices or ())}
                for name in resource.filters
            },
            "properties": {"type": "list", "elements": "str", "choices": [item.name for item in resource.fields]},
            **{name: option_spec(option) for name, option in PAGING.items()},
            **connection_specs(),
        },
        {
            "required_one_of": [*parents],
            "mutually_exclusive": [*[names] * (len(names) > 1), *parents],
        },
    )


def named_by(resource: Resource) -> tuple[str, ...]:
    """Return the options that name an object of the resource, that of its SID first."""
    return tuple(dict.fromkeys(("sid", resource.name_field)))


def parent_options(resource: Resource) -> tuple[tuple[str, str], ...]:
    """Return the options that name each ancestor of the resource's objects, outermost first: its SID, or its name."""
    return tuple((f"{parent.key}_sid", f"{parent.key}_{parent.name_field}") for parent in resource.ancestors)


def field_spec(item: Field) -> dict[str, t.Any]:
    """Return a field as an option, in Ansible's form."""
    spec: dict[str, t.Any] = {"type": item.type, **({"choices": list(item.options)} if item.options else {})}
    if item.required:
        spec["required"] = True
    if item.elements:
        spec.update(elements="dict", options={element.name: field_spec(element) for element in item.elements})
    return spec


def option_spec(option: Option) -> dict[str, t.Any]:
    """Return an option of a table, in Ansible's form."""
    # no_log=False on purpose: the SID of an API key, like any other SID, is no secret.
    spec: dict[str, t.Any] = {"type": option.type, "no_log": option.secret}
    if option.type == "list":
        spec["elements"] = "str"
    if option.choices is not None:
        spec["choices"] = list(option.choices)
    return spec if option.default is None else {**spec, "default": option.default}


def connection_specs() -> dict[str, dict[str, t.Any]]:
    """Return the options of CONNECTION, in Ansible's form."""
    return {name: option_spec(option) for name, option in CONNECTION.items()}
