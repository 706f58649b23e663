# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least module that finds a Service with requests: it checks nothing, and handles no error."""

from __future__ import annotations

import os

import requests
from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule({"unique_name": {"type": "str"}})
    answer = requests.get(
        f"{os.environ['TWILIO_PROXY_BASE_URL']}/v1/Services?PageSize=1000",
        auth=(os.environ["TWILIO_ACCOUNT_SID"], os.environ["TWILIO_AUTH_TOKEN"]),
        timeout=30,
    )
    answer.raise_for_status()
    found = {service["unique_name"]: service for service in answer.json()["services"]}
    module.exit_json(changed=False, service=found[module.params["unique_name"]])


if __name__ == "__main__":
    main()
