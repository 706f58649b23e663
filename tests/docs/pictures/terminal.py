# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The coloured output of a command on a terminal, as a picture."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import subprocess
import termios
import typing as t
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

#: The ANSI colours by number, as classes of the picture.
COLOURS = {"31": "red", "32": "green", "33": "yellow", "36": "cyan"}
ESCAPE = re.compile(r"\x1b\[([\d;]*)m")
#: The size of a character and of a line.
CHARACTER, LINE, EDGE, BAR = 7.8, 19, 16, 30
STYLE = """
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328 }
text { white-space: pre }
.page { fill: #f6f8fa; stroke: #d1d9e0 }
.bar { fill: #d1d9e0 }
.prompt { font-weight: 600 }
.red { fill: #cf222e }
.green { fill: #116329 }
.yellow { fill: #7d4e00 }
.cyan { fill: #1b7c83 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .page { fill: #0d1117; stroke: #3d444d }
  .bar { fill: #3d444d }
  .red { fill: #ff7b72 }
  .green { fill: #3fb950 }
  .yellow { fill: #d29922 }
  .cyan { fill: #39c5cf }
}
"""


class Run(t.NamedTuple):
    """Characters of one colour. None is the default."""

    text: str
    colour: str | None = None


Line = list[Run]


def output(command: Sequence[str], columns: int, folder: Path, environment: t.Mapping[str, str]) -> str:
    """Run a command on a terminal with this many columns and return its output.

    Raises CalledProcessError if it fails.
    """
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 60, columns, 0, 0))
        process = subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        read = b"".join(iter(lambda: _read(terminal.fileno()), b""))
    text = read.decode("utf-8").replace("\r\n", "\n")
    if process.wait():
        raise subprocess.CalledProcessError(process.returncode, command, text)
    return text


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux raises it when the other end is closed
        return b""


def lines(text: str) -> list[Line]:
    """Return the lines of a terminal's output, without empty ones at the start and the end."""
    found: list[Line] = []
    colour = None
    for line in text.strip("\n").split("\n"):
        # Parts with an even index are text, the others are the numbers of an escape sequence.
        parts = ESCAPE.split(line)
        runs = []
        for number, part in enumerate(parts):
            if number % 2:
                colour = next((COLOURS[code] for code in part.split(";") if code in COLOURS), None)
            elif part:
                runs.append(Run(part, colour))
        found.append(runs)
    return found


def fitted(shown: Sequence[Line], columns: int) -> list[Line]:
    """Wrap lines for a narrower terminal, and cut stars that only fill a line."""
    found: list[Line] = []
    for line in shown:
        found.append([])
        free = columns
        for text, colour in _without_filling(line, columns):
            rest = text
            while len(rest) > free:
                found[-1].append(Run(rest[:free], colour))
                found.append([])
                rest, free = rest[free:], columns
            found[-1].append(Run(rest, colour))
            free -= len(rest)
    return found


def _without_filling(line: Line, columns: int) -> Line:
    """Return a line without the stars that exceed the columns."""
    excess = sum(len(run.text) for run in line) - columns
    if excess <= 0 or not line[-1].text.endswith("*" * excess):
        return line
    return [*line[:-1], Run(line[-1].text[:-excess], line[-1].colour)]


def picture(title: str, prompt: str, shown: Sequence[Line], columns: int) -> str:
    """Return a terminal with a command and its output as SVG."""
    width = round(columns * CHARACTER + 2 * EDGE)
    rows = fitted([[Run("$ "), Run(prompt, "prompt")], [], *shown], columns)
    height = BAR + len(rows) * LINE + EDGE
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"',
            f'  width="{width}" height="{height}" role="img" aria-labelledby="title">',
            f'<title id="title">{escape(title)}</title>',
            f"<style>{STYLE}</style>",
            f'<rect class="page" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>',
            *(f'<circle class="bar" cx="{EDGE + 6 + 18 * number}" cy="17" r="5.5"/>' for number in range(3)),
            *(element for number, line in enumerate(rows) for element in _line(line, BAR + LINE * (number + 1))),
            "</svg>",
            "",
        ]
    )


def _line(line: Line, y: float) -> Iterator[str]:
    """Yield the runs of a line, each in its column and as wide as its characters, in every font."""
    column = 0
    for text, colour in line:
        wide, x = len(text) * CHARACTER, EDGE + column * CHARACTER
        column += len(text)
        if text.strip():
            kind = f' class="{colour}"' if colour else ""
            yield f'<text{kind} x="{x:g}" y="{y:g}" textLength="{wide:g}">{escape(text)}</text>'
