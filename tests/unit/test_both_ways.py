# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison of both ways of execution reports real differences only."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.both_ways import RECORD, alike, differences, record

FIRST_SID, SECOND_SID, THIRD_SID = (f"KS{digit * 32}" for digit in "123")
CHANGED: t.Mapping[str, t.Any] = {
    "host": "a",
    "task": "x",
    "action": "twilio.proxy.service",
    "result": {"changed": True},
}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            {"sid": FIRST_SID, "url": f"/{FIRST_SID}", "parent": SECOND_SID},
            {"sid": THIRD_SID, "url": f"/{THIRD_SID}", "parent": FIRST_SID},
        ),
        ({"date_created": "2026-01-02T03:04:05Z"}, {"date_created": "2027-11-12T13:14:15Z"}),
        ({"url": "http://127.0.0.1:1234/v1"}, {"url": "http://127.0.0.1:56789/v1"}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ],
)
def test_values_that_vary_between_runs_are_ignored(first: t.Any, second: t.Any) -> None:
    assert alike(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"sid": FIRST_SID, "url": f"/{FIRST_SID}"}, {"sid": FIRST_SID, "url": f"/{SECOND_SID}"}),
        ({"sid": FIRST_SID}, {"sid": "PN" + FIRST_SID[2:]}),
        ({"changed": True}, {"changed": False}),
        ({"a": None}, {}),
        ({"a": 1}, {"a": "1"}),
        ({"warnings": ["x"]}, {"warnings": ["x", "x"]}),
    ],
)
def test_all_other_differences_are_reported(first: t.Any, second: t.Any) -> None:
    assert not alike(first, second)


def test_only_the_keys_are_compared_if_several_requests_were_in_flight() -> None:
    def failed(concurrency: int, status: int | None, summary: int) -> dict[str, t.Any]:
        invocation = {"module_args": {"concurrency": concurrency}}
        return {"failed": True, "invocation": invocation, "status": status, "summary": summary}

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
    other_host = {**CHANGED, "host": "b", "result": {"changed": False}}
    other_module = {**CHANGED, "action": "ansible.builtin.copy", "result": {"mtime": 1}}
    first = recorded(
        tmp_path / "first", monkeypatch, ("t1", 0, [CHANGED, other_host, other_module]), ("t2", 2, [CHANGED])
    )
    # The order of the hosts is ignored, and so are the results of other modules.
    same = recorded(tmp_path / "same", monkeypatch, ("t1", 0, [other_host, CHANGED]), ("t2", 2, [CHANGED]))
    assert differences(first, same) == (2, [])
    unchanged = {**CHANGED, "result": {"changed": False}}
    second = recorded(tmp_path / "second", monkeypatch, ("t1", 0, [CHANGED, other_host]), ("t2", 2, [unchanged]))
    count, found = differences(first, second)
    assert (count, len(found)) == (2, 1)
    assert found[0].startswith("t2\n")
    fewer_commands = [("t1", 0, [CHANGED, other_host])]
    other_status = [("t1", 1, [CHANGED]), ("t2", 2, [CHANGED])]
    for name, commands in (("fewer", fewer_commands), ("status", other_status)):
        assert len(differences(first, recorded(tmp_path / name, monkeypatch, *commands))[1]) == 1


def test_results_after_one_that_depends_on_timing_depend_on_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = {"failed": True, "status": 400, "invocation": {"module_args": {"concurrency": 4}}}
    first_failed, second_failed = ({**CHANGED, "result": {**failed, "summary": summary}} for summary in (1, 2))
    unchanged = {**CHANGED, "result": {"changed": False}}
    first = recorded(
        tmp_path / "first", monkeypatch, ("t", 2, [first_failed]), ("t", 0, [CHANGED]), ("u", 0, [CHANGED])
    )
    second = recorded(
        tmp_path / "second", monkeypatch, ("t", 2, [second_failed]), ("t", 0, [unchanged]), ("u", 0, [unchanged])
    )
    count, found = differences(first, second)
    assert (count, len(found)) == (3, 1)
    assert found[0].startswith("u\n")


def test_retries_are_warnings_of_a_module_only() -> None:
    assert alike({"warnings": ["Retry 1 in 0.6 seconds: cannot list the Services: Busy"]}, {})
    assert not alike({"warnings": ["Retry 1 in 0.6 seconds: Busy", "another"]}, {})


def test_only_the_keys_are_compared_after_a_timeout_of_several_requests() -> None:
    def timed_out(concurrency: int, created: int) -> dict[str, t.Any]:
        msg = f"Ansible ended the task because of its timeout. {created} created."
        return {"failed": True, "msg": msg, "status": None, "invocation": {"module_args": {"concurrency": concurrency}}}

    assert alike(timed_out(2, 19), timed_out(2, 20))
    assert not alike(timed_out(1, 19), timed_out(1, 20))
