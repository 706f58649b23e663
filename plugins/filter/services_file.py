# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write a services file.

No YAML library writes it: the text has to be the same for the same account with every library and release, to hold
comments, and to mean the same in YAML 1.1 and 1.2. It needs little more than quoted texts for that.
"""

from __future__ import annotations

import re
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER, SERVICE
from ansible_collections.twilio.proxy.plugins.module_utils._services_file import POOL, SERVICES_KEY, STATE, options_of

DOCUMENTATION = r"""
name: services_file
short_description: Write the Services of an account as the text of a YAML file
version_added: 0.1.0
description:
  - Makes a services file of what module M(twilio.proxy.services_info) returns.
    Ansible takes such a file with C(-e @services.yml), as C(vars_files), and with M(ansible.builtin.include_vars).
  - The same account gives the same text, byte for byte.
  - A text that Ansible would take for a template, for example with C({{) in it, gets the tag C(!unsafe), so that
    Ansible does not change it. A program that does not know the tag cannot read such a file.
author:
  - The twilio.proxy Authors (@twilio-proxy)
positional: _input
options:
  _input:
    description:
      - The result of module M(twilio.proxy.services_info), or any mapping with a list C(services) of that form.
    type: dict
    required: true
  schema:
    description:
      - The address of the JSON Schema with which editors check the file. It becomes the first line of the file.
      - Without it, the file has no such line.
    type: str
seealso:
  - module: twilio.proxy.services_info
  - plugin: twilio.proxy.services_problems
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the account
  twilio.proxy.services_info:
  register: account

- name: Write it into a file
  ansible.builtin.copy:
    content: "{{ account | twilio.proxy.services_file }}"
    dest: "{{ playbook_dir }}/services.yml"
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The text of the file.
  type: str
  sample: |
    ---
    proxy_services:
      - unique_name: rides
        default_ttl: 3600
        phone_numbers:
          - phone_number: "+12025550100"
"""

#: The options of an entry in the order in which they are written.
OPTIONS = (*(field.name for field in options_of(SERVICE)), STATE.name, POOL)
OPTIONS_OF_NUMBER = tuple(field.name for field in options_of(PHONE_NUMBER))

# A word that every reader of YAML takes for a text; the others are quoted.
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_NO_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf"}
# Where Ansible looks for a template: at its begin marks anywhere, and at a header that changes them.
_TEMPLATE = re.compile(r"\{[{%#]|\A#jinja2:")
# Characters that break lines, are invisible, or change the direction of the text.
_ESCAPED = re.compile(
    r'["\\\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f'
    r"\u205f-\u206f\u3000\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff]"
)
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def services_file(result: t.Mapping[str, t.Any], schema: str | None = None) -> str:
    """Return the text of the file."""
    if not isinstance(result, dict) or not isinstance(result.get("services"), list):
        raise AnsibleFilterError(
            "services_file: the input has no list services. Give it the result of twilio.proxy.services_info."
        )
    secrets = {(item["service"], item["option"]) for item in result.get("left_out", ()) if item["reason"] == "secret"}
    head = ([f"# yaml-language-server: $schema={schema}"] if schema else []) + ["---"]
    body = [line for service in result["services"] for line in _entry(service, secrets)]
    return "\n".join([*head, *([f"{SERVICES_KEY}:", *body] if body else [f"{SERVICES_KEY}: []"]), ""])


def _entry(service: t.Mapping[str, t.Any], secrets: t.Collection[tuple[str | None, str]]) -> list[str]:
    """Return the lines of a Service. A comment says what is left out because of a secret."""
    lines = []
    for option in _known(service, OPTIONS, {name for of, name in secrets if of == service.get(SERVICE.name_field)}):
        if option not in service:
            lines.append(f"# {option} is left out: it contains a secret.")
        elif option != POOL:
            lines.append(f"{option}: {_scalar(option, service[option])}")
        elif service[POOL]:
            lines += [f"{POOL}:", *(line for number in service[POOL] for line in _number(number))]
        else:
            lines.append(f"{POOL}: []")
    return _item(lines)


def _number(number: t.Mapping[str, t.Any]) -> list[str]:
    return _item(f"{option}: {_scalar(option, number[option])}" for option in _known(number, OPTIONS_OF_NUMBER))


def _known(entry: t.Mapping[str, t.Any], order: t.Sequence[str], more: t.Collection[str] = ()) -> list[str]:
    """Return the options of an entry, and more, in order."""
    found = {*entry, *more}
    if not found <= {*order}:
        raise AnsibleFilterError(
            f"services_file: {min(found - {*order})!r} is not an option of an entry of {SERVICES_KEY}."
            " Give the filter the result of twilio.proxy.services_info."
        )
    return [option for option in order if option in found]


def _item(lines: t.Iterable[str]) -> list[str]:
    """Return the lines of a mapping as those of an item of a list, which is indented below its key."""
    return [f"  {'  ' if number else '- '}{line}" for number, line in enumerate(lines)]


def _scalar(option: str, value: t.Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        raise AnsibleFilterError(f"services_file: {option}: {value!r} is not a string, an integer, true or false.")
    if _WORD.fullmatch(value) and value.lower() not in _NO_WORDS:
        return value
    tag = "!unsafe " if _TEMPLATE.search(value) else ""
    return f'{tag}"{_ESCAPED.sub(_escape, value)}"'


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x100:
        return _SHORT.get(match[0], f"\\x{code:02X}")
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"services_file": services_file}
