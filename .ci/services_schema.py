# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON Schema of a services file as it is published: with its address and a description of each option."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import yaml

FILE = "docs/schemas/services.schema.json"
MARKUP = re.compile(r"\b[A-Z]+\(([^)]*)\)")

Docs = t.Mapping[str, t.Any]


def published_schema(collection: Path, services_file: t.Any, suboptions: Docs) -> str:
    """Return the text of FILE. ``services_file`` is the module of that name, ``suboptions`` document its options."""
    repository = yaml.safe_load((collection / "galaxy.yml").read_text(encoding="utf-8"))["repository"]
    place = repository.replace("https://github.com/", "https://raw.githubusercontent.com/")
    schema = services_file.services_schema()
    services = properties_of(schema["properties"][services_file.SERVICES_KEY])
    describe(services, suboptions)
    describe(properties_of(services[services_file.POOL]), suboptions[services_file.POOL]["suboptions"])
    published = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"{place}/main/{FILE}",
        "title": "Services file of Twilio Proxy",
        "description": "What the role twilio.proxy.apply applies and the role twilio.proxy.export writes.",
        **schema,
    }
    return json.dumps(published, indent=2, ensure_ascii=False) + "\n"


def properties_of(schema: Docs) -> dict[str, t.Any]:
    """Return the schemas of what the entries of a list hold, from the schema of the list."""
    return t.cast("dict[str, t.Any]", schema["else"]["items"]["else"]["properties"])


def describe(properties: dict[str, t.Any], documented: Docs) -> None:
    """Put the first sentence of each option's documentation before what its value must be."""
    for name, schema in properties.items():
        text = MARKUP.sub(r"\1", documented[name]["description"][0])
        schema["description"] = f"{text.partition('. ')[0].rstrip('.')}. {schema['description']}"
