"""Whether a camera has frozen: it goes on to deliver, and what it delivers is one picture.

A sensor is never twice the same: between two pictures of a camera that works some value of some
pixel differs. Drivers that hang hand out their last picture again and again. Behind an encoder a
picture that stands still comes back as one of a few, with some new ones whenever the encoder begins
afresh, every second or so.
"""

from __future__ import annotations

import zlib

from kiosk.core.media import Image

MEMORY = 2.0
"""Seconds for which a picture is remembered: longer than encoders take to begin afresh, and shorter
than a film that is shown again and again."""
THAW = 1.5
"""Seconds without any repetition after which a frozen camera counts as moving again."""
_STEP = 4
"""Every so many rows and columns are looked at, a sixteenth of the picture."""
_LONGEST = 0.25
"""Seconds that one picture counts for at most."""


class Stillness:
    """Follows the pictures of one camera, also across its being opened again."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._seen: dict[int, float] = {}
        self._at: float | None = None
        self._still = self._moving = 0.0
        self._frozen = False

    def frozen(self, image: Image, now: float) -> bool:
        """Take a picture that came at `now`, in seconds: whether repetitions have outweighed what
        was new by `limit` seconds, and there was no moving since."""
        passed = min(now - self._at, _LONGEST) if self._at is not None else 0.0
        self._at = now
        if self._is_repeated(image, now):
            self._still, self._moving = self._still + passed, 0.0
        else:
            self._still, self._moving = max(0.0, self._still - passed), self._moving + passed
        if self._frozen and self._moving >= THAW:
            self._frozen, self._still = False, 0.0
        self._frozen = self._frozen or self._still >= self._limit
        return self._frozen

    def _is_repeated(self, image: Image, now: float) -> bool:
        seen = self._seen = {mark: at for mark, at in self._seen.items() if at >= now - MEMORY}
        mark = zlib.crc32(image[::_STEP, ::_STEP].tobytes(), image.shape[0])
        repeated = mark in seen
        seen[mark] = now
        return repeated
