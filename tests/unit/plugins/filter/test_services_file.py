# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a services file: its layout, and that every YAML parser reads back the same data."""

from __future__ import annotations

import typing as t
import unicodedata

import pytest
import ruamel.yaml
import yaml
from ansible.errors import AnsibleFilterError
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.twilio.proxy.plugins.filter.services_file import (
    OPTIONS,
    OPTIONS_OF_NUMBER,
    FilterModule,
    services_file,
)
from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER, SERVICE

SID = "KS" + "1" * 32
NUMBER = "+12025550100"

#: Texts that a parser of YAML 1.1 or 1.2 reads as another type if they are not quoted.
HOSTILE = (
    *("yes", "No", "ON", "off", "y", "N", "true", "False", "null", "Null", "~", "None", ".nan", ".inf", "-.INF", "nan"),
    *("0", "007", "1e3", "1E3", "+1", "-1", "0x1F", "0o17", "0b1", "1_000", "12:30:45", "1.5", ".5", "1.", "1e", "e1"),
    *(
        "2001-01-01",
        "2001-12-14t21:59:43.10-05:00",
        "=",
        "<<",
        "-",
        "--- a",
        "...",
        "- a",
        "?",
        "? a",
        ":",
        "a: b",
        "a:",
    ),
    *(
        "#",
        "a #b",
        "a#b",
        "&a",
        "*a",
        "!a",
        "!!str a",
        "!unsafe a",
        "|",
        ">",
        "%YAML 1.1",
        "@a",
        "`a`",
        ",",
        "[]",
        "{}",
    ),
    *(
        "'",
        '"',
        "'a'",
        '"a"',
        "\\",
        "\\n",
        "a\\",
        '\\"',
        " a",
        "a ",
        "a  b",
        "\ta",
        "a\n",
        "\na",
        "a\nb",
        "a\r\nb",
        "\0",
        "\a",
    ),
    *(
        "\x7f",
        "\x85",
        "\xa0",
        "\xad",
        "\u200b",
        "\u200d",
        "\u2028",
        "\u2029",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\ufffe",
        "\uffff",
    ),
    *("é", "e\u0301", "日本語", "☎", "😀", "👩\u200d👧", "\U0001f1e9\U0001f1ea", "\U000e0001", "\U0010ffff"),
    *(
        "{{ a }}",
        "{% a %}",
        "{# a #}",
        "a {{",
        "{ {a} }",
        "#jinja2: trim_blocks: True\na",
        " #jinja2:",
        "}}",
        "{{'\"\\",
    ),
    *("a" * 191, "a b " * 47, "☎" * 191, "document: |\n  a\n  b\n"),
)
TEXTS = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=191)
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {"unique_name": TEXTS},
        optional={
            "sid": st.just(SID),
            "callback_url": st.just("") | TEXTS,
            "default_ttl": st.integers(0),
            "geo_match_level": st.sampled_from(SERVICE.field("geo_match_level").choices or ()),
            "phone_numbers": st.lists(
                st.fixed_dictionaries(
                    {"phone_number": st.from_regex(r"\A\+[1-9][0-9]{1,14}\Z")}, optional={"is_reserved": st.booleans()}
                ),
                max_size=3,
            ),
        },
    ),
    max_size=5,
)


def file_of(*services: t.Mapping[str, t.Any], **more: t.Any) -> str:
    return services_file({"services": list(services), **more})


def without_tag(text: str) -> str:
    """Return the text without the tag, for parsers that do not know it."""
    return text.replace(": !unsafe ", ": ")


def test_the_layout_of_a_services_file() -> None:
    account = {
        "services": [
            {
                "phone_numbers": [{"is_reserved": True, "phone_number": NUMBER}, {"phone_number": "+12025550101"}],
                "default_ttl": 3600,
                "callback_url": "https://example.com/status",
                "unique_name": "ride-sharing",
                "geo_match_level": "area-code",
            },
            {"unique_name": "Zoë's café", "phone_numbers": []},
            {"unique_name": "{{ it }}\n", "callback_url": "", "sid": SID},
        ],
        "left_out": [
            {"service": "ride-sharing", "option": "intercept_callback_url", "reason": "secret"},
            {"service": "ride-sharing", "option": "chat_instance_sid", "reason": "sid"},
            {"service": None, "option": "unique_name", "reason": "name"},
        ],
    }
    assert (
        services_file(account, schema="https://example.com/schema.json")
        == f"""\
# yaml-language-server: $schema=https://example.com/schema.json
---
proxy_services:
  - unique_name: ride-sharing
    callback_url: "https://example.com/status"
    default_ttl: 3600
    geo_match_level: area-code
    # intercept_callback_url is left out: it contains a secret.
    phone_numbers:
      - phone_number: "{NUMBER}"
        is_reserved: true
      - phone_number: "+12025550101"
  - unique_name: "Zoë's café"
    phone_numbers: []
  - sid: {SID}
    unique_name: !unsafe "{{{{ it }}}}\\n"
    callback_url: ""
"""
    )


def test_an_empty_account_is_an_empty_list() -> None:
    assert file_of() == "---\nproxy_services: []\n"
    assert services_file({"services": [], "left_out": []}, schema="") == file_of()


def test_the_options_are_in_the_order_of_the_tables() -> None:
    assert list(OPTIONS) == ["sid", *(field.name for field in SERVICE.writable), "state", "phone_numbers"]
    assert list(OPTIONS_OF_NUMBER) == [field.name for field in PHONE_NUMBER.writable]
    text = file_of(dict.fromkeys(reversed(OPTIONS), ""))
    assert [line[4:].partition(":")[0] for line in text.splitlines()[2:]] == list(OPTIONS)


def test_an_omitted_password_has_a_comment_in_its_entry_only() -> None:
    left_out = [{"service": "b", "option": "callback_url", "reason": "secret"}]
    text = file_of({"unique_name": "a"}, {"unique_name": "b"}, {"unique_name": "c"}, left_out=left_out)
    assert text.splitlines()[2:] == [
        "  - unique_name: a",
        "  - unique_name: b",
        "    # callback_url is left out: it contains a secret.",
        "  - unique_name: c",
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_read_back_unchanged(text: str) -> None:
    read_by_all(file_of({"unique_name": text}), [{"unique_name": text}])


@settings(max_examples=30)  # four parsers
@given(entries=ENTRIES)
def test_every_yaml_parser_reads_back_the_same_data(entries: list[dict[str, t.Any]]) -> None:
    read_by_all(file_of(*entries), entries)


def read_by_all(text: str, entries: list[dict[str, t.Any]]) -> None:
    plain = without_tag(text)
    expected = {"proxy_services": entries}
    assert yaml.safe_load(plain) == expected
    # Ansible uses this parser if it is available.
    assert yaml.load(plain, yaml.CSafeLoader) == expected
    assert ruamel.yaml.YAML(typ="safe", pure=True).load(plain) == expected
    assert ruamel.yaml.YAML(typ="safe", pure=True).load(f"%YAML 1.1\n{plain}") == expected


@given(entries=ENTRIES)
def test_each_option_has_one_line(entries: list[dict[str, t.Any]]) -> None:
    """No line is folded or broken, whichever characters count as the end of a line."""
    text = file_of(*entries)
    assert text.splitlines() == text.split("\n")[:-1]
    values = sum(len(entry) + sum(len(number) for number in entry.get("phone_numbers", [])) for entry in entries)
    assert len(text.splitlines()) == 2 + values


def test_invisible_and_bidirectional_characters_are_escaped() -> None:
    others = [*"\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"]
    unseen = [
        char
        for char in map(chr, range(0x110000))
        if char != " " and unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp", "Zs")
    ]
    text = file_of(*({"unique_name": f"a{char}"} for char in [*others, *unseen]))
    assert {*text} & {*others, *unseen} == {"\n"}


def test_readable_characters_are_not_escaped() -> None:
    assert file_of({"unique_name": "Zoë 日本 ☎ 😀"}).endswith('"Zoë 日本 ☎ 😀"\n')


@pytest.mark.parametrize("text", ["rides", "ride-sharing", "Team_1", "a", SID, "country"])
def test_a_plain_word_is_not_quoted(text: str) -> None:
    assert file_of({"unique_name": text}).endswith(f": {text}\n")


@pytest.mark.parametrize(
    ("text", "tagged"),
    [
        ("{{ a }}", True),
        ("a {% b", True),
        ("{#", True),
        ("#jinja2: a", True),
        ("a #jinja2: b", False),
        ("{ { a", False),
        ("}} %} #}", False),
    ],
)
def test_a_text_that_looks_like_a_template_is_tagged(text: str, tagged: bool) -> None:
    assert ("!unsafe" in file_of({"unique_name": text})) == tagged


@pytest.mark.parametrize(
    ("account", "problem"),
    [
        (None, "no list services"),
        ([], "no list services"),
        ({"failed": True}, "no list services"),
        ({"services": [{"unique_name": "a", "url": "https://example.com/"}]}, "'url' is not an option"),
        ({"services": [{"phone_numbers": [{"friendly_name": "a"}]}]}, "'friendly_name' is not an option"),
        ({"services": [{"unique_name": None}]}, "unique_name: None is not a string, an integer, true or false"),
    ],
)
def test_a_value_that_is_no_account_is_refused(account: t.Any, problem: str) -> None:
    with pytest.raises(AnsibleFilterError, match=problem):
        services_file(account)


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"services_file": services_file}
