# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The execution environment of the kit, and the collection requirements of its project."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

from ansible_collections.twilio.proxy.tests.awx.kit import CHECKOUT, KIT, PROJECT, command, load

DEFINITION = KIT / "execution-environment.yml"
REPOSITORY = load(CHECKOUT / "galaxy.yml")["repository"] + ".git"


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def test_ansible_builder_accepts_the_definition(tmp_path: Path) -> None:
    arguments = ["create", "--file", str(DEFINITION), "--context", str(tmp_path / "context")]
    arguments += ["--output-filename", "Containerfile"]
    completed = command("ansible-builder", *arguments, cwd=tmp_path)
    assert completed.returncode == 0, completed.stdout
    containerfile = (tmp_path / "context/Containerfile").read_text(encoding="utf-8")
    dependencies = load(DEFINITION)["dependencies"]
    for requirement in (
        dependencies["ansible_core"]["package_pip"],
        dependencies["ansible_runner"]["package_pip"],
        dependencies["python_interpreter"]["package_system"],
    ):
        assert requirement in containerfile
    galaxy = containerfile.partition(" AS galaxy")[2] or containerfile.partition(" as galaxy")[2]
    git, collections = galaxy.index("install -y git-core"), galaxy.index("ansible-galaxy collection install")
    assert git < collections
    requirements = load(tmp_path / "context/_build/requirements.yml")
    assert requirements["collections"] == [{"name": REPOSITORY, "type": "git"}]


def test_ansible_builder_finds_the_requirements_of_the_collection(collections_path: Path) -> None:
    """It does the same while it builds the image. For a wrong folder it reports no requirements."""
    completed = command("ansible-builder", "introspect", str(collections_path))
    assert completed.returncode == 0, completed.stdout
    found = yaml.safe_load(completed.stdout[completed.stdout.index("---") :])
    required = {re.sub(r"\s+#.*", "", line) for line in map(str, found["python"])}
    assert required == {*lines((CHECKOUT / "meta/ee-requirements.txt").read_text(encoding="utf-8"))}
    assert {re.split(r"[<>=]", line)[0] for line in required} == {"requests", "jsonschema"}


def test_the_image_has_tested_versions() -> None:
    matrix = tomllib.loads((CHECKOUT / "tests/matrix.toml").read_text(encoding="utf-8"))
    dependencies = load(DEFINITION)["dependencies"]
    core = dependencies["ansible_core"]["package_pip"].removeprefix("ansible-core~=").removesuffix(".0")
    (row,) = [row for row in matrix["core"] if row["version"] == core]
    python = dependencies["python_interpreter"]["package_system"].removeprefix("python")
    assert python in (row["python"], row["module_python"])
    runner = dependencies["ansible_runner"]["package_pip"].replace("~=", " ~= ")
    assert runner in lines((CHECKOUT / "tests/requirements/awx.txt").read_text(encoding="utf-8"))


def test_the_project_installs_the_collection(tmp_path: Path) -> None:
    """From this checkout instead of the published repository."""
    name = f"url.{CHECKOUT.as_uri()}.insteadOf"
    git = {"GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": name, "GIT_CONFIG_VALUE_0": REPOSITORY}
    git |= {"GIT_CONFIG_KEY_1": "safe.directory", "GIT_CONFIG_VALUE_1": "*"}
    environment = {**git, "ANSIBLE_COLLECTIONS_PATH": str(tmp_path)}
    requirements = str(PROJECT / "collections/requirements.yml")
    completed = command("ansible-galaxy", "collection", "install", "-r", requirements, environment=environment)
    assert completed.returncode == 0, completed.stdout
    assert (tmp_path / "ansible_collections/twilio/proxy/MANIFEST.json").is_file()
