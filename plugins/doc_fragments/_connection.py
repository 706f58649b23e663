# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The options of every module: the account and the connection."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  account_sid:
    description:
      - The SID of the account.
      - Required with O(auth_token). It is not sent with O(api_key), because a key belongs to one account.
      - With O(api_key) and without O(auth_token), it is compared with the account of the key. If they differ, the task
        fails before its first change. If the account has no Services, they can be compared only after the first change.
        The task then fails, and the message names the object that was created.
      - Must be AC followed by 32 hexadecimal digits.
      - If not given, the environment variable E(TWILIO_ACCOUNT_SID) is used.
    type: str
  auth_token:
    description:
      - The auth token of the account. A subaccount has its own token.
      - If not given, the environment variable E(TWILIO_AUTH_TOKEN) is used.
    type: str
  api_key:
    description:
      - The SID of an API key.
      - An API key takes precedence over O(auth_token) if both are given, as in Twilio's own tools. A token that is an
        option of the task takes precedence over a key from the environment.
      - Must be SK followed by 32 hexadecimal digits.
      - If not given, the environment variable E(TWILIO_API_KEY) is used.
    type: str
  api_secret:
    description:
      - The secret of the API key.
      - If not given, the environment variable E(TWILIO_API_SECRET) is used.
    type: str
  region:
    description:
      - The Twilio region, such as V(us1). Twilio offers Proxy in V(us1) only, which is the default.
      - Ignored if O(base_url) is set. If only the environment sets O(base_url), the task fails.
      - Must be a name of lower-case letters, digits and hyphens.
      - If not given, the environment variable E(TWILIO_REGION) is used.
    type: str
  edge:
    description:
      - The edge location through which requests reach the region, such as V(ashburn).
      - Ignored if O(base_url) is set. If only the environment sets O(base_url), the task fails.
      - Must be a name of lower-case letters, digits and hyphens.
      - If not given, the environment variable E(TWILIO_EDGE) is used.
    type: str
  base_url:
    description:
      - The address of an emulator or a gateway, instead of V(https://proxy.twilio.com).
        The modules add the version V(/v1) to it.
      - It receives the credentials, so it must be an https URL. Plain http is for loopback addresses only.
      - If not given, the environment variable E(TWILIO_PROXY_BASE_URL) is used.
    type: str
  timeout:
    description:
      - The maximum number of seconds to connect, for each wait for data, and to read an answer.
      - The keyword C(timeout) of a task, in contrast, limits the whole task.
      - Must be a number of seconds from 1 to 600.
    type: int
    default: 30
  retries:
    description:
      - How often a request that failed for a temporary reason is sent again.
      - Temporary reasons are a rate limit (status 429), an error of the server (5xx) and a lost connection.
        The waits between tries grow from half a second to eight seconds.
        A longer C(Retry-After) of the server is respected up to 60 seconds.
        With C(-v), each retry is shown at once, or as a warning with the result if the task runs as a module.
      - A request that creates an object is not repeated blindly. If it may have been applied, the module looks for
        the object before it sends the request again.
      - Must be a number from 0 to 20.
    type: int
    default: 5
  validate_certs:
    description:
      - Whether to verify the server's certificate. The task warns if this is V(false).
    type: bool
    default: true
  ca_path:
    description:
      - A file with the CA certificates to trust, or a directory of them that was prepared with C(openssl rehash).
      - By default, those of the Python library requests, which the environment variable E(REQUESTS_CA_BUNDLE) can
        replace.
    type: path
requirements:
  - python >= 3.9
  - requests >= 2.25.1
seealso:
  - name: Guides
    description: >-
      First steps, credentials, existing accounts, safety and troubleshooting. The repository is not public yet. In the
      installed collection, the guides are in C(docs/docsite/rst).
    link: https://github.com/twilio-proxy/twilio.proxy/tree/main/docs/docsite/rst
notes:
  - An option of the account or the connection that is V(null) or empty is an error,
    because without it the task would use another account or another server. To leave an option out, use C(omit).
  - An option of type string accepts strings only. YAML reads V(0123), V(yes), V(1.10) and V(2026-11-23) as other types,
    and Ansible would convert them to strings that may name another object. Put such values in quotes.
  - Twilio Proxy is a public beta that is closed to new customers. Without an account that has it,
    use the role P(twilio.proxy.emulator#role), which runs a local Twilio Proxy API.
  - Requests are sent from the host that runs the task. To send them from the controller, use C(connection=local) or
    C(delegate_to=localhost).
"""
