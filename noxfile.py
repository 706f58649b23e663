# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sessions of nox: those of antsibull-nox.toml, and the collection's own.

nox --list
nox -e tests -- tests/unit -k plan      # pytest's arguments
nox -e ansible-test-2.21 -- service     # one target of ansible-test
"""

# /// script
# requires-python = ">=3.11"
# dependencies = ["nox[uv]>=2026.10", "antsibull-nox>=1.10"]
# ///

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import tomllib
import typing as t
import urllib.error
import urllib.request
from pathlib import Path

import antsibull_nox
import nox
from antsibull_nox.sessions.collections import prepare_collections

CHECKOUT = Path(__file__).resolve().parent
BUILD = CHECKOUT / "build"
MATRIX = tomllib.loads(Path("tests/matrix.toml").read_text(encoding="utf-8"))
CORES: dict[str, dict[str, t.Any]] = {row["version"]: row for row in MATRIX["core"]}
OLDEST = next(iter(CORES))
#: The files that check-jsonschema has a schema for.
SCHEMAS = {
    "github-workflows": [".github/workflows/*", "docs/examples/drift/github-actions.yml"],
    "gitlab-ci": ["docs/examples/drift/gitlab-ci.yml"],
    "dependabot": [".github/dependabot.yml"],
    "github-issue-config": [".github/ISSUE_TEMPLATE/config.yml"],
    "github-issue-forms": [".github/ISSUE_TEMPLATE/[!c]*"],
}


def interpreters() -> t.Iterator[str]:
    """Yield the folders of PATH, with pyenv's interpreters in place of its programs, which select one of them."""
    for folder in map(Path, os.get_exec_path()):
        if folder.name == "shims" and folder.parent.joinpath("versions").is_dir():
            yield from map(str, folder.parent.glob("versions/3.*/bin"))
        else:
            yield str(folder)


os.environ["PATH"] = os.pathsep.join(interpreters())
# uv trusts the certificates that pip trusts, and compiles what it installs, as pip does: Ansible's programs start
# often.
os.environ.setdefault("UV_SYSTEM_CERTS", "true")
os.environ.setdefault("UV_COMPILE_BYTECODE", "true")
# A machine that has only an older Python runs the tests of that one's ansible-core.
PYTHON = ">=3.12,<3.15" if any(shutil.which(f"python3.{minor}") for minor in (12, 13, 14)) else ">=3.11"

nox.needs_version = ">=2026.10"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = True
nox.options.reuse_venv = "yes"
antsibull_nox.load_antsibull_nox_toml()


def requirements(*names: str) -> list[str]:
    """Return the options of pip for files in tests/requirements/."""
    return [argument for name in names for argument in ("-r", f"tests/requirements/{name}.txt")]


def collection_copy(session: nox.Session) -> Path:
    """Return a copy of the collection at .../ansible_collections/twilio/proxy, where Ansible's programs expect it.

    It is a new one, which has all that git does not ignore. Programs that the session runs find it.
    """
    prepared = prepare_collections(session, install_in_site_packages=False, install_out_of_tree=True)
    if prepared is None:
        session.error("The collection cannot be copied.")
    place = prepared.current_place
    (place / "ansible.cfg").touch()
    session.env.update(
        ANSIBLE_COLLECTIONS_PATH=str(place),
        ANSIBLE_CONFIG=str(place / "ansible.cfg"),
        ANSIBLE_HOME=str(place / "home"),
        CHECKOUT=str(CHECKOUT),
    )
    return prepared.current_path


def pytest(session: nox.Session, *arguments: str, modules: str = "python", processes: int = 2) -> None:
    """Run pytest in this number of processes; ``modules`` is the Python that runs modules."""
    python = session.run(modules, "-c", "import sys; print(sys.executable)", silent=True, external=True)
    session.env["TWILIO_PROXY_MODULE_PYTHON"] = str(python).strip()
    session.env["TWILIO_PROXY_OPENAPI"] = str(api_description(session))
    session.env["PYTHONDONTWRITEBYTECODE"] = ""  # pytest keeps the tests that it has compiled
    # One test at a time: some take a thousand times as long as others, and those come first.
    distribution = ["-n", str(processes), "--dist", "load", "--maxschedchunk", "1"]
    session.run("python", "-m", "pytest", "-q", *distribution, *arguments)


def api_description(session: nox.Session) -> Path:
    """Return the OpenAPI description of the API, which is Twilio's and not in the repository.

    It lies beside the checkout, or is downloaded at a fixed commit.
    """
    wanted = MATRIX["api_description"]
    beside = CHECKOUT.parent / "shared" / "spec" / "twilio_proxy_v1.json"
    path = beside if beside.exists() else session.cache_dir / beside.name
    if not path.exists():
        with urllib.request.urlopen(wanted["url"], timeout=60) as response:  # noqa: S310 - https, see the matrix
            path.write_bytes(response.read())
    if hashlib.sha256(path.read_bytes()).hexdigest() != wanted["sha256"]:
        session.error(f"{path} is not the description that the tests are for.")
    return path


@nox.session(python=PYTHON)
def tests(session: nox.Session) -> None:
    """Run the tests on the newest ansible-core: what a change has to pass first."""
    session.install(*requirements("tests"))
    folders = [f"tests/{name}" for name in ("integration", "docs", "contract", "faults", "unit")]
    # The session coverage compares both ways of execution.
    arguments = session.posargs or ["-m", "not slow", "--ignore=tests/integration/test_both_ways.py", *folders]
    # One more than the cores, because some tests wait.
    pytest(session, *arguments, processes=(os.cpu_count() or 1) + 1)


@nox.session(python=MATRIX["module_python"], default=False)
def modules(session: nox.Session) -> None:
    """Install the oldest libraries for the oldest Python that runs modules."""
    session.install(*requirements("modules"))


@nox.session(python=CORES[OLDEST]["python"], default=False, requires=["modules"])
def oldest(session: nox.Session) -> None:
    """Run the integration tests on the oldest ansible-core, with modules on the oldest Python and libraries."""
    session.install(f"ansible-core~={OLDEST}.0", *requirements("core"))
    session.env["TWILIO_PROXY_IN_PROCESS"] = "false"
    location = Path(session.virtualenv.location).parent / "modules"
    pytest(session, *(session.posargs or ["tests/integration"]), modules=str(location / "bin" / "python"))


@nox.session(python=CORES["2.19"]["python"], default=False)
def coverage(session: nox.Session) -> None:
    """Run the unit tests on ansible-core 2.19 with their coverage, and the comparison of both ways of execution."""
    session.install("ansible-core~=2.19.0", *requirements("core"))
    options = ["--cov=plugins", "--cov-config=tests/coverage.ini", "--cov-report=term-missing:skip-covered"]
    session.env["COVERAGE_FILE"] = str(session.cache_dir / "coverage")
    pytest(session, *options, "tests/unit")
    pytest(session, "tests/integration/test_both_ways.py")


@nox.session(python=PYTHON, default=False)
def slow(session: nox.Session) -> None:
    """Run the tests that take long: thousands of Services, the fuzzer, and what other programs do."""
    session.install(*requirements("tests"))
    # The session coverage runs all unit tests.
    pytest(session, "-m", "slow", *(f"tests/{name}" for name in ("contract", "docs", "integration", "scale")))


@nox.session(python=PYTHON, default=False)
def awx(session: nox.Session) -> None:
    """Test the kit for AWX with AWX's own programs, and run its jobs as AWX does."""
    session.install(*requirements("awx"))
    pytest(session, "tests/awx")


def bootstrap_pip(session: nox.Session, home: Path) -> None:
    """Put pip where ansible-test looks for it, if ansible-test cannot download it."""
    try:
        urllib.request.urlopen("https://ci-files.testing.ansible.com/", timeout=10).close()
    except urllib.error.HTTPError:
        return
    except OSError:
        pass
    else:
        return
    show = "import ansible_test._internal.python_requirements as p; print(p.__file__)"
    source = str(session.run("python", "-c", show, silent=True)).strip()
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in sorted(set(re.findall(r"pip='([\d.]+)'", Path(source).read_text(encoding="utf-8")))):
        script = cache / f"get_pip_{version.replace('.', '_')}.py"
        if not script.exists():
            session.run("pip", "download", "-q", "--no-deps", "-d", str(cache), f"pip=={version}")
            shutil.copy(CHECKOUT / ".ci" / "get_pip.py", script)


def ansible_test(session: nox.Session, core: str, command: str, *arguments: str) -> None:
    """Run ansible-test, which keeps its environments in the home directory, with one of its own."""
    session.install(f"ansible-core~={core}.0", "pip", "-r", "meta/ee-requirements.txt")
    home = session.cache_dir.absolute() / f"ansible-test-{core}"
    (home / ".config").mkdir(parents=True, exist_ok=True)
    settings = home / ".config" / "pip"
    if not settings.is_symlink():
        settings.symlink_to(Path.home() / ".config" / "pip")
    bootstrap_pip(session, home)
    collection = collection_copy(session)
    shutil.copyfile(collection / "meta/ee-requirements.txt", collection / "tests/integration/requirements.txt")
    with session.chdir(collection):
        session.run("ansible-test", command, *session.posargs, *arguments, "--color", "no", env={"HOME": str(home)})


def add_ansible_test(core: str, row: dict[str, t.Any]) -> None:
    """Add the sessions of ansible-test for a row of the matrix."""

    @nox.session(name=f"sanity-{core}", python=row["python"], default=False, tags=["sanity"])
    def sanity(session: nox.Session) -> None:
        ansible_test(session, core, "sanity", "--venv")

    sanity.__doc__ = f"Run ansible-test sanity with ansible-core {core}."
    if "module_python" not in row:
        return

    @nox.session(name=f"ansible-test-{core}", python=row["python"], default=False, tags=["ansible-test"])
    def integration(session: nox.Session) -> None:
        target = f"controller:python=venv/{row['module_python']}"
        ansible_test(session, core, "integration", "--controller", "origin:python=default", "--target", target)

    integration.__doc__ = f"Run the integration targets with ansible-core {core}, modules on {row['module_python']}."


for version, row in CORES.items():
    add_ansible_test(version, row)


@nox.session(python=PYTHON, default=False)
def checks(session: nox.Session) -> None:
    """Run the linters that antsibull-nox has no session for."""
    session.install(*requirements("lint"))
    session.env["MYPY_CACHE_DIR"] = os.devnull
    session.run("mypy", ".ci", "noxfile.py")
    session.run("codespell")
    session.run("reuse", "lint", "--lines")
    session.run("zizmor", "--quiet", "--offline", "--pedantic", ".", "docs/examples/drift/github-actions.yml")
    for schema, patterns in SCHEMAS.items():
        files = [str(path) for pattern in patterns for path in sorted(Path().glob(pattern))]
        session.run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)
    with session.chdir(collection_copy(session)):
        session.run("antsibull-changelog", "lint")
        session.run("python", ".ci/update_literals.py", "--check")
    # The collection under its import name, and the emulator under its own.
    own = Path("ansible_collections/twilio/proxy")
    session.env["MYPYPATH"] = str(own / "roles/emulator/files")
    with session.chdir(session.env["ANSIBLE_COLLECTIONS_PATH"] or ""):
        folders = [str(own / name) for name in ("plugins", "roles/emulator/files", "tests")]
        session.run("mypy", "--config-file", str(own / ".mypy.ini"), *folders)


@nox.session(python=PYTHON, default=False)
def update(session: nox.Session) -> None:
    """Write the literal text that Ansible wants in several files, from the one place that knows it."""
    session.install(*requirements("lint"))
    with session.chdir(collection_copy(session)):
        session.run("python", ".ci/update_literals.py", *session.posargs)
    session.run("python", "tests/support/settings_table.py")


@nox.session(python=PYTHON, default=False)
def format(session: nox.Session) -> None:  # noqa: A001 - the name of the session
    """Format the Python code, and fix what ruff can fix."""
    session.install(*requirements("lint"))
    session.run("ruff", "check", "--no-cache", "--fix", ".")
    session.run("ruff", "format", "--no-cache", ".")


@nox.session(python=PYTHON, default=False)
def demo(session: nox.Session) -> None:
    """Install the collection as a user does, and run its demo on a local emulator of the API."""
    session.install(*requirements("demo"))
    with tempfile.TemporaryDirectory() as folder:
        session.env.update(
            ANSIBLE_COLLECTIONS_PATH=folder,
            ANSIBLE_LOCALHOST_WARNING="false",
            ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
        )
        session.run("ansible-galaxy", "collection", "install", "--offline", ".", "-p", folder, silent=True)
        session.run("ansible-playbook", "twilio.proxy.demo", *session.posargs)


@nox.session(python=PYTHON, default=False)
def docs(session: nox.Session) -> None:
    """Build the guides and the reference as one site into build/docs/."""
    session.install(*requirements("docs"))
    with session.chdir(collection_copy(session)):
        session.run(".ci/docs", external=True)


@nox.session(python=PYTHON, default=False)
def bench(session: nox.Session) -> None:
    """Measure the cost compared with the alternatives, for the guide to performance (takes minutes)."""
    session.install(*requirements("bench"))
    collection_copy(session)
    session.env["PYTHONPATH"] = session.env["ANSIBLE_COLLECTIONS_PATH"]
    session.run("python", "-m", "ansible_collections.twilio.proxy.tests.benchmarks.bench", *session.posargs)


@nox.session(python=CORES["2.19"]["python"], default=False)
def mutation(session: nox.Session) -> None:
    """Run the mutation tests: change the code, and see that a test fails (takes minutes)."""
    session.install(*requirements("mutation"))
    with session.chdir(collection_copy(session)):
        session.run("python", ".ci/mutation.py", *session.posargs)


@nox.session(python=PYTHON, default=False)
def release(session: nox.Session) -> None:
    """Prepare the release of a version: set it, and write the changelog. Commit and push nothing."""
    if len(session.posargs) != 1:
        session.error("Give the version: nox -e release -- 1.2.3")
    session.install(*requirements("release"))
    session.run("python", ".ci/set_version.py", session.posargs[0])
    collection = collection_copy(session)
    with session.chdir(collection):
        session.run("antsibull-changelog", "release")
    shutil.rmtree("changelogs/fragments")
    shutil.copytree(collection / "changelogs", "changelogs", dirs_exist_ok=True)
    shutil.copy(collection / "CHANGELOG.md", "CHANGELOG.md")


@nox.session(python=PYTHON, default=False)
def runtime(session: nox.Session) -> None:
    """Install what the collection needs at run time, and nothing else, for the bill of materials."""
    session.install("-r", "meta/ee-requirements.txt")


@nox.session(python=PYTHON, default=False, requires=["runtime"])
def artifacts(session: nox.Session) -> None:
    """Make the files of a release in build/release/: the tarball, its bill of materials, and their checksums."""
    session.install(*requirements("release"))
    folder = BUILD / "release"
    shutil.rmtree(folder, ignore_errors=True)
    with session.chdir(collection_copy(session)):
        session.run("python", ".ci/package.py", str(folder))
    (tarball,) = folder.iterdir()
    stem = tarball.name.removesuffix(".tar.gz")
    bill = folder / f"{stem}.cdx.json"
    python = Path(session.virtualenv.location).parent / "runtime" / "bin" / "python"
    project = session.cache_dir / "pyproject.toml"
    version = stem.removeprefix("twilio-proxy-")
    needed = [
        line
        for line in Path("meta/ee-requirements.txt").read_text(encoding="utf-8").splitlines()
        if line[:1] not in ("", "#")
    ]
    text = f'[project]\nname = "twilio.proxy"\nversion = "{version}"\ndependencies = {needed}\n'
    project.write_text(text, encoding="utf-8")
    options = ["--pyproject", str(project), "--mc-type", "library", "--output-reproducible"]
    session.run("cyclonedx-py", "environment", *options, "--output-file", str(bill), str(python))
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in (tarball, bill)]
    folder.joinpath(f"{stem}.sha256").write_text("".join(sums), encoding="utf-8")


if __name__ == "__main__":
    nox.main()
