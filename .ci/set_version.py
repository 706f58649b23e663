# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set the version of the collection, a semantic version: python .ci/set_version.py 1.2.3"""

import re
import sys
from pathlib import Path

from ansible.utils.version import SemanticVersion

#: The files with the version, and the line with it.
LINES = {"galaxy.yml": "version: {}", "plugins/module_utils/_version.py": 'VERSION = "{}"'}

(version,) = sys.argv[1:]
SemanticVersion(version)
for name, line in LINES.items():
    path = Path(name)
    pattern = re.compile(line.format(r"[\w.+-]+"), re.MULTILINE)
    text, count = pattern.subn(line.format(version), path.read_text(encoding="utf-8"))
    if count != 1:
        sys.exit(f"{name}: there are {count} versions, and there should be one.")
    path.write_text(text, encoding="utf-8")
