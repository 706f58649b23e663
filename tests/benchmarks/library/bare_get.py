# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A minimal module that uses requests: it sends one GET and ignores most of the answer."""

from __future__ import annotations

import requests
from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    options = {"url": {"type": "str"}, "user": {"type": "str"}, "password": {"type": "str", "no_log": True}}
    module = AnsibleModule(options)
    answer = requests.get(module.params["url"], auth=(module.params["user"], module.params["password"]), timeout=30)
    answer.raise_for_status()
    module.exit_json(changed=False, found=len(answer.json()["services"]))


if __name__ == "__main__":
    main()
