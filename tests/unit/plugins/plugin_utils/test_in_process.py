# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In-process execution: when it is used, and that it behaves like a module's process.

tests/integration/test_in_process.py compares the results of both ways with Ansible's own programs.
"""

from __future__ import annotations

import contextlib
import datetime
import importlib
import json
import os
import re
import runpy
import signal
import sys
import threading
import time
import types
import typing as t
from pathlib import Path

import pytest
from ansible import constants
from ansible._internal._datatag._tags import Origin
from ansible.errors import AnsibleActionFail
from ansible.module_utils.common import json as ansibles_json
from ansible.module_utils.common import warnings as ansibles_warnings
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.plugins.action.normal import ActionModule as ModuleAction
from ansible.plugins.loader import connection_loader
from ansible.template import Templar, trust_as_template
from ansible.utils.display import Display

from ansible_collections.twilio.proxy.plugins.action import service as action
from ansible_collections.twilio.proxy.plugins.module_utils._validation import QUOTE_ADVICE
from ansible_collections.twilio.proxy.plugins.modules import service
from ansible_collections.twilio.proxy.plugins.plugin_utils import _in_process
from ansible_collections.twilio.proxy.tests.support.emulator import Emulator

Result = dict[str, t.Any]

MODULES = sorted(path.stem for path in Path(service.__file__).parent.glob("*.py"))
NAME = "twilio.proxy.service"
HOST: t.Mapping[str, t.Any] = {"inventory_hostname": "here", "ansible_python_interpreter": sys.executable}
BY_MODULE: Result = {"changed": False, "by": "a module"}


class Runner:
    """Runs tasks and stores the lines shown with -vvv, which name the way of execution."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lines: list[str] = []
        # A worker process begins without the warnings of modules that earlier tests ran.
        ansibles_warnings._global_warnings.clear()
        self.connection: t.Any = connection_loader.get("local", PlayContext())
        monkeypatch.setattr(ModuleAction, "_execute_module", lambda *_args, **_options: dict(BY_MODULE))
        monkeypatch.setattr(Display, "vvv", lambda _display, msg, host=None: self.lines.append(f"<{host}> {msg}"))

    def __call__(self, options: Result, variables: t.Mapping[str, t.Any] | None = None, **keywords: t.Any) -> Result:
        """Return the result of a task with these options, on a host with these variables, or with those of HOST."""
        variables = variables or HOST
        task = Task.load({"name": NAME, "action": NAME, **keywords}, loader=DataLoader())
        task.action, task.args, task.environment = NAME, dict(options), [keywords.get("environment", {})]
        templar = Templar(loader=DataLoader(), variables=dict(variables))
        plugin = action.ActionModule(task, self.connection, PlayContext(), DataLoader(), templar, None)
        self.lines.clear()
        run: t.Callable[..., Result] = plugin.run
        return run(task_vars=dict(variables))


@pytest.fixture
def run_task(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Runner]:
    for name in (_in_process.SWITCH_VARIABLE, "ANSIBLE_PYTHON_INTERPRETER"):
        monkeypatch.delenv(name, raising=False)
    _in_process._shared_clients.cache_clear()
    yield Runner(monkeypatch)
    _in_process._shared_clients.cache_clear()


@pytest.fixture
def options(emulator: Emulator) -> Result:
    """Return options with which a task connects to the emulator."""
    return {
        "unique_name": "rides",
        "base_url": emulator.base_url,
        "account_sid": emulator.account_sid,
        "auth_token": emulator.auth_token,
    }


@pytest.mark.parametrize("module", MODULES)
def test_the_action_has_the_same_task_as_the_module(module: str) -> None:
    plugins = _in_process.__name__.rpartition(".plugin_utils.")[0]
    plugin, program = (importlib.import_module(f"{plugins}.{kind}.{module}") for kind in ("action", "modules"))
    assert plugin.ActionModule.proxy_task is program.TASK


def test_the_task_runs_in_this_process(run_task: Runner, options: Result, emulator: Emulator) -> None:
    result = run_task(options)
    assert run_task.lines == [f"<here> {NAME} runs in the worker process of the controller."]
    assert (result["changed"], result["service"]["unique_name"]) == (True, "rides")
    assert emulator.auth_token not in json.dumps(result, default=str)
    assert run_task(options)["changed"] is False
    assert [record["unique_name"] for record in emulator.services()] == ["rides"]


def test_check_mode_and_diff_mode_are_passed_on(run_task: Runner, options: Result, emulator: Emulator) -> None:
    result = run_task(options, check_mode=True, diff=True)
    assert (result["changed"], result["diff"]["after"]["unique_name"]) == (True, "rides")
    assert emulator.services() == []


def test_items_of_a_loop_share_connections_and_no_data(run_task: Runner, options: Result, emulator: Emulator) -> None:
    run_task(options)
    run_task(options)
    emulator.send("DELETE", f"/v1/Services/{emulator.services()[0]['sid']}")
    assert run_task(options)["changed"] is True
    sent = [(record["connection"], record["method"]) for record in emulator.requests()]
    first_connection = sent[0][0]
    assert [method for connection, method in sent if connection == first_connection] == [
        "GET",
        "POST",
        "GET",
        "GET",
        "POST",
    ]


def test_a_failure_is_returned_as_by_the_module(run_task: Runner, options: Result) -> None:
    result = run_task({**options, "default_ttl": -1})
    assert result["failed"] is True
    assert result["msg"].startswith("default_ttl: -1 is not")
    result = run_task({**options, "default_ttl": "soon"})
    assert result["failed"] is True
    assert "default_ttl" in result["msg"]


def test_warnings_are_in_the_result_and_masked(
    run_task: Runner, options: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run_task({**options, "validate_certs": False})
    assert len(result["warnings"]) == 1
    assert "validate_certs is false" in str(result["warnings"][0])
    assert "warnings" not in run_task(options)

    def perform(call: t.Any) -> Result:
        call.mask(["hush"])
        call.warn("hush, hush")
        return {"changed": False}

    task = type(service.TASK)(service.TASK.options, service.TASK.rules, perform)
    monkeypatch.setattr(action.ActionModule, "proxy_task", task)
    assert "hush" not in str(run_task(options)["warnings"][0])


def test_the_environment_keyword_is_applied_and_undone(
    run_task: Runner, options: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = options.pop("auth_token")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "another")
    before = dict(os.environ)
    assert run_task(options, environment={"TWILIO_AUTH_TOKEN": token, "NUMBER": 1})["changed"] is True
    assert dict(os.environ) == before


@pytest.mark.parametrize("in_process", [True, False])
def test_a_date_is_refused_before_it_becomes_a_text(in_process: bool, run_task: Runner, options: Result) -> None:
    result = run_task(
        {**options, "unique_name": datetime.date(2026, 11, 23)}, {**HOST, "twilio_proxy_in_process": in_process}
    )
    assert result["failed"] is True
    assert result["msg"] == (f"unique_name: 2026-11-23 is not a string. {QUOTE_ADVICE} No request was sent.")
    assert (result["changed"], result["code"]) == (False, None)


class Interrupt(BaseException):
    """Stands for an interrupt such as Ctrl-C."""


@contextlib.contextmanager
def time_limit_at_a_fault(emulator: Emulator) -> t.Iterator[None]:
    """Raise what Ansible raises at the end of a task's timeout, when a request has met the last fault."""

    def end(*_signal: object) -> t.NoReturn:
        (limit,) = _in_process._InProcess.time_limit
        raise limit(Origin(description="the task").tag(1))

    def watch() -> None:
        while not emulator.faults()[-1]["used"]:
            time.sleep(0.01)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)

    before = signal.signal(signal.SIGALRM, end)
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        watcher.join()
        signal.signal(signal.SIGALRM, before)


TIMED_OUT = "Ansible ended the task because of its timeout. "


def test_a_timeout_before_a_change_reports_that_nothing_was_changed(
    run_task: Runner, options: Result, emulator: Emulator
) -> None:
    emulator.fault({"kind": "late", "seconds": 5})
    with time_limit_at_a_fault(emulator):
        result = run_task(options)
    assert (result["failed"], result["changed"], result["status"]) == (True, False, None)
    assert result["msg"] == f"{TIMED_OUT}Nothing was changed."
    assert result["timedout"] == {"period": 1}
    assert [record["method"] for record in emulator.requests()] == ["GET"]
    assert _in_process._shared_clients.cache_info().currsize == 0


def test_a_timeout_during_a_change_reports_that_its_result_is_unknown(
    run_task: Runner, options: Result, emulator: Emulator
) -> None:
    run_task(options)
    emulator.fault({"kind": "late", "seconds": 5}, method="POST")
    with time_limit_at_a_fault(emulator):
        result = run_task({**options, "unique_name": "late"})
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["msg"].startswith(f"{TIMED_OUT}A request to create the Service 'late' had been sent. It is not known")
    # A change of an earlier item of a loop does not count for this one.
    run_task({**options, "unique_name": "another"})
    emulator.fault({"kind": "late", "seconds": 5}, method="GET")
    with time_limit_at_a_fault(emulator):
        assert run_task(options)["changed"] is False


def test_retries_are_shown_at_once_and_masked(
    run_task: Runner, options: Result, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown_lines: list[str] = []
    monkeypatch.setattr(Display, "v", lambda _display, msg, host=None: shown_lines.append(f"<{host}> {msg}"))
    busy = {"kind": "answer", "status": 503, "json": {"code": 20503, "message": f"Busy {emulator.auth_token}"}}
    emulator.fault(busy)
    run_task(options)
    assert len(shown_lines) == 1
    assert re.fullmatch(r"<here> Retry 1 in 0\.\d seconds: cannot list the Services: Busy \*+", shown_lines[0])
    emulator.fault(busy)
    assert "warnings" not in run_task(options, no_log=True)
    assert len(shown_lines) == 1


def test_an_interrupt_is_raised_and_undoes_environment_and_connections(
    run_task: Runner, options: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_task(options)
    assert _in_process._shared_clients.cache_info().currsize == 1
    before = dict(os.environ)

    def perform(_call: t.Any) -> t.NoReturn:
        raise Interrupt

    task = type(service.TASK)(service.TASK.options, service.TASK.rules, perform)
    monkeypatch.setattr(action.ActionModule, "proxy_task", task)
    with pytest.raises(Interrupt):
        run_task(options, environment={"NUMBER": "1"})
    assert _in_process._shared_clients.cache_info().currsize == 0
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("variables", "keywords", "reason"),
    [
        ({"twilio_proxy_in_process": False}, {}, "twilio_proxy_in_process is false"),
        ({"twilio_proxy_in_process": trust_as_template("{{ 1 == 2 }}")}, {}, "twilio_proxy_in_process is false"),
        ({}, {"async": 10}, "async is used"),
        ({}, {"environment": {"A B": "x"}}, "the keyword environment sets a variable that only a new process reads"),
        ({}, {"environment": {"": "x"}}, "the keyword environment sets a variable that only a new process reads"),
        (
            {},
            {"environment": {"PYTHONPATH": "x"}},
            "the keyword environment sets a variable that only a new process reads",
        ),
        (
            {},
            {"environment": {"LD_PRELOAD": "x"}},
            "the keyword environment sets a variable that only a new process reads",
        ),
        (
            {},
            {"environment": {"OPENSSL_CONF": "x"}},
            "the keyword environment sets a variable that only a new process reads",
        ),
        ({"ansible_python_interpreter": "/usr/bin/another"}, {}, "another Python interpreter is configured"),
        (
            {"ansible_python_interpreter": trust_as_template("{{ there }}"), "there": "/x/python3"},
            {},
            "another Python interpreter is configured",
        ),
        (
            {"ansible_delegated_vars": {"there": {"ansible_python_interpreter": "/x/python3"}}},
            {"delegate_to": "there"},
            "another Python interpreter is configured",
        ),
    ],
)
def test_tasks_that_run_the_module(
    variables: t.Mapping[str, t.Any], keywords: t.Mapping[str, t.Any], reason: str, run_task: Runner, options: Result
) -> None:
    assert run_task(options, {**HOST, **variables}, **keywords) == BY_MODULE
    assert run_task.lines == [f"<here> {NAME} runs as a module, because {reason}."]


@pytest.mark.parametrize(
    ("variables", "keywords"),
    [
        ({"twilio_proxy_in_process": "yes"}, {}),
        (
            {"ansible_python_interpreter": trust_as_template("{{ this }}"), "this": sys.executable},
            {},
        ),
        ({"ansible_python_interpreter": "auto_silent"}, {}),
        ({"ansible_python_interpreter": ""}, {}),
        (
            {
                "ansible_python_interpreter": "/x/python3",
                "ansible_delegated_vars": {"there": {"ansible_python_interpreter": sys.executable}},
            },
            {"delegate_to": "there"},
        ),
    ],
)
def test_tasks_that_run_in_process(
    variables: t.Mapping[str, t.Any], keywords: t.Mapping[str, t.Any], run_task: Runner, options: Result
) -> None:
    assert run_task(options, {**HOST, **variables}, **keywords)["service"]["unique_name"] == "rides"


def test_other_paths_of_the_same_interpreter_are_recognised(
    run_task: Runner, options: Result, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = Path(sys.executable).parent
    other_name = next(
        path.name for path in sorted(folder.glob("python3.*")) if path.resolve().name == path.resolve().name
    )
    assert run_task(options, {**HOST, "ansible_python_interpreter": str(folder / other_name)}) != BY_MODULE
    monkeypatch.setenv("PATH", str(folder))
    assert run_task(options, {**HOST, "ansible_python_interpreter": Path(sys.executable).name}) != BY_MODULE
    # A link to this virtual environment leads to the same libraries, a link to its program does not.
    (tmp_path / "environment").symlink_to(folder.parent)
    linked = tmp_path / "environment" / folder.name / Path(sys.executable).name
    assert run_task(options, {**HOST, "ansible_python_interpreter": str(linked)}) != BY_MODULE
    (tmp_path / "python3").symlink_to(sys.executable)
    assert run_task(options, {**HOST, "ansible_python_interpreter": str(tmp_path / "python3")}) == BY_MODULE


def test_become_and_other_connections_run_the_module(
    run_task: Runner, options: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_task.connection, "become", object())
    assert run_task(options) == BY_MODULE
    assert run_task.lines[0].endswith("because become is used.")
    monkeypatch.setattr(run_task.connection, "transport", "ssh")
    assert run_task(options) == BY_MODULE
    assert run_task.lines[0].endswith("because the connection is not local.")


def test_keeping_the_files_of_modules_runs_the_module(
    run_task: Runner, options: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    get_value = constants.config.get_config_value
    monkeypatch.setattr(
        constants.config,
        "get_config_value",
        lambda name, **more: True if name == "DEFAULT_KEEP_REMOTE_FILES" else get_value(name, **more),
    )
    assert run_task(options) == BY_MODULE
    assert run_task.lines[0].endswith("because DEFAULT_KEEP_REMOTE_FILES is set.")


def test_macos_runs_the_module(run_task: Runner, options: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert run_task(options) == BY_MODULE
    assert run_task.lines[0].endswith("because the controller runs on macOS.")


def test_an_untested_ansible_core_runs_the_module(
    run_task: Runner, options: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_in_process, "_CORE", "2.99")
    assert run_task(options) == BY_MODULE
    assert run_task.lines[0].endswith("with ansible-core 2.99.")


def test_an_untested_ansible_core_may_lack_all_private_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible.release.__version__", "2.99.0")
    for private in ("ansible._internal._errors._task_timeout", ansibles_json.__name__):
        monkeypatch.setitem(sys.modules, private, None)
    assert runpy.run_path(_in_process.__file__)["_TIME_LIMIT"] == ()


def test_a_module_that_exits_ends_no_worker_process(
    run_task: Runner, options: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_in_process._InProcess, "exit_json", lambda _module, **_result: sys.exit(0))
    with pytest.raises(AnsibleActionFail, match=r"Set twilio_proxy_in_process to false\. It is not known"):
        run_task(options)


def test_an_environment_variable_that_cannot_be_set_undoes_the_others(run_task: Runner, options: Result) -> None:
    before = dict(os.environ)
    with pytest.raises(ValueError, match="null"):
        run_task(options, environment={"TWILIO_AUTH_TOKEN": "wrong", "OTHER": "a\0b"})
    assert dict(os.environ) == before


def test_warnings_of_ansible_itself_are_returned_too(
    run_task: Runner, options: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = _in_process._InProcess._end
    monkeypatch.setattr(
        _in_process._InProcess, "_end", lambda module, result: end(module, {**result, "warnings": ["of Ansible"]})
    )
    assert len(run_task({**options, "validate_certs": False})["warnings"]) == 2


def test_a_missing_library_runs_the_module(run_task: Runner, options: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "ansible_collections.twilio.proxy.plugins.module_utils._task.REQUESTS_ERROR",
        ImportError("No module named 'requests'"),
    )
    assert run_task(options) == BY_MODULE
    assert run_task.lines[0].endswith("because the Python library requests is missing.")


@pytest.mark.parametrize(
    ("value", "runs_in_process"), [("false", False), ("no", False), ("0", False), ("true", True), ("", True)]
)
def test_an_environment_variable_switches_in_process_execution_off(
    value: str, runs_in_process: bool, run_task: Runner, options: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_PROXY_IN_PROCESS", value)
    assert (run_task(options) != BY_MODULE) == runs_in_process
    # The variable of the task takes precedence.
    assert run_task(options, {**HOST, "twilio_proxy_in_process": True}) != BY_MODULE


def test_a_switch_that_is_no_boolean_is_refused(
    run_task: Runner, options: Result, monkeypatch: pytest.MonkeyPatch, emulator: Emulator
) -> None:
    monkeypatch.setenv("TWILIO_PROXY_IN_PROCESS", "maybe")
    rule = "is not true or false. No request was sent."
    with pytest.raises(AnsibleActionFail, match=f"^TWILIO_PROXY_IN_PROCESS: 'maybe' {rule}"):
        run_task(options)
    with pytest.raises(AnsibleActionFail, match=f"^twilio_proxy_in_process: 'perhaps' {rule}"):
        run_task(options, {**HOST, "twilio_proxy_in_process": "perhaps"})
    assert emulator.services() == []


class AnsibleJSONEncoder(json.JSONEncoder):
    """Takes the arguments of the encoder of ansible-core 2.17."""

    def __init__(self, vault_to_text: bool, **more: t.Any) -> None:
        super().__init__(**more)
        assert vault_to_text


def test_an_older_ansible_core_has_one_json_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible.release.__version__", "2.17.1")
    older = types.ModuleType(ansibles_json.__name__)
    monkeypatch.setattr(older, "AnsibleJSONEncoder", AnsibleJSONEncoder, raising=False)
    monkeypatch.setitem(sys.modules, ansibles_json.__name__, older)
    executor = types.ModuleType("ansible.executor.task_executor")
    monkeypatch.setattr(executor, "TaskTimeoutError", Interrupt, raising=False)
    monkeypatch.setitem(sys.modules, executor.__name__, executor)
    found = runpy.run_path(_in_process.__file__)
    assert found["_PROFILE"] == ()
    assert json.loads(found["_written_by_module"](json.loads(found["_written_for_module"]({"a": [1]})))) == {"a": [1]}


def test_an_older_ansible_core_ends_a_module_in_jsonify(
    run_task: Runner, options: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = _in_process._InProcess
    monkeypatch.setattr(older, "_record_module_result", lambda module, o: print(older.jsonify(module, o)))
    assert run_task(options)["changed"] is True
