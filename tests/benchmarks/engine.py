# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the task of service_info that lists all Services, without Ansible."""

from __future__ import annotations

import os

from ansible_collections.twilio.proxy.plugins.module_utils._client import clients
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE
from ansible_collections.twilio.proxy.plugins.module_utils._task import Call, objects_task


def main() -> None:
    task = objects_task(SERVICE)
    given = {name: os.environ[variable] for name, variable in task.environment.items() if variable in os.environ}
    call = Call(
        params={**{name: option.get("default") for name, option in task.options.items()}, **given},
        params_raw={},
        from_environment=set(given),
        environment=os.environ,
        check_mode=False,
        diff_mode=False,
        agent="benchmark",
        warn=print,
        mask=set[str]().update,
        clients=clients,
        on_retry=print,
        time_limit=(),
    )
    print(len(task.perform(call)["services"]))


if __name__ == "__main__":
    main()
