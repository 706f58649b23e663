# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles apply and export offer what their modules offer, under names of their own and with the same meaning."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.twilio.proxy.plugins.module_utils._connection import CONNECTION
from ansible_collections.twilio.proxy.plugins.module_utils._validation import CREDENTIAL_ENDINGS, CREDENTIAL_WORDS
from ansible_collections.twilio.proxy.plugins.modules import services, services_info

CHECKOUT = Path(__file__).resolve().parents[3]

ROLES = {"apply": services, "export": services_info}
#: The variables that are no option of the module.
OWN = {
    *("proxy_services", "apply_fail_on_drift", "apply_plan_file"),
    *("export_file", "export_schema", "export_mode"),
}
#: The option whose variable has another name.
RENAMED = {"export_with_secrets": "export_secrets"}
#: The variables whose type the role checks itself, as Ansible does not say what is wrong.
CHECKED = {"apply_max_deletions", "apply_concurrency", "export_concurrency"}

role = pytest.mark.parametrize("name", ROLES)


def load(path: str) -> t.Any:
    return yaml.safe_load((CHECKOUT / path).read_text(encoding="utf-8"))


def variables(name: str) -> dict[str, t.Any]:
    return t.cast(
        "dict[str, t.Any]", load(f"roles/{name}/meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    )


def options(name: str) -> dict[str, t.Any]:
    """The options of the role's module that have a variable: those that are not about the connection."""
    documented = yaml.safe_load(ROLES[name].DOCUMENTATION).get("options", {})
    # The doc fragment's options are not in the module's own documentation.
    own = {option: spec for option, spec in documented.items() if option not in {*CONNECTION, "services"}}
    return {**own, "concurrency": {"type": "int"}}


@role
def test_each_option_of_the_module_has_a_variable(name: str) -> None:
    wanted = {
        variable_of(name, option): {key: spec[key] for key in ("type", "default") if key in spec}
        for option, spec in options(name).items()
    }
    for variable in CHECKED & wanted.keys():
        wanted[variable]["type"] = "raw"
    assert {
        variable: {key: spec[key] for key in ("type", "default") if key in spec}
        for variable, spec in variables(name).items()
        if variable not in OWN
    } == wanted


def variable_of(name: str, option: str) -> str:
    variable = f"{name}_{option}"
    return RENAMED.get(variable, variable)


@role
def test_the_defaults_are_those_of_the_argument_spec(name: str) -> None:
    defaults = {variable: spec["default"] for variable, spec in variables(name).items() if "default" in spec}
    assert load(f"roles/{name}/defaults/main.yml") == defaults


@pytest.mark.parametrize("name", [*ROLES, "drain"])
def test_the_readme_names_every_variable_and_its_default(name: str) -> None:
    readme = (CHECKOUT / "roles" / name / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", readme, re.MULTILINE))
    assert set(rows) == set(variables(name))
    for variable, spec in variables(name).items():
        if "default" in spec:
            assert yaml.safe_load(rows[variable].strip("`")) == spec["default"]
        else:
            assert (rows[variable] == "required") == spec.get("required", False)


def test_the_documentation_names_every_word_that_says_credential() -> None:
    words, endings = (
        {*re.findall(r"C\((\w+)\)", text)}
        for text in documented("with_secrets")
        if text.startswith(("A parameter has such a name", "It also has such a name"))
    )
    assert words == {*CREDENTIAL_WORDS, "code"}
    assert endings == {*CREDENTIAL_ENDINGS}


def documented(option: str) -> list[str]:
    return t.cast("list[str]", yaml.safe_load(services_info.DOCUMENTATION)["options"][option]["description"])


def test_the_schema_that_is_written_into_files_is_the_published_one() -> None:
    schema = load("docs/schemas/services.schema.json")
    assert load("roles/export/defaults/main.yml")["export_schema"] == schema["$id"]
    repository = load("galaxy.yml")["repository"].removeprefix("https://github.com/")
    assert schema["$id"].startswith(f"https://raw.githubusercontent.com/{repository}/main/docs/schemas/")
