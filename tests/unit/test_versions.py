# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of versions shows what ran, and the comparison finds differences."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.twilio.proxy.tests.versions import BEGIN, END, Ran, claims, differences, publish, table

RAN = {
    Ran("unit", "2.9", "3.8", "3.8"),
    Ran("integration", "2.9", "3.8", "3.9"),
    Ran("targets", "2.9", "3.8", "3.9"),
    Ran("targets", "2.9", "3.8", "3.10"),
    Ran("sanity", "2.10", "3.11", "3.11"),
}
README = "Before\n{}\n{}\n{}\nAfter\n".format(BEGIN, "\n".join(table(RAN)), END)


def test_the_table_has_a_line_for_each_core_in_order() -> None:
    assert [line.split("|")[1:3] for line in table(RAN)[2:]] == [[" 2.9 ", " 3.8 "], [" 2.10 ", " 3.11 "]]
    assert table(RAN)[2].endswith("| yes | 3.9 | 3.9, 3.10 |  |")


def test_the_table_is_read_as_it_was_written() -> None:
    assert claims(README) == RAN
    assert differences(README, RAN) == []


def test_differences_are_found() -> None:
    unit = Ran("unit", "2.9", "3.8", "3.8")
    other = unit._replace(python="3.7", modules="3.7")
    assert differences(README, {other}) == [
        "README.md lists tests that did not run: unit 2.9 3.8 3.8.",
        "README.md does not list tests that ran: unit 2.9 3.7 3.7.",
    ]


def test_other_kinds_of_tests_stay_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(README, encoding="utf-8")
    added = Ran("sanity", "2.11", "3.12", "3.12")
    publish(path, {added})
    written = path.read_text(encoding="utf-8")
    assert claims(written) == {entry for entry in RAN if entry.kind != "sanity"} | {added}
    assert (written.startswith("Before\n"), written.endswith("\nAfter\n")) == (True, True)
    assert differences(written, {added}) == []
