# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unique names in a list."""

from __future__ import annotations

from .rules import Value


class Names:
    """Names of objects by their SIDs. Names that differ only in case are the same unless ``case_sensitive``."""

    def __init__(self, case_sensitive: bool) -> None:
        self._case_sensitive = case_sensitive
        self._sids: dict[str, str] = {}
        self._keys: dict[str, str] = {}

    def sid(self, name: Value) -> str | None:
        """Return the SID of the object with this name, or None."""
        return self._sids.get(self._key(name))

    def assign(self, sid: str, name: Value) -> None:
        """Replace the name of the object."""
        self.release(sid)
        self._keys[sid] = self._key(name)
        self._sids[self._keys[sid]] = sid

    def release(self, sid: str) -> None:
        """Remove the name of the object, if it has one."""
        self._sids.pop(self._keys.pop(sid, ""), None)

    def _key(self, name: Value) -> str:
        return str(name) if self._case_sensitive else str(name).casefold()
