# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents show the results of the benchmarks."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ansible_collections.twilio.proxy.tests.benchmarks import page
from ansible_collections.twilio.proxy.tests.benchmarks.figures import Row, Sizes, groups
from ansible_collections.twilio.proxy.tests.benchmarks.measuring import LONG
from ansible_collections.twilio.proxy.tests.benchmarks.picture import LEFT, WIDE, Axis, axis_of, picture, shown
from ansible_collections.twilio.proxy.tests.benchmarks.workloads import AS_MODULE, IN_PROCESS

CHECKOUT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"


def text(name: str) -> str:
    return (CHECKOUT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def document() -> page.Document:
    return t.cast(page.Document, json.loads(text(page.FIGURES)))


def test_the_readme_shows_the_results(document: page.Document) -> None:
    assert page.measured(text(page.README)) == page.sentence(document)
    assert document["date"] in page.sentence(document)


def test_the_page_shows_the_results(document: page.Document) -> None:
    assert page.measured(text(page.PAGE)) == page.tables(document)


def test_the_page_names_the_limit_of_a_round() -> None:
    assert f"A workload that takes longer than {LONG} s runs" in text(page.PAGE)


def test_the_picture_shows_the_results(document: page.Document) -> None:
    assert text(page.PICTURE) == picture(document)


def test_the_results_are_of_these_benchmarks(document: page.Document) -> None:
    """The comparisons and the goals in the file are those in the code."""
    sizes = Sizes(**{name: document["sizes"][name] for name in Sizes._fields})
    found = [(group["title"], [_comparison(row) for row in group["rows"]]) for group in document["groups"]]
    assert found == [(group.title, [_comparison(row._asdict()) for row in group.rows]) for group in groups(sizes)]


def _comparison(row: dict[str, t.Any]) -> list[t.Any]:
    return [row[name] for name in Row._fields if name not in ("ours", "theirs")]


def row(execution: str, ratio: float, goal: float | None = None) -> dict[str, t.Any]:
    spread = {"ratio": ratio, "low": ratio / 2, "high": ratio * 2, "ours": ratio, "theirs": 1.0}
    return {"case": "a & b", "unit": "s", "execution": execution, "against": "`c` <d>", "goal": goal, **spread}


def drawn(*rows: dict[str, t.Any]) -> ElementTree.Element:
    document = {"date": "2026-01-02", "groups": [{"title": "A group", "rows": list(rows)}]}
    return ElementTree.fromstring(picture(document))


def test_the_picture_is_xml_and_shows_every_ratio(document: page.Document) -> None:
    root = ElementTree.fromstring(picture(document))
    assert root.tag == f"{SVG}svg"
    values = [text.text for text in root.iter(f"{SVG}text") if text.get("class", "").startswith("value")]
    assert values == [shown(row["ratio"]) for group in document["groups"] for row in group["rows"]]


def test_the_picture_stays_within_its_size(document: page.Document) -> None:
    root = ElementTree.fromstring(picture(document))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for name, largest in (("x", width), ("cx", width), ("x1", width), ("x2", width), ("y", height), ("y2", height)):
        values = [float(element.attrib[name]) for element in root.iter() if name in element.attrib]
        assert 0 <= min(values) <= max(values) <= largest


def test_a_ratio_has_a_mark_a_whisker_and_its_goal() -> None:
    root = drawn(row(IN_PROCESS, 1.0, goal=10.0), row(AS_MODULE, 2.0))
    at_one = LEFT + WIDE / 2
    assert axis_of([0.5, 2.0, 10.0, 1.0, 4.0]) == Axis(-1, 1)
    # The first of each is in the legend.
    (circle,) = list(root.iter(f"{SVG}circle"))[1:]
    assert float(circle.attrib["cx"]) == at_one
    (goal,) = (line for line in list(root.iter(f"{SVG}line"))[2:] if line.get("class") == "goal")
    assert float(goal.attrib["x1"]) == LEFT + WIDE
    whisker = next(line for line in list(root.iter(f"{SVG}line"))[1:] if line.get("class") == "whisker in-process")
    assert float(whisker.attrib["x1"]) < at_one < float(whisker.attrib["x2"])
    names = [text.text for text in root.iter(f"{SVG}text") if text.get("class") == "name"]
    assert names == ["a & b / c <d>"]


def test_the_picture_supports_dark_mode(document: page.Document) -> None:
    assert "@media (prefers-color-scheme: dark)" in picture(document)


@pytest.mark.parametrize(
    ("values", "axis"),
    [([], Axis(0, 1)), ([0.02], Axis(-2, 0)), ([0.5, 30.0], Axis(-1, 2)), ([0.0], Axis(-3, 0)), ([1.0], Axis(0, 1))],
)
def test_the_axis_includes_all_values_and_one(values: list[float], axis: Axis) -> None:
    assert axis_of(values) == axis


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.0123, "s", "12.3 ms"),
        (1.5, "s", "1.5 s"),
        (123.0, "s", "123 s"),
        (1230.0, "MiB", "1,230 MiB"),
        (1.003, "requests", "1"),
    ],
)
def test_amounts_have_readable_units(value: float, unit: str, expected: str) -> None:
    assert page.amount(value, unit) == expected
