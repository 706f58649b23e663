# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the engine of service_info without Ansible, up to its result.

echo '{"base_url": ..., "user": ..., "password": ..., "properties": [...]}' | python engine.py
"""

from __future__ import annotations

import json
import os
import sys

from ansible_collections.twilio.proxy.plugins.module_utils._client import clients
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE
from ansible_collections.twilio.proxy.plugins.module_utils._task import Call, objects_task


def main() -> None:
    given = json.load(sys.stdin)
    task = objects_task(SERVICE)
    params_raw = {"account_sid": given.pop("user"), "auth_token": given.pop("password"), **given}
    masked: set[str] = set()
    call = Call(
        params={**{name: option.get("default") for name, option in task.options.items()}, **params_raw},
        params_raw=params_raw,
        from_environment=(),
        environment=os.environ,
        check_mode=False,
        diff_mode=False,
        agent="benchmark",
        warn=print,
        mask=masked.update,
        clients=clients,
        on_retry=print,
        time_limit=(),
    )
    print(len(task.perform(call)["services"]))


if __name__ == "__main__":
    main()
