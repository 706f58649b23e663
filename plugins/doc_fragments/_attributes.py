# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The attributes of the modules."""

from __future__ import annotations


class ModuleDocFragment:
    # For every module.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode), and predicts the result.
    support: full
  diff_mode:
    description: Shows in diff mode what was changed, or would be.
  idempotent:
    description:
      - Run again with the same arguments, it changes nothing.
      - This is so outside check mode, and if nobody else changes it.
    support: full
  action:
    description: Has an action plugin, which runs on the controller.
    support: full
    details:
      - The work is done in the process that Ansible has for the task.
      - That is so where the controller's Python would run the module.
      - The results are the same.
      - Set V(twilio_proxy_in_process) to V(false) to have a module.
      - E(TWILIO_PROXY_IN_PROCESS) in the environment does the same.
  action_group:
    description: Takes C(module_defaults) for C(group/twilio.proxy.proxy).
    support: full
    membership:
      - twilio.proxy.proxy
"""

    # For a module that only reads, together with the fragment above.
    INFO = r"""
options: {}
attributes:
  check_mode:
    details:
      - This module does not modify anything.
  diff_mode:
    support: N/A
    details:
      - This module does not modify anything.
  idempotent:
    details:
      - This module does not modify anything.
"""
