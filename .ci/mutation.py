# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutation testing: change the code, and see whether the tests notice.

    python .ci/mutation.py                            # everything
    python .ci/mutation.py plugins                    # module_utils and plugin_utils, by their unit tests
    python .ci/mutation.py plugins _plan.py           # one file of them
    python .ci/mutation.py roles                      # roles and playbooks, by their integration tests
    python .ci/mutation.py roles roles/export         # the bugs in the files whose paths begin like this

mutmut changes the plugins; some of its changes change nothing, and no test can notice them. bugs.toml lists the bugs
that are put into roles and playbooks. Prints what no test notices, and fails if that is more than 5 %. Works on a copy
of the checkout, with the programs of the environment it runs in.
"""

from __future__ import annotations

import collections
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import tomllib
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
COLLECTION = Path("ansible_collections", "twilio", "proxy")
#: Percent of the changes.
AT_LEAST = 95

CONFIG = """[mutmut]
source_paths=
    {collection}/plugins/module_utils
    {collection}/plugins/plugin_utils
only_mutate=
{files}
also_copy={collection}
pytest_add_cli_args=
    -c
    {collection}/tests/pytest.ini
    --ignore={collection}/tests/unit/plugins/test_imports.py
pytest_add_cli_args_test_selection=
    {collection}/tests/unit/plugins
"""

#: The tests of a role or playbook, by the beginning of its path. The others run when these notice nothing.
TESTS = {
    "roles/apply": "tests/integration/test_role_apply.py",
    "roles/export": "tests/integration/test_role_export.py",
    "roles/drain": "tests/integration/test_role_drain.py",
    "roles/emulator": "tests/integration/test_role_emulator.py",
    "playbooks/demo": "tests/docs/test_demo.py",
    "playbooks/": "tests/integration/test_playbooks.py",
}


def copy_of_checkout(folder: Path) -> Path:
    """Copy the checkout to where Ansible's programs expect a collection, and return its path."""
    collection = folder / COLLECTION
    ignored = shutil.ignore_patterns(".*_cache", ".git", ".hypothesis", ".venv", "__pycache__", "build", "changelogs")
    shutil.copytree(CHECKOUT, collection, ignore=ignored)
    return collection


def table() -> list[dict[str, str]]:
    """Return the bugs in bugs.toml."""
    document = tomllib.loads(Path(__file__).with_name("bugs.toml").read_text(encoding="utf-8"))
    return t.cast("list[dict[str, str]]", document["bug"])


def verdict(kind: str, total: int, survived: int) -> bool:
    """Print the score, and return whether it is high enough."""
    score = 100 * (total - survived) / total
    print(f"{kind}: {total} changes, {survived} not noticed: {score:.1f} % noticed", flush=True)
    return score >= AT_LEAST


def plugins(folder: Path, names: list[str]) -> bool:
    """Change the plugins with mutmut, and print the changes that the unit tests do not notice."""
    copy_of_checkout(folder)
    files = "\n".join(f"    */{name}" for name in names or ["*.py"])
    (folder / "setup.cfg").write_text(CONFIG.format(collection=COLLECTION, files=files), encoding="utf-8")

    def mutmut(*arguments: str) -> str:
        environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(folder)}
        command = [sys.executable, "-m", "mutmut", *arguments]
        return subprocess.run(
            command, cwd=folder, env=environment, check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    mutmut("run")
    lines = mutmut("results", "--all", "true").splitlines()
    results = [line.strip().rpartition(": ") for line in lines if line.strip()]
    survivors = [mutant for mutant, _colon, status in results if status not in ("killed", "timeout")]
    for mutant in survivors:
        print(mutmut("show", mutant))
    file_of = [mutant.partition(".x")[0].rpartition(".")[2] for mutant, _colon, _status in results]
    survived = collections.Counter(mutant.partition(".x")[0].rpartition(".")[2] for mutant in survivors)
    for file, count in sorted(collections.Counter(file_of).items()):
        verdict(file, count, survived[file])
    return verdict("plugins", len(results), len(survivors))


def roles(folder: Path, paths: list[str]) -> bool:
    """Put each bug into a copy of the checkout, and print those that the tests of roles do not notice."""
    bugs = [bug for bug in table() if bug["file"].startswith(tuple(paths or [""]))]
    outdated = [bug for bug in bugs if (CHECKOUT / bug["file"]).read_text(encoding="utf-8").count(bug["before"]) != 1]
    for bug in outdated:
        print(f"{bug['file']}: not there, or more than once:\n{bug['before']}")
    if outdated:
        return False
    copies: queue.SimpleQueue[Path] = queue.SimpleQueue()
    for number in range(os.cpu_count() or 1):
        copies.put(copy_of_checkout(folder / str(number)))

    def noticed(bug: dict[str, str]) -> str:
        """Return the test that fails with the bug, or an empty text."""
        collection = copies.get()
        path = collection / bug["file"]
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(bug["before"], bug["after"], 1), encoding="utf-8")
        first = next((tests for start, tests in TESTS.items() if bug["file"].startswith(start)), None)
        found = noticed_by(collection, sorted(TESTS.values(), key=lambda tests: tests != first))
        path.write_text(text, encoding="utf-8")
        copies.put(collection)
        print(f"{bug['file']}: {bug['bug']}: {found or 'NOT NOTICED'}", flush=True)
        return found

    if noticed({"file": "galaxy.yml", "bug": "none", "before": "", "after": ""}):
        return False
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(noticed, bugs))
    return verdict("roles and playbooks", len(bugs), found.count(""))


def noticed_by(collection: Path, tests: list[str]) -> str:
    """Return the first test that fails, or an empty text."""
    programs = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
        "TWILIO_PROXY_IN_PROCESS": "true",
        "TWILIO_PROXY_MODULE_PYTHON": sys.executable,
    }
    command = [sys.executable, "-m", "pytest", "--exitfirst", "-q", "--no-header", "-rfE", *tests]
    result = subprocess.run(command, cwd=collection, env=environment, capture_output=True, text=True, check=False)
    failures = [line for line in result.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    if result.returncode == 0:
        return ""
    return failures[0].split()[1].rpartition("/")[2] if failures else result.stdout + result.stderr


def main(kind: str = "", *names: str) -> int:
    kinds = {"plugins": plugins, "roles": roles}
    results = []
    for name in [kind] if kind else kinds:
        with tempfile.TemporaryDirectory(prefix="twilio-proxy-mutation-") as temporary:
            results.append(kinds[name](Path(temporary), list(names)))
    return int(not all(results))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
