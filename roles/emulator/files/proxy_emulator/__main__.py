# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the package from its directory: ``python PATH/proxy_emulator start …``."""

from __future__ import annotations

import json
import pathlib
import sys

# Python puts this directory first on the path; its parent belongs there, so that the package has its name and
# none of its modules can hide one of the standard library.
sys.path[0] = str(pathlib.Path(__file__).resolve().parent.parent)

try:
    from proxy_emulator.cli import main
except ModuleNotFoundError as error:
    if error.name != "jsonschema":
        raise
    message = f"The emulator needs the Python library jsonschema (3.2 or newer), which {sys.executable} does not have"
    sys.stdout.write(json.dumps({"changed": False, "error": message}) + "\n")
    sys.exit(message)

sys.exit(main(sys.argv[1:]))
