"""While a model is being replaced: everybody is scored by the model they have templates of."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace

import numpy as np
import pytest

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.media import Matrix, Modality, Vector
from kiosk.core.pooling import normalise
from kiosk.core.samples import Probe
from kiosk.core.scoring import Aggregate, Calibration, Evidence, Policy, decide
from kiosk.core.subjects import EnrolmentKind, Template
from kiosk.core.template_scores import subject_score
from kiosk.recognition.identification import Identifier, Models, OtherFace
from kiosk.recognition.other_models import OtherEmbeddings
from kiosk.storage import MemoryGallery
from tests.support.scripted import (
    ALICE,
    Script,
    ScriptedFacePath,
    ScriptedFaces,
    picture,
    scripted_models,
)

OLD, NEW, VOICE_MODEL = "old@0", "face@0", "voice@0"
FACE, VOICE = Modality.FACE, Modality.VOICE
DIMS = 96
SCALES = {
    OLD: Calibration(60.0, -40.0, -5.0, 6.2),
    NEW: Calibration(22.0, -9.0, -6.8, 8.6),
    VOICE_MODEL: Calibration(16.0, -6.0, -4.1, 4.7),
}
"""The old model's scores are higher throughout: beside the new one's they would always win."""


def two_models() -> Models:
    scripted = scripted_models(Script())
    old = OtherFace(ScriptedFaces(Script(), OLD), SCALES[OLD])
    return replace(
        scripted,
        face_calibration=SCALES[NEW],
        voice_calibration=SCALES[VOICE_MODEL],
        other_faces=(old,),
    )


@dataclass
class Halfway:
    """120 people: every third has been carried over, every twelfth has templates of both models,
    every fifth has a voice."""

    people: int = 120

    def __post_init__(self) -> None:
        self.chance = np.random.default_rng(5)
        self.centres = {
            name: normalise(self.chance.normal(size=(self.people, DIMS))) for name in SCALES
        }
        # What the old network makes of faces is crowded into one corner.
        self.centres[OLD] = normalise(self.centres[OLD] + self.centres[OLD][0])
        self.gallery = MemoryGallery()
        for person in range(self.people):
            given = [
                Template(
                    VOICE if name == VOICE_MODEL else FACE, name, self.near(name, person), 0.9, ""
                )
                for name in self.models_of(person)
            ]
            self.gallery.enrol(f"person {person}", given, EnrolmentKind.NEW)
        self.models = two_models()

    def models_of(self, person: int) -> list[str]:
        faces = [OLD, NEW] if person % 12 == 0 else [NEW] if person % 3 == 0 else [OLD]
        return [*faces, VOICE_MODEL] if person % 5 == 0 else faces

    def near(self, name: str, person: int, spread: float = 0.3) -> Vector:
        noise: Matrix = normalise(self.chance.normal(size=DIMS))
        return np.asarray(normalise(self.centres[name][person] + spread * noise))

    def visit(self, person: int) -> list[Probe]:
        """By both face models and the voice; what is no longer chosen comes first, as it may."""
        return [
            Probe(VOICE if name == VOICE_MODEL else FACE, name, self.near(name, person), 0.9, 3)
            for name in SCALES
        ]

    def by_own_model(self, probes: list[Probe]) -> Evidence:
        """The face evidence, person by person and template by template."""
        llrs, scores = [], []
        for person in range(self.people):
            name = NEW if NEW in self.models_of(person) else OLD
            probe = next(each for each in probes if each.model_id == name)
            rows = [t.vector for t in self.gallery.templates(person + 1) if t.model_id == name]
            score = subject_score(probe.vector, np.stack(rows), Aggregate.CENTROID)
            scores.append(score)
            llrs.append(float(SCALES[name].ratio(np.array([score]), probe.quality)[0]))
        ids = np.arange(1, self.people + 1)
        return Evidence(FACE, ids, np.array(scores), np.array(llrs))


@pytest.fixture(scope="module")
def halfway() -> Halfway:
    return Halfway()


def test_everybody_is_scored_by_their_own_model_and_by_no_other(halfway: Halfway) -> None:
    identifier = Identifier(halfway.models, halfway.gallery, Policy())
    for person in range(0, halfway.people, 7):
        probes = halfway.visit(person)
        face, voice = identifier.weighed(probes)
        expected = halfway.by_own_model(probes)
        assert face.subject_ids.tolist() == expected.subject_ids.tolist()
        assert face.scores == pytest.approx(expected.scores, abs=1e-5)
        assert face.llrs == pytest.approx(expected.llrs, abs=1e-3)
        assert face.left_out == 0
        assert len(voice.subject_ids) == halfway.people // 5


def test_nobody_is_lost_on_the_way(halfway: Halfway) -> None:
    identifier = Identifier(halfway.models, halfway.gallery, Policy())
    for person in range(halfway.people):
        decision = identifier.decide(halfway.visit(person))
        assert decision.outcome is DecisionOutcome.IDENTIFIED
        assert decision.top is not None
        assert decision.top.name == f"person {person}"


def test_with_the_new_model_alone_the_others_would_be_strangers(halfway: Halfway) -> None:
    identifier = Identifier(halfway.models, halfway.gallery, Policy())
    carried_over, waiting = 3, 4
    for person, outcome in (
        (carried_over, DecisionOutcome.IDENTIFIED),
        (waiting, DecisionOutcome.UNKNOWN),
    ):
        probe = next(each for each in halfway.visit(person) if each.model_id == NEW)
        assert identifier.decide([probe]).outcome is outcome


def test_a_short_list_of_two_models_leaves_out_whom_it_should(halfway: Halfway) -> None:
    short = Identifier(halfway.models, halfway.gallery, Policy(), limit=15)
    whole = Identifier(halfway.models, halfway.gallery, Policy(), limit=sys.maxsize)
    for person in range(0, halfway.people, 5):
        probes = halfway.visit(person)
        some, every = short.weighed(probes)[0], whole.weighed(probes)[0]
        about = np.isin(every.subject_ids, some.subject_ids)
        assert some.subject_ids.tolist() == every.subject_ids[about].tolist()
        assert some.llrs == pytest.approx(every.llrs[about], abs=1e-3)
        assert some.left_out == np.sum(~about)
        assert some.left_out == 0 or some.bound >= every.llrs[~about].max() - 1e-3
        one, two = short.decide(probes), whole.decide(probes)
        assert one.candidates[0].subject_id == two.candidates[0].subject_id
        assert one.probability <= two.probability + 1e-9
        merged = decide(whole.weighed(probes), Policy(), halfway.gallery.subject_name)
        assert two.probability == pytest.approx(merged.probability)


def test_every_resident_model_embeds_a_sample() -> None:
    others = OtherEmbeddings(two_models())
    path = ScriptedFacePath(Script())
    others.see(path.look(picture(0, 0.0)))
    others.see(path.look(picture(0, 0.1)))
    (probe,) = others.probes()
    assert (probe.model_id, probe.modality, probe.sample_count) == (OLD, FACE, 2)
    assert probe.vector == pytest.approx(ALICE)
    assert [each.quality for each in others.samples()[OLD]] == [0.9, 0.9]
    others.reset()
    assert others.probes() == []
