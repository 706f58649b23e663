# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a command, and writes down what it took.

    python usage.py RESULT COMMAND...

A process begins with the peak memory of the one that started it. So that a large benchmark can tell the peak of a small
program, this stands between the two, and imports next to nothing.
"""

from __future__ import annotations

import json
import os
import sys
import time

#: What ru_maxrss counts in, by the manual of each system.
BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024
MIB = 1024 * 1024


def main(result: str, *command: str) -> int:
    start = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ)
    # Of the process and of those that it waited for: a playbook's modules count, the emulator does not.
    _pid, status, usage = os.wait4(pid, 0)
    took = {
        "seconds": time.monotonic() - start,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * BYTES_PER_UNIT / MIB,
    }
    with open(result, "w", encoding="utf-8") as file:
        json.dump(took, file)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
