"""Memory of a run on a processor, kept from one step to the next.

A step asks for hundreds of megabytes and lets go of them again. The C library hands such pieces
back to the system at once, which has to fill each page with zeros when it is asked for the next
time: a third of the processor time of a run of the face attributes.
"""

from __future__ import annotations

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""As `mallopt` of the GNU C library numbers them."""
_KEPT = 1 << 29
"""Bytes that may lie unused, and of the largest piece that is kept."""


def keep_memory() -> None:
    """For this process from now on; where the C library is another one, nothing changes."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_TRIM_THRESHOLD, _KEPT)
        mallopt(_MMAP_THRESHOLD, _KEPT)
