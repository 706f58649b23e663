# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results and messages of a task about many objects, from its step results. test_bulk_task.py tests whole tasks."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils._bulk import StepResult
from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import OPERATIONS, Entry, ListPlan, Step
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
from ansible_collections.twilio.proxy.plugins.module_utils._result import RUN_AGAIN, failure_text
from ansible_collections.twilio.proxy.plugins.module_utils._result import diff as object_diff

from .wire import OTHER_NUMBER_SID, SID, number, service

BEFORE, AFTER = service(), service(default_ttl=5)
NONE = dict.fromkeys(OPERATIONS, 0)
LOST = ApiError("update it", "the connection was lost", may_have_been_applied=True)
FAILED = ApiError("update it", "no")
WRONG_ACCOUNT = ApiError("update it", "it is another account's", applied=True)


def service_result(
    outcome: Outcome | None = None,
    error: TaskError | None = None,
    children: list[StepResult] | None = None,
    place: str = "services[0]",
    **more: t.Any,
) -> StepResult:
    """Return the result of a step that sets the time to live of a Service to 5."""
    entry = Entry(place, {"unique_name": "rides", "default_ttl": 5})
    step = Step(entry, Change("update", BEFORE, AFTER, {"default_ttl": 5}))
    return StepResult(step, outcome, error, children, **more)


def number_result(before: t.Any, after: t.Any, error: TaskError | None = None, attempted: bool = True) -> StepResult:
    """Return the result of a step about a number of a pool."""
    step = Step(Entry("services[0].phone_numbers[0]", {}), Change("update", before, after, {}))
    outcome = Outcome(before != after, before, after) if attempted and error is None else None
    return StepResult(step, outcome, error)


@pytest.mark.parametrize(
    ("result", "operation", "changed"),
    [
        (service_result(Outcome(True, BEFORE, AFTER)), "updated", True),
        (service_result(Outcome(True, None, AFTER)), "created", True),
        (service_result(Outcome(True, BEFORE, None)), "deleted", True),
        (service_result(Outcome(False, BEFORE, BEFORE)), "unchanged", False),
        (service_result(), "not_attempted", False),
        (service_result(error=FAILED), "failed", False),
        (service_result(error=LOST), "failed", True),
        (service_result(error=PreconditionError("no.")), "failed", False),
        (service_result(Outcome(True, BEFORE, AFTER), has_temporary_name=True), "failed", True),
        (service_result(error=LOST, has_temporary_name=True), "failed", True),
        (service_result(error=WRONG_ACCOUNT), "failed", True),
        (service_result(Outcome(False, BEFORE, BEFORE), children=[number_result(number(), None)]), "updated", True),
        (
            service_result(Outcome(False, BEFORE, BEFORE), children=[number_result(number(), None, attempted=False)]),
            "not_attempted",
            False,
        ),
        (
            service_result(Outcome(False, BEFORE, BEFORE), children=[number_result(number(), number())]),
            "unchanged",
            False,
        ),
        (
            service_result(Outcome(False, BEFORE, BEFORE), children=[number_result(number(), None, FAILED)]),
            "failed",
            False,
        ),
        (
            service_result(Outcome(True, BEFORE, AFTER), children=[number_result(number(), None, LOST)]),
            "failed",
            True,
        ),
    ],
)
def test_the_report_of_an_entry(result: StepResult, operation: str, changed: bool) -> None:
    returned = report(SERVICE, [result], ListPlan([]))
    assert returned["services"][0]["operation"] == operation
    assert (returned["changed"], returned["summary"]) == (changed, {**NONE, operation: 1})


def test_an_entry_that_was_not_attempted_has_null_values() -> None:
    entry = Entry(
        "services[0]", {}, SID, children=(Entry("services[0].phone_numbers[0]", {"phone_number": "+12025550101"}),)
    )
    result = not_attempted(entry)
    (reported,) = report(SERVICE, [result], ListPlan([]))["services"]
    assert (reported["sid"], reported["unique_name"], reported["service"], reported["operation"]) == (
        SID,
        None,
        {},
        "not_attempted",
    )
    assert [number["operation"] for number in reported["phone_numbers"]] == ["not_attempted"]
    assert result.step.change == Change("none", None, None, {})
    assert not_attempted(Entry("services[0]", {}, SID)).children is None
    assert failure(SERVICE, [result], NONE) is None
    assert diffs(SERVICE, [result]) == []


def test_a_diff_shows_entries_that_were_not_attempted_unchanged() -> None:
    remaining = number(sid=OTHER_NUMBER_SID, phone_number="+12025550102")
    numbers = [number_result(number(), None), number_result(remaining, None, attempted=False)]
    (diff,) = diffs(SERVICE, [service_result(Outcome(False, BEFORE, BEFORE), children=numbers)])
    in_pool = {side: [number["phone_number"] for number in diff[side]["phone_numbers"]] for side in ("before", "after")}
    assert in_pool == {"before": ["+12025550101", "+12025550102"], "after": ["+12025550102"]}


def test_a_precondition_error_of_one_entry_does_not_describe_the_others() -> None:
    refused = PreconditionError("There is no Service.", "Nothing was changed.")
    (reported,) = report(SERVICE, [service_result(error=refused)], ListPlan([]))["services"]
    assert reported["error"]["msg"] == "There is no Service."


def test_an_error_of_the_object_precedes_those_of_its_children() -> None:
    failed_number = number_result(number(), None, FAILED)
    for result, text in (
        (service_result(error=PreconditionError("First."), children=[failed_number]), "First."),
        (service_result(Outcome(False, BEFORE, BEFORE), children=[failed_number]), "Cannot update it: no."),
        (
            service_result(Outcome(True, BEFORE, AFTER), children=[failed_number]),
            "The Service was updated, and then: Cannot update it",
        ),
        (
            service_result(Outcome(True, None, AFTER), children=[failed_number]),
            "The Service was created, and then: Cannot update it",
        ),
    ):
        (reported,) = report(SERVICE, [result], ListPlan([]))["services"]
        assert reported["error"]["msg"].startswith(text)


def test_a_failure_names_the_first_error_and_counts_the_entries() -> None:
    unchanged = service_result(Outcome(False, BEFORE, BEFORE), children=[number_result(number(), None, FAILED)])
    error, text = t.cast(
        "tuple[TaskError, str]", failure(SERVICE, [unchanged, service_result(error=LOST)], {**NONE, "not_attempted": 2})
    )
    assert error is FAILED
    assert text.startswith("services[0].phone_numbers[0]: Cannot update it: no. This request changed nothing. Of 2 ")
    assert " Of 2 entries: 2 not attempted. Requests in progress were completed; no new ones were started." in text
    _error, text = t.cast(
        "tuple[TaskError, str]", failure(SERVICE, [service_result(error=LOST)], {**NONE, "failed": 1})
    )
    assert " Of 1 entry: 1 failed. " in text


def test_a_failure_names_the_changes_before_it() -> None:
    failed_number = number_result(number(), None, FAILED)
    created = service_result(Outcome(True, None, BEFORE), children=[failed_number])
    updated = service_result(Outcome(True, BEFORE, AFTER), children=[failed_number], place="services[1]")
    _error, text = t.cast("tuple[TaskError, str]", failure(SERVICE, [created], {**NONE, "failed": 1}))
    assert " Of 1 entry: 1 failed. services[0] was created before the failure. Requests" in text
    _error, text = t.cast("tuple[TaskError, str]", failure(SERVICE, [created, updated], {**NONE, "failed": 2}))
    assert " services[0] was created, services[1] was updated before the failure. " in text
    _error, text = t.cast("tuple[TaskError, str]", failure(SERVICE, [created] * 12, {**NONE, "failed": 12}))
    assert text.count("services[0] was created, ") == 9
    assert "services[0] was created and 2 more before the failure. Requests" in text


def test_an_interruption_names_unknown_results() -> None:
    again = "Run the task again: it reads the current state before it changes anything."
    known = service_result(Outcome(True, None, BEFORE), children=[number_result(number(), None, FAILED)])
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
        (ApiError("create it", "another account", applied=True), "no new ones were started."),
        (FAILED, f"started. Fix the cause. {RUN_AGAIN}"),
        (PreconditionError("no."), f"started. Fix the cause. {RUN_AGAIN}"),
        (ApiError("update it", "slow down", transient=True), f"started. {RUN_AGAIN}"),
    ],
)
def test_a_failure_explains_how_to_continue(error: TaskError, end: str) -> None:
    _error, text = t.cast("tuple[TaskError, str]", failure(SERVICE, [service_result(error=error)], NONE))
    assert text.endswith(end)


def test_values_that_were_not_accepted_have_their_place() -> None:
    not_accepted = Outcome(True, BEFORE, service(default_ttl=4))
    again = "this task will report a change each time it runs."
    assert unaccepted_values(
        SERVICE,
        [
            service_result(not_accepted, place="services[3]"),
            service_result(),
            service_result(not_accepted, has_temporary_name=True),
        ],
    ) == [f"services[3]: default_ttl was set to 5, but Twilio answered with 4: {again}"]


@pytest.mark.parametrize(
    ("result", "verb"),
    [
        (service_result(Outcome(True, BEFORE, AFTER), has_temporary_name=True), "was"),
        (service_result(Outcome(True, BEFORE, AFTER), FAILED, has_temporary_name=True), "was"),
        (service_result(error=LOST, has_temporary_name=True), "may have been"),
    ],
)
def test_a_remaining_temporary_name_is_always_reported(result: StepResult, verb: str) -> None:
    message = (
        f"The Service 'rides' ({SID}) {verb} renamed to 'renaming {SID}', a temporary name. To give it the name"
        " 'rides', name it by sid in the list and run the task again."
    )
    (entry,) = report(SERVICE, [result], ListPlan([]))["services"]
    assert entry["error"]["msg"].endswith(message)
    for results in ([result], [result, service_result(error=FAILED)]):
        if any(result.error for result in results):
            _error, text = t.cast("tuple[TaskError, str]", failure(SERVICE, results, {**NONE, "failed": 1}))
            assert text.count(message) == 1


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        # What Twilio has instead of a URL may hold a secret anywhere.
        ("callback_url", "user:new@a.example (secret changed)"),
        ("unique_name", "user:new@a.example"),
    ],
)
def test_a_diff_says_that_only_a_secret_changed(field: str, shown: str) -> None:
    before, after = (service(**{field: f"user:{secret}@a.example"}) for secret in ("old", "new"))
    assert object_diff(SERVICE, Outcome(True, before, after))["after"][field] == shown


def test_a_failure_says_how_often_a_request_was_sent() -> None:
    texts = [failure_text(ApiError("read it", "It failed.", tries=tries)) for tries in (1, 2)]
    assert ["after" in text for text in texts] == [False, True]
    assert "(after 2 tries)." in texts[1]
