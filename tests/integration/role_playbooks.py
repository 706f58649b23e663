# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the playbooks of the collection for many hosts at a time, each with an account of its own."""

from __future__ import annotations

import contextlib
import json
import shlex
import subprocess
import sys
import typing as t
from pathlib import Path

import yaml

from ansible_collections.twilio.proxy.tests.integration.accounts import Account
from ansible_collections.twilio.proxy.tests.integration.command_line import Run, Variables
from ansible_collections.twilio.proxy.tests.support.emulator import PROGRAM

Hosts = dict[str, dict[str, t.Any]]

WITH_PASSWORD = "https://user:hush-p4ssw0rd@example.com/"
WITH_SIGNATURE = "https://example.com/?sig=hush-s1gn4ture"


def numbers(first: int, count: int) -> list[dict[str, t.Any]]:
    """Return consecutive phone numbers, as a Service has them."""
    return [{"phone_number": f"+120255501{number:02}"} for number in range(first, first + count)]


def credentials(account: Account, token: str = "") -> dict[str, t.Any]:
    """Return the variable with the account of a host."""
    options = {"account_sid": account.sid, "auth_token": token or account.token, "base_url": account.emulator.base_url}
    return {"proxy_account": options}


def imported(name: str, hosts: str | None = "all") -> dict[str, t.Any]:
    """Return the import of a playbook of the collection, for these hosts."""
    play = {"ansible.builtin.import_playbook": f"twilio.proxy.{name}"}
    return play if hosts is None else {**play, "vars": {"proxy_hosts": hosts}}


def failure(run: Run, host: str) -> dict[str, t.Any]:
    """Return the result that the host failed with."""
    counts, last = run.counts(host), [entry.result for entry in run.recorded if entry.host == host][-1]
    assert (counts["failed"], counts["ignored"], last["failed"]) == (1, 0, True), run.output
    return last


def role(name: str, **variables: t.Any) -> dict[str, t.Any]:
    """Return a task that includes a role of the collection."""
    return {"name": "Role", "ansible.builtin.include_role": {"name": f"twilio.proxy.{name}"}, "vars": variables}


def attempt(task: Variables) -> dict[str, t.Any]:
    """Return a task that goes on after a failure of the task."""
    return {"name": "Attempt", "block": [task], "rescue": [{"ansible.builtin.meta": "noop"}]}


def services_file(path: Path, services: t.Any) -> Path:
    """Write a services file and return its path. JSON is YAML."""
    path.write_text(json.dumps({"proxy_services": services}), encoding="utf-8")
    return path


def read_services(path: Path) -> list[dict[str, t.Any]]:
    """Return the Services of a services file without the tag !unsafe."""
    text = path.read_text(encoding="utf-8").replace(": !unsafe ", ": ")
    return t.cast("list[dict[str, t.Any]]", yaml.safe_load(text)["proxy_services"])


@contextlib.contextmanager
def stopped_at_the_end(directory: Path) -> t.Iterator[None]:
    """Stop the emulator of this directory in the end, also after a failure."""
    try:
        yield
    finally:
        command = [sys.executable, "-B", str(PROGRAM), "stop", "--directory", str(directory)]
        subprocess.run(command, check=False, capture_output=True)


def recording_program(folder: Path, name: str, command: str) -> tuple[Path, Path]:
    """Create a program that records its arguments and runs the command. Return the paths of both."""
    program, log = folder / name, folder / f"{name}.log"
    log.touch()
    program.write_text(f'#!/bin/sh\necho "$*" >> {shlex.quote(str(log))}\n{command}\n', encoding="utf-8")
    program.chmod(0o755)
    return program, log


def recording_sudo(folder: Path) -> tuple[Path, Path]:
    """Create a sudo that changes no user and records what it runs."""
    return recording_program(folder, "sudo", 'while [ "$1" != /bin/sh ]; do shift; done\nexec "$@"')


def sudo_settings(sudo: Path) -> dict[str, str]:
    """Return the environment variables that make this program the sudo, also if root runs the tests."""
    return {"ANSIBLE_BECOME_EXE": str(sudo), "ANSIBLE_BECOME_ALLOW_SAME_USER": "true"}


def recording_python(folder: Path) -> tuple[Path, Path]:
    """Create a Python that records what it runs."""
    return recording_program(folder, "python", f'exec {shlex.quote(sys.executable)} "$@"')
