# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings: one JSON Schema says what they are, what they mean and what holds when they are left out."""

from __future__ import annotations

import collections
import hashlib
import json
import pathlib
import typing as t

from .checks import problems, with_defaults, without_secrets
from .owned_numbers import CAPABILITIES, described
from .phone_numbers import PHONE_NUMBER
from .resources import Field
from .rules import E164, Settings
from .services import GEO_MATCH_LEVELS, SERVICE

DEFAULT_ACCOUNT = {
    "account_sid": "AC" + "0" * 32,
    "auth_token": "emulator-auth-token",
    "api_keys": [{"sid": "SK" + "0" * 32, "secret": "emulator-api-secret"}],
    "phone_numbers": [{"phone_number": f"+120255501{number:02}"} for number in range(20)],
    "services": [],
}


def _seed_member(field: Field, request: str) -> dict[str, t.Any]:
    kinds = "boolean" if isinstance(field.default, bool) else ["string", "integer"]
    return {"type": kinds, "description": f"As C({field.parameter}) of a request that {request}."}


SERVICE_SEED = {
    "type": "object",
    "additionalProperties": False,
    "required": ["unique_name"],
    "properties": {
        "sid": {
            "type": "string",
            "pattern": "^KS[0-9a-fA-F]{32}$",
            "description": "SID of the Service. A random one when left out.",
        },
        **{field.name: _seed_member(field, "creates the Service") for field in SERVICE.fields},
        "phone_numbers": {
            "type": "array",
            "default": [],
            "description": "Numbers of the account that are in the pool of the Service from the start, each by its "
            "SID or its number.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {field.name: _seed_member(field, "adds the number") for field in PHONE_NUMBER.fields},
            },
        },
    },
}

OWNED_NUMBER = {
    "type": "object",
    "additionalProperties": False,
    "required": ["phone_number"],
    "properties": {
        "phone_number": {
            "type": "string",
            "pattern": f"^{E164}$",
            "description": "The number in E.164 format.",
        },
        "sid": {
            "type": "string",
            "pattern": "^PN[0-9a-fA-F]{32}$",
            "description": "SID of the number. When left out, one that follows from the account and the number.",
        },
        "friendly_name": {
            "type": "string",
            "description": "Name of the number. The number itself when left out.",
        },
        "iso_country": {
            "type": ["string", "null"],
            "pattern": "^[A-Z]{2}$",
            "description": "Country of the number. When left out, US for a number that begins with +1, and none for "
            "others.",
        },
        "capabilities": {
            "type": "object",
            "additionalProperties": False,
            "description": "What the number can do. All but fax when left out.",
            "properties": {
                name: {"type": "boolean", "default": able, "description": f"Whether the number is capable of {name}."}
                for name, able in CAPABILITIES.items()
            },
        },
    },
}

ACCOUNT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["account_sid", "auth_token"],
    "properties": {
        "account_sid": {
            "type": "string",
            "pattern": "^AC[0-9a-fA-F]{32}$",
            "description": "SID of the account, and user name beside its auth token.",
        },
        "auth_token": {
            "type": "string",
            "minLength": 1,
            "writeOnly": True,
            "description": "Auth token of the account.",
        },
        "api_keys": {
            "type": "array",
            "default": [],
            "description": "API keys of the account.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["sid", "secret"],
                "properties": {
                    "sid": {
                        "type": "string",
                        "pattern": "^SK[0-9a-fA-F]{32}$",
                        "description": "SID of the key, and user name beside its secret.",
                    },
                    "secret": {
                        "type": "string",
                        "minLength": 1,
                        "writeOnly": True,
                        "description": "Secret of the key.",
                    },
                },
            },
        },
        "phone_numbers": {
            "type": "array",
            "default": [],
            "description": "Numbers that the account owns, and can add to the pools of its Services.",
            "items": OWNED_NUMBER,
        },
        "services": {
            "type": "array",
            "default": [],
            "description": "Services that the account has from the start.",
            "items": SERVICE_SEED,
        },
    },
}

SCHEMA: dict[str, t.Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "port": {
            "type": "integer",
            "minimum": 0,
            "maximum": 65535,
            "default": 8642,
            "description": "TCP port to listen on. With 0 the system picks a free one.",
        },
        "listen": {
            "type": "string",
            "minLength": 1,
            "default": "127.0.0.1",
            "description": "Address to listen on. The emulator speaks plain HTTP: keep it on loopback. It answers "
            "requests to an IP address, to C(localhost), to the name of the machine and to a name given here. It "
            "refuses those to any other host, so that no web page can use it.",
        },
        "accounts": {
            "type": "array",
            "minItems": 1,
            "default": [DEFAULT_ACCOUNT],
            "description": "The accounts, each with credentials and objects of its own.",
            "items": ACCOUNT,
        },
        "latency": {
            "type": "number",
            "minimum": 0,
            "default": 0,
            "description": "Seconds that every answer of the API takes longer.",
        },
        "absent_answer": {
            "enum": ["invalid_sid_400", "invalid_sid_400_without_code", "not_found_404"],
            "default": "invalid_sid_400",
            "description": "Answer about an object that is not there: 400 with the code of an invalid SID, the same "
            "without a code, or 404 with code 20404.",
        },
        "name_taken_status": {
            "enum": [400, 409],
            "default": 400,
            "description": "Status of the answer to a name that another object has (code 80602).",
        },
        "invalid_value_code": {
            "type": "integer",
            "minimum": 1,
            "default": 80701,
            "description": "Code of the answer to a value that its parameter does not allow.",
        },
        "invalid_value_status": {
            "enum": [400, 422],
            "default": 400,
            "description": "Status of the answer to a value that its parameter does not allow.",
        },
        "cleared_value": {
            "enum": ["null", "empty"],
            "default": "null",
            "description": "How a cleared field reads back: as null or as an empty string.",
        },
        "case_sensitive_names": {
            "type": "boolean",
            "default": True,
            "description": "Whether names that differ in case only are different names.",
        },
        "lookup_by_name": {
            "type": "boolean",
            "default": False,
            "description": "Whether an object can be fetched by its unique name in place of its SID.",
        },
        "geo_match_levels": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"enum": list(GEO_MATCH_LEVELS)},
            "default": list(GEO_MATCH_LEVELS),
            "description": "Values that GeoMatchLevel may have.",
        },
        "list_order": {
            "enum": ["oldest_first", "newest_first"],
            "default": "oldest_first",
            "description": "Order of a list.",
        },
        "page_size_cap": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1000,
            "default": 100,
            "description": "Most records that a page holds, however many (up to 1000) were asked for.",
        },
        "page_size_over_maximum": {
            "enum": ["error", "clamp"],
            "default": "error",
            "description": "Answer to a page size over 1000: 400 with code 20007, or the largest page there is.",
        },
        "creation_closed": {
            "type": "boolean",
            "default": False,
            "description": "Whether creating Services is closed for the accounts (code 80506).",
        },
        "creation_closed_status": {
            "enum": [403, 400],
            "default": 403,
            "description": "Status of the answer while creation is closed.",
        },
        "service_limit": {
            "type": ["integer", "null"],
            "minimum": 0,
            "default": None,
            "description": "Most Services that an account may have. No limit when left out.",
        },
        "service_limit_code": {
            "type": "integer",
            "minimum": 1,
            "default": 21102,
            "description": "Code of the answer to a create over the limit.",
        },
        "service_limit_status": {
            "enum": [400, 403],
            "default": 400,
            "description": "Status of the answer to a create over the limit.",
        },
        "owns_all_numbers": {
            "type": "boolean",
            "default": False,
            "description": "Whether each account owns every number there is, beside those listed for it. The SID of "
            "such a number follows from the account and the number, and is known once the number was asked for.",
        },
        "number_refused_status": {
            "enum": [400, 403, 409],
            "default": 400,
            "description": "Status of the answer to the addition of a number that the account does not own (code "
            "80301), that another Service has (80101), or that the Service has already (80104).",
        },
        "reserved_number_limit": {
            "type": "integer",
            "minimum": 0,
            "default": 5000,
            "description": "Most reserved numbers that the pool of a Service may have.",
        },
        "unreserved_number_limit": {
            "type": "integer",
            "minimum": 0,
            "default": 500,
            "description": "Most unreserved numbers that the pool of a Service may have.",
        },
        "number_limit_code": {
            "type": "integer",
            "minimum": 1,
            "default": 21102,
            "description": "Code of the answer to a number over one of these limits. The default is a guess: the "
            "documentation names none.",
        },
        "number_limit_status": {
            "enum": [400, 403],
            "default": 400,
            "description": "Status of the answer to a number over one of these limits.",
        },
        "rate_limit": {
            "type": ["number", "null"],
            "exclusiveMinimum": 0,
            "default": None,
            "description": "Requests per second that each endpoint of each Service takes before it answers 429; the "
            "real API takes 30. No limit when left out.",
        },
        "rate_limit_burst": {
            "type": ["integer", "null"],
            "minimum": 1,
            "default": None,
            "description": "Requests that may come at once before the rate counts. When left out, as many as let "
            "five times the rate pass for five seconds.",
        },
        "retry_after": {
            "type": ["boolean", "number"],
            "minimum": 0,
            "default": False,
            "description": "Whether a 429 has the header Retry-After: no, with the seconds that are really left, or "
            "with the given number of seconds.",
        },
    },
}

# A running server cannot move.
FIXED = ("port", "listen")
CHANGEABLE_SCHEMA: dict[str, t.Any] = {
    **SCHEMA,
    "properties": {name: rule for name, rule in SCHEMA["properties"].items() if name not in FIXED},
}


class SettingsError(Exception):
    """Settings that cannot be used; the message names each place and rule, and no value."""


def complete(given: t.Any) -> Settings:
    """The given settings with the defaults for the rest, or ``SettingsError``."""
    found = problems(SCHEMA, given, "settings")
    if found:
        raise SettingsError("; ".join(found))
    settings: dict[str, t.Any] = with_defaults(SCHEMA, given)
    settings["accounts"] = [_with_numbers(account) for account in settings["accounts"]]
    found = list(_repeated(settings))
    if found:
        raise SettingsError("; ".join(found))
    return settings


def shown(settings: Settings) -> dict[str, t.Any]:
    """The settings without their secrets."""
    return t.cast("dict[str, t.Any]", without_secrets(SCHEMA, dict(settings)))


def digest(settings: Settings) -> str:
    """Tells apart emulators that behave differently: by their settings, or by their program as it is on disk now."""
    found = hashlib.sha256(json.dumps(settings, sort_keys=True).encode("utf-8"))
    for file in sorted(pathlib.Path(__file__).parent.glob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()


def _with_numbers(account: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    numbers = [described(account["account_sid"], number) for number in account["phone_numbers"]]
    return {**account, "phone_numbers": numbers}


def _repeated(settings: Settings) -> t.Iterator[str]:
    users: set[str] = set()
    for position, account in enumerate(settings["accounts"]):
        for user in (account["account_sid"], *(key["sid"] for key in account["api_keys"])):
            if user in users:
                yield f"settings.accounts: {user} stands there twice"
            users.add(user)
        for member in ("phone_number", "sid"):
            for value, count in collections.Counter(number[member] for number in account["phone_numbers"]).items():
                if count > 1:
                    yield f"settings.accounts[{position}].phone_numbers: {value} stands there twice"
