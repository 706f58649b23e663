# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of AWX's API that its command line and the modules of awx.awx need to create the objects of the kit.

Its fields are the documented options of the modules. It rejects invalid requests as AWX does.
"""

from __future__ import annotations

import json
import threading
import typing as t
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ansible_collections.twilio.proxy.tests.awx.rules import credential_type_problems, survey_problems

Json = t.Any
Fields = t.Mapping[str, t.Mapping[str, t.Any]]

V2 = "/api/v2/"
#: The kinds of objects in the kit, and the module for each.
MODULES = {
    "credential_types": "credential_type",
    "execution_environments": "execution_environment",
    "projects": "project",
    "inventories": "inventory",
    "hosts": "host",
    "job_templates": "job_template",
}
#: Further kinds that awxkit expects.
OTHER_KINDS = (
    "applications",
    "credentials",
    "inventory_sources",
    "notification_templates",
    "organizations",
    "schedules",
    "system_job_templates",
    "teams",
    "users",
    "workflow_job_templates",
)
#: Fields that refer to another object, and the kind of that object.
REFERENCES = {
    "organization": "organizations",
    "inventory": "inventories",
    "project": "projects",
    "execution_environment": "execution_environments",
    "default_environment": "execution_environments",
}
#: Options of modules that are no fields of AWX.
NO_FIELDS = {"state", "new_name", "copy_from", "wait", "interval", "update_project", "survey_spec"}
#: Fields that a module sends and AWX does not let anybody write.
READ_ONLY = {"credential_types": {"managed"}, "job_templates": {"organization"}}


class RequestError(Exception):
    """The request is rejected with this status."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class Controller:
    """A context manager for a server on a free port. ``options`` are the documented options of MODULES."""

    def __init__(self, options: t.Mapping[str, Fields], playbooks: t.Collection[str], token: str) -> None:
        self.token = token
        self.rejected: list[str] = []
        self._playbooks = playbooks
        self._fields = {
            kind: {
                name: spec
                for name, spec in options[module].items()
                if name not in NO_FIELDS and name not in READ_ONLY.get(kind, ())
            }
            for kind, module in MODULES.items()
        }
        self._objects: dict[str, list[dict[str, Json]]] = {kind: [] for kind in (*MODULES, *OTHER_KINDS)}
        self._objects["organizations"].append({"id": 1, "name": "Default"})
        self._surveys: dict[int, Json] = {}
        controller = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                controller._handle(self)

            do_POST = do_PUT = do_PATCH = do_OPTIONS = do_GET  # noqa: N815 - as http.server calls them

            def log_message(self, format: str, *args: t.Any) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Controller:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make the programs use this server."""
        host = f"http://127.0.0.1:{self._server.server_address[1]}"
        return {"CONTROLLER_HOST": host, "CONTROLLER_OAUTH_TOKEN": self.token}

    def state(self) -> dict[str, Json]:
        """Return all objects by kind and name, with names instead of IDs, and with their surveys."""
        found: dict[str, Json] = {}
        for kind in MODULES:
            for item in self._objects[kind]:
                fields = {name: self._name(name, value) for name, value in item.items() if name != "id"}
                if kind == "job_templates":
                    fields["survey_spec"] = self._surveys.get(item["id"])
                found.setdefault(kind, {})[item["name"]] = fields
        return found

    def _name(self, field: str, value: Json) -> Json:
        if field not in REFERENCES:
            return value
        return next(item["name"] for item in self._objects[REFERENCES[field]] if item["id"] == value)

    def _handle(self, request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers.get("Content-Length") or 0)
        body = json.loads(request.rfile.read(length) or b"{}")
        try:
            status, answer = self._response(request, body)
        except RequestError as error:
            self.rejected.append(str(error))
            status, answer = error.status, {"detail": str(error), "error": str(error)}
        body = json.dumps(answer).encode()
        request.send_response(status)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Allow": "GET, POST, OPTIONS"}
        for name, value in {**headers, "X-API-Product-Name": "AWX", "X-API-Product-Version": "24.6.1"}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    def _response(self, request: BaseHTTPRequestHandler, body: dict[str, Json]) -> tuple[int, Json]:
        path, _mark, query = request.path.partition("?")
        if path == "/api/":
            return 200, {"available_versions": {"v2": V2}, "current_version": V2}
        if path == V2:
            # Only this kind has a name that differs from its path.
            return 200, {"inventory" if kind == "inventories" else kind: f"{V2}{kind}/" for kind in self._objects}
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise RequestError(401, "the token is wrong")
        kind, *rest = path.removeprefix(V2).strip("/").split("/")
        if kind not in self._objects:
            raise RequestError(404, f"there is no {path}")
        if rest and rest[1:] == ["hosts"]:
            # The hosts of an inventory.
            kind, query, rest = "hosts", urllib.parse.urlencode({"inventory": rest[0]}), []
        if request.command == "OPTIONS":
            return 200, {"actions": {"POST": self._field_types(kind)}, "search_fields": ["name"]}
        if rest[1:] == ["survey_spec"]:
            return 200, self._survey(int(rest[0]), body if request.command == "POST" else None)
        if rest[1:]:
            return 200, {"count": 0, "next": None, "previous": None, "results": []}
        if request.command == "GET":
            return 200, self._representation(kind, self._find(kind, rest[0])) if rest else self._list(kind, query)
        if request.command == "POST":
            item = {"id": len(self._objects[kind]) + 1, **self._validated(kind, body, None)}
            self._objects[kind].append(item)
            return 201, self._representation(kind, item)
        item = self._find(kind, rest[0])
        item.update(self._validated(kind, body, item))
        return 200, self._representation(kind, item)

    def _survey(self, template: int, body: Json) -> Json:
        if body is None:
            return self._surveys.get(template, {})
        problems = survey_problems(body)
        if problems:
            raise RequestError(400, "; ".join(problems))
        self._surveys[template] = body
        return {}

    def _field_types(self, kind: str) -> dict[str, Json]:
        return {
            name: {"type": "id" if name in REFERENCES else spec["type"], "required": spec.get("required", False)}
            for name, spec in self._fields.get(kind, {}).items()
        }

    def _validated(self, kind: str, body: dict[str, Json], item: dict[str, Json] | None) -> dict[str, Json]:
        """Return the fields to store. A field without a value counts as not given."""
        ignored = READ_ONLY.get(kind, ())
        given = {name: value for name, value in body.items() if value is not None and name not in ignored}
        problems = [f"{name} is not a field of {kind}" for name in given if name not in self._fields.get(kind, {})]
        problems += [
            f"{name}: there is no {value}"
            for name, value in given.items()
            if name in REFERENCES and not any(other["id"] == value for other in self._objects[REFERENCES[name]])
        ]
        if item is None and any(other["name"] == given["name"] for other in self._objects[kind]):
            problems.append(f"{given['name']} already exists")
        if kind == "credential_types":
            problems += credential_type_problems({**(item or {}), **given})
        if kind == "job_templates" and given.get("playbook") not in self._playbooks:
            problems.append(f"the project has no playbook {given.get('playbook')}")
        if problems:
            raise RequestError(400, "; ".join(problems))
        return given

    def _find(self, kind: str, given: str) -> dict[str, Json]:
        for item in self._objects[kind]:
            if str(item["id"]) == given:
                return item
        raise RequestError(404, f"there is no {given} of {kind}")

    def _list(self, kind: str, query: str) -> Json:
        wanted = dict(urllib.parse.parse_qsl(query))
        # The page size is no filter.
        wanted.pop("page_size", None)
        found = [
            self._representation(kind, item)
            for item in self._objects[kind]
            if all(str(self._representation(kind, item).get(name)) == value for name, value in wanted.items())
        ]
        return {"count": len(found), "next": None, "previous": None, "results": found}

    def _representation(self, kind: str, item: dict[str, Json]) -> dict[str, Json]:
        url = f"{V2}{kind}/{item['id']}/"
        related = {name: f"{V2}{REFERENCES[name]}/{value}/" for name, value in item.items() if name in REFERENCES}
        shown = {"type": kind[:-1], "url": url, "summary_fields": {}, **item}
        if kind == "credential_types":
            shown["managed"] = False
        if kind == "inventories":
            shown = {"kind": "", "host_filter": None, **shown, "type": "inventory"}
            related["hosts"] = f"{url}hosts/"
        if kind == "projects":
            shown |= {"status": "successful", "scm_revision": ""}
        if kind == "job_templates":
            project = self._find("projects", str(item["project"]))
            shown["organization"] = project["organization"]
            related |= {"organization": f"{V2}organizations/1/", "survey_spec": f"{url}survey_spec/"}
        return {**shown, "related": related}
