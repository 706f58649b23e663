# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules run as Ansible runs them, in this process and against a stand-in for the wire."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible.module_utils.common import warnings as ansibles_warnings
from ansible.module_utils.testing import patch_module_args
from requests.adapters import BaseAdapter

from ansible_collections.twilio.proxy.plugins.module_utils import _client, _module
from ansible_collections.twilio.proxy.plugins.module_utils._client import Client
from ansible_collections.twilio.proxy.plugins.module_utils._connection import CONNECTION

from .wire import ACCOUNT, BASE_URL, Router, Step, Waits, Wire

ACCOUNT_OPTIONS = {"account_sid": ACCOUNT, "auth_token": "a-token", "base_url": BASE_URL}
PASSWORD_URL = "https://user:pw@example.com/status"

#: The value of an option that a task has and that is null; an option that is None is left out.
NULL = object()

Result = dict[str, t.Any]
Routes = t.Mapping[tuple[str, str], t.Sequence["Step | t.Callable[[], Step]"]]


class Module(t.Protocol):
    """The Python module of a module of ours."""

    def main(self) -> None:
        """Does what the module is for."""


class Task:
    """Runs a module with options, against a wire. ``info`` is the module that reads what the other one manages."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        module: Module,
        info: Module,
    ) -> None:
        self.wire = Wire()
        self.router = Router({})
        self.clients: list[Client] = []
        self.warnings: list[str] = []
        self.output = ""
        self._modules = {False: module, True: info}
        self._capsys = capsys
        self._adapter: BaseAdapter = self.wire
        for option in CONNECTION.values():
            if option.env:
                monkeypatch.delenv(option.env, raising=False)

        # Where another test has loaded what runs on the controller, Ansible checks a module's options as it never does
        # where a module runs.
        monkeypatch.setenv("ANSIBLE_MODULE_STRICT_UTF8_RESPONSE", "false")

        def clients(count: int, *args: t.Any, **options: t.Any) -> tuple[Client, ...]:
            new_clients = _client.clients(count, *args, **options, sleep=Waits())
            for new_client in new_clients:
                new_client._session.mount("https://", self._adapter)
            self.clients += new_clients
            return new_clients

        warn = _module.Module.warn

        def warned(module: t.Any, warning: str) -> None:
            self.warnings.append(warning)
            warn(module, warning)

        # Tests of filters make a controller of this process, where a module's warnings would be shown and not returned.
        monkeypatch.setattr("ansible.module_utils._internal.is_controller", False)
        profiles = "ansible.module_utils._internal._json._profiles"
        monkeypatch.setattr(f"{profiles}._string_encoding_check_enabled", lambda: False)
        monkeypatch.setattr(_module.Module, "clients", staticmethod(clients))
        monkeypatch.setattr(_module.Module, "warn", warned)

    def __call__(self, *steps: Step, info: bool = False, **options: t.Any) -> Result:
        """What the module says where the answers come in this order."""
        self._adapter = self.wire
        self.wire.steps[:] = steps
        self.wire.requests.clear()
        return self._run(info, options)

    def routed(self, routes: Routes, info: bool = False, **options: t.Any) -> Result:
        """What the module says where each method and path has its own answers, for several requests at once."""
        self._adapter = self.router = Router(routes)
        return self._run(info, options)

    def _run(self, info: bool, options: t.Mapping[str, t.Any]) -> Result:
        self.warnings.clear()
        # A module is a process of its own elsewhere, and has the warnings of none before it.
        ansibles_warnings._global_warnings.clear()
        arguments = {name: value for name, value in {**ACCOUNT_OPTIONS, **options}.items() if value is not None}
        arguments = {name: None if value is NULL else value for name, value in arguments.items()}
        with patch_module_args(arguments), pytest.raises(SystemExit):
            self._modules[info].main()
        self.output = self._capsys.readouterr().out
        return t.cast(Result, json.loads(self.output))


def warnings_of(result: Result) -> str:
    """The warnings, in whichever form this ansible-core hands them over."""
    return json.dumps(result.get("warnings", []))
