"""Hints that hold long enough to be read."""

from __future__ import annotations

from kiosk.core.samples import Hint
from kiosk.recognition.steady_hint import HINT_SECONDS, SteadyHint

NEAR, LIGHT = Hint.COME_CLOSER, Hint.MORE_LIGHT


def shown(*looks: tuple[float, Hint | None], follows: bool = False) -> list[Hint | None]:
    steady = SteadyHint(follows=follows)
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


def test_a_hint_has_held_as_long_as_it_must_exactly() -> None:
    assert shown((-1.0, NEAR), (0.0, LIGHT), (HINT_SECONDS, LIGHT)) == [NEAR, NEAR, LIGHT]


def test_who_follows_an_instruction_is_corrected_when_it_lasts_and_not_longer() -> None:
    looks = ((0.0, NEAR), (0.3, NEAR), (0.5, NEAR), (0.6, LIGHT), (0.7, None), (0.8, LIGHT))
    assert shown(*looks, follows=True) == [None, None, NEAR, NEAR, None, None]
