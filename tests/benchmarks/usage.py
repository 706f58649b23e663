# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command and write its usage to a file.

    python usage.py RESULT COMMAND...

A process inherits the peak memory of the one that started it. This small program starts the command, so that the memory
of the benchmark itself does not count.
"""

from __future__ import annotations

import json
import os
import sys
import time

#: The unit of ru_maxrss, according to the manual of each system.
BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024
MIB = 1024 * 1024


def main(result: str, *command: str) -> int:
    start = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ)
    # Includes the processes that it waited for: the modules of a playbook, and not the emulator.
    _pid, status, usage = os.wait4(pid, 0)
    measured = {
        "seconds": time.monotonic() - start,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * BYTES_PER_UNIT / MIB,
    }
    with open(result, "w", encoding="utf-8") as file:
        json.dump(measured, file)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
