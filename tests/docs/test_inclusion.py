# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/inclusion.md is right about the checklist of the Ansible community."""

from __future__ import annotations

import importlib
import re
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.twilio.proxy.tests.docs.test_claims import rows

CHECKOUT = Path(__file__).resolve().parents[2]
DOCUMENT = "docs/inclusion.md"
HEADINGS = ("In public", "Standards and documentation", "Keeping it", "Tests")
POINTS = [row for heading in HEADINGS for row in rows(DOCUMENT, heading)]
FILE = re.compile(r"`(\.?[\w-]+(?:/[\w.-]*|\.[\w.-]+)[\w./-]*)`")
COMMAND = re.compile(r"`make (\w+)`")
# The folders of plugins/ that Ansible reads, and those that the community has agreed on.
FOLDERS = {
    *("action", "become", "cache", "callback", "cliconf", "connection", "doc_fragments", "filter", "httpapi"),
    *("inventory", "lookup", "module_utils", "modules", "netconf", "plugin_utils", "shell", "strategy", "sub_plugins"),
    *("terminal", "test", "vars"),
}
MODULES = sorted(path.stem for path in (CHECKOUT / "plugins" / "modules").glob("*.py"))

points = pytest.mark.parametrize(("asked", "met", "by"), POINTS, ids=[point[0] for point in POINTS])
modules = pytest.mark.parametrize("name", MODULES)


def documentation(name: str, part: str = "DOCUMENTATION") -> t.Any:
    module = importlib.import_module(f"ansible_collections.twilio.proxy.plugins.modules.{name}")
    return yaml.safe_load(getattr(module, part))


@points
def test_a_point_names_existing_files_and_commands(asked: str, met: str, by: str) -> None:
    named, commands = FILE.findall(by), COMMAND.findall(by)
    assert met in {"yes", "in part", "not yet"}
    assert met != "yes" or named or commands, f"{asked}: this has to name a file or a command"
    assert [name for name in named if not (CHECKOUT / name).exists()] == []
    run = re.search(r"^for target in (.*); do$", (CHECKOUT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)
    assert run is not None
    assert set(commands) <= set(run[1].split())


def test_the_version_is_not_stable_yet() -> None:
    """With the release of 1.0.0 the document has to change."""
    version = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    says_so = any("a version before 1.0.0" in by for _asked, met, by in POINTS if met == "not yet")
    assert says_so == version.startswith("0.")


def test_plugins_are_in_known_folders() -> None:
    assert {path.name for path in (CHECKOUT / "plugins").iterdir() if path.name != "__pycache__"} <= FOLDERS


@modules
def test_only_info_modules_read_only(name: str) -> None:
    found = documentation(name)
    assert not name.endswith("_facts")
    assert "ansible_facts" not in documentation(name, "RETURN")
    if name.endswith("_info"):
        assert "state" not in found["options"]
        assert "twilio.proxy._attributes.info" in found["extends_documentation_fragment"]
    else:
        assert set(found["options"].get("state", {}).get("choices", [])) <= {"present", "absent"}


@pytest.mark.parametrize("folder", ["module_utils", "plugin_utils"])
def test_utilities_are_private_and_say_so(folder: str) -> None:
    files = list((CHECKOUT / "plugins" / folder).glob("*.py"))
    assert files
    assert all(path.name.startswith("_") for path in files)
    assert [path.name for path in files if "**PRIVATE**" not in path.read_text(encoding="utf-8")] == []


def test_the_tarball_is_small(tarball: Path) -> None:
    assert tarball.stat().st_size < 1_000_000
