# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test .ci/update_literals.py on a copy of the collection."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[2]


class Copy:
    """A copy of the collection, which the script reads and writes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for name in (".ci", "plugins", "meta", "docs/schemas"):
            shutil.copytree(CHECKOUT / name, path / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(CHECKOUT / "galaxy.yml", path)

    def run(self, *arguments: str) -> tuple[int, str]:
        """Return the exit code and the output of the script."""
        command = [sys.executable, "-B", ".ci/update_literals.py", *arguments]
        environment = {**os.environ, "CHECKOUT": str(self.path), "PYTHONPATH": ""}
        done = subprocess.run(command, cwd=self.path, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def read(self, name: str) -> str:
        return (self.path / name).read_text(encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        text = self.read(name)
        assert old in text
        (self.path / name).write_text(text.replace(old, new), encoding="utf-8")

    def literal(self, name: str, part: str) -> dict[str, t.Any]:
        text = self.read(f"plugins/{name}.py").partition(f'{part} = r"""\n')[2].partition('"""')[0]
        return t.cast("dict[str, t.Any]", yaml.safe_load(text))


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "ansible_collections" / "twilio" / "proxy")


def test_a_new_module_gets_what_ansible_wants(copy: Copy) -> None:
    shutil.copy(copy.path / "plugins/modules/services_info.py", copy.path / "plugins/modules/numbers_info.py")
    copy.replace("plugins/modules/numbers_info.py", "\nrequest_id:\n", "\nrequest:\n")
    shutil.copy(copy.path / "plugins/action/service.py", copy.path / "plugins/action/gone.py")
    code, output = copy.run("--check")
    assert code == 1
    assert "+    - numbers_info\n" in output
    assert "plugins/action/numbers_info.py: run `make update`\n" in output
    assert not (copy.path / "plugins/action/numbers_info.py").exists()
    assert copy.run()[0] == 0
    assert "modules.numbers_info import TASK" in copy.read("plugins/action/numbers_info.py")
    assert not (copy.path / "plugins/action/gone.py").exists()
    assert "numbers_info" in yaml.safe_load(copy.read("meta/runtime.yml"))["action_groups"]["proxy"]
    documented = copy.literal("modules/numbers_info", "RETURN")
    assert documented["request_id"] == copy.literal("modules/service", "RETURN")["request_id"]
    assert copy.run("--check") == (0, "\n")


def test_a_new_field_is_to_be_described_once(copy: Copy) -> None:
    copy.replace(
        "plugins/module_utils/_resources.py",
        'Field("default_ttl"',
        'Field("default_mode", param="DefaultMode", choices=("a", "b"), default="a"),\n        Field("default_ttl"',
    )
    code, output = copy.run()
    assert code == 1
    places = re.findall(r'^(\S+):\d+: replace "To be written\."$', output, re.MULTILINE)
    assert places == 3 * ["plugins/modules/service.py"]
    copy.replace("plugins/modules/service.py", "To be written.", "The mode.")
    assert copy.run()[0] == 0
    new = {"description": ["The mode.", "A new Service has V(a)."], "type": "str", "choices": ["a", "b"]}
    assert copy.literal("modules/service", "DOCUMENTATION")["options"]["default_mode"] == new
    entry = copy.literal("modules/services", "DOCUMENTATION")["options"]["services"]["suboptions"]
    assert entry["default_mode"] == new
    assert '"description": "The mode. ' in copy.read("docs/schemas/services.schema.json")
    assert "default_mode" in copy.literal("modules/service_info", "DOCUMENTATION")["options"]["properties"]["choices"]
    for name in ("service_info", "services_info"):
        value = copy.literal(f"modules/{name}", "RETURN")["services"]["contains"]["default_mode"]
        returned = value.pop("returned", "always")
        assert returned.startswith("always" if name == "service_info" else "if it differs from a new Service's")
        assert value == {"description": "The mode.", "type": "str", "sample": "The mode."}
    assert "To be written." not in "".join(copy.read(f"plugins/modules/{name}.py") for name in ("service", "services"))
