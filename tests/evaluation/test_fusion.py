"""Chimeric people: pairing by label, halves that never cross, and what a fit on them gains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from kiosk.core.attribute_fusion import ChannelWeights, Fusion
from kiosk.core.errors import InputError
from kiosk.core.estimates import (
    AgeEstimate,
    AttributeEstimate,
    Channel,
    EmotionEstimate,
    Gender,
    GenderEstimate,
)
from kiosk.core.samples import LocatedFace
from kiosk.datasets.splits import Half
from kiosk.evaluation.attributes.fusion import (
    SpoiltFaces,
    _half,
    chimeras,
    estimates,
    judge_chimeras,
    loss,
    paired,
)
from kiosk.evaluation.attributes.metrics import EMOTIONS, Judged, Truth, judged
from kiosk.training.calibration.attribute_fusion import age_scales, fit_all, told

FACE, VOICE, TEXT, FUSED = Channel


def made_up(
    rng: np.random.Generator, channel: Channel, count: int, strength: float, loud: float = 1.0
) -> Judged:
    """Samples of people, each with all labels, and estimates that err as the strength says."""
    truths, said = [], []
    for n in range(count):
        emotion, age = EMOTIONS[n % 7], float(rng.integers(18, 70))
        gender = Gender.MALE if rng.random() < 0.5 else Gender.FEMALE
        logits = rng.normal(0, strength, 7)
        logits[n % 7] += strength**2
        chances = np.exp(loud * logits)
        years = age + rng.normal(0, 6)
        odds = rng.normal((1 if gender is Gender.MALE else -1) * 2, 2)
        truths.append(Truth(f"person {n // 3}", emotion, age, gender))
        said.append(
            AttributeEstimate(
                channel,
                EmotionEstimate(tuple((chances / chances.sum()).tolist()), sure=False),
                AgeEstimate(years, years - 4, years + 4, sure=True)
                if channel is not TEXT
                else None,
                GenderEstimate(float(1 / (1 + np.exp(-odds))), sure=True)
                if channel is not TEXT
                else None,
            )
        )
    return judged(f"{channel} set", channel, said, truths)


@pytest.fixture
def sets(rng: np.random.Generator) -> dict[Channel, list[Judged]]:
    return {
        FACE: [made_up(rng, FACE, 900, 1.4)],
        VOICE: [made_up(rng, VOICE, 500, 1.0, loud=2.0)],
        TEXT: [made_up(rng, TEXT, 700, 1.2)],
    }


def half(sets: dict[Channel, list[Judged]], which: Half) -> dict[Channel, list[Judged]]:
    return {channel: [_half(each, which) for each in found] for channel, found in sets.items()}


def test_halves_are_people_and_do_not_cross(sets: dict[Channel, list[Judged]]) -> None:
    (whole,) = sets[FACE]
    one, other = (_half(whole, which) for which in Half)
    assert len(one) + len(other) == len(whole)
    assert 0.35 < len(one) / len(whole) < 0.65
    assert not set(one.person) & set(other.person)


def test_rows_become_the_estimates_they_were(sets: dict[Channel, list[Judged]]) -> None:
    (voice,) = sets[VOICE]
    back = judged(voice.name, VOICE, estimates(voice), [Truth("x")] * len(voice))
    assert np.allclose(back.chances, voice.chances)
    assert np.allclose(back.ages, voice.ages)
    assert np.array_equal(back.sure, voice.sure)


def test_chimeras_share_their_emotion(sets: dict[Channel, list[Judged]]) -> None:
    made = chimeras(sets, "emotion", 210)
    assert made is not None
    assert set(made.said) == {FACE, VOICE, TEXT}
    labels = [truth.emotion for truth in made.truths]
    assert len(labels) == 210
    assert all(labels.count(kind) == 30 for kind in EMOTIONS)
    assert "chimeric" in made.notes
    by_value = {e.emotion: k % 7 for k, e in enumerate(estimates(sets[VOICE][0]))}
    places = [by_value[e.emotion] for e in made.said[VOICE]]
    assert places == [EMOTIONS.index(kind) for kind in labels if kind]


def test_chimeras_share_their_age_and_gender(sets: dict[Channel, list[Judged]]) -> None:
    ages = chimeras(sets, "age", 300)
    assert ages is not None
    assert set(ages.said) == {FACE, VOICE}
    voice = {
        e.age: truth for e, truth in zip(estimates(sets[VOICE][0]), sets[VOICE][0].age, strict=True)
    }
    gaps = [
        abs(voice[e.age] - t.age)
        for e, t in zip(ages.said[VOICE], ages.truths, strict=True)
        if t.age
    ]
    assert max(gaps) <= 2.0
    genders = chimeras(sets, "gender", 300)
    assert genders is not None
    assert [t.gender for t in genders.truths].count(Gender.MALE) == 150


def test_one_channel_alone_makes_no_chimera(sets: dict[Channel, list[Judged]]) -> None:
    assert chimeras({FACE: sets[FACE]}, "emotion") is None
    assert chimeras({FACE: sets[FACE], TEXT: sets[TEXT]}, "age") is None


def test_every_set_of_channels_gains_on_other_people(sets: dict[Channel, list[Judged]]) -> None:
    first = half(sets, Half.CALIBRATE)
    pairs = {name: chimeras(first, name) for name in ("emotion", "age", "gender")}
    fusion = fit_all(first, pairs)
    assert fusion.channels[VOICE].emotion < 0.75  # it shouts
    assert fusion.channels[FACE].age_scale == pytest.approx(1.2816 * 6 / 4, rel=0.15)
    rest = half(sets, Half.REPORT)
    for attribute in ("emotion", "gender", "age"):
        made = chimeras(rest, attribute)
        assert made is not None
        found = judge_chimeras(made, attribute, fusion)
        for each in found:
            if each.name.count("+"):
                gain = float(each.notes[0].split("[")[0].split()[-1])
                assert gain < 0, (attribute, each.name, each.notes)
    assert any("emotion told from" in line for line in told(fusion))


def test_age_intervals_of_both_channels_hold_about_four_fifths(
    sets: dict[Channel, list[Judged]],
) -> None:
    scales = age_scales(half(sets, Half.CALIBRATE))
    rows = {c: ChannelWeights(age_scale=scales.get(c, 1.0)) for c in (FACE, VOICE, TEXT)}
    made = chimeras(half(sets, Half.REPORT), "age")
    assert made is not None
    *_, both = judge_chimeras(made, "age", replace(Fusion(), channels=rows))
    inside = (both.ages[:, 1] <= both.age) & (both.age <= both.ages[:, 2])
    assert inside.mean() == pytest.approx(0.8, abs=0.08)


def test_losses_are_what_they_are_called(sets: dict[Channel, list[Judged]]) -> None:
    (face,) = sets[FACE]
    assert loss(face, "age") == pytest.approx(np.abs(face.ages[:, 0] - face.age))
    assert loss(face, "emotion")[0] == pytest.approx(-np.log(face.chances[0, 0]))
    low, mean, high = paired(np.full(50, -0.25))
    assert (low, mean, high) == pytest.approx((-0.25, -0.25, -0.25))


def test_nothing_to_pair_is_an_error() -> None:
    with pytest.raises(InputError):
        fit_all({}, {"emotion": None, "age": None, "gender": None})


class Bright:
    """Says how much light and detail there is in a picture."""

    def estimate(
        self, faces: Sequence[LocatedFace], mirrored: bool | None = None
    ) -> list[AttributeEstimate]:
        spread = [
            float(np.abs(np.diff(face.image[..., 0].astype(int), axis=1)).mean()) for face in faces
        ]
        return [AttributeEstimate(FACE, quality=value) for value in spread]


def test_spoilt_faces_have_little_left(rng: np.random.Generator) -> None:
    image = rng.integers(0, 255, (48, 48, 3), dtype=np.uint8)
    face = [LocatedFace(image, np.zeros((5, 2), np.float32))]
    whole, spoilt = Bright().estimate(face)[0], SpoiltFaces(Bright()).estimate(face)[0]
    assert spoilt.quality < whole.quality / 10
