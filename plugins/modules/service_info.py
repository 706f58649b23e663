#!/usr/bin/python
# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: service_info
short_description: Read Twilio Proxy Services
version_added: 0.1.0
description:
  - Reads one Twilio Proxy Service, or all Services of an account.
author:
  - The twilio.proxy Authors (@twilio-proxy)
extends_documentation_fragment:
  - twilio.proxy._attributes
  - twilio.proxy._attributes.info
  - twilio.proxy._connection
  - twilio.proxy._paging
options:
  sid:
    description:
      - The SID of the Service to read.
      - Without O(sid) and O(unique_name), all Services are read.
      - Except in check mode, a SID or name that is V(null) is an error, because without it the task would read all.
      - Must be KS followed by 32 hexadecimal digits.
    type: str
  unique_name:
    description:
      - The name of the Service to read. Upper and lower case matter.
      - Must be a string of 1 to 191 characters.
    type: str
  properties:
    description:
      - The fields to return of each Service.
      - By default, all fields are returned.
    type: list
    elements: str
    choices:
      - sid
      - account_sid
      - unique_name
      - callback_url
      - chat_instance_sid
      - default_ttl
      - geo_match_level
      - intercept_callback_url
      - number_selection_behavior
      - out_of_session_callback_url
      - date_created
      - date_updated
      - url
      - links
seealso:
  - module: twilio.proxy.service
  - name: Twilio Proxy Service resource
    description: Twilio's documentation of the resource.
    link: https://www.twilio.com/docs/proxy/api/service
"""

EXAMPLES = r"""
- name: Read the names and SIDs of all Services
  twilio.proxy.service_info:
    properties:
      - unique_name
      - sid
  register: all

- name: Read the Service that Twilio created for Flex
  twilio.proxy.service_info:
    unique_name: Flex Proxy Service
  register: flex

- name: Show its SID, if the Service exists
  ansible.builtin.debug:
    msg: "{{ flex.services | map(attribute='sid') | first | default('This account has no Flex.') }}"

- name: Read with an API key instead of the credentials in the environment
  twilio.proxy.service_info:
    api_key: SK0123456789abcdef0123456789abcdef
    api_secret: "{{ twilio_api_secret }}"
  vars:
    twilio_api_secret: your_api_secret # better from a vaulted file

- name: Read the first ten
  twilio.proxy.service_info:
    limit: 10
"""

RETURN = r"""
services:
  description:
    - The Services that were found, in the order in which Twilio lists them. Empty if there is none.
    - With O(properties), each has these fields only.
  returned: success
  type: list
  elements: dict
  contains:
    sid:
      description: The SID of the Service.
      type: str
      sample: KS0123456789abcdef0123456789abcdef
    account_sid:
      description: The SID of the account that the Service belongs to.
      type: str
      sample: AC0123456789abcdef0123456789abcdef
    unique_name:
      description: The name of the Service.
      type: str
      sample: ride-sharing
    callback_url:
      description: The URL that Twilio calls when the status of an interaction changes. V(null) if there is none.
      type: str
      sample: https://example.com/proxy/status
    chat_instance_sid:
      description: The SID of the chat Service Instance. V(null) if there is none.
      type: str
      sample: IS0123456789abcdef0123456789abcdef
    default_ttl:
      description: How many seconds a new session stays open after its last interaction. V(0) means no limit.
      type: int
      sample: 3600
    geo_match_level:
      description: How near the proxy number must be to the participant's number.
      type: str
      sample: country
    intercept_callback_url:
      description: The URL that Twilio calls before each interaction. V(null) if there is none.
      type: str
      sample: https://example.com/proxy/intercept
    number_selection_behavior:
      description: Whether a participant gets the proxy number of earlier sessions again, if possible, or another one.
      type: str
      sample: prefer-sticky
    out_of_session_callback_url:
      description: The URL that Twilio calls when there is no open session. V(null) if there is none.
      type: str
      sample: https://example.com/proxy/lost
    date_created:
      description: When the Service was created, in ISO 8601, UTC.
      type: str
      sample: "2026-11-23T08:00:00Z"
    date_updated:
      description: When the Service was last changed, in ISO 8601, UTC.
      type: str
      sample: "2026-11-23T08:30:00Z"
    url:
      description: The address of the Service in the API.
      type: str
      sample: https://proxy.twilio.com/v1/Services/KS0123456789abcdef0123456789abcdef
    links:
      description: The addresses of the resources of the Service.
      type: dict
      sample:
        phone_numbers: https://proxy.twilio.com/v1/Services/KS0123456789abcdef0123456789abcdef/PhoneNumbers
        sessions: https://proxy.twilio.com/v1/Services/KS0123456789abcdef0123456789abcdef/Sessions
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
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE
from ansible_collections.twilio.proxy.plugins.module_utils._task import objects_task

TASK = objects_task(SERVICE)


def main() -> None:
    run(TASK)


if __name__ == "__main__":
    main()
