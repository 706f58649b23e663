# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What came of the questions: a row for each, and the rows as a table that can be published. Pure."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.twilio.proxy.plugins.module_utils._errors import Answer, ApiError, refusal
from ansible_collections.twilio.proxy.plugins.module_utils._questions import Known, Question, Verdict
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE
from ansible_collections.twilio.proxy.plugins.module_utils._schema import is_object, is_page

_REQUEST_ID = "RQ[0-9a-fA-F]{32}"
#: Why a question was not asked, by the word that is not known.
_LACKING = {
    **dict.fromkeys(("sid", "name", "other_case"), "no Service was made"),
    "found_name": "the account has no Service with a plain name",
    "cleared_sid": "nothing was cleared",
}


@dataclass(frozen=True)
class Row:
    """A question, and what was found out: ``answer`` says it in words, or why it is not settled. The rest is Twilio's.

    ``key`` is the question's, and stays when its text changes.
    """

    key: str
    question: str
    answer: str
    settled: bool = False
    status: int | None = None
    code: int | None = None
    request_id: str | None = None


def not_asked(question: Question, reason: str) -> Row:
    """The row of a question that was not asked; ``reason`` is why, or the word that was not known."""
    reason = _LACKING.get(reason, reason)
    return Row(question.key, question.text, f"not settled: {reason}")


def not_answered(question: Question, failure: ApiError) -> Row:
    """The row of a question to which no good answer came."""
    words = "no answer came" if failure.status is None else "no good answer came"
    return _row(question, Verdict(words, False), failure)


def is_good(question: Question, answer: Answer) -> bool:
    """Whether the answer is a success, and of the form that Twilio documents."""
    return answer.status < 300 and (is_page if question.lists else is_object)(SERVICE, answer.body)


def answered(question: Question, answer: Answer, known: Known) -> Row:
    """The row of a question to which this answer came."""
    said = refusal("ask", answer)
    if is_good(question, answer):
        verdict = question.success(answer.body, known)
    elif answer.status < 300:
        verdict = Verdict("the answer is not of the form that Twilio documents", False)
    elif said.from_twilio:
        verdict = question.refused(said) or Verdict("refused for another reason", False)
    else:
        verdict = Verdict("not Twilio answered, but something on the way", False)
    return _row(question, verdict, said)


def _row(question: Question, verdict: Verdict, said: ApiError) -> Row:
    words = verdict.words if verdict.settled else f"not settled: {verdict.words}"
    # A header may hold anything, and the row is to be published.
    request_id = said.request_id if said.request_id and re.fullmatch(_REQUEST_ID, said.request_id) else None
    return Row(question.key, question.text, words, verdict.settled, said.status, said.code, request_id)


def table(rows: t.Sequence[Row]) -> str:
    """The rows as a table in Markdown, with columns that line up."""
    cells = [["question", "answer", "status", "code", "request"]]
    cells += [[row.question, row.answer, *map(_cell, (row.status, row.code, row.request_id))] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells)]
    lines = [[cell.ljust(width) for cell, width in zip(line, widths)] for line in cells]
    lines.insert(1, ["-" * width for width in widths])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(value: int | str | None) -> str:
    return "" if value is None else str(value)
