# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run an emulator during a test, and send requests to it."""

from __future__ import annotations

import base64
import http.client
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import typing as t
import urllib.parse

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "roles" / "emulator" / "files" / "proxy_emulator"

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "emulator-auth-token"

Json = t.Any
Service = dict[str, t.Any]
PhoneNumber = dict[str, t.Any]

TIMEOUT_SECONDS = 60


class Reply(t.NamedTuple):
    """An answer of the emulator; ``headers`` has lower-case names."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        return json.loads(self.body)


class Fault(t.NamedTuple):
    """The arguments of Emulator.fault()."""

    fault: t.Mapping[str, Json]
    method: str | None = None
    path: str | None = None
    skip: int = 0
    times: int | None = 1


class Emulator:
    """A context manager that runs the emulator of this checkout on a free port.

    The requests of this class use ``account_sid`` and ``auth_token`` of the first account.
    """

    def __init__(self, **settings: Json) -> None:
        self._settings = settings
        account = settings.get("accounts", [{"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN}])[0]
        self.account_sid: str = account["account_sid"]
        self.auth_token: str = account["auth_token"]
        self.base_url = ""
        self.pid = 0
        self.log = ""
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Emulator:
        self._folder = tempfile.TemporaryDirectory(prefix="emulator-")
        folder = pathlib.Path(self._folder.name)
        settings, self._log_file = folder / "settings.json", folder / "emulator.log"
        settings.write_text(json.dumps(self._settings), encoding="utf-8")
        with self._log_file.open("w", encoding="utf-8") as log:
            # It ends with its standard input, so that it does not outlive a test that is killed.
            arguments = ["serve", "--port", "0", "--settings", str(settings), "--while-stdin-open"]
            self._process = subprocess.Popen(
                [sys.executable, "-B", os.fspath(PROGRAM), *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        stdout = t.cast(t.IO[str], self._process.stdout)
        ready = json.loads(stdout.readline() or "{}")
        if "base_url" not in ready:
            self.stop()
            raise RuntimeError("The emulator did not start: " + ready.get("error", self.log))
        self.base_url, self.pid = ready["base_url"], ready["pid"]
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the emulator and set ``log`` to its log."""
        if self._process is None:
            return
        self._process.communicate(timeout=TIMEOUT_SECONDS)
        self._process = None
        self.log = self._log_file.read_text(encoding="utf-8")
        self._folder.cleanup()

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that point the modules to this emulator."""
        return {
            "TWILIO_PROXY_BASE_URL": self.base_url,
            "TWILIO_ACCOUNT_SID": self.account_sid,
            "TWILIO_AUTH_TOKEN": self.auth_token,
        }

    def reset(self, **settings: Json) -> None:
        """Delete all objects, faults and recorded requests, and create the objects of the settings.

        The settings are added to those given at the start until the next reset.
        """
        self._control("POST", "/reset", {"settings": settings})

    def fault(
        self,
        fault: t.Mapping[str, Json],
        method: str | None = None,
        path: str | None = None,
        skip: int = 0,
        times: int | None = 1,
    ) -> None:
        """Apply the fault to the requests with this method and a path that matches the regular expression.

        The first ``skip`` of them are left alone, the next ``times`` (None: all) meet the fault.
        """
        rule: dict[str, Json] = {"fault": fault, "skip": skip, "times": times}
        if method is not None:
            rule["method"] = method
        if path is not None:
            rule["path"] = path
        self._control("POST", "/faults", [rule])

    def faults(self) -> list[dict[str, Json]]:
        """Return the fault rules. ``used`` counts the requests that met the fault."""
        return t.cast("list[dict[str, Json]]", self._control("GET", "/faults"))

    def requests(self) -> list[dict[str, Json]]:
        """Return the requests to the API since the last reset, including those of this class."""
        return t.cast("list[dict[str, Json]]", self._control("GET", "/requests"))

    def forget_requests(self) -> None:
        """Delete the recorded requests."""
        self._control("DELETE", "/requests")

    def status(self) -> dict[str, Json]:
        """Return the state and the settings of the emulator."""
        return t.cast("dict[str, Json]", self._control("GET", ""))

    def services(self) -> list[Service]:
        """Return all Services of the first account."""
        return self._all("/v1/Services", "services")

    def create(self, **fields: Json) -> Service:
        """Create a Service. The fields have the names of the API's JSON (``unique_name``)."""
        return t.cast(Service, self._expect(self.send("POST", "/v1/Services", form_of(fields))))

    def owned_numbers(self) -> list[PhoneNumber]:
        """Return the numbers in the settings of the first account, with their SIDs."""
        accounts = self.status()["settings"]["accounts"]
        return next(account["phone_numbers"] for account in accounts if account["account_sid"] == self.account_sid)

    def pool(self, service_sid: str) -> list[PhoneNumber]:
        """Return all numbers in the pool of a Service."""
        return self._all(f"/v1/Services/{service_sid}/PhoneNumbers", "phone_numbers")

    def add_number(self, service_sid: str, **fields: Json) -> PhoneNumber:
        """Add a number to the pool of a Service. The fields have the names of the API's JSON (``is_reserved``)."""
        target = f"/v1/Services/{service_sid}/PhoneNumbers"
        return t.cast(PhoneNumber, self._expect(self.send("POST", target, form_of(fields))))

    def sessions(self, service_sid: str) -> list[Json]:
        """Return all Sessions of a Service."""
        return self._all(f"/v1/Services/{service_sid}/Sessions", "sessions")

    def create_session(self, service_sid: str, **fields: Json) -> Json:
        """Create a Session. The fields have the names of the API's JSON (``unique_name``)."""
        return self._expect(self.send("POST", f"/v1/Services/{service_sid}/Sessions", form_of(fields)))

    def children(self, session: Json, key: str = "participants") -> list[Json]:
        """Return all Participants or Interactions of a Session."""
        return self._all(session["links"][key].removeprefix(self.base_url), key)

    def interact(self, session: Json, kind: str = "message", **members: Json) -> Json:
        """Make an interaction happen in a Session, and return it."""
        return self._control("POST", "/interactions", {"session_sid": session["sid"], "type": kind, **members})

    def move_clock(self, seconds: int) -> None:
        """Move the emulator's time."""
        self._control("POST", "/clock", {"seconds": seconds})

    def send(
        self,
        method: str,
        target: str,
        form: t.Mapping[str, str | t.Sequence[str]] | None = None,
        headers: t.Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        """Send a request on a new connection. A parameter may have several values.

        ``headers`` are added to the credentials.
        """
        sent = {"Authorization": self.authorization}
        if form is not None:
            body = urllib.parse.urlencode(form, doseq=True).encode("ascii")
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        sent.update(headers or {})
        connection = http.client.HTTPConnection(self.base_url.partition("//")[2], timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, target, body, sent)
            answer = connection.getresponse()
            lower_case = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, lower_case, answer.read())
        finally:
            connection.close()

    @property
    def authorization(self) -> str:
        """The value of the header Authorization for the first account."""
        pair = f"{self.account_sid}:{self.auth_token}".encode()
        return "Basic " + base64.b64encode(pair).decode("ascii")

    def _all(self, target: str, key: str) -> list[dict[str, Json]]:
        found: list[dict[str, Json]] = []
        while target:
            page = self._expect(self.send("GET", target))
            found += page[key]
            target = (page["meta"]["next_page_url"] or "").removeprefix(self.base_url)
        return found

    def _control(self, method: str, path: str, document: Json = None) -> Json:
        body = None if document is None else json.dumps(document).encode("ascii")
        return self._expect(self.send(method, "/__emulator__" + path, body=body))

    @staticmethod
    def _expect(reply: Reply) -> Json:
        if reply.status >= http.HTTPStatus.BAD_REQUEST:
            raise RuntimeError(f"The emulator answered {reply.status}: {reply.body.decode('utf-8', 'replace')}")
        return reply.json if reply.body else None


def form_of(fields: t.Mapping[str, Json]) -> dict[str, str]:
    """Return the fields of the API's JSON as the parameters of a request."""
    return {
        "".join(part.title() for part in name.split("_")): value if isinstance(value, str) else json.dumps(value)
        for name, value in fields.items()
    }
