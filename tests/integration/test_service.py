# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""twilio.proxy.service: each row of a table runs in check mode, outside of it, and again; in a playbook and ad hoc.

Rows that depend on uncertain behaviour of the API run for several API variants.
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
    Request,
    accounts,
    single_account,
    writable_fields,
)
from ansible_collections.twilio.proxy.tests.integration.command_line import Result, ad_hoc, playbook
from ansible_collections.twilio.proxy.tests.support.emulator import Service

Options = t.Mapping[str, t.Any]
Write = tuple[str, str, t.Mapping[str, str]]

OBJECT, ABSENT_OBJECT = f"{LIST}/{SID}", f"{LIST}/{ABSENT_SID}"
RIDES: Options = {"unique_name": "rides"}
ALL: Options = {
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
CLEAR: Options = dict.fromkeys(
    ("callback_url", "chat_instance_sid", "intercept_callback_url", "out_of_session_callback_url"), ""
)
CLEAR_SENT = dict.fromkeys(("CallbackUrl", "ChatInstanceSid", "InterceptCallbackUrl", "OutOfSessionCallbackUrl"), "")


@dataclasses.dataclass(frozen=True)
class Variant:
    """The emulator's settings for an API variant.

    ``pages`` is the number of pages read until the Service is found, or known to be absent. ``all_pages`` is that of
    the whole list with the Service.
    """

    settings: Options
    pages: int = 1
    all_pages: int = 1


VARIANTS = {
    "recorded": Variant({}),
    "generic": Variant(
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
    "without-code": Variant({"absent_answer": "invalid_sid_400_without_code"}),
}


@dataclasses.dataclass(frozen=True)
class Row:
    """The options of a task and the expected result.

    ``before`` and ``after`` are the fields of the Service that differ from the defaults, None for an absent Service.
    ``reads`` is the path of the list or of the object, which each run reads. ``write`` is the request that changes
    something, or None. ``msg`` is part of the message of a failure.
    """

    options: Options
    before: Options | None
    after: Options | None
    reads: str
    write: Write | None = None
    msg: str = ""
    variants: tuple[str, ...] = ("recorded",)


def create(**form: str) -> Write:
    return "POST", LIST, form


def update(**form: str) -> Write:
    return "POST", OBJECT, form


DELETE: Write = ("DELETE", OBJECT, {})
BOTH_VARIANTS = ("recorded", "generic")

ROWS = {
    # Present, only unique_name: matched exactly, created if absent, only the fields that differ are updated.
    "create": Row(RIDES, None, RIDES, LIST, create(UniqueName="rides"), variants=BOTH_VARIANTS),
    "create-with-all": Row({**RIDES, **ALL}, None, {**RIDES, **ALL}, LIST, create(UniqueName="rides", **ALL_SENT)),
    "create-cleared": Row({**RIDES, **CLEAR}, None, RIDES, LIST, create(UniqueName="rides"), variants=BOTH_VARIANTS),
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
    "omitted": Row(RIDES, {**RIDES, **ALL}, {**RIDES, **ALL}, LIST, variants=BOTH_VARIANTS),
    "by-name-differs": Row(
        {"unique_name": "Flex Proxy Service", "geo_match_level": "overlay"},
        {"unique_name": "Flex Proxy Service", **ALL},
        {"unique_name": "Flex Proxy Service", **ALL, "geo_match_level": "overlay"},
        LIST,
        update(GeoMatchLevel="overlay"),
    ),
    # Present, sid: read, updated, renamed, and never created.
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
        variants=BOTH_VARIANTS,
    ),
    "renamed": Row({"sid": SID, **RIDES}, RIDES, RIDES, OBJECT),
    "no-such-sid": Row(
        {"sid": ABSENT_SID, **RIDES},
        None,
        None,
        ABSENT_OBJECT,
        msg=f"There is no Service {ABSENT_SID}. ",
        variants=tuple(VARIANTS),
    ),
    # Absent, sid or unique_name.
    "delete": Row({**RIDES, "state": "absent"}, {**RIDES, **ALL}, None, LIST, DELETE, variants=BOTH_VARIANTS),
    "delete-by-sid": Row({"sid": SID, "state": "absent"}, RIDES, None, OBJECT, DELETE, variants=tuple(VARIANTS)),
    "delete-by-both": Row({"sid": SID, **RIDES, "state": "absent"}, RIDES, None, OBJECT, DELETE),
    "absent-already": Row({**RIDES, "state": "absent"}, None, None, LIST, variants=BOTH_VARIANTS),
    "absent-already-by-sid": Row(
        {"sid": ABSENT_SID, "state": "absent"}, None, None, ABSENT_OBJECT, variants=tuple(VARIANTS)
    ),
    "delete-other-name": Row(
        {"sid": SID, "unique_name": "x", "state": "absent"},
        RIDES,
        RIDES,
        OBJECT,
        msg=f"The Service {SID} has the unique_name 'rides', not 'x'",
    ),
    # "" clears the fields that the API can clear.
    "clear": Row(
        {**RIDES, **CLEAR},
        {**RIDES, **ALL},
        {**RIDES, **ALL, **CLEAR},
        LIST,
        update(**CLEAR_SENT),
        variants=BOTH_VARIANTS,
    ),
    "clear-one": Row(
        {"sid": SID, "callback_url": ""},
        {**RIDES, **ALL},
        {**RIDES, **ALL, "callback_url": ""},
        OBJECT,
        update(CallbackUrl=""),
        variants=BOTH_VARIANTS,
    ),
    "cleared": Row({**RIDES, **CLEAR}, {**RIDES, **CLEAR}, RIDES, LIST, variants=BOTH_VARIANTS),
}
ROW_VARIANTS = [(variant, row) for variant in VARIANTS for row in ROWS if variant in ROWS[row].variants]


TASKS = ("check", "run", "again")


class RowResult(t.NamedTuple):
    """The results of a row's tasks, the requests of each task, and the Services after them."""

    row: Row
    variant: Variant
    check: Result
    run: Result
    again: Result
    requests: list[list[Request]]
    services_after: list[Service]


@pytest.fixture(scope="module")
def row_results() -> dict[tuple[str, str], RowResult]:
    """Run all rows for their API variants, one playbook for each variant."""
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
    results = {}
    for variant_name, variant in VARIANTS.items():
        rows = {row: ROWS[row] for name, row in ROW_VARIANTS if name == variant_name}
        with accounts({name: services_before(row) for name, row in rows.items()}, **variant.settings) as account_of:
            hosts = {
                name: {"arguments": dict(row.options), "environment_of_host": account_of[name].environment}
                for name, row in rows.items()
            }
            play = {"hosts": "all", "gather_facts": False, "environment": "{{ environment_of_host }}", "tasks": tasks}
            run = playbook([play], hosts=hosts)
            for name, row in rows.items():
                check, real, again = (run.result(task, name) for task in TASKS)
                requests, services_after = account_of[name].requests_by_connection(), account_of[name].services()
                results[variant_name, name] = RowResult(row, variant, check, real, again, requests, services_after)
    return results


@pytest.fixture(params=ROW_VARIANTS, ids="-".join)
def row_result(request: pytest.FixtureRequest, row_results: dict[tuple[str, str], RowResult]) -> RowResult:
    return row_results[request.param]


def services_before(row: Row) -> list[Service]:
    """Return the Services of a row's account: the row's Service, if any, between two with similar names."""
    service = [] if row.before is None else [{"sid": SID, **row.before}]
    return [{"sid": OTHER_SID, "unique_name": "rides 1"}, *service, {"unique_name": "ride"}]


def expected_fields(fields: Options | None) -> dict[str, t.Any] | None:
    """Return the writable fields of a Service with these fields and defaults for the others."""
    return None if fields is None else writable_fields({**DEFAULTS, **fields})


def shown_fields(service: Service) -> dict[str, t.Any] | None:
    """Return the writable fields of a Service in a result, unchanged."""
    return {name: service[name] for name in WRITABLE} if service else None


def test_result(row_result: RowResult) -> None:
    """Each run says whether it changed something, and has the Service after the run or before its deletion."""
    row = row_result.row
    failed = [result["failed"] for result in (row_result.check, row_result.run, row_result.again)]
    changed = [result["changed"] for result in (row_result.check, row_result.run, row_result.again)]
    assert failed == [bool(row.msg)] * 3
    assert changed == [row.write is not None, row.write is not None, False]
    if row.msg:
        assert all(row.msg in result["msg"] for result in (row_result.check, row_result.run, row_result.again))
    else:
        assert shown_fields(row_result.run["service"]) == expected_fields(
            row.before if row.after is None else row.after
        )
        assert row_result.again["service"] == ({} if row.after is None else row_result.run["service"])


def test_check_mode_predicts_the_result(row_result: RowResult) -> None:
    """It predicts each field except for those that only Twilio knows."""
    row = row_result.row
    created, updated = row.before is None and row.after is not None, None not in (row.before, row.after) and row.write
    unknown = {"sid", "date_created", "date_updated", "url", "links"} if created else set()
    unknown |= {"date_updated"} if updated else set()
    run, check = row_result.run.get("service", {}), row_result.check.get("service", {})
    assert check == {name: None if name in unknown else value for name, value in run.items()}


def test_requests(row_result: RowResult) -> None:
    """Pages are read until the Service is found, and a change is one request, which check mode does not send."""
    row = row_result.row
    reads: list[Write] = [("GET", row.reads, {})] * (row_result.variant.pages if row.reads == LIST else 1)
    writes = [] if row.write is None else [row.write]
    # In check mode, the list shows whether another Service has the new name. Otherwise the API's answer does.
    renames = row.reads == OBJECT and row.write is not None and "UniqueName" in row.write[2]
    name_lookups: list[Write] = [("GET", LIST, {})] * (row_result.variant.all_pages if renames else 0)
    check, run, again = requests_without_query(row_result.requests)
    assert (check, run) == (reads + name_lookups, reads + writes)
    assert {method for method, _path, _form in again} == {"GET"}


def test_a_list_is_read_by_following_its_pages(row_result: RowResult) -> None:
    for requests in row_result.requests:
        queries = [request.query for request in requests if request.path == LIST and request.method == "GET"]
        assert [query.get("PageSize") for query in queries[:1]] in ([], ["1000"])
        assert ["PageToken" in query for query in queries] == [number > 0 for number in range(len(queries))]


def test_remaining_services(row_result: RowResult) -> None:
    """The Service is as expected, and the other Services are unchanged."""
    expected = expected_fields(row_result.row.after)
    services = [service for service in row_result.services_after if service["unique_name"] not in ("rides 1", "ride")]
    assert len(row_result.services_after) - len(services) == 2
    assert [writable_fields(service) for service in services] == ([expected] if expected else [])


def test_diff(row_result: RowResult) -> None:
    """It has the writable fields before and after, in check mode too, and is missing if nothing changes."""
    row = row_result.row
    if row.write is None:
        assert ["diff" in result for result in (row_result.check, row_result.run, row_result.again)] == [False] * 3
    else:
        for diff in (row_result.check["diff"], row_result.run["diff"]):
            assert (diff["before"], diff["after"]) == (expected_fields(row.before), expected_fields(row.after))
        assert "diff" not in row_result.again


#: The rows that run ad hoc as well.
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


def command_line_options(options: Options) -> str:
    """Return options in the form of the command line."""
    return " ".join(f"{name}='{value}'" for name, value in options.items())


@pytest.mark.parametrize("name", AD_HOC)
def test_ad_hoc(name: str, row_results: dict[tuple[str, str], RowResult]) -> None:
    """The result is that of the playbook."""
    in_playbook = row_results["recorded", name]
    row = in_playbook.row
    options = command_line_options(row.options)
    with single_account(services_before(row)) as account:
        check = ad_hoc("twilio.proxy.service", options, "--check", environment=account.environment).only
        run = ad_hoc("twilio.proxy.service", options, environment=account.environment).only
        requests, services_after = account.requests_by_connection(), account.services()
    assert [comparable(check), comparable(run)] == [comparable(in_playbook.check), comparable(in_playbook.run)]
    assert requests_without_query(requests) == requests_without_query(in_playbook.requests[:2])
    assert [*map(writable_fields, services_after)] == [*map(writable_fields, in_playbook.services_after)]


def comparable(result: Result) -> dict[str, t.Any]:
    """Return the part of a result that does not depend on SIDs, dates and ports."""
    return {
        "failed": result["failed"],
        "changed": result["changed"],
        "msg": result.get("msg"),
        "service": shown_fields(result.get("service", {})),
        "not null": [name for name, value in result.get("service", {}).items() if value is not None],
    }


def requests_without_query(runs: list[list[Request]]) -> list[list[Write]]:
    return [[(request.method, request.path, request.form) for request in requests] for requests in runs]
