# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of the kit: they agree with the collection, and AWX's own programs accept them."""

from __future__ import annotations

import re
import subprocess
import typing as t

import pytest
import yaml

from ansible_collections.twilio.proxy.plugins.module_utils._bulk_task import CONCURRENCY, PRUNING
from ansible_collections.twilio.proxy.plugins.module_utils._connection import CONNECTION
from ansible_collections.twilio.proxy.tests.awx.controller import MODULES, Controller
from ansible_collections.twilio.proxy.tests.awx.kit import (
    CHECKOUT,
    KIT,
    PROJECT,
    Asset,
    assets,
    command,
    credential_type,
    job_templates,
    load,
    questions,
    survey,
)
from ansible_collections.twilio.proxy.tests.awx.rules import answer_problems

#: The options with an environment variable.
FROM_ENVIRONMENT = {name: option for name, option in CONNECTION.items() if option.env}
ROLES = {"Apply services file": "apply", "Export services file": "export"}
#: The variables of the roles that the job templates do not ask for.
NOT_ASKED = {
    *("proxy_services", "apply_plan_file"),
    *("export_file", "export_schema", "export_mode", "export_secrets"),
}
VARIABLES_OF_THE_PROJECT = {"services_file"}
#: The type of a question, by the type of the variable. The roles leave the conversion of numbers to the module.
TYPES = {"bool": "multiplechoice", "str": "text", "raw": "integer"}


def playbook(template: Asset) -> t.Any:
    (play,) = load(PROJECT / template["playbook"])
    return play


def test_the_credential_type_has_the_options_of_the_modules() -> None:
    definition = credential_type()
    fields = {field["id"]: field for field in definition["inputs"]["fields"]}
    assert definition["injectors"] == {
        "env": {option.env: f"{{{{ {name} }}}}" for name, option in FROM_ENVIRONMENT.items()},
    }
    assert {name: field.get("secret", False) for name, field in fields.items()} == {
        name: option.secret for name, option in FROM_ENVIRONMENT.items()
    }


@pytest.mark.parametrize(("name", "role"), ROLES.items())
def test_a_survey_asks_for_the_variables_of_the_role(name: str, role: str) -> None:
    options = load(CHECKOUT / f"roles/{role}/meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    asked = questions(job_templates()[name])
    assert {*asked} == {*options} - NOT_ASKED | VARIABLES_OF_THE_PROJECT
    for variable in {*asked} & {*options}:
        spec, question = options[variable], asked[variable]
        assert question["type"] == TYPES[spec["type"]]
        if spec["type"] == "bool":
            assert question["choices"] == ["false", "true"]
            assert yaml.safe_load(question["default"]) is spec["default"]


@pytest.mark.parametrize("name", ROLES)
def test_a_survey_has_the_number_ranges_of_the_module(name: str) -> None:
    options = {**CONCURRENCY, **PRUNING}
    for variable, question in questions(job_templates()[name]).items():
        if question["type"] == "integer":
            option = options[variable.partition("_")[2]]
            assert option.rule is not None
            assert (question.get("min"), question.get("max")) == (option.rule.minimum, option.rule.maximum)
            assert question.get("default") == option.default
            assert question["required"] == (option.default is not None)


@pytest.mark.parametrize("name", ROLES)
def test_a_text_answer_cannot_be_empty(name: str) -> None:
    """Ansible reads an empty answer as null, which would disable a limit of pruning."""
    texts = [question for question in questions(job_templates()[name]).values() if question["type"] == "text"]
    assert texts
    for question in texts:
        assert (question["min"], question["required"], bool(question["default"])) == (1, True, True)
        assert answer_problems({"spec": [question]}, {question["variable"]: ""})


@pytest.mark.parametrize("name", ROLES)
def test_the_project_has_the_defaults_of_the_survey(name: str) -> None:
    template = job_templates()[name]
    variables = playbook(template)["vars"]
    for variable in VARIABLES_OF_THE_PROJECT:
        assert questions(template)[variable]["default"] == variables[variable]
    assert (PROJECT / variables["services_file"]).is_file()


def test_the_survey_of_the_report_asks_for_the_variables_of_the_playbook() -> None:
    template = job_templates()["Proxy Services: report"]
    assert playbook(template)["ansible.builtin.import_playbook"] == "twilio.proxy.report"
    text = (CHECKOUT / "playbooks/report.yml").read_text(encoding="utf-8")
    # A file of a job is deleted with its container.
    assert {*questions(template)} == {*re.findall(r"\breport_\w+", text)} - {"report_account", "report_file"}


@pytest.mark.parametrize("name", job_templates())
def test_a_job_template_asks_for_the_credential_and_the_job_type(name: str) -> None:
    template = job_templates()[name]
    assert template["ask_credential_on_launch"]
    # Only the survey sets variables.
    assert not template.get("ask_variables_on_launch")
    if name in ROLES:
        assert template["ask_job_type_on_launch"]


@pytest.fixture
def controller(module_options: dict[str, t.Any]) -> t.Iterator[Controller]:
    playbooks = [path.name for path in PROJECT.glob("*.yml")]
    with Controller(module_options, playbooks, "token-of-awx") as running:
        yield running


def imported(controller: Controller) -> subprocess.CompletedProcess[str]:
    with (KIT / "assets.yml").open(encoding="utf-8") as file:
        return command("awx", "-f", "yaml", "import", environment=controller.environment, stdin=file)


def expected() -> dict[str, t.Any]:
    """Return the objects of AWX after an import of the kit."""
    found: dict[str, t.Any] = {}
    kit = {**assets(), "hosts": assets()["inventory"][0]["related"]["hosts"]}
    kit["inventories"] = kit.pop("inventory")
    for kind, items in kit.items():
        for item in items:
            fields = {
                key: value["name"] if isinstance(value, dict) and "type" in value else value
                for key, value in item.items()
                if key not in ("natural_key", "related")
            }
            if kind == "job_templates":
                fields["survey_spec"] = survey(item)
            found.setdefault(kind, {})[item["name"]] = fields
    return found


def test_awx_imports_the_kit(controller: Controller) -> None:
    for _time in range(2):
        completed = imported(controller)
        assert completed.returncode == 0, completed.stdout
        assert controller.rejected == []
        assert controller.state() == expected()


def test_the_playbook_creates_the_same_objects(controller: Controller) -> None:
    """The second run changes nothing."""
    for expected_changes in (r"changed=[1-9]", r"changed=0 "):
        completed = command("ansible-playbook", str(KIT / "setup.yml"), environment=controller.environment)
        assert completed.returncode == 0, completed.stdout
        assert re.search(expected_changes, completed.stdout), completed.stdout
    assert controller.rejected == []
    assert controller.state() == expected()


def test_each_field_is_documented_by_a_module(module_options: dict[str, t.Any]) -> None:
    """awx import silently ignores unknown fields."""
    for kind, items in expected().items():
        for item in items.values():
            assert {*item} <= {*module_options[MODULES[kind]]}
