"""Keeps what is in memory out of files: no core dump, nobody attaches, nothing goes to swap.

Each step is taken where the system allows it; what was not is told by `kiosk key status`.
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass

_PR_GET_DUMPABLE, _PR_SET_DUMPABLE = 3, 4
_CURRENT, _FUTURE, _ON_FAULT = 1, 2, 4


@dataclass(frozen=True)
class Hardening:
    """What the system granted."""

    no_core_dumps: bool
    not_dumpable: bool
    memory_locked: bool


def harden() -> Hardening:
    """Take every step that the system allows; for the whole process."""
    return Hardening(_no_core_dumps(), _not_dumpable(), _lock_memory())


def is_dumpable() -> bool:
    """Whether another process of this account could read this one's memory."""
    libc = _libc()
    return libc is None or libc.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0) != 0


def _no_core_dumps() -> bool:
    try:
        import resource
    except ImportError:  # no such thing on this system
        return False
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        return False
    return resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)


def _not_dumpable() -> bool:
    """Neither a core dump nor a debugger of the same account."""
    libc = _libc()
    return libc is not None and libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0


def _lock_memory() -> bool:
    """All of it, page by page as it is used: only where there is no limit to that, since a limit
    reached later would refuse memory in the middle of a visit."""
    libc = _libc()
    if libc is None:
        return False
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if soft != resource.RLIM_INFINITY:
        return False
    return bool(libc.mlockall(_CURRENT | _FUTURE | _ON_FAULT) == 0)


def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
