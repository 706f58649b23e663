# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release: the version set, the changelog written, a commit, a tag, and the files to publish. Nothing is pushed.

Called by `make release VERSION=x.y.z` in a copy of the checkout. All is made there first, so that a release that fails
leaves the checkout as it was. The time of the release is now, or SOURCE_DATE_EPOCH, in seconds, if that is set: two
releases from one commit at one time are the same to the last byte, the new commit included.
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
#: Where the version stands, and how. tests/unit/test_architecture.py compares the two.
VERSIONS = {"galaxy.yml": "version: {}", "plugins/module_utils/_version.py": 'VERSION = "{}"'}
#: What antsibull-changelog writes, and what it makes it from, and removes.
CHANGELOG = ["CHANGELOG.md", "changelogs/changelog.yaml"]
FRAGMENTS = "changelogs/fragments"

NEXT = """\
Released {version}, in the commit {commit} on {branch}, tagged {version}. In build/release/:
{files}
Nothing has been pushed. Next, see docs/releasing.md:
    git push --atomic origin {branch} {version}
    ansible-galaxy collection publish build/release/{tarball}
To take it back as long as it is not pushed:
    git tag --delete {version} && git reset --keep {before}
"""


class Refused(Exception):
    """There can be no such release, for this reason. Nothing has been changed."""


def git(*arguments: str, **variables: str) -> str:
    command = ["git", *arguments]
    environment = {**os.environ, **variables}
    result = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise Refused(f"git {arguments[0]} says: {(result.stderr or result.stdout).strip()}")
    return result.stdout.rstrip()


def semantic(version: str) -> SemanticVersion | None:
    try:
        return SemanticVersion(version) if version else None
    except ValueError:
        return None


def released() -> list[SemanticVersion]:
    """The versions that have been released, lowest first: those of the tags, and those of the changelog."""
    recorded = yaml.safe_load((COPY / "changelogs/changelog.yaml").read_text(encoding="utf-8"))["releases"]
    found = [semantic(version) for version in {*git("tag", "--list").split(), *recorded}]
    return sorted(version for version in found if version)


def fragments() -> list[str]:
    """The changelog fragments, as paths in the checkout."""
    return [f"{FRAGMENTS}/{path.name}" for path in sorted((COPY / FRAGMENTS).glob("*.y*ml"))]


def check_version(version: str) -> None:
    """Raises Refused unless it is a semantic version, and higher than all before it."""
    wanted = semantic(version)
    if wanted is None:
        raise Refused(f"VERSION={version} is no semantic version, such as 1.2.3 or 1.2.3-rc.1.")
    before = released()
    if before and wanted <= before[-1]:
        raise Refused(f"VERSION={version} is not higher than {before[-1].vstring}, the last release.")


def check_checkout() -> None:
    """Raises Refused unless the checkout is clean and on a branch, and git knows who commits."""
    changed = git("status", "--porcelain")
    if changed:
        raise Refused(f"The checkout has changes that are not committed:\n{changed}")
    if not git("branch", "--show-current"):
        raise Refused("The checkout is on no branch, and the commit of a release belongs on one.")
    try:
        for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            git("-c", "user.useConfigOnly=true", "var", who)
    except Refused as unknown:
        raise Refused("git does not know who commits. Set user.name and user.email with `git config`.") from unknown


def check_fragments() -> None:
    """Raises Refused unless there is something to say about the release, and it is in order."""
    if not fragments():
        raise Refused(f"There is no changelog fragment in {FRAGMENTS}/, so there is nothing to release.")
    result = subprocess.run(["antsibull-changelog", "lint"], cwd=COPY, capture_output=True, text=True, check=False)
    if result.returncode:
        raise Refused(f"A changelog fragment is not in order:\n{result.stdout}{result.stderr}".strip())


def set_version(version: str) -> None:
    for name, line in VERSIONS.items():
        path = COPY / name
        pattern = re.compile("^" + re.escape(line).replace(re.escape("{}"), r"[\w.+-]+") + "$", re.MULTILINE)
        text, count = pattern.subn(line.format(version), path.read_text(encoding="utf-8"))
        if count != 1:
            raise Refused(f"{name} has {count} lines like {line.format(version)!r}, and should have one.")
        path.write_text(text, encoding="utf-8")


def commit(version: str, used: list[str], when: int, made: Path) -> None:
    """Bring the changes into the checkout, commit and tag them, and put what was made beside them; or undo all that."""
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
    except BaseException:  # also an interrupt: nothing is released by half
        git("reset", "--hard", before)
        if git("tag", "--list", version):
            git("tag", "--delete", version)
        raise


def release(version: str) -> str:
    """Make the release; gives what to do next. Raises Refused."""
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
    except Refused as refused:
        sys.exit(f"No release: {refused}")
    except subprocess.CalledProcessError as failed:
        sys.exit(f"No release: {failed.cmd[0]} failed, see above.")
