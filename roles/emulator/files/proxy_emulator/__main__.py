# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the package from its directory: ``python PATH/proxy_emulator start …``."""

from __future__ import annotations

import pathlib
import sys

# Python puts this directory first on the path. Its parent belongs there, so that the package has its name and none of
# its modules can hide one of the standard library.
sys.path[0] = str(pathlib.Path(__file__).resolve().parent.parent)

from proxy_emulator.cli import main  # noqa: E402  (needs the path above)

sys.exit(main(sys.argv[1:]))
