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
      - If it is given with O(api_key), and the task has no O(auth_token), the task fails before it writes if the key
        belongs to another account. An account without Services does not show which account it is. There, the task fails
        after its first write, and the message names what was created.
      - Must be AC followed by 32 hexadecimal digits.
      - If not given, the environment variable E(TWILIO_ACCOUNT_SID) is used.
    type: str
  auth_token:
    description:
      - The auth token of the account. A subaccount has a token of its own.
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
      - The Twilio region to talk to, such as V(us1). Twilio offers Proxy in V(us1) only, which is the default.
      - Ignored if O(base_url) is set. If only the environment sets O(base_url), the task fails.
      - Must be lower-case letters, digits and hyphens, as in us1 or sydney.
      - If not given, the environment variable E(TWILIO_REGION) is used.
    type: str
  edge:
    description:
      - The edge location through which to talk to the region, such as V(ashburn).
      - Ignored if O(base_url) is set. If only the environment sets O(base_url), the task fails.
      - Must be lower-case letters, digits and hyphens, as in us1 or sydney.
      - If not given, the environment variable E(TWILIO_EDGE) is used.
    type: str
  base_url:
    description:
      - The address of an emulator or of a gateway, to be used in place of V(https://proxy.twilio.com).
        It stands before the version, V(/v1), which the modules add.
      - It gets the credentials, so it has to be an https URL. Plain http is accepted for a loopback address only.
      - If not given, the environment variable E(TWILIO_PROXY_BASE_URL) is used.
    type: str
  timeout:
    description:
      - How many seconds a request may take to connect, for each wait for data, and to read an answer.
      - It is not the keyword C(timeout) of a task, which limits the whole task.
      - Must be a number of seconds from 1 to 600.
    type: int
    default: 30
  retries:
    description:
      - How often a request that failed for a temporary reason is sent again.
      - Temporary reasons are a rate limit (status 429), an error of the server (5xx) and a lost connection.
        The waits between the tries grow from half a second to eight seconds.
        Where the server asks for more by a C(Retry-After), they are as long as it asks, up to 60 seconds.
        With C(-v), each retry is shown at once, or by a warning of the result if the work is done by a module.
      - A request to create something is never repeated blindly. Where it may have been carried out, the module looks
        for the object before it sends the request again.
      - Must be a number from 0 to 20.
    type: int
    default: 5
  validate_certs:
    description:
      - Whether to verify the server's certificate. If V(false), the task warns.
    type: bool
    default: true
  ca_path:
    description:
      - A file of CA certificates, or a directory of them prepared with C(openssl rehash), to verify the server with.
      - If not given, the CA certificates that the Python library requests uses are used,
        which the environment variable E(REQUESTS_CA_BUNDLE) can name.
    type: path
requirements:
  - python >= 3.9
  - requests >= 2.25.1
seealso:
  - name: Guides
    description: First steps, credentials, existing Services, whole accounts, safety, and what to do about failures.
    link: https://github.com/twilio-proxy/twilio.proxy/tree/main/docs
notes:
  - An option of the account or the connection that is V(null) or empty is refused,
    because without it the task would mean another account or another server. To leave an option out, use C(omit).
  - An option that takes a text takes nothing else. YAML reads V(0123), V(yes), V(1.10) and V(2026-11-23) as something
    else, and another object would have the name that Ansible makes of that. Put such values into quotes.
  - Twilio Proxy is a public beta that is closed to new customers. Without an account that has it,
    use the role P(twilio.proxy.emulator#role), which runs a local Twilio Proxy API.
  - Runs where the task runs. Use C(connection=local) or C(delegate_to=localhost) to talk to Twilio from the controller.
"""
