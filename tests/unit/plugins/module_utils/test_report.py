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
from ansible_collections.twilio.proxy.plugins.module_utils._plan import Change, PreconditionError
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import Outcome, TaskError
from ansible_collections.twilio.proxy.plugins.module_utils._report import (
    diffs,
    failure,
    interruption,
    not_attempted,
    report,
    unaccepted_values,
)
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE

from .wire import OTHER_NUMBER_SID, SID, number, service

THERE, OTHERWISE = service(), service(default_ttl=5)
NONE = dict.fromkeys(OPERATIONS, 0)
LOST = ApiError("update it", "the connection was lost", may_have_been_applied=True)
NO = ApiError("update it", "no")
WRONG_ACCOUNT = ApiError("update it", "it is another account's", applied=True)


def service_result(
    outcome: Outcome | None = None,
    error: TaskError | None = None,
    children: list[StepResult] | None = None,
    place: str = "services[0]",
    **more: t.Any,
) -> StepResult:
    """A Service whose time to live was to become 5, and what came of that."""
    entry = Entry(place, {"unique_name": "rides", "default_ttl": 5})
    step = Step(entry, Change("update", THERE, OTHERWISE, {"default_ttl": 5}))
    return StepResult(step, outcome, error, children, **more)


def number_result(before: t.Any, after: t.Any, error: TaskError | None = None, tried: bool = True) -> StepResult:
    """A number of a pool, and what came of it."""
    step = Step(Entry("services[0].phone_numbers[0]", {}), Change("update", before, after, {}))
    outcome = Outcome(before != after, before, after) if tried and error is None else None
    return StepResult(step, outcome, error)


@pytest.mark.parametrize(
    ("result", "operation", "changed"),
    [
        (service_result(Outcome(True, THERE, OTHERWISE)), "updated", True),
        (service_result(Outcome(True, None, OTHERWISE)), "created", True),
        (service_result(Outcome(True, THERE, None)), "deleted", True),
        (service_result(Outcome(False, THERE, THERE)), "unchanged", False),
        (service_result(), "not_attempted", False),
        (service_result(error=NO), "failed", False),
        (service_result(error=LOST), "failed", True),
        (service_result(error=PreconditionError("no.")), "failed", False),
        (service_result(Outcome(True, THERE, OTHERWISE), has_temporary_name=True), "failed", True),
        (service_result(error=LOST, has_temporary_name=True), "failed", True),
        (service_result(error=WRONG_ACCOUNT), "failed", True),
        (service_result(Outcome(False, THERE, THERE), children=[number_result(number(), None)]), "updated", True),
        (
            service_result(Outcome(False, THERE, THERE), children=[number_result(number(), None, tried=False)]),
            "not_attempted",
            False,
        ),
        (
            service_result(Outcome(False, THERE, THERE), children=[number_result(number(), number())]),
            "unchanged",
            False,
        ),
        (service_result(Outcome(False, THERE, THERE), children=[number_result(number(), None, NO)]), "failed", False),
        (
            service_result(Outcome(True, THERE, OTHERWISE), children=[number_result(number(), None, LOST)]),
            "failed",
            True,
        ),
    ],
)
def test_what_came_of_an_entry(result: StepResult, operation: str, changed: bool) -> None:
    returned = report(SERVICE, [result])
    assert returned["services"][0]["operation"] == operation
    assert (returned["changed"], returned["summary"]) == (changed, {**NONE, operation: 1})


def test_nothing_is_known_of_what_was_not_attempted() -> None:
    entry = Entry(
        "services[0]", {}, SID, children=(Entry("services[0].phone_numbers[0]", {"phone_number": "+12025550101"}),)
    )
    result = not_attempted(entry)
    (told,) = report(SERVICE, [result])["services"]
    assert (told["sid"], told["unique_name"], told["service"], told["operation"]) == (SID, None, {}, "not_attempted")
    assert [number["operation"] for number in told["phone_numbers"]] == ["not_attempted"]
    assert result.step.change == Change("none", None, None, {})
    assert not_attempted(Entry("services[0]", {}, SID)).children is None
    assert failure(SERVICE, [result], NONE) is None
    assert diffs(SERVICE, [result]) == []


def test_a_diff_shows_what_was_not_attempted_as_it_was() -> None:
    kept = number(sid=OTHER_NUMBER_SID, phone_number="+12025550102")
    numbers = [number_result(number(), None), number_result(kept, None, tried=False)]
    (diff,) = diffs(SERVICE, [service_result(Outcome(False, THERE, THERE), children=numbers)])
    in_pool = {side: [number["phone_number"] for number in diff[side]["phone_numbers"]] for side in ("before", "after")}
    assert in_pool == {"before": ["+12025550101", "+12025550102"], "after": ["+12025550102"]}


def test_a_refusal_of_one_entry_says_nothing_about_the_others() -> None:
    refused = PreconditionError("no Service.", "Nothing was changed.")
    (told,) = report(SERVICE, [service_result(error=refused)])["services"]
    assert told["error"]["msg"] == "No Service."


def test_an_error_of_the_object_goes_before_those_of_its_children() -> None:
    failed_number = number_result(number(), None, NO)
    for result, text in (
        (service_result(error=PreconditionError("first."), children=[failed_number]), "First."),
        (service_result(Outcome(False, THERE, THERE), children=[failed_number]), "Cannot update it: no."),
        (
            service_result(Outcome(True, THERE, OTHERWISE), children=[failed_number]),
            "The Service was updated, and then: Cannot update it",
        ),
        (
            service_result(Outcome(True, None, OTHERWISE), children=[failed_number]),
            "The Service was created, and then: Cannot update it",
        ),
    ):
        (told,) = report(SERVICE, [result])["services"]
        assert told["error"]["msg"].startswith(text)


def test_a_failure_names_the_first_error_and_counts_the_entries() -> None:
    fine = service_result(Outcome(False, THERE, THERE), children=[number_result(number(), None, NO)])
    error, text = t.cast(
        "tuple[TaskError, str]", failure(SERVICE, [fine, service_result(error=LOST)], {**NONE, "not_attempted": 2})
    )
    assert error is NO
    assert text.startswith("services[0].phone_numbers[0]: Cannot update it: no. This request changed nothing. Of 2 ")
    assert " Of 2 entries: 2 not attempted. Requests in progress were completed; no new ones were started." in text
    _error, text = t.cast(
        "tuple[TaskError, str]", failure(SERVICE, [service_result(error=LOST)], {**NONE, "failed": 1})
    )
    assert " Of 1 entry: 1 failed. " in text


def test_a_failure_names_what_was_changed_before_it() -> None:
    failed_number = number_result(number(), None, NO)
    created = service_result(Outcome(True, None, THERE), children=[failed_number])
    updated = service_result(Outcome(True, THERE, OTHERWISE), children=[failed_number], place="services[1]")
    _error, text = t.cast("tuple[TaskError, str]", failure(SERVICE, [created], {**NONE, "failed": 1}))
    assert " Of 1 entry: 1 failed. services[0] was created before the failure. Requests" in text
    _error, text = t.cast("tuple[TaskError, str]", failure(SERVICE, [created, updated], {**NONE, "failed": 2}))
    assert " services[0] was created, services[1] was updated before the failure. " in text
    _error, text = t.cast("tuple[TaskError, str]", failure(SERVICE, [created] * 12, {**NONE, "failed": 12}))
    assert text.count("services[0] was created, ") == 9
    assert "services[0] was created and 2 more before the failure. Requests" in text


def test_an_interruption_names_what_is_not_known() -> None:
    again = "Run the task again, it looks before it changes anything."
    known = service_result(Outcome(True, None, THERE), children=[number_result(number(), None, NO)])
    counts = {**NONE, "failed": 2, "not_attempted": 1}
    text = interruption(SERVICE, [known, service_result(error=LOST, place="services[1]"), service_result()], counts)
    assert text == (
        "Of 3 entries: 2 failed, 1 not attempted. services[0] was created before the failure."
        f" It is not known whether these were changed: services[1]. {again}"
    )
    assert (
        interruption(SERVICE, [service_result()], {**NONE, "not_attempted": 1})
        == f"Of 1 entry: 1 not attempted. {again}"
    )


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (LOST, "no new ones were started."),
        (NO, "started. Remove the cause, and run the task again to go on from there."),
        (PreconditionError("no."), "started. Remove the cause, and run the task again to go on from there."),
        (ApiError("update it", "slow down", transient=True), "started. Run the task again to go on from there."),
    ],
)
def test_a_failure_says_how_to_go_on(error: TaskError, end: str) -> None:
    _error, text = t.cast("tuple[TaskError, str]", failure(SERVICE, [service_result(error=error)], NONE))
    assert text.endswith(end)


def test_values_that_were_not_taken_have_their_place() -> None:
    unlike = Outcome(True, THERE, service(default_ttl=4))
    again = "this task will report a change each time it runs."
    assert unaccepted_values(
        SERVICE,
        [
            service_result(unlike, place="services[3]"),
            service_result(),
            service_result(unlike, has_temporary_name=True),
        ],
    ) == [f"services[3].default_ttl was set to 5, but Twilio answered with 4: {again}"]


@pytest.mark.parametrize(
    ("result", "was"),
    [
        (service_result(Outcome(True, THERE, OTHERWISE), has_temporary_name=True), "was"),
        (service_result(Outcome(True, THERE, OTHERWISE), NO, has_temporary_name=True), "was"),
        (service_result(error=LOST, has_temporary_name=True), "may have been"),
    ],
)
def test_a_temporary_name_is_named_wherever_the_run_ended(result: StepResult, was: str) -> None:
    told = (
        f"The Service 'rides' ({SID}) {was} renamed to 'renaming {SID}', a temporary name. Run the task again with its"
        " sid, and it gets the name 'rides'."
    )
    (entry,) = report(SERVICE, [result])["services"]
    assert entry["error"]["msg"].endswith(told)
    for results in ([result], [result, service_result(error=NO)]):
        if any(result.error for result in results):
            _error, text = t.cast("tuple[TaskError, str]", failure(SERVICE, results, {**NONE, "failed": 1}))
            assert text.count(told) == 1
