"""Whether this program came by the package of the system, which has a session for the screen."""

from __future__ import annotations

import sys
from pathlib import Path

PACKAGE = Path("/usr/lib/kiosk")
"""Where the package lies; its versions are environments below."""
SESSION = "kiosk-session"
"""The unit that gives the kiosk the screen."""


def by_package() -> bool:
    """Whether this is a version that the package installed."""
    return Path(sys.prefix).is_relative_to(PACKAGE)
