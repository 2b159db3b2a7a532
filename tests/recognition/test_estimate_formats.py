"""Attribute estimates as text, JSON and codes."""

from __future__ import annotations

import pytest

from kiosk.core.estimates import AgeEstimate, AttributeEstimate, Channel
from kiosk.recognition.estimate_formats import (
    GROUPS,
    AgeCode,
    age_groups,
    as_codes,
    as_text,
    fused,
    group_of,
)


def age(years: float, low: float, high: float) -> AgeEstimate:
    return AgeEstimate(years, low, high, sure=True)


@pytest.mark.parametrize(
    "estimate", [age(27, 22, 34), age(1, 0, 4), age(99.9, 90, 110), age(40, 40, 40)]
)
def test_age_groups_are_probabilities(estimate: AgeEstimate) -> None:
    groups = age_groups(estimate)
    assert list(groups) == list(GROUPS)
    assert sum(groups.values()) == pytest.approx(1)
    assert all(share >= 0 for share in groups.values())


def test_a_narrow_interval_is_one_group_and_a_wide_one_several() -> None:
    assert age_groups(age(35, 33, 37))[AgeCode.THIRTIES] > 0.99
    wide = age_groups(age(35, 15, 55))
    assert wide[AgeCode.THIRTIES] < 0.35
    assert wide[AgeCode.TWENTIES] > 0.15


def test_an_interval_holds_four_fifths() -> None:
    low = age_groups(age(35, 30, 40))
    assert low[AgeCode.THIRTIES] == pytest.approx(0.8, abs=0.001)
    skewed = age_groups(age(35, 30, 50))
    assert skewed[AgeCode.THIRTIES] + skewed[AgeCode.FORTIES] == pytest.approx(0.8, abs=0.001)


@pytest.mark.parametrize(
    ("years", "code"), [(3, 20001), (19.9, 20002), (20, 20003), (45, 20005), (104, 20011)]
)
def test_groups_go_by_decades(years: float, code: int) -> None:
    assert int(group_of(age(years, years - 3, years + 3))) == code


def test_what_is_not_estimated_has_no_code() -> None:
    assert as_codes([AttributeEstimate(Channel.FACE)]) == {}
    only_age = as_codes([AttributeEstimate(Channel.VOICE, age=age(30, 20, 40))])
    assert set(only_age) == {str(int(code)) for code in AgeCode}


def test_nothing_estimated_is_no_text() -> None:
    assert as_text(AttributeEstimate(Channel.FUSED)) == ""
    assert fused([AttributeEstimate(Channel.FACE)]) is None
