# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In-process execution under Ansible's own programs: when it is used, connections, timeouts and interrupts.

test_both_ways.py compares its results with those of the modules.
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

from ansible_collections.twilio.proxy.tests.integration.command_line import PROGRAMS, Run, ad_hoc, playbook
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

Task = dict[str, t.Any]

IN_PROCESS, MODULE = "in the worker process of the controller", "as a module, because "
SERVICE, SERVICES, INFO = "twilio.proxy.service", "twilio.proxy.services", "twilio.proxy.service_info"
#: Seconds after which a process that does not end counts as hanging.
PATIENCE = 60


def run(tasks: t.Sequence[Task], emulator: Emulator, *options: str) -> Run:
    """Run a play on a host whose modules run on the controller's Python."""
    play = {"hosts": "here", "gather_facts": False, "tasks": list(tasks)}
    environment = {**emulator.environment, "TWILIO_PROXY_IN_PROCESS": ""}
    hosts = {"here": {"ansible_python_interpreter": sys.executable}}
    return playbook([play], *options, hosts=hosts, environment=environment)


def ways(result: Run) -> list[str]:
    """Return by which way each task, or item, was executed, from the output at -vvv."""
    return re.findall(r"> twilio\.proxy\.\w+ runs (.*)\.$", result.output, re.MULTILINE)


def methods(emulator: Emulator) -> list[str]:
    """Return the methods of the requests."""
    return [request["method"] for request in emulator.requests()]


def test_verbose_output_shows_the_way(emulator: Emulator) -> None:
    tasks: dict[str, tuple[Task, str]] = {
        "default": ({}, IN_PROCESS),
        "this Python": ({"vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}}, IN_PROCESS),
        "discovered Python": ({"vars": {"ansible_python_interpreter": "auto_silent"}}, IN_PROCESS),
        "delegated": ({"delegate_to": "localhost", "connection": "local", "run_once": True}, IN_PROCESS),
        "off": ({"vars": {"twilio_proxy_in_process": False}}, f"{MODULE}twilio_proxy_in_process is false"),
        "async": ({"async": PATIENCE, "poll": 1}, f"{MODULE}async is used"),
        "other Python": (
            {"vars": {"ansible_python_interpreter": "/usr/bin/env python3"}, "ignore_errors": True},
            f"{MODULE}another Python interpreter is configured",
        ),
    }
    result = run([{"name": name, INFO: {}, **keywords} for name, (keywords, _way) in tasks.items()], emulator, "-vvv")
    assert result.status == 0, result.output
    assert ways(result) == [way for _keywords, way in tasks.values()]
    for name in ("default", "off", "async"):
        assert result.result(name, "here")["services"] == []


def test_each_module_also_runs_as_a_module(emulator: Emulator) -> None:
    """test_both_ways.py, which compares the results, is not among the tests that a change has to pass first."""
    modules = sorted(path.stem for path in (Path(__file__).parents[2] / "plugins" / "modules").glob("*.py"))
    service, number = (
        emulator.create(unique_name="rides")["sid"],
        {"phone_number": emulator.owned_numbers()[0]["phone_number"]},
    )
    session = emulator.create_session(service)["sid"]
    in_service, in_session = {"service_sid": service}, {"service_sid": service, "session_sid": session}
    options: dict[str, Task] = {
        "interaction": {**in_session, "sid": "KI" + "a" * 32, "state": "absent"},
        "interaction_info": in_session,
        "participant": {**in_session, "identifier": "messenger:1", "proxy_identifier": "messenger:2"},
        "participant_info": in_session,
        "phone_number": {**in_service, **number},
        "phone_number_info": in_service,
        "service": {"unique_name": "rides", "default_ttl": 60},
        "services": {"services": [{"unique_name": "rides", "default_ttl": 120}]},
        "session": {**in_service, "unique_name": "ride 1"},
        "session_info": in_service,
        "sessions": {**in_service, "state": "closed", "older_than": 3600},
    }
    tasks = [{"name": name, f"twilio.proxy.{name}": options.get(name, {})} for name in modules]
    result = run([{"block": tasks, "vars": {"twilio_proxy_in_process": False}}], emulator)
    assert result.status == 0, result.output
    changed = {name for name in modules if result.result(name, "here")["changed"]}
    assert changed == {"participant", "phone_number", "service", "services", "session"}


def test_an_ad_hoc_command_runs_in_process(emulator: Emulator) -> None:
    options = ["-e", f"ansible_python_interpreter={sys.executable}"]
    environment = {**emulator.environment, "TWILIO_PROXY_IN_PROCESS": ""}
    result = ad_hoc(SERVICE, 'unique_name="Zoë ☎ & = % +"', *options, "-vvv", environment=environment)
    assert ways(result) == [IN_PROCESS]
    assert (result.only["changed"], result.only["service"]["unique_name"]) == (True, "Zoë ☎ & = % +")


def test_the_items_of_a_loop_share_a_connection_and_no_environment(emulator: Emulator) -> None:
    looped = {
        "name": "looped",
        SERVICE: {"unique_name": "rides"},
        "loop": [{}, {}, {"TWILIO_AUTH_TOKEN": "wrong"}, {}],
        "environment": "{{ item }}",
        "ignore_errors": True,
    }
    result = run([looped, {"name": "alone", INFO: {}}], emulator)
    outcomes = [(item["failed"], item["changed"]) for item in result.results("looped", "here")[:-1]]
    assert outcomes == [(False, True), (False, False), (True, False), (False, False)]
    groups = itertools.groupby(emulator.requests(), key=lambda request: request["connection"])
    # A failure closes the connection.
    assert [[request["method"] for request in group] for _connection, group in groups] == [
        ["GET", "POST", "GET"],
        ["GET"],
        ["GET"],
        ["GET"],
    ]


def test_after_its_timeout_a_task_reports_what_was_done_and_sends_no_further_request(
    emulator_process: Emulator,
) -> None:
    emulator_process.reset(latency=0.2)
    emulator_process.fault({"kind": "late", "seconds": 9, "applied": "before"}, method="POST", skip=4)
    services = [{"unique_name": f"s{number}"} for number in range(99)]
    tasks: list[Task] = [
        {"name": "slow", SERVICES: {"services": services, "concurrency": 2}, "timeout": 4, "ignore_errors": True},
        {"name": "pause", "ansible.builtin.wait_for": {"timeout": 1}},
    ]
    result = run(tasks, emulator_process).result("slow", "here")
    created = methods(emulator_process).count("POST")
    existing = {service["unique_name"] for service in emulator_process.services()}
    assert (result["failed"], result["changed"]) == (True, True)
    operations = {entry["unique_name"]: entry["operation"] for entry in result["services"]}
    assert {name for name, operation in operations.items() if operation != "not_attempted"} == existing
    (unknown,) = (name for name, operation in operations.items() if operation == "failed")
    assert f"It is not known whether these were changed: services[{unknown[1:]}] ('{unknown}')." in result["msg"]
    assert created == len(existing) < len(services)
    assert result["summary"]["not_attempted"] == len(services) - created


def test_after_ctrl_c_no_further_request_is_sent(emulator_process: Emulator, tmp_path: Path) -> None:
    emulator_process.reset(latency=1)
    services = [{"unique_name": f"s{number}"} for number in range(12)]
    task = {SERVICES: {"services": services, "concurrency": 2}}
    (tmp_path / "playbook.yml").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    environment = {**os.environ, **emulator_process.environment, "TWILIO_PROXY_IN_PROCESS": "true"}
    command = [str(PROGRAMS / "ansible-playbook"), str(tmp_path / "playbook.yml")]
    # A terminal sends the signal to the whole process group.
    with subprocess.Popen(command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL) as process:
        while "POST" not in methods(emulator_process):
            assert process.poll() is None
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(PATIENCE) != 0
    sent = len(emulator_process.requests())
    assert sent < len(services)
    time.sleep(1.5)
    assert len(emulator_process.requests()) == sent
