# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The options that name the Session to which an object belongs."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  session_sid:
    description:
      - The SID of the Session.
      - Exactly one of O(session_sid) and O(session_unique_name) is required.
      - V(null) is an error. In check mode, it means a Session that an earlier task would have created.
      - Must be KC followed by 32 hexadecimal digits.
    type: str
  session_unique_name:
    description:
      - The name of the Session. Upper and lower case matter.
      - Must be a string of 1 to 191 characters.
    type: str
"""
