# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs of the job templates: with a credential and with answers to the survey, run as AWX does."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.twilio.proxy.plugins.module_utils._connection import CONNECTION, connect
from ansible_collections.twilio.proxy.tests.awx.job import (
    Job,
    default_answers,
    injected,
    prepare,
    run,
    run_on_node,
)
from ansible_collections.twilio.proxy.tests.awx.kit import assets, job_templates
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

ACCOUNT_SID, API_KEY = "AC" + "1" * 32, "SK" + "2" * 32
SECRETS = ("secret-of-the-token", "secret-of-the-key", "p4ssw0rd")
ACCOUNT: dict[str, t.Any] = {
    "account_sid": ACCOUNT_SID,
    "auth_token": SECRETS[0],
    "api_keys": [{"sid": API_KEY, "secret": SECRETS[1]}],
    "phone_numbers": [{"phone_number": f"+1202555010{last}"} for last in range(4)],
    "services": [
        {
            "unique_name": "rides",
            "default_ttl": 600,
            "callback_url": f"https://user:{SECRETS[2]}@example.com/",
            "phone_numbers": [{"phone_number": "+12025550103", "is_reserved": True}],
        },
        {"unique_name": "old-1"},
        {"unique_name": "old-2"},
        {"unique_name": "kept"},
    ],
}
REPORT_TASK = "Show the table"


@pytest.fixture(scope="module")
def emulator() -> t.Iterator[Emulator]:
    with Emulator(accounts=[ACCOUNT]) as running:
        yield running


@pytest.fixture
def account(emulator: Emulator) -> Emulator:
    emulator.reset()
    return emulator


@pytest.fixture
def token_credential(account: Emulator) -> dict[str, str]:
    """Return a credential with an auth token. An empty field has no key, or an empty value."""
    return {"account_sid": ACCOUNT_SID, "auth_token": SECRETS[0], "base_url": account.base_url, "region": ""}


@pytest.fixture
def key_credential(account: Emulator) -> dict[str, str]:
    return {"api_key": API_KEY, "api_secret": SECRETS[1], "base_url": account.base_url}


def assert_no_secret(job: Job) -> None:
    assert {"stdout", "rc", "status"} <= {*job.files}
    assert sum(path.startswith("job_events/") for path in job.files) == len(job.events) > 5
    for secret in SECRETS:
        assert [path for path, text in {**job.files, "output": job.output}.items() if secret in text] == []


def methods(account: Emulator) -> set[str]:
    return {request["method"] for request in account.requests()}


def names(account: Emulator) -> set[str]:
    return {service["unique_name"] for service in account.services()}


@pytest.mark.parametrize(("fail_on_drift", "status"), [("false", 0), ("true", 2)])
def test_check_mode_shows_the_plan_and_changes_nothing(
    fail_on_drift: str, status: int, account: Emulator, key_credential: dict[str, str], tmp_path: Path
) -> None:
    """A schedule answers the survey so that the job fails on drift."""
    answers = {**default_answers("Apply services file"), "apply_fail_on_drift": fail_on_drift}
    job = run(
        prepare(tmp_path, "Apply services file", key_credential, answers, check=True),
        "Apply services file",
    )
    assert job.status == status, job.output
    assert job.result(REPORT_TASK)["msg"] == [
        "Plan: applying the list will make these changes",
        "update  rides       default_ttl",
        "create  deliveries",
        "1 to create, 1 to update.",
        "Not in the file, left alone: 3 Services.",
    ]
    assert methods(account) == {"GET"}
    # The template also turns diff mode on.
    assert '-    "default_ttl": 600' in job.files["stdout"]
    assert '+    "default_ttl": 3600' in job.files["stdout"]
    assert_no_secret(job)


def test_a_run_on_a_node_prunes_as_the_survey_says(
    account: Emulator, token_credential: dict[str, str], tmp_path: Path
) -> None:
    answers = {**default_answers("Apply services file"), "services_file": "services/berlin.yml"}
    answers |= {"apply_prune": "true", "apply_prune_matching": "^old-", "apply_max_deletions": 2}
    rides = {"unique_name": "rides", "default_ttl": 60, "intercept_callback_url": f"https://a:{SECRETS[2]}@a.example/"}
    services_files = {"services/berlin.yml": [rides]}
    job = run_on_node(
        prepare(tmp_path, "Apply services file", token_credential, answers, services_files=services_files),
        "Apply services file",
    )
    assert job.status == 0, job.output
    assert job.result(REPORT_TASK)["msg"] == [
        "Summary of changes",
        "updated  rides  default_ttl, intercept_callback_url",
        "deleted  old-1",
        "deleted  old-2",
        "1 updated, 2 deleted.",
        "Not in the file, left alone: 1 Service.",
        "Pruning is on: Services not in the list are deleted (names matching `^old-`, at most 2).",
    ]
    assert names(account) == {"rides", "kept"}
    assert_no_secret(job)
    # The guide warns of this line of the runner.
    lines = [json.loads(line) for line in job.worker_output if any(secret in line for secret in SECRETS)]
    assert [(line["status"], line["env"]["TWILIO_AUTH_TOKEN"]) for line in lines] == [("starting", SECRETS[0])]


def test_a_template_in_an_answer_is_not_evaluated(
    account: Emulator, token_credential: dict[str, str], tmp_path: Path
) -> None:
    answers = {**default_answers("Apply services file"), "apply_prune": "true", "apply_max_deletions": 9}
    answers["apply_prune_matching"] = "{{ lookup('pipe', 'echo old') }}"
    job = run(prepare(tmp_path, "Apply services file", token_credential, answers), "Apply services file")
    assert job.status == 0, job.output
    assert names(account) == {"rides", "deliveries", "old-1", "old-2", "kept"}


def test_an_export_is_a_diff_and_an_artifact(account: Emulator, key_credential: dict[str, str], tmp_path: Path) -> None:
    folder = prepare(tmp_path, "Export services file", key_credential, default_answers("Export services file"))
    job = run_on_node(folder, "Export services file")
    assert job.status == 0, job.output
    assert methods(account) == {"GET"}
    exported = job.artifacts["exported_services"]
    assert [service["unique_name"] for service in yaml.safe_load(exported)["proxy_services"]] == [
        "kept",
        "old-1",
        "old-2",
        "rides",
    ]
    assert "# callback_url is left out: it contains a secret." in exported
    for line in ("-  - unique_name: deliveries", "-    default_ttl: 3600", "+    default_ttl: 600"):
        assert line in job.files["stdout"]
    assert_no_secret(job)


def test_the_report_lists_the_services_and_only_reads(
    account: Emulator, key_credential: dict[str, str], tmp_path: Path
) -> None:
    name = "Proxy Services: report"
    job = run(prepare(tmp_path, name, key_credential, default_answers(name)), name)
    assert job.status == 0, job.output
    sids = {service["unique_name"]: service["sid"] for service in account.services()}
    assert job.result("Show the Services and their phone numbers")["msg"] == [
        f"kept   {sids['kept']}  no numbers",
        f"old-1  {sids['old-1']}  no numbers",
        f"old-2  {sids['old-2']}  no numbers",
        f"rides  {sids['rides']}  1 number",
        "  callback_url: left out, it contains a secret",
        "  default_ttl: 600",
        "  +12025550103 (reserved)",
        "  room for 500 more numbers and 4999 more reserved numbers",
        "4 Services, 1 number.",
    ]
    assert methods(account) == {"GET"}
    assert_no_secret(job)


def test_a_missing_services_file_is_named(account: Emulator, token_credential: dict[str, str], tmp_path: Path) -> None:
    answers = {**default_answers("Apply services file"), "services_file": "services/none.yml"}
    job = run(prepare(tmp_path, "Apply services file", token_credential, answers), "Apply services file")
    assert job.status != 0
    assert job.result("Check that the services file exists")["msg"] == (
        "services_file: services/none.yml does not exist in the project."
    )
    assert account.requests() == []


@pytest.mark.parametrize("template", ["Apply services file", "Export services file"])
def test_a_services_file_outside_of_the_project_is_rejected(
    template: str, account: Emulator, token_credential: dict[str, str], tmp_path: Path
) -> None:
    """The files outside are those of the job, with its secrets."""
    answer = "services/../../env/envvars"
    folder = prepare(tmp_path, template, token_credential, {**default_answers(template), "services_file": answer})
    job = run(folder, template)
    assert job.status != 0
    assert job.result("Check that the services file belongs to the project")["msg"] == (
        f"services_file: {answer} is not in the folder services of the project."
    )
    assert account.requests() == []
    assert_no_secret(job)


# The credential.


def test_awx_shows_no_secret_of_a_credential(token_credential: dict[str, str], key_credential: dict[str, str]) -> None:
    environment, shown = injected({**token_credential, **key_credential})
    assert {name for name in environment if environment[name] != shown[name]} == {
        option.env for option in CONNECTION.values() if option.secret
    }
    assert not {*SECRETS} & {*shown.values()}


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        ({"account_sid": ACCOUNT_SID, "auth_token": "x"}, None),
        ({"api_key": API_KEY, "api_secret": "x"}, None),
        ({"account_sid": ACCOUNT_SID}, "auth_token is missing"),
        ({"api_key": API_KEY, "account_sid": ACCOUNT_SID, "auth_token": "x"}, "api_secret is missing"),
        ({}, "Credentials are missing"),
    ],
)
def test_an_empty_input_counts_as_not_set(inputs: dict[str, str], problem: str | None) -> None:
    environment, _shown = injected(inputs)
    # AWX sets a variable for an empty field, too.
    assert {*environment} == {option.env for option in CONNECTION.values() if option.env}
    given = {name for name, option in CONNECTION.items() if option.env}
    params = {name: environment[option.env] if option.env else option.default for name, option in CONNECTION.items()}
    connection, problems = connect(params, {}, given, {})
    assert [re.split(r"[:.]", sentence)[0] for sentence in problems] == ([problem] if problem else [])
    assert (connection is None) == (problem is not None)


def test_the_kit_has_no_secret() -> None:
    assert "credentials" not in assets()
    assert all("credentials" not in template["related"] for template in job_templates().values())
