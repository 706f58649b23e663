# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make release` in temporary repositories: its results, reproducibly, and its errors."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.twilio.proxy.tests.docs.conftest import PATH

CHECKOUT = Path(__file__).resolve().parents[2]
VENVS = Path(os.environ.get("PROXY_VENVS", CHECKOUT / ".venv"))
VERSION = "97.5.3"
# 2033-05-18 03:33:20 UTC, which is another day in some time zones.
MOMENT, DAY = 2_000_000_000, "2033-05-18"
IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in {"NAME": "Somebody", "EMAIL": "somebody@example.com"}.items()
}
# The top level of a tarball. Other files are only in a checkout.
SHIPPED = {
    *("CHANGELOG.md", "CODE_OF_CONDUCT.md", "FILES.json", "LICENSES", "MANIFEST.json", "README.md", "REUSE.toml"),
    *("SECURITY.md", "changelogs", "docs", "meta", "playbooks", "plugins", "roles", "tests"),
}
REFUSE_ALL = "#!/bin/sh\necho 'the hook is against it' >&2\nexit 1\n"


@dataclasses.dataclass(frozen=True)
class Repository:
    """A clone to make releases in, without the git settings of the user."""

    path: Path
    variables: t.Mapping[str, str] = dataclasses.field(default_factory=lambda: IDENTITY)

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        known = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PROXY_VENVS": str(VENVS), "PATH": PATH}
        environment = {**known, **alone, **self.variables, **variables}
        return subprocess.run(command, cwd=self.path, env=environment, capture_output=True, text=True, check=False)

    def git(self, *arguments: str) -> str:
        result = self.run("git", *arguments)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    def release(self, version: str, **variables: str) -> subprocess.CompletedProcess[str]:
        make = ("make", "--no-print-directory", f"PYTHON={sys.executable}", "release", f"VERSION={version}")
        return self.run(*make, SOURCE_DATE_EPOCH=str(MOMENT), **variables)

    def state(self) -> list[str]:
        """Return the state that a release changes."""
        return [self.git("rev-parse", "HEAD"), self.git("tag"), self.git("status", "--porcelain", "--ignored")]

    def clone(self, path: Path, variables: t.Mapping[str, str] | None = None) -> Repository:
        self.git("clone", "--quiet", str(self.path), str(path))
        return Repository(path, self.variables if variables is None else variables)

    def read(self, name: str) -> str:
        return (self.path / name).read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        (self.path / name).write_text(text, encoding="utf-8")

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Change something")


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Commit the checkout as the first commit of another repository."""
    path = tmp_path_factory.mktemp("origin") / "proxy"
    copy = [sys.executable, "tests/checkout.py", "release", "cp", "-r", ".", str(path)]
    subprocess.run(copy, cwd=CHECKOUT, check=True, capture_output=True)
    repository = Repository(path)
    repository.git("init", "--quiet", "--initial-branch", "main")
    repository.write("changelogs/fragments/test.yml", "---\nbugfixes:\n  - service - an example of a change.\n")
    repository.commit()
    return repository


@pytest.fixture(scope="module")
def released(origin: Repository, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Make a release in a clone, at the third attempt, and store its output in build/output."""
    clone = origin.clone(tmp_path_factory.mktemp("released") / "proxy")
    hook = clone.path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(REFUSE_ALL, encoding="utf-8")
    hook.chmod(0o755)
    before = clone.state()
    rejected = clone.release(VERSION)
    assert rejected.returncode != 0
    assert "git commit says: the hook is against it" in rejected.stderr
    assert clone.state() == before
    hook.unlink()
    # The commit and the tag are removed if the files cannot be written.
    (clone.path / "build").mkdir()
    clone.write("build/release", "in the way")
    before = clone.state()
    assert re.search(r"Error: .*build/release", clone.release(VERSION).stderr)
    assert clone.state() == before
    (clone.path / "build" / "release").unlink()
    result = clone.release(VERSION)
    assert result.returncode == 0, result.stderr
    clone.write("build/output", result.stdout)
    return clone


@pytest.fixture(scope="module")
def files(released: Repository) -> dict[str, Path]:
    """Return the files of the release, by the suffixes of their names."""
    found = sorted((released.path / "build" / "release").iterdir())
    stem = f"twilio-proxy-{VERSION}."
    assert all(path.name.startswith(stem) for path in found)
    return {path.name.removeprefix(stem): path for path in found}


def test_the_version_is_set_in_all_files(released: Repository) -> None:
    assert yaml.safe_load(released.read("galaxy.yml"))["version"] == VERSION
    assert f'VERSION = "{VERSION}"\n' in released.read("plugins/module_utils/_version.py")


def test_the_changelog_has_the_release(released: Repository) -> None:
    entry = yaml.safe_load(released.read("changelogs/changelog.yaml"))["releases"][VERSION]
    assert entry["release_date"] == DAY
    assert entry["changes"]["bugfixes"] == ["service - an example of a change."]
    assert "an example of a change" in released.read("CHANGELOG.md")
    assert [path.name for path in (released.path / "changelogs" / "fragments").iterdir()] == [".keep"]
    lint = released.run(str(VENVS / "release" / "bin" / "antsibull-changelog"), "lint")
    assert lint.returncode == 0, lint.stdout


def test_it_is_committed_and_tagged_but_not_pushed(released: Repository, origin: Repository) -> None:
    assert released.git("log", "--format=%s|%an|%at|%ct", f"{origin.git('rev-parse', 'HEAD')}..") == (
        f"Release {VERSION}|Somebody|{MOMENT}|{MOMENT}"
    )
    assert released.git("cat-file", "-t", VERSION) == "tag"
    assert released.git("rev-parse", f"{VERSION}^{{commit}}") == released.git("rev-parse", "HEAD")
    assert released.git("status", "--porcelain") == ""
    assert origin.git("tag") == ""
    output = released.read("build/output")
    assert f"git push --atomic origin main {VERSION}\n" in output
    assert f"ansible-galaxy collection publish build/release/twilio-proxy-{VERSION}.tar.gz\n" in output
    assert f"git reset --keep {origin.git('rev-parse', '--short', 'HEAD')}\n" in output


def test_the_checksums_are_those_of_the_files(files: dict[str, Path]) -> None:
    assert set(files) == {"tar.gz", "cdx.json", "sha256"}
    check = ["sha256sum", "--check", "--strict", files["sha256"].name]
    subprocess.run(check, cwd=files["sha256"].parent, check=True, capture_output=True)
    assert len(files["sha256"].read_text(encoding="utf-8").splitlines()) == len(files) - 1


def test_a_release_is_reproducible(released: Repository, origin: Repository, tmp_path: Path) -> None:
    other = origin.clone(tmp_path / "with" / "another" / "name")
    other.run("sh", "-c", "umask 077; find . -name '*.yml' -exec touch -d 1999-12-31 {} + -exec chmod go= {} +")
    result = other.release(VERSION, TZ="Pacific/Auckland")
    assert result.returncode == 0, result.stderr
    assert other.git("rev-parse", "HEAD", VERSION) == released.git("rev-parse", "HEAD", VERSION)
    for name in ("tar.gz", "cdx.json", "sha256"):
        path = f"build/release/twilio-proxy-{VERSION}.{name}"
        assert digest(other.path / path) == digest(released.path / path)


def test_the_tag_builds_the_same_tarball(released: Repository, files: dict[str, Path], tmp_path: Path) -> None:
    tagged = released.clone(tmp_path / "tagged")
    tagged.git("checkout", "--quiet", "--detach", VERSION)
    python = str(VENVS / "release" / "bin" / "python")
    built = tagged.run(python, ".ci/package.py", str(tmp_path), PATH=f"{VENVS / 'release' / 'bin'}:{PATH}")
    assert built.returncode == 0, built.stderr
    assert digest(Path(built.stdout.strip())) == digest(files["tar.gz"])


def test_ansible_installs_and_verifies_the_tarball(files: dict[str, Path], tmp_path: Path) -> None:
    galaxy = ["ansible-galaxy", "collection"]
    environment = {"PATH": PATH, "HOME": str(tmp_path), "ANSIBLE_COLLECTIONS_PATH": str(tmp_path)}
    for command in (["install", "--offline", str(files["tar.gz"])], ["verify", "--offline", "twilio.proxy"]):
        result = subprocess.run([*galaxy, *command], env=environment, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
    assert "Successfully verified" in result.stdout


def test_the_tarball_has_the_files_for_users(files: dict[str, Path]) -> None:
    with tarfile.open(files["tar.gz"]) as archive:
        members = archive.getmembers()
    assert {member.name.partition("/")[0] for member in members} == SHIPPED
    assert {(member.mtime, member.uid, member.gid, member.uname, member.gname) for member in members} == {
        (MOMENT, 0, 0, "", "")
    }
    assert [member.name for member in members] == sorted(member.name for member in members)


def test_the_bill_of_materials_is_valid_and_complete(files: dict[str, Path]) -> None:
    program = (
        "import sys; from cyclonedx.schema import SchemaVersion as V;"
        "from cyclonedx.validation.json import JsonStrictValidator as J;"
        "sys.exit(str(J(V.V1_6).validate_str(open(sys.argv[1]).read()) or '') or None)"
    )
    python = str(VENVS / "release" / "bin" / "python")
    subprocess.run([python, "-c", program, str(files["cdx.json"])], check=True)
    bill = json.loads(files["cdx.json"].read_text(encoding="utf-8"))
    assert bill["metadata"]["component"]["name"] == "twilio.proxy"
    assert bill["metadata"]["component"]["version"] == VERSION
    assert bill["metadata"]["timestamp"].startswith(DAY)
    lines = (CHECKOUT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8").splitlines()
    required = {re.split(r"[^\w-]", line)[0] for line in lines if line and not line.startswith("#")}
    names = {component["bom-ref"]: component["name"] for component in bill["components"]}
    dependencies = {entry["ref"]: entry.get("dependsOn", []) for entry in bill["dependencies"]}
    assert {names[ref] for ref in dependencies["root-component"]} == required
    # Another component depends on each of them.
    assert {ref for refs in dependencies.values() for ref in refs} == set(names)
    assert all(component["version"] and component["licenses"] for component in bill["components"])


def test_files_are_not_made_for_another_version(released: Repository) -> None:
    result = released.run(sys.executable, "tests/checkout.py", "release", "python", ".ci/artifacts.py", "97.5.4")
    assert result.returncode != 0
    assert f"The version in galaxy.yml is {VERSION}, and not 97.5.4." in result.stderr


def test_a_release_without_its_tag_is_not_repeated(released: Repository, tmp_path: Path) -> None:
    clone = released.clone(tmp_path / "clone")
    clone.git("tag", "--delete", VERSION)
    assert f"VERSION={VERSION} is not higher than {VERSION}, the last release." in clone.release(VERSION).stderr


def edit(clone: Repository) -> None:
    clone.write("README.md", "Something else.\n")


def leave_a_file(clone: Repository) -> None:
    clone.write("notes.txt", "Mine.\n")


def detach_head(clone: Repository) -> None:
    clone.git("checkout", "--quiet", "--detach")


def tag(clone: Repository) -> None:
    for name in ("97.5.3", "not-a-version", "9.0.0"):
        clone.git("tag", name)


def remove_fragments(clone: Repository) -> None:
    clone.git("rm", "--quiet", "changelogs/fragments/*.yml")
    clone.commit()


def write_invalid_fragment(clone: Repository) -> None:
    clone.write("changelogs/fragments/wrong.yml", "---\nsurprises:\n  - service - in an unknown section.\n")
    clone.commit()


def add_second_version(clone: Repository) -> None:
    clone.write("galaxy.yml", clone.read("galaxy.yml") + "\nversion: 1.2.3\n")
    clone.commit()


@pytest.mark.parametrize(
    ("prepare", "version", "message"),
    [
        (None, "", "VERSION= is not a semantic version"),
        (None, "1.2", "VERSION=1.2 is not a semantic version"),
        (None, "v1.2.3", "VERSION=v1.2.3 is not a semantic version"),
        (tag, "97.5.3", "VERSION=97.5.3 is not higher than 97.5.3"),
        (tag, "97.5.3-rc.1", "VERSION=97.5.3-rc.1 is not higher than 97.5.3"),
        (tag, "10.0.0", "VERSION=10.0.0 is not higher than 97.5.3"),
        (edit, VERSION, "changes that are not committed:\n M README.md"),
        (leave_a_file, VERSION, "changes that are not committed:\n?? notes.txt"),
        (detach_head, VERSION, "The checkout is not on a branch"),
        (remove_fragments, VERSION, "There is no changelog fragment in changelogs/fragments/"),
        (write_invalid_fragment, VERSION, "A changelog fragment is invalid"),
        (add_second_version, VERSION, "galaxy.yml has 2 lines like 'version: 97.5.3', and should have one"),
    ],
)
def test_an_invalid_release_is_rejected(
    prepare: t.Callable[[Repository], None] | None, version: str, message: str, origin: Repository, tmp_path: Path
) -> None:
    clone = origin.clone(tmp_path / "clone")
    if prepare:
        prepare(clone)
    assert_rejected(clone, version, message)


def test_a_release_needs_an_author(origin: Repository, tmp_path: Path) -> None:
    clone = origin.clone(tmp_path / "clone", variables={})
    assert_rejected(clone, VERSION, "No release: git does not know who commits. Set user.name and user.email")


def assert_rejected(clone: Repository, version: str, message: str) -> None:
    before = clone.state()
    result = clone.release(version)
    assert result.returncode != 0
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert clone.state() == before


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
