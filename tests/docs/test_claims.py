# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The links, names, codes and defaults in the documents are right."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from proxy_emulator.faults import KINDS

from ansible_collections.twilio.proxy.plugins.module_utils._bulk_plan import OPERATIONS
from ansible_collections.twilio.proxy.plugins.module_utils._bulk_task import CONCURRENCY, PRUNING
from ansible_collections.twilio.proxy.plugins.module_utils._connection import CONNECTION
from ansible_collections.twilio.proxy.plugins.module_utils._resources import ADVICE, PHONE_NUMBER, RESOURCES, SERVICE
from ansible_collections.twilio.proxy.plugins.module_utils._result import FAILURE_KEYS
from ansible_collections.twilio.proxy.plugins.plugin_utils._in_process import SWITCH, SWITCH_VARIABLE
from ansible_collections.twilio.proxy.tests.docs.docsite.rst import anchor

CHECKOUT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path
    for pattern in ("README.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "docs/**/*.md", "roles/*/README.md")
    for path in CHECKOUT.glob(pattern)
)
ROLES = sorted(path.name for path in CHECKOUT.glob("roles/*"))
FENCED = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")

ACTION_GROUP = "proxy"
# The facts that roles set.
FACTS = {"emulator": {"emulator_environment", "emulator_base_url"}, "apply": {"apply_result"}}
# Codes of an absent object, which are no failure.
ABSENT = {*(resource.absent_code for resource in RESOURCES), 20404}

documents = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(CHECKOUT).as_posix())


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose(path: Path) -> str:
    """Return a document without its fenced blocks."""
    return FENCED.sub("", text(path))


def rows(path: str, heading: str) -> list[list[str]]:
    """Return the rows of all tables under a heading, without the header rows."""
    section = text(CHECKOUT / path).split(f"\n## {heading}\n")[1].split("\n## ")[0]
    tables = re.findall(r"^\|.*\|\n\|[-|]+\|\n((?:\|.*\|\n)+)", section, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for table in tables for line in table.splitlines()]


def anchors(path: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", prose(path), re.MULTILINE)
    return set(map(anchor, headings))


@documents
def test_links_have_targets(path: Path) -> None:
    broken = []
    for link in LINK.findall(prose(path)):
        location, _hash, anchor = link.partition("#")
        if not location.startswith("https://"):
            target = (path.parent / location).resolve() if location else path
            if not target.is_file() or (anchor and anchor not in anchors(target)):
                broken.append(link)
    assert broken == []


def test_every_document_can_be_reached_from_the_readme() -> None:
    pending, reached = [CHECKOUT / "README.md"], set()
    while pending:
        path = pending.pop()
        reached.add(path)
        links = {link.partition("#")[0] for link in LINK.findall(prose(path))}
        targets = {(path.parent / link).resolve() for link in links if link.endswith(".md")}
        pending += targets - reached
    assert {path for path in DOCUMENTS if path.is_relative_to(CHECKOUT / "docs")} <= reached


@documents
def test_paths_exist(path: Path) -> None:
    named = re.findall(r"`((?:\.ci|changelogs|docs|meta|playbooks|plugins|roles|tests)/[\w./-]*)`", prose(path))
    assert [name for name in named if not (CHECKOUT / name).exists()] == []


@documents
def test_names_of_the_collection_exist(path: Path) -> None:
    patterns = ("plugins/modules/*.py", "plugins/filter/*.py", "playbooks/*.yml", "roles/*")
    known = {found.stem for pattern in patterns for found in CHECKOUT.glob(pattern)}
    assert set(re.findall(r"(?<!\.)\btwilio\.proxy\.(\w+)", text(path))) <= known | {ACTION_GROUP}


@documents
def test_environment_variables_exist(path: Path) -> None:
    assert set(re.findall(r"\bTWILIO_\w+", text(path))) <= {
        *(option.env for option in CONNECTION.values()),
        SWITCH_VARIABLE,
    }


@documents
@pytest.mark.parametrize("role", ROLES)
def test_variables_of_the_roles_exist(path: Path, role: str) -> None:
    specs = yaml.safe_load(text(CHECKOUT / "roles" / role / "meta" / "argument_specs.yml"))["argument_specs"]
    known = {*specs["main"]["options"], *FACTS.get(role, ())}
    assert set(re.findall(rf"\b(?<!proxy_){role}_\w+", text(path))) <= known


def test_the_guide_to_credentials_names_the_right_variables() -> None:
    pairs = {
        option.strip("`"): env.strip("`") for _what, option, env in rows("docs/credentials.md", "Options and variables")
    }
    assert pairs == {name: CONNECTION[name].env for name in ("account_sid", "auth_token", "api_key", "api_secret")}


def test_the_guide_names_the_fields_that_can_be_cleared() -> None:
    section = text(CHECKOUT / "docs/guide.md").split("\n## Clear and rename\n")[1]
    sentence = section.partition("An empty string clears ")[2].partition(".")[0]
    assert set(re.findall(r"`(\w+)`", sentence)) == {field.name for field in SERVICE.fields if field.clearable}


def test_the_guide_to_safety_names_the_limits_of_pruning() -> None:
    named = {row[0].strip("`") for row in rows("docs/safety.md", "Pruning")}
    assert named == {*PRUNING, *SERVICE.protected_names} - {f"prune_{PHONE_NUMBER.list_key}"}


def test_the_guide_to_services_files_names_the_operations() -> None:
    sentence = text(CHECKOUT / "docs/services-file.md").partition("its `operation` (")[2].partition(")")[0]
    assert tuple(re.findall(r"`(\w+)`", sentence)) == OPERATIONS


def test_the_guide_to_services_files_names_the_default_concurrency() -> None:
    assert f"{CONCURRENCY['concurrency'].default} if you say nothing" in text(CHECKOUT / "docs/services-file.md")


def test_troubleshooting_explains_every_code() -> None:
    codes = [int(row[0]) for row in rows("docs/troubleshooting.md", "Error codes")]
    assert codes == sorted(codes)
    assert set(codes) == set(ADVICE) | ABSENT


def test_troubleshooting_names_the_values_of_a_failure() -> None:
    assert tuple(row[0].strip("`") for row in rows("docs/troubleshooting.md", "Read a failure")) == FAILURE_KEYS


def test_troubleshooting_quotes_the_client() -> None:
    code = "".join(text(CHECKOUT / f"plugins/module_utils/{name}.py") for name in ("_errors", "_client"))
    code = code.replace("{proxy_name}", "the proxy {name}")
    quotes = [row[0] for row in rows("docs/troubleshooting.md", "No answer, or none that can be used")]
    assert quotes
    # The dots in a quote stand for a name.
    patterns = [re.escape(quote).replace(r"\.\.\.", r"\{\w+\}") for quote in quotes]
    assert [pattern for pattern in patterns if not re.search(pattern, code)] == []


def test_the_guide_to_in_process_execution_quotes_the_reasons() -> None:
    code = text(CHECKOUT / "plugins/plugin_utils/_in_process.py")
    code = code.replace("{SWITCH}", SWITCH).replace("{_CORE}", "...")
    reasons = set(re.findall(r'^            yield f?"(.*?)"$', code, re.MULTILINE))
    assert {row[0].strip("`") for row in rows("docs/in-process.md", "When the module runs")} == reasons
    assert f"`{SWITCH_VARIABLE}`" in text(CHECKOUT / "docs/in-process.md")


def test_the_faults_of_the_emulator_are_documented() -> None:
    assert {row[0].strip("`") for row in rows("docs/emulator.md", "Inject faults")} == set(KINDS)
    for kind, _what, members in rows("docs/emulator.md", "Inject faults"):
        schema = KINDS[kind.strip("`")].schema()
        assert set(schema["properties"]) - {"kind"} <= set(re.findall(r"`(\w+)`", members))


def test_make_targets_exist() -> None:
    named = {target for path in DOCUMENTS for target in re.findall(r"\bmake (\w+)`", prose(path))}
    listed = re.findall(r"^(\w+):.*##", text(CHECKOUT / "Makefile"), re.MULTILINE)
    assert named | {"help"} == set(listed)
    command = ["make", "--dry-run", *sorted(named)]
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
