# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides as pages for Ansible's documentation site: their files, their labels and their links.

    python -m ansible_collections.twilio.proxy.tests.docs.docsite.pages FOLDER

writes docs/docsite/rst/ and docs/docsite/extra-docs.yml of the checkout in FOLDER.
"""

from __future__ import annotations

import base64
import functools
import os
import sys
import typing as t
from pathlib import Path, PurePosixPath

import yaml

from ansible_collections.twilio.proxy.tests.docs.docsite.rst import Unsupported, Writer, anchor, as_title, parse, plain

#: The list of all guides. extra-docs.yml is generated from it.
INDEX = "docs/README.md"
RST = "docs/docsite/rst"
SECTIONS = "docs/docsite/extra-docs.yml"
#: The files of plugins, and the name of their kind in antsibull-docs.
KINDS = {"plugins/modules/*.py": "module", "plugins/filter/*.py": "filter", "roles/*": "role"}
HEADER = """\
Copyright (c) 2026, The twilio.proxy Authors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
"""
GENERATED = "Generated from {source} by `make docs`. Edit that file."


class SiteError(Exception):
    """A link has no target, or a guide is not in the list of guides."""


class Section(t.NamedTuple):
    """A part of the list of guides: its title, and the files in it, such as docs/guide.md."""

    title: str
    guides: list[str]


class Site:
    """The pages of the guides of a checkout. It only reads."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout
        galaxy = yaml.safe_load(self.text("galaxy.yml"))
        self.collection = f"{galaxy['namespace']}.{galaxy['name']}"
        self.repository = str(galaxy["repository"])

    def text(self, name: str) -> str:
        return (self.checkout / name).read_text(encoding="utf-8")

    @functools.cached_property
    def sections(self) -> list[Section]:
        """The list of guides. Raises SiteError unless each guide is in it once."""
        found: list[Section] = []
        for node in parse(self.text(INDEX)).children:
            if node.type == "heading" and node.tag == "h2":
                found.append(Section(plain(node), []))
            elif node.type == "bullet_list" and found:
                links = [next(child for child in item.walk() if child.type == "link") for item in node.children]
                found[-1].guides.extend(f"docs/{link.attrs['href']}" for link in links)
        listed = sorted(guide for section in found for guide in section.guides)
        existing = sorted(f"docs/{path.name}" for path in self.checkout.glob("docs/*.md") if path.name != "README.md")
        if listed != existing:
            raise SiteError(f"{INDEX} has to name each guide once. It names {listed}, and the guides are {existing}.")
        return found

    @functools.cached_property
    def plugins(self) -> dict[str, str]:
        """The kind of each plugin, by its full name."""
        files = ((path, kind) for pattern, kind in KINDS.items() for path in self.checkout.glob(pattern))
        return {f"{self.collection}.{path.stem}": kind for path, kind in files}

    def label(self, guide: str, name: str = "") -> str:
        """Return the label of a guide, or of one of its headings."""
        parts = ["ansible_collections", self.collection, "docsite", page(guide), *filter(None, [name])]
        return ".".join(parts)

    def anchors(self, guide: str) -> frozenset[str]:
        """Return the anchors of a guide's headings."""
        headings = (node for node in parse(self.text(guide)).children if node.type == "heading")
        return frozenset(anchor(plain(node)) for node in headings)

    def files(self) -> dict[str, str]:
        """Return the generated files of docs/docsite: the text of each, by its path in the checkout."""
        generated = {SECTIONS: self._sections_file()}
        for section in self.sections:
            for guide in section.guides:
                comment = HEADER + "\n" + GENERATED.format(source=guide)
                lines = (f"  {line}".rstrip() for line in comment.splitlines())
                head = "\n".join(["..", *lines, "", ""])
                try:
                    generated[f"{RST}/{page(guide)}.rst"] = head + Writer(Links(self, guide)).document(self.text(guide))
                except Unsupported as problem:
                    raise SiteError(
                        f"{guide} has {problem}. tests/docs/docsite/rst.py does not support it."
                    ) from problem
        return generated

    def _sections_file(self) -> str:
        comment = "".join(f"# {line}\n" for line in HEADER.splitlines())
        sections = [{"title": section.title, "toctree": list(map(page, section.guides))} for section in self.sections]
        dumped = yaml.dump({"sections": sections}, Dumper=Indented, sort_keys=False)
        return f"{comment}\n# {GENERATED.format(source=INDEX)}\n---\n{dumped}"


class Indented(yaml.SafeDumper):
    """Writes YAML with indented lists, as yamllint requires."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)


class Links:
    """Resolves the links of one guide. Raises SiteError for a link without a target."""

    def __init__(self, site: Site, guide: str) -> None:
        self._site = site
        self._guide = guide

    def label(self, name: str) -> str:
        return self._site.label(self._guide, name)

    def code(self, text: str) -> str | None:
        kind = self._site.plugins.get(text)
        return kind and f":ansplugin:`{text}#{kind}`"

    def image(self, target: str) -> str:
        """Return the picture as a data URI: Ansible's site takes only files of reStructuredText."""
        path = self._site.checkout / self._path(target)
        if path.suffix != ".svg" or not path.is_file():
            raise SiteError(f"{self._guide}: {target} is not an existing SVG")
        return "data:image/svg+xml;base64," + base64.b64encode(path.read_bytes()).decode("ascii")

    def link(self, title: str, target: str) -> str:
        location, _hash, name = target.partition("#")
        if "://" in location:
            return target if title == target else f"`{as_title(title)} <{target}>`__"
        path = self._path(location) if location else self._guide
        if name and name not in self._site.anchors(path):
            raise SiteError(f"{self._guide}: there is no {target}")
        return self._inside(title, path, name)

    def _inside(self, title: str, path: str, name: str) -> str:
        """Return a link to a file in the checkout: to its page, or else to the file in the repository."""
        site = self._site
        if path in ("README.md", INDEX):
            return f":ref:`{as_title(title)} <plugins_in_{site.collection}>`"
        if any(path in section.guides for section in site.sections):
            return f":ref:`{as_title(title)} <{site.label(path, name)}>`"
        role = PurePosixPath(path).parent.name
        if path == f"roles/{role}/README.md":
            return f":ansplugin:`{as_title(title)} <{site.collection}.{role}#role>`"
        if not (site.checkout / path).exists():
            raise SiteError(f"{self._guide}: there is no {path}")
        return f"`{as_title(title)} <{site.repository}/blob/main/{path}{'#' + name if name else ''}>`__"

    def _path(self, target: str) -> str:
        """Return a target as a path relative to the checkout."""
        return os.path.normpath(PurePosixPath(self._guide).parent / target)


def page(guide: str) -> str:
    """Return the name of the page of a guide."""
    return PurePosixPath(guide).stem.lower()


def write(checkout: Path) -> None:
    """Write the generated files, and remove those of guides that no longer exist."""
    generated = Site(checkout).files()
    for path in (checkout / RST).glob("**/*.rst"):
        if path.relative_to(checkout).as_posix() not in generated:
            path.unlink()
    (checkout / RST).mkdir(parents=True, exist_ok=True)
    for name, text in generated.items():
        (checkout / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    try:
        write(Path(sys.argv[1]))
    except SiteError as problem:
        sys.exit(str(problem))
