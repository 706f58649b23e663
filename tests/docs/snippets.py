# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the code blocks of the documents: reStructuredText and Markdown.

The language of a block says how it is tested:

    bash, shell         commands, run with `bash -e`; exported variables are set in the blocks that follow
    yaml, yaml+jinja    a playbook or a list of tasks, run
    python              a program, run
    text, diff          output of the last block that ran under the same heading: its lines occur there in this order.
                        "..." stands for anything. Not checked if no block ran under this heading
    json                checked to be JSON

A marker above a block changes that. In Markdown it is an HTML comment, in reStructuredText a comment:

    <!-- fails -->      .. fails                the block has to fail
    <!-- not run -->    .. not run              it is not run; the text around the block should say why
    <!-- file: NAME --> :caption: NAME          it is a file, which a later block has to name
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import subprocess
import textwrap
import typing as t
from collections.abc import Iterator
from pathlib import Path

import yaml

MARKER = re.compile(r"(?:\.\. |<!-- )(file|fails|not run)(?:: (\S+))?(?: -->)?")
FENCE = re.compile(r"( *)```(\S*)$")
DIRECTIVE = re.compile(r"( *)\.\. code-block:: (\S+)$")
OPTION = re.compile(r" +:(\w+): (.*)$")
HEADING = re.compile(r"#+ |([=\-^~])\1{3,}$")
COMMANDS, PLAYBOOKS, OUTPUT = ("bash", "shell"), ("yaml", "yaml+jinja"), ("text", "diff")
EXECUTED = (*COMMANDS, *PLAYBOOKS, "python")
WARNING = re.compile(r"\[(?:DEPRECATION )?WARNING\]")
TIMEOUT_SECONDS = 300


@dataclasses.dataclass(frozen=True)
class Block:
    """A code block: where it is, its text, the line of the heading above it, and its markers."""

    document: Path
    line: int
    language: str
    text: str
    heading: int
    file: str | None = None
    fails: bool = False
    is_run: bool = True

    def __str__(self) -> str:
        return f"{self.document.name}, line {self.line}"


class Problem(Exception):
    """A document is not as this module describes it, or one of its blocks failed."""


def blocks(document: Path) -> list[Block]:
    """Return the blocks of a document, in order."""
    return list(_blocks(document))


def _blocks(document: Path) -> Iterator[Block]:
    lines = document.read_text(encoding="utf-8").splitlines()
    number = heading = 0
    markers: dict[str, str | None] = {}
    while number < len(lines):
        line = lines[number]
        number += 1
        marker, fence, directive = MARKER.fullmatch(line.strip()), FENCE.match(line), DIRECTIVE.match(line)
        if marker:
            markers[marker[1]] = marker[2]
        elif fence or directive:
            start = number
            if fence:
                language, (inside, number) = fence[2], _fenced(lines, number, fence[1])
            else:
                assert directive is not None
                language, (inside, number) = directive[2], _indented(lines, number, directive[1])
                while inside and (option := OPTION.match(f" {inside[0]}")):
                    markers |= {"file": option[2]} if option[1] == "caption" else {}
                    inside = inside[1:]
            text = textwrap.dedent("\n".join(inside)).strip("\n") + "\n"
            file, fails, is_run = markers.get("file"), "fails" in markers, "not run" not in markers
            yield Block(document, start, language, text, heading, file, fails, is_run)
            markers = {}
        elif markers and line.strip():
            raise Problem(f"{document.name}, line {number}: a marker has to be directly above a block")
        elif HEADING.match(line):
            heading = number


def _fenced(lines: list[str], start: int, indent: str) -> tuple[list[str], int]:
    """Return the lines up to the closing fence, and the number of the line after it."""
    for number in range(start, len(lines)):
        if lines[number] == f"{indent}```":
            return lines[start:number], number + 1
    raise Problem(f"line {start}: the block does not end")


def _indented(lines: list[str], start: int, indent: str) -> tuple[list[str], int]:
    """Return the lines that are indented more than a directive, and the number of the line after them."""
    number = start
    while number < len(lines) and (not lines[number].strip() or lines[number].startswith(f"{indent} ")):
        number += 1
    return [line.removeprefix(f"{indent}   ") for line in lines[start:number]], number


class Reader:
    """Runs the blocks of a document in a folder, with a home directory of its own.

    The commands have only the variables of ``environment`` and a few settings. The texts in ``replace`` are replaced in
    every block.
    """

    def __init__(
        self, folder: Path, environment: t.Mapping[str, str], replace: t.Mapping[str, str] | None = None
    ) -> None:
        self._work = folder / "work"
        self._state = folder / "environment"
        self._replace = replace or {}
        home = folder / "home"
        for path in (self._work, home):
            path.mkdir()
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            # The documents use no inventory.
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            **environment,
        }
        bash = shutil.which("bash")
        if bash is None:
            raise Problem("the commands of the documents need bash, which is not installed")
        self._bash = bash

    def link(self, name: str, target: Path) -> None:
        """Create a link in the folder."""
        (self._work / name).symlink_to(target)

    def write(self, name: str, text: str) -> None:
        """Create a file in the folder."""
        path = self._work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._replaced(text), encoding="utf-8")

    def follow(self, found: t.Sequence[Block]) -> None:
        """Run these blocks. Raises Problem at the first one that is wrong."""
        output: str | None = None
        heading = 0
        for position, block in enumerate(found):
            if block.heading != heading:
                output, heading = None, block.heading
            if block.file is not None:
                self._write_file(block, found[position + 1 :])
            elif block.language in OUTPUT:
                if output is not None:
                    expect(block, self._replaced(block.text), output)
            elif block.language == "json":
                parse(block)
            elif block.language not in EXECUTED:
                raise Problem(f"{block}: {block.language or 'no language'!r} is neither executed nor output")
            elif block.is_run:
                output = self._run_block(block)

    def _write_file(self, block: Block, later: t.Sequence[Block]) -> None:
        name = t.cast(str, block.file)
        if not any(name in other.text for other in later if other.language in EXECUTED):
            raise Problem(f"{block}: no later block uses the file {name}")
        self.write(name, block.text)

    def _run_block(self, block: Block) -> str:
        text = block.text
        if block.language in PLAYBOOKS:
            self.write("snippet.yml", playbook(text))
            text = "ansible-playbook snippet.yml\n"
        elif block.language == "python":
            self.write("snippet.py", text)
            text = 'PYTHONPATH="$ANSIBLE_COLLECTIONS_PATH" python3 snippet.py\n'
        result = self.run(text)
        if (result.returncode != 0) != block.fails:
            wanted = "should fail, and did not" if block.fails else "failed"
            raise Problem(f"{block} {wanted}:\n{block.text}\n{result.stdout}")
        if warnings(result.stdout):
            raise Problem(f"{block} warned:\n{block.text}\n{result.stdout}")
        return result.stdout

    def run(self, text: str) -> subprocess.CompletedProcess[str]:
        """Run commands in a shell, with all output in stdout."""
        self._state.touch()
        script = f'. "{self._state}"\n{self._replaced(text)}\nexport -p > "{self._state}"\n'
        return subprocess.run(
            [self._bash, "-e", "-o", "pipefail", "-c", script],
            cwd=self._work,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )

    def _replaced(self, text: str) -> str:
        for old, new in self._replace.items():
            text = text.replace(old, new)
        return text


def playbook(text: str) -> str:
    """Return the text as a playbook: as it is, or with a play around a list of tasks."""
    loaded = yaml.safe_load(text)
    if not isinstance(loaded, list) or not loaded or not all(isinstance(item, dict) for item in loaded):
        raise Problem(f"neither a playbook nor a list of tasks, nor a file by a marker:\n{text}")
    if any(key in loaded[0] for key in ("hosts", "import_playbook", "ansible.builtin.import_playbook")):
        return text
    return "- hosts: localhost\n  gather_facts: false\n  tasks:\n" + textwrap.indent(text, 4 * " ")


def expect(block: Block, text: str, output: str) -> None:
    """Raises Problem unless the lines of a text occur in the output, in order."""
    line = first_missing(text, output)
    if line is not None:
        raise Problem(f"{block}: this line is not in the output, or not in this order:\n{line}\n\n{output}")


def first_missing(text: str, output: str) -> str | None:
    """Return the first line of a text that does not follow the lines before it in the output, or None."""
    rest = iter(output.splitlines())
    for line in filter(None, (line.strip() for line in text.splitlines())):
        pattern = re.compile(".*".join(map(re.escape, re.split(r"\s*\.{3}\s*", line))))
        if line != "..." and not any(pattern.search(candidate) for candidate in rest):
            return line
    return None


def warnings(output: str) -> list[str]:
    """Return the lines with warnings of Ansible."""
    return [line for line in output.splitlines() if WARNING.search(line)]


def parse(block: Block) -> None:
    """Raises Problem unless the block is JSON."""
    try:
        json.loads(block.text)
    except ValueError as error:
        raise Problem(f"{block}: this is not JSON: {error}") from error
