# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the results of the same tests in a run with modules and in a run with in-process execution.

See plugins/plugin_utils/_in_process.py.
"""

from __future__ import annotations

import json
import os
import re
import typing as t
from pathlib import Path

#: The environment variable with the path of the file to which a run of the integration tests appends its results.
RECORD = "TWILIO_PROXY_RECORD"

#: Values that differ between runs, and their placeholders.
_VARYING = (
    (re.compile(r'(?<=File \\")[^"\\]*(?=/ansible_collections/)'), "FOLDER"),  # in a traceback, quoted by JSON
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?"), "DATE"),
    (re.compile(r"\b(?:127\.0\.0\.1|localhost):\d+"), "HOST"),
    (re.compile(r"\b0:\d\d:\d\d\.\d+"), "DURATION"),
    (re.compile(r"\bj\d+\.\d+"), "JOB"),
    (re.compile(r"/[\w/.-]*/(?:twilio-proxy|emulator|pytest|ansible)-[\w.-]+"), "FOLDER"),
)
_SID = re.compile(r"\b[A-Z]{2}[0-9a-f]{32}\b")


def record(test: str, status: int, results: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    """Append the exit status of a test's command and the results of this collection's tasks, if RECORD is set."""
    if path := os.environ.get(RECORD):
        own_results = [result for result in results if result["action"].startswith("twilio.proxy.")]
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"test": test, "status": status, "results": own_results}) + "\n")


def alike(first: t.Any, second: t.Any) -> bool:
    """Return whether two results are equal except for values that vary between runs, such as SIDs, dates and ports."""
    return _normalized(first) == _normalized(second)


def _normalized(result: t.Any, only_keys: bool = False) -> str:
    if isinstance(result, dict) and "warnings" in result:
        # With -v, a module can show its retries as warnings only.
        warnings = [warning for warning in result["warnings"] if not str(warning).startswith("Retry ")]
        result = {**result, "warnings": warnings} if warnings else {k: v for k, v in result.items() if k != "warnings"}
    if only_keys or _depends_on_timing(result):
        result = sorted(result)
    text = json.dumps(result, sort_keys=True, default=str)
    for pattern, placeholder in _VARYING:
        text = pattern.sub(placeholder, text)
    # Number the SIDs by their first occurrence, so that two swapped ones are noticed.
    placeholders: dict[str, str] = {}
    return _SID.sub(lambda match: placeholders.setdefault(match[0], f"{match[0][:2]}#{len(placeholders)}"), text)


def _depends_on_timing(result: t.Any) -> bool:
    """Return whether a request failed while others may have been in flight, whose progress is unknown."""
    if not isinstance(result, dict):
        return False
    concurrency = result.get("invocation", {}).get("module_args", {}).get("concurrency")
    is_concurrent = isinstance(concurrency, int) and concurrency > 1  # an invalid one can have any type
    was_cut = result.get("status") is not None or "because of its timeout" in str(result.get("msg"))
    return result.get("failed") is True and is_concurrent and was_cut


def _by_host_and_task(command: t.Mapping[str, t.Any], only_keys: bool) -> list[tuple[str, str, str]]:
    """Return host, task and normalized result of each result of a command.

    They are sorted, because the order of the hosts varies. That of a host's tasks and of a loop's items does not.
    """
    results = [(entry["host"], entry["task"], _normalized(entry["result"], only_keys)) for entry in command["results"]]
    return sorted(results, key=lambda result: result[:2])


def differences(first: Path, second: Path) -> tuple[int, list[str]]:
    """Return the number of commands in two files of results, and a paragraph for each whose results differ."""
    runs = [[json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] for path in (first, second)]
    tests = [[(command["test"], command["status"]) for command in commands] for commands in runs]
    if tests[0] != tests[1]:
        return len(tests[0]), [f"{first.name} and {second.name} have different tests or different exit statuses."]
    found = []
    # The tests in which the results of later commands depend on timing, too.
    timing_dependent: set[str] = set()
    for first_command, second_command in zip(*runs, strict=True):
        test = first_command["test"]
        results = [_by_host_and_task(command, test in timing_dependent) for command in (first_command, second_command)]
        if any(_depends_on_timing(entry["result"]) for entry in first_command["results"]):
            timing_dependent.add(test)
        if results[0] != results[1]:
            found.append(f"{test}\n  {first.name}: {results[0]}\n  {second.name}: {results[1]}")
    return len(tests[0]), found
