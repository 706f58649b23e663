# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a live account what Twilio does not document about the Proxy API, and print the answers as a Markdown table.

    python tests/live/probe.py            # sends GET only
    python tests/live/probe.py --write    # also creates Services named ansible-probe-..., and deletes them

Needs Python 3.11 and requests. Credentials come from TWILIO_API_KEY and TWILIO_API_SECRET, or else from
TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN. They go to the host of --base-url only. The table holds no SID, no name and no
secret.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import secrets
import signal
import sys
import time
import typing as t
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import requests

NAMES = "ansible-probe-"
SID = "[A-Z]{2}[0-9a-fA-F]{32}"
TIMEOUT = (10, 30)  # seconds to connect, and between two bytes of an answer
WAIT = 2.0  # seconds before a second attempt
ATTEMPTS = 3
CREATION_CLOSED, ACCOUNT_FULL, NAME_TAKEN = 80506, 21102, (80602, 80603)
ABSENT = {"Service": 80408, "phone number": 80407, "Session": 80409, "Participant": 80405, "Interaction": 80403}
MODES = ("message-only", "voice-only", "voice-and-message")
GEO_MATCH_LEVELS = ("country", "area-code", "extended-area-code", "overlay", "radius")


@dataclass(frozen=True)
class Answer:
    """The answer to one request. The status is 0 if there was none, the body is empty if it was no JSON object."""

    status: int
    body: Mapping[str, t.Any]

    @property
    def code(self) -> int | None:
        code = self.body.get("code")
        return code if isinstance(code, int) else None

    @property
    def sid(self) -> str | None:
        return _sid(self.body) if self.ok else None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Whether Twilio, and not a gateway, refused the request, so that it changed nothing."""
        return 400 <= self.status < 500 and (self.body.get("status") == self.status or self.code is not None)

    @property
    def evidence(self) -> str:
        return f"{self.status or 'no answer'}" + (f"/{self.code}" if self.code is not None else "")

    def items(self, key: str) -> list[dict[str, t.Any]]:
        """Return the objects of a page."""
        items = self.body.get(key)
        return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _sid(item: Mapping[str, t.Any]) -> str | None:
    sid = item.get("sid")
    return sid if isinstance(sid, str) and re.fullmatch(SID, sid) else None


#: The meaning of the answers to a question, None if they settle nothing. Made of constants and numbers only.
Verdict = Callable[[Sequence[Answer]], str | None]


@dataclass(frozen=True, eq=False)
class Request:
    """A request that is sent once, however many questions need its answer.

    Words in braces in the path and the form stand for what is known. ``learns`` is the word for the SID in the answer.
    """

    method: str
    path: str
    form: str = ""
    learns: str | None = None

    @property
    def creates_service(self) -> bool:
        return (self.method, self.path) == ("POST", "/Services")


@dataclass(frozen=True)
class Question:
    """A row of the table. The last request asks the question, and those before it have to succeed."""

    text: str
    verdict: Verdict
    requests: tuple[Request, ...]

    @property
    def writes(self) -> bool:
        return any(request.method != "GET" for request in self.requests)


def absent(code: int) -> Verdict:
    def verdict(answers: Sequence[Answer]) -> str | None:
        last = answers[-1]
        known = {(400, code): "400 with its own code", (400, None): "400 without a code", (404, 20404): "generic 404"}
        return None if last.ok else known.get((last.status, last.code), "otherwise")

    return verdict


def either(if_accepted: str, if_refused: str) -> Verdict:
    other_reasons = {*ABSENT.values(), CREATION_CLOSED, ACCOUNT_FULL}

    def verdict(answers: Sequence[Answer]) -> str | None:
        last = answers[-1]
        about_it = last.status in (400, 409, 422) and last.code not in other_reasons
        return if_accepted if last.ok else if_refused if about_it else None

    return verdict


def name_free(answers: Sequence[Answer]) -> str | None:
    return "yes" if answers[-1].ok else "no" if answers[-1].code in NAME_TAKEN else None


def created(answers: Sequence[Answer]) -> str | None:
    reasons = {CREATION_CLOSED: "no, creation is closed for the account", ACCOUNT_FULL: "no, the account is full"}
    return "yes" if answers[-1].ok else reasons.get(answers[-1].code or 0)


def same_object(answers: Sequence[Answer]) -> str | None:
    by_sid, by_name = answers
    if by_name.ok:
        return "yes" if by_name.sid == by_sid.sid else None
    return "no" if by_name.status in (400, 404) else None


def order_of_services(answers: Sequence[Answer]) -> str | None:
    dates = [str(item.get("date_created")) for item in answers[-1].items("services")]
    if len(set(dates)) < 2:
        return None
    orders = {"oldest first": sorted(dates), "newest first": sorted(dates, reverse=True)}
    return next((words for words, order in orders.items() if order == dates), "not by date")


def cleared(answers: Sequence[Answer]) -> str | None:
    words = {None: "null", "": "an empty string"}
    at_once, later = (words.get(answer.body.get("callback_url", "missing")) for answer in answers)
    return at_once if at_once == later else f"{at_once or 'a value'} at once, {later or 'a value'} later"


def default_mode(answers: Sequence[Answer]) -> str | None:
    mode = answers[-1].body.get("mode")
    return mode if mode in MODES else None


def default_expiry(answers: Sequence[Answer]) -> str | None:
    body = answers[-1].body
    if body.get("date_expiry", "missing") is None:
        return "date_expiry is null"
    try:
        expiry, start = (dt.datetime.fromisoformat(body[name]) for name in ("date_expiry", "date_created"))
        return f"after {(expiry - start).total_seconds() / 86400:.0f} days"
    except (KeyError, TypeError, ValueError):
        return None


def listed(answers: Sequence[Answer]) -> str | None:
    wanted, page = answers
    return "yes" if wanted.sid in map(_sid, page.items("sessions")) else "no" if page.ok else None


accepted, refused = either("yes", "no"), either("accepted", "refused")

SERVICE = "/Services/{new_service}"
NUMBERS, SESSIONS = f"{SERVICE}/PhoneNumbers", f"{SERVICE}/Sessions"
LIST, READ = Request("GET", "/Services?PageSize=100"), Request("GET", "/Services/{service}")
CREATE = Request("POST", "/Services", "UniqueName={name}&CallbackUrl=https://example.com/ansible-probe", "new_service")
SESSION = Request("POST", SESSIONS, learns="session")
NAMED_SESSION = Request("POST", SESSIONS, "UniqueName={name}", "named_session")
CLOSE, CLOSE_AGAIN = (Request("POST", f"{SESSIONS}/{{named_session}}", "Status=closed") for _attempt in range(2))


def _ask(text: str, verdict: Verdict, *requests: Request) -> Question:
    return Question(text, verdict, requests)


def _absent(what: str, path: str) -> Question:
    return _ask(f"How is an absent {what} answered?", absent(ABSENT[what]), Request("GET", path))


def _update(text: str, verdict: Verdict, form: str) -> Question:
    return _ask(text, verdict, Request("POST", SERVICE, form))


#: In the order in which they are asked. What writes creates a Service, or is below the Service that was created.
QUESTIONS = (
    _ask("Can the account create a Service?", created, CREATE),
    _absent("Service", "/Services/{absent_service}"),
    _absent("phone number", "/Services/{service}/PhoneNumbers/{absent_number}"),
    _absent("Session", "/Services/{service}/Sessions/{absent_session}"),
    _ask("Does a list take PageSize=1001?", accepted, Request("GET", "/Services?PageSize=1001")),
    _ask("In which order are Services listed?", order_of_services, LIST),
    _ask("Can a Service be fetched by its name?", same_object, READ, Request("GET", "/Services/{service_name}")),
    _ask("Can two Services have one name?", name_free, CREATE, Request("POST", "/Services", "UniqueName={name}")),
    _ask("Can names differ in case only?", name_free, CREATE, Request("POST", "/Services", "UniqueName={other_case}")),
    *(_update(f"Does GeoMatchLevel take {level}?", accepted, f"GeoMatchLevel={level}") for level in GEO_MATCH_LEVELS),
    _update("How is an invalid value answered?", refused, "NumberSelectionBehavior=ansible-probe"),
    _ask(
        "What does a cleared field read as?", cleared, Request("POST", SERVICE, "CallbackUrl="), Request("GET", SERVICE)
    ),
    _ask("How is a number answered that the account lacks?", refused, Request("POST", NUMBERS, "Sid={absent_number}")),
    _ask("Which mode has a Session by default?", default_mode, SESSION),
    _ask("When does a Session expire by default?", default_expiry, SESSION),
    _ask("Does a Session take Ttl=0?", accepted, Request("POST", SESSIONS, "Ttl=0")),
    _absent("Participant", f"{SESSIONS}/{{session}}/Participants/{{absent_participant}}"),
    _absent("Interaction", f"{SESSIONS}/{{session}}/Interactions/{{absent_interaction}}"),
    _ask("Can a Session be fetched by its name?", same_object, NAMED_SESSION, Request("GET", f"{SESSIONS}/{{name}}")),
    _ask("Can a closed Session be closed?", accepted, CLOSE, CLOSE_AGAIN),
    _ask("Are closed Sessions listed?", listed, CLOSE, Request("GET", f"{SESSIONS}?PageSize=100")),
    _ask("Is a closed Session's name free?", name_free, CLOSE, Request("POST", SESSIONS, "UniqueName={name}")),
    _ask("Can an open Session be deleted?", accepted, SESSION, Request("DELETE", f"{SESSIONS}/{{session}}")),
)


class Api:
    """Sends requests to one host. Follows no redirect."""

    def __init__(self, base_url: str, username: str, password: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._session = requests.Session()
        self._session.auth = (username, password)
        # A proxy could read the credentials in plain http, which is for loopback only.
        self._session.trust_env = urlsplit(base_url).scheme == "https"

    def send(self, method: str, path: str, form: str = "") -> Answer:
        """Send a request; again only if a rate limit kept it from being processed."""
        for attempt in range(ATTEMPTS):
            time.sleep(WAIT * attempt)
            answer = self._send(method, path, form)
            if answer.status != 429:
                break
        return answer

    def _send(self, method: str, path: str, form: str) -> Answer:
        data = dict(parse_qsl(form, keep_blank_values=True))
        url = f"{self._base_url}/v1{path}"
        try:
            response = self._session.request(method, url, data=data, timeout=TIMEOUT, allow_redirects=False)
            body = response.json() if response.content else None
        except requests.JSONDecodeError:
            body = None
        except requests.RequestException:
            return Answer(0, {})
        return Answer(response.status_code, body if isinstance(body, dict) else {})

    def services(self) -> Iterator[dict[str, t.Any]]:
        """Read all Services. Raises ValueError if a page cannot be read, or the next one is on another host."""
        path = LIST.path
        while path:
            answer = self.send("GET", path)
            if not answer.ok:
                raise ValueError(answer.evidence)
            yield from answer.items("services")
            meta = answer.body.get("meta")
            url = str(meta.get("next_page_url") or "") if isinstance(meta, dict) else ""
            if url and urlsplit(url)[:2] != urlsplit(self._base_url)[:2]:
                raise ValueError("next_page_url is on another host")
            path = urlsplit(url)._replace(scheme="", netloc="").geturl().removeprefix("/v1")


class Probe:
    """One run: asks the questions, and deletes the Services that it created."""

    def __init__(self, api: Api, write: bool) -> None:
        self._api, self._write = api, write
        self._prefix = f"{NAMES}{secrets.token_hex(8)}-"
        self._known = {"name": f"{self._prefix}name", "other_case": f"{self._prefix}NAME"}
        prefixes = {"service": "KS", "number": "PN", "session": "KC", "participant": "KP", "interaction": "KI"}
        self._known |= {f"absent_{word}": prefix + secrets.token_hex(16) for word, prefix in prefixes.items()}
        self._answers: dict[Request, Answer] = {}
        self._created: dict[str, str] = {}  # names by SID
        self._unclear: set[str] = set()  # names of Services that may have been created

    def use_a_service_of(self, page: Answer) -> None:
        """Choose a Service for the questions that only read: if possible, one whose name needs no quoting in a path."""
        for item in page.items("services"):
            sid, name = _sid(item), str(item.get("unique_name"))
            if sid:
                self._known.setdefault("service", sid)
                if re.fullmatch("[A-Za-z0-9_-]+", name) and not re.fullmatch(SID, name):
                    self._known |= {"service": sid, "service_name": name}
                    return

    def ask(self, question: Question) -> tuple[str, str, str]:
        """Return the row of a question."""
        if question.writes and not self._write:
            return question.text, "not settled: it needs --write", ""
        answers: list[Answer] = []
        try:
            for request in question.requests:
                answers.append(self._answer(request))
                if not answers[-1].ok:
                    break
        except KeyError as word:
            reason = f"there is no {word.args[0].replace('_', ' ')}" if self._write else "it needs --write"
            return question.text, f"not settled: {reason}", ""
        last, complete = answers[-1], len(answers) == len(question.requests)
        settles = complete and (last.ok or (last.refused and last.status not in (401, 429)))
        verdict = question.verdict(answers) if settles else None
        return question.text, verdict or "not settled", ", ".join(answer.evidence for answer in answers)

    def _answer(self, request: Request) -> Answer:
        if request not in self._answers:
            path, form = request.path.format_map(self._known), request.form.format_map(self._known)
            send = self._create if request.creates_service else self._api.send
            answer = self._answers[request] = send(request.method, path, form)
            if answer.sid and request.learns:
                self._known[request.learns] = answer.sid
                if request is CREATE:
                    self._known |= {"service": answer.sid, "service_name": self._known["name"]}
        return self._answers[request]

    def _create(self, method: str, path: str, form: str) -> Answer:
        name = dict(parse_qsl(form))["UniqueName"]
        was_unclear = name in self._unclear
        self._unclear.add(name)
        answer = self._api.send(method, path, form)
        if answer.sid and answer.body.get("unique_name") == name:
            self._created[answer.sid] = name
        elif not answer.refused:
            # It may have been created. An object of another name is not ours: its SID must not be learned.
            return Answer(answer.status, {})
        if not was_unclear:
            self._unclear.remove(name)
        return answer

    def clean_up(self) -> None:
        """Delete what was created. Afterwards ``left`` names what may still exist."""
        self._delete()
        for attempt in range(ATTEMPTS):
            if not self._unclear:
                break
            time.sleep(WAIT * attempt)
            self._find_unclear()
            self._delete()

    def _find_unclear(self) -> None:
        try:
            for item in self._api.services():
                sid, name = _sid(item), str(item.get("unique_name"))
                if sid and name.startswith(self._prefix):
                    self._created[sid] = name
                    self._unclear.discard(name)
        except ValueError as error:
            print(f"Cannot list the Services: {error}", file=sys.stderr)

    def _delete(self) -> None:
        for sid in list(self._created):
            answer = self._api.send("DELETE", f"/Services/{sid}")
            if answer.ok or (answer.status, answer.code) in {(400, ABSENT["Service"]), (404, 20404)}:
                del self._created[sid]

    @property
    def left(self) -> list[str]:
        return sorted({*self._created.values(), *self._unclear})


def run(probe: Probe) -> int:
    """Ask all questions, clean up, and print the table. Return the exit status."""
    rows = [("question", "answer", "status/code"), ("---", "---", "---")]
    status = 0
    try:
        rows.extend(map(probe.ask, QUESTIONS))
    except KeyboardInterrupt:
        status = 130
        print("Interrupted. Deleting what was created.", file=sys.stderr)
    finally:
        try:
            probe.clean_up()
        finally:
            print("\n".join(f"| {' | '.join(row)} |" for row in rows))
            for name in probe.left:
                print(f"Not removed, or may exist: {name}. Delete it.", file=sys.stderr)
    return 1 if probe.left else status


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program. Return the exit status."""
    parser = argparse.ArgumentParser(description="Ask a live account what is not documented about the Proxy API.")
    default = os.environ.get("TWILIO_PROXY_BASE_URL") or "https://proxy.twilio.com"
    parser.add_argument("--base-url", default=default, help="the API; without it TWILIO_PROXY_BASE_URL, then Twilio's")
    parser.add_argument("--write", action="store_true", help=f"also create Services named {NAMES}..., and delete them")
    given = parser.parse_args(arguments)
    url = urlsplit(given.base_url)
    if url.scheme != "https" and (url.scheme, url.hostname) not in {("http", "127.0.0.1"), ("http", "localhost")}:
        parser.error("--base-url: must be https, or http on 127.0.0.1 or localhost.")
    with_key = os.environ.get("TWILIO_API_KEY")
    names = ("TWILIO_API_KEY", "TWILIO_API_SECRET") if with_key else ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
    username, password = (os.environ.get(name, "") for name in names)
    if not (username and password):
        parser.error(f"Set {' and '.join(names)}.")
    api = Api(given.base_url, username, password)
    services = api.send("GET", LIST.path)
    if not services.ok:
        print(f"Cannot list the Services: {services.evidence}. Check the credentials and --base-url.", file=sys.stderr)
        return 1
    for name in (str(item.get("unique_name")) for item in services.items("services")):
        if name.startswith(NAMES):
            print(f"{name} exists. Delete it, unless another probe is running.", file=sys.stderr)
    probe = Probe(api, given.write)
    probe.use_a_service_of(services)
    return run(probe)


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    sys.exit(main())
