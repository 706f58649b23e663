# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The code blocks of every document work, one after the other."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils._resources import ADVICE
from ansible_collections.twilio.proxy.plugins.module_utils._version import VERSION
from ansible_collections.twilio.proxy.tests.docs.conftest import ACCOUNT_WITH_SERVICES, PATH
from ansible_collections.twilio.proxy.tests.docs.snippets import Problem, Reader, blocks
from ansible_collections.twilio.proxy.tests.support.emulator import PROGRAM, Emulator

CHECKOUT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path.relative_to(CHECKOUT).as_posix()
    for pattern in ("*.md", "docs/docsite/rst/*.rst", "roles/*/README.md")
    for path in CHECKOUT.glob(pattern)
)
# The accounts of documents that start with existing Services.
ACCOUNTS: dict[str, list[dict[str, t.Any]]] = {
    "guide_services_file.rst": [
        ACCOUNT_WITH_SERVICES,
        {
            "account_sid": "AC1123456789abcdef0123456789abcdef",
            "auth_token": "auth_token_of_berlin",
            "services": [{"unique_name": "rides"}],
        },
        {
            "account_sid": "AC2123456789abcdef0123456789abcdef",
            "auth_token": "auth_token_of_oslo",
            "api_keys": [{"sid": "SK2123456789abcdef0123456789abcdef", "secret": "api_secret_of_oslo"}],
            "services": [{"unique_name": "deliveries"}],
        },
    ],
    "guide_drift.rst": [ACCOUNT_WITH_SERVICES],
    "guide_safety.rst": [ACCOUNT_WITH_SERVICES],
    "guide_terraform.rst": [ACCOUNT_WITH_SERVICES],
}
# They start Molecule and pytest, and install the collection several times.
SLOW = {"docs/docsite/rst/guide_emulator.rst", "docs/docsite/rst/guide_releases.rst"}
EMULATOR_PORT = "8642"
# The version that documents use in examples.
EXAMPLE_VERSION = "1.2.3"

# Replaces make, whose sessions have tests of their own: it only checks that the targets exist.
MAKE = """\
#!/usr/bin/env bash
exec "{make}" --dry-run --directory "{checkout}" "$@"
"""


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for PATH with the replacement for make."""
    folder = tmp_path_factory.mktemp("tools")
    (folder / "make").write_text(MAKE.format(make=shutil.which("make"), checkout=CHECKOUT), encoding="utf-8")
    (folder / "make").chmod(0o755)
    return folder


@pytest.fixture
def free_port() -> str:
    """Return an unused port for the emulator that a document starts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture
def folder(tmp_path: Path) -> t.Iterator[Path]:
    """Return a folder for a reader. An emulator that is left running in it is stopped, and an error."""
    yield tmp_path
    running = [path.parent for path in tmp_path.rglob("state.json")]
    for directory in running:
        command = [sys.executable, "-B", str(PROGRAM), "stop", "--directory", str(directory)]
        subprocess.run(command, check=True, capture_output=True)
    assert running == []


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in DOCUMENTS]
)
def test_the_blocks_of_a_document_work(
    name: str, folder: Path, tools: Path, installed: Path, account: Emulator, free_port: str
) -> None:
    found = blocks(CHECKOUT / name)
    accounts = ACCOUNTS.get(Path(name).name)
    if accounts:
        account.reset(accounts=accounts)
    environment = {**account.environment, "PATH": f"{tools}:{PATH}"}
    # A document that explains the installation starts without the collection.
    if not any("ansible-galaxy collection install" in block.text for block in found if block.is_run):
        environment["ANSIBLE_COLLECTIONS_PATH"] = str(installed)
    # The default port of the emulator may be in use.
    started_by_hand = "proxy_emulator start "
    started_by_playbook = "ansible-playbook twilio.proxy.emulator"
    replace = {
        EMULATOR_PORT: free_port,
        EXAMPLE_VERSION: VERSION,
        started_by_hand: f"{started_by_hand}--port {free_port} ",
        started_by_playbook: f"{started_by_playbook} -e emulator_port={free_port}",
        "path/to/twilio.proxy": str(CHECKOUT),
    }
    reader = Reader(folder, environment, replace)
    reader.write("host_vars/localhost.yml", f"emulator_port: {free_port}\n")
    reader.link("docs", CHECKOUT / "docs")
    reader.link("roles", CHECKOUT / "roles")
    reader.follow(found)


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name.endswith(".md")])
def test_links_in_markdown_have_targets(name: str) -> None:
    text = (CHECKOUT / name).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)\s#]+)[^)\s]*\)", text)
    local = [link for link in links if not link.startswith("https://")]
    assert [link for link in local if not (CHECKOUT / name).parent.joinpath(link).exists()] == []


def test_troubleshooting_has_every_error_code() -> None:
    text = (CHECKOUT / "docs/docsite/rst/guide_troubleshooting.rst").read_text(encoding="utf-8")
    listed = {int(code) for code in re.findall(r"^   \* - (\d{5})$", text, re.MULTILINE)}
    assert listed == set(ADVICE)


def document(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("```shell\nfalse\n```\n", "line 1 failed"),
        ("```shell\nfalse | true\n```\n", "line 1 failed"),
        ("<!-- fails -->\n```shell\ntrue\n```\n", "should fail, and did not"),
        ("```shell\necho '[WARNING]: odd'\n```\n", "line 1 warned"),
        ("```shell\necho one\n```\n\n```text\ntwo\n```\n", "this line is not in the output"),
        ("```shell\necho one; echo two\n```\n\n```text\ntwo\none\n```\n", "not in this order"),
        ("```yaml\n- ansible.builtin.fail:\n```\n", "line 1 failed"),
        ("```yaml\nsome: settings\n```\n", "neither a playbook nor a list of tasks"),
        ("```json\n{it}\n```\n", "this is not JSON"),
        ("```\nwho knows\n```\n", "'no language' is neither executed nor output"),
        ("<!-- file: unused.yml -->\n```yaml\n[]\n```\n", "no later block uses the file unused.yml"),
        ("<!-- fails -->\nHere:\n\n```shell\nfalse\n```\n", "a marker has to be directly above a block"),
        ("```shell\ntrue\n", "the block does not end"),
    ],
)
def test_a_wrong_document_is_an_error(text: str, problem: str, tmp_path: Path) -> None:
    reader = Reader(tmp_path, {"PATH": PATH})
    with pytest.raises(Problem, match=problem):
        reader.follow(blocks(document(tmp_path, "document.md", text)))


MARKDOWN = """
<!-- file: here/it.txt -->
```text
[old]
```

```shell
export IT=$(cat here/it.txt)
```

```shell
echo "It is $IT, at last."
```

```text
It is ..., at last.
```

<!-- not run -->
```shell
false
```

# A heading

```text
To read, and no output of anything.
```
"""
RST = """
Title
=====

1. An item:

   .. code-block:: text
      :caption: here/it.txt

      [old]

   .. code-block:: bash

      export IT=$(cat here/it.txt)

.. code-block:: bash

   echo "It is $IT,"
     echo "at last."

.. code-block:: text

   It is [new],
   at last.

.. not run

.. code-block:: bash

   false

Heading
-------

.. code-block:: text

   To read, and no output of anything.
"""


@pytest.mark.parametrize(("name", "text"), [("document.md", MARKDOWN), ("document.rst", RST)])
def test_later_blocks_use_exports_and_files(name: str, text: str, tmp_path: Path) -> None:
    found = blocks(document(tmp_path, name, text))
    assert len(found) == 6
    Reader(tmp_path, {"PATH": PATH}, replace={"old": "new"}).follow(found)
