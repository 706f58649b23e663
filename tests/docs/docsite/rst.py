# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Markdown as reStructuredText, for Sphinx as Ansible's documentation uses it. Pure.

Only what the guides use is known. Anything else raises Unsupported, so that nothing is lost on the way.
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
#: What a language of a fenced block is for Pygments. The others go by the same name.
LEXERS = {"shell": "bash", "yaml": "yaml+jinja"}
WIDTH = 120

#: After these characters markup may begin, and before those it may end. Elsewhere an escaped blank has to stand.
BEFORE_MARKUP = re.compile(r"[\s'\"(\[{<\-/:]$")
AFTER_MARKUP = re.compile(r"[\s'\")\]}>\-/\\:.,;!?]")
COMMENT = re.compile(r"(\s*<!--.*?-->)+\s*", re.DOTALL)
#: The beginning of a text that would be a list, a directive, a field or a line of a table.
LIKE_A_BLOCK = re.compile(r"[-+*\u2022] |[-+*\u2022]$|\w+[.)] |\(\w+\) |\.\.|:\w+:|[-=~^\"'`#+]{4,}$|\|")


class Unsupported(Exception):
    """There is something in the Markdown that nobody has said how to write in reStructuredText."""


class Resolver(t.Protocol):
    """Knows what stands elsewhere."""

    def label(self, anchor: str) -> str:
        """The label of a heading of this document, by its anchor; of the document itself, by none."""

    def link(self, title: str, target: str) -> str:
        """A link to what a Markdown link points to."""

    def code(self, text: str) -> str | None:
        """A link, if the text is a name that has a page. Else None."""

    def image(self, target: str) -> str:
        """The URI of a picture."""


class Piece(t.NamedTuple):
    """A part of a line: plain text, escaped already, or markup."""

    text: str
    markup: bool = False


def parse(markdown: str) -> SyntaxTreeNode:
    """The tree of a document."""
    return SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(markdown))


def anchor(heading: str) -> str:
    """The anchor of a heading, as code forges make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def plain(node: SyntaxTreeNode) -> str:
    """The text of a part of the tree, without any markup."""
    if node.type in ("softbreak", "hardbreak"):
        return " "
    return "".join(map(plain, node.children)) if node.children else node.content


def literal(code: str) -> str:
    """Text as it is typed. Raises Unsupported for what no such text can be."""
    if not code or code != code.strip() or code.startswith("`") or code.endswith(("`", "\\")):
        raise Unsupported(f"code that is {code!r}")
    return f"``{code}``"


def escaped(text: str) -> str:
    """Text in which nothing is markup."""
    text = re.sub(r"([\\*`|])", r"\\\1", text)
    return re.sub(r"_(?!\w)", r"\\_", text).replace("::", ":\\:")


def as_title(text: str) -> str:
    """The title of a link."""
    return re.sub(r"([\\`<])", r"\\\1", text)


class Writer:
    """Writes one document."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._anchors: set[str] = set()

    def document(self, markdown: str) -> str:
        """A document in reStructuredText. Raises Unsupported, and what the resolver raises."""
        tree = parse(markdown)
        headings = [node.tag for node in tree.children if node.type == "heading"]
        if headings[:1] != ["h1"] or headings.count("h1") != 1:
            raise Unsupported("a document that has no title, or more than one")
        return "\n".join(self._blocks(tree.children)) + "\n"

    def _blocks(self, nodes: Sequence[SyntaxTreeNode]) -> list[str]:
        """The lines of some blocks, with an empty one between them."""
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
        return guarded(self._inline(inline)).split("\n")

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
                text = guarded(self._inline(cell.children[0]))
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
        return joined(self._pieces(node.children, links, ""))

    def _pieces(self, nodes: Sequence[SyntaxTreeNode], links: bool, mark: str) -> Iterator[Piece]:
        for node in nodes:
            yield from self._piece(node, links, mark)

    def _piece(self, node: SyntaxTreeNode, links: bool, mark: str) -> Iterator[Piece]:
        """A part of a line. There is no markup in markup, so what is in bold text is bold or a link, and not both."""
        if node.type == "text":
            yield from marked(node.content, mark)
        elif node.type == "softbreak":
            yield Piece("\n")
        elif node.type == "code_inline":
            yield Piece((links and self._resolver.code(node.content)) or literal(node.content), markup=True)
        elif node.type in ("strong", "em") and not mark:
            yield from self._pieces(node.children, links, "**" if node.type == "strong" else "*")
        elif node.type == "link" and links:
            yield Piece(self._resolver.link(plain(node), str(node.attrs["href"])), markup=True)
        else:
            raise Unsupported(f"a {node.type} where it stands")


def marked(text: str, mark: str) -> Iterator[Piece]:
    """Text between two marks, with the blanks around it outside."""
    words = text.strip()
    if not mark or not words:
        yield Piece(escaped(text))
        return
    before, after = text.split(words, 1)
    yield from (Piece(before), Piece(f"{mark}{escaped(words)}{mark}", markup=True), Piece(after))


def joined(pieces: t.Iterable[Piece]) -> str:
    """The parts of a line, kept apart where markup would not be seen."""
    found, was_markup = "", False
    for text, markup in pieces:
        if not text:
            continue
        if found and ((markup and not BEFORE_MARKUP.search(found)) or (was_markup and not AFTER_MARKUP.match(text))):
            found += "\\ "
        found += text
        was_markup = markup
    return found


def guarded(text: str) -> str:
    """A text whose beginning is taken for nothing but text."""
    return f"\\{text}" if LIKE_A_BLOCK.match(text) and not text.startswith(("**", ":ref:", ":ansplugin:")) else text


def indented(lines: Sequence[str], mark: str) -> list[str]:
    """Lines below each other, the first of them behind a mark."""
    blank = " " * len(mark)
    return [(mark if number == 0 else blank) + line if line else "" for number, line in enumerate(lines)]
