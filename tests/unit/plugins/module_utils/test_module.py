# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules as Ansible runs them: checks of options, results, diffs, failures, and masking."""

from __future__ import annotations

import base64
import json
import re
import typing as t

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils import _result, _task
from ansible_collections.twilio.proxy.plugins.module_utils._connection import CONNECTION, choose_credentials
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._resources import ADVICE, SERVICE
from ansible_collections.twilio.proxy.plugins.module_utils._validation import QUOTE_ADVICE
from ansible_collections.twilio.proxy.plugins.modules import service as service_module
from ansible_collections.twilio.proxy.plugins.modules import service_info

from .tasks import NULL, PASSWORD_URL, Task, warnings_of
from .wire import ABSENT, ACCOUNT, LIST, OTHER_SID, REQUEST_ID, SID, Answer, error, page, service

KEY = "SK" + "0" * 32


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Task:
    """Return a runner of the modules of Services."""
    # Made anew, so that mutation testing changes how they are made.
    monkeypatch.setattr(service_module, "TASK", _task.object_task(SERVICE))
    monkeypatch.setattr(service_info, "TASK", _task.objects_task(SERVICE))
    return Task(monkeypatch, capsys, service_module, service_info)


def test_a_failure_reports_the_number_of_tries(task: Task) -> None:
    result = task(*[error(503, 20503, "Busy.")] * 3, unique_name="rides", retries=2)
    assert result["msg"].startswith(
        f"Cannot list the Services: Busy (HTTP 503, code 20503, request {REQUEST_ID}, after 3 tries). "
    )


@pytest.mark.parametrize("verbosity", [0, 1])
def test_retries_are_warnings_with_verbose_output(verbosity: int, task: Task) -> None:
    task(error(503, 20503, "Busy."), page(service()), unique_name="rides", _ansible_verbosity=verbosity)
    assert [warning.partition(" in ")[0] for warning in task.warnings] == ["Retry 1"] * verbosity


def test_a_created_service_is_returned(task: Task) -> None:
    result = task(page(), Answer(201, service()), unique_name="rides")
    assert result["changed"] is True
    assert result["service"] == service()
    assert "diff" not in result


def test_deleting_an_absent_service_changes_nothing(task: Task) -> None:
    result = task(page(), unique_name="rides", state="absent")
    assert result["changed"] is False
    assert result["service"] == {}


def test_a_deleted_service_is_returned_as_it_was(task: Task) -> None:
    result = task(Answer(200, service()), Answer(204), sid=SID, state="absent", _ansible_diff=True)
    assert result["changed"] is True
    assert result["service"] == service()
    assert result["diff"]["after"] is None
    assert result["diff"]["after_header"] == "no Service"
    assert result["diff"]["before"]["unique_name"] == "rides"
    assert result["diff"]["before_header"] == f"Service rides ({SID})"


def test_a_diff_has_the_writable_fields_of_both_sides(task: Task) -> None:
    result = task(
        page(service()), Answer(200, service(default_ttl=5)), unique_name="rides", default_ttl=5, _ansible_diff=True
    )
    before = {field.name: service()[field.name] for field in SERVICE.writable}
    assert result["diff"] == {
        "before": before,
        "after": {**before, "default_ttl": 5},
        "before_header": f"Service rides ({SID})",
        "after_header": f"Service rides ({SID})",
    }


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_diff_shows_that_a_password_changed(check_mode: bool, task: Task) -> None:
    before = service(callback_url="https://user:old@example.com/status")
    answers = [page(before)] if check_mode else [page(before), Answer(200, service(callback_url=PASSWORD_URL))]
    result = task(
        *answers, unique_name="rides", callback_url=PASSWORD_URL, _ansible_diff=True, _ansible_check_mode=check_mode
    )
    shown_before, shown_after = (result["diff"][side]["callback_url"] for side in ("before", "after"))
    assert shown_after == f"{shown_before} (secret changed)"
    assert ":old@" not in task.output
    assert ":pw@" not in task.output


def test_a_diff_adds_nothing_to_a_visible_change(task: Task) -> None:
    after = service(callback_url="https://user:new@other.example/status")
    result = task(
        page(service(callback_url=PASSWORD_URL)),
        Answer(200, after),
        unique_name="rides",
        callback_url=after["callback_url"],
        _ansible_diff=True,
    )
    assert result["diff"]["after"]["callback_url"] == "https:********other.example/status"


def test_control_characters_are_escaped_in_headers_and_messages(task: Task) -> None:
    name = "b\x1b[8m\n+ c\u202e\x9b\ud800"
    safe = r"b\x1b[8m\n+ c\u202e\x9b\ud800"
    result = task(
        Answer(200, service(unique_name=name)), Answer(200, service()), sid=SID, default_ttl=5, _ansible_diff=True
    )
    assert result["diff"]["before_header"] == f"Service {safe} ({SID})"
    result = task(page(), error(400, 80701, name, **{"Twilio-Request-Id": "RQ\x1b"}), unique_name="rides")
    assert f"Cannot create the Service 'rides': {safe} (HTTP 400, code 80701, request RQ\\x1b)." in result["msg"]
    assert result["message"] == safe
    assert r"got: b\x1b[8m" in task(unique_name="rides", geo_match_level="b\x1b[8m")["msg"]


def test_null_counts_as_the_default(task: Task) -> None:
    existing = service(default_ttl=None, geo_match_level=None, unique_name="rides")
    result = task(page(existing), unique_name="rides", default_ttl=0, geo_match_level="country")
    assert (result["changed"], result["service"]) == (False, existing)
    changed = task(
        page(existing), Answer(200, service(default_ttl=5)), unique_name="rides", default_ttl=5, _ansible_diff=True
    )
    assert task.wire.requests[1] == ("POST", f"{LIST}/{SID}", {"DefaultTtl": "5"})
    assert {name for name, value in changed["diff"]["after"].items() if value != changed["diff"]["before"][name]} == {
        "default_ttl"
    }


def test_an_unchanged_object_has_no_diff(task: Task) -> None:
    assert "diff" not in task(page(service()), unique_name="rides", _ansible_diff=True)


def test_check_mode_sends_no_change(task: Task) -> None:
    result = task(page(), unique_name="rides", _ansible_check_mode=True, _ansible_diff=True)
    assert result["changed"] is True
    assert result["service"]["sid"] is None
    assert result["service"]["account_sid"] == ACCOUNT
    assert result["diff"]["after_header"] == "Service rides"
    assert [request[0] for request in task.wire.requests] == ["GET"]


def test_info_returns_the_requested_fields(task: Task) -> None:
    result = task(page(service(), service(sid=OTHER_SID)), info=True, properties=["unique_name", "sid"])
    assert result["services"] == [{"unique_name": "rides", "sid": SID}, {"unique_name": "rides", "sid": OTHER_SID}]
    assert result["changed"] is False
    assert task(Answer(200, service()), info=True, sid=SID)["services"] == [service()]
    assert task(ABSENT, info=True, sid=SID)["services"] == []


def test_a_failure_returns_all_details(task: Task) -> None:
    result = task(page(), error(403, 80506, "Not enabled."), unique_name="rides")
    assert result["failed"] is True
    assert result["msg"] == (
        f"Cannot create the Service 'rides': Not enabled (HTTP 403, code 80506, request {REQUEST_ID})."
        f" {ADVICE[80506]} Nothing was changed."
    )
    assert {key: result[key] for key in ("changed", *_result.FAILURE_KEYS)} == {
        "changed": False,
        "status": 403,
        "code": 80506,
        "message": "Not enabled.",
        "more_info": "https://www.twilio.com/docs/errors/80506",
        "request_id": REQUEST_ID,
    }


def test_a_failure_of_info_returns_the_same_details(task: Task) -> None:
    result = task(error(401, 20003, "Authenticate"), info=True)
    assert result["msg"].startswith(
        f"Cannot list the Services: Authenticate (HTTP 401, code 20003, request {REQUEST_ID})."
    )
    assert result["code"] == 20003


def test_a_precondition_error_has_the_keys_of_a_failure(task: Task) -> None:
    result = task(ABSENT, sid=SID)
    assert result["msg"].startswith(f"There is no Service {SID}. ")
    assert {key: result[key] for key in _result.FAILURE_KEYS} == dict.fromkeys(_result.FAILURE_KEYS)
    assert result["changed"] is False


def test_a_failure_with_an_unknown_result_explains_it() -> None:
    text = _result.failure_text(ApiError("update the Service KS", "it was lost", may_have_been_applied=True))
    assert text == (
        "Cannot update the Service KS: it was lost. It is not known whether the change was made."
        " Run the task again: it reads the current state before it changes anything."
    )
    assert "Do this." in _result.failure_text(ApiError("x", "y.", code=80602, advice="Do this."))


WRONG: dict[str, tuple[dict[str, t.Any], str]] = {
    "sid": ({"sid": "KS1"}, "sid: 'KS1' is not "),
    "empty sid": ({"sid": ""}, "sid: '' is not "),
    "name": ({"unique_name": "a" * 4000}, "characters) is not "),
    "empty name": ({"unique_name": ""}, "unique_name: '' is not "),
    "chat": ({"chat_instance_sid": "IS1"}, "chat_instance_sid: 'IS1' is not "),
    "URL": ({"callback_url": "/status"}, "callback_url: '/status' is not "),
    "time": ({"default_ttl": -1}, "default_ttl: -1 is not "),
    "account": ({"account_sid": "AC1"}, "account_sid: 'AC1' is not "),
    "key": ({"api_key": "AC1", "api_secret": "x"}, "api_key: 'AC1' is not "),
    "region": (
        {"base_url": None, "region": "evil.example/"},
        "region: 'evil.example/' is not ",
    ),
    "edge": ({"base_url": None, "edge": "A"}, "edge: 'A' is not "),
    "plain http": ({"base_url": "http://a.example"}, "base_url: 'http://a.example' "),
    "time limit": ({"timeout": 0}, "timeout: 0 is not "),
    "long time limit": ({"timeout": 601}, "timeout: 601 is not "),
    "retries": ({"retries": -1}, "retries: -1 is not "),
    "many retries": ({"retries": 21}, "retries: 21 is not "),
    "CA": ({"ca_path": "/nowhere"}, "ca_path: '/nowhere' is not "),
    "half a token pair": ({"auth_token": None}, "auth_token is missing: it is needed with account_sid"),
    "the other half": ({"account_sid": None}, "account_sid is missing: it is needed with auth_token"),
    "half a key pair": ({"api_key": KEY}, "api_secret is missing: it is needed with api_key"),
    "the other half of it": ({"api_secret": "x"}, "api_key is missing: it is needed with api_secret"),
    "no credentials": ({"account_sid": None, "auth_token": None}, "Credentials are missing. "),
    "empty token": ({"auth_token": ""}, "auth_token: the value is empty."),
    "empty base URL": ({"base_url": ""}, "base_url: the value is empty."),
    "base URL with version": ({"base_url": "https://a.example/v1/"}, "base_url: 'https://a.example/v1/' ends in /v1"),
    "base URL with an empty query": ({"base_url": "https://a.example?"}, "base_url: 'https://a.example?' contains"),
    "long time": ({"default_ttl": 2**31}, "default_ttl: 2147483648 is not "),
    "null account": ({"account_sid": NULL}, "account_sid: the value is null."),
    "null token": ({"auth_token": NULL}, "auth_token: the value is null."),
    "null key": ({"api_key": NULL}, "api_key: the value is null."),
    "null secret": ({"api_secret": NULL}, "api_secret: the value is null."),
    "null server": ({"base_url": NULL}, "base_url: the value is null."),
    "null region": ({"region": NULL}, "region: the value is null."),
    "null edge": ({"edge": NULL}, "edge: the value is null."),
    "null CA": ({"ca_path": NULL}, "ca_path: the value is null."),
    "password in no URL": (
        {"callback_url": "https://u:se/cr#et@h/"},
        "callback_url: 'https://********@h/' is not ",
    ),
}
WRONG_INFO: dict[str, tuple[dict[str, t.Any], str]] = {
    "small page": ({"page_size": 0}, "page_size: 0 is not "),
    "large page": ({"page_size": 1001}, "page_size: 1001 is not "),
    "limit": ({"limit": 0}, "limit: 0 is not "),
    "sid": ({"sid": "x"}, "sid: 'x' is not "),
    "null limit": ({"limit": NULL}, "limit: the value is null."),
    "null page": ({"page_size": NULL}, "page_size: the value is null."),
    "very large limit": ({"limit": 10**20}, "limit: 100000000000000000000 is not "),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_options_are_refused_before_any_request(wrong: str, task: Task) -> None:
    options, words = WRONG[wrong]
    result = task(**{"unique_name": "rides", **options})
    assert words in result["msg"]
    assert result["msg"].endswith(" No request was sent.")
    assert result["changed"] is False
    assert task.wire.requests == []
    assert {key: result[key] for key in _result.FAILURE_KEYS} == dict.fromkeys(_result.FAILURE_KEYS)


@pytest.mark.parametrize("wrong", WRONG_INFO)
def test_wrong_options_of_info_are_refused_before_any_request(wrong: str, task: Task) -> None:
    options, words = WRONG_INFO[wrong]
    assert words in task(info=True, **options)["msg"]
    assert task.wire.requests == []


ODD_TEXTS = ["x\r\nX-Injected: 1", "x\0", "x\x1b[2J", "x\u2028", "🚕"]


@pytest.mark.parametrize("odd", ODD_TEXTS)
@pytest.mark.parametrize("name", ["account_sid", "api_key", "region", "edge", "base_url", "ca_path"])
def test_unusual_characters_in_a_connection_option_are_refused(name: str, odd: str, task: Task) -> None:
    options: dict[str, t.Any] = {name: odd}
    if name in ("region", "edge"):
        options["base_url"] = None
    if name == "api_key":
        options["api_secret"] = "a-secret"
    msg = task(info=True, **options)["msg"]
    assert msg.startswith(f"{name}: ")
    assert task.wire.requests == []


def test_an_option_that_cannot_be_logged_is_named(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    def of_some_pythons(_priority: int, line: str) -> None:
        if "\0" in line:
            raise ValueError("embedded null character")

    monkeypatch.setattr("ansible.module_utils.basic.has_journal", False)
    monkeypatch.setattr("ansible.module_utils.basic.syslog.syslog", of_some_pythons)
    msg = task(unique_name="a\0b")["msg"]
    assert msg.startswith("unique_name: the value contains a NUL character. Failed to log")
    assert task.wire.requests == []


@pytest.mark.parametrize("odd", ["🚕", "Zoë & Söhne", "a b"])
@pytest.mark.parametrize("name", ["auth_token", "api_secret"])
def test_unusual_characters_in_a_secret_are_sent_unchanged(name: str, odd: str, task: Task) -> None:
    options: dict[str, t.Any] = {"api_key": KEY} if name == "api_secret" else {}
    assert task(page(), info=True, **{name: odd}, **options)["services"] == []
    sent = task.wire.prepared[0].headers["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode().partition(":")[2] == odd


@pytest.mark.parametrize("secret", [" hush", "hush\n", "hush\r\nX: 1", "hush\0", "hush\x1b[2J", "hush\u2028", "\udcff"])
@pytest.mark.parametrize("by_environment", [False, True])
@pytest.mark.parametrize("name", ["auth_token", "api_secret"])
def test_a_secret_with_white_space_or_control_characters_is_refused(
    name: str, by_environment: bool, secret: str, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: dict[str, t.Any] = {"api_key": KEY} if name == "api_secret" else {}
    if by_environment and "\0" not in secret:
        monkeypatch.setenv(str(CONNECTION[name].env), secret)
        options[name] = None
    else:
        options[name] = secret
    msg = task(info=True, **options)["msg"]
    assert msg.startswith(f"{name}: the value is not one line of visible characters")
    assert "hush" not in task.output


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"unique_name": 83}, "unique_name: 83"),
        ({"unique_name": True, "state": "absent"}, "unique_name: True"),
        ({"unique_name": 1.1}, "unique_name: 1.1"),
        ({"unique_name": ["rides"]}, "unique_name: ['rides']"),
        ({"unique_name": {"a": PASSWORD_URL}}, "unique_name: {'a': 'https://********@example.com/status'}"),
        ({"sid": 1}, "sid: 1"),
        ({"unique_name": "rides", "callback_url": False}, "callback_url: False"),
        ({"unique_name": "rides", "auth_token": 12345}, "auth_token: the value"),
        ({"unique_name": "rides", "account_sid": 5}, "account_sid: 5"),
        ({"unique_name": "rides", "ca_path": 5}, "ca_path: 5"),
    ],
)
def test_a_value_that_is_not_a_text_is_refused(options: dict[str, t.Any], sentence: str, task: Task) -> None:
    result = task(**options)
    # The advice to use quotes is wrong for a list or a mapping.
    advice = "" if sentence.endswith(("]", "}")) else f" {QUOTE_ADVICE}"
    assert result["msg"] == f"{sentence} is not a string.{advice} No request was sent."
    assert {key: result[key] for key in ("changed", *_result.FAILURE_KEYS)} == {
        "changed": False,
        **dict.fromkeys(_result.FAILURE_KEYS),
    }


def test_a_comma_separated_text_may_name_several_fields(task: Task) -> None:
    assert task(page(service()), info=True, properties="sid,unique_name")["services"] == [
        {"sid": SID, "unique_name": "rides"}
    ]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        *(({"default_ttl": text}, "an integer") for text in ("soon", "", "1.5", "1e3")),
        *(({"default_ttl": number}, "an integer") for number in (1.5, True, float("inf"))),
        ({"validate_certs": ""}, "true or false"),
        ({"validate_certs": "maybe"}, "true or false"),
        ({"validate_certs": 2}, "true or false"),
        ({"validate_certs": []}, "true or false"),
    ],
    ids=str,
)
def test_a_value_of_another_type_is_refused(options: dict[str, t.Any], problem: str, task: Task) -> None:
    ((name, value),) = options.items()
    msg = task(unique_name="a", **options)["msg"]
    assert msg == f"{name}: {value!r} is not {problem}. No request was sent."
    assert "a-token" not in task.output


@pytest.mark.parametrize("value", [60, "60", " +60", 60.0])
def test_an_integer_may_be_written_in_several_ways(value: t.Any, task: Task) -> None:
    assert (
        task(page(), unique_name="rides", default_ttl=value, _ansible_check_mode=True)["service"]["default_ttl"] == 60
    )


def test_a_sid_in_upper_case_is_the_same_sid(task: Task) -> None:
    lower, upper = "a" * 32, "A" * 32
    existing = service(sid=f"KS{upper}", account_sid=f"AC{upper}", chat_instance_sid=f"IS{upper}")
    result = task(
        Answer(200, existing),
        sid=f"KS{upper}",
        account_sid=f"AC{upper}",
        chat_instance_sid=f"IS{upper}",
        _ansible_check_mode=True,
    )
    assert result["changed"] is False
    assert [result["service"][name] for name in ("sid", "account_sid", "chat_instance_sid")] == [
        f"KS{lower}",
        f"AC{lower}",
        f"IS{lower}",
    ]
    assert task.wire.requests == [("GET", f"{LIST}/KS{lower}", {})]
    assert task(page(), unique_name=f"KS{upper}", _ansible_check_mode=True)["service"]["unique_name"] == f"KS{upper}"


def test_all_wrong_options_are_reported_in_one_message(task: Task) -> None:
    msg = task(unique_name="", default_ttl=-1, timeout=0, base_url="x", ca_path="/nowhere", auth_token=None)["msg"]
    for option in ("unique_name:", "default_ttl:", "timeout:", "base_url:", "ca_path:", "auth_token is missing:"):
        assert option in msg


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "one of the following is required: sid, unique_name"),
        (
            {"unique_name": "a", "geo_match_level": "town"},
            "value of geo_match_level must be one of: country, area-code",
        ),
        ({"unique_name": "a", "number_selection_behavior": "x"}, "must be one of: prefer-sticky, avoid-sticky, got: x"),
        ({"unique_name": "a", "state": "here"}, "value of state must be one of: present, absent, got: here"),
    ],
)
def test_ansible_refuses_wrong_options(options: dict[str, t.Any], words: str, task: Task) -> None:
    assert words in task(**options)["msg"]
    assert task.wire.requests == []


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        ({"sid": NULL}, ["sid"]),
        ({"sid": NULL, "state": "absent"}, ["sid"]),
        ({"sid": NULL, "unique_name": "rides"}, ["sid"]),
        ({"sid": NULL, "unique_name": "rides", "state": "absent"}, ["sid"]),
        ({"unique_name": NULL}, ["unique_name"]),
        ({"sid": NULL, "unique_name": NULL}, ["sid", "unique_name"]),
    ],
)
@pytest.mark.parametrize("info", [False, True])
def test_a_name_without_a_value_is_refused(
    options: dict[str, t.Any], refused: list[str], info: bool, task: Task
) -> None:
    given = {name: value for name, value in options.items() if not (info and name == "state")}
    msg = task(info=info, **given)["msg"]
    if info and len(given) == 2:
        assert "mutually exclusive" in msg
    else:
        assert re.findall(r"(\w+): the value is null\.", msg) == refused
        assert msg.endswith(" No request was sent.")
    assert task.wire.requests == []


def test_a_name_may_be_null_beside_a_sid(task: Task) -> None:
    assert task(Answer(200, service()), sid=SID, unique_name=NULL)["changed"] is False


def test_in_check_mode_a_null_sid_may_be_that_of_a_predicted_object(task: Task) -> None:
    result = task(page(), sid=NULL, unique_name="rides", _ansible_check_mode=True)
    assert result["changed"] is True
    assert task(info=True, sid=NULL, _ansible_check_mode=True)["services"] == []
    assert "sid: the value is null" in task(sid=NULL, default_ttl=5, _ansible_check_mode=True)["msg"]


@pytest.mark.parametrize(
    "wrong", [{"default_ttl": "soon"}, {"geo_match_level": "town"}, {"unknown": 1}, {"unique_name": None}]
)
def test_a_refusal_by_ansible_is_masked_and_has_the_keys_of_a_failure(wrong: dict[str, t.Any], task: Task) -> None:
    result = task(**{"unique_name": "rides", "callback_url": "https://u:se/cr@et@h/", **wrong})
    assert result["failed"] is True
    assert "cr@et" not in task.output
    assert {key: result[key] for key in ("changed", *_result.FAILURE_KEYS)} == {
        "changed": False,
        **dict.fromkeys(_result.FAILURE_KEYS),
    }


def test_ansible_refuses_wrong_options_of_info(task: Task) -> None:
    assert "mutually exclusive: sid|unique_name" in task(info=True, sid=SID, unique_name="a")["msg"]
    assert "must be one or more of: sid, account_sid" in task(info=True, properties=["secret"])["msg"]


def test_a_missing_library_is_named(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_task, "REQUESTS_ERROR", ImportError("No module named 'requests'"))
    for info in (False, True):
        options = {} if info else {"unique_name": "a"}
        assert "Failed to import the required Python library (requests)" in task(info=info, **options)["msg"]
    assert task.wire.requests == []


@pytest.mark.parametrize(
    ("options", "environment", "username", "account_sid"),
    [
        ({"account_sid": "AC1", "auth_token": "t"}, {}, "AC1", "AC1"),
        ({"api_key": "SK1", "api_secret": "s"}, {}, "SK1", None),
        ({"account_sid": "AC1", "auth_token": "t", "api_key": "SK1", "api_secret": "s"}, {}, "SK1", None),
        ({"auth_token": "t", "api_key": "SK1", "api_secret": "s"}, {}, "SK1", None),
        ({"account_sid": "AC1", "api_key": "SK1", "api_secret": "s"}, {}, "SK1", "AC1"),
        ({}, {"account_sid": "AC2", "auth_token": "t2"}, "AC2", "AC2"),
        ({}, {"api_key": "SK2", "api_secret": "s2"}, "SK2", None),
        ({}, {"account_sid": "AC2", "auth_token": "t2", "api_key": "SK2", "api_secret": "s2"}, "SK2", None),
        ({}, {"account_sid": "AC2", "api_key": "SK2", "api_secret": "s2"}, "SK2", "AC2"),
        # An option of the task counts more than the environment, also where both have the same value.
        (
            {"account_sid": "AC1", "auth_token": "t"},
            {"auth_token": "t", "api_key": "SK2", "api_secret": "s2"},
            "AC1",
            "AC1",
        ),
        ({"account_sid": "AC1", "auth_token": "t"}, {"api_key": "SK2", "api_secret": "s2"}, "AC1", "AC1"),
        ({"auth_token": "t"}, {"account_sid": "AC2", "api_key": "SK2", "api_secret": "s2"}, "AC2", "AC2"),
        ({"account_sid": "AC1"}, {"api_key": "SK2", "api_secret": "s2"}, "SK2", "AC1"),
        ({"account_sid": "AC1"}, {"auth_token": "t2", "api_key": "SK2", "api_secret": "s2"}, "SK2", "AC1"),
        ({"account_sid": "AC1", "api_key": "SK1", "api_secret": "s1"}, {"auth_token": "t2"}, "SK1", "AC1"),
        ({"api_key": "SK1", "api_secret": "s1"}, {"account_sid": "AC2"}, "SK1", None),
        ({"api_key": "SK1"}, {"api_secret": "s2", "account_sid": "AC2", "auth_token": "t2"}, "SK1", None),
        ({"auth_token": "t", "api_secret": "s1"}, {"account_sid": "AC2", "api_key": "SK2"}, "SK2", None),
    ],
)
def test_which_credentials_are_used(
    options: dict[str, str], environment: dict[str, str], username: str, account_sid: str | None
) -> None:
    names = ("account_sid", "auth_token", "api_key", "api_secret")
    params = {name: options.get(name, environment.get(name)) for name in names}
    credentials, found = choose_credentials(params, set(environment) - set(options))
    assert found == []
    assert credentials is not None
    assert (credentials.username, credentials.account_sid) == (username, account_sid)
    assert credentials.password == params["api_secret" if username.startswith("SK") else "auth_token"]


def test_the_environment_sets_options_that_the_task_leaves_out(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "9" * 32)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "from-the-environment")
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    monkeypatch.setenv("TWILIO_EDGE", "")
    monkeypatch.setenv("TWILIO_PROXY_BASE_URL", "")
    task(page(), info=True, account_sid=None, auth_token=None, base_url=None)
    (made,) = task.clients
    assert made._base_url == "https://proxy.ie1.twilio.com"
    assert (
        task.wire.prepared[0].headers["Authorization"]
        == "Basic " + base64.b64encode(f"AC{'9' * 32}:from-the-environment".encode()).decode()
    )


def test_region_and_edge_are_ignored_with_a_base_url(task: Task) -> None:
    assert task(page(), info=True, region="NOWHERE", edge="?")["services"] == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_ca_certificates_of_the_environment_are_checked(
    variable: str, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, "/nowhere")
    assert f"{variable}: '/nowhere' is not " in task(info=True)["msg"]
    assert task(page(), info=True, ca_path="/")["services"] == []
    assert task(page(), info=True, validate_certs=False)["services"] == []


def test_the_account_of_an_api_key_is_compared_with_account_sid(task: Task) -> None:
    key: dict[str, t.Any] = {"api_key": KEY, "api_secret": "a-secret", "auth_token": None, "unique_name": "rides"}
    created = task(page(), **key, _ansible_check_mode=True)
    assert created["service"]["account_sid"] == ACCOUNT
    created = task(page(), **{**key, "account_sid": None}, _ansible_check_mode=True)
    assert created["service"]["account_sid"] is None
    msg = task(page(service()), **{**key, "account_sid": "AC" + "9" * 32})["msg"]
    assert f"the credentials belong to the account {ACCOUNT}" in msg
    made = task(page(), Answer(201, service()), **{**key, "account_sid": "AC" + "9" * 32})
    assert made["changed"] is True
    assert f"it now has the Service 'rides' ({SID})." in made["msg"]
    assert made["msg"].endswith("or leave it out.")


def test_options_are_passed_to_the_client(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    task(page(), info=True, timeout=9, retries=2)
    task(page(), info=True, ca_path="/")
    task(page(), info=True, validate_certs=False, ca_path="/")
    assert [made.retries for made in task.clients] == [2, 5, 5]
    assert [arguments["verify"] for arguments in task.wire.arguments] == [True, "/", False]
    assert [arguments["timeout"] for arguments in task.wire.arguments] == [(9, 9), (30, 30), (30, 30)]
    assert "ansible-core/" in task.wire.prepared[0].headers["User-Agent"]


def test_switching_verification_off_warns(task: Task) -> None:
    assert "validate_certs is false" in warnings_of(task(page(), info=True, validate_certs=False))


def test_a_value_that_twilio_did_not_accept_is_a_warning(task: Task) -> None:
    result = task(page(service()), Answer(200, service()), unique_name="rides", callback_url=PASSWORD_URL)
    assert result["changed"] is True
    assert "but Twilio answered with None" in warnings_of(result)
    assert ":pw@" not in task.output


def test_secrets_are_masked_in_answers_of_twilio(task: Task) -> None:
    pair = base64.b64encode(f"{ACCOUNT}:a-token".encode()).decode()
    task(page(), error(400, 80701, f"a-token {pair} {PASSWORD_URL}"), unique_name="rides", callback_url=PASSWORD_URL)
    for secret in ("a-token", pair, ":pw@"):
        assert secret not in task.output


def test_the_password_of_an_existing_url_is_masked(task: Task) -> None:
    existing = service(callback_url=PASSWORD_URL)
    assert ":pw@" not in str(task(page(existing), info=True))
    assert ":pw@" not in str(task(page(existing), unique_name="rides"))
    assert ":pw@" not in str(task(page(existing), Answer(204), unique_name="rides", state="absent", _ansible_diff=True))


def test_the_systems_log_has_no_secret(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    logged: list[str] = []
    monkeypatch.setattr("ansible.module_utils.basic.has_journal", False)
    monkeypatch.setattr("ansible.module_utils.basic.syslog.syslog", lambda _priority, line: logged.append(line))
    task(page(service()), Answer(200, service()), unique_name="rides", callback_url=PASSWORD_URL, api_secret="")
    assert any("unique_name=rides" in line for line in logged)
    assert not any("a-token" in line or "pw" in line for line in logged)


def test_the_sid_of_an_api_key_is_not_masked(task: Task) -> None:
    result = task(page(service(unique_name=KEY)), info=True, api_key=KEY, api_secret="a-secret")
    assert result["services"][0]["unique_name"] == KEY
    assert "a-secret" not in task.output


def test_a_secret_that_is_part_of_a_name_does_not_change_what_is_sent(task: Task) -> None:
    task(page(), Answer(201, service(unique_name="a-token-x")), unique_name="a-token-x")
    assert task.wire.requests[1] == ("POST", LIST, {"UniqueName": "a-token-x"})


def test_a_secret_that_is_the_start_of_another_one_does_not_reveal_it(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_ansible_core_2_17(value: t.Any, secrets: t.Iterable[str]) -> t.Any:
        text = json.dumps(value)
        for secret in secrets:
            text = text.replace(secret, "********")
        return json.loads(text)

    monkeypatch.setattr("ansible.module_utils.basic.remove_values", of_ansible_core_2_17)
    urls = [f"https://a.example/?token={'x' * length}" for length in range(1, 40)]
    for before, after in ((urls[0], urls[-1]), (urls[-1], urls[0]), (urls[2], urls[20])):
        task(page(service(callback_url=before)), unique_name="rides", callback_url=after, _ansible_check_mode=True)
        assert "x" * 2 not in task.output
