# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a task, as a table and as the picture in docs/. The picture is narrow enough for a phone."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from html import escape


class Exit(t.NamedTuple):
    """An early end of a task: its condition, its status and its effect."""

    condition: str
    status: str
    effect: str


class Step(t.NamedTuple):
    """A step of every task, with the early end after it."""

    title: str
    note: str
    exit: Exit | None = None


#: The steps of a task about one object.
STEPS = (
    Step("Check the options", "before any request", Exit("an option is wrong", "failed", "nothing sent")),
    Step("Read the current state", "GET, by the SID or the name", Exit("no such SID", "failed", "nothing changed")),
    Step("Compare", "only the given options", Exit("nothing differs", "ok", "nothing changed")),
    Step("Plan", "what to send, and the result", Exit("check mode", "changed", "nothing changed")),
    Step("Send only what differs", "one POST, or one DELETE", Exit("Twilio refuses", "failed", "nothing changed")),
    Step("Return the new state", "changed"),
)
#: The step that follows a lost answer.
RETRY_FROM, RETRY_TO = 4, 1
RETRY = "the answer is lost: read again"

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
    """Return the steps as SVG."""
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
    return "\n".join([*lines, *_retry(), "</svg>", ""])


def summary() -> str:
    """Return the picture in words."""
    sentences = []
    for step in STEPS:
        out = f" ({step.exit.condition}: {step.exit.status}, {step.exit.effect})" if step.exit else ""
        sentences.append(f"{step.title}: {step.note}{out}.")
    return " ".join([*sentences, f"If {RETRY}."])


def top_of(number: int) -> int:
    """Return the y coordinate of a step."""
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
    condition, status, effect = step.exit
    yield f'<rect class="out {status}" x="{RIGHT}" y="{y}" width="{SIDE}" height="{HIGH}" rx="6"/>'
    for row, (text, kind) in enumerate(((condition, "note"), (status, f"status {status}"), (effect, "note"))):
        yield f'<text class="{kind}" x="{RIGHT + 10}" y="{y + 18 + 16 * row}">{escape(text)}</text>'


def _retry() -> Iterator[str]:
    """Yield the arrow back, on the left."""
    start, end, x = top_of(RETRY_FROM) + HIGH / 2, top_of(RETRY_TO) + HIGH / 2, 26
    yield from _arrow(f"M{LEFT} {start:g}H{x}V{end:g}H{LEFT - 7}", LEFT, end, "right")
    middle = (start + end) / 2
    position = f'x="{x - 8}" y="{middle:g}" transform="rotate(-90 {x - 8} {middle:g})"'
    yield f'<text class="note" {position} text-anchor="middle">{escape(RETRY)}</text>'


def _arrow(path: str, x: float, y: float, direction: str) -> Iterator[str]:
    """Yield a line with an arrowhead at its end."""
    yield f'<path class="arrow" d="{path}"/>'
    head = "l-8 -4v8z" if direction == "right" else "l-4 -8h8z"
    yield f'<path class="head" d="M{x:g} {y:g}{head}"/>'
