# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check a list of Services before anything runs."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import missing_required_lib
from jinja2 import pass_context
from jinja2.runtime import Context

from ansible_collections.twilio.proxy.plugins.module_utils import _services_file

DOCUMENTATION = r"""
name: services_problems
short_description: Find what is wrong with a list of Twilio Proxy Services
version_added: 0.1.0
description:
  - Checks a list of Services, as module M(twilio.proxy.services) takes it, before anything runs.
  - The rules are those of the JSON Schema of services files, C(docs/schemas/services.schema.json) in this collection.
    In addition, no two entries may name one Service, and no two numbers of an entry one number.
author:
  - The twilio.proxy Authors (@twilio-proxy)
requirements:
  - jsonschema >= 3.2.0 on the controller, if something is wrong with the list
positional: _input
options:
  _input:
    description:
      - The list of Services.
    type: raw
    required: true
seealso:
  - module: twilio.proxy.services
  - plugin: twilio.proxy.services_file
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Check the list
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems }}"
  vars:
    problems: "{{ proxy_services | twilio.proxy.services_problems }}"
    proxy_services:
      - unique_name: rides
        default_ttl: 3600
"""

RETURN = r"""
_value:
  description:
    - A sentence for each problem, which begins with its place in the list, and with the names or SIDs of the entries.
      Empty if there is none.
    - Secrets in URLs are masked.
    - If something is wrong and jsonschema is missing, the only sentence says so.
  type: list
  elements: str
  sample:
    - >-
      proxy_services[3].default_ttl ('rides'): -1 is not a whole number of seconds from 0 to 2147483647 (0 means no
      limit).
"""


@pass_context
def services_problems(context: Context, services: t.Any) -> list[str]:
    """Return a sentence for each problem."""
    try:
        return _services_file.services_problems(_plain(services, context.resolve_or_missing("omit")))
    except ImportError:
        return [missing_required_lib("jsonschema")]


def _plain(value: t.Any, omit: t.Any) -> t.Any:
    """Return the value as a task gets it: without what is omitted, and with encrypted values as texts."""
    if isinstance(value, dict):
        return {key: _plain(item, omit) for key, item in value.items() if item != omit}
    if isinstance(value, (list, tuple)):
        return [_plain(item, omit) for item in value if item != omit]
    return str(value) if isinstance(value, str) or getattr(value, "__ENCRYPTED__", False) else value


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"services_problems": services_problems}
