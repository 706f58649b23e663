# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS, proxies, and secrets in command lines and temporary files."""

from __future__ import annotations

import base64
import os
import secrets
import ssl
import subprocess
import threading
import typing as t
from pathlib import Path

import pytest
import trustme

from ansible_collections.twilio.proxy.tests.support.emulator import Emulator
from ansible_collections.twilio.proxy.tests.support.proxies import Listener, proxy, tls_server

from .command_line import Run, playbook

BASIC_CREDENTIALS = base64.b64encode(f"AC{'0' * 32}:emulator-auth-token".encode())


class CertificateAuthority(t.NamedTuple):
    """A CA as a file, as a directory for OpenSSL, and the TLS context of a server named localhost."""

    file: Path
    directory: Path
    server_context: ssl.SSLContext


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    """The CA that issued the server's certificate."""
    folder = tmp_path_factory.mktemp("ca")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    hashed = folder / "directory"
    hashed.mkdir()
    authority.cert_pem.write_to_path(str(hashed / "ca.pem"))
    subprocess.run(["openssl", "rehash", str(hashed)], check=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return CertificateAuthority(folder / "ca.pem", hashed, context)


@pytest.fixture
def tls(emulator: Emulator, ca: CertificateAuthority) -> t.Iterator[Listener]:
    """A TLS server that forwards to the emulator."""
    with tls_server(int(emulator.base_url.rpartition(":")[2]), ca.server_context) as listener:
        yield listener


def list_services(
    emulator: Emulator, cases: t.Mapping[str, t.Mapping[str, t.Any]], *options: str, **variables: str
) -> Run:
    """Run a playbook with a task for each case, which lists the Services with these options and keywords."""
    tasks = [
        {
            "name": name,
            "twilio.proxy.service_info": {
                "retries": 0,
                **{option: value for option, value in case.items() if option != "environment"},
            },
            "environment": case.get("environment", {}),
            "ignore_errors": True,
        }
        for name, case in cases.items()
    ]
    # The names in lower case take precedence over those in upper case.
    unset = dict.fromkeys(("http_proxy", "https_proxy", "no_proxy", "REQUESTS_CA_BUNDLE"), "")
    return playbook(
        [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}],
        *options,
        environment={**emulator.environment, **unset, **variables},
    )


def test_certificates_are_verified(emulator: Emulator, tls: Listener, ca: CertificateAuthority, tmp_path: Path) -> None:
    """With the CA of any option, unless validate_certs is false."""
    url = f"https://localhost:{tls.port}"
    invalid_file = tmp_path / "invalid.pem"
    invalid_file.write_text("This is not a certificate.\n")
    run = list_services(
        emulator,
        {
            "CA file": {"base_url": url, "ca_path": str(ca.file)},
            "CA directory": {"base_url": url, "ca_path": str(ca.directory)},
            "CA of requests": {"base_url": url, "environment": {"REQUESTS_CA_BUNDLE": str(ca.file)}},
            "no verification": {"base_url": url, "validate_certs": False},
            "unknown CA": {"base_url": url},
            "other name": {"base_url": f"https://127.0.0.1:{tls.port}", "ca_path": str(ca.file)},
            "invalid CA file": {"base_url": url, "ca_path": str(invalid_file)},
        },
    )
    for accepted in ("CA file", "CA directory", "CA of requests", "no verification"):
        assert run.result(accepted)["services"] == [], accepted
    assert len(emulator.requests()) == 4
    assert "validate_certs is false" in str(run.result("no verification")["warnings"])
    for rejected in ("unknown CA", "other name"):
        msg = run.result(rejected)["msg"]
        assert "the certificate of " in msg, rejected
        assert "ca_path" in msg
        assert msg.endswith("Nothing was changed.")
    msg = run.result("invalid CA file")["msg"]
    assert msg.startswith(f"ca_path: '{invalid_file}' is not ")
    assert msg.endswith("No request was sent.")


def test_a_proxy_gets_no_twilio_credentials(emulator: Emulator, tls: Listener, ca: CertificateAuthority) -> None:
    """It opens a tunnel for https. Plain http, which is for loopback only, bypasses it."""
    options = {"base_url": f"https://localhost:{tls.port}", "ca_path": str(ca.file)}
    with proxy() as open_proxy, proxy(b"407 Proxy Authentication Required") as closed_proxy:
        open_environment = {"https_proxy": f"http://user:proxy-password@127.0.0.1:{open_proxy.port}"}
        closed_environment = {"https_proxy": f"http://user:proxy-password@127.0.0.1:{closed_proxy.port}"}
        http_environment = {"http_proxy": f"http://127.0.0.1:{closed_proxy.port}"}
        run = list_services(
            emulator,
            {
                "open proxy": {**options, "environment": open_environment},
                "no_proxy": {**options, "environment": {**closed_environment, "no_proxy": "localhost"}},
                "plain http": {"environment": {**closed_environment, **http_environment}},
                "closed proxy": {**options, "environment": closed_environment},
            },
            "-vvvv",
        )
        assert all(run.result(name)["services"] == [] for name in ("open proxy", "no_proxy", "plain http"))
        assert f"the proxy 127.0.0.1:{closed_proxy.port} refused" in run.result("closed proxy")["msg"]
        heads = open_proxy.received + closed_proxy.received
    assert [head.split(b"\r\n")[0].rpartition(b" ")[0] for head in heads] == [
        f"CONNECT localhost:{tls.port}".encode()
    ] * 2
    assert not any(BASIC_CREDENTIALS in head or b"emulator-auth-token" in head for head in heads)
    assert any(b"Basic " + BASIC_CREDENTIALS in text for text in tls.received)
    # Ansible prints the keyword "environment" at -vvvv, so the output is checked for the token only.
    assert "proxy-password" not in str([entry.result for entry in run.recorded])
    assert "emulator-auth-token" not in run.output


def test_a_create_through_a_proxy_is_not_repeated_blindly(
    emulator: Emulator, tls: Listener, ca: CertificateAuthority
) -> None:
    """If the connection breaks after the tunnel was opened, the Service may have been created."""
    emulator.fault({"kind": "cut", "when": "after"}, method="POST")
    options = {"unique_name": "rides", "base_url": f"https://localhost:{tls.port}", "ca_path": str(ca.file)}
    with proxy() as listener:
        environment = {"https_proxy": f"http://127.0.0.1:{listener.port}", "no_proxy": "", "REQUESTS_CA_BUNDLE": ""}
        run = playbook(
            [
                {
                    "hosts": "localhost",
                    "gather_facts": False,
                    "tasks": [{"name": "Run", "twilio.proxy.service": options}],
                }
            ],
            environment={**emulator.environment, **environment},
        )
        assert len(listener.received) == 2, "a second tunnel after the first connection broke"
    assert run.result("Run")["changed"] is True
    assert [entry["method"] for entry in emulator.requests()] == ["GET", "POST", "GET"]
    assert len(emulator.services()) == 1


def test_no_secret_is_in_a_command_line_or_a_file(tmp_path: Path) -> None:
    """Neither while a module waits for the API nor afterwards."""
    token = secrets.token_hex(16)
    with Emulator(latency=2, accounts=[{"account_sid": "AC" + "1" * 32, "auth_token": token}]) as emulator:
        run, command_lines = run_and_watch_processes(emulator, tmp_path)
    assert run.result("list")["services"] == []
    assert any("AnsiballZ_service_info" in line for line in command_lines), "the module's process was not found"
    secret_forms = [token, emulator.authorization.partition(" ")[2]]
    assert not any(secret in line for line in command_lines for secret in secret_forms)
    assert os.listdir(tmp_path) == []


def run_and_watch_processes(emulator: Emulator, folder: Path) -> tuple[Run, list[str]]:
    """List the Services, with temporary files in the folder, and return the command lines of all processes as well."""
    command_lines: list[str] = []
    finished = threading.Event()

    def watch() -> None:
        while not finished.wait(0.2):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    command_lines.append(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
                except OSError:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        settings = {
            "ANSIBLE_REMOTE_TEMP": str(folder),
            "ANSIBLE_LOCAL_TEMP": str(folder),
            # In-process execution has neither a command line nor a file of its own.
            "TWILIO_PROXY_IN_PROCESS": "false",
        }
        run = list_services(emulator, {"list": {}}, **settings)
    finally:
        finished.set()
        watcher.join()
    return run, command_lines
