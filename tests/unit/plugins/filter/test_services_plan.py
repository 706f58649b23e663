# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of the changes of a run."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.twilio.proxy.plugins.filter.services_plan import COUNTS, FilterModule, services_plan
from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import OPERATIONS
from ansible_collections.twilio.proxy.plugins.module_utils._resources import ADVICE

SID = "KS" + "1" * 32
NOTHING = {"services": [], "phone_numbers": 0}


def entry(operation: str, name: str | None = "rides", *fields: str, **more: t.Any) -> dict[str, t.Any]:
    named = {"unique_name": name, "sid": SID}
    return {"operation": operation, **named, "changed_fields": list(fields), "changes": [], **more}


def number(operation: str, last: int, **more: t.Any) -> dict[str, t.Any]:
    phone_number = f"+1202555010{last}"
    return {"operation": operation, "sid": None, "phone_number": phone_number, "is_reserved": False, **more}


def numbers(*operations: str) -> dict[str, t.Any]:
    return {"phone_numbers": [number(operation, last) for last, operation in enumerate(operations)]}


def plan(*entries: dict[str, t.Any], **more: t.Any) -> list[str]:
    return services_plan({"services": list(entries), "not_listed": NOTHING, **more})


def test_the_layout_of_a_plan() -> None:
    failed = number("failed", 0, error={"msg": "The account does not own it."})
    assert plan(
        entry("created", "rides", "phone_numbers", **numbers("created", "created")),
        entry("unchanged", "as-it-was", **numbers("unchanged")),
        entry("updated", "日本", "default_ttl", "callback_url", "phone_numbers", **numbers("created", "deleted")),
        entry("updated", "pool only", "phone_numbers", **numbers("updated", "unchanged", "deleted", "deleted")),
        entry("deleted", "trial"),
        entry("failed", "broken", error={"msg": "Cannot create it."}),
        entry(
            "failed",
            "half",
            "default_ttl",
            phone_numbers=[failed, number("not_attempted", 1)],
            error=failed["error"],
        ),
        entry("not_attempted", "later"),
    ) == [
        "created  rides      +2 numbers",
        "  + +12025550100",
        "  + +12025550101",
        "updated  日本       default_ttl, callback_url, +1 number, -1 number",
        "  + +12025550100",
        "  - +12025550101",
        "updated  pool only  -2 numbers, 1 number changed",
        "  ~ +12025550100 (is_reserved: false)",
        "  - +12025550102",
        "  - +12025550103",
        "deleted  trial",
        "failed   broken     Cannot create it.",
        "failed   half       default_ttl, 1 number failed, 1 number not attempted: The account does not own it.",
        "  failed +12025550100",
        "1 created, 2 updated, 1 deleted, 1 unchanged, 2 failed, 1 not attempted.",
    ]


def test_an_error_is_shown_once() -> None:
    words = ("One", "Another")
    first, second = (number("failed", last, error={"msg": f"{word} number failed."}) for last, word in enumerate(words))
    error = {"msg": "The Service was created, and then: One number failed."}
    assert plan(entry("failed", "rides", phone_numbers=[first, second], error=error))[0] == (
        "failed  rides  2 numbers failed: The Service was created, and then: One number failed. Another number failed."
    )


def twilio_error(operation: str, request: int, message: str = "No.", code: int | None = 80506) -> dict[str, t.Any]:
    advice = f" {ADVICE[code]}" if code else ""
    return {
        "msg": f"Cannot {operation}: {message.rstrip('.')} (HTTP 403, request RQ{request}).{advice} Nothing changed.",
        "code": code,
        "message": message,
    }


def test_the_same_text_of_twilio_is_shown_once() -> None:
    errors = [twilio_error(f"create {name}", request) for request, name in enumerate("abc")]
    errors.append(twilio_error("create d", 3, "Another."))
    errors += [twilio_error(f"create {name}", 4, "Lost", code=None) for name in "ef"]
    entries = [entry("failed", error["msg"][14], error=error) for error in errors]
    short = [
        f"failed  {name}  Cannot create {name} (HTTP 403, request RQ{n}). Nothing changed."
        for n, name in enumerate("abc")
    ]
    in_full = [f"failed  {error['msg'][14]}  {error['msg']}" for error in errors]
    assert plan(*entries)[:-1] == [in_full[0], *short[1:], *in_full[3:]]
    # The message of the task has the first one.
    assert plan(*entries, **errors[0])[:-1] == [*short, *in_full[3:]]


def test_a_plan_is_in_the_future() -> None:
    entries = [entry("created", "a"), entry("updated", "b", "default_ttl"), entry("deleted", "c"), entry("unchanged")]
    assert services_plan({"services": entries, "not_listed": NOTHING, "check_mode": True}) == [
        "create  a",
        "update  b  default_ttl",
        "delete  c",
        "1 to create, 1 to update, 1 to delete, 1 unchanged.",
    ]


def test_a_number_with_unknown_digits_is_shown_by_its_sid() -> None:
    unknown = number("updated", 0, phone_number=None, sid="PN" + "1" * 32, is_reserved=True)
    assert plan(entry("updated", "rides", "phone_numbers", phone_numbers=[unknown]))[1] == (
        f"  ~ PN{'1' * 32} (is_reserved: true)"
    )


def test_a_renamed_service_is_shown_with_its_old_name() -> None:
    names = [
        {"field": "default_ttl", "before": 0, "after": 5},
        {"field": "unique_name", "before": "rides", "after": "x"},
    ]
    unnamed = [{"field": "unique_name", "before": None, "after": "y"}]
    assert plan(
        entry("updated", "x", "default_ttl", "unique_name", changes=names),
        entry("updated", "y", "unique_name", changes=unnamed),
        entry("updated", "parcels", "default_ttl", changes=names[:1]),
    )[:3] == [
        "updated  rides -> x  default_ttl, unique_name",
        "updated  y           unique_name",
        "updated  parcels     default_ttl",
    ]


@pytest.mark.parametrize(
    ("names", "numbers", "end"),
    [
        ([], 0, []),
        (["a"], 3, ["Not in the file, left alone: 1 Service, 3 numbers."]),
        (["a", "b"], 0, ["Not in the file, left alone: 2 Services."]),
        ([], 1, ["Not in the file, left alone: 1 number."]),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_what_is_left_alone_is_counted(check_mode: bool, names: list[str], numbers: int, end: list[str]) -> None:
    left = {"services": names, "phone_numbers": numbers}
    assert services_plan({"services": [], "not_listed": left, "check_mode": check_mode}) == ["No Services.", *end]


def test_unchanged_services_are_counted() -> None:
    assert plan(entry("unchanged"), entry("unchanged")) == ["2 unchanged."]
    assert plan() == ["No Services."]


def test_the_fields_of_a_new_service_are_not_shown_as_changes() -> None:
    assert plan(entry("created", "rides", "default_ttl"), entry("deleted", "trial", "default_ttl"))[:2] == [
        "created  rides",
        "deleted  trial",
    ]


def test_a_service_without_a_name_is_shown_by_its_sid() -> None:
    assert plan(entry("deleted", None), {**entry("failed", None), "sid": None})[:2] == [
        f"deleted  {SID}",
        "failed   (without a name)",
    ]


def test_control_characters_are_escaped() -> None:
    assert plan(entry("failed", "\x1b[31ma\nb\u202e\ud800", error={"msg": "No.\r\x9b1m"}))[0] == (
        r"failed  \x1b[31ma\nb\u202e\ud800  No.\r\x9b1m"
    )


def test_a_long_name_does_not_widen_the_column() -> None:
    lines = plan(entry("updated", "x" * 60, "default_ttl"), entry("updated", "e\u0301", "default_ttl"))
    assert lines[0] == f"updated  {'x' * 60}  default_ttl"
    assert lines[1] == f"updated  e\u0301{' ' * 39}  default_ttl"


def test_every_operation_of_a_number_has_a_text() -> None:
    assert {*COUNTS, "unchanged"} == {*OPERATIONS}


@pytest.mark.parametrize("result", [None, [], {}, {"services": None}])
def test_a_value_that_is_no_result_is_refused(result: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="no list services"):
        services_plan(result)


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"services_plan": services_plan}
