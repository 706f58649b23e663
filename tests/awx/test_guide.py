# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/awx.md agrees with the kit, and its commands work."""

from __future__ import annotations

import re
import shutil
import typing as t
from importlib.metadata import version
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.awx.controller import Controller
from ansible_collections.twilio.proxy.tests.awx.kit import (
    CHECKOUT,
    KIT,
    PROGRAMS,
    command,
    credential_type,
    job_templates,
    load,
)
from ansible_collections.twilio.proxy.tests.docs.snippets import blocks

GUIDE = CHECKOUT / "docs" / "awx.md"
#: Commands that cannot run here: there is no container engine, and no AWX at the address.
NOT_RUN = ("podman ", "export ")


def text() -> str:
    return GUIDE.read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    section = text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    tables = re.findall(r"^\|.*\|\n\|[-|]+\|\n((?:\|.*\|\n)+)", section, re.MULTILINE)
    return [
        [cell.strip(" `") for cell in line.strip("|").split("|")] for table in tables for line in table.splitlines()
    ]


def commands() -> list[str]:
    """Return the shell commands of the guide that bring the kit to AWX."""
    section = text().split("\n## Bring it to AWX\n")[1].split("\n## ")[0]
    first = text().split("\n## Bring it to AWX\n")[0].count("\n")
    last = first + section.count("\n") + 2
    return [block.text for block in blocks(GUIDE) if first < block.line <= last]


def test_the_commands_work(module_options: dict[str, t.Any], tmp_path: Path) -> None:
    copy = tmp_path / "awx"
    shutil.copytree(KIT, copy)
    run = [script for script in commands() if not script.startswith(NOT_RUN)]
    assert [script.split()[0] for script in run] == ["ansible-builder", "awx", "ansible-playbook"]
    playbooks = [template["playbook"] for template in job_templates().values()]
    with Controller(module_options, playbooks, "your_token") as controller:
        for script in run:
            completed = command("bash", "-e", "-c", script, environment=controller.environment, cwd=copy)
            assert completed.returncode == 0, completed.stdout
        # The playbook changes nothing after the import.
        assert "changed=0 " in completed.stdout, completed.stdout
        assert controller.rejected == []
        assert {*controller.state()["job_templates"]} == {*job_templates()}
    assert (copy / "context" / "Containerfile").is_file()


def test_the_other_commands_agree_with_the_kit() -> None:
    (image,) = [asset["image"] for asset in load(KIT / "assets.yml")["execution_environments"]]
    built = "".join(script for script in commands() if script.startswith("podman "))
    assert built.count(f"{image}") == 2
    exported = "".join(script for script in commands() if script.startswith("export "))
    assert {*re.findall(r"export (\w+)=", exported)} == {"CONTROLLER_HOST", "CONTROLLER_OAUTH_TOKEN"}
    assert (KIT / "assets.yml").read_text(encoding="utf-8").count("# Your own: ") == 2


def test_the_versions_are_those_of_the_programs() -> None:
    manifest = next(PROGRAMS.parent.glob("lib/*/site-packages/ansible_collections/awx/awx/MANIFEST.json"))
    for name, found in (
        ("AWX", version("awxkit")),
        ("awx.awx", load(manifest)["collection_info"]["version"]),
    ):
        assert f"{name} {found}" in text()
    floor = load(CHECKOUT / "meta/runtime.yml")["requires_ansible"].removeprefix(">=").removesuffix(".0")
    assert f"ansible-core {floor} or newer" in text()


def test_the_inputs_are_those_of_the_credential_type() -> None:
    definition = credential_type()
    variables = {re.sub(r"\W", "", template): name for name, template in definition["injectors"]["env"].items()}
    assert rows("Credentials") == [
        [field["label"], "yes" if field.get("secret") else "no", variables[field["id"]]]
        for field in definition["inputs"]["fields"]
    ]


def test_the_job_templates_are_those_of_the_kit() -> None:
    assert [row[:2] for row in rows("The job templates")] == [
        [name, template["playbook"]] for name, template in job_templates().items()
    ]


def test_every_file_of_the_kit_is_listed() -> None:
    named = [row[0].removeprefix("docs/awx/").rstrip("/") for row in rows("What is in the kit")]
    assert sorted(named) == sorted(path.name for path in KIT.iterdir())


@pytest.mark.parametrize("name", ["apply", "export"])
def test_playbook_and_guide_name_the_role(name: str) -> None:
    (play,) = load(KIT / "project" / f"{name}.yml")
    assert [role["role"] for role in play["roles"]] == [f"twilio.proxy.{name}"]
    assert f"(../roles/{name}/README.md)" in text()
