"""Four digits to read aloud, drawn anew for each visit.

What is read is not recognised: with the talkers at hand no recogniser of digits would keep what is
asked of it (docs/accuracy.md). It counts when, after the digits were shown, somebody spoke about as
long as they take and the mouth in the picture says what is heard. So a photograph with a voice
beside it, and a film that is not seen to speak, do not do; a film with its own sound does.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from kiosk.core.liveness import Liveness, LivenessOutcome, PadChannel

COUNT = 4
SHORTEST = 1.0
"""Seconds of speech that four digits take at least."""
LONGEST = 6.0
"""Seconds of speech beyond which something else is said."""
TIME_LIMIT = 8.0
"""Seconds from when the digits are shown that are waited for them to be read."""
LEAST_FIT = 0.0
"""Log likelihood ratio of mouth and sound from which this mouth has said it."""
NOT_READ = "not_read"

Digits = tuple[int, ...]


def random_digits(random_source: random.Random | None = None) -> Digits:
    """Digits nobody can foresee, no two neighbours alike; a source of one's own makes them
    repeatable in tests."""
    source = random_source or random.SystemRandom()
    found: list[int] = []
    while len(found) < COUNT:
        digit = source.randrange(10)
        if not found or digit != found[-1]:
            found.append(digit)
    return tuple(found)


class SpokenRequest:
    """The request of one visit; without `wanted` nobody is asked. `draw` gives the digits."""

    def __init__(self, wanted: bool, draw: Callable[[], Digits] = random_digits) -> None:
        self.wanted = wanted
        self._draw = draw
        self.reset()

    def reset(self) -> None:
        """The next visit."""
        self._digits: Digits = ()
        self._shown: float | None = None

    @property
    def digits(self) -> Digits:
        """What is to be read now; empty where nothing is."""
        return self._digits

    @property
    def shown(self) -> float | None:
        """When the digits were shown, None before; only what is said after it can be them."""
        return self._shown

    def show(self, time: float) -> None:
        """It is the visitor's turn to speak: from now on the digits are seen."""
        if self.wanted and self._shown is None:
            self._digits, self._shown = self._draw(), time

    def waits(self, spoken: float, time: float) -> bool:
        """Whether there is still time for digits of which less was spoken than they take."""
        if not self.wanted or self._shown is None:
            return self.wanted
        return spoken < SHORTEST and time - self._shown < TIME_LIMIT

    def judged(self, passive: Liveness, spoken: float) -> Liveness:
        """What was seen, with the answer to the request: it makes nobody live who is not, and
        without it nobody is said to be."""
        if not self.wanted or passive.outcome is not LivenessOutcome.LIVE:
            return passive
        lips = passive.of(PadChannel.LIP_SOUND)
        fits = lips is not None and lips.pad_score is not None and lips.pad_score >= LEAST_FIT
        if self._shown is not None and SHORTEST <= spoken <= LONGEST and fits:
            return passive
        return replace(passive, outcome=LivenessOutcome.NOT_CHECKED, reason=NOT_READ)
