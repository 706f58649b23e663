#!/usr/bin/python
# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sessions
short_description: Close or delete many Twilio Proxy Sessions
version_added: 0.1.0
description:
  - Closes or deletes the Sessions that satisfy all given filters, in one Service or in all Services of an account.
  - At least one filter is required. The filters are O(unique_name_matching), O(status), O(idle_for), O(older_than),
    O(participant_identifier), and O(phone_number).
  - Selects all Sessions before it changes the first one. If more than O(max_sessions) are selected, the task fails and
    changes nothing.
  - After a failure, requests in progress are completed and no new ones are started. The result shows what was done.
    Fix the cause and run the task again. The second result has only the Sessions that were left.
author:
  - The twilio.proxy Authors (@twilio-proxy)
extends_documentation_fragment:
  - twilio.proxy._attributes
  - twilio.proxy._connection
  - twilio.proxy._bulk
attributes:
  diff_mode:
    support: full
    details:
      - Shows a diff for each Session that changes, with the fields that can be written.
options:
  state:
    description:
      - V(closed) closes the Sessions. Selects only those that are V(open) or V(in-progress), because Twilio cannot
        close any other. Sessions that are V(closed), V(failed), or V(unknown) are left alone, which is no error.
      - V(absent) deletes the Sessions with their participants and interactions, open ones included. Their Calls and
        Messages stay in the account.
    type: str
    required: true
    choices:
      - closed
      - absent
  service_sid:
    description:
      - The SID of the Service.
      - Exactly one of O(service_sid), O(service_unique_name), and O(all_services) is required.
      - V(null) is an error. In check mode, it means a Service that an earlier task would have created.
      - Must be KS followed by 32 hexadecimal digits.
    type: str
  service_unique_name:
    description:
      - The name of the Service. Upper and lower case matter.
      - If there is no such Service, the task fails. In check mode, it only warns, because an earlier task may create
        the Service.
      - Must be a string of 1 to 191 characters.
    type: str
  all_services:
    description:
      - V(true) selects Sessions in all Services of the account. V(false) is an error.
    type: bool
  unique_name_matching:
    description:
      - A regular expression in Python's syntax. Selects Sessions whose name matches it.
      - It may match any part of the name. Begin it with C(^) and end it with C($) to match the whole name.
      - A Session without a name never matches.
    type: str
  status:
    description:
      - Selects Sessions with one of these statuses.
    type: list
    elements: str
    choices:
      - open
      - in-progress
      - closed
      - failed
      - unknown
  idle_for:
    description:
      - Selects Sessions whose last interaction was at least this many seconds ago. A Session without an interaction
        counts from its last change.
      - The clock is that of the machine that runs the module.
      - Must be a whole number of seconds from 1 to 2147483647.
    type: int
  older_than:
    description:
      - Selects Sessions that were created at least this many seconds ago, by the same clock.
      - Must be a whole number of seconds from 1 to 2147483647.
    type: int
  participant_identifier:
    description:
      - Selects Sessions with a participant who has one of these identifiers. They must be equal, with the V(+) or the
        prefix, and upper and lower case matter. If no Session matches, the task changes nothing, which is no error.
      - Also selects Sessions from which such a participant was removed, if Twilio still lists the participant. They may
        have interactions of that person.
      - Must be a string of 1 to 191 characters without spaces at its ends.
    type: list
    elements: str
  phone_number:
    description:
      - Selects Sessions with a participant to whom Proxy has given one of these phone numbers. Participants who were
        removed do not count.
      - Quote it in YAML. Without quotes, it is an integer and loses its V(+).
      - Must be an E.164 number (+ and 2 to 15 digits, the first of which is not 0).
    type: list
    elements: str
  max_sessions:
    description:
      - The maximum number of Sessions that may be selected.
      - Must be a number from 1 to 2147483647.
    type: int
    default: 100
notes:
  - The Sessions of a Service are read with a request for each 100 of them, one after the other. Twilio's lists have no
    filters, so O(unique_name_matching), O(status), O(idle_for), and O(older_than) cost no request, and save none.
  - O(participant_identifier) and O(phone_number) cost a request for each Session that the other filters select. Combine
    them with O(status) if you can.
  - O(participant_identifier) costs another request for each selected Session, which reads its interactions. Check mode
    reads them too.
  - O(all_services) costs a request for each 100 Services, and at least one for each Service.
  - A Session is not read again before it is closed or deleted. If somebody uses it after it was read, the task closes
    or deletes it all the same. Before you delete the Sessions of a person, close them, so that no Call or Message is
    added after their interactions were read.
  - Each Session that is closed or deleted costs a request. O(concurrency) is the number of requests at the same time.
  - If Ansible ends an in-process task because of its keyword C(timeout), the task fails, RV(sessions) and RV(summary)
    show what was done, and no more requests are sent.
    A module continues to its end, and its result is lost. The failure then has neither RV(sessions) nor RV(summary),
    and RV(ignore:changed) is V(false) even if the module changes something.
    In both cases, run the task again after it has ended. It reads the current state before it changes anything.
seealso:
  - module: twilio.proxy.session
  - module: twilio.proxy.session_info
  - name: Twilio Proxy Session resource
    description: Twilio's documentation of the resource.
    link: https://www.twilio.com/docs/proxy/api/session
"""

EXAMPLES = r"""
- name: Close Sessions without an interaction for a day
  twilio.proxy.sessions:
    all_services: true
    idle_for: 86400
    max_sessions: 1000
    state: closed

- name: Close Sessions by name
  twilio.proxy.sessions:
    service_unique_name: rides
    unique_name_matching: ^ride 47
    state: closed

- name: Delete all Sessions of a person
  twilio.proxy.sessions:
    all_services: true
    participant_identifier:
      - "+12025550143"
      - messenger:4711
    state: absent
  register: erased

- name: Show the Calls and Messages, which stay in the account
  ansible.builtin.debug:
    msg: "{{ erased.sessions | map(attribute=item) | flatten }}"
  loop: [call_sids, message_sids]
"""

RETURN = r"""
sessions:
  description:
    - What was done, with an entry for each selected Session.
    - In check mode, what would be done.
    - Empty if the task failed before it had selected the Sessions.
  returned: always
  type: list
  elements: dict
  contains:
    operation:
      description:
        - V(closed) or V(deleted), V(unchanged) if somebody else did it at the same time, V(failed), or
          V(not_attempted) if another Session failed first.
      type: str
      sample: closed
    sid:
      description: The SID of the Session.
      type: str
      sample: KC0123456789abcdef0123456789abcdef
    unique_name:
      description: The name of the Session. V(null) if it has none.
      type: str
      sample: ride 4711
    service_sid:
      description: The SID of the Service that the Session belongs to.
      type: str
      sample: KS0123456789abcdef0123456789abcdef
    call_sids:
      description:
        - The SIDs of the Calls that the interactions of the Session name. They were read before the Session was
          deleted, and are returned in check mode too.
      returned: if O(participant_identifier) is given
      type: list
      elements: str
      sample: [CA0123456789abcdef0123456789abcdef]
    message_sids:
      description: The same for Messages, and for anything else that is no Call.
      returned: if O(participant_identifier) is given
      type: list
      elements: str
      sample: [SM0123456789abcdef0123456789abcdef]
    error:
      description: What went wrong.
      returned: if it failed
      type: dict
      contains:
        msg:
          description: What happened, and what to do about it.
          type: str
          sample: "Cannot update the Session KC0123456789abcdef0123456789abcdef: Twilio is not available."
        status:
          description: The HTTP status of Twilio's answer. V(null) if there was no answer.
          type: int
          sample: 400
        code:
          description: Twilio's error code. V(null) if the answer does not have one.
          type: int
          sample: 80602
        message:
          description: Twilio's message, or a description if there was no answer. V(null) if no request was sent.
          type: str
          sample: Service UniqueName must be unique.
        more_info:
          description: The address of Twilio's page about the error code. V(null) if the answer does not have it.
          type: str
          sample: https://www.twilio.com/docs/errors/80602
        request_id:
          description: The ID of the request for Twilio Support. V(null) if there was none.
          type: str
          sample: RQ0123456789abcdef0123456789abcdef
summary:
  description: The number of entries in RV(sessions) for each operation.
  returned: always
  type: dict
  contains:
    closed:
      description: How many were closed.
      type: int
      sample: 12
    deleted:
      description: How many were deleted.
      type: int
      sample: 0
    unchanged:
      description: How many did not have to be changed any more.
      type: int
      sample: 0
    failed:
      description: How many failed.
      type: int
      sample: 0
    not_attempted:
      description: How many were not attempted because of another failure.
      type: int
      sample: 0
check_mode:
  description: Whether the task was in check mode, so that the result is a plan.
  returned: when the Sessions were found
  type: bool
  sample: false
diff:
  description:
    - The fields that can be written, before and after, for each Session that changed.
    - V(null) stands for an absent Session.
  returned: when something changed, in diff mode
  type: list
  elements: dict
  contains:
    before:
      description: The fields before the task.
      type: dict
      sample: {status: open, unique_name: ride 4711}
    after:
      description: The fields after the task.
      type: dict
      sample: {status: closed, unique_name: ride 4711}
    before_header:
      description: The object before the task.
      type: str
      sample: Session ride 4711 (KC0123456789abcdef0123456789abcdef)
    after_header:
      description: The object after the task.
      type: str
      sample: Session ride 4711 (KC0123456789abcdef0123456789abcdef)
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
from ansible_collections.twilio.proxy.plugins.module_utils._sessions_task import sessions_task

TASK = sessions_task()


def main() -> None:
    run(TASK)


if __name__ == "__main__":
    main()
