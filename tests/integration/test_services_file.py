# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services files: round trips of texts that YAML, Ansible or HTTP may damage, and the schema for editors."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import typing as t
import unicodedata
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils._services_file import services_problems
from ansible_collections.twilio.proxy.tests.integration.accounts import Account, accounts
from ansible_collections.twilio.proxy.tests.integration.command_line import PROGRAMS, Run, playbook, program
from ansible_collections.twilio.proxy.tests.integration.role_playbooks import (
    imported,
    numbers,
    read_services,
    services_file,
)
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator, Service

CHECKOUT = Path(__file__).resolve().parents[2]
SCHEMA = CHECKOUT / "docs" / "schemas" / "services.schema.json"

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


def run(name: str, account: Account, *options: str) -> tuple[Run, set[str]]:
    """Run a playbook with the account in the environment. Return the run and the methods of its requests."""
    account.emulator.forget_requests()
    done = playbook([imported(name, None)], *options, environment=account.environment)
    assert done.status == 0, done.output
    return done, {request.method for request in account.requests()}


def table_lines(done: Run) -> list[str]:
    """Return the lines of the table that the role apply shows."""
    return t.cast("list[str]", done.result("twilio.proxy.apply : Show the table")["msg"])


@pytest.mark.slow
def test_an_exported_account_can_be_applied_to_any_other(tmp_path: Path) -> None:
    """Applied to its own account it changes nothing. Applied to an empty one and exported again, it is the same."""
    first, second, services = tmp_path / "first.yml", tmp_path / "second.yml", many_services()
    with accounts({"full": services, "empty": []}, owns_all_numbers=True) as account_of:
        full, empty = account_of["full"], account_of["empty"]
        run("export", full, "-e", f"export_file={first}")
        exported = read_services(first)
        names = [service["unique_name"] for service in exported]
        assert names == sorted(names)
        assert len(names) == len(services) >= 300
        assert {*NAMES, *TEMPLATES} <= {*names}
        assert sum(len(service.get("phone_numbers", [])) for service in exported) == 100

        unchanged, methods = run("apply", full, "-e", f"@{first}", "-e", "apply_prune_phone_numbers=true")
        assert table_lines(unchanged)[1:] == [f"{len(services)} unchanged."]
        assert unchanged.counts()["changed"] == 0
        assert methods == {"GET"}

        applied, _methods = run("apply", empty, "-e", f"@{first}")
        requests = [(request.method, request.path.endswith("/PhoneNumbers")) for request in empty.requests()]
        assert requests.count(("POST", False)) == len(services)
        assert requests.count(("POST", True)) == 100
        summary = table_lines(applied)
        assert len(summary) == 2 + len(services) + 100
        assert summary[-1] == f"{len(services)} created."
        # Names with control characters are quoted.
        assert [line for line in summary if not line.isprintable()] == []

        run("export", empty, "-e", f"export_file={second}")
    text = first.read_text(encoding="utf-8")
    assert second.read_text(encoding="utf-8") == text

    # check-jsonschema does not know the tag of texts that look like templates.
    assert text.count(": !unsafe ") == len(TEMPLATES) - 1 + text.count('_url: !unsafe "')
    untagged = tmp_path / "untagged.yml"
    untagged.write_text(text.replace(": !unsafe ", ": "), encoding="utf-8")
    checked = check_schema("--schemafile", str(SCHEMA), str(untagged))
    assert checked.returncode == 0, checked.stdout

    # Other ways to read the file than that of the command line.
    tasks = [
        {"name": "By vars_files", "ansible.builtin.debug": {"msg": "{{ proxy_services }}"}},
        {"name": "By task", "ansible.builtin.include_vars": {"file": str(first), "name": "included"}},
        {"name": "By include_vars", "ansible.builtin.debug": {"msg": "{{ included.proxy_services }}"}},
    ]
    read = playbook([{"hosts": "localhost", "gather_facts": False, "vars_files": [str(first)], "tasks": tasks}])
    assert read.status == 0, read.output
    for name in ("By vars_files", "By include_vars"):
        assert read.result(name)["msg"] == exported


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
    assert read_services(tmp_path / "services" / "account.yml") == [{"unique_name": "rides", "default_ttl": 60}]
    applied = command("twilio.proxy.apply", "-e", "@services/account.yml")
    assert applied.returncode == 0, applied.stdout
    assert '"1 unchanged."' in applied.stdout


# The schema


def check_schema(*arguments: str) -> subprocess.CompletedProcess[str]:
    return program("check-jsonschema", "--output-format", "json", *arguments)


def test_the_published_schema_is_a_valid_schema() -> None:
    assert check_schema("--check-metaschema", str(SCHEMA)).returncode == 0


def test_check_jsonschema_finds_the_same_errors(tmp_path: Path) -> None:
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
    file = services_file(tmp_path / "characters.json", services)
    report = json.loads(check_schema("--schemafile", str(SCHEMA), str(file)).stdout)
    checker_paths = {error["path"].removeprefix("$.") for error in report["errors"]}
    differing = {int(path.split("[")[1].split("]")[0]) for path in own_paths ^ checker_paths}
    assert [services[position] for position in differing] == []
    assert len(own_paths) > len(chars)
