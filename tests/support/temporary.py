"""Where tests keep what they write: in memory, where there is enough of it.

Every gallery that a test makes is flushed to the disk some seventy times, as a kiosk has to. Where
thousands are made, tests wait for the disk longer than they compute. No test can see whether a disk
kept what it was told to keep; what a process that is killed leaves is the same in memory.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

IN_MEMORY = Path("/dev/shm")
ENOUGH = 4 << 30


def keep_temporary_files_in_memory() -> None:
    """For this process and all that it starts, unless somebody has chosen a folder (TMPDIR)."""
    if "TMPDIR" not in os.environ and has_room(IN_MEMORY):
        os.environ["TMPDIR"] = str(IN_MEMORY)
        tempfile.tempdir = None


def has_room(folder: Path) -> bool:
    """Whether everybody may write there, programs as well, and enough of it."""
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        return False
    system = os.statvfs(folder)
    return system.f_bavail * system.f_frsize >= ENOUGH and not system.f_flag & os.ST_NOEXEC
