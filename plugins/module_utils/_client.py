# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Requests to the API: one session, its credentials for one origin, timeouts, retries, pages.

Does not import Ansible. Source of the hosts and names: Twilio's documentation and its official clients.
"""

from __future__ import annotations

import functools
import http.cookiejar
import json
import random
import re
import sys
import threading
import time
import typing as t
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from ansible_collections.twilio.proxy.plugins.module_utils._errors import (
    REQUESTS_ERROR,
    Answer,
    ApiError,
    Stopped,
    TooLargeError,
    malformed,
    no_answer,
    refusal,
)
from ansible_collections.twilio.proxy.plugins.module_utils._resources import (
    MAX_PAGE_SIZE,
    Field,
    Object,
    Resource,
    normalize_sid,
)
from ansible_collections.twilio.proxy.plugins.module_utils._validation import (
    label,
    object_problem,
    page_problem,
    quoted,
    visible,
)
from ansible_collections.twilio.proxy.plugins.module_utils._version import VERSION

if REQUESTS_ERROR is None:
    import requests
    import urllib3

FIRST_WAIT = 0.5  # seconds before the first retry; doubled from one to the next
LONGEST_WAIT = 8.0  # seconds, unless the server asks for more
LONGEST_RETRY_AFTER = 60.0  # seconds, if the server asks for more
LARGEST_ANSWER = 64 * 1024 * 1024  # bytes; a page of the largest Services has a fifth of that
CHUNK = 65536  # bytes of a body that are read at once, at most
CHUNK_OF_OLD_URLLIB3 = 1024  # bytes: urllib3 before 2.2 waits until it has a whole chunk
IDLE = 5.0  # seconds after which a connection is not reused: the server may be about to close it
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Credentials:
    """Username and password of Basic authentication: an account SID and its auth token, or an API key and its secret.

    ``account_sid`` is the account that they should belong to. Objects of another account are an error.
    """

    username: str
    password: str = field(repr=False)
    account_sid: str | None = None


@dataclass
class Observed:
    """Facts from the answers to all clients of a task.

    ``account`` is true once the account is known to be that of account_sid, or cannot be known better. ``host`` is true
    once the host has answered as the API does.
    """

    account: bool = False
    host: bool = False


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme)


class Client:
    """A session with the API. Every method that sends a request raises ApiError unless the answer is a success.

    ``timeout`` is in seconds and limits connecting, each wait for data, and reading a body. ``retries`` is how often a
    request that failed for a transient reason is sent again. ``verify`` is true, false, or the path of a file or
    directory of CA certificates. ``agent`` is added to the User-Agent. ``observed`` is shared by the clients of a task.

    ``writing`` is the last change that was requested since begin(), None if none was or it is known to have failed.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        timeout: float,
        retries: int,
        verify: bool | str,
        agent: str,
        observed: Observed | None = None,
        sleep: t.Callable[[float], t.Any] | None = None,
        jitter: t.Callable[[], float] = random.random,
    ) -> None:
        self.retries = retries
        self.on_retry: t.Callable[[str], None] = lambda _line: None
        self.writing: str | None = None
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._verify = verify
        self._account_sid = credentials.account_sid
        self._observed = observed or Observed()
        # An auth token belongs to its account SID. An API key does not show its account.
        self._observed.account |= credentials.account_sid in (None, credentials.username)
        self._stopped = threading.Event()
        self._sleep = self._stopped.wait if sleep is None else sleep
        self._jitter = jitter
        self._used = time.monotonic()
        self._session = requests.Session()
        # The API needs no cookies, and one that a gateway sets would be sent by later tasks.
        self._session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        self._session.auth = requests.auth.HTTPBasicAuth(
            # Bytes, because requests encodes str as Latin-1. Its type stubs do not allow bytes.
            t.cast(str, credentials.username.encode()),
            t.cast(str, credentials.password.encode()),
        )
        self._session.headers.update({"Accept": "application/json", "User-Agent": _user_agent(agent)})
        if not verify:
            # The module warns once.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        # Plain http is for loopback only, and a proxy would receive the credentials unencrypted.
        self._session.trust_env = urlsplit(base_url).scheme != "http"

    def begin(self, on_retry: t.Callable[[str], None]) -> None:
        """Start a unit of work. ``on_retry`` is called with a line about each retry before its wait."""
        self.on_retry = on_retry
        self.writing = None

    def pages(
        self,
        resource: Resource,
        page_size: int = MAX_PAGE_SIZE,
        names: t.Sequence[str] | None = None,
        filters: t.Mapping[str, t.Collection[str]] | None = None,
    ) -> t.Iterator[list[Object]]:
        """Yield the pages of the resource's list. A page is requested only when it is needed.

        The API may answer with smaller pages than ``page_size``. ``names`` are the fields to return of each object, in
        this order; all by default. ``filters`` are the values that fields may have.
        """
        read = _reader(resource.fields if names is None else [resource.field(name) for name in names])
        operation = f"list the {resource.name}s"
        url = f"{self._base_url}{resource.url_path}?PageSize={page_size}"
        seen = {url}
        while True:
            answer = self._request(operation, "GET", url)
            problem = page_problem(resource, answer.body)
            if problem is not None:
                raise malformed(operation, answer, problem)
            self._see_account(operation, answer.body[resource.list_key])
            items = answer.body[resource.list_key]
            if filters or resource.deleted_field:
                items = [item for item in items if not resource.is_deleted(item) and matches(item, filters)]
            yield list(map(read, items))
            next_url = answer.body["meta"]["next_page_url"]
            if not next_url:
                return
            url = self._next_page(operation, next_url, seen)

    def _next_page(self, operation: str, next_url: str, seen: set[str]) -> str:
        try:
            foreign = _origin(next_url) != _origin(self._base_url)
        except ValueError:
            foreign = True
        if foreign:
            raise ApiError(
                operation,
                "the answer's next_page_url points to another host, which must not get the credentials",
                advice="Set base_url, or region and edge, to the host that answers.",
            )
        if next_url in seen:
            raise ApiError(operation, "the answer's next_page_url points to a page that was read before")
        seen.add(next_url)
        parts = urlsplit(next_url)
        # Scheme and host are those of base_url: two parsers may read an odd URL differently.
        scheme, netloc = urlsplit(self._base_url)[:2]
        return parts._replace(scheme=scheme, netloc=netloc, fragment="").geturl()

    def find(self, resource: Resource, name: str) -> Object | None:
        """Return the object with exactly this name, or None. Read the list up to its page."""
        for page in self.pages(resource):
            for item in page:
                if item[resource.name_field] == name:
                    return item
        return None

    def fetch(self, resource: Resource, sid: str) -> Object | None:
        """Return the object with this SID, or None."""
        try:
            found = self._object(resource, f"read the {resource.name} {sid}", "GET", sid)
        except ApiError as failure:
            if failure.says_absent(resource):
                return None
            raise
        return None if resource.is_deleted(found) else found

    @property
    def knows_account(self) -> bool:
        """Whether the account is known to be that of account_sid, as far as answers to reads can show."""
        return self._observed.account

    def check_account(self, resource: Resource) -> bool:
        """Return whether the account is known, or the parent is absent, so that no change can be made in it.

        Read the parent if no answer has named the account yet. Raise ApiError if it is in another account.
        """
        if not self.knows_account and resource.parent is not None and resource.parent_sid is not None:
            return self.fetch(resource.parent, resource.parent_sid) is None or self.knows_account
        return self.knows_account

    def create(self, resource: Resource, values: t.Mapping[str, t.Any]) -> Object:
        """Create an object and return it. A request that may have been applied is not repeated: see ApiError."""
        name = quoted(values[resource.name_field]) if resource.name_field in values else values["sid"]
        operation = f"{resource.create_word} the {resource.name} {name}"
        return self._object(resource, operation, "POST", None, values, repeatable=False)

    def update(self, resource: Resource, sid: str, values: t.Mapping[str, t.Any]) -> Object:
        """Set values of the object with this SID and return it."""
        repeatable = resource.may_repeat(values)
        return self._object(resource, f"update the {resource.name} {sid}", "POST", sid, values, repeatable=repeatable)

    def delete(self, resource: Resource, sid: str) -> None:
        """Delete the object with this SID."""
        operation = f"{resource.delete_word} the {resource.name} {sid}"
        answer = self._request(operation, "DELETE", self._object_url(resource, sid))
        # The object itself is a possible answer to a soft deletion. Any other body is not from the API.
        if answer.body is not None and not (isinstance(answer.body, dict) and answer.body.get("sid") == sid):
            why = f"it is neither empty nor this {resource.name}"
            raise malformed(operation, answer, why, may_have_been_applied=True)

    def pause(self, attempt: int, failure: ApiError) -> None:
        """Wait after a failure: as long as the server asked, within limits, or with exponential backoff."""
        wait = min(FIRST_WAIT * 2**attempt, LONGEST_WAIT)
        if failure.retry_after is not None:
            # Not shorter than the backoff: clients that are all told 0 seconds would all come back at once.
            wait = max(wait, min(failure.retry_after, LONGEST_RETRY_AFTER))
        # Jitter of up to a quarter, so that many clients do not come back at once.
        wait *= 1 + self._jitter() / 4
        self.on_retry(visible(f"Retry {attempt + 1} in {wait:.1f} seconds: {failure}"))
        self._sleep(wait)

    def stop(self) -> None:
        """Send no more requests, from any thread, and close the connections.

        A request that was sent before may still be applied.
        """
        self._stopped.set()
        self._session.close()

    def _object_url(self, resource: Resource, sid: str | None) -> str:
        return self._base_url + resource.url_path + (f"/{sid}" if sid else "")

    def _object(
        self,
        resource: Resource,
        operation: str,
        method: str,
        sid: str | None,
        values: t.Mapping[str, t.Any] | None = None,
        repeatable: bool = True,
    ) -> Object:
        form = None if values is None else to_form(resource, values)
        answer = self._request(operation, method, self._object_url(resource, sid), form=form, repeatable=repeatable)
        problem = object_problem(resource, answer.body)
        if problem is not None:
            raise malformed(operation, answer, problem, may_have_been_applied=method != "GET")
        self._see_account(operation, [answer.body], None if method == "GET" else label(resource, answer.body))
        return _reader(resource.fields)(answer.body)

    def _see_account(self, operation: str, items: t.Sequence[Object], written: str | None = None) -> None:
        # ``written`` labels the object that was created or changed, if one was.
        self._observed.host = True
        accounts = {normalize_sid(sid) for sid in {item.get("account_sid") for item in items}} - {None, ""}
        other = next(iter(accounts - {self._account_sid}), None)
        if self._account_sid and other:
            made = f"The change was made in {other}: it now has the {written}. Undo it there. " if written else ""
            raise ApiError(
                operation,
                f"the credentials belong to the account {other}, but account_sid is {self._account_sid}",
                advice=f"{made}Set account_sid to the account of the API key, or leave it out.",
                applied=written is not None,
            )
        self._observed.account |= bool(accounts or written)

    def _request(
        self,
        operation: str,
        method: str,
        url: str,
        *,
        form: list[tuple[str, str]] | None = None,
        repeatable: bool = True,
    ) -> Answer:
        may_have_been_applied = False
        written_before = self.writing
        attempt = 0
        while True:
            if method != "GET":
                self.writing = operation
            try:
                return self._attempt(operation, method, url, form)
            except ApiError as failure:
                may_have_been_applied = method != "GET" and (failure.may_have_been_applied or may_have_been_applied)
                if not may_have_been_applied:
                    self.writing = written_before
                once_only = may_have_been_applied and not repeatable
                if attempt == self.retries or once_only or not failure.transient:
                    raise replace(failure, may_have_been_applied=may_have_been_applied, tries=attempt + 1) from failure
                self.pause(attempt, failure)
            attempt += 1

    def _attempt(self, operation: str, method: str, url: str, form: list[tuple[str, str]] | None) -> Answer:
        now = time.monotonic()
        if now - self._used > IDLE:
            self._session.close()  # only its idle connections
        self._used = now
        if self._stopped.is_set():
            raise Stopped(operation, "the task has ended")
        try:
            response = self._session.request(
                method,
                url,
                data=form,
                timeout=(self._timeout, self._timeout),
                allow_redirects=False,
                # Passed with each request, because REQUESTS_CA_BUNDLE overrides the session's.
                verify=self._verify,
                stream=True,
            )
            with response:
                content = _content(response, self._timeout)
        # Exceptions of requests are OSErrors. It does not expect every malformed URL of a proxy.
        except (OSError, TypeError, ValueError, urllib3.exceptions.HTTPError, TooLargeError) as lost:
            raise no_answer(operation, urlsplit(self._base_url).netloc, self._timeout, lost, self._proxy(url)) from None
        try:
            body = _decoded(content)
        except (ValueError, RecursionError):
            body = None
        answer = Answer(response.status_code, response.headers, body)
        is_empty = method == "DELETE" and not content
        if 200 <= answer.status < 300 and (body is not None or is_empty):
            return answer
        raise refusal(operation, answer, self._observed.host)

    def _proxy(self, url: str) -> str | None:
        """Return the URL of the proxy for this URL, or None."""
        settings = self._session.merge_environment_settings(url, {}, None, None, None)
        return requests.utils.select_proxy(url, settings["proxies"])


def matches(item: Object, filters: t.Mapping[str, t.Collection[str]] | None) -> bool:
    """Return whether each of these fields has one of its values."""
    return all(item.get(name) in values for name, values in (filters or {}).items())


def _reader(fields: t.Sequence[Field]) -> t.Callable[[Object], Object]:
    """Return a function that returns these fields of an object in an answer, normalized."""
    names = [field.name for field in fields]
    normalizers = [(field.name, field.normalize) for field in fields if field.needs_normalizing]

    def read(item: Object) -> Object:
        get = item.get
        found = {name: get(name) for name in names}
        for name, normalize in normalizers:
            # null is returned as null, although normalize() would make the default of it.
            if found[name] is not None:
                found[name] = normalize(found[name])
        return found

    return read


#: Possible sources of a lone surrogate: an escape, its bytes, or (recognized by NUL) another encoding than UTF-8.
_SURROGATES = (rb"\ud", rb"\uD", b"\xed", b"\0")


def _decoded(content: bytes) -> t.Any:
    """Return the decoded JSON, with lone surrogates escaped: they cannot be printed."""
    body = json.loads(content)
    if not any(source in content for source in _SURROGATES):
        return body
    text = json.dumps(body, ensure_ascii=False)
    return json.loads(re.sub("[\ud800-\udfff]", lambda found: rf"\\u{ord(found[0]):x}", text))


def _content(response: requests.Response, seconds: float) -> bytes:
    """Return the body. Raise requests.ReadTimeout if reading all of it takes longer than this."""
    content = bytearray()
    end = time.monotonic() + seconds
    read1 = getattr(response.raw, "read1", None)  # returns what has arrived; since urllib3 2.2
    chunks = iter(lambda: read1(CHUNK, True), b"") if read1 else response.iter_content(CHUNK_OF_OLD_URLLIB3)
    for chunk in chunks:
        content += chunk
        if len(content) > LARGEST_ANSWER:
            raise TooLargeError(f"the answer is larger than {LARGEST_ANSWER} bytes")
        if time.monotonic() > end:
            raise requests.ReadTimeout
    return bytes(content)


def _user_agent(agent: str) -> str:
    python, library = f"Python/{sys.version.split()[0]}", f"requests/{requests.__version__}"
    return " ".join(part for part in (f"ansible-twilio-proxy/{VERSION}", agent, python, library) if part)


def to_form(resource: Resource, values: t.Mapping[str, t.Any]) -> list[tuple[str, str]]:
    """Return the parameters of a request in the table's order: one for each value, and for each element of a list."""
    return [
        (field.param, _text(item, field.elements))
        for field in resource.settable
        if field.param is not None and field.name in values
        for item in (values[field.name] if field.type == "list" else [values[field.name]])
    ]


def _text(value: t.Any, elements: t.Sequence[Field] = ()) -> str:
    if elements:
        return json.dumps({field.param: value[field.name] for field in elements if value.get(field.name) is not None})
    return str(value).lower() if isinstance(value, bool) else str(value)


def clients(count: int, *args: t.Any, **options: t.Any) -> tuple[Client, ...]:
    """Return ``count`` clients that share what they observe, for requests at the same time."""
    make = functools.partial(Client, *args, observed=Observed(), **options)
    return tuple(make() for _number in range(count))
