# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The workloads: tasks of the collection, run both ways, and the alternatives that a user could write."""

from __future__ import annotations

import sys
import typing as t
from pathlib import Path

from ansible_collections.twilio.proxy.tests.benchmarks.measuring import BenchmarkError, Usage, playbook, usage_of
from ansible_collections.twilio.proxy.tests.scale.many_services import PAGE, pages_of
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator, Service, form_of

#: The two ways to run a task of the collection: in the process of Ansible's controller, and as a module in its own
#: process. The variable selects the module.
IN_PROCESS, AS_MODULE = "in-process", "module"
SWITCH = "TWILIO_PROXY_IN_PROCESS"
EXECUTIONS = {IN_PROCESS: {}, AS_MODULE: {SWITCH: "false"}}

HERE = "ansible_collections.twilio.proxy.tests.benchmarks"
LIBRARY = Path(__file__).resolve().parent / "library"
MODULES = Path(__file__).resolve().parents[2] / "plugins" / "modules"
Tasks = list[dict[str, t.Any]]


# The tasks. They use the variable "services".


def bulk_services() -> Tasks:
    return [{"name": "Apply the list of Services", "twilio.proxy.services": {"services": "{{ services }}"}}]


def loop_of_service() -> Tasks:
    return [{"name": "Apply each Service", "twilio.proxy.service": _service("item"), "loop": "{{ services }}"}]


def tasks_of_service(service: Service, count: int) -> Tasks:
    """Return this many single tasks about one Service."""
    return [{"name": f"Task {number}", "twilio.proxy.service": dict(service)} for number in range(count)]


def listing() -> Tasks:
    return [{"name": "List the Services", "twilio.proxy.service_info": {}, "register": "found"}]


def tasks_of_ping(count: int) -> Tasks:
    return [{"name": f"Task {number}", "ansible.builtin.ping": {}} for number in range(count)]


def tasks_of_bare_get(count: int) -> Tasks:
    """Return tasks of a minimal module that uses requests."""
    options = {"url": "{{ list_url }}", "user": "{{ user }}", "password": "{{ password }}"}
    return [{"name": f"Task {number}", "bare_get": options} for number in range(count)]


def loop_of_ping() -> Tasks:
    return [{"name": "Ping for each Service", "ansible.builtin.ping": {}, "loop": "{{ services }}"}]


def loop_of_uri() -> Tasks:
    """Return a task that reads each Service by its SID."""
    return [
        {
            "name": "Read each Service",
            "ansible.builtin.uri": _uri("{{ list_url }}/{{ item.sid }}"),
            "loop": "{{ found }}",
        }
    ]


def uri_playbook(count: int) -> Tasks:
    """Return tasks of Ansible alone that create and update this many Services, and send only what is needed."""
    pages = range(1, pages_of(count) + 1)
    return [
        *(_page(number) for number in pages),
        {
            "name": "Index the Services by name",
            "ansible.builtin.set_fact": {"by_name": "{{ dict(found | map(attribute='unique_name') | zip(found)) }}"},
            "vars": {
                "found": "{{ " + " + ".join(f"page_{number}.json.services | default([])" for number in pages) + " }}"
            },
        },
        {
            "name": "Create the missing Services",
            "ansible.builtin.uri": _uri("{{ list_url }}", method="POST", status_code=201),
            "loop": "{{ services }}",
            "when": "item.unique_name not in by_name",
        },
        {
            "name": "Update the Services that differ",
            "ansible.builtin.uri": _uri("{{ list_url }}/{{ by_name[item.unique_name].sid }}", method="POST"),
            "loop": "{{ services }}",
            "when": [
                "item.unique_name in by_name",
                "by_name[item.unique_name] | combine(item) != by_name[item.unique_name]",
            ],
        },
    ]


def _page(number: int) -> dict[str, t.Any]:
    page = {"name": f"Read page {number}", "register": f"page_{number}"}
    if number == 1:
        return {**page, "ansible.builtin.uri": _uri(f"{{{{ list_url }}}}?PageSize={PAGE}")}
    following = f"page_{number - 1}.json.meta.next_page_url"
    when = f"{following} | default(none) is not none"
    return {**page, "ansible.builtin.uri": _uri(f"{{{{ {following} }}}}"), "when": when}


def _uri(url: str, **more: t.Any) -> dict[str, t.Any]:
    body = {"body_format": "form-urlencoded", "body": "{{ forms[item.unique_name] }}"} if more else {}
    access = {"url_username": "{{ user }}", "url_password": "{{ password }}", "force_basic_auth": True}
    return {"url": url, **access, **body, **more}


def _service(item: str) -> dict[str, str]:
    always = {name: f"{{{{ {item}.{name} }}}}" for name in ("unique_name", "default_ttl", "callback_url")}
    sometimes = {
        name: f"{{{{ {item}.{name} | default(omit) }}}}" for name in ("geo_match_level", "number_selection_behavior")
    }
    return {**always, **sometimes}


# The account that they work on.


class Account(t.NamedTuple):
    """An account on an emulator, and the Services that it should have."""

    emulator: Emulator
    wanted: list[Service]

    @property
    def access(self) -> dict[str, str]:
        """The URL and the credentials for a program."""
        emulator = self.emulator
        return {"base_url": emulator.base_url, "user": emulator.account_sid, "password": emulator.auth_token}

    @property
    def variables(self) -> dict[str, t.Any]:
        """The variables of the tasks above."""
        return {
            **self.access,
            "list_url": f"{self.emulator.base_url}/v1/Services",
            "services": self.wanted,
            "forms": {service["unique_name"]: form_of(service) for service in self.wanted},
        }

    def run_playbook(self, tasks: Tasks, execution: str = IN_PROCESS, **variables: t.Any) -> Usage:
        """Run a playbook of these tasks and return its usage."""
        environment = {**self.emulator.environment, "ANSIBLE_LIBRARY": str(LIBRARY), **EXECUTIONS[execution]}
        return playbook(tasks, {**self.variables, **variables}, environment)

    def run_program(self, name: str, **more: t.Any) -> Usage:
        """Run one of the programs in this folder and return its usage."""
        return usage_of([sys.executable, "-m", f"{HERE}.{name}"], {**self.access, **more})

    def run_module(self, name: str, **options: t.Any) -> Usage:
        """Run a module as Ansible does on a managed node, in a process of its own, and return its usage."""
        command = [sys.executable, str(MODULES / f"{name}.py")]
        return usage_of(command, {"ANSIBLE_MODULE_ARGS": options}, self.emulator.environment)

    def verify(self) -> None:
        """Raises BenchmarkError unless the account has the wanted Services."""
        existing = {service["unique_name"]: service for service in self.emulator.services()}
        wrong = [
            wanted["unique_name"]
            for wanted in self.wanted
            if not wanted.items() <= existing.get(wanted["unique_name"], {}).items()
        ]
        if wrong:
            raise BenchmarkError(f"These Services are missing or differ: {', '.join(wrong)}")
