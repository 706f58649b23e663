# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of twilio.proxy.service_info, and its requests."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.twilio.proxy.tests.integration.accounts import (
    ABSENT_SID,
    LIST,
    SID,
    WRITABLE,
    Request,
    accounts,
    single_account,
)
from ansible_collections.twilio.proxy.tests.integration.command_line import Result, ad_hoc, playbook
from ansible_collections.twilio.proxy.tests.support.emulator import Service

#: Five Services. A page has two.
NAMES = ["a", "b", "c", "d", "e"]
SERVICES: list[Service] = [{"sid": f"KS{number:032x}", "unique_name": name} for number, name in enumerate(NAMES)]
SERVICES[2] = {"sid": SID, "unique_name": "c", "callback_url": "https://example.com/status", "default_ttl": 60}
FIELDS = {*WRITABLE, "sid", "account_sid", "date_created", "date_updated", "url", "links"}

VARIANTS: dict[str, dict[str, t.Any]] = {
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
class Query:
    """The options of a task, the names in its result, the paths that it reads, and the PageSize that it sends."""

    options: t.Mapping[str, t.Any]
    names: list[str]
    reads: list[str]
    page_size: int | None = None


QUERIES = {
    "everything": Query({}, NAMES, [LIST] * 3, 1000),
    "sid": Query({"sid": SID}, ["c"], [f"{LIST}/{SID}"]),
    "absent-sid": Query({"sid": ABSENT_SID}, [], [f"{LIST}/{ABSENT_SID}"]),
    "name": Query({"unique_name": "c"}, ["c"], [LIST] * 2, 1000),
    "name-in-other-case": Query({"unique_name": "C"}, [], [LIST] * 3, 1000),
    "small-limit": Query({"limit": 1}, ["a"], [LIST], 1),
    "limit-ends-a-page": Query({"limit": 2}, ["a", "b"], [LIST], 2),
    "limit-over-a-page": Query({"limit": 3, "page_size": 2}, ["a", "b", "c"], [LIST] * 2, 2),
    "limit-over-all": Query({"limit": 5000}, NAMES, [LIST] * 3, 1000),
    "page-size": Query({"page_size": 1}, NAMES, [LIST] * 5, 1),
    "largest-page": Query({"page_size": 1000}, NAMES, [LIST] * 3, 1000),
}
VARYING_QUERIES = ("sid", "absent-sid", "name")
VARIANT_QUERIES = [
    (variant, query) for variant in VARIANTS for query in QUERIES if variant == "recorded" or query in VARYING_QUERIES
]


@pytest.fixture(scope="module")
def results() -> dict[tuple[str, str], tuple[Result, list[Request]]]:
    """The result and the requests of each query for its API variants."""
    results = {}
    task = {"name": "read", "twilio.proxy.service_info": "{{ arguments }}"}
    play = {"hosts": "all", "gather_facts": False, "environment": "{{ environment_of_host }}", "tasks": [task]}
    for variant, settings in VARIANTS.items():
        names = [query for name, query in VARIANT_QUERIES if name == variant]
        with accounts(dict.fromkeys(names, SERVICES), **settings) as account_of:
            hosts = {
                name: {"arguments": dict(QUERIES[name].options), "environment_of_host": account_of[name].environment}
                for name in names
            }
            run = playbook([play], hosts=hosts)
            for name in names:
                results[variant, name] = run.result("read", name), account_of[name].requests()
    return results


@pytest.mark.parametrize(("variant", "name"), VARIANT_QUERIES)
def test_result_and_requests(
    variant: str, name: str, results: dict[tuple[str, str], tuple[Result, list[Request]]]
) -> None:
    query, (result, requests) = QUERIES[name], results[variant, name]
    assert (result["failed"], result["changed"]) == (False, False)
    assert [service["unique_name"] for service in result["services"]] == query.names
    assert all(set(service) == FIELDS for service in result["services"])
    assert [(request.method, request.path) for request in requests] == [("GET", path) for path in query.reads]
    assert requests[0].query == ({} if query.page_size is None else {"PageSize": str(query.page_size)})
    assert all("PageToken" in request.query for request in requests[1:])


def test_properties_choose_the_fields() -> None:
    task = {
        "name": "read",
        "twilio.proxy.service_info": {"sid": SID, "properties": ["default_ttl", "sid"]},
        "check_mode": True,
    }
    with single_account(SERVICES) as account:
        run = playbook([{"hosts": "all", "gather_facts": False, "tasks": [task]}], environment=account.environment)
    assert run.result("read")["services"] == [{"default_ttl": 60, "sid": SID}]


def test_ad_hoc() -> None:
    with single_account(SERVICES, page_size_cap=2) as account:
        run = ad_hoc("twilio.proxy.service_info", "limit=3 properties=unique_name", environment=account.environment)
        requests = account.requests()
    assert run.only["services"] == [{"unique_name": name} for name in ("a", "b", "c")]
    assert [request.path for request in requests] == [LIST] * 2
