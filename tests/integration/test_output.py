# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Diffs in the output, which has no secrets at any verbosity."""

from __future__ import annotations

import base64
import json
import typing as t

from ansible_collections.twilio.proxy.tests.integration.accounts import LIST
from ansible_collections.twilio.proxy.tests.integration.command_line import Run, playbook
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

ACCOUNT, KEY = "AC" + "3" * 32, "SK" + "3" * 32
TOKEN, SECRET, PASSWORD = "tok3n-n0t-to-be-s33n", "s3cret-n0t-to-be-s33n", "p4ssword-n0t-to-be-s33n"
WITH_PASSWORD = f"https://user:{PASSWORD}@example.com/status"
SECRETS = {
    "token": TOKEN,
    "secret": SECRET,
    "password": PASSWORD,
    "pair of account and token": base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode(),
    "pair of key and secret": base64.b64encode(f"{KEY}:{SECRET}".encode()).decode(),
}


def changed_lines(output: str) -> list[str]:
    """Return the removed and added lines of the diffs in the output, without headers."""
    lines = [line for line in output.splitlines() if line.startswith(("+", "-"))]
    return [line for line in lines if not line.startswith(("+++", "---"))]


#: Tasks in order, and the changed lines in the output.
DIFFS: tuple[tuple[dict[str, t.Any], list[str]], ...] = (
    (
        {"unique_name": "rides", "default_ttl": 3600, "callback_url": "https://example.com/"},
        [
            '-    "callback_url": null,',
            '+    "callback_url": "https://example.com/",',
            '-    "default_ttl": 60,',
            '+    "default_ttl": 3600,',
        ],
    ),
    ({"unique_name": "rides", "default_ttl": 3600}, []),
    (
        {"unique_name": "rides", "callback_url": ""},
        ['-    "callback_url": "https://example.com/",', '+    "callback_url": null,'],
    ),
)


def test_the_diff_has_the_changed_lines_only(emulator: Emulator) -> None:
    emulator.create(unique_name="rides", default_ttl=60)
    tasks = [{"name": "diff", "twilio.proxy.service": arguments} for arguments, _lines in DIFFS]
    play = {"hosts": "all", "gather_facts": False, "tasks": tasks}
    run = playbook([play], "--diff", environment=emulator.environment)
    _start, *outputs = run.output.split("TASK [diff]")
    assert [changed_lines(output) for output in outputs] == [lines for _arguments, lines in DIFFS]


def verbose() -> Run:
    """Run tasks that succeed and tasks that fail, with all kinds of credentials, at the highest verbosity.

    The secrets are in environment variables and variables, because Ansible itself shows those in a playbook.
    """
    account = {"account_sid": ACCOUNT, "auth_token": TOKEN, "api_keys": [{"sid": KEY, "secret": SECRET}]}
    key = {"api_key": "{{ key }}", "api_secret": "{{ secret }}"}
    token = {"account_sid": "{{ account }}", "auth_token": "{{ token }}"}
    url = {"callback_url": "{{ url }}"}
    tasks: dict[str, dict[str, t.Any]] = {
        "create by token": {"unique_name": "a", **token, **url},
        "find by key": {"unique_name": "a", **key},
        "change": {"unique_name": "a", "callback_url": ""},
        "change back": {"unique_name": "a", **url},
        "malformed URL": {"unique_name": "a", "callback_url": "{{ url }} with blanks"},
        "wrong key": {"unique_name": "a", "api_key": "{{ key }}", "api_secret": "{{ token }}"},
        "secret without key": {"unique_name": "a", "api_secret": "{{ secret }}", "api_key": ""},
        "base_url with a password": {"unique_name": "a", "base_url": "{{ url }}"},
        "error of the API": {"unique_name": "b", **url},
        "error with HTML": {"unique_name": "c", "retries": 0, **token},
        "delete": {"unique_name": "a", "state": "absent"},
    }
    play = {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {"name": name, "twilio.proxy.service": arguments, "ignore_errors": True, "diff": True}
            for name, arguments in tasks.items()
        ]
        + [{"name": "info", "twilio.proxy.service_info": key}],
    }
    variables = {"account": ACCOUNT, "token": TOKEN, "key": KEY, "secret": SECRET, "url": WITH_PASSWORD}
    with Emulator(accounts=[account]) as emulator:
        error = {"code": 20001, "message": f"Refused: {emulator.authorization} {TOKEN} {WITH_PASSWORD}"}
        emulator.fault({"kind": "answer", "status": 400, "json": error}, "POST", LIST, skip=1)
        # Both rules skip the first create. The second create meets the rule above, the third meets this one.
        html = {"kind": "answer", "status": 500, "body": f"<p>{emulator.authorization}</p>"}
        emulator.fault(html, "POST", LIST, skip=1)
        return playbook([play], "-vvvvv", hosts={"localhost": variables}, environment=emulator.environment)


def test_no_secret_is_shown_at_any_verbosity() -> None:
    """Neither in the output nor in a result, of tasks that succeed and fail as expected."""
    run = verbose()
    recorded = json.dumps([entry.result for entry in run.recorded])
    shown = [name for name, secret in SECRETS.items() if secret in run.output or secret in recorded]
    assert shown == []
    outcomes = {entry.task: (entry.result["failed"], entry.result.get("changed")) for entry in run.recorded}
    assert outcomes == {
        "create by token": (False, True),
        "find by key": (False, False),
        "change": (False, True),
        "change back": (False, True),
        "malformed URL": (True, False),
        "wrong key": (True, False),
        "secret without key": (True, False),
        "base_url with a password": (True, False),
        "error of the API": (True, False),
        "error with HTML": (True, True),
        "delete": (False, True),
        "info": (False, False),
    }
