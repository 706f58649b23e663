# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The workflows on GitHub run the targets of .ci/run with the Pythons of tests/matrix.toml, with least privileges."""

from __future__ import annotations

import re
import tomllib
import typing as t
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((CHECKOUT / ".github" / "workflows").glob("*.yml"))
MATRIX = tomllib.loads((CHECKOUT / "tests" / "matrix.toml").read_text(encoding="utf-8"))
# The lines with an action, and their form if it is pinned.
USES = re.compile(r"^ *(?:- )?uses: .*$", re.MULTILINE)
PINNED = re.compile(r" *(?:- )?uses: (?:actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\./\S+ # zizmor: .*)")

workflows = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def workflow(name: str) -> t.Any:
    # PyYAML reads YAML 1.1, in which "on" is true.
    return yaml.safe_load((CHECKOUT / ".github" / "workflows" / name).read_text(encoding="utf-8"))


def steps(path: Path) -> list[dict[str, t.Any]]:
    jobs = workflow(path.name)["jobs"].values()
    return [step for job in jobs for step in job.get("steps", [])]


def pythons(path: Path) -> list[str]:
    """Return the Pythons that a workflow installs, in order."""
    wanted = [step["with"]["python-version"] for step in steps(path) if "setup-python" in step.get("uses", "")]
    return " ".join(wanted).split()


def test_ci_runs_the_targets_of_the_script() -> None:
    run = re.search(r"^for target in (.*); do$", (CHECKOUT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)
    assert run is not None
    assert workflow("ci.yml")["jobs"]["make"]["strategy"]["matrix"]["target"] == [*run[1].split(), "docs"]


def test_the_workflows_have_their_triggers() -> None:
    assert {"pull_request", "push", "schedule", "workflow_call"} <= set(workflow("ci.yml")[True])
    released = workflow("release.yml")
    assert released[True] == {"push": {"tags": ["[0-9]+.[0-9]+.[0-9]+*"]}}
    assert released["jobs"]["release"]["needs"] == "ci"


def test_no_workflow_waits_for_one_that_it_calls() -> None:
    groups = {workflow(path.name)["concurrency"]["group"] for path in WORKFLOWS}
    assert len(groups) == len(WORKFLOWS)


def test_ci_has_a_python_for_each_environment() -> None:
    wanted = [row["python"] for row in MATRIX["core"]] + list(MATRIX["environment"].values())
    installed = pythons(CHECKOUT / ".github" / "workflows" / "ci.yml")
    assert [versions for versions in wanted if not set(versions) & set(installed)] == []
    # All of them are needed.
    assert [version for version in installed if not any(version in versions for versions in wanted)] == []


def test_a_release_has_a_python_for_its_environment() -> None:
    assert set(pythons(CHECKOUT / ".github" / "workflows" / "release.yml")) <= set(MATRIX["environment"]["release"])


@workflows
def test_actions_are_pinned(path: Path) -> None:
    lines = USES.findall(path.read_text(encoding="utf-8"))
    assert lines
    assert [line for line in lines if not PINNED.fullmatch(line)] == []


@workflows
def test_jobs_have_least_privileges(path: Path) -> None:
    found = workflow(path.name)
    assert found["permissions"] == {}
    writing = [name for name, job in found["jobs"].items() if "write" in job["permissions"].values()]
    assert writing == (["release"] if path.name == "release.yml" else [])
    checkouts = [step["with"] for step in steps(path) if "actions/checkout" in step.get("uses", "")]
    assert all(options["persist-credentials"] is False for options in checkouts)
