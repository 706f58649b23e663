# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether two runs of the same tests, each through a door of its own, got the same results, key by key.

The one door is a module, the other is the controller's own process (plugins/plugin_utils/_in_process.py).
"""

from __future__ import annotations

import json
import os
import re
import typing as t
from pathlib import Path

#: The environment variable that names the file in which a run of the integration tests keeps its results.
RECORD = "TWILIO_PROXY_RECORD"

#: What is of one run alone, and a word for it.
_OF_ONE_RUN = (
    (re.compile(r'(?<=File \\")[^"\\]*(?=/ansible_collections/)'), "FOLDER"),  # in a traceback, as JSON has it
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?"), "DATE"),
    (re.compile(r"\b(?:127\.0\.0\.1|localhost):\d+"), "HOST"),
    (re.compile(r"\b0:\d\d:\d\d\.\d+"), "DURATION"),
    (re.compile(r"\bj\d+\.\d+"), "JOB"),
    (re.compile(r"/[\w/.-]*/(?:twilio-proxy|emulator|pytest|ansible)-[\w.-]+"), "FOLDER"),
)
_SID = re.compile(r"\b[A-Z]{2}[0-9a-f]{32}\b")


def record(test: str, status: int, results: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    """Keeps what a command of a test came to, if that is wanted: its status, and the results of our own tasks."""
    if path := os.environ.get(RECORD):
        ours = [entry for entry in results if entry["action"].startswith("twilio.proxy.")]
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"test": test, "status": status, "results": ours}) + "\n")


def alike(one: t.Any, other: t.Any) -> bool:
    """Whether two results differ in nothing but in what is of one run alone, such as SIDs, dates and ports."""
    return _normal(one) == _normal(other)


def _normal(result: t.Any, only_keys: bool = False) -> str:
    if only_keys or _is_up_to_chance(result):
        result = sorted(result)
    text = json.dumps(result, sort_keys=True, default=str)
    for pattern, word in _OF_ONE_RUN:
        text = pattern.sub(word, text)
    # Each SID by its first appearance, so that two that were mixed up are noticed.
    found: dict[str, str] = {}
    return _SID.sub(lambda match: found.setdefault(match[0], f"{match[0][:2]}#{len(found)}"), text)


def _is_up_to_chance(result: t.Any) -> bool:
    """Whether several requests were in flight when one failed: nobody knows how far the others came."""
    if not isinstance(result, dict):
        return False
    given = result.get("invocation", {}).get("module_args", {})
    return result.get("failed") is True and (given.get("concurrency") or 1) > 1 and result.get("status") is not None


def _by_host_and_task(entry: t.Mapping[str, t.Any], only_keys: bool) -> list[tuple[str, str, str]]:
    """The results of a command. Hosts overtake each other; the items of a loop, and the tasks of a host, do not."""
    found = [(one["host"], one["task"], _normal(one["result"], only_keys)) for one in entry["results"]]
    return sorted(found, key=lambda one: one[:2])


def differences(one: Path, other: Path) -> tuple[int, list[str]]:
    """How many commands were compared, and a paragraph on each that did not come to the same in both files."""
    runs = [[json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] for path in (one, other)]
    tests = [[(entry["test"], entry["status"]) for entry in entries] for entries in runs]
    if tests[0] != tests[1]:
        return len(tests[0]), [f"{one.name} and {other.name} are not of the same tests, or did not end alike."]
    found = []
    # What a later command of the test finds, is then up to chance, too.
    chancy: set[str] = set()
    for here, there in zip(*runs, strict=True):
        results = [_by_host_and_task(entry, here["test"] in chancy) for entry in (here, there)]
        if any(_is_up_to_chance(one["result"]) for one in here["results"]):
            chancy.add(here["test"])
        if results[0] != results[1]:
            found.append(f"{here['test']}\n  {one.name}: {results[0]}\n  {other.name}: {results[1]}")
    return len(tests[0]), found
