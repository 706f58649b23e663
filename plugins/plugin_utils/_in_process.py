# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Run the code of a module inside the worker process of the controller, where the module would run anyway.

Packing, unpacking and starting a module is nearly all that such a task costs. Everything before and after is Ansible's,
as for a module. This is the only file that uses private parts of ansible-core.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import json
import os
import re
import shutil
import sys
import typing as t

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.module_utils import basic
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action.normal import ActionModule as ModuleAction
from ansible.release import __version__ as ansible_version
from ansible.utils.display import Display

from ansible_collections.twilio.proxy.plugins.module_utils._argspec import type_problems
from ansible_collections.twilio.proxy.plugins.module_utils._client import clients
from ansible_collections.twilio.proxy.plugins.module_utils._module import Module
from ansible_collections.twilio.proxy.plugins.module_utils._result import NO_REQUEST, NOT_KNOWN, Failed
from ansible_collections.twilio.proxy.plugins.module_utils._task import MissingLibrary, Task, require_libraries
from ansible_collections.twilio.proxy.plugins.module_utils._validation import quoted

#: The ansible-core versions that are tested. With any other one, the task is run by its module.
TESTED_CORES = ("2.17", "2.18", "2.19", "2.20", "2.21")
_CORE = ".".join(ansible_version.split(".")[:2])

_TIME_LIMIT: tuple[type[BaseException], ...] = ()
_PROFILE: tuple[str, ...] = ()
_written_for_module: t.Callable[[t.Any], str] = json.dumps
_written_by_module: t.Callable[[t.Any], str] = json.dumps

# The encoders of what the controller and a module send each other.
if _CORE in ("2.17", "2.18"):
    from ansible.executor.task_executor import TaskTimeoutError  # type: ignore[attr-defined]  # not in newer ones
    from ansible.module_utils.common.json import AnsibleJSONEncoder

    _TIME_LIMIT = (TaskTimeoutError,)
    _encoder: t.Any = AnsibleJSONEncoder
    _written_for_module = functools.partial(json.dumps, cls=_encoder, vault_to_text=True)
elif _CORE in TESTED_CORES:
    from ansible._internal._errors._task_timeout import TaskTimeoutError
    from ansible.module_utils.common.json import Direction, get_module_encoder

    _TIME_LIMIT = (TaskTimeoutError,)
    _PROFILE = ("legacy",)  # the default of a module that does not name one
    _written_for_module = functools.partial(
        json.dumps, cls=get_module_encoder(*_PROFILE, Direction.CONTROLLER_TO_MODULE)
    )
    _written_by_module = functools.partial(
        json.dumps, cls=get_module_encoder(*_PROFILE, Direction.MODULE_TO_CONTROLLER)
    )

Variables = t.Mapping[str, t.Any]
Result = dict[str, t.Any]

SWITCH, SWITCH_VARIABLE = "twilio_proxy_in_process", "TWILIO_PROXY_IN_PROCESS"

#: Connections outlive an item of a loop, for all of which Ansible has one process. Nothing that was read does.
_shared_clients = functools.lru_cache(maxsize=8)(clients)


class InProcessAction(ModuleAction):
    """Perform ``proxy_task`` in this process if its module would run on the controller too, else run the module."""

    proxy_task: Task

    def _execute_module(self, *args: t.Any, **options: t.Any) -> Result:
        variables: Variables = options["task_vars"]
        # A module gets them as texts and cannot distinguish them.
        dates = type_problems(self.proxy_task.options, self._task.args, datetime.date)
        if dates:
            msg = " ".join([*dates, NO_REQUEST])
            return {"failed": True, "msg": msg, **Failed(msg, dict(self.proxy_task.failure)).result}
        reason = next(self._reasons_for_a_module(variables), None)
        way = f"as a module, because {reason}" if reason else "in the worker process of the controller"
        Display().vvv(f"{self._task.action} runs {way}.", host=variables.get("inventory_hostname"))
        if reason:
            return super()._execute_module(*args, **options)
        return self._as_of_a_module(self._perform(variables))

    def _reasons_for_a_module(self, variables: Variables) -> t.Iterator[str]:
        """Yield the reasons to run the module."""
        if _CORE not in TESTED_CORES:
            yield f"in-process execution is not tested with ansible-core {_CORE}"
        if not _is_wanted(self._templar.template(variables.get(SWITCH))):
            yield f"{SWITCH} is false"
        if self._connection.transport != "local":
            yield "the connection is not local"
        # Also to the same user: sudo, for one, changes the environment.
        if self._connection.become:
            yield "become is used"
        if self._task.async_val:
            yield "async is used"
        if constants.config.get_config_value("DEFAULT_KEEP_REMOTE_FILES"):
            yield "DEFAULT_KEEP_REMOTE_FILES is set"
        if not _is_this_interpreter(self._interpreter(variables)):
            yield "another Python interpreter is configured"
        if not all(map(_can_be_set_here, self._environment())):
            yield "the keyword environment sets a variable that only a new process reads"
        # The system's libraries, which requests asks about proxies there, cannot be used in a forked process.
        if sys.platform == "darwin":
            yield "the controller runs on macOS"
        if not _has_libraries():
            yield "the Python library requests is missing"

    def _environment(self) -> dict[str, t.Any]:
        """Return the variables that the keyword environment sets."""
        environment: dict[str, t.Any] = {}
        self._compute_environment_string(environment)
        return environment

    def _interpreter(self, variables: Variables) -> str:
        """Return the configured interpreter of modules, or the way to discover one."""
        if self._task.delegate_to:
            variables = variables["ansible_delegated_vars"][self._task.delegate_to]
        configured = constants.config.get_config_value("INTERPRETER_PYTHON", variables=variables)
        return str(self._templar.template(configured) or "auto")

    def _perform(self, variables: Variables) -> Result:
        given = dict(self._task.args)
        self._update_module_args(self._task.action, given, variables)
        with _set(self._environment()), _options(given):
            try:
                _InProcess(self.proxy_task, variables.get("inventory_hostname")).perform()
            except _Ended as end:
                if end.result.get("failed"):  # possibly by the task's timeout: see below
                    _shared_clients.cache_clear()
                return end.result
            except BaseException as error:  # also Ctrl-C
                # The connections may be in the middle of a request.
                _shared_clients.cache_clear()
                if isinstance(error, SystemExit):
                    raise AnsibleActionFail(
                        f"This ansible-core ends modules in an unknown way. Set {SWITCH} to false. {NOT_KNOWN}"
                    ) from None
                raise

    def _as_of_a_module(self, result: Result) -> Result:
        """Return the result as Ansible makes it from a module's output."""
        text = _written_by_module(result)
        printed: t.Any = {"stdout": text}  # all else is for output that is no JSON
        parsed = self._parse_returned_data(printed, *_PROFILE)
        # It is a dict before ansible-core 2.21.
        return parsed if isinstance(parsed, dict) else t.cast(Result, parsed.as_result_dict(for_round_trip=True))


class _Ended(BaseException):  # so that `except Exception` does not swallow it
    """The end of the module, with the result that it would have printed."""

    def __init__(self, result: Result) -> None:
        super().__init__()
        self.result = result


class _InProcess(Module):
    """The module without a process: it raises _Ended where a module prints its result and exits."""

    clients = staticmethod(_shared_clients)
    time_limit = _TIME_LIMIT

    def __init__(self, task: Task, host: str | None) -> None:
        self._warnings: list[str] = []
        self._host = host
        super().__init__(task)

    def warn(self, warning: str, **_more: t.Any) -> None:
        """Keep the warning for the result, where it is masked. Ansible would show it at once, unmasked."""
        self._warnings.append(warning)

    def on_retry(self, line: str) -> None:
        """Show the line at once with -v, masked."""
        if not self.no_log:
            Display().v(remove_values(line, self.no_log_values), host=self._host)

    def _record_module_result(self, o: Result) -> t.NoReturn:
        self._end(o)

    def jsonify(self, data: Result) -> t.NoReturn:
        """End the module. Before ansible-core 2.19, this is called for results only."""
        self._end(data)

    def _end(self, result: Result) -> t.NoReturn:
        warnings = [*result.get("warnings", []), *remove_values(self._warnings, self.no_log_values)]
        raise _Ended({**result, "warnings": warnings} if warnings else result)


def _is_wanted(switch: t.Any) -> bool:
    name, value = (SWITCH, switch) if switch is not None else (SWITCH_VARIABLE, os.environ.get(SWITCH_VARIABLE) or True)
    try:
        return bool(boolean(value))
    except TypeError:
        raise AnsibleActionFail(f"{name}: {quoted(value)} is not true or false. {NO_REQUEST}") from None


def _is_this_interpreter(interpreter: str) -> bool:
    # Discovery may find this interpreter.
    return interpreter.startswith("auto") or _program(interpreter) == _program(sys.executable)


def _program(interpreter: str) -> tuple[str, str]:
    # Two virtual environments may have links to the same program, and other libraries. The link to an environment leads
    # to the same libraries.
    path = os.path.abspath(shutil.which(interpreter) or interpreter)
    return os.path.realpath(os.path.dirname(path)), os.path.realpath(path)


def _can_be_set_here(name: str) -> bool:
    # The others are read only when a process starts, or are no valid names in a shell.
    return re.fullmatch(r"(?!PYTHON|LD_|OPENSSL_CONF)[A-Za-z_]\w*", name, re.ASCII) is not None


def _has_libraries() -> bool:
    try:
        require_libraries()
    except MissingLibrary:
        return False
    return True


@contextlib.contextmanager
def _options(given: Result) -> t.Iterator[None]:
    """Put the options where a module looks for them, encoded as for a module."""
    basic._ANSIBLE_ARGS = _written_for_module({"ANSIBLE_MODULE_ARGS": given}).encode()
    basic._ANSIBLE_PROFILE = "".join(_PROFILE)
    try:
        yield
    finally:
        basic._ANSIBLE_ARGS = basic._ANSIBLE_PROFILE = None


@contextlib.contextmanager
def _set(variables: Variables) -> t.Iterator[None]:
    """Set environment variables as in a module's process, and restore them."""
    before = {name: os.environ.get(name) for name in variables}
    try:
        os.environ.update({name: str(value) for name, value in variables.items()})
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
