# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The architecture: imports go one way, and what is stated twice is the same."""

from __future__ import annotations

import ast
import re
import tomllib
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.twilio.proxy.plugins.module_utils._version import VERSION
from ansible_collections.twilio.proxy.plugins.plugin_utils._in_process import TESTED_CORES

CHECKOUT = Path(__file__).resolve().parents[2]
MATRIX = tomllib.loads((CHECKOUT / "tests" / "matrix.toml").read_text(encoding="utf-8"))
MODULE_UTILS = "ansible_collections.twilio.proxy.plugins.module_utils."
MODULES = sorted((CHECKOUT / "plugins" / "modules").glob("*.py"))
CORES = [row["version"] for row in MATRIX["core"]]

# The imports that each file of plugins/module_utils may have. Only _module and the modules may import Ansible.
IMPORTS = {
    "_version": set(),
    "_resources": set(),
    "_validation": {"_resources"},
    "_plan": {"_resources", "_validation"},
    "_bulk_plan": {"_plan", "_resources", "_validation"},
    "_sessions_plan": {"_plan", "_bulk_plan", "_resources"},
    "_services_file": {"_plan", "_bulk_plan", "_resources", "_validation"},
    "_errors": {"_resources"},
    "_client": {"_errors", "_resources", "_validation", "_version"},
    "_connection": {"_client", "_resources", "_validation"},
    "_reconcile": {"_client", "_errors", "_plan", "_resources", "_validation"},
    "_bulk": {"_client", "_errors", "_plan", "_bulk_plan", "_reconcile", "_resources", "_validation"},
    "_argspec": {"_connection", "_resources", "_validation"},
    "_result": {"_client", "_errors", "_plan", "_reconcile", "_resources", "_validation"},
    "_task": {
        "_argspec",
        "_client",
        "_connection",
        "_errors",
        "_plan",
        "_reconcile",
        "_resources",
        "_result",
        "_validation",
    },
    "_report": {"_bulk", "_errors", "_plan", "_bulk_plan", "_reconcile", "_resources", "_result", "_validation"},
    "_bulk_task": {
        "_argspec",
        "_bulk",
        "_connection",
        "_errors",
        "_services_file",
        "_bulk_plan",
        "_plan",
        "_reconcile",
        "_report",
        "_resources",
        "_result",
        "_validation",
        "_task",
    },
    "_sessions_task": {
        "_argspec",
        "_bulk",
        "_bulk_task",
        "_client",
        "_connection",
        "_errors",
        "_plan",
        "_reconcile",
        "_report",
        "_resources",
        "_result",
        "_sessions_plan",
        "_task",
        "_validation",
    },
    "_module": {"_argspec", "_client", "_result", "_validation", "_task"},
}
IMPORTS_OF_MODULES = {"_bulk_task", "_module", "_resources", "_sessions_task", "_task"}
#: In-process execution uses what _module knows of Ansible.
IMPORTS_OF_IN_PROCESS = {"_argspec", "_client", "_module", "_result", "_validation", "_task"}


def load(path: str) -> t.Any:
    return yaml.safe_load(read(path))


def read(path: str) -> str:
    return (CHECKOUT / path).read_text(encoding="utf-8")


def imports(path: Path) -> set[str]:
    """Return the names of all modules that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


def floors(lines: t.Iterable[str], operator: str) -> dict[str, str]:
    """Return {"requests": "2.25.1"} for "requests >= 2.25.1"."""
    matches = (re.fullmatch(rf"([\w-]+) ?{operator} ?([\d.]+)", line) for line in lines)
    return {match[1]: match[2] for match in matches if match}


def test_the_version_is_the_same_everywhere() -> None:
    assert load("galaxy.yml")["version"] == VERSION


def test_the_oldest_ansible_core_is_the_first_one_tested() -> None:
    assert load("meta/runtime.yml")["requires_ansible"] == f">={CORES[0]}.0"


def test_in_process_execution_is_for_the_tested_ansible_cores() -> None:
    assert list(TESTED_CORES) == CORES


def test_the_oldest_python_is_set_for_ansible_test() -> None:
    assert load("tests/config.yml")["modules"]["python_requires"] == f">={MATRIX['module_python']}"


def test_every_python_from_the_oldest_to_the_newest_runs_modules() -> None:
    pythons = {
        MATRIX["module_python"],
        *(row[key] for row in MATRIX["core"] for key in ("python", "module_python") if "module_python" in row),
    }
    minors = {int(python.partition(".")[2]) for python in pythons}
    assert minors == set(range(min(minors), 1 + max(minors)))


def test_the_readme_names_the_tested_versions() -> None:
    rows = [
        f"| {row['version']} | {row['python']} | {row['module_python']} |"
        for row in MATRIX["core"]
        if "module_python" in row
    ]
    assert [row for row in rows if row not in read("README.md")] == []


def test_the_oldest_libraries_are_the_same_everywhere() -> None:
    required = floors(read("meta/ee-requirements.txt").splitlines(), ">=")
    installed = floors(read("tests/requirements/modules.txt").splitlines(), "==")
    texts = [read("plugins/doc_fragments/_connection.py"), read("plugins/modules/services.py")]
    documented = floors(re.findall(r"^ *- (.*)$", "\n".join(texts), re.MULTILINE), ">=")
    assert required == installed == {name: documented.get(name) for name in required}
    assert documented["python"] == MATRIX["module_python"]


@pytest.mark.parametrize(
    "path", sorted((CHECKOUT / "plugins" / "module_utils").glob("_*.py")), ids=lambda path: path.stem
)
def test_imports_go_one_way(path: Path) -> None:
    found = imports(path)
    assert {name.removeprefix(MODULE_UTILS) for name in found if is_ours(name)} <= IMPORTS[path.stem]
    assert path.stem == "_module" or not any(re.match(r"ansible\b", name) for name in found)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_modules_import_only_tasks_and_tables(path: Path) -> None:
    assert {name.removeprefix(MODULE_UTILS) for name in imports(path) if is_ours(name)} <= IMPORTS_OF_MODULES


def test_in_process_execution_imports_go_one_way() -> None:
    found = imports(CHECKOUT / "plugins/plugin_utils/_in_process.py")
    assert {name.removeprefix(MODULE_UTILS) for name in found if is_ours(name)} <= IMPORTS_OF_IN_PROCESS


def is_ours(name: str) -> bool:
    return name.startswith(("ansible_collections.", "."))
