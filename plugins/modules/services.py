#!/usr/bin/python
# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: services
short_description: Manage many Twilio Proxy Services and their number pools
version_added: 0.1.0
description:
  - Makes the Twilio Proxy Services of an account, and the phone numbers in their pools, match a list.
  - B(Adding a number overwrites its voice and SMS webhooks. Removing it does not restore them.)
  - Reads the Services of the account once, and the pools of those Services whose entry has phone numbers. If a new
    Service gets phone numbers, it also reads the pools of the Services that are not in the list.
  - Plans all changes before it makes the first one. If the list has errors, the task fails with all of them in one
    message, and changes nothing.
  - Services are deleted, updated and created in this order. After that, numbers are removed, updated and added.
    So Services can swap their names, and a number can move from one pool to another. For a swap, one Service gets a
    temporary name. If the task fails before the swap is complete, the message has that name.
  - After a failure, requests in progress are completed and no new ones are started. The result shows what was done.
    Fix the cause and run the task again.
  - The Python library jsonschema makes the messages about errors in the list more detailed.
author:
  - The twilio.proxy Authors (@twilio-proxy)
requirements:
  - jsonschema >= 3.2.0
extends_documentation_fragment:
  - twilio.proxy._attributes
  - twilio.proxy._connection
  - twilio.proxy._bulk
attributes:
  check_mode:
    details:
      - Values that only Twilio can know are V(null) in the predicted result.
      - It does not check whether the account owns the numbers.
      - It finds numbers that other Services have in managed pools, and for a new Service also in the pools of Services
        that are not in the list.
      - It finds a SID and a number that mean the same number in managed pools only.
  diff_mode:
    support: full
    details:
      - Shows a diff for each entry that changes, with the fields that can be written.
      - Includes the pool if the entry has phone numbers.
      - If only a secret in a URL changes, it says so.
options:
  services:
    description:
      - The Services, with an entry for each.
      - An option that an entry leaves out is not managed, as in M(twilio.proxy.service).
      - Two entries must not name the same Service, name or phone number.
    type: list
    elements: dict
    required: true
    suboptions:
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
          - A Service with this SID has to exist if O(services[].state=present), because Twilio chooses the SIDs of new
            Services.
          - At least one of O(services[].sid) and O(services[].unique_name) is required.
          - Except in check mode, V(null) is an error, because without the SID the task would manage another Service.
          - Must be KS followed by 32 hexadecimal digits.
        type: str
      unique_name:
        description:
          - The name of the Service, unique in the account. It should not contain personal data.
          - Without O(services[].sid), the Service with this name is managed. Upper and lower case matter.
          - With O(services[].sid) and O(services[].state=present), the Service is renamed if it has another name.
          - With O(services[].sid) and O(services[].state=absent), the Service is deleted only if it has this name.
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
          - V(overlay) and V(radius) are in Twilio's published description of the API, but not in its other
            documentation.
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
      previous_name:
        description:
          - A name that the Service had before, or a list of names.
          - If there is no Service with O(services[].unique_name), the Service with this name is renamed. It keeps its
            pool and its sessions.
          - If there is one, it is not renamed, so that the list can be applied again. If there is also one with this
            name, the task fails and changes nothing.
          - Cannot be combined with O(services[].sid) or O(services[].state=absent), and must not be a name in another
            entry.
          - Must be a string of 1 to 191 characters, or a list of those.
        type: list
        elements: str
      phone_numbers:
        description:
          - The phone numbers of the Service's pool. If left out, the pool is neither managed nor read.
          - Other numbers stay in the pool, unless O(prune_phone_numbers=true).
          - If a new Service wants a number of a Service that is not in the list, the task fails and changes nothing. If
            O(prune) deletes that Service first, a warning names both.
          - Cannot be combined with O(services[].state=absent).
        type: list
        elements: dict
        suboptions:
          sid:
            description:
              - The SID of the phone number.
              - Exactly one of O(services[].phone_numbers[].sid) and O(services[].phone_numbers[].phone_number) is
                required.
              - Must be PN followed by 32 hexadecimal digits.
            type: str
          phone_number:
            description:
              - The phone number.
              - Quote it in YAML. Without quotes, it is an integer and loses its V(+).
              - Must be an E.164 number (+ and 2 to 15 digits, the first of which is not 0).
            type: str
          is_reserved:
            description:
              - Whether the number is reserved, so that Proxy does not choose it for participants. A reserved number is
                used only for participants that are added with it.
              - A new phone number has V(false).
            type: bool
  prune:
    description:
      - Whether to delete the Services of the account that O(services) does not name.
      - Run it in check mode and diff mode first. Deleting a Service cannot be undone, and ends its open sessions.
      - The Service named C(Flex Proxy Service) is never pruned. Only an entry with O(services[].state=absent)
        deletes it.
    type: bool
    default: false
  prune_matching:
    description:
      - A regular expression in Python's syntax. Only Services whose name matches it are pruned.
      - It may match any part of the name. Begin it with C(^) and end it with C($) to match the whole name.
      - A Service without a name never matches.
    type: str
  prune_phone_numbers:
    description:
      - Whether to remove the numbers that O(services[].phone_numbers) of an entry does not name from its pool.
      - An empty list then empties the pool.
    type: bool
    default: false
  max_deletions:
    description:
      - The maximum number of Services that O(prune) may delete. If it would delete more, the task fails and changes
        nothing.
      - Entries with O(services[].state=absent) do not count.
      - By default, a tenth of the Services of the account, rounded down, but at least one.
      - Must be a number from 0 to 2147483647.
    type: int
  allow_empty:
    description:
      - Whether O(prune) may delete all Services because O(services) is empty. Otherwise the task fails,
        because an empty list is usually a mistake.
    type: bool
    default: false
notes:
  - If Ansible ends an in-process task because of its keyword C(timeout), the task fails, RV(services) and RV(summary)
    show what was done, and no more requests are sent.
    A module continues to its end, and its result is lost. The failure then has neither RV(services) nor RV(summary),
    and RV(ignore:changed) is V(false) even if the module changes something.
    In both cases, run the task again after it has ended. It reads the current state before it changes anything.
seealso:
  - module: twilio.proxy.services_info
  - module: twilio.proxy.service
  - module: twilio.proxy.phone_number
  - name: Twilio Proxy Service resource
    description: Twilio's documentation of the resource.
    link: https://www.twilio.com/docs/proxy/api/service
"""

EXAMPLES = r"""
- name: Create or update two Services, and delete one
  twilio.proxy.services:
    services:
      - unique_name: rides
        default_ttl: 3600
        phone_numbers:
          - phone_number: "+12025550100"
          - phone_number: "+12025550101"
            is_reserved: true
      - unique_name: deliveries
        callback_url: https://example.com/proxy/status
      - unique_name: trial
        state: absent

- name: Rename a Service, which keeps its numbers and sessions
  twilio.proxy.services:
    services:
      - unique_name: experiments
        previous_name: team-a-trial

- name: Delete all other Services of a team
  twilio.proxy.services:
    services:
      - unique_name: team-a-rides
      - unique_name: team-a-deliveries
    prune: true
    prune_matching: ^team-a-
    max_deletions: 5

- name: Remove all other numbers from a pool
  twilio.proxy.services:
    services:
      - unique_name: deliveries
        phone_numbers:
          - phone_number: "+12025550102"
    prune_phone_numbers: true

- name: Read the account
  twilio.proxy.services_info:
  register: account

- name: Change one setting in all Services
  twilio.proxy.services:
    services: "{{ account.services | map('combine', {'default_ttl': 3600}) }}"
"""

RETURN = r"""
services:
  description:
    - What was done, with an entry for each of O(services) in their order. Services that were pruned come after them.
    - In check mode, what would be done. Values that only Twilio can know are V(null).
    - If the task failed before the first change, every entry is V(not_attempted). Empty if Ansible could not read the
      options.
  returned: always
  type: list
  elements: dict
  contains:
    operation:
      description:
        - What happened to the Service, or V(updated) if only its pool was changed.
        - V(failed) if the Service or one of its numbers failed, V(not_attempted) if another failure came first.
      type: str
      sample: updated
    unique_name:
      description: The name of the Service.
      type: str
      sample: rides
    sid:
      description: The SID of the Service. V(null) if it is not known.
      type: str
      sample: KS0123456789abcdef0123456789abcdef
    service:
      description:
        - The Service after the task, with the fields that M(twilio.proxy.service) returns.
        - The Service before the task if it is absent now. Empty if there was none.
      type: dict
      sample: {default_ttl: 3600, sid: KS0123456789abcdef0123456789abcdef, unique_name: rides}
    changed_fields:
      description:
        - The options whose values changed, of a Service that existed before and still exists.
        - Includes V(phone_numbers) if the pool changed, also that of a new Service.
      type: list
      elements: str
      sample: [default_ttl, phone_numbers]
    changes:
      description:
        - The fields of the Service in RV(services[].changed_fields), with their values before and after the task.
        - If only a secret in a URL changed, C(after) says so.
      type: list
      elements: dict
      contains:
        field:
          description: The name of the field.
          type: str
          sample: default_ttl
        before:
          description: The value before the task. V(null) if there was none.
          type: raw
          sample: 0
        after:
          description: The value after the task. V(null) if there is none.
          type: raw
          sample: 3600
    phone_numbers:
      description: What was done to the pool, in the order of the entry. Numbers that were pruned come after them.
      returned: if the entry has phone numbers
      type: list
      elements: dict
      contains:
        operation:
          description: What happened to the number, with the values of RV(services[].operation).
          type: str
          sample: created
        sid:
          description: The SID of the phone number. V(null) if it is not known.
          type: str
          sample: PN0123456789abcdef0123456789abcdef
        phone_number:
          description: The phone number in E.164 format. V(null) if it is not known.
          type: str
          sample: "+12025550100"
        is_reserved:
          description:
            - Whether the number is reserved, so that Proxy does not choose it for participants. V(null) if it is not
              known.
          type: bool
          sample: false
        error:
          description: What went wrong, as in RV(services[].error).
          returned: if it failed
          type: dict
          sample: {code: 80101, status: 400}
    error:
      description: What went wrong.
      returned: if it failed
      type: dict
      contains:
        msg:
          description: What happened, and what to do about it.
          type: str
          sample: "Cannot create the Service 'rides': Service UniqueName must be unique."
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
  description: The number of entries in RV(services) for each operation.
  returned: always
  type: dict
  contains:
    created:
      description: How many were created.
      type: int
      sample: 2
    updated:
      description: How many were updated.
      type: int
      sample: 1
    deleted:
      description: How many were deleted.
      type: int
      sample: 0
    unchanged:
      description: How many did not change.
      type: int
      sample: 297
    failed:
      description: How many failed.
      type: int
      sample: 0
    not_attempted:
      description: How many were not attempted because of another failure.
      type: int
      sample: 0
not_listed:
  description:
    - What the account has, the list does not name, and the task left alone.
    - Nothing if the task failed before it planned the changes.
  returned: always
  type: dict
  contains:
    services:
      description: The names of the Services, or the SIDs of those without a name.
      type: list
      elements: str
      sample: [Flex Proxy Service]
    phone_numbers:
      description: How many phone numbers there are in the pools of entries that have phone numbers.
      type: int
      sample: 3
check_mode:
  description: Whether the task was in check mode, so that the result is a plan.
  returned: unless Ansible rejects the options
  type: bool
  sample: false
diff:
  description:
    - The fields that can be written, before and after, for each entry that changed.
      Includes the phone numbers of the pool if the entry has them.
    - V(null) stands for an absent Service.
  returned: when something changed, in diff mode
  type: list
  elements: dict
  contains:
    before:
      description: The fields before the task.
      type: dict
      sample: {default_ttl: 0, unique_name: rides}
    after:
      description: The fields after the task.
      type: dict
      sample: {default_ttl: 3600, unique_name: rides}
    before_header:
      description: The object before the task.
      type: str
      sample: Service rides (KS0123456789abcdef0123456789abcdef)
    after_header:
      description: The object after the task.
      type: str
      sample: Service rides (KS0123456789abcdef0123456789abcdef)
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

from ansible_collections.twilio.proxy.plugins.module_utils._bulk_task import list_task
from ansible_collections.twilio.proxy.plugins.module_utils._module import run
from ansible_collections.twilio.proxy.plugins.module_utils._resources import SERVICE

TASK = list_task(SERVICE)


def main() -> None:
    run(TASK)


if __name__ == "__main__":
    main()
