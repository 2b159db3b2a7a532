"""Pictures, sound and vectors as they pass between packages: frozen and typed.

Times are seconds on the clock of the source they came from (a file's timestamps, a device's
monotonic clock); picture and sound of one source share one clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kiosk.core.shown_text import shown

Image: TypeAlias = NDArray[np.uint8]
"""(height, width, 3), RGB."""
Waveform: TypeAlias = NDArray[np.float32]
"""(samples,), mono, -1..1."""
Vector: TypeAlias = NDArray[np.float32]
"""(dims,), length one."""
Matrix: TypeAlias = NDArray[np.float32]
"""(rows, dims), rows of length one."""
Points: TypeAlias = NDArray[np.float32]
"""(5, 2): x, y in pixels of left eye, right eye, nose, left and right corner of the mouth, as seen
in the picture."""

SPEECH_RATE = 16_000
"""Hertz of all speech once it is inside the voice path."""


class Modality(StrEnum):
    """A kind of evidence of identity."""

    FACE = "face"
    VOICE = "voice"


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture. `index` counts from 0 and leaves gaps where frames were dropped."""

    image: Image
    time: float
    index: int = 0


@dataclass(frozen=True, eq=False)
class AudioChunk:
    """A stretch of mono sound; `time` is that of its first sample, `rate` in hertz."""

    samples: Waveform
    rate: int
    time: float

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.samples) / self.rate


class NoticeKind(StrEnum):
    """What happened to a source while it was open."""

    LOST = "lost"
    RESTORED = "restored"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class SourceNotice:
    """A device or stream went away (and is being tried again) or came back, or a part of a
    recording could not be used. Its words may quote what came from outside, and so are kept as they
    may be shown.

    `modality` is what is missing without the device, None where that is both or neither; `code` is
    the class of the error, empty where there was none.
    """

    kind: NoticeKind
    text: str
    remedy: str = ""
    modality: Modality | None = None
    code: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", shown(self.text))
        object.__setattr__(self, "remedy", shown(self.remedy))
