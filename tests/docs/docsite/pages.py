# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides as pages of a site of Ansible's: which there are, what they are called, and where their links lead.

    python -m ansible_collections.twilio.proxy.tests.docs.docsite.pages FOLDER

writes docs/docsite/rst/ and docs/docsite/extra-docs.yml of the checkout that is in FOLDER.
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

#: The list of all guides. What it says is what extra-docs.yml says.
INDEX = "docs/README.md"
RST = "docs/docsite/rst"
SECTIONS = "docs/docsite/extra-docs.yml"
#: Where plugins are in the collection, and what antsibull-docs calls their kind.
KINDS = {"plugins/modules/*.py": "module", "plugins/filter/*.py": "filter", "roles/*": "role"}
HEADER = """\
Copyright (c) 2026, The twilio.proxy Authors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
"""
MADE = "Made of {source} by `make docs`. Change that one."


class Broken(Exception):
    """A link leads nowhere, or a guide is not in the list of guides."""


class Section(t.NamedTuple):
    """A part of the list of guides: its title, and the files in it, such as docs/guide.md."""

    title: str
    guides: list[str]


class Site:
    """The pages that the guides of a checkout make. Reads, and writes nothing."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout
        galaxy = yaml.safe_load(self.text("galaxy.yml"))
        self.collection = f"{galaxy['namespace']}.{galaxy['name']}"
        self.repository = str(galaxy["repository"])

    def text(self, name: str) -> str:
        return (self.checkout / name).read_text(encoding="utf-8")

    @functools.cached_property
    def sections(self) -> list[Section]:
        """The list of guides. Raises Broken unless each guide is in it, and once."""
        found: list[Section] = []
        for node in parse(self.text(INDEX)).children:
            if node.type == "heading" and node.tag == "h2":
                found.append(Section(plain(node), []))
            elif node.type == "bullet_list" and found:
                links = [next(each for each in item.walk() if each.type == "link") for item in node.children]
                found[-1].guides.extend(f"docs/{link.attrs['href']}" for link in links)
        listed = sorted(guide for section in found for guide in section.guides)
        there = sorted(f"docs/{path.name}" for path in self.checkout.glob("docs/*.md") if path.name != "README.md")
        if listed != there:
            raise Broken(f"{INDEX} has to name each guide once. It names {listed}, and there are {there}.")
        return found

    @functools.cached_property
    def plugins(self) -> dict[str, str]:
        """The kind of each plugin, by its full name."""
        places = ((path, kind) for pattern, kind in KINDS.items() for path in self.checkout.glob(pattern))
        return {f"{self.collection}.{path.stem}": kind for path, kind in places}

    def label(self, guide: str, name: str = "") -> str:
        """The label of a guide, or of one of its headings."""
        parts = ["ansible_collections", self.collection, "docsite", page(guide), *filter(None, [name])]
        return ".".join(parts)

    def anchors(self, guide: str) -> frozenset[str]:
        """The anchors of a guide's headings."""
        headings = (node for node in parse(self.text(guide)).children if node.type == "heading")
        return frozenset(anchor(plain(node)) for node in headings)

    def files(self) -> dict[str, str]:
        """What docs/docsite holds that is made of the guides: the text of each file, by its path in the checkout."""
        made = {SECTIONS: self._sections_file()}
        for section in self.sections:
            for guide in section.guides:
                comment = HEADER + "\n" + MADE.format(source=guide)
                lines = (f"  {line}".rstrip() for line in comment.splitlines())
                head = "\n".join(["..", *lines, "", ""])
                try:
                    made[f"{RST}/{page(guide)}.rst"] = head + Writer(Links(self, guide)).document(self.text(guide))
                except Unsupported as problem:
                    raise Broken(f"{guide} has {problem}. tests/docs/docsite/rst.py cannot write that.") from problem
        return made

    def _sections_file(self) -> str:
        comment = "".join(f"# {line}\n" for line in HEADER.splitlines())
        sections = [{"title": each.title, "toctree": list(map(page, each.guides))} for each in self.sections]
        dumped = yaml.dump({"sections": sections}, Dumper=Indented, sort_keys=False)
        return f"{comment}\n# {MADE.format(source=INDEX)}\n---\n{dumped}"


class Indented(yaml.SafeDumper):
    """YAML as yamllint wants it: lists are indented."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)


class Links:
    """Where the links of one guide lead. Raises Broken for those that lead nowhere."""

    def __init__(self, site: Site, guide: str) -> None:
        self._site = site
        self._guide = guide

    def label(self, name: str) -> str:
        return self._site.label(self._guide, name)

    def code(self, text: str) -> str | None:
        kind = self._site.plugins.get(text)
        return kind and f":ansplugin:`{text}#{kind}`"

    def image(self, target: str) -> str:
        """The picture itself: a site of Ansible's takes no files but those of reStructuredText."""
        path = self._site.checkout / self._path(target)
        if path.suffix != ".svg" or not path.is_file():
            raise Broken(f"{self._guide}: {target} is no SVG that is there")
        return "data:image/svg+xml;base64," + base64.b64encode(path.read_bytes()).decode("ascii")

    def link(self, title: str, target: str) -> str:
        place, _hash, name = target.partition("#")
        if "://" in place:
            return target if title == target else f"`{as_title(title)} <{target}>`__"
        path = self._path(place) if place else self._guide
        if name and name not in self._site.anchors(path):
            raise Broken(f"{self._guide}: there is no {target}")
        return self._inside(title, path, name)

    def _inside(self, title: str, path: str, name: str) -> str:
        """A link to something in the checkout: a page if it has one, or else the file in the repository."""
        site = self._site
        if path in ("README.md", INDEX):
            return f":ref:`{as_title(title)} <plugins_in_{site.collection}>`"
        if any(path in section.guides for section in site.sections):
            return f":ref:`{as_title(title)} <{site.label(path, name)}>`"
        role = PurePosixPath(path).parent.name
        if path == f"roles/{role}/README.md":
            return f":ansplugin:`{as_title(title)} <{site.collection}.{role}#role>`"
        if not (site.checkout / path).exists():
            raise Broken(f"{self._guide}: there is no {path}")
        return f"`{as_title(title)} <{site.repository}/blob/main/{path}{'#' + name if name else ''}>`__"

    def _path(self, target: str) -> str:
        """A path as seen from the top of the checkout."""
        return os.path.normpath(PurePosixPath(self._guide).parent / target)


def page(guide: str) -> str:
    """The name of the page that a guide makes."""
    return PurePosixPath(guide).stem.lower()


def write(checkout: Path) -> None:
    """Writes what is made of the guides, and removes what was made of one that is gone."""
    made = Site(checkout).files()
    for path in (checkout / RST).glob("**/*.rst"):
        if path.relative_to(checkout).as_posix() not in made:
            path.unlink()
    (checkout / RST).mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (checkout / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    try:
        write(Path(sys.argv[1]))
    except Broken as problem:
        sys.exit(str(problem))
