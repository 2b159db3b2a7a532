"""One channel of sound out of several, as somebody would hear who listens to what is good in them.

Recordings come with channels of opposite phase, which cancel in a plain mix, with dead channels,
with a constant voltage under the sound (DC offset), and with floats beyond -1..1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kiosk.core.media import Waveform

MEMORY = 1.0
"""Seconds over which powers, likeness and offset are remembered."""
DEAD = 0.01
"""Share of the strongest channel's power below which a channel is left out (-20 dB)."""
OPPOSITE = -0.5
"""Correlation with the strongest channel below which a channel is turned over before it is mixed;
two microphones in one room stay well above it."""
OFFSET = 0.004
"""Mean of the sound from which on it is taken for an offset; microphones at rest stay below."""
LONG = 0.5
"""Share of MEMORY after which the running mean is believed."""
INTEGER_SCALE = 32_768.0
"""Floats beyond `OVERDRIVEN`, and whole numbers, are samples of sixteen bits never scaled."""
OVERDRIVEN = 100.0
IMPOSSIBLE = 1e7
"""A sample beyond this is damage."""
_QUIET = 1e-9
"""Mean square of what is as good as silence."""


class Mixer:
    """Makes one channel of one stream, piece by piece; what it learned of one piece serves the
    next. Sound of one sound channel within -1..1 and without offset passes unchanged."""

    def __init__(self) -> None:
        self._form = (0, 0)
        self._peak = 1.0
        self._reset(1)

    def mix(self, channels: NDArray[np.float32], rate: int) -> Waveform:
        """(channels, samples) of any level -> (samples,) within -1..1; `rate` in hertz."""
        if self._form != (len(channels), rate):
            self._form = (len(channels), rate)
            self._reset(len(channels))
        if not channels.size or rate <= 0:
            return np.zeros(channels.shape[1], np.float32)
        known = np.where(np.abs(channels) < IMPOSSIBLE, channels, np.float32(0))  # NaN is not
        share = min(1.0, known.shape[1] / rate / MEMORY)
        level = self._without_offset(self._scaled(known), share)
        mono = level[0] if len(level) == 1 else self._joined(level, share)
        return np.asarray(np.clip(mono, -1, 1), dtype=np.float32)

    def _reset(self, count: int) -> None:
        self._mean: NDArray[np.float32] = np.zeros(count, np.float32)
        self._heard = 0.0
        self._offset = False
        self._likeness: NDArray[np.float64] = np.zeros((count, count))
        self._weights: NDArray[np.float32] | None = None

    def _scaled(self, channels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Divided by the highest level so far, where that is beyond 1."""
        peak = float(np.abs(channels).max())
        if peak > OVERDRIVEN or (peak > 1 and not (channels % 1).any()):
            peak = max(peak, INTEGER_SCALE)
        self._peak = max(self._peak, peak)
        return channels if self._peak == 1.0 else channels / np.float32(self._peak)

    def _without_offset(self, channels: NDArray[np.float32], share: float) -> NDArray[np.float32]:
        """Less the running mean of each channel, once there was one worth the name."""
        mean = channels.mean(axis=1, dtype=np.float64).astype(np.float32)
        before = self._mean
        self._mean = after = before + np.float32(share) * (mean - before)
        if not self._offset:
            self._heard += share
            self._offset = self._is_offset(mean, channels)
            if not self._offset:
                return channels
            self._mean = before = after = mean
        return channels - _ramp(before, after, channels.shape[1])

    def _is_offset(self, mean: NDArray[np.float32], channels: NDArray[np.float32]) -> bool:
        """A piece is so short that of loud speech something is left in its mean: so either it
        stands above what moves around it, or it has stayed for long."""
        stands = np.abs(mean) > np.maximum(OFFSET, channels.std(axis=1))
        stayed = self._heard >= LONG and bool((np.abs(self._mean) > OFFSET).any())
        return stayed or bool(stands.any())

    def _joined(self, channels: NDArray[np.float32], share: float) -> NDArray[np.float32]:
        now = (channels.astype(np.float64) @ channels.T.astype(np.float64)) / channels.shape[1]
        first = not self._likeness.any()
        self._likeness = now if first else self._likeness + share * (now - self._likeness)
        after = _weights(self._likeness)
        before = after if self._weights is None or first else self._weights
        self._weights = after
        return np.asarray((channels * _ramp(before, after, channels.shape[1])).sum(axis=0))


def _weights(likeness: NDArray[np.float64]) -> NDArray[np.float32]:
    """What each channel counts for in the mix: equal shares of those that are alive, negative where
    it is the opposite of the strongest. `likeness` (channels, channels) holds mean products."""
    powers = np.diag(likeness)
    best = int(powers.argmax())
    if powers[best] < _QUIET:
        return np.full(len(powers), 1 / len(powers), np.float32)
    alive = powers >= DEAD * powers[best]
    alike = likeness[best] / np.sqrt(np.maximum(powers * powers[best], _QUIET**2))
    signs = np.where(alike < OPPOSITE, -1.0, 1.0)
    if signs[alive][0] < 0:
        signs = -signs  # the first living channel keeps its sign, whichever is strongest
    return np.asarray(signs * alive / alive.sum(), dtype=np.float32)


def _ramp(
    before: NDArray[np.float32], after: NDArray[np.float32], length: int
) -> NDArray[np.float32]:
    """(channels, length) from one value to the next, so that no step is heard."""
    way = np.linspace(0, 1, length, endpoint=False, dtype=np.float32)
    return np.asarray(before[:, None] + (after - before)[:, None] * way, dtype=np.float32)
