# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/docsite, the guides for Ansible's documentation site, is generated from the guides."""

from __future__ import annotations

import base64
import re
import shutil
from pathlib import Path

import pytest
import yaml

from ansible_collections.twilio.proxy.tests.docs.docsite.pages import INDEX, RST, Site, SiteError, write
from ansible_collections.twilio.proxy.tests.docs.docsite.rst import Unsupported, Writer, escape_block

CHECKOUT = Path(__file__).resolve().parents[2]
SITE = Site(CHECKOUT)
LABEL = "ansible_collections.twilio.proxy.docsite"


@pytest.mark.parametrize("name", SITE.files())
def test_the_generated_files_are_up_to_date(name: str) -> None:
    assert (CHECKOUT / name).read_text(encoding="utf-8") == SITE.files()[name], "run make docs, and commit the result"


def test_there_are_no_other_files() -> None:
    assert {path.relative_to(CHECKOUT).as_posix() for path in (CHECKOUT / RST).rglob("*")} <= set(SITE.files())


def test_the_links_to_the_repository_are_those_of_galaxy() -> None:
    links = yaml.safe_load((CHECKOUT / "docs/docsite/links.yml").read_text(encoding="utf-8"))
    assert SITE.repository == f"https://github.com/{links['edit_on_github']['repository']}"
    assert links["edit_on_github"]["branch"] == "main"


def test_modules_filters_and_roles_are_found() -> None:
    assert {SITE.plugins[f"twilio.proxy.{name}"] for name in ("services", "services_plan", "apply")} == {
        "module",
        "filter",
        "role",
    }


class FakeResolver:
    """Resolves every reference."""

    def label(self, anchor: str) -> str:
        return f"at.{anchor}" if anchor else "at"

    def link(self, title: str, target: str) -> str:
        return f":ref:`{title} <{target}>`"

    def code(self, text: str) -> str | None:
        return ":ansplugin:`a.b.c#module`" if text == "a.b.c" else None

    def image(self, target: str) -> str:
        return f"data:{target * 50}"


def written(markdown: str) -> str:
    """Convert a part of a document, without its title."""
    whole = Writer(FakeResolver()).document(f"# T\n\n{markdown}")
    return whole.removeprefix(".. _at:\n\nT\n=\n").strip("\n")


@pytest.mark.parametrize(
    ("markdown", "rst"),
    [
        ("plain", "plain"),
        ("two\nlines", "two\nlines"),
        ("`a_b`, and *x* **y**", "``a_b``, and *x* **y**"),
        ("`a`s x`b`", "``a``\\ s x\\ ``b``"),
        ('(`a`) "`b`" `c`.', '(``a``) "``b``" ``c``.'),
        ("`a.b.c` and `a.b`", ":ansplugin:`a.b.c#module` and ``a.b``"),
        ("a \\* b \\` c_ d_e | \\\\ x::", "a \\* b \\` c\\_ d_e \\| \\\\ x:\\:"),
        ("**a `b` c**", "**a** ``b`` **c**"),
        ("**see [it](x.md)**", "**see** :ref:`it <x.md>`"),
        ("[a `b` c](x.md#y)", ":ref:`a b c <x.md#y>`"),
        ("- a\n- b", "- a\n- b"),
        ("- a\n  b\n\n  c\n- d", "- a\n  b\n\n  c\n\n- d"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("- a\n  - b", "- a\n\n  - b"),
        ("- x:\n\n  ```shell\n  ls\n  ```", "- x:\n\n  .. code-block:: bash\n\n     ls"),
        ("```yaml\na:\n\n  - b\n```", ".. code-block:: yaml+jinja\n\n   a:\n\n     - b"),
        ("```text\nx\n```", ".. code-block:: text\n\n   x"),
        ("<!-- fails -->\n```python\nx\n```", ".. code-block:: python\n\n   x"),
        ("## One\n\n### Two `x`\n", ".. _at.one:\n\nOne\n---\n\n.. _at.two-x:\n\nTwo ``x``\n^^^^^^^^^"),
        ("## The `a.b.c`", ".. _at.the-abc:\n\nThe ``a.b.c``\n-------------"),
        (
            "| a | b |\n|---|---|\n| `c` | |\n| - | ... d |",
            (
                ".. list-table::\n   :header-rows: 1\n   :widths: auto\n\n   * - a\n     - b\n   * - ``c``\n     -\n"
                "   * - \\-\n     - \\... d"
            ),
        ),
    ],
)
def test_markdown_is_converted_to_restructuredtext(markdown: str, rst: str) -> None:
    assert written(markdown) == rst


def test_a_picture_has_its_text_and_a_wrapped_uri() -> None:
    lines = written("![What it shows](x.svg)").splitlines()
    assert lines[0].startswith(".. image:: data:x.svg")
    assert "".join(line.strip() for line in lines[:-1]).endswith("x.svg" * 50)
    assert lines[-1] == "   :alt: What it shows"
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize("text", ["1. a", "A) b", "(x) y", "- a", "+", ".. x", ":a: b", "====", "| x", "#####"])
def test_a_text_that_looks_like_a_block_is_escaped(text: str) -> None:
    assert escape_block(text) == f"\\{text}"


@pytest.mark.parametrize(
    "markdown",
    [
        "> quoted",
        "---",
        "<b>bold</b>",
        "<div>\n</div>",
        "    indented",
        "```\nno language\n```",
        "text with ![x](y.svg) in it",
        "a  \nb",
        "***both***",
        "`` `x ``",
        "## A\n\n## A",
        "# Another title",
    ],
)
def test_unsupported_markdown_is_an_error(markdown: str) -> None:
    with pytest.raises(Unsupported):
        written(markdown)


def test_a_document_has_a_title() -> None:
    with pytest.raises(Unsupported, match="no title"):
        Writer(FakeResolver()).document("text")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Make a checkout with two guides."""
    for name in ("galaxy.yml", "plugins/modules/service.py", "roles/apply/README.md", "docs/images/task.svg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / name, tmp_path / name)
    (tmp_path / INDEX).write_text("# Guides\n\n## All\n\n- [One](one.md): it\n- [Two](TWO.md)\n", encoding="utf-8")
    (tmp_path / "docs/one.md").write_text("# One\n\n## A part\n", encoding="utf-8")
    (tmp_path / "docs/TWO.md").write_text("# Two\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("markdown", "rst"),
    [
        ("[x](one.md)", f":ref:`x <{LABEL}.one>`"),
        ("[x](one.md#a-part)", f":ref:`x <{LABEL}.one.a-part>`"),
        ("[x](#two)", f":ref:`x <{LABEL}.two.two>`"),
        ("[all](README.md)", ":ref:`all <plugins_in_twilio.proxy>`"),
        ("[x](../roles/apply/README.md)", ":ansplugin:`x <twilio.proxy.apply#role>`"),
        ("`twilio.proxy.service`", ":ansplugin:`twilio.proxy.service#module`"),
        ("[x](https://example.com/a)", "`x <https://example.com/a>`__"),
        ("<https://example.com/a>", "https://example.com/a"),
        ("[x](../galaxy.yml)", f"`x <{SITE.repository}/blob/main/galaxy.yml>`__"),
        ("[a<b](one.md)", f":ref:`a\\<b <{LABEL}.one>`"),
    ],
)
def test_links_point_to_pages_or_to_the_repository(markdown: str, rst: str, small: Path) -> None:
    (small / "docs/TWO.md").write_text(f"# Two\n\n{markdown}\n", encoding="utf-8")
    assert Site(small).files()[f"{RST}/two.rst"].endswith(f"\n\n{rst}\n")


def test_a_picture_is_embedded_in_the_page(small: Path) -> None:
    (small / "docs/one.md").write_text("# One\n\n![x](images/task.svg)\n", encoding="utf-8")
    text = re.sub(r"\s", "", Site(small).files()[f"{RST}/one.rst"])
    encoded = text.partition("base64,")[2].partition(":alt:")[0]
    assert base64.b64decode(encoded) == (small / "docs/images/task.svg").read_bytes()


@pytest.mark.parametrize(
    ("markdown", "problem"),
    [
        ("[x](three.md)", "there is no docs/three.md"),
        ("[x](one.md#no-part)", "there is no one.md#no-part"),
        ("![x](images/none.svg)", "images/none.svg is not an existing SVG"),
        ("> quoted", "docs/one.md has a blockquote"),
    ],
)
def test_a_link_without_a_target_is_an_error(markdown: str, problem: str, small: Path) -> None:
    (small / "docs/one.md").write_text(f"# One\n\n{markdown}\n", encoding="utf-8")
    with pytest.raises(SiteError, match=problem):
        Site(small).files()


def test_a_guide_that_is_not_listed_is_an_error(small: Path) -> None:
    (small / "docs/three.md").write_text("# Three\n", encoding="utf-8")
    with pytest.raises(SiteError, match=r"each guide once.*three\.md"):
        Site(small).files()


def test_the_page_of_a_removed_guide_is_removed(small: Path) -> None:
    write(small)
    (small / RST / "old.rst").touch()
    write(small)
    assert sorted(path.name for path in (small / RST).iterdir()) == ["one.rst", "two.rst"]
