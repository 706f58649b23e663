# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of the guides show the steps of a task and the output of a run.

    python3 tests/run.py --stage docs -- -k pictures --write-pictures

writes them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ansible_collections.twilio.proxy.tests.docs.conftest import ACCOUNT, PATH
from ansible_collections.twilio.proxy.tests.docs.pictures import flow, terminal
from ansible_collections.twilio.proxy.tests.docs.pictures.terminal import Run
from ansible_collections.twilio.proxy.tests.docs.snippets import Reader, blocks
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

CHECKOUT = Path(__file__).resolve().parents[2]
IMAGES = CHECKOUT / "docs" / "images"
GUIDE = CHECKOUT / "docs" / "guide.md"
SVG = "{http://www.w3.org/2000/svg}"
#: The playbook of the guide that is run, and the Service that exists before.
PLAYBOOK = "later.yml"
EXISTING = {
    "unique_name": "rides",
    "sid": "KS0123456789abcdef0123456789abcdef",
    "callback_url": "https://example.com/proxy/status",
    "default_ttl": 3600,
}
COLUMNS = 64

# A task for each early end in the picture, in order, then one for the retry, and one for the last step.
TASKS = """
- {name: an option is wrong, twilio.proxy.service: {unique_name: rides, default_ttl: -1}, ignore_errors: true}
- {name: no such SID, twilio.proxy.service: {sid: KS00000000000000000000000000000000}, ignore_errors: true}
- {name: nothing differs, twilio.proxy.service: {unique_name: Flex Proxy Service}}
- {name: check mode, twilio.proxy.service: {unique_name: rides}, check_mode: true}
- {name: Twilio refuses, twilio.proxy.service: {unique_name: rides}, ignore_errors: true}
- {name: the answer is lost, twilio.proxy.service: {unique_name: rides}}
- {name: the last step, twilio.proxy.service: {unique_name: rides, default_ttl: 60}}
"""
STATUSES = {"fatal": "failed", "ok": "ok", "changed": "changed"}
#: The methods of the requests of each task.
METHODS: tuple[list[str], ...] = (
    [],
    ["GET"],
    ["GET"],
    ["GET"],
    ["GET", "POST"],
    ["GET", "POST", "GET"],
    ["GET", "POST"],
)


@pytest.fixture
def check_picture(request: pytest.FixtureRequest) -> t.Callable[[str, str], None]:
    """Return a function that compares a picture in docs/ with the expected one, or writes it."""

    def compare(name: str, expected: str) -> None:
        ElementTree.fromstring(expected)
        if request.config.getoption("--write-pictures", default=False):
            (IMAGES / name).write_text(expected, encoding="utf-8")
        assert (IMAGES / name).read_text(encoding="utf-8") == expected, "run this test with --write-pictures"

    return compare


def test_the_picture_shows_the_steps(check_picture: t.Callable[[str, str], None]) -> None:
    check_picture("task.svg", flow.picture())


def test_a_task_takes_the_steps_of_the_picture(reader: Reader, account: Emulator) -> None:
    error = {"code": 80701, "message": "No", "status": 400}
    account.fault({"kind": "answer", "status": 400, "json": error}, method="POST", times=1)
    account.fault({"kind": "cut", "when": "after"}, method="POST", times=1)
    reader.write("steps.yml", "- hosts: localhost\n  gather_facts: false\n  tasks:" + TASKS.replace("\n", "\n    "))
    output = reader.run("ansible-playbook steps.yml").stdout
    ended = [STATUSES[word] for word in re.findall(r"^(fatal|ok|changed): \[localhost\]", output, re.MULTILINE)]
    names = re.findall(r"^TASK \[(.*)\] \*", output, re.MULTILINE)
    exits = [(step.exit.condition, step.exit.status) for step in flow.STEPS if step.exit]
    assert list(zip(names, ended, strict=True))[: len(exits)] == exits
    assert ended[len(exits) :] == ["changed", flow.STEPS[-1].note]
    assert flow.RETRY.startswith(names[len(exits)])
    assert [request["method"] for request in account.requests()] == [
        method for methods in METHODS for method in methods
    ]


def test_the_steps_stay_within_the_picture() -> None:
    root = ElementTree.fromstring(flow.picture())
    for box in root.iter(f"{SVG}rect"):
        for coordinate, size in (("x", "width"), ("y", "height")):
            assert float(box.get(coordinate, 0)) + float(box.attrib[size]) <= float(root.attrib[size])


def test_the_picture_shows_a_run(
    check_picture: t.Callable[[str, str], None], account: Emulator, installed: Path, tmp_path: Path
) -> None:
    account.reset(accounts=[{**ACCOUNT, "services": [EXISTING]}])
    (playbook,) = (block.text for block in blocks(GUIDE) if block.file == PLAYBOOK)
    (tmp_path / PLAYBOOK).write_text(playbook, encoding="utf-8")
    environment = {
        **account.environment,
        "PATH": PATH,
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm",
        "ANSIBLE_FORCE_COLOR": "true",
        "ANSIBLE_COLLECTIONS_PATH": str(installed),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    }
    command = ["ansible-playbook", PLAYBOOK, "--check", "--diff"]
    printed = terminal.output(command, COLUMNS, tmp_path, environment)
    shown = terminal.lines(printed)
    assert {run.colour for line in shown for run in line} >= {"red", "green", "yellow"}
    check_picture("diff.svg", terminal.picture("What --check --diff shows", " ".join(command), shown, COLUMNS))


def test_lines_keep_their_colours() -> None:
    assert terminal.lines("\n\x1b[0;31m-a\x1b[0m b\n\n\x1b[0;33mc\nd\x1b[0m\n\n") == [
        [Run("-a", "red"), Run(" b")],
        [],
        [Run("c", "yellow")],
        [Run("d", "yellow")],
    ]


def test_a_picture_of_a_terminal_has_each_run_in_its_column() -> None:
    drawn = terminal.picture("<t>", "a & b", [[Run("one "), Run("two", "red")]], 20)
    prompt, command, first, second = ElementTree.fromstring(drawn).iter(f"{SVG}text")
    assert (prompt.text, command.text, first.text, second.text) == ("$ ", "a & b", "one ", "two")
    assert float(second.attrib["x"]) == float(first.attrib["x"]) + 4 * terminal.CHARACTER
    assert second.get("class") == "red"


def test_long_lines_are_wrapped_and_stars_are_cut() -> None:
    shown = [[Run("TASK ****")], [Run("abcd"), Run("efghijk", "red")], [], [Run("a***b**")]]
    assert terminal.fitted(shown, 6) == [
        [Run("TASK *")],
        [Run("abcd"), Run("ef", "red")],
        [Run("ghijk", "red")],
        [],
        [Run("a***b*")],
    ]


def test_a_failing_command_is_an_error(tmp_path: Path) -> None:
    program = "import os, sys; print(os.get_terminal_size().columns); sys.exit(3)"
    with pytest.raises(subprocess.CalledProcessError) as caught:
        terminal.output([sys.executable, "-c", program], 42, tmp_path, os.environ)
    assert caught.value.output == "42\n"


def test_the_pictures_support_dark_mode() -> None:
    for path in IMAGES.glob("*.svg"):
        assert "@media (prefers-color-scheme: dark)" in path.read_text(encoding="utf-8")
