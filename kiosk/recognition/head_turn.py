"""A request to turn the head: what a photograph and yesterday's film cannot follow.

The side is drawn at random. Five landmarks suffice for a turn: the nose moves against eyes and
mouth, which the points of a flat picture never do, however it is held.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

from kiosk.core.samples import Pose

TURN = 16.0
"""Degrees from where the head was that count as a turn."""
BACK = 8.0
"""Degrees within which it must come back."""
TIME_LIMIT = 6.0
SETTLE = 0.3
"""Seconds at the start that say where the head was."""


class Side(StrEnum):
    """Where to turn, as the person sees it."""

    LEFT = "left"
    RIGHT = "right"


class TurnState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    TURNED = "turned"
    DONE = "done"
    FAILED = "failed"


def random_side(random_source: random.Random | None = None) -> Side:
    """A side nobody can foresee; a source of one's own makes it repeatable in tests."""
    return (random_source or random.SystemRandom()).choice(tuple(Side))


@dataclass
class HeadTurn:
    """One request, from asking to done or failed. Feed it poses in the order of time.

    A turn to the wrong side fails at once: a film that happens to move would else get through by
    moving both ways.
    """

    side: Side
    state: TurnState = TurnState.ASKED
    _began: float | None = None
    _straight: float = 0.0
    _count: int = 0

    def see(self, pose: Pose, time: float) -> TurnState:
        """Take the pose of the next picture."""
        if self.state in (TurnState.DONE, TurnState.FAILED):
            return self.state
        if self._began is None:
            self._began = time
        if time - self._began <= SETTLE:
            self._count += 1
            self._straight += (pose.yaw - self._straight) / self._count
            return self.state
        if time - self._began > TIME_LIMIT:
            self.state = TurnState.FAILED
            return self.state
        self._follow(self._turned(pose))
        return self.state

    def _turned(self, pose: Pose) -> float:
        """Degrees towards the side asked for; a person's left is the picture's right."""
        yaw = pose.yaw - self._straight
        return yaw if self.side is Side.LEFT else -yaw

    def _follow(self, turned: float) -> None:
        if self.state is TurnState.ASKED and turned >= TURN:
            self.state = TurnState.TURNED
        elif self.state is TurnState.ASKED and turned <= -TURN:
            self.state = TurnState.FAILED
        elif self.state is TurnState.TURNED and abs(turned) <= BACK:
            self.state = TurnState.DONE
