# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules under ansible-runner, in ansible-doc, and on a Python that lacks what they need."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

import pytest

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
    """A run with the credentials in its environment, as AWX does it, told by its events."""
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
    told = [path.read_text(encoding="utf-8") for path in (tmp_path / "artifacts" / "job" / "job_events").glob("*.json")]
    events = sorted((json.loads(text) for text in told), key=lambda event: int(event["counter"]))
    answers = [event["event_data"]["res"] for event in events if event["event"] == "runner_on_ok"]
    assert [answer["changed"] for answer in answers] == [True, False, False]
    assert answers[-1]["services"] == [{"unique_name": "rides"}, {"unique_name": "trips"}]
    counts = events[-1]["event_data"]
    assert [counts[name] for name in ("ok", "changed", "failures")] == [{"localhost": 3}, {"localhost": 1}, {}]
    assert emulator.auth_token not in "".join([run.stdout, *told])


@pytest.mark.parametrize("module", ["service", "service_info"])
def test_ansible_doc(module: str) -> None:
    """The documentation renders, as text and as JSON, with the fragments in it."""
    text = program("ansible-doc", f"twilio.proxy.{module}")
    assert text.returncode == 0, text.stdout
    assert "TWILIO_AUTH_TOKEN" in text.stdout
    document = json.loads(program("ansible-doc", "--json", f"twilio.proxy.{module}").stdout)[f"twilio.proxy.{module}"]
    assert {"sid", "unique_name", "auth_token", "base_url"} <= set(document["doc"]["options"])
    assert document["doc"]["attributes"]["check_mode"]["support"] == "full"
    assert document["return"]


@pytest.fixture(scope="module")
def failures_without(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """What the module says where each of the libraries is not installed. The other ones are."""
    folder = tmp_path_factory.mktemp("libraries")
    packages = subprocess.run(
        [module_python(), "-c", "import pathlib, requests; print(pathlib.Path(requests.__file__).parents[1])"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    hosts = {}
    for library in ("requests", "jsonschema"):
        # An interpreter with nothing but itself, and a folder with every package but the one.
        subprocess.run([module_python(), "-m", "venv", "--without-pip", str(folder / library)], check=True)
        own = next((folder / library).glob("lib/python3*/site-packages"))
        for package in pathlib.Path(packages).iterdir():
            if package.name.partition("-")[0] not in (library, f"{library}.py"):
                (own / package.name).symlink_to(package)
        hosts[library] = {"ansible_python_interpreter": str(folder / library / "bin" / "python")}
    task = {"name": "run", "twilio.proxy.service": {"unique_name": "rides"}, "ignore_errors": True}
    with Emulator() as emulator:
        play = {"hosts": "all", "gather_facts": False, "environment": emulator.environment, "tasks": [task]}
        run = playbook([play], hosts=hosts)
        assert emulator.requests() == []
    return {library: run.result("run", library) for library in hosts}


@pytest.mark.parametrize("library", ["requests", "jsonschema"])
def test_a_missing_library_is_named(library: str, failures_without: dict[str, Result]) -> None:
    """In the words that Ansible has for it, with the interpreter that lacks the library."""
    result = failures_without[library]
    assert result["failed"]
    assert f"Failed to import the required Python library ({library})" in result["msg"]
    assert f"{library}/bin/python" in result["msg"]
