# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services files in the playbooks apply and export: round trips, several accounts, and errors.

The round trips have many Services with texts that YAML, Ansible or HTTP may damage. Applying an exported file changes
nothing. Applied to an empty account and exported from there, it is the same byte for byte.
"""

from __future__ import annotations

import dataclasses
import importlib
import itertools
import json
import os
import subprocess
import tempfile
import typing as t
import unicodedata
from pathlib import Path

import pytest
import yaml

from ansible_collections.twilio.proxy.plugins.module_utils._services_file import services_problems
from ansible_collections.twilio.proxy.tests.integration.accounts import Account, accounts, single_account
from ansible_collections.twilio.proxy.tests.integration.command_line import PROGRAMS, Run, playbook, program
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator, Service

CHECKOUT = Path(__file__).resolve().parents[2]
SCHEMA = CHECKOUT / "docs" / "schemas" / "services.schema.json"
FILTERS = sorted(path.stem for path in (CHECKOUT / "plugins" / "filter").glob("*.py"))
TABLE_TASK, ERROR_TASK = "Show the table", "Report the failure"
WITH_PASSWORD = "https://user:p4ssw0rd@example.com/"
MASKED = "callback_url is left out: it holds a secret."

NAMES = (
    *(
        "yes",
        "No",
        "on",
        "y",
        "null",
        "~",
        "true",
        ".nan",
        "-.inf",
        "0",
        "007",
        "1e3",
        "0x1F",
        "0o17",
        "1_000",
        "+1",
        "1.",
    ),
    *(
        "12:30:45",
        "2001-01-01",
        "=",
        "<<",
        "-",
        "---",
        "- a",
        "? a",
        ": a",
        "a: b",
        "a:",
        "#",
        "a #b",
        "&a",
        "*a",
        "!a",
    ),
    *(
        "|",
        ">",
        "%a",
        "@a",
        "`a`",
        "[]",
        "['a']",
        "{}",
        "{'a': 1}",
        "'",
        '"',
        "'a'",
        "\\",
        "\\n",
        "a\\",
        " a",
        "a ",
        "a  b",
    ),
    *(
        "\ta",
        "a\nb",
        "\na\n",
        "a\r\nb",
        "a\rb",
        "\x07",
        "\x1b[31m",
        "\x7f",
        "\x85",
        "\xa0",
        "\u200b",
        "\u2028",
        "\u202e",
    ),
    *(
        "\ufeff",
        "\uffff",
        "é",
        "e\u0301",
        "日本",
        "☎",
        "😀",
        "👩\u200d👧",
        "\U0010ffff",
        "a" * 191,
        "☎" * 191,
        "a b " * 47,
    ),
    *(
        "True",
        "None",
        "omit",
        "__omit_place_holder__",
        "a,b",
        "a=b",
        "$HOME",
        "$(id)",
        "%20",
        "+",
        "&",
        "</a>",
        "key: |\n  a",
    ),
)
TEMPLATES = (
    *(
        "{{ a }}",
        "{{",
        "{% if %}",
        "{# a #}",
        "#jinja2: trim_blocks: True\n{{ a }}",
        "#jinja2:",
        "{{ lookup('pipe', 'id') }}",
    ),
    *("{% raw %}{{ a }}{% endraw %}", "{{ '\"\\", "[{{ 1 }}]", "{{ {} }}", "}}"),
)


def numbers(first: int, count: int) -> list[dict[str, t.Any]]:
    return [{"phone_number": f"+120255501{number:02}"} for number in range(first, first + count)]


def many_services() -> list[Service]:
    """Return Services with all kinds of names, fields and pools, unsorted. The pools have 100 numbers in all."""
    named = [{"unique_name": name} for name in (*NAMES, *TEMPLATES)]
    urls = (
        "https://example.com/{{a}}",
        "HTTP://[::1]:80/?a=b#c",
        "https://bücher.example/ü?☎",
        "https://a.example/%20",
    )
    settings = itertools.product(
        ({}, *({"callback_url": url} for url in urls)),
        ({}, {"default_ttl": 1}, {"default_ttl": 3600}, {"default_ttl": 2**31 - 1}),
        ({}, {"geo_match_level": "overlay"}),
        ({}, {"number_selection_behavior": "avoid-sticky"}),
        ({}, {"intercept_callback_url": "https://example.com/" + "x" * 3980}, {"out_of_session_callback_url": urls[0]}),
    )
    various: list[Service] = [
        {"unique_name": f"{number % 7}-{number}", **{key: value for part in parts for key, value in part.items()}}
        for number, parts in enumerate(settings)
    ]
    for number, service in enumerate(various[:40]):
        service["phone_numbers"] = numbers(2 * number, 2)
        service["phone_numbers"][1]["is_reserved"] = True
    various[40]["phone_numbers"] = numbers(80, 20)
    return various[::-1] + named


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("services")


def run(name: str, account: Account | None, *options: str, **variables: t.Any) -> Run:
    """Run a playbook of the collection with the account in the environment variables."""
    environment = {} if account is None else account.environment
    return playbook(
        [{"ansible.builtin.import_playbook": f"twilio.proxy.{name}"}],
        *("-e", json.dumps(variables)),
        *options,
        environment=environment,
    )


def export(account: Account, file: Path, *options: str, **variables: t.Any) -> Run:
    return run("export", account, *options, export_file=str(file), **variables)


def apply(account: Account, file: Path, *options: str, **variables: t.Any) -> Run:
    return run("apply", account, "-e", f"@{file}", *options, **variables)


def services_file(path: Path, services: t.Any) -> Path:
    """Write a services file and return its path. JSON is YAML."""
    path.write_text(json.dumps({"proxy_services": services}), encoding="utf-8")
    return path


def forget_requests_of(account: Account) -> None:
    account.emulator.forget_requests()


def methods(account: Account) -> set[str]:
    return {request.method for request in account.requests()}


def table_lines(result: Run, host: str = "localhost") -> list[str]:
    """Return the lines of the table that the role apply shows."""
    return t.cast("list[str]", result.result(f"twilio.proxy.apply : {TABLE_TASK}", host)["msg"])


def read(path: Path) -> list[dict[str, t.Any]]:
    """Return the Services of a services file without the tag !unsafe."""
    text = path.read_text(encoding="utf-8").replace(": !unsafe ", ": ")
    return t.cast("list[dict[str, t.Any]]", yaml.safe_load(text)["proxy_services"])


def file_identity(path: Path) -> tuple[int, int]:
    """Return values that change when a file is written or replaced."""
    stat = path.stat()
    return stat.st_ino, stat.st_mtime_ns


# Round trips


@dataclasses.dataclass(frozen=True)
class RoundTrip:
    """The runs of an export, of applying its file to the same and to an empty account, and of a second export."""

    accounts: dict[str, Account]
    first: Path
    second: Path
    runs: dict[str, Run]
    requests: dict[str, list[t.Any]]


@pytest.fixture(scope="module")
def round_trip(folder: Path) -> t.Iterator[RoundTrip]:
    first, second = folder / "first.yml", folder / "second.yml"
    services = many_services()
    with accounts({"full": services, "empty": []}, owns_all_numbers=True) as account_of:
        full, empty = account_of["full"], account_of["empty"]
        steps: dict[str, tuple[Account, t.Callable[[], Run]]] = {
            "export": (full, lambda: export(full, first)),
            "apply to the same account": (full, lambda: apply(full, first, apply_prune_phone_numbers=True)),
            "plan": (empty, lambda: apply(empty, first, "--check")),
            "apply to the empty account": (empty, lambda: apply(empty, first)),
            "second export": (empty, lambda: export(empty, second)),
        }
        runs, requests = {}, {}
        for name, (account, step) in steps.items():
            forget_requests_of(account)
            runs[name] = step()
            assert runs[name].status == 0, runs[name].output
            requests[name] = account.requests()
        yield RoundTrip(account_of, first, second, runs, requests)


def test_the_exported_file_has_all_services_sorted_by_name(round_trip: RoundTrip) -> None:
    services = read(round_trip.first)
    names = [service["unique_name"] for service in services]
    assert len(services) == len(many_services()) >= 300
    assert names == sorted(names)
    assert {*NAMES, *TEMPLATES} <= {*names}
    assert sum(len(service.get("phone_numbers", [])) for service in services) == 100


def test_applying_an_export_changes_nothing(round_trip: RoundTrip) -> None:
    result = round_trip.runs["apply to the same account"]
    assert {request.method for request in round_trip.requests["apply to the same account"]} == {"GET"}
    assert not any(entry.result.get("changed") for entry in result.recorded)
    assert table_lines(result) == ["Summary of changes", f"{len(many_services())} unchanged."]


def test_the_second_export_is_the_same_byte_for_byte(round_trip: RoundTrip) -> None:
    assert round_trip.second.read_bytes() == round_trip.first.read_bytes()


def test_each_service_and_each_number_takes_one_request(round_trip: RoundTrip) -> None:
    requests = [
        (request.method, request.path.endswith("/PhoneNumbers"))
        for request in round_trip.requests["apply to the empty account"]
    ]
    assert requests.count(("POST", False)) == len(many_services())
    assert requests.count(("POST", True)) == 100
    assert {method for method, _is_pool in requests} == {"GET", "POST"}


def test_the_plan_predicts_the_summary(round_trip: RoundTrip) -> None:
    plan, summary = (table_lines(round_trip.runs[name]) for name in ("plan", "apply to the empty account"))
    assert {request.method for request in round_trip.requests["plan"]} == {"GET"}
    assert (plan[0], summary[0]) == ("Plan: a run without --check will make these changes", "Summary of changes")
    assert [line.replace("create ", "created ") for line in plan[1:-1]] == summary[1:-1]
    pools = [number for service in many_services() for number in service.get("phone_numbers", [])]
    assert len(plan) == 2 + len(many_services()) + len(pools)
    assert (plan[-1], summary[-1]) == (f"{len(many_services())} to create.", f"{len(many_services())} created.")


def test_the_table_has_no_control_characters(round_trip: RoundTrip) -> None:
    """Names with control characters are quoted."""
    for line in table_lines(round_trip.runs["plan"]):
        assert line.isprintable(), ascii(line)


def test_the_file_is_valid_for_check_jsonschema(round_trip: RoundTrip, folder: Path) -> None:
    """After removing the tag of texts that look like templates, which it does not know."""
    text = round_trip.first.read_text(encoding="utf-8")
    assert text.startswith(
        f"# yaml-language-server: $schema={json.loads(SCHEMA.read_text(encoding='utf-8'))['$id']}\n---\n"
    )
    assert text.count(": !unsafe ") == len(TEMPLATES) - 1 + text.count('_url: !unsafe "')
    (folder / "untagged.yml").write_text(text.replace(": !unsafe ", ": "), encoding="utf-8")
    checked = check_schema("--schemafile", str(SCHEMA), str(folder / "untagged.yml"))
    assert checked.returncode == 0, checked.stdout


def test_an_export_in_full_with_sids(round_trip: RoundTrip, folder: Path) -> None:
    file = folder / "full.yml"
    result = export(round_trip.accounts["empty"], file, export_full=True, export_with_sids=True, export_schema="")
    assert result.status == 0, result.output
    services = {service["sid"]: service for service in round_trip.accounts["empty"].services()}
    entries = read(file)
    assert file.read_text(encoding="utf-8").startswith("---\n")
    assert {entry["sid"]: entry["unique_name"] for entry in entries} == {
        sid: service["unique_name"] for sid, service in services.items()
    }
    assert all(entry["default_ttl"] == services[entry["sid"]]["default_ttl"] for entry in entries)
    checked = check_schema("--schemafile", str(SCHEMA), str(services_file(folder / "full.json", entries)))
    assert checked.returncode == 0, checked.stdout


def test_ansible_reads_each_text_unchanged(round_trip: RoundTrip) -> None:
    tasks = [
        {"name": "by vars_files", "ansible.builtin.debug": {"msg": "{{ proxy_services }}"}},
        {"name": "by task", "ansible.builtin.include_vars": {"file": str(round_trip.first), "name": "included"}},
        {"name": "by include_vars", "ansible.builtin.debug": {"msg": "{{ included.proxy_services }}"}},
    ]
    play = {"hosts": "localhost", "gather_facts": False, "vars_files": [str(round_trip.first)], "tasks": tasks}
    result = playbook([play])
    assert result.status == 0, result.output
    for name in ("by vars_files", "by include_vars"):
        assert result.result(name)["msg"] == read(round_trip.first)


# The file


def test_a_file_is_replaced_as_a_whole_and_only_if_it_changes(folder: Path) -> None:
    file = folder / "replaced.yml"
    with single_account([{"unique_name": "rides"}]) as account:
        assert export(account, file).status == 0
        assert file.stat().st_mode & 0o777 == 0o644

        # The mode is kept.
        file.chmod(0o640)
        before, text = file_identity(file), file.read_text(encoding="utf-8")
        again = export(account, file)
        assert not again.result("twilio.proxy.export : Write the file")["changed"]
        assert file_identity(file) == before

        handmade = "# Ask the drivers first.\n" + text
        file.write_text(handmade, encoding="utf-8")
        assert export(account, file).result("twilio.proxy.export : Write the file")["changed"]
        assert file.read_text(encoding="utf-8") == text
        assert file.stat().st_mode & 0o777 == 0o640
        before = file_identity(file)

        account.emulator.create(unique_name="deliveries", callback_url=WITH_PASSWORD)
        planned = export(account, file, "--check", "--diff")
        assert planned.result("twilio.proxy.export : Write the file")["changed"]
        assert "+  - unique_name: deliveries" in planned.output
        assert file_identity(file) == before

        with file.open(encoding="utf-8") as opened:
            changed = export(account, file, export_mode="0600")
            # The open file still has the old text: the new text is in another file.
            assert opened.read() == text
        assert file.stat().st_mode & 0o777 == 0o600
        assert list(file.parent.glob(".*replaced*")) == []

        assert f"    # {MASKED}\n" in file.read_text(encoding="utf-8")
        assert "secret" in "".join(changed.result("twilio.proxy.export : Read the account")["warnings"])
        for secret in (file.read_text(encoding="utf-8"), changed.output, planned.output):
            assert "p4ssw0rd" not in secret
        forget_requests_of(account)
        assert table_lines(apply(account, file))[1:] == ["2 unchanged."]
        assert methods(account) == {"GET"}
        assert {service["callback_url"] for service in account.services()} == {None, WITH_PASSWORD}


def test_a_path_is_relative_to_the_current_directory(emulator: Emulator, tmp_path: Path) -> None:
    """Also without an inventory, and with a playbook given by its name."""
    emulator.create(unique_name="rides", default_ttl=60)
    (tmp_path / "services").mkdir()

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PROGRAMS / "ansible-playbook"), *arguments],
            cwd=tmp_path,
            env={**os.environ, "LC_ALL": "C.UTF-8", **emulator.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    exported = command("twilio.proxy.export", "-e", "export_file=services/account.yml")
    assert exported.returncode == 0, exported.stdout
    assert read(tmp_path / "services" / "account.yml") == [{"unique_name": "rides", "default_ttl": 60}]
    applied = command("twilio.proxy.apply", "-e", "@services/account.yml")
    assert applied.returncode == 0, applied.stdout
    assert '"1 unchanged."' in applied.stdout


# Several accounts


@dataclasses.dataclass(frozen=True)
class AccountGroup:
    """The runs of apply and export for three accounts and one services file. One account has a wrong token."""

    accounts: dict[str, Account]
    applied: Run
    exported: Run
    folder: Path


@pytest.fixture(scope="module")
def account_group(folder: Path) -> t.Iterator[AccountGroup]:
    file = services_file(
        folder / "team.yml", [{"unique_name": "rides", "default_ttl": 60}, {"unique_name": "deliveries"}]
    )
    with accounts({"first": [], "broken": [], "last": [{"unique_name": "rides"}]}) as account_of:
        hosts = {
            name: {
                "proxy_account": {
                    "account_sid": account.sid,
                    "auth_token": "no-such-token" if name == "broken" else account.token,
                    "base_url": account.emulator.base_url,
                }
            }
            for name, account in account_of.items()
        }

        def on_all_hosts(name: str, *options: str) -> Run:
            play = {"ansible.builtin.import_playbook": f"twilio.proxy.{name}"}
            return playbook([play], "-e", "proxy_hosts=all", *options, hosts=hosts)

        applied = on_all_hosts("apply", "-e", f"@{file}")
        exported = on_all_hosts(
            "export", "-e", json.dumps({"export_file": f"{folder}/{{{{ inventory_hostname }}}}.yml"})
        )
        yield AccountGroup(account_of, applied, exported, folder)


def test_an_account_that_fails_does_not_stop_the_others(account_group: AccountGroup) -> None:
    assert account_group.applied.status != 0
    assert table_lines(account_group.applied, "first")[1:] == ["created  rides", "created  deliveries", "2 created."]
    assert table_lines(account_group.applied, "last")[1:] == [
        "updated  rides       default_ttl",
        "created  deliveries",
        "1 created, 1 updated.",
    ]
    for name in ("first", "last"):
        services = account_group.accounts[name].services()
        assert {service["unique_name"]: service["default_ttl"] for service in services} == {
            "rides": 60,
            "deliveries": 0,
        }


def test_the_account_that_fails_has_the_error(account_group: AccountGroup) -> None:
    assert account_group.applied.results(f"twilio.proxy.apply : {TABLE_TASK}", "broken") == []
    result = account_group.applied.result(f"twilio.proxy.apply : {ERROR_TASK}", "broken")
    assert result["failed"]
    assert "Authenticate (HTTP 401, code 20003" in result["msg"]
    assert result["msg"].endswith("Nothing was changed.")
    assert account_group.accounts["broken"].services() == []


def test_each_account_has_a_file(account_group: AccountGroup) -> None:
    assert account_group.exported.status != 0
    assert (account_group.folder / "first.yml").read_bytes() == (account_group.folder / "last.yml").read_bytes()
    assert not (account_group.folder / "broken.yml").exists()


def test_one_file_for_several_accounts_is_an_error(account_group: AccountGroup) -> None:
    hosts = {
        name: {"proxy_account": {"account_sid": account.sid, "auth_token": account.token}}
        for name, account in account_group.accounts.items()
    }
    forget_requests_of(account_group.accounts["first"])
    variables = json.dumps({"proxy_hosts": "all", "export_file": f"{account_group.folder}/all.yml"})
    play = {"ansible.builtin.import_playbook": "twilio.proxy.export"}
    result = playbook([play], "-e", variables, hosts=hosts)
    assert result.status != 0
    for name in hosts:
        failure = result.result("twilio.proxy.export : Check that no other host writes the file", name)
        assert failure["msg"].startswith("export_file: ")
        assert "{{ inventory_hostname }}.yml" in failure["msg"]
    assert account_group.accounts["first"].emulator.requests() == []


#: The variables of hosts without complete credentials.
NO_CREDENTIALS: dict[str, dict[str, t.Any]] = {
    "missing": {},
    "null": {"proxy_account": None},
    "empty": {"proxy_account": {}},
    "other": {"proxy_account": {"retries": 2}},
    "nulls": {"proxy_account": {"account_sid": None, "auth_token": None}},
    "texts": {"proxy_account": {"api_key": "", "api_secret": ""}},
    "half": {"proxy_account": {"account_sid": None, "auth_token": "a-token"}},
    "omitted": {
        "proxy_account": {
            "account_sid": "{{ nothing | default(omit) }}",
            "auth_token": "{{ nothing | default(omit) }}",
        }
    },
    "undefined": {"proxy_account": "{{ nothing }}"},
    "text": {"proxy_account": "fleet"},
    "list": {"proxy_account": ["fleet"]},
}


@pytest.mark.parametrize("name", ["apply", "export", "report"])
@pytest.mark.parametrize("bypassed", [False, True], ids=["", "without the check"])
def test_a_host_without_credentials_never_uses_those_in_the_environment(
    name: str, bypassed: bool, emulator: Emulator, folder: Path
) -> None:
    """Also if the check with the explanation is bypassed."""
    emulator.create(unique_name="unmanaged")
    emulator.forget_requests()
    environment = {**emulator.environment, "TWILIO_API_KEY": "SK" + "0" * 32, "TWILIO_API_SECRET": "a-secret"}
    variables = {
        "proxy_hosts": "all",
        "proxy_services": [{"unique_name": "rides"}],
        "apply_prune": True,
        "export_file": f"{folder}/none-{{{{ inventory_hostname }}}}.yml",
        **({"account_options": ["api_key", "api_secret"]} if bypassed else {}),
    }
    play = {"ansible.builtin.import_playbook": f"twilio.proxy.{name}"}
    result = playbook([play], "-e", json.dumps(variables), hosts=NO_CREDENTIALS, environment=environment)
    assert emulator.requests() == []
    for host in NO_CREDENTIALS:
        errors = [entry.result["msg"] for entry in result.recorded if entry.host == host and entry.result.get("failed")]
        assert errors, result.output
        given = "only auth_token" if host == "half" else "no credentials of its own"
        start = f"proxy_account: the host {host} has {given}. Set both account_sid and auth_token, "
        assert bypassed or [error[: len(start)] for error in errors] == [start]


@pytest.mark.parametrize("host", ["fleet", "localhost"])
def test_with_an_inventory_of_accounts_the_environment_is_not_used(host: str, emulator: Emulator) -> None:
    """Also without proxy_hosts, if a group is called localhost, or localhost has an undefined account."""
    account = {"proxy_account": "{{ nothing }}"} if host == "localhost" else {}
    with tempfile.TemporaryDirectory() as temporary:
        inventory = Path(temporary, "hosts.json")
        groups = (
            {"localhost": {"hosts": {host: account}}} if host == "fleet" else {"accounts": {"hosts": {host: account}}}
        )
        inventory.write_text(json.dumps({"all": {"children": groups}}), encoding="utf-8")
        play = {"ansible.builtin.import_playbook": "twilio.proxy.report"}
        result = playbook([play], "-i", str(inventory), environment=emulator.environment)
    assert result.status != 0
    assert emulator.requests() == []


# Errors


def test_all_errors_of_a_file_are_reported_before_any_request(emulator: Emulator, folder: Path) -> None:
    wrong = [{"unique_name": "rides", "default_ttl": -1}, {"default_ttl": 1}, {"unique_name": "a", "callback": "x"}]
    wrong += [{"unique_name": "b", "callback_url": f"{WITH_PASSWORD} "}, {"unique_name": "c", "phone_numbers": [{}]}]
    file = services_file(folder / "wrong.yml", wrong)
    result = run("apply", None, "-e", f"@{file}", "-e", f"emulator={emulator.base_url}")
    lines = result.result("twilio.proxy.apply : Check the list of Services")["msg"].splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        "proxy_services[0].default_ttl ('rides')",
        "proxy_services[1]",
        "proxy_services[2] ('a')",
        "proxy_services[3].callback_url ('b')",
        "proxy_services[4].phone_numbers[0] ('c')",
        "No request was sent.",
    ]
    assert "p4ssw0rd" not in result.output
    assert emulator.requests() == []
    assert result.status != 0


def test_a_partial_run_shows_what_was_done_and_the_next_run_does_the_rest(folder: Path) -> None:
    file = services_file(
        folder / "partial.yml", [{"unique_name": "rides"}, {"unique_name": "last", "phone_numbers": numbers(0, 1)}]
    )
    with single_account() as account:
        result = apply(account, file)
        assert result.status != 0
        lines = result.result("twilio.proxy.apply : Show the changes before the failure")["msg"]
        assert lines[1] == "created  rides"
        assert lines[2].startswith("failed   last   1 number failed: ")
        assert lines[2].count("Cannot add the phone number '+12025550100'") == 1
        assert lines[3:] == ["  failed +12025550100", "1 created, 1 failed."]
        msg = result.result("twilio.proxy.apply : Apply the list")["msg"]
        failure = result.result(f"twilio.proxy.apply : {ERROR_TASK}")
        assert failure["msg"] == f"{msg}\nIn this role, services is proxy_services."
        account.emulator.reset(owns_all_numbers=True)
        assert table_lines(apply(account, file))[-1] == "2 created."


def test_the_table_has_the_numbers_and_both_names(folder: Path) -> None:
    """In check mode and outside of it."""
    sid = "KS" + "7" * 32
    current = {"unique_name": "old", "sid": sid, "phone_numbers": numbers(0, 2)}
    changed_number, new_number = numbers(1, 2)
    entry = {
        "sid": sid,
        "unique_name": "new",
        "phone_numbers": [{**changed_number, "is_reserved": True}, new_number],
    }
    file = services_file(folder / "renamed.yml", [entry])
    with single_account([current], owns_all_numbers=True) as account:
        for option, operation, count in (("--check", "update", "1 to update."), ("--diff", "updated", "1 updated.")):
            result = apply(account, file, option, "--diff", apply_prune_phone_numbers=True)
            assert table_lines(result)[1:] == [
                f"{operation}  old -> new  unique_name, +1 number, -1 number, 1 number changed",
                "  ~ +12025550101 (is_reserved: true)",
                "  + +12025550102",
                "  - +12025550100",
                count,
            ]


def test_variables_limit_pruning(folder: Path) -> None:
    file = services_file(folder / "prune.yml", [{"unique_name": "a-managed"}])
    with single_account([{"unique_name": name} for name in ("a-managed", "a-1", "a-2", "b-1")]) as account:
        pruning = {"apply_prune": True, "apply_prune_matching": "^a-"}
        refused = apply(account, file, apply_max_deletions=1, **pruning)
        assert refused.result(f"twilio.proxy.apply : {ERROR_TASK}")["msg"].endswith(
            "\nIn this role, prune is apply_prune, prune_matching is apply_prune_matching,"
            " max_deletions is apply_max_deletions."
        )
        assert refused.results(f"twilio.proxy.apply : {TABLE_TASK}") == []
        assert len(account.services()) == 4
        bounds = {"apply_prune_matching": "{{ nothing | default(omit) }}", "apply_max_deletions": 0}
        not_pruned = apply(account, file, apply_allow_empty=True, **bounds)
        assert table_lines(not_pruned)[1:] == [
            "1 unchanged.",
            "apply_max_deletions, apply_allow_empty: no effect, because apply_prune is not true.",
        ]
        assert table_lines(apply(account, file, "--check", apply_prune_matching="^a-", prune=True))[2:] == [
            "apply_prune_matching: no effect, because apply_prune is not true.",
            "prune: no effect, because the variable of this role is apply_prune.",
        ]
        pruned = apply(account, file, apply_max_deletions=2, apply_concurrency=1, **pruning)
        assert table_lines(pruned)[1:] == [
            "deleted  a-1",
            "deleted  a-2",
            "2 deleted, 1 unchanged.",
            "Pruning is on: Services not in the list are deleted (names matching `^a-`, at most 2).",
        ]
        assert [service["unique_name"] for service in account.services()] == ["a-managed", "b-1"]


def test_an_error_has_the_names_of_the_variables(emulator: Emulator, folder: Path) -> None:
    file = services_file(folder / "empty.yml", [])
    result = run("apply", None, "-e", f"@{file}", apply_prune=True, apply_concurrency=99)
    msg = result.result(f"twilio.proxy.apply : {ERROR_TASK}")["msg"]
    assert "set allow_empty to true" in msg
    assert msg.endswith(
        "\nIn this role, prune is apply_prune, allow_empty is apply_allow_empty,"
        " concurrency is apply_concurrency, services is proxy_services."
    )
    assert emulator.requests() == []


@pytest.mark.parametrize(
    ("name", "options", "error"),
    [
        ("apply", [], "Give a services file with -e @services.yml"),
        ("apply", ["-e", "services.yml"], "-e @services.yml"),
        ("apply", ["-e", '{"services": []}'], "here it is services"),
        ("apply", ["-e", '{"proxy_service": []}'], "here it is proxy_service"),
        ("apply", ["-e", '{"proxy_services": {}}'], "proxy_services: this is a mapping"),
        (
            "apply",
            ["-e", '{"proxy_services": []}', "-e", "apply_max_deletions="],
            "max_deletions is apply_max_deletions",
        ),
        ("apply", ["-e", '{"proxy_services": []}', "-e", "apply_concurrency=x"], "concurrency is apply_concurrency"),
        ("apply", ["-e", '{"proxy_services": [], "apply_result": {"services": []}}'], "apply_result "),
        ("apply", ["-e", '{"proxy_services": [], "apply_probe": {}}'], "apply_result and apply_probe "),
        ("apply", ["-e", '{"proxy_services": [], "apply_result": null}'], "apply_result "),
        ("export", [], "-e export_file=services.yml"),
        ("export", ["-e", "export_file="], "export_file: '' "),
        ("export", ["-e", "export_file=."], "is a directory"),
        ("export", ["-e", "export_file=/nowhere/services.yml"], "there is no directory /nowhere"),
        ("export", ["-e", "export_file=services.yml", "-e", "export_concurrency="], "is export_concurrency"),
        ("export", ["-e", "export_file=services.yml", "-e", '{"export_result": {"services": []}}'], "export_result "),
        ("export", ["-e", "export_file=services.yml", "-e", "export_path=services.yml"], "export_path "),
        ("export", ["-e", '{"export_file": null}'], "export_file: None "),
        ("report", ["-e", "report_matching=["], "report_matching: '[' "),
        ("report", ["-e", '{"report_account": {"services": [], "left_out": []}}'], "report_account "),
    ],
)
def test_invalid_variables_are_errors_before_any_request(
    name: str, options: list[str], error: str, emulator: Emulator
) -> None:
    play = [{"ansible.builtin.import_playbook": f"twilio.proxy.{name}"}]
    result = playbook(play, *options, environment=emulator.environment)
    assert result.status != 0
    last = result.recorded[-1].result
    assert error in last["msg"]
    assert "No request was sent." in last["msg"]
    assert emulator.requests() == []


# The exported file


def test_a_vaulted_file_is_neither_decrypted_nor_replaced(emulator: Emulator, folder: Path) -> None:
    file, password = folder / "vaulted.yml", folder / "password"
    password.write_text("a-password", encoding="utf-8")
    file.write_text('proxy_services: [{"unique_name": "hush-hush"}]', encoding="utf-8")
    vault = ("--vault-password-file", str(password))
    assert program("ansible-vault", "encrypt", *vault, str(file)).returncode == 0
    before = file.read_bytes()
    play = [{"ansible.builtin.import_playbook": "twilio.proxy.export"}]
    result = playbook(play, "-e", f"export_file={file}", "--diff", *vault, environment=emulator.environment)
    assert result.status != 0
    assert emulator.requests() == []
    assert file.read_bytes() == before
    assert "hush-hush" not in result.output


def test_secrets_are_readable_by_the_owner_only_and_never_shown(folder: Path) -> None:
    urls = {
        "callback_url": "https://hush-key@example.com/",
        "intercept_callback_url": "https://a.example/?sig=hush-sig",
    }
    file = folder / "secret.yml"
    with single_account([{"unique_name": "rides", **urls}]) as account:
        without = export(account, file, "--diff")
        assert read(file) == [{"unique_name": "rides"}]
        assert file.stat().st_mode & 0o777 == 0o644

        written_with = export(account, file, "--diff", "-v", export_secrets=True)
        assert read(file) == [{"unique_name": "rides", **urls}]
        assert file.stat().st_mode & 0o777 == 0o600
        before = file_identity(file)
        again = export(account, file, "--diff", "-v", export_secrets=True)
        assert file_identity(file) == before
        applied = apply(account, file, "--check", "--diff", "-v")
        assert table_lines(applied)[1:] == ["1 unchanged."]

        # The old file, which the diff shows, has them too.
        replaced = export(account, file, "--diff", "-v")
        assert file.stat().st_mode & 0o777 == 0o600
        for result in (without, written_with, again, replaced):
            assert result.status == 0, result.output
            assert "hush" not in result.output

        failed = export(dataclasses.replace(account, token="wrong"), file, export_secrets=True)
        assert "HTTP 401" in failed.result("twilio.proxy.export : Report the failure")["msg"]


# The filters and the schema


@pytest.mark.parametrize("name", FILTERS)
def test_the_examples_of_a_filter_run(name: str, emulator: Emulator) -> None:
    examples = importlib.import_module(f"ansible_collections.twilio.proxy.plugins.filter.{name}").EXAMPLES
    play = {"hosts": "localhost", "gather_facts": False, "tasks": yaml.safe_load(examples)}
    result = playbook([play], environment=emulator.environment)
    assert result.status == 0, result.output
    assert "skipped=0" in result.output


def check_schema(*arguments: str) -> subprocess.CompletedProcess[str]:
    return program("check-jsonschema", "--output-format", "json", *arguments)


def test_the_published_schema_is_a_valid_schema() -> None:
    assert check_schema("--check-metaschema", str(SCHEMA)).returncode == 0


def test_check_jsonschema_finds_the_same_errors(folder: Path) -> None:
    """It reads patterns as JavaScript does, and the collection reads them as Python does."""
    separators = [
        char for char in map(chr, range(0x3001)) if not char.isascii() and unicodedata.category(char)[0] in "CZ"
    ]
    chars = [*map(chr, range(0x80)), *separators, "\ufeff", "☎", "٣", "😀"]
    services: list[dict[str, t.Any]] = [
        {"unique_name": "a", option: text.format(char)}
        for char in chars
        for option, text in (
            ("callback_url", "https://a.example/{}"),
            ("callback_url", "https://a{}b.example"),
            ("callback_url", "https://a.example{}"),
            ("chat_instance_sid", "IS" + "0" * 31 + "{}"),
            ("chat_instance_sid", "IS" + "0" * 32 + "{}"),
        )
    ]
    services += [{"unique_name": "a", "phone_numbers": [{"phone_number": f"+1202555010{char}"}]} for char in chars]
    services = [{**service, "unique_name": str(number)} for number, service in enumerate(services)]
    own_paths = {problem.partition(" (")[0] for problem in services_problems(services)}
    file = services_file(folder / "characters.json", services)
    report = json.loads(check_schema("--schemafile", str(SCHEMA), str(file)).stdout)
    checker_paths = {error["path"].removeprefix("$.") for error in report["errors"]}
    differing = {int(path.split("[")[1].split("]")[0]) for path in own_paths ^ checker_paths}
    assert [services[position] for position in differing] == []
    assert len(own_paths) > len(chars)
