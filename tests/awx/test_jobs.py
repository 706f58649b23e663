# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job templates at work: with a credential, with the answers to the survey, by AWX's own way to a playbook."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.twilio.proxy.plugins.module_utils._connection import CONNECTION, connect
from ansible_collections.twilio.proxy.tests.awx.job import (
    IDENT,
    Job,
    default_answers,
    injected,
    prepare,
    run,
    run_elsewhere,
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
SHOWN = "Show the table"


@pytest.fixture(scope="module")
def process() -> t.Iterator[Emulator]:
    with Emulator(accounts=[ACCOUNT]) as running:
        yield running


@pytest.fixture
def account(process: Emulator) -> Emulator:
    process.reset()
    return process


@pytest.fixture
def by_token(account: Emulator) -> dict[str, str]:
    """A credential with an auth token. What is not filled in has no key, or a value that is empty."""
    return {"account_sid": ACCOUNT_SID, "auth_token": SECRETS[0], "base_url": account.base_url, "region": ""}


@pytest.fixture
def by_key(account: Emulator) -> dict[str, str]:
    return {"api_key": API_KEY, "api_secret": SECRETS[1], "base_url": account.base_url}


def expect_no_secret(job: Job) -> None:
    assert {"stdout", "rc", "status"} <= {*job.files}
    assert sum(path.startswith("job_events/") for path in job.files) == len(job.events) > 5
    for secret in SECRETS:
        assert [path for path, text in {**job.files, "output": job.output}.items() if secret in text] == []


def methods(account: Emulator) -> set[str]:
    return {request["method"] for request in account.requests()}


def names(account: Emulator) -> set[str]:
    return {service["unique_name"] for service in account.services()}


def test_a_check_shows_the_plan_and_changes_nothing(account: Emulator, by_key: dict[str, str], tmp_path: Path) -> None:
    job = run(prepare(tmp_path, "Apply estate", by_key, default_answers("Apply estate"), check=True), "Apply estate")
    assert job.status == 0, job.output
    assert job.result(SHOWN)["msg"] == [
        "Plan: what a run without --check would do",
        "updated  rides       default_ttl",
        "created  deliveries",
        "1 created, 1 updated.",
    ]
    assert methods(account) == {"GET"}
    # As a difference, too, which the template asks for.
    assert '-    "default_ttl": 600' in job.files["stdout"]
    assert '+    "default_ttl": 3600' in job.files["stdout"]
    expect_no_secret(job)


def test_a_run_on_another_node_prunes_as_the_survey_says(
    account: Emulator, by_token: dict[str, str], tmp_path: Path
) -> None:
    answers = {**default_answers("Apply estate"), "services_file": "estates/berlin.yml"}
    answers |= {"apply_prune": "true", "apply_prune_matching": "^old-", "apply_max_deletions": 2}
    rides = {"unique_name": "rides", "default_ttl": 60, "intercept_callback_url": f"https://a:{SECRETS[2]}@a.example/"}
    estates = {"estates/berlin.yml": [rides]}
    job = run_elsewhere(prepare(tmp_path, "Apply estate", by_token, answers, estates=estates), "Apply estate")
    assert job.status == 0, job.output
    assert job.result(SHOWN)["msg"] == [
        "Summary: what was done",
        "updated  rides  default_ttl, intercept_callback_url",
        "deleted  old-1",
        "deleted  old-2",
        "1 updated, 2 deleted.",
        "Pruning is on: Services not in the list are deleted (names matching `^old-`, at most 2).",
    ]
    assert names(account) == {"rides", "kept"}
    expect_no_secret(job)
    # docs/awx.md tells of this one, which is the runner's own.
    told = [json.loads(line) for line in job.sent_back if any(secret in line for secret in SECRETS)]
    assert [(line["status"], line["env"]["TWILIO_AUTH_TOKEN"]) for line in told] == [("starting", SECRETS[0])]


def test_the_bound_of_pruning_holds_where_nobody_gave_one(
    account: Emulator, by_token: dict[str, str], tmp_path: Path
) -> None:
    answers = {**default_answers("Apply estate"), "apply_prune": "true"}
    job = run(prepare(tmp_path, "Apply estate", by_token, answers), "Apply estate")
    assert job.status != 0
    told = job.result("Say why it failed")["msg"]
    assert "3 Services are in no entry and would be deleted, and max_deletions allows 1" in told
    assert methods(account) == {"GET"}
    expect_no_secret(job)


def test_a_template_in_an_answer_is_a_text(account: Emulator, by_token: dict[str, str], tmp_path: Path) -> None:
    answers = {**default_answers("Apply estate"), "apply_prune": "true", "apply_max_deletions": 9}
    answers["apply_prune_matching"] = "{{ lookup('pipe', 'echo old') }}"
    job = run(prepare(tmp_path, "Apply estate", by_token, answers), "Apply estate")
    assert job.status == 0, job.output
    assert names(account) == {"rides", "deliveries", "old-1", "old-2", "kept"}


@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
def test_an_export_is_a_difference_and_an_artifact(
    check: bool, account: Emulator, by_key: dict[str, str], tmp_path: Path
) -> None:
    way = run if check else run_elsewhere
    folder = prepare(tmp_path, "Export estate", by_key, default_answers("Export estate"), check=check)
    job = way(folder, "Export estate")
    assert job.status == 0, job.output
    assert methods(account) == {"GET"}
    exported = job.artifacts["exported_estate"]
    assert [service["unique_name"] for service in yaml.safe_load(exported)["proxy_services"]] == [
        "kept",
        "old-1",
        "old-2",
        "rides",
    ]
    assert "# callback_url is left out: it holds a secret." in exported
    for line in ("-  - unique_name: deliveries", "-    default_ttl: 3600", "+    default_ttl: 600"):
        assert line in job.files["stdout"]
    if check:
        assert "deliveries" in (folder / "project/estates/main.yml").read_text(encoding="utf-8")
    expect_no_secret(job)


def test_an_export_with_all_answers_is_applied_without_a_change(
    account: Emulator, by_token: dict[str, str], tmp_path: Path
) -> None:
    answers = {**default_answers("Export estate"), "services_file": "estates/new.yml", "export_full": "true"}
    answers["export_with_sids"] = "true"
    exported = run(prepare(tmp_path / "export", "Export estate", by_token, answers), "Export estate")
    assert exported.status == 0, exported.output
    text = exported.artifacts["exported_estate"]
    assert (tmp_path / "export/project/estates/new.yml").read_text(encoding="utf-8") == text
    assert "sid: KS" in text
    estates = {"estates/new.yml": yaml.safe_load(text)["proxy_services"]}
    answers = {**default_answers("Apply estate"), "services_file": "estates/new.yml"}
    applied = run(prepare(tmp_path / "apply", "Apply estate", by_token, answers, estates=estates), "Apply estate")
    assert applied.result(SHOWN)["msg"] == [
        "Summary: what was done",
        "4 unchanged.",
    ]
    assert methods(account) == {"GET"}


def test_the_report_lists_the_services_and_reads_only(
    account: Emulator, by_key: dict[str, str], tmp_path: Path
) -> None:
    name = "Proxy Services: report"
    job = run(prepare(tmp_path, name, by_key, default_answers(name)), name)
    assert job.status == 0, job.output
    sids = {service["unique_name"]: service["sid"] for service in account.services()}
    assert job.result("Show its Services and their numbers")["msg"] == [
        f"kept   {sids['kept']}  no numbers",
        f"old-1  {sids['old-1']}  no numbers",
        f"old-2  {sids['old-2']}  no numbers",
        f"rides  {sids['rides']}  1 number",
        "  callback_url: left out, it holds a secret",
        "  default_ttl: 600",
        "  +12025550103 (reserved)",
        "4 Services, 1 number.",
    ]
    assert methods(account) == {"GET"}
    expect_no_secret(job)


def test_an_estate_file_that_is_not_there_is_named(account: Emulator, by_token: dict[str, str], tmp_path: Path) -> None:
    answers = {**default_answers("Apply estate"), "services_file": "estates/none.yml"}
    job = run(prepare(tmp_path, "Apply estate", by_token, answers), "Apply estate")
    assert job.status != 0
    assert job.result("See that the estate file is there")["msg"] == (
        "services_file: estates/none.yml is refused, there is no such file in the project."
    )
    assert account.requests() == []


@pytest.mark.parametrize("template", ["Apply estate", "Export estate"])
@pytest.mark.parametrize("outside", ["../artifacts/{ident}/command", "estates/../../env/envvars", "{folder}/env/x"])
def test_an_estate_file_outside_of_the_project_is_refused(
    template: str, outside: str, account: Emulator, by_token: dict[str, str], tmp_path: Path
) -> None:
    """Those are the job's own, and hold its secrets."""
    answer = outside.format(ident=IDENT, folder=tmp_path)
    folder = prepare(tmp_path, template, by_token, {**default_answers(template), "services_file": answer})
    job = run(folder, template)
    assert job.status != 0
    assert job.result("See that the estate file is one of the project's")["msg"] == (
        f"services_file: {answer} is refused, it is not in the folder estates of the project."
    )
    assert account.requests() == []
    expect_no_secret(job)


def test_an_export_does_not_show_the_password_that_the_file_holds(
    account: Emulator, by_token: dict[str, str], tmp_path: Path
) -> None:
    rides = {"unique_name": "rides", "callback_url": f"https://user:{SECRETS[2]}@example.com/"}
    estates = {"estates/main.yml": [rides]}
    job = run(
        prepare(tmp_path, "Export estate", by_token, default_answers("Export estate"), estates=estates), "Export estate"
    )
    assert job.status == 0, job.output
    assert methods(account) == {"GET"}
    assert "# callback_url is left out: it holds a secret." in job.artifacts["exported_estate"]
    assert "+  - unique_name" not in job.files["stdout"]
    expect_no_secret(job)


def test_the_runner_keeps_the_environment_in_one_file(
    account: Emulator, by_token: dict[str, str], tmp_path: Path
) -> None:
    """docs/awx.md says so: it is the runner's way, and nothing that a job can help."""
    name = "Proxy Services: report"
    run(prepare(tmp_path, name, by_token, default_answers(name)), name)
    kept = json.loads((tmp_path / "artifacts" / IDENT / "command").read_text(encoding="utf-8"))
    assert kept["env"]["TWILIO_AUTH_TOKEN"] == SECRETS[0]
    assert account.requests()


# The credential.


def test_awx_shows_no_secret_of_a_credential(by_token: dict[str, str], by_key: dict[str, str]) -> None:
    environment, shown = injected({**by_token, **by_key})
    assert {name for name in environment if environment[name] != shown[name]} == {
        option.env for option in CONNECTION.values() if option.secret
    }
    assert not {*SECRETS} & {*shown.values()}


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        ({"account_sid": ACCOUNT_SID, "auth_token": "x"}, None),
        ({"api_key": API_KEY, "api_secret": "x"}, None),
        ({"account_sid": ACCOUNT_SID, "api_key": API_KEY, "api_secret": "x"}, None),
        ({"account_sid": ACCOUNT_SID, "auth_token": "x", "api_key": API_KEY, "api_secret": "y"}, None),
        ({"account_sid": ACCOUNT_SID, "auth_token": "x", "region": "us1", "edge": "sydney"}, None),
        ({"account_sid": ACCOUNT_SID}, "auth_token is missing"),
        ({"auth_token": "x"}, "account_sid is missing"),
        ({"api_key": API_KEY, "account_sid": ACCOUNT_SID, "auth_token": "x"}, "api_secret is missing"),
        ({}, "Credentials are missing"),
    ],
)
def test_an_input_that_is_not_filled_in_is_not_set(inputs: dict[str, str], problem: str | None) -> None:
    environment, _shown = injected(inputs)
    # An empty variable is there all the same.
    assert {*environment} == {option.env for option in CONNECTION.values() if option.env}
    given = {name for name, option in CONNECTION.items() if option.env}
    params = {name: environment[option.env] if option.env else option.default for name, option in CONNECTION.items()}
    connection, problems = connect(params, given, {})
    assert [sentence.partition(":")[0] for sentence in problems] == ([problem] if problem else [])
    assert (connection is None) == (problem is not None)


def test_the_kit_holds_no_secret() -> None:
    assert "credentials" not in assets()
    assert all("credentials" not in template["related"] for template in job_templates().values())
