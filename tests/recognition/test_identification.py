"""A search with a limit decides like a comparison with everybody."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from kiosk.core.cohort import Cohort
from kiosk.core.decisions import Decision, DecisionOutcome, DecisionReason
from kiosk.core.errors import BugError
from kiosk.core.media import Matrix, Modality
from kiosk.core.pooling import normalise
from kiosk.core.records import Origin
from kiosk.core.samples import Probe
from kiosk.core.scoring import Calibration, Policy, SubjectScores, decide, weigh
from kiosk.core.subjects import EnrolmentKind, Template
from kiosk.core.template_scores import AGGREGATES, score_table
from kiosk.recognition.identification import SEARCH_LIMIT, Identifier, Models
from kiosk.storage import MemoryGallery
from tests.support.scripted import Script, scripted_models

DIMS = 48
POLICY = Policy(min_llr=4.0)
FACE, VOICE = Modality.FACE, Modality.VOICE
MODEL_IDS = {FACE: "face@0", VOICE: "voice@0"}
CALIBRATIONS = {FACE: Calibration(22.0, -9.0, -6.8, 8.6), VOICE: Calibration(16.0, -6.0, -4.1, 4.7)}


class Crowd:
    """People whose face and voice templates scatter around a point of their own; every seventh has
    no voice templates, every eleventh no face."""

    def __init__(self, people: int, seed: int = 1) -> None:
        self.chance = np.random.default_rng(seed)
        self.centres = {m: normalise(self.chance.normal(size=(people, DIMS))) for m in Modality}
        self.gallery = MemoryGallery()
        for person in range(people):
            given = [
                Template(modality, MODEL_IDS[modality], vector, 0.9, "test")
                for modality in self.of(person)
                for vector in self.near(modality, person, 2, 0.5)
            ]
            self.gallery.enrol(f"person {person}", given, EnrolmentKind.NEW)
        faces = Cohort(normalise(self.chance.normal(size=(60, DIMS))), 8)
        scripted = scripted_models(Script())
        self.models = Models(
            scripted.pipelines,
            scripted.face,
            scripted.voice,
            CALIBRATIONS[FACE],
            CALIBRATIONS[VOICE],
        )
        self.models.face.cohort = self.cohort = faces

    def of(self, person: int) -> list[Modality]:
        return [m for m, every in ((FACE, 11), (VOICE, 7)) if person % every or not person % 77]

    def near(self, modality: Modality, person: int, count: int, spread: float) -> Matrix:
        noise = normalise(self.chance.normal(size=(count, DIMS)))
        return normalise(self.centres[modality][person] + spread * noise)

    def visit(self, person: int, spread: float) -> list[Probe]:
        return [
            Probe(modality, MODEL_IDS[modality], self.near(modality, person, 1, spread)[0], 0.8, 3)
            for modality in Modality
        ]

    def stranger(self) -> list[Probe]:
        vectors = normalise(self.chance.normal(size=(2, DIMS)))
        return [
            Probe(modality, MODEL_IDS[modality], vector, 0.8, 3)
            for modality, vector in zip(Modality, vectors, strict=True)
        ]

    def decide(self, probes: Sequence[Probe], limit: int) -> Decision:
        return Identifier(self.models, self.gallery, POLICY, limit=limit).decide(probes)

    def by_the_full_matrix(self, probes: Sequence[Probe]) -> Decision:
        """Every template against the probe, then every subject, without any search."""
        found = []
        for probe in probes:
            references = self.gallery.references(probe.modality, probe.model_id)
            ids = references.compare(probe.vector)[0]
            cohort = self.cohort if probe.modality is FACE else None
            rows, aggregate = references.unturned(), AGGREGATES[probe.modality]
            subjects, table = score_table(probe.vector[None], rows, ids, aggregate, cohort)
            listed = SubjectScores(subjects, table[0])
            found.append(weigh(probe, listed, CALIBRATIONS[probe.modality]))
        return decide(found, POLICY, self.gallery.subject_name)


@pytest.fixture(scope="module")
def crowd() -> Crowd:
    return Crowd(300)


def nearly(value: float) -> object:
    """Within what sums in another order differ by in single precision; less than is ever shown."""
    return pytest.approx(value, abs=2e-5)


def printed(decision: Decision | None, number: Callable[[float], object] = float) -> object:
    """Everything a decision says."""
    if decision is None:
        return None
    candidates = [
        (
            each.subject_id,
            each.name,
            *(
                None if value is None else number(value)
                for value in (
                    each.fused_llr,
                    each.probability,
                    each.face_score,
                    each.voice_score,
                    each.face_llr,
                    each.voice_llr,
                )
            ),
        )
        for each in decision.candidates
    ]
    parts = printed(decision.face, number), printed(decision.voice, number)
    return decision.outcome, decision.reason, decision.conflict, candidates, parts


def visits(crowd: Crowd, count: int) -> list[list[Probe]]:
    """Of people well and badly seen, of strangers, and with one's face and another's voice."""
    people = crowd.chance.integers(len(crowd.gallery.subjects()), size=count)
    known = [crowd.visit(int(who), spread) for who in people for spread in (0.5, 1.0, 1.6)]
    mixed = [[one[0], two[1]] for one, two in zip(known, known[3:], strict=False)]
    alone = [[each] for probes in known for each in probes]
    return [*known, *mixed, *alone, *(crowd.stranger() for _ in range(count))]


@pytest.mark.parametrize("limit", [300, 301, sys.maxsize])
def test_with_room_for_everybody_all_that_is_said_is_that_of_the_full_matrix(
    crowd: Crowd, limit: int
) -> None:
    for probes in visits(crowd, 12):
        found = printed(crowd.decide(probes, limit))
        assert found == printed(crowd.by_the_full_matrix(probes), nearly)


def test_whoever_is_near_by_one_modality_is_scored_by_both(crowd: Crowd) -> None:
    """What speaks against them may stand far down the other list."""
    whole = Identifier(crowd.models, crowd.gallery, Policy(), limit=sys.maxsize)
    short = Identifier(crowd.models, crowd.gallery, Policy(), limit=20)
    for probes in visits(crowd, 6)[:18]:
        listed = np.unique(np.concatenate([short.evidence(each).subject_ids for each in probes]))
        for some, every in zip(short.weighed(probes), whole.weighed(probes), strict=True):
            about = np.isin(every.subject_ids, listed)
            assert some.subject_ids.tolist() == every.subject_ids[about].tolist()
            assert some.scores == pytest.approx(every.scores[about], abs=1e-6)
            assert some.llrs == pytest.approx(every.llrs[about], abs=1e-4)
            assert some.left_out == np.sum(~about)
            assert some.bound >= every.llrs[~about].max() - 1e-4


def test_a_short_list_never_makes_a_decision_surer(crowd: Crowd) -> None:
    for probes in visits(crowd, 12):
        short, whole = crowd.decide(probes, 20), crowd.decide(probes, sys.maxsize)
        if short.candidates[0].subject_id == whole.candidates[0].subject_id:
            assert short.probability <= whole.probability + 1e-9
        else:
            assert DecisionOutcome.IDENTIFIED not in (short.outcome, whole.outcome)


def test_the_default_limit_changes_no_decision() -> None:
    crowd = Crowd(SEARCH_LIMIT + 1500)
    outcomes = set()
    for probes in visits(crowd, 25):
        short, whole = crowd.decide(probes, SEARCH_LIMIT), crowd.decide(probes, sys.maxsize)
        if abs(whole.probability - POLICY.min_probability) > 0.04:
            assert (short.outcome, short.reason, short.conflict) == (
                whole.outcome,
                whole.reason,
                whole.conflict,
            )
        assert short.candidates[0].subject_id == whole.candidates[0].subject_id
        assert short.probability == pytest.approx(whole.probability, abs=0.04)
        outcomes.add((short.outcome, short.reason))
    assert (DecisionOutcome.IDENTIFIED, "") in outcomes
    assert len(outcomes) >= 3


def test_scores_of_a_model_that_is_not_resident_are_never_weighed(crowd: Crowd) -> None:
    stale = Probe(FACE, "older@1", crowd.stranger()[0].vector, 0.8, 3)
    with pytest.raises(BugError, match="older@1"):
        crowd.decide([stale], 10)


@pytest.mark.parametrize("named", [True, False])
def test_whom_staff_have_not_checked_is_marked_or_not_named(named: bool) -> None:
    """The mark is a part of the name, and so in every output; unnamed, nothing of them is told."""
    gallery, people = MemoryGallery(), normalise(np.eye(2, 8))
    models = scripted_models(Script())
    for name, vector, origin in (
        ("Ann", people[0], Origin.STAFF),
        ("Ben 417", people[1], Origin.SELF),
    ):
        template = Template(FACE, models.face.model_id, vector, 0.9, "test")
        gallery.enrol(name, [template], EnrolmentKind.NEW, origin=origin)
    identifier = Identifier(models, gallery, Policy(name_unchecked=named))
    probes = [Probe(FACE, models.face.model_id, vector, 0.9, 3) for vector in people]
    ann, ben = (identifier.decide([probe]) for probe in probes)
    assert ann.top is not None
    assert ann.top.name == "Ann"
    assert ("Ben 417 (?)" in [each.name for each in ann.candidates]) is named
    if named:
        assert ben.top is not None
        assert ben.top.name == "Ben 417 (?)"
    else:
        assert (ben.outcome, ben.reason) == (DecisionOutcome.UNKNOWN, DecisionReason.UNCHECKED)
        assert (ben.candidates, ben.face, ben.voice) == ((), None, None)
    doubles = identifier.resemblance([probes[1]])
    assert doubles.outcome is DecisionOutcome.IDENTIFIED
    gallery.confirm("Ben 417")
    checked = identifier.decide([probes[1]])
    assert checked.top is not None
    assert checked.top.name == "Ben 417"


def test_what_is_needed_grows_with_those_who_are_enrolled_by_that_modality() -> None:
    models, people = scripted_models(Script()), normalise(np.eye(5, 8))
    gallery = MemoryGallery()
    identifier = Identifier(models, gallery, Policy(stranger_named_once_in=50.0))
    assert identifier.needed(FACE) == pytest.approx(np.log(50.0))
    for number, vector in enumerate(people):
        given = [Template(FACE, models.face.model_id, vector, 0.9, "test")]
        if number < 2:
            given.append(Template(Modality.VOICE, models.voice.model_id, vector, 0.9, "test"))
        gallery.enrol(f"Person {number}", given, EnrolmentKind.NEW)
    assert identifier.needed(FACE) == pytest.approx(np.log(250.0))
    assert identifier.needed(Modality.VOICE) == pytest.approx(np.log(100.0))
    fixed = Identifier(models, gallery, Policy(min_llr=4.5))
    assert fixed.needed(FACE) == 4.5


def test_two_samples_are_compared_by_their_model_and_beyond_its_bounds() -> None:
    models = scripted_models(Script())
    models = replace(
        models,
        face_calibration=Calibration(20.0, -10.0, -1.0, 1.0),
        voice_calibration=Calibration(8.0, -2.0, -1.0, 1.0),
    )
    identifier = Identifier(models, MemoryGallery(), Policy())
    one, other = np.array([1.0, 0.0], np.float32), np.array([0.6, 0.8], np.float32)
    assert identifier.face_ratio(one, other) == pytest.approx(2.0)
    assert identifier.voice_ratio(one, other) == pytest.approx(2.8)
    assert identifier.face_ratio(one, -one) == pytest.approx(-30.0)
    found = identifier.among(models.face.model_id, np.stack([one, other, one]))
    assert found == pytest.approx(np.array([[1, 0.6, 1], [0.6, 1, 0.6], [1, 0.6, 1]]))
    assert found.dtype == np.float64
    with pytest.raises(BugError, match="another"):
        identifier.among("another", np.stack([one, other]))
