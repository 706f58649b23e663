#!/usr/bin/python
# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: session_info
short_description: Read the Sessions of a Twilio Proxy Service
version_added: 0.1.0
description:
  - Reads one Session of a Twilio Proxy Service, or all of them.
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
      - The SID of the Session to read.
      - Without O(sid) and O(unique_name), all Sessions of the Service are read.
      - Except in check mode, a SID or name that is V(null) is an error, because without it the task would read all.
      - Must be KC followed by 32 hexadecimal digits.
    type: str
  unique_name:
    description:
      - The name of the Session to read. Upper and lower case matter.
      - Must be a string of 1 to 191 characters.
    type: str
  status:
    description:
      - The statuses of the Sessions to return. By default, Sessions of each status are returned.
      - Twilio cannot select them. All Sessions are read until O(limit) of them match.
    type: list
    elements: str
    choices:
      - open
      - in-progress
      - closed
      - failed
      - unknown
  properties:
    description:
      - The fields to return of each Session.
      - By default, all fields are returned.
    type: list
    elements: str
    choices:
      - sid
      - account_sid
      - service_sid
      - unique_name
      - mode
      - status
      - ttl
      - date_expiry
      - closed_reason
      - date_started
      - date_ended
      - date_last_interaction
      - date_created
      - date_updated
      - url
      - links
seealso:
  - module: twilio.proxy.session
  - module: twilio.proxy.participant_info
  - module: twilio.proxy.interaction_info
  - name: Twilio Proxy Session resource
    description: Twilio's documentation of the resource.
    link: https://www.twilio.com/docs/proxy/api/session
"""

EXAMPLES = r"""
- name: Read the Sessions that are not closed
  twilio.proxy.session_info:
    service_unique_name: rides
    status: [open, in-progress]
    properties: [sid, unique_name, date_last_interaction]
  register: active

- name: Close those without an interaction since the first of November
  twilio.proxy.session:
    service_unique_name: rides
    sid: "{{ item.sid }}"
    status: closed
  loop: "{{ active.sessions | rejectattr('date_last_interaction', 'none') }}"
  loop_control:
    label: "{{ item.unique_name or item.sid }}"
  when: item.date_last_interaction < '2026-11-01'
"""

RETURN = r"""
sessions:
  description:
    - The Sessions that were found, in the order in which Twilio lists them. Empty if there is none.
    - With O(properties), each has only the fields that were asked for.
  returned: success
  type: list
  elements: dict
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
      sample:
        https://proxy.twilio.com/v1/Services/KS0123456789abcdef0123456789abcdef/Sessions/KC0123456789abcdef0123456789abcdef
    links:
      description: The addresses of its participants and interactions.
      type: dict
      sample:
        interactions:
          https://proxy.twilio.com/v1/Services/KS0123456789abcdef0123456789abcdef/Sessions/KC0123456789abcdef0123456789abcdef/Interactions
        participants:
          https://proxy.twilio.com/v1/Services/KS0123456789abcdef0123456789abcdef/Sessions/KC0123456789abcdef0123456789abcdef/Participants
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
from ansible_collections.twilio.proxy.plugins.module_utils._task import objects_task

TASK = objects_task(SESSION)


def main() -> None:
    run(TASK)


if __name__ == "__main__":
    main()
