# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that an export writes: which paths are accepted, and which files are not replaced."""

from __future__ import annotations

import os
import socket
import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.plugins.filter.export_target import FilterModule

export_target = FilterModule().filters()["export_target"]


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))


def found(path: Path, **known: t.Any) -> dict[str, t.Any]:
    return {"path": str(path), "exists": True, "holds_secrets": False, "problem": None, **known}


@pytest.mark.parametrize("name", ["services.yml", "~/services.yml", "link.yml", "dangling.yml"])
def test_a_new_or_regular_file_may_be_written_also_through_a_link(name: str, tmp_path: Path) -> None:
    file = tmp_path / ("new.yml" if name == "dangling.yml" else "services.yml")
    Path("link.yml").symlink_to("services.yml")
    Path("dangling.yml").symlink_to("new.yml")
    assert export_target(name) == found(file, exists=False)
    file.write_text("proxy_services: []", encoding="utf-8")
    assert export_target(name) == found(file)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (b'callback_url: "https://key@example.com/"', True),
        (b'callback_url: "https://example.com/?sig=1"', True),
        (b'\xff callback_url: "https://example.com/?x=1"', False),
    ],
)
def test_secrets_in_the_file_are_found(text: bytes, holds: bool) -> None:
    Path("services.yml").write_bytes(text)
    assert export_target("services.yml")["holds_secrets"] is holds


@pytest.mark.parametrize(
    "text",
    [
        "$ANSIBLE_VAULT;1.1;AES256\n61\n",
        "\ufeff$ANSIBLE_VAULT;1.1;AES256\n61\n",
        "a: !vault |\n  $ANSIBLE_VAULT;1.2;AES256;x\n  61\n",
        'a: !vault "$ANSIBLE_VAULT;1.1;AES256\\n61"\n',
    ],
)
def test_an_encrypted_file_is_not_replaced(text: str) -> None:
    Path("services.yml").write_text(text, encoding="utf-8")
    assert "Ansible Vault" in export_target("services.yml")["problem"]


def test_a_name_that_looks_like_a_vault_header_is_not_encryption() -> None:
    Path("services.yml").write_text('  - unique_name: "$ANSIBLE_VAULT;1.1"', encoding="utf-8")
    assert export_target("services.yml")["problem"] is None


def test_only_a_file_may_be_written(tmp_path: Path) -> None:
    os.mkfifo("pipe")
    Path("device").symlink_to("/dev/null")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        problems = {name: export_target(name)["problem"] for name in (".", "device", "/dev/null", "pipe", "socket")}
    special = "is a device, a pipe or a socket, not a file."
    assert [name for name, problem in problems.items() if not problem.endswith(special)] == ["."]
    assert problems["."] == f"export_file: '{tmp_path}' is a directory, not a file."


@pytest.mark.parametrize("name", [None, 5, ["a"]])
def test_a_value_that_is_no_text_is_not_a_path(name: object) -> None:
    assert export_target(name)["problem"].startswith(f"export_file: {name} is not ")


@pytest.mark.parametrize("name", ["", "a\0b", "new/", "no/services.yml", "services.yml/new.yml", "a" * 300])
def test_an_impossible_path_is_refused(name: str) -> None:
    Path("services.yml").touch()
    assert export_target(name)["problem"].startswith("export_file: '")
