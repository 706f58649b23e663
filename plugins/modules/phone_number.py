#!/usr/bin/python
# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: phone_number
short_description: Manage a phone number in the pool of a Twilio Proxy Service
version_added: 0.1.0
description:
  - Adds a phone number of the account to the number pool of a Twilio Proxy Service, reserves it, or removes it.
  - B(Adding a number overwrites its voice and SMS webhooks. Removing it does not restore them.)
  - A number can be in the pool of one Service only. If it is in another Service's pool, the task fails.
  - The account must own the number, and still owns it after its removal. Numbers are neither bought nor released.
author:
  - The twilio.proxy Authors (@twilio-proxy)
extends_documentation_fragment:
  - twilio.proxy._attributes
  - twilio.proxy._connection
  - twilio.proxy._in_service
attributes:
  check_mode:
    details:
      - Values that only Twilio can know are V(null) in the predicted number.
      - For a new number, these are its name, country, capabilities, dates and URL.
      - The SID or the number is V(null) too, whichever is not given.
      - After an update, the date of the update is V(null).
      - It does not check whether the account owns the number.
      - It does not check whether another Service has it.
      - A missing Service may be one that an earlier task would create.
      - If it is given by name, or by a SID that is V(null), the task warns.
      - It then predicts that the number is added.
  diff_mode:
    support: full
    details:
      - Shows the fields that can be written.
options:
  state:
    description:
      - Whether the number should be in the pool.
      - If the Service does not exist, O(state=absent) changes nothing, and O(state=present) fails.
    type: str
    choices:
      - present
      - absent
    default: present
  sid:
    description:
      - The SID of the phone number.
      - Exactly one of O(sid) and O(phone_number) is required.
      - Must be PN followed by 32 hexadecimal digits.
    type: str
  phone_number:
    description:
      - The phone number.
      - Quote it in YAML. Without quotes, it is an integer and loses its V(+).
      - Must be an E.164 number (+ and 2 to 15 digits, the first of which is not 0).
    type: str
  is_reserved:
    description:
      - Whether the number is reserved, so that Proxy does not choose it for participants.
        A reserved number is used only for participants that are added with it.
      - A new phone number has V(false).
    type: bool
  create:
    description:
      - Whether to add the number if it is not in the pool.
      - With V(false), the task then succeeds and changes nothing, also if somebody removes the number during the task.
        Use this to reserve a number without the risk of adding it again.
    type: bool
    default: true
seealso:
  - module: twilio.proxy.phone_number_info
  - module: twilio.proxy.services
  - name: Twilio Proxy PhoneNumber resource
    description: Twilio's documentation of the resource.
    link: https://www.twilio.com/docs/proxy/api/phone-number
"""

EXAMPLES = r"""
- name: Add a number to the pool of a Service
  twilio.proxy.phone_number:
    service_unique_name: rides
    phone_number: "+12025550100"
  register: added

- name: Reserve the number
  twilio.proxy.phone_number:
    service_unique_name: rides
    phone_number: "+12025550100"
    is_reserved: true

- name: Reserve the number if it is in the pool
  twilio.proxy.phone_number:
    service_unique_name: rides
    phone_number: "+12025550100"
    is_reserved: true
    create: false

- name: Remove the number from the pool
  twilio.proxy.phone_number:
    service_sid: "{{ added.phone_number.service_sid }}"
    phone_number: "+12025550100"
    state: absent
"""

RETURN = r"""
phone_number:
  description:
    - The phone number after the task, or before the task if it is not in the pool afterwards.
    - Empty if it was not in the pool, and O(state=absent) or O(create=false).
    - In check mode, the predicted phone number. Values that only Twilio can know are V(null).
  returned: success
  type: dict
  contains:
    sid:
      description: The SID of the phone number.
      type: str
      sample: PN0123456789abcdef0123456789abcdef
    account_sid:
      description: The SID of the account that the phone number belongs to.
      type: str
      sample: AC0123456789abcdef0123456789abcdef
    service_sid:
      description: The SID of the Service in whose pool the phone number is.
      type: str
      sample: KS0123456789abcdef0123456789abcdef
    phone_number:
      description: The phone number in E.164 format.
      type: str
      sample: "+12025550100"
    friendly_name:
      description: The name that the phone number has in the account.
      type: str
      sample: (202) 555-0100
    iso_country:
      description: The country of the phone number, as in ISO 3166-1.
      type: str
      sample: US
    capabilities:
      description: What the phone number can do.
      type: dict
      sample: {fax: false, mms: true, sms: true, voice: true}
    is_reserved:
      description: Whether the number is reserved, so that Proxy does not choose it for participants.
      type: bool
      sample: false
    in_use:
      description: How many open sessions use the phone number.
      type: int
      sample: 0
    date_created:
      description: When the phone number was added, in ISO 8601, UTC.
      type: str
      sample: "2026-11-23T08:00:00Z"
    date_updated:
      description: When the phone number was last changed, in ISO 8601, UTC.
      type: str
      sample: "2026-11-23T08:30:00Z"
    url:
      description: The address of the phone number in the API.
      type: str
      sample: "https://proxy.twilio.com/v1/Services/KS0123456789abcdef0123456789abcdef/\
        PhoneNumbers/PN0123456789abcdef0123456789abcdef"
diff:
  description: The fields that can be written, before and after. V(null) stands for a number that is not in the pool.
  returned: when something changed, in diff mode
  type: dict
  contains:
    before:
      description: The fields before the task.
      type: dict
      sample: {is_reserved: false, phone_number: "+12025550100"}
    after:
      description: The fields after the task.
      type: dict
      sample: {is_reserved: true, phone_number: "+12025550100"}
    before_header:
      description: The object before the task.
      type: str
      sample: phone number +12025550100 (PN0123456789abcdef0123456789abcdef)
    after_header:
      description: The object after the task.
      type: str
      sample: phone number +12025550100 (PN0123456789abcdef0123456789abcdef)
status:
  description: The HTTP status of Twilio's answer. V(null) if there was no answer.
  returned: failure
  type: int
  sample: 400
code:
  description: Twilio's error code. V(null) if the answer does not have one.
  returned: failure
  type: int
  sample: 80602
message:
  description: Twilio's message, or a description if there was no answer. V(null) if no request was sent.
  returned: failure
  type: str
  sample: Service UniqueName must be unique.
more_info:
  description: The address of Twilio's page about the error code. V(null) if the answer does not have it.
  returned: failure
  type: str
  sample: https://www.twilio.com/docs/errors/80602
request_id:
  description: The ID of the request for Twilio Support. V(null) if there was none.
  returned: failure
  type: str
  sample: RQ0123456789abcdef0123456789abcdef
"""

from ansible_collections.twilio.proxy.plugins.module_utils._module import run
from ansible_collections.twilio.proxy.plugins.module_utils._resources import PHONE_NUMBER
from ansible_collections.twilio.proxy.plugins.module_utils._task import object_task

TASK = object_task(PHONE_NUMBER)


def main() -> None:
    run(TASK)


if __name__ == "__main__":
    main()
