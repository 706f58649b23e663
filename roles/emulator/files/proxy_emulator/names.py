# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who in a list has which name."""

from __future__ import annotations

from .rules import Value


class Names:
    """The names of objects, by their SIDs. Names that differ in case only are different ones, or not."""

    def __init__(self, case_sensitive: bool) -> None:
        self._case_sensitive = case_sensitive
        self._sids: dict[str, str] = {}
        self._keys: dict[str, str] = {}

    def holder(self, name: Value) -> str | None:
        """The SID of the object that has the name."""
        return self._sids.get(self._key(name))

    def give(self, sid: str, name: Value) -> None:
        """Lets the object have this name, and none other any more."""
        self.free(sid)
        self._keys[sid] = self._key(name)
        self._sids[self._keys[sid]] = sid

    def free(self, sid: str) -> None:
        """Takes the name of the object away, if it has one."""
        self._sids.pop(self._keys.pop(sid, ""), None)

    def _key(self, name: Value) -> str:
        return str(name) if self._case_sensitive else str(name).casefold()
