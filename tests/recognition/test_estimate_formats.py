"""Attribute estimates as text, JSON and codes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.core.estimates import (
    AgeEstimate,
    AttributeEstimate,
    Channel,
    EmotionEstimate,
    GenderEstimate,
)
from kiosk.recognition.estimate_formats import (
    GROUPS,
    AgeCode,
    age_groups,
    as_codes,
    as_dict,
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


ESTIMATE = AttributeEstimate(
    Channel.FACE,
    EmotionEstimate((0.123456, 0.5, 0.1, 0.1, 0.1, 0.05, 0.026544), sure=True),
    AgeEstimate(27.26, 22.04, 34.96, sure=True),
    GenderEstimate(0.123456, sure=False),
    0.876543,
)


def test_an_object_for_programs_to_the_letter() -> None:
    assert as_dict(ESTIMATE) == {
        "modality": "face",
        "quality": 0.8765,
        "emotion": {
            "top": "anger",
            "code": 10002,
            "confidence": 0.5,
            "sure": True,
            "probabilities": {
                "happiness": 0.1235,
                "anger": 0.5,
                "disgust": 0.1,
                "fear": 0.1,
                "neutral": 0.1,
                "sadness": 0.05,
                "surprise": 0.0265,
            },
        },
        "age": {
            "years": 27.3,
            "low": 22.0,
            "high": 35.0,
            "confidence": 0.8,
            "sure": True,
            "group": 20003,
            "group_confidence": 0.5834,
        },
        "gender": {"top": "female", "code": 30002, "confidence": 0.8765, "sure": False},
    }
    nothing = as_dict(AttributeEstimate(Channel.TEXT))
    assert nothing == {
        "modality": "text",
        "quality": 1.0,
        "emotion": None,
        "age": None,
        "gender": None,
    }


def test_codes_to_the_letter_and_in_order() -> None:
    codes = as_codes([replace(ESTIMATE, channel=Channel.VOICE, age=None), ESTIMATE])
    assert list(codes) == sorted(codes, key=int)
    assert codes["10001"] == {"voice": 0.1235, "face": 0.1235}
    assert codes["10007"] == {"voice": 0.0265, "face": 0.0265}
    years = {"years": 27.3, "low": 22.0, "high": 35.0, "confidence": 0.8}
    assert codes["20000"] == {"face": years}
    shares = [codes[str(int(code))]["face"] for code in GROUPS]
    assert shares[:6] == [0.0, 0.0302, 0.5834, 0.3662, 0.0202, 0.0001]
    assert codes["30001"] == {"voice": 0.1235, "face": 0.1235}
    assert codes["30002"] == {"voice": 0.8765, "face": 0.8765}


def test_a_line_for_people_to_the_letter() -> None:
    assert as_text(ESTIMATE) == "anger 50 %, 22-35 years, gender not sure"
    male = replace(ESTIMATE, gender=GenderEstimate(0.9951, sure=True))
    assert as_text(male) == "anger 50 %, 22-35 years, male over 99 %"
    bound = replace(ESTIMATE, gender=GenderEstimate(0.99, sure=True), emotion=None, age=None)
    assert as_text(bound) == "male 99 %"
    unsure = EmotionEstimate((0.2, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1), sure=False)
    assert as_text(AttributeEstimate(Channel.VOICE, unsure)) == "emotion not sure"


def test_the_two_sides_of_an_age_are_as_wide_as_the_interval_says() -> None:
    groups = age_groups(age(35, 30, 50))
    assert groups[AgeCode.TWENTIES] == pytest.approx(0.04996559)
    assert groups[AgeCode.FIFTIES] == pytest.approx(0.12547769)
    narrow = age_groups(age(35, 35, 35))  # no side is narrower than half a year
    assert narrow[AgeCode.THIRTIES] == pytest.approx(1.0)
    edge = age_groups(age(30, 30, 30))
    assert edge[AgeCode.TWENTIES] == pytest.approx(0.5)
    old = age_groups(age(100, 99.5, 100.5))
    assert old[AgeCode.HUNDRED_AND_OVER] == pytest.approx(0.5)


def test_an_age_lies_in_the_decade_of_its_mean() -> None:
    assert group_of(age(-3, -4, 1)) is AgeCode.UNDER_TEN
    assert group_of(age(99.9, 90, 110)) is AgeCode.NINETIES
    assert group_of(age(100, 90, 110)) is AgeCode.HUNDRED_AND_OVER
    assert group_of(age(123, 110, 130)) is AgeCode.HUNDRED_AND_OVER


def test_an_emotion_with_other_shares_than_there_are_kinds_is_an_error() -> None:
    eight = AttributeEstimate(Channel.FACE, EmotionEstimate((0.125,) * 8, sure=True))
    with pytest.raises(ValueError, match="longer"):
        as_dict(eight)
    with pytest.raises(ValueError, match="longer"):
        as_codes([eight])


def test_all_channels_together_are_found_wherever_they_stand() -> None:
    both = replace(ESTIMATE, channel=Channel.FUSED)
    assert fused([ESTIMATE, both]) is both
    assert fused([both, ESTIMATE]) is both
    assert fused([]) is None
