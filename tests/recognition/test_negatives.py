"""Who was mistaken for somebody is not mistaken for them again, by the word of staff."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.media import Matrix, Modality, Vector
from kiosk.core.negatives import CorrectionCost
from kiosk.core.records import Corrector
from kiosk.core.samples import Probe
from kiosk.core.scoring import Policy
from kiosk.core.subjects import Template
from kiosk.recognition.identification import Identifier
from tests.support.scripted import Script, scripted_models
from tests.support.storage_support import NEW, open_in

DIMS = 16


def near(vector: Vector, share: float, seed: int) -> Vector:
    """A unit vector with this cosine to another."""
    other = np.random.default_rng(seed).standard_normal(DIMS).astype(np.float32)
    other -= vector * float(vector @ other)
    made = share * vector + np.sqrt(1 - share**2) * other / np.linalg.norm(other)
    return np.asarray(made, dtype=np.float32)


@pytest.fixture
def alice() -> Vector:
    made: Matrix = np.eye(DIMS, dtype=np.float32)
    return np.asarray(made[0])


@pytest.mark.parametrize(
    ("by", "again"),
    [(Corrector.STAFF, DecisionOutcome.UNKNOWN), (Corrector.VISITOR, DecisionOutcome.IDENTIFIED)],
)
def test_a_look_alike_is_not_taken_for_her_again(
    tmp_path: Path, alice: Vector, by: Corrector, again: DecisionOutcome
) -> None:
    models = scripted_models(Script())
    model = models.face.model_id
    gallery = open_in(tmp_path)
    gallery.enrol("Alice", [Template(Modality.FACE, model, alice, 0.9, "test")], NEW)
    identifier = Identifier(models, gallery, Policy(), gallery.reported_mismatches)

    look_alike = near(alice, 0.9, 1)
    probe = Probe(Modality.FACE, model, look_alike, 0.9, 5)
    decision = identifier.decide([probe])
    assert decision.outcome is DecisionOutcome.IDENTIFIED
    kept = gallery.record(decision, [probe])
    gallery.mark_wrong(kept, by)

    later = Probe(Modality.FACE, model, near(look_alike, 0.97, 2), 0.9, 5)
    assert identifier.decide([later]).outcome is again
    herself = Probe(Modality.FACE, model, near(alice, 0.98, 3), 0.9, 5)
    assert identifier.decide([herself]).outcome is DecisionOutcome.IDENTIFIED

    gallery.unmark_wrong(kept)
    assert identifier.decide([later]).outcome is DecisionOutcome.IDENTIFIED
    gallery.close()


def test_her_own_visit_called_wrong_takes_nothing_from_her(tmp_path: Path, alice: Vector) -> None:
    """She denied it in jest, and staff believed her: her next visits look like that one."""
    models = scripted_models(Script())
    model = models.face.model_id
    gallery = open_in(tmp_path)
    faces = [Template(Modality.FACE, model, near(alice, 0.9, n), 0.9, "test") for n in range(6)]
    gallery.enrol("Alice", faces, NEW)
    identifier = Identifier(models, gallery, Policy(), gallery.reported_mismatches)
    today = near(alice, 0.97, 50)
    probe = Probe(Modality.FACE, model, today, 0.9, 5)
    decision = identifier.decide([probe])
    assert decision.outcome is DecisionOutcome.IDENTIFIED
    kept = gallery.record(decision, [probe])
    assert gallery.correction_cost(kept) == CorrectionCost(kept=True, own=True, templates=6)
    gallery.mark_wrong(kept, Corrector.STAFF)
    later = Probe(Modality.FACE, model, near(today, 0.99, 51), 0.9, 5)
    assert identifier.decide([later]).outcome is DecisionOutcome.IDENTIFIED

    # Somebody else who is alike is still told from her.
    other = near(alice, 0.8, 60)
    alike = Probe(Modality.FACE, model, other, 0.9, 5)
    mistaken = gallery.record(identifier.decide([alike]), [alike])
    cost = gallery.correction_cost(mistaken)
    assert (cost.own, cost.templates) == (False, 6)
    gallery.mark_wrong(mistaken, Corrector.STAFF)
    again = Probe(Modality.FACE, model, near(other, 0.97, 61), 0.9, 5)
    assert identifier.decide([again]).outcome is DecisionOutcome.UNKNOWN
    assert identifier.decide([later]).outcome is DecisionOutcome.IDENTIFIED
    gallery.close()
