# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What the Twilio Proxy API knows, as tables. Data only.

Argument specs, checks of input and of answers, comparison, request forms and predicted results are all derived from
here; a fact about a field stands in its row and nowhere else. Source: Twilio's documentation and published OpenAPI
description of Proxy v1.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace

#: An object of the API, with a key for each field of its table. None is "no value".
Object = dict[str, t.Any]


@dataclass(frozen=True)
class Rule:
    """What a value must be.

    ``text`` completes the sentence "it must be ..." for people; the other members say the same to the machine.
    ``pattern`` is for the whole value and has no anchors, lengths count characters, ``minimum`` and ``maximum`` are
    inclusive. The patterns keep to what JSON Schema and Python read alike. ``is_sid`` is true for the rules of SIDs.
    """

    text: str
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    is_sid: bool = False


_SID = re.compile("[A-Z]{2}[0-9a-fA-F]{32}")


def normalize_sid(value: t.Any) -> t.Any:
    """A SID as Twilio writes it, in lower case after its prefix; what is no SID as it is."""
    return value[:2] + value[2:].lower() if isinstance(value, str) and _SID.fullmatch(value) else value


@dataclass(frozen=True)
class Field:
    """One field of a resource.

    ``type`` is Ansible's name of the type (str, int, bool, dict). ``form`` is the name in a request form; a field
    without one can only be read, and one that is ``fixed`` can only be set when the object is created. ``default`` is
    what a new object has when nothing was sent. A ``clearable`` field takes "" for "no value". ``choices`` is what may
    be asked for; an answer may hold values that are newer than this table. In an answer every field but the SID may be
    null or missing, which means that there is no value.
    """

    name: str
    type: str = "str"
    param: str | None = None
    rule: Rule | None = None
    choices: tuple[str, ...] | None = None
    default: str | int | None = None
    immutable: bool = False
    clearable: bool = False

    @property
    def writable(self) -> bool:
        """Whether a request can set it."""
        return self.param is not None

    @property
    def is_sid(self) -> bool:
        """Whether its values are SIDs."""
        return self.rule is not None and self.rule.is_sid

    @property
    def needs_normalizing(self) -> bool:
        """Whether one value may come in several forms, of which stored() makes one."""
        return self.clearable or self.is_sid or self.type == "int"

    def normalize(self, value: t.Any) -> t.Any:
        """The one form of the value that is compared and shown: null, and "" where it clears, are the default."""
        if value is None or (self.clearable and value == ""):
            return self.default
        if self.is_sid:
            return normalize_sid(value)
        # JSON has one kind of number: 60.0 is the integer 60.
        return int(value) if self.type == "int" and isinstance(value, float) else value


@dataclass(frozen=True)
class Resource:
    """One kind of object: its names, where it lives, what it consists of, which answers have a meaning of their own.

    ``key`` and ``list_key`` name one object and a list of them, in results and in the API's pages. ``identity`` is
    the field by which people know an object, unique within ``path``. ``absent_code`` and ``absent_message`` are how
    the API says "no such object" without a 404; ``taken_code`` is how it says that the identity is in use.
    ``create_word`` and ``delete_word`` are what creating and deleting mean for it.

    ``kept`` are the identities of objects that others made and depend on: they are deleted only by name.

    An object may live in one of another kind, its ``parent``. Then ``path`` has a place for the parent's SID, which
    within() fills.
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
    protected_names: tuple[str, ...] = ()
    parent: Resource | None = None
    parent_sid: str | None = None

    def in_parent(self, parent_sid: str) -> Resource:
        """The same kind of object, in the parent with this SID."""
        return replace(self, path=self.path.format(parent_sid), parent_sid=parent_sid)

    @property
    def sid_is_chosen(self) -> bool:
        """Whether an object is created by naming its SID, which something else has had before."""
        return self.field("sid").writable

    def field(self, name: str) -> Field:
        """The field of that name; KeyError if there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    @property
    def writable(self) -> tuple[Field, ...]:
        """The fields that a request can set, in the table's order."""
        return tuple(field for field in self.fields if field.writable)


def _sid(prefix: str) -> Rule:
    return Rule(f"{prefix} followed by 32 hexadecimal digits", pattern=f"{prefix}[0-9a-fA-F]{{32}}", is_sid=True)


# White space and control characters have no place in an URL, and a line break would be a second header somewhere.
# U+0085 and U+FEFF are white space to one of Python and JSON Schema only.
_IN_URL = r"[^\s\x00-\x1f\x7f\x85\ufeff]"
URL = Rule(
    "an absolute http or https URL of at most 4000 characters, without spaces or control characters",
    pattern=rf"[Hh][Tt][Tt][Pp][Ss]?://(?:[^\s\x00-\x1f\x7f\x85\ufeff/?#@]*@)?"
    rf"(?:\[[0-9A-Fa-f:.]+\]|[^\s\x00-\x1f\x7f\x85\ufeff/?#@:\[\]]+)(?::[0-9]{{1,5}})?(?:[/?#]{_IN_URL}*)?",
    max_length=4000,
)
#: The largest number that an option takes.
MAX_INT = 2147483647
SECONDS = Rule(f"a whole number of seconds from 0 to {MAX_INT} (0 means no limit)", minimum=0, maximum=MAX_INT)
UNIQUE_NAME = Rule("a text of 1 to 191 characters", min_length=1, max_length=191)
ACCOUNT_SID = _sid("AC")
API_KEY_SID = _sid("SK")
CHAT_INSTANCE_SID = _sid("IS")
SERVICE_SID = _sid("KS")
PHONE_NUMBER_SID = _sid("PN")
E164 = Rule("an E.164 number, + and 2 to 15 digits of which the first is not 0", pattern=r"\+[1-9][0-9]{1,14}")

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
    path="/v1/Services/{}/PhoneNumbers",
    parent=SERVICE,
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

RESOURCES = (SERVICE, PHONE_NUMBER)

#: What to do about the API's error codes, as whole sentences that follow its own message.
ADVICE: t.Mapping[int, str] = {
    20001: "A parameter is missing or malformed; if Twilio changed its rules, please report it.",
    20003: "Check account_sid and auth_token, or api_key and api_secret: a subaccount has credentials of its own,"
    " and they belong to the region that is asked.",
    20007: "Ask for a smaller page_size.",
    20404: "The path is unknown to this host: check base_url, region and edge.",
    20429: "The account sent too many requests: run again later, with fewer forks, or allow more retries.",
    20500: "Twilio had an internal error: run again later, and see https://status.twilio.com.",
    20503: "Twilio is not available at the moment: run again later, and see https://status.twilio.com.",
    21102: "The account has as many Services as it may have: delete one that is not needed, or ask Twilio's support.",
    80101: "A number is in one Service at a time: remove it from the other one first. Sessions there may still use it.",
    80104: "The Service has this number already, although its list does not show it: run again later.",
    80301: "The number has to be one of this account's own: check the number, and the credentials' account.",
    80407: "Check the SID of the phone number, and that it is in this Service.",
    80408: "Check the SID of the Service, and that the credentials are those of its account.",
    80506: "Proxy is closed to new customers, and this account cannot create Services:"
    " use one that exists, such as the Service of a Flex account, or ask Twilio's support.",
    80602: "Choose another unique_name, or manage the Service that has this one.",
    80701: "Twilio refused a value that this collection lets through: compare the options with Twilio's documentation.",
}
