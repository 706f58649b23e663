# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two doors, through Ansible's own programs: when which is taken, and that nobody could tell from the results.

The other integration tests run both ways on one ansible-core, see tests/both_ways.py. These here run on every one.
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

HERE, MODULE = "in the process of the controller", "by a module, because "
THIS_PYTHON = {"ansible_python_interpreter": sys.executable}
SERVICE, INFO = "twilio.proxy.service", "twilio.proxy.service_info"


def run(tasks: t.Sequence[Task], emulator: Emulator, *options: str, **more: t.Any) -> Run:
    """A play on a host whose modules would run on the controller's interpreter."""
    play = {"hosts": "here", "gather_facts": False, "tasks": list(tasks), **more.pop("play", {})}
    environment = {**emulator.environment, "TWILIO_PROXY_IN_PROCESS": "", **more.pop("environment", {})}
    hosts = {"here": {**THIS_PYTHON, **more.pop("variables", {})}}
    return playbook([play], *options, hosts=hosts, environment=environment)


def doors(done: Run) -> list[str]:
    """By which door each task, or item, went, as -vvv tells."""
    return re.findall(r"> twilio\.proxy\.\w+ is done (.*)\.$", done.output, re.MULTILINE)


def connections(emulator: Emulator) -> list[list[str]]:
    """The methods of the requests, those of one connection together."""
    found = itertools.groupby(emulator.requests(), key=lambda one: one["connection"])
    return [[one["method"] for one in group] for _connection, group in found]


# Which door


@pytest.mark.parametrize(
    ("variables", "task", "environment", "door"),
    [
        ({}, {}, {}, HERE),
        ({"ansible_python_interpreter": "{{ ansible_playbook_python }}"}, {}, {}, HERE),
        ({"ansible_python_interpreter": "auto"}, {}, {}, HERE),
        ({}, {}, {"TWILIO_PROXY_IN_PROCESS": "false"}, f"{MODULE}twilio_proxy_in_process is false"),
        ({"twilio_proxy_in_process": False}, {}, {}, f"{MODULE}twilio_proxy_in_process is false"),
        ({"twilio_proxy_in_process": False}, {"vars": {"twilio_proxy_in_process": True}}, {}, HERE),
        ({}, {"async": 30, "poll": 1}, {}, f"{MODULE}async is used"),
        ({}, {}, {"ANSIBLE_KEEP_REMOTE_FILES": "true"}, f"{MODULE}the files of modules are to be kept"),
    ],
)
def test_verbose_output_tells_the_door(
    variables: Task, task: Task, environment: t.Mapping[str, str], door: str, emulator: Emulator
) -> None:
    done = run([{"name": "x", INFO: {}, **task}], emulator, "-vvv", variables=variables, environment=environment)
    assert done.status == 0, done.output
    assert doors(done) == [door]
    assert done.result("x", "here")["services"] == []


def test_another_interpreter_and_another_host(emulator: Emulator) -> None:
    tasks = [
        {
            "name": "other",
            INFO: {},
            "vars": {"ansible_python_interpreter": "/usr/bin/env python3"},
            "ignore_errors": True,
        },
        {"name": "delegated", INFO: {}, "delegate_to": "localhost", "connection": "local", "run_once": True},
    ]
    done = run(tasks, emulator, "-vvv", variables={"ansible_python_interpreter": sys.executable})
    assert doors(done) == [f"{MODULE}another interpreter is asked for", HERE]
    assert done.result("delegated", "here")["services"] == []


def test_a_switch_that_says_nothing_is_refused(emulator: Emulator) -> None:
    done = run([{"name": "x", SERVICE: {"unique_name": "a"}}], emulator, variables={"twilio_proxy_in_process": "maybe"})
    assert done.status != 0
    assert (
        "twilio_proxy_in_process: 'maybe' is refused, it must be true or false. No request was sent."
        in done.result("x", "here")["msg"]
    )
    assert emulator.requests() == []


def test_ad_hoc_goes_through_it_too(emulator: Emulator) -> None:
    options = ["-e", f"ansible_python_interpreter={sys.executable}"]
    environment = {**emulator.environment, "TWILIO_PROXY_IN_PROCESS": ""}
    done = ad_hoc(SERVICE, "unique_name=rides", *options, "-vvv", environment=environment)
    assert doors(done) == [HERE]
    assert done.only["changed"] is True


# What comes of it

GROUP = {"group/twilio.proxy.proxy": {"timeout": 9}}
ALL: t.Sequence[Task] = [
    {"name": "create", SERVICE: {"unique_name": "{{ item }}"}, "loop": ["yes", "0123", "☎"], "register": "made"},
    {"name": "again", SERVICE: {"unique_name": "{{ item.service.unique_name }}"}, "loop": "{{ made.results }}"},
    {"name": "checked", SERVICE: {"unique_name": "new", "default_ttl": 5}, "check_mode": True, "diff": True},
    {"name": "diff", SERVICE: {"unique_name": "yes", "default_ttl": "{{ 60 * 2 }}"}, "diff": True},
    {
        "name": "secret",
        SERVICE: {"unique_name": "yes", "callback_url": "https://u:hush-hush@example.com/"},
        "diff": True,
    },
    {"name": "warned", INFO: {"validate_certs": False}, "register": "warned"},
    {"name": "told", "ansible.builtin.debug": {"var": "warned.warnings"}},
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
    {"name": "refused", SERVICE: {"unique_name": "a b", "default_ttl": -1}, "ignore_errors": True},
    {"name": "untyped", SERVICE: {"unique_name": "a", "default_ttl": "soon"}, "ignore_errors": True},
    {"name": "unknown", SERVICE: {"unique_name": "a", "unique_nam": "b"}, "ignore_errors": True},
    {"name": "nothing", SERVICE: {}, "ignore_errors": True},
    {"name": "not there", SERVICE: {"sid": ABSENT_SID, "default_ttl": 1}, "ignore_errors": True},
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
    {"name": "absent", SERVICE: {"unique_name": "b", "state": "absent"}, "diff": True},
    {"name": "conditions", INFO: {}, "register": "all", "changed_when": "all.services | length == 1"},
]


def test_both_give_the_same(emulator_process: Emulator) -> None:
    found = []
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
        done = run(ALL, emulator_process, "-vvv", environment=environment, play={"module_defaults": GROUP})
        assert done.status == 0, done.output
        assert "hush-hush" not in done.output
        assert set(doors(done)) == {HERE if switch == "true" else f"{MODULE}twilio_proxy_in_process is false"}
        found.append(done.recorded)
    here, module = found
    assert [(one.task, one.host) for one in here] == [(one.task, one.host) for one in module]
    different = [one.task for one, other in zip(here, module, strict=True) if not alike(one.result, other.result)]
    assert different == []
    assert len(here) > len(ALL)


def test_a_loop_has_one_connection(emulator: Emulator) -> None:
    tasks: list[Task] = [
        {"name": "looped", SERVICE: {"unique_name": "s{{ item }}"}, "loop": [1, 2, 3]},
        {"name": "alone", INFO: {}},
    ]
    assert run(tasks, emulator).status == 0
    assert connections(emulator) == [["GET", "POST"] * 3, ["GET"]]


def test_items_that_differ_in_where_they_ask_do_not_share(emulator: Emulator) -> None:
    tasks = [{"name": "looped", INFO: {"timeout": "{{ item }}"}, "loop": [8, 9, 8]}]
    assert run(tasks, emulator).status == 0
    assert len({one["connection"] for one in emulator.requests()}) == 2


def test_an_item_sees_what_the_one_before_it_did(emulator: Emulator) -> None:
    states = ["present", "present", "absent", "absent", "present"]
    task = {"name": "x", SERVICE: {"unique_name": "rides", "state": "{{ item }}"}, "loop": states}
    changed = [one["changed"] for one in run([task], emulator).results("x", "here")]
    assert changed == [True, False, True, False, True, True]  # the last is the loop's


def test_a_task_that_is_timed_out_leaves_nothing_behind(emulator_process: Emulator) -> None:
    emulator_process.reset(latency=3)
    tasks: list[Task] = [
        {"name": "slow", SERVICE: {"unique_name": "late"}, "timeout": 1, "ignore_errors": True},
        {"name": "pause", "ansible.builtin.wait_for": {"timeout": 4}},
    ]
    done = run(tasks, emulator_process)
    assert done.status == 0, done.output
    result = done.result("slow", "here")
    assert result["msg"] == "Ansible ended the task because of its timeout. Nothing was changed."
    assert result["changed"] is False
    # The list was asked for. The Service was not created after all.
    assert [one["method"] for one in emulator_process.requests()] == ["GET"]


def test_many_services_are_no_exception(emulator_process: Emulator) -> None:
    """Also those that wait before they are sent again, and those that wait for their turn."""
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
    done = run(tasks, emulator_process)
    assert done.status == 0
    assert [one["method"] for one in emulator_process.requests()] == ["GET", "POST", "POST"]
    assert emulator_process.services() == []
    counts = done.result("slow", "here")["summary"]
    assert (counts["failed"], counts["not_attempted"]) == (2, 2)


def test_a_timeout_of_many_services_tells_what_was_done(emulator_process: Emulator) -> None:
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
    sent = sum(one["method"] == "POST" for one in emulator_process.requests())
    there = {one["unique_name"] for one in emulator_process.services()}
    assert (result["failed"], result["changed"]) == (True, True)
    told = {one["unique_name"]: one["operation"] for one in result["services"]}
    assert {name for name, operation in told.items() if operation != "not_attempted"} == there
    (unknown,) = (name for name, operation in told.items() if operation == "failed")
    assert f"It is not known whether these were changed: services[{unknown[1:]}]." in result["msg"]
    assert sent == len(there) < len(services)
    assert result["summary"]["not_attempted"] == len(services) - sent


def test_retries_are_shown_while_the_task_runs(emulator_process: Emulator) -> None:
    busy = {"kind": "answer", "status": 429, "json": {"code": 20429, "message": "Slow down"}}
    line = r"^<here> Retry 1 in 0\.\d seconds: cannot create the Service '[ab]': Slow down$"
    task = {"name": "x", "twilio.proxy.services": {"services": [{"unique_name": "a"}, {"unique_name": "b"}]}}
    for options, count in (("-v",), 2), ((), 0):
        emulator_process.reset()
        emulator_process.fault(busy, method="POST", times=2)
        done = run([task], emulator_process, *options)
        assert len(re.findall(line, done.output, re.MULTILINE)) == count
        assert "warnings" not in done.result("x", "here")


def test_ctrl_c_leaves_nothing_behind(emulator_process: Emulator, tmp_path: Path) -> None:
    emulator_process.reset(latency=1)
    services = [{"unique_name": f"s{number}"} for number in range(12)]
    task = {"twilio.proxy.services": {"services": services, "concurrency": 2}}
    (tmp_path / "playbook.yml").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    environment = {**os.environ, **emulator_process.environment, "TWILIO_PROXY_IN_PROCESS": "true"}
    command = [str(PROGRAMS / "ansible-playbook"), str(tmp_path / "playbook.yml")]
    # A terminal tells it to all processes of its own.
    with subprocess.Popen(command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL) as process:
        while not any(one["method"] == "POST" for one in emulator_process.requests()):
            assert process.poll() is None
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)
    assert process.returncode != 0
    sent = len(emulator_process.requests())
    assert sent < len(services)
    time.sleep(2.5)
    assert len(emulator_process.requests()) == sent


def test_an_item_has_its_own_environment_and_no_other(emulator: Emulator) -> None:
    """Also after an item that went by the other door, and after one that failed."""
    wrong = {"TWILIO_AUTH_TOKEN": "wrong"}
    items = [
        {"here": False, "environment": wrong},
        {"here": True, "environment": {}},
        {"here": True, "environment": wrong},
        {"here": True, "environment": {}},
    ]
    task = {
        "name": "x",
        INFO: {},
        "loop": items,
        "environment": "{{ item.environment }}",
        "vars": {"twilio_proxy_in_process": "{{ item.here }}"},
        "ignore_errors": True,
    }
    results = run([task], emulator).results("x", "here")[:-1]
    assert [one["failed"] for one in results] == [True, False, True, False]


def test_the_next_item_is_not_harmed_by_one_that_was_timed_out(emulator_process: Emulator) -> None:
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
    assert [one["unique_name"] for one in emulator_process.services()] == ["s2"]
