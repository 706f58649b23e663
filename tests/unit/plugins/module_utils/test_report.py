# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task about many objects returns and says, from what was done. The whole way is in test_bulk_task.py."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils._bulk import StepResult
from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import OPERATIONS, Entry, Step
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._plan import Change
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import Outcome, PreconditionError, TaskError
from ansible_collections.twilio.proxy.plugins.module_utils._report import (
    diffs,
    failure,
    interruption,
    not_attempted,
    report,
    unaccepted_values,
)
from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER, SERVICE

from .wire import OTHER_NUMBER_SID, SID, number, service

THERE, OTHERWISE = service(), service(default_ttl=5)
NONE = dict.fromkeys(OPERATIONS, 0)
LOST = ApiError("update it", "the connection was lost", may_have_been_applied=True)
NO = ApiError("update it", "no")
WRONG_ACCOUNT = ApiError("update it", "it is another account's", applied=True)


def done(
    outcome: Outcome | None = None,
    error: TaskError | None = None,
    pool: list[StepResult] | None = None,
    place: str = "services[0]",
    **more: t.Any,
) -> StepResult:
    """A Service whose time to live was to become 5, and what came of that."""
    entry = Entry(place, {"unique_name": "rides", "default_ttl": 5})
    step = Step(entry, Change("update", THERE, OTHERWISE, {"default_ttl": 5}))
    return StepResult(step, outcome, error, pool, **more)


def part(before: t.Any, after: t.Any, error: TaskError | None = None, tried: bool = True) -> StepResult:
    """A number of a pool, and what came of it."""
    step = Step(Entry("services[0].phone_numbers[0]", {}), Change("update", before, after, {}))
    outcome = Outcome(before != after, before, after) if tried and error is None else None
    return StepResult(step, outcome, error)


@pytest.mark.parametrize(
    ("one", "operation", "changed"),
    [
        (done(Outcome(True, THERE, OTHERWISE)), "updated", True),
        (done(Outcome(True, None, OTHERWISE)), "created", True),
        (done(Outcome(True, THERE, None)), "deleted", True),
        (done(Outcome(False, THERE, THERE)), "unchanged", False),
        (done(), "not_attempted", False),
        (done(error=NO), "failed", False),
        (done(error=LOST), "failed", True),
        (done(error=PreconditionError("no.")), "failed", False),
        (done(Outcome(True, THERE, OTHERWISE), has_temporary_name=True), "failed", True),
        (done(error=LOST, has_temporary_name=True), "failed", True),
        (done(error=WRONG_ACCOUNT), "failed", True),
        (done(Outcome(False, THERE, THERE), pool=[part(number(), None)]), "updated", True),
        (done(Outcome(False, THERE, THERE), pool=[part(number(), None, tried=False)]), "not_attempted", False),
        (done(Outcome(False, THERE, THERE), pool=[part(number(), number())]), "unchanged", False),
        (done(Outcome(False, THERE, THERE), pool=[part(number(), None, NO)]), "failed", False),
        (done(Outcome(True, THERE, OTHERWISE), pool=[part(number(), None, LOST)]), "failed", True),
    ],
)
def test_what_came_of_an_entry(one: StepResult, operation: str, changed: bool) -> None:
    result = report(SERVICE, PHONE_NUMBER, [one])
    assert result["services"][0]["operation"] == operation
    assert (result["changed"], result["summary"]) == (changed, {**NONE, operation: 1})


def test_nothing_is_known_of_what_was_not_attempted() -> None:
    entry = Entry(
        "services[0]", {}, SID, pool=(Entry("services[0].phone_numbers[0]", {"phone_number": "+12025550101"}),)
    )
    one = not_attempted(entry)
    (told,) = report(SERVICE, PHONE_NUMBER, [one])["services"]
    assert (told["sid"], told["unique_name"], told["service"], told["operation"]) == (SID, None, {}, "not_attempted")
    assert [of_part["operation"] for of_part in told["phone_numbers"]] == ["not_attempted"]
    assert one.step.change == Change("none", None, None, {})
    assert not_attempted(Entry("services[0]", {}, SID)).pool is None
    assert failure(SERVICE, [one], NONE) is None
    assert diffs(SERVICE, PHONE_NUMBER, [one]) == []


def test_a_diff_shows_what_was_not_attempted_as_it_was() -> None:
    kept = number(sid=OTHER_NUMBER_SID, phone_number="+12025550102")
    parts = [part(number(), None), part(kept, None, tried=False)]
    (quoted,) = diffs(SERVICE, PHONE_NUMBER, [done(Outcome(False, THERE, THERE), pool=parts)])
    in_pool = {side: [one["phone_number"] for one in quoted[side]["phone_numbers"]] for side in ("before", "after")}
    assert in_pool == {"before": ["+12025550101", "+12025550102"], "after": ["+12025550102"]}


def test_a_refusal_of_one_entry_says_nothing_about_the_others() -> None:
    refused = PreconditionError("no Service.", "Nothing was changed.")
    (told,) = report(SERVICE, PHONE_NUMBER, [done(error=refused)])["services"]
    assert told["error"]["msg"] == "No Service."


def test_trouble_of_the_object_goes_before_trouble_in_it() -> None:
    of_part = part(number(), None, NO)
    for one, text in (
        (done(error=PreconditionError("first."), pool=[of_part]), "First."),
        (done(Outcome(False, THERE, THERE), pool=[of_part]), "Cannot update it: no."),
        (done(Outcome(True, THERE, OTHERWISE), pool=[of_part]), "The Service was updated, and then: Cannot update it"),
        (done(Outcome(True, None, OTHERWISE), pool=[of_part]), "The Service was created, and then: Cannot update it"),
    ):
        (told,) = report(SERVICE, PHONE_NUMBER, [one])["services"]
        assert told["error"]["msg"].startswith(text)


def test_a_failure_names_the_first_trouble_and_counts_the_entries() -> None:
    fine = done(Outcome(False, THERE, THERE), pool=[part(number(), None, NO)])
    error, text = t.cast(
        "tuple[TaskError, str]", failure(SERVICE, [fine, done(error=LOST)], {**NONE, "not_attempted": 2})
    )
    assert error is NO
    assert text.startswith("services[0].phone_numbers[0]: Cannot update it: no. This request changed nothing. Of 2 ")
    assert " Of 2 entries: 2 not attempted. What was in flight" in text
    _trouble, text = t.cast("tuple[TaskError, str]", failure(SERVICE, [done(error=LOST)], {**NONE, "failed": 1}))
    assert " Of 1 entry: 1 failed. " in text


def test_a_failure_names_what_was_changed_before_it() -> None:
    half = done(Outcome(True, None, THERE), pool=[part(number(), None, NO)])
    _trouble, text = t.cast("tuple[TaskError, str]", failure(SERVICE, [half], {**NONE, "failed": 1}))
    assert " Of 1 entry: 1 failed. Of the failed, changed before: services[0]. What was" in text
    _trouble, text = t.cast("tuple[TaskError, str]", failure(SERVICE, [half] * 12, {**NONE, "failed": 12}))
    assert text.count("services[0], ") == 9
    assert "services[0] and 2 more. What was" in text


def test_an_interruption_names_what_is_not_known() -> None:
    again = "Run the task again, it looks before it changes anything."
    known = done(Outcome(True, None, THERE), pool=[part(number(), None, NO)])
    counts = {**NONE, "failed": 2, "not_attempted": 1}
    text = interruption(SERVICE, [known, done(error=LOST, place="services[1]"), done()], counts)
    assert text == (
        "Of 3 entries: 2 failed, 1 not attempted. Of the failed, changed before: services[0]."
        f" It is not known whether these were changed: services[1]. {again}"
    )
    assert interruption(SERVICE, [done()], {**NONE, "not_attempted": 1}) == f"Of 1 entry: 1 not attempted. {again}"


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (LOST, "nothing else was begun."),
        (NO, "begun. When the cause is gone, running the task again goes on from there."),
        (PreconditionError("no."), "begun. When the cause is gone, running the task again goes on from there."),
        (ApiError("update it", "slow down", transient=True), "begun. Running the task again goes on from there."),
    ],
)
def test_a_failure_says_how_to_go_on(error: TaskError, end: str) -> None:
    _trouble, text = t.cast("tuple[TaskError, str]", failure(SERVICE, [done(error=error)], NONE))
    assert text.endswith(end)


def test_values_that_were_not_taken_have_their_place() -> None:
    unlike = Outcome(True, THERE, service(default_ttl=4))
    again = "this task will report a change each time it runs."
    assert unaccepted_values(
        SERVICE, PHONE_NUMBER, [done(unlike, place="services[3]"), done(), done(unlike, has_temporary_name=True)]
    ) == [f"services[3].default_ttl was set to 5, but Twilio answered with 4: {again}"]


@pytest.mark.parametrize(
    ("one", "was"),
    [
        (done(Outcome(True, THERE, OTHERWISE), has_temporary_name=True), "was"),
        (done(Outcome(True, THERE, OTHERWISE), NO, has_temporary_name=True), "was"),
        (done(error=LOST, has_temporary_name=True), "may have been"),
    ],
)
def test_a_temporary_name_is_named_wherever_the_run_ended(one: StepResult, was: str) -> None:
    told = (
        f"The Service 'rides' ({SID}) {was} renamed to 'renaming {SID}', a temporary name. Run the task again with its"
        " sid, and it gets the name 'rides'."
    )
    (entry,) = report(SERVICE, PHONE_NUMBER, [one])["services"]
    assert entry["error"]["msg"].endswith(told)
    for troubled in ([one], [one, done(error=NO)]):
        if any(each.error for each in troubled):
            _trouble, text = t.cast("tuple[TaskError, str]", failure(SERVICE, troubled, {**NONE, "failed": 1}))
            assert text.count(told) == 1
