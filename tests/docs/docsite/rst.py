# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert Markdown to reStructuredText, for Sphinx as Ansible's documentation uses it.

Only the Markdown that the guides use is supported. Anything else raises Unsupported, so that nothing is lost.
"""

from __future__ import annotations

import itertools
import re
import textwrap
import typing as t
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

UNDERLINES = "=-^\"'"
#: The lexers of Pygments for languages of fenced blocks that have another name there.
LEXERS = {"shell": "bash", "yaml": "yaml+jinja"}
WIDTH = 120

#: The characters before the start and after the end of markup. Elsewhere an escaped space is needed.
BEFORE_MARKUP = re.compile(r"[\s'\"(\[{<\-/:]$")
AFTER_MARKUP = re.compile(r"[\s'\")\]}>\-/\\:.,;!?]")
COMMENT = re.compile(r"(\s*<!--.*?-->)+\s*", re.DOTALL)
#: The start of a text that would be read as a list, a directive, a field or a line of a table.
LIKE_A_BLOCK = re.compile(r"[-+*\u2022] |[-+*\u2022]$|\w+[.)] |\(\w+\) |\.\.|:\w+:|[-=~^\"'`#+]{4,}$|\|")


class Unsupported(Exception):
    """The Markdown has an element that this converter does not support."""


class Resolver(t.Protocol):
    """Resolves references to other documents."""

    def label(self, anchor: str) -> str:
        """Return the label of a heading of this document, or of the document itself for an empty anchor."""

    def link(self, title: str, target: str) -> str:
        """Return the link for a Markdown link."""

    def code(self, text: str) -> str | None:
        """Return a link if the text is a name that has a page, or None."""

    def image(self, target: str) -> str:
        """Return the URI of a picture."""


class Piece(t.NamedTuple):
    """A part of a line: escaped plain text, or markup."""

    text: str
    markup: bool = False


def parse(markdown: str) -> SyntaxTreeNode:
    """Return the syntax tree of a document."""
    return SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(markdown))


def anchor(heading: str) -> str:
    """Return the anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def plain(node: SyntaxTreeNode) -> str:
    """Return the text of a node without markup."""
    if node.type in ("softbreak", "hardbreak"):
        return " "
    return "".join(map(plain, node.children)) if node.children else node.content


def literal(code: str) -> str:
    """Return text as a literal. Raises Unsupported if it cannot be one."""
    if not code or code != code.strip() or code.startswith("`") or code.endswith(("`", "\\")):
        raise Unsupported(f"code that is {code!r}")
    return f"``{code}``"


def escaped(text: str) -> str:
    """Escape all markup in a text."""
    text = re.sub(r"([\\*`|])", r"\\\1", text)
    return re.sub(r"_(?!\w)", r"\\_", text).replace("::", ":\\:")


def as_title(text: str) -> str:
    """Escape the title of a link."""
    return re.sub(r"([\\`<])", r"\\\1", text)


class Writer:
    """Converts one document."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._anchors: set[str] = set()

    def document(self, markdown: str) -> str:
        """Return a document in reStructuredText. Raises Unsupported, and what the resolver raises."""
        tree = parse(markdown)
        headings = [node.tag for node in tree.children if node.type == "heading"]
        if headings[:1] != ["h1"] or headings.count("h1") != 1:
            raise Unsupported("no title, or more than one")
        return "\n".join(self._blocks(tree.children)) + "\n"

    def _blocks(self, nodes: Sequence[SyntaxTreeNode]) -> list[str]:
        """Return the lines of some blocks, separated by empty lines."""
        found: list[str] = []
        for node in nodes:
            lines = self._block(node)
            if lines:
                found += [*([""] if found else []), *lines]
        return found

    def _block(self, node: SyntaxTreeNode) -> list[str]:
        write = {
            "heading": self._heading,
            "paragraph": self._paragraph,
            "bullet_list": self._list,
            "ordered_list": self._list,
            "table": self._table,
            "fence": self._fence,
            "html_block": self._comment,
        }.get(node.type)
        if write is None:
            raise Unsupported(f"a {node.type}")
        return write(node)

    def _heading(self, node: SyntaxTreeNode) -> list[str]:
        level = int(node.tag[1:])
        (inline,) = node.children
        text = self._inline(inline, links=False)
        name = "" if level == 1 else anchor(plain(inline))
        if name in self._anchors:
            raise Unsupported(f"two headings with the anchor {name!r}")
        self._anchors.add(name)
        return [f".. _{self._resolver.label(name)}:", "", text, UNDERLINES[level - 1] * len(text)]

    def _paragraph(self, node: SyntaxTreeNode) -> list[str]:
        (inline,) = node.children
        if [child.type for child in inline.children] == ["image"]:
            return self._image(inline.children[0])
        return escape_block(self._inline(inline)).split("\n")

    def _image(self, node: SyntaxTreeNode) -> list[str]:
        uri = self._resolver.image(str(node.attrs["src"]))
        first, *rest = textwrap.wrap(uri, WIDTH - 20, break_on_hyphens=False)
        return [f".. image:: {first}", *(f"   {line}" for line in rest), f"   :alt: {plain(node)}"]

    def _list(self, node: SyntaxTreeNode) -> list[str]:
        found: list[str] = []
        bodies = [self._blocks(item.children) for item in node.children]
        loose = any("" in body for body in bodies)
        for number, body in zip(itertools.count(int(node.attrs.get("start", 1))), bodies, strict=False):
            mark = f"{number}. " if node.type == "ordered_list" else "- "
            if found and loose:
                found.append("")
            found += indented(body, mark)
        return found

    def _table(self, node: SyntaxTreeNode) -> list[str]:
        rows = [row for part in node.children for row in part.children]
        found = [".. list-table::", "   :header-rows: 1", "   :widths: auto", ""]
        for row in rows:
            for number, cell in enumerate(row.children):
                text = escape_block(self._inline(cell.children[0]))
                found.append(f"   {'  ' if number else '* '}- {text}".rstrip())
        return found

    def _fence(self, node: SyntaxTreeNode) -> list[str]:
        language = node.info.strip()
        if not language:
            raise Unsupported("a block without a language")
        lines = node.content.rstrip("\n").split("\n")
        return [f".. code-block:: {LEXERS.get(language, language)}", "", *indented(lines, "   ")]

    def _comment(self, node: SyntaxTreeNode) -> list[str]:
        if not COMMENT.fullmatch(node.content):
            raise Unsupported(f"HTML: {node.content!r}")
        return []

    def _inline(self, node: SyntaxTreeNode, links: bool = True) -> str:
        return join(self._pieces(node.children, links, ""))

    def _pieces(self, nodes: Sequence[SyntaxTreeNode], links: bool, mark: str) -> Iterator[Piece]:
        for node in nodes:
            yield from self._piece(node, links, mark)

    def _piece(self, node: SyntaxTreeNode, links: bool, mark: str) -> Iterator[Piece]:
        """Convert a part of a line. Markup cannot be nested: a part of bold text is either bold or a link."""
        if node.type == "text":
            yield from mark_up(node.content, mark)
        elif node.type == "softbreak":
            yield Piece("\n")
        elif node.type == "code_inline":
            yield Piece((links and self._resolver.code(node.content)) or literal(node.content), markup=True)
        elif node.type in ("strong", "em") and not mark:
            yield from self._pieces(node.children, links, "**" if node.type == "strong" else "*")
        elif node.type == "link" and links:
            yield Piece(self._resolver.link(plain(node), str(node.attrs["href"])), markup=True)
        else:
            raise Unsupported(f"a {node.type} in this place")


def mark_up(text: str, mark: str) -> Iterator[Piece]:
    """Return text between two marks, with the surrounding spaces outside."""
    words = text.strip()
    if not mark or not words:
        yield Piece(escaped(text))
        return
    before, after = text.split(words, 1)
    yield from (Piece(before), Piece(f"{mark}{escaped(words)}{mark}", markup=True), Piece(after))


def join(pieces: t.Iterable[Piece]) -> str:
    """Join the parts of a line, separated where markup would not be recognised."""
    found, was_markup = "", False
    for text, markup in pieces:
        if not text:
            continue
        if found and ((markup and not BEFORE_MARKUP.search(found)) or (was_markup and not AFTER_MARKUP.match(text))):
            found += "\\ "
        found += text
        was_markup = markup
    return found


def escape_block(text: str) -> str:
    """Escape the start of a text that would be read as a block."""
    return f"\\{text}" if LIKE_A_BLOCK.match(text) and not text.startswith(("**", ":ref:", ":ansplugin:")) else text


def indented(lines: Sequence[str], mark: str) -> list[str]:
    """Indent lines, with a mark before the first one."""
    spaces = " " * len(mark)
    return [(mark if number == 0 else spaces) + line if line else "" for number, line in enumerate(lines)]
