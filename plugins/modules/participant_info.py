#!/usr/bin/python
# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: participant_info
short_description: Read the participants of a Twilio Proxy Session
version_added: 0.1.0
description:
  - Reads one participant of a Session of a Twilio Proxy Service, or all of them.
  - Participants that were removed are not returned, even if Twilio still lists them.
  - B(The identifiers of participants are personal data.) Set C(no_log=true) if the output is stored.
  - If the Service or the Session does not exist, the task fails. In check mode, it returns nothing if none has the
    name, or if O(service_sid) or O(session_sid) is V(null), because an earlier task may create it.
author:
  - The twilio.proxy Authors (@twilio-proxy)
extends_documentation_fragment:
  - twilio.proxy._attributes
  - twilio.proxy._attributes.info
  - twilio.proxy._connection
  - twilio.proxy._in_service
  - twilio.proxy._in_session
  - twilio.proxy._paging
options:
  sid:
    description:
      - The SID of the participant to read.
      - Without O(sid) and O(identifier), all participants of the Session are read.
      - Except in check mode, a SID or identifier that is V(null) is an error, because without it the task would read
        all.
      - Must be KP followed by 32 hexadecimal digits.
    type: str
  identifier:
    description:
      - The phone number or the chat channel of the participant to read.
      - Quote a phone number in YAML. Without quotes, it is an integer and loses its V(+).
      - Must be a string of 1 to 191 characters.
    type: str
  properties:
    description:
      - The fields to return of each participant.
      - By default, all fields are returned.
    type: list
    elements: str
    choices:
      - sid
      - account_sid
      - service_sid
      - session_sid
      - identifier
      - friendly_name
      - proxy_identifier
      - proxy_identifier_sid
      - date_created
      - date_updated
      - date_deleted
      - url
      - links
seealso:
  - module: twilio.proxy.participant
  - module: twilio.proxy.session_info
  - name: Twilio Proxy Participant resource
    description: Twilio's documentation of the resource.
    link: https://www.twilio.com/docs/proxy/api/participant
"""

EXAMPLES = r"""
- name: Read the numbers that the participants of a Session use
  twilio.proxy.participant_info:
    service_unique_name: rides
    session_unique_name: ride 4711
    properties: [friendly_name, proxy_identifier]
  register: found

- name: Show them
  ansible.builtin.debug:
    msg: "{{ found.participants | items2dict(key_name='friendly_name', value_name='proxy_identifier') }}"
"""

RETURN = r"""
participants:
  description:
    - The participants that were found, in the order in which Twilio lists them. Empty if there is none.
    - With O(properties), each has only the fields that were asked for.
  returned: success
  type: list
  elements: dict
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
      sample:
        https://proxy.twilio.com/v1/Services/KS0123456789abcdef0123456789abcdef/Sessions/KC0123456789abcdef0123456789abcdef/Participants/KP0123456789abcdef0123456789abcdef
    links:
      description: The addresses of what belongs to the participant.
      type: dict
      sample:
        message_interactions:
          https://proxy.twilio.com/v1/Services/KS0123456789abcdef0123456789abcdef/Sessions/KC0123456789abcdef0123456789abcdef/Participants/KP0123456789abcdef0123456789abcdef/MessageInteractions
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
from ansible_collections.twilio.proxy.plugins.module_utils._task import objects_task

TASK = objects_task(PARTICIPANT)


def main() -> None:
    run(TASK)


if __name__ == "__main__":
    main()
