# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of options and of answers."""

from __future__ import annotations

import datetime
import typing as t

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.twilio.proxy.plugins.module_utils import _validation
from ansible_collections.twilio.proxy.plugins.module_utils._resources import (
    PHONE_NUMBER,
    RESOURCES,
    SERVICE,
    UNIQUE_NAME,
    URL,
    Field,
    Object,
    Resource,
    Rule,
    normalize_sid,
)

from .wire import NUMBER_SID, OTHER_SID, SID, number, page, service

PASSWORD_URL = "https://u:pw@h/"
LONGEST_NAME = "☎" * (UNIQUE_NAME.max_length or 0)
LONG_URL = "https://example.com/" + "a" * 3980


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "HTTPS://example.com:8443/a?b=c&d=%20#e",
        "https://user:p%40ss@example.com/",
        "https://[::1]:80/",
        "https://bücher.example/ü?☎",
        LONG_URL,
    ],
)
def test_absolute_urls_are_accepted(url: str) -> None:
    assert _validation.satisfies(URL, url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "/status",
        "ftp://example.com",
        "http:/example.com",
        "https://",
        "https:///path",
        "https://?a",
        "https://user@",
        "https://:80",
        "https://a:b:c/",
        "https://example.com:port/",
        "https://example.com:123456/",
        "https://example.com/a b",
        "https://example.com/\n",
        "https://example.com/\x00",
        "https://exam\x7fple.com/",
        " https://example.com",
        "javascript:alert(1)//https://example.com",
        LONG_URL + "a",
        "https://example.com/\ud800",
    ],
)
def test_other_strings_are_not_urls(url: str) -> None:
    assert not _validation.satisfies(URL, url)


@pytest.mark.parametrize(
    ("field", "value", "accepted"),
    [
        ("unique_name", "a", True),
        ("unique_name", LONGEST_NAME, True),
        ("unique_name", LONGEST_NAME + "a", False),
        ("unique_name", "", False),
        ("unique_name", "\udcff", False),
        ("default_ttl", 0, True),
        ("default_ttl", 2**31 - 1, True),
        ("default_ttl", 2**31, False),
        ("default_ttl", -1, False),
        ("default_ttl", True, False),
        ("chat_instance_sid", "IS" + "aF" * 16, True),
        ("chat_instance_sid", "", True),
        ("chat_instance_sid", "IS" + "a" * 31, False),
        ("chat_instance_sid", "IS" + "a" * 33, False),
        ("chat_instance_sid", "IS" + "g" * 32, False),
        ("chat_instance_sid", "IS" + "a" * 32 + "\n", False),
        ("sid", SID, True),
        ("sid", "", False),
        ("sid", "is" + "1" * 32, False),
        ("sid", "xKS" + "1" * 32, False),
        ("callback_url", "", True),
        ("callback_url", "example.com", False),
        ("intercept_callback_url", "", True),
        ("out_of_session_callback_url", "", True),
    ],
)
def test_problems_name_option_value_and_rule(field: str, value: t.Any, accepted: bool) -> None:
    found = _validation.problems(SERVICE, {field: value})
    if accepted:
        assert found == []
    else:
        (sentence,) = found
        rule = SERVICE.field(field).rule
        assert rule is not None
        assert sentence.startswith(f"{field}: {_validation.quoted(value)} is not {rule.text}")


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("+12025550101", True),
        ("+12", True),
        ("+919876543210123", True),
        ("+1", False),
        ("+9198765432101234", False),
        ("+02025550101", False),
        ("12025550101", False),
        ("++12025550101", False),
        ("+1 202 555 0101", False),
        ("+1(202)5550101", False),
        ("+12025550101\n", False),
        ("+1202555010\u0661", False),
        ("", False),
    ],
)
def test_phone_numbers_are_e164(text: str, accepted: bool) -> None:
    found = _validation.problems(PHONE_NUMBER, {"phone_number": text})
    assert found == (
        []
        if accepted
        else [(f"phone_number: {text!r} is not an E.164 number (+ and 2 to 15 digits, the first of which is not 0).")]
    )


@pytest.mark.parametrize(("sid", "accepted"), [(NUMBER_SID, True), (SID, False), (NUMBER_SID[:-1], False), ("", False)])
def test_the_sid_of_a_phone_number_begins_with_pn(sid: str, accepted: bool) -> None:
    found = _validation.problems(PHONE_NUMBER, {"sid": sid, "is_reserved": True})
    assert found == ([] if accepted else [f"sid: {sid!r} is not PN followed by 32 hexadecimal digits."])


def test_all_problems_are_reported() -> None:
    found = _validation.problems(SERVICE, {"default_ttl": -1, "unique_name": "", "callback_url": "x", "sid": SID})
    assert found == [
        f"unique_name: '' is not {UNIQUE_NAME.text}.",
        (
            "callback_url: 'x' is not an absolute http or https URL of at most 4000 characters without spaces or"
            ' control characters. "" clears it.'
        ),
        "default_ttl: -1 is not a whole number of seconds from 0 to 2147483647 (0 means no limit).",
    ]


def test_minimum_and_maximum_are_inclusive() -> None:
    rule = Rule("a number from 1 to 3", minimum=1, maximum=3)
    assert [number for number in range(6) if _validation.satisfies(rule, number)] == [1, 2, 3]
    assert _validation.satisfies(Rule("anything"), "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://user:secret@example.com/a@b", ["//user:secret@"]),
        ("https://user:se:cr@et@example.com", ["//user:se:cr@et@"]),
        ("https://:secret@example.com", ["//:secret@"]),
        ("https://secret@example.com", ["//secret@"]),
        ("https://example.com/user:secret@", []),
        ("see https://a:one@b and http://c:two@d", ["//a:one@", "//c:two@"]),
        ("https://a@b/?token=x&y=1&sig=2#key=3", ["//a@", "token=x", "sig=2", "key=3"]),
        ("https://b/?token=&auth", []),
        ("https://b/?q=https://c:d@e&x=1", ["//c:d@"]),
        ("https://b/?a=1,token=x|key=2", ["token=x|key=2"]),
        ("https://b/?q=https%3A%2F%2Fc%3Ad%40e", ["q=https%3A%2F%2Fc%3Ad%40e"]),
        ("https://b/?q=https%3A%2F%2Fe", []),
    ],
)
def test_secrets_in_urls_are_found(text: str, expected: list[str]) -> None:
    assert _validation.secrets(text) == expected
    assert not any(secret in _validation.quoted(text) for secret in expected)


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "KEY",
        "apikey",
        "api_key",
        "apiKey",
        "APIKey",
        "access-token",
        "X-Amz-Signature",
        "auth[code]",
        "code",
        "%74oken",
        *("client.secret", "password", "passwd", "pwd", "userpassword", "token2", "sig", "authToken", "jwt"),
        *("passcode", "authcode", "creds", "access_tokens", "apiKeys", "oauth"),
    ],
)
def test_a_credential_is_recognized_by_a_word_in_the_name_of_its_parameter(name: str) -> None:
    assert _validation.secrets(f"https://a.example/?x=1&{name}=v") == [f"{name}=v"]
    assert _validation.quoted(f"https://a.example/?{name}=v&x=1") == f"'https://a.example/?{name}=********&x=1'"


@pytest.mark.parametrize(
    "name", ["author", "codec", "country_code", "zipCode", "keyboard", "design", "passenger", "tokens_left_", "id", "1"]
)
def test_parameters_with_other_names_are_not_credentials(name: str) -> None:
    assert _validation.secrets(f"https://a.example/?{name}=v") == []


def test_a_masked_secret_is_a_problem() -> None:
    """Sent to Twilio, it would replace the secret."""
    masked = "https://example.com/?token=********"
    sentence = _validation.problem("callback_url", masked, URL, clearable=True)
    assert sentence is not None
    assert sentence.startswith("callback_url: ")
    assert _validation.problem("unique_name", "********", UNIQUE_NAME) is None


def test_quoted_shortens_long_values_and_masks_secrets() -> None:
    value = "https://user:" + "s3cret" * 50 + "@example.com"
    assert "s3cret" not in _validation.quoted(value)
    assert _validation.quoted("https://user:pw@a.example") == "'https://********@a.example'"
    assert _validation.quoted("a" * 101) == "'" + "a" * 100 + "'... (101 characters)"
    assert _validation.quoted("a" * 100) == "'" + "a" * 100 + "'"
    assert _validation.quoted("\ud800\x1b\u202e") == r"'\ud800\x1b\u202e'"
    assert _validation.quoted(-1) == "-1"
    assert _validation.quoted([PASSWORD_URL]) == "['https://********@h/']"
    assert _validation.quoted(10**100) == f"1{'0' * 99}... (101 characters)"
    assert _validation.quoted(datetime.date(2026, 11, 23)) == "2026-11-23"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zoë ☎ 🚕 \\ 'a'", "Zoë ☎ 🚕 \\ 'a'"),
        ("a\r\n\tb", r"a\r\n\tb"),
        ("\x1b[8m\x00\x7f\x9b", r"\x1b[8m\x00\x7f\x9b"),
        ("\u2028\u2029\u202e\u2066\u200b\ufeff", r"\u2028\u2029\u202e\u2066\u200b\ufeff"),
        ("\ud800", r"\ud800"),
    ],
)
def test_visible_escapes_control_characters(text: str, expected: str) -> None:
    assert _validation.visible(text) == expected


VALUES: st.SearchStrategy[t.Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=3)
    | st.just({})
    | st.just([])
    | st.sampled_from([1.5, 60.0])
)


#: A value of each type of the tables. The text is not one of the choices, and may be one that is newer.
RIGHT: dict[str, t.Any] = {"str": "a-new-word", "int": 1, "bool": True, "dict": {"a": 1}}


@st.composite
def nearly_valid_objects(draw: st.DrawFn, resource: Resource) -> t.Any:
    """Draw an object with up to two fields replaced or missing, or another value."""
    answer: Object = {field.name: RIGHT[field.type] for field in resource.fields}
    rule = resource.field("sid").rule
    answer |= {"sid": f"{rule and rule.text[:2]}{'1' * 32}", "something_new": {"a": 1}}
    for _change in range(draw(st.integers(0, 2))):
        name = draw(st.sampled_from(sorted(answer)))
        value = draw(VALUES | st.sampled_from([SID, OTHER_SID, NUMBER_SID, "KS1", SID + "/x", NUMBER_SID + "/x"]))
        if draw(st.booleans()):
            answer[name] = value
        else:
            del answer[name]
    return draw(st.sampled_from([answer, answer, answer, draw(VALUES)]))


JSON_TYPES = {"str": "string", "int": "integer", "bool": "boolean", "dict": "object"}


def object_schema(resource: Resource) -> dict[str, t.Any]:
    """Return the JSON Schema of an object in an answer."""
    rule = resource.field("sid").rule
    assert rule is not None
    types = {field.name: {"type": [JSON_TYPES[field.type], "null"]} for field in resource.fields}
    properties = {**types, "sid": {"type": "string", "pattern": f"^(?:{rule.pattern})$"}}
    return {"type": "object", "required": ["sid"], "properties": properties}


def page_schema(resource: Resource) -> dict[str, t.Any]:
    """Return the JSON Schema of a page of a list."""
    meta = {
        "type": "object",
        "required": ["next_page_url"],
        "properties": {"next_page_url": {"type": ["string", "null"]}},
    }
    return {
        "type": "object",
        "required": [resource.list_key, "meta"],
        "properties": {resource.list_key: {"type": "array", "items": object_schema(resource)}, "meta": meta},
    }


@given(st.data(), st.sampled_from(RESOURCES))
def test_object_problem_agrees_with_a_json_schema(data: st.DataObject, resource: Resource) -> None:
    answer = data.draw(nearly_valid_objects(resource))
    is_valid = jsonschema.Draft7Validator(object_schema(resource)).is_valid(answer)
    assert (_validation.object_problem(resource, answer) is None) == is_valid


@st.composite
def nearly_valid_pages(draw: st.DrawFn, resource: Resource) -> t.Any:
    """Draw a page with possible errors."""
    objects = [draw(nearly_valid_objects(resource)) for _number in range(2)]
    answer: dict[str, t.Any] = dict(page(*objects, following=draw(st.none() | st.text()), of=resource).body)
    for container in (answer, answer["meta"]):
        if draw(st.booleans()):
            name = draw(st.sampled_from(sorted(container)))
            container[name] = draw(VALUES)
    if draw(st.booleans()):
        del answer[draw(st.sampled_from(sorted(answer)))]
    elif isinstance(answer["meta"], dict) and draw(st.booleans()):
        answer["meta"].pop("next_page_url", None)
    return draw(st.sampled_from([answer, answer, answer, draw(VALUES)]))


@given(st.data(), st.sampled_from(RESOURCES))
def test_page_problem_agrees_with_a_json_schema(data: st.DataObject, resource: Resource) -> None:
    answer = data.draw(nearly_valid_pages(resource))
    is_valid = jsonschema.Draft7Validator(page_schema(resource)).is_valid(answer)
    assert (_validation.page_problem(resource, answer) is None) == is_valid


def without(name: str) -> dict[str, t.Any]:
    """Return a Service without that field."""
    return {key: value for key, value in service().items() if key != name}


@pytest.mark.parametrize(
    ("resource", "answer", "problem"),
    [
        (SERVICE, service(default_ttl="60"), "default_ttl is a string, not an integer"),
        (SERVICE, service(default_ttl=True), "default_ttl is a boolean, not an integer"),
        (SERVICE, service(default_ttl=1.5), "default_ttl is a number, not an integer"),
        (SERVICE, service(default_ttl=float("inf")), "default_ttl is a number, not an integer"),
        (SERVICE, service(callback_url=[]), "callback_url is an array, not a string"),
        (SERVICE, service(links=3), "links is an integer, not an object"),
        (SERVICE, service(unique_name={}), "unique_name is an object, not a string"),
        (SERVICE, without("sid"), "sid is null or missing"),
        (SERVICE, service(sid=None), "sid is null or missing"),
        (SERVICE, service(sid="KS/../secret"), "sid is not KS followed by 32 hexadecimal digits"),
        (SERVICE, [], "the answer is an array, not an object"),
        (SERVICE, None, "the answer is null or missing, not an object"),
        (PHONE_NUMBER, number(is_reserved=1), "is_reserved is an integer, not a boolean"),
        (PHONE_NUMBER, number(is_reserved="true"), "is_reserved is a string, not a boolean"),
        (PHONE_NUMBER, number(is_reserved=1.0), "is_reserved is a number, not a boolean"),
        (PHONE_NUMBER, number(in_use=True), "in_use is a boolean, not an integer"),
        (PHONE_NUMBER, number(capabilities=[]), "capabilities is an array, not an object"),
        (PHONE_NUMBER, number(sid=SID), "sid is not PN followed by 32 hexadecimal digits"),
    ],
)
def test_object_problem_names_the_field(resource: Resource, answer: t.Any, problem: str) -> None:
    assert _validation.object_problem(resource, answer) == problem


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (service(), service(default_ttl="60")),
        (service(default_ttl=60.0), service(default_ttl=1.5)),
        (service(), without("sid")),
        (service(), service(sid="KS1")),
    ],
)
def test_every_object_of_a_page_is_checked(first: Object, second: Object) -> None:
    assert _validation.page_problem(SERVICE, page(first, first).body) is None
    problem = _validation.page_problem(SERVICE, page(first, second).body)
    assert problem is not None
    assert problem.startswith("services[1].")


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.key)
def test_all_fields_but_the_sid_may_be_missing_or_null(resource: Resource) -> None:
    rule = resource.field("sid").rule
    answer = {"sid": f"{rule and rule.text[:2]}{'1' * 32}"}
    assert _validation.object_problem(resource, answer) is None
    nulls = dict.fromkeys(field.name for field in resource.fields)
    assert _validation.object_problem(resource, {**nulls, **answer}) is None


@pytest.mark.parametrize("sid", ["", "KS1", f"{SID}/x", f"{SID}\n", "IS" + "1" * 32, None, 1])
def test_an_object_without_a_valid_sid_is_a_problem(sid: t.Any) -> None:
    assert _validation.object_problem(SERVICE, service(sid=sid)) is not None


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ([], "the answer is an array, not an object"),
        ({}, "services is null or missing, not an array"),
        ({"services": {}, "meta": {"next_page_url": None}}, "services is an object, not an array"),
        ({"services": []}, "meta is null or missing, not an object"),
        ({"services": [], "meta": {}}, "meta.next_page_url is missing"),
        ({"services": [], "meta": {"next_page_url": 1}}, "meta.next_page_url is an integer, not a string or null"),
        (page(service(), service(sid=None)).body, "services[1].sid is null or missing"),
        ({**page().body, "services": [3]}, "services[0] is an integer, not an object"),
    ],
)
def test_page_problem_names_the_place(answer: t.Any, problem: str) -> None:
    assert _validation.page_problem(SERVICE, answer) == problem


def test_a_float_without_a_fraction_is_an_integer() -> None:
    assert _validation.object_problem(SERVICE, service(default_ttl=60.0)) is None
    normalized = SERVICE.field("default_ttl").normalize(60.0)
    assert (normalized, type(normalized)) == (60, int)
    assert Field("anything", "int").normalize(None) is None


@pytest.mark.parametrize(
    ("resource", "name", "default"),
    [
        (SERVICE, "default_ttl", 0),
        (SERVICE, "geo_match_level", "country"),
        (SERVICE, "callback_url", None),
        (PHONE_NUMBER, "is_reserved", False),
        (PHONE_NUMBER, "phone_number", None),
    ],
)
def test_null_is_normalized_to_the_default(resource: Resource, name: str, default: t.Any) -> None:
    assert resource.field(name).normalize(None) == default


@pytest.mark.parametrize(
    ("value", "normalized"),
    [
        ("KS" + "aB" * 16, "KS" + "ab" * 16),
        ("ks" + "aB" * 16, "ks" + "aB" * 16),
        ("KS" + "aB" * 15, "KS" + "aB" * 15),
        ("Rides", "Rides"),
        (None, None),
        (5, 5),
    ],
)
def test_sids_are_normalized(value: t.Any, normalized: t.Any) -> None:
    assert normalize_sid(value) == normalized
    assert SERVICE.field("sid").normalize(value) == normalized
    assert SERVICE.field("unique_name").normalize(value) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://user:se/cr#et?x y@h/", ["//user:se/cr#et?x y@"]),
        ("user:secret@h", ["user:secret@"]),
        ("secret@h", ["secret@"]),
        ("ftp://user:a@b@h", ["//user:a@b@"]),
        ("h/?token=a b&x=1", ["token=a b"]),
        ("https://user:secret@example.com/a@b", ["//user:secret@"]),
        ("https://example.com:8080/a@b", []),
    ],
)
def test_secrets_in_malformed_urls_are_found(text: str, expected: list[str]) -> None:
    assert _validation.secrets(text, is_url=True) == expected
    assert not any(secret in _validation.quoted(text, is_url=True) for secret in expected)


def test_a_name_is_not_a_url() -> None:
    assert _validation.secrets("team:rides@night") == []
    assert _validation.quoted("team:rides@night") == "'team:rides@night'"


@pytest.mark.parametrize("value", ["(", "a{99999999999}", "(" * 5000])
def test_an_invalid_regular_expression_is_a_problem(value: str) -> None:
    assert str(_validation.regex_problem("prune_matching", value)).startswith("prune_matching: ")
    assert _validation.regex_problem("prune_matching", "^a-") is None


def test_the_tables_are_consistent() -> None:
    for resource in RESOURCES:
        assert ("create" in resource.operations) == (resource.name_field in {item.name for item in resource.writable})
        assert {field.name for field in resource.fields if field.immutable} <= {
            field.name for field in resource.writable
        }
    assert (SERVICE.sid_is_chosen, PHONE_NUMBER.sid_is_chosen) == (False, True)
    assert PHONE_NUMBER.parent is SERVICE
    assert SERVICE.child is PHONE_NUMBER
    with pytest.raises(LookupError):
        assert PHONE_NUMBER.child
    assert [field.name for field in PHONE_NUMBER.fields if field.immutable] == ["sid", "phone_number"]
    assert SERVICE.protected_names == ("Flex Proxy Service",)
    assert PHONE_NUMBER.protected_names == ()
