# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a release: set the version, write the changelog, commit, tag, and make the files to publish. Push nothing.

Called by `make release VERSION=x.y.z` in a copy of the checkout. Everything is made there first, so that a failed
release leaves the checkout unchanged. The time of the release is SOURCE_DATE_EPOCH, in seconds, or now: two releases
from one commit with the same time are identical, including the new commit.
"""

from __future__ import annotations

import datetime
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from ansible.utils.version import SemanticVersion
from artifacts import artifacts

COPY, CHECKOUT = Path.cwd(), Path(os.environ["CHECKOUT"])
#: The lines with the version. tests/unit/test_architecture.py compares them.
VERSIONS = {"galaxy.yml": "version: {}", "plugins/module_utils/_version.py": 'VERSION = "{}"'}
#: The files that antsibull-changelog writes, and the fragments that it reads and removes.
CHANGELOG = ["CHANGELOG.md", "changelogs/changelog.yaml"]
FRAGMENTS = "changelogs/fragments"

NEXT = """\
Released {version}, in the commit {commit} on {branch}, tagged {version}. In build/release/:
{files}
Nothing has been pushed. Next, see docs/releasing.md:
    git push --atomic origin {branch} {version}
    ansible-galaxy collection publish build/release/{tarball}
To undo it before a push:
    git tag --delete {version} && git reset --keep {before}
"""


class ReleaseError(Exception):
    """The release is not possible. Nothing has been changed."""


def git(*arguments: str, **variables: str) -> str:
    command = ["git", *arguments]
    environment = {**os.environ, **variables}
    result = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise ReleaseError(f"git {arguments[0]} says: {(result.stderr or result.stdout).strip()}")
    return result.stdout.rstrip()


def semantic(version: str) -> SemanticVersion | None:
    try:
        return SemanticVersion(version) if version else None
    except ValueError:
        return None


def released() -> list[SemanticVersion]:
    """Return the released versions, of the tags and the changelog, lowest first."""
    recorded = yaml.safe_load((COPY / "changelogs/changelog.yaml").read_text(encoding="utf-8"))["releases"]
    found = [semantic(version) for version in {*git("tag", "--list").split(), *recorded}]
    return sorted(version for version in found if version)


def fragments() -> list[str]:
    """Return the changelog fragments, as paths in the checkout."""
    return [f"{FRAGMENTS}/{path.name}" for path in sorted((COPY / FRAGMENTS).glob("*.y*ml"))]


def check_version(version: str) -> None:
    """Raise ReleaseError unless the version is a semantic version, and higher than all others."""
    wanted = semantic(version)
    if wanted is None:
        raise ReleaseError(f"VERSION={version} is not a semantic version, such as 1.2.3 or 1.2.3-rc.1.")
    before = released()
    if before and wanted <= before[-1]:
        raise ReleaseError(f"VERSION={version} is not higher than {before[-1].vstring}, the last release.")


def check_checkout() -> None:
    """Raise ReleaseError unless the checkout is clean and on a branch, and git knows the author."""
    changed = git("status", "--porcelain")
    if changed:
        raise ReleaseError(f"The checkout has changes that are not committed:\n{changed}")
    if not git("branch", "--show-current"):
        raise ReleaseError("The checkout is not on a branch. Check one out for the commit of the release.")
    try:
        for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            git("-c", "user.useConfigOnly=true", "var", who)
    except ReleaseError as error:
        raise ReleaseError("git does not know who commits. Set user.name and user.email with `git config`.") from error


def check_fragments() -> None:
    """Raise ReleaseError unless there are changelog fragments, and all are valid."""
    if not fragments():
        raise ReleaseError(f"There is no changelog fragment in {FRAGMENTS}/, so there is nothing to release.")
    result = subprocess.run(["antsibull-changelog", "lint"], cwd=COPY, capture_output=True, text=True, check=False)
    if result.returncode:
        raise ReleaseError(f"A changelog fragment is invalid:\n{result.stdout}{result.stderr}".strip())


def set_version(version: str) -> None:
    for name, line in VERSIONS.items():
        path = COPY / name
        pattern = re.compile("^" + re.escape(line).replace(re.escape("{}"), r"[\w.+-]+") + "$", re.MULTILINE)
        text, count = pattern.subn(line.format(version), path.read_text(encoding="utf-8"))
        if count != 1:
            raise ReleaseError(f"{name} has {count} lines like {line.format(version)!r}, and should have one.")
        path.write_text(text, encoding="utf-8")


def commit(version: str, used: list[str], when: int, made: Path) -> None:
    """Copy the changes into the checkout, commit and tag them, and copy the release files. Undo all on an error."""
    before = git("rev-parse", "HEAD")
    date = f"@{when} +0000"
    dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    try:
        for name in [*VERSIONS, *CHANGELOG]:
            shutil.copyfile(COPY / name, CHECKOUT / name)
        for name in used:
            (CHECKOUT / name).unlink()
        git("add", "--all")
        git("commit", "--message", f"Release {version}", **dates)
        git("tag", "--annotate", "--message", f"Release {version}", version, **dates)
        target = CHECKOUT / "build" / "release"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(made, target)
    except BaseException:  # also after an interrupt
        git("reset", "--hard", before)
        if git("tag", "--list", version):
            git("tag", "--delete", version)
        raise


def release(version: str) -> str:
    """Make the release and return the next steps. Raises ReleaseError."""
    check_version(version)
    check_checkout()
    check_fragments()
    used, before, branch = fragments(), git("rev-parse", "--short", "HEAD"), git("branch", "--show-current")
    when = int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    set_version(version)
    date = datetime.datetime.fromtimestamp(when, datetime.UTC).date().isoformat()
    subprocess.run(["antsibull-changelog", "release", "--date", date], cwd=COPY, check=True)
    with tempfile.TemporaryDirectory() as temporary:
        made = artifacts(COPY, Path(temporary, "release"), when)
        check_checkout()
        commit(version, used, when, made[0].parent)
    return NEXT.format(
        version=version,
        commit=git("rev-parse", "--short", "HEAD"),
        before=before,
        branch=branch,
        files="\n".join(f"    {path.name}" for path in made),
        tarball=made[0].name,
    )


if __name__ == "__main__":
    try:
        print(release(sys.argv[1]), end="")
    except ReleaseError as error:
        sys.exit(f"No release: {error}")
    except subprocess.CalledProcessError as failed:
        sys.exit(f"No release: {failed.cmd[0]} failed, see above.")
