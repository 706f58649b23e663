#!/usr/bin/python
# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: services_info
short_description: Read all Twilio Proxy Services of an account and their number pools
version_added: 0.1.0
description:
  - Reads the Twilio Proxy Services of an account and the phone numbers in their pools, in the form that
    M(twilio.proxy.services) takes.
  - Applying the result with M(twilio.proxy.services) changes nothing in the account.
  - A Service that is deleted while the module reads is left out.
  - To find Services and read all of their fields, use M(twilio.proxy.service_info).
author:
  - The twilio.proxy Authors (@twilio-proxy)
extends_documentation_fragment:
  - twilio.proxy._attributes
  - twilio.proxy._attributes.info
  - twilio.proxy._connection
  - twilio.proxy._bulk
options:
  full:
    description:
      - Whether to return fields that have the values of a new Service, and empty pools, too.
    type: bool
    default: false
  with_sids:
    description:
      - Whether to return the SIDs of Services, and values that contain a SID of the account.
      - Without SIDs, the result can be applied to another account. With SIDs, Services can be renamed in the list.
    type: bool
    default: false
  with_secrets:
    description:
      - Whether to return URLs that contain a secret. They are left out otherwise.
      - A secret is the user information before the C(@) of a host, and the value of a query parameter with the name
        of a credential.
      - A parameter has such a name if it is C(code), or if one of its words is C(assertion), C(auth), C(authcode),
        C(authorization), C(bearer), C(cred), C(creds), C(credential), C(credentials), C(hmac), C(jwt), C(oauth),
        C(otp), C(pass), C(passcode), C(pin), C(psk), C(pw), C(saml), C(sas), C(sig), C(sign), or C(ticket).
      - It also has such a name if one of its words ends with C(key), C(passphrase), C(passwd), C(password), C(pwd),
        C(secret), C(signature), or C(token). The last word can be plural. Case does not matter.
      - A secret in the path, as in many webhook URLs, or in a parameter with another name is not recognized.
      - With this option, the result contains the secrets. Set C(no_log=true) for the task.
    type: bool
    default: false
seealso:
  - module: twilio.proxy.services
  - module: twilio.proxy.service_info
  - module: twilio.proxy.phone_number_info
  - name: Twilio Proxy Service resource
    description: Twilio's documentation of the resource.
    link: https://www.twilio.com/docs/proxy/api/service
"""

EXAMPLES = r"""
- name: Read the account
  twilio.proxy.services_info:
  register: account

- name: Show how many numbers each Service has
  ansible.builtin.debug:
    msg: "{{ item.unique_name }} has {{ item.phone_numbers | default([]) | length }}."
  loop: "{{ account.services }}"
  loop_control:
    label: "{{ item.unique_name }}"

- name: Read it with every setting, and with SIDs
  twilio.proxy.services_info:
    full: true
    with_sids: true
"""

RETURN = r"""
services:
  description:
    - The Services in the order of their names, each with the options that an entry of M(twilio.proxy.services) has.
    - A field without a value is an empty string, as in that module.
  returned: success
  type: list
  elements: dict
  contains:
    sid:
      description: The SID of the Service.
      returned: with O(with_sids=true)
      type: str
      sample: KS0123456789abcdef0123456789abcdef
    unique_name:
      description: The name of the Service.
      type: str
      sample: rides
    callback_url:
      description: The URL that Twilio calls when the status of an interaction changes.
      returned: if it differs from a new Service's, or with O(full=true)
      type: str
      sample: https://example.com/proxy/status
    chat_instance_sid:
      description: The SID of the chat Service Instance.
      returned: if it differs from a new Service's, or with O(full=true)
      type: str
      sample: IS0123456789abcdef0123456789abcdef
    default_ttl:
      description: How many seconds a new session stays open after its last interaction. V(0) means no limit.
      returned: if it differs from a new Service's, or with O(full=true)
      type: int
      sample: 3600
    geo_match_level:
      description: How near the proxy number must be to the participant's number.
      returned: if it differs from a new Service's, or with O(full=true)
      type: str
      sample: area-code
    intercept_callback_url:
      description: The URL that Twilio calls before each interaction.
      returned: if it differs from a new Service's, or with O(full=true)
      type: str
      sample: https://example.com/proxy/intercept
    number_selection_behavior:
      description: Whether a participant gets the proxy number of earlier sessions again, if possible, or another one.
      returned: if it differs from a new Service's, or with O(full=true)
      type: str
      sample: avoid-sticky
    out_of_session_callback_url:
      description: The URL that Twilio calls when there is no open session.
      returned: if it differs from a new Service's, or with O(full=true)
      type: str
      sample: https://example.com/proxy/lost
    phone_numbers:
      description: The phone numbers of the pool, in their order as text.
      returned: if there are any, or with O(full=true)
      type: list
      elements: dict
      contains:
        phone_number:
          description: The phone number in E.164 format.
          type: str
          sample: "+12025550100"
        is_reserved:
          description: Whether the number is reserved, so that Proxy does not choose it for participants.
          returned: if it does, or with O(full=true)
          type: bool
          sample: true
left_out:
  description:
    - The values that were left out, although they differ from what a new Service has. The task warns of them.
    - What is left out is not managed by M(twilio.proxy.services), so applying the result does not change it.
  returned: success
  type: list
  elements: dict
  contains:
    service:
      description: The name of the Service. V(null) if it has none.
      type: str
      sample: rides
    option:
      description: The option of the entry, V(unique_name) if there is no entry.
      type: str
      sample: callback_url
    reason:
      description:
        - V(secret) if the URL contains a secret. O(with_secrets=true) includes it.
        - V(sid) if the value contains a SID of the account. O(with_sids=true) includes it.
        - V(name) if the Service has no name. O(with_sids=true) includes it. Also if Twilio's answer has no
          phone_number for a number, so that the pool is left out.
      type: str
      sample: secret
in_use:
  description:
    - How many open sessions use each phone number of the pools. A number that none uses is left out.
  returned: success
  type: dict
  sample:
    "+12025550100": 3
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

from ansible_collections.twilio.proxy.plugins.module_utils._bulk_task import read_list_task
from ansible_collections.twilio.proxy.plugins.module_utils._module import run
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE

TASK = read_list_task(SERVICE)


def main() -> None:
    run(TASK)


if __name__ == "__main__":
    main()
