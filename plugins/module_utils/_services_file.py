# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The services file: the list of the Services of an account, with their number pools. Pure: no I/O, no Ansible.

as_entries() makes the list of an account, services_schema() is its JSON Schema, and services_problems() says what is
wrong with one.

The schema has three readers: editors, programs that check the raw file, and services_problems(), which checks what
Ansible made of it. So a value may be a template, and the schema says what a value must be in ``errorMessage``, which
editors know too.
"""

from __future__ import annotations

import difflib
import re
import typing as t

from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import Entry, named_twice, place_of
from ansible_collections.twilio.proxy.plugins.module_utils._plan import new_object
from ansible_collections.twilio.proxy.plugins.module_utils._resources import (
    PHONE_NUMBER,
    SERVICE,
    URL,
    Field,
    Object,
    Resource,
    Rule,
    normalize_sid,
)
from ansible_collections.twilio.proxy.plugins.module_utils._validation import (
    CLEARS,
    QUOTE_ADVICE,
    no_value,
    problems,
    quoted,
    secrets,
)

#: The one key of a services file.
SERVICES_KEY = "proxy_services"
#: The key of an entry that holds its number pool.
POOL = PHONE_NUMBER.list_key
STATE = Field("state", choices=("present", "absent"))
#: One name or a list of names.
PREVIOUS_NAME = Field("previous_name", rule=SERVICE.field(SERVICE.name_field).rule)

_JSON_TYPES: t.Mapping[str, str] = {"str": "string", "int": "integer", "bool": "boolean"}
# "$" would let a line break pass in Python, and "\Z" is not known elsewhere.
_END = r"(?![\s\S])"
_TEMPLATE = r"\{[{%]"
_EMPTY = f"^{_END}"
# ansible-core before 2.19 converts templated numbers to texts.
_DIGITS = f"^[0-9]+{_END}"

_NOT_WITH = "cannot be combined with"
_A_SID = re.compile("[A-Z]{2}[0-9a-fA-F]{32}")

Schema = dict[str, t.Any]
#: Where a value is in the list: (3, "phone_numbers", 0, "is_reserved").
Path = tuple[t.Any, ...]


def options_of(resource: Resource) -> tuple[Field, ...]:
    """Return the fields that an entry may have: those that name the object, and those that can be written."""
    return tuple(field for field in resource.fields if field.name == "sid" or field.writable)


class LeftOut(t.NamedTuple):
    """A value that is not in the list: it contains a secret or a SID, or it is a name that is missing.

    ``reason`` is ``secret``, ``sid`` or ``name``.
    """

    service: str | None
    option: str
    reason: str


def as_entries(
    resource: Resource,
    account: t.Iterable[tuple[Object, t.Sequence[Object] | None]],
    *,
    full: bool,
    with_sids: bool,
    with_secrets: bool,
) -> tuple[list[Object], list[LeftOut]]:
    """Return an entry for each object, sorted by name, and the values that are left out.

    An entry has the values that a new object would not have, or with ``full`` all of them. Without ``with_sids`` it
    has none that means an object of this account, so that the list can be applied to another one. Without
    ``with_secrets`` it has no URL that holds a secret.
    """
    child = resource.child
    entries: list[Object] = []
    left_out: list[LeftOut] = []
    for item, children in sorted(account, key=lambda pair: (pair[0][resource.name_field] or "", pair[0]["sid"])):
        name = item[resource.name_field]
        if not name and not with_sids:
            left_out.append(LeftOut(name, resource.name_field, "name"))
            continue
        fields, omitted = _fields_of(resource, item, full, with_sids, with_secrets)
        left_out += [LeftOut(name, option, reason) for option, reason in omitted]
        entry = {"sid": item["sid"], **fields} if with_sids else fields
        child_entries = [
            _fields_of(child, child_item, full, with_sids=False, with_secrets=False)[0] for child_item in children or []
        ]
        if any(child.name_field not in child_entry for child_entry in child_entries):
            # A pool without one of its numbers would remove that number.
            left_out.append(LeftOut(name, child.list_key, "name"))
        elif child_entries or full:
            entry[child.list_key] = sorted(child_entries, key=lambda child_entry: str(child_entry[child.name_field]))
        entries.append(entry)
    return entries, left_out


def _fields_of(
    resource: Resource, item: Object, full: bool, with_sids: bool, with_secrets: bool
) -> tuple[Object, list[tuple[str, str]]]:
    new = new_object(resource)
    fields: Object = {}
    omitted = []
    for field in resource.writable:
        value = item[field.name]
        reason = None if value is None else _reason_to_leave_out(field, value, with_sids, with_secrets)
        if field.name == "sid" or (value is None and not (full and field.clearable)):
            continue
        if reason is not None:
            omitted.append((field.name, reason))
        elif full or value != new[field.name]:
            fields[field.name] = "" if value is None else value
    return fields, omitted


def _reason_to_leave_out(field: Field, value: t.Any, with_sids: bool, with_secrets: bool) -> str | None:
    if field.rule is URL and not with_secrets and secrets(value, is_url=True):
        return "secret"
    # A SID is of one account, as the value and as a part of a URL.
    if field.clearable and not with_sids and _A_SID.search(value):
        return "sid"
    return None


def services_schema() -> Schema:
    """Return the JSON Schema (draft 7) of a services file."""
    number = {
        **_mapping({field.name: _field(field) for field in options_of(PHONE_NUMBER)}),
        **_named_by("sid", PHONE_NUMBER.name_field),
        "dependencies": {
            "sid": {"properties": {PHONE_NUMBER.name_field: _refusing({}, "sid")}},
        },
    }
    service = {
        **_mapping(
            {
                **{field.name: _field(field) for field in options_of(SERVICE)},
                PREVIOUS_NAME.name: _one_or_list(_field(PREVIOUS_NAME)),
                STATE.name: _field(STATE),
                POOL: _list(number, "The number pool."),
            }
        ),
        **_named_by("sid", SERVICE.name_field),
        "dependencies": {
            POOL: {"properties": {"state": _refusing({"const": "absent"}, POOL)}},
            PREVIOUS_NAME.name: {
                "properties": {
                    "sid": _refusing({}, PREVIOUS_NAME.name),
                    "state": _refusing({"const": "absent"}, PREVIOUS_NAME.name),
                }
            },
        },
    }
    return {
        **_mapping({SERVICES_KEY: _list(service, "The Services of an account, as twilio.proxy.services takes them.")}),
        "required": [SERVICES_KEY],
    }


def _mapping(properties: Schema) -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _named_by(sid: str, name_field: str) -> Schema:
    """Require one of the two. A failed anyOf would not name the missing one."""
    return {"if": {"required": [sid]}, "else": {"required": [name_field]}}


def _refusing(schema: Schema, option: str) -> Schema:
    return {"not": schema, "errorMessage": f"This {_NOT_WITH} {option}."}


def _list(items: Schema, description: str) -> Schema:
    leaf = {"type": "array", "items": _or_text(items), "errorMessage": "This is not a list."}
    return {"description": description, **_or_text(leaf)}


def _one_or_list(schema: Schema) -> Schema:
    rule = {name: value for name, value in schema.items() if name != "description"}
    return {
        "description": f"{schema['description'].rstrip('.')}, or a list of those.",
        "if": {"type": "array"},
        "then": {"items": rule},
        "else": rule,
    }


def _field(field: Field) -> Schema:
    rule = rule_of(field) + ("." + CLEARS if field.clearable else ".")
    leaf: Schema = {"type": _JSON_TYPES[field.type], **_limits(field), "errorMessage": f"This is not {rule}"}
    texts = ([_EMPTY] if field.clearable else []) + ([_DIGITS] if field.type == "int" else [])
    return {"description": f"Must be {rule}", **_or_text(leaf, *texts)}


def _or_text(schema: Schema, *patterns: str) -> Schema:
    """Accept the schema, a template or one of the patterns. A failed anyOf would not name the broken rule."""
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
    """Return what a value of the field must be, to complete the sentence "it is not ..."."""
    if field.choices is not None:
        return "one of " + ", ".join(field.choices)
    return "true or false" if field.rule is None else field.rule.text


def entries_of(items: t.Any, name: str, resource: Resource = SERVICE, parent: tuple[str, ...] = ()) -> list[Entry]:
    """Return the entries of the list with this ``name``. Values that are no mappings are skipped."""
    entries = []
    for number, item in _mappings(items):
        place, names = f"{name}[{number}]", (*parent, *_names_of(resource, item))
        pool = item.get(POOL)
        entries.append(
            Entry(
                place,
                {field.name: item[field.name] for field in resource.writable if item.get(field.name) is not None},
                normalize_sid(item.get("sid")),
                item.get(STATE.name) == "absent",
                None if pool is None else tuple(entries_of(pool, f"{place}.{POOL}", PHONE_NUMBER, names)),
                tuple(previous for _place, previous in previous_names(item) if isinstance(previous, str)),
                names,
            )
        )
    return entries


def _names_of(resource: Resource, item: t.Mapping[t.Any, t.Any], omitted: str | None = None) -> list[str]:
    """Return what names an entry: its name, or its SID. An ``omitted`` option may be invalid and name nothing."""
    options = (option for option in (resource.name_field, "sid") if option != omitted)
    return [value for value in map(item.get, options) if value and isinstance(value, str)][:1]


def previous_names(item: t.Mapping[t.Any, t.Any]) -> list[tuple[Path, t.Any]]:
    """Return the previous names of an entry, each with its place in the entry."""
    option = PREVIOUS_NAME.name
    value = item.get(option)
    if isinstance(value, (list, tuple)):
        return [((option, number), name) for number, name in enumerate(value)]
    return [((option,), value)] if option in item else []


def _mappings(items: t.Any) -> list[tuple[int, dict[t.Any, t.Any]]]:
    numbered = enumerate(items) if isinstance(items, (list, tuple)) else ()
    return [(number, item) for number, item in numbered if isinstance(item, dict)]


def problems_of_options(services: t.Any, name: str) -> list[str]:
    """Return services_problems() of a list whose options, types and choices Ansible has checked.

    jsonschema is imported only if something is wrong. If that fails, only the tables are used.
    """
    plain = [*_problems_of_values(services, name).values(), *_named_twice(services, name)]
    if not plain:
        return []
    try:
        return services_problems(services, name)
    except ImportError:
        return plain


def services_problems(services: t.Any, name: str = SERVICES_KEY) -> list[str]:
    """Return a sentence for each problem of the list of Services with this ``name``.

    A sentence begins with the place of a value and the names of its entries. Sentences are in the order of the list,
    followed by those about two entries for the same object. Raise ImportError if jsonschema is needed and missing.
    """
    found = _problems_of_values(services, name)
    if not found and _is_regular(SERVICE, services):
        return _named_twice(services, name)
    from jsonschema import Draft7Validator  # costly, and seldom needed

    for error in Draft7Validator(services_schema()).iter_errors({SERVICES_KEY: services}):
        path = tuple(error.absolute_path)[1:]
        # A value of the wrong type also breaks every other rule: one sentence is enough.
        for key, sentence in _sentences(error, path):
            found.setdefault((path, key), f"{_place(services, name, path)}: {sentence}")
    in_order = sorted(found.items(), key=lambda problem: _order(problem[0][0]))
    return [*(sentence for _key, sentence in in_order), *_named_twice(services, name)]


def _is_regular(resource: Resource, items: t.Any) -> bool:
    """Whether this is a list of entries whose options are known, and whose types, choices and names are right.

    The tables check everything else. What JSON Schema accepts beside this, such as a template, is not regular.
    """
    options = {field.name: field for field in options_of(resource)}
    if resource is SERVICE:
        options |= {field.name: field for field in (STATE, PREVIOUS_NAME)}
    # A Service may have both, for a rename.
    most_names = 2 if resource is SERVICE else 1
    return isinstance(items, list) and all(
        isinstance(item, dict)
        and 1 <= len({"sid", resource.name_field} & item.keys()) <= most_names
        and all(
            _is_regular(PHONE_NUMBER, value)
            if name == POOL and resource is SERVICE
            else name in options and _is_allowed(options[name], value)
            for name, value in item.items()
        )
        for item in items
    )


def _is_allowed(field: Field, value: t.Any) -> bool:
    if field.type == "bool":
        return isinstance(value, bool)
    return _is_of_type(field, value) and (field.choices is None or value in field.choices)


def _problems_of_values(services: t.Any, name: str) -> dict[tuple[Path, t.Any], str]:
    """Return the problems of values that are null or of the right type by the tables, by path."""
    found: dict[tuple[Path, t.Any], str] = {}
    for number, service in _mappings(services):
        numbers = [((number, POOL, position), item) for position, item in _mappings(service.get(POOL))]
        for path, item in [((number,), service), *numbers]:
            for sentence in _broken_rules(PHONE_NUMBER if POOL in path else SERVICE, item):
                option, _colon, rest = sentence.partition(":")
                found[(*path, option), None] = f"{_place(services, name, (*path, option))}:{rest}"
        for inner, sentence in _wrong_previous_names(service):
            found[(number, *inner), None] = f"{_place(services, name, (number, *inner))}: {sentence}"
    return found


def _wrong_previous_names(item: t.Mapping[t.Any, t.Any]) -> t.Iterator[tuple[Path, str]]:
    """Yield the problems of the previous names of an entry, each with its place in the entry."""
    for path, name in previous_names(item):
        if name is None:
            yield path, no_value("").removeprefix(": ")
        elif not isinstance(name, str):
            yield path, _wrong_value(f"This is not {rule_of(PREVIOUS_NAME)}.", name, path, is_text=True)
        elif name == item.get(SERVICE.name_field):
            yield path, f"{quoted(name)} is the {SERVICE.name_field} of the same entry."
        else:
            for sentence in problems(SERVICE, {SERVICE.name_field: name}):
                yield path, sentence.partition(": ")[2]


def _broken_rules(resource: Resource, item: t.Mapping[t.Any, t.Any]) -> list[str]:
    given = [(field, item[field.name]) for field in options_of(resource) if field.name in item]
    found = [no_value(field.name) for field, value in given if value is None]
    found += problems(resource, {field.name: value for field, value in given if _is_of_type(field, value)})
    conflicts = [option for option in (POOL, PREVIOUS_NAME.name) if item.get(option) is not None]
    if item.get(STATE.name) == "absent":
        found += [f"{STATE.name}: 'absent' {_NOT_WITH} {option}." for option in conflicts[:1]]
    if item.get("sid") is not None and PREVIOUS_NAME.name in conflicts:
        found.append(f"sid: {quoted(item['sid'])} {_NOT_WITH} {PREVIOUS_NAME.name}.")
    return found


def _is_of_type(field: Field, value: t.Any) -> bool:
    return isinstance(value, str if field.type == "str" else int) and not isinstance(value, bool)


def _place(services: t.Any, name: str, path: Path) -> str:
    """Return the place of a value, with the names or SIDs of its entries, which are easier to find than positions."""
    place = name + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    names: list[str] = []
    items = services
    for depth, resource in ((0, SERVICE), (2, PHONE_NUMBER)):
        entry = items[path[depth]] if len(path) > depth and (depth == 0 or path[1] == POOL) else None
        if not isinstance(entry, dict):
            break
        # The invalid value is in the sentence anyway, and may not name anything.
        names += _names_of(resource, entry, omitted=path[-1] if len(path) == depth + 2 else None)
        items = entry.get(POOL)
    return place_of(place, names)


def _named_twice(services: t.Any, name: str) -> list[str]:
    entries = entries_of(services, name)
    of_children = [sentence for entry in entries for sentence in named_twice(PHONE_NUMBER, entry.children or ())]
    return of_children + named_twice(SERVICE, entries)


def _order(path: Path) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (-1, step) for step in path]


def _sentences(error: t.Any, path: Path) -> list[tuple[t.Any, str]]:
    """Return the sentences of an error of jsonschema, with what distinguishes it from others of the same value."""
    if error.validator == "required":
        return [(error.validator, f"sid or {error.validator_value[0]} is missing.")]
    if error.validator == "additionalProperties":
        options = list(error.schema["properties"])
        return [
            (key, f"unknown option {quoted(str(key))}; {_did_you_mean(str(key), options)}")
            for key in error.instance
            if key not in options
        ]
    sentence = error.schema.get("errorMessage", "This is not a mapping of options.")
    is_text = error.schema.get("type") == "string" and "enum" not in error.schema
    return [(None, _wrong_value(sentence, error.instance, path, is_text=is_text))]


def _wrong_value(sentence: str, value: t.Any, path: Path, *, is_text: bool) -> str:
    """Return the sentence with the value in place of "This". ``is_text`` says that it should be a text."""
    if isinstance(value, (dict, list)):
        # Its content is not shown: its type is the problem.
        kind = "a mapping" if isinstance(value, dict) else "a list"
        return sentence.replace("This is not", f"this is {kind}, not")
    advice = f" {QUOTE_ADVICE}" if is_text and not isinstance(value, str) else ""
    return sentence.replace("This", _value_text(path[-1:], value), 1) + advice


def _did_you_mean(name: str, options: list[str]) -> str:
    near = difflib.get_close_matches(name, options, n=1)
    return f"did you mean {near[0]}?" if near else f"the options are {', '.join(options)}."


def _value_text(option: Path, value: t.Any) -> str:
    """Return the value for a message, as YAML has it."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if not isinstance(value, (str, int, float)):
        return str(value)
    return quoted(value, is_url=any((field.name,) == option and field.rule is URL for field in SERVICE.fields))
