"""Whose voice is heard: that of the person in the picture, or of somebody beside or behind them.

A companion, a guide or a radio speaks while the visitor's mouth rests; of two people in view the
nearer one is looked at and the other may talk. Such a voice is neither for nor against the person
in the picture, and no sign of an attack either.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import AudioChunk, Matrix

STEP = 0.1
"""Seconds between two looks at a mouth: what cameras of ten pictures a second still show."""
RESTING = 0.7
"""Median change of a mouth's numbers from step to step, while somebody is loud, below which it
rests; docs/accuracy.md says of how many talkers it lies above. Seen in half as many columns (pixels
twice as wide as high) a mouth changes by a tenth less: a talker of 0.86 was taken for silent."""
SURE_FIT = 1.5
"""Log likelihood ratio of mouth and sound from which a mouth that hardly moves has spoken."""
LEAST_LOUD = 6
"""Loud steps before anything is said."""
LOUD = 0.5
"""Where between the quiet and the loud end of what was heard, in decibels, a step is loud."""
CROWD = 0.25
"""Share of the pictures with another face in view from which on several people stand there."""

Floats = NDArray[np.float64]


def mouth_change(mouths: Matrix, times: Floats, heard: Sequence[AudioChunk]) -> float | None:
    """How much a mouth, (pictures, k) at `times` (pictures,), moves while somebody is loud; None
    where too little was seen or heard at once."""
    if len(times) < 2 or not heard:
        return None
    end = heard[-1].time + heard[-1].seconds
    grid = np.arange(max(times[0], heard[0].time), min(times[-1], end), STEP)
    if len(grid) <= LEAST_LOUD:
        return None
    seen = np.stack([np.interp(grid, times, column) for column in mouths.T.astype(np.float64)])
    change = np.sqrt((np.diff(seen, axis=1) ** 2).mean(axis=0))
    loud = _loud(heard, grid[:-1])
    return float(np.median(change[loud])) if loud.sum() >= LEAST_LOUD else None


def _loud(heard: Sequence[AudioChunk], grid: Floats) -> NDArray[np.bool_]:
    """Which steps that begin at `grid` are loud."""
    sound, rate = np.concatenate([chunk.samples for chunk in heard]), heard[0].rate
    first = np.round((grid - heard[0].time) * rate).astype(np.int64)
    width = round(STEP * rate)
    power = np.array([float(np.mean(sound[k : k + width] ** 2)) for k in first])
    level = 10.0 * np.log10(power + 1e-10)
    low, high = np.percentile(level, (5, 95))
    return np.asarray(level >= low + LOUD * (high - low))


def is_somebody_elses(change: float | None, fit: float | None, *, several: bool) -> bool:
    """Whether the person in the picture cannot be taken for the speaker.

    `change` is that of `mouth_change`; `fit` is the log likelihood ratio that the mouth says the
    sound, None where it was not measured. Of several people the one in the picture has spoken only
    where mouth and sound fit; of a mouth that rests only where they fit surely.
    """
    at_rest = change is not None and change < RESTING
    needed = SURE_FIT if at_rest else 0.0
    fits = fit is not None and fit > needed
    return (several or at_rest) and not fits
