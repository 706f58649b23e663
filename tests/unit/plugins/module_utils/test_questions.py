# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What answers to the questions mean, and what is in the table that people publish."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils import _errors
from ansible_collections.twilio.proxy.plugins.module_utils._findings import (
    Row,
    answered,
    is_good,
    not_answered,
    not_asked,
    table,
)
from ansible_collections.twilio.proxy.plugins.module_utils._questions import NAMES, QUESTIONS, left_over, request

from .wire import ABSENT, OTHER_SID, REQUEST_ID, SID, TAKEN, Answer, error, page, service

BY_KEY = {question.key: question for question in QUESTIONS}
KNOWN = {"found_sid": SID}


def seen(answer: Answer, request_id: str | None = REQUEST_ID) -> _errors.Answer:
    """The answer as the client hands it over."""
    headers = {"Twilio-Request-Id": request_id} if request_id else {}
    return _errors.Answer(answer.status, headers, answer.body or None)


def full_page(number: int, page_size: t.Any = None, following: str | None = None) -> Answer:
    answer = page(*(service() for _index in range(number)), following=following)
    answer.body["meta"]["page_size"] = page_size
    return answer


def of_another_form(key: str) -> Answer:
    return Answer(200, page() if BY_KEY[key].lists else {"sid": SID})


FOLLOWING = "https://proxy.example.com/v1/Services?Page=1"
NOT_BY_TWILIO = "not settled: not Twilio answered, but something on the way"
ANOTHER_REASON = "not settled: refused for another reason"
ANSWERS: tuple[tuple[str, Answer, str], ...] = (
    ("absent", ABSENT, "refused, and counts as absent"),
    ("absent", error(400, None, "Invalid Service Sid"), "refused, and counts as absent"),
    ("absent", error(404, 20404), "refused, and counts as absent"),
    ("absent", error(400, 20001), "refused, and does not count as absent"),
    ("absent", error(403, 20003), ANOTHER_REASON),
    ("absent", Answer(200, service()), "not settled: there is one"),
    ("absent", Answer(404, "<p>gateway</p>"), NOT_BY_TWILIO),
    ("absent", Answer(302), NOT_BY_TWILIO),
    ("page_limit", full_page(100), "not settled: 100 came, and it takes more than 100"),
    ("page_limit", full_page(100, 50), "not settled: 100 came, and it takes more than 100; meta.page_size is 50"),
    ("page_limit", full_page(100, "KS"), "not settled: 100 came, and it takes more than 100"),
    ("page_limit", full_page(100, True), "not settled: 100 came, and it takes more than 100"),
    ("page_limit", full_page(101), "more than 100, as 101 came"),
    ("page_limit", full_page(100, 100, FOLLOWING), "100, as another page follows; meta.page_size is 100"),
    ("page_limit", full_page(101, None, FOLLOWING), "101, as another page follows"),
    ("page_limit", error(400, 20007), "PageSize=1000 is refused"),
    ("page_limit", error(403, 20003), ANOTHER_REASON),
    ("page_over_maximum", full_page(0, 100), "a page; meta.page_size is 100"),
    ("page_over_maximum", error(400, 20007), "refused"),
    ("create", Answer(201, service()), "yes"),
    ("create", error(403, 80506), "no, creating is closed for this account"),
    ("create", error(400, 21102), "no, the account has as many as it may have"),
    ("create", error(400, 20001), ANOTHER_REASON),
    ("create", error(403), ANOTHER_REASON),
    ("lookup_by_name", Answer(200, service()), "yes"),
    ("lookup_by_name", Answer(200, service(sid=OTHER_SID)), "not settled: another Service came"),
    ("lookup_by_name", ABSENT, "no"),
    ("lookup_by_name", error(404, 20404), "no"),
    ("lookup_by_name", error(400, 20001), "no"),
    ("lookup_by_name", error(405, 20004), ANOTHER_REASON),
    ("name_taken", TAKEN, "refused, as the name is taken"),
    ("name_taken", error(409, 80602), "refused, as the name is taken"),
    ("name_taken", error(409, 20001), "refused, but not as a name that is taken"),
    ("name_taken", error(400, 21102), ANOTHER_REASON),
    ("name_taken", error(400, 80506), ANOTHER_REASON),
    ("name_taken", Answer(201, service()), "a second Service of that name"),
    ("name_in_other_case", Answer(201, service()), "yes"),
    ("name_in_other_case", TAKEN, "no, it is refused as taken"),
    ("name_in_other_case", error(400, 21102), ANOTHER_REASON),
    ("geo_match_level_radius", Answer(200, service(geo_match_level="radius")), "yes"),
    ("geo_match_level_radius", Answer(200, service()), "yes, but another value came back"),
    ("geo_match_level_radius", error(422, 80701), "no"),
    ("geo_match_level_radius", ABSENT, ANOTHER_REASON),
    ("geo_match_level_area_code", Answer(200, service(geo_match_level="area-code")), "yes"),
    ("invalid_value", error(400, 80701), "refused"),
    ("invalid_value", error(410), "refused"),
    ("invalid_value", error(404, 20404), ANOTHER_REASON),
    ("invalid_value", Answer(200, service()), "it is taken"),
    ("cleared", Answer(200, service()), "as null"),
    ("cleared", Answer(200, service(callback_url="")), 'as ""'),
    ("cleared", Answer(200, service(callback_url="https://x.example")), "with a value: it was not cleared"),
    ("cleared", error(400, 80701), ANOTHER_REASON),
    ("cleared_later", Answer(200, service(callback_url="")), 'as ""'),
)


@pytest.mark.parametrize(("key", "answer", "words"), ANSWERS)
def test_what_an_answer_means(key: str, answer: Answer, words: str) -> None:
    row = answered(BY_KEY[key], seen(answer), KNOWN)
    assert row.answer == words
    assert row.settled == (not words.startswith("not settled: "))
    body = answer.body if isinstance(answer.body, dict) else {}
    assert (row.status, row.code, row.request_id) == (answer.status, body.get("code"), REQUEST_ID)
    assert (row.key, row.question) == (key, BY_KEY[key].text)


@pytest.mark.parametrize("key", BY_KEY)
def test_an_answer_of_another_form_settles_nothing(key: str) -> None:
    answer = seen(of_another_form(key))
    assert answered(BY_KEY[key], answer, KNOWN).answer.startswith("not settled: the answer is not of the form")
    assert not is_good(BY_KEY[key], answer)


def test_every_question_has_an_answer_here() -> None:
    meant = {key for key, _answer, _words in ANSWERS}
    assert {key for key in BY_KEY if not key.startswith("geo")} == {key for key in meant if not key.startswith("geo")}


def test_what_was_not_asked_says_why() -> None:
    assert not_asked(BY_KEY["create"], "because").answer == "not settled: because"
    assert not_asked(BY_KEY["cleared"], "sid") == Row(
        "cleared", BY_KEY["cleared"].text, "not settled: no Service was made"
    )


def test_what_was_not_answered_says_what_came() -> None:
    lost = _errors.ApiError("ask", "it took long")
    assert not_answered(BY_KEY["create"], lost).answer == "not settled: no answer came"
    busy = _errors.refusal("ask", seen(error(503, 20503)))
    row = not_answered(BY_KEY["create"], busy)
    assert row.answer == "not settled: no good answer came"
    assert (row.settled, row.status, row.code, row.request_id) == (False, 503, 20503, REQUEST_ID)


@pytest.mark.parametrize("header", [None, "", "RQ1", f"{REQUEST_ID} of AC1", REQUEST_ID.lower()])
def test_a_header_of_another_form_is_not_shown(header: str | None) -> None:
    assert answered(BY_KEY["absent"], seen(ABSENT, header), {}).request_id is None


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], None),
        ([None, "", "..", ".", "a/b", "a?b", "ä", "a.b", SID, " a"], None),
        (["Flex Proxy Service"], "Flex%20Proxy%20Service"),
        (["z y", "a-b_C9"], "a-b_C9"),
    ],
)
def test_a_service_is_looked_up_by_a_name_that_is_plain(names: list[str | None], found: str | None) -> None:
    body = page(*(service(unique_name=name) for name in names)).body
    wanted = {} if found is None else {"found_name": found, "found_sid": SID}
    assert BY_KEY["page_limit"].teaches(body) == wanted


def test_what_others_left_is_known_by_its_name() -> None:
    names = ["rides", None, f"{NAMES}1-name", f"my {NAMES}"]
    assert left_over(page(*(service(unique_name=name) for name in names)).body) == [f"{NAMES}1-name"]


def test_only_what_was_made_is_written_to() -> None:
    """A request that writes to a Service has its SID from the answer to the create, and a new one a name of ours."""
    mine = {"new_name": f"{NAMES}1-name"}
    made = BY_KEY["create"].teaches(service(sid=OTHER_SID, unique_name=f"{NAMES}1-name"))
    listed = BY_KEY["page_limit"].teaches(page(service()).body)
    for question in QUESTIONS:
        if question.writes:
            place, values = request(question, {**mine, **listed, **made})
            assert place == f"/{OTHER_SID}" or (place == "" and str((values or {})["unique_name"]).startswith(NAMES))
            assert question.method == "POST"
    with pytest.raises(KeyError, match="sid"):
        request(BY_KEY["cleared"], listed)
    assert made["other_case"] == f"{NAMES}1-NAME"


def test_the_table_lines_up() -> None:
    rows = [Row("a", "Is it?", "yes", True, 201, None, "RQ1"), Row("b", "Or not?", "not settled: x")]
    assert table(rows) == (
        "| question | answer         | status | code | request |\n"
        "| -------- | -------------- | ------ | ---- | ------- |\n"
        "| Is it?   | yes            | 201    |      | RQ1     |\n"
        "| Or not?  | not settled: x |        |      |         |\n"
    )
