"""The files and folders that a person names to be written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from kiosk.core.errors import InputError
from kiosk.core.own_files import OwnFiles
from kiosk.core.settings import Settings


class OutFile(click.Path):
    """The type of every argument and option that names a file to be written: none of the kiosk's
    own files is taken, whatever --force says."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path. Raises InputError for one of the kiosk's own files."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        own = _own_files(ctx)
        if own is not None:
            self.check(own, path)
        return path

    def check(self, own: OwnFiles, path: Path) -> None:
        """Raises InputError if writing there would hurt the kiosk's own files."""
        own.refuse(path)


class OutFolder(OutFile):
    """The same of a folder into which files of fixed names are written."""

    def check(self, own: OwnFiles, path: Path) -> None:
        """Raises InputError also for a folder that holds one of the kiosk's own files."""
        own.refuse(path)
        own.refuse_folder(path)


def _own_files(ctx: click.Context | None) -> OwnFiles | None:
    """Those of the settings the command runs with; None where no settings are loaded."""
    settings = ctx.find_object(Settings) if ctx is not None else None
    if ctx is None or settings is None:
        return None
    return OwnFiles.of(settings, ctx.find_root().params.get("config"))


OUT_FILE = OutFile()
OUT_FOLDER = OutFolder()


def check_folder(folder: Path, *, force: bool) -> None:
    """Refuse a folder with something in it before any work is done. Raises InputError."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is not a folder.", "Name a folder for the report.")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise InputError(f"{folder} is not empty.", "Name another folder, or give --force.")
