# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role export: which files it writes, who can read them, what it refuses, and what it shows."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.integration.accounts import accounts
from ansible_collections.twilio.proxy.tests.integration.command_line import Run, playbook, program
from ansible_collections.twilio.proxy.tests.integration.role_playbooks import (
    WITH_PASSWORD,
    WITH_SIGNATURE,
    attempt,
    credentials,
    failure,
    imported,
    read_services,
    recording_python,
    recording_sudo,
    role,
    sudo_settings,
)
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schemas" / "services.schema.json"
WRITE = "twilio.proxy.export : Write the file"

SID = "KS" + "7" * 32
URLS = {"callback_url": WITH_PASSWORD, "intercept_callback_url": WITH_SIGNATURE}
CURRENT = [{"unique_name": "rides", "sid": SID, "default_ttl": 60, **URLS}]
PLAIN = {"unique_name": "rides", "default_ttl": 60}

#: The variables, what the file has beside the name and the TTL, and its permissions.
WRITTEN: dict[str, tuple[dict[str, t.Any], dict[str, t.Any], int]] = {
    "new": ({}, {}, 0o644),
    "full": ({"export_full": True, "export_mode": "0640"}, {"geo_match_level": "country"}, 0o640),
    "sids": ({"export_with_sids": True, "export_schema": ""}, {"sid": SID}, 0o644),
    "secrets": ({"export_secrets": True}, URLS, 0o600),
    "secrets mode": ({"export_secrets": True, "export_mode": "0640"}, URLS, 0o640),
    # Files that exist, see EXISTING.
    "old": ({}, {}, 0o640),
    "old signature": ({}, {}, 0o640),
    "old secrets": ({"export_secrets": True}, URLS, 0o600),
}
EXISTING = {
    "old": "a-comment",
    "old signature": f"callback_url: {WITH_SIGNATURE}",
    "old secrets": "a-comment",
}
#: What is refused: the variables, and what the message names. The filter export_target decides about paths.
REFUSED: dict[str, tuple[dict[str, t.Any], str]] = {
    "empty": ({"export_file": ""}, "export_file"),
    "vaulted": ({}, "vaulted.yml"),
    "shared one": ({"export_file": "{folder}/shared.yml"}, "shared.yml"),
    "shared two": ({"export_file": "{folder}/link/shared.yml"}, "shared.yml"),
    "too concurrent": ({"export_concurrency": 17}, "is export_concurrency"),
    "maybe": ({"export_secrets": "maybe"}, "export_secrets"),
    "unauthorized": ({"export_secrets": True}, "HTTP 401"),
}


def file_identity(path: Path) -> tuple[int, int, int, int]:
    """Return values that change when a file is written, replaced or touched."""
    stat = path.stat()
    return stat.st_ino, stat.st_mtime_ns, stat.st_size, stat.st_mode


#: The hosts that check mode and a second run are tried with.
SOME = ("new", "secrets", "old", "vaulted")


def test_files_of_many_accounts(tmp_path: Path) -> None:
    """Check mode writes nothing, a run does, and a second one changes nothing. A refusal does not stop the others."""
    (tmp_path / "link").symlink_to(tmp_path)
    vaulted, password = tmp_path / "vaulted.yml", tmp_path / "password"
    vaulted.write_text("a: hush-hush", encoding="utf-8")
    password.write_text("a-password", encoding="utf-8")
    vault = ("--vault-password-file", str(password))
    assert program("ansible-vault", "encrypt", *vault, str(vaulted)).returncode == 0
    for name, text in EXISTING.items():
        (tmp_path / f"{name}.yml").write_text(f"# {text}\n", encoding="utf-8")
        (tmp_path / f"{name}.yml").chmod(0o640)
    files = {name: tmp_path / f"{name}.yml" for name in WRITTEN}
    variables = {name: given for name, (given, _beside, _mode) in WRITTEN.items()}
    variables |= {name: given for name, (given, _word) in REFUSED.items()}

    with accounts(dict.fromkeys(variables, CURRENT)) as account_of:
        default = {"export_file": f"{tmp_path}/{{{{ inventory_hostname }}}}.yml"}
        hosts = {name: {**default, **given, **credentials(account_of[name])} for name, given in variables.items()}
        hosts = json.loads(json.dumps(hosts).replace("{folder}", str(tmp_path)))
        hosts["unauthorized"] |= credentials(account_of["unauthorized"], token="another")

        def export(*options: str) -> Run:
            return playbook([imported("export")], "--diff", "-v", *vault, *options, hosts=hosts)

        before = {path: file_identity(path) for path in tmp_path.glob("*.yml")}

        planned = export("--check", "--limit", ",".join(SOME))
        assert {path: file_identity(path) for path in tmp_path.glob("*.yml")} == before
        with files["old"].open(encoding="utf-8") as opened:
            run = export()
            # The file is replaced as a whole: an open one still has its text.
            assert "a-comment" in opened.read()
        written = {name: file_identity(path) for name, path in files.items()}
        again = export("--limit", ",".join(SOME))
        assert {name: file_identity(path) for name, path in files.items()} == written
        assert file_identity(vaulted) == before[vaulted]
        assert {*tmp_path.glob("*.yml")} == {*files.values(), vaulted}

        for name, (given, beside, mode) in WRITTEN.items():
            (service,) = read_services(files[name])
            assert service.items() >= {**PLAIN, **beside}.items(), name
            assert given.get("export_full") or service.keys() == {*PLAIN, *beside}, name
            assert files[name].stat().st_mode & 0o777 == mode, name
            schema = "" if "export_schema" in given else json.loads(SCHEMA.read_text(encoding="utf-8"))["$id"]
            assert (
                files[name]
                .read_text(encoding="utf-8")
                .startswith(f"# yaml-language-server: $schema={schema}\n---\n" if schema else "---\n")
            )
            assert run.result(WRITE, name)["changed"]
            if name in SOME:
                assert planned.result(WRITE, name)["changed"]
                counts = again.counts(name)
                assert (counts["changed"], counts["failed"]) == (0, 0), name
            read = run.result("twilio.proxy.export : Read the account", name)
            assert len(read.get("warnings", [])) == ("export_secrets" not in given), name
            # A difference shows what is in the file already, too.
            hidden = "export_secrets" in given or name == "old signature"
            assert bool(run.result(WRITE, name).get("diff")) != hidden, name
        assert "a-comment" in run.output

        for name, (_given, word) in REFUSED.items():
            for result in (planned, run) if name in SOME else (run,):
                assert word in failure(result, name)["msg"], name
            assert account_of[name].requests() == [], name
    for result in (planned, run, again):
        assert "hush" not in result.output


def test_only_the_account_is_read_on_the_host_and_with_become(tmp_path: Path) -> None:
    """The file is written by whoever runs the playbook, where it runs."""
    sudo, sudo_log = recording_sudo(tmp_path)
    python, python_log = recording_python(tmp_path)
    play = {
        "hosts": "all",
        "gather_facts": False,
        "become": True,
        "tasks": [role("export", export_file=str(tmp_path / "services.yml"), export_secrets=True)],
    }
    hosts = {"remote": {"ansible_python_interpreter": str(python)}}
    with Emulator() as emulator:
        emulator.create(**PLAIN)
        run = playbook([play], hosts=hosts, environment={**emulator.environment, **sudo_settings(sudo)})
    assert run.status == 0, run.output
    assert read_services(tmp_path / "services.yml") == [PLAIN]
    for log in (sudo_log, python_log):
        lines = [line for line in log.read_text(encoding="utf-8").splitlines() if "AnsiballZ" in line]
        assert lines
        assert all("AnsiballZ_services_info.py" in line for line in lines), lines


@pytest.mark.parametrize("name", ["export_path", "export_result"])
def test_results_cannot_be_given(name: str, emulator: Emulator, tmp_path: Path) -> None:
    file = tmp_path / "services.yml"
    task = attempt(role("export", export_file=str(file), **{name: {"services": []}}))
    run = playbook(
        [{"hosts": "all", "gather_facts": False, "environment": emulator.environment, "tasks": [task]}],
    )
    assert run.counts()["rescued"] == 1
    assert emulator.requests() == []
    assert not file.exists()
