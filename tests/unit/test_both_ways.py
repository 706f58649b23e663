# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison of the two ways of execution finds real differences only."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.both_ways import RECORD, alike, differences, record

FIRST_SID, OTHER_SID, THIRD_SID = (f"KS{digit * 32}" for digit in "123")
OURS: t.Mapping[str, t.Any] = {"host": "a", "task": "x", "action": "twilio.proxy.service", "result": {"changed": True}}


@pytest.mark.parametrize(
    ("first", "other"),
    [
        (
            {"sid": FIRST_SID, "url": f"/{FIRST_SID}", "parent": OTHER_SID},
            {"sid": THIRD_SID, "url": f"/{THIRD_SID}", "parent": FIRST_SID},
        ),
        ({"date_created": "2026-01-02T03:04:05Z"}, {"date_created": "2027-11-12T13:14:15Z"}),
        ({"url": "http://127.0.0.1:1234/v1"}, {"url": "http://127.0.0.1:56789/v1"}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ],
)
def test_values_that_change_with_each_run_are_no_difference(first: t.Any, other: t.Any) -> None:
    assert alike(first, other)


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ({"sid": FIRST_SID, "url": f"/{FIRST_SID}"}, {"sid": FIRST_SID, "url": f"/{OTHER_SID}"}),
        ({"sid": FIRST_SID}, {"sid": "PN" + FIRST_SID[2:]}),
        ({"changed": True}, {"changed": False}),
        ({"a": None}, {}),
        ({"a": 1}, {"a": "1"}),
        ({"warnings": ["x"]}, {"warnings": ["x", "x"]}),
    ],
)
def test_other_values_are_differences(first: t.Any, other: t.Any) -> None:
    assert not alike(first, other)


def test_where_several_requests_were_in_flight_only_the_keys_count() -> None:
    def failed(concurrency: int, status: int | None, summary: int) -> dict[str, t.Any]:
        given = {"module_args": {"concurrency": concurrency}}
        return {"failed": True, "invocation": given, "status": status, "summary": summary}

    assert alike(failed(4, 400, 1), failed(4, 400, 2))
    assert not alike(failed(1, 400, 1), failed(1, 400, 2))
    assert not alike(failed(4, None, 1), failed(4, None, 2))
    assert not alike(failed(4, 400, 1), {**failed(4, 400, 1), "more": 1})


def recorded(path: Path, monkeypatch: pytest.MonkeyPatch, *commands: tuple[str, int, list[t.Any]]) -> Path:
    monkeypatch.setenv(RECORD, str(path))
    for command in commands:
        record(*command)
    return path


def test_files_are_compared_command_by_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    second = {**OURS, "host": "b", "result": {"changed": False}}
    copied = {**OURS, "action": "ansible.builtin.copy", "result": {"mtime": 1}}
    first = recorded(tmp_path / "first", monkeypatch, ("t1", 0, [OURS, second, copied]), ("t2", 2, [OURS]))
    # The order of the hosts and the results of other modules do not count.
    same = recorded(tmp_path / "alike", monkeypatch, ("t1", 0, [second, OURS]), ("t2", 2, [OURS]))
    assert differences(first, same) == (2, [])
    different = {**OURS, "result": {"changed": False}}
    other = recorded(tmp_path / "other", monkeypatch, ("t1", 0, [OURS, second]), ("t2", 2, [different]))
    count, found = differences(first, other)
    assert (count, len(found)) == (2, 1)
    assert found[0].startswith("t2\n")
    for name, commands in (("fewer", [("t1", 0, [OURS, second])]), ("status", [("t1", 1, [OURS]), ("t2", 2, [OURS])])):
        assert len(differences(first, recorded(tmp_path / name, monkeypatch, *commands))[1]) == 1


def test_results_after_a_nondeterministic_one_may_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"invocation": {"module_args": {"concurrency": 4}}}
    failed = {**OURS, "result": {"failed": True, "status": 400, "summary": 1, **given}}
    ended = {**OURS, "result": {"failed": True, "status": 400, "summary": 2, **given}}
    after, otherwise = ({**OURS, "result": {"changed": changed}} for changed in (True, False))
    first = recorded(tmp_path / "first", monkeypatch, ("t", 2, [failed]), ("t", 0, [after]), ("u", 0, [after]))
    other = recorded(tmp_path / "other", monkeypatch, ("t", 2, [ended]), ("t", 0, [otherwise]), ("u", 0, [otherwise]))
    count, found = differences(first, other)
    assert (count, len(found)) == (3, 1)
    assert found[0].startswith("u\n")
