# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In-process execution: when it is used, and that its results are those of the module.

All other integration tests run both ways on one ansible-core, see tests/both_ways.py. These tests do so on each.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.both_ways import alike
from ansible_collections.twilio.proxy.tests.integration.accounts import ABSENT_SID
from ansible_collections.twilio.proxy.tests.integration.command_line import PROGRAMS, Run, ad_hoc, playbook
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

Task = dict[str, t.Any]

IN_PROCESS, MODULE = "in the worker process of the controller", "as a module, because "
THIS_PYTHON = {"ansible_python_interpreter": sys.executable}
SERVICE, INFO = "twilio.proxy.service", "twilio.proxy.service_info"


def run(
    tasks: t.Sequence[Task],
    emulator: Emulator,
    *options: str,
    variables: Task | None = None,
    environment: t.Mapping[str, str] | None = None,
    **keywords: t.Any,
) -> Run:
    """Run a play on a host whose modules run on the controller's Python. ``keywords`` are those of the play."""
    play = {"hosts": "here", "gather_facts": False, "tasks": list(tasks), **keywords}
    environment = {**emulator.environment, "TWILIO_PROXY_IN_PROCESS": "", **(environment or {})}
    hosts = {"here": {**THIS_PYTHON, **(variables or {})}}
    return playbook([play], *options, hosts=hosts, environment=environment)


def ways(result: Run) -> list[str]:
    """Return by which way each task, or item, was executed, from the output at -vvv."""
    return re.findall(r"> twilio\.proxy\.\w+ runs (.*)\.$", result.output, re.MULTILINE)


def methods(emulator: Emulator) -> list[str]:
    """Return the methods of the requests."""
    return [request["method"] for request in emulator.requests()]


def methods_by_connection(emulator: Emulator) -> list[list[str]]:
    """Return the methods of the requests, one list for each connection."""
    groups = itertools.groupby(emulator.requests(), key=lambda request: request["connection"])
    return [[request["method"] for request in group] for _connection, group in groups]


# Which way


@pytest.mark.parametrize(
    ("variables", "task", "environment", "way"),
    [
        ({}, {}, {}, IN_PROCESS),
        ({"ansible_python_interpreter": "{{ ansible_playbook_python }}"}, {}, {}, IN_PROCESS),
        ({"ansible_python_interpreter": "auto"}, {}, {}, IN_PROCESS),
        ({}, {}, {"TWILIO_PROXY_IN_PROCESS": "false"}, f"{MODULE}twilio_proxy_in_process is false"),
        ({"twilio_proxy_in_process": False}, {}, {}, f"{MODULE}twilio_proxy_in_process is false"),
        ({"twilio_proxy_in_process": False}, {"vars": {"twilio_proxy_in_process": True}}, {}, IN_PROCESS),
        ({}, {"async": 30, "poll": 1}, {}, f"{MODULE}async is used"),
        ({}, {}, {"ANSIBLE_KEEP_REMOTE_FILES": "true"}, f"{MODULE}DEFAULT_KEEP_REMOTE_FILES is set"),
    ],
)
def test_verbose_output_shows_the_way(
    variables: Task, task: Task, environment: t.Mapping[str, str], way: str, emulator: Emulator
) -> None:
    result = run([{"name": "x", INFO: {}, **task}], emulator, "-vvv", variables=variables, environment=environment)
    assert result.status == 0, result.output
    assert ways(result) == [way]
    assert result.result("x", "here")["services"] == []


def test_another_interpreter_and_a_delegated_task(emulator: Emulator) -> None:
    tasks = [
        {
            "name": "other",
            INFO: {},
            "vars": {"ansible_python_interpreter": "/usr/bin/env python3"},
            "ignore_errors": True,
        },
        {"name": "delegated", INFO: {}, "delegate_to": "localhost", "connection": "local", "run_once": True},
    ]
    result = run(tasks, emulator, "-vvv", variables={"ansible_python_interpreter": sys.executable})
    assert ways(result) == [f"{MODULE}another Python interpreter is configured", IN_PROCESS]
    assert result.result("delegated", "here")["services"] == []


def test_an_invalid_switch_is_an_error(emulator: Emulator) -> None:
    result = run(
        [{"name": "x", SERVICE: {"unique_name": "a"}}], emulator, variables={"twilio_proxy_in_process": "maybe"}
    )
    assert result.status != 0
    assert (
        "twilio_proxy_in_process: 'maybe' is not true or false. No request was sent."
        in result.result("x", "here")["msg"]
    )
    assert emulator.requests() == []


def test_an_ad_hoc_command_runs_in_process(emulator: Emulator) -> None:
    options = ["-e", f"ansible_python_interpreter={sys.executable}"]
    environment = {**emulator.environment, "TWILIO_PROXY_IN_PROCESS": ""}
    result = ad_hoc(SERVICE, "unique_name=rides", *options, "-vvv", environment=environment)
    assert ways(result) == [IN_PROCESS]
    assert result.only["changed"] is True


# Results

GROUP = {"group/twilio.proxy.proxy": {"timeout": 9}}
TASKS: t.Sequence[Task] = [
    {"name": "create", SERVICE: {"unique_name": "{{ item }}"}, "loop": ["yes", "0123", "☎"], "register": "created"},
    {"name": "again", SERVICE: {"unique_name": "{{ item.service.unique_name }}"}, "loop": "{{ created.results }}"},
    {"name": "check mode", SERVICE: {"unique_name": "new", "default_ttl": 5}, "check_mode": True, "diff": True},
    {"name": "diff", SERVICE: {"unique_name": "yes", "default_ttl": "{{ 60 * 2 }}"}, "diff": True},
    {
        "name": "secret",
        SERVICE: {"unique_name": "yes", "callback_url": "https://u:hush-hush@example.com/"},
        "diff": True,
    },
    {"name": "warning", INFO: {"validate_certs": False}, "register": "listed"},
    {"name": "registered warning", "ansible.builtin.debug": {"var": "listed.warnings"}},
    {"name": "properties", INFO: {"properties": ["unique_name"]}},
    {"name": "no_log", SERVICE: {"unique_name": "quiet"}, "no_log": True},
    {"name": "environment", INFO: {}, "environment": {"TWILIO_AUTH_TOKEN": "wrong", "N": 1}, "ignore_errors": True},
    {
        "name": "until",
        INFO: {"unique_name": "never"},
        "register": "found",
        "until": "found.services",
        "retries": 2,
        "delay": 0,
        "ignore_errors": True,
    },
    {"name": "invalid value", SERVICE: {"unique_name": "a b", "default_ttl": -1}, "ignore_errors": True},
    {"name": "wrong type", SERVICE: {"unique_name": "a", "default_ttl": "soon"}, "ignore_errors": True},
    {"name": "unknown option", SERVICE: {"unique_name": "a", "unique_nam": "b"}, "ignore_errors": True},
    {"name": "no options", SERVICE: {}, "ignore_errors": True},
    {"name": "absent SID", SERVICE: {"sid": ABSENT_SID, "default_ttl": 1}, "ignore_errors": True},
    {"name": "number", "twilio.proxy.phone_number": {"service_unique_name": "yes", "phone_number": "+12025550199"}},
    {"name": "numbers", "twilio.proxy.phone_number_info": {"service_unique_name": "yes"}},
    {
        "name": "many",
        "twilio.proxy.services": {
            "services": [{"unique_name": "yes", "phone_numbers": []}, {"unique_name": "b", "default_ttl": 1}],
            "prune_phone_numbers": True,
            "prune": True,
            "max_deletions": 9,
            "concurrency": 1,
        },
        "diff": True,
    },
    {"name": "export", "twilio.proxy.services_info": {"full": True}},
    {"name": "delete", SERVICE: {"unique_name": "b", "state": "absent"}, "diff": True},
    {"name": "changed_when", INFO: {}, "register": "all", "changed_when": "all.services | length == 1"},
]


def test_both_ways_give_the_same_results(emulator_process: Emulator) -> None:
    recorded = []
    for switch in ("true", "false"):
        emulator_process.reset(
            accounts=[
                {
                    "account_sid": emulator_process.account_sid,
                    "auth_token": emulator_process.auth_token,
                    "phone_numbers": [{"phone_number": "+12025550199"}],
                }
            ]
        )
        environment = {"TWILIO_PROXY_IN_PROCESS": switch}
        result = run(TASKS, emulator_process, "-vvv", environment=environment, module_defaults=GROUP)
        assert result.status == 0, result.output
        assert "hush-hush" not in result.output
        assert set(ways(result)) == {IN_PROCESS if switch == "true" else f"{MODULE}twilio_proxy_in_process is false"}
        recorded.append(result.recorded)
    in_process, module = recorded
    assert [(entry.task, entry.host) for entry in in_process] == [(entry.task, entry.host) for entry in module]
    pairs = zip(in_process, module, strict=True)
    assert [first.task for first, second in pairs if not alike(first.result, second.result)] == []
    assert len(in_process) > len(TASKS)


def test_a_loop_has_one_connection(emulator: Emulator) -> None:
    tasks: list[Task] = [
        {"name": "looped", SERVICE: {"unique_name": "s{{ item }}"}, "loop": [1, 2, 3]},
        {"name": "alone", INFO: {}},
    ]
    assert run(tasks, emulator).status == 0
    assert methods_by_connection(emulator) == [["GET", "POST"] * 3, ["GET"]]


def test_items_with_other_connection_options_have_their_own_connection(emulator: Emulator) -> None:
    tasks = [{"name": "looped", INFO: {"timeout": "{{ item }}"}, "loop": [8, 9, 8]}]
    assert run(tasks, emulator).status == 0
    assert len({request["connection"] for request in emulator.requests()}) == 2


def test_an_item_finds_the_changes_of_the_previous_one(emulator: Emulator) -> None:
    states = ["present", "present", "absent", "absent", "present"]
    task = {"name": "x", SERVICE: {"unique_name": "rides", "state": "{{ item }}"}, "loop": states}
    changed = [result["changed"] for result in run([task], emulator).results("x", "here")]
    assert changed == [True, False, True, False, True, True]  # the last is that of the loop


def test_after_its_timeout_a_task_sends_no_further_request(emulator_process: Emulator) -> None:
    emulator_process.reset(latency=3)
    tasks: list[Task] = [
        {"name": "slow", SERVICE: {"unique_name": "late"}, "timeout": 1, "ignore_errors": True},
        {"name": "pause", "ansible.builtin.wait_for": {"timeout": 4}},
    ]
    playbook_run = run(tasks, emulator_process)
    assert playbook_run.status == 0, playbook_run.output
    result = playbook_run.result("slow", "here")
    assert result["msg"] == "Ansible ended the task because of its timeout. Nothing was changed."
    assert result["changed"] is False
    # The list was read, and the Service was not created.
    assert methods(emulator_process) == ["GET"]


def test_after_its_timeout_a_bulk_task_sends_no_further_request(emulator_process: Emulator) -> None:
    """Neither the retries that are waiting nor the requests that were not sent yet."""
    emulator_process.reset()
    busy = {
        "kind": "answer",
        "status": 503,
        "headers": {"Retry-After": "2"},
        "json": {"code": 20503, "message": "Busy"},
    }
    emulator_process.fault(busy, method="POST", times=2)
    services = [{"unique_name": f"s{number}"} for number in range(4)]
    tasks: list[Task] = [
        {
            "name": "slow",
            "twilio.proxy.services": {"services": services, "concurrency": 2},
            "timeout": 1,
            "ignore_errors": True,
        },
        {"name": "pause", "ansible.builtin.wait_for": {"timeout": 4}},
    ]
    result = run(tasks, emulator_process)
    assert result.status == 0
    assert methods(emulator_process) == ["GET", "POST", "POST"]
    assert emulator_process.services() == []
    summary = result.result("slow", "here")["summary"]
    assert (summary["failed"], summary["not_attempted"]) == (2, 2)


def test_after_its_timeout_a_bulk_task_reports_what_was_done(emulator_process: Emulator) -> None:
    emulator_process.reset(latency=0.1)
    emulator_process.fault({"kind": "late", "seconds": 6, "applied": "before"}, method="POST", skip=4)
    services = [{"unique_name": f"s{number}"} for number in range(99)]
    task = {
        "name": "slow",
        "twilio.proxy.services": {"services": services, "concurrency": 2},
        "timeout": 2,
        "ignore_errors": True,
    }
    result = run([task], emulator_process).result("slow", "here")
    created = methods(emulator_process).count("POST")
    existing = {service["unique_name"] for service in emulator_process.services()}
    assert (result["failed"], result["changed"]) == (True, True)
    operations = {entry["unique_name"]: entry["operation"] for entry in result["services"]}
    assert {name for name, operation in operations.items() if operation != "not_attempted"} == existing
    (unknown,) = (name for name, operation in operations.items() if operation == "failed")
    assert f"It is not known whether these were changed: services[{unknown[1:]}]." in result["msg"]
    assert created == len(existing) < len(services)
    assert result["summary"]["not_attempted"] == len(services) - created


def test_retries_are_shown_while_the_task_runs(emulator_process: Emulator) -> None:
    busy = {"kind": "answer", "status": 429, "json": {"code": 20429, "message": "Slow down"}}
    line = r"^<here> Retry 1 in 0\.\d seconds: cannot create the Service '[ab]': Slow down$"
    task = {"name": "x", "twilio.proxy.services": {"services": [{"unique_name": "a"}, {"unique_name": "b"}]}}
    for options, count in (("-v",), 2), ((), 0):
        emulator_process.reset()
        emulator_process.fault(busy, method="POST", times=2)
        result = run([task], emulator_process, *options)
        assert len(re.findall(line, result.output, re.MULTILINE)) == count
        assert "warnings" not in result.result("x", "here")


def test_after_ctrl_c_no_further_request_is_sent(emulator_process: Emulator, tmp_path: Path) -> None:
    emulator_process.reset(latency=1)
    services = [{"unique_name": f"s{number}"} for number in range(12)]
    task = {"twilio.proxy.services": {"services": services, "concurrency": 2}}
    (tmp_path / "playbook.yml").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    environment = {**os.environ, **emulator_process.environment, "TWILIO_PROXY_IN_PROCESS": "true"}
    command = [str(PROGRAMS / "ansible-playbook"), str(tmp_path / "playbook.yml")]
    # A terminal sends the signal to the whole process group.
    with subprocess.Popen(
        command,
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    ) as process:
        while "POST" not in methods(emulator_process):
            assert process.poll() is None
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)
    assert process.returncode != 0
    sent = len(emulator_process.requests())
    assert sent < len(services)
    time.sleep(2.5)
    assert len(emulator_process.requests()) == sent


def test_an_item_has_its_own_environment_and_no_other(emulator: Emulator) -> None:
    """Also after an item that ran as a module, and after one that failed."""
    wrong = {"TWILIO_AUTH_TOKEN": "wrong"}
    items = [
        {"in_process": False, "environment": wrong},
        {"in_process": True, "environment": {}},
        {"in_process": True, "environment": wrong},
        {"in_process": True, "environment": {}},
    ]
    task = {
        "name": "x",
        INFO: {},
        "loop": items,
        "environment": "{{ item.environment }}",
        "vars": {"twilio_proxy_in_process": "{{ item.in_process }}"},
        "ignore_errors": True,
    }
    results = run([task], emulator).results("x", "here")[:-1]
    assert [result["failed"] for result in results] == [True, False, True, False]


def test_an_item_after_a_timeout_succeeds(emulator_process: Emulator) -> None:
    emulator_process.reset()
    emulator_process.fault({"kind": "late", "seconds": 3}, times=1)
    task = {
        "name": "x",
        SERVICE: {"unique_name": "s{{ item }}"},
        "loop": [1, 2],
        "timeout": 1,
        "ignore_errors": True,
    }
    first, second, _loop = run([task], emulator_process).results("x", "here")
    assert (first["failed"], second["failed"], second["changed"]) == (True, False, True)
    assert [service["unique_name"] for service in emulator_process.services()] == ["s2"]
