#!/usr/bin/python
# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: participant
short_description: Manage a participant of a Twilio Proxy Session
version_added: 0.1.0
description:
  - Adds a participant to a Session of a Twilio Proxy Service, or removes it.
  - Twilio cannot change a participant. If an existing one differs, the task fails before it changes anything.
  - B(A participant that was removed cannot come back to the same Session.) Add it to another Session.
  - A Session has two participants at most. Once one is removed, its place is free.
author:
  - The twilio.proxy Authors (@twilio-proxy)
extends_documentation_fragment:
  - twilio.proxy._attributes
  - twilio.proxy._connection
  - twilio.proxy._in_service
  - twilio.proxy._in_session
attributes:
  check_mode:
    details:
      - Values that only Twilio can know are V(null) in the predicted participant.
      - For a new participant, these are its SID, dates, URL and links.
      - So is its number, if the task does not give one.
      - It does not check whether there is a number for the participant.
      - It does not check whether the participant was in the Session before.
      - A missing Service or Session may be one that an earlier task would create.
      - If it is given by name, or by a SID that is V(null), the task warns.
      - It then predicts that the participant is added.
  diff_mode:
    support: full
    details:
      - Shows the fields that can be written.
options:
  state:
    description:
      - Whether the participant should be in the Session.
      - If the Service or the Session does not exist, O(state=absent) changes nothing, and O(state=present) fails.
    type: str
    choices:
      - present
      - absent
    default: present
  sid:
    description:
      - The SID of the participant.
      - A participant with this SID has to exist if O(state=present), because Twilio chooses the SIDs of new ones.
      - Exactly one of O(sid) and O(identifier) is required.
      - Must be KP followed by 32 hexadecimal digits.
    type: str
  identifier:
    description:
      - The phone number or the chat channel of the participant. B(This is personal data.)
      - Quote a phone number in YAML. Without quotes, it is an integer and loses its V(+).
      - Must be a string of 1 to 191 characters.
    type: str
  friendly_name:
    description:
      - A name for the participant. It should not contain personal data.
      - Must be a string of 1 to 255 characters.
    type: str
  proxy_identifier:
    description:
      - The number of the pool at which the participant reaches the other one.
      - By default, Twilio chooses one by the O(twilio.proxy.service#module:geo_match_level) and
        O(twilio.proxy.service#module:number_selection_behavior) of the Service.
      - Must be a string of 1 to 255 characters.
    type: str
  proxy_identifier_sid:
    description:
      - The SID of that number.
      - Must be PN followed by 32 hexadecimal digits.
    type: str
seealso:
  - module: twilio.proxy.participant_info
  - module: twilio.proxy.session
  - name: Twilio Proxy Participant resource
    description: Twilio's documentation of the resource.
    link: https://www.twilio.com/docs/proxy/api/participant
"""

EXAMPLES = r"""
- name: Add a participant
  twilio.proxy.participant:
    service_unique_name: rides
    session_unique_name: ride 4711
    identifier: "+12025550142"
    friendly_name: rider
  register: rider

- name: Show the number at which the participant reaches the other one
  ansible.builtin.debug:
    var: rider.participant.proxy_identifier

- name: Remove the participant
  twilio.proxy.participant:
    service_unique_name: rides
    session_unique_name: ride 4711
    identifier: "+12025550142"
    state: absent
"""

RETURN = r"""
participant:
  description:
    - The participant after the task, or before the task if it is not in the Session afterwards.
    - Empty if O(state=absent) and it was not in the Session.
    - In check mode, the predicted participant. Values that only Twilio can know are V(null).
  returned: success
  type: dict
  contains:
    sid:
      description: The SID of the participant.
      type: str
      sample: KP0123456789abcdef0123456789abcdef
    account_sid:
      description: The SID of the account that the participant belongs to.
      type: str
      sample: AC0123456789abcdef0123456789abcdef
    service_sid:
      description: The SID of the Service that the Session belongs to.
      type: str
      sample: KS0123456789abcdef0123456789abcdef
    session_sid:
      description: The SID of the Session that the participant is in.
      type: str
      sample: KC0123456789abcdef0123456789abcdef
    identifier:
      description: The phone number or the chat channel of the participant. This is personal data.
      type: str
      sample: "+12025550142"
    friendly_name:
      description: The name of the participant. V(null) if it has none.
      type: str
      sample: rider
    proxy_identifier:
      description: The number at which the participant reaches the other one.
      type: str
      sample: "+12025550100"
    proxy_identifier_sid:
      description: The SID of that number. V(null) if it is not in the pool.
      type: str
      sample: PN0123456789abcdef0123456789abcdef
    date_created:
      description: When the participant was added, in ISO 8601, UTC.
      type: str
      sample: "2026-11-23T08:00:00Z"
    date_updated:
      description: When the participant was last changed, in ISO 8601, UTC.
      type: str
      sample: "2026-11-23T08:30:00Z"
    date_deleted:
      description: Always V(null), because participants that were removed are not returned.
      type: str
      sample: null
    url:
      description: The address of the participant in the API.
      type: str
      sample: "https://proxy.twilio.com/v1/Services/KS0123456789abcdef0123456789abcdef/\
        Sessions/KC0123456789abcdef0123456789abcdef/\
        Participants/KP0123456789abcdef0123456789abcdef"
    links:
      description: The addresses of what belongs to the participant.
      type: dict
      sample:
        message_interactions: "https://proxy.twilio.com/v1/Services/KS0123456789abcdef0123456789abcdef/\
          Sessions/KC0123456789abcdef0123456789abcdef/\
          Participants/KP0123456789abcdef0123456789abcdef/MessageInteractions"
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
from ansible_collections.twilio.proxy.plugins.module_utils._resources import PARTICIPANT
from ansible_collections.twilio.proxy.plugins.module_utils._task import object_task

TASK = object_task(PARTICIPANT)


def main() -> None:
    run(TASK)


if __name__ == "__main__":
    main()
