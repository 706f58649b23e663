# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The resources of the Twilio Proxy API, as tables. Data only.

Argument specs, checks of input and of answers, comparison, request forms and predicted results are all derived from
here; each fact about a field is in its row and nowhere else. Source: Twilio's documentation and published OpenAPI
description of Proxy v1.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace
from datetime import datetime, timezone

#: An object of the API, with a key for each field of its table. None is "no value".
Object = dict[str, t.Any]


_SID = re.compile("[A-Z]{2}[0-9a-fA-F]{32}")
_INSTANT = (
    "([0-9]{4})-?([0-9]{2})-?([0-9]{2})[Tt ]([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})(?:[.,]([0-9]{1,6})[0-9]*)?)?"
    "(?:[Zz]|([+-][0-9]{2}):?([0-9]{2})?)"
)


def normalize_sid(value: t.Any) -> t.Any:
    """Return a SID as Twilio writes it, in lower case after its prefix, and any other value as it is."""
    return value[:2] + value[2:].lower() if isinstance(value, str) and _SID.fullmatch(value) else value


def normalize_instant(value: t.Any) -> t.Any:
    """Return a date and time with an offset from UTC as Twilio writes it, and any other value as it is."""
    found = re.fullmatch(_INSTANT, value) if isinstance(value, str) else None
    if found is None:
        return value
    year, month, day, hour, minute, second, fraction, hours, minutes = found.groups("00")
    offset = f"{hours if hours[0] in '+-' else '+00'}:{minutes}"
    try:
        moment = datetime.fromisoformat(f"{year}-{month}-{day}T{hour}:{minute}:{second}.{fraction:0<6}{offset}")
        return moment.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError):  # such as February 30
        return value


def parse_instant(value: t.Any) -> datetime | None:
    """Return a date and time with an offset from UTC, and None for any other value."""
    try:
        moment = datetime.fromisoformat(str(normalize_instant(value)).replace("Z", "+00:00"))
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment


@dataclass(frozen=True)
class Rule:
    """What a value must be.

    ``text`` completes the sentence "it is not ..."; the other members express the same for the checks.
    ``pattern`` is for the whole value and has no anchors, lengths count characters, ``minimum`` and ``maximum`` are
    inclusive. The patterns keep to what JSON Schema and Python read alike. ``is_sid`` and ``is_instant`` are true for
    the rules of SIDs, and of dates with a time: one value of these has several forms. ``regex`` is made of the
    pattern.
    """

    text: str
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    is_sid: bool = False
    is_instant: bool = False
    regex: re.Pattern[str] | None = None

    def __post_init__(self) -> None:
        # Not when it is first used: Ansible imports this once, and forks a process for each task.
        object.__setattr__(self, "regex", self.pattern and re.compile(self.pattern))

    @property
    def needs_normalizing(self) -> bool:
        """Whether one value may come in several forms."""
        return self.is_sid or self.is_instant

    def normalize(self, value: t.Any) -> t.Any:
        """Return the form of the value in which it is compared, shown and sent."""
        return normalize_sid(value) if self.is_sid else normalize_instant(value) if self.is_instant else value


@dataclass(frozen=True)
class Field:
    """One field of a resource.

    ``type`` is Ansible's name of the type (str, int, bool, dict, list). ``param`` is the name in a request; a field
    without one can only be read, and one that is ``immutable`` can only be set when the object is created. ``default``
    is what a new object has when nothing was sent. A ``clearable`` field takes "" for "no value". ``choices`` are its
    values; an answer may hold some that are newer than this table. In an answer every field but the SID may be null or
    missing, which means that there is no value. ``required`` is for those of ``elements``.

    ``transitions`` are the pairs of a current and a desired value between which an update is possible; without any it
    always is. ``satisfied_by`` are pairs of a desired and a current value that counts as the desired one.
    ``depends_on`` are fields with whose change the API may change this one.
    ``elements`` are the fields of each element of a list, which is sent as one parameter for each element.
    """

    name: str
    type: str = "str"
    param: str | None = None
    rule: Rule | None = None
    choices: tuple[str, ...] | None = None
    default: str | int | None = None
    immutable: bool = False
    clearable: bool = False
    required: bool = False
    transitions: tuple[tuple[str, str], ...] = ()
    satisfied_by: tuple[tuple[str, str], ...] = ()
    depends_on: tuple[str, ...] = ()
    elements: tuple[Field, ...] = ()

    @property
    def writable(self) -> bool:
        """Whether a request can set it."""
        return self.param is not None

    @property
    def options(self) -> tuple[str, ...]:
        """The choices that may be asked for: with transitions, those that one leads to."""
        targets = {target for _current, target in self.transitions}
        return tuple(choice for choice in self.choices or () if not targets or choice in targets)

    @property
    def needs_normalizing(self) -> bool:
        """Whether one value may come in several forms, of which normalize() makes one."""
        return self.clearable or self.type == "int" or (self.rule is not None and self.rule.needs_normalizing)

    def normalize(self, value: t.Any) -> t.Any:
        """Return the form of the value that is compared and shown: null, and "" where it clears, are the default."""
        if value is None or (self.clearable and value == ""):
            return self.default
        # JSON has one kind of number: 60.0 is the integer 60.
        if self.type == "int" and isinstance(value, float):
            return int(value)
        return value if self.rule is None else self.rule.normalize(value)

    def is_satisfied(self, desired: t.Any, current: t.Any) -> bool:
        """Return whether the current value counts as the desired one."""
        desired, current = self.normalize(desired), self.normalize(current)
        return desired == current or (desired, current) in self.satisfied_by


@dataclass(frozen=True)
class Resource:
    """One kind of object: its names, its path, its fields, and the codes of its absent and taken objects.

    ``key`` and ``list_key`` name one object and a list of them, in results and in the API's pages. ``name_field`` is
    the field by which people know an object, unique within its parent; "sid" where there is none. ``absent_code`` and
    ``absent_message`` are how the API says "no such object" without a 404; ``taken_code`` is how it says that the name
    is in use.
    ``create_word`` and ``delete_word`` are what creating and deleting mean for it.

    ``operations`` are the changes that the API offers. ``creation_fields`` are sent when an object is created and are
    no part of it: they are neither compared nor read.

    ``protected_names`` are those of objects that others made and depend on: they are deleted only by name.

    An object may be in one of another kind, its ``parent``, and that in another one: ``path`` is the part of the URL
    below the parent. in_parent() names the objects that it is in; ``parent_sid`` is the SID of the innermost one.
    ``listed_in_parent`` is true for the children that an entry of a list of parents carries.

    ``filters`` are the fields by which a task may select what it reads. ``deleted_field`` is not empty in an object
    that the API still shows after it was deleted, and that cannot be created again in the same parent. ``stale_code``
    is how the API says that a transition is not possible, because the value is not what it was.
    """

    name: str
    key: str
    list_key: str
    path: str
    name_field: str
    absent_code: int
    absent_message: str
    taken_code: int
    fields: tuple[Field, ...]
    create_word: str = "create"
    delete_word: str = "delete"
    operations: tuple[str, ...] = ("create", "update", "delete")
    creation_fields: tuple[Field, ...] = ()
    protected_names: tuple[str, ...] = ()
    parent: Resource | None = None
    parent_sid: str | None = None
    listed_in_parent: bool = False
    filters: tuple[str, ...] = ()
    deleted_field: str | None = None
    stale_code: int | None = None

    @property
    def child(self) -> Resource:
        """Return the kind of children that an entry of a list of these objects has. Raise LookupError if none."""
        for resource in RESOURCES:
            if resource.listed_in_parent and resource.parent == self:
                return resource
        raise LookupError(self.name)

    def in_parent(self, *sids: str) -> Resource:
        """Return the same kind of object in the ancestors with these SIDs, the outermost first."""
        if not sids:
            return self
        return replace(self, parent=self.parent and self.parent.in_parent(*sids[:-1]), parent_sid=sids[-1])

    @property
    def url_path(self) -> str:
        """Return the path of the list, with the SIDs of the ancestors."""
        return self.path if self.parent is None else f"{self.parent.url_path}/{self.parent_sid}{self.path}"

    @property
    def ancestors(self) -> tuple[Resource, ...]:
        """The ancestors of the objects, outermost first."""
        return () if self.parent is None else (*self.parent.ancestors, self.parent)

    @property
    def parent_sids(self) -> dict[str, str | None]:
        """The SIDs of the ancestors by the fields that hold them, None where they are not known."""
        return {} if self.parent is None else {**self.parent.parent_sids, f"{self.parent.key}_sid": self.parent_sid}

    def is_deleted(self, item: Object) -> bool:
        """Return whether the API shows the object although it was deleted."""
        return self.deleted_field is not None and bool(item.get(self.deleted_field))

    @property
    def sid_is_chosen(self) -> bool:
        """Whether an object is created by naming its SID, which something else has had before."""
        return self.field("sid").writable

    def field(self, name: str) -> Field:
        """Return the field with this name. Raise KeyError if there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    @property
    def writable(self) -> tuple[Field, ...]:
        """The fields of an object that a request can set, in the table's order."""
        return tuple(field for field in self.fields if field.writable)

    def may_repeat(self, values: t.Iterable[str]) -> bool:
        """Return whether an update of these fields may be sent twice: a transition is possible once."""
        return not any(field.transitions for field in self.settable if field.name in values)

    @property
    def settable(self) -> tuple[Field, ...]:
        """All fields that a request can set."""
        return (*self.writable, *self.creation_fields)


def _sid(prefix: str) -> Rule:
    return Rule(f"{prefix} followed by 32 hexadecimal digits", pattern=f"{prefix}[0-9a-fA-F]{{32}}", is_sid=True)


# White space and control characters are invalid in a URL, and a line break could inject a header.
# U+0085 and U+FEFF are white space to one of Python and JSON Schema only.
_IN_URL = r"[^\s\x00-\x1f\x7f\x85\ufeff]"
URL = Rule(
    "an absolute http or https URL of at most 4000 characters without spaces or control characters",
    pattern=rf"[Hh][Tt][Tt][Pp][Ss]?://(?:[^\s\x00-\x1f\x7f\x85\ufeff/?#@]*@)?"
    rf"(?:\[[0-9A-Fa-f:.]+\]|[^\s\x00-\x1f\x7f\x85\ufeff/?#@:\[\]]+)(?::[0-9]{{1,5}})?(?:[/?#]{_IN_URL}*)?",
    max_length=4000,
)
#: The largest number that an option takes.
MAX_INT = 2147483647
INSTANT = Rule(
    "a date and time with an offset from UTC, such as 2026-11-23T08:00:00Z", pattern=_INSTANT, is_instant=True
)
SECONDS = Rule(f"a whole number of seconds from 0 to {MAX_INT} (0 means no limit)", minimum=0, maximum=MAX_INT)
UNIQUE_NAME = Rule("a string of 1 to 191 characters", min_length=1, max_length=191)
ACCOUNT_SID = _sid("AC")
API_KEY_SID = _sid("SK")
CHAT_INSTANCE_SID = _sid("IS")
SERVICE_SID = _sid("KS")
PHONE_NUMBER_SID = _sid("PN")
SESSION_SID = _sid("KC")
PARTICIPANT_SID = _sid("KP")
INTERACTION_SID = _sid("KI")
#: The SID of a Call or a Message.
RESOURCE_SID = Rule("two letters followed by 32 hexadecimal digits", pattern="[a-zA-Z]{2}[0-9a-fA-F]{32}", is_sid=True)
IDENTIFIER = Rule("a string of 1 to 191 characters", min_length=1, max_length=191)
TEXT = Rule("a string of 1 to 255 characters", min_length=1, max_length=255)
E164 = Rule("an E.164 number (+ and 2 to 15 digits, the first of which is not 0)", pattern=r"\+[1-9][0-9]{1,14}")

#: The largest page that may be asked for. The API may answer with fewer objects than that.
MAX_PAGE_SIZE = 1000

SERVICE = Resource(
    name="Service",
    key="service",
    list_key="services",
    path="/v1/Services",
    name_field="unique_name",
    absent_code=80408,
    absent_message="Invalid Service Sid",
    taken_code=80602,
    protected_names=("Flex Proxy Service",),
    fields=(
        Field("sid", rule=SERVICE_SID),
        Field("account_sid", rule=ACCOUNT_SID),
        Field("unique_name", param="UniqueName", rule=UNIQUE_NAME),
        Field("callback_url", param="CallbackUrl", rule=URL, clearable=True),
        Field("chat_instance_sid", param="ChatInstanceSid", rule=CHAT_INSTANCE_SID, clearable=True),
        Field("default_ttl", "int", param="DefaultTtl", rule=SECONDS, default=0),
        Field(
            "geo_match_level",
            param="GeoMatchLevel",
            # The documentation's words and the published description's differ: the union of both is accepted.
            choices=("country", "area-code", "extended-area-code", "overlay", "radius"),
            default="country",
        ),
        Field("intercept_callback_url", param="InterceptCallbackUrl", rule=URL, clearable=True),
        Field(
            "number_selection_behavior",
            param="NumberSelectionBehavior",
            choices=("prefer-sticky", "avoid-sticky"),
            default="prefer-sticky",
        ),
        Field("out_of_session_callback_url", param="OutOfSessionCallbackUrl", rule=URL, clearable=True),
        Field("date_created"),
        Field("date_updated"),
        Field("url"),
        Field("links", "dict"),
    ),
)

PHONE_NUMBER = Resource(
    name="phone number",
    key="phone_number",
    list_key="phone_numbers",
    path="/PhoneNumbers",
    parent=SERVICE,
    listed_in_parent=True,
    name_field="phone_number",
    absent_code=80407,
    absent_message="Invalid Phone Number Sid",
    taken_code=80104,
    create_word="add",
    delete_word="remove",
    fields=(
        Field("sid", param="Sid", rule=PHONE_NUMBER_SID, immutable=True),
        Field("account_sid", rule=ACCOUNT_SID),
        Field("service_sid", rule=SERVICE_SID),
        Field("phone_number", param="PhoneNumber", rule=E164, immutable=True),
        Field("friendly_name"),
        Field("iso_country"),
        Field("capabilities", "dict"),
        Field("is_reserved", "bool", param="IsReserved", default=False),
        Field("in_use", "int", default=0),
        Field("date_created"),
        Field("date_updated"),
        Field("url"),
    ),
)

_OF_PARTICIPANT = (
    Field("identifier", param="Identifier", rule=IDENTIFIER, immutable=True),
    Field("friendly_name", param="FriendlyName", rule=TEXT, immutable=True),
    Field("proxy_identifier", param="ProxyIdentifier", rule=TEXT, immutable=True),
    Field("proxy_identifier_sid", param="ProxyIdentifierSid", rule=PHONE_NUMBER_SID, immutable=True),
)

SESSION = Resource(
    name="Session",
    key="session",
    list_key="sessions",
    path="/Sessions",
    parent=SERVICE,
    name_field="unique_name",
    absent_code=80409,
    absent_message="Invalid Session Sid",
    taken_code=80603,
    stale_code=80608,
    filters=("status",),
    fields=(
        Field("sid", rule=SESSION_SID),
        Field("account_sid", rule=ACCOUNT_SID),
        Field("service_sid", rule=SERVICE_SID),
        Field("unique_name", param="UniqueName", rule=UNIQUE_NAME, immutable=True),
        Field(
            "mode",
            param="Mode",
            choices=("message-only", "voice-only", "voice-and-message"),
            default="voice-and-message",
            immutable=True,
        ),
        Field(
            "status",
            param="Status",
            choices=("open", "in-progress", "closed", "failed", "unknown"),
            default="open",
            transitions=(("open", "closed"), ("in-progress", "closed"), ("closed", "in-progress")),
            # A Session is open until its first interaction.
            satisfied_by=(("in-progress", "open"),),
        ),
        # Those of a new Session may come from the Service, and are changed by interactions.
        Field("ttl", "int", param="Ttl", rule=SECONDS),
        Field("date_expiry", param="DateExpiry", rule=INSTANT, depends_on=("status", "ttl")),
        Field("closed_reason", depends_on=("status",)),
        Field("date_started"),
        Field("date_ended", depends_on=("status",)),
        Field("date_last_interaction"),
        Field("date_created"),
        Field("date_updated"),
        Field("url"),
        Field("links", "dict"),
    ),
    creation_fields=(
        Field(
            "participants",
            "list",
            param="Participants",
            elements=(replace(_OF_PARTICIPANT[0], required=True), *_OF_PARTICIPANT[1:]),
        ),
    ),
)

PARTICIPANT = Resource(
    name="Participant",
    key="participant",
    list_key="participants",
    path="/Participants",
    parent=SESSION,
    name_field="identifier",
    absent_code=80405,
    absent_message="Invalid Participant Sid",
    taken_code=80103,
    create_word="add",
    delete_word="remove",
    operations=("create", "delete"),
    deleted_field="date_deleted",
    fields=(
        Field("sid", rule=PARTICIPANT_SID),
        Field("account_sid", rule=ACCOUNT_SID),
        Field("service_sid", rule=SERVICE_SID),
        Field("session_sid", rule=SESSION_SID),
        *_OF_PARTICIPANT,
        Field("date_created"),
        Field("date_updated"),
        Field("date_deleted"),
        Field("url"),
        Field("links", "dict"),
    ),
)

INTERACTION = Resource(
    name="Interaction",
    key="interaction",
    list_key="interactions",
    path="/Interactions",
    parent=SESSION,
    name_field="sid",
    absent_code=80403,
    absent_message="Invalid Interaction Sid",
    taken_code=0,
    operations=("delete",),
    filters=("type",),
    fields=(
        Field("sid", rule=INTERACTION_SID),
        Field("account_sid", rule=ACCOUNT_SID),
        Field("service_sid", rule=SERVICE_SID),
        Field("session_sid", rule=SESSION_SID),
        Field("type", choices=("message", "voice", "unknown")),
        Field("data"),
        Field("inbound_participant_sid", rule=PARTICIPANT_SID),
        Field("inbound_resource_sid", rule=RESOURCE_SID),
        Field("inbound_resource_status"),
        Field("inbound_resource_type"),
        Field("inbound_resource_url"),
        Field("outbound_participant_sid", rule=PARTICIPANT_SID),
        Field("outbound_resource_sid", rule=RESOURCE_SID),
        Field("outbound_resource_status"),
        Field("outbound_resource_type"),
        Field("outbound_resource_url"),
        Field("date_created"),
        Field("date_updated"),
        Field("url"),
    ),
)

RESOURCES = (SERVICE, PHONE_NUMBER, SESSION, PARTICIPANT, INTERACTION)

#: What to do about the API's error codes, as whole sentences that follow its own message.
ADVICE: t.Mapping[int, str] = {
    20001: "A parameter is missing or malformed. If Twilio changed its rules, please report it.",
    20003: "Check account_sid and auth_token, or api_key and api_secret."
    " Each subaccount and each region has its own credentials.",
    20007: "Set a smaller page_size.",
    20404: "This host does not know the path. Check base_url, region and edge.",
    20429: "The account sent too many requests."
    " Run the task later, use fewer forks or a lower concurrency, or increase retries.",
    20500: "Twilio had an internal error. Try again later, and see https://status.twilio.com.",
    20503: "Twilio is not available. Try again later, and see https://status.twilio.com.",
    21102: "The account has reached its limit of Services. Delete one that is not needed, or ask Twilio Support.",
    80101: "A number can be in one Service only. Remove it from the other one first; Sessions there may still use it.",
    80103: "An identifier that was removed from a Session cannot be added to it again. Add it to another Session.",
    80104: "The Service already has this number, although its list does not show it. Run the task again later.",
    80201: "Add a number that can do voice to the pool, or create the Session with the mode message-only.",
    80202: "Add a number that can do SMS to the pool, or create the Session with the mode voice-only.",
    80203: "Add a number of the participant's country to the pool.",
    80205: "Add numbers to the pool of the Service.",
    80206: "Add a number that the geo_match_level of the Service allows, or close another Session of this participant.",
    80207: "Set is_reserved of a number to false, or give another number as proxy_identifier.",
    80208: "Add numbers to the pool, or close Sessions that are not needed.",
    80301: "The number must belong to this account. Check the number, and the account of the credentials.",
    80304: "The proxy_identifier must be a number in the pool of this Service. Check also whether it is reserved.",
    80305: "The proxy_identifier_sid must be the SID of a number in the pool of this Service.",
    80403: "Check the SID of the Interaction, and that the Interaction is in this Session.",
    80404: "Twilio cannot reach this identifier. Check the identifier of the participant.",
    80405: "Check the SID of the Participant, and that the Participant is in this Session.",
    80407: "Check the SID of the phone number, and that the number is in this Service.",
    80408: "Check the SID of the Service, and that the credentials belong to its account.",
    80409: "Check the SID of the Session, and that the Session is in this Service."
    " Twilio deletes a Session 90 days after it was closed.",
    80506: "Twilio has closed Proxy to new customers, and this account cannot create Services."
    " Use an existing Service, such as that of a Flex account, or ask Twilio Support.",
    80602: "Choose another unique_name, or manage the Service that has it.",
    80603: "Choose another unique_name, or manage the Session that has it, which may be closed.",
    80604: "A participant uses the same number in another Session. Close that Session first.",
    80607: "A closed Session cannot be changed. Reopen it first, in a task that sets only status.",
    80608: "Only a Session that is open, in-progress or closed can change its status. Check the current status.",
    80609: "A Session can have two participants. Remove one first.",
    80611: "Sessions use the number. Set is_reserved to true, so that no others do. Then close them, or wait until"
    " in_use is 0.",
    80612: "An identifier that was removed from a Session cannot be added to it again. Add it to another Session.",
    80615: "Delete the Interaction after the legal hold has ended.",
    80621: "The account sent too many requests."
    " Run the task later, use fewer forks or a lower concurrency, or increase retries.",
    80622: "The pool has reached its limit of numbers. Remove one that is not needed.",
    80623: "Another client changed the object at the same time. Run the task again.",
    80701: "Twilio does not accept a value. Compare the options with Twilio's documentation.",
}
