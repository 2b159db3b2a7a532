"""What calling a decision wrong takes from the person it named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kiosk.core.media import Vector
from kiosk.core.negatives import CorrectionCost, correction_cost, is_own
from kiosk.core.samples import Probe
from tests.support.storage_support import FACE, VOICE, template, unit


def towards(seed: int, share: float, noise: int) -> Vector:
    """A unit vector of 64 numbers with about this share of that of a seed."""
    made = share * unit(seed, 64) + np.sqrt(1 - share**2) * unit(noise, 64)
    return np.asarray(made / np.linalg.norm(made), np.float32)


ANN = np.stack([towards(1, 0.85, 100 + n) for n in range(8)])


def test_a_mean_of_ones_own_samples_is_ones_own() -> None:
    assert is_own(towards(1, 0.95, 200), ANN)
    assert not is_own(towards(1, 0.5, 201), ANN)
    assert not is_own(unit(2, 64), ANN)


def test_of_one_template_nothing_is_said() -> None:
    assert not is_own(ANN[0], ANN[:1])
    assert not is_own(ANN[0], ANN[:0])


def test_the_cost_is_what_looks_more_like_the_visit() -> None:
    held = [replace(template(1), vector=row) for row in ANN]
    own = Probe(FACE, "net", towards(1, 0.95, 200), 1.0, 1)
    assert correction_cost([own], held) == CorrectionCost(True, True, 8, 0)
    stranger = Probe(FACE, "net", unit(2, 64), 1.0, 1)
    assert correction_cost([stranger], held) == CorrectionCost(True, False, 8, 0)
    # As near to one of her templates as pictures of one minute are.
    twin = Probe(FACE, "net", towards(1, 0.1, 100), 1.0, 1)
    assert correction_cost([twin], held).lost <= 1
    assert correction_cost([], held) == CorrectionCost(False, False, 0, 0)
    other = Probe(VOICE, "ear", unit(3, 16), 1.0, 1)
    assert correction_cost([other], held) == CorrectionCost(True, False, 0, 0)
