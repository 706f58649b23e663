# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The output of ansible-doc fits a terminal of 80 columns."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.twilio.proxy.plugins.doc_fragments import _connection
from ansible_collections.twilio.proxy.tests.docs.conftest import PATH
from ansible_collections.twilio.proxy.tests.docs.pictures import terminal

COLUMNS = 80
CHECKOUT = Path(__file__).resolve().parents[2]
MODULES = [path.stem for path in sorted(CHECKOUT.glob("plugins/modules/*.py"))]


@pytest.fixture(scope="module")
def pages(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the output of ansible-doc for each module."""
    folder = tmp_path_factory.mktemp("reader")
    environment = {"PATH": PATH, "HOME": str(folder), "PAGER": "cat", "ANSIBLE_NOCOLOR": "true", "LC_ALL": "C.UTF-8"}
    environment["ANSIBLE_COLLECTIONS_PATH"] = str(installed)
    command = ["ansible-doc", *(f"twilio.proxy.{name}" for name in MODULES)]
    printed = terminal.output(command, COLUMNS, folder, environment)
    titles = re.split(r"^> MODULE twilio\.proxy\.(\w+) .*$", printed, flags=re.MULTILINE)
    return dict(zip(titles[1::2], titles[2::2], strict=True))


@pytest.mark.parametrize("name", MODULES)
def test_no_attribute_is_wider_than_the_terminal(name: str, pages: dict[str, str]) -> None:
    """ansible-doc does not wrap the attributes."""
    prose = pages[name].partition("EXAMPLES:")[0]
    assert "ATTRIBUTES:" in prose
    attributes = prose.partition("ATTRIBUTES:")[2]
    assert [line for line in attributes.splitlines() if len(line) > COLUMNS] == []


@pytest.mark.parametrize("name", MODULES)
def test_every_page_links_to_the_guides(name: str, pages: dict[str, str]) -> None:
    link = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text(encoding="utf-8"))["documentation"]
    assert f"{link}\n" in pages[name]
    assert yaml.safe_load(_connection.ModuleDocFragment.DOCUMENTATION)["seealso"][0]["link"] == link
