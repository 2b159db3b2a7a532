"""What a visit shows of a living person, and the rule."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.core.liveness import (
    LipSoundMatch,
    Liveness,
    LivenessOutcome,
    MotionStep,
    PadChannel,
    PadEvidence,
)
from kiosk.core.samples import FaceOutcome
from kiosk.recognition.liveness import DelayEstimate
from kiosk.recognition.liveness_gathering import LivenessGathering
from kiosk.recognition.liveness_policy import MIN_PICTURES, LivenessPolicy
from tests.support.liveness import (
    ScriptedLips,
    ScriptedMotion,
    ScriptedPicture,
    face,
    pad_models,
    speech,
)

LIVE, NOT_LIVE, NOT_CHECKED = LivenessOutcome


def watch(gathering: LivenessGathering, seconds: float, fps: float = 25.0) -> Liveness:
    for number in range(int(seconds * fps)):
        gathering.see(face(number / fps))
    return LivenessPolicy().judge(gathering.evidence())


def test_a_person_is_live_within_two_seconds() -> None:
    gathering = LivenessGathering(pad_models(ScriptedPicture(), ScriptedMotion()))
    found = watch(gathering, 2.0)
    assert found.outcome is LIVE
    picture = found.of(PadChannel.FACE_PICTURE)
    assert picture is not None
    assert picture.samples >= MIN_PICTURES


def test_a_picture_of_a_face_is_not_live_and_the_channel_is_named() -> None:
    gathering = LivenessGathering(pad_models(ScriptedPicture(odds=-3.0), ScriptedMotion()))
    found = watch(gathering, 2.0)
    assert (found.outcome, found.reason) == (NOT_LIVE, "face_picture")


def test_a_frozen_picture_is_not_live_however_good_it_is() -> None:
    still = ScriptedMotion(MotionStep(0.05, 0.01, 0.01, 0.01, 0.01))
    found = watch(LivenessGathering(pad_models(ScriptedPicture(odds=3.0), still)), 2.0)
    assert (found.outcome, found.reason) == (NOT_LIVE, "motion")


def test_a_flat_thing_moved_by_hand_is_not_live() -> None:
    flat = ScriptedMotion(MotionStep(9.0, 2.0, 0.1, 0.1, 2.0))
    found = watch(LivenessGathering(pad_models(ScriptedPicture(odds=3.0), flat)), 2.0)
    assert (found.outcome, found.reason) == (NOT_LIVE, "motion")


def test_one_picture_is_not_checked() -> None:
    gathering = LivenessGathering(pad_models(ScriptedPicture(), ScriptedMotion()))
    gathering.see(face(0.0))
    found = LivenessPolicy().judge(gathering.evidence())
    assert (found.outcome, found.reason) == (NOT_CHECKED, "too_few_pictures")


def test_blurred_pictures_are_asked_again_and_not_refused() -> None:
    blurred = ScriptedPicture(odds=-3.0, sharpness=0.001)
    found = watch(LivenessGathering(pad_models(blurred, ScriptedMotion())), 2.0)
    assert (found.outcome, found.reason) == (NOT_CHECKED, "blurred")


def test_frames_without_a_usable_face_are_not_looked_at() -> None:
    picture = ScriptedPicture()
    gathering = LivenessGathering(pad_models(picture, ScriptedMotion()))
    for number in range(50):
        gathering.see(face(number / 25, FaceOutcome.TURNED_OR_COVERED))
    assert picture.asked == 0
    assert LivenessPolicy().judge(gathering.evidence()).outcome is NOT_CHECKED


def test_no_channel_loaded_is_not_checked() -> None:
    found = LivenessPolicy().judge(LivenessGathering(pad_models()).evidence())
    assert (found.outcome, found.reason) == (NOT_CHECKED, "no_pictures")


def test_a_visit_is_forgotten_on_reset() -> None:
    gathering = LivenessGathering(pad_models(ScriptedPicture(odds=-3.0)))
    watch(gathering, 2.0)
    gathering.reset()
    assert LivenessPolicy().judge(gathering.evidence()).outcome is NOT_CHECKED


def test_a_foreign_voice_is_not_live() -> None:
    lips = ScriptedLips(LipSoundMatch(-1.0, 0.0, 0.1, 3.0))
    models = pad_models(ScriptedPicture(odds=3.0), ScriptedMotion(), lips)
    gathering = LivenessGathering(models)
    for number in range(30):
        gathering.hear(speech(number * 0.1), speaking=True)
    found = watch(gathering, 3.0)
    assert (found.outcome, found.reason) == (NOT_LIVE, "lip_sound")


def overhearing(lips: ScriptedLips, faces: int = 1) -> LivenessGathering:
    """Three seconds of somebody before the camera while somebody is heard."""
    gathering = LivenessGathering(pad_models(ScriptedPicture(odds=3.0), ScriptedMotion(), lips))
    for number in range(75):
        gathering.see(face(number / 25, faces=faces))
        gathering.hear(speech(number / 25, 1 / 25), speaking=True)
    return gathering


UNFIT, FIT = LipSoundMatch(-1.0, 0.0, 0.1, 3.0), LipSoundMatch(1.5, 0.0, 1.5, 3.0)


@pytest.mark.parametrize(
    ("lips", "faces", "elses"),
    [
        (ScriptedLips(UNFIT), 1, False),  # a mouth that moves otherwise: somebody plays a sound
        (ScriptedLips(UNFIT, moves=False), 1, True),  # a companion behind the camera, a radio
        (ScriptedLips(FIT, moves=False), 1, False),
        (ScriptedLips(UNFIT), 2, True),  # the other one talks
        (ScriptedLips(None), 2, True),
        (ScriptedLips(FIT), 2, False),
    ],
)
def test_a_voice_is_counted_where_this_mouth_may_have_said_it(
    lips: ScriptedLips, faces: int, elses: bool
) -> None:
    gathering = overhearing(lips, faces)
    assert gathering.hears_somebody_else() is elses
    found = LivenessPolicy().judge(gathering.evidence())
    part = found.of(PadChannel.LIP_SOUND)
    assert part is not None
    assert (part.reason == "other_speaker") is (elses and lips.found is not None)
    assert (found.outcome is NOT_LIVE) is (lips.found is UNFIT and not elses)


def test_silence_is_no_evidence() -> None:
    lips = ScriptedLips(LipSoundMatch(-1.0, 0.0, 0.1, 3.0))
    gathering = LivenessGathering(pad_models(ScriptedPicture(), None, lips))
    for number in range(30):
        gathering.hear(speech(number * 0.1), speaking=False)
    found = watch(gathering, 3.0)
    assert found.outcome is LIVE
    part = found.of(PadChannel.LIP_SOUND)
    assert part is not None
    assert (part.pad_score, part.reason) == (None, "no_speech")


def test_mouths_of_one_track_alone_are_compared_with_the_delay_of_the_device() -> None:
    lips = ScriptedLips(LipSoundMatch(0.5, 0.1, 0.6, 2.0))
    gathering = LivenessGathering(pad_models(None, None, lips), delay=0.12)
    for number in range(20):
        gathering.see(face(number / 25, track=1))
    for number in range(20, 40):
        gathering.see(face(number / 25, track=2))
    gathering.hear(speech(0.0), speaking=True)
    assert gathering.match() is not None
    assert lips.delays == [0.12]
    assert lips.pictures == 16


def test_fewer_pictures_suffice_where_it_was_said_so() -> None:
    gathering = LivenessGathering(pad_models(ScriptedPicture(odds=2.0)), min_pictures=3)
    for number in range(3):
        gathering.see(face(number * 0.8))
    assert LivenessPolicy(min_pictures=3).judge(gathering.evidence()).outcome is LIVE
    assert LivenessPolicy().judge(gathering.evidence()).outcome is NOT_CHECKED


def test_a_threshold_is_what_it_says() -> None:
    evidence = [PadEvidence(PadChannel.FACE_PICTURE, 0.4, 9)]
    assert LivenessPolicy(threshold=0.3).judge(evidence).outcome is LIVE
    assert LivenessPolicy(threshold=0.5).judge(evidence).outcome is NOT_LIVE


def test_a_constant_delay_is_learnt_from_sure_matches_alone() -> None:
    delay = DelayEstimate()
    assert delay.seconds == 0.0
    for late in (0.10, 0.14, 0.12):
        delay.note(LipSoundMatch(0.2, late, 0.5, 2.0))
    delay.note(LipSoundMatch(0.0, -0.4, 0.1, 2.0))
    delay.note(LipSoundMatch(0.0, -0.4, 0.6, 0.5))
    assert np.isclose(delay.seconds, 0.12)
    assert delay.count == 3
