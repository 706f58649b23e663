#!/usr/bin/python
# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: selfcheck
short_description: Find out what is not known about the Twilio Proxy API
version_added: 0.1.0
description:
  - Asks an account what Twilio's documentation does not say about the API, and returns a table for a report.
  - No SID, no name of a Service of yours and no secret is in the table. The IDs of the requests are.
  - Only reads, unless O(write=true).
  - With O(write=true) it makes up to three Services, whose names begin with V(ansible-selfcheck-), and deletes them
    before it ends, also after a failure and when Ansible times the task out. It changes no other Service.
  - If Ansible itself is ended in the middle, they are left. The next run warns of them, if they are on the first page
    of the list.
author:
  - The twilio.proxy Authors (@twilio-proxy)
extends_documentation_fragment:
  - twilio.proxy._attributes
  - twilio.proxy._connection
attributes:
  check_mode:
    details:
      - Only reads, also with O(write=true).
  diff_mode:
    support: N/A
    details:
      - The account is as it was before when the task ends.
  idempotent:
    details:
      - The account is as it was before when the task ends.
options:
  write:
    description:
      - Whether to make Services, and to delete them, for the questions that cannot be answered otherwise.
    type: bool
    default: false
seealso:
  - module: twilio.proxy.service_info
  - name: Twilio Proxy Service resource
    description: Twilio's documentation of the resource.
    link: https://www.twilio.com/docs/proxy/api/service
"""

EXAMPLES = r"""
- name: Ask what can be asked without writing
  twilio.proxy.selfcheck:
  register: found

- name: Show what is settled
  ansible.builtin.debug:
    msg: "{{ found.answers | selectattr('settled') | map(attribute='question') }}"

- name: Ask everything
  twilio.proxy.selfcheck:
    write: true
"""

RETURN = r"""
answers:
  description: The questions in their order, each with what the account answered.
  returned: always
  type: list
  elements: dict
  contains:
    key:
      description: A name for the question, which stays when its text changes.
      type: str
      sample: name_taken
    question:
      description: The question.
      type: str
      sample: What is the answer to a name that another Service has?
    answer:
      description: What the account answered, in words. It begins with C(not settled) if that is no answer.
      type: str
      sample: refused, as the name is taken
    settled:
      description: Whether the question is answered.
      type: bool
      sample: true
    status:
      description: The HTTP status of Twilio's answer. V(null) if nothing was asked, or no answer came.
      type: int
      sample: 400
    code:
      description: Twilio's error code. V(null) if there was none.
      type: int
      sample: 80602
    request_id:
      description: The ID of the request, which Twilio's support asks for. V(null) if there was none.
      type: str
      sample: RQ0123456789abcdef0123456789abcdef
table:
  description: The same as a table in Markdown, without the names of the questions.
  returned: always
  type: str
  sample: "| Can a Service be fetched by its name? | no | 400 | 80408 | RQ0123456789abcdef0123456789abcdef |"
left:
  description:
    - The names of the Services that were made, or may have been, and that could not be removed.
    - If there are any, the task fails.
  returned: always
  type: list
  elements: str
  sample: []
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
from ansible_collections.twilio.proxy.plugins.module_utils._selfcheck import selfcheck_task

TASK = selfcheck_task()


def main() -> None:
    run(TASK)


if __name__ == "__main__":
    main()
