# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""twilio.proxy.service where Ansible is: see its module, which it does the work of."""

from __future__ import annotations

from ansible_collections.twilio.proxy.plugins.modules.service import TASK
from ansible_collections.twilio.proxy.plugins.plugin_utils._in_process import InProcessAction


class ActionModule(InProcessAction):
    proxy_task = TASK
