# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The errors between the client and the API: their classification and their messages.

Sends no request. Source: Twilio's documentation of its errors, and the exceptions of requests and urllib3.
"""

from __future__ import annotations

import email.utils
import re
import ssl
import sys
import time
import typing as t
from dataclasses import dataclass
from urllib.parse import urlsplit

from ansible_collections.twilio.proxy.plugins.module_utils._resources import Resource

try:
    import requests
    import urllib3
except ImportError as error:
    REQUESTS_ERROR: ImportError | None = error
else:
    REQUESTS_ERROR = None
    _NEVER_SENT = (
        requests.ConnectTimeout,
        urllib3.exceptions.NewConnectionError,
        urllib3.exceptions.ConnectTimeoutError,
    )

CONCURRENT_WRITE = 80623  # Twilio's code for a 409 to a request that it did not process
NOT_FOUND = 20404  # Twilio's code for a path without an object
REQUEST_ID = "Twilio-Request-Id"
_NO_TUNNEL = "Tunnel connection failed"  # start of http.client's message if a proxy refuses
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")
_CHECK_THE_WAY = "Check base_url, region and edge, and the proxy if there is one."
_GONE = "This host has answered as Twilio before in this task, so the object may have been deleted. Run the task again."
_CHECK_THE_PROXY = "Check the environment variables HTTPS_PROXY, ALL_PROXY and NO_PROXY."
_CHECK_WHO_LISTENS = f"{_CHECK_THE_WAY} To use the emulator, start it first."


class Answer(t.NamedTuple):
    """An HTTP response. ``body`` is the decoded JSON, None if there was none that can be read."""

    status: int
    headers: t.Mapping[str, str]
    body: t.Any


@dataclass(eq=False)
class ApiError(Exception):
    """An error between this client and the API.

    ``operation`` completes "cannot ...". ``message`` is Twilio's own, or describes what happened if Twilio did not
    answer. ``status`` is the HTTP status, None if there was no answer; ``code``, ``more_info`` and ``request_id`` are
    Twilio's, where it gave them. ``advice`` is a sentence about this case. ``may_have_been_applied`` is true if the
    request, or an earlier try of it, may have been carried out although no valid answer came; ``applied`` is true if it
    was carried out, which ``advice`` then describes. ``transient`` is true if the same request may succeed later,
    ``retry_after`` is the number of seconds to wait before that, as the server asks. ``tries`` is how often the request
    was sent.
    """

    operation: str
    message: str
    status: int | None = None
    code: int | None = None
    more_info: str | None = None
    request_id: str | None = None
    advice: str | None = None
    may_have_been_applied: bool = False
    applied: bool = False
    transient: bool = False
    retry_after: float | None = None
    from_twilio: bool = False
    tries: int = 1

    def __str__(self) -> str:
        return f"cannot {self.operation}: {self.message}"

    def says_absent(self, resource: Resource) -> bool:
        """Return whether Twilio answered that there is no such object.

        That is a 404, or a 400 with the resource's own code, or its exact message where the code is missing. A 404 that
        is not in Twilio's form, such as one from a gateway, does not mean that the object is absent.
        """
        if not self.from_twilio:
            return False
        if self.status == 400:
            return self.code == resource.absent_code or (self.code is None and self.message == resource.absent_message)
        return self.status == 404 and self.code in (None, NOT_FOUND)

    def says_taken(self, resource: Resource) -> bool:
        """Return whether Twilio answered that the name is in use. The status of that answer is not documented."""
        return self.code == resource.taken_code

    def says_stale(self, resource: Resource) -> bool:
        """Return whether Twilio answered that the object's state has changed."""
        return self.code is not None and self.code == resource.stale_code


class Stopped(ApiError):
    """The request was not sent, because the client was stopped."""


class TooLargeError(Exception):
    """The answer is too large for memory."""


def no_answer(operation: str, host: str, seconds: float, lost: Exception, proxy: str | None = None) -> ApiError:
    """Return the error for a request that got no answer.

    ``lost`` is why, ``seconds`` were allowed for it, ``proxy`` is the URL of the proxy on the way to the host.
    """
    causes = list(_causes(lost))
    words = _words(causes, seconds)
    proxy_name = f"the proxy {_without_credentials(proxy)}" if proxy else "the proxy"
    way, check = (f"{host} through {proxy_name}", _CHECK_THE_PROXY) if proxy else (host, _CHECK_THE_WAY)
    for cause in causes:
        # urllib3 before 2.0 compares the names itself, and has an exception of its own for that.
        if isinstance(cause, ssl.SSLCertVerificationError) or type(cause).__name__ == "CertificateError":
            why = getattr(cause, "verify_message", None) or str(cause)
            return ApiError(
                operation,
                f"the certificate of {way} is not trusted: {why}",
                advice="If a private CA issued it, set ca_path to the certificate of that CA.",
            )
        if isinstance(cause, ssl.SSLError) and cause.reason in _NO_TLS:
            # Usually raised when the first connection is made, but also when one breaks later.
            advice = "Check whether base_url" + (" and the proxy's URL" if proxy else "") + " should begin with https."
            return ApiError(operation, f"{way} does not speak TLS", advice=advice, may_have_been_applied=True)
        if isinstance(cause, OSError) and str(cause).startswith(_NO_TUNNEL):
            message = f"{proxy_name} refused the connection to {host}: {words}"
            return ApiError(operation, message, transient=True, advice=_CHECK_THE_PROXY)
    # An invalid header is one of the answer's. All other values are checked before anything is sent.
    if isinstance(lost, (TypeError, ValueError)) and not isinstance(lost, requests.exceptions.InvalidHeader):
        if proxy and isinstance(lost, requests.exceptions.InvalidSchema):
            message = f"{proxy_name} is a SOCKS proxy, and the Python library PySocks is missing"
            return ApiError(operation, message, advice=f"Install it: {sys.executable} -m pip install PySocks.")
        message = f"{proxy_name} cannot be used: {words}" if proxy else f"a request to {host} cannot be made: {words}"
        return ApiError(operation, message, advice=check)
    if isinstance(lost, TooLargeError):
        return ApiError(operation, str(lost), may_have_been_applied=True)
    if any(isinstance(cause, _NEVER_SENT) for cause in causes):
        if not proxy:
            message, check = f"cannot connect to {host}: {words}", _CHECK_WHO_LISTENS
        elif proxy.lower().startswith("socks"):  # a SOCKS proxy reports why it could not connect to the host
            message = f"cannot connect to {way}: {words}"
        else:
            message = f"cannot connect to {proxy_name}: {words}"
        return ApiError(operation, message, transient=True, advice=check)
    return ApiError(operation, f"the connection to {way} was lost: {words}", transient=True, may_have_been_applied=True)


def _without_credentials(proxy: str) -> str:
    """Return the host and port of a proxy's URL, or words for a URL that has none."""
    try:
        # A password may contain a character that ends the host.
        parts = urlsplit("//" + proxy.rpartition("://")[2].rpartition("@")[2])
        port_is_valid = parts.port != 0  # raises ValueError for what is no port, which may be a password
    except ValueError:
        port_is_valid = False
    return (port_is_valid and parts.netloc) or "of the environment"


def _words(causes: list[BaseException], seconds: float) -> str:
    for cause in reversed(causes):
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        if isinstance(cause, OSError) and str(cause).startswith(_NO_TUNNEL):
            return str(cause)
    # Checked after the system's own message: urllib3 raises a refused connection as a timeout too.
    if any(isinstance(cause, (requests.Timeout, urllib3.exceptions.TimeoutError)) for cause in causes):
        return f"it took longer than {seconds:g} seconds"
    # The text of other exceptions may contain a URL or a header.
    return type(causes[-1]).__name__


def _causes(error: BaseException) -> t.Iterator[BaseException]:
    """Yield the exception and those that it wraps, outermost first: libraries keep them in different attributes."""
    seen: list[BaseException] = []
    waiting: list[t.Any] = [error]
    while waiting:
        cause = waiting.pop(0)
        if isinstance(cause, BaseException) and cause not in seen:
            seen.append(cause)
            yield cause
            waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]


def malformed(operation: str, answer: Answer, why: str, may_have_been_applied: bool = False) -> ApiError:
    """Return the error for a success whose content is not what Twilio documents."""
    return ApiError(
        operation,
        f"the answer is not what Twilio documents: {why}",
        status=answer.status,
        request_id=answer.headers.get(REQUEST_ID),
        may_have_been_applied=may_have_been_applied,
    )


def refusal(operation: str, answer: Answer, host_is_right: bool = False) -> ApiError:
    """Return the error for an answer that is not a success, or that cannot be read.

    ``host_is_right`` is true if the host has answered as Twilio does before.
    """
    status, headers, body = answer
    # A gateway may answer {"message": ...} too, but without a code and the status.
    from_twilio = (
        isinstance(body, dict)
        and isinstance(body.get("message"), str)
        and (isinstance(body.get("code"), int) or body.get("status") == status)
    )
    if from_twilio:
        message, code, more_info = body["message"], body.get("code"), body.get("more_info")
    else:
        # The body is not quoted: a gateway's error page may show the request's headers.
        message, code, more_info = _description(status), None, None
    advice = None if from_twilio else _CHECK_THE_WAY
    if host_is_right and status == 404 and code in (None, NOT_FOUND):
        advice = _GONE
    return ApiError(
        operation,
        message,
        status=status,
        code=code if isinstance(code, int) else None,
        more_info=more_info if isinstance(more_info, str) else None,
        request_id=headers.get(REQUEST_ID),
        may_have_been_applied=status >= 500 or status < 300,
        transient=status == 429 or status >= 500 or status < 300 or (status == 409 and code == CONCURRENT_WRITE),
        retry_after=_seconds(headers.get("Retry-After")),
        from_twilio=from_twilio,
        advice=advice,
    )


def _description(status: int) -> str:
    if 200 <= status < 300:
        return "the answer is empty or not JSON, although its status is a success"
    if 300 <= status < 400:
        return "the answer is a redirect, which is not followed: the credentials are for the configured host only"
    return "the answer is not in Twilio's format, so it probably comes from a proxy or a gateway"


def _seconds(retry_after: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for, as a number or a date; None if it is neither."""
    if retry_after is None:
        return None
    if re.fullmatch("[0-9]+", retry_after):
        return float(retry_after)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (OverflowError, TypeError, ValueError):
        return None
