# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What is not known about the API, as a table of questions: what is asked, and what each answer means. Pure.

A verdict is made of words of this file and of numbers. Nothing that an account holds, and nothing that Twilio says in
words of its own, gets into it: it is for everybody to read.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from urllib.parse import quote

from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._resources import MAX_PAGE_SIZE, SERVICE, Object
from ansible_collections.twilio.proxy.plugins.module_utils._schema import obeys

#: How the names of all Services begin that are made to find something out.
NAMES = "ansible-selfcheck-"
#: The smaller one of the two limits that the documentation names for a page.
SMALL_PAGE = 100
CREATION_CLOSED, ACCOUNT_IS_FULL = 80506, 21102

#: What was learned so far, by the words that stand in braces in a question.
Known = t.Mapping[str, str]


class Verdict(t.NamedTuple):
    """What an answer means, and whether it settles the question."""

    words: str
    settled: bool = True


@dataclass(frozen=True)
class Question:
    """One thing to find out, by one request.

    ``key`` names it, and ``text`` asks it. ``place`` follows the path of the Services, and ``values`` are sent; words
    in braces in both are replaced by what is known. ``success`` says what a good answer means, and ``refused`` what a
    refusal of Twilio's does, or None if it settles nothing. ``lists`` says that a good answer is a page and not a
    Service. ``teaches`` gives what later questions can know from a good answer.
    """

    key: str
    text: str
    success: t.Callable[[Object, Known], Verdict]
    refused: t.Callable[[ApiError], Verdict | None] = lambda _error: None
    method: str = "GET"
    place: str = ""
    values: t.Mapping[str, str] | None = None
    lists: bool = False
    teaches: t.Callable[[Object], dict[str, str]] = lambda _body: {}

    @property
    def writes(self) -> bool:
        """Whether its request changes something."""
        return self.method != "GET"

    @property
    def creates(self) -> bool:
        """Whether its request makes a Service."""
        return self.writes and not self.place


def _is_about_what_was_asked(error: ApiError) -> bool:
    """Whether it is the request that was refused, and not whoever asks, or an account that is full."""
    return error.status in (400, 404, 409, 410, 422) and error.code not in (CREATION_CLOSED, ACCOUNT_IS_FULL)


def _when_refused(words: str) -> t.Callable[[ApiError], Verdict | None]:
    return lambda error: Verdict(words) if _is_about_what_was_asked(error) else None


def _when_value_refused(words: str) -> t.Callable[[ApiError], Verdict | None]:
    # That the Service is gone says nothing about the value.
    return lambda error: None if error.says_absent(SERVICE) else _when_refused(words)(error)


def _absent(error: ApiError) -> Verdict | None:
    if error.says_absent(SERVICE):
        return Verdict("refused, and counts as absent")
    return Verdict("refused, and does not count as absent") if _is_about_what_was_asked(error) else None


def _page_limit(page: Object, _known: Known) -> Verdict:
    number, more = len(page[SERVICE.list_key]), bool(page["meta"]["next_page_url"])
    if more:
        return Verdict(f"{number}, as another page follows{_page_size(page)}")
    if number > SMALL_PAGE:
        return Verdict(f"more than {SMALL_PAGE}, as {number} came{_page_size(page)}")
    return Verdict(f"{number} came, and it takes more than {SMALL_PAGE}{_page_size(page)}", False)


def _page_size(page: Object) -> str:
    said = page["meta"].get("page_size")
    return f"; meta.page_size is {said}" if isinstance(said, int) and not isinstance(said, bool) else ""


def _from_the_list(page: Object) -> dict[str, str]:
    """A Service to look up by its name: one whose name is the same in a path, and cannot be taken for a SID."""
    sid_rule = SERVICE.field("sid").rule
    found = [
        (" " in name, quote(name), item["sid"])
        for item in page[SERVICE.list_key]
        if (name := item[SERVICE.identity])
        and re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9 _-]*", name)
        and not (sid_rule and obeys(sid_rule, name))
    ]
    # A blank in a path is one more thing that could be refused.
    return dict(zip(("found_name", "found_sid"), min(found)[1:])) if found else {}


def _from_the_create(service: Object) -> dict[str, str]:
    name, sid = service[SERVICE.identity], service["sid"]
    head, dash, tail = name.rpartition("-")
    other_case = head + dash + tail.swapcase()
    return {"sid": sid, "name": name, "other_case": other_case, "found_name": quote(name), "found_sid": sid}


def _not_created(error: ApiError) -> Verdict | None:
    reasons = {
        CREATION_CLOSED: "no, creating is closed for this account",
        ACCOUNT_IS_FULL: "no, the account has as many as it may have",
    }
    return Verdict(reasons[error.code]) if error.code in reasons else None


def _by_name(service: Object, known: Known) -> Verdict:
    return Verdict("yes") if service["sid"] == known["found_sid"] else Verdict("another Service came", False)


def _same_name(error: ApiError) -> Verdict | None:
    if error.says_taken(SERVICE):
        return Verdict("refused, as the name is taken")
    return Verdict("refused, but not as a name that is taken") if _is_about_what_was_asked(error) else None


def _other_case(error: ApiError) -> Verdict | None:
    return Verdict("no, it is refused as taken") if error.says_taken(SERVICE) else None


def _cleared(service: Object, _known: Known) -> Verdict:
    words = {None: "as null", "": 'as ""'}
    return Verdict(words.get(service["callback_url"], "with a value: it was not cleared"))


def _takes(level: str) -> Question:
    def success(service: Object, _known: Known) -> Verdict:
        return Verdict("yes" if service["geo_match_level"] == level else "yes, but another value came back")

    return Question(
        f"geo_match_level_{level.replace('-', '_')}",
        f"Does geo_match_level take {level}?",
        success,
        _when_value_refused("no"),
        "POST",
        "/{sid}",
        {"geo_match_level": level},
    )


QUESTIONS: tuple[Question, ...] = (
    Question(
        "absent",
        "What is the answer about a Service that is not there?",
        lambda _service, _known: Verdict("there is one", False),
        _absent,
        place="/{absent_sid}",
    ),
    Question(
        "page_limit",
        "How many Services does a page hold at most?",
        _page_limit,
        _when_refused(f"PageSize={MAX_PAGE_SIZE} is refused"),
        place=f"?PageSize={MAX_PAGE_SIZE}",
        lists=True,
        teaches=_from_the_list,
    ),
    Question(
        "page_over_maximum",
        f"What is the answer to a PageSize over {MAX_PAGE_SIZE}?",
        lambda page, _known: Verdict(f"a page{_page_size(page)}"),
        _when_refused("refused"),
        place=f"?PageSize={MAX_PAGE_SIZE + 1}",
        lists=True,
    ),
    Question(
        "create",
        "Can the account create a Service?",
        lambda _service, _known: Verdict("yes"),
        _not_created,
        "POST",
        values={"unique_name": "{new_name}", "callback_url": "https://example.com/ansible-selfcheck"},
        teaches=_from_the_create,
    ),
    Question(
        "lookup_by_name",
        "Can a Service be fetched by its name?",
        _by_name,
        _when_refused("no"),
        place="/{found_name}",
    ),
    Question(
        "name_taken",
        "What is the answer to a name that another Service has?",
        lambda _service, _known: Verdict("a second Service of that name"),
        _same_name,
        "POST",
        values={"unique_name": "{name}"},
    ),
    Question(
        "name_in_other_case",
        "Can two names differ in upper and lower case only?",
        lambda _service, _known: Verdict("yes"),
        _other_case,
        "POST",
        values={"unique_name": "{other_case}"},
    ),
    *map(_takes, SERVICE.field("geo_match_level").choices or ()),
    Question(
        "invalid_value",
        "What is the answer to a value that a field does not have?",
        lambda _service, _known: Verdict("it is taken"),
        _when_value_refused("refused"),
        "POST",
        "/{sid}",
        {"number_selection_behavior": "ansible-selfcheck"},
    ),
    Question(
        "cleared",
        "How does a cleared field come back at once?",
        _cleared,
        method="POST",
        place="/{sid}",
        values={"callback_url": ""},
        teaches=lambda service: {"cleared_sid": service["sid"]},
    ),
    Question("cleared_later", "How does a cleared field read later?", _cleared, place="/{cleared_sid}"),
)


def request(question: Question, known: Known) -> tuple[str, dict[str, str] | None]:
    """The place and the values that the question asks with; KeyError for the first word that is not known."""
    values = question.values
    return (
        question.place.format_map(known),
        None if values is None else {name: value.format_map(known) for name, value in values.items()},
    )


def left_over(page: Object) -> list[str]:
    """The names of the Services on a page that an earlier run has made."""
    return [name for item in page[SERVICE.list_key] if str(name := item[SERVICE.identity]).startswith(NAMES)]
