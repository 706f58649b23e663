# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the role and the documentation of the settings."""

from __future__ import annotations

import typing as t

import yaml
from proxy_emulator.settings import ROOT, SCHEMA

from ansible_collections.twilio.proxy.tests.support.settings_table import README, ROLE, readme_with_tables


def load(path: str) -> t.Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


def test_variables_have_the_defaults_of_their_documentation() -> None:
    options = load("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    assert load("defaults/main.yml") == {name: option["default"] for name, option in options.items()}
    assert ROOT in options


def test_readme_documents_the_settings() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == readme_with_tables(text, SCHEMA, ROOT), "Run make update"
