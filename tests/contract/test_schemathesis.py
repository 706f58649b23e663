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


def part_about(
    description: dict[str, t.Any], path: str, allowed_values: t.Mapping[str, t.Sequence[str]] | None = None
) -> dict[str, t.Any]:
    """Return the part of the description about a list and its objects, with the errors of each operation.

    ``allowed_values`` restricts parameters of the path or the form to these values.
    """
    paths = {name: item for name, item in description["paths"].items() if name in (path, path + "/{Sid}")}
    copy = json.loads(json.dumps({**description, "paths": paths}))
    for item in copy["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"]["default"] = ERROR
                restrict(operation, allowed_values or {})
    return t.cast("dict[str, t.Any]", copy)


def restrict(operation: dict[str, t.Any], allowed_values: t.Mapping[str, t.Sequence[str]]) -> None:
    for parameter in operation.get("parameters", []):
        if parameter["name"] in allowed_values:
            parameter["schema"] = {"enum": allowed_values[parameter["name"]]}
    for content in operation.get("requestBody", {}).get("content", {}).values():
        for name in set(content["schema"]["properties"]) & set(allowed_values):
            content["schema"]["properties"][name] = {"enum": allowed_values[name]}


def check(
    part: dict[str, t.Any],
    emulator: Emulator,
    folder: Path,
    target: str,
    *,
    success: t.Collection[tuple[str, bool, int]] = (("GET", True, 200), ("POST", True, 201), ("DELETE", False, 204)),
    examples: int = EXAMPLES,
) -> None:
    """Fuzz a list and its objects, and check that requests succeeded and failed in all expected ways.

    ``success`` has the method of requests, whether they are about the list, and the status.
    """
    description = folder / "description.json"
    description.write_text(json.dumps(part), encoding="utf-8")
    (folder / "schemathesis.toml").write_text(CONFIGURATION, encoding="utf-8")
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("run", str(description), "--url", emulator.base_url),
        *("--auth", f"{emulator.account_sid}:{emulator.auth_token}"),
        # Without this, it sends requests that should lack credentials with those above.
        *("--generation-with-security-parameters", "false"),
        *("--seed", str(SEED), "--generation-database", "none"),
        *("--checks", "all", "--exclude-checks", EXCLUDED_CHECK, "--max-examples", str(examples)),
    ]
    fuzzed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
    assert fuzzed.returncode == 0, fuzzed.stdout
    statuses = {(request["method"], request["path"] == target, request["status"]) for request in emulator.requests()}
    assert statuses >= {*success}
    assert {status for _method, _is_list, status in statuses} >= {400, 401, 405}


def test_services_are_as_described(
    openapi: dict[str, t.Any], emulator: Emulator, settings: dict[str, t.Any], tmp_path: Path
) -> None:
    emulator.reset(**settings)
    check(part_about(openapi, LIST), emulator, tmp_path, LIST)


def test_phone_numbers_are_as_described(
    openapi: dict[str, t.Any], emulator: Emulator, settings: dict[str, t.Any], tmp_path: Path
) -> None:
    emulator.reset(**settings)
    service, owned = emulator.create(unique_name="a")["sid"], emulator.owned_numbers()
    # The description cannot contain the SID of the Service and the numbers of the account.
    allowed_values = {
        "ServiceSid": [service],
        "Sid": [number["sid"] for number in owned],
        "PhoneNumber": [number["phone_number"] for number in owned],
    }
    check(part_about(openapi, POOL, allowed_values), emulator, tmp_path, f"{LIST}/{service}/PhoneNumbers")


def test_sessions_and_what_is_in_them_are_as_described(
    openapi: dict[str, t.Any], emulator: Emulator, settings: dict[str, t.Any], tmp_path: Path
) -> None:
    reads, creates = ("GET", True, 200), ("POST", True, 201)
    for path, success in (
        (SESSIONS, [reads, creates, ("DELETE", False, 204)]),
        (PARTICIPANTS, [reads, creates, ("DELETE", False, 200)]),
        (INTERACTIONS, [reads, ("DELETE", False, 204)]),
    ):
        emulator.reset(**settings)
        service = emulator.create(unique_name="a")["sid"]
        number = emulator.add_number(service, phone_number="+12025550100")["sid"]
        session, *others = (emulator.create_session(service) for _number in range(5))
        allowed_values = {
            "ServiceSid": [service],
            "SessionSid": [session["sid"]],
            "ProxyIdentifierSid": [number],
        }
        if path == SESSIONS:
            allowed_values["Sid"] = [other["sid"] for other in others]
        if path == INTERACTIONS:
            allowed_values["Sid"] = [emulator.interact(session)["sid"] for _number in range(5)]
        target = path.format(ServiceSid=service, SessionSid=session["sid"])
        part = part_about(openapi, path, allowed_values)
        check(part, emulator, tmp_path, target, success=success, examples=10)
