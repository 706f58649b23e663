# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON Schema of a services file, and the problems of a list."""

from __future__ import annotations

import datetime
import functools
import json
import re
import sys
import typing as t
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.twilio.proxy.plugins.module_utils import _validation
from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER, SERVICE, UNIQUE_NAME, Field
from ansible_collections.twilio.proxy.plugins.module_utils._services_file import (
    POOL,
    SERVICES_KEY,
    STATE,
    options_of,
    problems_of_options,
    rule_of,
    services_problems,
    services_schema,
)
from ansible_collections.twilio.proxy.plugins.module_utils._validation import QUOTE_ADVICE
from ansible_collections.twilio.proxy.plugins.modules import services

CHECKOUT = Path(__file__).resolve().parents[4]
FILE = "docs/schemas/services.schema.json"
SID, OTHER_SID, NUMBER_SID, NUMBER = "KS" + "a" * 32, "KS" + "b" * 32, "PN" + "a" * 32, "+12025550100"
TOO_LONG = "x" * (1 + (UNIQUE_NAME.max_length or 0))


def entry_of(schema: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the schema of an entry of the list."""
    return t.cast("dict[str, t.Any]", schema["properties"][SERVICES_KEY]["else"]["items"]["else"])


def published() -> dict[str, t.Any]:
    """Return the published schema, which .ci/update_literals.py writes."""
    return t.cast("dict[str, t.Any]", json.loads((CHECKOUT / FILE).read_text(encoding="utf-8")))


def test_the_schema_is_a_valid_json_schema() -> None:
    jsonschema.Draft7Validator.check_schema(published())


def test_every_keyword_is_of_draft_7_or_for_editors() -> None:
    """A misspelt keyword would be ignored by every reader."""
    known = {*jsonschema.Draft7Validator.META_SCHEMA["properties"], "errorMessage"}

    def keywords(schema: t.Any) -> t.Iterator[str]:
        if isinstance(schema, dict):
            yield from schema
            for keyword in ("else", "if", "items", "not", "then"):
                yield from keywords(schema.get(keyword))
            for keyword in ("dependencies", "properties"):
                for inner in schema.get(keyword, {}).values():
                    yield from keywords(inner)

    assert set(keywords(published())) <= known


def test_the_options_are_those_of_the_module() -> None:
    properties = entry_of(services_schema())["properties"]
    documented = yaml.safe_load(services.DOCUMENTATION)["options"]["services"]["suboptions"]
    assert set(properties) == set(documented)
    assert set(properties[POOL]["else"]["items"]["else"]["properties"]) == set(documented[POOL]["suboptions"])
    assert STATE.choices == tuple(documented["state"]["choices"])


FIELDS = [*options_of(SERVICE), *options_of(PHONE_NUMBER)]


@functools.cache
def validator() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(services_schema())


def accepts(field: Field, value: t.Any) -> bool:
    """Return whether the schema accepts the value of the field, in an otherwise valid entry."""
    if field in options_of(PHONE_NUMBER):
        number = (
            {field.name: value} if field.name in ("sid", "phone_number") else {"sid": NUMBER_SID, field.name: value}
        )
        entry: dict[str, t.Any] = {"unique_name": "rides", POOL: [number]}
    else:
        entry = {"sid": SID, field.name: value}
    return validator().is_valid({SERVICES_KEY: [entry]})


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_option_has_a_rule(field: Field) -> None:
    assert field.rule or field.choices or field.type == "bool"
    assert rule_of(field)


# Almost valid texts and unusual ones.
TEXTS = (
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.from_regex(r"\A(https?://[a-z:@/\[\] ]{0,9}|(KS|IS|PN)[0-9a-f]{31,33}|\+[0-9]{0,17}|[0-9]{0,3})\n?\Z")
    | st.integers(len(TOO_LONG) - 2, len(TOO_LONG)).map(lambda size: "☎" * size)
    | st.integers(3980, 3982).map(lambda size: "https://example.com/" + "x" * size)
)


@pytest.mark.parametrize("field", [field for field in FIELDS if field.type == "str"], ids=lambda field: field.name)
@given(text=TEXTS)
def test_a_text_is_accepted_if_it_satisfies_its_rule_or_holds_a_template(field: Field, text: str) -> None:
    right = text in field.choices if field.choices else _validation.satisfies(field.rule, text) if field.rule else False
    template = "{{" in text or "{%" in text
    assert accepts(field, text) == (right or template or (field.clearable and text == ""))


@pytest.mark.parametrize("field", [field for field in FIELDS if field.choices], ids=lambda field: field.name)
def test_each_choice_is_accepted(field: Field) -> None:
    assert [choice for choice in field.choices or () if not accepts(field, choice)] == []


@given(value=st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS)
def test_a_number_is_accepted_if_it_satisfies_its_rule_also_as_a_text(value: t.Any) -> None:
    field = SERVICE.field("default_ttl")
    if isinstance(value, str):
        right = re.fullmatch("[0-9]+", value) is not None or "{{" in value or "{%" in value
    else:
        # JSON has one kind of number: 60.0 is the integer 60.
        whole = isinstance(value, (int, float)) and value == value // 1
        right = whole and field.rule is not None and _validation.satisfies(field.rule, value)
    assert accepts(field, value) == right


@pytest.mark.parametrize(
    ("value", "right"), [(True, True), (False, True), ("{{ it }}", True), ("true", False), (1, False), (None, False)]
)
def test_booleans_are_not_texts(value: t.Any, right: bool) -> None:
    assert accepts(PHONE_NUMBER.field("is_reserved"), value) == right


@pytest.mark.parametrize(
    "services",
    [
        [],
        [{"unique_name": "rides"}],
        [{"sid": SID}, {"sid": OTHER_SID, "unique_name": "rides"}],
        [{"sid": SID, "unique_name": "rides", "state": "absent"}, {"unique_name": "rides"}],
        [
            {"unique_name": "a", POOL: [{"phone_number": NUMBER}]},
            {"unique_name": "b", POOL: [{"phone_number": NUMBER}]},
        ],
        [{"unique_name": "rides", "state": "absent"}],
        [{"unique_name": "rides", POOL: []}],
        [{"unique_name": "rides", "state": "present", POOL: [{"sid": NUMBER_SID}, {"phone_number": NUMBER}]}],
        # The raw file may hold a template wherever there is a value.
        "{{ services }}",
        ["{% if more %}{{ more }}{% endif %}"],
        [{"unique_name": "rides", POOL: "{{ numbers }}"}],
        [{"unique_name": "rides", "state": "{{ state }}", POOL: ["{{ number }}"]}],
        [{"unique_name": "rides", "previous_name": "trips"}, {"unique_name": "b", "previous_name": ["a", "c", "a"]}],
        [{"unique_name": "rides", "previous_name": []}, {"unique_name": "b", "previous_name": ["{{ a }}"]}],
    ],
)
def test_a_correct_list_has_no_problems(services: t.Any) -> None:
    assert services_problems(services) == []


URL_RULE = (
    'an absolute http or https URL of at most 4000 characters without spaces or control characters. "" clears it.'
)
TTL_RULE = "a whole number of seconds from 0 to 2147483647 (0 means no limit)."
NAME_RULE = f"{UNIQUE_NAME.text}."
LEVEL_RULE = "one of country, area-code, extended-area-code, overlay, radius."
NUMBER_RULE = "an E.164 number (+ and 2 to 15 digits, the first of which is not 0)."
FIELD_NAMES = ", ".join(field.name for field in SERVICE.writable)
OPTIONS = f"the options are sid, {FIELD_NAMES}, previous_name, state, phone_numbers."
NO_VALUE = "the value is null. Check the variable that it comes from, or leave the option out."
QUOTE = f" {QUOTE_ADVICE}"


@pytest.mark.parametrize(
    ("services", "problems"),
    [
        (None, ["proxy_services: null is not a list."]),
        ({"rides": {}}, ["proxy_services: this is a mapping, not a list."]),
        ("rides", ["proxy_services: 'rides' is not a list."]),
        (["rides"], ["proxy_services[0]: 'rides' is not a mapping of options."]),
        ([[]], ["proxy_services[0]: this is a list, not a mapping of options."]),
        ([{}], ["proxy_services[0]: sid or unique_name is missing."]),
        ([None], ["proxy_services[0]: null is not a mapping of options."]),
    ],
)
def test_a_value_that_is_no_list_of_services_is_reported(services: t.Any, problems: list[str]) -> None:
    assert services_problems(services) == problems


@pytest.mark.parametrize(
    ("options", "problems"),
    [
        ({"default_ttl": -1}, [f".default_ttl: -1 is not {TTL_RULE}"]),
        ({"default_ttl": "an hour"}, [f".default_ttl: 'an hour' is not {TTL_RULE}"]),
        ({"default_ttl": 1.5}, [f".default_ttl: 1.5 is not {TTL_RULE}"]),
        ({"default_ttl": True}, [f".default_ttl: true is not {TTL_RULE}"]),
        ({"default_ttl": None}, [f".default_ttl: {NO_VALUE}"]),
        ({"callback_url": None}, [f".callback_url: {NO_VALUE}"]),
        (
            {"callback_url": "user:hush@example.com"},
            [f".callback_url: '********@example.com' is not {URL_RULE}"],
        ),
        ({"callback_url": {"url": "user:hush@example.com"}}, [f".callback_url: this is a mapping, not {URL_RULE}"]),
        ({"callback_url": "x" * 4001}, [f".callback_url: '{'x' * 100}'... (4001 characters) is not {URL_RULE}"]),
        ({"geo_match_level": "street"}, [f".geo_match_level: 'street' is not {LEVEL_RULE}"]),
        ({"geo_match_level": False}, [f".geo_match_level: false is not {LEVEL_RULE}"]),
        ({"unique_name": ""}, [f".unique_name: '' is not {NAME_RULE}"]),
        ({"unique_name": 1000.0}, [f".unique_name: 1000.0 is not {NAME_RULE}{QUOTE}"]),
        ({"unique_name": True}, [f".unique_name: true is not {NAME_RULE}{QUOTE}"]),
        ({"unique_name": []}, [f".unique_name: this is a list, not {NAME_RULE}"]),
        ({"unique_name": datetime.date(2001, 1, 2)}, [f".unique_name: 2001-01-02 is not {NAME_RULE}{QUOTE}"]),
        ({"sid": f"{SID}\n"}, [f".sid: '{SID}\\n' is not KS followed by 32 hexadecimal digits."]),
        ({"ttl": 1, 2: 3}, [f": unknown option 'ttl'; {OPTIONS}", f": unknown option '2'; {OPTIONS}"]),
        (
            {"state": "absent", POOL: []},
            [".state: 'absent' cannot be combined with phone_numbers."],
        ),
        ({"unique_nam": "x"}, [": unknown option 'unique_nam'; did you mean unique_name?"]),
        ({"state": "gone"}, [".state: 'gone' is not one of present, absent."]),
        ({"previous_name": "a"}, [f".sid: '{SID}' cannot be combined with previous_name."]),
        (
            {"sid": None, "previous_name": ["b", 5, None, "", {}]},
            [
                ".previous_name[0]: 'b' is the unique_name of the same entry.",
                f".previous_name[1]: 5 is not {NAME_RULE}{QUOTE}",
                f".previous_name[2]: {NO_VALUE}",
                f".previous_name[3]: '' is not {NAME_RULE}",
                f".previous_name[4]: this is a mapping, not {NAME_RULE}",
                f".sid: {NO_VALUE}",
            ],
        ),
        ({POOL: {"phone_number": NUMBER}}, [".phone_numbers: this is a mapping, not a list."]),
        ({POOL: None}, [".phone_numbers: null is not a list."]),
        ({POOL: [NUMBER]}, [f".phone_numbers[0]: '{NUMBER}' is not a mapping of options."]),
        ({POOL: [{}]}, [".phone_numbers[0]: sid or phone_number is missing."]),
        (
            {POOL: [{"phone_number": 12025550100}]},
            [f".phone_numbers[0].phone_number: 12025550100 is not {NUMBER_RULE}{QUOTE}"],
        ),
        (
            {POOL: [{"sid": NUMBER_SID, "phone_number": NUMBER}]},
            [f".phone_numbers[0].phone_number: '{NUMBER}' cannot be combined with sid."],
        ),
        (
            {POOL: [{"phone_number": NUMBER, "is_reserved": "no"}]},
            [".phone_numbers[0].is_reserved: 'no' is not true or false."],
        ),
        (
            {POOL: [{"phone_number": NUMBER, "reserved": True}]},
            [".phone_numbers[0]: unknown option 'reserved'; did you mean is_reserved?"],
        ),
    ],
)
def test_a_problem_names_the_place_the_value_and_the_rule(options: dict[t.Any, t.Any], problems: list[str]) -> None:
    services = [{"unique_name": "rides"}, {"sid": SID, "unique_name": "b", **options}]
    without_names = [re.sub(r" \('.*'\)(?=:)", "", sentence, count=1) for sentence in services_problems(services)]
    assert without_names == [f"proxy_services[1]{problem}" for problem in problems]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"previous_name": "b"}, ".previous_name ('b'): 'b' is the unique_name of the same entry."),
        ({"previous_name": 5}, f".previous_name ('b'): 5 is not {NAME_RULE}{QUOTE}"),
        ({"previous_name": None}, f".previous_name ('b'): {NO_VALUE}"),
        (
            {"previous_name": [TOO_LONG]},
            f".previous_name[0] ('b'): '{'x' * 100}'... ({len(TOO_LONG)} characters) is not {NAME_RULE}",
        ),
        ({"previous_name": "a", "state": "absent"}, ".state ('b'): 'absent' cannot be combined with previous_name."),
        (
            {"previous_name": ["a", "rides"]},
            " ('b'): the previous_name 'rides' is also the unique_name of proxy_services[0] ('rides').",
        ),
    ],
)
def test_previous_names_are_checked(options: dict[str, t.Any], problem: str) -> None:
    """With and without the schema."""
    services = [{"unique_name": "rides"}, {"unique_name": "b", **options}]
    assert services_problems(services) == [f"proxy_services[1]{problem}"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "jsonschema", None)
        assert problems_of_options(services, SERVICES_KEY) == [f"proxy_services[1]{problem}"]


@pytest.mark.parametrize(
    ("entry", "beginning"),
    [
        ({"unique_name": "rides", "sid": SID, "default_ttl": -1}, ".default_ttl ('rides'): -1 is not"),
        ({"sid": SID, "default_ttl": -1}, f".default_ttl ('{SID}'): -1 is not"),
        ({"default_ttl": 1}, ": sid or unique_name is missing"),
        ({"unique_name": "rides", "color": 1}, " ('rides'): unknown option 'color'; the options are"),
        ({"unique_name": TOO_LONG}, ".unique_name: 'xxx"),
        ({"unique_name": TOO_LONG, "sid": SID}, f".unique_name ('{SID}'): 'xxx"),
        ({"unique_name": "rides", "sid": "KS"}, ".sid ('rides'): 'KS' is not"),
        ({"unique_name": 1, "default_ttl": 1}, ".unique_name: 1 is not"),
        (
            {"unique_name": "rides", "phone_numbers": [{"phone_number": "+12025550100", "is_reserved": 2}]},
            ".phone_numbers[0].is_reserved ('rides', '+12025550100'): 2 is not",
        ),
        ({"unique_name": "rides", "phone_numbers": ["+1"]}, ".phone_numbers[0] ('rides'): '+1' is not"),
        (
            {"unique_name": "rides", "phone_numbers": [{"phone_number": "12"}]},
            ".phone_numbers[0].phone_number ('rides'): '12' is not",
        ),
        ({"unique_name": "a: b\n", "default_ttl": -1}, r".default_ttl ('a: b\n'): -1 is not"),
        ({"unique_name": "https://a:hush@b/", "default_ttl": -1}, ".default_ttl ('https://********@b/'): -1 is"),
        ("rides", ": 'rides' is not"),
    ],
)
def test_a_problem_names_the_entry_by_its_name_or_its_sid(entry: t.Any, beginning: str) -> None:
    (sentence,) = services_problems([{"unique_name": "other"}, entry])
    assert sentence.startswith(f"proxy_services[1]{beginning}")


def test_all_problems_are_reported_in_the_order_of_the_list() -> None:
    services = [
        {"unique_name": "", "default_ttl": -1},
        *[{"unique_name": str(n)} for n in range(9)],
        {"unique_name": 1},
    ]
    assert [problem.partition(":")[0] for problem in services_problems(services)] == [
        "proxy_services[0].default_ttl",
        "proxy_services[0].unique_name",
        "proxy_services[10].unique_name",
    ]


def test_entries_for_the_same_object_are_reported_with_all_other_problems() -> None:
    services = [
        {"unique_name": "rides", "default_ttl": -1},
        {"sid": SID, POOL: [{"phone_number": NUMBER}, NUMBER, {"phone_number": 1}, {"phone_number": NUMBER}]},
        "rides",
        {"unique_name": "rides", POOL: [{"sid": NUMBER_SID}, {"sid": NUMBER_SID.replace("a", "A")}]},
        {"sid": SID.replace("a", "A"), "state": "absent"},
        {"unique_name": 1},
        {"unique_name": 1},
    ]
    problems_found = services_problems(services, "services")
    assert all(problem.startswith("services[") for problem in problems_found)
    assert [problem for problem in problems_found if " both have the " in problem] == [
        f"{first} and {second} both have the {value}."
        for first, second, value in (
            (
                f"services[1].phone_numbers[0] ('{SID}', '{NUMBER}')",
                f"services[1].phone_numbers[3] ('{SID}', '{NUMBER}')",
                f"phone_number '{NUMBER}'",
            ),
            (
                f"services[3].phone_numbers[0] ('rides', '{NUMBER_SID}')",
                f"services[3].phone_numbers[1] ('rides', '{NUMBER_SID.replace('a', 'A')}')",
                f"sid '{NUMBER_SID}'",
            ),
            (f"services[1] ('{SID}')", f"services[4] ('{SID.replace('a', 'A')}')", f"sid '{SID}'"),
            ("services[0] ('rides')", "services[3] ('rides')", "unique_name 'rides'"),
        )
    ]
    assert len(problems_found) == 10


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("callback_url", "https://user:********@example.com/"),
        ("unique_name", "\ud800"),
        ("chat_instance_sid", "{{ sid }}"),
    ],
)
def test_problems_that_the_schema_cannot_express_are_reported_too(option: str, value: str) -> None:
    (problem,) = services_problems([{"sid": SID, option: value}])
    assert problem.startswith(f"proxy_services[0].{option} ('{SID}'): ")


NUMBERS: dict[str, st.SearchStrategy[t.Any]] = {"sid": st.just(NUMBER_SID) | TEXTS, "is_reserved": st.booleans()}
OPTIONAL: dict[str, st.SearchStrategy[t.Any]] = {
    "sid": st.just(SID) | TEXTS,
    "callback_url": TEXTS,
    "default_ttl": st.integers(),
    "state": st.sampled_from(["present", "absent"]),
    "previous_name": TEXTS | st.lists(TEXTS | st.integers() | st.none(), max_size=2),
    POOL: st.lists(st.fixed_dictionaries(NUMBERS), max_size=2),
}
ENTRIES = st.lists(st.fixed_dictionaries({"unique_name": TEXTS}, optional=OPTIONAL), max_size=2)


@given(entries=ENTRIES)
def test_the_check_finds_the_same_with_and_without_the_schema(entries: list[dict[str, t.Any]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "jsonschema", None)
        plain = problems_of_options(entries, SERVICES_KEY)
    assert sorted(services_problems(entries)) == sorted(plain)
    assert problems_of_options(entries, SERVICES_KEY) == services_problems(entries)


ANYTHING: st.SearchStrategy[t.Any] = st.none() | st.booleans() | st.integers() | TEXTS | st.just([]) | st.just({})


def mostly_right(**right: t.Any) -> st.SearchStrategy[dict[str, t.Any]]:
    """Return entries with some of these values, or with others in their place, or with an unknown option."""
    given_values = {name: st.just(value) | st.just(value) | ANYTHING for name, value in right.items()}
    return st.fixed_dictionaries({}, optional={**given_values, "x": ANYTHING})


NUMBER_ENTRIES = st.lists(mostly_right(sid=NUMBER_SID, phone_number=NUMBER, is_reserved=True), max_size=2)
SERVICE_ENTRIES = st.builds(
    lambda entry, numbers: {**entry, **numbers},
    mostly_right(sid=SID, unique_name="rides", default_ttl=5, geo_match_level="country", state="present"),
    st.fixed_dictionaries({}, optional={POOL: NUMBER_ENTRIES | ANYTHING}),
)


@given(entries=st.lists(SERVICE_ENTRIES, max_size=2) | ANYTHING)
def test_a_list_that_the_schema_refuses_has_problems(entries: t.Any) -> None:
    assert services_problems(entries) or validator().is_valid({SERVICES_KEY: entries})


def test_only_what_is_wrong_needs_jsonschema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    numbers = [{"phone_number": NUMBER, "is_reserved": True}, {"sid": NUMBER_SID}]
    entry = {"sid": SID, "unique_name": "rides", "state": "present", "geo_match_level": "country", POOL: numbers}
    assert services_problems([entry, {"unique_name": "b", "previous_name": "a", "default_ttl": 5}]) == []
    wrong: list[dict[str, t.Any]] = [
        {"state": "gone"},
        {"default_ttl": "5"},
        {POOL: [{}]},
        # Options of a Service.
        {POOL: [{"sid": NUMBER_SID, "state": "present"}]},
        {POOL: [{"sid": NUMBER_SID, POOL: []}]},
    ]
    for options in wrong:
        with pytest.raises(ImportError):
            services_problems([{"unique_name": "rides", **options}])
