# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator's answers and the tables of resources agree with the published OpenAPI description."""

from __future__ import annotations

import typing as t

import jsonschema
import pytest

from ansible_collections.twilio.proxy.plugins.module_utils._resources import RESOURCES, Resource
from ansible_collections.twilio.proxy.plugins.module_utils._validation import object_problem, page_problem
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator, Reply

LIST = "/v1/Services"
POOL = LIST + "/{ServiceSid}/PhoneNumbers"
SESSIONS = LIST + "/{ServiceSid}/Sessions"
IN_SESSION = SESSIONS + "/{SessionSid}"
LISTS = (LIST, POOL, SESSIONS, IN_SESSION + "/Participants", IN_SESSION + "/Interactions")
PATHS = [path + end for path in LISTS for end in ("", "/{Sid}")]
FORM = {
    "UniqueName": "Zoë ☎ & = % +",
    "DefaultTtl": "3600",
    "CallbackUrl": "https://example.com/callback",
    "GeoMatchLevel": "overlay",
    "NumberSelectionBehavior": "avoid-sticky",
    "InterceptCallbackUrl": "https://example.com/intercept",
    "OutOfSessionCallbackUrl": "https://example.com/out",
    "ChatInstanceSid": "IS" + "ab" * 16,
}
SESSION_FORM = {
    "UniqueName": "Zoë ☎ 1",
    "DateExpiry": "2099-01-02T03:04:05Z",
    "Ttl": "3600",
    "Mode": "message-only",
    "Status": "in-progress",
    "Participants": '{"Identifier": "+12025550142"}',
}


#: The description's name of each resource, and its name of each type of the tables.
SCHEMAS = {
    "service": "proxy.v1.service",
    "phone_number": "proxy.v1.service.phone_number",
    "session": "proxy.v1.service.session",
    "participant": "proxy.v1.service.session.participant",
    "interaction": "proxy.v1.service.session.interaction",
}
TYPES = {"str": "string", "int": "integer", "bool": "boolean", "dict": "object"}
PAGE = {"meta": {"next_page_url": None}}


class Contract:
    """The description, which checks answers."""

    def __init__(self, description: dict[str, t.Any]) -> None:
        self.description = _json_schema(description)

    def operations(self) -> set[str]:
        """Return the IDs of all operations but those on messages that Proxy is told to send."""
        return {
            operation["operationId"]
            for path, item in self.description["paths"].items()
            if path in PATHS
            for operation in item.values()
            if isinstance(operation, dict) and "operationId" in operation
        }

    def operation(self, name: str) -> dict[str, t.Any]:
        return next(
            operation
            for item in self.description["paths"].values()
            for operation in item.values()
            if isinstance(operation, dict) and operation.get("operationId") == name
        )

    def parameters(self, name: str) -> set[str]:
        """Return the names of an operation's form parameters."""
        content = self.operation(name)["requestBody"]["content"]["application/x-www-form-urlencoded"]
        return set(content["schema"]["properties"])

    def check(self, name: str, reply: Reply) -> None:
        """Raise an error unless status and body are as described, with all members of the body."""
        responses = self.operation(name)["responses"]
        assert str(reply.status) in responses
        content = responses[str(reply.status)].get("content")
        if content is None:
            assert reply.body == b""
            return
        assert reply.headers["content-type"].partition(";")[0] in content
        schema = content["application/json"]["schema"]
        checker = jsonschema.Draft7Validator.FORMAT_CHECKER
        jsonschema.Draft7Validator(
            {**schema, "components": self.description["components"]}, format_checker=checker
        ).validate(reply.json)
        self._same_members(schema, reply.json)

    def _same_members(self, schema: dict[str, t.Any], value: t.Any) -> None:
        if "$ref" in schema:
            schema = self.description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if "properties" in schema:
            assert set(value) == set(schema["properties"])
            for member, inner in schema["properties"].items():
                self._same_members(inner, value[member])
        if "items" in schema:
            for item in value:
                self._same_members(schema["items"], item)


def _json_schema(node: t.Any) -> t.Any:
    """Return the description with ``nullable`` replaced by JSON Schema's type null."""
    if isinstance(node, list):
        return [_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {name: _json_schema(member) for name, member in node.items()}
    if changed.pop("nullable", False) is True:
        changed["type"] = [changed["type"], "null"]
    return changed


@pytest.fixture
def contract(openapi: dict[str, t.Any], emulator: Emulator, settings: dict[str, t.Any]) -> Contract:
    emulator.reset(**settings)
    return Contract(openapi)


def test_every_operation_answers_as_described(contract: Contract, emulator: Emulator) -> None:
    created = emulator.send("POST", LIST, FORM)
    path = f"{LIST}/{created.json['sid']}"
    replies = {
        "CreateService": created,
        "FetchService": emulator.send("GET", path),
        "UpdateService": emulator.send("POST", path, {"DefaultTtl": "0"}),
        "ListService": emulator.send("GET", LIST),
        "CreatePhoneNumber": emulator.send("POST", path + "/PhoneNumbers", {"PhoneNumber": "+12025550100"}),
        "ListPhoneNumber": emulator.send("GET", path + "/PhoneNumbers"),
    }
    number = f"{path}/PhoneNumbers/{replies['CreatePhoneNumber'].json['sid']}"
    replies["FetchPhoneNumber"] = emulator.send("GET", number)
    replies["UpdatePhoneNumber"] = emulator.send("POST", number, {"IsReserved": "true"})
    replies["DeletePhoneNumber"] = emulator.send("DELETE", number)
    replies |= replies_about_sessions(emulator, f"{path}/Sessions", number)
    replies["DeleteService"] = emulator.send("DELETE", path)
    assert set(replies) == contract.operations()
    for name, reply in replies.items():
        contract.check(name, reply)


def replies_about_sessions(emulator: Emulator, path: str, number: str) -> dict[str, Reply]:
    """Return the replies of all operations on Sessions and what is in them."""
    emulator.send("POST", number.rpartition("/")[0], {"Sid": number.rpartition("/")[2]})
    created = emulator.send("POST", path, {"UniqueName": "Zoë ☎"})
    session = f"{path}/{created.json['sid']}"
    participants, interactions = session + "/Participants", session + "/Interactions"
    participant = emulator.send("POST", participants, {"Identifier": "+12025550142"})
    interaction = emulator.interact(created.json)["sid"]
    return {
        "CreateSession": created,
        "FetchSession": emulator.send("GET", session),
        "ListSession": emulator.send("GET", path),
        "CreateParticipant": participant,
        "FetchParticipant": emulator.send("GET", f"{participants}/{participant.json['sid']}"),
        "ListParticipant": emulator.send("GET", participants),
        "DeleteParticipant": emulator.send("DELETE", f"{participants}/{participant.json['sid']}"),
        "FetchInteraction": emulator.send("GET", f"{interactions}/{interaction}"),
        "ListInteraction": emulator.send("GET", interactions),
        "DeleteInteraction": emulator.send("DELETE", f"{interactions}/{interaction}"),
        "UpdateSession": emulator.send("POST", session, {"Status": "closed"}),
        "DeleteSession": emulator.send("DELETE", session),
    }


def test_every_page_is_as_described(contract: Contract, emulator: Emulator) -> None:
    contract.check("ListService", emulator.send("GET", LIST))
    for number in range(3):
        contract.check("CreateService", emulator.send("POST", LIST, {"UniqueName": str(number)}))
    target = LIST + "?PageSize=1"
    for _page in range(3):
        reply = emulator.send("GET", target)
        contract.check("ListService", reply)
        target = (reply.json["meta"]["next_page_url"] or "").removeprefix(emulator.base_url)
    assert target == ""


def test_an_object_with_unset_fields_is_as_described(contract: Contract, emulator: Emulator) -> None:
    service = emulator.create(unique_name="plain")
    contract.check("FetchService", emulator.send("GET", f"{LIST}/{service['sid']}"))


@pytest.mark.parametrize("operation", ["CreateService", "UpdateService"])
def test_every_parameter_is_stored(contract: Contract, emulator: Emulator, operation: str) -> None:
    assert contract.parameters(operation) == set(FORM)
    service = emulator.create(unique_name="before")
    path = LIST if operation == "CreateService" else f"{LIST}/{service['sid']}"
    after = emulator.send("POST", path, FORM).json
    assert {str(after[name]) for name in after} >= set(FORM.values())


def test_every_parameter_of_a_number_is_stored(contract: Contract, emulator: Emulator) -> None:
    assert contract.parameters("CreatePhoneNumber") == {"Sid", "PhoneNumber", "IsReserved"}
    assert contract.parameters("UpdatePhoneNumber") == {"IsReserved"}
    service = emulator.create(unique_name="a")["sid"]
    first, second = emulator.owned_numbers()[:2]
    by_sid = emulator.add_number(service, sid=first["sid"], is_reserved=True)
    by_number = emulator.add_number(service, phone_number=second["phone_number"])
    assert (by_sid["phone_number"], by_number["sid"]) == (first["phone_number"], second["sid"])
    assert (by_sid["is_reserved"], by_number["is_reserved"]) == (True, False)
    changed = emulator.send("POST", f"{LIST}/{service}/PhoneNumbers/{first['sid']}", {"IsReserved": "false"})
    assert changed.json["is_reserved"] is False


def test_every_parameter_of_a_session_is_stored(contract: Contract, emulator: Emulator) -> None:
    assert contract.parameters("CreateSession") == set(SESSION_FORM)
    changes = {name: SESSION_FORM[name] for name in ("DateExpiry", "Ttl", "Status")}
    assert contract.parameters("UpdateSession") == set(changes)
    service = emulator.create(unique_name="a")["sid"]
    emulator.add_number(service, phone_number="+12025550100")
    path = f"{LIST}/{service}/Sessions"
    session = emulator.send("POST", path, SESSION_FORM).json
    assert {str(session[name]) for name in session} >= set(SESSION_FORM.values()) - {SESSION_FORM["Participants"]}
    (participant,) = emulator.children(session)
    other = emulator.send("POST", path, {"Status": "closed"}).json
    after = emulator.send("POST", f"{path}/{other['sid']}", changes).json
    assert {str(after[name]) for name in after} >= set(changes.values())
    form = {
        "Identifier": "messenger:1",
        "FriendlyName": "Zoë",
        "ProxyIdentifier": participant["proxy_identifier"],
        "ProxyIdentifierSid": participant["proxy_identifier_sid"],
    }
    assert contract.parameters("CreateParticipant") == set(form)
    added = emulator.send("POST", f"{path}/{other['sid']}/Participants", form).json
    assert {added[name] for name in added if name != "links"} >= set(form.values())


def test_every_page_of_a_pool_is_as_described(contract: Contract, emulator: Emulator) -> None:
    pool = f"{LIST}/{emulator.create(unique_name='a')['sid']}/PhoneNumbers"
    contract.check("ListPhoneNumber", emulator.send("GET", pool))
    for number in range(3):
        reply = emulator.send("POST", pool, {"PhoneNumber": f"+120255501{number:02}"})
        contract.check("CreatePhoneNumber", reply)
    target = pool + "?PageSize=1"
    for _page in range(3):
        reply = emulator.send("GET", target)
        contract.check("ListPhoneNumber", reply)
        target = (reply.json["meta"]["next_page_url"] or "").removeprefix(emulator.base_url)
    assert target == ""


@pytest.mark.parametrize("parameter", ["GeoMatchLevel", "NumberSelectionBehavior", "Mode"])
def test_every_described_choice_is_accepted(contract: Contract, emulator: Emulator, parameter: str) -> None:
    operation = "CreateSession" if parameter == "Mode" else "CreateService"
    path = f"{LIST}/{emulator.create(unique_name='a')['sid']}/Sessions" if parameter == "Mode" else LIST
    described = contract.operation(operation)["requestBody"]["content"]["application/x-www-form-urlencoded"]
    reference = described["schema"]["properties"][parameter]["$ref"].rpartition("/")[2]
    for choice in contract.description["components"]["schemas"][reference]["enum"]:
        contract.check(operation, emulator.send("POST", path, {"UniqueName": choice, parameter: choice}))


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.key)
def test_every_table_is_as_described(openapi: dict[str, t.Any], resource: Resource) -> None:
    schemas = openapi["components"]["schemas"]
    described = schemas[SCHEMAS[resource.key]]["properties"]
    assert {field.name for field in resource.fields} == set(described)
    for field in resource.fields:
        schema = described[field.name]
        enumeration = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        assert TYPES[field.type] == enumeration["type"]
        # The documentation has more choices than the description. Where nobody chooses, the table may have none.
        if field.writable or field.choices:
            assert set(enumeration.get("enum", ())) <= set(field.choices or ())
        pattern = None if field.rule is None or not field.rule.is_sid else f"^{field.rule.pattern}$"
        assert pattern == schema.get("pattern")


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.key)
def test_null_and_missing_values_are_accepted(openapi: dict[str, t.Any], resource: Resource) -> None:
    described = openapi["components"]["schemas"][SCHEMAS[resource.key]]
    sid = described["properties"]["sid"]["pattern"][1:3] + "0" * 32
    optional = set(described["properties"]) - set(described.get("required", ())) - {"sid"}
    nullable = {name for name, schema in described["properties"].items() if schema.get("nullable")} - {"sid"}
    for answer in ({"sid": sid}, {"sid": sid, **dict.fromkeys(optional | nullable)}):
        assert object_problem(resource, answer) is None
        assert page_problem(resource, {resource.list_key: [answer], **PAGE}) is None
