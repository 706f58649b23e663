# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings. One JSON Schema holds their rules, their defaults and their documentation.

``tests/support/settings_table.py`` writes the tables in the README of the role from it.
"""

from __future__ import annotations

import collections
import hashlib
import json
import pathlib
import typing as t

from .checks import problems, with_defaults, without_secrets
from .interactions import KINDS
from .owned_numbers import CAPABILITIES, described
from .participants import PARTICIPANT
from .phone_numbers import PHONE_NUMBER
from .resources import Field
from .rules import E164, Settings
from .services import GEO_MATCH_LEVELS, SERVICE
from .sessions import MODES, SESSION

# The variable of the role that holds the settings.
ROOT = "emulator_settings"

DEFAULT_ACCOUNT = {
    "account_sid": "AC" + "0" * 32,
    "auth_token": "emulator-auth-token",
    "api_keys": [{"sid": "SK" + "0" * 32, "secret": "emulator-api-secret"}],
    "phone_numbers": [{"phone_number": f"+120255501{number:02}"} for number in range(20)],
    "services": [],
}


def _seed_member(field: Field, request: str) -> dict[str, t.Any]:
    kinds = "boolean" if isinstance(field.default, bool) else ["string", "integer"]
    return {"type": kinds, "description": f"`{field.parameter}` of the request that {request}."}


SERVICE_SEED = {
    "type": "object",
    "additionalProperties": False,
    "required": ["unique_name"],
    "properties": {
        "sid": {
            "type": "string",
            "pattern": "^KS[0-9a-fA-F]{32}$",
            "description": "SID of the Service. Random if not given.",
        },
        **{field.name: _seed_member(field, "creates the Service") for field in SERVICE.fields},
        "phone_numbers": {
            "type": "array",
            "default": [],
            "description": "Numbers in the pool of the Service at the start, each by its SID or its number.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {field.name: _seed_member(field, "adds the number") for field in PHONE_NUMBER.fields},
            },
        },
        "sessions": {
            "type": "array",
            "default": [],
            "description": "Sessions of the Service at the start.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "sid": {
                        "type": "string",
                        "pattern": "^KC[0-9a-fA-F]{32}$",
                        "description": "SID of the Session. Random if not given.",
                    },
                    **{field.name: _seed_member(field, "creates the Session") for field in SESSION.fields},
                    "participants": {
                        "type": "array",
                        "default": [],
                        "description": "Participants of the Session at the start.",
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["identifier"],
                            "properties": {
                                "sid": {
                                    "type": "string",
                                    "pattern": "^KP[0-9a-fA-F]{32}$",
                                    "description": "SID of the Participant. Random if not given.",
                                },
                                **{
                                    field.name: _seed_member(field, "adds the Participant")
                                    for field in PARTICIPANT.fields
                                },
                            },
                        },
                    },
                    "interactions": {
                        "type": "array",
                        "default": [],
                        "description": "Interactions of the Session at the start. The Session must not be closed.",
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["type"],
                            "properties": {
                                "sid": {
                                    "type": "string",
                                    "pattern": "^KI[0-9a-fA-F]{32}$",
                                    "description": "SID of the Interaction. Random if not given.",
                                },
                                "type": {"enum": sorted(KINDS), "description": "Type of the Interaction."},
                                "data": {"type": "object", "default": {}, "description": "`data` of the Interaction."},
                            },
                        },
                    },
                },
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
            "description": "SID of the number. If not given, it is derived from the account and the number.",
        },
        "friendly_name": {
            "type": "string",
            "description": "Name of the number. The number itself if not given.",
        },
        "iso_country": {
            "type": ["string", "null"],
            "pattern": "^[A-Z]{2}$",
            "description": "Country of the number. If not given, US for a number that begins with +1, and null for "
            "others.",
        },
        "capabilities": {
            "type": "object",
            "additionalProperties": False,
            "description": "What the number can do.",
            "properties": {
                name: {"type": "boolean", "default": able, "description": f"Whether the number can do {name}."}
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
            "description": "SID of the account.",
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
                        "description": "SID of the key.",
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
            "description": "Numbers that the account owns and can add to the pools of its Services.",
            "items": OWNED_NUMBER,
        },
        "services": {
            "type": "array",
            "default": [],
            "description": "Services of the account at the start.",
            "items": SERVICE_SEED,
        },
    },
}

SCHEMA: dict[str, t.Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "listen": {
            "type": "string",
            "minLength": 1,
            "default": "127.0.0.1",
            "description": "Address to listen on, or a name that resolves to it. The emulator speaks plain HTTP: keep "
            "it on loopback. It answers requests to an IP address, to `localhost`, to the name of the machine and to a "
            "name given here, and refuses those to any other host, so that no web page can use it.",
        },
        "accounts": {
            "type": "array",
            "minItems": 1,
            "default": [DEFAULT_ACCOUNT],
            "description": "The accounts, each with its own credentials and objects. The default is one account: "
            f"{DEFAULT_ACCOUNT['account_sid']} with the auth token `{DEFAULT_ACCOUNT['auth_token']}`, an API key, the "
            "phone numbers +12025550100 to +12025550119 and no Services.",
            "items": ACCOUNT,
        },
        "latency": {
            "type": "number",
            "minimum": 0,
            "default": 0,
            "description": "Seconds by which every answer of the API is delayed.",
        },
        "absent_answer": {
            "enum": ["invalid_sid_400", "invalid_sid_400_without_code", "not_found_404"],
            "default": "invalid_sid_400",
            "description": "Answer about an absent object: 400 with the code of an invalid SID, the same without a "
            "code, or 404 with code 20404.",
        },
        "name_taken_status": {
            "enum": [400, 409],
            "default": 400,
            "description": "Status of the answer to a name that is taken (code 80602).",
        },
        "invalid_value_code": {
            "type": "integer",
            "minimum": 1,
            "default": 80701,
            "description": "Code of the answer to an invalid value.",
        },
        "invalid_value_status": {
            "enum": [400, 422],
            "default": 400,
            "description": "Status of the answer to an invalid value.",
        },
        "cleared_value": {
            "enum": ["null", "empty"],
            "default": "null",
            "description": "Value of a cleared field: null or an empty string.",
        },
        "case_sensitive_names": {
            "type": "boolean",
            "default": True,
            "description": "Whether names that differ only in case are different names.",
        },
        "lookup_by_name": {
            "type": "boolean",
            "default": False,
            "description": "Whether an object can be fetched by its unique name instead of its SID.",
        },
        "geo_match_levels": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"enum": list(GEO_MATCH_LEVELS)},
            "default": list(GEO_MATCH_LEVELS),
            "description": "Valid values of `GeoMatchLevel`.",
        },
        "list_order": {
            "enum": ["oldest_first", "newest_first"],
            "default": "oldest_first",
            "description": "Order of lists.",
        },
        "page_size_cap": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1000,
            "default": 100,
            "description": "Maximum number of records on a page, whatever page size was requested.",
        },
        "page_size_over_maximum": {
            "enum": ["error", "clamp"],
            "default": "error",
            "description": "Answer to a page size over 1000: 400 with code 20007, or the largest page.",
        },
        "creation_closed": {
            "type": "boolean",
            "default": False,
            "description": "Whether creating Services is disabled (code 80506).",
        },
        "creation_closed_status": {
            "enum": [403, 400],
            "default": 403,
            "description": "Status of the answer while creating is disabled.",
        },
        "service_limit": {
            "type": ["integer", "null"],
            "minimum": 0,
            "default": None,
            "description": "Maximum number of Services of an account. null is no limit.",
        },
        "service_limit_code": {
            "type": "integer",
            "minimum": 1,
            "default": 21102,
            "description": "Code of the answer to a creation over the limit.",
        },
        "service_limit_status": {
            "enum": [400, 403],
            "default": 400,
            "description": "Status of the answer to a creation over the limit.",
        },
        "owns_all_numbers": {
            "type": "boolean",
            "default": False,
            "description": "Whether each account owns every number, in addition to those listed for it. The SID of "
            "such a number is derived from the account and the number, and is known after the first request for it.",
        },
        "number_refused_status": {
            "enum": [400, 403, 409],
            "default": 400,
            "description": "Status of the answer to adding a number that the account does not own (code 80301), that "
            "another Service has (80101), or that the Service already has (80104).",
        },
        "reserved_number_limit": {
            "type": "integer",
            "minimum": 0,
            "default": 5000,
            "description": "Maximum number of reserved numbers in the pool of a Service.",
        },
        "unreserved_number_limit": {
            "type": "integer",
            "minimum": 0,
            "default": 500,
            "description": "Maximum number of unreserved numbers in the pool of a Service.",
        },
        "number_limit_code": {
            "type": "integer",
            "minimum": 1,
            "default": 80622,
            "description": "Code of the answer to a number over one of these limits.",
        },
        "number_limit_status": {
            "enum": [400, 403],
            "default": 400,
            "description": "Status of the answer to a number over one of these limits.",
        },
        "removal_of_number_in_use": {
            "enum": ["refused", "accepted"],
            "default": "refused",
            "description": "Answer to the removal of a number that Sessions use: 400 with code 80611, or the removal.",
        },
        "default_mode": {
            "enum": list(MODES),
            "default": "voice-and-message",
            "description": "Mode of a Session that is created without one.",
        },
        "status_at_creation": {
            "enum": ["accepted", "ignored", "refused"],
            "default": "accepted",
            "description": "What becomes of a `Status` when a Session is created. An error has the code 80608.",
        },
        "participants_form": {
            "enum": ["both", "repeated", "array"],
            "default": "both",
            "description": "Valid forms of `Participants` when a Session is created: a parameter for each, which is a "
            "JSON object, or one parameter that is a JSON array.",
        },
        "closed_session_name": {
            "enum": ["taken", "free"],
            "default": "taken",
            "description": "Whether another Session can have the unique name of a closed one.",
        },
        "closed_sessions_are_listed": {
            "type": "boolean",
            "default": True,
            "description": "Whether lists have the Sessions that are closed.",
        },
        "closing_twice": {
            "enum": ["refused", "accepted"],
            "default": "refused",
            "description": "Answer to closing a closed Session: 400 with code 80608, or the Session.",
        },
        "change_while_reopening": {
            "enum": ["accepted", "refused"],
            "default": "accepted",
            "description": "Answer to other values in a request that reopens a Session: an error has the code 80607.",
        },
        "deletion_of_open_session": {
            "enum": ["accepted", "refused"],
            "default": "accepted",
            "description": "Whether a Session that is not closed can be deleted. An error is that of an invalid value.",
        },
        "zero_ttl": {
            "enum": ["accepted", "refused"],
            "default": "accepted",
            "description": "Whether the `Ttl` of a Session can be 0, which is no limit.",
        },
        "session_without_limit": {
            "enum": ["unlimited", "90_days"],
            "default": "unlimited",
            "description": "How long a Session lasts that has neither `Ttl` nor `DateExpiry`.",
        },
        "participants_of_closed_session": {
            "enum": ["refused", "accepted"],
            "default": "refused",
            "description": "Answer to adding a Participant to a closed Session, or removing it: an error has the code "
            "80607.",
        },
        "returning_participant_code": {
            "enum": [80103, 80612],
            "default": 80103,
            "description": "Code of the answer to adding an identifier again that was removed from the Session.",
        },
        "deleted_participants_are_listed": {
            "type": "boolean",
            "default": True,
            "description": "Whether the Participants that were removed can still be read.",
        },
        "participant_deletion_status": {
            "enum": [200, 204],
            "default": 200,
            "description": "Status of the answer to the removal of a Participant.",
        },
        "unreachable_identifiers": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Identifiers that no Participant can have (code 80404).",
        },
        "reserved_number_by_name": {
            "enum": ["accepted", "refused"],
            "default": "accepted",
            "description": "Whether a Participant can have a reserved number that the request names. An error has the "
            "code 80304, or 80207 if it was named by its SID.",
        },
        "no_free_number_code": {
            "enum": [80206, 80208],
            "default": 80206,
            "description": "Code of the answer if a Participant uses all numbers that match in other Sessions.",
        },
        "number_conflict_code": {
            "type": "integer",
            "minimum": 1,
            "default": 80604,
            "description": "Code of the answer if a Participant uses the number that the request names in another "
            "Session. The default is a guess: it is documented for reopening a Session only.",
        },
        "legal_hold": {
            "type": "boolean",
            "default": False,
            "description": "Whether a legal hold keeps Interactions from being deleted (code 80615).",
        },
        "rate_limit": {
            "type": ["number", "null"],
            "exclusiveMinimum": 0,
            "default": None,
            "description": "Requests per second to each endpoint of each Service before the answer is 429; 30 in the "
            "real API. null is no limit.",
        },
        "rate_limit_burst": {
            "type": ["integer", "null"],
            "minimum": 1,
            "default": None,
            "description": "Requests that are answered at once before the rate applies. null allows five times the "
            "rate for five seconds.",
        },
        "retry_after": {
            "type": ["boolean", "number"],
            "minimum": 0,
            "default": False,
            "description": "Header Retry-After of a 429: `false` for none, `true` for the seconds that are left, or a "
            "number of seconds.",
        },
    },
}

# A running server keeps its address.
RESET_SCHEMA: dict[str, t.Any] = {
    **SCHEMA,
    "properties": {name: rule for name, rule in SCHEMA["properties"].items() if name != "listen"},
}


class SettingsError(Exception):
    """Invalid settings. The message names the place and the rule, and holds no secret."""


def complete(given: t.Any) -> Settings:
    """Check the settings and return them with the defaults of those not given.

    :raises SettingsError: if they are invalid.
    """
    _raise_for(problems(SCHEMA, given, ROOT))
    return fill(given)


def fill(given: Settings) -> Settings:
    """Return settings that match the schema with the defaults of those not given.

    :raises SettingsError: if a SID or a number is listed twice.
    """
    settings: dict[str, t.Any] = with_defaults(SCHEMA, dict(given))
    settings["accounts"] = [_with_numbers(account) for account in settings["accounts"]]
    _raise_for(list(_duplicates(settings)))
    return settings


def public(settings: Settings) -> dict[str, t.Any]:
    """Return the settings without their secrets."""
    return t.cast("dict[str, t.Any]", without_secrets(SCHEMA, dict(settings)))


def digest(settings: Settings, port: int) -> str:
    """Return a hash that differs for emulators that behave differently, by their settings or by their program."""
    found = hashlib.sha256(json.dumps([settings, port], sort_keys=True).encode("utf-8"))
    for file in sorted(pathlib.Path(__file__).parent.glob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()


def _raise_for(found: t.Sequence[str]) -> None:
    if found:
        raise SettingsError(" ".join(found))


def _with_numbers(account: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    numbers = [described(account["account_sid"], number) for number in account["phone_numbers"]]
    return {**account, "phone_numbers": numbers}


def _duplicates(settings: Settings) -> t.Iterator[str]:
    accounts = settings["accounts"]
    sids = [account["account_sid"] for account in accounts]
    sids += [key["sid"] for account in accounts for key in account["api_keys"]]
    yield from _listed_twice(f"{ROOT}.accounts", sids)
    for position, account in enumerate(accounts):
        for member in ("phone_number", "sid"):
            values = [number[member] for number in account["phone_numbers"]]
            yield from _listed_twice(f"{ROOT}.accounts[{position}].phone_numbers", values)


def _listed_twice(place: str, values: t.Sequence[str]) -> t.Iterator[str]:
    for value, count in collections.Counter(values).items():
        if count > 1:
            yield f"{place}: {value} is listed twice."
