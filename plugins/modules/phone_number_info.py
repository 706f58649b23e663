#!/usr/bin/python
# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: phone_number_info
short_description: Read the phone numbers of a Twilio Proxy Service
version_added: 0.1.0
description:
  - Reads one phone number in the number pool of a Twilio Proxy Service, or all of them.
  - If the Service does not exist, the task fails. In check mode, it returns nothing if no Service has the
    O(service_unique_name), or if O(service_sid) is V(null), because an earlier task may create the Service.
author:
  - The twilio.proxy Authors (@twilio-proxy)
extends_documentation_fragment:
  - twilio.proxy._attributes
  - twilio.proxy._attributes.info
  - twilio.proxy._connection
  - twilio.proxy._in_service
  - twilio.proxy._paging
options:
  sid:
    description:
      - The SID of the phone number to read.
      - Without O(sid) and O(phone_number), all phone numbers of the pool are read.
      - Except in check mode, a SID or number that is V(null) is an error, because without it the task would read
        all.
      - Must be PN followed by 32 hexadecimal digits.
    type: str
  phone_number:
    description:
      - The phone number to read.
      - Quote it in YAML. Without quotes, it is an integer and loses its V(+).
      - Must be an E.164 number (+ and 2 to 15 digits, the first of which is not 0).
    type: str
  properties:
    description:
      - The fields to return of each phone number.
      - By default, all fields are returned.
    type: list
    elements: str
    choices:
      - sid
      - account_sid
      - service_sid
      - phone_number
      - friendly_name
      - iso_country
      - capabilities
      - is_reserved
      - in_use
      - date_created
      - date_updated
      - url
seealso:
  - module: twilio.proxy.phone_number
  - module: twilio.proxy.services_info
  - name: Twilio Proxy PhoneNumber resource
    description: Twilio's documentation of the resource.
    link: https://www.twilio.com/docs/proxy/api/phone-number
"""

EXAMPLES = r"""
- name: Read the numbers in the pool of a Service, and how many sessions use them
  twilio.proxy.phone_number_info:
    service_unique_name: rides
    properties:
      - phone_number
      - in_use
  register: pool

- name: Show the numbers that no open session uses
  ansible.builtin.debug:
    msg: "{{ pool.phone_numbers | selectattr('in_use', 'equalto', 0) | map(attribute='phone_number') }}"

- name: Find one number
  twilio.proxy.phone_number_info:
    service_unique_name: rides
    phone_number: "+12025550100"
  register: found

- name: Report whether it is in the pool
  ansible.builtin.debug:
    msg: "{{ 'In the pool.' if found.phone_numbers else 'Not in the pool.' }}"
"""

RETURN = r"""
phone_numbers:
  description:
    - The phone numbers that were found, in the order in which Twilio lists them. Empty if there is none.
    - With O(properties), each has these fields only.
  returned: success
  type: list
  elements: dict
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
from ansible_collections.twilio.proxy.plugins.module_utils._task import objects_task

TASK = objects_task(PHONE_NUMBER)


def main() -> None:
    run(TASK)


if __name__ == "__main__":
    main()
