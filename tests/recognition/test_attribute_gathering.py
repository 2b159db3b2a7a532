"""Attribute estimates during a visit: gathered beside identification, never in its way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from kiosk.core.attribute_fusion import Fusion
from kiosk.core.errors import BugError
from kiosk.core.estimates import AttributeEstimate, AttributeSelection, Channel, Emotion, Gender
from kiosk.core.events import VisitDecision, VisitEvent, VisitProgress
from kiosk.core.media import AudioChunk
from kiosk.core.samples import LocatedFace
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.inference.voice.pipeline import SileroVoicePipeline
from kiosk.recognition.attribute_gathering import FACE_INTERVAL, Estimators
from kiosk.recognition.identification import Identifier
from kiosk.recognition.visit import Visit
from kiosk.runtime.composition import open_source
from tests.support.paths import ROOT
from tests.support.scripted import (
    FAR,
    FPS,
    NOBODY,
    Script,
    ScriptedFaceAttributes,
    ScriptedText,
    ScriptedVoiceAttributes,
    picture,
    scripted_estimators,
    scripted_models,
    sound,
    two_enrolled,
)


@dataclass
class Stage:
    """A visit with estimators, and everything that was published."""

    want: AttributeSelection = field(default_factory=AttributeSelection)
    good_frames: int = 5
    faces: ScriptedFaceAttributes = field(default_factory=ScriptedFaceAttributes)
    voices: ScriptedVoiceAttributes = field(default_factory=ScriptedVoiceAttributes)
    events: list[VisitEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        models = scripted_models(Script())
        estimators = replace(scripted_estimators(self.want), face=self.faces, voice=self.voices)
        settings = replace(Settings(), speech_limit=6.0, good_frames=self.good_frames)
        identifier = Identifier(models, two_enrolled(), Policy())
        self.visit = Visit(models, identifier, settings, self.events.append, estimators=estimators)

    def play(self, start: float, seconds: float, who: int, says: int | None = None) -> None:
        for k in range(round(seconds * FPS)):
            self.visit.feed(picture(who, start + k / FPS, k))
            if says is not None:
                self.visit.feed(sound(says, start + k / FPS))

    @property
    def finals(self) -> list[VisitDecision]:
        return [e for e in self.events if isinstance(e, VisitDecision) and e.final]

    def told(self, which: int = 0) -> dict[Channel, AttributeEstimate]:
        return {made.channel: made for made in self.finals[which].attributes}


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_decision_brings_face_voice_and_fused(stage: Stage) -> None:
    stage.play(0, 4, who=0, says=1)
    told = stage.told()
    assert list(told) == [Channel.FACE, Channel.VOICE, Channel.FUSED]
    face, voice, fused = told.values()
    assert face.emotion is not None
    assert voice.emotion is not None
    assert fused.emotion is not None
    assert (face.emotion.top, voice.emotion.top) == (Emotion.HAPPINESS, Emotion.SADNESS)
    assert not fused.emotion.sure
    assert fused.gender is not None
    assert fused.gender.top is Gender.FEMALE
    assert fused.age is not None
    assert fused.age.years == pytest.approx(30, abs=2)


def test_four_frames_a_second_and_none_after_the_decision(stage: Stage) -> None:
    stage.play(0, 4, who=0, says=1)
    asked = stage.faces.asked
    assert np.diff(asked).min() >= FACE_INTERVAL - 1e-9
    assert len(asked) == pytest.approx(4 * stage.finals[0].time, abs=2)
    assert max(asked) <= stage.finals[0].time


def test_speech_is_estimated_by_segments_while_it_is_gathered(stage: Stage) -> None:
    stage.play(0, 4, who=0, says=1)
    assert stage.voices.asked == [2.0]


def test_too_little_speech_for_a_segment_is_estimated_with_the_decision(stage: Stage) -> None:
    stage.play(0, 1.5, who=0, says=1)
    assert stage.voices.asked == []
    stage.visit.finish()
    assert stage.voices.asked == [pytest.approx(1.5, abs=0.1)]
    assert Channel.VOICE in stage.told()


def test_the_first_answer_is_told_before_any_attribute_is_estimated(stage: Stage) -> None:
    seen: list[int] = []
    stage.visit._publish = lambda event: seen.append(len(stage.faces.asked))
    stage.visit.feed(picture(0, 0.0))
    assert seen[0] == 0
    assert len(stage.faces.asked) == 1


def test_a_decision_at_the_first_frame_has_estimates_too() -> None:
    stage = Stage(good_frames=1)
    stage.visit.feed(picture(0, 0.0))
    assert Channel.FACE in stage.told()


def test_progress_carries_what_is_known_so_far(stage: Stage) -> None:
    stage.play(0, 0.4, who=0, says=0)
    progress = [event for event in stage.events if isinstance(event, VisitProgress)]
    assert [made.channel for made in progress[-1].attributes] == [Channel.FACE, Channel.FUSED]


def test_the_next_visitor_inherits_nothing(stage: Stage) -> None:
    stage.play(0, 4, who=0, says=1)
    stage.play(4, 2, who=NOBODY, says=0)
    stage.play(6, 7, who=1, says=0)
    assert list(stage.told(1)) == [Channel.FACE, Channel.FUSED]
    emotion = stage.told(1)[Channel.FACE].emotion
    assert emotion is not None
    assert emotion.top is Emotion.ANGER


def test_somebody_else_stepping_in_starts_anew(stage: Stage) -> None:
    stage.play(0, 0.4, who=0, says=0)
    stage.play(0.4, 4, who=1, says=2)
    emotion = stage.told()[Channel.FACE].emotion
    assert emotion is not None
    assert emotion.probabilities[1] == pytest.approx(0.7)


def test_a_face_that_is_not_usable_is_not_estimated(stage: Stage) -> None:
    stage.play(0, 7, who=FAR)
    assert stage.faces.asked == []
    assert stage.finals[0].attributes == ()


def test_without_estimators_a_visit_is_as_ever() -> None:
    events: list[VisitEvent] = []
    models = scripted_models(Script())
    visit = Visit(models, Identifier(models, two_enrolled(), Policy()), Settings(), events.append)
    for k in range(30):
        visit.feed(picture(0, k / FPS))
    finals = [e for e in events if isinstance(e, VisitDecision) and e.final]
    assert [final.attributes for final in finals] == [()]


@pytest.mark.parametrize("attribute", ["emotion", "age", "gender"])
def test_what_is_switched_off_is_in_nothing_that_is_published(attribute: str) -> None:
    switched: dict[str, bool] = {attribute: False}
    stage = Stage(AttributeSelection(**switched))
    stage.play(0, 4, who=0, says=1)
    made = [
        estimate
        for event in stage.events
        if isinstance(event, VisitDecision | VisitProgress)
        for estimate in event.attributes
    ]
    assert made
    assert all(getattr(estimate, attribute) is None for estimate in made)


def test_an_estimator_of_emotion_alone_cannot_be_brought_where_it_is_not_wanted() -> None:
    with pytest.raises(BugError):
        Estimators(AttributeSelection(emotion=False), Fusion(), text=ScriptedText())


def test_nothing_wanted_asks_no_estimator() -> None:
    stage = Stage(AttributeSelection(False, False, False))
    stage.play(0, 4, who=0, says=1)
    assert stage.faces.asked == []
    assert stage.voices.asked == []
    assert stage.finals[0].attributes == ()


def test_quality_of_the_sample_and_of_the_estimate_both_count() -> None:
    estimators = scripted_estimators()
    made = estimators.of_face(LocatedFace(picture(0, 0.0).image, np.zeros((5, 2), np.float32)), 0.3)
    assert made is not None
    assert made.quality == pytest.approx(0.3)


def test_a_part_of_the_speech_can_be_looked_at_without_taking_it() -> None:
    path = SileroVoicePipeline()
    clip = ROOT / "assets" / "demo" / "gureum-1.mp4"
    for event in open_source(Settings(), str(clip)).events():
        if isinstance(event, AudioChunk):
            path.hear(event)
    assert path.part(0.0, 30.0) is None
    part = path.part(0.2, 1.5)
    assert part is not None
    whole = path.take(flush=True)
    assert whole is not None
    first = round(0.2 / 0.032) * 512
    assert np.array_equal(part.speech, whole.speech[first : first + len(part.speech)])
    assert part.seconds == pytest.approx(1.5, abs=0.02)
    assert path.part(0.0, 0.1) is None


def test_a_channel_may_be_asked_for_less() -> None:
    estimators = replace(
        scripted_estimators(), want_of={Channel.VOICE: AttributeSelection(emotion=False)}
    )
    voice = estimators.of_voice(np.zeros(16_000, np.float32), 1.0)
    assert voice is not None
    assert voice.emotion is None
    assert voice.gender is not None
    face = estimators.of_face(LocatedFace(picture(0, 0.0).image, np.zeros((5, 2), np.float32)), 1.0)
    assert face is not None
    assert face.emotion is not None
