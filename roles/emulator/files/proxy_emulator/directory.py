# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of an emulator, which belongs to the user who runs this and which nobody else can change.

The role also runs this file alone, on a target that does not have the program yet, so it imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import pathlib
import stat
import sys
import typing as t

# What a link, a named pipe, a file of another user and a directory give where a file of our own is opened.
NO_FILE_OF_OURS = (errno.ELOOP, errno.ENXIO, errno.EACCES, errno.EPERM, errno.EISDIR)


class DirectoryError(Exception):
    """The directory cannot be trusted; the message says why, and what to do."""


class Directory:
    """The files of one emulator. No method follows a link to a file, or leaves a file readable by others."""

    def __init__(self, path: str) -> None:
        self.path = pathlib.Path(path).expanduser().absolute()

    def create(self) -> None:
        """Create the directory unless it exists, and check it."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.check()

    def check(self) -> None:
        """Raise ``DirectoryError`` if the directory exists and cannot be trusted."""
        with contextlib.suppress(FileNotFoundError):
            os.close(self._open_directory())

    @contextlib.contextmanager
    def locked(self) -> t.Iterator[None]:
        """Let one process at a time start or stop the emulator. Creates the directory."""
        self.create()
        with self.open("lock", os.O_WRONLY | os.O_CREAT) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def open(self, name: str, flags: int) -> t.Iterator[int]:
        """Open a file of the directory; yields its descriptor."""
        directory = self._open_directory()
        try:
            # Without O_NONBLOCK, to open a named pipe would wait for its other end.
            flags |= os.O_NOFOLLOW | os.O_NONBLOCK
            descriptor = os.open(name, flags, 0o600, dir_fd=directory)
        except OSError as error:
            if error.errno in NO_FILE_OF_OURS:
                raise self._no_file_of_ours(name) from error
            raise
        finally:
            os.close(directory)
        try:
            found = os.fstat(descriptor)
            # A second name of a file of ours could be anywhere.
            if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_nlink != 1:
                raise self._no_file_of_ours(name)
            os.fchmod(descriptor, 0o600)
            yield descriptor
        finally:
            os.close(descriptor)

    @contextlib.contextmanager
    def open_empty(self, name: str) -> t.Iterator[int]:
        """Open a file to write it anew; yields its descriptor."""
        # O_TRUNC would empty the file before it is checked.
        with self.open(name, os.O_WRONLY | os.O_CREAT) as descriptor:
            os.ftruncate(descriptor, 0)
            yield descriptor

    def write(self, name: str, value: t.Any) -> None:
        """Write a file as JSON."""
        with self.open_empty(name) as descriptor, os.fdopen(descriptor, "w", encoding="utf-8", closefd=False) as stream:
            json.dump(value, stream)

    def read(self, name: str) -> str | None:
        """Return the text of a file, or None if it does not exist."""
        try:
            with self.open(name, os.O_RDONLY) as descriptor, os.fdopen(descriptor, "rb", closefd=False) as stream:
                return stream.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return None

    def remove(self, name: str) -> None:
        """Remove a file."""
        directory = self._open_directory()
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name, dir_fd=directory)
        finally:
            os.close(directory)

    def _open_directory(self) -> int:
        for parent in self.path.parents:
            found = os.lstat(parent)
            if stat.S_ISLNK(found.st_mode) and found.st_uid not in (0, os.geteuid()):
                raise DirectoryError(f"{parent} is a link that another user made. Choose another directory.")
        # Checked before for the sake of the message, and after so that nothing can change in between.
        self._check(os.lstat(self.path))
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            self._check(os.fstat(descriptor))
        except DirectoryError:
            os.close(descriptor)
            raise
        return descriptor

    def _check(self, found: os.stat_result) -> None:
        if stat.S_ISLNK(found.st_mode):
            raise DirectoryError(f"{self.path} is a link. Give the directory itself.")
        if not stat.S_ISDIR(found.st_mode):
            raise DirectoryError(f"{self.path} is not a directory. Remove it, or choose another directory.")
        if found.st_uid != os.geteuid():
            raise DirectoryError(
                f"{self.path} belongs to another user (ID {found.st_uid}). Choose a directory of your own, or give "
                f"this one to the user who runs the emulator (ID {os.geteuid()}) with chown."
            )
        if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            # A sticky directory, such as /tmp, is one for everybody, and has to stay one.
            way_out = "C" if found.st_mode & stat.S_ISVTX else f"Run chmod go-w {self.path}, or c"
            raise DirectoryError(
                f"Other users can write to {self.path} (mode {stat.S_IMODE(found.st_mode):04o}). "
                f"{way_out}hoose another directory."
            )

    def _no_file_of_ours(self, name: str) -> DirectoryError:
        return DirectoryError(f"{self.path / name} is not a regular file of your own. Remove it.")


def main(arguments: t.Sequence[str]) -> None:
    """Check the directories at these paths; with ``--create`` before them, create those that do not exist."""
    create = arguments[0] == "--create"
    try:
        for directory in map(Directory, arguments[create:]):
            directory.create() if create else directory.check()
    except (DirectoryError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
