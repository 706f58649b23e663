#!/usr/bin/python
# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: session
short_description: Manage a Session of a Twilio Proxy Service
version_added: 0.1.0
description:
  - Creates, closes, reopens or deletes a Session of a Twilio Proxy Service, or changes how long it lasts.
  - A Session connects two participants, who talk through phone numbers of the Service's pool.
  - Only the options that are given are managed. An option that is left out is neither compared nor changed.
  - Do not manage the Sessions of an application that creates them itself. Use this module for lasting Sessions, such as
    those of Flex, for tests, and to close Sessions that nobody closed.
author:
  - The twilio.proxy Authors (@twilio-proxy)
extends_documentation_fragment:
  - twilio.proxy._attributes
  - twilio.proxy._connection
  - twilio.proxy._in_service
attributes:
  check_mode:
    details:
      - Values that only Twilio can know are V(null) in the predicted Session.
      - For a new Session, these are its SID, dates, URL and links.
      - O(ttl) and O(date_expiry) are V(null) too, if they are not given.
      - After an update, the date of the update is V(null).
      - With another O(status) or O(ttl), so are the values that depend on it.
      - It does not check whether there is a number for each of the O(participants).
      - A missing Service may be one that an earlier task would create.
      - If it is given by name, or by a SID that is V(null), the task warns.
      - It then predicts that the Session is created.
  diff_mode:
    support: full
    details:
      - Shows the fields that can be written.
options:
  state:
    description:
      - Whether the Session should exist.
      - Deleting a Session also deletes its participants and interactions, and cannot be undone. The Calls and Messages
        stay in the account.
      - If the Service does not exist, O(state=absent) changes nothing, and O(state=present) fails.
    type: str
    choices:
      - present
      - absent
    default: present
  sid:
    description:
      - The SID of the Session.
      - A Session with this SID has to exist if O(state=present), because Twilio chooses the SIDs of new Sessions.
      - Exactly one of O(sid) and O(unique_name) is required.
      - Twilio deletes a Session 90 days after it was closed.
      - Must be KC followed by 32 hexadecimal digits.
    type: str
  unique_name:
    description:
      - The name of the Session, unique in the Service. It should not contain personal data.
      - Upper and lower case matter. A Session cannot be renamed, and one without a name is managed by its O(sid).
      - If several Sessions have the name, it is the first one in Twilio's list.
      - Must be a string of 1 to 191 characters.
    type: str
  mode:
    description:
      - Whether the participants can call, write, or both.
      - It can only be set when the Session is created. If an existing one has another mode, the task fails before it
        changes anything.
      - A new Session has V(voice-and-message).
    type: str
    choices:
      - message-only
      - voice-only
      - voice-and-message
  status:
    description:
      - Whether the participants can talk, V(in-progress), or not, V(closed).
      - V(in-progress) reopens a closed Session, with its participants and their numbers. An open Session, which is one
        without interactions, is left as it is.
      - With V(closed), a Session that does not exist is created closed.
      - If it is left out, the status is not managed.
      - A new Session has V(open).
    type: str
    choices:
      - in-progress
      - closed
  ttl:
    description:
      - How many seconds the Session lasts after its last interaction. O(date_expiry) takes precedence.
      - If a new Session has neither, the O(twilio.proxy.service#module:default_ttl) of the Service applies.
      - Must be a whole number of seconds from 0 to 2147483647 (0 means no limit).
    type: int
  date_expiry:
    description:
      - When the Session ends. A new value has to be in the future.
      - Two notations of the same instant are equal.
      - Must be a date and time with an offset from UTC, such as 2026-11-23T08:00:00Z.
    type: str
  participants:
    description:
      - The participants that a new Session has from the start, two at most.
      - They are only used when the Session is created. For an existing one, they are neither compared nor sent. See
        M(twilio.proxy.participant).
      - If there is no number for one of them, no Session is created.
    type: list
    elements: dict
    suboptions:
      identifier:
        description:
          - The phone number or the chat channel of the participant. B(This is personal data.)
          - Quote a phone number in YAML. Without quotes, it is an integer and loses its V(+).
          - Must be a string of 1 to 191 characters.
        type: str
        required: true
      friendly_name:
        description:
          - A name for the participant. It should not contain personal data.
          - Must be a string of 1 to 255 characters.
        type: str
      proxy_identifier:
        description:
          - The number of the pool at which the participant reaches the other one. Twilio chooses one by default.
          - Must be a string of 1 to 255 characters.
        type: str
      proxy_identifier_sid:
        description:
          - The SID of that number.
          - Must be PN followed by 32 hexadecimal digits.
        type: str
seealso:
  - module: twilio.proxy.session_info
  - module: twilio.proxy.participant
  - name: Twilio Proxy Session resource
    description: Twilio's documentation of the resource.
    link: https://www.twilio.com/docs/proxy/api/session
"""

EXAMPLES = r"""
- name: Create a Session of two people
  twilio.proxy.session:
    service_unique_name: rides
    unique_name: ride 4711
    ttl: 3600
    participants:
      - identifier: "+12025550142"
        friendly_name: rider
      - identifier: "+12025550143"
        friendly_name: driver
  register: ride

- name: Let the Session end with the year
  twilio.proxy.session:
    service_unique_name: rides
    unique_name: ride 4711
    date_expiry: "2099-12-31T23:59:59+01:00"

- name: Close the Session
  twilio.proxy.session:
    service_sid: "{{ ride.session.service_sid }}"
    unique_name: ride 4711
    status: closed

- name: Delete the Session with its participants and interactions
  twilio.proxy.session:
    service_unique_name: rides
    unique_name: ride 4711
    state: absent
"""

RETURN = r"""
session:
  description:
    - The Session after the task, or before the task if it does not exist afterwards.
    - Empty if O(state=absent) and it did not exist.
    - In check mode, the predicted Session. Values that only Twilio can know are V(null).
  returned: success
  type: dict
  contains:
    sid:
      description: The SID of the Session.
      type: str
      sample: KC0123456789abcdef0123456789abcdef
    account_sid:
      description: The SID of the account that the Session belongs to.
      type: str
      sample: AC0123456789abcdef0123456789abcdef
    service_sid:
      description: The SID of the Service that the Session belongs to.
      type: str
      sample: KS0123456789abcdef0123456789abcdef
    unique_name:
      description: The name of the Session. V(null) if it has none.
      type: str
      sample: ride 4711
    mode:
      description: What the participants can do.
      type: str
      sample: voice-and-message
    status:
      description: V(open) before the first interaction, V(in-progress) after it, V(closed), V(failed) or V(unknown).
      type: str
      sample: open
    ttl:
      description: How many seconds the Session lasts after its last interaction. V(0) is no limit.
      type: int
      sample: 3600
    date_expiry:
      description: When the Session ends, in ISO 8601, UTC. V(null) if that is not known yet.
      type: str
      sample: "2026-11-23T09:00:00Z"
    closed_reason:
      description: Why the Session was closed. V(null) if it was not.
      type: str
      sample: api
    date_started:
      description: When the first interaction was, in ISO 8601, UTC. V(null) if there was none.
      type: str
      sample: "2026-11-23T08:10:00Z"
    date_ended:
      description: When the Session was closed, in ISO 8601, UTC. V(null) if it was not.
      type: str
      sample: "2026-11-23T08:40:00Z"
    date_last_interaction:
      description: When the last interaction was, in ISO 8601, UTC. V(null) if there was none.
      type: str
      sample: "2026-11-23T08:20:00Z"
    date_created:
      description: When the Session was created, in ISO 8601, UTC.
      type: str
      sample: "2026-11-23T08:00:00Z"
    date_updated:
      description: When the Session was last changed, in ISO 8601, UTC.
      type: str
      sample: "2026-11-23T08:30:00Z"
    url:
      description: The address of the Session in the API.
      type: str
      sample: "https://proxy.twilio.com/v1/Services/KS0123456789abcdef0123456789abcdef/\
        Sessions/KC0123456789abcdef0123456789abcdef"
    links:
      description: The addresses of its participants and interactions.
      type: dict
      sample:
        interactions: "https://proxy.twilio.com/v1/Services/KS0123456789abcdef0123456789abcdef/\
          Sessions/KC0123456789abcdef0123456789abcdef/\
          Interactions"
        participants: "https://proxy.twilio.com/v1/Services/KS0123456789abcdef0123456789abcdef/\
          Sessions/KC0123456789abcdef0123456789abcdef/\
          Participants"
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
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SESSION
from ansible_collections.twilio.proxy.plugins.module_utils._task import object_task

TASK = object_task(SESSION)


def main() -> None:
    run(TASK)


if __name__ == "__main__":
    main()
