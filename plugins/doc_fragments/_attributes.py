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
    description: Shows the changes in diff mode.
  idempotent:
    description:
      - A second run with the same arguments changes nothing.
      - This holds outside check mode, and if nobody else makes a change.
    support: full
  action:
    description: Has an action plugin, which runs on the controller.
    support: full
    details:
      - Runs the module's code in the worker process of the task.
      - It does so where the controller's Python would run the module.
      - The results are the same.
      - Set V(twilio_proxy_in_process) to V(false) to run the module.
      - The environment variable E(TWILIO_PROXY_IN_PROCESS) does the same.
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
