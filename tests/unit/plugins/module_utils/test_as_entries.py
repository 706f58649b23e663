# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account as a list: its entries, its omissions, and that the list recreates the account."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.twilio.proxy.plugins.module_utils._plan import plan, writable
from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER, SERVICE, Object
from ansible_collections.twilio.proxy.plugins.module_utils._services_file import LeftOut, as_entries

from .test_plan import CURRENT
from .wire import NUMBER_SID, OTHER_NUMBER_SID, OTHER_SID, SID, number, service

CHAT = "IS" + "a" * 32
Read: t.TypeAlias = "tuple[Object, t.Sequence[Object] | None]"


def written(*read: Read, **options: bool) -> tuple[list[Object], list[LeftOut]]:
    """Return the entries for the objects read, and the omissions."""
    options = {"full": False, "with_sids": False, "with_secrets": False, **options}
    return as_entries(SERVICE, read, **options)


ALL = {name: "" if value is None else value for name, value in (writable(SERVICE, service()) or {}).items()}
NO_DEFAULTS = {
    "callback_url": "https://example.com/a",
    "default_ttl": 60,
    "geo_match_level": "radius",
    "number_selection_behavior": "avoid-sticky",
}
ROWS: dict[str, tuple[Read, dict[str, bool], Object]] = {
    "defaults are left out": ((service(), []), {}, {"unique_name": "rides"}),
    "what differs is written": ((service(**NO_DEFAULTS), []), {}, {"unique_name": "rides", **NO_DEFAULTS}),
    "everything": ((service(), []), {"full": True}, {**ALL, "phone_numbers": []}),
    "everything that differs": (
        (service(**NO_DEFAULTS), [number(is_reserved=True)]),
        {"full": True},
        {**ALL, **NO_DEFAULTS, "phone_numbers": [{"phone_number": "+12025550101", "is_reserved": True}]},
    ),
    "with its SID": ((service(), []), {"with_sids": True}, {"sid": SID, "unique_name": "rides"}),
    "with its SID and everything": (
        (service(chat_instance_sid=CHAT), []),
        {"with_sids": True, "full": True},
        {"sid": SID, **ALL, "chat_instance_sid": CHAT, "phone_numbers": []},
    ),
    "a pool": (
        (
            service(),
            [
                number(phone_number="+12025550102"),
                number(phone_number="+12025550101", is_reserved=True),
                number(phone_number="+12025550103"),
            ],
        ),
        {},
        {
            "unique_name": "rides",
            "phone_numbers": [
                {"phone_number": "+12025550101", "is_reserved": True},
                {"phone_number": "+12025550102"},
                {"phone_number": "+12025550103"},
            ],
        },
    ),
    "the numbers of a pool go by their numbers": (
        (service(), [number()]),
        {"with_sids": True, "full": True},
        {"sid": SID, **ALL, "phone_numbers": [{"phone_number": "+12025550101", "is_reserved": False}]},
    ),
    "a pool that was not read": ((service(), None), {}, {"unique_name": "rides"}),
    "one without a name, by its SID": ((service(unique_name=None), []), {"with_sids": True}, {"sid": SID}),
    "one without a name, by its SID, and everything else": (
        (service(unique_name=None, default_ttl=5), [number()]),
        {"with_sids": True, "full": True},
        {
            "sid": SID,
            **{name: value for name, value in ALL.items() if name != "unique_name"},
            "default_ttl": 5,
            "phone_numbers": [{"phone_number": "+12025550101", "is_reserved": False}],
        },
    ),
    "a name with a SID in it is a name": (
        (service(unique_name=f"of {SID}"), []),
        {},
        {"unique_name": f"of {SID}"},
    ),
    "a name that looks like a URL with a password is one, too": (
        (service(unique_name="https://user:pw@example.com"), []),
        {},
        {"unique_name": "https://user:pw@example.com"},
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_the_entry_of_an_object(name: str) -> None:
    read, options, entry = ROWS[name]
    (found,), left_out = written(read, **options)
    assert found == entry
    assert list(found) == list(entry)
    assert left_out == []


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("with_sids", [True, False])
def test_a_secret_is_written_only_on_request(full: bool, with_sids: bool) -> None:
    urls = {
        "callback_url": "https://user@example.com",
        "intercept_callback_url": "https://example.com/?token=pw",
        "out_of_session_callback_url": "user:pw@example.com",  # not a URL
    }
    (entry,), left_out = written((service(**urls), []), full=full, with_sids=with_sids)
    assert not urls.keys() & entry.keys()
    assert left_out == [LeftOut("rides", option, "secret") for option in urls]
    (entry,), left_out = written((service(**urls), []), full=full, with_sids=with_sids, with_secrets=True)
    assert {option: entry[option] for option in urls} == urls
    assert left_out == []


@pytest.mark.parametrize("full", [True, False])
def test_values_of_one_account_are_written_only_with_sids(full: bool) -> None:
    urls = {
        "callback_url": f"https://webhooks.example.com/v1/Accounts/AC{'0' * 32}/Flows/FW{'a' * 32}",
        "out_of_session_callback_url": f"https://example.com/{SID[:-1]}",
    }
    item = service(chat_instance_sid=CHAT, **urls)
    (entry,), left_out = written((item, []), full=full)
    assert not {"callback_url", "chat_instance_sid"} & set(entry)
    assert entry["out_of_session_callback_url"] == urls["out_of_session_callback_url"]
    assert left_out == [LeftOut("rides", "callback_url", "sid"), LeftOut("rides", "chat_instance_sid", "sid")]
    (entry,), left_out = written((item, []), full=full, with_sids=True)
    assert {name: entry[name] for name in (*urls, "chat_instance_sid")} == {**urls, "chat_instance_sid": CHAT}
    assert left_out == []


def test_a_password_takes_precedence_over_a_sid_as_the_reason() -> None:
    item = service(callback_url=f"https://user:pw@example.com/{SID}")
    assert written((item, []))[1] == [LeftOut("rides", "callback_url", "secret")]


@pytest.mark.parametrize("name", [None, ""])
def test_an_object_without_a_name_needs_its_sid(name: str | None) -> None:
    item = service(unique_name=name, callback_url="https://user:pw@example.com")
    entries, left_out = written((item, [number()]), (service(sid=OTHER_SID), []))
    assert entries == [{"unique_name": "rides"}]
    assert left_out == [LeftOut(name, "unique_name", "name")]


@pytest.mark.parametrize("full", [True, False])
def test_a_pool_with_an_unknown_number_is_left_out(full: bool) -> None:
    """Pruning would remove a number that is missing from the list."""
    unknown = number(sid=OTHER_NUMBER_SID, phone_number=None)
    (entry,), left_out = written((service(), [number(), unknown]), full=full, with_sids=True)
    assert "phone_numbers" not in entry
    assert left_out == [LeftOut("rides", "phone_numbers", "name")]


def test_entries_are_sorted_by_name_and_then_by_sid() -> None:
    sids = [f"KS{digit * 32}" for digit in "54321"]
    names = ["b", "A", "!", None, None]
    read: list[Read] = [(service(sid=sid, unique_name=name), []) for sid, name in zip(sids, names, strict=True)]
    entries, _left_out = written(*read, with_sids=True)
    assert [entry["sid"] for entry in entries] == [sids[4], sids[3], sids[2], sids[1], sids[0]]


def test_omissions_are_in_the_order_of_the_entries() -> None:
    password = "https://user:pw@example.com"
    read: list[Read] = [
        (service(unique_name="b", callback_url=password), []),
        (service(unique_name="a", callback_url=password, chat_instance_sid=CHAT), []),
        (service(unique_name=None), []),
    ]
    assert written(*read)[1] == [
        LeftOut(None, "unique_name", "name"),
        LeftOut("a", "callback_url", "secret"),
        LeftOut("a", "chat_instance_sid", "sid"),
        LeftOut("b", "callback_url", "secret"),
    ]


@given(CURRENT, st.booleans(), st.booleans(), st.booleans())
def test_an_entry_changes_nothing_in_its_account_and_creates_the_same_in_another(
    item: Object, full: bool, with_sids: bool, reserved: bool
) -> None:
    item = {name: SERVICE.field(name).normalize(value) for name, value in item.items()}
    existing = number(is_reserved=reserved)
    (entry,), left_out = written((item, [existing]), full=full, with_sids=with_sids)
    (wanted,) = entry.pop("phone_numbers")
    entry.pop("sid", None)
    assert plan(SERVICE, entry, item).operation == "none"
    assert plan(PHONE_NUMBER, wanted, existing).operation == "none"
    omitted = {omission.option for omission in left_out}
    for resource, made, original in (
        (SERVICE, plan(SERVICE, entry, None).after, item),
        (PHONE_NUMBER, plan(PHONE_NUMBER, wanted, None).after, existing),
    ):
        actual, expected = writable(resource, made) or {}, writable(resource, original) or {}
        assert {name for name, value in actual.items() if value != expected[name]} <= {*omitted, "sid"}
    assert (NUMBER_SID in str(wanted)) is False
