# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every test has: the collection under its import name, none of the user's settings, and the emulator."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import tempfile
from pathlib import Path

import pytest

try:
    from hypothesis import HealthCheck, settings
except ModuleNotFoundError:  # the environment for AWX has no property tests
    pass
else:
    # No limits of time, as the machine may be busy, and the same examples in each run, to make failures reproducible.
    settings.register_profile(
        "repeatable", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("repeatable")

CHECKOUT = Path(__file__).resolve().parent.parent

# The checkout as ansible_collections/twilio/proxy, both for Python's imports and for ansible's command line tools.
_temporary = tempfile.TemporaryDirectory(prefix="twilio-proxy-tests-")
atexit.register(_temporary.cleanup)
COLLECTIONS = Path(_temporary.name, "collections")
(COLLECTIONS / "ansible_collections" / "twilio").mkdir(parents=True)
(COLLECTIONS / "ansible_collections" / "twilio" / "proxy").symlink_to(CHECKOUT)
# The emulator, which is a program and no part of the collection's Python, goes by its own name.
sys.path[:0] = [str(COLLECTIONS), str(CHECKOUT / "roles" / "emulator" / "files")]

# A shell starts its background jobs with this signal ignored, and the tests of interrupts send it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# No account and no settings of the person who runs the tests: whatever a test wants, it sets itself.
for variable in list(os.environ):
    if variable.startswith(("ANSIBLE_", "TWILIO_")) and not variable.startswith("TWILIO_PROXY_"):
        del os.environ[variable]
os.environ.pop("TWILIO_PROXY_BASE_URL", None)
os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(COLLECTIONS)
os.environ["ANSIBLE_CONFIG"] = str(Path(_temporary.name, "ansible.cfg"))
os.environ["ANSIBLE_HOME"] = str(Path(_temporary.name, "home"))
Path(os.environ["ANSIBLE_CONFIG"]).touch()

pytest_plugins = ["ansible_collections.twilio.proxy.tests.support.fixtures"]


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The top of the checkout."""
    return CHECKOUT


@pytest.fixture(scope="session")
def collections_path() -> Path:
    """A folder for ANSIBLE_COLLECTIONS_PATH (which is set to it already) that holds this collection and no other."""
    return COLLECTIONS
