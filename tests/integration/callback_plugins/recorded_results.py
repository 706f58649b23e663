# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the result of every task to a file, from which the tests read them."""

from __future__ import annotations

import json
import os
import pathlib
import typing as t

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: recorded_results
type: notification
short_description: Write results to a file
description:
  - Appends each result, those of a loop's items included, as a line of JSON to a file.
options:
  file:
    description: The file.
    type: path
    required: true
    env:
      - name: RECORDED_RESULTS
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "recorded_results"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._record(result, failed=False)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:  # noqa: ARG002
        self._record(result, failed=True)

    def v2_runner_item_on_ok(self, result: t.Any) -> None:
        self._record(result, failed=False)

    def v2_runner_item_on_failed(self, result: t.Any) -> None:
        self._record(result, failed=True)

    def _record(self, result: t.Any, failed: bool) -> None:
        # Every supported ansible-core has these attributes; the public ones are newer.
        entry = {
            "host": result._host.get_name(),
            "task": result._task.get_name(),
            "result": {**result._result, "failed": failed},
        }
        with pathlib.Path(os.environ["RECORDED_RESULTS"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, default=str) + "\n")
