# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole accounts as files, by the playbooks apply and export: the laws, several accounts, what goes wrong.

The laws are about an account of many Services with texts that YAML, Ansible and the wire each have reason to damage:
to apply what was exported changes nothing, and from an empty account it comes back byte for byte.
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
from ansible_collections.twilio.proxy.tests.integration.accounts import Account, accounts
from ansible_collections.twilio.proxy.tests.integration.command_line import PROGRAMS, Run, playbook, program
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator, Service

CHECKOUT = Path(__file__).resolve().parents[2]
SCHEMA = CHECKOUT / "docs" / "schemas" / "services.schema.json"
FILTERS = sorted(path.stem for path in (CHECKOUT / "plugins" / "filter").glob("*.py"))
SHOWN, TOLD = "Show the table", "Say why it failed"
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


def grown() -> list[Service]:
    """Services with all kinds of names, settings and pools, in no order. There are 100 numbers for tests to have."""
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
    return tmp_path_factory.mktemp("estates")


def run(name: str, account: Account | None, *options: str, **variables: t.Any) -> Run:
    """One of the two playbooks, on the account in the environment."""
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


def written(path: Path, services: t.Any) -> Path:
    """An estate file. Each JSON document is a YAML document."""
    path.write_text(json.dumps({"proxy_services": services}), encoding="utf-8")
    return path


def forget(account: Account) -> None:
    account.emulator.forget_requests()


def methods(account: Account) -> set[str]:
    return {sent.method for sent in account.requests()}


def shown(result: Run, host: str = "localhost") -> list[str]:
    """The lines of the table."""
    return t.cast("list[str]", result.result(f"twilio.proxy.apply : {SHOWN}", host)["msg"])


def read(path: Path) -> list[dict[str, t.Any]]:
    """The Services of an estate file, by a reader that was told what the tag means."""
    text = path.read_text(encoding="utf-8").replace(": !unsafe ", ": ")
    return t.cast("list[dict[str, t.Any]]", yaml.safe_load(text)["proxy_services"])


def identity(path: Path) -> tuple[int, int]:
    """What changes when a file is written, or replaced."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


# The laws.


@dataclasses.dataclass(frozen=True)
class Journey:
    """From an account to a file, back to it, and to an empty account and from there to a file."""

    accounts: dict[str, Account]
    first: Path
    second: Path
    runs: dict[str, Run]
    requests: dict[str, list[t.Any]]


@pytest.fixture(scope="module")
def journey(folder: Path) -> t.Iterator[Journey]:
    first, second = folder / "first.yml", folder / "second.yml"
    services = grown()
    with accounts({"grown": services, "empty": []}, owns_all_numbers=True) as both:
        steps: dict[str, tuple[str, t.Callable[[], Run]]] = {
            "export": ("grown", lambda: export(both["grown"], first)),
            "apply to the same": ("grown", lambda: apply(both["grown"], first, apply_prune_phone_numbers=True)),
            "plan": ("empty", lambda: apply(both["empty"], first, "--check")),
            "apply to the other": ("empty", lambda: apply(both["empty"], first)),
            "export the other": ("empty", lambda: export(both["empty"], second)),
        }
        runs, requests = {}, {}
        for name, (account, step) in steps.items():
            forget(both[account])
            runs[name] = step()
            assert runs[name].status == 0, runs[name].output
            requests[name] = both[account].requests()
        yield Journey(both, first, second, runs, requests)


def test_the_estate_of_the_laws_is_large_and_hostile(journey: Journey) -> None:
    services = read(journey.first)
    names = [service["unique_name"] for service in services]
    assert len(services) == len(grown()) >= 300
    assert names == sorted(names)
    assert {*NAMES, *TEMPLATES} <= {*names}
    assert sum(len(service.get("phone_numbers", [])) for service in services) == 100


def test_to_apply_what_was_exported_changes_nothing(journey: Journey) -> None:
    result = journey.runs["apply to the same"]
    assert {sent.method for sent in journey.requests["apply to the same"]} == {"GET"}
    assert not any(entry.result.get("changed") for entry in result.recorded)
    assert shown(result) == ["Summary: what was done", f"{len(grown())} unchanged."]


def test_from_an_empty_account_it_comes_back_byte_for_byte(journey: Journey) -> None:
    assert journey.second.read_bytes() == journey.first.read_bytes()


def test_one_request_makes_one_thing(journey: Journey) -> None:
    sent = [(one.method, one.path.endswith("/PhoneNumbers")) for one in journey.requests["apply to the other"]]
    assert sent.count(("POST", False)) == len(grown())
    assert sent.count(("POST", True)) == 100
    assert {method for method, _numbers in sent} == {"GET", "POST"}


def test_the_plan_is_what_is_done_later(journey: Journey) -> None:
    plan, done = (shown(journey.runs[name]) for name in ("plan", "apply to the other"))
    assert {sent.method for sent in journey.requests["plan"]} == {"GET"}
    assert (plan[0], done[0]) == ("Plan: what a run without --check would do", "Summary: what was done")
    assert plan[1:] == done[1:]
    pools = [number for service in grown() for number in service.get("phone_numbers", [])]
    assert len(plan) == 2 + len(grown()) + len(pools)
    assert plan[-1] == f"{len(grown())} created."


def test_what_is_shown_is_a_line_each(journey: Journey) -> None:
    """Whatever is in a name, a terminal sees nothing but a text."""
    for line in shown(journey.runs["plan"]):
        assert line.isprintable(), ascii(line)


def test_the_file_is_right_by_its_schema(journey: Journey, folder: Path) -> None:
    """By another program, which does not know the tag that only what looks like a template has."""
    text = journey.first.read_text(encoding="utf-8")
    assert text.startswith(
        f"# yaml-language-server: $schema={json.loads(SCHEMA.read_text(encoding='utf-8'))['$id']}\n---\n"
    )
    assert text.count(": !unsafe ") == len(TEMPLATES) - 1 + text.count('_url: !unsafe "')
    (folder / "untagged.yml").write_text(text.replace(": !unsafe ", ": "), encoding="utf-8")
    checked = check_schema("--schemafile", str(SCHEMA), str(folder / "untagged.yml"))
    assert checked.returncode == 0, checked.stdout


def test_it_is_written_in_full_with_sids_too(journey: Journey, folder: Path) -> None:
    file = folder / "full.yml"
    result = export(journey.accounts["empty"], file, export_full=True, export_with_sids=True, export_schema="")
    assert result.status == 0, result.output
    services = {service["sid"]: service for service in journey.accounts["empty"].services()}
    entries = read(file)
    assert file.read_text(encoding="utf-8").startswith("---\n")
    assert {entry["sid"]: entry["unique_name"] for entry in entries} == {
        sid: service["unique_name"] for sid, service in services.items()
    }
    assert all(entry["default_ttl"] == services[entry["sid"]]["default_ttl"] for entry in entries)
    checked = check_schema("--schemafile", str(SCHEMA), str(written(folder / "full.json", entries)))
    assert checked.returncode == 0, checked.stdout


def test_ansible_takes_each_text_as_it_is_however_it_reads_the_file(journey: Journey) -> None:
    tasks = [
        {"name": "by vars_files", "ansible.builtin.debug": {"msg": "{{ proxy_services }}"}},
        {"name": "by task", "ansible.builtin.include_vars": {"file": str(journey.first), "name": "included"}},
        {"name": "by include_vars", "ansible.builtin.debug": {"msg": "{{ included.proxy_services }}"}},
    ]
    play = {"hosts": "localhost", "gather_facts": False, "vars_files": [str(journey.first)], "tasks": tasks}
    result = playbook([play])
    assert result.status == 0, result.output
    for name in ("by vars_files", "by include_vars"):
        assert result.result(name)["msg"] == read(journey.first)


# The file.


def test_a_file_is_replaced_as_a_whole_and_not_touched_when_it_is_right(folder: Path) -> None:
    file = folder / "replaced.yml"
    with accounts({"one": [{"unique_name": "rides"}]}) as only:
        account = only["one"]
        assert export(account, file).status == 0
        assert file.stat().st_mode & 0o777 == 0o644

        # Somebody closes it to others, and it stays closed.
        file.chmod(0o640)
        before, text = identity(file), file.read_text(encoding="utf-8")
        again = export(account, file)
        assert not again.result("twilio.proxy.export : Write the file")["changed"]
        assert identity(file) == before

        handmade = "# Ask the drivers first.\n" + text
        file.write_text(handmade, encoding="utf-8")
        assert export(account, file).result("twilio.proxy.export : Write the file")["changed"]
        assert file.read_text(encoding="utf-8") == text
        assert file.stat().st_mode & 0o777 == 0o640
        before = identity(file)

        account.emulator.create(unique_name="deliveries", callback_url=WITH_PASSWORD)
        planned = export(account, file, "--check", "--diff")
        assert planned.result("twilio.proxy.export : Write the file")["changed"]
        assert "+  - unique_name: deliveries" in planned.output
        assert identity(file) == before

        with file.open(encoding="utf-8") as opened:
            changed = export(account, file, export_mode="0600")
            # Who had it open reads the old file to its end: it was not written into.
            assert opened.read() == text
        assert file.stat().st_mode & 0o777 == 0o600
        assert list(file.parent.glob(".*replaced*")) == []

        assert f"    # {MASKED}\n" in file.read_text(encoding="utf-8")
        assert "secret" in "".join(changed.result("twilio.proxy.export : Read the account")["warnings"])
        for secret in (file.read_text(encoding="utf-8"), changed.output, planned.output):
            assert "p4ssw0rd" not in secret
        forget(account)
        assert shown(apply(account, file))[1:] == ["2 unchanged."]
        assert methods(account) == {"GET"}
        assert {service["callback_url"] for service in account.services()} == {None, WITH_PASSWORD}


def test_a_path_begins_where_the_command_was_given(emulator: Emulator, tmp_path: Path) -> None:
    """Without an inventory, by the names of the playbooks."""
    emulator.create(unique_name="rides", default_ttl=60)
    (tmp_path / "estates").mkdir()

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

    exported = command("twilio.proxy.export", "-e", "export_file=estates/it.yml")
    assert exported.returncode == 0, exported.stdout
    assert read(tmp_path / "estates" / "it.yml") == [{"unique_name": "rides", "default_ttl": 60}]
    applied = command("twilio.proxy.apply", "-e", "@estates/it.yml")
    assert applied.returncode == 0, applied.stdout
    assert '"1 unchanged."' in applied.stdout


# Several accounts.


@dataclasses.dataclass(frozen=True)
class Team:
    """Three accounts to which one estate was applied at once, and their export. The token of one of them is wrong."""

    accounts: dict[str, Account]
    applied: Run
    exported: Run
    folder: Path


@pytest.fixture(scope="module")
def team(folder: Path) -> t.Iterator[Team]:
    estate = written(folder / "team.yml", [{"unique_name": "rides", "default_ttl": 60}, {"unique_name": "deliveries"}])
    with accounts({"first": [], "broken": [], "last": [{"unique_name": "rides"}]}) as three:
        hosts = {
            name: {
                "proxy_account": {
                    "account_sid": account.sid,
                    "auth_token": "no-such-token" if name == "broken" else account.token,
                    "base_url": account.emulator.base_url,
                }
            }
            for name, account in three.items()
        }

        def at_once(name: str, *options: str) -> Run:
            play = {"ansible.builtin.import_playbook": f"twilio.proxy.{name}"}
            return playbook([play], "-e", "proxy_hosts=all", *options, hosts=hosts)

        applied = at_once("apply", "-e", f"@{estate}")
        exported = at_once("export", "-e", json.dumps({"export_file": f"{folder}/{{{{ inventory_hostname }}}}.yml"}))
        yield Team(three, applied, exported, folder)


def test_an_account_that_is_broken_does_not_stop_the_others(team: Team) -> None:
    assert team.applied.status != 0
    assert shown(team.applied, "first")[1:] == ["created  rides", "created  deliveries", "2 created."]
    assert shown(team.applied, "last")[1:] == [
        "updated  rides       default_ttl",
        "created  deliveries",
        "1 created, 1 updated.",
    ]
    for name in ("first", "last"):
        found = {service["unique_name"]: service["default_ttl"] for service in team.accounts[name].services()}
        assert found == {"rides": 60, "deliveries": 0}


def test_the_broken_account_says_why(team: Team) -> None:
    assert team.applied.results(f"twilio.proxy.apply : {SHOWN}", "broken") == []
    told = team.applied.result(f"twilio.proxy.apply : {TOLD}", "broken")
    assert told["failed"]
    assert "Authenticate (HTTP 401, code 20003" in told["msg"]
    assert told["msg"].endswith("Nothing was changed.")
    assert team.accounts["broken"].services() == []


def test_each_account_has_a_file(team: Team) -> None:
    assert team.exported.status != 0
    assert (team.folder / "first.yml").read_bytes() == (team.folder / "last.yml").read_bytes()
    assert not (team.folder / "broken.yml").exists()


def test_one_file_for_two_accounts_is_refused(team: Team) -> None:
    hosts = {
        name: {"proxy_account": {"account_sid": account.sid, "auth_token": account.token}}
        for name, account in team.accounts.items()
    }
    forget(team.accounts["first"])
    variables = json.dumps({"proxy_hosts": "all", "export_file": f"{team.folder}/all.yml"})
    play = {"ansible.builtin.import_playbook": "twilio.proxy.export"}
    result = playbook([play], "-e", variables, hosts=hosts)
    assert result.status != 0
    for name in hosts:
        told = result.result("twilio.proxy.export : Refuse a file that several hosts would write", name)
        assert "Give each host a file of its own, such as {{ inventory_hostname }}.yml." in told["msg"]
    assert team.accounts["first"].emulator.requests() == []


#: What a host may have instead of credentials.
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
    """Also where the check that explains it is passed."""
    emulator.create(unique_name="victim")
    emulator.forget_requests()
    shell = {**emulator.environment, "TWILIO_API_KEY": "SK" + "0" * 32, "TWILIO_API_SECRET": "a-secret"}
    variables = {
        "proxy_hosts": "all",
        "proxy_services": [{"unique_name": "rides"}],
        "apply_prune": True,
        "export_file": f"{folder}/none-{{{{ inventory_hostname }}}}.yml",
        **({"account_options": ["api_key", "api_secret"]} if bypassed else {}),
    }
    play = {"ansible.builtin.import_playbook": f"twilio.proxy.{name}"}
    result = playbook([play], "-e", json.dumps(variables), hosts=NO_CREDENTIALS, environment=shell)
    assert emulator.requests() == []
    for host in NO_CREDENTIALS:
        told = [entry.result["msg"] for entry in result.recorded if entry.host == host and entry.result.get("failed")]
        assert told, result.output
        explained = (
            f"proxy_account: the host {host} has no credentials of its own. "
            "Give it account_sid and auth_token, or api_key and api_secret. No request was sent."
        )
        assert bypassed or told == [explained]


@pytest.mark.parametrize("host", ["fleet", "localhost"])
def test_an_inventory_that_names_accounts_is_enough(host: str, emulator: Emulator) -> None:
    """Without proxy_hosts: the group is called localhost, or localhost has an account that turns out to be empty."""
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


# What is refused, and what goes wrong.


def test_a_wrong_estate_is_refused_with_every_place_before_any_request(emulator: Emulator, folder: Path) -> None:
    wrong = [{"unique_name": "rides", "default_ttl": -1}, {"default_ttl": 1}, {"unique_name": "a", "callback": "x"}]
    wrong += [{"unique_name": "b", "callback_url": f"{WITH_PASSWORD} "}, {"unique_name": "c", "phone_numbers": [{}]}]
    estate = written(folder / "wrong.yml", wrong)
    result = run("apply", None, "-e", f"@{estate}", "-e", f"emulator={emulator.base_url}")
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


def test_a_failure_in_the_middle_shows_what_was_done_and_the_next_run_does_the_rest(folder: Path) -> None:
    estate = written(
        folder / "middle.yml", [{"unique_name": "rides"}, {"unique_name": "last", "phone_numbers": numbers(0, 1)}]
    )
    with accounts({"one": []}) as only:
        account = only["one"]
        result = apply(account, estate)
        assert result.status != 0
        lines = result.result("twilio.proxy.apply : Show what was done before the failure")["msg"]
        assert lines[1] == "created  rides"
        assert lines[2].startswith("failed   last   1 number failed: ")
        assert lines[2].count("Cannot add the phone number '+12025550100'") == 1
        assert lines[3:] == ["  failed +12025550100", "1 created, 1 failed."]
        told = result.result(f"twilio.proxy.apply : {TOLD}")
        why = result.result("twilio.proxy.apply : Apply the list")["msg"]
        assert told["msg"] == f"{why}\nIn this role, services is proxy_services."
        account.emulator.reset(owns_all_numbers=True)
        assert shown(apply(account, estate))[-1] == "2 created."


def test_the_table_names_the_numbers_and_both_names(folder: Path) -> None:
    """As the module's result has them, in check mode and then in earnest."""
    sid = "KS" + "7" * 32
    there = {"unique_name": "old", "sid": sid, "phone_numbers": numbers(0, 2)}
    kept, new = numbers(1, 2)
    entry = {"sid": sid, "unique_name": "new", "phone_numbers": [{**kept, "is_reserved": True}, new]}
    estate = written(folder / "renamed.yml", [entry])
    with accounts({"one": [there]}, owns_all_numbers=True) as only:
        for option in ("--check", "--diff"):
            result = apply(only["one"], estate, option, "--diff", apply_prune_phone_numbers=True)
            assert shown(result)[1:] == [
                "updated  old -> new  unique_name, +1 number, -1 number, 1 number changed",
                "  ~ +12025550101 (is_reserved: true)",
                "  + +12025550102",
                "  - +12025550100",
                "1 updated.",
            ]


def test_pruning_is_bounded_as_the_variables_say(folder: Path) -> None:
    estate = written(folder / "kept.yml", [{"unique_name": "a-kept"}])
    with accounts({"one": [{"unique_name": name} for name in ("a-kept", "a-1", "a-2", "b-1")]}) as only:
        account = only["one"]
        pruning = {"apply_prune": True, "apply_prune_matching": "^a-"}
        refused = apply(account, estate, apply_max_deletions=1, **pruning)
        assert refused.result(f"twilio.proxy.apply : {TOLD}")["msg"].endswith(
            "\nIn this role, prune is apply_prune, prune_matching is apply_prune_matching,"
            " max_deletions is apply_max_deletions."
        )
        assert refused.results(f"twilio.proxy.apply : {SHOWN}") == []
        assert len(account.services()) == 4
        bounds = {"apply_prune_matching": "{{ nothing | default(omit) }}", "apply_max_deletions": 0}
        kept = apply(account, estate, apply_allow_empty=True, **bounds)
        assert shown(kept)[1:] == [
            "1 unchanged.",
            "apply_max_deletions, apply_allow_empty: without effect, because apply_prune is not true.",
        ]
        assert shown(apply(account, estate, "--check", apply_prune_matching="^a-"))[2:] == [
            "apply_prune_matching: without effect, because apply_prune is not true."
        ]
        pruned = apply(account, estate, apply_max_deletions=2, apply_concurrency=1, **pruning)
        assert shown(pruned)[1:] == [
            "deleted  a-1",
            "deleted  a-2",
            "2 deleted, 1 unchanged.",
            "Pruning is on: Services not in the list are deleted (names matching `^a-`, at most 2).",
        ]
        assert [service["unique_name"] for service in account.services()] == ["a-kept", "b-1"]


def test_a_refusal_says_which_variables_are_meant(emulator: Emulator, folder: Path) -> None:
    estate = written(folder / "empty.yml", [])
    result = run("apply", None, "-e", f"@{estate}", apply_prune=True, apply_concurrency=99)
    told = result.result(f"twilio.proxy.apply : {TOLD}")["msg"]
    assert "set allow_empty to true" in told
    assert told.endswith(
        "\nIn this role, prune is apply_prune, allow_empty is apply_allow_empty,"
        " concurrency is apply_concurrency, services is proxy_services."
    )
    assert emulator.requests() == []


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("apply", [], "Give an estate file with -e @services.yml"),
        ("apply", ["-e", "services.yml"], "-e @services.yml"),
        ("apply", ["-e", '{"services": []}'], "here it is services"),
        ("apply", ["-e", '{"proxy_service": []}'], "here it is proxy_service"),
        ("apply", ["-e", '{"proxy_services": {}}'], "proxy_services: a mapping "),
        ("apply", ["-e", '{"proxy_services": []}', "-e", "apply_max_deletions="], "apply_max_deletions: '' "),
        ("apply", ["-e", '{"proxy_services": []}', "-e", "apply_concurrency=x"], "apply_concurrency: 'x' "),
        ("apply", ["-e", '{"proxy_services": [], "apply_result": {"services": []}}'], "apply_result "),
        ("apply", ["-e", '{"proxy_services": [], "apply_probe": {}}'], "apply_result and apply_probe "),
        ("apply", ["-e", '{"proxy_services": [], "apply_result": null}'], "apply_result "),
        ("export", [], "-e export_file=services.yml"),
        ("export", ["-e", "export_file="], "export_file: '' "),
        ("export", ["-e", "export_file=."], "is a directory"),
        ("export", ["-e", "export_file=/nowhere/services.yml"], "there is no directory /nowhere"),
        ("export", ["-e", "export_file=services.yml", "-e", "export_concurrency="], "export_concurrency: '' "),
        ("export", ["-e", "export_file=services.yml", "-e", '{"export_result": {"services": []}}'], "export_result "),
        ("export", ["-e", "export_file=services.yml", "-e", "export_path=services.yml"], "export_path "),
        ("report", ["-e", "report_matching=["], "report_matching: '[' "),
    ],
)
def test_what_is_given_wrongly_is_told_in_one_sentence_before_any_request(
    name: str, options: list[str], told: str, emulator: Emulator
) -> None:
    play = [{"ansible.builtin.import_playbook": f"twilio.proxy.{name}"}]
    result = playbook(play, *options, environment=emulator.environment)
    assert result.status != 0
    last = result.recorded[-1].result
    assert told in last["msg"]
    assert last["msg"].endswith("No request was sent.")
    assert emulator.requests() == []


# The file of an export.


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


def test_secrets_are_written_for_the_owner_alone_and_shown_to_nobody(folder: Path) -> None:
    urls = {
        "callback_url": "https://hush-key@example.com/",
        "intercept_callback_url": "https://a.example/?sig=hush-sig",
    }
    file = folder / "secret.yml"
    with accounts({"one": [{"unique_name": "rides", **urls}]}) as only:
        account = only["one"]
        without = export(account, file, "--diff")
        assert read(file) == [{"unique_name": "rides"}]
        assert file.stat().st_mode & 0o777 == 0o644

        written_with = export(account, file, "--diff", "-v", export_secrets=True)
        assert read(file) == [{"unique_name": "rides", **urls}]
        assert file.stat().st_mode & 0o777 == 0o600
        before = identity(file)
        again = export(account, file, "--diff", "-v", export_secrets=True)
        assert identity(file) == before
        applied = apply(account, file, "--check", "--diff", "-v")
        assert shown(applied)[1:] == ["1 unchanged."]

        # The file that is replaced holds them too.
        replaced = export(account, file, "--diff", "-v")
        assert file.stat().st_mode & 0o777 == 0o600
        for result in (without, written_with, again, replaced):
            assert result.status == 0, result.output
            assert "hush" not in result.output

        failed = export(dataclasses.replace(account, token="wrong"), file, export_secrets=True)
        assert "HTTP 401" in failed.result("twilio.proxy.export : Say why it failed")["msg"]


# The filters and the schema.


@pytest.mark.parametrize("name", FILTERS)
def test_the_examples_of_a_filter_run(name: str, emulator: Emulator) -> None:
    examples = importlib.import_module(f"ansible_collections.twilio.proxy.plugins.filter.{name}").EXAMPLES
    play = {"hosts": "localhost", "gather_facts": False, "tasks": yaml.safe_load(examples)}
    result = playbook([play], environment=emulator.environment)
    assert result.status == 0, result.output
    assert "skipped=0" in result.output


def check_schema(*arguments: str) -> subprocess.CompletedProcess[str]:
    return program("check-jsonschema", "--output-format", "json", *arguments)


def test_the_published_schema_is_one() -> None:
    assert check_schema("--check-metaschema", str(SCHEMA)).returncode == 0


def test_other_programs_read_the_patterns_alike(folder: Path) -> None:
    """check-jsonschema reads them as JSON Schema wants it, as JavaScript does. We read them as Python does."""
    odd = [char for char in map(chr, range(0x3001)) if not char.isascii() and unicodedata.category(char)[0] in "CZ"]
    chars = [*map(chr, range(0x80)), *odd, "\ufeff", "☎", "٣", "😀"]
    estate: list[dict[str, t.Any]] = [
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
    estate += [{"unique_name": "a", "phone_numbers": [{"phone_number": f"+1202555010{char}"}]} for char in chars]
    estate = [{**entry, "unique_name": str(number)} for number, entry in enumerate(estate)]
    ours = {problem.partition(":")[0] for problem in services_problems(estate)}
    report = json.loads(check_schema("--schemafile", str(SCHEMA), str(written(folder / "odd.json", estate))).stdout)
    theirs = {error["path"].removeprefix("$.") for error in report["errors"]}
    assert {json.dumps(estate[int(path.split("[")[1].split("]")[0])]) for path in ours ^ theirs} == set()
    assert len(ours) > len(chars)
