# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of an emulator. It must belong to the user who runs this, and only that user can write to it.

The role also runs this file alone, on a target without the program, so it imports no other module of the program.
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

# Errors of opening a link, a named pipe, a file of another user or a directory.
NOT_OWN_FILE = (errno.ELOOP, errno.ENXIO, errno.EACCES, errno.EPERM, errno.EISDIR)


class DirectoryError(Exception):
    """The directory cannot be trusted. The message names the reason and what to do."""


class Directory:
    """The files of one emulator. No method follows a link to a file or leaves a file readable for others."""

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
        """Lock the directory for starting or stopping the emulator. Create it first."""
        self.create()
        with self.open("lock", os.O_WRONLY | os.O_CREAT) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def open(self, name: str, flags: int) -> t.Iterator[int]:
        """Open a file of the directory and yield its descriptor."""
        directory = self._open_directory()
        try:
            # Without O_NONBLOCK, opening a named pipe waits for its other end.
            flags |= os.O_NOFOLLOW | os.O_NONBLOCK
            descriptor = os.open(name, flags, 0o600, dir_fd=directory)
        except OSError as error:
            if error.errno in NOT_OWN_FILE:
                raise self._not_own_file(name) from error
            raise
        finally:
            os.close(directory)
        try:
            found = os.fstat(descriptor)
            # A hard link could be anywhere.
            if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_nlink != 1:
                raise self._not_own_file(name)
            os.fchmod(descriptor, 0o600)
            yield descriptor
        finally:
            os.close(descriptor)

    @contextlib.contextmanager
    def open_empty(self, name: str) -> t.Iterator[int]:
        """Open a file, empty it and yield its descriptor."""
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
        # Checked before for the message, and after because it could change in between.
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
            # A sticky directory such as /tmp must stay writable for all.
            way_out = "C" if found.st_mode & stat.S_ISVTX else f"Run chmod go-w {self.path}, or c"
            raise DirectoryError(
                f"Other users can write to {self.path} (mode {stat.S_IMODE(found.st_mode):04o}). "
                f"{way_out}hoose another directory."
            )

    def _not_own_file(self, name: str) -> DirectoryError:
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
