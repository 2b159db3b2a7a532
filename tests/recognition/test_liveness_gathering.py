"""Which pictures and which sound of a visit are looked at, and what each channel says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.core.liveness import LipSoundMatch, PadChannel, PadEvidence, PictureScore
from kiosk.core.media import AudioChunk, Frame, Matrix, Vector
from kiosk.core.samples import Box, FaceOutcome, LocatedFace
from kiosk.core.scoring import Calibration
from kiosk.recognition.liveness_gathering import (
    MIN_SHARPNESS,
    MOST_PICTURES,
    LivenessGathering,
    PadModels,
    lip_statistic,
)
from kiosk.recognition.motion_evidence import motion_score
from tests.support.liveness import PLAIN, POINTS, ScriptedMotion, face, pad_models, speech


@dataclass
class Pictures:
    """Says odds and sharpness in turn, and keeps how closely it was asked to look."""

    odds: Sequence[float] = (2.0,)
    sharpness: Sequence[float] = (0.05,)
    model_id: str = "picture@0"
    closely: list[bool] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def score(
        self, faces: Sequence[tuple[Frame, Box]], *, closely: bool = True
    ) -> list[PictureScore]:
        ((frame, box),) = faces
        assert box == Box(20, 20, 50, 60)
        number = len(self.times)
        self.closely.append(closely)
        self.times.append(frame.time)
        odds = self.odds[number % len(self.odds)]
        return [PictureScore(odds, self.sharpness[number % len(self.sharpness)])]


def match(correlation: float, seconds: float) -> LipSoundMatch:
    return LipSoundMatch(correlation, 0.0, correlation, seconds)


@dataclass
class Lips:
    """Remembers the points of every mouth, and what it was asked to match."""

    correlation: float = 0.5
    seconds: float = 2.25
    model_id: str = "lips@0"
    points: list[float] = field(default_factory=list)
    matched: list[tuple[int, list[float], int, float]] = field(default_factory=list)

    def mouth(self, face: LocatedFace) -> Vector:
        self.points.append(float(face.landmarks[0, 0]))
        assert face.landmarks.dtype == np.float32
        return np.full(3, 5.0 * (len(self.points) % 2), dtype=np.float32)

    def match(
        self,
        mouths: Matrix,
        times: NDArray[np.float64],
        heard: Sequence[AudioChunk],
        delay: float = 0.0,
    ) -> LipSoundMatch | None:
        assert len(mouths) == len(times)
        self.matched.append((len(mouths), times.tolist(), len(heard), delay))
        return match(self.correlation, self.seconds)


def gathered(pictures: Pictures, count: int, interval: float, **options: int) -> PadEvidence:
    gathering = LivenessGathering(PadModels(pictures, picture_calibration=PLAIN), **options)
    for number in range(count):
        gathering.see(face(number * interval))
    (found,) = gathering.evidence()
    return found


def test_five_pictures_a_second_are_judged_one_in_two_closely() -> None:
    pictures = Pictures()
    found = gathered(pictures, 25, 0.125)
    assert pictures.times == [0.25 * k for k in range(13)]
    assert pictures.closely == [True, False] * 6 + [True]
    assert (found.channel, found.samples) == (PadChannel.FACE_PICTURE, 13)
    assert (found.seconds, found.reason) == (3.0, "")
    assert found.pad_score == pytest.approx(2.0)
    for interval, judged in ((0.2, 2), (0.199, 1)):
        assert gathered(Pictures(), 2, interval).samples == judged


def test_no_more_pictures_are_judged_than_tell_anything() -> None:
    pictures = Pictures()
    assert gathered(pictures, MOST_PICTURES + 5, 0.25).samples == MOST_PICTURES
    assert len(pictures.times) == MOST_PICTURES


def test_blurred_pictures_are_counted_and_judge_nothing() -> None:
    sharp = gathered(Pictures(sharpness=(MIN_SHARPNESS,)), 10, 0.25)
    assert sharp.samples == 10
    mixed = Pictures(odds=(9.0, 1.0), sharpness=(0.001, 0.05))
    found = gathered(mixed, 10, 0.25)
    assert (found.samples, found.pad_score) == pytest.approx((5, 1.0))
    assert found.seconds == pytest.approx(2.0)
    # A picture that was too blurred is followed by one looked at as closely.
    assert mixed.closely == [True, True, False, False, True, True, False, False, True, True]
    few = gathered(mixed, 4, 0.25, min_pictures=3)
    assert (few.pad_score, few.samples, few.reason) == (None, 2, "too_few_pictures")
    worse = gathered(Pictures(sharpness=(0.001, 0.001, 0.05)), 6, 0.25, min_pictures=3)
    assert (worse.pad_score, worse.samples, worse.reason) == (None, 2, "blurred")
    assert gathered(Pictures(), 3, 0.25, min_pictures=3).pad_score is not None


def test_without_a_calibration_nothing_is_said_of_pictures() -> None:
    gathering = LivenessGathering(PadModels(Pictures()))
    for number in range(10):
        gathering.see(face(number * 0.25))
    assert gathering.evidence() == (
        PadEvidence(PadChannel.FACE_PICTURE, None, 10, reason="too_few_pictures"),
    )


def test_only_a_usable_face_is_judged() -> None:
    pictures = Pictures()
    gathering = LivenessGathering(PadModels(pictures, picture_calibration=PLAIN))
    gathering.see(face(0.0, FaceOutcome.TOO_SMALL))
    gathering.see(face(0.1, FaceOutcome.NO_FACE))
    gathering.see(face(0.2))
    assert pictures.times == [0.2]
    gathering.reset()
    assert gathering.evidence()[0].samples == 0


def test_movement_is_told_with_its_steps() -> None:
    motion = ScriptedMotion()
    gathering = LivenessGathering(pad_models(None, motion))
    assert gathering.evidence() == (
        PadEvidence(PadChannel.MOTION, None, 0, 0.0, "too_few_pictures"),
    )
    for number in range(40):
        gathering.see(face(number * 0.04))
    (found,) = gathering.evidence()
    assert found.pad_score == motion_score([motion.step] * found.samples)
    assert found.samples > 3
    assert found.reason == ""
    assert found.seconds == pytest.approx(found.samples * 0.2, abs=found.samples * 0.2)


@pytest.fixture
def lips() -> Lips:
    return Lips()


@pytest.fixture
def heard(lips: Lips) -> LivenessGathering:
    return LivenessGathering(PadModels(lips=lips, lips_calibration=PLAIN), delay=0.125)


def test_a_mouth_is_that_of_the_middle_of_five_pictures(
    heard: LivenessGathering, lips: Lips
) -> None:
    for number in range(7):
        sample = face(number * 0.04)
        heard.see(sample)
    assert lips.points == [float(POINTS[0, 0])] * 3
    assert heard.match() is None, "nothing was heard"
    heard.hear(speech(0.0), speaking=False)
    assert heard.match() == match(0.5, 2.25)
    ((count, times, chunks, delay),) = lips.matched
    assert (count, chunks, delay) == (3, 1, 0.125)
    assert times == pytest.approx([0.08, 0.12, 0.16])
    heard.see(face(0.28, track=2))
    assert heard.match() is None, "of another track nothing is left"


def test_two_mouths_are_the_fewest_that_can_be_matched(
    heard: LivenessGathering, lips: Lips
) -> None:
    heard.hear(speech(0.0), speaking=True)
    for number in range(5):
        heard.see(face(number * 0.04))
    assert heard.match() is None
    heard.see(face(0.2))
    assert heard.match() is not None


def test_mouths_and_sound_of_the_last_twelve_seconds_are_kept(
    heard: LivenessGathering, lips: Lips
) -> None:
    for number in range(60):
        heard.see(face(number * 0.25))
        heard.hear(speech(number * 0.25, 0.25), speaking=number % 2 == 0)
    heard.match()
    (count, times, chunks, _delay) = lips.matched[-1]
    assert (times[0], times[-1]) == (2.25, 14.25)
    assert (count, chunks) == (49, 48)
    assert heard.spoken_since(0.0) == pytest.approx(24 * 0.25)
    assert heard.spoken_since(14.0) == pytest.approx(2 * 0.25)
    assert heard.spoken_since(14.01) == pytest.approx(0.25)
    heard.forget_sound()
    assert heard.spoken_since(0.0) == 0
    assert heard.match() is None


def test_sound_of_another_rate_begins_anew(heard: LivenessGathering, lips: Lips) -> None:
    for number in range(6):
        heard.see(face(number * 0.04))
    for rate in (16_000, 16_000, 8_000):
        heard.hear(speech(0.0, 0.1, rate), speaking=True)
    heard.match()
    assert lips.matched[-1][2] == 1
    assert heard.spoken_since(0.0) == pytest.approx(0.3)


@pytest.mark.parametrize(("chunks", "said"), [(6, False), (7, True)])
def test_with_so_much_speech_mouth_and_sound_are_compared(
    heard: LivenessGathering, lips: Lips, chunks: int, said: bool
) -> None:
    for number in range(40):
        heard.see(face(number * 0.04))
    for number in range(chunks):
        heard.hear(speech(number * 0.125, 0.125), speaking=True)
    (found,) = heard.evidence()
    assert found.channel is PadChannel.LIP_SOUND
    if said:
        assert (found.samples, found.seconds, found.reason) == (1, 2.25, "")
        assert found.pad_score == pytest.approx(0.5 * 1.5)
    else:
        assert found == PadEvidence(PadChannel.LIP_SOUND, None, reason="no_speech")


def test_the_longer_the_speech_the_surer_a_match_up_to_three_seconds() -> None:
    assert lip_statistic(match(0.5, 1.0)) == 0.5
    assert lip_statistic(match(-0.5, 2.25)) == -0.75
    assert lip_statistic(match(1.0, 3.0)) == pytest.approx(3**0.5)
    assert lip_statistic(match(1.0, 30.0)) == pytest.approx(3**0.5)


def test_without_a_channel_there_is_no_evidence_and_sound_is_not_kept() -> None:
    gathering = LivenessGathering(PadModels())
    gathering.see(face(0.0))
    gathering.hear(speech(0.0, 1.0), speaking=True)
    assert gathering.evidence() == ()
    assert gathering.spoken_since(0.0) == 0
    assert gathering.match() is None


def test_scores_are_calibrated_ratios_within_their_bounds() -> None:
    bent = Calibration(2.0, 0.5, -3.0, 3.0, 1e-6)
    gathering = LivenessGathering(PadModels(Pictures(odds=(1.0,)), picture_calibration=bent))
    for number in range(10):
        gathering.see(face(number * 0.25))
    assert gathering.evidence()[0].pad_score == pytest.approx(2.5)
