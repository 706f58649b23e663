# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module twilio.proxy.sessions inside Ansible's own process, where that is possible."""

from __future__ import annotations

from ansible_collections.twilio.proxy.plugins.modules.sessions import TASK
from ansible_collections.twilio.proxy.plugins.plugin_utils._in_process import InProcessAction


class ActionModule(InProcessAction):
    proxy_task = TASK
