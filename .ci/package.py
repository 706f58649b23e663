# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the collection as a reproducible tarball.

    python .ci/package.py FOLDER    # the collection of the current folder into FOLDER; prints the path

A tarball of ansible-galaxy has the modification times of the files, in the order of the file system. Here the files are
sorted by name, and all have the time SOURCE_DATE_EPOCH, in seconds, or else that of the last commit, or else, without
git, that of galaxy.yml. The compression is that of Python's zlib: two of its releases may compress the same content
differently.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import typing as t
from pathlib import Path

#: The file that lists the files of a tarball, and the one with the checksum of that list.
LISTING, MANIFEST = "FILES.json", "MANIFEST.json"


def commit_time(repository: Path) -> int:
    """Return SOURCE_DATE_EPOCH, or the time of the last commit, or without git that of galaxy.yml."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    if not (repository / ".git").exists():
        return int((repository / "galaxy.yml").stat().st_mtime)
    command = ["git", "log", "-1", "--format=%ct"]
    return int(subprocess.run(command, cwd=repository, check=True, stdout=subprocess.PIPE, text=True).stdout)


def package(collection: Path, folder: Path, time: int) -> Path:
    """Build a collection's tarball in a folder, with one time for all files, and return its path."""
    with tempfile.TemporaryDirectory() as temporary:
        command = ["ansible-galaxy", "collection", "build", "--output-path", temporary]
        subprocess.run(command, cwd=collection, check=True, stdout=subprocess.DEVNULL)
        (built,) = Path(temporary).glob("*.tar.gz")
        with tarfile.open(built) as archive:
            members = {member.name: (member, _content(archive, member)) for member in archive}
    listing = json.loads(members[LISTING][1])
    listing["files"].sort(key=lambda file: file["name"])
    _replace(members, LISTING, listing)
    manifest = json.loads(members[MANIFEST][1])
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(members[LISTING][1]).hexdigest()
    _replace(members, MANIFEST, manifest)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / built.name
    _write(target, [members[name] for name in sorted(members)], time)
    return target


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member) if member.isfile() else None
    return file.read() if file else b""


def _replace(members: dict[str, tuple[tarfile.TarInfo, bytes]], name: str, value: t.Any) -> None:
    member = members[name][0]
    content = json.dumps(value, indent=1).encode()
    member.size = len(content)
    members[name] = member, content


def _write(target: Path, members: list[tuple[tarfile.TarInfo, bytes]], time: int) -> None:
    with (
        open(target, "wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=time) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for member, content in members:
            member.mtime = time
            member.pax_headers = {}
            archive.addfile(member, io.BytesIO(content))


if __name__ == "__main__":
    collection = Path.cwd()
    print(package(collection, Path(sys.argv[1]), commit_time(Path(os.environ.get("CHECKOUT", collection)))))
