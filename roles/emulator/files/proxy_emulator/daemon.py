# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting an emulator that outlives its starter, finding it again, and stopping it.

Its directory holds ``settings.json`` (what the running emulator was started with, secrets included), ``state.json``
(where it listens) and ``emulator.log``; nobody but its owner can read them.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import http.client
import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import time
import typing as t

from .control import PREFIX
from .rules import Settings
from .server import base_url
from .settings import digest

START_SECONDS = 20.0
STOP_SECONDS = 5.0
PROBE_SECONDS = 5.0
LOG_LINES = 20

Result = dict[str, t.Any]


class DaemonError(Exception):
    """The emulator could not be started or stopped; the message says why."""


class Directory:
    """The files of one emulator."""

    def __init__(self, path: str) -> None:
        self.path = pathlib.Path(path).expanduser().absolute()
        self.settings = self.path / "settings.json"
        self.state = self.path / "state.json"
        self.log = self.path / "emulator.log"

    def write(self, file: pathlib.Path, value: t.Any) -> None:
        with _private(file) as stream:
            json.dump(value, stream)

    def read(self, file: pathlib.Path) -> t.Any:
        """The JSON in the file; None when it is not there or was not written to its end."""
        try:
            return json.loads(file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None

    @contextlib.contextmanager
    def locked(self) -> t.Iterator[None]:
        """Lets one starter or stopper at a time in."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _private(self.path / "lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def start(directory: Directory, settings: Settings, check: bool = False) -> Result:
    """Sees to it that an emulator with these settings runs; with ``check``, only says what would happen."""
    running = find(directory)
    if running is not None and running["settings_digest"] == digest(settings):
        return {"changed": False, **_running(directory)}
    if check:
        port = settings["port"]
        return {"changed": True, "status": "running", "port": port, "base_url": base_url(settings["listen"], port)}
    with directory.locked():
        _stop_found(directory)
        directory.write(directory.settings, settings)
        try:
            directory.write(directory.state, _launch(directory))
        except DaemonError as error:
            if running is None:
                raise
            raise DaemonError(f"{error}. The one that ran before was stopped, and what was in it is gone.") from None
    return {"changed": True, **_running(directory)}


def stop(directory: Directory, check: bool = False) -> Result:
    """Sees to it that no emulator of this directory runs; with ``check``, only says what would happen."""
    found = find(directory) is not None
    if found and not check:
        with directory.locked():
            _stop_found(directory)
    return {"changed": found, "status": "stopped"}


def status(directory: Directory) -> Result:
    """Whether the emulator of this directory runs, and where."""
    return {"changed": False, **(_running(directory) if find(directory) else {"status": "stopped"})}


def find(directory: Directory) -> Result | None:
    """What the running emulator says of itself; None unless it answers as the process in the state file."""
    state, settings = directory.read(directory.state), directory.read(directory.settings)
    if not state or not settings:
        return None
    told = _ask(state["base_url"], settings["accounts"][0])
    return told if told is not None and told.get("pid") == state["pid"] else None


def _running(directory: Directory) -> Result:
    return {"status": "running", **directory.read(directory.state)}


def _ask(base_url: str, account: t.Mapping[str, str]) -> Result | None:
    credentials = f"{account['account_sid']}:{account['auth_token']}".encode()
    headers = {"Authorization": "Basic " + base64.b64encode(credentials).decode("ascii")}
    connection = http.client.HTTPConnection(base_url.partition("//")[2], timeout=PROBE_SECONDS)
    try:
        connection.request("GET", PREFIX, headers=headers)
        told = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return told if isinstance(told, dict) else None


def _launch(directory: Directory) -> Result:
    program = [sys.executable, "-B", str(pathlib.Path(__file__).resolve().parent)]
    with _private(directory.log) as log:
        # A session of its own, no open file of its starter's, no place in a file system that others may unmount.
        # When the starter ends, the process belongs to nobody but itself.
        process = subprocess.Popen(  # noqa: S603  (this very program)
            [*program, "serve", "--settings", str(directory.settings)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd="/",
            close_fds=True,
            start_new_session=True,
        )
    stdout = t.cast(t.IO[bytes], process.stdout)
    with stdout:
        ready, _writable, _failed = select.select([stdout], [], [], START_SECONDS)
        told: Result = json.loads((ready and stdout.readline()) or "{}")
    if "base_url" not in told:
        process.kill()
        process.wait()
        raise DaemonError("The emulator did not start: " + told.get("error", _last_lines(directory.log)))
    # The process is not waited for on purpose.
    process.returncode = 0
    return told


def _private(file: pathlib.Path) -> t.TextIO:
    """An empty file to write to, which only its owner can read."""
    return open(file, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600))


def _last_lines(log: pathlib.Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
    return "\n".join(lines) or "it said nothing"


def _stop_found(directory: Directory) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        # Looked up each time: a signal goes to no process that does not answer as the emulator.
        found = find(directory)
        if found is None:
            break
        os.kill(found["pid"], number)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and find(directory) is not None:
            time.sleep(0.02)
    else:
        if find(directory) is not None:
            raise DaemonError("The emulator does not stop")
    directory.state.unlink(missing_ok=True)
