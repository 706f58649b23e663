# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start, find and stop an emulator in the background."""

from __future__ import annotations

import concurrent.futures
import contextlib
import http.server
import io
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest
from proxy_emulator.cli import main

from ansible_collections.twilio.proxy.tests.support.emulator import ACCOUNT_SID, AUTH_TOKEN, PROGRAM, Emulator

Result = dict[str, t.Any]


class Daemon:
    """The commands on one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def run(self, *arguments: str, settings: t.Any = None, port: int = 0, status: int = 0) -> Result:
        """Run a command inside this process, which is quicker, and return what it printed."""
        settings_file = self.directory.parent.with_suffix(".json")
        settings_file.write_text(settings if isinstance(settings, str) else json.dumps(settings or {}))
        command = [*arguments, "--directory", str(self.directory)]
        if arguments[0] == "start":
            command += ["--settings", str(settings_file), "--port", str(port)]
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            assert main(command) == status
        return t.cast(Result, json.loads(printed.getvalue()))

    def run_apart(self, *arguments: str, settings: t.Any = None) -> Result:
        """Run a command as a user does and return what it printed."""
        command = [sys.executable, "-B", str(PROGRAM), *arguments, "--directory", str(self.directory)]
        text = json.dumps(settings)
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=True)
        return t.cast(Result, json.loads(done.stdout))

    def client(self) -> Emulator:
        """Return a client of the emulator."""
        client = Emulator()
        client.base_url = self.run("status")["base_url"]
        return client


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    found = Daemon(tmp_path / "new" / "emulator")
    yield found
    found.run("stop")


def test_start_and_stop(daemon: Daemon) -> None:
    settings = {"list_order": "newest_first"}
    started = daemon.run_apart("start", "--port", "0", "--settings", "-", settings=settings)
    assert (started.pop("account_sid"), started.pop("auth_token")) == (ACCOUNT_SID, AUTH_TOKEN)
    assert (started["changed"], started["status"]) == (True, "running")
    assert started["base_url"] == f"http://127.0.0.1:{started['port']}"
    assert os.getsid(started["pid"]) == started["pid"]

    client = daemon.client()
    client.create(unique_name="a")
    assert client.status()["settings"]["list_order"] == "newest_first"

    again = daemon.run("start", settings=settings)
    assert {**again, **started, "changed": False} == again
    assert daemon.run("status") == {**started, "changed": False}
    assert len(client.services()) == 1

    assert daemon.run("stop", "--check") == {"changed": True, "status": "stopped"}
    assert daemon.run_apart("stop") == {"changed": True, "status": "stopped"}
    with pytest.raises(ConnectionRefusedError):
        client.services()
    assert daemon.run("stop") == daemon.run("status") == {"changed": False, "status": "stopped"}


def test_different_settings_restart_the_emulator(daemon: Daemon) -> None:
    first = daemon.run("start")
    # Also after a reset to other accounts.
    daemon.client().reset(accounts=[{"account_sid": "AC" + "1" * 32, "auth_token": "other"}])
    checked = daemon.run("start", "--check", settings={"latency": 0.01})
    assert (checked["changed"], checked["base_url"]) == (True, "http://127.0.0.1:0")
    assert daemon.run("status")["pid"] == first["pid"]
    second = daemon.run("start", settings={"latency": 0.01})
    assert second["changed"]
    assert second["pid"] != first["pid"]
    assert daemon.client().status()["settings"]["latency"] == 0.01


def together(daemon: Daemon, settings: t.Any) -> list[Result]:
    """Start the emulator from three processes at the same time and return what they print."""
    start = ("start", "--port", "0", "--settings", "-")
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        return list(pool.map(lambda _n: daemon.run_apart(*start, settings=settings), range(3)))


def test_concurrent_starts_start_one_emulator(daemon: Daemon) -> None:
    pids = []
    for latency in (0, 0.001):
        results = together(daemon, {"latency": latency})
        assert sorted(result.pop("changed") for result in results) == [False] * 2 + [True]
        assert results == [results[0]] * 3
        pids.append(results[0]["pid"])
    assert pids[0] != pids[1]
    assert daemon.run("status")["pid"] == pids[1]


def test_check_starts_nothing(daemon: Daemon) -> None:
    assert daemon.run("start", "--check", port=8642)["base_url"] == "http://127.0.0.1:8642"
    assert not daemon.directory.exists()


def test_files_are_readable_only_for_the_owner(daemon: Daemon) -> None:
    daemon.run("start")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in daemon.directory.iterdir()}
    assert set(modes) == {"state.json", "emulator.log", "lock"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(daemon.directory.stat().st_mode) == 0o700


def test_no_secret_is_on_a_command_line_or_in_a_log(daemon: Daemon) -> None:
    account = {"account_sid": "AC" + "0" * 32, "auth_token": "hush"}
    started = daemon.run("start", settings={"accounts": [account]})
    assert b"hush" not in Path(f"/proc/{started['pid']}/cmdline").read_bytes()
    for file in daemon.directory.iterdir():
        assert "hush" not in file.read_text()
    assert "hush" not in json.dumps([started, daemon.run("status")])


def test_start_after_the_process_was_killed(daemon: Daemon) -> None:
    first = daemon.run("start")
    os.kill(first["pid"], signal.SIGKILL)
    assert daemon.run("status") == {"changed": False, "status": "stopped"}
    assert daemon.run("start")["changed"]


def test_stop_does_not_signal_another_process_in_the_state_file(daemon: Daemon, emulator: Emulator) -> None:
    daemon.run("start")
    state = daemon.directory / "state.json"
    true = state.read_text()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as innocent:
        for pid, base_url in ((innocent.pid, json.loads(true)["base_url"]), (innocent.pid, emulator.base_url)):
            state.write_text(json.dumps({**json.loads(true), "pid": pid, "base_url": base_url}))
            assert daemon.run("stop") == {"changed": False, "status": "stopped"}
        assert innocent.poll() is None
        innocent.communicate(b"\n")
    state.write_text(true)


class Impostor(http.server.BaseHTTPRequestHandler):
    """A server on the port of the emulator that records what it is sent."""

    def do_GET(self) -> None:
        t.cast(t.Any, self.server).received.append(self.requestline + str(self.headers))
        self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + t.cast(t.Any, self.server).answer)

    def log_message(self, format: str, *_arguments: t.Any) -> None:  # noqa: A002  (the base names it)
        """Log nothing."""


ANSWERS = [b'{"proof": "%s"}' % (64 * b"0"), b'{"proof": 1}', b'{"proof": "\xc3\xab"}', b"[]", b"{"]


def test_impostor_on_the_port_gets_no_secret_and_is_not_trusted(daemon: Daemon) -> None:
    started = daemon.run("start")
    key = json.loads((daemon.directory / "state.json").read_text())["key"]
    os.kill(started["pid"], signal.SIGKILL)
    while daemon.run("status")["status"] == "running":
        pass
    for answer in ANSWERS:
        with http.server.HTTPServer(("127.0.0.1", started["port"]), Impostor) as server:
            t.cast(t.Any, server).received, t.cast(t.Any, server).answer = [], answer
            threading.Thread(target=server.serve_forever, daemon=True).start()
            assert daemon.run("status")["status"] == "stopped"
            assert daemon.run("stop") == {"changed": False, "status": "stopped"}
            server.shutdown()
            (one, other) = t.cast(t.Any, server).received
        assert one != other
        assert "Authorization" not in one + other
        assert key not in one + other


@pytest.mark.parametrize("text", ['{"pid": 1, "ba', "[]", '{"pid": 1, "port": 1, "base_url": "http://127.0.0.1:1"}'])
def test_incomplete_state_file_is_ignored(daemon: Daemon, text: str) -> None:
    daemon.directory.mkdir(mode=0o700, parents=True)
    (daemon.directory / "state.json").write_text(text)
    assert daemon.run("status") == {"changed": False, "status": "stopped"}


def test_port_in_use_is_reported(daemon: Daemon) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        printed = daemon.run("start", port=port, status=1)
    reason = f"Cannot listen on 127.0.0.1 port {port}: Address already in use."
    assert printed == {"changed": False, "error": f"The emulator did not start: {reason}"}
    assert daemon.run("status")["status"] == "stopped"


def test_port_in_use_at_a_restart_reports_the_lost_objects(daemon: Daemon) -> None:
    daemon.run("start")
    with socket.create_server(("127.0.0.1", 0)) as other:
        printed = daemon.run("start", port=other.getsockname()[1], status=1)
    assert printed["error"].endswith("in use. The previous emulator was stopped, and its objects are lost.")
    assert daemon.run("status")["status"] == "stopped"


@pytest.mark.parametrize(
    ("settings", "finding"),
    [
        ({"latency": "x"}, 'emulator_settings.latency: "x" is not a number.'),
        ("{", "emulator_settings is not valid JSON"),
        (
            {"accounts": [{"account_sid": "AC" + "0" * 32, "auth_token": "a", "services": [{"unique_name": ""}]}]},
            "emulator_settings.accounts[0].services[0]: Invalid",
        ),
    ],
)
def test_invalid_settings_do_not_stop_the_running_emulator(daemon: Daemon, settings: t.Any, finding: str) -> None:
    running = daemon.run("start")
    printed = daemon.run("start", settings=settings, status=1)
    assert printed["error"].startswith(finding)
    assert daemon.run("status")["pid"] == running["pid"]


def test_crash_is_reported_with_the_end_of_the_log(daemon: Daemon, tmp_path: Path) -> None:
    # A copy of the program that cannot serve.
    copy = tmp_path / "proxy_emulator"
    copy.mkdir()
    for file in PROGRAM.glob("*.py"):
        (copy / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    with (copy / "cli.py").open("a", encoding="utf-8") as program:
        program.write("\n\ndef _listening(emulator, port):\n    raise RuntimeError('no way')\n")
    command = [sys.executable, "-B", str(copy), "start", "--directory", str(daemon.directory)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"].endswith("RuntimeError: no way")


def test_default_settings_need_nothing_but_python() -> None:
    # -S: without the directory in which jsonschema is installed.
    command = [sys.executable, "-B", "-S", str(PROGRAM), "serve", "--port", "0", "--while-stdin-open"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment) as process:
        client = Emulator()
        client.base_url = json.loads(t.cast(t.IO[str], process.stdout).readline())["base_url"]
        client.create(unique_name="a")
        assert client.send("POST", "/__emulator__/reset").status == 204
        assert client.services() == []
        process.communicate(timeout=60)


@pytest.mark.parametrize("port", [-1, 70000])
def test_invalid_port(daemon: Daemon, port: int) -> None:
    printed = daemon.run("start", port=port, status=1)
    assert printed["error"].startswith(f"The emulator did not start: Cannot listen on 127.0.0.1 port {port}: ")


def test_serve_ends_with_its_standard_input() -> None:
    with Emulator() as emulator:
        pid = emulator.pid
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_ipv6(daemon: Daemon) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        assert "Cannot listen on ::1" in daemon.run("start", settings={"listen": "::1"}, status=1)["error"]
    else:
        started = daemon.run("start", settings={"listen": "::1"})
        assert started["base_url"] == f"http://[::1]:{started['port']}"
        assert daemon.client().services() == []
