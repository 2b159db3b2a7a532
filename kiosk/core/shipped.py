"""Where the files that come with the kiosk are: weights and assets."""

from __future__ import annotations

from pathlib import Path


def shipped_folder(name: str) -> Path:
    """The folder `name` ("weights", "assets") beside the package, as in a clone."""
    return Path(__file__).resolve().parents[2] / name
