# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check of a list of Services, with the values as Ansible passes them to filters."""

from __future__ import annotations

import sys
import typing as t

import jinja2
import pytest

from ansible_collections.twilio.proxy.plugins.filter.services_problems import FilterModule


class Text(str):
    """A text with additional data, like the tagged texts of Ansible."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<a text>"


class Encrypted:
    """An encrypted value of the file, as in ansible-core before 2.19."""

    __ENCRYPTED__ = True

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


def problems(services: t.Any, **variables: t.Any) -> list[str]:
    environment = jinja2.Environment(autoescape=False)
    environment.filters.update(FilterModule().filters())
    return t.cast(
        "list[str]", environment.compile_expression("services | services_problems")(services=services, **variables)
    )


def test_the_filter_checks_a_list() -> None:
    assert problems([{"unique_name": "rides", "default_ttl": 60}]) == []
    (sentence,) = problems([{"unique_name": "rides", "default_ttl": -1}])
    assert sentence.startswith("proxy_services[0].default_ttl ('rides'): -1 is not ")


def test_the_tags_of_a_value_are_not_shown() -> None:
    (sentence,) = problems([{"unique_name": "rides", "default_ttl": Text("soon")}])
    assert "'soon'" in sentence


def test_an_encrypted_value_is_checked_decrypted() -> None:
    assert problems([{"unique_name": "rides", "callback_url": Encrypted("https://user:hush@example.com/")}]) == []
    (sentence,) = problems([{"unique_name": "rides", "callback_url": Encrypted("user:hush@example.com")}])
    assert "hush" not in sentence


@pytest.mark.parametrize("omit", ["__omit_place_holder__", object()])
def test_an_omitted_option_is_ignored(omit: t.Any) -> None:
    services = [
        {"unique_name": "rides", "callback_url": omit, "phone_numbers": ({"phone_number": "+12025550100"}, omit)}
    ]
    assert problems(services, omit=omit) == []


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    (sentence,) = problems(["rides"])
    assert "jsonschema" in sentence
