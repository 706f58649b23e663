# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables that are likely misspelt, and those that are not: the names are those of the roles."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.twilio.proxy.plugins.filter.near_misses import FilterModule, near_misses

ROLES = Path(__file__).resolve().parents[4] / "roles"
KNOWN = {
    role: list(
        yaml.safe_load((ROLES / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"][
            "main"
        ]["options"]
    )
    for role in ("apply", "export")
}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("apply_prunee", "apply_prune"),
        ("apply_prun", "apply_prune"),
        ("apply_max_deletion", "apply_max_deletions"),
        ("apply_max_deletes", "apply_max_deletions"),
        ("apply_maximum_deletions", "apply_max_deletions"),
        ("apply_prune_match", "apply_prune_matching"),
        ("apply_prune_regex", "apply_prune"),
        ("apply_prune_pattern", "apply_prune"),
        ("apply_allow_emtpy", "apply_allow_empty"),
        ("apply_concurency", "apply_concurrency"),
        ("export_with_sid", "export_with_sids"),
        ("export_shema", "export_schema"),
    ],
)
def test_what_is_nearly_a_variable_is_told_with_it(name: str, meant: str) -> None:
    role = name.partition("_")[0]
    assert near_misses([name], f"{role}_", KNOWN[role]) == [
        f"{name} is refused, there is no such variable. It is nearly {meant}."
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("apply_patches", "apply_updates", "apply_phone_numbers", "apply_max_retries", "apply_result", "apply_"),
        *("export_files", "export_models", "export_full_dump", "export_mode_bits", "export_path", "proxy_servics"),
        "xapply_prunee",
    ],
)
def test_a_name_of_somebody_else_is_left_alone(name: str) -> None:
    for role, known in KNOWN.items():
        assert near_misses([name], f"{role}_", known) == []


def test_what_is_known_is_no_mistake_however_like_another() -> None:
    assert near_misses(["a_letters", "a_letter"], "a_", ["a_letter", "a_letters"]) == []


def test_a_name_that_is_too_short_to_tell_is_not_compared() -> None:
    assert near_misses(["a_abcd1", "a_vwxyz1"], "a_", ["a_abcd", "a_vwxyz"]) == [
        "a_vwxyz1 is refused, there is no such variable. It is nearly a_vwxyz."
    ]


def test_the_names_are_told_in_order() -> None:
    names = ["apply_prunee", "apply_concurency"]
    assert [sentence.split()[0] for sentence in near_misses(names, "apply_", KNOWN["apply"])] == sorted(names)


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"near_misses": near_misses}
