# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the files of a release: the tarball, the bill of materials, and the checksums of both.

    python .ci/artifacts.py VERSION    # of the collection in the current folder, into $CHECKOUT/build/release

VERSION is that of a tag, and has to be that of galaxy.yml.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from pathlib import Path

import yaml
from bill import bill_of_materials
from package import commit_time, package


def artifacts(collection: Path, folder: Path, time: int) -> list[Path]:
    """Make the files of a release in a folder, which is emptied first. Return their paths."""
    galaxy = yaml.safe_load((collection / "galaxy.yml").read_text(encoding="utf-8"))
    shutil.rmtree(folder, ignore_errors=True)
    tarball = package(collection, folder, time)
    stem = tarball.name.removesuffix(".tar.gz")
    bill, checksums = folder / f"{stem}.cdx.json", folder / f"{stem}.sha256"
    bill_of_materials(collection, f"{galaxy['namespace']}.{galaxy['name']}", galaxy["version"], bill, time)
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in (tarball, bill)]
    checksums.write_text("".join(lines), encoding="utf-8")
    return [tarball, bill, checksums]


def main(version: str) -> int:
    collection, checkout = Path.cwd(), Path(os.environ["CHECKOUT"])
    found = yaml.safe_load((collection / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    if found != version:
        sys.exit(f"The version in galaxy.yml is {found}, and not {version}.")
    for file in artifacts(collection, checkout / "build" / "release", commit_time(checkout)):
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
