"""Consent on record, what is told of everyone, and two subjects that become one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.errors import InputError
from kiosk.core.records import Consent, Corrector, Origin
from kiosk.core.samples import Probe
from tests.support.consents import AGREED, WHEN
from tests.support.storage_support import (
    ADD,
    FACE,
    IMPLEMENTATIONS,
    NEW,
    REPLACE,
    VOICE,
    AnyGallery,
    Ticking,
    open_in,
    problems_of,
    rows_of,
    template,
    templates,
    unit,
)


@pytest.fixture(params=IMPLEMENTATIONS)
def gallery(request: pytest.FixtureRequest) -> Iterator[AnyGallery]:
    opened = IMPLEMENTATIONS[request.param](Ticking())
    opened.enrol("Ann", templates([1, 2]), NEW, consent=AGREED)
    opened.enrol("Ben", [template(3), template(4, VOICE)], NEW)
    yield opened
    opened.close()


def identified(subject_id: int) -> Decision:
    top = Candidate(subject_id, "", 5.5, 0.99, face_score=0.7, face_llr=5.5)
    return Decision(DecisionOutcome.IDENTIFIED, (top,), (FACE,), 0.99)


def test_consent_is_stored_with_the_enrolment(gallery: AnyGallery) -> None:
    assert gallery.consents("Ann") == [AGREED]
    assert gallery.consents("Ben") == []


def test_who_enrolled_somebody_is_kept_and_staff_can_confirm(gallery: AnyGallery) -> None:
    gallery.enrol("Cat", [template(5)], NEW, origin=Origin.SELF)
    for name in ("Ann", "Cat"):
        gallery.enrol(name, [template(6)], ADD)
    assert [each.origin for each in gallery.summaries()] == [
        Origin.STAFF,
        Origin.STAFF,
        Origin.SELF,
    ]
    for name in ("Ann", "Cat"):
        gallery.confirm(name)
    assert [each.origin for each in gallery.summaries()] == [
        Origin.STAFF,
        Origin.STAFF,
        Origin.CONFIRMED,
    ]


def test_a_refused_enrolment_leaves_no_consent(gallery: AnyGallery) -> None:
    with pytest.raises(InputError):
        gallery.enrol("Ann", [template(9)], NEW, consent=AGREED)
    assert gallery.consents("Ann") == [AGREED]


def test_consent_can_be_taken_back_and_given_anew(gallery: AnyGallery) -> None:
    gallery.withdraw_consent("Ann")
    with pytest.raises(InputError, match="no consent in force"):
        gallery.withdraw_consent("Ann")
    gallery.give_consent("Ann", Consent(WHEN, "2", "en", "new text"))
    newest, before = gallery.consents("Ann")
    assert (newest.version, newest.withdrawn) == ("2", None)
    assert before.withdrawn is not None


def test_consent_that_was_taken_back_elsewhere_comes_in_as_such(gallery: AnyGallery) -> None:
    taken_back = Consent(WHEN, "1", "ko", "text", withdrawn=datetime(2026, 2, 3, tzinfo=UTC))
    gallery.give_consent("Ben", taken_back)
    assert gallery.consents("Ben") == [taken_back]


def test_consent_goes_with_the_subject(gallery: AnyGallery) -> None:
    gallery.remove("Ann")
    assert rows_of(gallery, "consents") == 0
    gallery.enrol("Ann", [template(9)], NEW)
    assert gallery.consents("Ann") == []


def test_everyone_is_summed_up(gallery: AnyGallery) -> None:
    gallery.record(identified(1))
    gallery.record(identified(2))
    gallery.mark_wrong(gallery.decisions(1)[0].decision_id, Corrector.STAFF)
    ann, ben = gallery.summaries()
    assert (ann.face_templates, ann.voice_templates, ann.consent) == (2, 0, AGREED)
    assert ann.last_seen == gallery.decisions()[1].time
    assert (ben.face_templates, ben.voice_templates) == (1, 1)
    assert (ben.last_seen, ben.consent) == (None, None)


def test_probes_of_right_identifications_can_be_asked_for(gallery: AnyGallery) -> None:
    for seed in range(3):
        gallery.record(identified(1), [Probe(FACE, "net", unit(seed), 0.6, 5)])
    gallery.mark_wrong(gallery.decisions(1)[0].decision_id, Corrector.STAFF)
    assert len(gallery.probes(1)) == 2
    newest, older = gallery.probes(1)
    assert (newest.modality, newest.model_id, newest.sample_count) == (FACE, "net", 1)
    assert newest.quality == pytest.approx(0.6)
    assert np.allclose([newest.vector, older.vector], [unit(1), unit(0)], atol=1e-3)
    assert len(gallery.probes(1, limit=1)) == 1
    assert gallery.probes(2) == []


# --- two subjects are one person ---------------------------------------------------------------


def test_joining_moves_everything(gallery: AnyGallery) -> None:
    gallery.record(identified(2))
    gallery.give_consent("Ben", AGREED)
    before = len(gallery.references(FACE, "net"))
    gallery.join("Ann", "Ben")
    assert [each.name for each in gallery.subjects()] == ["Ann"]
    assert len(gallery.templates(1)) == 4
    assert gallery.decisions()[0].subject_id == 1
    assert len(gallery.consents("Ann")) == 2
    assert problems_of(gallery) == []
    found, _ = gallery.references(FACE, "net").compare(unit(3))
    assert set(found) == {1}
    assert len(found) == before


def test_what_was_joined_can_be_rolled_back_like_an_addition(gallery: AnyGallery) -> None:
    gallery.join("Ann", "Ben")
    gallery.roll_back("Ann")
    assert len(gallery.templates(1)) == 2


def test_retired_templates_come_along_and_can_come_back(gallery: AnyGallery) -> None:
    gallery.enrol("Ben", [template(7)], REPLACE)
    gallery.enrol("Ben", [template(8)], ADD)
    gallery.join("Ann", "Ben")
    assert problems_of(gallery) == []
    gallery.roll_back("Ann")
    gallery.roll_back("Ann")
    vectors = [each.vector for each in gallery.templates(1) if each.modality is FACE]
    assert len(vectors) == 3
    assert problems_of(gallery) == []


def test_nobody_is_joined_with_themselves(gallery: AnyGallery) -> None:
    with pytest.raises(InputError, match="twice"):
        gallery.join("Ann", "ann")
    with pytest.raises(InputError):
        gallery.join("Ann", "Nobody")
    assert len(gallery.subjects()) == 2


def test_another_process_notices_a_join(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("two")
    ours, other = open_in(folder), open_in(folder)
    ours.enrol("Ann", [template(1)], NEW)
    ours.enrol("Ben", [template(2)], NEW)
    assert set(other.references(FACE, "net").compare(unit(2))[0]) == {1, 2}
    ours.join("Ann", "Ben")
    assert set(other.references(FACE, "net").compare(unit(2))[0]) == {1}
    ours.close()
    other.close()


# --- pictures, where the operator keeps them -----------------------------------------------------


def test_pictures_go_with_their_subject_and_all_at_once(gallery: AnyGallery) -> None:
    gallery.enrol("Carl", [template(5)], NEW, picture=b"one")
    gallery.enrol("Carl", [template(6)], ADD, picture=b"two")
    gallery.enrol("Ann", [template(7)], ADD, picture=b"ann")
    assert gallery.pictures([1, 2, 3]) == {1: b"ann", 3: b"two"}
    gallery.remove("Carl")
    assert gallery.pictures([3]) == {}
    assert gallery.forget_pictures() == 1
    assert gallery.pictures([1]) == {}


def test_a_joined_subject_keeps_its_own_picture_or_takes_the_other(gallery: AnyGallery) -> None:
    gallery.enrol("Ben", [template(5)], ADD, picture=b"ben")
    gallery.enrol("Carl", [template(6)], NEW, picture=b"carl")
    gallery.join("Ann", "Ben")
    assert gallery.pictures([1]) == {1: b"ben"}
    gallery.join("Ann", "Carl")
    assert gallery.pictures([1, 3]) == {1: b"ben"}


# --- consent taken back ------------------------------------------------------------------------


def compared(gallery: AnyGallery) -> set[int]:
    found = gallery.scores(Probe(FACE, "net", unit(1), 0.5, 1), 10)
    return {int(each) for each in found.subject_ids}


def test_from_the_moment_consent_is_taken_back_nobody_is_compared(gallery: AnyGallery) -> None:
    ann, ben = (gallery.subject(name).subject_id for name in ("Ann", "Ben"))
    assert compared(gallery) >= {ann, ben}
    gallery.withdraw_consent("Ann")
    assert ann not in compared(gallery)
    assert ben in compared(gallery)
    assert gallery.population([(FACE, "net")]) == len(compared(gallery))
    assert gallery.templates(ann), "what is kept is still there to be deleted or disclosed"
    gallery.enrol("Ann", [template(77)], ADD)
    assert ann not in compared(gallery)
    gallery.give_consent("Ann", Consent(WHEN, "2", "en", "new text"))
    assert ann in compared(gallery)


def test_whoever_took_consent_back_is_deleted_unless_a_ground_says_otherwise(
    gallery: AnyGallery,
) -> None:
    gallery.give_consent("Ben", AGREED)
    gallery.withdraw_consent("Ann")
    gallery.withdraw_consent("Ben")
    gallery.keep_withdrawn("Ben", "court order 2026-114")
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    assert gallery.purge_withdrawn(long_ago) == 0
    assert gallery.purge_withdrawn(datetime(2100, 1, 1, tzinfo=UTC)) == 1
    names = [subject.name for subject in gallery.subjects()]
    assert "Ann" not in names
    assert "Ben" in names
    with pytest.raises(InputError, match="ground is empty"):
        gallery.keep_withdrawn("Ben", "  ")


def test_another_process_notices_that_consent_was_taken_back(tmp_path: Path) -> None:
    ours, other = open_in(tmp_path), open_in(tmp_path)
    ours.enrol("Ann", [template(1)], NEW, consent=AGREED)
    assert len(other.references(FACE, "net")) == 1
    ours.withdraw_consent("Ann")
    assert len(other.references(FACE, "net")) == 0
    ours.give_consent("Ann", AGREED)
    assert len(other.references(FACE, "net")) == 1
    ours.close()
    other.close()


def test_a_name_is_free_or_somebody_has_it(gallery: AnyGallery) -> None:
    gallery.require_free("Somebody new")
    for taken in ("Ann", "  ann "):
        with pytest.raises(InputError, match="is enrolled already"):
            gallery.require_free(taken)
    with pytest.raises(InputError, match="empty"):
        gallery.require_free(" ")


def test_the_ground_on_which_somebody_is_kept_can_be_read(tmp_path: Path) -> None:
    gallery = open_in(tmp_path)
    ann = gallery.enrol("Ann", [template(1)], NEW, consent=AGREED).subject_id
    assert gallery.ground(ann) == ""
    gallery.withdraw_consent("Ann")
    gallery.keep_withdrawn("Ann", "  court order 2026-114 ")
    assert gallery.ground(ann) == "court order 2026-114"
    assert gallery.ground(ann + 1) == ""
    gallery.close()


@pytest.mark.parametrize(
    ("consents", "compared"),
    [("withdrawn nothing", 0), ("nothing withdrawn", 0), ("withdrawn given", 2),
     ("given withdrawn", 2), ("withdrawn withdrawn", 0), ("nothing nothing", 2)],
)  # fmt: skip
def test_who_was_joined_is_compared_as_their_consents_say_together(
    gallery: AnyGallery, consents: str, compared: int
) -> None:
    others = len(gallery.references(FACE, "net"))
    for seed, (name, consent) in enumerate(zip(("One", "Two"), consents.split(), strict=True)):
        gallery.enrol(name, [template(40 + seed)], NEW)
        if consent != "nothing":
            gallery.give_consent(name, AGREED)
        if consent == "withdrawn":
            gallery.withdraw_consent(name)
    assert len(gallery.references(FACE, "net")) == others + 2 - consents.count("withdrawn")
    gallery.join("One", "Two")
    assert len(gallery.references(FACE, "net")) == others + compared
