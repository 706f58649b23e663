# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""How much a module reads of a list."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  page_size:
    description:
      - How many objects to ask Twilio for in one request, V(1) to V(1000). Twilio may answer with fewer.
      - By default, as many as Twilio gives at once, or O(limit) where that is smaller.
    type: int
  limit:
    description:
      - How many objects to read at most, V(1) to V(2147483647).
        When this number is reached, no further page is asked for.
      - By default, all are read.
    type: int
"""
