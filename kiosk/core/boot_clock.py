"""Time that nobody can set: seconds since the machine was started, and which start that was."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Moment:
    """`seconds` since the start of the machine named `boot`; sleep counts."""

    boot: str
    seconds: float


def now() -> Moment:
    """The moment; where the system does not name its starts, every process is one of its own."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return Moment(_boot(), time.clock_gettime(clock))


def _boot() -> str:
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return f"process {time.time() - time.monotonic():.0f}"
