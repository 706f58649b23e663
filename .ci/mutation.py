# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutation testing of the engine: list the survivors that tests/mutants.toml does not explain.

Called by `make mutation` in a copy of the checkout. Fails if fewer mutants are killed than tests/mutants.toml asks for,
or if one survives that it does not explain.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

COLLECTION = "ansible_collections/twilio/proxy"
CONFIG = """[mutmut]
source_paths={collection}/plugins/module_utils
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


def mutmut(*arguments: str) -> str:
    return subprocess.run(["mutmut", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def change(mutant: str) -> tuple[str, str]:
    """Return the lines that a mutation changes, before and after it."""
    lines = [line for line in mutmut("show", mutant).splitlines() if not line.startswith(("---", "+++"))]
    before, after = ([line[1:].strip() for line in lines if line.startswith(sign)] for sign in "-+")
    return "\n".join(before), "\n".join(after)


def main() -> int:
    os.chdir(os.environ["ANSIBLE_COLLECTIONS_PATH"])
    wanted = tomllib.loads(Path(COLLECTION, "tests/mutants.toml").read_text(encoding="utf-8"))
    files = "\n".join(f"    */{name}" for name in wanted["files"])
    Path("setup.cfg").write_text(CONFIG.format(collection=COLLECTION, files=files), encoding="utf-8")
    mutmut("run")
    lines = mutmut("results", "--all", "true").splitlines()
    results = [line.strip().rpartition(": ") for line in lines if line.strip()]
    survivors = [mutant for mutant, _colon, status in results if status in ("survived", "no tests", "suspicious")]
    explained = {(entry["before"], entry["after"]) for entry in wanted["equivalent"]}
    score = 100 * (len(results) - len(survivors)) / len(results)
    print(f"{len(results)} mutants, {len(survivors)} survived: {score:.1f} % killed")
    unexplained = [pair for pair in map(change, survivors) if pair not in explained]
    for before, after in unexplained:
        print(f"\n- {before}\n+ {after}")
    print(
        f"\n{len(survivors) - len(unexplained)} survivors are explained in tests/mutants.toml, {len(unexplained)} not."
    )
    return int(bool(unexplained) or score < wanted["at_least"])


if __name__ == "__main__":
    sys.exit(main())
