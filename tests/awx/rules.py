# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of AWX for credential types and surveys, from its documentation and its messages."""

from __future__ import annotations

import typing as t

import jsonschema
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

VARIABLE = "^[a-zA-Z_][a-zA-Z0-9_]*$"
INPUTS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "required": {"type": "array", "items": {"type": "string"}},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "label"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string", "pattern": VARIABLE, "not": {"const": "tower"}},
                    "label": {"type": "string"},
                    "help_text": {"type": "string"},
                    "type": {"enum": ["string", "boolean"]},
                    "format": {"enum": ["ssh_private_key", "url"]},
                    "choices": {"type": "array", "minItems": 1, "items": {"type": "string"}},
                    "multiline": {"type": "boolean"},
                    "secret": {"type": "boolean"},
                    "ask_at_runtime": {"type": "boolean"},
                    "default": {},
                },
            },
        },
    },
}
INJECTORS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "env": {
            "type": "object",
            "propertyNames": {"pattern": VARIABLE, "not": {"pattern": "^ANSIBLE_"}},
            "additionalProperties": {"type": "string", "pattern": "^[\\x00-\\x7f]*$"},
        },
        "extra_vars": {"type": "object"},
        "file": {"type": "object"},
    },
}
#: The types of questions, and the Python types of their answers.
QUESTIONS: dict[str, type] = {
    "text": str,
    "textarea": str,
    "password": str,
    "integer": int,
    "multiplechoice": str,
    "multiselect": str,
}


def credential_type_problems(definition: t.Mapping[str, t.Any]) -> list[str]:
    """Return the problems of the inputs and the injectors of a credential type."""
    found = [
        error.message
        for name, schema in (("inputs", INPUTS), ("injectors", INJECTORS))
        for error in jsonschema.Draft202012Validator(schema).iter_errors(definition.get(name, {}))
    ]
    ids = [field.get("id") for field in definition.get("inputs", {}).get("fields", [])]
    if len({*ids}) < len(ids):
        found.append("field IDs must be unique")
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    for variable, template in definition.get("injectors", {}).get("env", {}).items():
        try:
            environment.from_string(template).render(dict.fromkeys(ids, "EXAMPLE"))
        except TemplateError as error:
            found.append(f"{variable}: {error}")
    return found


def survey_problems(survey: t.Mapping[str, t.Any]) -> list[str]:
    """Return the problems of a survey."""
    shape = {"name": str, "description": str, "spec": list}
    found = [f"{name} is missing or wrong" for name, kind in shape.items() if not isinstance(survey.get(name), kind)]
    questions = survey.get("spec") or []
    variables = [question.get("variable") for question in questions]
    if not questions or len({*variables}) < len(variables):
        found.append("there are no questions, or two of them have the same variable")
    return found + [problem for question in questions for problem in _question_problems(question)]


def _question_problems(question: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    name = question.get("variable")
    shape = {"type": str, "question_name": str, "variable": str, "required": bool}
    yield from (f"{name}: {key} is missing or wrong" for key in shape if not isinstance(question.get(key), shape[key]))
    kind, default = question.get("type"), question.get("default", "")
    if kind not in QUESTIONS:
        yield f"{name}: there is no type {kind}"
    elif default != "" and not _is_of(kind, default):
        yield f"{name}: the default is not of type {kind}"
    yield from (
        f"{name}: {key} is not an integer" for key in ("min", "max") if not isinstance(question.get(key, 0), int)
    )
    if kind in ("multiplechoice", "multiselect") and default not in ("", *question.get("choices", ())):
        yield f"{name}: the default is none of the choices"


def _is_of(kind: str, value: t.Any) -> bool:
    # In Python, bool is a subclass of int.
    return isinstance(value, QUESTIONS[kind]) and not isinstance(value, bool)


def answer_problems(survey: t.Mapping[str, t.Any], answers: t.Mapping[str, t.Any]) -> list[str]:
    """Return why AWX would not launch a job with these answers."""
    return [problem for question in survey["spec"] for problem in _answer_problems(question, answers)]


def _answer_problems(question: t.Mapping[str, t.Any], answers: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    name, kind = question["variable"], question["type"]
    if name not in answers:
        if question["required"]:
            yield f"{name}: the answer is missing"
        return
    answer = answers[name]
    size = answer if isinstance(answer, int) else len(answer)
    if not _is_of(kind, answer):
        yield f"{name}: {answer!r} is not of type {kind}"
    elif kind == "multiplechoice" and answer not in question["choices"]:
        yield f"{name}: {answer!r} is none of the choices"
    elif kind != "multiplechoice" and not question.get("min", size) <= size <= question.get("max", size):
        yield f"{name}: {answer} is too small or too large"
