# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of the example workflows find drift."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.twilio.proxy.tests.docs.snippets import Reader

WORKFLOWS = Path(__file__).resolve().parents[2] / "docs/examples/drift"


def commands(name: str) -> list[str]:
    """Return the commands of a workflow."""
    workflow = yaml.safe_load((WORKFLOWS / name).read_text(encoding="utf-8"))
    if "compare" in workflow:
        return list(workflow["compare"]["script"])
    return [step["run"] for step in workflow["jobs"]["compare"]["steps"] if "run" in step]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(path.name for path in WORKFLOWS.iterdir()))
def test_a_nightly_job_fails_on_drift_and_a_pull_request_shows_it(name: str, reader: Reader) -> None:
    (compare,) = [command for command in commands(name) if command.startswith("ansible-playbook ")]
    reader.write("services.yml", "proxy_services: [{unique_name: rides}]\n")
    for fail_on_drift, status in (("true", 2), ("false", 0)):
        result = reader.run(f"export FAIL_ON_DRIFT={fail_on_drift}\n{compare}")
        assert result.returncode == status, result.stdout
        assert "create  rides" in result.stdout
