"""Averages over samples and fusion over channels of attribute estimates."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from kiosk.core.attribute_fusion import ChannelWeights, Fusion, average, good_enough, only, wanted
from kiosk.core.errors import BugError, SettingsError
from kiosk.core.estimates import (
    AgeEstimate,
    AttributeEstimate,
    AttributeSelection,
    Channel,
    Emotion,
    EmotionEstimate,
    GenderEstimate,
    is_sure,
)
from kiosk.core.settings import Settings

EMOTIONS = list(Emotion)
FACE, VOICE, TEXT = Channel.FACE, Channel.VOICE, Channel.TEXT


def emotion(top: Emotion, share: float = 0.7, *, sure: bool = True) -> EmotionEstimate:
    rest = (1 - share) / (len(EMOTIONS) - 1)
    return EmotionEstimate(tuple(share if e is top else rest for e in EMOTIONS), sure)


def felt(
    channel: Channel, top: Emotion, share: float = 0.7, quality: float = 1.0
) -> AttributeEstimate:
    return AttributeEstimate(channel, emotion=emotion(top, share), quality=quality)


def aged(channel: Channel, years: float, half: float, quality: float = 1.0) -> AttributeEstimate:
    age = AgeEstimate(years, years - half, years + half, sure=True)
    return AttributeEstimate(channel, age=age, quality=quality)


def sexed(channel: Channel, male: float, quality: float = 1.0) -> AttributeEstimate:
    gender = GenderEstimate(male, max(male, 1 - male) > 0.8)
    return AttributeEstimate(channel, gender=gender, quality=quality)


# --- averages ----------------------------------------------------------------------------------


def test_an_average_is_weighted_by_quality() -> None:
    made = average([felt(FACE, Emotion.HAPPINESS, 0.9, 0.9), felt(FACE, Emotion.ANGER, 0.9, 0.1)])
    assert made.emotion is not None
    assert made.emotion.probabilities[0] == pytest.approx(0.9 * 0.9 + 0.1 * 0.1 / 6)
    assert sum(made.emotion.probabilities) == pytest.approx(1)
    assert made.quality == pytest.approx(0.9 * 0.9 + 0.1 * 0.1)
    assert made.channel is FACE


def test_an_age_interval_does_not_narrow_with_the_number_of_frames() -> None:
    one = average([aged(FACE, 30, 6)]).age
    many = average([aged(FACE, 30, 6)] * 20).age
    assert one is not None
    assert many is not None
    assert (many.years, many.low, many.high) == pytest.approx((one.years, one.low, one.high))


def test_sure_is_what_most_of_the_weight_is_sure_of() -> None:
    sure, unsure = sexed(FACE, 0.9), sexed(FACE, 0.6)
    mostly, hardly = average([sure, sure, unsure]).gender, average([sure, unsure, unsure]).gender
    assert mostly is not None
    assert hardly is not None
    assert (mostly.sure, hardly.sure) == (True, False)


def test_samples_that_are_sure_of_different_things_are_not_sure() -> None:
    felt_so = average([felt(FACE, Emotion.ANGER, 0.8), felt(FACE, Emotion.SADNESS, 0.8)]).emotion
    told = average([sexed(FACE, 0.9), sexed(FACE, 0.1), sexed(FACE, 0.12)]).gender
    assert felt_so is not None
    assert told is not None
    assert not felt_so.sure
    assert told.sure


def test_of_two_that_are_as_likely_neither_is_sure() -> None:
    """An answer was sure at 0.4036 against 0.4012."""
    near = (0.4036, 0.4012, 0.05, 0.05, 0.05, 0.0352, 0.01)
    assert not is_sure(near, 0.4)
    assert is_sure((0.5, 0.3, 0.05, 0.05, 0.05, 0.03, 0.02), 0.4)
    assert not is_sure((0.5, 0.3, 0.05, 0.05, 0.05, 0.03, 0.02), 0.6)
    made = average([AttributeEstimate(FACE, EmotionEstimate(near, sure=True))]).emotion
    assert made is not None
    assert not made.sure


def test_what_no_sample_says_stays_unsaid() -> None:
    made = average([sexed(FACE, 0.9), felt(FACE, Emotion.FEAR)])
    assert made.age is None
    assert made.gender is not None
    assert made.emotion is not None


@pytest.mark.parametrize("parts", [[], [sexed(FACE, 0.9), sexed(VOICE, 0.9)]])
def test_an_average_is_of_one_channel(parts: list[AttributeEstimate]) -> None:
    with pytest.raises(BugError):
        average(parts)


# --- fusion ------------------------------------------------------------------------------------


@pytest.fixture
def fusion() -> Fusion:
    return Fusion()


def test_nothing_fused_is_nothing(fusion: Fusion) -> None:
    assert fusion.fuse([]) is None
    assert fusion.fuse([AttributeEstimate(TEXT)]) is None


@pytest.mark.parametrize("channel", [FACE, VOICE, TEXT])
def test_one_channel_alone_says_what_it_said(fusion: Fusion, channel: Channel) -> None:
    made = fusion.fuse([felt(channel, Emotion.FEAR, 0.6)])
    assert made is not None
    assert made.channel is Channel.FUSED
    assert made.emotion == emotion(Emotion.FEAR, 0.6)


def test_one_channel_alone_is_as_sure_as_it_was() -> None:
    """Text was "not sure" at 0.648 and the same thing fused was sure at 0.642."""
    rows = {
        channel: ChannelWeights(1.2, (0.3, 0, 0, 0, 0, 0, 0), 1.2, 0.4, 2) for channel in Channel
    }
    unsure = emotion(Emotion.HAPPINESS, 0.648, sure=False)
    age, gender = AgeEstimate(30, 20, 45, sure=False), GenderEstimate(0.95, sure=False)
    for channel in (FACE, VOICE, TEXT):
        alone = AttributeEstimate(channel, unsure, age, gender, quality=0.3)
        made = Fusion(rows).fuse([alone, AttributeEstimate(FACE if channel is TEXT else TEXT)])
        assert made == replace(alone, channel=Channel.FUSED)


def test_agreeing_channels_are_surer_than_each(fusion: Fusion) -> None:
    made = fusion.fuse([felt(FACE, Emotion.ANGER, 0.5), felt(VOICE, Emotion.ANGER, 0.5)])
    assert made is not None
    assert made.emotion is not None
    assert made.emotion.probabilities[1] > 0.8


def test_a_missing_channel_changes_nothing(fusion: Fusion) -> None:
    parts = [felt(FACE, Emotion.ANGER, 0.5), felt(VOICE, Emotion.SADNESS, 0.4)]
    silent = [AttributeEstimate(TEXT), replace(sexed(VOICE, 0.5), gender=None)]
    assert fusion.fuse([*parts, *silent]) == fusion.fuse(parts)


def test_a_channel_of_no_quality_changes_nothing(fusion: Fusion) -> None:
    good, bad = felt(FACE, Emotion.ANGER, 0.5), felt(VOICE, Emotion.SADNESS, 0.99, quality=0.0)
    alone, both = fusion.fuse([good]), fusion.fuse([good, bad])
    assert alone is not None
    assert both is not None
    assert both.emotion is not None
    assert alone.emotion is not None
    assert both.emotion.probabilities == pytest.approx(alone.emotion.probabilities)


def test_no_channel_has_a_veto(fusion: Fusion) -> None:
    certain = EmotionEstimate((1.0, 0, 0, 0, 0, 0, 0), sure=True)
    face = AttributeEstimate(FACE, emotion=certain)
    voice, text = felt(VOICE, Emotion.SADNESS, 0.97), felt(TEXT, Emotion.SADNESS, 0.97)
    made = fusion.fuse([face, voice, text])
    assert made is not None
    assert made.emotion is not None
    assert made.emotion.top is Emotion.SADNESS


def test_contradicting_channels_are_not_sure(fusion: Fusion) -> None:
    made = fusion.fuse([felt(FACE, Emotion.ANGER), felt(VOICE, Emotion.HAPPINESS)])
    assert made is not None
    assert made.emotion is not None
    assert not made.emotion.sure


def test_of_a_child_neither_age_nor_gender_is_told(fusion: Fusion) -> None:
    def person(low: float) -> list[AttributeEstimate]:
        age, gender = AgeEstimate(low + 5, low, low + 10, sure=True), GenderEstimate(0.97, True)
        face = AttributeEstimate(FACE, emotion(Emotion.HAPPINESS), age, gender)
        return [face, sexed(VOICE, 0.95)]

    grown = fusion.together(person(14.0))
    assert [made.channel for made in grown] == [FACE, VOICE, Channel.FUSED]
    assert all(made.gender is not None for made in grown)
    child = fusion.together(person(13.9))
    assert [made.channel for made in child] == [FACE, Channel.FUSED]
    assert all(made.emotion is not None for made in child)
    assert not any(made.age or made.gender for made in child)


def test_an_emotion_of_which_no_channel_is_sure_is_not_sure(fusion: Fusion) -> None:
    unsure = [
        AttributeEstimate(c, emotion(Emotion.SADNESS, 0.8, sure=False)) for c in (FACE, VOICE)
    ]
    sure = [felt(FACE, Emotion.SADNESS, 0.8), unsure[1]]
    found = [fusion.fuse(parts) for parts in (unsure, sure)]
    assert [each is not None and each.emotion is not None for each in found] == [True, True]
    assert [each.emotion.sure for each in found if each and each.emotion] == [False, True]


def test_gender_is_fused_by_log_odds(fusion: Fusion) -> None:
    made = fusion.fuse([sexed(FACE, 0.9), sexed(VOICE, 0.9)])
    assert made is not None
    assert made.gender is not None
    assert made.gender.male == pytest.approx(81 / 82)
    disagreeing = fusion.fuse([sexed(FACE, 0.9), sexed(VOICE, 0.1)])
    assert disagreeing is not None
    assert disagreeing.gender is not None
    assert disagreeing.gender.male == pytest.approx(0.5)
    assert not disagreeing.gender.sure


def test_the_more_precise_age_counts_more(fusion: Fusion) -> None:
    made = fusion.fuse([aged(FACE, 30, 5), aged(VOICE, 34, 20)])
    assert made is not None
    assert made.age is not None
    assert made.age.years == pytest.approx(30 + 4 / 17)
    assert made.age.high - made.age.low < 10


def test_ages_that_disagree_widen_the_interval(fusion: Fusion) -> None:
    near = fusion.fuse([aged(FACE, 30, 5), aged(VOICE, 32, 5)])
    far = fusion.fuse([aged(FACE, 30, 5), aged(VOICE, 60, 5)])
    assert near is not None
    assert far is not None
    assert near.age is not None
    assert far.age is not None
    assert near.age.high - near.age.low < 10
    assert far.age.low < 30.5
    assert far.age.high > 59.5
    assert not far.age.sure


def test_a_poor_sample_has_a_wider_interval(fusion: Fusion) -> None:
    made = fusion.fuse([aged(FACE, 30, 5, quality=0.125), aged(VOICE, 30, 10)])
    assert made is not None
    assert made.age is not None
    half = 10 / 2**0.5
    assert (made.age.low, made.age.high) == pytest.approx((30 - half, 30 + half))


def test_biases_and_weights_count() -> None:
    weights = ChannelWeights(2.0, (1.0, 0, 0, 0, 0, 0, 0), full_quality=1.0)
    nothing = AttributeEstimate(TEXT, EmotionEstimate((1 / 7,) * 7, sure=False))
    rows = {FACE: weights, TEXT: ChannelWeights()}
    made = Fusion(rows).fuse([felt(FACE, Emotion.HAPPINESS, 0.4), nothing])
    assert made is not None
    assert made.emotion is not None
    happy = np.e * 0.4**2
    assert made.emotion.probabilities[0] == pytest.approx(happy / (happy + 6 * 0.1**2))


def samples(rng: np.random.Generator, truth: Emotion) -> dict[Channel, AttributeEstimate]:
    """Three calibrated channels of different strength, as a log-linear pool assumes them."""
    made = {}
    for channel, strength in ((FACE, 1.6), (VOICE, 1.1), (TEXT, 1.3)):
        logits = rng.normal(0, strength, len(EMOTIONS))
        logits[EMOTIONS.index(truth)] += strength**2
        shares = np.exp(logits - logits.max())
        made[channel] = AttributeEstimate(
            channel, EmotionEstimate(tuple((shares / shares.sum()).tolist()), sure=True)
        )
    return made


def test_more_channels_are_never_worse_and_a_bad_one_does_no_harm(
    fusion: Fusion, rng: np.random.Generator
) -> None:
    """Every set of channels is better than each of its parts; a channel of noise that says it is
    poor takes next to nothing off."""
    truths = [EMOTIONS[k % 7] for k in range(1400)]
    drawn = [samples(rng, truth) for truth in truths]
    strangers = [samples(rng, EMOTIONS[rng.integers(7)])[VOICE] for _ in truths]

    def accuracy(channels: tuple[Channel, ...], noise: bool = False) -> float:
        right = 0
        for parts, stranger, truth in zip(drawn, strangers, truths, strict=True):
            chosen = [parts[channel] for channel in channels]
            chosen += [replace(stranger, quality=0.05)] if noise else []
            made = fusion.fuse(chosen)
            right += made is not None and made.emotion is not None and made.emotion.top is truth
        return right / len(truths)

    alone = {channel: accuracy((channel,)) for channel in (FACE, VOICE, TEXT)}
    for pair in combinations(alone, 2):
        assert accuracy(pair) > max(alone[channel] for channel in pair)
    assert accuracy((FACE, VOICE, TEXT)) > max(accuracy(p) for p in combinations(alone, 2))
    assert accuracy((FACE,), noise=True) > alone[FACE] - 0.01


# --- fusion to the digit -----------------------------------------------------------------------


def between(
    channel: Channel, years: float, low: float, high: float, quality: float = 1.0
) -> AttributeEstimate:
    return AttributeEstimate(channel, age=AgeEstimate(years, low, high, True), quality=quality)


@pytest.mark.parametrize(
    ("parts", "years", "low", "high"),
    [
        # so far apart that Birge's ratio widens the interval
        ((between(FACE, 30, 26, 36), between(VOICE, 50, 40, 62)), 33.424658, 25.546275, 44.808852),
        # they agree: no wider than their errors, and not narrower on account of agreeing
        ((between(FACE, 30, 26, 36), between(VOICE, 31, 25, 36)), 30.452489, 27.124288, 34.293595),
        # nobody is known better than to half a year
        ((between(FACE, 30, 30, 30), between(VOICE, 30.2, 30, 30.2)), 30.1, 29.746447, 30.453553),
        # no age below zero
        ((between(FACE, 2, 0, 4), between(VOICE, 30, 0, 32)), 2.430769, 0.0, 5.578074),
    ],
)
def test_ages_are_measurements_with_errors(
    fusion: Fusion, parts: tuple[AttributeEstimate, ...], years: float, low: float, high: float
) -> None:
    made = fusion.fuse(parts)
    assert made is not None
    assert made.age is not None
    assert (made.age.years, made.age.low, made.age.high) == pytest.approx(
        (years, low, high), abs=2e-6
    )


def test_an_interval_as_wide_as_is_still_told_is_sure() -> None:
    parts = [between(FACE, 30, 26, 36), between(VOICE, 50, 40, 62)]
    made = Fusion().fuse(parts)
    assert made is not None
    assert made.age is not None
    width = made.age.high - made.age.low
    for widest, sure in ((width, True), (width - 1e-9, False)):
        told = Fusion(age_widest=widest).fuse(parts)
        assert told is not None
        assert told.age is not None
        assert told.age.sure is sure


def test_the_weights_of_channels_count_for_age_gender_and_emotion() -> None:
    ages = Fusion({FACE: ChannelWeights(age_scale=2.0), VOICE: ChannelWeights(full_quality=1.0)})
    aged_so = ages.fuse([between(FACE, 30, 26, 36, 0.4), between(VOICE, 34, 25, 46, 0.25)])
    assert aged_so is not None
    assert aged_so.age is not None
    assert (aged_so.age.years, aged_so.age.low, aged_so.age.high) == pytest.approx(
        (30.883392, 22.873497, 42.594193), abs=1e-6
    )
    poor = Fusion().fuse([between(FACE, 30, 26, 36, 0), between(VOICE, 34, 25, 46, 0)])
    assert poor is not None
    assert poor.age is not None
    assert poor.age.high - poor.age.low > 30
    genders = Fusion(
        {
            FACE: ChannelWeights(gender=1.5, gender_bias=0.5),
            VOICE: ChannelWeights(gender=0.5, gender_bias=-0.25, full_quality=1.0),
        }
    )
    told = genders.fuse([sexed(FACE, 0.9, 0.3), sexed(VOICE, 0.2, 0.6)])
    assert told is not None
    assert told.gender is not None
    assert (told.gender.male, told.gender.sure) == pytest.approx((0.84704549, True))
    bounded = genders.fuse([sexed(FACE, 1.0), sexed(VOICE, 0.0)])
    assert bounded is not None
    assert bounded.gender is not None
    assert bounded.gender.male == pytest.approx(0.99766205)
    emotions = Fusion(
        {
            FACE: ChannelWeights(1.5, (0.1, 0.2, 0.3, -0.1, 0, 0, 0)),
            VOICE: ChannelWeights(0.5, (0, 0, 0, 0, 0.4, 0, 0), full_quality=1.0),
        },
        (0.2, 0, 0, 0, 0, 0, -0.3),
    )
    one, two = (0.4, 0.3, 0.1, 0.05, 0.05, 0.05, 0.05), (0.1, 0.1, 0.1, 0.1, 0.4, 0.1, 0.1)
    felt_so = emotions.fuse(
        [
            AttributeEstimate(FACE, EmotionEstimate(one, sure=True), quality=0.4),
            AttributeEstimate(VOICE, EmotionEstimate(two, sure=True), quality=0.5),
        ]
    )
    assert felt_so is not None
    assert felt_so.emotion is not None
    assert felt_so.quality == 0.5
    assert felt_so.emotion.probabilities == pytest.approx(
        (0.47990728, 0.30138076, 0.08736019, 0.02761235, 0.0516679, 0.0299121, 0.02215943)
    )


def test_a_gender_is_sure_from_its_threshold_on(fusion: Fusion) -> None:
    parts = [sexed(FACE, 0.6), sexed(VOICE, 0.6)]
    together = 9 / 13  # odds of 2.25
    for threshold, sure in ((together - 1e-9, True), (together + 1e-9, False)):
        made = Fusion(gender_sure=threshold).fuse(parts)
        assert made is not None
        assert made.gender is not None
        assert made.gender.sure is sure
    female = fusion.fuse([sexed(FACE, 0.1), sexed(VOICE, 0.2)])
    assert female is not None
    assert female.gender is not None
    assert (female.gender.male, female.gender.sure) == pytest.approx((1 / 37, True))


def test_trust_grows_with_quality_up_to_the_full() -> None:
    weights = ChannelWeights(full_quality=0.4)
    assert [weights.trust(q) for q in (-1.0, 0.0, 0.1, 0.4, 0.9)] == [0.0, 0.0, 0.25, 1.0, 1.0]
    assert ChannelWeights().trust(0.25) == 0.5


def test_averages_of_ages_and_genders_are_weighted_by_quality() -> None:
    ages = average([between(FACE, 20, 16, 26, 0.75), between(FACE, 40, 30, 46, 0.25)]).age
    assert ages is not None
    assert (ages.years, ages.low, ages.high) == pytest.approx((25, 19.5, 31))
    genders = average([sexed(FACE, 0.9, 0.75), sexed(FACE, 0.5, 0.25)]).gender
    assert genders is not None
    assert (genders.male, genders.sure) == pytest.approx((0.8, True))
    nothing = average([sexed(FACE, 0.9, 0.0), sexed(FACE, 0.5, 0.0)])
    assert nothing.gender is not None
    assert (nothing.gender.male, nothing.quality) == pytest.approx((0.7, 0.0))
    half = AgeEstimate(40, 30, 46, sure=False)
    parts = [between(FACE, 20, 16, 26), AttributeEstimate(FACE, age=half)]
    level = average(parts).age
    assert level is not None
    assert level.sure


# --- what is wanted ----------------------------------------------------------------------------


def test_everything_is_wanted_unless_switched_off() -> None:
    assert wanted(Settings()) == AttributeSelection(True, True, True)
    assert wanted(Settings(emotion="off", age="off", gender="off")) == AttributeSelection(
        False, False, False
    )
    assert not wanted(Settings(emotion="off", age="off", gender="off")).anything
    assert wanted(Settings(emotion="off", age="off")).anything


@pytest.mark.parametrize("profile", ["workplace", "education"])
def test_emotion_is_never_wanted_at_work_or_in_education(profile: str) -> None:
    assert wanted(Settings(profile=profile)) == AttributeSelection(False, True, True)
    with pytest.raises(SettingsError, match="emotion"):
        Settings(profile=profile, emotion="on")


def test_only_what_is_wanted_is_left() -> None:
    whole = replace(felt(FACE, Emotion.FEAR), gender=GenderEstimate(0.9, sure=True))
    assert only(whole, AttributeSelection(emotion=False)).emotion is None
    assert only(whole, AttributeSelection(emotion=False)).gender is not None
    assert only(whole, AttributeSelection(gender=False)).gender is None


def test_what_a_network_is_weak_at_is_off_unless_switched_on() -> None:
    weak = ("emotion", "age")
    settings = Settings(age="on")
    assert good_enough(wanted(settings), weak, settings) == AttributeSelection(False, True, True)
    off = Settings(age="off", emotion="on")
    assert good_enough(wanted(off), weak, off) == AttributeSelection(True, False, True)


def test_switched_on_does_not_help_against_the_profile() -> None:
    settings = Settings(profile="workplace", age="on")
    assert good_enough(wanted(settings), (), settings) == AttributeSelection(False, True, True)
