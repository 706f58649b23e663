# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fuzzer sends requests that the published OpenAPI description allows, and others."""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

LIST = "/v1/Services"
POOL = LIST + "/{ServiceSid}/PhoneNumbers"
SESSIONS = LIST + "/{ServiceSid}/Sessions"
PARTICIPANTS, INTERACTIONS = (f"{SESSIONS}/{{SessionSid}}/{name}" for name in ("Participants", "Interactions"))
SEED = 20261123
EXAMPLES = 15
TIMEOUT_SECONDS = 600

# The description allows more than the API does: it does not exclude duplicate names, absent SIDs, unknown page tokens
# or URLs that are not http. An error in answer to an allowed request is therefore not a finding.
EXCLUDED_CHECK = "positive_data_acceptance"

# The fuzzer does not expect 411, for a body without a length.
CONFIGURATION = """
[checks]
negative_data_rejection.expected-statuses = [400, 401, 404, 405, 409, 411, 422]
"""

URL_OR_EMPTY = [{"format": "uri"}, {"maxLength": 0}]

# The description has no errors.
ERROR = {
    "description": "The answer to a request that fails.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "additionalProperties": False,
                "required": ["message", "status"],
                "properties": {
                    "code": {"type": "integer"},
                    "message": {"type": "string", "minLength": 1},
                    "more_info": {"type": "string", "format": "uri"},
                    "status": {"type": "integer", "minimum": 400},
                },
            }
        }
    },
}


def restricted(
    description: dict[str, t.Any], values: t.Mapping[str, t.Mapping[str, t.Sequence[str]]]
) -> dict[str, t.Any]:
    """Return the description of these lists and their objects only, with the errors of each operation.

    ``values`` has the path of each list, and the parameters of path and form that are restricted to some values.
    """
    path_of = {name: path for path in values for name in (path, path + "/{Sid}")}
    paths = {name: item for name, item in description["paths"].items() if name in path_of}
    copy = json.loads(json.dumps({**description, "paths": paths}))
    for name, item in copy["paths"].items():
        for operation in item.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"]["default"] = ERROR
                restrict(operation, values[path_of[name]])
    return t.cast("dict[str, t.Any]", copy)


def restrict(operation: dict[str, t.Any], allowed_values: t.Mapping[str, t.Sequence[str]]) -> None:
    for parameter in operation.get("parameters", []):
        if parameter["name"] in allowed_values:
            parameter["schema"] = {"enum": allowed_values[parameter["name"]]}
    for content in operation.get("requestBody", {}).get("content", {}).values():
        properties = content["schema"]["properties"]
        for name, schema in properties.items():
            if name in allowed_values:
                properties[name] = {"enum": allowed_values[name]}
            elif schema.get("format") == "uri":
                # An empty text removes a URL.
                properties[name] = {"type": "string", "anyOf": URL_OR_EMPTY}


def allow_empty_urls(description: dict[str, t.Any]) -> None:
    """Let the objects in answers have empty texts for URLs."""
    for component in description["components"]["schemas"].values():
        for schema in component.get("properties", {}).values():
            if schema.get("format") == "uri":
                del schema["format"]
                schema["anyOf"] = URL_OR_EMPTY


def fuzz(description: dict[str, t.Any], emulator: Emulator, folder: Path) -> None:
    file = folder / "description.json"
    file.write_text(json.dumps(description), encoding="utf-8")
    (folder / "schemathesis.toml").write_text(CONFIGURATION, encoding="utf-8")
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("run", str(file), "--url", emulator.base_url),
        *("--auth", f"{emulator.account_sid}:{emulator.auth_token}"),
        # Without this, it sends requests that should lack credentials with those above.
        *("--generation-with-security-parameters", "false"),
        *("--seed", str(SEED), "--generation-database", "none"),
        *("--checks", "all", "--exclude-checks", EXCLUDED_CHECK, "--max-examples", str(EXAMPLES)),
    ]
    fuzzed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
    assert fuzzed.returncode == 0, fuzzed.stdout


@pytest.mark.slow
def test_every_operation_is_as_described(
    openapi: dict[str, t.Any], emulator: Emulator, settings: dict[str, t.Any], tmp_path: Path
) -> None:
    emulator.reset(**settings)
    pool, service, *services = [emulator.create(unique_name=name)["sid"] for name in "abcdef"]
    number, *owned = emulator.owned_numbers()
    emulator.add_number(service, phone_number=number["phone_number"])
    sessions = [emulator.create_session(service) for _number in range(4)]
    session = emulator.create_session(service, participants=json.dumps({"Identifier": "+12025550142"}))
    (participant,) = emulator.children(session)
    interactions = [emulator.interact(session) for _number in range(5)]
    in_service = {"ServiceSid": [service], "SessionSid": [session["sid"]], "ProxyIdentifierSid": [number["sid"]]}
    # The description cannot contain SIDs and numbers.
    values: dict[str, dict[str, list[str]]] = {
        LIST: {"Sid": services},
        POOL: {
            "ServiceSid": [pool],
            "Sid": [item["sid"] for item in owned],
            "PhoneNumber": [item["phone_number"] for item in owned],
        },
        SESSIONS: {**in_service, "Sid": [item["sid"] for item in sessions]},
        PARTICIPANTS: {**in_service, "Sid": [participant["sid"]]},
        INTERACTIONS: {**in_service, "Sid": [item["sid"] for item in interactions]},
    }
    emulator.forget_requests()
    description = restricted(openapi, values)
    if settings.get("cleared_value") == "empty":
        allow_empty_urls(description)
    fuzz(description, emulator, tmp_path)
    succeeded = {
        LIST: {("GET", True, 200), ("POST", True, 201), ("DELETE", False, 204)},
        POOL: {("GET", True, 200), ("POST", True, 201), ("DELETE", False, 204)},
        SESSIONS: {("GET", True, 200), ("POST", True, 201), ("DELETE", False, 204)},
        PARTICIPANTS: {("GET", True, 200), ("POST", True, 201), ("DELETE", False, 200)},
        INTERACTIONS: {("GET", True, 200), ("DELETE", False, 204)},
    }
    requests = emulator.requests()
    for path, expected in succeeded.items():
        target = path.format(ServiceSid=values[path].get("ServiceSid", [""])[0], SessionSid=session["sid"])
        about = [request for request in requests if request["path"].rpartition("/")[0] == target]
        about_list = [request for request in requests if request["path"] == target]
        found = {(request["method"], False, request["status"]) for request in about}
        found |= {(request["method"], True, request["status"]) for request in about_list}
        assert found >= expected, path
        assert {status for _method, _is_list, status in found} >= {400, 401, 405}, path
