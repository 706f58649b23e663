# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of the kit: what they say is what the collection has, and AWX's own programs take them."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import typing as t
from pathlib import Path

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
from ansible_collections.twilio.proxy.tests.awx.rules import (
    answer_problems,
    credential_type_problems,
    survey_problems,
)

#: The options that an environment variable can give.
FROM_ENVIRONMENT = {name: option for name, option in CONNECTION.items() if option.env}
ROLES = {"Apply estate": "apply", "Export estate": "export"}
#: The variables of the roles that a job template does not ask for: the project says them.
SAID_BY_THE_PROJECT = {"proxy_services", "export_file", "export_schema", "export_mode"}
ASKED_BY_THE_PROJECT = {"services_file"}
TYPES = {"bool": "multiplechoice", "str": "text", "int": "integer"}


def playbook(template: Asset) -> t.Any:
    (play,) = load(PROJECT / template["playbook"])
    return play


def test_the_credential_type_has_what_the_modules_read() -> None:
    said = credential_type()
    fields = {field["id"]: field for field in said["inputs"]["fields"]}
    assert said["injectors"] == {
        "env": {option.env: f"{{{{ {name} }}}}" for name, option in FROM_ENVIRONMENT.items()},
    }
    assert {name: field.get("secret", False) for name, field in fields.items()} == {
        name: option.secret for name, option in FROM_ENVIRONMENT.items()
    }


@pytest.mark.parametrize(("name", "role"), ROLES.items())
def test_a_survey_asks_for_the_variables_of_the_role(name: str, role: str) -> None:
    options = load(CHECKOUT / f"roles/{role}/meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    asked = questions(job_templates()[name])
    assert {*asked} == {*options} - SAID_BY_THE_PROJECT | ASKED_BY_THE_PROJECT
    for variable in {*asked} & {*options}:
        spec, question = options[variable], asked[variable]
        assert question["type"] == TYPES[spec["type"]]
        if spec["type"] == "bool":
            assert question["choices"] == ["false", "true"]
            assert yaml.safe_load(question["default"]) is spec["default"]


@pytest.mark.parametrize("name", ROLES)
def test_a_survey_bounds_numbers_as_the_module_does(name: str) -> None:
    options = {**CONCURRENCY, **PRUNING}
    for variable, question in questions(job_templates()[name]).items():
        if question["type"] == "integer":
            option = options[variable.partition("_")[2]]
            assert option.rule is not None
            assert (question.get("min"), question.get("max")) == (option.rule.minimum, option.rule.maximum)
            assert question.get("default") == option.default
            assert question["required"] == (option.default is not None)


@pytest.mark.parametrize("name", ROLES)
def test_a_text_that_is_asked_for_is_not_empty(name: str) -> None:
    """Ansible reads an empty text of a survey as null, which a bound of pruning must not be."""
    texts = [question for question in questions(job_templates()[name]).values() if question["type"] == "text"]
    assert texts
    for question in texts:
        assert (question["min"], question["required"], bool(question["default"])) == (1, True, True)
        assert answer_problems({"spec": [question]}, {question["variable"]: ""})


@pytest.mark.parametrize("name", ROLES)
def test_a_project_without_a_survey_does_the_same(name: str) -> None:
    template = job_templates()[name]
    own = playbook(template)["vars"]
    for variable in ASKED_BY_THE_PROJECT:
        assert questions(template)[variable]["default"] == own[variable]
    assert (PROJECT / own["services_file"]).is_file()


def test_the_survey_of_the_report_asks_for_the_variables_of_the_playbook() -> None:
    template = job_templates()["Proxy Services: report"]
    assert playbook(template)["ansible.builtin.import_playbook"] == "twilio.proxy.report"
    text = (CHECKOUT / "playbooks/report.yml").read_text(encoding="utf-8")
    assert {*questions(template)} == {*re.findall(r"\breport_\w+", text)} - {"report_account"}


@pytest.mark.parametrize("name", job_templates())
def test_a_job_template_may_be_checked_and_takes_the_credential_when_launched(name: str) -> None:
    template = job_templates()[name]
    assert template["ask_credential_on_launch"]
    # Nobody gives variables that the survey does not ask for.
    assert not template.get("ask_variables_on_launch")
    if name in ROLES:
        assert template["ask_job_type_on_launch"]


def test_every_playbook_of_the_project_has_a_job_template() -> None:
    assert {path.name for path in PROJECT.glob("*.yml")} == {
        template["playbook"] for template in job_templates().values()
    }


@pytest.fixture
def controller(module_options: dict[str, t.Any]) -> t.Iterator[Controller]:
    playbooks = [path.name for path in PROJECT.glob("*.yml")]
    with Controller(module_options, playbooks, "token-of-awx") as running:
        yield running


def imported(controller: Controller, path: Path = KIT / "assets.yml") -> subprocess.CompletedProcess[str]:
    with path.open(encoding="utf-8") as file:
        return command("awx", "-f", "yaml", "import", environment=controller.environment, stdin=file)


def expected() -> dict[str, t.Any]:
    """What AWX has when it has the kit."""
    found: dict[str, t.Any] = {}
    every = {**assets(), "hosts": assets()["inventory"][0]["related"]["hosts"]}
    every["inventories"] = every.pop("inventory")
    for kind, items in every.items():
        for item in items:
            said = {
                key: value["name"] if isinstance(value, dict) and "type" in value else value
                for key, value in item.items()
                if key not in ("natural_key", "related")
            }
            if kind == "job_templates":
                said["survey_spec"] = survey(item)
            found.setdefault(kind, {})[item["name"]] = said
    return found


def test_awx_import_takes_the_kit(controller: Controller) -> None:
    for _time in range(2):
        done = imported(controller)
        assert done.returncode == 0, done.stdout
        assert controller.refused == []
        assert controller.state() == expected()


def test_the_playbook_makes_the_same(controller: Controller) -> None:
    """That it then changes nothing is tested with the guide's commands."""
    done = command("ansible-playbook", str(KIT / "setup.yml"), environment=controller.environment)
    assert done.returncode == 0, done.stdout
    assert controller.refused == []
    assert controller.state() == expected()


def test_what_was_imported_is_exported_alike(controller: Controller) -> None:
    assert imported(controller).returncode == 0
    told = command("awx", "-f", "json", "export", environment=controller.environment)
    exported = json.loads(told.stdout[told.stdout.index("{") :])
    for kind, items in assets().items():
        assert [item["natural_key"] for item in exported[kind]] == [item["natural_key"] for item in items]
    surveys = [item["related"]["survey_spec"] for item in exported["job_templates"]]
    assert surveys == [survey(template) for template in job_templates().values()]


def broken(*path: t.Any, value: t.Any) -> dict[str, t.Any]:
    """The kit with one value replaced, or added."""
    found = copy.deepcopy(assets())
    place: t.Any = found
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return found


TYPE, TEMPLATE = ("credential_types", 0), ("job_templates", 0)
QUESTIONS = ("related", "survey_spec", "spec")


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ((*TYPE, "injectors", "env", "TWILIO_EDGE"), "{{ edg }}", "TWILIO_EDGE: 'edg' is undefined"),
        ((*TEMPLATE, "playbook"), "other.yml", "the project has no playbook other.yml"),
        ((*TEMPLATE, *QUESTIONS, 0, "type"), "string", "services_file: there is no type string"),
    ],
)
def test_awx_import_is_refused_what_is_wrong(
    path: tuple[t.Any, ...], value: t.Any, problem: str, controller: Controller, tmp_path: Path
) -> None:
    file = tmp_path / "assets.yml"
    file.write_text(yaml.safe_dump(broken(*path, value=value)), encoding="utf-8")
    done = imported(controller, file)
    assert problem in controller.refused, done.stdout


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("inputs", "fields", 0, "typ"), "string", "'typ' was unexpected"),
        (("inputs", "fields", 0, "id"), "tower", "should not be valid under"),
        (("inputs", "fields", 1, "id"), "account_sid", "field IDs must be unique"),
        (("injectors", "env", "ANSIBLE_CONFIG"), "", "ANSIBLE_CONFIG"),
        (("injectors", "env", "TWILIO_EDGE"), "{{ edge", "TWILIO_EDGE: "),
    ],
)
def test_a_credential_type_that_is_wrong_is_found(path: tuple[t.Any, ...], value: t.Any, problem: str) -> None:
    assert credential_type_problems(credential_type()) == []
    (item,) = broken(*TYPE, *path, value=value)["credential_types"]
    assert [found for found in credential_type_problems(item) if problem in found]


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ((0, "variable"), "apply_prune", "two of them have the same variable"),
        ((0, "default"), 4, "services_file: the default is not of type text"),
        ((1, "default"), "maybe", "apply_prune: the default is none of the choices"),
        ((3, "min"), "0", "apply_max_deletions: min is no integer"),
        ((0, "required"), "yes", "services_file: required is missing or wrong"),
    ],
)
def test_a_survey_that_is_wrong_is_found(path: tuple[t.Any, ...], value: t.Any, problem: str) -> None:
    kit = broken(*TEMPLATE, *QUESTIONS, *path, value=value)
    assert [found for found in survey_problems(survey(kit["job_templates"][0])) if problem in found]


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"apply_max_deletions": ""}, "apply_max_deletions: '' is not of type integer"),
        ({"apply_concurrency": 17}, "apply_concurrency: 17 is too small or too large"),
        ({"apply_prune": "yes"}, "apply_prune: 'yes' is none of the choices"),
    ],
)
def test_an_answer_that_is_wrong_is_found(answers: dict[str, t.Any], problem: str) -> None:
    template = survey(job_templates()["Apply estate"])
    defaults = {question["variable"]: question["default"] for question in template["spec"] if "default" in question}
    assert answer_problems(template, defaults) == []
    assert answer_problems(template, {**defaults, **answers}) == [problem]
    assert answer_problems(template, {}) == [f"{name}: the answer is missing" for name in defaults]


def test_each_field_is_one_that_a_module_documents(module_options: dict[str, t.Any]) -> None:
    """awx import leaves out without a word what AWX does not know."""
    for kind, items in expected().items():
        for item in items.values():
            assert {*item} <= {*module_options[MODULES[kind]]}
