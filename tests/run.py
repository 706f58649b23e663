# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner of `make test`: every stage on every row of matrix.toml that lists it, then one line of counts.

    python3 tests/run.py                                    # the whole test suite
    python3 tests/run.py --stage unit -- -k plan            # one stage, with arguments for pytest
    python3 tests/run.py --stage integration --core 2.19    # one stage on one ansible-core
    python3 tests/run.py --stage sanity                     # ansible-test sanity, not part of the suite
    python3 tests/run.py --publish                          # writes the table of versions in README.md

All output and the JUnit reports are in build/test-results/.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

from ansible_tester import ansible_test
from both_ways import RECORD, differences
from checkout import collection_copy
from environments import CHECKOUT, TESTS, Core, Failed, Missing, all_cores, cores, environment
from versions import COLUMNS, Ran, publish
from versions import differences as version_differences

RESULTS = CHECKOUT / "build" / "test-results"
README = CHECKOUT / "README.md"


@dataclasses.dataclass(frozen=True)
class Outcome:
    """The counts of a job, and the part of its output to show."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    output: str = ""

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def total(outcomes: list[Outcome]) -> Outcome:
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)
    skipped = sum(outcome.skipped for outcome in outcomes)
    return Outcome(passed, failed, skipped)


@dataclasses.dataclass(frozen=True)
class Job:
    """A part of a stage: a program in its environments.

    ``kind`` and ``core`` are for the table in README.md: the kind of tests, and the ansible-core that they run on.
    """

    name: str
    environments: list[str]
    run: Callable[[str, list[Path]], Outcome]
    kind: str = ""
    core: str = ""

    def ran(self) -> Ran:
        """Return the entry for the table in README.md."""
        first, last = (_python_of(environment(name)) for name in (self.environments[0], self.environments[-1]))
        return Ran(self.kind, self.core, first, last)

    def outcome(self) -> Outcome:
        """Run the job and print its outcome. A job without its interpreter counts as one skipped test."""
        start = time.monotonic()
        try:
            outcome = self.run(self.name, [environment(name) for name in self.environments])
        except Missing as missing:
            outcome = Outcome(skipped=1, output=f"{missing}\n")
        except Failed as failed:
            outcome = Outcome(failed=1, output=f"{failed}\n")
        seconds = time.monotonic() - start
        print(f"{self.name}: {outcome} ({seconds:.1f} s)\n{outcome.output}", end="", flush=True)
        return outcome


def run_pytest(
    folder: str,
    arguments: list[str],
    name: str,
    environments: list[Path],
    variables: Mapping[str, str] | None = None,
) -> Outcome:
    """Run a folder of tests in the first environment. The Python of the last one runs the modules."""
    tests = [str(path) for path in sorted((TESTS / folder).glob("**/test_*.py")) if "targets" not in path.parts]
    if not tests:
        return Outcome(failed=1, output=f"There are no tests in tests/{folder}.\n")
    report = RESULTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    programs, modules = environments[0] / "bin", environments[-1] / "bin"
    if folder == "unit" and not arguments:
        # A selection of the tests would not cover all lines.
        arguments = ["--cov=plugins", "--cov-config=tests/coverage.ini", "--cov-report=term-missing:skip-covered"]
    result = subprocess.run(
        [str(programs / "python"), "-m", "pytest", "-q", "-rs", f"--junit-xml={report}", *tests, *arguments],
        cwd=CHECKOUT,
        env={
            **os.environ,
            "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
            "COVERAGE_FILE": str(RESULTS / f"{name}.coverage"),
            "TWILIO_PROXY_MODULE_PYTHON": str(modules / "python"),
            **(variables or {}),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    (RESULTS / f"{name}.log").write_text(result.stdout, encoding="utf-8")
    suites = list(ElementTree.parse(report).iter("testsuite")) if report.exists() else []
    tests_run, errors, failures, skipped = (
        sum(int(suite.attrib[key]) for suite in suites) for key in ("tests", "errors", "failures", "skipped")
    )
    failed = errors + failures or int(result.returncode != 0)
    passed = max(tests_run - errors - failures - skipped, 0)
    reasons = "".join(line for line in result.stdout.splitlines(keepends=True) if line.startswith("SKIPPED"))
    return Outcome(passed, failed, skipped, result.stdout if failed else reasons)


@functools.cache
def _python_of(path: Path) -> str:
    """Return the Python version of an environment, such as 3.13."""
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    command = [str(path / "bin" / "python"), "-c", program]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def run_targets(core: Core, name: str, environments: list[Path]) -> Outcome:
    """Run the integration targets with the ansible-test of this row. Each target counts as one test."""
    modules = environments[-1]
    python = f"{_python_of(modules)}@{modules / 'bin' / 'python'}"
    hosts = ["--controller", "origin:python=default", "--target", f"controller:python={python}"]
    with collection_copy() as collection:
        if modules != environments[0]:
            settings = collection / "tests" / "integration" / "integration_config.yml"
            settings.write_text("variants_to_run: [recorded]\n", encoding="utf-8")
        test = functools.partial(ansible_test, core, collection, beside=modules.name)
        listed = test(["integration", "--list-targets"]).stdout.splitlines()
        targets = [line for line in listed if (collection / "tests/integration/targets" / line).is_dir()]
        if modules.name != core.modules:
            targets = [target for target in targets if not target.startswith("role_")]
        if not targets:
            return Outcome(failed=1, output="There are no targets in tests/integration/targets.\n")
        result = test(["integration", *hosts, "--continue-on-error", *targets])
        reports = [json.loads(path.read_text()) for path in collection.glob("tests/output/data/integration-*.json")]
    (RESULTS / f"{name}.log").write_text(result.stdout, encoding="utf-8")
    passed = sum(len(report["targets"]) for report in reports)
    failed = len(targets) - passed or int(result.returncode != 0)
    return Outcome(passed, failed, output=result.stdout if failed else "")


def run_sanity(core: Core, arguments: list[str], name: str, _environments: list[Path]) -> Outcome:
    """Run ansible-test sanity. Each of its tests counts as one."""
    with collection_copy() as collection:
        result = ansible_test(core, collection, ["sanity", *arguments])
    (RESULTS / f"{name}.log").write_text(result.stdout, encoding="utf-8")
    ran = result.stdout.count('Running sanity test "')
    verdict = re.search(r"The (\d+) sanity test\(s\) listed below", result.stdout)
    failed = int(verdict[1]) if verdict else int(result.returncode != 0)
    return Outcome(ran - failed, failed, output=result.stdout if failed else "")


#: The variables that select a way of execution.
WAYS = {"process": {"TWILIO_PROXY_IN_PROCESS": "true"}, "module": {"TWILIO_PROXY_IN_PROCESS": "false"}}


def recording(core: Core, way: str) -> Path:
    """Return the file with the recorded results of the integration tests."""
    return RESULTS / f"integration-{core.version}-{way}.results"


def run_integration(core: Core, way: str, arguments: list[str], name: str, environments: list[Path]) -> Outcome:
    """Run the integration tests one way, and record all results."""
    recorded = recording(core, way)
    recorded.unlink(missing_ok=True)
    variables = {**WAYS[way], RECORD: str(recorded)}
    return run_pytest("integration", arguments, name, environments, variables)


def compare_ways(core: Core, _name: str, _environments: list[Path]) -> Outcome:
    """Compare the recorded results of both ways. Each command of a test counts as a test."""
    first, second = (recording(core, way) for way in core.ways)
    count, found = differences(first, second)
    return Outcome(count - len(found), len(found), output="".join(f"{text}\n" for text in found))


def jobs(stage: str, rows: list[Core], arguments: list[str]) -> list[Job]:
    """Return the jobs of a stage on these rows of the matrix."""
    if stage in ("contract", "awx"):
        return [Job(stage, [stage], functools.partial(run_pytest, stage, arguments))]
    return [job for core in rows for job in _jobs_of_row(stage, core, arguments)]


def _jobs_of_row(stage: str, core: Core, arguments: list[str]) -> list[Job]:
    name, own, both = f"{stage}-{core.version}", [core.environment], [core.environment, core.modules]
    if stage == "sanity":
        return [Job(name, own, functools.partial(run_sanity, core, arguments), stage, core.version)]
    if stage == "unit":
        return [Job(name, own, functools.partial(run_pytest, stage, arguments), stage, core.version)]
    if stage != "integration":
        return [Job(name, both, functools.partial(run_pytest, stage, arguments))]
    found = []
    for way in core.ways:
        run = functools.partial(run_integration, core, way, arguments)
        found.append(Job(f"{name}-{way}", both, run, stage, core.version))
    # The arguments are for pytest.
    for modules in core.targets if not arguments else ():
        name = f"targets-{core.version}-{modules}"
        run = functools.partial(run_targets, core)
        found.append(Job(name, [core.environment, modules], run, "targets", core.version))
    return found


def comparisons(stage: str, rows: list[Core]) -> list[Job]:
    """Return the jobs to run when all others of a stage are done."""
    both = [core for core in rows if stage == "integration" and len(core.ways) > 1]
    return [Job(f"ways-{core.version}", [], functools.partial(compare_ways, core)) for core in both]


def check_versions(ran: set[Ran], _name: str, _environments: list[Path]) -> Outcome:
    """Compare the table in README.md with what ran. Each kind of tests on an ansible-core counts as a test.

    Nothing is compared if other Pythons than the preferred ones were used.
    """
    preferred = {core.version: core.python[0] for core in all_cores()}
    others = sorted(entry for entry in ran if entry.python != preferred[entry.core])
    if others:
        return Outcome(skipped=1, output=f"README.md is about other Pythons than these: {others}\n")
    found = version_differences(README.read_text(encoding="utf-8"), ran)
    return Outcome(max(len(ran) - len(found), 0), len(found), output="".join(f"{text}\n" for text in found))


def main() -> int:
    suite = ["integration", "docs", "faults", "unit", "scale", "awx", "contract"]
    parser = argparse.ArgumentParser(description="Run the tests, and count them.")
    parser.add_argument("--stage", action="append", choices=[*suite, "sanity"], help="this one only; may be repeated")
    parser.add_argument("--core", action="append", help="on this ansible-core only, such as 2.19; may be repeated")
    parser.add_argument("--publish", action="store_true", help="write the table of versions in README.md")
    parser.add_argument("arguments", nargs="*", help="of pytest or ansible-test sanity, after two dashes")
    options = parser.parse_args()
    RESULTS.mkdir(parents=True, exist_ok=True)
    planned, afterwards = [], []
    for stage in options.stage or suite:
        rows = [core for core in cores(stage) if not options.core or core.version in options.core]
        planned += jobs(stage, rows, options.arguments)
        afterwards += comparisons(stage, rows)
    # One more than there are processors, as many tests mostly wait. Long ones start first.
    with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        outcomes = list(pool.map(Job.outcome, planned))
    listed = [(job, outcome) for job, outcome in zip(planned, outcomes, strict=True) if job.kind in COLUMNS]
    good = all(outcome.passed and not (outcome.failed or outcome.skipped) for _job, outcome in listed)
    if good and not (options.core or options.arguments):
        ran = {job.ran() for job, _outcome in listed}
        if options.publish:
            publish(README, ran)
        if ran:
            afterwards.append(Job("versions", [], functools.partial(check_versions, ran)))
    outcomes += map(Job.outcome, afterwards)
    counts = total(outcomes)
    print(counts)
    return int(counts.failed > 0 or counts.passed == 0)


if __name__ == "__main__":
    sys.exit(main())
