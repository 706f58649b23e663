# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Run a task as an Ansible module. The only file of module_utils that imports Ansible.

Its counterpart for in-process execution is plugins/plugin_utils/_in_process.py.
"""

from __future__ import annotations

import os
import typing as t

from ansible.module_utils.ansible_release import __version__ as ansible_version
from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib

from ansible_collections.twilio.proxy.plugins.module_utils._argspec import (
    normalized,
    secrets_in,
    type_problems,
)
from ansible_collections.twilio.proxy.plugins.module_utils._client import Client, clients
from ansible_collections.twilio.proxy.plugins.module_utils._result import (
    FAILURE_KEYS,
    NO_REQUEST,
    Failed,
    timed_out,
    what_is_known,
)
from ansible_collections.twilio.proxy.plugins.module_utils._task import Call, MissingLibrary, Task
from ansible_collections.twilio.proxy.plugins.module_utils._validation import visible


class _LongestFirst(set[str]):
    """A set that is iterated over from the longest text to the shortest.

    Ansible masks texts in this order. ansible-core before 2.19 does not sort them: masking a text that is the start of
    a longer one would then leave the rest of the longer one visible.
    """

    def __iter__(self) -> t.Iterator[str]:
        return iter(sorted(super().__iter__(), key=len, reverse=True))


class Module(AnsibleModule):
    """An AnsibleModule that stores the raw parameters, masks passwords in URLs, and fails with FAILURE_KEYS.

    ``params_raw`` are the options as written, ``from_environment`` names those that an environment variable set.
    """

    #: See Call.
    clients: t.Callable[..., tuple[Client, ...]] = staticmethod(clients)
    time_limit: tuple[type[BaseException], ...] = ()

    def __init__(self, task: Task) -> None:
        self.params_raw: dict[str, t.Any] = {}
        self.from_environment: set[str] = set()
        self._task = task
        self._accepted = False
        options = {name: dict(spec) for name, spec in task.options.items()}
        for name, variable in task.environment.items():
            options[name]["fallback"] = (self._recall, [name, variable])
        # Ansible's class has no types.
        super().__init__(options, supports_check_mode=True, **task.rules)  # type: ignore[no-untyped-call]
        self._accepted = True
        self.mask(secrets_in(self.params))

    @property
    def no_log_values(self) -> set[str]:
        """The texts that Ansible masks in the result, longest first."""
        return self._no_log_values

    @no_log_values.setter
    def no_log_values(self, values: t.Iterable[str]) -> None:
        self._no_log_values = _LongestFirst(values)

    def _load_params(self) -> None:
        super()._load_params()  # type: ignore[no-untyped-call]  # Ansible's class has no types
        self.params_raw = dict(self.params)

    def _set_internal_properties(self, *args: t.Any) -> None:
        super()._set_internal_properties(*args)  # type: ignore[no-untyped-call]  # as above
        # The next step of AnsibleModule converts the options.
        problems = type_problems(self._task.options, self.params_raw)
        if problems:
            self._accepted = True
            # Ansible masks them in its next step.
            secrets = (self.params.get(name) for name, spec in self._task.options.items() if spec.get("no_log"))
            self.mask(str(secret) for secret in secrets if secret is not None)
            self.mask(secrets_in(self.params))
            problems = self._task.explain(problems, self.params_raw, self.check_mode)
            self.fail_json(" ".join([*problems, NO_REQUEST]))

    def _recall(self, name: str, variable: str) -> str:
        value: str = env_fallback(variable)
        self.from_environment.add(name)
        return value

    def mask(self, secrets: t.Iterable[str]) -> None:
        """Have Ansible mask these texts in all later output."""
        self.no_log_values.update(secrets)

    def fail_json(self, msg: str, **result: t.Any) -> t.NoReturn:
        """Fail with the keys of every failure, also if Ansible refuses an option."""
        if not self._accepted:
            self.mask(secrets_in(self.params))
            # The system's log cannot store it, and ansible-core does not name the option.
            for name, value in self.params.items():
                if isinstance(value, str) and "\0" in value:
                    msg = f"{name}: the value contains a NUL character. {msg}"
            places = self._task.explain([], self.params_raw, self.check_mode)
            msg = " ".join([f"{msg.rstrip('.')}.", *places]) if places else msg
        keys = {"changed": False, **dict.fromkeys(FAILURE_KEYS), **self._task.failure}
        super().fail_json(msg=visible(msg), **{**keys, **result})

    def on_retry(self, line: str) -> None:
        """Report a retry with -v, as a warning: a module can show nothing before it ends."""
        if self._verbosity >= 1:
            self.warn(line)

    def perform(self) -> t.NoReturn:
        """Perform the task and end the process."""
        used: list[Client] = []

        def get_clients(*args: t.Any, **options: t.Any) -> tuple[Client, ...]:
            used[:] = self.clients(*args, **options)
            return tuple(used)

        call = Call(
            params=normalized(self.params),
            params_raw=self.params_raw,
            from_environment=self.from_environment,
            environment=os.environ,
            check_mode=self.check_mode,
            diff_mode=self._diff,  # AnsibleModule has no public name for it
            agent=f"ansible-core/{ansible_version}",
            warn=self.warn,
            mask=self.mask,
            clients=get_clients,
            on_retry=self.on_retry,
            time_limit=self.time_limit,
        )
        try:
            result = self._task.perform(call)
        except MissingLibrary as missing:
            self.fail_json(missing_required_lib(str(missing)))
        except self.time_limit as limit:
            failure = timed_out(limit, *what_is_known(used))
            self.fail_json(str(failure), **failure.result)
        except Failed as failure:
            self.fail_json(str(failure), **failure.result)
        self.exit_json(**result)


def run(task: Task) -> t.NoReturn:
    """Run the task as a module and end the process."""
    Module(task).perform()
