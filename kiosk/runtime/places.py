"""Where staff may take files from and put files: media that are plugged in, and one folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kiosk.core.errors import StorageError
from kiosk.core.settings import Settings

MOUNTS = Path("/proc/self/mountinfo")
BLOCK_DEVICES = Path("/sys/dev/block")
BELOW = (Path("/media"), Path("/run/media"))
"""Where a system mounts what is plugged in."""
_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class FilePlace:
    """A folder that staff may look into, with all below it."""

    folder: Path
    removable: bool

    def holds(self, path: Path) -> bool:
        """Whether a path lies within, whatever links lead there."""
        return path.resolve().is_relative_to(self.folder.resolve())


def file_places(
    settings: Settings, mounts: Path = MOUNTS, devices: Path = BLOCK_DEVICES
) -> list[FilePlace]:
    """What is plugged in, newest first, then the folder, which is made if it is not there. Raises
    StorageError."""
    folder = settings.import_folder
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The folder for files cannot be made: {error.strerror}.",
            "Set import_folder to one that can be written.",
        ) from error
    plugged = reversed(list(removable_media(mounts, devices)))
    return [*(FilePlace(each, removable=True) for each in plugged), FilePlace(folder, False)]


def removable_media(mounts: Path = MOUNTS, devices: Path = BLOCK_DEVICES) -> Iterator[Path]:
    """Where media are mounted that can be taken out, in the order of mounting (proc(5), mountinfo:
    the third field is major:minor, the fifth the place). Other systems tell nothing here."""
    try:
        lines = mounts.read_text("utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 5:
            continue
        place = Path(_ESCAPED.sub(lambda found: chr(int(found[1], 8)), fields[4]))
        usual = any(place != below and place.is_relative_to(below) for below in BELOW)
        if place != Path("/") and (usual or _can_be_taken_out(devices / fields[2])):
            yield place


def _can_be_taken_out(device: Path) -> bool:
    """Of a partition its disk says so."""
    for flag in (device / "removable", device.resolve().parent / "removable"):
        try:
            return flag.read_text("ascii").strip() == "1"
        except OSError:
            continue
    return False
