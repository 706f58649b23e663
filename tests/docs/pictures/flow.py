# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task does, step by step, as a table and as the picture in docs/. Narrow, so that a phone shows it. Pure."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from html import escape


class Exit(t.NamedTuple):
    """Where a task ends before its last step: when, in which status, and what that leaves."""

    when: str
    status: str
    left: str


class Step(t.NamedTuple):
    """A step of every task, with the way out of it."""

    title: str
    note: str
    exit: Exit | None = None


#: The steps of a task about one object.
STEPS = (
    Step("Check the options", "before any request", Exit("an option is wrong", "failed", "nothing sent")),
    Step("Look at what is there", "GET, by its SID or its name", Exit("no such SID", "failed", "nothing changed")),
    Step("Compare", "only the options that are given", Exit("nothing differs", "ok", "nothing changed")),
    Step("Plan", "what to send, and its result", Exit("check mode", "changed", "nothing changed")),
    Step("Send only what differs", "one POST, or one DELETE", Exit("Twilio refuses", "failed", "nothing changed")),
    Step("Return what is there", "changed"),
)
#: From one step back to another, when no answer came.
AGAIN_FROM, AGAIN_TO = 4, 1
AGAIN = "the answer is lost: look again"

TITLE = "What a task does"
WIDTH, LEFT, BOX, RIGHT, SIDE, TOP, HIGH, GAP = 420, 44, 206, 274, 136, 56, 58, 22
STYLE = """
text { font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.title { font-size: 18px; font-weight: 600 }
.step { font-size: 14px; font-weight: 600 }
.note { font-size: 12px; fill: #59636e }
.status { font-weight: 600 }
.box { fill: #f6f8fa; stroke: #59636e; stroke-width: 1.2 }
.out { fill: none; stroke-width: 1.2 }
.arrow { fill: none; stroke: #59636e; stroke-width: 1.5 }
.head { fill: #59636e }
.ok { fill: #1a7f37; stroke: #1a7f37 }
.changed { fill: #9a6700; stroke: #9a6700 }
.failed { fill: #cf222e; stroke: #cf222e }
rect.ok, rect.changed, rect.failed { fill: none }
text.ok, text.changed, text.failed { stroke: none }
.page { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .note { fill: #9198a1 }
  .box { fill: #151b23; stroke: #9198a1 }
  .arrow { stroke: #9198a1 }
  .head { fill: #9198a1 }
  .ok { fill: #3fb950; stroke: #3fb950 }
  .changed { fill: #d29922; stroke: #d29922 }
  .failed { fill: #f85149; stroke: #f85149 }
  .page { fill: #0d1117 }
}
"""


def picture() -> str:
    """The steps as SVG."""
    height = top_of(len(STEPS)) - GAP + 16
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"',
        f'  width="{WIDTH}" height="{height}" role="img" aria-labelledby="title summary">',
        f'<title id="title">{TITLE}</title>',
        f'<desc id="summary">{escape(summary())}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{height}"/>',
        f'<text class="title" x="16" y="32">{TITLE}</text>',
    ]
    for number, step in enumerate(STEPS):
        lines += _step(number, step)
    return "\n".join([*lines, *_again(), "</svg>", ""])


def summary() -> str:
    """The picture in words."""
    sentences = []
    for step in STEPS:
        out = f" ({step.exit.when}: {step.exit.status}, {step.exit.left})" if step.exit else ""
        sentences.append(f"{step.title}: {step.note}{out}.")
    return " ".join([*sentences, f"Where {AGAIN}."])


def top_of(number: int) -> int:
    """Where a step begins."""
    return TOP + number * (HIGH + GAP)


def _step(number: int, step: Step) -> Iterator[str]:
    y = top_of(number)
    last = step.exit is None
    yield f'<rect class="box" x="{LEFT}" y="{y}" width="{BOX}" height="{HIGH}" rx="6"/>'
    yield f'<text class="step" x="{LEFT + 12}" y="{y + 25}">{escape(step.title)}</text>'
    kind = f"status {step.note}" if last else "note"
    yield f'<text class="{kind}" x="{LEFT + 12}" y="{y + 44}">{escape(step.note)}</text>'
    if step.exit is None:
        return
    middle = LEFT + BOX / 2
    yield from _arrow(f"M{middle:g} {y + HIGH}V{y + HIGH + GAP - 7}", middle, y + HIGH + GAP, "down")
    yield from _arrow(f"M{LEFT + BOX} {y + HIGH / 2:g}H{RIGHT - 7}", RIGHT, y + HIGH / 2, "right")
    when, status, left = step.exit
    yield f'<rect class="out {status}" x="{RIGHT}" y="{y}" width="{SIDE}" height="{HIGH}" rx="6"/>'
    for row, (text, kind) in enumerate(((when, "note"), (status, f"status {status}"), (left, "note"))):
        yield f'<text class="{kind}" x="{RIGHT + 10}" y="{y + 18 + 16 * row}">{escape(text)}</text>'


def _again() -> Iterator[str]:
    """The way back, on the left."""
    start, end, x = top_of(AGAIN_FROM) + HIGH / 2, top_of(AGAIN_TO) + HIGH / 2, 26
    yield from _arrow(f"M{LEFT} {start:g}H{x}V{end:g}H{LEFT - 7}", LEFT, end, "right")
    middle = (start + end) / 2
    place = f'x="{x - 8}" y="{middle:g}" transform="rotate(-90 {x - 8} {middle:g})"'
    yield f'<text class="note" {place} text-anchor="middle">{escape(AGAIN)}</text>'


def _arrow(path: str, x: float, y: float, way: str) -> Iterator[str]:
    """A line, and its head at the end."""
    yield f'<path class="arrow" d="{path}"/>'
    head = "l-8 -4v8z" if way == "right" else "l-4 -8h8z"
    yield f'<path class="head" d="M{x:g} {y:g}{head}"/>'
