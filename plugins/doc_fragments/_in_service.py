# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""How a module names the Service that its objects belong to."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  service_sid:
    description:
      - The SID of the Service, V(KS) followed by 32 hexadecimal digits.
      - Exactly one of O(service_sid) and O(service_unique_name) is needed.
      - A SID that is V(null) is refused outside check mode.
        In check mode, it stands for a Service that an earlier task would have created.
    type: str
  service_unique_name:
    description:
      - The name of the Service. It has to match exactly, upper and lower case included.
    type: str
"""
