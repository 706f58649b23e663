# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The tables read as checks: of what a person wrote, and of what the API answered. Pure.

An answer is judged by a few lines of Python, because nearly all answers are right and importing jsonschema costs as
much as the task itself. Only a wrong one is shown to jsonschema, which says where it is wrong.
"""

from __future__ import annotations

import functools
import re
import typing as t
from urllib.parse import unquote_plus

from ansible_collections.twilio.proxy.plugins.module_utils._resources import URL, Field, Resource, Rule

_PYTHON_TYPES: t.Mapping[str, type] = {"str": str, "int": int, "bool": bool, "dict": dict}
_JSON_TYPES: t.Mapping[str, str] = {"str": "string", "int": "integer", "bool": "boolean", "dict": "object"}
_SHOWN = 100  # characters of a refused value that a message repeats
_MASK = "********"  # as Ansible masks what it must not show

#: What a query parameter is called that holds a credential: a word of its name is one of these.
CREDENTIAL_WORDS = frozenset(
    {
        *("auth", "authorization", "bearer", "credential", "credentials", "hmac", "jwt", "key", "otp", "pass"),
        *("passphrase", "passwd", "password", "pin", "pwd", "secret", "sig", "signature", "token"),
    }
)
#: What such a name may end with, where nothing separates its words, as in apikey.
CREDENTIAL_ENDINGS = ("key", "passphrase", "passwd", "password", "pwd", "secret", "signature", "token")

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Either what stands before the @ of a host, or a query parameter.
_SECRET = re.compile(r"(?<=:)(//)([^/?#\s]+)@|(?<=[?&;#])([^=?&;#\s]+)=([^&;#\s]+)")
# In what should have been an URL and is none, a secret may hold, and stand before, anything.
_ANY_SECRET = re.compile(r"((?<=:)//|\A(?!.*://))(.+)@|(?<=[?&;#])([^=?&;#]+)=([^&;#]+)", re.DOTALL)


_compiled = functools.cache(re.compile)  # a list may have very many SIDs


def secrets(text: str, meant_as_url: bool = False) -> list[str]:
    """Return the secrets of URLs in the text: user information, and the values of parameters that name a credential.

    Each comes with the characters around it, so that masking a short one does not mask half of a text.
    """
    return [found[0] for found in _secret(text, meant_as_url).finditer(text) if _is_secret(found)]


def masked(text: str, meant_as_url: bool = False) -> str:
    """The text without the secrets of URLs in it."""
    return _secret(text, meant_as_url).sub(_mask, text)


def visible(text: str) -> str:
    """The text on one line, with nothing in it that a terminal would obey."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def quoted(value: t.Any, meant_as_url: bool = False) -> str:
    """The value for a message: a text in quotes, without the secrets of URLs, and shortened where it is long."""
    text = str(value)
    safe = masked(text, meant_as_url)
    start = repr(safe[:_SHOWN]) if isinstance(value, str) else safe[:_SHOWN]
    return start if len(safe) <= _SHOWN else f"{start}... ({len(text)} characters)"


def label(resource: Resource, item: t.Mapping[str, t.Any]) -> str:
    """Return the kind, the name and the SID of an object, for a message."""
    name, sid = item.get(resource.name_field), item["sid"]
    return f"{resource.name} {quoted(name)} ({sid})" if name else f"{resource.name} {sid}"


def _secret(text: str, meant_as_url: bool) -> re.Pattern[str]:
    return _ANY_SECRET if meant_as_url and not satisfies(URL, text) else _SECRET


def _is_secret(found: re.Match[str]) -> bool:
    name = found[3]
    if name is None:
        return True
    words = [word.lower() for word in _WORD.findall(unquote_plus(name))]
    # As a part of a name it is harmless more often than not, as in country_code.
    return words == ["code"] or any(word in CREDENTIAL_WORDS or word.endswith(CREDENTIAL_ENDINGS) for word in words)


def _mask(found: re.Match[str]) -> str:
    if not _is_secret(found):
        return found[0]
    return f"{found[1]}{_MASK}@" if found[3] is None else f"{found[3]}={_MASK}"


def satisfies(rule: Rule, value: t.Any) -> bool:
    """Whether a str or int is what the rule says. A str has to be encodable as UTF-8, or it could not be sent."""
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            return False
        return (
            len(value) >= (rule.min_length or 0)
            and (rule.max_length is None or len(value) <= rule.max_length)
            and (rule.pattern is None or _compiled(rule.pattern).fullmatch(value) is not None)
        )
    return (
        not isinstance(value, bool)
        and (rule.minimum is None or value >= rule.minimum)
        and (rule.maximum is None or value <= rule.maximum)
    )


def problem(option: str, value: t.Any, rule: Rule, clearable: bool = False, secret: bool = False) -> str | None:
    """A sentence that names option, value and rule if the value breaks the rule, else None."""
    if rule is URL and isinstance(value, str) and _MASK in value:
        # It comes from a result. To send it would replace the secret.
        return (
            f"{option}: {quoted(value)} is refused, it holds {_MASK} where a secret was masked: give the secret itself."
        )
    if satisfies(rule, value) or (clearable and value == ""):
        return None
    told = "its value" if secret else quoted(value, meant_as_url=rule is URL)
    cleared = ', or "" to clear it' if clearable else ""
    return f"{option}: {told} is refused, it must be {rule.text}{cleared}."


def no_value(option: str, value: str = "null") -> str:
    """The sentence that refuses an option without a value."""
    return f"{option}: {value} is refused, it must have a value or be left out."


def regex_problem(option: str, value: str) -> str | None:
    """Return a sentence that names option, value and error if the value is no regular expression, else None."""
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        return f"{option}: {quoted(value)} is refused, it must be a regular expression: {error}."
    return None


def problems(resource: Resource, desired: t.Mapping[str, t.Any]) -> list[str]:
    """What is wrong with the desired values of a resource's fields, a sentence each. Choices are left to Ansible."""
    found = (
        problem(field.name, desired[field.name], field.rule, field.clearable)
        for field in resource.fields
        if field.rule is not None and field.name in desired
    )
    return [sentence for sentence in found if sentence is not None]


def is_object(resource: Resource, answer: t.Any) -> bool:
    """Whether an answer is an object of the resource, as object_schema() has it."""
    return _are_objects(resource, [answer])


def _are_objects(resource: Resource, answers: list[t.Any]) -> bool:
    names = [field.name for field in resource.fields]
    sid = resource.field("sid")
    # A list may be long, and nearly all of it is alike: what the types of the values decide is decided once.
    good: set[tuple[type, ...]] = set()
    for answer in answers:
        if not isinstance(answer, dict) or not _is_field(sid, answer):
            return False
        types = tuple(map(type, map(answer.get, names)))
        if types not in good:
            if not all(_is_field(field, answer) for field in resource.fields):
                return False
            # Whether a float is an integer is not decided by its type.
            if float not in types:
                good.add(types)
    return True


def _is_field(field: Field, answer: dict[str, t.Any]) -> bool:
    value = answer.get(field.name)
    if value is None:
        return field.name != "sid"
    if field.type == "int" and isinstance(value, float):
        return value.is_integer()
    if not isinstance(value, _PYTHON_TYPES[field.type]) or isinstance(value, bool) != (field.type == "bool"):
        return False
    # A SID becomes part of the next request's path, so its form is not a matter of taste.
    return field.name != "sid" or field.rule is None or satisfies(field.rule, value)


def is_page(resource: Resource, answer: t.Any) -> bool:
    """Whether an answer is a page of the resource's list, as page_schema() has it."""
    if not isinstance(answer, dict):
        return False
    objects, meta = answer.get(resource.list_key), answer.get("meta")
    return (
        isinstance(objects, list)
        and isinstance(meta, dict)
        # A page that does not say whether another one follows would pass for the whole list.
        and isinstance(meta.get("next_page_url", 0), (str, type(None)))
        and _are_objects(resource, objects)
    )


def object_schema(resource: Resource) -> dict[str, t.Any]:
    """The JSON Schema (draft 7) of an object in an answer: fields that have a value have their type.

    Only the SID has to be there: the published description requires nothing, and nearly all in it may be null.
    """
    return {
        "type": "object",
        "required": ["sid"],
        "properties": {field.name: _field_schema(field) for field in resource.fields},
    }


def _field_schema(field: Field) -> dict[str, t.Any]:
    json_type = _JSON_TYPES[field.type]
    if field.name == "sid" and field.rule is not None:
        return {"type": json_type, "pattern": f"^(?:{field.rule.pattern})$"}
    return {"type": [json_type, "null"]}


def page_schema(resource: Resource) -> dict[str, t.Any]:
    """The JSON Schema (draft 7) of a page of the resource's list."""
    return {
        "type": "object",
        "required": [resource.list_key, "meta"],
        "properties": {
            resource.list_key: {"type": "array", "items": object_schema(resource)},
            "meta": {
                "type": "object",
                "required": ["next_page_url"],
                "properties": {"next_page_url": {"type": ["string", "null"]}},
            },
        },
    }


def explain(schema: t.Mapping[str, t.Any], answer: t.Any) -> str:
    """What is wrong with an answer that is not of the schema: names the field and the rule, never a value."""
    try:
        from jsonschema import Draft7Validator  # costly, and hardly ever needed
    except ImportError:
        # The module has seen that it is installed. That it cannot be imported must not hide what happened to a request.
        return "it cannot be said why, because jsonschema cannot be imported"

    errors = sorted(Draft7Validator(schema).iter_errors(answer), key=lambda error: list(map(str, error.absolute_path)))
    # One sentence names all fields that are missing, and jsonschema has an error for each.
    sentences = list(dict.fromkeys(map(_sentence, errors)))
    return "; ".join(sentences[:3]) or "it is not of the expected form"


def _sentence(error: t.Any) -> str:
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path).lstrip(".")
    where = where or "the answer"
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return f"{where} lacks {', '.join(missing)}"
    if error.validator == "type":
        wanted = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
        return f"{where} should be {' or '.join(wanted)}, and is {_json_type(error.instance)}"
    return f"{where} breaks {error.validator} {error.validator_value!r}"


def _json_type(value: t.Any) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    names = {str: "string", int: "integer", float: "number", list: "array", dict: "object"}
    return names[type(value)]
