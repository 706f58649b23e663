# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run Ansible's command line tools, and return their output and results."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import re
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

PROGRAMS = Path(sys.executable).parent
CALLBACKS = Path(__file__).resolve().parent / "callback_plugins"

Result = dict[str, t.Any]
Variables = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Recorded:
    """The result of a task, or of an item of its loop, on a host."""

    host: str
    task: str
    result: Result


@dataclasses.dataclass(frozen=True)
class Run:
    """The exit status of a command, its output, and the results of its tasks in order."""

    status: int
    output: str
    recorded: list[Recorded]

    def results(self, task: str, host: str = "localhost") -> list[Result]:
        """Return the results of a task: one, or those of its loop's items followed by that of the loop."""
        return [entry.result for entry in self.recorded if (entry.task, entry.host) == (task, host)]

    def result(self, task: str, host: str = "localhost") -> Result:
        """Return the result of a task that ran once on the host."""
        results = self.results(task, host)
        assert len(results) == 1, f"{len(results)} results of {task} on {host}:\n{self.output}"
        return results[0]

    def counts(self, host: str = "localhost") -> dict[str, int]:
        """Return how many tasks of the host were ok, changed, failed and so on, from the recap."""
        (line,) = re.findall(rf"^{re.escape(host)} +: (.*)$", self.output.rpartition("PLAY RECAP")[2], re.MULTILINE)
        return {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", line)}

    @property
    def only(self) -> Result:
        """The result of a run of one task on one host."""
        assert len(self.recorded) == 1, self.output
        return self.recorded[0].result


def playbook(
    plays: t.Sequence[t.Mapping[str, t.Any]],
    *options: str,
    hosts: t.Mapping[str, Variables] | None = None,
    environment: t.Mapping[str, str] | None = None,
) -> Run:
    """Run ansible-playbook with these plays. Without hosts, the inventory has localhost only."""
    # JSON is YAML.
    return _run("ansible-playbook", ["{folder}/playbook.yml", *options], hosts, environment, {"playbook.yml": plays})


def ad_hoc(
    module: str,
    arguments: str,
    *options: str,
    environment: t.Mapping[str, str] | None = None,
) -> Run:
    """Run ansible with a module and its arguments as on the command line."""
    return _run("ansible", ["localhost", "-m", module, "-a", arguments, *options], None, environment, {})


def program(
    name: str, *arguments: str, environment: t.Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program of the virtual environment of the tests."""
    return subprocess.run(
        [str(PROGRAMS / name), *arguments],
        env={**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )


@functools.cache
def module_python() -> str:
    """Return the path of the Python that runs the modules."""
    return os.environ.get("TWILIO_PROXY_MODULE_PYTHON", sys.executable)


def inventory(hosts: t.Mapping[str, Variables]) -> dict[str, t.Any]:
    """Return an inventory of hosts with a local connection."""
    connection = {"ansible_connection": "local", "ansible_python_interpreter": module_python()}
    return {"all": {"hosts": dict(hosts), "vars": connection}}


def _run(
    tool: str,
    arguments: t.Sequence[str],
    hosts: t.Mapping[str, Variables] | None,
    environment: t.Mapping[str, str] | None,
    documents: t.Mapping[str, t.Any],
) -> Run:
    with tempfile.TemporaryDirectory(prefix="twilio-proxy-run-") as folder:
        for name, document in {**documents, "inventory.yml": inventory(hosts or {"localhost": {}})}.items():
            Path(folder, name).write_text(json.dumps(document), encoding="utf-8")
        results = Path(folder, "results")
        results.touch()
        settings = {
            "ANSIBLE_INVENTORY": f"{folder}/inventory.yml",
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "recorded_results",
            "ANSIBLE_LOAD_CALLBACK_PLUGINS": "true",
            "ANSIBLE_FORKS": str(os.cpu_count()),
            "RECORDED_RESULTS": str(results),
            **(environment or {}),
        }
        arguments = [argument.replace("{folder}", folder) for argument in arguments]
        process = program(tool, *arguments, environment=settings)
        recorded = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
        # Neither the collection nor its tests may use features that a later ansible-core removes.
        assert "[DEPRECATION WARNING]" not in process.stdout, process.stdout
        return Run(process.returncode, process.stdout, [Recorded(**entry) for entry in recorded])
