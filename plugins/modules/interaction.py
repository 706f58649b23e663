#!/usr/bin/python
# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: interaction
short_description: Delete an interaction of a Twilio Proxy Session
version_added: 0.1.0
description:
  - Deletes an interaction, which is Proxy's record of a call or a message between the participants of a Session.
  - B(The Call or the Message itself is not deleted.) RV(interaction.inbound_resource_sid) and
    RV(interaction.outbound_resource_sid) name them.
  - Only calls and messages create interactions. The API cannot create or change one.
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
      - It does not check whether the interaction is under a legal hold.
  diff_mode:
    support: full
    details:
      - Shows that the interaction is deleted, and none of its fields.
options:
  state:
    description:
      - The interaction should not exist.
      - If the interaction is under a legal hold, the task fails.
      - If the Service or the Session does not exist, there is nothing to do.
    type: str
    required: true
    choices:
      - absent
  sid:
    description:
      - The SID of the interaction. M(twilio.proxy.interaction_info) finds it.
      - Must be KI followed by 32 hexadecimal digits.
    type: str
    required: true
seealso:
  - module: twilio.proxy.interaction_info
  - name: Twilio Proxy Interaction resource
    description: Twilio's documentation of the resource.
    link: https://www.twilio.com/docs/proxy/api/interaction
"""

EXAMPLES = r"""
- name: Read the messages of a Session
  twilio.proxy.interaction_info:
    service_unique_name: rides
    session_unique_name: ride 4711
    type: message
    properties: [sid]
  register: messages

- name: Delete their records
  twilio.proxy.interaction:
    service_unique_name: rides
    session_unique_name: ride 4711
    sid: "{{ item.sid }}"
    state: absent
  loop: "{{ messages.interactions }}"
"""

RETURN = r"""
interaction:
  description:
    - The interaction before the task. Empty if it did not exist.
  returned: success
  type: dict
  contains:
    sid:
      description: The SID of the interaction.
      type: str
      sample: KI0123456789abcdef0123456789abcdef
    account_sid:
      description: The SID of the account that the interaction belongs to.
      type: str
      sample: AC0123456789abcdef0123456789abcdef
    service_sid:
      description: The SID of the Service that the Session belongs to.
      type: str
      sample: KS0123456789abcdef0123456789abcdef
    session_sid:
      description: The SID of the Session that the interaction was in.
      type: str
      sample: KC0123456789abcdef0123456789abcdef
    type:
      description: V(message), V(voice) or V(unknown).
      type: str
      sample: message
    data:
      description: A JSON string with the text of a message, or the duration of a call. This is personal data.
      type: str
      sample: '{"body": "I am here"}'
    inbound_participant_sid:
      description: The SID of the participant who called or wrote. V(null) if it is not known.
      type: str
      sample: KP0123456789abcdef0123456789abcdef
    inbound_resource_sid:
      description: The SID of the Call or the Message of that participant.
      type: str
      sample: SM0123456789abcdef0123456789abcdef
    inbound_resource_status:
      description: The status of that Call or Message.
      type: str
      sample: delivered
    inbound_resource_type:
      description: V(Call) or V(Message).
      type: str
      sample: Message
    inbound_resource_url:
      description: The address of the Call or the Message in Twilio's API of calls and messages.
      type: str
      sample: "https://api.twilio.com/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/\
        Messages/SM0123456789abcdef0123456789abcdef.json"
    outbound_participant_sid:
      description: The SID of the participant who was called or written to. V(null) if it is not known.
      type: str
      sample: KP0123456789abcdef0123456789abcdef
    outbound_resource_sid:
      description: The SID of the Call or the Message of that participant.
      type: str
      sample: SM0123456789abcdef0123456789abcdef
    outbound_resource_status:
      description: The status of that Call or Message.
      type: str
      sample: delivered
    outbound_resource_type:
      description: V(Call) or V(Message).
      type: str
      sample: Message
    outbound_resource_url:
      description: The address of the Call or the Message in Twilio's API of calls and messages.
      type: str
      sample: "https://api.twilio.com/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/\
        Messages/SM0123456789abcdef0123456789abcdef.json"
    date_created:
      description: When the interaction was created, in ISO 8601, UTC.
      type: str
      sample: "2026-11-23T08:00:00Z"
    date_updated:
      description: When the interaction was last changed, in ISO 8601, UTC.
      type: str
      sample: "2026-11-23T08:30:00Z"
    url:
      description: The address of the interaction in the API.
      type: str
      sample: "https://proxy.twilio.com/v1/Services/KS0123456789abcdef0123456789abcdef/\
        Sessions/KC0123456789abcdef0123456789abcdef/\
        Interactions/KI0123456789abcdef0123456789abcdef"
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
from ansible_collections.twilio.proxy.plugins.module_utils._resources import INTERACTION
from ansible_collections.twilio.proxy.plugins.module_utils._task import object_task

TASK = object_task(INTERACTION)


def main() -> None:
    run(TASK)


if __name__ == "__main__":
    main()
