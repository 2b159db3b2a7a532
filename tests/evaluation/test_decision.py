"""How often the kiosk's own decision is wrong, on synthetic people whose answer is known."""

from __future__ import annotations

import pytest

from kiosk.core.media import Modality
from kiosk.core.scoring import Calibration, Policy
from kiosk.evaluation.protocols import decision
from kiosk.evaluation.protocols.decision import (
    COUNTS,
    LEVELS,
    Case,
    Channel,
    decision_report,
    measure,
    run_cases,
)
from tests.support.evaluation_parts import synthetic

FACE, VOICE = Modality.FACE, Modality.VOICE
EASY = Calibration(40.0, -16.0, full_quality=1e-6)


@pytest.fixture(autouse=True)
def few_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of what a report makes: rates are coarser, and no less true."""
    monkeypatch.setattr(decision, "_SEARCHES", 100)


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
    assert len(rows) == len(rates) == 3 * len(COUNTS) ** 2
    names = [figure.name for figure in decision_report(rates, 100.0, {}).figures]
    ways = ("face", "voice", "face-voice")
    assert names == [f"{kind}-{way}" for way in ways for kind in ("fnir-fpir", "fnir-size")]
    alone, both = (
        next(r.refused.value for r in rates if r.case == Case(which, 10, 1, 1))
        for which in ((VOICE,), (FACE, VOICE))
    )
    assert both == pytest.approx(min(both, alone))


def test_the_curve_falls_as_more_strangers_may_be_named_and_with_more_samples() -> None:
    cases = [Case((FACE,), 30, count, count) for count in (1, 3)]
    policy = Policy(min_margin=0.0, min_probability=0.0)
    one, three = (measure({FACE: channel(1.2)}, policy, case, seed=1) for case in cases)
    assert one is not None
    assert three is not None
    assert len(one.curve) == len(LEVELS)
    assert list(one.curve) == sorted(one.curve, reverse=True)
    assert one.curve[0] > one.curve[-1]
    assert all(more < fewer for more, fewer in zip(three.curve, one.curve, strict=True))
