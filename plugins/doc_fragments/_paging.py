# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The options that limit what is read of a list."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  page_size:
    description:
      - How many objects to request at once. Twilio may answer with fewer.
      - By default, as many as Twilio allows, or O(limit) if that is smaller.
      - Must be a number from 1 to 1000.
    type: int
  limit:
    description:
      - The maximum number of objects to read. No further page is requested once it is reached.
      - By default, all objects are read.
      - Must be a number from 1 to 2147483647.
    type: int
"""
