"""Decisions that were wrong: who said so, and the probes that become negatives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.errors import InputError
from kiosk.core.media import Modality
from kiosk.core.negatives import CorrectionCost
from kiosk.core.records import Corrector
from kiosk.core.samples import Probe
from kiosk.core.settings import Settings
from kiosk.recognition.visit_log import VisitLog
from kiosk.storage import SqlGallery
from kiosk.storage.sqlite.migrations import MIGRATIONS, migrate
from tests.support.storage_support import (
    ADD,
    FACE,
    IMPLEMENTATIONS,
    NEW,
    VOICE,
    AnyGallery,
    Ticking,
    plain_database,
    problems_of,
    rows_of,
    template,
    unit,
)

ANN, BEN = 1, 2


@pytest.fixture(params=IMPLEMENTATIONS)
def gallery(request: pytest.FixtureRequest) -> Iterator[AnyGallery]:
    opened = IMPLEMENTATIONS[request.param](Ticking())
    opened.enrol("Ann", [template(1)], NEW)
    opened.enrol("Ben", [template(2)], NEW)
    yield opened
    opened.close()


def named(subject_id: int = ANN) -> Decision:
    top = Candidate(subject_id, "", 5.5, 0.99, face_score=0.7, face_llr=5.5)
    return Decision(DecisionOutcome.IDENTIFIED, (top,), (FACE,), 0.99)


def probe(seed: int, modality: Modality = FACE) -> Probe:
    return Probe(modality, "net", unit(seed), 0.6, 5)


def test_a_decision_tells_whom_it_named(gallery: AnyGallery) -> None:
    gallery.record(named(BEN))
    assert gallery.decisions()[0].name == "Ben"
    gallery.rename("Ben", "Benno")
    assert gallery.decisions()[0].name == "Benno"


def test_probes_given_with_the_correction_become_negatives(gallery: AnyGallery) -> None:
    number = gallery.record(named())
    gallery.mark_wrong(number, Corrector.VISITOR, probes=[probe(9), probe(9, VOICE)])
    (kept,) = gallery.decisions()
    assert kept.correction is not None
    assert (kept.correction.by, kept.correction.subject_id) == (Corrector.VISITOR, None)
    (negative,) = gallery.reported_mismatches(FACE, "net")
    assert (negative.subject_id, negative.decision_id) == (ANN, number)
    np.testing.assert_allclose(negative.vector, unit(9), atol=2e-3)
    assert gallery.reported_mismatches(FACE, "another net") == []


def test_probes_of_whoever_is_deleted_go_from_decisions_that_named_somebody_else(
    gallery: AnyGallery,
) -> None:
    for really in (BEN, None):
        number = gallery.record(named())
        gallery.mark_wrong(number, Corrector.STAFF, really, [probe(9)])
    assert len(gallery.reported_mismatches(FACE, "net")) == 2
    gallery.remove("Ben")
    assert len(gallery.decisions()) == 2
    assert len(gallery.reported_mismatches(FACE, "net")) == 1
    assert rows_of(gallery, "probes") <= 1


def test_probes_kept_with_the_decision_are_negatives_once_it_is_corrected(
    gallery: AnyGallery,
) -> None:
    number = gallery.record(named(), [probe(9)])
    assert gallery.reported_mismatches(FACE, "net") == []
    gallery.mark_wrong(number, Corrector.STAFF, BEN)
    assert [each.subject_id for each in gallery.reported_mismatches(FACE, "net")] == [ANN]
    gallery.unmark_wrong(number)
    assert gallery.reported_mismatches(FACE, "net") == []
    assert gallery.decisions()[0].correction is None


def test_a_missed_identification_is_no_negative(gallery: AnyGallery) -> None:
    number = gallery.record(named(), [probe(9)])
    gallery.mark_wrong(number, Corrector.STAFF, ANN)
    assert gallery.reported_mismatches(FACE, "net") == []


def test_the_later_word_counts(gallery: AnyGallery) -> None:
    number = gallery.record(named())
    gallery.mark_wrong(number, Corrector.VISITOR)
    gallery.mark_wrong(number, Corrector.STAFF, BEN)
    correction = gallery.decisions()[0].correction
    assert correction is not None
    assert (correction.by, correction.subject_id) == (Corrector.STAFF, BEN)


def test_negatives_go_with_the_decision_and_with_the_subject(gallery: AnyGallery) -> None:
    for subject_id in (ANN, BEN):
        number = gallery.record(named(subject_id), [probe(9)])
        gallery.mark_wrong(number, Corrector.VISITOR)
    gallery.remove("Ann")
    assert [each.subject_id for each in gallery.reported_mismatches(FACE, "net")] == [BEN]
    gallery.purge_decisions(datetime(2030, 1, 1, tzinfo=UTC))
    assert gallery.reported_mismatches(FACE, "net") == []
    assert rows_of(gallery, "probes") == 0
    assert problems_of(gallery) == []


def test_who_it_really_was_may_be_removed(gallery: AnyGallery) -> None:
    gallery.mark_wrong(gallery.record(named()), Corrector.STAFF, BEN)
    gallery.remove("Ben")
    correction = gallery.decisions()[0].correction
    assert correction is not None
    assert correction.subject_id is None


def test_a_decision_that_is_gone_cannot_be_corrected(gallery: AnyGallery) -> None:
    with pytest.raises(InputError, match="not kept any more"):
        gallery.mark_wrong(77, Corrector.STAFF)


def test_decisions_of_one_subject_or_since_a_moment(gallery: AnyGallery) -> None:
    for subject_id in (ANN, BEN, ANN):
        gallery.record(named(subject_id))
    assert len(gallery.decisions(subject_id=ANN)) == 2
    newest = gallery.decisions(1)[0].time
    assert len(gallery.decisions(since=newest)) == 1
    assert gallery.decisions(since=newest + timedelta(seconds=1)) == []


def test_a_gallery_of_the_first_version_keeps_its_decisions() -> None:
    opened = plain_database()
    migrate(opened, MIGRATIONS[:1])
    opened.execute(
        """INSERT INTO decisions
               (time, outcome, probability, conflict, reason, with_face, with_voice)
           VALUES ('2026-01-01T00:00:00.000000+00:00', 'unknown', 0.1, 0, '', 1, 0)"""
    )
    gallery = SqlGallery(opened)
    assert gallery.decisions()[0].correction is None
    gallery.close()


# --- what visits keep --------------------------------------------------------------------------


def test_probes_of_visits_are_kept_only_where_the_operator_chose_so(gallery: AnyGallery) -> None:
    VisitLog(gallery, Settings()).decided(named(), [probe(9)])
    assert rows_of(gallery, "probes") == 0
    VisitLog(gallery, Settings(keep_probes=True)).decided(named(), [probe(9)])
    assert len(gallery.probes(ANN)) == 1


def test_not_me_marks_the_newest_decision_once(gallery: AnyGallery) -> None:
    log = VisitLog(gallery, Settings())
    log.decided(named(), [probe(8)])
    log.decided(named(BEN), [probe(9)])
    log.denied([probe(9)])
    log.denied([probe(9)])
    newest, before = gallery.decisions()
    assert newest.correction is not None
    assert before.correction is None
    assert [each.subject_id for each in gallery.reported_mismatches(FACE, "net")] == [BEN]


def test_nobody_was_named_so_nobody_is_denied(gallery: AnyGallery) -> None:
    log = VisitLog(gallery, Settings())
    log.decided(Decision(DecisionOutcome.UNKNOWN), [probe(9)])
    log.denied([probe(9)])
    assert gallery.decisions()[0].correction is None


def test_what_calling_a_decision_wrong_would_take_is_told_before(gallery: AnyGallery) -> None:
    gallery.enrol("Ann", [template(3), template(4)], ADD)
    kept = gallery.record(named(), [probe(9)])
    assert gallery.correction_cost(kept) == CorrectionCost(True, own=False, templates=3, lost=0)
    own = gallery.record(named(BEN), [Probe(FACE, "net", unit(2), 0.6, 5)])
    assert gallery.correction_cost(own) == CorrectionCost(True, own=False, templates=1, lost=0)
    gallery.enrol("Ben", [template(2)], ADD)
    assert gallery.correction_cost(own) == CorrectionCost(True, own=True, templates=2, lost=0)
    without = gallery.record(named())
    assert gallery.correction_cost(without) == CorrectionCost(False)
    assert gallery.correction_cost(99) == CorrectionCost(False)
    nobody = gallery.record(Decision(DecisionOutcome.UNKNOWN), [probe(9)])
    assert gallery.correction_cost(nobody) == CorrectionCost(True)
