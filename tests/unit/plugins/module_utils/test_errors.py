# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words for trouble: what the tests of the client, which causes each kind of it, do not reach."""

from __future__ import annotations

import runpy
import sys
from types import ModuleType

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils import _client, _errors


@pytest.mark.parametrize("room", [_errors, _client], ids=lambda room: room.__name__.rpartition(".")[2])
def test_the_errors_can_be_imported_without_requests(room: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "requests", None)
    monkeypatch.delitem(sys.modules, _errors.__name__)
    found = runpy.run_path(room.__file__ or "")
    assert isinstance(found["REQUESTS_ERROR"], ImportError)
    assert _errors.REQUESTS_ERROR is None


def test_all_causes_are_found_once() -> None:
    first, second, third = Exception("first"), Exception("second"), Exception("third")
    outer = Exception(first, "text", second)
    first.__context__ = third
    third.__cause__ = outer
    assert list(_errors._causes(outer)) == [outer, first, second, third]
