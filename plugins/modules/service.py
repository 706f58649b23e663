#!/usr/bin/python
# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: service
short_description: Manage a Twilio Proxy Service
version_added: 0.1.0
description:
  - Creates, updates, renames or deletes a Twilio Proxy Service.
  - An option that is left out is not managed. It is neither compared nor changed.
  - Only values that differ are sent. If none differs, no change is sent.
author:
  - The twilio.proxy Authors (@twilio-proxy)
extends_documentation_fragment:
  - twilio.proxy._attributes
  - twilio.proxy._connection
attributes:
  check_mode:
    details:
      - Values that only Twilio can know are V(null) in the predicted Service.
      - A new Service has no SID, dates, RV(service.url) or RV(service.links).
      - Without O(account_sid), the SID of its account is V(null) too.
      - After an update, the date of the update is V(null) too.
  diff_mode:
    support: full
    details:
      - Shows the fields that can be written.
      - If only a secret in a URL changes, it says so.
options:
  state:
    description:
      - Whether the Service should exist.
      - Deleting a Service also deletes its sessions, open ones included, and releases its phone numbers.
    type: str
    choices:
      - present
      - absent
    default: present
  sid:
    description:
      - The SID of the Service.
      - A Service with this SID has to exist if O(state=present), because Twilio chooses the SIDs of new Services.
      - At least one of O(sid) and O(unique_name) is required.
      - Except in check mode, V(null) is an error, because without the SID the task would manage another Service.
      - Must be KS followed by 32 hexadecimal digits.
    type: str
  unique_name:
    description:
      - The name of the Service, unique in the account. It should not contain personal data.
      - Without O(sid), the Service with this name is managed. Upper and lower case matter.
      - With O(sid) and O(state=present), the Service is renamed if it has another name.
      - With O(sid) and O(state=absent), the Service is deleted only if it has this name.
      - Must be a string of 1 to 191 characters.
    type: str
  callback_url:
    description:
      - The URL that Twilio calls when the status of an interaction changes.
      - Must be an absolute http or https URL of at most 4000 characters without spaces or control characters.
      - V("") clears it.
    type: str
  chat_instance_sid:
    description:
      - The SID of the chat Service Instance that Proxy forwards messages to.
      - Must be IS followed by 32 hexadecimal digits.
      - V("") clears it.
    type: str
  default_ttl:
    description:
      - How many seconds a new session stays open after its last interaction, unless the session has its own value.
      - Must be a whole number of seconds from 0 to 2147483647 (0 means no limit).
      - A new Service has V(0).
    type: int
  geo_match_level:
    description:
      - How near the proxy number must be to the participant's number.
      - V(overlay) and V(radius) are in Twilio's published description of the API, but not in its other documentation.
      - A new Service has V(country).
    type: str
    choices:
      - country
      - area-code
      - extended-area-code
      - overlay
      - radius
  intercept_callback_url:
    description:
      - The URL that Twilio calls before each interaction. The interaction is blocked if it answers with status 403.
      - Must be an absolute http or https URL of at most 4000 characters without spaces or control characters.
      - V("") clears it.
    type: str
  number_selection_behavior:
    description:
      - Whether a participant gets the proxy number of earlier sessions again, if possible, or another one.
      - A new Service has V(prefer-sticky).
    type: str
    choices:
      - prefer-sticky
      - avoid-sticky
  out_of_session_callback_url:
    description:
      - The URL that Twilio calls when a call or a message arrives without an open session.
      - Must be an absolute http or https URL of at most 4000 characters without spaces or control characters.
      - V("") clears it.
    type: str
seealso:
  - module: twilio.proxy.service_info
  - name: Twilio Proxy Service resource
    description: Twilio's documentation of the resource.
    link: https://www.twilio.com/docs/proxy/api/service
"""

EXAMPLES = r"""
- name: Create or update a Service
  twilio.proxy.service:
    unique_name: ride-sharing
    callback_url: https://example.com/proxy/status
    default_ttl: 3600
  register: ride_sharing

- name: Rename the Service
  twilio.proxy.service:
    sid: "{{ ride_sharing.service.sid }}"
    unique_name: rides

- name: Clear the callback URL
  twilio.proxy.service:
    unique_name: rides
    callback_url: ""

- name: Manage the Service that Twilio created for Flex
  twilio.proxy.service:
    unique_name: Flex Proxy Service
    out_of_session_callback_url: https://example.com/proxy/lost

- name: Delete the Service with its sessions and number pool
  twilio.proxy.service:
    unique_name: rides
    state: absent
"""

RETURN = r"""
service:
  description:
    - The Service after the task, or before the task if it is absent afterwards.
    - Empty if O(state=absent) and there was none.
    - In check mode, the predicted Service. Values that only Twilio can know are V(null).
  returned: success
  type: dict
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
diff:
  description: The fields that can be written, before and after. V(null) stands for an absent Service.
  returned: when something changed, in diff mode
  type: dict
  contains:
    before:
      description: The fields before the task.
      type: dict
      sample: {default_ttl: 0, unique_name: ride-sharing}
    after:
      description: The fields after the task.
      type: dict
      sample: {default_ttl: 3600, unique_name: ride-sharing}
    before_header:
      description: The object before the task.
      type: str
      sample: Service ride-sharing (KS0123456789abcdef0123456789abcdef)
    after_header:
      description: The object after the task.
      type: str
      sample: Service ride-sharing (KS0123456789abcdef0123456789abcdef)
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
from ansible_collections.twilio.proxy.plugins.module_utils._task import object_task

TASK = object_task(SERVICE)


def main() -> None:
    run(TASK)


if __name__ == "__main__":
    main()
