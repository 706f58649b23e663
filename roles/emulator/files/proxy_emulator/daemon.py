# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start, find and stop an emulator that runs in the background.

Its directory holds ``state.json``, ``emulator.log`` and ``lock``.
"""

from __future__ import annotations

import contextlib
import hmac
import http.client
import json
import os
import pathlib
import secrets
import select
import signal
import subprocess
import sys
import time
import typing as t

from .control import KEY_VARIABLE, PROOF, proof
from .directory import Directory
from .server import base_url
from .settings import complete, digest

START_SECONDS = 20.0
STOP_SECONDS = 5.0
PROBE_SECONDS = 5.0
LARGEST_PROOF = 1024
LOG_LINES = 20

STATE, LOG = "state.json", "emulator.log"
PUBLIC = ("pid", "port", "base_url")
PRIVATE = ("key", "settings_digest")

Result = dict[str, t.Any]


class DaemonError(Exception):
    """The emulator could not be started or stopped."""


def start(directory: Directory, given: t.Mapping[str, t.Any], port: int, check: bool = False) -> Result:
    """Ensure that an emulator with these settings runs. With ``check``, only return what would happen."""
    settings = complete(given)
    wanted = digest(settings, port)
    if check:
        running = find(directory)
        if running is not None and running["settings_digest"] == wanted:
            return _running(running, changed=False)
        return {"changed": True, "status": "running", "port": port, "base_url": base_url(settings["listen"], port)}
    with directory.locked():
        # Another process may have started it while this one waited for the lock.
        running = find(directory)
        if running is not None and running["settings_digest"] == wanted:
            return _running(running, changed=False)
        _stop_running(directory)
        try:
            started = {**_launch(directory, given, port), "settings_digest": wanted}
        except DaemonError as error:
            if running is None:
                raise
            raise DaemonError(f"{error} The previous emulator was stopped, and its objects are lost.") from None
        directory.write(STATE, started)
    return _running(started, changed=True)


def stop(directory: Directory, check: bool = False) -> Result:
    """Ensure that no emulator of this directory runs. With ``check``, only return what would happen."""
    found = find(directory) is not None
    if found and not check:
        with directory.locked():
            found = _stop_running(directory)
    return {"changed": found, "status": "stopped"}


def status(directory: Directory) -> Result:
    """Return whether the emulator of this directory runs, and where."""
    running = find(directory)
    return {"changed": False, "status": "stopped"} if running is None else _running(running, changed=False)


def find(directory: Directory) -> Result | None:
    """Return the state of the running emulator, or None. Its process must prove that it is the one in the state."""
    try:
        state = json.loads(directory.read(STATE) or "null")
    except ValueError:  # Incomplete.
        return None
    complete_state = isinstance(state, dict) and state.keys() >= {*PUBLIC, *PRIVATE}
    return state if complete_state and _proves_itself(state) else None


def _running(state: Result, changed: bool) -> Result:
    return {"changed": changed, "status": "running", **{name: state[name] for name in PUBLIC}}


def _proves_itself(state: Result) -> bool:
    """Ask for the proof. No secret is sent, because another program may listen on the port now."""
    nonce = secrets.token_hex(16)
    connection = http.client.HTTPConnection(state["base_url"].partition("//")[2], timeout=PROBE_SECONDS)
    try:
        connection.request("GET", f"{PROOF}?nonce={nonce}")
        answer = json.loads(connection.getresponse().read(LARGEST_PROOF))["proof"]
        return hmac.compare_digest(answer, proof(state["key"], nonce, state["pid"]))
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return False
    finally:
        connection.close()


def _launch(directory: Directory, given: t.Mapping[str, t.Any], port: int) -> Result:
    """Start the process and return its state."""
    program = [sys.executable, "-B", str(pathlib.Path(__file__).resolve().parent)]
    arguments = ["serve", "--settings", "-", "--port", str(port)]
    key = secrets.token_hex(32)
    with directory.open_empty(LOG) as log:
        # Its own session, no inherited files, and no working directory that would keep a file system mounted.
        process = subprocess.Popen(  # noqa: S603  (this program)
            program + arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd="/",
            env={**os.environ, KEY_VARIABLE: key},
            close_fds=True,
            start_new_session=True,
        )
    stdin, stdout = t.cast(t.IO[bytes], process.stdin), t.cast(t.IO[bytes], process.stdout)
    # A process that ends early writes the reason to the log.
    with contextlib.suppress(BrokenPipeError), stdin:
        stdin.write(json.dumps(given).encode("utf-8"))
    with stdout:
        ready, _writable, _failed = select.select([stdout], [], [], START_SECONDS)
        answer: Result = json.loads((ready and stdout.readline()) or "{}")
    if "base_url" not in answer:
        process.kill()
        process.wait()
        raise DaemonError("The emulator did not start: " + answer.get("error", _last_lines(directory)))
    # Popen warns about a process that was not waited for.
    process.returncode = 0
    return {**answer, "key": key}


def _last_lines(directory: Directory) -> str:
    lines = (directory.read(LOG) or "").splitlines()[-LOG_LINES:]
    return "\n".join(lines) or "its log is empty."


def _stop_running(directory: Directory) -> bool:
    """Stop the emulator of the directory. Return whether one ran."""
    found = running = find(directory)
    for number in (signal.SIGTERM, signal.SIGKILL):
        # Signals go only to a process that has just proved itself.
        if running is None:
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(running["pid"], number)
        deadline = time.monotonic() + STOP_SECONDS
        while (running := find(directory)) is not None and time.monotonic() < deadline:
            time.sleep(0.02)
    if running is not None:
        raise DaemonError(f"The emulator in {directory.path} (process {running['pid']}) does not stop.")
    directory.remove(STATE)
    return found is not None
