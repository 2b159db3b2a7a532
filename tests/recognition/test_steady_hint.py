"""Hints that hold long enough to be read."""

from __future__ import annotations

from kiosk.core.samples import Hint
from kiosk.recognition.steady_hint import SteadyHint

NEAR, LIGHT = Hint.COME_CLOSER, Hint.MORE_LIGHT


def shown(*looks: tuple[float, Hint | None]) -> list[Hint | None]:
    steady = SteadyHint()
    return [steady.settle(hint, time) for time, hint in looks]


def test_hints_do_not_flicker() -> None:
    assert shown((0.0, NEAR), (1.0, LIGHT), (1.2, LIGHT), (1.5, LIGHT)) == [NEAR] * 3 + [LIGHT]
    assert shown((0.0, NEAR), (1.0, LIGHT), (1.2, NEAR), (1.5, LIGHT)) == [NEAR] * 4


def test_a_hint_goes_once_nothing_has_been_wrong_for_a_while() -> None:
    assert shown((0.0, NEAR), (1.0, None), (1.3, None), (1.5, None)) == [NEAR] * 3 + [None]


def test_the_first_hint_is_shown_at_once_also_after_a_reset() -> None:
    steady = SteadyHint()
    assert steady.settle(None, 0.0) is None
    assert steady.settle(NEAR, 0.1) is NEAR
    steady.reset()
    assert steady.settle(LIGHT, 0.2) is LIGHT
