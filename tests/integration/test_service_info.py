# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What twilio.proxy.service_info finds, and how many requests it sends for it."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.integration.accounts import (
    ABSENT_SID,
    LIST,
    SID,
    WRITABLE,
    Sent,
    accounts,
)
from ansible_collections.twilio.proxy.tests.integration.command_line import Result, ad_hoc, playbook
from ansible_collections.twilio.proxy.tests.support.emulator import Service

#: Five Services, of which a page holds two.
NAMES = ["a", "b", "c", "d", "e"]
SERVICES: list[Service] = [{"sid": f"KS{number:032x}", "unique_name": name} for number, name in enumerate(NAMES)]
SERVICES[2] = {"sid": SID, "unique_name": "c", "callback_url": "https://example.com/status", "default_ttl": 60}
FIELDS = {*WRITABLE, "sid", "account_sid", "date_created", "date_updated", "url", "links"}

WORLDS: dict[str, dict[str, t.Any]] = {
    "recorded": {"page_size_cap": 2},
    "generic": {
        "absent_answer": "not_found_404",
        "case_sensitive_names": False,
        "cleared_value": "empty",
        "lookup_by_name": True,
        "page_size_cap": 2,
        "page_size_over_maximum": "clamp",
    },
    "without-code": {"absent_answer": "invalid_sid_400_without_code", "page_size_cap": 2},
}


@dataclasses.dataclass(frozen=True)
class Question:
    """What is asked, the names that come back, the paths that are read, and the PageSize that is asked for."""

    given: t.Mapping[str, t.Any]
    names: list[str]
    reads: list[str]
    page_size: int | None = None


QUESTIONS = {
    "everything": Question({}, NAMES, [LIST] * 3, 1000),
    "sid": Question({"sid": SID}, ["c"], [f"{LIST}/{SID}"]),
    "absent-sid": Question({"sid": ABSENT_SID}, [], [f"{LIST}/{ABSENT_SID}"]),
    "name": Question({"unique_name": "c"}, ["c"], [LIST] * 2, 1000),
    "name-in-other-case": Question({"unique_name": "C"}, [], [LIST] * 3, 1000),
    "small-limit": Question({"limit": 1}, ["a"], [LIST], 1),
    "limit-ends-a-page": Question({"limit": 2}, ["a", "b"], [LIST], 2),
    "limit-over-a-page": Question({"limit": 3, "page_size": 2}, ["a", "b", "c"], [LIST] * 2, 2),
    "limit-over-all": Question({"limit": 5000}, NAMES, [LIST] * 3, 1000),
    "page-size": Question({"page_size": 1}, NAMES, [LIST] * 5, 1),
    "largest-page": Question({"page_size": 1000}, NAMES, [LIST] * 3, 1000),
}
ABOUT_ABSENCE = ("sid", "absent-sid", "name")
RUNS = [
    (world, question) for world in WORLDS for question in QUESTIONS if world == "recorded" or question in ABOUT_ABSENCE
]


@pytest.fixture(scope="module")
def answers() -> dict[tuple[str, str], tuple[Result, list[Sent]]]:
    """All questions in all worlds: the result, and the requests."""
    found = {}
    task = {"name": "ask", "twilio.proxy.service_info": "{{ arguments }}"}
    play = {"hosts": "all", "gather_facts": False, "environment": "{{ environment_of_host }}", "tasks": [task]}
    for world, settings in WORLDS.items():
        asked = [question for name, question in RUNS if name == world]
        with accounts(dict.fromkeys(asked, SERVICES), **settings) as own:
            hosts = {
                name: {"arguments": dict(QUESTIONS[name].given), "environment_of_host": own[name].environment}
                for name in asked
            }
            run = playbook([play], hosts=hosts)
            for name in asked:
                found[world, name] = run.result("ask", name), own[name].requests()
    return found


@pytest.mark.parametrize(("world", "name"), RUNS)
def test_a_question(world: str, name: str, answers: dict[tuple[str, str], tuple[Result, list[Sent]]]) -> None:
    question, (result, sent) = QUESTIONS[name], answers[world, name]
    assert (result["failed"], result["changed"]) == (False, False)
    assert [service["unique_name"] for service in result["services"]] == question.names
    assert all(set(service) == FIELDS for service in result["services"])
    assert [(one.method, one.path) for one in sent] == [("GET", path) for path in question.reads]
    assert sent[0].query == ({} if question.page_size is None else {"PageSize": str(question.page_size)})
    assert all("PageToken" in one.query for one in sent[1:])


def test_properties_choose_the_fields() -> None:
    task = {
        "name": "ask",
        "twilio.proxy.service_info": {"sid": SID, "properties": ["default_ttl", "sid"]},
        "check_mode": True,
    }
    with accounts({"one": SERVICES}) as own:
        run = playbook([{"hosts": "all", "gather_facts": False, "tasks": [task]}], environment=own["one"].environment)
    assert run.result("ask")["services"] == [{"default_ttl": 60, "sid": SID}]


def test_ad_hoc() -> None:
    with accounts({"one": SERVICES}, page_size_cap=2) as own:
        result = ad_hoc(
            "twilio.proxy.service_info", "limit=3 properties=unique_name", environment=own["one"].environment
        )
        sent = own["one"].requests()
    assert result.only["services"] == [{"unique_name": name} for name in ("a", "b", "c")]
    assert [one.path for one in sent] == [LIST] * 2
