# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least action plugin that finds a Service with requests: it checks nothing, and handles no error."""

from __future__ import annotations

import os
import typing as t

import requests
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        answer = requests.get(
            f"{os.environ['TWILIO_PROXY_BASE_URL']}/v1/Services?PageSize=1000",
            auth=(os.environ["TWILIO_ACCOUNT_SID"], os.environ["TWILIO_AUTH_TOKEN"]),
            timeout=30,
        )
        answer.raise_for_status()
        found = {service["unique_name"]: service for service in answer.json()["services"]}
        return {**result, "changed": False, "service": found[self._task.args["unique_name"]]}
