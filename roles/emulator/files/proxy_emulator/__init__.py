# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A local, stateful stand-in for the Twilio Proxy v1 API: for trying, teaching and testing.

From the inside out:

* ``resources``, ``services``, ``phone_numbers``: what the API knows about an object, as a table; ``rules``: what a
  value may be.
* ``account``, ``owned_numbers``: what the objects of an account share, and the numbers it owns.
* ``collection``, ``names``, ``pages``, ``routes``, ``api``: the objects, and what is answered to a request about them.
* ``faults``, ``rulebook``: answers that differ from the true one, on command.
* ``world``: everything that a reset brings back to the beginning.
* ``server``, ``control``: the same over HTTP, and the requests that steer it.
* ``directory``, ``daemon``, ``cli``: the directory of one that runs in the background, starting and stopping it.
"""

from __future__ import annotations
