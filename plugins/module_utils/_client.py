# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The way to the API and back: one session, its credentials for one origin, time limits, retries, pages, errors.

Knows HTTP and Twilio, not Ansible. Source of the hosts and names: Twilio's documentation and its official clients.
"""

from __future__ import annotations

import email.utils
import ipaddress
import json
import platform
import queue
import random
import re
import ssl
import threading
import time
import typing as t
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ansible_collections.twilio.proxy.plugins.module_utils._resources import MAX_PAGE_SIZE, Object, Resource
from ansible_collections.twilio.proxy.plugins.module_utils._schema import (
    explain,
    is_object,
    is_page,
    object_schema,
    page_schema,
    shown,
)
from ansible_collections.twilio.proxy.plugins.module_utils._version import VERSION

try:
    import requests
    import urllib3
except ImportError as error:
    REQUESTS_ERROR: ImportError | None = error
else:
    REQUESTS_ERROR = None
    _NEVER_SENT = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)

FIRST_WAIT = 0.5  # seconds before the first retry; doubled from one to the next
LONGEST_WAIT = 8.0  # seconds that this client waits of its own accord
LONGEST_RETRY_AFTER = 60.0  # seconds that it waits because the server asked for it
GRACE = 0.5  # seconds by which the limit of a whole request exceeds that of its parts, which know better what was slow
LARGEST_ANSWER = 64 * 1024 * 1024  # bytes; a page of the largest Services has a fifth of that
NO_CONTENT = 204
NOT_FOUND = 20404  # Twilio's code for a path that leads nowhere, or no longer
REQUEST_ID = "Twilio-Request-Id"
_NO_TUNNEL = "Tunnel connection failed"  # how http.client says that a proxy refused
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")
_CHECK_THE_WAY = "Check base_url, region and edge, and the proxy if there is one."
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Credentials:
    """What Basic authentication sends: an account SID and its auth token, or the SID of an API key and its secret.

    ``account_sid`` is the account that they are said to be for. What is another account's is not accepted.
    """

    username: str
    password: str = field(repr=False)
    account_sid: str | None = None


@dataclass(eq=False)
class ApiError(Exception):
    """Whatever went wrong between this client and the API.

    ``doing`` completes "cannot ...". ``message`` is Twilio's own, or says what happened where no answer of Twilio's
    came. ``status`` is the HTTP status, None if there was no answer; ``code``, ``more_info`` and ``request_id`` are
    Twilio's, where it gave them. ``advice`` is a sentence about this very case. ``maybe_applied`` is true if the
    request, or an earlier try of it, may have been carried out although no good answer to it came. ``transient`` is
    true if the same request may succeed later, ``retry_after`` the seconds after which the server asked for it.
    """

    doing: str
    message: str
    status: int | None = None
    code: int | None = None
    more_info: str | None = None
    request_id: str | None = None
    advice: str | None = None
    maybe_applied: bool = False
    transient: bool = False
    retry_after: float | None = None
    from_twilio: bool = False

    def __str__(self) -> str:
        return f"cannot {self.doing}: {self.message}"

    def says_absent(self, resource: Resource) -> bool:
        """Whether Twilio answered that there is no such object.

        That is a 404, or a 400 with the resource's own code, or its exact message where the code is missing. A 404 from
        something that does not answer in Twilio's form, such as a gateway, says nothing about the object.
        """
        if not self.from_twilio:
            return False
        if self.status == 400:
            return self.code == resource.absent_code or (self.code is None and self.message == resource.absent_message)
        return self.status == 404 and self.code in (None, NOT_FOUND)

    def says_taken(self, resource: Resource) -> bool:
        """Whether Twilio answered that the identity is in use; the status of that answer is not documented."""
        return self.code == resource.taken_code


def host_url(region: str | None, edge: str | None) -> str:
    """The API's address for a region and an edge location, as Twilio's own clients build it."""
    parts = ["proxy", edge, region or ("us1" if edge else None), "twilio.com"]
    return "https://" + ".".join(part for part in parts if part)


def base_url_problem(base_url: str) -> str | None:
    """What is wrong with a base URL, as the end of "it must be ...", or None."""
    try:
        parts = urlsplit(base_url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "a valid URL"
    if parts.scheme not in _DEFAULT_PORTS or not host or not re.fullmatch("[!-~]+", base_url):
        return "an absolute https URL (or http, for a loopback address)"
    if "@" in parts.netloc or parts.query or parts.fragment or "\\" in base_url:
        return "an URL without credentials, query or fragment"
    if parts.path.rstrip("/").endswith("/v1"):
        return "without the version /v1, which is added to it"
    if parts.scheme == "http" and not _is_loopback(host):
        return "an https URL: plain http would show the credentials to the network, and is for a loopback address only"
    return None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)


class Answer(t.NamedTuple):
    """What came back: ``body`` is what the JSON said, None if there was none that can be read."""

    status: int
    headers: t.Mapping[str, str]
    body: t.Any


class Client:
    """A session with the API. Every method that asks raises ApiError when it does not get a good answer.

    ``timeout`` is in seconds and limits a request, up to GRACE more; ``retries`` is how often one that failed for a
    passing reason is sent again. ``verify`` is true, false, or the path of a file or directory of CA certificates.
    ``agent`` goes into the User-Agent.
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
        sleep: t.Callable[[float], None] = time.sleep,
        jitter: t.Callable[[], float] = random.random,
    ) -> None:
        self.retries = retries
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._verify = verify
        self._account_sid = credentials.account_sid
        self._sleep = sleep
        self._jitter = jitter
        self._session = requests.Session()
        self._session.auth = requests.auth.HTTPBasicAuth(
            # Bytes, since requests would encode text as Latin-1; its type stubs do not know that they may be given.
            t.cast(str, credentials.username.encode()),
            t.cast(str, credentials.password.encode()),
        )
        self._session.headers.update({"Accept": "application/json", "User-Agent": _user_agent(agent)})
        if not verify:
            # Whoever switched the verification off is told so once, by the module.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        # Plain http is for loopback only, and a proxy on the way would be handed the credentials in the clear.
        self._session.trust_env = urlsplit(base_url).scheme != "http"

    def pages(self, resource: Resource, page_size: int = MAX_PAGE_SIZE) -> t.Iterator[list[Object]]:
        """The resource's list, page by page; a page is asked for when it is wanted, and not before.

        ``page_size`` is what is asked for. The API may answer with smaller pages.
        """
        doing = f"list the {resource.name}s"
        url = f"{self._base_url}{resource.path}?PageSize={page_size}"
        seen = {url}
        while True:
            answer = self._request(doing, "GET", url)
            if not is_page(resource, answer.body):
                raise _malformed(doing, answer, explain(page_schema(resource), answer.body))
            yield [self._read(doing, resource, item) for item in answer.body[resource.list_key]]
            next_url = answer.body["meta"]["next_page_url"]
            if not next_url:
                return
            url = self._next_page(doing, next_url, seen)

    def _next_page(self, doing: str, next_url: str, seen: set[str]) -> str:
        try:
            foreign = _origin(next_url) != _origin(self._base_url)
        except ValueError:
            foreign = True
        if foreign:
            raise ApiError(
                doing,
                "the answer's next_page_url points to another host, which must not get the credentials",
                advice="Set base_url, or region and edge, to the host that answers.",
            )
        if next_url in seen:
            raise ApiError(doing, "the answer's next_page_url points to a page that was read before")
        seen.add(next_url)
        parts = urlsplit(next_url)
        # Scheme and host are taken from what was configured: two parsers may read one odd URL differently.
        scheme, netloc = urlsplit(self._base_url)[:2]
        return parts._replace(scheme=scheme, netloc=netloc, fragment="").geturl()

    def find(self, resource: Resource, identity: str) -> Object | None:
        """The object whose identity is exactly this one, or None. Reads the list up to the page that has it."""
        for page in self.pages(resource):
            for item in page:
                if item[resource.identity] == identity:
                    return item
        return None

    def fetch(self, resource: Resource, sid: str) -> Object | None:
        """The object with this SID, or None if there is none."""
        try:
            return self._object(resource, f"read the {resource.name} {sid}", "GET", sid)
        except ApiError as failure:
            if failure.says_absent(resource):
                return None
            raise

    def create(self, resource: Resource, values: t.Mapping[str, t.Any]) -> Object:
        """A new object with these values. What may have been carried out is not sent a second time: see ApiError."""
        name = shown(values[resource.identity]) if resource.identity in values else values["sid"]
        doing = f"{resource.create_word} the {resource.name} {name}"
        return self._object(resource, doing, "POST", None, values, repeatable=False)

    def update(self, resource: Resource, sid: str, values: t.Mapping[str, t.Any]) -> Object:
        """The object with this SID, after these values were set."""
        return self._object(resource, f"update the {resource.name} {sid}", "POST", sid, values)

    def delete(self, resource: Resource, sid: str) -> None:
        """Deletes the object with this SID."""
        doing = f"{resource.delete_word} the {resource.name} {sid}"
        answer = self._request(doing, "DELETE", self._object_url(resource, sid))
        if answer.status != NO_CONTENT:
            raise _malformed(doing, answer, "it should be empty", maybe_applied=True)

    def pause(self, attempt: int, retry_after: float | None = None) -> None:
        """Waits before a next attempt: as long as the server asked, within bounds, else longer each time."""
        wait = min(FIRST_WAIT * 2**attempt, LONGEST_WAIT)
        if retry_after is not None:
            # Not shorter than without: a server that says "at once" to everybody would have everybody at once.
            wait = max(wait, min(retry_after, LONGEST_RETRY_AFTER))
        # Up to a quarter more, so that many clients that were refused together do not come back together.
        self._sleep(wait * (1 + self._jitter() / 4))

    def _object_url(self, resource: Resource, sid: str | None) -> str:
        return self._base_url + resource.path + (f"/{sid}" if sid else "")

    def _object(
        self,
        resource: Resource,
        doing: str,
        method: str,
        sid: str | None,
        values: t.Mapping[str, t.Any] | None = None,
        repeatable: bool = True,
    ) -> Object:
        form = None if values is None else to_form(resource, values)
        answer = self._request(doing, method, self._object_url(resource, sid), form=form, repeatable=repeatable)
        if not is_object(resource, answer.body):
            why = explain(object_schema(resource), answer.body)
            raise _malformed(doing, answer, why, maybe_applied=method != "GET")
        return self._read(doing, resource, answer.body, maybe_applied=method != "GET")

    def _read(self, doing: str, resource: Resource, item: Object, maybe_applied: bool = False) -> Object:
        account_sid = item.get("account_sid")
        if self._account_sid and account_sid and account_sid != self._account_sid:
            raise ApiError(
                doing,
                f"the credentials are those of the account {account_sid}, and account_sid is {self._account_sid}",
                advice="Give the account_sid that the API key belongs to, or leave it out.",
                maybe_applied=maybe_applied,
            )
        return {field.name: field.stored(item.get(field.name)) for field in resource.fields}

    def _request(
        self,
        doing: str,
        method: str,
        url: str,
        *,
        form: list[tuple[str, str]] | None = None,
        repeatable: bool = True,
    ) -> Answer:
        maybe_applied = False
        attempt = 0
        while True:
            try:
                return self._attempt(doing, method, url, form)
            except ApiError as failure:
                maybe_applied = failure.maybe_applied = method != "GET" and (failure.maybe_applied or maybe_applied)
                once_only = maybe_applied and not repeatable
                if attempt == self.retries or once_only or not failure.transient:
                    raise
                self.pause(attempt, failure.retry_after)
            attempt += 1

    def _attempt(self, doing: str, method: str, url: str, form: list[tuple[str, str]] | None) -> Answer:
        def ask() -> tuple[requests.Response, bytes]:
            response = self._session.request(
                method,
                url,
                data=form,
                timeout=(self._timeout, self._timeout),
                allow_redirects=False,
                # Given with each request, because REQUESTS_CA_BUNDLE would win over the session's.
                verify=self._verify,
                stream=True,
            )
            with response:
                return response, _content(response)

        try:
            response, content = _within(self._timeout + GRACE, ask)
        except (OSError, urllib3.exceptions.HTTPError, _TooLargeError) as lost:  # those of requests are OSErrors
            raise self._no_answer(doing, lost) from None
        try:
            body = json.loads(content)
        except (ValueError, RecursionError):
            body = None
        answer = Answer(response.status_code, response.headers, body)
        if answer.status == NO_CONTENT or (200 <= answer.status < 300 and body is not None):
            return answer
        raise _refusal(doing, answer)

    def _no_answer(self, doing: str, lost: Exception) -> ApiError:
        host = urlsplit(self._base_url).netloc
        causes = list(_causes(lost))
        words = self._words(causes)
        for cause in causes:
            # urllib3 before 2.0 compares the names itself, and has an exception of its own for that.
            if isinstance(cause, ssl.SSLCertVerificationError) or type(cause).__name__ == "CertificateError":
                why = getattr(cause, "verify_message", None) or str(cause)
                return ApiError(
                    doing,
                    f"the certificate of {host} was not accepted: {why}",
                    advice="If a CA of your own issued it, name the CA's certificate in ca_path.",
                )
            if isinstance(cause, ssl.SSLError) and cause.reason in _NO_TLS:
                # It shows when the first connection is made, or else when one breaks in the middle.
                advice = "Check the https of base_url."
                return ApiError(doing, f"{host} does not speak TLS", advice=advice, maybe_applied=True)
            if isinstance(cause, OSError) and str(cause).startswith(_NO_TUNNEL):
                message = f"the proxy on the way to {host} did not let it through: {words}"
                return ApiError(doing, message, transient=True, advice=_CHECK_THE_WAY)
        if isinstance(lost, ValueError) and not isinstance(lost, requests.exceptions.InvalidHeader):
            # Nothing went over the wire: the URL of a proxy or the name of a host is not what it should be. An invalid
            # header is one of the answer's.
            return ApiError(doing, f"a request to {host} cannot be made: {words}", advice=_CHECK_THE_WAY)
        if isinstance(lost, _TooLargeError):
            return ApiError(doing, f"the answer is larger than {LARGEST_ANSWER} bytes", maybe_applied=True)
        if any(isinstance(cause, _NEVER_SENT) for cause in causes):
            message = f"there was no connection to {host}: {words}"
            return ApiError(doing, message, transient=True, advice=_CHECK_THE_WAY)
        message = f"the connection to {host} was lost: {words}"
        return ApiError(doing, message, transient=True, maybe_applied=True)

    def _words(self, causes: list[BaseException]) -> str:
        for cause in reversed(causes):
            if isinstance(cause, OSError) and cause.strerror:
                return cause.strerror
            if isinstance(cause, OSError) and str(cause).startswith(_NO_TUNNEL):
                return str(cause)
        # After the system's own words, because urllib3 counts a refused connection among the time-outs.
        if any(isinstance(cause, (requests.Timeout, urllib3.exceptions.TimeoutError)) for cause in causes):
            return f"it took longer than {self._timeout:g} seconds"
        # The text of other exceptions may repeat an URL or a header.
        return type(causes[-1]).__name__


class _TooLargeError(Exception):
    """An answer that nobody could want to hold in memory."""


def _content(response: requests.Response) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(65536):
        content += chunk
        if len(content) > LARGEST_ANSWER:
            raise _TooLargeError
    return bytes(content)


_T = t.TypeVar("_T")


def _within(seconds: float, call: t.Callable[[], _T]) -> _T:
    """What the call returns or raises; requests.Timeout if it takes longer.

    The limits of requests are for connecting and for each wait for data. They do not bound an answer that comes in
    drops, nor a name server that is silent. A call that takes longer is left behind in a thread, which ends with the
    process.
    """
    results: queue.SimpleQueue[tuple[_T | None, BaseException | None]] = queue.SimpleQueue()

    def work() -> None:
        try:
            results.put((call(), None))
        except BaseException as error:  # noqa: BLE001  (raised again by who waits for it)
            results.put((None, error))

    threading.Thread(target=work, daemon=True).start()
    try:
        result, error = results.get(timeout=seconds)
    except queue.Empty:
        raise requests.Timeout from None
    if error is not None:
        raise error
    return t.cast(_T, result)


def _causes(error: BaseException) -> t.Iterator[BaseException]:
    """The exception and those that it wraps, outermost first; requests, urllib3 and http.client put them elsewhere."""
    seen: list[BaseException] = []
    waiting: list[t.Any] = [error]
    while waiting:
        cause = waiting.pop(0)
        if isinstance(cause, BaseException) and cause not in seen:
            seen.append(cause)
            yield cause
            waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]


def _malformed(doing: str, answer: Answer, why: str, maybe_applied: bool = False) -> ApiError:
    """The error for a success whose content is not what Twilio documents."""
    return ApiError(
        doing,
        f"the answer is not of the form that Twilio documents: {why}",
        status=answer.status,
        request_id=answer.headers.get(REQUEST_ID),
        maybe_applied=maybe_applied,
    )


def _refusal(doing: str, answer: Answer) -> ApiError:
    """The error for an answer that is not a success, or that cannot be read."""
    status, headers, body = answer
    # A gateway may answer {"message": ...} too, but has no code, and does not repeat the status.
    from_twilio = (
        isinstance(body, dict)
        and isinstance(body.get("message"), str)
        and (isinstance(body.get("code"), int) or body.get("status") == status)
    )
    if from_twilio:
        message, code, more_info = body["message"], body.get("code"), body.get("more_info")
    else:
        # The body is not repeated: a gateway's error page may show the request's headers.
        message, code, more_info = _description(status), None, None
    return ApiError(
        doing,
        message,
        status=status,
        code=code if isinstance(code, int) else None,
        more_info=more_info if isinstance(more_info, str) else None,
        request_id=headers.get(REQUEST_ID),
        maybe_applied=status >= 500 or status < 300,
        transient=status == 429 or status >= 500 or status < 300,
        retry_after=_seconds(headers.get("Retry-After")),
        from_twilio=from_twilio,
        advice=None if from_twilio else _CHECK_THE_WAY,
    )


def _description(status: int) -> str:
    if 200 <= status < 300:
        return "the answer is empty or no JSON, although its status says that all is well"
    if 300 <= status < 400:
        return "the answer is a redirect, which is not followed: the credentials are for the configured host only"
    return "the answer is not in Twilio's form, so it is probably a proxy's or a gateway's"


def _seconds(retry_after: str | None) -> float | None:
    """The seconds that a Retry-After header asks for, which may be a number or a date; None if it says neither."""
    if retry_after is None:
        return None
    if re.fullmatch("[0-9]+", retry_after):
        return float(retry_after)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (OverflowError, TypeError, ValueError):
        return None


def _user_agent(agent: str) -> str:
    python, library = f"Python/{platform.python_version()}", f"requests/{requests.__version__}"
    return " ".join(part for part in (f"ansible-twilio-proxy/{VERSION}", agent, python, library) if part)


def to_form(resource: Resource, values: t.Mapping[str, t.Any]) -> list[tuple[str, str]]:
    """The values by their names on the wire, in the table's order."""
    return [
        (field.form, _text(values[field.name]))
        for field in resource.fields
        if field.form is not None and field.name in values
    ]


def _text(value: t.Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
