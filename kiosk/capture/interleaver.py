"""The order of what one container holds: by time, with limited patience."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator

from kiosk.capture.base import Sample

PATIENCE = 0.5
"""Seconds sound waits for the picture, and the picture for sound, that belongs before it."""


class Interleaver:
    """Puts the samples of `tracks` streams into the order of their times.

    A picture that depends on later ones leaves its decoder after sound of later times; so sound
    waits for the picture, but never longer than `patience` seconds of the stream.
    """

    def __init__(self, tracks: int, patience: float = PATIENCE) -> None:
        self._tracks = tracks
        self._patience = patience
        self._latest: dict[type[Sample], float] = {}
        self._waiting: list[tuple[float, int, Sample]] = []
        self._number = itertools.count()

    def add(self, sample: Sample) -> Iterator[Sample]:
        """Take one sample; give those that nothing can come before any more."""
        heapq.heappush(self._waiting, (sample.time, next(self._number), sample))
        self._latest[type(sample)] = sample.time
        certain = len(self._latest) == self._tracks
        horizon = max(self._latest.values()) - self._patience
        if certain:
            horizon = max(horizon, min(self._latest.values()))
        while self._waiting and self._waiting[0][0] <= horizon:
            yield heapq.heappop(self._waiting)[2]

    def rest(self) -> Iterator[Sample]:
        """Everything still waiting."""
        while self._waiting:
            yield heapq.heappop(self._waiting)[2]
