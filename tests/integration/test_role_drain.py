# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role drain: which numbers it removes, what it says of the others, and what a second run does."""

from __future__ import annotations

import dataclasses
import typing as t

from proxy_emulator.owned_numbers import sid_of

from ansible_collections.twilio.proxy.tests.integration.accounts import LIST, Account, accounts
from ansible_collections.twilio.proxy.tests.integration.command_line import Run, playbook
from ansible_collections.twilio.proxy.tests.integration.role_playbooks import (
    Hosts,
    attempt,
    credentials,
    failure,
    imported,
    role,
)
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator, Fault

USED, FREE, OTHER = "+12025550100", "+12025550101", "+12025550109"
RECORD = "twilio.proxy.drain : Record the result"
PROGRESS = "twilio.proxy.drain : Show the progress"
#: Of the account of the first case.
SID_OF_FREE = sid_of(f"AC{1:032x}", FREE)

Numbers = dict[str, list[str]]


def numbers(removed: t.Sequence[str] = (), in_use: t.Sequence[str] = (), absent: t.Sequence[str] = ()) -> Numbers:
    """Return drain_result."""
    return {"removed": [*removed], "in_use": [*in_use], "absent": [*absent]}


def answer(status: int, code: int) -> dict[str, t.Any]:
    """Return the fault that Twilio answers with this error."""
    return {"kind": "answer", "status": status, "json": {"code": code, "message": "No.", "status": status}}


@dataclasses.dataclass(frozen=True)
class Case:
    """The variables of a host, whether its first run fails, and what drain_result is.

    ``result`` is that of the first run; by default, it is ``predicted`` in check mode. ``again`` is that of a second
    run. ``left`` are the numbers in the pool between them. The fault is for the first run. In its texts, ``{session}``
    and ``{service}`` are paths.
    """

    variables: dict[str, t.Any]
    predicted: Numbers
    again: Numbers
    result: Numbers | None = None
    failed: bool = False
    left: t.Sequence[str] = (USED, FREE)
    fault: Fault | None = None


CLOSE = {"drain_close_sessions": True}
BY_OTHER_CLIENT = {"method": "POST", "path": "{session}", "form": {"Status": "closed"}}
CASES = {
    # One number is given by its SID and by itself.
    "both": Case(
        {"drain_phone_numbers": f"{USED}, PN{SID_OF_FREE[2:].upper()},{OTHER},{FREE}"},
        numbers([FREE], [USED], [OTHER]),
        numbers([], [USED], [SID_OF_FREE, OTHER, FREE]),
        left=[USED],
    ),
    # In the order in which they are given.
    "closed": Case(
        {"drain_phone_numbers": [FREE, USED], **CLOSE}, numbers([FREE, USED]), numbers(absent=[FREE, USED]), left=[]
    ),
    "waits in vain": Case(
        {"drain_phone_numbers": [USED], "drain_wait": 1, "drain_interval": 1},
        numbers(in_use=[USED]),
        numbers(in_use=[USED]),
        failed=True,
    ),
    # The role looks at the pool twice before it waits, and then once more.
    "waits": Case(
        {"drain_phone_numbers": [USED], "drain_wait": 60, "drain_interval": 1},
        numbers(in_use=[USED]),
        numbers(absent=[USED]),
        numbers([USED]),
        left=[FREE],
        fault=Fault({"kind": "other_client", "requests": [BY_OTHER_CLIENT]}, "GET", "{service}/PhoneNumbers", skip=3),
    ),
    "used again": Case(
        {"drain_phone_numbers": [FREE]},
        numbers([FREE]),
        numbers([FREE]),
        numbers(in_use=[FREE]),
        fault=Fault(answer(400, 80611), "DELETE", "{service}/PhoneNumbers/.*"),
    ),
    "removed by another client": Case(
        {"drain_phone_numbers": [FREE]},
        numbers([FREE]),
        numbers(absent=[FREE]),
        numbers(absent=[FREE]),
        left=[USED],
        fault=Fault(
            {"kind": "other_client", "requests": [{"method": "DELETE", "path": "{service}/PhoneNumbers/{free}"}]},
            "POST",
            "{service}/PhoneNumbers.*",
        ),
    ),
    "interrupted": Case(
        {"drain_phone_numbers": [USED, FREE], **CLOSE},
        numbers([USED, FREE]),
        numbers([USED, FREE]),
        failed=True,
        fault=Fault(answer(401, 20003), "POST", "{session}"),
    ),
    # The loop tries the other number too.
    "interrupted later": Case(
        {"drain_phone_numbers": [USED, FREE], **CLOSE},
        numbers([USED, FREE]),
        numbers([FREE], absent=[USED]),
        failed=True,
        left=[FREE],
        fault=Fault(answer(401, 20003), "DELETE", "{service}/PhoneNumbers/.*", skip=1),
    ),
}
#: Variables that are refused, and words of the message.
REFUSED: dict[str, tuple[dict[str, t.Any], str]] = {
    "nothing": ({}, "drain_phone_numbers is not set for the host nothing"),
    "no number": ({"drain_phone_numbers": []}, "drain_phone_numbers: the list is empty. No request was sent."),
    "a space after a comma": ({"drain_phone_numbers": f"{USED},", **CLOSE}, "drain_phone_numbers: a number is empty."),
    "everything": (
        {
            "drain_phone_numbers": [12025550100],
            "drain_service_sid": "KS" + "0" * 32,
            "drain_wait": -1,
            "drain_interval": 0,
        },
        (
            "Set one of drain_service_sid and drain_service_unique_name. drain_phone_numbers: 12025550100 is neither an"
            ' E.164 number, such as "+12025550100" with the quotes, nor the SID of a number.'
            " drain_wait must be at least 0. drain_interval must be at least 1. No request was sent."
        ),
    ),
    "too many": (
        {"drain_phone_numbers": [USED], **CLOSE, "drain_max_sessions": 0},
        "The numbers are reserved. In this role, max_sessions is drain_max_sessions.",
    ),
}
NAMES = [*CASES, *REFUSED]
#: Where Twilio would remove a number in use, the role does not.
SETTINGS = {"owns_all_numbers": True, "removal_of_number_in_use": "accepted"}
IN_CHECK_MODE = ("both", "closed", "waits in vain")
AGAIN = ("both", "used again", "interrupted", "interrupted later")
SERVICE_OF = {name: f"KS{number:032}" for number, name in enumerate(NAMES)}
SESSION_OF = {name: f"KC{number:032}" for number, name in enumerate(NAMES)}


def service(name: str) -> dict[str, t.Any]:
    """Return a Service with a Session that uses a number, and another number."""
    session = {
        "sid": SESSION_OF[name],
        "unique_name": "ride",
        "participants": [{"identifier": "+12025550142", "proxy_identifier": USED}],
    }
    pool = [{"phone_number": USED}, {"phone_number": FREE}]
    return {"sid": SERVICE_OF[name], "unique_name": "rides", "phone_numbers": pool, "sessions": [session]}


def meet_fault(emulator: Emulator, name: str) -> None:
    """Let the next run of the case meet its fault."""
    fault = CASES[name].fault if name in CASES else None
    if fault is not None:
        paths = {
            "{service}": f"{LIST}/{SERVICE_OF[name]}",
            "{session}": f"{LIST}/{SERVICE_OF[name]}/Sessions/{SESSION_OF[name]}",
            "{free}": sid_of(f"AC{NAMES.index(name) + 1:032x}", FREE),
        }
        emulator.fault(*t.cast("t.Any", replaced([*fault], paths)))


def replaced(value: t.Any, texts: t.Mapping[str, str]) -> t.Any:
    """Return the value with these texts replaced in its strings."""
    if isinstance(value, dict):
        return {name: replaced(member, texts) for name, member in value.items()}
    if isinstance(value, list):
        return [replaced(member, texts) for member in value]
    if isinstance(value, str):
        for old, new in texts.items():
            value = value.replace(old, new)
    return value


def recorded(run: Run, host: str) -> Numbers | None:
    """Return drain_result as the role recorded it, in the order of the list."""
    found = run.results(RECORD, host)
    return t.cast(Numbers, found[-1]["ansible_facts"]["drain_result"]) if found else None


def writes(account: Account) -> set[str]:
    return {request.method for request in account.requests()} - {"GET"}


def test_numbers_of_many_accounts() -> None:
    """Check mode says what a run does; a number in use is no failure by itself; a second run does the rest."""
    with accounts({name: [service(name)] for name in NAMES}, **SETTINGS) as account_of:
        emulator = account_of["both"].emulator
        variables = {name: case.variables for name, case in CASES.items()}
        variables |= {name: given for name, (given, _words) in REFUSED.items()}
        hosts: Hosts = {
            name: {**credentials(account_of[name]), "drain_service_unique_name": "rides", **variables[name]}
            for name in NAMES
        }
        emulator.forget_requests()
        check = playbook([imported("drain")], "--check", hosts={name: hosts[name] for name in IN_CHECK_MODE})
        assert {name for name in NAMES if writes(account_of[name])} == set()
        for name in NAMES:
            meet_fault(emulator, name)
        run = playbook([imported("drain")], hosts=hosts)
        unused_faults = [rule for rule in emulator.faults() if not rule["used"]]
        reserved = [request.form for request in account_of["both"].requests() if request.method == "POST"]
        after = {name: account_of[name].pools()["rides"] for name in NAMES}
        emulator.forget_requests()
        again = playbook([imported("drain")], hosts={name: hosts[name] for name in AGAIN})
        second = {name: (writes(account_of[name]), account_of[name].pools()["rides"]) for name in AGAIN}

    assert unused_faults == []
    assert reserved == [{"IsReserved": "true"}] * 2
    assert check.results(PROGRESS, "waits in vain") == []
    for name in IN_CHECK_MODE:
        assert (recorded(check, name), check.counts(name)["failed"]) == (CASES[name].predicted, 0), name
    for name, case in CASES.items():
        assert run.counts(name)["failed"] == case.failed, name
        assert recorded(run, name) == (None if case.failed and case.fault else case.result or case.predicted), name
        assert after[name] == [*case.left], name
    for name in AGAIN:
        assert (recorded(again, name), again.counts(name)["failed"]) == (CASES[name].again, 0), name
        # What is left is reserved already.
        methods, pool = second[name]
        assert methods <= ({"DELETE", "POST"} if name == "interrupted" else {"DELETE"}), name
        assert pool == sorted({*CASES[name].left} - {*CASES[name].again["removed"]}), name
    for name, (_variables, words) in REFUSED.items():
        assert words in failure(run, name)["msg"]
        assert after[name] == [USED, FREE]
    assert "Still in use: +12025550100." in failure(run, "waits in vain")["msg"]
    progress = [shown["msg"] for shown in run.results(PROGRESS, "waits")]
    assert progress[0].endswith("of 60 seconds, by number: +12025550100: 1")
    assert progress[-1].endswith("of 60 seconds, by number: +12025550100: 0")


def test_the_role_in_a_playbook(emulator: Emulator) -> None:
    """It knows of check mode that only its tasks have, and refuses variables that would override its results.

    A Service that does not exist is an error in check mode too.
    """
    emulator.reset(owns_all_numbers=True)
    created = emulator.create(unique_name="rides")
    emulator.add_number(created["sid"], phone_number=FREE)
    emulator.forget_requests()
    given = {"drain_service_sid": created["sid"], "drain_phone_numbers": [FREE]}
    in_check_mode = role("drain", **given)
    elsewhere = role("drain", drain_service_unique_name="none such", drain_phone_numbers=[FREE])
    for task in (in_check_mode, elsewhere):
        task["ansible.builtin.include_role"]["apply"] = {"check_mode": True}
    tasks = [
        *(attempt(role("drain", **given, **{name: {}})) for name in ("drain_result", "drain_pool")),
        attempt(elsewhere),
        in_check_mode,
    ]
    play = {"hosts": "all", "gather_facts": False, "environment": emulator.environment, "tasks": tasks}
    run = playbook([play])
    assert run.counts()["rescued"] == 3
    assert recorded(run, "localhost") == numbers([FREE])
    assert {request["method"] for request in emulator.requests()} == {"GET"}
