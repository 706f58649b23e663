# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of the API, in the form of Twilio's."""

from __future__ import annotations

import typing as t

from .messages import Answer

MORE_INFO = "https://www.twilio.com/docs/errors/{code}"


class Refusal(Exception):
    """An error answer to a request. Without a code, the body has none."""

    def __init__(self, status: int, code: int | None, message: str, headers: t.Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.answer = Answer.of_json(status, error_document(status, code, message), headers)


def error_document(status: int, code: int | None, message: str) -> dict[str, t.Any]:
    """Return the JSON body of an error."""
    if code is None:
        return {"message": message, "status": status}
    return {"code": code, "message": message, "more_info": MORE_INFO.format(code=code), "status": status}


def authenticate() -> Refusal:
    return Refusal(401, 20003, "Authenticate", {"WWW-Authenticate": 'Basic realm="Twilio API"'})


def not_found(path: str) -> Refusal:
    return Refusal(404, 20404, f"The requested resource {path} was not found")


def method_not_allowed(method: str, allowed: t.Iterable[str]) -> Refusal:
    return Refusal(405, 20004, f"Method {method} is not allowed here", {"Allow": ", ".join(sorted(allowed))})


def missing_parameter(parameter: str) -> Refusal:
    return Refusal(400, 20001, f"Missing required parameter {parameter} in the post body")


def bad_request(message: str) -> Refusal:
    return Refusal(400, 20001, message)


def page_too_large(maximum: int) -> Refusal:
    return Refusal(400, 20007, f"Page size must be at most {maximum}")


def not_a_form(content_type: str) -> Refusal:
    return Refusal(415, 20415, f"Content type {content_type} is not application/x-www-form-urlencoded")


def too_many_requests(headers: t.Mapping[str, str]) -> Refusal:
    return Refusal(429, 20429, "Too Many Requests", headers)
