# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting an emulator that outlives its starter, finding it again, and stopping it.

Its directory holds ``state.json``, with what finds it again, ``emulator.log``, and ``lock``.
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
from .rules import Settings
from .server import base_url
from .settings import digest

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
    """The emulator could not be started or stopped; the message says why."""


def start(directory: Directory, settings: Settings, check: bool = False) -> Result:
    """Ensure that an emulator with these settings runs; with ``check``, only return what would happen."""
    if check:
        running = find(directory)
        if running is not None and running["settings_digest"] == digest(settings):
            return _running(running, changed=False)
        port = settings["port"]
        return {"changed": True, "status": "running", "port": port, "base_url": base_url(settings["listen"], port)}
    with directory.locked():
        # Looked up under the lock: another process may have started it while this one waited.
        running = find(directory)
        if running is not None and running["settings_digest"] == digest(settings):
            return _running(running, changed=False)
        _stop_running(directory)
        try:
            started = _launch(directory, settings)
        except DaemonError as error:
            if running is None:
                raise
            raise DaemonError(f"{error}. The one that ran before was stopped, and what was in it is gone.") from None
        directory.write(STATE, started)
    return _running(started, changed=True)


def stop(directory: Directory, check: bool = False) -> Result:
    """Ensure that no emulator of this directory runs; with ``check``, only return what would happen."""
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
    """Return the state of the emulator that runs; None unless its process proves that it is the one in the state."""
    try:
        state = json.loads(directory.read(STATE) or "null")
    except ValueError:  # Not written to its end.
        return None
    known = isinstance(state, dict) and state.keys() >= {*PUBLIC, *PRIVATE}
    return state if known and _proves_itself(state) else None


def _running(state: Result, changed: bool) -> Result:
    return {"changed": changed, "status": "running", **{name: state[name] for name in PUBLIC}}


def _proves_itself(state: Result) -> bool:
    """Ask for the proof. Nothing secret is sent: somebody else may listen on the port by now."""
    nonce = secrets.token_hex(16)
    connection = http.client.HTTPConnection(state["base_url"].partition("//")[2], timeout=PROBE_SECONDS)
    try:
        connection.request("GET", f"{PROOF}?nonce={nonce}")
        given = json.loads(connection.getresponse().read(LARGEST_PROOF))["proof"]
        return hmac.compare_digest(given, proof(state["key"], nonce, state["pid"]))
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return False
    finally:
        connection.close()


def _launch(directory: Directory, settings: Settings) -> Result:
    """Start the process and return its state."""
    program = [sys.executable, "-B", str(pathlib.Path(__file__).resolve().parent), "serve", "--settings", "-"]
    key = secrets.token_hex(32)
    with directory.open_empty(LOG) as log:
        # A session of its own, no open file of its starter's, no place in a file system that others may unmount.
        # When the starter ends, the process belongs to nobody but itself.
        process = subprocess.Popen(  # noqa: S603  (this very program)
            program,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd="/",
            env={**os.environ, KEY_VARIABLE: key},
            close_fds=True,
            start_new_session=True,
        )
    stdin, stdout = t.cast(t.IO[bytes], process.stdin), t.cast(t.IO[bytes], process.stdout)
    # A process that ends early says why in the log.
    with contextlib.suppress(BrokenPipeError), stdin:
        stdin.write(json.dumps(settings).encode("utf-8"))
    with stdout:
        ready, _writable, _failed = select.select([stdout], [], [], START_SECONDS)
        told: Result = json.loads((ready and stdout.readline()) or "{}")
    if "base_url" not in told:
        process.kill()
        process.wait()
        raise DaemonError("The emulator did not start: " + told.get("error", _last_lines(directory)))
    # The process is not waited for on purpose.
    process.returncode = 0
    return {**told, "key": key, "settings_digest": digest(settings)}


def _last_lines(directory: Directory) -> str:
    lines = (directory.read(LOG) or "").splitlines()[-LOG_LINES:]
    return "\n".join(lines) or "it said nothing"


def _stop_running(directory: Directory) -> bool:
    """Stop the emulator of the directory; returns whether one ran."""
    found = running = find(directory)
    for number in (signal.SIGTERM, signal.SIGKILL):
        # Looked up each time: a signal goes only to a process that has just proved itself.
        if running is None:
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(running["pid"], number)
        deadline = time.monotonic() + STOP_SECONDS
        while (running := find(directory)) is not None and time.monotonic() < deadline:
            time.sleep(0.02)
    if running is not None:
        raise DaemonError("The emulator does not stop")
    directory.remove(STATE)
    return found is not None
