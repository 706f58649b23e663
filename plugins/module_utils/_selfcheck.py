# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The task that finds out what is not known about the API. It asks, and removes whatever it made to ask."""

from __future__ import annotations

import secrets
import typing as t
from dataclasses import asdict

from ansible_collections.twilio.proxy.plugins.module_utils._client import Client
from ansible_collections.twilio.proxy.plugins.module_utils._errors import Answer, ApiError, refusal
from ansible_collections.twilio.proxy.plugins.module_utils._findings import (
    Row,
    answered,
    is_good,
    not_answered,
    not_asked,
    table,
)
from ansible_collections.twilio.proxy.plugins.module_utils._questions import (
    NAMES,
    QUESTIONS,
    Question,
    left_over,
    request,
)
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import NOTHING_CHANGED, Refused
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE
from ansible_collections.twilio.proxy.plugins.module_utils._schema import is_object
from ansible_collections.twilio.proxy.plugins.module_utils._task import (
    Call,
    Failed,
    Result,
    Task,
    connected,
    connection_specs,
    failed,
    failure_text,
    what_twilio_said,
)

UNAUTHORIZED = 401


class Run:
    """One pass through the questions.

    ``why_not`` says why nothing may be written, None if it may. Afterwards ``rows`` tell what was found out, ``left``
    names the Services that could not be removed, and ``unseen`` those that may have been made and were not found.
    ``interrupted`` names Services that were there before, and look like those of a run that could not end. ``trouble``
    is what went wrong and is no answer to a question.
    """

    def __init__(self, client: Client, why_not: str | None) -> None:
        self.rows: list[Row] = []
        self.left: list[str] = []
        self.unseen: list[str] = []
        self.interrupted: list[str] = []
        self.trouble: ApiError | None = None
        self.wrote = False
        self._client = client
        self._why_not = why_not
        self._prefix = f"{NAMES}{secrets.token_hex(8)}-"
        # A SID that does not exist: there are more of them than anybody could make.
        self._known = {"absent_sid": f"KS{secrets.token_hex(16)}", "new_name": f"{self._prefix}name"}
        self._made: dict[str, str] = {}  # names by SIDs
        self._lost: set[str] = set()  # names that were sent, until it is known what became of them

    def ask_all(self) -> None:
        """Asks every question that may be asked, and removes what was made for it."""
        try:
            self._ask()
            self._remove()
        except BaseException:  # also Ansible's own, which ends a task that takes too long, be it in the removal
            self._remove()
            raise

    def _ask(self) -> None:
        try:
            for question in QUESTIONS:
                self.rows.append(self._row(question))
        except ApiError as failure:
            self.trouble = failure
            self.rows.append(not_answered(QUESTIONS[len(self.rows)], failure))
            self.rows += [not_asked(question, "a request failed before") for question in QUESTIONS[len(self.rows) :]]

    def _row(self, question: Question) -> Row:
        if question.writes and self._why_not is not None:
            return not_asked(question, self._why_not)
        try:
            place, values = request(question, self._known)
        except KeyError as lacking:
            return not_asked(question, self._why_not or lacking.args[0])
        name = values["unique_name"] if question.creates and values else None
        self.wrote = self.wrote or question.writes
        if name is not None:
            self._lost.add(name)
        try:
            answer = self._client.ask(SERVICE, question.method, place, values, repeatable=not question.creates)
        except ApiError as failure:
            if name is not None and not failure.maybe_applied:
                self._lost.discard(name)
            if not failure.transient or (failure.status is None and not failure.maybe_applied):
                raise
            return not_answered(question, failure)
        if name is not None:
            self._note(name, answer)
        if answer.status == UNAUTHORIZED:
            raise refusal(f"find out about {SERVICE.name}s", answer)
        row = answered(question, answer, self._known)
        # What is not known to be ours teaches nothing: it must not be written to.
        if is_good(question, answer) and name not in self._lost:
            self._known.update(question.teaches(answer.body))
            if question.lists:
                self.interrupted = left_over(answer.body)
        return row

    def _note(self, name: str, answer: Answer) -> None:
        """Remembers the Service that was made, if the answer tells for sure whether it was."""
        if is_object(SERVICE, answer.body) and self._is_ours(answer.body[SERVICE.identity]):
            self._made[answer.body["sid"]] = name
        elif answer.status < 300 or not refusal("", answer).from_twilio:
            return
        self._lost.discard(name)

    def _is_ours(self, name: str | None) -> bool:
        return name is not None and name.startswith(self._prefix)

    def _remove(self) -> None:
        """Deletes what was made, as far as that is not done; does not raise ApiError."""
        could_look = True
        try:
            self._look_for_lost()
        except ApiError as failure:
            could_look = False
            self.trouble = self.trouble or failure
        for sid in list(self._made):
            try:
                self._client.delete(SERVICE, sid)
            except ApiError as failure:
                if not failure.says_absent(SERVICE):
                    self.trouble = self.trouble or failure
                    continue
            del self._made[sid]
        self.unseen = sorted(self._lost) if could_look else []
        self.left = sorted([*self._made.values(), *([] if could_look else self._lost)])

    def _look_for_lost(self) -> None:
        """Finds what may have been made without an answer that says so, also what is made a little later."""
        for attempt in range(self._client.retries + 1):
            if not self._lost:
                return
            if attempt:
                self._client.pause(attempt - 1, ApiError("find what may have been made", "it is not in the list yet"))
            for page in self._client.pages(SERVICE, names=("sid", SERVICE.identity)):
                ours = (one for one in page if self._is_ours(one[SERVICE.identity]))
                self._made.update({one["sid"]: one[SERVICE.identity] for one in ours})
            # Exactly: one of the names differs from another in case only.
            self._lost -= set(self._made.values())


def selfcheck_task() -> Task:
    """Finds out what is not known about the API."""
    return Task(
        {"write": {"type": "bool", "default": False}, **connection_specs()},
        {},
        _find_out,
        failure={"answers": [], "table": "", "left": []},
    )


def _find_out(call: Call) -> Result:
    try:
        (client,), _known = connected(call, [])
    except Refused as refused:
        raise failed(refused) from refused
    run = Run(client, _why_not(call))
    run.ask_all()
    for sentence in _warnings(run):
        call.warn(sentence)
    result: Result = {
        "changed": bool(run.left or run.unseen),
        "answers": list(map(asdict, run.rows)),
        "table": table(run.rows),
        "left": run.left,
    }
    if run.trouble is not None:
        raise Failed(_text(run, run.trouble), {**what_twilio_said(run.trouble), **result}) from run.trouble
    return result


def _why_not(call: Call) -> str | None:
    if not call.params["write"]:
        return "it needs writing"
    return "it needs writing, and this is check mode" if call.check_mode else None


def _text(run: Run, trouble: ApiError) -> str:
    trouble.maybe_applied = False  # what may have been made was looked for
    if run.left:
        return failure_text(trouble, f"Perhaps not removed: {', '.join(run.left)}. Delete what is there of these.")
    if run.unseen:
        return failure_text(trouble, f"Perhaps made: {', '.join(run.unseen)}. If the list has it later, delete it.")
    return failure_text(trouble, "What was made was removed." if run.wrote else NOTHING_CHANGED)


def _warnings(run: Run) -> t.Iterator[str]:
    if run.unseen:
        yield (
            f"No answer came to the request that was to create {', '.join(run.unseen)}, and the list does not have it."
            " If it is there later, delete it."
        )
    if run.interrupted:
        yield f"{', '.join(run.interrupted)}: there before this run. If no other selfcheck is running, delete it."
