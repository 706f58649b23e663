# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a CycloneDX bill of materials of the Python packages that the collection needs.

The requirements are those of meta/ee-requirements.txt, which ansible-builder reads for an execution environment. pip
resolves them for the Python that runs this. Each installed package is listed with its version, its licence and its
dependencies.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

#: The description of the collection for cyclonedx-py, as it is not a Python package.
PROJECT = """\
[project]
name = "{name}"
version = "0"
dependencies = {requirements}
"""


def bill_of_materials(collection: Path, name: str, version: str, target: Path, time: int) -> None:
    """Write the bill of materials of a collection with this name and version, as of a time in seconds.

    Raises CalledProcessError if pip cannot resolve the requirements, and ValueError if the result is invalid.
    """
    requirements = collection / "meta" / "ee-requirements.txt"
    lines = requirements.read_text(encoding="utf-8").splitlines()
    required = [line for line in lines if line and not line.startswith("#")]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        project = folder / "pyproject.toml"
        project.write_text(PROJECT.format(name=name, requirements=json.dumps(required)), encoding="utf-8")
        # Without pip, which the collection does not need.
        venv.create(folder / "venv", with_pip=False)
        python = str(folder / "venv" / "bin" / "python")
        pip = [sys.executable, "-m", "pip", "--quiet", "--python", python, "install"]
        subprocess.run([*pip, "--requirement", str(requirements)], check=True)
        listed = folder / "listed.json"
        options = ["--pyproject", str(project), "--mc-type", "library", "--output-reproducible"]
        output = ["--spec-version", "1.6", "--output-format", "JSON", "--output-file", str(listed)]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(time)}
        subprocess.run(["cyclonedx-py", "environment", *options, *output, python], check=True, env=environment)
        bill = json.loads(listed.read_text(encoding="utf-8"))
    bill["metadata"]["component"]["version"] = version
    resolved_for = {"name": f"{name}:python", "value": f"{sys.version_info[0]}.{sys.version_info[1]}"}
    bill["metadata"]["properties"] = [resolved_for, *bill["metadata"].get("properties", [])]
    text = json.dumps(bill, indent=2, sort_keys=True) + "\n"
    # Imported here because it is slow.
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if problem:
        raise ValueError(f"The bill of materials is not valid CycloneDX: {problem}")
    target.write_text(text, encoding="utf-8")
