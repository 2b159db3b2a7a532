"""Guided capture with scripted samples: poses, speech, refusals, what is left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from kiosk.core.media import Modality, NoticeKind, SourceNotice
from kiosk.core.ports.inference import Pipelines
from kiosk.core.samples import (
    Hint,
    Pose,
    VoiceOutcome,
    VoiceProgress,
    VoiceSample,
)
from kiosk.core.settings import Settings
from kiosk.enrolment.guided_capture import (
    PITCH_DEGREES,
    READING_INTERVAL,
    READING_SAMPLES,
    SIDE_SAMPLES,
    YAW_DEGREES,
    CaptureProgress,
    Goal,
    GuidedCapture,
    Step,
)
from kiosk.recognition.identification import Models
from tests.support.guided import POSES, PosedPath, turned
from tests.support.scripted import (
    FPS,
    RATE,
    Script,
    ScriptedVoicePath,
    picture,
    scripted_models,
    sound,
)


@dataclass
class Session:
    """A capture, a head that can be turned, and everything that was told."""

    path: PosedPath
    capture: GuidedCapture
    told: list[CaptureProgress]
    time: float = 0.0
    models: Models = field(kw_only=True)

    @property
    def last(self) -> CaptureProgress:
        return self.told[-1]

    def look(self, pose: Pose | None, seconds: float = 1.0, hint: Hint | None = None) -> None:
        self.path.pose, self.path.hint = pose, hint
        for _ in range(round(seconds * FPS)):
            self.capture.feed(picture(0, self.time))
            self.time += 1 / FPS

    def speak(self, seconds: float, who: int = 1) -> None:
        for _ in range(round(seconds * FPS)):
            self.capture.feed(sound(who, self.time))
            self.time += 1 / FPS


@pytest.fixture
def session() -> Session:
    script = Script()
    path = PosedPath()
    pipelines = Pipelines(path, ScriptedVoicePath(script))
    models = replace(scripted_models(script), pipelines=lambda: pipelines)
    told: list[CaptureProgress] = []
    return Session(path, GuidedCapture(models, Settings(), told.append), told, models=models)


def goals(told: Iterable[CaptureProgress]) -> list[Goal]:
    return list(dict.fromkeys(each.goal for each in told if each.goal is not None))


def test_a_cooperative_person_is_done_within_twenty_seconds(session: Session) -> None:
    for pose in POSES.values():
        session.look(pose)
    session.speak(6.2)
    assert session.capture.step is Step.DONE
    assert session.time < 20
    kept = session.last.kept
    assert {each.goal for each in kept if each.modality is Modality.FACE} == set(Goal)
    assert sum(each.modality is Modality.VOICE for each in kept) == 2
    posed = 5 + 4 * SIDE_SAMPLES
    assert posed <= len(session.capture.collected.faces) <= posed + READING_SAMPLES
    assert session.capture.collected.speech_seconds == pytest.approx(6.0, abs=0.2)


def test_poses_are_asked_for_one_after_the_other(session: Session) -> None:
    for pose in POSES.values():
        session.look(pose)
    assert goals(session.told) == list(Goal)


def test_turning_is_measured_from_ones_own_way_of_looking_straight(session: Session) -> None:
    session.look(POSES[Goal.STRAIGHT])
    session.look(turned(yaw=YAW_DEGREES / 2, pitch=-PITCH_DEGREES / 2))
    assert session.last.turned == pytest.approx((0.5, -0.5))
    assert session.last.goal is Goal.LEFT
    assert not [each for each in session.last.kept if each.goal is Goal.LEFT]


def test_the_wrong_side_does_not_count(session: Session) -> None:
    session.look(POSES[Goal.STRAIGHT])
    session.look(POSES[Goal.RIGHT], 2.0)
    assert session.last.goal is Goal.LEFT


def test_a_pose_somebody_cannot_take_is_left_out(session: Session) -> None:
    session.look(POSES[Goal.STRAIGHT])
    session.look(POSES[Goal.STRAIGHT], 6.5)
    assert session.last.left_out == (Goal.LEFT,)
    assert session.last.goal is Goal.RIGHT


def test_who_turns_too_far_is_not_kept_waiting_for_ever(session: Session) -> None:
    session.look(POSES[Goal.STRAIGHT])
    session.look(turned(yaw=45), 6.5, Hint.LOOK_HERE)
    assert session.last.left_out == (Goal.LEFT,)


def test_looking_straight_is_waited_for(session: Session) -> None:
    session.look(turned(yaw=25), 20.0)
    assert session.last.goal is Goal.STRAIGHT
    assert session.last.left_out == ()


def test_time_without_anybody_does_not_count(session: Session) -> None:
    session.look(POSES[Goal.STRAIGHT])
    session.look(None, 30.0)
    assert session.last.goal is Goal.LEFT


def test_a_refused_sample_says_why_once_that_has_lasted(session: Session) -> None:
    session.look(POSES[Goal.STRAIGHT], 0.2, Hint.MORE_LIGHT)
    assert session.last.refused is None
    session.look(POSES[Goal.STRAIGHT], 0.5, Hint.MORE_LIGHT)
    assert session.last.refused is Hint.MORE_LIGHT
    session.look(POSES[Goal.STRAIGHT], 0.2)
    assert session.last.refused is None


def test_what_staff_say_while_explaining_is_not_heard(session: Session) -> None:
    session.look(POSES[Goal.STRAIGHT], 0.2)
    session.speak(8.0, who=2)
    session.capture.skip()
    session.speak(1.0)
    assert session.capture.collected.voices == []
    assert session.last.speech_seconds == pytest.approx(1.0, abs=0.1)


def test_faces_are_taken_while_the_person_reads_and_nothing_is_asked_for(session: Session) -> None:
    session.capture.skip()
    session.look(POSES[Goal.STRAIGHT], 20.0)
    assert len(session.capture.collected.faces) == READING_SAMPLES
    assert session.last.kept == ()
    assert session.capture.step is Step.SPEECH


def test_faces_while_reading_lie_some_time_apart_and_are_usable(session: Session) -> None:
    session.capture.skip()
    session.look(POSES[Goal.STRAIGHT], READING_INTERVAL - 0.1)
    assert len(session.capture.collected.faces) == 1
    session.look(POSES[Goal.STRAIGHT], 5.0, Hint.MORE_LIGHT)
    assert len(session.capture.collected.faces) == 1
    session.look(POSES[Goal.STRAIGHT], 0.3)
    assert len(session.capture.collected.faces) == 2


def test_refused_speech_says_why_and_does_not_count(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.capture.skip()
    noisy = VoiceSample(np.zeros(3 * RATE, np.float32), 0, 3, VoiceOutcome.NOISY, Hint.LESS_NOISE)
    monkeypatch.setattr(session.models.pipelines().voice, "take", lambda flush=False: noisy)
    session.speak(0.1)
    assert session.last.refused is Hint.LESS_NOISE
    assert session.last.kept == ()
    assert session.capture.step is Step.SPEECH


def test_speech_can_be_ended_with_what_there_is(session: Session) -> None:
    session.capture.skip()
    session.speak(2.0)
    session.capture.skip()
    assert session.capture.step is Step.DONE
    assert session.capture.collected.speech_seconds == pytest.approx(2.0, abs=0.1)


def test_after_the_end_nothing_is_taken(session: Session) -> None:
    session.capture.skip()
    session.capture.skip()
    count = len(session.told)
    session.look(POSES[Goal.STRAIGHT])
    assert len(session.told) == count
    assert session.capture.collected.faces == []


def test_a_lost_device_is_told_until_pictures_come_again(session: Session) -> None:
    session.capture.feed(SourceNotice(NoticeKind.LOST, "The camera is gone."))
    assert session.last.text
    session.look(POSES[Goal.STRAIGHT], 0.1)
    assert not session.last.text


def test_progress_of_listening_is_passed_on(session: Session) -> None:
    session.capture.skip()
    session.speak(0.1)
    assert isinstance(session.last.voice, VoiceProgress)
