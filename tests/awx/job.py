# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs of the job templates, prepared and run as AWX does."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import typing as t
from pathlib import Path

import yaml
from awx_plugins.interfaces._temporary_private_api import ManagedCredentialType
from awx_plugins.interfaces._temporary_private_credential_api import Credential
from awx_plugins.interfaces._temporary_private_inject_api import inject_credential

from ansible_collections.twilio.proxy.tests.awx.kit import (
    PATH,
    PROJECT,
    Asset,
    assets,
    command,
    credential_type,
    job_templates,
    survey,
)
from ansible_collections.twilio.proxy.tests.awx.rules import answer_problems

IDENT = "42"
#: The inventory script that AWX runs.
SCRIPT = "#!/usr/bin/env python3\nprint({text!r})\n"


class _Unsafe(yaml.SafeDumper):
    """Marks strings as unsafe, as AWX does with answers: Ansible does not template them."""


_Unsafe.add_representer(str, lambda dumper, text: dumper.represent_scalar("!unsafe", text))


@dataclasses.dataclass(frozen=True)
class Job:
    """The results of a job. ``files`` are all files except the one in which the runner stores the environment.

    ``worker_output`` has the lines that a worker sent.
    """

    status: int
    folder: Path
    output: str
    events: list[dict[str, t.Any]]
    files: dict[str, str]
    worker_output: list[str] = dataclasses.field(default_factory=list)

    @property
    def artifacts(self) -> dict[str, t.Any]:
        """The artifacts that AWX stores with the job, from set_stats."""
        (stats,) = [event for event in self.events if event["event"] == "playbook_on_stats"]
        return t.cast("dict[str, t.Any]", stats["event_data"].get("artifact_data", {}))

    def result(self, task: str) -> dict[str, t.Any]:
        """Return the result of a task that ran once."""
        (found,) = [
            event["event_data"]["res"]
            for event in self.events
            if event["event"] in ("runner_on_ok", "runner_on_failed") and event["event_data"]["task"] == task
        ]
        return t.cast("dict[str, t.Any]", found)


def injected(inputs: t.Mapping[str, str]) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """Return the environment that AWX's own code makes from a credential, and the one that AWX stores and shows."""
    definition = credential_type()
    kind = ManagedCredentialType(
        namespace="twilio",
        name=definition["name"],
        kind=definition["kind"],
        inputs=definition["inputs"],
        injectors=definition["injectors"],
    )
    environment: dict[str, t.Any] = {}
    safe: dict[str, t.Any] = {}
    inject_credential(kind, Credential(dict(inputs)), environment, safe, [], os.devnull)
    return environment, safe


def extra_variables(template: Asset, answers: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the extra variables from a survey: the answers, and the defaults of the other questions."""
    asked = survey(template)
    problems = answer_problems(asked, answers)
    assert problems == []
    defaults = {
        question["variable"]: question["default"] for question in asked["spec"] if question.get("default") is not None
    }
    # AWX adds variables of its own.
    return {**defaults, **answers, "awx_job_id": int(IDENT), "awx_job_template_name": template["name"]}


def default_answers(name: str) -> dict[str, t.Any]:
    """Return the answers of a user who changes nothing. The form sends an empty text as an empty string."""
    spec = survey(job_templates()[name])["spec"]
    no_text = {question["variable"]: "" for question in spec if question["type"] == "text"}
    return no_text | {question["variable"]: question["default"] for question in spec if "default" in question}


def prepare(
    folder: Path,
    name: str,
    credential: t.Mapping[str, str],
    answers: t.Mapping[str, t.Any],
    *,
    check: bool = False,
    services_files: t.Mapping[str, t.Any] | None = None,
) -> Path:
    """Make a private data directory for a job, as AWX does."""
    template = job_templates()[name]
    shutil.copytree(PROJECT, folder / "project", symlinks=True)
    for file, services in (services_files or {}).items():
        (folder / "project" / file).write_text(json.dumps({"proxy_services": services}), encoding="utf-8")
    hosts = {host["name"]: json.loads(host["variables"]) for host in assets()["inventory"][0]["related"]["hosts"]}
    inventory = {"all": {"hosts": [*hosts]}, "_meta": {"hostvars": hosts}}
    options = [option for option, wanted in (("--check", check), ("--diff", template.get("diff_mode"))) if wanted]
    environment = {**injected(credential)[0], "PATH": PATH, "ANSIBLE_RETRY_FILES_ENABLED": "False"}
    environment |= {name: os.environ[name] for name in os.environ if name.startswith("ANSIBLE_")}
    files = {
        "inventory/hosts": SCRIPT.format(text=json.dumps(inventory)),
        "env/extravars": yaml.dump(extra_variables(template, answers), Dumper=_Unsafe),
        "env/envvars": yaml.safe_dump(environment),
        "env/cmdline": " ".join(options),
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    (folder / "inventory/hosts").chmod(0o700)
    return folder


def run(folder: Path, name: str) -> Job:
    """Run the job on this machine with ansible-runner."""
    completed = command(
        "ansible-runner", "run", str(folder), "--playbook", job_templates()[name]["playbook"], "--ident", IDENT
    )
    return _job(folder, completed.stdout)


def run_on_node(folder: Path, name: str) -> Job:
    """Run the job as on an execution node: AWX sends it there, the node runs it, AWX processes the output."""
    node, processed = folder / "node", folder / "processed"
    playbook = job_templates()[name]["playbook"]
    steps = {
        "transmit": ["ansible-runner", "transmit", str(folder), "--playbook", playbook, "--ident", IDENT],
        "worker": ["ansible-runner", "worker", "--private-data-dir", str(node)],
        "process": ["ansible-runner", "process", str(processed), "--ident", IDENT],
    }
    environment = {**os.environ, "PATH": PATH, "LC_ALL": "C.UTF-8"}
    stream = b""
    worker_output: list[str] = []
    for step, arguments in steps.items():
        completed = subprocess.run(arguments, input=stream, env=environment, capture_output=True, check=False)
        # The status of the last step is that of the job.
        assert step == "process" or completed.returncode == 0, (step, completed.stderr)
        stream = completed.stdout
        if step == "worker":
            worker_output = stream.decode().splitlines()
    return dataclasses.replace(_job(processed, stream.decode()), worker_output=worker_output)


def _job(folder: Path, output: str) -> Job:
    artifacts = folder / "artifacts" / IDENT
    files = {
        str(path.relative_to(artifacts)): path.read_text(encoding="utf-8")
        for path in sorted(artifacts.rglob("*"))
        if path.is_file() and path.name != "command"
    }
    events = [json.loads(text) for path, text in files.items() if path.startswith("job_events/")]
    events.sort(key=lambda event: int(event["counter"]))
    return Job(int(files["rc"]), folder, output, events, files)
