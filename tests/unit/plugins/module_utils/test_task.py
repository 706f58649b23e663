# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks about objects in a parent: the modules phone_number and phone_number_info."""

from __future__ import annotations

import re

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils._argspec import secrets_in
from ansible_collections.twilio.proxy.plugins.module_utils._resources import ADVICE, PHONE_NUMBER
from ansible_collections.twilio.proxy.plugins.module_utils._result import FAILURE_KEYS
from ansible_collections.twilio.proxy.plugins.module_utils._task import object_task, objects_task
from ansible_collections.twilio.proxy.plugins.modules import phone_number, phone_number_info

from .tasks import NULL, PASSWORD_URL, Result, Task
from .wire import (
    ABSENT,
    ACCOUNT,
    LIST,
    NUMBER_ABSENT,
    NUMBER_SID,
    NUMBER_TAKEN,
    OTHER_NUMBER_SID,
    OTHER_SID,
    REQUEST_ID,
    SID,
    Answer,
    error,
    number,
    numbers,
    page,
    pool,
    service,
)

NUMBER = "+12025550101"
POOL = pool(SID)
LIST_OF_SERVICES = ("GET", LIST, {"PageSize": "1000"})
LIST_OF_NUMBERS = ("GET", POOL, {"PageSize": "1000"})
BY_SID: Result = {"service_sid": SID, "phone_number": NUMBER}
BY_NAME: Result = {"service_unique_name": "rides", "phone_number": NUMBER}
#: A predicted number, of which only the options of the task are known.
NEW = {**dict.fromkeys(number()), "account_sid": ACCOUNT, "is_reserved": False, "in_use": 0}
NO_REQUEST = " No request was sent."


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Task:
    """Return a runner of the modules of phone numbers."""
    # Made anew, so that mutation testing changes how they are made.
    monkeypatch.setattr(phone_number, "TASK", object_task(PHONE_NUMBER))
    monkeypatch.setattr(phone_number_info, "TASK", objects_task(PHONE_NUMBER))
    return Task(monkeypatch, capsys, phone_number, phone_number_info)


def failure_details(result: Result) -> Result:
    """Return the values of a failure other than its message."""
    return {key: result[key] for key in ("failed", "changed", *FAILURE_KEYS)}


REFUSED = {"failed": True, "changed": False, **dict.fromkeys(FAILURE_KEYS)}


def test_a_number_is_added(task: Task) -> None:
    result = task(numbers(), Answer(201, number()), **BY_SID)
    assert (result["changed"], result["phone_number"]) == (True, number())
    assert "diff" not in result
    assert task.wire.requests == [LIST_OF_NUMBERS, ("POST", POOL, {"PhoneNumber": NUMBER})]
    assert task.warnings == []


def test_a_number_is_added_to_a_service_with_this_name(task: Task) -> None:
    result = task(page(service()), numbers(), Answer(201, number(is_reserved=True)), **BY_NAME, is_reserved=True)
    assert result["phone_number"]["is_reserved"] is True
    added = ("POST", POOL, {"PhoneNumber": NUMBER, "IsReserved": "true"})
    assert task.wire.requests == [LIST_OF_SERVICES, LIST_OF_NUMBERS, added]


def test_a_number_is_added_by_sid(task: Task) -> None:
    result = task(NUMBER_ABSENT, Answer(201, number()), service_sid=SID, sid=NUMBER_SID, _ansible_diff=True)
    assert result["phone_number"] == number()
    assert task.wire.requests == [("GET", f"{POOL}/{NUMBER_SID}", {}), ("POST", POOL, {"Sid": NUMBER_SID})]
    assert result["diff"] == {
        "before": None,
        "after": {"sid": NUMBER_SID, "phone_number": NUMBER, "is_reserved": False},
        "before_header": "no phone number",
        "after_header": f"phone number {NUMBER} ({NUMBER_SID})",
    }


@pytest.mark.parametrize("options", [{}, {"is_reserved": False}])
def test_a_number_in_the_pool_is_not_added(options: Result, task: Task) -> None:
    result = task(numbers(number()), **BY_SID, **options, _ansible_diff=True)
    assert (result["changed"], result["phone_number"]) == (False, number())
    assert "diff" not in result


def test_an_option_that_is_left_out_is_not_managed(task: Task) -> None:
    existing = number(is_reserved=True)
    result = task(numbers(existing), **BY_SID)
    assert (result["changed"], result["phone_number"]) == (False, existing)
    assert task(numbers(existing), **BY_SID, is_reserved=NULL)["changed"] is False


@pytest.mark.parametrize(("before", "after", "sent"), [(False, True, "true"), (True, False, "false")])
def test_a_number_is_reserved_or_released(before: bool, after: bool, sent: str, task: Task) -> None:
    result = task(
        numbers(number(is_reserved=before)),
        Answer(200, number(is_reserved=after)),
        **BY_SID,
        is_reserved=after,
        _ansible_diff=True,
    )
    assert (result["changed"], result["phone_number"]) == (True, number(is_reserved=after))
    assert task.wire.requests[1:] == [("POST", f"{POOL}/{NUMBER_SID}", {"IsReserved": sent})]
    unchanged_fields = {"sid": NUMBER_SID, "phone_number": NUMBER}
    assert result["diff"]["before"] == {**unchanged_fields, "is_reserved": before}
    assert result["diff"]["after"] == {**unchanged_fields, "is_reserved": after}


def test_a_number_is_removed(task: Task) -> None:
    result = task(numbers(number()), Answer(204), **BY_SID, state="absent", _ansible_diff=True)
    assert (result["changed"], result["phone_number"]) == (True, number())
    assert task.wire.requests[1:] == [("DELETE", f"{POOL}/{NUMBER_SID}", {})]
    assert (result["diff"]["after"], result["diff"]["after_header"]) == (None, "no phone number")


def test_a_number_is_removed_by_its_sid(task: Task) -> None:
    task(Answer(200, number()), Answer(204), service_sid=SID, sid=NUMBER_SID, state="absent")
    assert [request[:2] for request in task.wire.requests] == [
        ("GET", f"{POOL}/{NUMBER_SID}"),
        ("DELETE", f"{POOL}/{NUMBER_SID}"),
    ]


@pytest.mark.parametrize(
    ("options", "answers"),
    [
        (BY_SID, [numbers()]),
        ({"service_sid": SID, "sid": NUMBER_SID}, [NUMBER_ABSENT]),
        # An absent Service has no numbers.
        (BY_SID, [ABSENT]),
        ({"service_sid": SID, "sid": NUMBER_SID}, [ABSENT]),
        (BY_NAME, [page()]),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_removing_a_number_that_is_not_in_the_pool_changes_nothing(
    options: Result, answers: list[Answer], check_mode: bool, task: Task
) -> None:
    result = task(*answers, **options, state="absent", _ansible_check_mode=check_mode)
    assert (result["changed"], result["phone_number"]) == (False, {})
    assert task.warnings == []


@pytest.mark.parametrize(
    ("options", "answers"),
    [
        (BY_SID, [numbers()]),
        ({"service_sid": SID, "sid": NUMBER_SID}, [NUMBER_ABSENT]),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_a_number_that_is_not_in_the_pool_is_left_alone_without_create(
    options: Result, answers: list[Answer], check_mode: bool, task: Task
) -> None:
    result = task(*answers, **options, is_reserved=True, create=False, _ansible_check_mode=check_mode)
    assert (result["changed"], result["phone_number"]) == (False, {})


def test_a_number_that_is_removed_in_the_meantime_is_not_added_again_without_create(task: Task) -> None:
    answers = [Answer(200, number()), NUMBER_ABSENT, NUMBER_ABSENT]
    result = task(*answers, service_sid=SID, sid=NUMBER_SID, is_reserved=True, create=False)
    assert (result["changed"], result["phone_number"]) == (False, {})
    path = f"{POOL}/{NUMBER_SID}"
    assert task.wire.requests == [("GET", path, {}), ("POST", path, {"IsReserved": "true"}), ("GET", path, {})]


def test_without_create_a_service_has_to_exist(task: Task) -> None:
    assert task(page(), **BY_NAME, create=False)["failed"]
    predicted = task(page(), **BY_NAME, create=False, _ansible_check_mode=True)
    assert (predicted["changed"], predicted["phone_number"]) == (False, {})


def test_create_without_a_value_is_an_error(task: Task) -> None:
    assert "'create'" in task(**BY_SID, create=NULL)["msg"]
    assert task.wire.requests == []


@pytest.mark.parametrize(
    ("options", "answers", "predicted"),
    [
        (BY_SID, [numbers()], {**NEW, "service_sid": SID, "phone_number": NUMBER}),
        (
            {**BY_NAME, "is_reserved": True},
            [page(service()), numbers()],
            {**NEW, "service_sid": SID, "phone_number": NUMBER, "is_reserved": True},
        ),
        (
            {"service_sid": SID, "sid": NUMBER_SID},
            [NUMBER_ABSENT, Answer(200, service())],
            {**NEW, "service_sid": SID, "sid": NUMBER_SID},
        ),
        (
            {**BY_SID, "is_reserved": True},
            [numbers(number())],
            {**number(), "is_reserved": True, "date_updated": None},
        ),
        ({**BY_SID, "state": "absent"}, [numbers(number())], number()),
    ],
)
def test_check_mode_predicts_and_sends_no_change(
    options: Result, answers: list[Answer], predicted: Result, task: Task
) -> None:
    result = task(*answers, **options, _ansible_check_mode=True)
    assert (result["changed"], result["phone_number"]) == (True, predicted)
    assert {request[0] for request in task.wire.requests} == {"GET"}
    assert task.warnings == []


def test_the_diff_of_a_prediction_has_the_known_values(task: Task) -> None:
    result = task(
        NUMBER_ABSENT,
        Answer(200, service()),
        service_sid=SID,
        sid=NUMBER_SID,
        _ansible_check_mode=True,
        _ansible_diff=True,
    )
    assert result["diff"]["after_header"] == f"phone number {NUMBER_SID}"
    assert result["diff"]["after"] == {"sid": NUMBER_SID, "phone_number": None, "is_reserved": False}


def test_adding_to_an_absent_service_fails(task: Task) -> None:
    result = task(page(service(unique_name="Rides")), **BY_NAME)
    assert result["msg"] == (
        "There is no Service 'rides'. The module twilio.proxy.service_info lists all names. Nothing was changed."
    )
    assert failure_details(result) == REFUSED
    result = task(ABSENT, **BY_SID)
    assert result["msg"] == (
        "Cannot list the phone numbers: Invalid Service Sid"
        f" (HTTP 400, code 80408, request {REQUEST_ID}). {ADVICE[80408]} Nothing was changed."
    )
    assert failure_details(result)["code"] == 80408


def test_check_mode_fails_if_the_service_sid_does_not_exist(task: Task) -> None:
    assert task(ABSENT, **BY_SID, _ansible_check_mode=True)["code"] == 80408
    result = task(NUMBER_ABSENT, ABSENT, service_sid=SID, sid=NUMBER_SID, _ansible_check_mode=True)
    assert result["msg"].startswith(f"There is no Service {SID}. ")


@pytest.mark.parametrize(
    ("names_of_parent", "answers", "why"),
    [
        ({"service_unique_name": "rides"}, [page()], "There is no Service 'rides' yet."),
        ({"service_sid": NULL}, [], "There is no Service yet, because service_sid is null."),
        ({"service_unique_name": NULL}, [], "There is no Service yet, because service_unique_name is null."),
        # ansible-core before 2.19 converts the null of a template to "".
        ({"service_sid": ""}, [], "There is no Service yet, because service_sid is null."),
    ],
)
def test_check_mode_assumes_a_service_that_an_earlier_task_would_create(
    names_of_parent: Result, answers: list[Answer], why: str, task: Task
) -> None:
    result = task(*answers, **names_of_parent, phone_number=NUMBER, _ansible_check_mode=True, _ansible_diff=True)
    assert (result["changed"], result["phone_number"]) == (True, {**NEW, "phone_number": NUMBER})
    assert result["diff"]["after"] == {"sid": None, "phone_number": NUMBER, "is_reserved": False}
    assert task.warnings == [f"{why} If no earlier task creates it, this one will fail."]
    absent = task(*answers, **names_of_parent, phone_number=NUMBER, state="absent", _ansible_check_mode=True)
    assert (absent["changed"], absent["phone_number"], task.warnings) == (False, {}, [])


@pytest.mark.parametrize("info", [False, True])
@pytest.mark.parametrize("name", ["service_sid", "service_unique_name"])
def test_a_service_without_a_value_is_refused(name: str, info: bool, task: Task) -> None:
    options: Result = {"phone_number": NUMBER, name: NULL}
    result = task(info=info, **options)
    assert result["msg"].startswith(f"{name}: the value is null.")
    assert result["msg"].endswith(NO_REQUEST)
    assert failure_details(result) == REFUSED


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("name", ["sid", "phone_number"])
def test_a_number_without_a_value_is_refused(name: str, check_mode: bool, task: Task) -> None:
    options: Result = {"service_sid": SID, name: NULL}
    result = task(**options, _ansible_check_mode=check_mode)
    assert result["msg"].startswith(f"{name}: the value is null.")
    assert result["msg"].endswith(NO_REQUEST)


def test_all_wrong_options_are_reported_before_any_request(task: Task) -> None:
    result = task(service_sid="KS1", phone_number="+02025550101", timeout=0)
    assert re.findall(r"(\w+): \S+ is not", result["msg"]) == ["phone_number", "service_sid", "timeout"]
    assert result["msg"].endswith(NO_REQUEST)
    assert failure_details(result) == REFUSED
    assert task.wire.requests == []


WRONG: dict[str, tuple[Result, str]] = {
    "sid": ({"service_sid": SID, "sid": "PN1"}, "sid: 'PN1' is not "),
    "no plus": ({**BY_SID, "phone_number": "12025550101"}, "phone_number: '12025550101' is not "),
    "no text": (
        {**BY_SID, "phone_number": 12025550101},
        "phone_number: 12025550101 is not a string. Put it in quotes",
    ),
    "a parent name that is no text": (
        {**BY_NAME, "service_unique_name": True},
        "service_unique_name: True is not a string. ",
    ),
    "empty": ({**BY_SID, "phone_number": ""}, "phone_number: '' is not "),
    "empty parent name": (
        {**BY_NAME, "service_unique_name": ""},
        "service_unique_name: '' is not ",
    ),
    "empty sid": ({"service_sid": SID, "sid": ""}, "sid: '' is not "),
    "empty parent SID": ({**BY_SID, "service_sid": ""}, "service_sid: '' is not "),
    "sid for a name": ({**BY_SID, "service_sid": "rides"}, "service_sid: 'rides' is not "),
}


@pytest.mark.parametrize("info", [False, True])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_option_is_refused(wrong: str, info: bool, task: Task) -> None:
    options, words = WRONG[wrong]
    msg = task(info=info, **options)["msg"]
    assert msg.startswith(words)
    assert msg.endswith(NO_REQUEST)


@pytest.mark.parametrize("info", [False, True])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"phone_number": NUMBER}, "one of the following is required: service_sid, service_unique_name"),
        ({**BY_SID, **BY_NAME}, "parameters are mutually exclusive: service_sid|service_unique_name"),
        ({**BY_SID, "sid": NUMBER_SID}, "parameters are mutually exclusive: sid|phone_number"),
    ],
)
def test_options_that_require_or_exclude_each_other(options: Result, words: str, info: bool, task: Task) -> None:
    result = task(info=info, **options)
    assert result["msg"] == words
    assert failure_details(result) == REFUSED


def test_a_number_has_to_be_named(task: Task) -> None:
    assert task(service_sid=SID)["msg"] == "one of the following is required: sid, phone_number"


@pytest.mark.parametrize("code", [80101, 80301])
def test_a_number_that_cannot_be_added_fails_with_advice(code: int, task: Task) -> None:
    result = task(numbers(), error(400, code, "No."), **BY_SID)
    assert result["msg"] == (
        f"Cannot add the phone number '{NUMBER}': No (HTTP 400, code {code}, request {REQUEST_ID})."
        f" {ADVICE[code]} Nothing was changed."
    )
    assert failure_details(result) == {
        "failed": True,
        "changed": False,
        "status": 400,
        "code": code,
        "message": "No.",
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "request_id": REQUEST_ID,
    }


def test_a_number_that_somebody_else_added_is_no_change(task: Task) -> None:
    result = task(numbers(), NUMBER_TAKEN, numbers(number()), **BY_SID)
    assert (result["changed"], result["phone_number"]) == (False, number())


def test_a_lost_answer_counts_as_a_change(task: Task) -> None:
    lost = error(503, 20503, "Later.")
    result = task(numbers(), lost, numbers(number()), **BY_SID)
    assert (result["changed"], result["phone_number"]) == (True, number())
    result = task(numbers(), lost, error(403, 20003, "No."), **BY_SID)
    assert (result["failed"], result["changed"]) == (True, True)
    assert "It is not known whether the change was made" in result["msg"]
    assert "Nothing was changed" not in result["msg"]


def test_a_value_that_twilio_did_not_accept_is_a_warning(task: Task) -> None:
    task(numbers(number()), Answer(200, number()), **BY_SID, is_reserved=True)
    assert task.warnings == [
        "is_reserved was set to True, but Twilio answered with False: this task will report a change each time it runs."
    ]


def test_all_numbers_are_read(task: Task) -> None:
    existing = [number(), number(sid=OTHER_NUMBER_SID, phone_number="+12025550102")]
    result = task(numbers(*existing), info=True, service_sid=SID)
    assert (result["changed"], result["phone_numbers"]) == (False, existing)
    assert task.wire.requests == [LIST_OF_NUMBERS]
    result = task(page(service()), numbers(*existing), info=True, service_unique_name="rides", properties=["in_use"])
    assert result["phone_numbers"] == [{"in_use": 0}, {"in_use": 0}]
    assert task.wire.requests == [LIST_OF_SERVICES, LIST_OF_NUMBERS]


def test_one_number_is_read(task: Task) -> None:
    assert task(numbers(number()), info=True, **BY_SID)["phone_numbers"] == [number()]
    assert task(numbers(), info=True, **BY_SID)["phone_numbers"] == []
    assert task(Answer(200, number()), info=True, service_sid=SID, sid=NUMBER_SID)["phone_numbers"] == [number()]
    existing = Answer(200, service())
    assert task(NUMBER_ABSENT, existing, info=True, service_sid=SID, sid=NUMBER_SID)["phone_numbers"] == []


def test_pages_and_limit_of_reading(task: Task) -> None:
    existing = [number(), number(sid=OTHER_NUMBER_SID, phone_number="+12025550102")]
    result = task(numbers(*existing), info=True, service_sid=SID, page_size=9, limit=1)
    assert result["phone_numbers"] == existing[:1]
    assert task.wire.requests == [("GET", POOL, {"PageSize": "9"})]
    msg = task(info=True, service_sid=SID, page_size=0, limit=0)["msg"]
    assert re.findall(r"(\w+): 0 is not", msg) == ["page_size", "limit"]


def test_reading_the_numbers_of_an_absent_service_fails(task: Task) -> None:
    result = task(page(service(unique_name="Rides")), info=True, service_unique_name="rides")
    assert result["msg"] == (
        "There is no Service 'rides'. The module twilio.proxy.service_info lists all names. Nothing was changed."
    )
    assert failure_details(result) == REFUSED
    assert task(ABSENT, info=True, service_sid=SID)["msg"].startswith("Cannot list the phone numbers: Invalid Service")
    result = task(NUMBER_ABSENT, ABSENT, info=True, service_sid=SID, sid=NUMBER_SID)
    assert result["msg"].startswith(f"There is no Service {SID}. ")
    assert failure_details(result) == REFUSED


@pytest.mark.parametrize(
    ("options", "answers"),
    [
        ({"service_sid": NULL}, []),
        ({"service_unique_name": "rides"}, [page()]),
        ({"service_sid": SID, "sid": NULL}, []),
        ({"service_sid": SID, "sid": ""}, []),
        ({"service_sid": ""}, []),
        ({"service_sid": SID, "phone_number": NULL}, []),
    ],
)
def test_in_check_mode_info_finds_nothing_of_predicted_objects(
    options: Result, answers: list[Answer], task: Task
) -> None:
    result = task(*answers, info=True, **options, _ansible_check_mode=True)
    assert (result["changed"], result["phone_numbers"]) == (False, [])
    assert "failed" not in result


@pytest.mark.parametrize("name", ["sid", "phone_number"])
def test_a_null_number_does_not_select_all_numbers(name: str, task: Task) -> None:
    options: Result = {"service_sid": SID, name: NULL}
    msg = task(info=True, **options)["msg"]
    assert msg.startswith(f"{name}: the value is null.")


def test_secrets_are_found_at_any_depth() -> None:
    deep = {
        "services": [{"callback_url": PASSWORD_URL, "links": {"a": ("x", "https://u:other@h/")}}],
        "n": 1,
        "m": None,
    }
    assert sorted(secrets_in(deep)) == ["//u:other@", "//user:pw@"]
    # An invalid URL may hold a password with characters that are invalid in a URL.
    assert list(secrets_in({"intercept_callback_url": "https://u:a/b@h"})) == ["//u:a/b@"]
    assert list(secrets_in({"base_url": "https://u:a/b@h"})) == ["//u:a/b@"]
    assert list(secrets_in({"unique_name": "https://u:a/b@h"})) == []
    assert list(secrets_in({"callback_url": "https://h/?token=t&x=1"})) == ["token=t"]
    assert list(secrets_in("no secret: a@b")) == []


def test_the_service_with_the_given_name_is_selected(task: Task) -> None:
    existing = page(service(sid=OTHER_SID, unique_name="deliveries"), service())
    task(existing, numbers(number()), **BY_NAME)
    assert task.wire.requests == [LIST_OF_SERVICES, LIST_OF_NUMBERS]


def test_a_returned_number_has_the_fields_of_the_table(task: Task) -> None:
    result = task(numbers(number(uri="more")), **BY_SID)
    assert list(result["phone_number"]) == [field.name for field in PHONE_NUMBER.fields]
