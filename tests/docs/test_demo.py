# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo prints what it should, connects only to its own emulator, and leaves nothing behind."""

from __future__ import annotations

import ast
import http.client
import subprocess
import tempfile
import typing as t
from pathlib import Path

import pytest

from ansible_collections.twilio.proxy.tests.docs.conftest import ACCOUNT, PATH
from ansible_collections.twilio.proxy.tests.docs.snippets import Reader, first_missing, warnings
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

OUTPUT = """\
No account is needed
changed: [localhost] => (item=rides)
changed: [localhost] => (item=deliveries)
changed: [localhost] => (item=Zoë's café)
ok: [localhost] => (item=rides)
ok: [localhost] => (item=deliveries)
ok: [localhost] => (item=Zoë's café)
The second run changed nothing.
--- before: Service rides (KS
+++ after: Service rides (KS
-    "callback_url": "https://example.com/rides",
+    "callback_url": null,
-    "default_ttl": 3600,
+    "default_ttl": 7200,
rides is KS
deliveries is KS
Zoë's café is KS
changed: [localhost] => (item=rides)
changed: [localhost] => (item=deliveries)
changed: [localhost] => (item=Zoë's café)
3 created
+proxy_services:
+  - unique_name: "Zoë's café"
+  - unique_name: deliveries
+      - phone_number: "+12025550102"
+  - unique_name: rides
+    default_ttl: 7200
+        is_reserved: true
3 unchanged
Applying the exported file changed nothing.
TASK [Stop the emulator]
changed: [localhost]
ansible-playbook twilio.proxy.emulator
failed=0
"""

FAILURE = """\
changed: [localhost] => (item=a)
default_ttl: -1
TASK [Stop the emulator]
changed: [localhost]
failed=1
"""

# Logs the names and addresses that any Python process of a run resolves or connects to.
SITECUSTOMIZE = """\
import sys

def note(event, arguments):
    address = {{"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0}}.get(event)
    if address is not None:
        with open({log!r}, "a") as log:
            log.write(repr(arguments[address]) + "\\n")

sys.addaudithook(note)
"""


class Sandbox:
    """Runs the demo as a user with credentials and with an emulator that is already running."""

    def __init__(self, folder: Path, temporary: Path, installed: Path, others: Emulator) -> None:
        self._temporary = temporary
        self._contacts = folder / "contacts"
        self._contacts.touch()
        (folder / "site").mkdir()
        note = SITECUSTOMIZE.format(log=str(self._contacts))
        (folder / "site" / "sitecustomize.py").write_text(note, encoding="utf-8")
        key = ACCOUNT["api_keys"][0]
        self._reader = Reader(
            folder,
            {
                **others.environment,
                "TWILIO_API_KEY": key["sid"],
                "TWILIO_API_SECRET": key["secret"],
                "TWILIO_REGION": "us1",
                "TWILIO_EDGE": "ashburn",
                # With become, which the demo must not use, nothing would run.
                "ANSIBLE_BECOME": "true",
                "ANSIBLE_BECOME_ALLOW_SAME_USER": "true",
                "ANSIBLE_BECOME_EXE": str(folder / "no-sudo"),
                "ANSIBLE_COLLECTIONS_PATH": str(installed),
                "PATH": PATH,
                "PYTHONPATH": str(folder / "site"),
                "TMPDIR": str(self._temporary),
            },
        )
        self._home = folder / "home"

    def run(self, options: str = "") -> subprocess.CompletedProcess[str]:
        return self._reader.run(f"ansible-playbook twilio.proxy.demo {options}")

    def contacts(self) -> set[t.Any]:
        """Return the names that were resolved and the addresses that were connected to."""
        return {ast.literal_eval(line) for line in self._contacts.read_text(encoding="utf-8").splitlines()}

    def left(self) -> list[Path]:
        """Return what is left of the demo's directory, or of an emulator's default one."""
        return [*self._temporary.glob("twilio-proxy-demo*"), *self._home.glob(".local/**/*")]


@pytest.fixture
def sandbox(tmp_path: Path, installed: Path, account: Emulator) -> t.Iterator[Sandbox]:
    # The path of a socket in it must not be long.
    with tempfile.TemporaryDirectory() as temporary:
        yield Sandbox(tmp_path, Path(temporary), installed, account)


def assert_only_contact_was_a_stopped_emulator(sandbox: Sandbox, others: Emulator) -> None:
    contacts = sandbox.contacts()
    addresses = {contact for contact in contacts if isinstance(contact, tuple)}
    assert contacts - addresses <= {"127.0.0.1"}
    assert len(addresses) == 1
    ((host, port),) = addresses
    assert host == "127.0.0.1"
    assert f":{port}" not in others.base_url
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection(host, port, timeout=5).connect()
    assert sandbox.left() == []


def test_the_demo_prints_the_steps_and_leaves_nothing_behind(sandbox: Sandbox, account: Emulator) -> None:
    services = account.services()
    account.forget_requests()
    result = sandbox.run()
    assert result.returncode == 0, result.stdout
    assert first_missing(OUTPUT, result.stdout) is None, result.stdout
    assert warnings(result.stdout) == []
    assert account.requests() == []
    assert account.services() == services
    assert_only_contact_was_a_stopped_emulator(sandbox, account)


def test_the_demo_cleans_up_after_a_failure(sandbox: Sandbox, account: Emulator) -> None:
    result = sandbox.run("""-e '{"demo_services": [{"unique_name": "a"}, {"unique_name": "b", "default_ttl": -1}]}'""")
    assert result.returncode != 0
    assert first_missing(FAILURE, result.stdout) is None, result.stdout
    assert account.requests() == []
    assert_only_contact_was_a_stopped_emulator(sandbox, account)


def test_the_demo_explains_that_check_mode_does_nothing(sandbox: Sandbox, account: Emulator) -> None:
    result = sandbox.run("--check")
    assert result.returncode == 0, result.stdout
    assert "without --check" in result.stdout
    assert "changed=0" in result.stdout
    assert warnings(result.stdout) == []
    assert account.requests() == []
    assert sandbox.contacts() <= {"127.0.0.1"}
    assert sandbox.left() == []
