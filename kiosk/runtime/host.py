"""Readings of the machine: memory, processor and temperature."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


THERMAL = Path("/sys/class/thermal")
PROC = Path("/proc")


def kilobytes(file: Path, key: str) -> int | None:
    """A line such as `VmRSS: 1234 kB` of /proc, in bytes."""
    for line in _lines(file):
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) << 10
    return None


def warmest(folder: Path) -> float | None:
    """Degrees Celsius of the warmest zone the system tells of."""
    found = []
    for zone in folder.glob("thermal_zone*/temp"):
        for line in _lines(zone):
            found.append(int(line) / 1000)
    plausible = [each for each in found if 0 < each < 150]
    return max(plausible, default=None)


def processor_name() -> str:
    """The processor's name as it calls itself, or that of its architecture."""
    for line in _lines(PROC / "cpuinfo"):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return ""


def _lines(file: Path) -> Iterable[str]:
    try:
        return file.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ()
