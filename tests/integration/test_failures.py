# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of the connection and of the API: what a failure reports, what is sent again, and nothing is created twice."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.integration.accounts import LIST, SID
from ansible_collections.twilio.proxy.tests.integration.command_line import Result, playbook
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator, Fault, Service

FAILURE_KEYS = {"status", "code", "message", "more_info", "request_id", "changed", "msg"}
OBJECT = f"{LIST}/{SID}"
RIDES = {"sid": SID, "unique_name": "rides"}
CREATE = {"unique_name": "rides"}
RENAME = {"sid": SID, "unique_name": "trips"}
UPDATE = {"unique_name": "rides", "default_ttl": 60}
DELETE = {"unique_name": "rides", "state": "absent"}
GATEWAY_ERROR = {"kind": "answer", "status": 502, "body": "<html><h1>Bad gateway</h1></html>"}
RATE_LIMITED = {
    "kind": "answer",
    "status": 429,
    "headers": {"Retry-After": "0"},
    "json": {"code": 20429, "message": "Slow"},
}
CONCURRENT_CREATE = {
    "kind": "meanwhile",
    "requests": [{"method": "POST", "path": LIST, "form": {"UniqueName": "rides"}}],
}
CONCURRENT_DELETE = {"kind": "meanwhile", "requests": [{"method": "DELETE", "path": OBJECT}]}


@dataclasses.dataclass(frozen=True)
class Case:
    """The options of a task, the faults that it meets, and the expected result.

    ``methods`` are those of the requests. ``before`` are the Services of the account, and ``remaining`` are the names
    of the Services after the task. ``environment`` is added to the environment variables for the emulator.
    """

    options: t.Mapping[str, t.Any]
    methods: str
    before: tuple[Service, ...] = ()
    remaining: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    settings: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    environment: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    changed: bool = False
    status: int | None = None
    code: int | None = None
    msg_contains: tuple[str, ...] = ()


#: The task fails with this status and code.
FAILING_CASES = {
    "wrong-token": Case(
        CREATE,
        "GET",
        environment={"TWILIO_AUTH_TOKEN": "another-token"},
        status=401,
        code=20003,
        msg_contains=("Authenticate", "Check account_sid and auth_token"),
    ),
    "creation-closed-403": Case(
        CREATE,
        "GET POST",
        settings={"creation_closed": True},
        status=403,
        code=80506,
    ),
    "creation-closed-400": Case(
        CREATE,
        "GET POST",
        settings={"creation_closed": True, "creation_closed_status": 400},
        status=400,
        code=80506,
    ),
    "too-many-services": Case(CREATE, "GET POST", settings={"service_limit": 0}, status=400, code=21102),
    "invalid-value-400": Case(
        {**CREATE, "geo_match_level": "radius"},
        "GET POST",
        settings={"geo_match_levels": ["country"]},
        status=400,
        code=80701,
        msg_contains=("GeoMatchLevel",),
    ),
    "invalid-value-422": Case(
        {**CREATE, "geo_match_level": "radius"},
        "GET POST",
        settings={"geo_match_levels": ["country"], "invalid_value_status": 422},
        status=422,
        code=80701,
        msg_contains=("GeoMatchLevel",),
    ),
    "rename-to-taken-400": Case(
        RENAME,
        "GET POST",
        before=(RIDES, {"unique_name": "trips"}),
        remaining=("rides", "trips"),
        status=400,
        code=80602,
        msg_contains=("must be unique", "Choose another unique_name"),
    ),
    "rename-to-taken-409": Case(
        RENAME,
        "GET POST",
        before=(RIDES, {"unique_name": "trips"}),
        remaining=("rides", "trips"),
        settings={"name_taken_status": 409},
        status=409,
        code=80602,
        msg_contains=("must be unique",),
    ),
    "taken-in-other-case": Case(
        {"unique_name": "RIDES", "retries": 0},
        "GET POST GET",
        before=(RIDES,),
        remaining=("rides",),
        settings={"case_sensitive_names": False},
        status=400,
        code=80602,
        msg_contains=("upper and lower case",),
    ),
    "too-many-requests": Case(
        {**CREATE, "retries": 1},
        "GET GET",
        faults=(Fault(RATE_LIMITED, "GET", times=None),),
        status=429,
        code=20429,
        msg_contains=("Slow",),
    ),
    "no-retries": Case(
        {**CREATE, "retries": 0},
        "GET",
        faults=(Fault({"kind": "answer", "status": 503, "json": {"code": 20503, "message": "Down"}}),),
        status=503,
        code=20503,
        msg_contains=("Down", "status.twilio.com"),
    ),
    "not-found-by-a-gateway": Case(
        {"sid": SID, "state": "absent"},
        "GET",
        before=(RIDES,),
        remaining=("rides",),
        faults=(Fault({"kind": "answer", "status": 404, "body": "<html>Not found</html>"}),),
        status=404,
        msg_contains=("a proxy or a gateway",),
    ),
    "another-400": Case(
        {"sid": SID, "state": "absent"},
        "GET",
        before=(RIDES,),
        remaining=("rides",),
        faults=(Fault({"kind": "answer", "status": 400, "json": {"code": 20001, "message": "Malformed"}}),),
        status=400,
        code=20001,
    ),
    "html-for-a-page": Case(
        {**CREATE, "retries": 0},
        "GET",
        faults=(Fault({"kind": "answer", "status": 200, "body": "<html>Log in</html>"}),),
        status=200,
        msg_contains=("not JSON",),
    ),
    "next-page-on-another-host": Case(
        CREATE,
        "GET",
        faults=(Fault({"kind": "patch", "set": {"/meta/next_page_url": "https://example.com/v1/Services?Page=1"}}),),
        msg_contains=("next_page_url", "another host"),
    ),
    "next-page-on-another-port": Case(
        CREATE,
        "GET",
        faults=(Fault({"kind": "patch", "set": {"/meta/next_page_url": "http://127.0.0.1:9/v1/Services?Page=1"}}),),
        msg_contains=("next_page_url", "another host"),
    ),
    "looping-pages": Case(
        CREATE,
        "GET GET",
        faults=(Fault({"kind": "patch", "set": {"/meta/next_page_url": "{base_url}/v1/Services?Page=1"}}, times=None),),
        msg_contains=("next_page_url", "was read before"),
    ),
    "redirect": Case(
        CREATE,
        "GET",
        faults=(
            Fault({"kind": "answer", "status": 302, "headers": {"Location": "{base_url}/v1/Elsewhere"}, "body": ""}),
        ),
        status=302,
        msg_contains=("redirect", "not followed"),
    ),
    "page-with-wrong-type": Case(
        CREATE,
        "GET",
        before=(RIDES,),
        remaining=("rides",),
        faults=(Fault({"kind": "patch", "set": {"/services/0/default_ttl": "an hour"}}),),
        status=200,
        msg_contains=("services[0].default_ttl ",),
    ),
    "update-without-sid": Case(
        UPDATE,
        "GET POST",
        before=(RIDES,),
        remaining=("rides",),
        faults=(Fault({"kind": "patch", "remove": ["/sid"]}, "POST"),),
        changed=True,
        status=200,
        msg_contains=(": sid ", "It is not known whether the change was made"),
    ),
    "deleted-before-an-update-by-sid": Case(
        {"sid": SID, "default_ttl": 60},
        "GET POST GET",
        before=(RIDES,),
        faults=(Fault(CONCURRENT_DELETE, "POST", OBJECT),),
        msg_contains=(f"no Service {SID}.",),
    ),
    "no-answer-to-a-create": Case(
        {**CREATE, "retries": 0},
        "GET POST GET",
        remaining=("rides",),
        faults=(
            Fault({"kind": "cut", "when": "after"}, "POST"),
            Fault({"kind": "answer", "status": 500, "json": {"code": 20500, "message": "Down"}}, "GET", skip=1),
        ),
        changed=True,
        status=500,
        code=20500,
        msg_contains=("It is not known whether the change was made",),
    ),
    "no-connection": Case(
        {**CREATE, "retries": 0, "base_url": "http://127.0.0.1:9"},
        "",
        msg_contains=("127.0.0.1:9",),
    ),
}

#: The task succeeds in spite of the faults.
RECOVERING_CASES = {
    "too-many-requests-once": Case(
        CREATE, "GET POST POST", remaining=("rides",), faults=(Fault(RATE_LIMITED, "POST"),), changed=True
    ),
    "server-error-on-reading": Case(
        CREATE,
        "GET GET POST",
        remaining=("rides",),
        faults=(Fault({"kind": "answer", "status": 500}, "GET"),),
        changed=True,
    ),
    "page-cut-in-the-middle": Case(
        CREATE,
        "GET GET POST",
        remaining=("rides",),
        faults=(Fault({"kind": "cut", "when": "middle"}, "GET"),),
        changed=True,
    ),
    "gateway-before-a-create": Case(
        CREATE, "GET POST GET POST", remaining=("rides",), faults=(Fault(GATEWAY_ERROR, "POST"),), changed=True
    ),
    "gateway-after-a-create": Case(
        CREATE,
        "GET POST GET",
        remaining=("rides",),
        faults=(Fault({**GATEWAY_ERROR, "applied": True}, "POST"),),
        changed=True,
    ),
    "create-cut-before": Case(
        CREATE,
        "GET POST GET POST",
        remaining=("rides",),
        faults=(Fault({"kind": "cut", "when": "before"}, "POST"),),
        changed=True,
    ),
    "create-cut-after": Case(
        CREATE,
        "GET POST GET",
        remaining=("rides",),
        faults=(Fault({"kind": "cut", "when": "after"}, "POST"),),
        changed=True,
    ),
    "create-cut-in-the-middle": Case(
        CREATE,
        "GET POST GET",
        remaining=("rides",),
        faults=(Fault({"kind": "cut", "when": "middle"}, "POST"),),
        changed=True,
    ),
    "create-answered-late": Case(
        {**CREATE, "timeout": 1},
        "GET POST GET",
        remaining=("rides",),
        faults=(Fault({"kind": "late", "seconds": 2}, "POST"),),
        changed=True,
    ),
    "update-cut-after": Case(
        UPDATE,
        "GET POST POST",
        before=(RIDES,),
        remaining=("rides",),
        faults=(Fault({"kind": "cut", "when": "after"}, "POST"),),
        changed=True,
    ),
    "delete-cut-after": Case(
        DELETE,
        "GET DELETE DELETE",
        before=(RIDES,),
        faults=(Fault({"kind": "cut", "when": "after"}, "DELETE"),),
        changed=True,
    ),
    "deleted-before-an-update": Case(
        UPDATE,
        "GET POST GET POST",
        before=(RIDES,),
        remaining=("rides",),
        faults=(Fault(CONCURRENT_DELETE, "POST", OBJECT),),
        changed=True,
    ),
    "deleted-before-a-delete": Case(
        DELETE, "GET DELETE", before=(RIDES,), faults=(Fault(CONCURRENT_DELETE, "DELETE", OBJECT),)
    ),
    "created-before-a-create-400": Case(
        CREATE, "GET POST GET", remaining=("rides",), faults=(Fault(CONCURRENT_CREATE, "POST"),)
    ),
    "created-before-a-create-409": Case(
        {**UPDATE},
        "GET POST GET POST",
        remaining=("rides",),
        faults=(Fault(CONCURRENT_CREATE, "POST"),),
        settings={"name_taken_status": 409},
        changed=True,
    ),
    "unknown-field-and-value": Case(
        CREATE,
        "GET",
        before=(RIDES,),
        remaining=("rides",),
        faults=(
            Fault({"kind": "patch", "set": {"/services/0/brand_new": 1, "/services/0/geo_match_level": "planet"}}),
        ),
    ),
}
CASES = {**FAILING_CASES, **RECOVERING_CASES}


class CaseResult(t.NamedTuple):
    """The result of a case's task, the methods of its requests, the remaining names, and faults that did not occur."""

    result: Result
    methods: str
    remaining: tuple[str, ...]
    unused_faults: list[t.Any]


@pytest.fixture(scope="module")
def case_results() -> dict[str, CaseResult]:
    """Run all cases in one playbook, each with its own emulator."""
    with contextlib.ExitStack() as stack:
        emulators = {name: stack.enter_context(Emulator(**settings(case))) for name, case in CASES.items()}
        for name, case in CASES.items():
            for fault in case.faults:
                emulators[name].fault(*fault)
        hosts = {
            name: {
                "arguments": dict(case.options),
                "environment_of_host": {**emulators[name].environment, **case.environment},
            }
            for name, case in CASES.items()
        }
        task = {"name": "run", "twilio.proxy.service": "{{ arguments }}", "ignore_errors": True}
        play = {"hosts": "all", "gather_facts": False, "environment": "{{ environment_of_host }}", "tasks": [task]}
        run = playbook([play], hosts=hosts)
        results = {}
        for name, emulator in emulators.items():
            methods = " ".join(entry["method"] for entry in emulator.requests())
            unused_faults = [rule for rule in emulator.faults() if not rule["used"]]
            emulator.send("DELETE", "/__emulator__/faults")
            remaining = tuple(sorted(service["unique_name"] for service in emulator.services()))
            results[name] = CaseResult(run.result("run", name), methods, remaining, unused_faults)
    return results


def settings(case: Case) -> dict[str, t.Any]:
    """Return the emulator's settings, with the case's Services in the only account."""
    account = {"account_sid": "AC" + "0" * 32, "auth_token": "token-for-failures", "services": list(case.before)}
    return {**case.settings, "accounts": [account]}


@pytest.mark.parametrize("name", CASES)
def test_requests_and_remaining_services(name: str, case_results: dict[str, CaseResult]) -> None:
    """Each fault occurred, exactly these requests were sent, and no Service was created twice."""
    case = CASES[name]
    assert case_results[name][1:] == (case.methods, case.remaining, [])


@pytest.mark.parametrize("name", FAILING_CASES)
def test_a_failure_reports_status_code_and_message(name: str, case_results: dict[str, CaseResult]) -> None:
    case, result = CASES[name], case_results[name].result
    assert result["failed"]
    assert FAILURE_KEYS - set(result) == set()
    assert {key: result[key] for key in ("changed", "status", "code")} == {
        "changed": case.changed,
        "status": case.status,
        "code": case.code,
    }
    assert [text for text in case.msg_contains if text not in result["msg"]] == [], result["msg"]
    # The answers of faults have neither.
    if case.code is not None and not case.faults:
        assert result["more_info"] == f"https://www.twilio.com/docs/errors/{case.code}"
        assert result["request_id"].startswith("RQ")
        assert result["request_id"] in result["msg"]


@pytest.mark.parametrize("name", RECOVERING_CASES)
def test_the_task_recovers_from_a_temporary_error(name: str, case_results: dict[str, CaseResult]) -> None:
    case, result = CASES[name], case_results[name].result
    assert (result["failed"], result["changed"]) == (False, case.changed), result.get("msg")
    assert result["service"]["unique_name"] == "rides"
    if case.remaining:
        assert result["service"]["default_ttl"] == case.options.get("default_ttl", 0)
