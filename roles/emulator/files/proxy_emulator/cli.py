# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands. Each prints one JSON document. A failure exits with 1 and prints its reason as ``error``."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pathlib
import sys
import threading
import typing as t

from . import daemon
from .directory import Directory, DirectoryError
from .server import Server
from .settings import ROOT, SettingsError, complete
from .state import Emulator


def main(arguments: t.Sequence[str]) -> int:
    """Run one command and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        result = options.command(options)
    except (SettingsError, daemon.DaemonError, DirectoryError, OSError) as error:
        _print({"changed": False, "error": str(error)})
        sys.stderr.write(f"{error}\n")
        return 1
    if result is not None:
        _print(result)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="proxy_emulator", description="A local Twilio Proxy API.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="run in the foreground")
    serve.add_argument("--while-stdin-open", action="store_true", help="end when standard input ends")
    serve.set_defaults(command=_serve)

    start = commands.add_parser("start", help="run in the background, unless it already runs with these settings")
    start.set_defaults(command=_start)

    stop = commands.add_parser("stop", help="stop the emulator of the directory")
    stop.set_defaults(command=_stop)

    status = commands.add_parser("status", help="print whether it runs")
    status.set_defaults(command=_status)

    for command in (serve, start):
        command.add_argument("--settings", metavar="FILE", help="JSON file; - is standard input (default: no settings)")
        command.add_argument("--port", type=int, default=8642, help="TCP port; 0 selects a free one (default: 8642)")
    for command in (start, stop, status):
        command.add_argument("--directory", metavar="DIR", required=True, help="directory of state and log")
    for command in (start, stop):
        command.add_argument("--check", action="store_true", help="change nothing, print what would change")
    return parser


def _serve(options: argparse.Namespace) -> None:
    with _listening(Emulator(complete(_given(options.settings))), options.port) as server:
        _print({"pid": os.getpid(), "port": server.server_address[1], "base_url": server.base_url})
        if options.while_stdin_open:
            threading.Thread(target=_end_with_stdin, daemon=True).start()
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


def _listening(emulator: Emulator, port: int) -> Server:
    try:
        return Server(emulator, port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        listen = emulator.start_settings["listen"]
        raise daemon.DaemonError(f"Cannot listen on {listen} port {port}: {reason}.") from error


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    # Do not wait for the other threads: there is nothing to save.
    os._exit(0)


def _start(options: argparse.Namespace) -> daemon.Result:
    given = _given(options.settings)
    settings = complete(given)
    # Check the Services and numbers of the settings before an emulator is stopped.
    Emulator(settings)
    account = settings["accounts"][0]
    result = daemon.start(Directory(options.directory), given, options.port, options.check)
    result["account_sid"] = account["account_sid"]
    if "accounts" not in given:
        # The token of the default account is public, any other one is a secret.
        result["auth_token"] = account["auth_token"]
    return result


def _stop(options: argparse.Namespace) -> daemon.Result:
    return daemon.stop(Directory(options.directory), options.check)


def _status(options: argparse.Namespace) -> daemon.Result:
    return daemon.status(Directory(options.directory))


def _given(file: str | None) -> t.Any:
    if file is None:
        return {}
    text = sys.stdin.read() if file == "-" else pathlib.Path(file).read_text(encoding="utf-8")
    try:
        return json.loads(text)
    except ValueError as error:
        raise SettingsError(f"{ROOT} is not valid JSON: {error}.") from error


def _print(result: t.Mapping[str, t.Any]) -> None:
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()
