# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each module and each kind of result, in-process and by the module: the results and the requests are the same."""

from __future__ import annotations

import json
import re
import sys
import typing as t

from ansible_collections.twilio.proxy.tests.integration.accounts import ABSENT_SID, LIST, SID
from ansible_collections.twilio.proxy.tests.integration.command_line import Run, playbook
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

Options = dict[str, t.Any]

FIRST, SECOND = "+12025550101", "+12025550102"
WITH_PASSWORD = "https://u:hush-hush@example.com/"
BUSY = {"kind": "answer", "status": 503, "headers": {"Retry-After": "0"}, "json": {"code": 20503, "message": "Busy"}}
IN_POOL: Options = {"service_unique_name": "yes", "phone_number": FIRST}
TALK: Options = {
    "sid": "KC" + "5" * 32,
    "unique_name": "talk",
    "interactions": [{"sid": "KI" + "5" * 32, "type": "message"}],
}
IN_IDLE: Options = {"service_unique_name": "idle"}
IN_RIDE: Options = {"service_sid": SID, "session_unique_name": "ride"}
IN_TALK: Options = {**IN_IDLE, "session_sid": TALK["sid"]}
DRIVER: Options = {**IN_RIDE, "identifier": "messenger:1", "proxy_identifier": "messenger:9"}
MATCHING: Options = {"service_unique_name": "yes", "unique_name_matching": "^ride"}
DIFF: Options = {"diff": True}
CHECK: Options = {"check_mode": True, "diff": True}


class Case(t.NamedTuple):
    """A task, and whether it fails and changes something."""

    module: str
    options: Options
    changed: bool = False
    failed: bool = False
    keywords: t.Mapping[str, t.Any] = {}


#: The tasks in order. The account has a Service "busy", whose first request is answered with an error, and two numbers.
CASES: dict[str, Case] = {
    # twilio.proxy.service
    "predicted": Case("service", {"unique_name": "new", "default_ttl": 5}, changed=True, keywords=CHECK),
    "created": Case(
        "service", {"unique_name": "{{ item }}"}, changed=True, keywords={"loop": ["yes", "0123", "Zoë ☎"]}
    ),
    "unchanged": Case("service", {"unique_name": "{{ item }}"}, keywords={"loop": ["yes", "0123", "Zoë ☎"]}),
    "updated": Case("service", {"unique_name": "yes", "default_ttl": "{{ 60 * 2 }}"}, changed=True, keywords=DIFF),
    "secret": Case("service", {"unique_name": "yes", "callback_url": WITH_PASSWORD}, changed=True, keywords=DIFF),
    "cleared": Case("service", {"unique_name": "yes", "callback_url": ""}, changed=True, keywords=DIFF),
    "renamed": Case("service", {"sid": SID, "unique_name": "idle"}, changed=True),
    "no log": Case("service", {"unique_name": "quiet"}, changed=True, keywords={"no_log": True}),
    "absent SID": Case("service", {"sid": ABSENT_SID, "default_ttl": 1}, failed=True),
    "invalid values": Case("service", {"unique_name": "", "default_ttl": -1, "base_url": WITH_PASSWORD}, failed=True),
    "wrong type": Case("service", {"unique_name": "a", "default_ttl": "soon"}, failed=True),
    "wrong choice": Case("service", {"unique_name": "a", "geo_match_level": "street"}, failed=True),
    "unknown option": Case("service", {"unique_name": "a", "unique_nam": "b"}, failed=True),
    "no options": Case("service", {}, failed=True),
    "null": Case("service", {"sid": "{{ null_sid }}", "unique_name": "a"}, failed=True),
    "error of the API": Case("service", {"sid": SID, "unique_name": "yes"}, failed=True),
    "wrong token": Case(
        "service", {"unique_name": "a"}, failed=True, keywords={"environment": {"TWILIO_AUTH_TOKEN": "x"}}
    ),
    "deleted": Case("service", {"unique_name": "0123", "state": "absent"}, changed=True, keywords=DIFF),
    "absent already": Case("service", {"unique_name": "0123", "state": "absent"}),
    # twilio.proxy.service_info
    "warning": Case("service_info", {"validate_certs": False}),
    "properties": Case("service_info", {"properties": ["unique_name"], "limit": 2}),
    "until": Case(
        "service_info",
        {"unique_name": "never"},
        failed=True,
        keywords={"register": "found", "until": "found.services", "retries": 2, "delay": 0},
    ),
    "changed_when": Case(
        "service_info", {"sid": SID}, changed=True, keywords={"register": "all", "changed_when": "all.services != []"}
    ),
    # twilio.proxy.phone_number and phone_number_info
    "number predicted": Case("phone_number", IN_POOL, changed=True, keywords=CHECK),
    "number added": Case("phone_number", IN_POOL, changed=True, keywords=DIFF),
    "number unchanged": Case("phone_number", IN_POOL),
    "number reserved": Case("phone_number", {**IN_POOL, "is_reserved": True}, changed=True, keywords=DIFF),
    "number of another account": Case("phone_number", {**IN_POOL, "phone_number": "+12025550199"}, failed=True),
    "numbers": Case("phone_number_info", {"service_unique_name": "yes"}),
    "number removed": Case("phone_number", {**IN_POOL, "state": "absent"}, changed=True, keywords=DIFF),
    # twilio.proxy.session, participant, interaction and what reads them
    "Session predicted": Case("session", {**IN_IDLE, "unique_name": "ride"}, changed=True, keywords=CHECK),
    "Session created": Case(
        "session", {**IN_IDLE, "unique_name": "ride", "mode": "voice-only"}, changed=True, keywords=DIFF
    ),
    "Session unchanged": Case("session", {**IN_IDLE, "unique_name": "ride", "status": "in-progress"}),
    "Session of another mode": Case(
        "session", {**IN_IDLE, "unique_name": "ride", "mode": "message-only"}, failed=True, keywords=CHECK
    ),
    "participant predicted": Case("participant", DRIVER, changed=True, keywords=CHECK),
    "participant added": Case("participant", DRIVER, changed=True, keywords=DIFF),
    "participant unchanged": Case("participant", DRIVER),
    "participant of another name": Case("participant", {**DRIVER, "friendly_name": "driver"}, failed=True),
    "participants": Case("participant_info", IN_RIDE),
    "participant removed": Case("participant", {**DRIVER, "state": "absent"}, changed=True, keywords=DIFF),
    "participant that returns": Case("participant", DRIVER, failed=True),
    "Session closed": Case(
        "session", {**IN_IDLE, "unique_name": "ride", "status": "closed"}, changed=True, keywords=DIFF
    ),
    "Sessions": Case("session_info", {**IN_IDLE, "status": ["closed"]}),
    "Session deleted": Case("session", {**IN_IDLE, "unique_name": "ride", "state": "absent"}, changed=True),
    "interactions": Case("interaction_info", {**IN_TALK, "type": "message"}),
    "interaction predicted": Case(
        "interaction", {**IN_TALK, "sid": "KI" + "5" * 32, "state": "absent"}, changed=True, keywords=CHECK
    ),
    "interaction deleted": Case(
        "interaction", {**IN_TALK, "sid": "KI" + "5" * 32, "state": "absent"}, changed=True, keywords=DIFF
    ),
    # twilio.proxy.sessions
    "two Sessions": Case(
        "session",
        {"service_unique_name": "yes", "unique_name": "{{ item }}"},
        changed=True,
        keywords={"loop": ["ride 1", "ride 2"]},
    ),
    "sessions predicted": Case("sessions", {**MATCHING, "state": "closed"}, changed=True, keywords=CHECK),
    "sessions closed": Case("sessions", {**MATCHING, "state": "closed"}, changed=True, keywords=DIFF),
    "sessions closed already": Case("sessions", {**MATCHING, "state": "closed"}),
    "too many sessions": Case("sessions", {**MATCHING, "state": "absent", "max_sessions": 1}, failed=True),
    "sessions without a filter": Case("sessions", {"all_services": True, "state": "absent"}, failed=True),
    "sessions deleted": Case("sessions", {**MATCHING, "state": "absent"}, changed=True, keywords=DIFF),
    # twilio.proxy.services and services_info
    "several predicted": Case("services", {"services": [{"unique_name": "b"}]}, changed=True, keywords=CHECK),
    "several": Case(
        "services",
        {
            "services": [
                {"unique_name": "yes", "phone_numbers": [{"phone_number": FIRST}]},
                {"unique_name": "b", "default_ttl": 1, "phone_numbers": [{"phone_number": SECOND}]},
            ],
            "prune": True,
            "max_deletions": 9,
        },
        changed=True,
        keywords=DIFF,
    ),
    "several unchanged": Case(
        "services", {"services": [{"unique_name": "b", "phone_numbers": [{"phone_number": SECOND}]}]}
    ),
    "several in part": Case(
        "services",
        {
            "services": [{"unique_name": "c"}, {"unique_name": "b", "phone_numbers": [{"phone_number": FIRST}]}],
        },
        changed=True,
        failed=True,
        keywords=DIFF,
    ),
    "several invalid": Case("services", {"services": [{"unique_name": "c"}, {"unique_name": "c"}]}, failed=True),
    "exported": Case("services_info", {"full": True, "with_sids": True}),
}


Request = tuple[str, str, dict[str, str]]


def run(emulator: Emulator, in_process: bool) -> tuple[Run, list[Request]]:
    """Run all tasks one way, with -vvv, which names the way. Return the requests as well."""
    account = {
        "account_sid": emulator.account_sid,
        "auth_token": emulator.auth_token,
        "phone_numbers": [{"phone_number": FIRST}, {"phone_number": SECOND}],
        "services": [{"sid": SID, "unique_name": "busy", "sessions": [TALK]}],
    }
    emulator.reset(accounts=[account])
    emulator.fault(BUSY, "GET", f"{LIST}/{SID}")
    tasks = [
        {"name": name, f"twilio.proxy.{case.module}": case.options, "ignore_errors": True, **case.keywords}
        for name, case in CASES.items()
    ]
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        # One request at a time, so that the requests are in the same order.
        "module_defaults": {
            "group/twilio.proxy.proxy": {"timeout": 9},
            "twilio.proxy.services": {"concurrency": 1},
            "twilio.proxy.services_info": {"concurrency": 1},
            "twilio.proxy.sessions": {"concurrency": 1},
        },
        "vars": {"ansible_python_interpreter": sys.executable, "null_sid": None},
        "tasks": tasks,
    }
    environment = {**emulator.environment, "TWILIO_PROXY_IN_PROCESS": str(in_process)}
    result = playbook([play], "-vvv", environment=environment)
    return result, [(sent["method"], sent["path"], sent["form"]) for sent in emulator.requests()]


def ways(result: Run) -> set[str]:
    return set(re.findall(r"> twilio\.proxy\.\w+ runs (.*)\.$", result.output, re.MULTILINE))


def test_both_ways_have_the_same_results_and_requests(emulator_process: Emulator) -> None:
    """This is one test, so that pytest-xdist does not run the playbooks once in each of its processes."""
    (in_process, requests), (by_module, requests_by_module) = (run(emulator_process, way) for way in (True, False))
    assert ways(in_process) == {"in the worker process of the controller"}
    assert ways(by_module) == {"as a module, because twilio_proxy_in_process is false"}
    # Of a loop, the last result is that of all items.
    last = {name: in_process.results(name)[-1] for name in CASES}
    assert {name: (result["failed"], result["changed"]) for name, result in last.items()} == {
        name: (case.failed, case.changed) for name, case in CASES.items()
    }
    for name in CASES:
        assert normalized(in_process.results(name)) == normalized(by_module.results(name)), name
    assert len(requests) > len(CASES)
    assert normalized(requests) == normalized(requests_by_module)
    # In-process, a retry is shown while the task runs. A module can only return a warning.
    retry = r"Retry 1 in \d\.\d seconds: cannot read the Service"
    assert re.search(f"^<localhost> {retry}", in_process.output, re.MULTILINE)
    assert re.search(retry, str(by_module.result("renamed")["warnings"]))
    assert "hush-hush" not in in_process.output + by_module.output


#: Values that differ between runs, and their placeholders.
VARYING = (
    (re.compile(r'(?<=File \\")[^"\\]*(?=/ansible_collections/)'), "FOLDER"),  # in a traceback, quoted by JSON
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?"), "DATE"),
    (re.compile(r"/[\w/.-]*/twilio-proxy-run-\w+"), "FOLDER"),
)
A_SID = re.compile(r"\b[A-Z]{2}[0-9a-f]{32}\b")


def normalized(values: list[t.Any]) -> str:
    """Return results or requests without what differs between runs."""
    text = json.dumps([without_retries(value) for value in values], indent=1, sort_keys=True, default=str)
    for pattern, placeholder in VARYING:
        text = pattern.sub(placeholder, text)
    # Number the SIDs by their first occurrence, so that two swapped ones are noticed.
    placeholders: dict[str, str] = {}
    return A_SID.sub(lambda match: placeholders.setdefault(match[0], f"{match[0][:2]}#{len(placeholders)}"), text)


def without_retries(result: t.Any) -> t.Any:
    """Return the result without the warnings of a module about its retries."""
    if not isinstance(result, dict) or "warnings" not in result:
        return result
    warnings = [warning for warning in result["warnings"] if not str(warning).startswith("Retry ")]
    others = {key: value for key, value in result.items() if key != "warnings"}
    return {**others, "warnings": warnings} if warnings else others
