"""Whole recordings of a collection as sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kiosk.capture.media import MediaSource
from kiosk.core.errors import InputError
from kiosk.core.media import AudioChunk

_SIDE = 16
"""Pixels of a picture nobody looks at: a clip has some between its sounds."""


def whole_sound(path: Path) -> AudioChunk:
    """All sound of a recording at its own rate. Raises InputError where there is none."""
    with MediaSource(path, longest=_SIDE) as source:
        chunks = [event for event in source.events() if isinstance(event, AudioChunk)]
    if not chunks:
        raise InputError(f"{path.name} holds no sound.", "Give a recording with sound.")
    rate = chunks[0].rate
    parts = [chunk.samples for chunk in chunks if chunk.rate == rate]
    return AudioChunk(np.concatenate(parts), rate, chunks[0].time)
