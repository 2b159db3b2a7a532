"""How often the kiosk's own decision is wrong, on synthetic people whose answer is known."""

from __future__ import annotations

import pytest

from kiosk.core.media import Modality
from kiosk.core.scoring import Calibration, Policy
from kiosk.evaluation.protocols.decision import (
    Case,
    Channel,
    decision_report,
    measure,
    run_cases,
)
from tests.support.evaluation_parts import synthetic

FACE, VOICE = Modality.FACE, Modality.VOICE
EASY = Calibration(40.0, -16.0, full_quality=1e-6)


def channel(noise: float, calibration: Calibration = EASY) -> Channel:
    return Channel(synthetic(40, 12, noise=noise), calibration)


def test_people_who_are_easily_told_apart_are_all_named_and_no_stranger_is() -> None:
    found = measure({FACE: channel(0.3)}, Policy(), Case((FACE,), 20, 5, 5), seed=1)
    assert found is not None
    assert (found.strangers.value, found.refused.value, found.wrong.value) == (0.0, 0.0, 0.0)
    assert found.strangers.high > 0


def test_a_boasting_calibration_is_found_out() -> None:
    boasts = Calibration(40.0, 10.0, full_quality=1e-6)
    policy = Policy(min_llr=4.0, min_margin=0.0)
    found = measure({FACE: channel(0.3, boasts)}, policy, Case((FACE,), 20, 1, 1), seed=1)
    assert found is not None
    assert found.strangers.value > 0.5


def test_no_larger_gallery_is_measured_than_there_are_people() -> None:
    assert measure({FACE: channel(0.3)}, Policy(), Case((FACE,), 40, 1, 1), seed=1) is None


def test_every_modality_is_measured_alone_and_together() -> None:
    channels = {FACE: channel(0.6), VOICE: channel(1.2)}
    rates = run_cases(channels, Policy(), (10, 1000), seed=1)
    assert {rate.case.modalities for rate in rates} == {(FACE,), (VOICE,), (FACE, VOICE)}
    assert {rate.case.enrolled for rate in rates} == {10}
    rows = decision_report(rates, 100.0, {}).tables[0].rows
    assert len(rows) == len(rates) == 12
    alone, both = (
        next(r.refused.value for r in rates if r.case == Case(which, 10, 1, 1))
        for which in ((VOICE,), (FACE, VOICE))
    )
    assert both == pytest.approx(min(both, alone))
