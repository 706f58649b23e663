# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Misspelt names of variables."""

from __future__ import annotations

import difflib
import typing as t

DOCUMENTATION = r"""
name: near_misses
short_description: Find variables that are likely misspelt
version_added: 0.1.0
description:
  - Ansible takes every variable, whether anything reads it or not. This finds those whose names are nearly that of
    a variable that is read.
  - A name that is like none of them is nobody's mistake. It may belong to another role, of the same prefix.
  - A name that goes on where a known one ends, as V(fleet_region_of) does beside V(fleet_region), counts as misspelt.
  - Names with fewer than five letters after the prefix are like too many others, and are not compared.
author:
  - The twilio.proxy Authors (@twilio-proxy)
positional: _input, prefix, known
options:
  _input:
    description:
      - Names of variables.
    type: list
    elements: str
    required: true
  prefix:
    description:
      - What all names begin with that are looked at.
    type: str
    required: true
  known:
    description:
      - The names of the variables that are read.
    type: list
    elements: str
    required: true
seealso:
  - plugin: ansible.builtin.varnames
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Refuse misspelt variables
  ansible.builtin.assert:
    that: misspelt | length == 0
    fail_msg: "{{ misspelt }}"
  vars:
    misspelt: "{{ names | twilio.proxy.near_misses('fleet_', ['fleet_region', 'fleet_max_size']) }}"
    names: "{{ query('ansible.builtin.varnames', '^fleet_') }}"
    fleet_max_size: 3
    fleet_of_others: 4
"""

RETURN = r"""
_value:
  description:
    - A sentence for each misspelt name. Empty if there is none.
  type: list
  elements: str
  sample:
    - apply_max_deletion is refused, there is no such variable. It is nearly apply_max_deletions.
"""

#: How alike two names are that are taken for the same, as difflib measures it: 0 is not at all, 1 is the same.
ALIKE = 0.82
#: How many letters a name needs after the prefix to be compared.
SHORTEST = 5


def near_misses(names: t.Iterable[str], prefix: str, known: t.Iterable[str]) -> list[str]:
    """The filter."""
    known = list(known)
    endings = [name[len(prefix) :] for name in known if name.startswith(prefix)]
    comparable = [ending for ending in endings if len(ending) >= SHORTEST]
    meant = {
        name: difflib.get_close_matches(name[len(prefix) :], comparable, n=1, cutoff=ALIKE)
        or [ending for ending in comparable if name.startswith(f"{prefix}{ending}_")]
        for name in sorted({*names} - {*known})
        if name.startswith(prefix)
    }
    return [
        f"{name} is refused, there is no such variable. It is nearly {prefix}{found[0]}."
        for name, found in meant.items()
        if found
    ]


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"near_misses": near_misses}
