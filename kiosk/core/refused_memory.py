"""Whether an error says that the machine has no memory left: not our fault, and named as such."""

from __future__ import annotations

import errno

_MEMORY_WORDS = (
    "allocate memory",
    "not enough memory",
    "insufficient memory",
    "out of memory",
    "bad_alloc",
    "can't start new thread",
)
"""How torch, OpenCV, threads and the loader of libraries say that memory was refused, in small
letters."""
_UNMAPPED, _FORBIDDEN = "failed to map segment", "not permitted"
"""What the loader says where it cannot have the memory for a library, unless the disk forbids it to
run programs."""


def is_memory_refused(error: BaseException) -> bool:
    """Whether `error`, or what caused it, is that there is no memory left."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, MemoryError) or getattr(seen, "errno", None) == errno.ENOMEM:
            return True
        told = str(seen).lower()
        if any(words in told for words in _MEMORY_WORDS):
            return True
        if _UNMAPPED in told and _FORBIDDEN not in told:
            return True
        seen = seen.__cause__ or seen.__context__
    return False
