"""Whether a stretch of speech is of one speaker: its halves are compared before it is pooled.

Half of what a visit asks for is short, so only what speaks clearly against one speaker counts.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.core.media import SPEECH_RATE, Vector, Waveform

TWO_RATIO = -2.0
"""Calibrated natural-log ratio of the halves below which two people spoke. The halves of one
person's three seconds stay above it; docs/accuracy.md says how often those of two fall below."""
SHORTEST_HALF = 0.75
"""Seconds; a shorter half says nothing of who speaks."""

Embed = Callable[[Waveform], Vector]
Ratio = Callable[[Vector, Vector], float]


def is_of_two(speech: Waveform, embed: Embed, ratio: Ratio) -> bool:
    """Whether two people speak in it, one after the other; False where it is too short to tell."""
    half = len(speech) // 2
    if half < SHORTEST_HALF * SPEECH_RATE:
        return False
    return ratio(embed(speech[:half]), embed(speech[half:])) < TWO_RATIO
