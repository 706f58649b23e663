# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check a regular expression."""

from __future__ import annotations

import typing as t

from ansible_collections.twilio.proxy.plugins.module_utils._validation import regex_problem

DOCUMENTATION = r"""
name: regex_problem
short_description: Find what is wrong with a regular expression
version_added: 0.1.0
description:
  - Checks a regular expression, in Python's syntax, before it is used.
author:
  - The twilio.proxy Authors (@twilio-proxy)
positional: _input, option
options:
  _input:
    description:
      - The regular expression.
    type: str
    required: true
  option:
    description:
      - The name of the option or variable that holds it.
    type: str
    required: true
seealso:
  - plugin: twilio.proxy.services_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Check a variable before the account is read
  ansible.builtin.assert:
    that: pattern | twilio.proxy.regex_problem('pattern') is none
    fail_msg: "{{ pattern | twilio.proxy.regex_problem('pattern') }} No request was sent."
  vars:
    pattern: ^team-a-
"""

RETURN = r"""
_value:
  description: A sentence that names the option, the value and what is wrong. V(null) if nothing is.
  type: str
  sample: "pattern: '[' is not a regular expression: unterminated character set at position 0."
"""


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"regex_problem": lambda value, option: regex_problem(option, value)}
