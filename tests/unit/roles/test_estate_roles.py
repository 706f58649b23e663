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
from ansible_collections.twilio.proxy.plugins.modules import services, services_info

CHECKOUT = Path(__file__).resolve().parents[3]

ROLES = {"apply": services, "export": services_info}
#: The variables that are no option of the module.
OWN = {"proxy_services", "export_file", "export_schema", "export_mode"}

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
        f"{name}_{option}": {key: spec[key] for key in ("type", "default") if key in spec}
        for option, spec in options(name).items()
    }
    assert {
        variable: {key: spec[key] for key in ("type", "default") if key in spec}
        for variable, spec in variables(name).items()
        if variable not in OWN
    } == wanted


def test_all_playbooks_take_accounts_in_the_same_way() -> None:
    plays = [load(f"playbooks/{name}.yml")[0] for name in ("apply", "export", "report")]
    common = [{**play, "name": None, "tasks": play["tasks"][0]} for play in plays]
    assert common == common[:1] * len(plays)


@role
def test_the_module_gets_each_variable(name: str) -> None:
    (task,) = [task for task in load(f"roles/{name}/tasks/main.yml") if f"twilio.proxy.{module_of(name)}" in task]
    for option, value in task[f"twilio.proxy.{module_of(name)}"].items():
        variable = "proxy_services" if option == "services" else f"{name}_{option}"
        optional = (
            "" if variable in {*load(f"roles/{name}/defaults/main.yml"), "proxy_services"} else " | default(omit)"
        )
        assert value == f"{{{{ {variable}{optional} }}}}"
    assert set(task[f"twilio.proxy.{module_of(name)}"]) - {"services"} == set(options(name))


def module_of(name: str) -> str:
    return ROLES[name].__name__.rpartition(".")[2]


@role
def test_the_defaults_are_those_of_the_argument_spec(name: str) -> None:
    defaults = {variable: spec["default"] for variable, spec in variables(name).items() if "default" in spec}
    assert load(f"roles/{name}/defaults/main.yml") == defaults


@role
def test_the_readme_names_every_variable_and_its_default(name: str) -> None:
    readme = (CHECKOUT / "roles" / name / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", readme, re.MULTILINE))
    assert set(rows) == set(variables(name))
    for variable, spec in variables(name).items():
        if "default" in spec:
            assert yaml.safe_load(rows[variable].strip("`")) == spec["default"]
        else:
            assert (rows[variable] == "required") == spec.get("required", False)


@role
def test_the_playbook_names_the_role_and_itself(name: str) -> None:
    text = (CHECKOUT / "playbooks" / f"{name}.yml").read_text(encoding="utf-8")
    assert f"\n# ansible-playbook twilio.proxy.{name} " in text
    (play,) = yaml.safe_load(text)
    assert play["tasks"][-1]["ansible.builtin.include_role"]["name"] == f"twilio.proxy.{name}"


def test_all_playbooks_reach_the_accounts_in_the_same_way() -> None:
    plays = [load(f"playbooks/{name}.yml")[0] for name in (*ROLES, "report")]
    shared = [{key: value for key, value in play.items() if key not in ("name", "tasks")} for play in plays]
    assert shared == 3 * shared[:1]
    assert len({str(play["tasks"][0]) for play in plays}) == 1


def test_the_schema_that_is_written_into_files_is_the_published_one() -> None:
    schema = load("docs/schemas/estate.schema.json")
    assert load("roles/export/defaults/main.yml")["export_schema"] == schema["$id"]
    repository = load("galaxy.yml")["repository"].removeprefix("https://github.com/")
    assert schema["$id"].startswith(f"https://raw.githubusercontent.com/{repository}/main/docs/schemas/")
