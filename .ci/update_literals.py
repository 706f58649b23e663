# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the literal text that Ansible wants in several files, each part from the one place that knows it.

Called by `make update`, and with --check by `make lint`, in a copy of the checkout. It writes

- the action plugins and the action group, from the names of the modules
- DERIVED_KEYS and the DERIVED sentences of options, from the argument specs and the tables
- the fields of a returned object, from its table, with the descriptions in the module about one object
- the result of a failure, from the module about the first resource
- the options and results of bulk modules that are about one object, from the module about it
- the JSON Schema of a services file, from the tables and the options of the module services

All else is written by hand and keeps its layout. Where it is missing, TODO is written, and the script fails.
"""

from __future__ import annotations

import difflib
import importlib
import os
import re
import sys
import textwrap
import typing as t
from pathlib import Path

import yaml
from services_schema import FILE, published_schema

COLLECTION = Path(__file__).resolve().parents[1]
ACTION_PLUGIN = '''\
# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module twilio.proxy.{name} inside Ansible's own process, where that is possible."""

from __future__ import annotations

from ansible_collections.twilio.proxy.plugins.modules.{name} import TASK
from ansible_collections.twilio.proxy.plugins.plugin_utils._in_process import InProcessAction


class ActionModule(InProcessAction):
    proxy_task = TASK
'''
TODO = "To be written."
CLEARS = 'V("") clears it.'
NO_VALUE = " V(null) if there is none."
#: The sentences that only this script writes. Those that no longer hold are removed.
DERIVED = re.compile(
    r'Must be .*|V\(""\) clears it\.|A new .* has V\(.*\)\.|If not given, .* E\(TWILIO_\w+\) is used\.'
)
DERIVED_KEYS = ("type", "elements", "required", "choices", "default")
LITERAL = re.compile(r'(^ *(DOCUMENTATION|RETURN) = r"""\n)(.*?)(?=^""")', re.MULTILINE | re.DOTALL)

Docs = dict[str, t.Any]
#: The literals of each module and doc fragment, by its name and theirs.
Files = dict[str, dict[str, Docs]]


def plugin(name: str) -> t.Any:
    return importlib.import_module(f"ansible_collections.twilio.proxy.plugins.{name}")


sys.path.insert(0, str(COLLECTION.parents[2]))
RESOURCES, FAILURE_KEYS = plugin("module_utils._resources").RESOURCES, plugin("module_utils._result").FAILURE_KEYS
CONNECTION, BULK = plugin("module_utils._connection"), plugin("module_utils._bulk_task")
SESSIONS = plugin("module_utils._sessions_task")
TABLES: t.Mapping[str, Docs] = {
    "_connection": CONNECTION.CONNECTION,
    "_paging": CONNECTION.PAGING,
    "_bulk": BULK.CONCURRENCY,
}


class Dumper(yaml.SafeDumper):
    """Indents lists and prefers double quotes."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - the base class passes it
        super().increase_indent(flow, indentless=False)

    def choose_scalar_style(self) -> str:
        style = str(super().choose_scalar_style())
        return '"' if style == "'" else style

    def ignore_aliases(self, data: t.Any) -> bool:  # noqa: ARG002 - the base class passes it
        return True


def dump(docs: Docs, indent: int) -> str:
    lines: list[str] = []
    text = yaml.dump(docs, Dumper=Dumper, width=sys.maxsize, sort_keys=False)
    for line in textwrap.indent(text, " " * indent).splitlines():
        inner = " " * (len(line) - len(line.lstrip()) + 2)
        lines += textwrap.wrap(line, 120, subsequent_indent=inner, break_long_words=False, break_on_hyphens=False)
    return "\n".join([*lines, ""])


def rewrite(text: str, old: Docs, new: Docs, indent: int = 0) -> str:
    """Return the YAML of a mapping with new values. What has not changed keeps its layout."""
    result, *blocks = re.split(rf"^(?={' ' * indent}\w)", text, flags=re.MULTILINE)
    written = dict(zip(old, blocks, strict=True))
    for key, value in new.items():
        first, _newline, rest = written.get(key, "").partition("\n")
        if key in old and repr(old[key]) == repr(value):  # == does not see the order of keys
            result += written[key]
        elif isinstance(value, dict) and isinstance(old.get(key), dict) and first.endswith(":"):
            result += f"{first}\n{rewrite(rest, old[key], value, indent + 2)}"
        else:
            result += dump({key: value}, indent)
    return result


def rules(row: t.Any, kind: str = "") -> list[str]:
    """Return the sentences that a row of a table gives; ``kind`` names the objects that the option is a field of."""
    env, default = getattr(row, "env", None), yaml.safe_dump(row.default).split()[0]
    return [
        *([f"Must be {row.rule.text}."] if row.rule else []),
        *([f"If not given, the environment variable E({env}) is used."] if env else []),
        *([CLEARS] if kind and row.clearable else []),
        *([f"A new {kind} has V({default})."] if kind and row.default is not None else []),
    ]


def options(docs: Docs, specs: Docs, sentences: t.Mapping[str, list[str]]) -> Docs:
    """Return the documentation of the options in an argument spec."""
    result = {}
    for name, spec in specs.items():
        own = docs.get(name, {"description": [TODO]})
        by_hand = [line for line in own["description"] if not DERIVED.fullmatch(line)]
        derived = {key: spec[key] for key in DERIVED_KEYS if key in spec}
        others = {key: value for key, value in own.items() if key not in ("description", *DERIVED_KEYS)}
        result[name] = {"description": by_hand + sentences.get(name, []), **derived, **others}
    return result


def fields(docs: Docs, resource: t.Any) -> Docs:
    """Return the documentation of the fields of a returned object."""
    result = {}
    for field in resource.fields:
        own = docs.get(field.name, {"description": TODO, "type": "", "sample": TODO})
        text = own["description"].removesuffix(NO_VALUE) + NO_VALUE * field.clearable
        result[field.name] = {**own, "description": text, "type": field.type}
    return result


def entries(docs: Docs, specs: Docs, inner: str, same: t.Callable[..., Docs], resource: t.Any, place: str) -> Docs:
    """Return the documentation of a list's entries, which have that of a field from ``same``, and lists of children."""
    children = {child.list_key: child for child in RESOURCES if child.parent is resource}
    result = {}
    for name, spec in specs.items():
        own = docs.get(name, {})
        if name in children:
            nested = (own[inner], spec["options"], inner, same, children[name], f"{place}{name}[].")
            result[name] = {**own, inner: entries(*nested)}
        elif found := same(resource, name, own, place):
            result[name] = found
    return result


def update_options(files: Files, specs: t.Mapping[str, Docs]) -> None:
    """Update the options of doc fragments and modules, except for suboptions."""
    every = {name: spec for module in specs.values() for name, spec in module.items()}
    tables = (*TABLES.values(), BULK.PRUNING, SESSIONS.FILTERS, SESSIONS.LIMIT)
    sentences = {name: rules(row) for table in tables for name, row in table.items()}
    for parent in (resource.parent for resource in RESOURCES if resource.parent):
        sentences |= {f"{parent.key}_{field.name}": rules(field) for field in parent.fields}
    for fragment in files.keys() - specs.keys():
        docs = files[fragment]["DOCUMENTATION"]
        names = TABLES.get(fragment, docs["options"])
        docs["options"] = options(docs["options"], {name: every[name] for name in names}, sentences)
    for module, spec in specs.items():
        docs = files[module]["DOCUMENTATION"]
        fragments = [files[name.split(".")[2]]["DOCUMENTATION"] for name in docs["extends_documentation_fragment"]]
        shared = {name for fragment in fragments for name in fragment["options"]}
        own = dict(sentences)
        for resource in RESOURCES:
            if module in (resource.key, f"{resource.key}_info"):
                kind = resource.name if module == resource.key else ""
                own |= {field.name: rules(field, kind) for field in resource.fields}
        docs["options"] = options(docs["options"], {name: spec[name] for name in spec if name not in shared}, own)


def update_copies(files: Files, specs: t.Mapping[str, Docs]) -> None:
    """Update what several modules document alike: returned objects, failures, and the entries of bulk modules."""

    def option(resource: t.Any, name: str, own: Docs, place: str) -> Docs:
        """Return the documentation of a suboption: that of the option, with its place in references to others."""
        docs = files[resource.key]["DOCUMENTATION"]["options"].get(name)
        if docs is None:  # an option of lists only
            return own or {"description": [TODO]}
        return {**docs, "description": [line.replace("O(", f"O({place}") for line in docs["description"]]}

    def value(resource: t.Any, name: str, own: Docs, _place: str) -> Docs:
        """Return the documentation of a value in a list that can be applied: there, no value is an empty string."""
        docs = files[resource.key]["RETURN"][resource.key]["contains"].get(name)
        if docs is None or (name == "sid" and not own):
            return {}
        row = resource.field(name)
        optional = row.clearable or row.default is not None
        returned = {"returned": f"if it differs from a new {resource.name}'s, or with O(full=true)"} if optional else {}
        by_hand = {key: text for key, text in own.items() if text != TODO}
        derived = {"description": docs["description"].removesuffix(NO_VALUE), "type": docs["type"]}
        layout = own or {"description": TODO, **returned}
        return {**layout, **docs, **returned, **by_hand, **derived}  # in the order of what is there

    for resource in RESOURCES:
        contains: Docs = {}
        for module, key in ((resource.key, resource.key), (f"{resource.key}_info", resource.list_key)):
            if module in files:
                docs = files[module]["RETURN"].setdefault(key, {"description": TODO})
                docs["contains"] = contains = fields(contains or docs.get("contains", {}), resource)
    failure = {key: files[RESOURCES[0].key]["RETURN"].get(key, {"description": TODO}) for key in FAILURE_KEYS}
    for module in specs:
        docs = files[module]["RETURN"]
        files[module]["RETURN"] = {**{key: docs[key] for key in docs if key not in FAILURE_KEYS}, **failure}
    for resource in (resource for resource in RESOURCES if resource.list_key in files):
        error = files[resource.list_key]["RETURN"][resource.list_key]["contains"]["error"]["contains"]
        for name, docs in failure.items():
            error[name] = {part: text for part, text in docs.items() if part != "returned"}
    for resource in (resource for resource in RESOURCES if resource.list_key in specs.get(resource.list_key, {})):
        key, spec = resource.list_key, specs[resource.list_key][resource.list_key]["options"]
        docs = files[key]["DOCUMENTATION"]["options"][key]
        docs["suboptions"] = entries(docs["suboptions"], spec, "suboptions", option, resource, f"{key}[].")
        docs = files[f"{key}_info"]["RETURN"][key]
        docs["contains"] = entries(docs["contains"], spec, "contains", value, resource, "")


def literals() -> dict[Path, str]:
    """Return the text that each file should have, "" for a file that should not be there."""
    paths = [
        path for folder in ("doc_fragments", "modules") for path in sorted(COLLECTION.glob(f"plugins/{folder}/*.py"))
    ]
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    files = {path.stem: {m[2]: yaml.safe_load(m[3]) for m in LITERAL.finditer(text)} for path, text in texts.items()}
    modules = [path.stem for path in paths if path.parent.name == "modules"]
    specs = {name: plugin(f"modules.{name}").TASK.options for name in modules}
    update_options(files, specs)
    update_copies(files, specs)
    for path, text in texts.items():
        for before, name, old in LITERAL.findall(text):
            new = rewrite(old, yaml.safe_load(old), files[path.stem][name])
            texts[path] = texts[path].replace(before + old, before + new)
    suboptions = files["services"]["DOCUMENTATION"]["options"]["services"]["suboptions"]
    texts[COLLECTION / FILE] = published_schema(COLLECTION, plugin("module_utils._services_file"), suboptions)
    texts |= dict.fromkeys(COLLECTION.glob("plugins/action/*.py"), "")
    texts |= {COLLECTION / f"plugins/action/{name}.py": ACTION_PLUGIN.format(name=name) for name in modules}
    runtime = COLLECTION / "meta/runtime.yml"
    head, group, _names = runtime.read_text(encoding="utf-8").partition("  proxy:\n")
    return {**texts, runtime: head + group + "".join(f"    - {name}\n" for name in modules)}


def main(*, check: bool) -> int:
    problems = []
    todo: dict[str, list[str]] = {}
    for path, text in literals().items():
        name = str(path.relative_to(COLLECTION))
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        target = Path(os.environ["CHECKOUT"], name)
        for line in difflib.unified_diff(old.splitlines(), text.splitlines(), name, name, lineterm=""):
            print(line)
        lines = [number for number, line in enumerate(text.splitlines(), 1) if TODO in line]
        todo[name] = [f'{name}:{number}: replace "{TODO}"' for number in lines]
        if text != old and check:
            problems.append(f"{name}: run `make update`")
        elif text != old and text:
            target.write_text(text, encoding="utf-8")
        elif text != old:
            target.unlink()
    # The modules about one object come first: the others have copies of their text.
    missing = [sentence for resource in RESOURCES for sentence in todo.get(f"plugins/modules/{resource.key}.py", ())]
    problems += missing or [sentence for sentences in todo.values() for sentence in sentences]
    print(*problems, sep="\n", file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
