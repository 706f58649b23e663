# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The selfcheck finds out how the emulator is set, in every setting that a question is about, and leaves nothing."""

from __future__ import annotations

import json
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils._client import Client, Credentials
from ansible_collections.twilio.proxy.plugins.module_utils._findings import Row
from ansible_collections.twilio.proxy.plugins.module_utils._questions import NAMES, QUESTIONS
from ansible_collections.twilio.proxy.plugins.module_utils._selfcheck import Run as Selfcheck
from ansible_collections.twilio.proxy.tests.integration.accounts import LIST
from ansible_collections.twilio.proxy.tests.integration.command_line import Run, ad_hoc, playbook
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator, Fault

NAME = "name of a customer"
#: A question's answer in words, the status and the code.
Expected = tuple[str, int | None, int | None]

REFUSED: Expected = ("refused", 400, 80701)
NOT_MADE: Expected = ("not settled: no Service was made", None, None)
#: What the emulator answers where no setting says otherwise, on an account that has one Service.
USUAL: t.Mapping[str, Expected] = {
    "absent": ("refused, and counts as absent", 400, 80408),
    "page_limit": ("not settled: 1 came, and it takes more than 100; meta.page_size is 100", 200, None),
    "page_over_maximum": ("refused", 400, 20007),
    "create": ("yes", 201, None),
    "lookup_by_name": ("no", 400, 80408),
    "name_taken": ("refused, as the name is taken", 400, 80602),
    "name_in_other_case": ("yes", 201, None),
    "geo_match_level_country": ("yes", 200, None),
    "geo_match_level_area_code": ("yes", 200, None),
    "geo_match_level_extended_area_code": ("yes", 200, None),
    "geo_match_level_overlay": ("yes", 200, None),
    "geo_match_level_radius": ("yes", 200, None),
    "invalid_value": REFUSED,
    "cleared": ("as null", 200, None),
    "cleared_later": ("as null", 200, None),
}
ALL_THAT_NEED_A_SERVICE = {
    name: NOT_MADE
    for name in USUAL
    if name not in ("absent", "page_limit", "page_over_maximum", "create", "lookup_by_name")
} | {"cleared_later": ("not settled: nothing was cleared", None, None)}

#: Settings, how many Services there are, and what is answered otherwise than usual.
WORLDS: dict[str, tuple[dict[str, t.Any], int, dict[str, Expected]]] = {
    "usual": ({}, 1, {}),
    "absent: 404": (
        {"absent_answer": "not_found_404"},
        1,
        {"absent": ("refused, and counts as absent", 404, 20404), "lookup_by_name": ("no", 404, 20404)},
    ),
    "absent: without code": (
        {"absent_answer": "invalid_sid_400_without_code"},
        1,
        {"absent": ("refused, and counts as absent", 400, None), "lookup_by_name": ("no", 400, None)},
    ),
    "name taken: 409": (
        {"name_taken_status": 409},
        1,
        {"name_taken": ("refused, as the name is taken", 409, 80602)},
    ),
    "cleared: empty": (
        {"cleared_value": "empty"},
        1,
        {"cleared": ('as ""', 200, None), "cleared_later": ('as ""', 200, None)},
    ),
    "page: 100, and 100 there": (
        {},
        100,
        {"page_limit": ("not settled: 100 came, and it takes more than 100; meta.page_size is 100", 200, None)},
    ),
    "page: 100, and 101 there": (
        {},
        101,
        {"page_limit": ("100, as another page follows; meta.page_size is 100", 200, None)},
    ),
    "page: 1000, and 100 there": (
        {"page_size_cap": 1000},
        100,
        {"page_limit": ("not settled: 100 came, and it takes more than 100; meta.page_size is 1000", 200, None)},
    ),
    "page: 1000, and 101 there": (
        {"page_size_cap": 1000},
        101,
        {"page_limit": ("more than 100, as 101 came; meta.page_size is 1000", 200, None)},
    ),
    "page: 2, and 3 there": (
        {"page_size_cap": 2},
        3,
        {"page_limit": ("2, as another page follows; meta.page_size is 2", 200, None)},
    ),
    "over the maximum: clamp": (
        {"page_size_over_maximum": "clamp"},
        1,
        {"page_over_maximum": ("a page; meta.page_size is 100", 200, None)},
    ),
    "lookup by name": ({"lookup_by_name": True}, 1, {"lookup_by_name": ("yes", 200, None)}),
    "one case, 400": (
        {"case_sensitive_names": False},
        1,
        {"name_in_other_case": ("no, it is refused as taken", 400, 80602)},
    ),
    "one case, 409": (
        {"case_sensitive_names": False, "name_taken_status": 409},
        1,
        {
            "name_taken": ("refused, as the name is taken", 409, 80602),
            "name_in_other_case": ("no, it is refused as taken", 409, 80602),
        },
    ),
    "the documentation's levels": (
        {"geo_match_levels": ["country", "area-code", "extended-area-code"]},
        1,
        {"geo_match_level_overlay": ("no", 400, 80701), "geo_match_level_radius": ("no", 400, 80701)},
    ),
    "the description's levels": (
        {"geo_match_levels": ["country", "area-code", "overlay", "radius"], "invalid_value_status": 422},
        1,
        {"geo_match_level_extended_area_code": ("no", 422, 80701), "invalid_value": ("refused", 422, 80701)},
    ),
    "invalid: another code": (
        {"invalid_value_code": 20001},
        1,
        {"invalid_value": ("refused", 400, 20001)},
    ),
    "creation closed, 403": (
        {"creation_closed": True},
        1,
        {**ALL_THAT_NEED_A_SERVICE, "create": ("no, creating is closed for this account", 403, 80506)},
    ),
    "creation closed, 400, lookup by name": (
        {"creation_closed": True, "creation_closed_status": 400, "lookup_by_name": True},
        1,
        {
            **ALL_THAT_NEED_A_SERVICE,
            "create": ("no, creating is closed for this account", 400, 80506),
            "lookup_by_name": ("yes", 200, None),
        },
    ),
    "creation closed, nothing there": (
        {"creation_closed": True},
        0,
        {
            **ALL_THAT_NEED_A_SERVICE,
            "page_limit": ("not settled: 0 came, and it takes more than 100; meta.page_size is 100", 200, None),
            "create": ("no, creating is closed for this account", 403, 80506),
            "lookup_by_name": ("not settled: the account has no Service with a plain name", None, None),
        },
    ),
    "full": (
        {"service_limit": 1},
        1,
        {**ALL_THAT_NEED_A_SERVICE, "create": ("no, the account has as many as it may have", 400, 21102)},
    ),
    "full, with another status": (
        {"service_limit": 1, "service_limit_status": 403},
        1,
        {**ALL_THAT_NEED_A_SERVICE, "create": ("no, the account has as many as it may have", 403, 21102)},
    ),
    "full, with another code": (
        {"service_limit": 1, "service_limit_code": 80999},
        1,
        {**ALL_THAT_NEED_A_SERVICE, "create": ("not settled: refused for another reason", 400, 80999)},
    ),
    "room for one": (
        {"service_limit": 2},
        1,
        {
            # Whether the name or the limit is looked at first is up to the API, and so is the answer.
            "name_taken": ("not settled: refused for another reason", 400, 21102),
            "name_in_other_case": ("not settled: refused for another reason", 400, 21102),
        },
    ),
    "newest first": ({"list_order": "newest_first"}, 1, {}),
}


def account(emulator: Emulator, number: int = 1, **settings: t.Any) -> dict[str, t.Any]:
    """The settings of an emulator whose account has that many Services."""
    services = [{"unique_name": f"{NAME} {index}"} for index in range(number)]
    return {
        "accounts": [
            {"account_sid": emulator.account_sid, "auth_token": emulator.auth_token, "services": services},
        ],
        **settings,
    }


def ask(emulator: Emulator, why_not: str | None = None) -> Selfcheck:
    """The questions asked in this process, without waits."""
    client = Client(
        emulator.base_url,
        Credentials(emulator.account_sid, emulator.auth_token),
        timeout=30,
        retries=1,
        verify=True,
        agent="",
        sleep=lambda _seconds: None,
    )
    run = Selfcheck(client, why_not)
    run.ask_all()
    return run


def said(rows: t.Iterable[Row]) -> dict[str, Expected]:
    return {row.key: (row.answer, row.status, row.code) for row in rows}


@pytest.mark.parametrize("world", WORLDS)
def test_the_verdicts_are_the_settings(world: str, emulator_process: Emulator) -> None:
    settings, number, otherwise = WORLDS[world]
    emulator_process.reset(**account(emulator_process, number, **settings))
    before = emulator_process.services()
    run = ask(emulator_process)
    assert said(run.rows) == {**USUAL, **otherwise}
    assert {row.key for row in run.rows if not row.settled} == {
        key for key, (words, _status, _code) in said(run.rows).items() if words.startswith("not settled: ")
    }
    assert (run.left, run.unseen, run.trouble) == ([], [], None)
    assert emulator_process.services() == before


@pytest.mark.parametrize("world", WORLDS)
def test_reading_settles_what_needs_no_writing(world: str, emulator_process: Emulator) -> None:
    settings, number, otherwise = WORLDS[world]
    emulator_process.reset(**account(emulator_process, number, **settings))
    run = ask(emulator_process, "it needs writing")
    expected = {**USUAL, **otherwise}
    read = {"absent", "page_limit", "page_over_maximum", *(["lookup_by_name"] if number else [])}
    assert said(run.rows) == {
        key: answer if key in read else ("not settled: it needs writing", None, None)
        for key, answer in expected.items()
    }
    assert [request["method"] for request in emulator_process.requests()] == ["GET"] * len(read)


def test_every_question_is_settled_somewhere() -> None:
    settled = {
        key
        for _settings, _number, otherwise in WORLDS.values()
        for key, (words, _status, _code) in {**USUAL, **otherwise}.items()
        if not words.startswith("not settled: ")
    }
    assert settled == set(USUAL) == {question.key for question in QUESTIONS}


def test_the_number_of_requests(emulator_process: Emulator) -> None:
    emulator_process.reset(**account(emulator_process))
    ask(emulator_process)
    methods = [request["method"] for request in emulator_process.requests()]
    assert {method: methods.count(method) for method in methods} == {"GET": 5, "POST": 10, "DELETE": 2}
    assert len(methods) == len(QUESTIONS) + 2


CREATE, OBJECT = LIST, f"{LIST}/KS.*"
BUSY = {"kind": "answer", "status": 503, "json": {"code": 20503, "message": "Busy", "status": 503}}
NO_LONGER = {"kind": "answer", "status": 401, "json": {"code": 20003, "message": "Authenticate", "status": 401}}
#: What goes wrong in the middle of a run that writes, whether it fails, and what is not settled for it.
FAULTS: dict[str, tuple[Fault | None, bool, set[str]]] = {
    "nothing": (None, False, set()),
    "a create is lost before it is made": (
        Fault({"kind": "cut", "when": "before"}, "POST", CREATE, skip=1),
        False,
        {"name_taken"},
    ),
    "the first create's answer is lost": (
        Fault({"kind": "cut", "when": "after"}, "POST", CREATE),
        False,
        {"create", "name_taken", "name_in_other_case", *(key for key in USUAL if key.startswith("geo"))}
        | {"invalid_value", "cleared", "cleared_later"},
    ),
    "the last create's answer is lost": (
        Fault({"kind": "cut", "when": "middle"}, "POST", CREATE, skip=2),
        False,
        {"name_in_other_case"},
    ),
    "an update cannot be made": (
        Fault(BUSY, "POST", OBJECT, skip=5, times=2),
        False,
        {"invalid_value"},
    ),
    "the credentials go": (
        Fault(NO_LONGER, "POST", OBJECT),
        True,
        {key for key in USUAL if key.startswith(("geo", "cleared", "invalid"))},
    ),
    "a delete has to be tried again": (Fault(BUSY, "DELETE", OBJECT), False, set()),
}


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_left_whatever_goes_wrong(name: str, emulator_process: Emulator) -> None:
    fault, fails, lacking = FAULTS[name]
    emulator_process.reset(**account(emulator_process))
    before = emulator_process.services()
    if fault is not None:
        emulator_process.fault(*fault)
    run = ask(emulator_process)
    assert (run.trouble is not None) == fails
    assert {row.key for row in run.rows if not row.settled} - {"page_limit"} == lacking
    assert [row.key for row in run.rows] == list(USUAL)
    assert run.left == []
    assert emulator_process.services() == before
    assert fault is None or [rule["used"] for rule in emulator_process.faults()] == [fault.times]


# In Ansible's own programs.

ASK = "Ask the account"


def selfcheck(emulator: Emulator, *options: str, environment: t.Mapping[str, str] | None = None) -> Run:
    """The playbook, as a person runs it."""
    play = {"ansible.builtin.import_playbook": "twilio.proxy.selfcheck"}
    return playbook([play], *options, environment={**emulator.environment, **(environment or {})})


def written(emulator: Emulator) -> list[str]:
    return [request["method"] for request in emulator.requests() if request["method"] != "GET"]


def test_the_playbook_reads_unless_it_is_told_to_write(emulator_process: Emulator, tmp_path: Path) -> None:
    emulator_process.reset(**account(emulator_process))
    file = tmp_path / "selfcheck.md"
    done = selfcheck(emulator_process, "-vvv", "-e", f"selfcheck_file={file}")
    assert done.status == 0, done.output
    table = file.read_text(encoding="utf-8")
    assert table == done.result(ASK)["table"]
    assert all(line in done.output for line in table.splitlines())
    assert written(emulator_process) == []
    assert len(emulator_process.requests()) == 4
    assert len(table.splitlines()) == len(QUESTIONS) + 2
    for secret in (emulator_process.auth_token, emulator_process.authorization.removeprefix("Basic ")):
        assert secret not in done.output + table
    for private in (NAME, NAME.replace(" ", "%20"), emulator_process.account_sid, "KS"):
        assert private not in table


def test_check_mode_only_reads(emulator_process: Emulator) -> None:
    emulator_process.reset(**account(emulator_process))
    done = selfcheck(emulator_process, "--check", "-e", "selfcheck_write=true")
    assert done.status == 0, done.output
    assert written(emulator_process) == []
    assert "not settled: it needs writing, and this is check mode " in done.result(ASK)["table"]


def test_the_account_is_as_it_was_also_after_a_failure(emulator_process: Emulator) -> None:
    emulator_process.reset(**account(emulator_process))
    before = emulator_process.services()
    emulator_process.fault({"kind": "cut", "when": "after"}, "POST", CREATE, skip=2)
    emulator_process.fault(NO_LONGER, "POST", OBJECT, skip=6)
    done = selfcheck(emulator_process, "-vvv", "-e", "selfcheck_write=true")
    result = done.result(ASK)
    assert (result["failed"], result["changed"], result["left"]) == (True, False, [])
    assert (result["status"], result["code"]) == (401, 20003)
    assert result["msg"].endswith("What was made was removed.")
    assert written(emulator_process) == ["POST"] * 10 + ["DELETE"] * 2
    assert emulator_process.services() == before
    assert emulator_process.auth_token not in done.output


def test_what_cannot_be_removed_is_named(emulator_process: Emulator) -> None:
    emulator_process.reset(**account(emulator_process))
    before = emulator_process.services()
    emulator_process.fault(BUSY, "DELETE", times=2)
    done = selfcheck(emulator_process, "-e", "selfcheck_write=true", "-e", '{"proxy_account": {"retries": 0}}')
    result = done.result(ASK)
    assert done.status != 0
    assert result["changed"] is True
    there = [one["unique_name"] for one in emulator_process.services() if one["unique_name"].startswith(NAMES)]
    assert result["left"] == sorted(there)
    assert len(there) == 2
    assert f"Perhaps not removed: {', '.join(sorted(there))}" in result["msg"]
    # The next run sees them, and leaves them to whoever may still use them.
    result = selfcheck(emulator_process).result(ASK)
    assert all(name in " ".join(map(str, result["warnings"])) for name in there)
    # As docs/selfcheck.md says.
    pruning = {"services": [], "prune": True, "allow_empty": True, "prune_matching": f"^{NAMES}", "max_deletions": 3}
    assert ad_hoc("twilio.proxy.services", json.dumps(pruning), environment=emulator_process.environment).status == 0
    assert emulator_process.services() == before


def test_nothing_is_left_when_ansible_times_the_task_out(emulator_process: Emulator) -> None:
    """In the middle of a create that is carried out later; a module goes on by itself, until it has removed all."""
    emulator_process.reset(**account(emulator_process))
    before = emulator_process.services()
    emulator_process.fault({"kind": "late", "seconds": 8, "applied": "after"}, "POST", CREATE, skip=2)
    task = {"name": ASK, "twilio.proxy.selfcheck": {"write": True}, "timeout": 5, "ignore_errors": True}
    play = {"hosts": "here", "gather_facts": False, "tasks": [task]}
    done = playbook([play], hosts={"here": {}}, environment=emulator_process.environment)
    assert done.status == 0, done.output
    assert done.result(ASK, "here")["failed"]
    assert [rule["used"] for rule in emulator_process.faults()] == [1]
    wait_for(lambda: written(emulator_process).count("DELETE") == 2)
    assert emulator_process.services() == before


def wait_for(condition: t.Callable[[], bool]) -> None:
    """Returns when the condition holds, which has to be within 30 seconds."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
