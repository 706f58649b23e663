# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong, on the way or in the account: what is told, what is sent again; and nothing is created twice."""

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
CHANGE = {"unique_name": "rides", "default_ttl": 60}
DELETE = {"unique_name": "rides", "state": "absent"}
GATEWAY = {"kind": "answer", "status": 502, "body": "<html><h1>Bad gateway</h1></html>"}
TOO_MANY = {
    "kind": "answer",
    "status": 429,
    "headers": {"Retry-After": "0"},
    "json": {"code": 20429, "message": "Slow"},
}
SECOND_CREATE = {"kind": "meanwhile", "requests": [{"method": "POST", "path": LIST, "form": {"UniqueName": "rides"}}]}
SECOND_DELETE = {"kind": "meanwhile", "requests": [{"method": "DELETE", "path": OBJECT}]}


@dataclasses.dataclass(frozen=True)
class Case:
    """A task, and the trouble that it meets.

    ``before`` are the Services of the account, ``left`` the names that it has afterwards, ``sent`` the methods of the
    requests; ``environment`` goes on top of the emulator's own.
    """

    given: t.Mapping[str, t.Any]
    sent: str
    before: tuple[Service, ...] = ()
    left: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    settings: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    environment: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    changed: bool = False
    status: int | None = None
    code: int | None = None
    says: tuple[str, ...] = ()


#: The task fails, and says so with status and code.
FAILING = {
    "wrong-token": Case(
        CREATE,
        "GET",
        environment={"TWILIO_AUTH_TOKEN": "another-token"},
        status=401,
        code=20003,
        says=("Authenticate", "Check account_sid and auth_token"),
    ),
    "creation-closed-403": Case(
        CREATE,
        "GET POST",
        settings={"creation_closed": True},
        status=403,
        code=80506,
        says=("closed to new customers",),
    ),
    "creation-closed-400": Case(
        CREATE,
        "GET POST",
        settings={"creation_closed": True, "creation_closed_status": 400},
        status=400,
        code=80506,
        says=("closed to new customers",),
    ),
    "too-many-services": Case(CREATE, "GET POST", settings={"service_limit": 0}, status=400, code=21102),
    "refused-value-400": Case(
        {**CREATE, "geo_match_level": "radius"},
        "GET POST",
        settings={"geo_match_levels": ["country"]},
        status=400,
        code=80701,
        says=("GeoMatchLevel",),
    ),
    "refused-value-422": Case(
        {**CREATE, "geo_match_level": "radius"},
        "GET POST",
        settings={"geo_match_levels": ["country"], "invalid_value_status": 422},
        status=422,
        code=80701,
        says=("GeoMatchLevel",),
    ),
    "rename-to-taken-400": Case(
        RENAME,
        "GET POST",
        before=(RIDES, {"unique_name": "trips"}),
        left=("rides", "trips"),
        status=400,
        code=80602,
        says=("must be unique", "Choose another unique_name"),
    ),
    "rename-to-taken-409": Case(
        RENAME,
        "GET POST",
        before=(RIDES, {"unique_name": "trips"}),
        left=("rides", "trips"),
        settings={"name_taken_status": 409},
        status=409,
        code=80602,
        says=("must be unique",),
    ),
    "taken-in-other-case": Case(
        {"unique_name": "RIDES", "retries": 0},
        "GET POST GET",
        before=(RIDES,),
        left=("rides",),
        settings={"case_sensitive_names": False},
        status=400,
        code=80602,
        says=("upper and lower case only",),
    ),
    "too-many-requests": Case(
        {**CREATE, "retries": 1},
        "GET GET",
        faults=(Fault(TOO_MANY, "GET", times=None),),
        status=429,
        code=20429,
        says=("Slow",),
    ),
    "no-retries": Case(
        {**CREATE, "retries": 0},
        "GET",
        faults=(Fault({"kind": "answer", "status": 503, "json": {"code": 20503, "message": "Down"}}),),
        status=503,
        code=20503,
        says=("Down", "status.twilio.com"),
    ),
    "not-found-by-a-gateway": Case(
        {"sid": SID, "state": "absent"},
        "GET",
        before=(RIDES,),
        left=("rides",),
        faults=(Fault({"kind": "answer", "status": 404, "body": "<html>Not found</html>"}),),
        status=404,
        says=("a proxy's or a gateway's",),
    ),
    "another-400": Case(
        {"sid": SID, "state": "absent"},
        "GET",
        before=(RIDES,),
        left=("rides",),
        faults=(Fault({"kind": "answer", "status": 400, "json": {"code": 20001, "message": "Malformed"}}),),
        status=400,
        code=20001,
    ),
    "html-for-a-page": Case(
        {**CREATE, "retries": 0},
        "GET",
        faults=(Fault({"kind": "answer", "status": 200, "body": "<html>Log in</html>"}),),
        status=200,
        says=("no JSON",),
    ),
    "foreign-next-page": Case(
        CREATE,
        "GET",
        faults=(Fault({"kind": "patch", "set": {"/meta/next_page_url": "https://example.com/v1/Services?Page=1"}}),),
        says=("next_page_url", "another host"),
    ),
    "next-page-on-another-port": Case(
        CREATE,
        "GET",
        faults=(Fault({"kind": "patch", "set": {"/meta/next_page_url": "http://127.0.0.1:9/v1/Services?Page=1"}}),),
        says=("next_page_url", "another host"),
    ),
    "looping-pages": Case(
        CREATE,
        "GET GET",
        faults=(Fault({"kind": "patch", "set": {"/meta/next_page_url": "{base_url}/v1/Services?Page=1"}}, times=None),),
        says=("next_page_url", "was read before"),
    ),
    "redirect": Case(
        CREATE,
        "GET",
        faults=(
            Fault({"kind": "answer", "status": 302, "headers": {"Location": "{base_url}/v1/Elsewhere"}, "body": ""}),
        ),
        status=302,
        says=("redirect", "not followed"),
    ),
    "page-of-wrong-shape": Case(
        CREATE,
        "GET",
        before=(RIDES,),
        left=("rides",),
        faults=(Fault({"kind": "patch", "set": {"/services/0/default_ttl": "an hour"}}),),
        status=200,
        says=("services[0].default_ttl should be integer, and is string",),
    ),
    "update-of-wrong-shape": Case(
        CHANGE,
        "GET POST",
        before=(RIDES,),
        left=("rides",),
        faults=(Fault({"kind": "patch", "remove": ["/sid"]}, "POST"),),
        changed=True,
        status=200,
        says=("the answer lacks sid", "It is not known whether the change was made"),
    ),
    "vanished-before-a-change-by-sid": Case(
        {"sid": SID, "default_ttl": 60},
        "GET POST GET",
        before=(RIDES,),
        faults=(Fault(SECOND_DELETE, "POST", OBJECT),),
        says=(f"no Service {SID}",),
    ),
    "no-answer-to-a-create": Case(
        {**CREATE, "retries": 0},
        "GET POST GET",
        left=("rides",),
        faults=(
            Fault({"kind": "cut", "when": "after"}, "POST"),
            Fault({"kind": "answer", "status": 500, "json": {"code": 20500, "message": "Down"}}, "GET", skip=1),
        ),
        changed=True,
        status=500,
        code=20500,
        says=("It is not known whether the change was made",),
    ),
    "no-connection": Case(
        {**CREATE, "retries": 0, "base_url": "http://127.0.0.1:9"}, "", says=("there was no connection to 127.0.0.1:9",)
    ),
}

#: The task succeeds all the same.
RECOVERING = {
    "too-many-requests-once": Case(
        CREATE, "GET POST POST", left=("rides",), faults=(Fault(TOO_MANY, "POST"),), changed=True
    ),
    "server-error-on-reading": Case(
        CREATE, "GET GET POST", left=("rides",), faults=(Fault({"kind": "answer", "status": 500}, "GET"),), changed=True
    ),
    "half-a-page": Case(
        CREATE, "GET GET POST", left=("rides",), faults=(Fault({"kind": "cut", "when": "middle"}, "GET"),), changed=True
    ),
    "gateway-before-a-create": Case(
        CREATE, "GET POST GET POST", left=("rides",), faults=(Fault(GATEWAY, "POST"),), changed=True
    ),
    "gateway-after-a-create": Case(
        CREATE, "GET POST GET", left=("rides",), faults=(Fault({**GATEWAY, "applied": True}, "POST"),), changed=True
    ),
    "create-cut-before": Case(
        CREATE,
        "GET POST GET POST",
        left=("rides",),
        faults=(Fault({"kind": "cut", "when": "before"}, "POST"),),
        changed=True,
    ),
    "create-cut-after": Case(
        CREATE, "GET POST GET", left=("rides",), faults=(Fault({"kind": "cut", "when": "after"}, "POST"),), changed=True
    ),
    "create-half-answered": Case(
        CREATE,
        "GET POST GET",
        left=("rides",),
        faults=(Fault({"kind": "cut", "when": "middle"}, "POST"),),
        changed=True,
    ),
    "create-answered-late": Case(
        {**CREATE, "timeout": 1},
        "GET POST GET",
        left=("rides",),
        faults=(Fault({"kind": "late", "seconds": 2}, "POST"),),
        changed=True,
    ),
    "change-cut-after": Case(
        CHANGE,
        "GET POST POST",
        before=(RIDES,),
        left=("rides",),
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
    "vanished-before-a-change": Case(
        CHANGE,
        "GET POST GET POST",
        before=(RIDES,),
        left=("rides",),
        faults=(Fault(SECOND_DELETE, "POST", OBJECT),),
        changed=True,
    ),
    "vanished-before-a-delete": Case(
        DELETE, "GET DELETE", before=(RIDES,), faults=(Fault(SECOND_DELETE, "DELETE", OBJECT),)
    ),
    "appeared-before-a-create-400": Case(
        CREATE, "GET POST GET", left=("rides",), faults=(Fault(SECOND_CREATE, "POST"),)
    ),
    "appeared-before-a-create-409": Case(
        {**CHANGE},
        "GET POST GET POST",
        left=("rides",),
        faults=(Fault(SECOND_CREATE, "POST"),),
        settings={"name_taken_status": 409},
        changed=True,
    ),
    "unknown-field-and-value": Case(
        CREATE,
        "GET",
        before=(RIDES,),
        left=("rides",),
        faults=(
            Fault({"kind": "patch", "set": {"/services/0/brand_new": 1, "/services/0/geo_match_level": "planet"}}),
        ),
    ),
}
CASES = {**FAILING, **RECOVERING}


class Played(t.NamedTuple):
    """The result of a case's task, the methods of its requests, the names that were left, and which faults happened."""

    result: Result
    sent: str
    left: tuple[str, ...]
    unused: list[t.Any]


@pytest.fixture(scope="module")
def played() -> dict[str, Played]:
    """All cases through one playbook, each with an emulator of its own."""
    with contextlib.ExitStack() as stack:
        emulators = {name: stack.enter_context(Emulator(**settings(case))) for name, case in CASES.items()}
        for name, case in CASES.items():
            for fault in case.faults:
                emulators[name].fault(*fault)
        hosts = {
            name: {
                "arguments": dict(case.given),
                "environment_of_host": {**emulators[name].environment, **case.environment},
            }
            for name, case in CASES.items()
        }
        task = {"name": "run", "twilio.proxy.service": "{{ arguments }}", "ignore_errors": True}
        play = {"hosts": "all", "gather_facts": False, "environment": "{{ environment_of_host }}", "tasks": [task]}
        run = playbook([play], hosts=hosts)
        found = {}
        for name, emulator in emulators.items():
            sent = " ".join(entry["method"] for entry in emulator.requests())
            unused = [rule for rule in emulator.faults() if not rule["used"]]
            emulator.send("DELETE", "/__emulator__/faults")
            left = tuple(sorted(service["unique_name"] for service in emulator.services()))
            found[name] = Played(run.result("run", name), sent, left, unused)
    return found


def settings(case: Case) -> dict[str, t.Any]:
    """The emulator's settings, with the case's Services in its only account."""
    account = {"account_sid": "AC" + "0" * 32, "auth_token": "token-for-failures", "services": list(case.before)}
    return {**case.settings, "accounts": [account]}


@pytest.mark.parametrize("name", CASES)
def test_the_requests_and_what_is_left(name: str, played: dict[str, Played]) -> None:
    """Each fault happened, exactly these requests were sent, and there never is a second Service of the name."""
    case = CASES[name]
    assert played[name][1:] == (case.sent, case.left, [])


@pytest.mark.parametrize("name", FAILING)
def test_a_failure_says_what_is_known(name: str, played: dict[str, Played]) -> None:
    case, result = CASES[name], played[name].result
    assert result["failed"]
    assert FAILURE_KEYS - set(result) == set()
    assert {key: result[key] for key in ("changed", "status", "code")} == {
        "changed": case.changed,
        "status": case.status,
        "code": case.code,
    }
    assert [words for words in case.says if words not in result["msg"]] == [], result["msg"]
    # What a fault answers in the API's name has neither.
    if case.code is not None and not case.faults:
        assert result["more_info"] == f"https://www.twilio.com/docs/errors/{case.code}"
        assert result["request_id"].startswith("RQ")
        assert result["request_id"] in result["msg"]


@pytest.mark.parametrize("name", RECOVERING)
def test_a_passing_trouble_is_overcome(name: str, played: dict[str, Played]) -> None:
    case, result = CASES[name], played[name].result
    assert (result["failed"], result["changed"]) == (False, case.changed), result.get("msg")
    assert result["service"]["unique_name"] == "rides"
    if case.left:
        assert result["service"]["default_ttl"] == case.given.get("default_ttl", 0)
