# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks about many objects: the modules services and services_info, from their options to their results."""

from __future__ import annotations

import base64
import re
import signal
import sys
import threading
import typing as t

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils import _bulk, _module
from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import OPERATIONS
from ansible_collections.twilio.proxy.plugins.module_utils._bulk_task import list_task, read_list_task
from ansible_collections.twilio.proxy.plugins.module_utils._plan import why_not
from ansible_collections.twilio.proxy.plugins.module_utils._resources import ADVICE, SERVICE
from ansible_collections.twilio.proxy.plugins.module_utils._result import FAILURE_KEYS, RUN_AGAIN
from ansible_collections.twilio.proxy.plugins.modules import services as services_module
from ansible_collections.twilio.proxy.plugins.modules import services_info

from .tasks import NULL, PASSWORD_URL, Result, Routes, Task
from .test_as_entries import ALL
from .wire import (
    ACCOUNT,
    LIST,
    NUMBER_SID,
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

ONE, TWO, THREE = "+12025550101", "+12025550102", "+12025550103"
TRIPS = service(sid=OTHER_SID, unique_name="trips")
SECOND = number(sid=OTHER_NUMBER_SID, phone_number=TWO)
NO_REQUEST = " No request was sent."
THE_REST = f" Requests in progress were completed; no new ones were started. Fix the cause. {RUN_AGAIN}"
GET_LIST, POST_LIST = ("GET", LIST), ("POST", LIST)
GET_POOL, POST_POOL = ("GET", pool(SID)), ("POST", pool(SID))
RIDES = f"{LIST}/{SID}"
THE_NUMBER = f"{pool(SID)}/{NUMBER_SID}"
#: A predicted Service, of which only the options of the task are known.
NEW = {
    **service(unique_name="new"),
    **dict.fromkeys(("sid", "date_created", "date_updated", "url", "links")),
}


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Task:
    """Return a runner of the modules of many Services."""
    # Made anew, so that mutation testing changes how they are made.
    monkeypatch.setattr(services_module, "TASK", list_task(SERVICE))
    monkeypatch.setattr(services_info, "TASK", read_list_task(SERVICE))
    return Task(monkeypatch, capsys, services_module, services_info)


def summary(**counts: int) -> dict[str, int]:
    return {**dict.fromkeys(OPERATIONS, 0), **counts}


def entry(operation: str, item: t.Mapping[str, t.Any], *changed_fields: str, **more: t.Any) -> Result:
    """Return the result of an entry of ``services`` whose Service is ``item``; a field had its default before."""
    named = {"unique_name": item.get("unique_name"), "sid": item.get("sid")}
    changes = [
        {"field": field, "before": service()[field], "after": item[field]}
        for field in changed_fields
        if field != "phone_numbers"
    ]
    fields = {"changed_fields": list(changed_fields), "changes": changes}
    return {"operation": operation, **named, "service": item, **fields, **more}


def not_attempted(unique_name: str | None = None, sid: str | None = None, **more: t.Any) -> Result:
    """Return the result of an entry that was not attempted."""
    return {**entry("not_attempted", {}), "unique_name": unique_name, "sid": sid, **more}


def number_result(operation: str, item: t.Mapping[str, t.Any], **more: t.Any) -> Result:
    """Return the result of a number of an entry."""
    return {"operation": operation, **{name: item[name] for name in ("sid", "phone_number", "is_reserved")}, **more}


def entry_error(msg: str, status: int | None = None, code: int | None = None, message: str | None = None) -> Result:
    """Return the error of an entry."""
    link = None if code is None else f"https://www.twilio.com/docs/errors/{code}"
    request_id = None if status is None else REQUEST_ID
    values = {"status": status, "code": code, "message": message, "more_info": link, "request_id": request_id}
    return {"msg": msg, **values}


def requests_that_change(task: Task) -> list[t.Any]:
    return [request for request in task.router.requests if request[0] != "GET"]


# Wrong options


def test_all_problems_are_reported_at_once_with_their_place(task: Task) -> None:
    result = task.routed(
        {},
        services=[
            {"unique_name": "a", "callback_url": "/status", "chat_instance_sid": "IS1"},
            {"unique_name": "", "default_ttl": -1, "phone_numbers": [{"phone_number": ONE}, {"sid": "PN1"}]},
            {"sid": "KS1", "phone_numbers": [{"phone_number": "2025550101"}]},
            {"unique_name": "b", "state": "absent", "phone_numbers": []},
            {"sid": None, "unique_name": "c"},
            {"unique_name": None},
            {"unique_name": "d", "phone_numbers": [{"sid": None}, {"phone_number": None}]},
        ],
        concurrency=17,
        max_deletions=-1,
        prune_matching="",
        timeout=0,
    )
    assert re.findall(
        r"(\S+?)(?: \((?:'[^']*'(?:, )?)+\))?: (?:\S+ is not|the value is (?:null|empty)|'absent' cannot)",
        result["msg"],
    ) == [
        "services[0].callback_url",
        "services[0].chat_instance_sid",
        "services[1].default_ttl",
        "services[1].phone_numbers[1].sid",
        "services[1].unique_name",
        "services[2].phone_numbers[0].phone_number",
        "services[2].sid",
        "services[3].state",
        "services[4].sid",
        "services[5].unique_name",
        "services[6].phone_numbers[0].sid",
        "services[6].phone_numbers[1].phone_number",
        "concurrency",
        "prune_matching",
        "max_deletions",
        "timeout",
    ]
    assert " services[1].phone_numbers[1].sid: 'PN1' is not" in result["msg"]
    assert " services[4].sid ('c'): the value is null. " in result["msg"]
    assert result["msg"].endswith(NO_REQUEST)
    assert task.router.requests == []
    assert [result[key] for key in FAILURE_KEYS] == [None] * len(FAILURE_KEYS)
    assert (result["failed"], result["changed"]) == (True, False)


def test_a_refused_task_reports_that_nothing_was_attempted(task: Task) -> None:
    result = task.routed(
        {},
        services=[
            {"unique_name": "a", "default_ttl": -1, "phone_numbers": [{"phone_number": ONE, "is_reserved": True}]},
            {"sid": SID, "state": "absent"},
            {"unique_name": "b", "phone_numbers": [{"sid": NUMBER_SID}]},
        ],
    )
    first = {"operation": "not_attempted", "sid": None, "phone_number": ONE, "is_reserved": True}
    second = {"operation": "not_attempted", "sid": NUMBER_SID, "phone_number": None, "is_reserved": None}
    assert result["services"] == [
        not_attempted("a", phone_numbers=[first]),
        not_attempted(sid=SID),
        not_attempted("b", phone_numbers=[second]),
    ]
    assert result["summary"] == summary(not_attempted=3)


def test_problems_found_while_planning_have_their_place(task: Task) -> None:
    listed = [{"sid": SID}, {"unique_name": "rides"}, {"sid": OTHER_SID}]
    result = task.routed({GET_LIST: [page(service())]}, services=listed)
    assert result["msg"].startswith(
        f"services[0] ('{SID}') and services[1] ('rides') both name the Service {SID}."
        f" services[2] ('{OTHER_SID}'): There "
    )
    assert result["msg"].endswith(" Nothing was changed.")
    assert result["services"] == [not_attempted(sid=SID), not_attempted("rides"), not_attempted(sid=OTHER_SID)]
    assert (result["changed"], result["summary"]) == (False, summary(not_attempted=3))


@pytest.mark.parametrize("concurrency", [0, 17])
@pytest.mark.parametrize("info", [False, True])
def test_the_limits_of_concurrency(info: bool, concurrency: int, task: Task) -> None:
    options: Result = {} if info else {"services": [{"unique_name": "a"}]}
    msg = task.routed({}, info=info, concurrency=concurrency, **options)["msg"]
    assert msg.startswith(f"concurrency: {concurrency} is not ")
    assert task.clients == []


@pytest.mark.parametrize(("concurrency", "clients"), [(None, 4), (1, 1), (16, 16)])
@pytest.mark.parametrize("info", [False, True])
def test_each_request_in_flight_has_a_client(info: bool, concurrency: int | None, clients: int, task: Task) -> None:
    options: Result = {} if info else {"services": []}
    result = task.routed({GET_LIST: [page()]}, info=info, concurrency=concurrency, **options)
    assert result["services"] == []
    assert len(task.clients) == clients


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(team", "missing ), unterminated subpattern at position 0"),
        ("*", "nothing to repeat at position 0"),
        ("a{99999999999999999999}", "the repetition number is too large"),
    ],
)
def test_an_invalid_regular_expression_is_refused(pattern: str, why: str, task: Task) -> None:
    msg = task.routed({}, services=[{"unique_name": "a"}], prune_matching=pattern)["msg"]
    assert msg == f"prune_matching: '{pattern}' is not a regular expression: {why}." + NO_REQUEST


def test_an_empty_list_does_not_delete_everything(task: Task) -> None:
    result = task.routed({}, services=[], prune=True)
    assert result["msg"] == (
        "prune: services is empty, so every Service would be deleted. If you want that, set allow_empty to true."
        + NO_REQUEST
    )
    assert (result["services"], result["summary"]) == ([], summary())
    assert task.router.requests == []


def test_an_empty_list_deletes_everything_if_max_deletions_allows_it(task: Task) -> None:
    routes = {GET_LIST: [page(service())], ("DELETE", RIDES): [Answer(204)]}
    result = task.routed(routes, services=[], prune=True, allow_empty=True)
    assert result["services"] == [entry("deleted", service())]
    assert (result["changed"], result["summary"]) == (True, summary(deleted=1))


def test_an_empty_list_without_pruning_changes_nothing(task: Task) -> None:
    result = task.routed({GET_LIST: [page(service())]}, services=[])
    assert (result["changed"], result["services"], result["summary"]) == (False, [], summary())


WRONG_FOR_ANSIBLE: dict[str, tuple[t.Any, list[str]]] = {
    "no name": ([{"default_ttl": 5}], ["services[0]: sid or unique_name is missing"]),
    "two names of a number": (
        [{"unique_name": "a", "phone_numbers": [{"sid": NUMBER_SID, "phone_number": ONE}]}],
        [f"services[0].phone_numbers[0].phone_number ('a', '{NUMBER_SID}'): '{ONE}' cannot be "],
    ),
    "no name of a number": (
        [{"unique_name": "a"}, {"unique_name": "b", "phone_numbers": [{"is_reserved": True}]}],
        ["services[1].phone_numbers[0] ('b'): sid or phone_number is missing"],
    ),
    "two mistakes": (
        [{"unique_name": "a"}, {"unique_name": "b", "colour": "red", "default_ttl": "soon"}],
        [
            "services[1] ('b'): unknown option 'colour'; the options are sid, ",
            "services[1].default_ttl ('b'): 'soon' is not ",
        ],
    ),
    "choice": (
        [{"unique_name": "a", "geo_match_level": "town"}],
        ["services[0].geo_match_level ('a'): 'town' is not "],
    ),
    "one name twice": (
        [{"unique_name": "a"}, {"unique_name": "b", "geo_match_level": "town"}, {"unique_name": "a"}],
        [
            "services[1].geo_match_level ('b'): 'town' is",
            "services[0] ('a') and services[2] ('a') both have the unique_name 'a'.",
        ],
    ),
    "null": (NULL, ["services: null is not "]),
    "null entry": ([{"unique_name": "a"}, None], ["services[1]: null is not "]),
}


@pytest.mark.parametrize("wrong", WRONG_FOR_ANSIBLE)
def test_a_refusal_by_ansible_has_its_place(wrong: str, task: Task) -> None:
    listed, sentences = WRONG_FOR_ANSIBLE[wrong]
    result = task.routed({}, services=listed)
    for sentence in sentences:
        assert re.search(rf"(?:^|\. ){re.escape(sentence)}", result["msg"])
    assert task.router.requests == []


@pytest.mark.parametrize("options", [{"services": [{}]}, {"services": NULL}, {}, {"services": [], "prune": "perhaps"}])
def test_a_refusal_by_ansible_has_the_keys_of_a_failure(options: Result, task: Task) -> None:
    result = task.routed({}, **options)
    assert {key: result[key] for key in ("failed", "changed", *FAILURE_KEYS)} == {
        "failed": True,
        "changed": False,
        **dict.fromkeys(FAILURE_KEYS),
    }
    assert (result["services"], result["summary"]) == ([], summary())
    assert result["not_listed"] == {"services": [], "phone_numbers": 0}


def test_a_wrong_list_is_refused_also_without_jsonschema(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """jsonschema is installed, but cannot be imported."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: object())
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    by_ansible = "one of the following is required: sid, unique_name found in services"
    assert task.routed({}, services=[{"default_ttl": 5}])["msg"] == by_ansible
    msg = task.routed({}, services=[{"unique_name": 83}])["msg"]
    assert msg.startswith("services[0].unique_name: 83 is not a string.")
    wrong = [{"unique_name": "a", "default_ttl": -1}, {"unique_name": "a", "sid": None, "state": "absent"}]
    msg = task.routed({}, services=[*wrong, {"unique_name": "b", "state": "absent", "phone_numbers": []}])["msg"]
    for sentence in (
        "services[0].default_ttl ('a'): -1 is not ",
        "services[1].sid ('a'): the value is null.",
        "services[2].state ('b'): 'absent' cannot be ",
        "services[0] ('a') and services[1] ('a') both have the unique_name 'a'.",
    ):
        assert sentence in msg
    assert task.routed({GET_LIST: [page(service())]}, services=[{"unique_name": "rides"}])["changed"] is False


def test_what_is_null_and_not_managed_is_not_told_beside_what_ansible_refuses(task: Task) -> None:
    listed = [{"unique_name": "a", "default_ttl": None, "phone_numbers": [{"phone_number": ONE, "is_reserved": None}]}]
    assert "null" not in task.routed({}, services=[*listed, {"unique_name": "b", "geo_match_level": "town"}])["msg"]


def test_a_refusal_of_another_option_has_no_place_in_the_list(task: Task) -> None:
    for result in (task.routed({}, services=[{"unique_name": "a"}], prune="maybe"), task.routed({}, prune="maybe")):
        assert result["msg"].startswith("prune: 'maybe' is not true or false.")


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("unique_name=new", "services: 'unique_name=new' is not "),
        (['{"unique_name": 83}'], "services[0]: '{\"unique_name\": 83}' is not "),
        (
            [{"unique_name": "a", "phone_numbers": f"phone_number={ONE}"}],
            f"services[0].phone_numbers ('a'): 'phone_number={ONE}' is not ",
        ),
        (
            [{"unique_name": "a", "phone_numbers": [f"phone_number={ONE}"]}],
            f"services[0].phone_numbers[0] ('a'): 'phone_number={ONE}' is not ",
        ),
    ],
)
def test_a_value_that_is_no_text_is_not_converted(written: t.Any, sentence: str, task: Task) -> None:
    result = task.routed({}, services=written)
    assert result["msg"].startswith(sentence)
    assert (result["services"], result["summary"]) == ([], summary())


# Results


def test_an_account_as_desired_is_not_changed(task: Task) -> None:
    result = task.routed(
        {GET_LIST: [page(service(), TRIPS)], GET_POOL: [numbers(number(is_reserved=True), SECOND)]},
        services=[
            {"sid": OTHER_SID},
            {"unique_name": "rides", "default_ttl": 0, "phone_numbers": [{"phone_number": ONE}]},
            {"unique_name": "old", "state": "absent"},
        ],
        _ansible_diff=True,
    )
    assert result["services"] == [
        entry("unchanged", TRIPS),
        entry("unchanged", service(), phone_numbers=[number_result("unchanged", number(is_reserved=True))]),
        {**entry("unchanged", {}), "unique_name": "old"},
    ]
    assert (result["changed"], result["summary"]) == (False, summary(unchanged=3))
    assert "diff" not in result
    assert task.warnings == []


#: All operations of entries, in one task.
EVERYTHING: list[Result] = [
    {"unique_name": "new", "default_ttl": 5, "phone_numbers": [{"phone_number": THREE, "is_reserved": True}]},
    {
        "sid": SID,
        "unique_name": "drives",
        "callback_url": "https://example.com/status",
        "phone_numbers": [{"sid": OTHER_NUMBER_SID, "is_reserved": True}, {"sid": NUMBER_SID}],
    },
    {"unique_name": "old", "state": "absent"},
    {"unique_name": "trips", "phone_numbers": []},
]
OLD = service(sid="KS" + "3" * 32, unique_name="old")
STRAY = service(sid="KS" + "4" * 32, unique_name="stray")
OF_TRIPS = number(sid="PN" + "4" * 32, service_sid=OTHER_SID, phone_number="+12025550104")
MADE = service(sid="KS" + "5" * 32, unique_name="new", default_ttl=5)
DRIVES = service(unique_name="drives", callback_url="https://example.com/status")
ADDED = number(sid="PN" + "3" * 32, service_sid=MADE["sid"], phone_number=THREE, is_reserved=True)
RESERVED = {**SECOND, "is_reserved": True}
READ: Routes = {
    GET_LIST: [page(service(), TRIPS, OLD, STRAY)],
    GET_POOL: [numbers(number(), SECOND)],
    ("GET", pool(OTHER_SID)): [numbers(OF_TRIPS)],
    ("GET", pool(STRAY["sid"])): [numbers()],
}
WRITE: Routes = {
    ("DELETE", f"{LIST}/{OLD['sid']}"): [Answer(204)],
    ("DELETE", f"{LIST}/{STRAY['sid']}"): [Answer(204)],
    ("POST", RIDES): [Answer(200, DRIVES)],
    POST_LIST: [Answer(201, MADE)],
    ("DELETE", f"{pool(OTHER_SID)}/{OF_TRIPS['sid']}"): [Answer(204)],
    ("POST", f"{pool(SID)}/{OTHER_NUMBER_SID}"): [Answer(200, RESERVED)],
    ("POST", pool(MADE["sid"])): [Answer(201, ADDED)],
}
PRUNE = {"prune": True, "prune_phone_numbers": True}


def everything(made: Result, added: Result, drives: Result, reserved: Result) -> list[Result]:
    """Return the results of all entries, with the four objects that only Twilio knows completely."""
    return [
        entry("created", made, "phone_numbers", phone_numbers=[number_result("created", added)]),
        entry(
            "updated",
            drives,
            "unique_name",
            "callback_url",
            "phone_numbers",
            phone_numbers=[number_result("updated", reserved), number_result("unchanged", number())],
        ),
        entry("deleted", OLD),
        entry("updated", TRIPS, "phone_numbers", phone_numbers=[number_result("deleted", OF_TRIPS)]),
        entry("deleted", STRAY),
    ]


def test_all_kinds_of_changes_in_one_task(task: Task) -> None:
    result = task.routed({**READ, **WRITE}, services=EVERYTHING, **PRUNE)
    assert result["services"] == everything(MADE, ADDED, DRIVES, RESERVED)
    assert (result["changed"], result["summary"]) == (True, summary(created=1, updated=2, deleted=2))
    assert "diff" not in result
    assert task.warnings == []
    assert not any(task.router.steps.values())


def test_all_kinds_of_changes_in_check_mode(task: Task) -> None:
    result = task.routed(READ, services=EVERYTHING, **PRUNE, _ansible_check_mode=True)
    made = {**NEW, "default_ttl": 5}
    assert result["services"] == everything(
        made,
        {"sid": None, "phone_number": THREE, "is_reserved": True},
        {**DRIVES, "date_updated": None},
        {**RESERVED, "date_updated": None},
    )
    assert (result["changed"], result["summary"]) == (True, summary(created=1, updated=2, deleted=2))
    assert requests_that_change(task) == []


def written(item: Result) -> Result:
    return {field.name: item[field.name] for field in SERVICE.writable}


@pytest.mark.parametrize("check_mode", [False, True])
def test_the_diff_of_all_kinds_of_changes(check_mode: bool, task: Task) -> None:
    routes = READ if check_mode else {**READ, **WRITE}
    result = task.routed(routes, services=EVERYTHING, **PRUNE, _ansible_check_mode=check_mode, _ansible_diff=True)
    sid_text = "" if check_mode else f" ({MADE['sid']})"
    first, second = ({"phone_number": number, "is_reserved": False} for number in (ONE, TWO))
    # A diff sorts the numbers by their digits, so that it shows only those that changed.
    assert result["diff"] == [
        {
            "before": None,
            "after": {**written(MADE), "phone_numbers": [{"phone_number": THREE, "is_reserved": True}]},
            "before_header": "no Service",
            "after_header": f"Service new{sid_text}",
        },
        {
            "before": {**written(service()), "phone_numbers": [first, second]},
            "after": {**written(DRIVES), "phone_numbers": [first, {**second, "is_reserved": True}]},
            "before_header": f"Service rides ({SID})",
            "after_header": f"Service drives ({SID})",
        },
        {
            "before": written(OLD),
            "after": None,
            "before_header": f"Service old ({OLD['sid']})",
            "after_header": "no Service",
        },
        {
            "before": {
                **written(TRIPS),
                "phone_numbers": [{"phone_number": OF_TRIPS["phone_number"], "is_reserved": False}],
            },
            "after": {**written(TRIPS), "phone_numbers": []},
            "before_header": f"Service trips ({OTHER_SID})",
            "after_header": f"Service trips ({OTHER_SID})",
        },
        {
            "before": written(STRAY),
            "after": None,
            "before_header": f"Service stray ({STRAY['sid']})",
            "after_header": "no Service",
        },
    ]


def test_a_diff_has_only_changed_entries(task: Task) -> None:
    result = task.routed(
        {GET_LIST: [page(service(), TRIPS)], ("POST", RIDES): [Answer(200, service(default_ttl=5))]},
        services=[{"unique_name": "trips"}, {"unique_name": "rides", "default_ttl": 5}],
        _ansible_diff=True,
    )
    assert [(one["before"]["default_ttl"], one["after"]["default_ttl"]) for one in result["diff"]] == [(0, 5)]
    assert "phone_numbers" not in result["diff"][0]["after"]


def test_a_diff_names_a_number_by_its_sid_if_its_digits_are_unknown(task: Task) -> None:
    result = task.routed(
        {GET_LIST: [page(service())], GET_POOL: [numbers()]},
        services=[{"unique_name": "rides", "phone_numbers": [{"sid": NUMBER_SID}]}],
        _ansible_check_mode=True,
        _ansible_diff=True,
    )
    (diff,) = result["diff"]
    assert diff["after"]["phone_numbers"] == [{"sid": NUMBER_SID, "phone_number": None, "is_reserved": False}]
    assert diff["before"]["phone_numbers"] == []


@pytest.mark.parametrize("written", ["a, b", ["c", "a, b"]], ids=["text", "list"])
@pytest.mark.parametrize("check_mode", [False, True])
def test_a_service_is_renamed_by_its_previous_name(check_mode: bool, written: t.Any, task: Task) -> None:
    """A name may have a comma, at which Ansible would split a text."""
    before, after = service(unique_name="a, b"), service(unique_name="new")
    result = task.routed(
        {GET_LIST: [page(before)], GET_POOL: [numbers(number())], ("POST", RIDES): [Answer(200, after)]},
        services=[{"unique_name": "new", "previous_name": written, "phone_numbers": [{"phone_number": ONE}]}],
        _ansible_check_mode=check_mode,
    )
    (renamed,) = result["services"]
    assert (renamed["operation"], renamed["sid"]) == ("updated", SID)
    assert renamed["changes"] == [{"field": "unique_name", "before": "a, b", "after": "new"}]
    assert [number["operation"] for number in renamed["phone_numbers"]] == ["unchanged"]
    assert requests_that_change(task) == ([] if check_mode else [("POST", RIDES, {"UniqueName": "new"})])


@pytest.mark.parametrize("previous", [None, 5, [None], [5], ""])
def test_a_previous_name_that_is_no_text_is_refused(previous: t.Any, task: Task) -> None:
    msg = task.routed({}, services=[{"unique_name": "new", "previous_name": previous}])["msg"]
    assert msg.startswith("services[0].previous_name")


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_warning_names_a_service_that_is_deleted_and_not_renamed(check_mode: bool, task: Task) -> None:
    routes: Routes = {GET_LIST: [page(service())], GET_POOL: [numbers(number())]}
    if not check_mode:
        routes = {
            **routes,
            ("DELETE", RIDES): [Answer(204)],
            POST_LIST: [Answer(201, TRIPS)],
            ("POST", pool(OTHER_SID)): [Answer(201, number(service_sid=OTHER_SID))],
        }
    listed = [{"unique_name": "trips", "phone_numbers": [{"phone_number": ONE}]}]
    result = task.routed(routes, services=listed, prune=True, _ansible_check_mode=check_mode)
    assert [entry["operation"] for entry in result["services"]] == ["created", "deleted"]
    (warning,) = task.warnings
    assert warning.startswith(f"services[0] ('trips'): pruning deletes the Service 'rides' ({SID}), and ")


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_is_not_listed_is_named(check_mode: bool, task: Task) -> None:
    unnamed = {**STRAY, "unique_name": None}
    result = task.routed(
        {GET_LIST: [page(service(), TRIPS, unnamed)], GET_POOL: [numbers(number(), SECOND)]},
        services=[{"unique_name": "rides", "phone_numbers": [{"phone_number": ONE}]}],
        _ansible_check_mode=check_mode,
    )
    assert result["not_listed"] == {"services": ["trips", STRAY["sid"]], "phone_numbers": 1}
    assert result["check_mode"] is check_mode


def test_a_pool_that_is_not_named_is_not_read(task: Task) -> None:
    result = task.routed({GET_LIST: [page(service())]}, services=[{"unique_name": "rides"}], prune_phone_numbers=True)
    assert result["services"] == [entry("unchanged", service())]
    given = [{"unique_name": "rides", "phone_numbers": None, "default_ttl": None}]
    assert task.routed({GET_LIST: [page(service())]}, services=given)["services"] == result["services"]


def test_in_check_mode_a_null_sid_may_be_that_of_a_predicted_object(task: Task) -> None:
    # ansible-core before 2.19 converts the null of a template to "".
    for null in (None, ""):
        listed = [{"sid": null, "unique_name": "new"}]
        result = task.routed({GET_LIST: [page()]}, services=listed, _ansible_check_mode=True)
        assert result["services"] == [entry("created", NEW)]
    for wrong in ({"sid": None}, {"sid": None, "unique_name": None}, {"sid": ""}):
        msg = task.routed({}, services=[wrong], _ansible_check_mode=True)["msg"]
        assert msg.startswith("services[0].sid: the value is null.")


def test_in_check_mode_an_empty_sid_of_a_number_is_refused(task: Task) -> None:
    for null in (None, ""):
        listed = [{"unique_name": "new", "phone_numbers": [{"sid": null}]}]
        msg = task.routed({}, services=listed, _ansible_check_mode=True)["msg"]
        assert msg.startswith("services[0].phone_numbers[0].sid ('new'): the value is null.")


def test_an_empty_sid_is_refused_outside_check_mode(task: Task) -> None:
    listed = [{"sid": "", "unique_name": "new", "phone_numbers": [{"sid": ""}]}]
    places = re.findall(r"(\S+) \('new'\): '' is not", task.routed({}, services=listed)["msg"])
    assert places == ["services[0].phone_numbers[0].sid", "services[0].sid"]


def test_a_name_may_be_null_beside_a_sid(task: Task) -> None:
    result = task.routed({GET_LIST: [page(service())]}, services=[{"sid": SID, "unique_name": None}])
    assert result["services"] == [entry("unchanged", service())]


def test_pruning_is_bounded(task: Task) -> None:
    listed = [{"unique_name": "trips"}]
    routes = {GET_LIST: [page(service(), TRIPS, OLD)]}
    result = task.routed(routes, services=listed, prune=True)
    assert result["msg"].startswith("prune: 2 Services are ")
    assert result["services"] == [not_attempted("trips")]
    result = task.routed(routes, services=listed, prune=True, prune_matching="^ri", max_deletions=0)
    assert result["msg"].startswith("prune: 1 Service is ")
    routes = {GET_LIST: [page(service(), TRIPS, OLD)], ("DELETE", RIDES): [Answer(204)]}
    result = task.routed(routes, services=listed, prune=True, prune_matching="^ri", max_deletions=1)
    assert result["services"] == [entry("unchanged", TRIPS), entry("deleted", service())]


# Failures

NOT_ENABLED = error(403, 80506, "Not enabled.")
FOREIGN = error(400, 80101, "In use.")
NOT_ENABLED_TEXT = (
    f"Cannot create the Service 'new': Not enabled (HTTP 403, code 80506, request {REQUEST_ID})."
    f" {ADVICE[80506]} This request changed nothing."
)
FOREIGN_TEXT = (
    f"Cannot add the phone number '{ONE}': In use (HTTP 400, code 80101, request {REQUEST_ID})."
    f" {ADVICE[80101]} This request changed nothing."
)


def test_the_failure_of_a_service(task: Task) -> None:
    result = task.routed(
        {
            GET_LIST: [page(service(), TRIPS)],
            GET_POOL: [numbers()],
            ("POST", f"{LIST}/{OTHER_SID}"): [Answer(200, {**TRIPS, "default_ttl": 5})],
            POST_LIST: [NOT_ENABLED],
        },
        services=[
            {"unique_name": "rides", "phone_numbers": [{"phone_number": ONE}]},
            {"unique_name": "new", "phone_numbers": [{"phone_number": TWO, "is_reserved": True}]},
            {"unique_name": "trips", "default_ttl": 5},
            {"unique_name": "newer"},
            {"unique_name": "old", "state": "absent"},
        ],
        concurrency=1,
        _ansible_diff=True,
    )
    never_tried = {"operation": "not_attempted", "sid": None}
    expected_error = entry_error(NOT_ENABLED_TEXT, 403, 80506, "Not enabled.")
    new_number = {**never_tried, "phone_number": TWO, "is_reserved": True}
    assert result["services"] == [
        entry("not_attempted", service(), phone_numbers=[{**never_tried, "phone_number": ONE, "is_reserved": None}]),
        {**not_attempted("new", phone_numbers=[new_number]), "operation": "failed", "error": expected_error},
        entry("updated", {**TRIPS, "default_ttl": 5}, "default_ttl"),
        not_attempted("newer"),
        {**entry("unchanged", {}), "unique_name": "old"},
    ]
    assert result["summary"] == summary(updated=1, unchanged=1, failed=1, not_attempted=2)
    assert result["msg"] == (
        f"services[1] ('new'): {NOT_ENABLED_TEXT} Of 5 entries: 1 updated, 1 unchanged, 1 failed, 2 not attempted."
        + THE_REST
    )
    assert {key: result[key] for key in ("failed", "changed", *FAILURE_KEYS)} == {
        "failed": True,
        "changed": True,
        **{key: expected_error[key] for key in FAILURE_KEYS},
    }
    assert [one["after"]["unique_name"] for one in result["diff"]] == ["trips"]


def test_a_failure_of_one_entry_uses_the_singular(task: Task) -> None:
    result = task.routed({GET_LIST: [page()], POST_LIST: [NOT_ENABLED]}, services=[{"unique_name": "new"}])
    assert result["msg"] == f"services[0] ('new'): {NOT_ENABLED_TEXT} Of 1 entry: 1 failed." + THE_REST
    assert result["changed"] is False


def test_the_failure_of_a_number(task: Task) -> None:
    made = service(unique_name="new")
    result = task.routed(
        {GET_LIST: [page()], POST_LIST: [Answer(201, made)], POST_POOL: [Answer(201, SECOND), FOREIGN]},
        services=[
            {
                "unique_name": "new",
                "phone_numbers": [{"phone_number": TWO}, {"phone_number": ONE}, {"phone_number": THREE}],
            }
        ],
        concurrency=1,
        _ansible_diff=True,
    )
    expected_error = entry_error(FOREIGN_TEXT, 400, 80101, "In use.")
    unknown = {"sid": None, "is_reserved": None}
    assert result["services"] == [
        entry(
            "failed",
            made,
            "phone_numbers",
            error={**expected_error, "msg": f"The Service was created, and then: {expected_error['msg']}"},
            phone_numbers=[
                number_result("created", SECOND),
                {"operation": "failed", **unknown, "phone_number": ONE, "error": expected_error},
                {"operation": "not_attempted", **unknown, "phone_number": THREE},
            ],
        )
    ]
    assert result["msg"].startswith(f"services[0].phone_numbers[1] ('new', '{ONE}'): {FOREIGN_TEXT} Of 1 entr")
    assert (result["changed"], result["summary"]) == (True, summary(failed=1))
    assert result["code"] == 80101
    (diff,) = result["diff"]
    assert diff["before"] is None
    assert diff["after"]["phone_numbers"] == [{"phone_number": TWO, "is_reserved": False}]


def test_the_failure_of_a_number_that_is_pruned_names_its_pool(task: Task) -> None:
    result = task.routed(
        {GET_LIST: [page(service())], GET_POOL: [numbers(number())], ("DELETE", THE_NUMBER): [error(403, 20003)]},
        services=[{"unique_name": "rides", "phone_numbers": []}],
        prune_phone_numbers=True,
    )
    assert result["msg"].startswith(
        f"services[0].phone_numbers ('rides', '{ONE}'): Cannot remove the phone number {NUMBER_SID}: No"
    )
    (rides_result,) = result["services"]
    assert (rides_result["operation"], rides_result["changed_fields"]) == ("failed", [])
    assert rides_result["phone_numbers"] == [number_result("failed", number(), error=rides_result["error"])]


def test_the_failure_of_a_service_that_is_pruned(task: Task) -> None:
    result = task.routed(
        {GET_LIST: [page(service())], ("DELETE", RIDES): [error(403, 20003)]},
        services=[],
        prune=True,
        allow_empty=True,
    )
    assert result["msg"].startswith(f"prune ('rides'): Cannot delete the Service {SID}: No (HTTP 403")
    assert result["services"] == [entry("failed", service(), error=result["services"][0]["error"])]


SWAP = [{"sid": SID, "unique_name": "trips"}, {"sid": OTHER_SID, "unique_name": "rides"}]
ASIDE = service(unique_name=f"renaming {SID}")


def test_a_failure_in_a_swap(task: Task) -> None:
    result = task.routed(
        {
            GET_LIST: [page(service(), TRIPS)],
            ("POST", RIDES): [Answer(200, ASIDE)],
            ("POST", f"{LIST}/{OTHER_SID}"): [error(403, 20003, "No.")],
        },
        services=SWAP,
        _ansible_diff=True,
    )
    first, second = result["services"]
    assert first == entry(
        "failed",
        ASIDE,
        "unique_name",
        error=entry_error(
            f"The Service 'rides' ({SID}) was renamed to 'renaming {SID}', a temporary name. To give it the name"
            " 'trips', name it by sid in the list and run the task again."
        ),
    )
    assert (second["operation"], second["service"], second["changed_fields"]) == ("failed", TRIPS, [])
    # The error is the second Service's; the temporary name of the first one results from it.
    assert result["msg"].startswith(f"services[1] ('rides'): Cannot update the Service {OTHER_SID}: No (HTTP 403")
    assert (result["changed"], result["summary"], result["code"]) == (True, summary(failed=2), 20003)
    assert [one["after"]["unique_name"] for one in result["diff"]] == [f"renaming {SID}"]
    assert task.warnings == []


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_failure_to_read_changes_nothing(check_mode: bool, task: Task) -> None:
    result = task.routed(
        {GET_LIST: [error(401, 20003, "Authenticate")]},
        services=[{"unique_name": "rides"}],
        _ansible_check_mode=check_mode,
    )
    assert result["msg"] == (
        f"Cannot list the Services: Authenticate (HTTP 401, code 20003, request {REQUEST_ID})."
        f" {ADVICE[20003]} Nothing was changed."
    )
    assert result["services"] == [not_attempted("rides")]
    assert (result["changed"], result["summary"], result["status"]) == (False, summary(not_attempted=1), 401)
    assert result["not_listed"] == {"services": [], "phone_numbers": 0}


def test_a_lost_answer_counts_as_changed(task: Task) -> None:
    result = task.routed(
        {GET_LIST: [page(service())], ("POST", RIDES): [error(503, 20503, "Later.")]},
        services=[{"unique_name": "rides", "default_ttl": 5}],
        retries=0,
        _ansible_diff=True,
    )
    assert (result["failed"], result["changed"]) == (True, True)
    (rides_result,) = result["services"]
    assert (rides_result["operation"], rides_result["service"], rides_result["changed_fields"]) == (
        "failed",
        service(),
        [],
    )
    assert "It is not known whether the change was made" in rides_result["error"]["msg"]
    assert "changed nothing" not in result["msg"]
    assert result["msg"].lower().count("the task again") == 1
    # Unknown values are null.
    assert "diff" not in result


def test_a_lost_answer_about_a_number_counts_as_changed(task: Task) -> None:
    result = task.routed(
        {GET_LIST: [page(service())], GET_POOL: [numbers(number())], ("DELETE", THE_NUMBER): [error(503, 20503)]},
        services=[{"unique_name": "rides", "phone_numbers": []}],
        prune_phone_numbers=True,
        retries=0,
        _ansible_diff=True,
    )
    assert (result["failed"], result["changed"]) == (True, True)
    (rides_result,) = result["services"]
    assert (rides_result["operation"], rides_result["changed_fields"]) == ("failed", ["phone_numbers"])
    assert "diff" not in result


def test_a_task_that_times_out_reports_its_changes(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_module.Module, "time_limit", (KeyboardInterrupt,))
    monkeypatch.setattr(_bulk, "TIME_TO_FINISH", 0.1)

    ended = threading.Event()

    def never_in_time() -> Answer:
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        ended.wait(60)
        return Answer(201, TRIPS)

    result = task.routed(
        {GET_LIST: [page()], POST_LIST: [Answer(201, service()), never_in_time]},
        services=[{"unique_name": name} for name in ("rides", "trips", "third")],
        concurrency=1,
    )
    ended.set()
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["summary"] == summary(created=1, failed=1, not_attempted=1)
    assert result["services"][0] == entry("created", service())
    assert result["services"][1]["error"]["msg"].startswith(
        "Cannot create the Service 'trips': the task ended before the answer arrived. It is not known"
    )
    assert result["services"][2] == {**not_attempted("third"), "service": {}}
    assert result["msg"].startswith(
        "Ansible ended the task because of its timeout. Of 3 entries: 1 created, 1 failed, 1 not attempted."
        " It is not known whether these were changed: services[1] ('trips'). "
    )


def test_a_service_that_somebody_else_deleted_is_no_failure(task: Task) -> None:
    absent_answer = error(400, SERVICE.absent_code, SERVICE.absent_message)
    result = task.routed(
        {GET_LIST: [page(service())], ("POST", RIDES): [absent_answer], ("GET", RIDES): [absent_answer]},
        services=[{"sid": SID, "default_ttl": 5}],
    )
    (rides_result,) = result["services"]
    assert rides_result["error"] == entry_error(str(why_not(SERVICE, {}, SID, None, absent=False)))
    assert result["msg"].startswith(f"services[0] ('{SID}'): There is no Service {SID}. ")
    assert [result[key] for key in FAILURE_KEYS] == [None] * len(FAILURE_KEYS)
    assert result["changed"] is False


# Values that Twilio did not accept, and masking


def test_a_value_that_twilio_did_not_accept_is_a_warning_with_its_place(task: Task) -> None:
    task.routed(
        {
            GET_LIST: [page(TRIPS, service())],
            GET_POOL: [numbers(number())],
            ("POST", RIDES): [Answer(200, service())],
            ("POST", THE_NUMBER): [Answer(200, number())],
        },
        services=[
            {"unique_name": "trips"},
            {
                "unique_name": "rides",
                "default_ttl": 5,
                "phone_numbers": [{"phone_number": ONE, "is_reserved": True}],
            },
        ],
    )
    again = "this task will report a change each time it runs."
    assert task.warnings == [
        f"services[1] ('rides'): default_ttl was set to 5, but Twilio answered with 0: {again}",
        (
            f"services[1].phone_numbers[0] ('rides', '{ONE}'): is_reserved was set to True, but Twilio answered with"
            f" False: {again}"
        ),
    ]


def test_passwords_of_urls_are_masked(task: Task) -> None:
    existing = {**TRIPS, "callback_url": "https://u:other@example.com/"}
    result = task.routed(
        {GET_LIST: [page(service(), existing)], ("POST", RIDES): [Answer(200, service(callback_url=PASSWORD_URL))]},
        services=[{"unique_name": "rides", "callback_url": PASSWORD_URL}, {"unique_name": "trips"}],
        _ansible_diff=True,
    )
    assert result["changed"] is True
    for secret in (":pw@", ":other@"):
        assert secret not in task.output
    task.routed({}, services=[{"unique_name": "rides", "callback_url": "https://u:se/cr@et@h/"}])
    assert "cr@et" not in task.output
    task.routed({}, services=[{"intercept_callback_url": "https://u:se/cr@et@h/", "colour": 1}])
    assert "cr@et" not in task.output


def test_credentials_are_masked(task: Task) -> None:
    pair = base64.b64encode(f"{ACCOUNT}:a-token".encode()).decode()
    words = f"a-token {pair} {PASSWORD_URL}"
    result = task.routed(
        {GET_LIST: [page()], POST_LIST: [error(400, 80701, words)]},
        services=[{"unique_name": "new", "callback_url": PASSWORD_URL}],
    )
    assert result["services"][0]["operation"] == "failed"
    for secret in ("a-token", pair, ":pw@"):
        assert secret not in task.output


# services_info


def test_an_account_is_returned_as_a_list(task: Task) -> None:
    result = task.routed(
        {
            GET_LIST: [page(TRIPS, service(default_ttl=5, geo_match_level="radius"))],
            GET_POOL: [numbers(SECOND, number(is_reserved=True, in_use=3))],
            ("GET", pool(OTHER_SID)): [numbers()],
        },
        info=True,
    )
    assert {name: result[name] for name in ("changed", "services", "left_out", "in_use")} == {
        "changed": False,
        "services": [
            {
                "unique_name": "rides",
                "default_ttl": 5,
                "geo_match_level": "radius",
                "phone_numbers": [{"phone_number": ONE, "is_reserved": True}, {"phone_number": TWO}],
            },
            {"unique_name": "trips"},
        ],
        "left_out": [],
        "in_use": {ONE: 3},
    }
    assert task.warnings == []


def test_an_account_is_returned_in_full_with_sids(task: Task) -> None:
    chat = "IS" + "1" * 32
    result = task.routed(
        {GET_LIST: [page(service(chat_instance_sid=chat))], GET_POOL: [numbers(number())]},
        info=True,
        full=True,
        with_sids=True,
    )
    pool = [{"phone_number": ONE, "is_reserved": False}]
    assert result["services"] == [{"sid": SID, **ALL, "chat_instance_sid": chat, "phone_numbers": pool}]
    assert result["left_out"] == []


NOT_MANAGED = "The list does not manage what is left out."


def test_omissions_are_returned_and_warned_about(task: Task) -> None:
    existing = [
        service(
            callback_url=PASSWORD_URL,
            chat_instance_sid="IS" + "1" * 32,
            intercept_callback_url=f"https://example.com/{SID}",
        ),
        {**TRIPS, "callback_url": PASSWORD_URL},
        {**STRAY, "unique_name": None},
    ]
    routes = {
        GET_LIST: [page(*existing)],
        GET_POOL: [numbers()],
        ("GET", pool(OTHER_SID)): [numbers()],
        ("GET", pool(STRAY["sid"])): [numbers()],
    }
    result = task.routed(routes, info=True)
    assert result["services"] == [{"unique_name": "rides"}, {"unique_name": "trips"}]
    assert result["left_out"] == [
        {"service": None, "option": "unique_name", "reason": "name"},
        {"service": "rides", "option": "callback_url", "reason": "secret"},
        {"service": "rides", "option": "chat_instance_sid", "reason": "sid"},
        {"service": "rides", "option": "intercept_callback_url", "reason": "sid"},
        {"service": "trips", "option": "callback_url", "reason": "secret"},
    ]
    of_secret, of_sid, of_name = task.warnings
    assert of_secret == (
        "Left out, because the URL contains a secret (with_secrets includes it):"
        f" callback_url of 'rides', callback_url of 'trips'. {NOT_MANAGED}"
    )
    assert of_sid == (
        "Left out, because the value contains a SID, which exists in this account only (with_sids includes it):"
        f" chat_instance_sid of 'rides', intercept_callback_url of 'rides'. {NOT_MANAGED}"
    )
    assert of_name == (
        "Left out, because it has no name (with_sids includes a Service without a name):"
        f" unique_name of a Service without a name. {NOT_MANAGED}"
    )
    assert ":pw@" not in task.output


def test_secrets_are_returned_unmasked_on_request(task: Task) -> None:
    routes = {GET_LIST: [page(service(callback_url=PASSWORD_URL))], GET_POOL: [numbers()]}
    result = task.routed(routes, info=True, with_secrets=True)
    assert result["services"] == [{"unique_name": "rides", "callback_url": PASSWORD_URL}]
    assert result["left_out"] == []


def test_a_warning_names_ten_at_most(task: Task) -> None:
    existing = [
        service(sid=f"KS{number:032d}", unique_name=f"rides-{number:02d}", callback_url=PASSWORD_URL)
        for number in range(12)
    ]
    routes: Routes = {GET_LIST: [page(*existing)], **{("GET", pool(item["sid"])): [numbers()] for item in existing}}
    assert len(task.routed(routes, info=True)["left_out"]) == 12
    (warning,) = task.warnings
    assert warning.endswith(f", callback_url of 'rides-09' and 2 more. {NOT_MANAGED}")
    routes = {GET_LIST: [page(*existing[:10])], **{("GET", pool(item["sid"])): [numbers()] for item in existing}}
    task.routed(routes, info=True)
    assert task.warnings[0].endswith(f", callback_url of 'rides-09'. {NOT_MANAGED}")


def test_a_failure_to_read_the_account_is_reported(task: Task) -> None:
    result = task.routed({GET_LIST: [page(service())], GET_POOL: [error(403, 20003)]}, info=True)
    assert result["msg"].startswith(f"Cannot list the phone numbers of the Service 'rides' ({SID}): No (HTTP 403, code")
    assert {key: result[key] for key in ("failed", "changed", "status", "code")} == {
        "failed": True,
        "changed": False,
        "status": 403,
        "code": 20003,
    }


@pytest.mark.parametrize("bound", ["prune_matching", "max_deletions"])
@pytest.mark.parametrize("check_mode", [False, True])
def test_a_null_limit_of_pruning_is_refused(bound: str, check_mode: bool, task: Task) -> None:
    options: Result = {"services": [{"unique_name": "a"}], "prune": True, bound: NULL}
    msg = task.routed({}, **options, _ansible_check_mode=check_mode)["msg"]
    assert msg.startswith(f"{bound}: the value is null.")


def test_a_value_that_is_no_text_is_reported_with_its_place(task: Task) -> None:
    listed = [
        {"unique_name": "a", "phone_numbers": [{"phone_number": ONE}, {"phone_number": 12025550102}]},
        {"unique_name": 83, "callback_url": True},
    ]
    msg = task.routed({}, services=listed, account_sid=1)["msg"]
    assert re.findall(r"(\S+?)(?: \('a'\))?: (\S+) is .*?in quotes", msg) == [
        ("services[0].phone_numbers[1].phone_number", "12025550102"),
        ("services[1].callback_url", "true"),
        ("services[1].unique_name", "83"),
        ("account_sid", "1"),
    ]
    assert msg.endswith(NO_REQUEST)


def test_a_diff_shows_that_a_password_changed(task: Task) -> None:
    routes = {
        GET_LIST: [page(service(callback_url="https://user:old@example.com/status"))],
        ("POST", RIDES): [Answer(200, service(callback_url=PASSWORD_URL))],
    }
    entries = [{"unique_name": "rides", "callback_url": PASSWORD_URL}]
    result = task.routed(routes, services=entries, _ansible_diff=True)
    (diff,) = result["diff"]
    assert diff["after"]["callback_url"] == f"{diff['before']['callback_url']} (secret changed)"
    change = {"field": "callback_url", **{side: diff[side]["callback_url"] for side in ("before", "after")}}
    assert result["services"][0]["changes"] == [change]
    assert ":old@" not in task.output
    assert ":pw@" not in task.output


def test_the_error_of_an_entry_is_one_line(task: Task) -> None:
    routes = {GET_LIST: [page()], POST_LIST: [error(400, 80701, "a\x1b[8m\nb")]}
    result = task.routed(routes, services=[{"unique_name": "new"}])
    sentence = r"Cannot create the Service 'new': a\x1b[8m\nb (HTTP 400, code 80701,"
    assert result["services"][0]["error"]["msg"].startswith(sentence)
    assert sentence.replace("Cannot", "services[0] ('new'): Cannot") in result["msg"]


def test_a_sid_in_upper_case_is_the_same_sid(task: Task) -> None:
    existing = number(sid="PN" + "a" * 32)
    entry = {"unique_name": "rides", "phone_numbers": [{"sid": "PN" + "A" * 32}]}
    routes = {GET_LIST: [page(service())], GET_POOL: [numbers(existing)]}
    result = task.routed(routes, services=[entry], prune_phone_numbers=True)
    assert result["changed"] is False
    twice = [{"sid": "KS" + "a" * 32}, {"sid": "KS" + "A" * 32}]
    assert re.search(
        r"services\[0\] \(.*?\) and services\[1\] \(.*?\) both have the sid", task.routed({}, services=twice)["msg"]
    )
    assert [number_result["operation"] for number_result in result["services"][0]["phone_numbers"]] == ["unchanged"]
