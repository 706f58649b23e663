# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who does the work: tasks of the collection by both of its doors, and what a user would write in their place."""

from __future__ import annotations

import sys
import typing as t
from pathlib import Path

from ansible_collections.twilio.proxy.tests.benchmarks.measuring import Broken, Usage, playbook, usage_of
from ansible_collections.twilio.proxy.tests.scale.many_services import PAGE, pages_of
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator, Service, form_of

#: The doors through which a task reaches the engine: inside Ansible's controller, and as a module in a process of its
#: own. The variable chooses the second one.
IN_CONTROLLER, AS_MODULE = "in the controller", "as a module"
SWITCH = "TWILIO_PROXY_IN_PROCESS"
DOORS = {IN_CONTROLLER: {}, AS_MODULE: {SWITCH: "false"}}

HERE = "ansible_collections.twilio.proxy.tests.benchmarks"
LIBRARY = Path(__file__).resolve().parent / "library"
MODULES = Path(__file__).resolve().parents[2] / "plugins" / "modules"
Tasks = list[dict[str, t.Any]]


# The tasks. Each of them works on the variable "services".


def bulk() -> Tasks:
    return [{"name": "All at once", "twilio.proxy.services": {"services": "{{ services }}"}}]


def looped() -> Tasks:
    return [{"name": "One by one", "twilio.proxy.service": _service("item"), "loop": "{{ services }}"}]


def single(service: Service, count: int) -> Tasks:
    """So many tasks about one Service, written out as people write a task of its own."""
    return [{"name": f"Task {number}", "twilio.proxy.service": dict(service)} for number in range(count)]


def listing() -> Tasks:
    return [{"name": "List", "twilio.proxy.service_info": {}, "register": "found"}]


def pings(count: int) -> Tasks:
    return [{"name": f"Task {number}", "ansible.builtin.ping": {}} for number in range(count)]


def bare_gets(count: int) -> Tasks:
    """Tasks of the least module that uses requests."""
    options = {"url": "{{ list_url }}", "user": "{{ user }}", "password": "{{ password }}"}
    return [{"name": f"Task {number}", "bare_get": options} for number in range(count)]


def looped_ping() -> Tasks:
    return [{"name": "One by one", "ansible.builtin.ping": {}, "loop": "{{ services }}"}]


def looped_get() -> Tasks:
    """GETs of one Service each, by its SID."""
    return [{"name": "One by one", "ansible.builtin.uri": _uri("{{ list_url }}/{{ item.sid }}"), "loop": "{{ found }}"}]


def uri_playbook(count: int) -> Tasks:
    """What creates and updates so many Services with the means of Ansible alone, and sends only what is needed."""
    pages = range(1, pages_of(count) + 1)
    return [
        *(_page(number) for number in pages),
        {
            "name": "Find them by their names",
            "ansible.builtin.set_fact": {"by_name": "{{ dict(found | map(attribute='unique_name') | zip(found)) }}"},
            "vars": {
                "found": "{{ " + " + ".join(f"page_{number}.json.services | default([])" for number in pages) + " }}"
            },
        },
        {
            "name": "Create what is missing",
            "ansible.builtin.uri": _uri("{{ list_url }}", method="POST", status_code=201),
            "loop": "{{ services }}",
            "when": "item.unique_name not in by_name",
        },
        {
            "name": "Update what differs",
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


# Their work on an account.


class Account(t.NamedTuple):
    """An account on an emulator, and the Services that are wanted in it."""

    emulator: Emulator
    wanted: list[Service]

    @property
    def access(self) -> dict[str, str]:
        """What a program needs to reach it."""
        emulator = self.emulator
        return {"base_url": emulator.base_url, "user": emulator.account_sid, "password": emulator.auth_token}

    @property
    def variables(self) -> dict[str, t.Any]:
        """What the tasks above find in their variables."""
        return {
            **self.access,
            "list_url": f"{self.emulator.base_url}/v1/Services",
            "services": self.wanted,
            "forms": {service["unique_name"]: form_of(service) for service in self.wanted},
        }

    def play(self, tasks: Tasks, door: str = IN_CONTROLLER, **variables: t.Any) -> Usage:
        """What a playbook of these tasks took."""
        environment = {**self.emulator.environment, "ANSIBLE_LIBRARY": str(LIBRARY), **DOORS[door]}
        return playbook(tasks, {**self.variables, **variables}, environment)

    def program(self, name: str, **more: t.Any) -> Usage:
        """What one of the programs beside this file took."""
        return usage_of([sys.executable, "-m", f"{HERE}.{name}"], {**self.access, **more})

    def module(self, name: str, **options: t.Any) -> Usage:
        """What a module took, run as Ansible runs it on a managed node: a process that gets options and answers."""
        command = [sys.executable, str(MODULES / f"{name}.py")]
        return usage_of(command, {"ANSIBLE_MODULE_ARGS": options}, self.emulator.environment)

    def check(self) -> None:
        """Raises Broken unless all that is wanted is there."""
        there = {service["unique_name"]: service for service in self.emulator.services()}
        wrong = [
            one["unique_name"] for one in self.wanted if not one.items() <= there.get(one["unique_name"], {}).items()
        ]
        if wrong:
            raise Broken(f"These are not as they were wanted: {', '.join(wrong)}")
