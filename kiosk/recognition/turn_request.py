"""When a visit asks for a turn of the head, and what the answer is worth.

Who is clearly living, or clearly a picture, is asked nothing unless the operator wants it always,
or unless a voice beside them is to be left out: a photograph's mouth rests like a listener's. A
turn to the side that was asked for makes up for a doubt, never for a clear attack: a film may turn
its head too, and guesses the side every other time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from kiosk.core.liveness import Liveness, LivenessOutcome
from kiosk.core.samples import FaceSample, Hint
from kiosk.recognition.head_turn import HeadTurn, Side, TurnState, random_side

CLEAR = 2.0
"""So far below the threshold a visit is an attack whatever it does on request."""
SURE = 0.7
"""Joint log likelihood ratio below which there is a doubt, where nothing was measured."""
NOT_TURNED = "not_turned"
_OPEN = (TurnState.ASKED, TurnState.TURNED)


class RequestWish(StrEnum):
    """When to ask; the words of the setting."""

    NEVER = "off"
    UNSURE = "when-unsure"
    ALWAYS = "always"


class TurnRequest:
    """The request of one visit; `choose` gives the side, `doubt` the scores between which there is
    a doubt: below is an attack, above a person."""

    def __init__(
        self,
        wish: RequestWish,
        choose: Callable[[], Side] = random_side,
        doubt: tuple[float, float] = (-CLEAR, SURE),
    ) -> None:
        self.wish = wish
        self._choose = choose
        self._doubt = doubt
        self.reset()

    def reset(self) -> None:
        """The next visit."""
        self._turn: HeadTurn | None = None
        self._decided = False

    def see(self, sample: FaceSample) -> None:
        """A frame of the visit."""
        if self._turn is not None and sample.pose is not None:
            self._turn.see(sample.pose, sample.frame.time)

    def waits(self, passive: Callable[[], Liveness]) -> bool:
        """Whether an answer is waited for; the first time it is asked, `passive` decides whether
        anything is requested."""
        if not self._decided:
            self._decided = True
            if self._is_wanted(passive):
                self.ask()
        return self._turn is not None and self._turn.state in _OPEN

    def ask(self) -> None:
        """Request a turn whatever was seen, unless the operator wants none; a turn that is under
        way or was judged stands."""
        self._decided = True
        if self._turn is None and self.wish is not RequestWish.NEVER:
            self._turn = HeadTurn(self._choose())

    def _is_wanted(self, passive: Callable[[], Liveness]) -> bool:
        if self.wish is RequestWish.NEVER:
            return False
        return self.wish is RequestWish.ALWAYS or self._is_unsure(passive())

    @property
    def answered(self) -> bool:
        """Whether somebody has turned as asked."""
        return self._turn is not None and self._turn.state is TurnState.DONE

    @property
    def hint(self) -> Hint | None:
        """What to do now."""
        if self._turn is None or self._turn.state not in _OPEN:
            return None
        if self._turn.state is TurnState.TURNED:
            return Hint.LOOK_HERE
        return Hint.TURN_LEFT if self._turn.side is Side.LEFT else Hint.TURN_RIGHT

    def judged(self, passive: Liveness) -> Liveness:
        """What was seen, with the answer to the request."""
        if self._turn is None or self._is_clear_attack(passive):
            return passive
        if self._turn.state is TurnState.DONE:
            return replace(passive, outcome=LivenessOutcome.LIVE, reason="")
        if passive.outcome is LivenessOutcome.NOT_LIVE:
            return passive  # an attack as far as could be seen, and nothing was done against that
        return replace(passive, outcome=LivenessOutcome.NOT_CHECKED, reason=NOT_TURNED)

    def _is_unsure(self, passive: Liveness) -> bool:
        """Neither clearly a person nor clearly an attack, or not enough to tell."""
        score = passive.pad_score
        if passive.outcome is LivenessOutcome.NOT_CHECKED or score is None:
            return True
        return not self._is_clear_attack(passive) and score < self._doubt[1]

    def _is_clear_attack(self, passive: Liveness) -> bool:
        """Whether no turn of a head makes up for it."""
        attack = passive.outcome is LivenessOutcome.NOT_LIVE
        return attack and passive.pad_score is not None and passive.pad_score < self._doubt[0]
