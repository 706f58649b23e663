# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/upgrading.md is right about versions, private files and the changelog."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
TEXT = (CHECKOUT / "docs" / "upgrading.md").read_text(encoding="utf-8")


def test_the_floors_are_those_of_the_tests() -> None:
    matrix = tomllib.loads((CHECKOUT / "tests" / "matrix.toml").read_text(encoding="utf-8"))
    section = TEXT.split("\n## Supported versions\n")[1]
    assert re.findall(r"ansible-core (\d\S+)", section) == [matrix["ansible_core"]]
    assert re.findall(r"Python (\d\S+)", section) == [matrix["module_python"]]


def test_private_files_start_with_an_underscore() -> None:
    folders = re.findall(r"`(plugins/\w+)/`", TEXT)
    assert folders
    files = [path for folder in folders for path in (CHECKOUT / folder).glob("*.py")]
    assert [path for path in files if not path.name.startswith("_")] == []
    # The other folders are public.
    rest = {path.parent for path in CHECKOUT.glob("plugins/*/*.py")} - {CHECKOUT / folder for folder in folders}
    assert {path.name for path in rest} == {"action", "filter", "modules"}


def test_the_changelog_has_the_named_sections() -> None:
    config = yaml.safe_load((CHECKOUT / "changelogs" / "config.yaml").read_text(encoding="utf-8"))
    assert f"`{config['output'][0]['file']}`" in TEXT
    named = set(re.findall(r'"([A-Z]\w+ (?:Changes|Features))"', TEXT))
    titles = [title for _name, title in config["sections"]]
    assert named
    assert [name for name in named if not any(title.startswith(name) for title in titles)] == []
