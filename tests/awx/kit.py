# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kit in docs/awx/, read as AWX reads it, and a function that runs programs."""

from __future__ import annotations

import os
import subprocess
import sys
import typing as t
from pathlib import Path

import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
KIT = CHECKOUT / "docs" / "awx"
PROJECT = KIT / "project"
PROGRAMS = Path(sys.executable).parent
PATH = os.pathsep.join([str(PROGRAMS), os.environ["PATH"]])

Asset = dict[str, t.Any]


def load(path: Path) -> t.Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def assets() -> dict[str, list[Asset]]:
    return t.cast("dict[str, list[Asset]]", load(KIT / "assets.yml"))


def credential_type() -> Asset:
    (found,) = assets()["credential_types"]
    return found


def job_templates() -> dict[str, Asset]:
    return {asset["name"]: asset for asset in assets()["job_templates"]}


def survey(template: Asset) -> Asset:
    return t.cast(Asset, template["related"]["survey_spec"])


def questions(template: Asset) -> dict[str, Asset]:
    return {question["variable"]: question for question in survey(template)["spec"]}


def command(
    *arguments: str, environment: t.Mapping[str, str] | None = None, **more: t.Any
) -> subprocess.CompletedProcess[str]:
    """Run a program of the virtual environment of the tests, with all output in stdout."""
    return subprocess.run(
        arguments,
        env={**os.environ, "PATH": PATH, "LC_ALL": "C.UTF-8", **(environment or {})},
        stdin=more.pop("stdin", subprocess.DEVNULL),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **more,
    )
