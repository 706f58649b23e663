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
  - Only the options that are given are managed. An option that is left out is neither compared nor changed.
  - Only what differs is sent, and nothing is sent when nothing differs.
author:
  - The twilio.proxy Authors (@twilio-proxy)
extends_documentation_fragment:
  - twilio.proxy._attributes
  - twilio.proxy._connection
attributes:
  check_mode:
    details:
      - What only Twilio can know is V(null) in the predicted Service.
      - A new Service has no SID, dates, RV(service.url) or RV(service.links).
      - Without O(account_sid), its account's SID is V(null), too.
      - The date of an update is V(null), too.
  diff_mode:
    support: full
    details:
      - Shows the fields that can be written.
      - Where only a secret in an URL changes, it says so.
options:
  state:
    description:
      - Whether the Service shall be there.
      - Deleting a Service also deletes its sessions, open ones included, and releases its phone numbers.
    type: str
    choices:
      - present
      - absent
    default: present
  sid:
    description:
      - The SID of the Service, V(KS) followed by 32 hexadecimal digits.
      - A Service with this SID has to exist if O(state=present), because Twilio chooses the SIDs of new Services.
      - At least one of O(sid) and O(unique_name) is needed.
      - A SID that is V(null) is refused outside check mode, because the task would mean another Service without it.
    type: str
  unique_name:
    description:
      - The name of the Service, 1 to 191 characters, unique in the account. It should not hold personal data.
      - Without O(sid), this names the Service to manage. The name has to match exactly, upper and lower case included.
      - With O(sid) and O(state=present), this is the name that the Service shall have. It is renamed if need be.
      - With O(sid) and O(state=absent), the Service is deleted only if it has this name.
    type: str
  callback_url:
    description:
      - The URL that Twilio calls when the status of an interaction changes.
      - An absolute http or https URL of at most 4000 characters. V("") clears it.
    type: str
  chat_instance_sid:
    description:
      - The SID of the chat Service Instance that Proxy forwards messages to, V(IS) followed by 32 hexadecimal digits.
      - V("") clears it.
    type: str
  default_ttl:
    description:
      - For how many seconds after its last interaction a new session stays open, if the session does not say otherwise.
      - V(0) to V(2147483647). V(0) means that there is no limit, which is what a new Service has.
    type: int
  geo_match_level:
    description:
      - How near to the participant's number the proxy number has to be.
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
      - An absolute http or https URL of at most 4000 characters. V("") clears it.
    type: str
  number_selection_behavior:
    description:
      - Whether a participant shall get the same proxy number again for the same counterpart.
      - A new Service has V(prefer-sticky).
    type: str
    choices:
      - prefer-sticky
      - avoid-sticky
  out_of_session_callback_url:
    description:
      - The URL that Twilio calls when a call or a message comes in for which there is no open session.
      - An absolute http or https URL of at most 4000 characters. V("") clears it.
    type: str
seealso:
  - module: twilio.proxy.service_info
  - name: Twilio Proxy Service resource
    description: Twilio's documentation of the resource.
    link: https://www.twilio.com/docs/proxy/api/service
"""

EXAMPLES = r"""
- name: Have a Service, with these settings and whatever else it has
  twilio.proxy.service:
    unique_name: ride-sharing
    callback_url: https://example.com/proxy/status
    default_ttl: 3600
  register: ride_sharing

- name: Rename it
  twilio.proxy.service:
    sid: "{{ ride_sharing.service.sid }}"
    unique_name: rides

- name: Clear the callback
  twilio.proxy.service:
    unique_name: rides
    callback_url: ""

- name: Adopt the Service that Twilio made for Flex
  twilio.proxy.service:
    unique_name: Flex Proxy Service
    out_of_session_callback_url: https://example.com/proxy/lost

- name: Have no such Service, nor its sessions and its number pool
  twilio.proxy.service:
    unique_name: rides
    state: absent
"""

RETURN = r"""
service:
  description:
    - The Service as it is after the task, or as it was last seen if it is absent now.
    - Empty if O(state=absent) and there was no such Service.
    - In check mode, the Service as it would be. What only Twilio can know is V(null).
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
      description: For how many seconds a session stays open after its last interaction. V(0) means no limit.
      type: int
      sample: 3600
    geo_match_level:
      description: How near to the participant's number the proxy number has to be.
      type: str
      sample: country
    intercept_callback_url:
      description: The URL that Twilio calls before each interaction. V(null) if there is none.
      type: str
      sample: https://example.com/proxy/intercept
    number_selection_behavior:
      description: Whether participants get the proxy numbers that they had before.
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
      description: The addresses of what belongs to the Service.
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
      description: What the fields before the task belong to.
      type: str
      sample: Service ride-sharing (KS0123456789abcdef0123456789abcdef)
    after_header:
      description: What the fields after the task belong to.
      type: str
      sample: Service ride-sharing (KS0123456789abcdef0123456789abcdef)
status:
  description: The HTTP status of Twilio's answer. V(null) if there was no answer.
  returned: failure
  type: int
  sample: 400
code:
  description: Twilio's error code. V(null) if there was none.
  returned: failure
  type: int
  sample: 80602
message:
  description: Twilio's own words, or what happened in place of an answer. V(null) if no request was sent.
  returned: failure
  type: str
  sample: Service UniqueName must be unique.
more_info:
  description: Where Twilio explains the error code. V(null) if Twilio did not say.
  returned: failure
  type: str
  sample: https://www.twilio.com/docs/errors/80602
request_id:
  description: The ID of the request, which Twilio's support asks for. V(null) if there was none.
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
