# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules under ansible-runner, and on a Python that lacks what they need."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

from ansible_collections.twilio.proxy.tests.integration.command_line import (
    PROGRAMS,
    Result,
    inventory,
    module_python,
    playbook,
    program,
)
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator


def test_ansible_runner(emulator: Emulator, tmp_path: pathlib.Path) -> None:
    """A run with the credentials in its environment, as in AWX, and its events."""
    tasks = [
        {"name": "create", "twilio.proxy.service": {"unique_name": "{{ item }}"}, "loop": ["rides", "trips"]},
        {"name": "create again", "twilio.proxy.service": {"unique_name": "rides"}},
        {"name": "read", "twilio.proxy.service_info": {"properties": ["unique_name"]}},
    ]
    play = {"hosts": "all", "gather_facts": False, "tasks": tasks}
    environment = {**emulator.environment, "PATH": os.pathsep.join([str(PROGRAMS), os.environ["PATH"]])}
    files = {
        "project/playbook.yml": [play],
        "inventory/hosts.json": inventory({"localhost": {}}),
        "env/envvars": environment,
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    run = program(
        "ansible-runner", "run", str(tmp_path), "-p", "playbook.yml", "--ident", "job", environment=environment
    )
    assert run.returncode == 0, run.stdout
    texts = [
        path.read_text(encoding="utf-8") for path in (tmp_path / "artifacts" / "job" / "job_events").glob("*.json")
    ]
    events = sorted((json.loads(text) for text in texts), key=lambda event: int(event["counter"]))
    results = [event["event_data"]["res"] for event in events if event["event"] == "runner_on_ok"]
    assert [result["changed"] for result in results] == [True, False, False]
    assert results[-1]["services"] == [{"unique_name": "rides"}, {"unique_name": "trips"}]
    counts = events[-1]["event_data"]
    assert [counts[name] for name in ("ok", "changed", "failures")] == [{"localhost": 3}, {"localhost": 1}, {}]
    assert emulator.auth_token not in "".join([run.stdout, *texts])


def results_without_libraries(folder: pathlib.Path) -> dict[str, Result]:
    """Return the result of the module without each of the libraries, with all others installed."""
    packages = subprocess.run(
        [module_python(), "-c", "import pathlib, requests; print(pathlib.Path(requests.__file__).parents[1])"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    hosts = {}
    for library in ("requests", "jsonschema"):
        # A virtual environment with links to all other packages.
        subprocess.run([module_python(), "-m", "venv", "--without-pip", str(folder / library)], check=True)
        site_packages = next((folder / library).glob("lib/python3*/site-packages"))
        for package in pathlib.Path(packages).iterdir():
            if package.name.partition("-")[0] not in (library, f"{library}.py"):
                (site_packages / package.name).symlink_to(package)
        hosts[library] = {"ansible_python_interpreter": str(folder / library / "bin" / "python")}
    task = {"name": "run", "twilio.proxy.service": {"unique_name": "rides"}, "ignore_errors": True}
    with Emulator() as emulator:
        play = {"hosts": "all", "gather_facts": False, "environment": emulator.environment, "tasks": [task]}
        run = playbook([play], hosts=hosts)
    return {library: run.result("run", library) for library in hosts}


def test_a_missing_library_is_named_if_it_is_needed(tmp_path: pathlib.Path) -> None:
    """The message is Ansible's own and has the path of the interpreter. jsonschema explains invalid answers only."""
    results = results_without_libraries(tmp_path)
    assert results["requests"]["failed"]
    assert "Failed to import the required Python library (requests)" in results["requests"]["msg"]
    assert "requests/bin/python" in results["requests"]["msg"]
    assert results["jsonschema"]["changed"] is True
