# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What twilio.proxy.service does, as a table: each row in check mode, for real, and once more; by playbook and ad hoc.

Where nobody knows how the real API behaves, the rows go through worlds that answer differently.
"""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.integration.accounts import (
    ABSENT_SID,
    DEFAULTS,
    LIST,
    OTHER_SID,
    SID,
    WRITABLE,
    Sent,
    accounts,
    stored,
)
from ansible_collections.twilio.proxy.tests.integration.command_line import Result, ad_hoc, playbook
from ansible_collections.twilio.proxy.tests.support.emulator import Service

Given = t.Mapping[str, t.Any]
Write = tuple[str, str, t.Mapping[str, str]]

OBJECT, ABSENT_OBJECT = f"{LIST}/{SID}", f"{LIST}/{ABSENT_SID}"
RIDES: Given = {"unique_name": "rides"}
ALL: Given = {
    "callback_url": "https://example.com/status?a=1&b=%20#c",
    "chat_instance_sid": "IS0123456789abcdefabcdef9876543210",
    "default_ttl": 3600,
    "geo_match_level": "extended-area-code",
    "intercept_callback_url": "https://example.com/intercept",
    "number_selection_behavior": "avoid-sticky",
    "out_of_session_callback_url": "http://[2001:db8::1]:8080/lost",
}
ALL_SENT = {
    "CallbackUrl": "https://example.com/status?a=1&b=%20#c",
    "ChatInstanceSid": "IS0123456789abcdefabcdef9876543210",
    "DefaultTtl": "3600",
    "GeoMatchLevel": "extended-area-code",
    "InterceptCallbackUrl": "https://example.com/intercept",
    "NumberSelectionBehavior": "avoid-sticky",
    "OutOfSessionCallbackUrl": "http://[2001:db8::1]:8080/lost",
}
CLEAR: Given = dict.fromkeys(
    ("callback_url", "chat_instance_sid", "intercept_callback_url", "out_of_session_callback_url"), ""
)
CLEAR_SENT = dict.fromkeys(("CallbackUrl", "ChatInstanceSid", "InterceptCallbackUrl", "OutOfSessionCallbackUrl"), "")


@dataclasses.dataclass(frozen=True)
class World:
    """A way in which the API may behave. There the Service is found, or seen to be absent, after so many ``pages`` of
    the list, and with the Service the whole list has ``all_pages``."""

    settings: Given
    pages: int = 1
    all_pages: int = 1


WORLDS = {
    "recorded": World({}),
    "generic": World(
        {
            "absent_answer": "not_found_404",
            "case_sensitive_names": False,
            "cleared_value": "empty",
            "list_order": "newest_first",
            "lookup_by_name": True,
            "page_size_cap": 1,
        },
        pages=2,
        all_pages=3,
    ),
    "without-code": World({"absent_answer": "invalid_sid_400_without_code"}),
}


@dataclasses.dataclass(frozen=True)
class Row:
    """A row of the table.

    ``before`` and ``after`` are what the Service has beside the defaults, None where there is none. Each run reads what
    is at ``reads``, the list or the object; ``write`` is the request that follows, None if nothing changes. ``msg`` is
    what a failure says. ``absence`` marks the rows that hang on how the API says that there is no such Service.
    """

    given: Given
    before: Given | None
    after: Given | None
    reads: str
    write: Write | None = None
    msg: str = ""
    worlds: tuple[str, ...] = ("recorded",)


def create(**form: str) -> Write:
    return "POST", LIST, form


def update(**form: str) -> Write:
    return "POST", OBJECT, form


DELETE: Write = ("DELETE", OBJECT, {})
BOTH = ("recorded", "generic")

ROWS = {
    # Present, only unique_name: matched exactly, created when absent, updated just where it differs.
    "create": Row(RIDES, None, RIDES, LIST, create(UniqueName="rides"), worlds=BOTH),
    "create-with-all": Row({**RIDES, **ALL}, None, {**RIDES, **ALL}, LIST, create(UniqueName="rides", **ALL_SENT)),
    "create-cleared": Row({**RIDES, **CLEAR}, None, RIDES, LIST, create(UniqueName="rides"), worlds=BOTH),
    "found": Row({**RIDES, **ALL}, {**RIDES, **ALL}, {**RIDES, **ALL}, LIST),
    "one-differs": Row(
        {**RIDES, **ALL, "default_ttl": 0},
        {**RIDES, **ALL},
        {**RIDES, **ALL, "default_ttl": 0},
        LIST,
        update(DefaultTtl="0"),
    ),
    "all-differ": Row({**RIDES, **ALL}, RIDES, {**RIDES, **ALL}, LIST, update(**ALL_SENT)),
    # A field that is omitted is neither compared nor sent.
    "omitted": Row(RIDES, {**RIDES, **ALL}, {**RIDES, **ALL}, LIST, worlds=BOTH),
    "adopted": Row(
        {"unique_name": "Flex Proxy Service", "geo_match_level": "overlay"},
        {"unique_name": "Flex Proxy Service", **ALL},
        {"unique_name": "Flex Proxy Service", **ALL, "geo_match_level": "overlay"},
        LIST,
        update(GeoMatchLevel="overlay"),
    ),
    # Present, sid: read, updated, renamed; never created.
    "by-sid": Row({"sid": SID}, RIDES, RIDES, OBJECT),
    "by-sid-differs": Row(
        {"sid": SID, "number_selection_behavior": "avoid-sticky"},
        RIDES,
        {**RIDES, "number_selection_behavior": "avoid-sticky"},
        OBJECT,
        update(NumberSelectionBehavior="avoid-sticky"),
    ),
    "rename": Row({"sid": SID, "unique_name": "x"}, RIDES, {"unique_name": "x"}, OBJECT, update(UniqueName="x")),
    "rename-case": Row(
        {"sid": SID, "unique_name": "Rides"},
        RIDES,
        {"unique_name": "Rides"},
        OBJECT,
        update(UniqueName="Rides"),
        worlds=BOTH,
    ),
    "renamed": Row({"sid": SID, **RIDES}, RIDES, RIDES, OBJECT),
    "no-such-sid": Row(
        {"sid": ABSENT_SID, **RIDES},
        None,
        None,
        ABSENT_OBJECT,
        msg=f"no Service {ABSENT_SID}; a Service cannot be created with a chosen SID",
        worlds=tuple(WORLDS),
    ),
    # Absent, sid or unique_name.
    "delete": Row({**RIDES, "state": "absent"}, {**RIDES, **ALL}, None, LIST, DELETE, worlds=BOTH),
    "delete-by-sid": Row({"sid": SID, "state": "absent"}, RIDES, None, OBJECT, DELETE, worlds=tuple(WORLDS)),
    "delete-by-both": Row({"sid": SID, **RIDES, "state": "absent"}, RIDES, None, OBJECT, DELETE),
    "absent-already": Row({**RIDES, "state": "absent"}, None, None, LIST, worlds=BOTH),
    "absent-already-by-sid": Row(
        {"sid": ABSENT_SID, "state": "absent"}, None, None, ABSENT_OBJECT, worlds=tuple(WORLDS)
    ),
    "delete-other-name": Row(
        {"sid": SID, "unique_name": "x", "state": "absent"},
        RIDES,
        RIDES,
        OBJECT,
        msg=f"the Service {SID} has the unique_name 'rides', not 'x'",
    ),
    # "" clears what the API can clear.
    "clear": Row(
        {**RIDES, **CLEAR}, {**RIDES, **ALL}, {**RIDES, **ALL, **CLEAR}, LIST, update(**CLEAR_SENT), worlds=BOTH
    ),
    "clear-one": Row(
        {"sid": SID, "callback_url": ""},
        {**RIDES, **ALL},
        {**RIDES, **ALL, "callback_url": ""},
        OBJECT,
        update(CallbackUrl=""),
        worlds=BOTH,
    ),
    "cleared": Row({**RIDES, **CLEAR}, {**RIDES, **CLEAR}, RIDES, LIST, worlds=BOTH),
}
RUNS = [(world, row) for world in WORLDS for row in ROWS if world in ROWS[row].worlds]


TASKS = ("check", "run", "again")


class Played(t.NamedTuple):
    """What a row came to: the results of its tasks, the requests of each, and the Services that were left."""

    row: Row
    world: World
    check: Result
    run: Result
    again: Result
    sent: list[list[Sent]]
    left: list[Service]


@pytest.fixture(scope="module")
def table() -> dict[tuple[str, str], Played]:
    """All rows in all worlds, by one playbook in each world."""
    tasks: list[dict[str, t.Any]] = [
        {
            "name": name,
            "twilio.proxy.service": "{{ arguments }}",
            "check_mode": name == "check",
            "diff": True,
            "ignore_errors": True,
        }
        for name in TASKS
    ]
    found = {}
    for world_name, world in WORLDS.items():
        rows = {row: ROWS[row] for name, row in RUNS if name == world_name}
        with accounts({name: services_before(row) for name, row in rows.items()}, **world.settings) as own:
            hosts = {
                name: {"arguments": dict(row.given), "environment_of_host": own[name].environment}
                for name, row in rows.items()
            }
            play = {"hosts": "all", "gather_facts": False, "environment": "{{ environment_of_host }}", "tasks": tasks}
            run = playbook([play], hosts=hosts)
            for name, row in rows.items():
                check, real, again = (run.result(task, name) for task in TASKS)
                sent = own[name].runs()
                found[world_name, name] = Played(row, world, check, real, again, sent, own[name].services())
    return found


@pytest.fixture(params=RUNS, ids="-".join)
def played(request: pytest.FixtureRequest, table: dict[tuple[str, str], Played]) -> Played:
    return table[request.param]


def services_before(row: Row) -> list[Service]:
    """The Services of a row's account: its own, if any, and on each side of it one with a similar name."""
    own = [] if row.before is None else [{"sid": SID, **row.before}]
    return [{"sid": OTHER_SID, "unique_name": "rides 1"}, *own, {"unique_name": "ride"}]


def expected(fields: Given | None) -> dict[str, t.Any] | None:
    """The writable fields of a Service that has these fields beside the defaults."""
    return None if fields is None else stored({**DEFAULTS, **fields})


def shown(service: Service) -> dict[str, t.Any] | None:
    """The writable fields of a result's Service, as they stand there."""
    return {name: service[name] for name in WRITABLE} if service else None


def test_the_result(played: Played) -> None:
    """Each run says whether it changed something, and what the Service is then, or was last."""
    row = played.row
    failed = [result["failed"] for result in (played.check, played.run, played.again)]
    changed = [result["changed"] for result in (played.check, played.run, played.again)]
    assert failed == [bool(row.msg)] * 3
    assert changed == [row.write is not None, row.write is not None, False]
    if row.msg:
        assert all(row.msg in result["msg"] for result in (played.check, played.run, played.again))
    else:
        assert shown(played.run["service"]) == expected(row.before if row.after is None else row.after)
        assert played.again["service"] == ({} if row.after is None else played.run["service"])


def test_check_mode_foretells_the_run(played: Played) -> None:
    """Field by field, but for what only Twilio can know."""
    row = played.row
    created, updated = row.before is None and row.after is not None, None not in (row.before, row.after) and row.write
    unknown = {"sid", "date_created", "date_updated", "url", "links"} if created else set()
    unknown |= {"date_updated"} if updated else set()
    run, check = played.run.get("service", {}), played.check.get("service", {})
    assert check == {name: None if name in unknown else value for name, value in run.items()}


def test_the_requests(played: Played) -> None:
    """Pages are read until the Service is found, one write follows where something differs, and none in check mode."""
    row = played.row
    reading: list[Write] = [("GET", row.reads, {})] * (played.world.pages if row.reads == LIST else 1)
    writing = [] if row.write is None else [row.write]
    # Whether another Service has the new name: in check mode there is no answer that would tell.
    renames = row.reads == OBJECT and row.write is not None and "UniqueName" in row.write[2]
    looking: list[Write] = [("GET", LIST, {})] * (played.world.all_pages if renames else 0)
    check, run, again = ([(one.method, one.path, one.form) for one in sent] for sent in played.sent)
    assert (check, run) == (reading + looking, reading + writing)
    assert {method for method, _path, _form in again} == {"GET"}


def test_a_list_is_asked_for_once_and_then_followed(played: Played) -> None:
    for run in played.sent:
        queries = [one.query for one in run if one.path == LIST and one.method == "GET"]
        assert [query.get("PageSize") for query in queries[:1]] in ([], ["1000"])
        assert ["PageToken" in query for query in queries] == [number > 0 for number in range(len(queries))]


def test_what_is_left(played: Played) -> None:
    """The API has what the result says, and the other Services are as they were."""
    own = [service for service in played.left if service["unique_name"] not in ("rides 1", "ride")]
    assert len(played.left) - len(own) == 2
    assert [stored(service) for service in own] == [fields for fields in [expected(played.row.after)] if fields]


def test_the_diff(played: Played) -> None:
    """It has the writable fields, before and after, in check mode too, and is not there when nothing changes."""
    row = played.row
    if row.write is None:
        assert ["diff" in result for result in (played.check, played.run, played.again)] == [False] * 3
    else:
        for diff in (played.check["diff"], played.run["diff"]):
            assert (diff["before"], diff["after"]) == (expected(row.before), expected(row.after))
        assert "diff" not in played.again


#: At least one row for each sentence of the table; all of them are in the playbooks.
AD_HOC = (
    "create",
    "found",
    "one-differs",
    "omitted",
    "rename",
    "no-such-sid",
    "delete",
    "delete-by-sid",
    "absent-already",
    "absent-already-by-sid",
    "clear-one",
)


def written(given: Given) -> str:
    """Options as one writes them on a command line."""
    return " ".join(f"{name}='{value}'" for name, value in given.items())


@pytest.mark.parametrize("name", AD_HOC)
def test_ad_hoc(name: str, table: dict[tuple[str, str], Played]) -> None:
    """A line on the command line comes to what the playbook came to."""
    in_playbook = table["recorded", name]
    row = in_playbook.row
    with accounts({name: services_before(row)}) as own:
        environment = own[name].environment
        check = ad_hoc("twilio.proxy.service", written(row.given), "--check", environment=environment).only
        run = ad_hoc("twilio.proxy.service", written(row.given), environment=environment).only
        sent, left = own[name].runs(), own[name].services()
    assert [comparable(check), comparable(run)] == [comparable(in_playbook.check), comparable(in_playbook.run)]
    assert sent_without_query(sent) == sent_without_query(in_playbook.sent[:2])
    assert [stored(service) for service in left] == [stored(service) for service in in_playbook.left]


def comparable(result: Result) -> dict[str, t.Any]:
    """What two runs of a row have in common, whatever SIDs, dates and ports they met."""
    return {
        "failed": result["failed"],
        "changed": result["changed"],
        "msg": result.get("msg"),
        "service": shown(result.get("service", {})),
        "known": [name for name, value in result.get("service", {}).items() if value is not None],
    }


def sent_without_query(runs: list[list[Sent]]) -> list[list[Write]]:
    return [[(one.method, one.path, one.form) for one in run] for run in runs]
