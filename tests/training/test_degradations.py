"""What is drawn over views: grey and coloured alike, and as strong as asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from kiosk.training.degradations import (
    View,
    compressed,
    covered,
    far,
    grainy,
    lit,
    shadowed,
)

SIDE = 64
CHANGES: dict[str, Callable[[View, np.random.Generator], View]] = {
    "lit": partial(lit, brighter=30),
    "shadowed": partial(shadowed, darkest=0.3, lightest=0.8),
    "far": partial(far, least=0.2),
    "grainy": partial(grainy, least=3, most=14),
    "compressed": partial(compressed, worst=15),
    "covered": partial(covered, least=0.1, most=0.4),
}


@pytest.fixture
def colour(rng: np.random.Generator) -> View:
    return rng.integers(40, 200, (SIDE, SIDE, 3), dtype=np.uint8)


def test_every_change_alters_both_kinds_of_view_and_keeps_their_shape(colour: View) -> None:
    wrong = []
    for name, change in CHANGES.items():
        for view in (colour, colour[..., 0].copy()):
            before = view.copy()
            made = change(view, np.random.default_rng(1))
            again = change(view, np.random.default_rng(1))
            if made.shape != view.shape or made.dtype != np.uint8 or np.array_equal(made, view):
                wrong.append((name, f"{view.ndim} dimensions"))
            if not np.array_equal(made, again) or not np.array_equal(view, before):
                wrong.append((name, "not the same again"))
    assert wrong == []


def test_shadows_and_grain_colour_nothing() -> None:
    grey = np.full((SIDE, SIDE, 3), 120, np.uint8)
    for name in ("shadowed", "grainy"):
        made = CHANGES[name](grey, np.random.default_rng(2))
        assert np.array_equal(made[..., 0], made[..., 2]), name


def test_a_shadow_only_darkens_and_no_more_than_asked() -> None:
    bright = np.full((SIDE, SIDE), 200, np.uint8)
    for seed in range(20):
        made = shadowed(bright, np.random.default_rng(seed), 0.5, 0.6)
        assert 99 <= made.min() <= made.max() <= 200


def test_what_covers_is_as_large_as_asked() -> None:
    flat = np.full((100, 100), 7, np.uint8)
    for seed in range(20):
        hidden = covered(flat, np.random.default_rng(seed), 0.2, 0.3)
        rows, columns = np.nonzero(hidden != flat)
        if len(rows):
            assert 20 <= np.ptp(rows) + 1 <= 30
            assert 20 <= np.ptp(columns) + 1 <= 30
