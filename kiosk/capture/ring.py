"""Between a microphone's callback and its reader."""

from __future__ import annotations

import threading
from collections import deque

import numpy as np
from numpy.typing import NDArray

FOLLOW = 0.02
"""Share of the distance between counted and measured time made good with each piece."""
LOST_TRACK = 0.3
"""Seconds of distance after which counting begins anew: sound is missing."""


Block = NDArray[np.float32]
"""(samples, channels), or (samples,) of one."""


class Ring:
    """Blocks between the callback and the reader; the oldest give way when nobody reads."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._blocks: deque[tuple[float, Block]] = deque()
        self._held = 0
        self._ready = threading.Condition()

    def put(self, end: float, block: Block) -> int:
        """Keep a block whose last sample was heard at `end`; returns the samples given up."""
        lost = 0
        with self._ready:
            self._blocks.append((end, block))
            self._held += len(block)
            while self._held > self._capacity:
                _, oldest = self._blocks.popleft()
                lost += len(oldest)
                self._held -= len(oldest)
            self._ready.notify_all()
        return lost

    def wait(self, limit: float) -> bool:
        """Whether there is anything, at the latest after `limit` seconds."""
        with self._ready:
            return self._ready.wait_for(lambda: bool(self._blocks), limit)

    def take(self, limit: float) -> tuple[float, Block] | None:
        """Everything held, with the end of its last block; None if there is nothing for `limit`
        seconds."""
        with self._ready:
            if not self._ready.wait_for(lambda: bool(self._blocks), limit):
                return None
            end = self._blocks[-1][0]
            sound = np.concatenate([block for _, block in self._blocks])
            self._blocks.clear()
            self._held = 0
            return end, sound


class SampleClock:
    """Counted samples tell time smoothly, the driver truly: count, and follow the driver slowly."""

    def __init__(self) -> None:
        self._next: float | None = None

    def place(self, end: float, seconds: float) -> float:
        """The time of the first sample of a piece that was heard until about `end`.

        Never before the end of the piece before it by more than a hundredth of a second.
        """
        start = end - seconds
        if self._next is None or start - self._next > LOST_TRACK:
            self._next = start
        else:
            self._next += FOLLOW * max(start - self._next, -LOST_TRACK)
        placed, self._next = self._next, self._next + seconds
        return placed
