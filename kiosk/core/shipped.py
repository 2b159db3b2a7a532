"""Where the files that come with the kiosk are: weights and assets."""

from __future__ import annotations

from pathlib import Path

from kiosk.core.errors import BugError

_PACKAGE = Path(__file__).resolve().parents[1]


def shipped_folder(name: str) -> Path:
    """The folder `name` ("weights", "assets"): inside the package as a wheel installs it, beside
    the package in a clone."""
    for folder in (_PACKAGE / "_shipped" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise BugError(f"{name} does not come with this installation")
