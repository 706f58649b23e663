# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replace the get-pip.py that ansible-test downloads, on machines that can reach a package index only.

noxfile.py copies it to the place where ansible-test looks for get-pip.py, with the wheel of pip beside it.
"""

import runpy
import sys
from pathlib import Path

version = Path(__file__).stem.removeprefix("get_pip_").replace("_", ".")
wheel = str(next(Path(__file__).parent.glob(f"pip-{version}-*.whl")))
options = [option for option in sys.argv[1:] if option not in ("--no-setuptools", "--no-wheel")]

sys.path.insert(0, wheel)
sys.argv = ["pip", "install", "--upgrade", "--force-reinstall", wheel, *options]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
