# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Check what a person wrote and what the API answered, by the tables. Pure: no I/O, no Ansible."""

from __future__ import annotations

import functools
import re
import typing as t
from urllib.parse import unquote_plus

from ansible_collections.twilio.proxy.plugins.module_utils._resources import URL, Field, Resource, Rule

#: The types of values in an answer by those of the fields: Python's, and words for JSON's.
_TYPES: t.Mapping[str, tuple[type, str]] = {
    "str": (str, "a string"),
    "int": (int, "an integer"),
    "bool": (bool, "a boolean"),
    "list": (list, "an array"),
    "dict": (dict, "an object"),
}
#: What to do about a value that is not a string.
QUOTE_ADVICE = 'Put it in quotes: YAML reads 0123 as 83 and +12 as 12. In a template, add "| string".'
_QUOTED = 100  # characters of a value in a message
_LISTED = 10  # items of a list in a message
_MASK = "********"  # Ansible's mask
#: What to add to a rule if the option can be cleared.
CLEARS = ' "" clears it.'

#: The words that make the name of a query parameter that of a credential.
CREDENTIAL_WORDS = frozenset(
    {
        *("assertion", "auth", "authcode", "authorization", "bearer", "cred", "creds", "credential", "credentials"),
        *("hmac", "jwt", "oauth", "otp", "pass", "passcode", "pin", "psk", "pw", "saml", "sas", "sig", "sign"),
        "ticket",
    }
)
#: The ends of such words, where nothing separates them, as in apikey.
CREDENTIAL_ENDINGS = ("key", "passphrase", "passwd", "password", "pwd", "secret", "signature", "token")

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# The user information before a host, and a separator with the name of a query parameter and its value after it.
_USER_INFO = re.compile(r"(?<=:)//([^/?#\s]+)@")
_PARAMETER = re.compile(r"[?&;#,|]([^=?&;#,|\s]+)=(?=([^&;#\s]+))")
# In what should have been a URL and is none, a secret may hold, and stand before, anything.
_ANY_USER_INFO = re.compile(r"(?:(?<=:)//|\A(?!.*://))(.+)@", re.DOTALL)
_ANY_PARAMETER = re.compile(r"[?&;#,|]([^=?&;#,|]+)=(?=([^&;#]+))")


def secrets(text: str, is_url: bool = False) -> list[str]:
    """Return the secrets of URLs in the text: user information, and the values of parameters that name a credential.

    Each comes with the characters around it, so that masking a short one does not mask half of a text.
    """
    return [found[0] + text[start:end] + found[1] for start, end, *found in _secrets(text, is_url)]


def masked(text: str, is_url: bool = False) -> str:
    """Return the text without the secrets of URLs in it."""
    parts, last = [], 0
    for start, end, *_around in _secrets(text, is_url):
        parts += [text[last:start], _MASK]
        last = end
    return "".join([*parts, text[last:]])


def _secrets(text: str, is_url: bool) -> t.Iterator[tuple[int, int, str, str]]:
    """Yield where each secret starts and ends, and the characters around it."""
    is_broken = is_url and not satisfies(URL, text)
    user_info, parameter = (_ANY_USER_INFO, _ANY_PARAMETER) if is_broken else (_USER_INFO, _PARAMETER)
    parameters = (match for match in parameter.finditer(text) if _is_secret(*match.groups()))
    found = [(*match.span(2), f"{match[1]}=", "") for match in parameters]
    if "@" in text:
        found += [(*match.span(1), text[match.start() : match.start(1)], "@") for match in user_info.finditer(text)]
    last = 0
    for start, end, before, after in sorted(found):
        if start >= last:
            yield start, end, before, after
            last = end


def _is_secret(name: str, value: str) -> bool:
    decoded = unquote_plus(value)
    return _names_credential(name) or (decoded != value and bool(secrets(decoded)))


@functools.lru_cache(maxsize=256)  # many URLs have few names
def _names_credential(name: str) -> bool:
    words = [word.lower() for word in _WORD.findall(unquote_plus(name))]
    return (
        # As a part of a name it is harmless more often than not, as in country_code.
        words == ["code"]
        or any(word in CREDENTIAL_WORDS or word.endswith(CREDENTIAL_ENDINGS) for word in words)
        # Plural at the end of the name only, unlike tokens_left.
        or (bool(words) and words[-1].removesuffix("s").endswith(CREDENTIAL_ENDINGS))
    )


def visible(text: str) -> str:
    """Return the text on one line, with control characters escaped."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def quoted(value: t.Any, is_url: bool = False) -> str:
    """Return the value for a message: a string in quotes, without the secrets of URLs, and shortened if it is long."""
    text = str(value)
    safe = masked(text, is_url)
    start = repr(safe[:_QUOTED]) if isinstance(value, str) else safe[:_QUOTED]
    return start if len(safe) <= _QUOTED else f"{start}... ({len(text)} characters)"


def label(resource: Resource, item: t.Mapping[str, t.Any]) -> str:
    """Return the kind, the name and the SID of an object, for a message."""
    name, sid = item.get(resource.name_field), item["sid"]
    return f"{resource.name} {quoted(name)} ({sid})" if name and name != sid else f"{resource.name} {sid}"


def satisfies(rule: Rule, value: t.Any) -> bool:
    """Return whether a str or int satisfies the rule. A str must be encodable as UTF-8, or it could not be sent."""
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            return False
        return (
            len(value) >= (rule.min_length or 0)
            and (rule.max_length is None or len(value) <= rule.max_length)
            and (rule.regex is None or rule.regex.fullmatch(value) is not None)
        )
    return (
        not isinstance(value, bool)
        and (rule.minimum is None or value >= rule.minimum)
        and (rule.maximum is None or value <= rule.maximum)
    )


def listed(items: t.Sequence[str]) -> str:
    """Return the items for a message: the first ten, and how many more there are."""
    more = f" and {len(items) - _LISTED} more" if len(items) > _LISTED else ""
    return ", ".join(items[:_LISTED]) + more


def is_not(place: str, value: str, rule: str, clearable: bool = False) -> str:
    """Return the sentence that the value of an option is not what the rule says."""
    return f"{place}: {value} is not {rule}.{CLEARS if clearable else ''}"


def problem(option: str, value: t.Any, rule: Rule, clearable: bool = False) -> str | None:
    """Return a sentence that names option, value and rule if the value breaks the rule, else None."""
    if rule is URL and isinstance(value, str) and _MASK in value:
        # It comes from a result. To send it would replace the secret.
        return f"{option}: {quoted(value)} contains {_MASK} in place of a secret. Write the secret itself."
    if satisfies(rule, value) or (clearable and value == ""):
        return None
    return is_not(option, quoted(value, is_url=rule is URL), rule.text, clearable)


def no_value(option: str, value: str = "null") -> str:
    """Return the sentence that an option has no value."""
    return f"{option}: the value is {value}. Check the variable that it comes from, or leave the option out."


def regex_problem(option: str, value: str) -> str | None:
    """Return a sentence that names option, value and error if the value is no regular expression, else None."""
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError, TypeError) as error:
        return is_not(option, quoted(value), f"a regular expression: {error}")
    return None


def problems(resource: Resource, desired: t.Mapping[str, t.Any]) -> list[str]:
    """Return what is wrong with the desired values of fields, a sentence each. Choices are left to Ansible."""
    found = _problems((*resource.fields, *resource.creation_fields), desired)
    return [sentence for sentence in found if sentence is not None]


def _problems(fields: t.Iterable[Field], values: t.Mapping[str, t.Any], place: str = "") -> t.Iterator[str | None]:
    for field in fields:
        value = values.get(field.name)
        if field.elements:
            for number, element in enumerate(value or []):
                yield from _problems(field.elements, element, f"{place}{field.name}[{number}].")
        elif field.rule is not None and value is not None:
            yield problem(f"{place}{field.name}", value, field.rule, field.clearable)


def object_problem(resource: Resource, answer: t.Any) -> str | None:
    """Return what is wrong with an answer that should be an object of the resource, None if nothing is.

    Fields that have a value have the type of the table. Only the SID must have one: the published description requires
    nothing, and nearly all in it may be null. Other fields may be there. No value is named.
    """
    return _objects_problem(resource, [answer], lambda _number: "")


def page_problem(resource: Resource, answer: t.Any) -> str | None:
    """Return what is wrong with an answer that should be a page of the resource's list, as object_problem() does."""
    if not isinstance(answer, dict):
        return f"the answer is {_kind(answer)}, not an object"
    objects, meta = answer.get(resource.list_key), answer.get("meta")
    if not isinstance(objects, list):
        return f"{resource.list_key} is {_kind(objects)}, not an array"
    if not isinstance(meta, dict):
        return f"meta is {_kind(meta)}, not an object"
    # A page that does not say whether another one follows would pass for the whole list.
    if "next_page_url" not in meta:
        return "meta.next_page_url is missing"
    if not isinstance(meta["next_page_url"], (str, type(None))):
        return f"meta.next_page_url is {_kind(meta['next_page_url'])}, not a string or null"
    return _objects_problem(resource, objects, lambda number: f"{resource.list_key}[{number}]")


def _objects_problem(resource: Resource, answers: list[t.Any], place: t.Callable[[int], str]) -> str | None:
    names = [field.name for field in resource.fields]
    sid = resource.field("sid")
    # A list may be long, and nearly all of it is alike: what the types of the values decide is decided once.
    good: set[tuple[type, ...]] = set()
    for number, answer in enumerate(answers):
        if not isinstance(answer, dict):
            return f"{place(number) or 'the answer'} is {_kind(answer)}, not an object"
        types = tuple(map(type, map(answer.get, names)))
        # A SID becomes part of the next request's path.
        if types in good and (sid.rule is None or satisfies(sid.rule, answer["sid"])):
            continue
        for field in resource.fields:
            problem = _field_problem(field, answer.get(field.name))
            if problem is not None:
                return f"{place(number)}.{field.name} {problem}".lstrip(".")
        # Whether a float is an integer is not decided by its type.
        if float not in types:
            good.add(types)
    return None


def _field_problem(field: Field, value: t.Any) -> str | None:
    if value is None:
        return "is null or missing" if field.name == "sid" else None
    python_type, json_type = _TYPES[field.type]
    is_type = isinstance(value, python_type) and isinstance(value, bool) == (field.type == "bool")
    if not is_type and not (field.type == "int" and isinstance(value, float) and value.is_integer()):
        return f"is {_kind(value)}, not {json_type}"
    if field.name == "sid" and field.rule is not None and not satisfies(field.rule, value):
        return f"is not {field.rule.text}"
    return None


def _kind(value: t.Any) -> str:
    """Return the words for a value's type in JSON."""
    if value is None or isinstance(value, bool):
        return "null or missing" if value is None else "a boolean"
    words = {str: "a string", int: "an integer", float: "a number", list: "an array", dict: "an object"}
    return words[type(value)]
