# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the file that an export writes, before anything is read from the account."""

from __future__ import annotations

import os
import re
import stat
import typing as t

from ansible_collections.twilio.proxy.plugins.module_utils._validation import quoted, secrets

DOCUMENTATION = r"""
name: export_target
short_description: Check the file that an export of Twilio Proxy Services writes
version_added: 0.1.0
description:
  - Checks whether an export may write a file on the controller.
  - It may be a regular file, or a new one in a directory that exists. Links are followed.
  - A file that Ansible Vault encrypted, as a whole or in single values, must not be written.
    An export would replace it with plain text.
author:
  - The twilio.proxy Authors (@twilio-proxy)
positional: _input
options:
  _input:
    description:
      - The path of the file. A relative one begins where C(ansible-playbook) was started.
    type: str
    required: true
seealso:
  - plugin: twilio.proxy.services_file
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Check the file before the account is read
  ansible.builtin.assert:
    that: ('services.yml' | twilio.proxy.export_target).problem is none
    fail_msg: "{{ ('services.yml' | twilio.proxy.export_target).problem }} No request was sent."
"""

RETURN = r"""
_value:
  description: Facts about the file.
  type: dict
  contains:
    path:
      description: The absolute path of the file, with links resolved.
      type: str
      sample: /home/user/services.yml
    exists:
      description: Whether the file exists.
      type: bool
      sample: true
    holds_secrets:
      description: Whether a URL in the file contains a secret, as module M(twilio.proxy.services_info) recognizes them.
      type: bool
      sample: false
    problem:
      description: A sentence that says why the file must not be written. V(null) if it may be.
      type: str
      sample: "export_file: '/home/user' is a directory, not a file."
"""

# At the start of a file, or of a line in the value of a !vault tag.
_VAULT = re.compile(rb"^[ \t\xef\xbb\xbf]*\$ANSIBLE_VAULT;|!vault\b", re.MULTILINE)


def export_target(file: t.Any) -> dict[str, t.Any]:
    """Return the path of the file, whether it exists and holds secrets, and why it must not be written."""
    name = file
    if not isinstance(name, str) or not name or "\0" in name:
        return _rejected(str(name), f"{quoted(name)} is not a file name")
    path = os.path.realpath(os.path.expanduser(name))
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):  # to open a pipe would wait for its other end
            kind = "a directory" if stat.S_ISDIR(mode) else "a device, a pipe or a socket"
            return _rejected(path, f"{quoted(path)} is {kind}, not a file")
        with open(path, "rb") as opened:
            text = opened.read()
    except FileNotFoundError:
        if name.endswith("/"):
            return _rejected(path, f"{quoted(name)} is a directory, not a file")
        if not os.path.isdir(os.path.dirname(path)):
            return _rejected(path, f"{quoted(path)} cannot be written: there is no directory {os.path.dirname(path)}")
        return {"path": path, "exists": False, "holds_secrets": False, "problem": None}
    except OSError as error:
        return _rejected(path, f"{quoted(path)} cannot be read: {error.strerror}")
    if _VAULT.search(text):
        return _rejected(
            path,
            f"{quoted(path)} is encrypted with Ansible Vault, and an export would replace it with plain text. Export"
            " to another file and encrypt that one",
        )
    holds_secrets = bool(secrets(text.decode("utf-8", "replace")))
    return {"path": path, "exists": True, "holds_secrets": holds_secrets, "problem": None}


def _rejected(path: str, reason: str) -> dict[str, t.Any]:
    return {"path": path, "exists": False, "holds_secrets": False, "problem": f"export_file: {reason}."}


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"export_target": export_target}
