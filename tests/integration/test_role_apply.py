# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role apply: what it changes, what it refuses, and what it shows, in check mode and outside of it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import stat
import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.integration.accounts import accounts
from ansible_collections.twilio.proxy.tests.integration.command_line import Run, playbook
from ansible_collections.twilio.proxy.tests.integration.role_playbooks import (
    WITH_PASSWORD,
    attempt,
    credentials,
    failure,
    imported,
    numbers,
    recording_sudo,
    role,
    sudo_settings,
)
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

TABLE = "twilio.proxy.apply : Show the table"
PARTIAL = "twilio.proxy.apply : Show the changes before the failure"
REGISTERED = "twilio.proxy.apply : Check that results can be registered"
SID = "KS" + "7" * 32
CURRENT = [{"unique_name": name} for name in ("a-managed", "a-1", "a-2", "b-1")]
POOL = [{"unique_name": "a-managed", "sid": SID, "phone_numbers": numbers(0, 2)}]
MANAGED = [{"unique_name": "a-managed"}]
CHANGED_NUMBER, NEW_NUMBER = numbers(1, 2)
WRONG = [
    {"unique_name": "rides", "default_ttl": -1},
    {"default_ttl": 1},
    {"unique_name": "a", "callback": "x"},
    {"unique_name": "b", "callback_url": f"{WITH_PASSWORD} "},
    {"unique_name": "c", "phone_numbers": [{}]},
]


@dataclasses.dataclass(frozen=True)
class Case:
    """A list for an account: the Services afterwards, with their pools, and the lines of the table that follow."""

    variables: dict[str, t.Any]
    after: dict[str, list[str]]
    table: list[str]
    notes: list[str] = dataclasses.field(default_factory=list)
    current: list[dict[str, t.Any]] = dataclasses.field(default_factory=lambda: CURRENT)


def left_alone(text: str) -> str:
    """Return the line about what the file does not name."""
    return f"Not in the file, left alone: {text}."


def names(*services: str) -> dict[str, list[str]]:
    return {name: [] for name in services}


UNCHANGED = ["1 unchanged.", left_alone("3 Services")]
ALL = names("a-managed", "a-1", "a-2", "b-1")
PRUNED = {"proxy_services": MANAGED, "apply_prune": True}
BOUNDS = {"proxy_services": MANAGED, "apply_max_deletions": 0, "apply_allow_empty": True}
EMPTY = {"proxy_services": [], "apply_prune": True, "apply_max_deletions": 4}

DONE = {
    "changed": Case(
        {"proxy_services": [{"unique_name": "a-managed", "default_ttl": 60}, {"unique_name": "new"}]},
        {**ALL, **names("new")},
        ["updated  a-managed  default_ttl", "created  new", "1 created, 1 updated.", left_alone("3 Services")],
    ),
    "pruned": Case(
        {**PRUNED, "apply_max_deletions": 3},
        names("a-managed"),
        ["deleted  a-1", "deleted  a-2", "deleted  b-1", "3 deleted, 1 unchanged."],
        ["at most 3"],
    ),
    "matching": Case(
        {**PRUNED, "apply_prune_matching": "^a-", "apply_max_deletions": 2},
        names("a-managed", "b-1"),
        ["deleted  a-1", "deleted  a-2", "2 deleted, 1 unchanged.", left_alone("1 Service")],
        ["(names matching `^a-`, at most 2)"],
    ),
    "emptied": Case(
        {**EMPTY, "apply_allow_empty": True},
        {},
        ["deleted  a-managed", "deleted  a-1", "deleted  a-2", "deleted  b-1", "4 deleted."],
        ["at most 4"],
    ),
    "idle": Case(
        {**BOUNDS, "apply_prune_matching": "^a-", "prune": True},
        ALL,
        UNCHANGED,
        ["apply_prune_matching, apply_max_deletions, apply_allow_empty:", "is apply_prune."],
    ),
    # A survey of AWX cannot leave the expression out.
    "idle but for a dot": Case(
        {**BOUNDS, "apply_prune_matching": ".", "apply_allow_empty": False, "apply_max_deletions": "{{ omit }}"},
        ALL,
        UNCHANGED,
    ),
    "numbers left": Case(
        {"proxy_services": [{"unique_name": "a-managed", "phone_numbers": [NEW_NUMBER]}]},
        {"a-managed": ["+12025550100", "+12025550101", "+12025550102"]},
        ["updated  a-managed  +1 number", "  + +12025550102", "1 updated.", left_alone("2 numbers")],
        current=POOL,
    ),
    "numbers pruned": Case(
        {
            "proxy_services": [
                {
                    "sid": SID,
                    "unique_name": "new",
                    "phone_numbers": [{**CHANGED_NUMBER, "is_reserved": True}, NEW_NUMBER],
                }
            ],
            "apply_prune_phone_numbers": True,
        },
        {"new": ["+12025550101", "+12025550102"]},
        [
            "updated  a-managed -> new  unique_name, +1 number, -1 number, 1 number changed",
            "  ~ +12025550101 (is_reserved: true)",
            "  + +12025550102",
            "  - +12025550100",
            "1 updated.",
        ],
        current=POOL,
    ),
}

PLAN = "{{ playbook_dir }}/plan.json"
#: What is refused: the variables, and what the message names. Nothing is changed, in check mode either.
REFUSED: dict[str, tuple[dict[str, t.Any], list[str]]] = {
    "wrong": (
        {"proxy_services": WRONG},
        [
            "proxy_services[0].default_ttl ('rides')",
            "proxy_services[1]",
            "proxy_services[2] ('a')",
            "proxy_services[3].callback_url ('b')",
            "proxy_services[4].phone_numbers[0] ('c')",
        ],
    ),
    "mapping": ({"proxy_services": {}}, ["proxy_services"]),
    "empty": (EMPTY, ["is apply_prune", "is apply_allow_empty", "is proxy_services"]),
    "not a number": ({"proxy_services": MANAGED, "apply_max_deletions": ""}, ["is apply_max_deletions"]),
    "too concurrent": ({"proxy_services": MANAGED, "apply_concurrency": 17}, ["is apply_concurrency"]),
    "maybe": ({**PRUNED, "apply_max_deletions": 3, "apply_prune": "maybe"}, ["apply_prune"]),
    "plan in a directory that is missing": (
        {"proxy_services": MANAGED, "apply_plan_file": f"{PLAN}/plan.json"},
        ["apply_plan_file"],
    ),
    "plan that is a directory": (
        {"proxy_services": MANAGED, "apply_plan_file": "{{ playbook_dir }}"},
        ["apply_plan_file"],
    ),
    "plan of two": ({"proxy_services": MANAGED, "apply_plan_file": PLAN}, ["apply_plan_file"]),
    "same plan": ({"proxy_services": MANAGED, "apply_plan_file": PLAN}, ["apply_plan_file"]),
    # Refused after a look at the account.
    "too many": (
        {**PRUNED, "apply_prune_matching": "^a-", "apply_max_deletions": 1},
        ["is apply_prune,", "is apply_prune_matching", "is apply_max_deletions"],
    ),
    "more than a tenth": (PRUNED, ["is apply_max_deletions"]),
    "unauthorized": ({"proxy_services": MANAGED}, ["HTTP 401"]),
}
LOOKED_UP = {"too many", "more than a tenth"}


def planned(line: str) -> str:
    """Return the line of a summary as a plan has it."""
    line = re.sub(r"^(create|update|delete)d\b", r"\1", line)
    return re.sub(r"(\d+) (create|update|delete)d\b", r"\1 to \2", line)


def table_lines(run: Run, host: str) -> list[str]:
    """Return the lines of the table."""
    return t.cast("list[str]", run.result(TABLE, host)["msg"])


PARTIAL_SID = "KS" + "8" * 32
PARTIAL_LIST = [{"unique_name": "first"}, {"sid": PARTIAL_SID, "unique_name": "last", "phone_numbers": numbers(0, 1)}]


def test_the_role_in_a_playbook(emulator: Emulator) -> None:
    """It knows of check mode that only its tasks have, and apply_result is that of this run."""
    emulator.create(unique_name="a-managed")
    show = {"name": "Show the result", "ansible.builtin.debug": {"var": "apply_result"}}
    in_check_mode = role("apply", proxy_services=[{"unique_name": "new"}])
    in_check_mode["ansible.builtin.include_role"]["apply"] = {"check_mode": True}
    # A template is evaluated as usual.
    run_as_template = role("apply", proxy_services=MANAGED)
    run_as_template["ansible.builtin.include_role"]["apply"] = {"check_mode": "{{ false }}"}
    tasks = [
        attempt(role("apply", proxy_services=MANAGED, apply_result={"services": []})),
        in_check_mode,
        show,
        run_as_template,
        attempt(role("apply", proxy_services=[{"unique_name": "a-managed", "default_ttl": -1}])),
        show,
        attempt(role("apply", **EMPTY)),
        show,
    ]
    play = {"hosts": "all", "gather_facts": False, "environment": emulator.environment, "tasks": tasks}
    emulator.forget_requests()
    run = playbook([play])
    assert run.counts()["rescued"] == 3 + 1  # the last one is rescued by the role, too
    assert [lines["msg"][0].split()[0] for lines in run.results(TABLE)] == ["Plan:", "Summary"]
    planned, after_wrong, after_empty = (shown["apply_result"] for shown in run.results("Show the result"))
    assert (planned["changed"], planned["summary"]["created"]) == (True, 1)
    assert isinstance(after_wrong, str)
    assert after_empty["failed"]
    assert {request["method"] for request in emulator.requests()} == {"GET"}
    assert [result.get("failed") for result in run.results(REGISTERED)] == [True, False, False, False, False]


#: The lists that check mode is tried with: in all else, it is the module's.
IN_CHECK_MODE = ("changed", "matching", "wrong", "empty", "too many", "partial")


@pytest.mark.parametrize("check", [True, False], ids=["check mode", "run"])
def test_lists_of_many_accounts(check: bool) -> None:
    """One that is refused does not stop the others. Check mode refuses the same, and changes nothing."""
    variables = {name: case.variables for name, case in DONE.items()}
    variables |= {name: given for name, (given, _words) in REFUSED.items()}
    variables |= {"partial": {"proxy_services": PARTIAL_LIST}}
    current = dict.fromkeys(variables, CURRENT) | {name: case.current for name, case in DONE.items()}
    current |= {"partial": [{"unique_name": "last", "sid": PARTIAL_SID}]}
    tried = IN_CHECK_MODE if check else tuple(variables)
    with accounts({name: current[name] for name in tried}, owns_all_numbers=True) as account_of:
        hosts = {name: {**credentials(account_of[name]), **variables[name]} for name in tried}
        if not check:
            hosts["unauthorized"] |= credentials(account_of["unauthorized"], token="another")
        refusal = {"kind": "answer", "status": 400, "json": {"code": 80102, "message": "No", "status": 400}}
        account_of["partial"].emulator.fault(refusal, "POST", f".*{PARTIAL_SID}/PhoneNumbers")
        before = {name: account.pools() for name, account in account_of.items()}
        account_of["partial"].emulator.forget_requests()

        run = playbook([imported("apply")], "--diff", *(["--check"] if check else []), hosts=hosts)
        requests = {name: account.requests() for name, account in account_of.items()}
        after = {name: account.pools() for name, account in account_of.items()}

    assert "hush" not in run.output
    for name in DONE.keys() & tried:
        case, (heading, *lines) = DONE[name], table_lines(run, name)
        assert heading.split()[0] == ("Plan:" if check else "Summary")
        assert lines[: len(case.table)] == [planned(line) if check else line for line in case.table], name
        notes = lines[len(case.table) :]
        assert [word in note for word, note in zip(case.notes, notes, strict=True)] == [True] * len(notes), notes
        counts, changed = run.counts(name), case.table != UNCHANGED
        assert (counts["changed"], counts["failed"], counts["rescued"]) == (changed, 0, 0), name
        assert after[name] == (before[name] if check else case.after), name

    for name in REFUSED.keys() & tried:
        msg = failure(run, name)["msg"]
        assert all(word in msg for word in REFUSED[name][1]), msg
        assert run.counts(name)["changed"] == 0, name
        assert run.results(TABLE, name) == run.results(PARTIAL, name) == []
        assert {request.method for request in requests[name]} == ({"GET"} if name in LOOKED_UP else set()), name
        assert after[name] == before[name], name

    if check:
        assert after["partial"] == {"last": []}
    else:
        assert run.counts("partial")["changed"] == 0
        assert after["partial"] == {"first": [], "last": []}
        lines = run.result(PARTIAL, "partial")["msg"]
        assert lines[1] == "created  first"
        assert lines[-2:] == ["  failed +12025550100", "1 created, 1 failed."]
        assert "is proxy_services" in failure(run, "partial")["msg"]


def test_drift_is_a_failure(tmp_path: Path) -> None:
    """The plan is the message and, for programs, a file on the controller that holds no secret.

    A forgotten --check changes nothing.
    """
    sudo, sudo_log = recording_sudo(tmp_path)
    current = [{"unique_name": "rides", "callback_url": WITH_PASSWORD}, {"unique_name": "unmanaged"}]
    lists = {
        "differs": [{"unique_name": "rides", "callback_url": WITH_PASSWORD.replace("hush", "other")}],
        "same": [{"unique_name": "rides", "callback_url": WITH_PASSWORD}],
        "refused": [{"sid": SID}],
    }
    os.mkfifo(tmp_path / "plan-of-pipe.json")
    variables = {"apply_fail_on_drift": True, "apply_plan_file": "plan-of-{{ inventory_hostname }}.json"}
    with accounts(dict.fromkeys(lists, current)) as account_of:
        hosts = {name: {**credentials(account_of[name]), "proxy_services": lists[name], **variables} for name in lists}
        hosts["pipe"] = {**hosts["same"]}
        with contextlib.chdir(tmp_path):
            run = playbook([imported("apply")], "--become", hosts=hosts, environment=sudo_settings(sudo))
        assert {request.method for account in account_of.values() for request in account.requests()} == {"GET"}
    assert run.status == 2
    assert [run.counts(name)["failed"] for name in lists] == [1, 0, 1]
    assert "apply_plan_file" in failure(run, "pipe")["msg"]
    table = run.result(TABLE, "differs")["msg"]
    assert failure(run, "differs")["msg"].splitlines()[1:-1] == table
    assert table[1:3] == ["update  rides  callback_url", "1 to update."]
    plans = {}
    for name in lists:
        path = tmp_path / f"plan-of-{name}.json"
        text = path.read_text(encoding="utf-8")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert "hush" not in text
        assert "other" not in text
        plans[name] = json.loads(text)
    (service,) = plans["differs"]["services"]
    (change,) = service["changes"]
    assert (service["operation"], change["field"]) == ("updated", "callback_url")
    assert change["after"] == f"{change['before']} (secret changed)"
    assert plans["differs"]["check_mode"] is True
    assert plans["same"]["changed"] is False
    assert plans["same"]["not_listed"] == {"services": ["unmanaged"], "phone_numbers": 0}
    assert SID in plans["refused"]["msg"]
    assert set(plans["refused"]) == {*plans["same"], "msg"}
    assert sudo_log.read_text(encoding="utf-8") == ""
