# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A local, stateful emulator of the Twilio Proxy v1 API.

The layers, from the inside out:

* ``rules``, ``resources``, ``services``, ``phone_numbers``: the tables of the resources and the rules of their values.
* ``account``, ``owned_numbers``: state shared by the objects of an account, and the numbers it owns.
* ``collection``, ``names``, ``pages``, ``routes``, ``api``: the objects, and the answers to requests about them.
* ``faults``, ``rulebook``: injected faults, and the rules that select the requests they apply to.
* ``settings``, ``state``: the settings, and the state that a reset replaces.
* ``control``, ``server``: the control requests, and the HTTP server.
* ``directory``, ``daemon``, ``cli``: the process in the background, its files, and the commands.
"""

from __future__ import annotations
