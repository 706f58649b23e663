# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Borders: whom the modules trust, through whom they speak, and that a secret stays where it belongs."""

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

from ansible_collections.twilio.proxy.tests.support.between import Front, proxy, tls_front
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

from .command_line import Run, playbook

PAIR = base64.b64encode(f"AC{'0' * 32}:emulator-auth-token".encode())


class Trust(t.NamedTuple):
    """A throw-away CA: as a file, as a directory that OpenSSL reads, and a context for a server named localhost."""

    file: Path
    directory: Path
    server: ssl.SSLContext


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    """The CA that the server's certificate is from."""
    folder = tmp_path_factory.mktemp("ca")
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    hashed = folder / "directory"
    hashed.mkdir()
    ca.cert_pem.write_to_path(str(hashed / "ca.pem"))
    subprocess.run(["openssl", "rehash", str(hashed)], check=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    return Trust(folder / "ca.pem", hashed, context)


@pytest.fixture
def front(emulator: Emulator, trust: Trust) -> t.Iterator[Front]:
    """TLS in front of the emulator."""
    with tls_front(int(emulator.base_url.rpartition(":")[2]), trust.server) as served:
        yield served


def listing(emulator: Emulator, cases: t.Mapping[str, t.Mapping[str, t.Any]], *options: str, **variables: str) -> Run:
    """A playbook with a task for each case, which lists the Services with these options and keywords."""
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
    # The spelling in lower case wins over the other one.
    clean = dict.fromkeys(("http_proxy", "https_proxy", "no_proxy", "REQUESTS_CA_BUNDLE"), "")
    return playbook(
        [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}],
        *options,
        environment={**emulator.environment, **clean, **variables},
    )


def test_tls(emulator: Emulator, front: Front, trust: Trust, tmp_path: Path) -> None:
    """A certificate is verified, by whichever CA was named, unless that was switched off."""
    url = f"https://localhost:{front.port}"
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("This is no certificate.\n")
    run = listing(
        emulator,
        {
            "CA file": {"base_url": url, "ca_path": str(trust.file)},
            "CA directory": {"base_url": url, "ca_path": str(trust.directory)},
            "CA of requests": {"base_url": url, "environment": {"REQUESTS_CA_BUNDLE": str(trust.file)}},
            "no verification": {"base_url": url, "validate_certs": False},
            "unknown CA": {"base_url": url},
            "other name": {"base_url": f"https://127.0.0.1:{front.port}", "ca_path": str(trust.file)},
            "no CA": {"base_url": url, "ca_path": str(nonsense)},
        },
    )
    for trusted in ("CA file", "CA directory", "CA of requests", "no verification"):
        assert run.result(trusted)["services"] == [], trusted
    assert len(emulator.requests()) == 4
    assert "validate_certs is false" in str(run.result("no verification")["warnings"])
    for untrusted in ("unknown CA", "other name"):
        msg = run.result(untrusted)["msg"]
        assert "was not accepted" in msg, untrusted
        assert "ca_path" in msg
        assert msg.endswith("Nothing was changed.")
    msg = run.result("no CA")["msg"]
    assert msg.startswith(f"ca_path: '{nonsense}' is refused, it must be a file or a directory of PEM certificates.")
    assert msg.endswith("No request was sent.")


def test_proxies(emulator: Emulator, front: Front, trust: Trust) -> None:
    """A proxy opens a tunnel and sees no credentials of ours; plain http, which is for loopback, passes it by."""
    options = {"base_url": f"https://localhost:{front.port}", "ca_path": str(trust.file)}
    with proxy() as open_proxy, proxy(b"407 Proxy Authentication Required") as closed_proxy:
        through = {"https_proxy": f"http://somebody:proxys-own-secret@127.0.0.1:{open_proxy.port}"}
        closed = {"https_proxy": f"http://somebody:proxys-own-secret@127.0.0.1:{closed_proxy.port}"}
        plain = {"http_proxy": f"http://127.0.0.1:{closed_proxy.port}"}
        run = listing(
            emulator,
            {
                "through": {**options, "environment": through},
                "around": {**options, "environment": {**closed, "no_proxy": "localhost"}},
                "plain": {"environment": {**closed, **plain}},
                "closed": {**options, "environment": closed},
            },
            "-vvvv",
        )
        assert all(run.result(name)["services"] == [] for name in ("through", "around", "plain"))
        assert f"the proxy 127.0.0.1:{closed_proxy.port} did not let" in run.result("closed")["msg"]
        heads = open_proxy.heads + closed_proxy.heads
    assert [head.split(b"\r\n")[0].rpartition(b" ")[0] for head in heads] == [
        f"CONNECT localhost:{front.port}".encode()
    ] * 2
    assert not any(PAIR in head or b"emulator-auth-token" in head for head in heads)
    assert any(b"Basic " + PAIR in head for head in front.heads)
    # Ansible prints the keyword "environment" of nobody; what the modules say has neither secret.
    assert "proxys-own-secret" not in str([entry.result for entry in run.recorded])
    assert "emulator-auth-token" not in run.output


def test_a_create_behind_a_proxy_is_not_repeated_blindly(emulator: Emulator, front: Front, trust: Trust) -> None:
    """A connection that breaks behind a proxy is no proxy that refuses: the request may have been carried out."""
    emulator.fault({"kind": "cut", "when": "after"}, method="POST")
    options = {"unique_name": "rides", "base_url": f"https://localhost:{front.port}", "ca_path": str(trust.file)}
    with proxy() as between:
        environment = {"https_proxy": f"http://127.0.0.1:{between.port}", "no_proxy": "", "REQUESTS_CA_BUNDLE": ""}
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
        assert len(between.heads) == 2, "one tunnel, and another one after it broke"
    assert run.result("Run")["changed"] is True
    assert [entry["method"] for entry in emulator.requests()] == ["GET", "POST", "GET"]
    assert len(emulator.services()) == 1


def test_no_process_and_no_file_tells_a_secret(tmp_path: Path) -> None:
    """While a module waits for the API, and after it."""
    token = secrets.token_hex(16)
    with Emulator(latency=2, accounts=[{"account_sid": "AC" + "1" * 32, "auth_token": token}]) as emulator:
        run, lines = watched(emulator, tmp_path)
    assert run.result("slow")["services"] == []
    assert any("AnsiballZ_service_info" in line for line in lines), "the module was not seen at work"
    told = [token, emulator.authorization.partition(" ")[2]]
    assert not any(secret in line for line in lines for secret in told)
    assert os.listdir(tmp_path) == []


def watched(emulator: Emulator, folder: Path) -> tuple[Run, list[str]]:
    """A run whose temporary files are in the folder, and the command lines of all processes meanwhile."""
    seen: list[str] = []
    running = threading.Event()

    def watch() -> None:
        while not running.wait(0.2):
            for process in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.append(process.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
                except OSError:
                    continue

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        settings = {
            "ANSIBLE_REMOTE_TEMP": str(folder),
            "ANSIBLE_LOCAL_TEMP": str(folder),
            # In the controller's own process there is neither a command line nor a file to tell anything.
            "TWILIO_PROXY_IN_PROCESS": "false",
        }
        run = listing(emulator, {"slow": {}}, **settings)
    finally:
        running.set()
        watching.join()
    return run, seen
