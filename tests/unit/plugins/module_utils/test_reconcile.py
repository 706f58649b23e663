# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reconciling one object: locate, plan, apply, and recovery from lost answers and races."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.twilio.proxy.plugins.module_utils._client import Credentials
from ansible_collections.twilio.proxy.plugins.module_utils._errors import ApiError
from ansible_collections.twilio.proxy.plugins.module_utils._plan import (
    Change,
    PreconditionError,
    name_is_taken,
    why_not,
)
from ansible_collections.twilio.proxy.plugins.module_utils._reconcile import (
    Desired,
    Outcome,
    apply,
    gather,
    predict,
    reconcile,
)
from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER, SERVICE

from .made_up import BUILDING_SID, FLOOR_SID, ROOM, ROOM_SID, ROOMS, room
from .test_client import NEXT, ONE, REFUSED, RESET
from .wire import (
    ABSENT,
    ACCOUNT,
    LIST,
    NUMBER_ABSENT,
    NUMBER_SID,
    NUMBER_TAKEN,
    OTHER_NUMBER_SID,
    OTHER_SID,
    SID,
    TAKEN,
    Answer,
    Request,
    Step,
    Waits,
    Wire,
    client,
    error,
    number,
    numbers,
    page,
    pool,
    service,
)

NAME = {"unique_name": "rides"}
#: The function by whether it is check mode.
RUNS = {False: reconcile, True: predict}
GET_LIST: Request = ("GET", LIST, {"PageSize": "1000"})
GET_SERVICE: Request = ("GET", ONE, {})
CREATE: Request = ("POST", LIST, {"UniqueName": "rides"})
DELETE: Request = ("DELETE", ONE, {})
CREATED = Answer(201, service())
NONE = page()
EXISTING = page(service(sid=OTHER_SID, unique_name="Rides"), service())


def update(**form: str) -> Request:
    """Return the request that sets these form fields."""
    return ("POST", ONE, form)


class Row(t.NamedTuple):
    """The desired state, the answers, and the expected requests and outcome."""

    options: dict[str, t.Any]
    steps: list[Step]
    requests: list[Request]
    outcome: Outcome


ROWS: dict[str, Row] = {
    "created": Row({}, [NONE, CREATED], [GET_LIST, CREATE], Outcome(True, None, service())),
    "existing, by name": Row({}, [EXISTING], [GET_LIST], Outcome(False, service(), service())),
    "updated by name": Row(
        {"values": {**NAME, "default_ttl": 5}},
        [EXISTING, Answer(200, service(default_ttl=5))],
        [GET_LIST, update(DefaultTtl="5")],
        Outcome(True, service(), service(default_ttl=5)),
    ),
    "existing, by SID": Row(
        {"sid": SID, "values": {}}, [Answer(200, service())], [GET_SERVICE], Outcome(False, service(), service())
    ),
    "renamed": Row(
        {"sid": SID, "values": {"unique_name": "trips"}},
        [Answer(200, service()), Answer(200, service(unique_name="trips"))],
        [GET_SERVICE, update(UniqueName="trips")],
        Outcome(True, service(), service(unique_name="trips")),
    ),
    "deleted by name": Row(
        {"absent": True}, [EXISTING, Answer(204)], [GET_LIST, DELETE], Outcome(True, service(), None)
    ),
    "deleted by SID": Row(
        {"absent": True, "sid": SID, "values": {}},
        [Answer(200, service()), Answer(204)],
        [GET_SERVICE, DELETE],
        Outcome(True, service(), None),
    ),
    "deleted by SID and name": Row(
        {"absent": True, "sid": SID},
        [Answer(200, service()), Answer(204)],
        [GET_SERVICE, DELETE],
        Outcome(True, service(), None),
    ),
    "absent by name": Row({"absent": True}, [NONE], [GET_LIST], Outcome(False, None, None)),
    "absent by SID": Row({"absent": True, "sid": SID}, [ABSENT], [GET_SERVICE], Outcome(False, None, None)),
    # Somebody else is there too.
    "somebody created it as wanted": Row(
        {}, [NONE, TAKEN, EXISTING], [GET_LIST, CREATE, GET_LIST], Outcome(False, service(), service())
    ),
    "somebody created another": Row(
        {"values": {**NAME, "default_ttl": 5}},
        [NONE, TAKEN, EXISTING, Answer(200, service(default_ttl=5))],
        [
            GET_LIST,
            ("POST", LIST, {"UniqueName": "rides", "DefaultTtl": "5"}),
            GET_LIST,
            update(DefaultTtl="5"),
        ],
        Outcome(True, service(), service(default_ttl=5)),
    ),
    "somebody deleted it before the update": Row(
        {"values": {**NAME, "default_ttl": 5}},
        [EXISTING, ABSENT, NONE, Answer(201, service(default_ttl=5))],
        [
            GET_LIST,
            update(DefaultTtl="5"),
            GET_LIST,
            ("POST", LIST, {"UniqueName": "rides", "DefaultTtl": "5"}),
        ],
        Outcome(True, None, service(default_ttl=5)),
    ),
    "somebody deleted it before the delete": Row(
        {"absent": True}, [EXISTING, ABSENT], [GET_LIST, DELETE], Outcome(False, service(), None)
    ),
    # Answers that were lost.
    "the lost create had been carried out": Row(
        {}, [NONE, RESET, EXISTING], [GET_LIST, CREATE, GET_LIST], Outcome(True, None, service())
    ),
    "the lost create had not": Row(
        {}, [NONE, RESET, NONE, CREATED], [GET_LIST, CREATE, GET_LIST, CREATE], Outcome(True, None, service())
    ),
    "the lost create was carried out late": Row(
        {},
        [NONE, error(503), NONE, TAKEN, EXISTING],
        [GET_LIST, CREATE, GET_LIST, CREATE, GET_LIST],
        Outcome(True, None, service()),
    ),
    "the lost create was somebody's, and differs": Row(
        {"values": {**NAME, "default_ttl": 5}},
        [NONE, RESET, EXISTING, Answer(200, service(default_ttl=5))],
        [
            GET_LIST,
            ("POST", LIST, {"UniqueName": "rides", "DefaultTtl": "5"}),
            GET_LIST,
            update(DefaultTtl="5"),
        ],
        Outcome(True, None, service(default_ttl=5)),
    ),
    "the create never left": Row(
        {}, [NONE, REFUSED, CREATED], [GET_LIST, CREATE, CREATE], Outcome(True, None, service())
    ),
    "the create's answer is malformed": Row(
        {}, [NONE, Answer(201, {}), EXISTING], [GET_LIST, CREATE, GET_LIST], Outcome(True, None, service())
    ),
    "the lost delete had been carried out": Row(
        {"absent": True}, [EXISTING, RESET, ABSENT], [GET_LIST, DELETE, DELETE], Outcome(True, service(), None)
    ),
    "the lost update is repeated": Row(
        {"values": {**NAME, "default_ttl": 5}},
        [EXISTING, RESET, Answer(200, service(default_ttl=5))],
        [GET_LIST, update(DefaultTtl="5"), update(DefaultTtl="5")],
        Outcome(True, service(), service(default_ttl=5)),
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_requests_and_outcome(name: str) -> None:
    row = ROWS[name]
    wire = Wire(*row.steps)
    options = {"values": NAME, **row.options}
    assert reconcile(client(wire), Desired(SERVICE, **options)) == row.outcome
    assert wire.requests == row.requests
    assert wire.steps == []


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if len(row.steps) <= 2])
def test_check_mode_predicts_the_run_and_only_reads(name: str) -> None:
    row = ROWS[name]
    looks_up_the_new_name = name == "renamed"
    wire = Wire(row.steps[0], *[page(service())] * looks_up_the_new_name)
    options = {"values": NAME, **row.options}
    predicted = predict(client(wire), Desired(SERVICE, predicted_values={"account_sid": "AC" + "0" * 32}, **options))
    assert wire.requests == [*row.requests[:1], *[GET_LIST] * looks_up_the_new_name]
    if name == "somebody deleted it before the delete":  # which cannot be predicted
        return
    assert predicted.changed == row.outcome.changed
    assert predicted.before == row.outcome.before
    if row.outcome.after is None or predicted.after is None:
        assert predicted.after is row.outcome.after
        return
    assert set(predicted.after) == set(row.outcome.after)
    unknown = {field for field, value in predicted.after.items() if value != row.outcome.after[field]}
    new = {"sid", "date_created", "date_updated", "url", "links"}
    assert unknown <= (new if row.outcome.before is None else {"date_updated"})
    assert all(predicted.after[field] is None for field in unknown)


def test_a_sid_that_is_absent_is_never_created() -> None:
    wire = Wire(ABSENT)
    with pytest.raises(PreconditionError) as refused:
        reconcile(client(wire), Desired(SERVICE, NAME, sid=SID))
    assert refused.value.reason == why_not(SERVICE, NAME, SID, None, absent=False)
    assert refused.value.closing == "Nothing was changed."
    assert wire.requests == [GET_SERVICE]


def test_an_object_that_is_deleted_during_the_run_is_not_created_by_its_sid() -> None:
    wire = Wire(Answer(200, service()), ABSENT, ABSENT)
    with pytest.raises(PreconditionError, match="There is no Service"):
        reconcile(client(wire), Desired(SERVICE, {"default_ttl": 5}, sid=SID))
    assert wire.requests == [GET_SERVICE, update(DefaultTtl="5"), GET_SERVICE]


def test_a_lost_update_may_have_been_applied_if_the_object_is_deleted() -> None:
    wire = Wire(Answer(200, service()), error(500), ABSENT, ABSENT)
    with pytest.raises(ApiError) as caught:
        reconcile(client(wire), Desired(SERVICE, {"default_ttl": 5}, sid=SID))
    assert caught.value.may_have_been_applied
    assert wire.requests == [GET_SERVICE, update(DefaultTtl="5"), update(DefaultTtl="5"), GET_SERVICE]


def test_a_lost_update_of_an_object_that_reappears_is_a_change() -> None:
    wire = Wire(page(service(default_ttl=1)), error(500), ABSENT, page(service(default_ttl=5)))
    outcome = reconcile(client(wire), Desired(SERVICE, {**NAME, "default_ttl": 5}))
    assert outcome == Outcome(True, service(default_ttl=1), service(default_ttl=5))


def test_an_object_with_another_name_than_given_is_not_deleted() -> None:
    wire = Wire(Answer(200, service(unique_name="trips")))
    with pytest.raises(PreconditionError) as refused:
        reconcile(client(wire), Desired(SERVICE, NAME, sid=SID, absent=True))
    assert refused.value.reason.startswith(f"The Service {SID} has the unique_name 'trips', not 'rides'.")
    assert wire.requests == [GET_SERVICE]


def failing(wire: Wire, retries: int = 1, **options: t.Any) -> ApiError:
    """Return the error that the run raises."""
    with pytest.raises(ApiError) as caught:
        reconcile(client(wire, retries=retries), Desired(SERVICE, **{"values": NAME, **options}))
    assert wire.steps == []
    return caught.value


def test_a_taken_name_that_is_not_in_the_list_is_an_error() -> None:
    failure = failing(Wire(NONE, TAKEN, NONE, TAKEN, NONE))
    assert failure.says_taken(SERVICE)
    assert failure.advice == (
        "No Service in the list has exactly this unique_name. Check for one that differs only in upper and lower"
        " case, and use its exact name."
    )
    assert not failure.may_have_been_applied


def test_a_taken_name_is_looked_up_even_without_retries() -> None:
    wire = Wire(NONE, TAKEN, EXISTING)
    assert reconcile(client(wire, retries=0), Desired(SERVICE, NAME)) == Outcome(False, service(), service())


def test_a_lost_create_is_looked_up_but_not_sent_again_without_retries() -> None:
    failure = failing(Wire(NONE, RESET, NONE), retries=0)
    assert failure.may_have_been_applied
    assert failure.advice is None


def test_a_vanished_object_is_created_again_once_without_retries() -> None:
    wire = Wire(page(service(default_ttl=1)), ABSENT, NONE, CREATED)
    assert reconcile(client(wire, retries=0), Desired(SERVICE, {**NAME, "default_ttl": 0})).before is None


def test_reconciling_ends_if_objects_keep_appearing_and_vanishing() -> None:
    existing = page(service(default_ttl=1))
    failing(Wire(existing, ABSENT, NONE, TAKEN, existing), retries=0, values={**NAME, "default_ttl": 0})


def test_reading_that_fails_after_a_lost_create_is_reported() -> None:
    failure = failing(Wire(NONE, RESET, error(401, 20003)))
    assert failure.code == 20003
    assert failure.may_have_been_applied


def test_reading_that_fails_first_changed_nothing() -> None:
    assert not failing(Wire(error(401, 20003))).may_have_been_applied


def test_a_lost_create_is_remembered_by_later_failures() -> None:
    assert failing(Wire(NONE, RESET, NONE, error(403, 80506))).may_have_been_applied
    later = Wire(NONE, RESET, page(service(default_ttl=1)), error(400, 80701))
    assert failing(later, values={**NAME, "default_ttl": 0}).may_have_been_applied


@pytest.mark.parametrize("answer", [error(403, 80506), error(400, 21102), error(400, 80701), ABSENT])
def test_a_refused_create_is_not_tried_again(answer: Answer) -> None:
    assert not failing(Wire(NONE, answer)).may_have_been_applied


def test_a_rename_to_a_taken_name_fails() -> None:
    wire = Wire(Answer(200, service()), TAKEN)
    assert failing(wire, sid=SID, values={"unique_name": "trips"}).says_taken(SERVICE)


def test_check_mode_predicts_that_a_name_is_taken() -> None:
    wire = Wire(Answer(200, service()), page(service(sid=OTHER_SID, unique_name="trips")))
    with pytest.raises(PreconditionError) as refused:
        predict(client(wire), Desired(SERVICE, {"unique_name": "trips"}, sid=SID))
    assert refused.value.reason == name_is_taken(SERVICE, OTHER_SID, "trips")


def test_a_precondition_error_has_a_reason_and_a_closing_sentence() -> None:
    assert str(PreconditionError("It is absent.")) == "It is absent."
    assert str(PreconditionError("It is absent.", "Nothing was changed.")) == "It is absent. Nothing was changed."


def test_a_failed_delete_is_not_taken_for_absent() -> None:
    failing(Wire(EXISTING, error(400, 20001)), absent=True)


def test_the_wait_that_the_server_asked_for_is_respected() -> None:
    waits = Waits()
    wire = Wire(NONE, error(503, 20503, **{"Retry-After": "9"}), NONE, RESET, EXISTING)
    reconcile(client(wire, sleep=waits), Desired(SERVICE, NAME))
    assert waits == [9, 1.0]


# Planned changes


CHANGES: dict[str, tuple[Change, list[Step], list[Request], Outcome]] = {
    "create": (
        Change("create", None, service(), NAME),
        [CREATED],
        [CREATE],
        Outcome(True, None, service()),
    ),
    "create, and somebody did": (
        Change("create", None, service(), NAME),
        [TAKEN, EXISTING],
        [CREATE, GET_LIST],
        Outcome(False, service(), service()),
    ),
    "create, and the answer is lost": (
        Change("create", None, service(), NAME),
        [RESET, EXISTING],
        [CREATE, GET_LIST],
        Outcome(True, None, service()),
    ),
    "create, and the request is lost": (
        Change("create", None, service(), NAME),
        [RESET, NONE, CREATED],
        [CREATE, GET_LIST, CREATE],
        Outcome(True, None, service()),
    ),
    "update": (
        Change("update", service(default_ttl=5), service(), {"default_ttl": 0}),
        [Answer(200, service())],
        [update(DefaultTtl="0")],
        Outcome(True, service(default_ttl=5), service()),
    ),
    "update, and it is gone": (
        Change("update", service(default_ttl=5), service(), {"default_ttl": 0}),
        [ABSENT, NONE, CREATED],
        [update(DefaultTtl="0"), GET_LIST, CREATE],
        Outcome(True, None, service()),
    ),
    "delete": (Change("delete", service(), None, {}), [Answer(204)], [DELETE], Outcome(True, service(), None)),
    "delete, and somebody did": (
        Change("delete", service(), None, {}),
        [ABSENT],
        [DELETE],
        Outcome(False, service(), None),
    ),
    "nothing": (Change("none", service(), service(), {}), [], [], Outcome(False, service(), service())),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_planned_change_is_sent_without_reading(name: str) -> None:
    change, steps, requests, outcome = CHANGES[name]
    wire = Wire(*steps)
    assert apply(client(wire), Desired(SERVICE, NAME, absent=change.operation == "delete"), change) == outcome
    assert wire.requests == requests
    assert wire.steps == []


def test_a_planned_change_is_sent_once() -> None:
    """After a lost answer, the change is planned again from the current object."""
    change = Change("update", service(default_ttl=5), service(), {"default_ttl": 0})
    wire = Wire(ABSENT, ABSENT)
    with pytest.raises(PreconditionError, match="There is no Service"):
        apply(client(wire), Desired(SERVICE, {"default_ttl": 0}, sid=SID), change)
    assert wire.requests == [update(DefaultTtl="0"), GET_SERVICE]


# Objects in a Service


POOL = PHONE_NUMBER.in_parent(SID)
NUMBER = {"phone_number": "+12025550101"}
BY_SID: dict[str, t.Any] = {"values": {"sid": NUMBER_SID}, "sid": NUMBER_SID}
GET_POOL: Request = ("GET", pool(SID), {"PageSize": "1000"})
GET_NUMBER: Request = ("GET", f"{pool(SID)}/{NUMBER_SID}", {})
ADD: Request = ("POST", pool(SID), {"PhoneNumber": "+12025550101"})
ADD_BY_SID: Request = ("POST", pool(SID), {"Sid": NUMBER_SID})
RESERVE: Request = ("POST", f"{pool(SID)}/{NUMBER_SID}", {"IsReserved": "true"})
REMOVE: Request = ("DELETE", f"{pool(SID)}/{NUMBER_SID}", {})
ADDED = Answer(201, number())
OTHERS = numbers(number(sid=OTHER_NUMBER_SID, phone_number="+12025550102"))
IN_POOL = numbers(number(sid=OTHER_NUMBER_SID, phone_number="+12025550102"), number())
NO_SERVICE = error(404, 20404)

NUMBERS: dict[str, Row] = {
    "added": Row({}, [OTHERS, ADDED], [GET_POOL, ADD], Outcome(True, None, number())),
    "already in the pool": Row({}, [IN_POOL], [GET_POOL], Outcome(False, number(), number())),
    "reserved": Row(
        {"values": {**NUMBER, "is_reserved": True}},
        [IN_POOL, Answer(200, number(is_reserved=True))],
        [GET_POOL, RESERVE],
        Outcome(True, number(), number(is_reserved=True)),
    ),
    "removed": Row({"absent": True}, [IN_POOL, Answer(204)], [GET_POOL, REMOVE], Outcome(True, number(), None)),
    "not in the pool": Row({"absent": True}, [OTHERS], [GET_POOL], Outcome(False, None, None)),
    "added by SID": Row(BY_SID, [NUMBER_ABSENT, ADDED], [GET_NUMBER, ADD_BY_SID], Outcome(True, None, number())),
    "added by SID, after a 404": Row(
        BY_SID, [NO_SERVICE, ADDED], [GET_NUMBER, ADD_BY_SID], Outcome(True, None, number())
    ),
    "added by SID and reserved": Row(
        {"values": {"sid": NUMBER_SID, "is_reserved": True}, "sid": NUMBER_SID},
        [NUMBER_ABSENT, Answer(201, number(is_reserved=True))],
        [GET_NUMBER, ("POST", pool(SID), {"Sid": NUMBER_SID, "IsReserved": "true"})],
        Outcome(True, None, number(is_reserved=True)),
    ),
    "existing, by SID": Row(BY_SID, [Answer(200, number())], [GET_NUMBER], Outcome(False, number(), number())),
    "removed by SID": Row(
        {**BY_SID, "absent": True},
        [Answer(200, number()), Answer(204)],
        [GET_NUMBER, REMOVE],
        Outcome(True, number(), None),
    ),
    # An absent Service has no numbers.
    "no Service to remove from": Row({"absent": True}, [ABSENT], [GET_POOL], Outcome(False, None, None)),
    "no Service to remove from, by a 404": Row({"absent": True}, [NO_SERVICE], [GET_POOL], Outcome(False, None, None)),
    "no Service to remove from by SID": Row(
        {**BY_SID, "absent": True}, [ABSENT], [GET_NUMBER], Outcome(False, None, None)
    ),
    "no Service to remove from by SID, by a 404": Row(
        {**BY_SID, "absent": True}, [NO_SERVICE], [GET_NUMBER], Outcome(False, None, None)
    ),
    # Somebody else is there too.
    "somebody added it": Row(
        {}, [OTHERS, NUMBER_TAKEN, IN_POOL], [GET_POOL, ADD, GET_POOL], Outcome(False, number(), number())
    ),
    "somebody added it, and it is to be reserved": Row(
        {"values": {**NUMBER, "is_reserved": True}},
        [OTHERS, NUMBER_TAKEN, IN_POOL, Answer(200, number(is_reserved=True))],
        [GET_POOL, ("POST", pool(SID), {**ADD[2], "IsReserved": "true"}), GET_POOL, RESERVE],
        Outcome(True, number(), number(is_reserved=True)),
    ),
    "somebody added it by SID": Row(
        BY_SID,
        [NUMBER_ABSENT, NUMBER_TAKEN, Answer(200, number())],
        [GET_NUMBER, ADD_BY_SID, GET_NUMBER],
        Outcome(False, number(), number()),
    ),
    "somebody removed it": Row(
        {"absent": True}, [IN_POOL, NUMBER_ABSENT], [GET_POOL, REMOVE], Outcome(False, number(), None)
    ),
    "somebody removed it before it was reserved": Row(
        {"values": {"sid": NUMBER_SID, "is_reserved": True}, "sid": NUMBER_SID},
        [Answer(200, number()), NUMBER_ABSENT, NUMBER_ABSENT, Answer(201, number(is_reserved=True))],
        [GET_NUMBER, RESERVE, GET_NUMBER, ("POST", pool(SID), {"Sid": NUMBER_SID, "IsReserved": "true"})],
        Outcome(True, None, number(is_reserved=True)),
    ),
    # Answers that were lost.
    "the lost addition had been carried out": Row(
        {}, [OTHERS, RESET, IN_POOL], [GET_POOL, ADD, GET_POOL], Outcome(True, None, number())
    ),
    "the lost addition by SID had been carried out": Row(
        BY_SID,
        [NUMBER_ABSENT, RESET, Answer(200, number())],
        [GET_NUMBER, ADD_BY_SID, GET_NUMBER],
        Outcome(True, None, number()),
    ),
    "the lost addition by SID had not": Row(
        BY_SID,
        [NUMBER_ABSENT, error(500), NUMBER_ABSENT, ADDED],
        [GET_NUMBER, ADD_BY_SID, GET_NUMBER, ADD_BY_SID],
        Outcome(True, None, number()),
    ),
    "the lost addition by SID was carried out late": Row(
        BY_SID,
        [NUMBER_ABSENT, error(500), NUMBER_ABSENT, NUMBER_TAKEN, Answer(200, number())],
        [GET_NUMBER, ADD_BY_SID, GET_NUMBER, ADD_BY_SID, GET_NUMBER],
        Outcome(True, None, number()),
    ),
    "the lost removal had been carried out": Row(
        {"absent": True}, [IN_POOL, RESET, NUMBER_ABSENT], [GET_POOL, REMOVE, REMOVE], Outcome(True, number(), None)
    ),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_requests_and_outcome_in_a_pool(name: str) -> None:
    row = NUMBERS[name]
    wire = Wire(*row.steps)
    assert reconcile(client(wire), Desired(POOL, **{"values": NUMBER, **row.options})) == row.outcome
    assert wire.requests == row.requests
    assert wire.steps == []


@pytest.mark.parametrize("name", [name for name, row in NUMBERS.items() if len(row.steps) <= 2])
def test_check_mode_predicts_the_run_in_a_pool(name: str) -> None:
    row = NUMBERS[name]
    # The list of numbers shows whether the Service exists. If it is not read, the Service is read.
    reads_the_service = row.outcome.before is None and row.outcome.after is not None and "sid" in row.options
    wire = Wire(row.steps[0], *[Answer(200, service())] * reads_the_service)
    predicted_values = {"account_sid": ACCOUNT, "service_sid": SID}
    predicted = predict(
        client(wire), Desired(POOL, predicted_values=predicted_values, **{"values": NUMBER, **row.options})
    )
    assert wire.requests == [row.requests[0], *[GET_SERVICE] * reads_the_service]
    assert wire.steps == []
    if name == "somebody removed it":  # which cannot be predicted
        return
    assert (predicted.changed, predicted.before) == (row.outcome.changed, row.outcome.before)
    assert (predicted.after is None) == (row.outcome.after is None)
    unknown = {field for field, value in (predicted.after or {}).items() if value != (row.outcome.after or {})[field]}
    assert all((predicted.after or {})[field] is None for field in unknown)
    assert not unknown & {"account_sid", "service_sid", "is_reserved", "in_use"}


@pytest.mark.parametrize("answer", [ABSENT, NO_SERVICE])
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_number_is_not_added_to_an_absent_service(answer: Answer, check_mode: bool) -> None:
    wire = Wire(answer)
    with pytest.raises(ApiError) as caught:
        RUNS[check_mode](client(wire), Desired(POOL, NUMBER))
    assert caught.value.says_absent(SERVICE)
    assert not caught.value.may_have_been_applied
    assert wire.requests == [GET_POOL]


def test_a_number_is_not_added_by_sid_to_an_absent_service() -> None:
    wire = Wire(ABSENT)
    with pytest.raises(ApiError) as caught:
        reconcile(client(wire), Desired(POOL, **BY_SID))
    assert caught.value.code == SERVICE.absent_code
    wire = Wire(NO_SERVICE, NO_SERVICE)
    with pytest.raises(ApiError) as caught:
        reconcile(client(wire), Desired(POOL, **BY_SID))
    assert not caught.value.may_have_been_applied
    assert wire.requests == [GET_NUMBER, ADD_BY_SID]


@pytest.mark.parametrize("answer", [ABSENT, NO_SERVICE])
def test_check_mode_predicts_that_the_service_of_a_number_is_absent(answer: Answer) -> None:
    wire = Wire(NO_SERVICE, answer)
    with pytest.raises(PreconditionError) as refused:
        predict(client(wire), Desired(POOL, **BY_SID))
    assert refused.value.reason.startswith(f"There is no Service {SID}. ")
    assert refused.value.closing == "Nothing was changed."
    assert wire.requests == [GET_NUMBER, GET_SERVICE]


@pytest.mark.parametrize("answer", [error(401, 20003), Answer(404, "<html>"), error(400, 20001), NUMBER_ABSENT])
def test_an_answer_that_does_not_say_that_the_service_is_absent_is_a_failure(answer: Answer) -> None:
    wire = Wire(answer)
    with pytest.raises(ApiError):
        reconcile(client(wire), Desired(POOL, NUMBER, absent=True))
    assert wire.requests == [GET_POOL]


def test_an_object_without_a_parent_has_no_absent_parent() -> None:
    with pytest.raises(ApiError) as caught:
        reconcile(client(Wire(ABSENT)), Desired(SERVICE, NAME, absent=True))
    assert caught.value.says_absent(SERVICE)


KEY = Credentials("SK1", "a-secret", ACCOUNT)
OTHER_ACCOUNT = "AC" + "9" * 32


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("options", [{"values": NUMBER}, BY_SID], ids=["by number", "by SID"])
def test_the_account_is_read_once_before_the_first_change(options: dict[str, t.Any], check_mode: bool) -> None:
    first_request, absent_answer = (GET_NUMBER, NUMBER_ABSENT) if options is BY_SID else (GET_POOL, numbers())
    wire = Wire(absent_answer, Answer(200, service(account_sid=OTHER_ACCOUNT)))
    with pytest.raises(ApiError, match=f"belong to the account {OTHER_ACCOUNT}") as caught:
        RUNS[check_mode](client(wire, credentials=KEY), Desired(POOL, **options))
    assert (caught.value.may_have_been_applied, caught.value.applied) == (False, False)
    assert wire.requests == [first_request, GET_SERVICE]


@pytest.mark.parametrize("check_mode", [False, True])
def test_no_change_is_sent_where_no_answer_names_the_account(check_mode: bool) -> None:
    unnamed = service(account_sid=None)
    for desired in (Desired(SERVICE, NAME, absent=True), Desired(SERVICE, {**NAME, "default_ttl": 5})):
        wire = Wire(page(unnamed))
        with pytest.raises(PreconditionError, match="account_sid cannot be checked"):
            RUNS[check_mode](client(wire, credentials=KEY), desired)
        assert wire.requests == [GET_LIST]
    wire = Wire(numbers(), Answer(200, unnamed))
    with pytest.raises(PreconditionError, match="account_sid cannot be checked"):
        RUNS[check_mode](client(wire, credentials=KEY), Desired(POOL, NUMBER))
    assert wire.requests == [GET_POOL, GET_SERVICE]


@pytest.mark.parametrize("credentials", [Credentials(ACCOUNT, "a-token", ACCOUNT), Credentials("SK1", "a-secret"), KEY])
def test_the_account_is_not_read_if_it_is_known_or_not_named(credentials: Credentials) -> None:
    account_is_known = credentials is KEY
    existing = [number(sid=OTHER_NUMBER_SID, phone_number="+12025550109")] * account_is_known
    wire = Wire(numbers(*existing), Answer(201, number()))
    reconcile(client(wire, credentials=credentials), Desired(POOL, NUMBER))
    assert wire.requests == [GET_POOL, ADD]


def test_an_account_without_objects_is_checked_by_the_answer_to_the_first_change() -> None:
    wire = Wire(NONE, Answer(201, service(account_sid=OTHER_ACCOUNT)))
    with pytest.raises(ApiError) as caught:
        reconcile(client(wire, credentials=KEY), Desired(SERVICE, NAME))
    assert (caught.value.applied, caught.value.may_have_been_applied) == (True, False)
    assert wire.requests == [GET_LIST, CREATE]


@pytest.mark.parametrize("answer", [error(400, 80101), error(400, 80301)])
def test_a_number_that_cannot_be_added_is_not_tried_again(answer: Answer) -> None:
    wire = Wire(OTHERS, answer)
    with pytest.raises(ApiError) as caught:
        reconcile(client(wire), Desired(POOL, NUMBER))
    assert not caught.value.may_have_been_applied
    assert wire.requests == [GET_POOL, ADD]


def test_a_lost_addition_may_have_been_applied_if_the_service_is_deleted() -> None:
    wire = Wire(OTHERS, RESET, NO_SERVICE)
    with pytest.raises(ApiError) as caught:
        reconcile(client(wire), Desired(POOL, NUMBER))
    assert caught.value.may_have_been_applied
    assert wire.requests == [GET_POOL, ADD, GET_POOL]


# Immutable fields

ROOMS_OF_FLOOR = ROOM.in_parent(BUILDING_SID, FLOOR_SID)
CLOSED = {"unique_name": "lobby", "kind": "closed"}
GET_ROOMS: Request = ("GET", ROOMS, {"PageSize": "1000"})
CREATE_ROOM: Request = ("POST", ROOMS, {"UniqueName": "lobby", "Kind": "closed"})
OPEN = page(room(), of=ROOM)
NO_ROOM = page(of=ROOM)
ROOM_TAKEN = error(400, ROOM.taken_code)


@pytest.mark.parametrize("check_mode", [False, True])
def test_no_request_is_sent_for_a_different_value_of_an_immutable_field(check_mode: bool) -> None:
    wire = Wire(OPEN)
    with pytest.raises(PreconditionError, match="the kind 'open', not 'closed'"):
        RUNS[check_mode](client(wire), Desired(ROOMS_OF_FLOOR, {**CLOSED, "seats": 9}))
    assert wire.requests == [GET_ROOMS]


def test_an_object_created_by_somebody_else_with_another_immutable_value_is_refused() -> None:
    wire = Wire(NO_ROOM, ROOM_TAKEN, OPEN)
    with pytest.raises(PreconditionError, match="the kind 'open', not 'closed'"):
        reconcile(client(wire), Desired(ROOMS_OF_FLOOR, CLOSED))
    assert wire.requests == [GET_ROOMS, CREATE_ROOM, GET_ROOMS]


def test_a_lost_creation_may_have_been_applied_despite_an_immutable_field() -> None:
    with pytest.raises(ApiError) as caught:
        reconcile(client(Wire(NO_ROOM, RESET, OPEN)), Desired(ROOMS_OF_FLOOR, CLOSED))
    assert caught.value.may_have_been_applied


# Transitions

LOCK: dict[str, t.Any] = {"unique_name": "lobby", "status": "locked"}
SEND_LOCK: Request = ("POST", f"{ROOMS}/{ROOM_SID}", {"Status": "locked"})
LOCKED = room(status="locked")


def test_a_lost_transition_is_looked_up_before_it_is_sent_again() -> None:
    wire = Wire(OPEN, RESET, page(LOCKED, of=ROOM))
    outcome = reconcile(client(wire), Desired(ROOMS_OF_FLOOR, LOCK))
    assert outcome == Outcome(True, room(), LOCKED)
    assert wire.requests == [GET_ROOMS, SEND_LOCK, GET_ROOMS]
    wire = Wire(OPEN, RESET, OPEN, Answer(200, LOCKED))
    assert reconcile(client(wire), Desired(ROOMS_OF_FLOOR, LOCK)) == Outcome(True, room(), LOCKED)
    assert wire.requests == [GET_ROOMS, SEND_LOCK, GET_ROOMS, SEND_LOCK]


def test_a_lost_transition_may_have_been_applied_if_the_status_changed() -> None:
    wire = Wire(OPEN, RESET, page(room(status="broken"), of=ROOM))
    with pytest.raises(ApiError) as caught:
        reconcile(client(wire), Desired(ROOMS_OF_FLOOR, LOCK))
    assert caught.value.may_have_been_applied


def test_a_refused_transition_is_not_looked_up() -> None:
    wire = Wire(OPEN, error(400, 80608))
    with pytest.raises(ApiError):
        reconcile(client(wire), Desired(ROOMS_OF_FLOOR, LOCK))
    assert wire.steps == []


# Reading


def test_gather_reads_the_numbers_of_a_service() -> None:
    wire = Wire(numbers(number()), Answer(200, number()), IN_POOL, IN_POOL, NUMBER_ABSENT, Answer(200, service()))
    made = client(wire)
    assert gather(made, POOL) == [number()]
    assert gather(made, POOL, sid=NUMBER_SID) == [number()]
    assert gather(made, POOL, name="+12025550101") == [number()]
    assert gather(made, POOL, name="+12025550109") == []
    assert gather(made, POOL, sid=NUMBER_SID) == []
    # If a number is not found by its SID, its Service may be absent.
    assert wire.requests == [GET_POOL, GET_NUMBER, GET_POOL, GET_POOL, GET_NUMBER, GET_SERVICE]


def test_gathering_by_sid_in_an_absent_service_is_refused() -> None:
    wire = Wire(NO_SERVICE, NO_SERVICE)
    with pytest.raises(PreconditionError) as refused:
        gather(client(wire), POOL, sid=NUMBER_SID)
    assert refused.value.reason.startswith(f"There is no Service {SID}. ")
    assert wire.requests == [GET_NUMBER, GET_SERVICE]


def test_gather_reads_all_objects() -> None:
    wire = Wire(page(service(), following=NEXT), page(service(sid=OTHER_SID)))
    assert gather(client(wire), SERVICE) == [service(), service(sid=OTHER_SID)]
    assert wire.requests[0] == GET_LIST


def test_gather_reads_an_object_by_name_or_by_sid() -> None:
    wire = Wire(Answer(200, service()))
    assert gather(client(wire), SERVICE, sid=SID) == [service()]
    assert wire.requests == [GET_SERVICE]
    assert gather(client(Wire(ABSENT)), SERVICE, sid=SID) == []
    assert gather(client(Wire(EXISTING)), SERVICE, name="rides") == [service()]
    assert gather(client(Wire(NONE)), SERVICE, name="rides") == []


@pytest.mark.parametrize(
    ("page_size", "limit", "expected"),
    [(None, None, 1000), (20, None, 20), (None, 2, 2), (1, 2, 1), (None, 5000, 1000), (1000, 2, 1000)],
)
def test_the_requested_page_size(page_size: int | None, limit: int | None, expected: int) -> None:
    wire = Wire(page(service(), following=NEXT), page(service(), service()))
    found = gather(client(wire), SERVICE, page_size=page_size, limit=limit)
    assert len(found) == min(3, limit or 3)
    assert wire.requests[0][2] == {"PageSize": str(expected)}


def test_no_page_is_requested_after_the_limit_is_reached() -> None:
    wire = Wire(page(service(), service(), following=NEXT))
    assert len(gather(client(wire), SERVICE, limit=2)) == 2
    assert len(wire.requests) == 1
