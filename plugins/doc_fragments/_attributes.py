# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What the modules promise to Ansible."""

from __future__ import annotations


class ModuleDocFragment:
    # For every module.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or what would change in C(check_mode)), when in diff mode.
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the account has not changed in a relevant way in between.
    support: full
  action:
    description: Has an action plugin, by which it is executed on the controller.
    support: full
    details:
      - Where the module would run on the controller anyway, with the controller's Python, the work is done in the
        process that Ansible has for the task. The results are the same.
      - Set the variable V(twilio_proxy_in_process) or the environment variable E(TWILIO_PROXY_IN_PROCESS) to V(false)
        to have it done by a module.
  action_group:
    description: Use C(group/twilio.proxy.proxy) in C(module_defaults) to set defaults for this module.
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
