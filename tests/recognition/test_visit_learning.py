"""What a visit tells whoever may learn from it, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.events import VisitDecision, VisitEvent
from kiosk.core.liveness import Liveness, LivenessOutcome
from kiosk.core.media import Modality
from kiosk.core.samples import Embedding
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind, Template
from kiosk.recognition.identification import Identifier, OtherFace, OtherVoice
from kiosk.recognition.visit import Visit
from kiosk.storage import MemoryGallery
from tests.support.scripted import (
    ALICE,
    BOB,
    FPS,
    NOBODY,
    Script,
    ScriptedFaces,
    ScriptedVoices,
    picture,
    scripted_models,
    sound,
)

OLD_FACE, OLD_VOICE = "old-face@0", "old-voice@0"


@dataclass
class Pupil:
    """Writes down what it is told, in order."""

    told: list[str] = field(default_factory=list)
    samples: dict[str, int] = field(default_factory=dict)
    liveness: LivenessOutcome | None = None

    def decided(
        self, decision: Decision, samples: Mapping[str, Sequence[Embedding]], liveness: Liveness
    ) -> None:
        self.told.append(f"decided {decision.outcome}")
        self.liveness = liveness.outcome
        self.samples = {model_id: len(some) for model_id, some in samples.items()}

    def denied(self) -> None:
        self.told.append("denied")

    def ended(self) -> None:
        if self.told and self.told[-1] != "ended":
            self.told.append("ended")


class Stage:
    """Alice has templates of the old models alone, Bob of the new ones; both are resident."""

    def __init__(self) -> None:
        script = Script()
        scripted = scripted_models(script)
        self.models = replace(
            scripted,
            other_faces=(OtherFace(ScriptedFaces(script, OLD_FACE), scripted.face_calibration),),
            other_voices=(
                OtherVoice(ScriptedVoices(script, OLD_VOICE), scripted.voice_calibration),
            ),
        )
        gallery = MemoryGallery()
        for name, vector, face, voice in (
            ("Alice", ALICE, OLD_FACE, OLD_VOICE),
            ("Bob", BOB, "face@0", "voice@0"),
        ):
            given = [
                Template(Modality.FACE, face, vector, 0.9, ""),
                Template(Modality.VOICE, voice, vector, 0.9, ""),
            ]
            gallery.enrol(name, given, EnrolmentKind.NEW)
        self.events: list[VisitEvent] = []
        self.pupil = Pupil()
        identifier = Identifier(self.models, gallery, Policy())
        settings = Settings(speech_limit=6.0)
        self.visit = Visit(
            self.models, identifier, settings, self.events.append, learner=self.pupil
        )

    def play(self, start: float, seconds: float, who: int, says: int) -> None:
        for k in range(round(seconds * FPS)):
            self.visit.feed(picture(who, start + k / FPS, k))
            self.visit.feed(sound(says, start + k / FPS))

    @property
    def names(self) -> list[str | None]:
        finals = [e.decision for e in self.events if isinstance(e, VisitDecision) and e.final]
        known = DecisionOutcome.IDENTIFIED
        return [d.top.name if d.top and d.outcome is known else None for d in finals]


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.mark.parametrize(("who", "name"), [(0, "Alice"), (1, "Bob"), (2, None)])
def test_everybody_is_known_by_their_own_models(stage: Stage, who: int, name: str | None) -> None:
    stage.play(0, 4, who, who + 1)
    assert stage.names == [name]


def test_the_samples_of_every_model_are_told_with_the_final_decision(stage: Stage) -> None:
    stage.play(0, 4, 0, 1)
    assert stage.pupil.told == ["decided identified"]
    counts = stage.pupil.samples
    assert set(counts) == {"face@0", OLD_FACE, "voice@0", OLD_VOICE}
    assert counts["face@0"] == counts[OLD_FACE] >= 5
    assert counts["voice@0"] == counts[OLD_VOICE] == 1
    assert stage.pupil.liveness is LivenessOutcome.NOT_CHECKED


def test_it_hears_when_the_visitor_has_gone(stage: Stage) -> None:
    stage.play(0, 4, 0, 1)
    stage.play(4, 4, NOBODY, 0)
    assert stage.pupil.told == ["decided identified", "ended"]


def test_it_hears_of_a_denial_before_the_end(stage: Stage) -> None:
    stage.play(0, 4, 0, 1)
    stage.visit.deny()
    assert stage.pupil.told == ["decided identified", "denied", "ended"]


def test_nothing_of_one_visit_is_told_of_the_next(stage: Stage) -> None:
    stage.play(0, 4, 0, 1)
    first = stage.pupil.samples[OLD_FACE]
    stage.play(4, 4, 1, 2)
    assert stage.names == ["Alice", "Bob"]
    assert stage.pupil.told == ["decided identified", "ended", "decided identified"]
    assert stage.pupil.samples[OLD_FACE] <= first + 1


def test_the_end_of_a_recording_is_the_end_of_the_visit(stage: Stage) -> None:
    stage.play(0, 2, 0, 1)
    stage.visit.finish()
    assert stage.pupil.told == ["decided identified", "ended"]
