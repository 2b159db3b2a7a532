"""Turning the head on request."""

from __future__ import annotations

import random

from kiosk.core.samples import Pose
from kiosk.recognition.head_turn import TIME_LIMIT, HeadTurn, Side, TurnState, random_side


def follow(side: Side, yaws: list[float], step: float = 0.1) -> TurnState:
    turn = HeadTurn(side)
    for number, yaw in enumerate(yaws):
        turn.see(Pose(yaw, 0.0, 0.0), number * step)
    return turn.state


def test_there_and_back_again_is_done() -> None:
    assert follow(Side.LEFT, [2, 2, 2, 2, 10, 22, 25, 10, 4]) is TurnState.DONE
    assert follow(Side.RIGHT, [2, 2, 2, 2, -10, -22, -25, -10, 0]) is TurnState.DONE


def test_the_other_side_fails_at_once() -> None:
    assert follow(Side.LEFT, [0, 0, 0, 0, -20, 0, 20, 0]) is TurnState.FAILED


def test_a_photograph_never_turns() -> None:
    assert follow(Side.LEFT, [1.0] * round(TIME_LIMIT * 10 + 5)) is TurnState.FAILED


def test_turned_and_not_back_is_not_done() -> None:
    assert follow(Side.LEFT, [0, 0, 0, 0, 20, 22, 24]) is TurnState.TURNED


def test_sides_are_drawn_and_repeatable() -> None:
    drawn = {random_side(random.Random(seed)) for seed in range(20)}
    assert drawn == set(Side)
    assert random_side(random.Random(3)) is random_side(random.Random(3))
    assert random_side() in Side
