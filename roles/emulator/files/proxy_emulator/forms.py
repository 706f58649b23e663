# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the form in the body of a request."""

from __future__ import annotations

import urllib.parse

from . import errors
from .messages import Pairs, Request

FORM = "application/x-www-form-urlencoded"


def read_form(request: Request) -> Pairs:
    """Return the parameters in their order. Raise ``Refusal`` if the body is not a form in UTF-8."""
    if not request.body:
        return []
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise errors.not_a_form(content_type or "(none)")
    try:
        return urllib.parse.parse_qsl(request.body.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise errors.bad_request("The body is not a form in UTF-8") from error


def form_or_nothing(request: Request) -> Pairs:
    """Return the parameters, or none if the body is not a form."""
    try:
        return read_form(request)
    except errors.Refusal:
        return []
