# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fuzzer asks for what the published OpenAPI description allows, and for what it does not."""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t
from pathlib import Path

from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

LIST = "/v1/Services"
POOL = LIST + "/{ServiceSid}/PhoneNumbers"
SEED = 20261123
EXAMPLES = 40
SECONDS = 120

# The description allows more than the API does: it knows nothing of names that are taken, of SIDs that name nothing,
# of page tokens that were never given, nor which URLs are http. A refusal of what it allows is no finding.
UNSAID = "positive_data_acceptance"

# A way to be refused that the fuzzer does not think of: a body that does not say how long it is.
CONFIGURATION = """
[checks]
negative_data_rejection.expected-statuses = [400, 401, 404, 405, 409, 411, 422]
"""

# The description leaves errors out.
ERROR = {
    "description": "What the API answers to a request that it does not grant.",
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


def about(
    description: dict[str, t.Any], path: str, known: t.Mapping[str, t.Sequence[str]] | None = None
) -> dict[str, t.Any]:
    """The part about a list and the objects in it, with the errors that each operation may answer. ``known`` are the
    values that some parameters, in a path or a form, may have."""
    paths = {name: item for name, item in description["paths"].items() if name in (path, path + "/{Sid}")}
    copy = json.loads(json.dumps({**description, "paths": paths}))
    for item in copy["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"]["default"] = ERROR
                restrict(operation, known or {})
    return t.cast("dict[str, t.Any]", copy)


def restrict(operation: dict[str, t.Any], known: t.Mapping[str, t.Sequence[str]]) -> None:
    for parameter in operation.get("parameters", []):
        if parameter["name"] in known:
            parameter["schema"] = {"enum": known[parameter["name"]]}
    for content in operation.get("requestBody", {}).get("content", {}).values():
        for name in set(content["schema"]["properties"]) & set(known):
            content["schema"]["properties"][name] = {"enum": known[name]}


def fuzz(part: dict[str, t.Any], emulator: Emulator, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs schemathesis on the emulator, the same way each time."""
    description = folder / "description.json"
    description.write_text(json.dumps(part), encoding="utf-8")
    (folder / "schemathesis.toml").write_text(CONFIGURATION, encoding="utf-8")
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("run", str(description), "--url", emulator.base_url),
        *("--auth", f"{emulator.account_sid}:{emulator.auth_token}"),
        # It would count a request without credentials as wrong, and send it with those above.
        *("--generation-with-security-parameters", "false"),
        *("--seed", str(SEED), "--generation-database", "none"),
        *arguments,
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)


def check(part: dict[str, t.Any], emulator: Emulator, folder: Path, target: str) -> None:
    """Fuzzes a list and the objects in it; it has to get as far as objects that are there, and be refused too."""
    checks = ["--checks", "all", "--exclude-checks", UNSAID, "--max-examples", str(EXAMPLES)]
    fuzzed = fuzz(part, emulator, folder, *checks)
    assert fuzzed.returncode == 0, fuzzed.stdout
    statuses = {(request["method"], request["path"] == target, request["status"]) for request in emulator.requests()}
    assert statuses >= {("GET", True, 200), ("POST", True, 201), ("DELETE", False, 204)}
    assert {status for _method, _is_list, status in statuses} >= {400, 401, 405}


def test_the_emulator_holds_against_the_description(
    openapi: dict[str, t.Any], emulator: Emulator, settings: dict[str, t.Any], tmp_path: Path
) -> None:
    emulator.reset(**settings)
    check(about(openapi, LIST), emulator, tmp_path, LIST)


def test_a_pool_holds_against_the_description(
    openapi: dict[str, t.Any], emulator: Emulator, settings: dict[str, t.Any], tmp_path: Path
) -> None:
    emulator.reset(**settings)
    service, owned = emulator.create(unique_name="a")["sid"], emulator.owned_numbers()
    # No description can say which Service there is, and which numbers the account owns.
    known = {
        "ServiceSid": [service],
        "Sid": [number["sid"] for number in owned],
        "PhoneNumber": [number["phone_number"] for number in owned],
    }
    check(about(openapi, POOL, known), emulator, tmp_path, f"{LIST}/{service}/PhoneNumbers")


def test_the_fuzzer_finds_a_wrong_answer(openapi: dict[str, t.Any], emulator: Emulator, tmp_path: Path) -> None:
    emulator.fault({"kind": "patch", "set": {"/services": "none"}}, method="GET", path=LIST, times=None)
    only_lists = ["--include-operation-id", "ListService", "--phases", "fuzzing", "--max-examples", "2"]
    checks = ["--checks", "response_schema_conformance"]
    fuzzed = fuzz(about(openapi, LIST), emulator, tmp_path, *checks, *only_lists)
    assert fuzzed.returncode == 1
    assert "Response violates schema" in fuzzed.stdout
