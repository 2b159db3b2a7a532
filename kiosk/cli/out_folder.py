"""The folder that --out names."""

from __future__ import annotations

from pathlib import Path

from kiosk.core.errors import InputError


def check_folder(folder: Path, *, force: bool) -> None:
    """Refuse a folder with something in it before any work is done. Raises InputError."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is not a folder.", "Name a folder for the report.")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise InputError(f"{folder} is not empty.", "Name another folder, or give --force.")
