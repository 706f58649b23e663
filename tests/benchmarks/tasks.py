# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks that the benchmarks run: those of the collection, and the alternatives that a user could write."""

from __future__ import annotations

import typing as t

from ansible_collections.twilio.proxy.tests.scale.many_services import some_services

Task = dict[str, t.Any]

#: A Service as the options of a task, from the loop variable.
_ITEM = {
    **{name: f"{{{{ item.{name} }}}}" for name in ("unique_name", "default_ttl", "callback_url", "geo_match_level")},
    "number_selection_behavior": "{{ item.number_selection_behavior | default(omit) }}",
}
(_FIRST,) = some_services(1)
PING: Task = {"name": "Ping", "ansible.builtin.ping": {}}
SERVICE: Task = {"name": "Apply the Service", "twilio.proxy.service": _FIRST}
LEAST_ACTION: Task = {"name": "Find the Service", "least_action": {"unique_name": _FIRST["unique_name"]}}
LEAST_MODULE: Task = {"name": "Find the Service", "least_module": {"unique_name": _FIRST["unique_name"]}}
EACH_SERVICE: Task = {"name": "Apply each Service", "twilio.proxy.service": _ITEM, "loop": "{{ services }}"}
EACH_URI: Task = {
    "name": "Read each Service",
    "ansible.builtin.uri": {"url": "{{ list_url }}/{{ item.sid }}"},
    "loop": "{{ existing }}",
}
SERVICES: Task = {"name": "Apply the list of Services", "twilio.proxy.services": {"services": "{{ services }}"}}

#: The defaults of uri, which the tasks below need too.
URI_DEFAULTS = {
    "url_username": "{{ user }}",
    "url_password": "{{ password }}",
    "force_basic_auth": True,
    "body_format": "form-urlencoded",
}
#: The same as SERVICES, for at most two pages of Services, by Ansible alone.
URI_PLAYBOOK: list[Task] = [
    {
        "name": "Read the first page",
        "ansible.builtin.uri": {"url": "{{ list_url }}?PageSize=100"},
        "register": "first",
    },
    {
        "name": "Read the second page",
        "ansible.builtin.uri": {"url": "{{ first.json.meta.next_page_url }}"},
        "register": "second",
        "when": "first.json.meta.next_page_url is not none",
    },
    {
        "name": "Index the Services by name",
        "ansible.builtin.set_fact": {"by_name": "{{ dict(found | map(attribute='unique_name') | zip(found)) }}"},
        "vars": {"found": "{{ first.json.services + second.json.services | default([]) }}"},
    },
    {
        "name": "Create the missing Services",
        "ansible.builtin.uri": {
            "url": "{{ list_url }}",
            "method": "POST",
            "body": "{{ forms[item.unique_name] }}",
            "status_code": 201,
        },
        "loop": "{{ services }}",
        "when": "item.unique_name not in by_name",
    },
    {
        "name": "Update the Services that differ",
        "ansible.builtin.uri": {
            "url": "{{ list_url }}/{{ by_name[item.unique_name].sid }}",
            "method": "POST",
            "body": "{{ forms[item.unique_name] }}",
        },
        "loop": "{{ services }}",
        "when": [
            "item.unique_name in by_name",
            "by_name[item.unique_name] | combine(item) != by_name[item.unique_name]",
        ],
    },
]
