"""What the gallery keeps, and that its resident matrices follow."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome, DecisionReason
from kiosk.core.errors import BugError, InputError
from kiosk.core.media import Modality
from kiosk.core.ports.gallery import (
    ConsentStore,
    DecisionStore,
    PeopleArchive,
    PeopleStore,
    PictureStore,
    TemplateSearch,
)
from kiosk.core.ports.upgrade import UpgradeStore
from kiosk.core.subjects import EnrolmentKind, Template
from kiosk.storage import SqlGallery
from kiosk.storage.resident.vectors import encode
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
    plain_database,
    problems_of,
    template,
    templates,
    unit,
)


@pytest.fixture(params=IMPLEMENTATIONS)
def gallery(request: pytest.FixtureRequest) -> Iterator[AnyGallery]:
    opened = IMPLEMENTATIONS[request.param](Ticking())
    yield opened
    opened.close()


def resident(gallery: AnyGallery, modality: Modality = FACE) -> list[tuple[int, float]]:
    """Subject and score against a fixed probe of every resident template, sorted."""
    ids, scores = gallery.references(modality, "net").compare(unit(999))
    return sorted((int(i), round(float(score), 4)) for i, score in zip(ids, scores, strict=True))


def score(seed: int) -> float:
    """What `resident` shows for the template of this seed."""
    half = unit(seed).astype(np.float16).astype(np.float32)
    return round(float(half @ unit(999)) / float(np.linalg.norm(half)), 4)


def test_it_is_a_gallery(gallery: AnyGallery) -> None:
    """As mypy sees it: what an implementation lacks of its ports is an error of types here."""
    search: TemplateSearch = gallery
    people: PeopleStore = gallery
    pictures: PictureStore = gallery
    consents: ConsentStore = gallery
    record: DecisionStore = gallery
    assert search.population([(FACE, "net")]) == 0
    assert people.subjects() == []
    assert pictures.pictures([1]) == {}
    assert record.decisions() == []
    with pytest.raises(InputError):
        consents.consents("Ann")


def test_an_encrypted_gallery_has_every_port() -> None:
    opened = SqlGallery(plain_database())
    archive: PeopleArchive = opened
    upgrades: UpgradeStore = opened
    assert upgrades.upgrades() == []
    with pytest.raises(InputError):
        archive.merge(Path("no-such-archive"), "passphrase")
    opened.close()


def test_an_enrolment_is_listed_with_its_templates(gallery: AnyGallery) -> None:
    record = gallery.enrol("김민준", [*templates([1, 2]), template(3, VOICE)], NEW, "night shift")
    subject = gallery.subject("김민준")
    assert (subject.name, subject.note) == ("김민준", "night shift")
    assert (record.face_templates, record.voice_templates, record.active) == (2, 1, True)
    kept = gallery.templates(subject.subject_id)
    assert [each.modality for each in kept] == [FACE, FACE, VOICE]
    assert np.allclose(kept[0].vector, unit(1), atol=1e-3)


def test_subjects_come_by_name(gallery: AnyGallery) -> None:
    for seed, name in enumerate(["bora", "Ann", "carl"]):
        gallery.enrol(name, [template(seed)], NEW)
    assert [subject.name for subject in gallery.subjects()] == ["Ann", "bora", "carl"]


def test_what_is_kept_is_there_after_reopening(tmp_path: Path) -> None:
    first = open_in(tmp_path)
    first.enrol("Ann", [template(1), template(2, VOICE)], NEW)
    before = resident(first), resident(first, VOICE)
    first.close()
    again = open_in(tmp_path)
    assert (resident(again), resident(again, VOICE)) == before
    again.close()


@pytest.mark.parametrize("name", ["Ann", "ANN", " ann "])
def test_a_taken_name_is_refused(gallery: AnyGallery, name: str) -> None:
    gallery.enrol("Ann", [template(1)], NEW)
    with pytest.raises(InputError, match="enrolled already"):
        gallery.enrol(name, [template(2)], NEW)
    assert len(gallery.references(FACE, "net")) == 1


def test_an_unknown_name_gets_the_nearest(gallery: AnyGallery) -> None:
    gallery.enrol("Kim Minjun", [template(1)], NEW)
    with pytest.raises(InputError) as caught:
        gallery.subject("kim minjum")
    assert "Kim Minjun" in caught.value.remedy
    assert "Kim Minjun" not in caught.value.text


def test_adding_keeps_what_was_there(gallery: AnyGallery) -> None:
    gallery.enrol("Ann", [template(1)], NEW)
    gallery.enrol("ann", [template(2)], ADD)
    assert [each for _, each in resident(gallery)] == sorted([score(1), score(2)])


def test_replacing_touches_only_the_models_given(gallery: AnyGallery) -> None:
    gallery.enrol("Ann", [template(1), template(2, VOICE), template(3, model_id="old")], NEW)
    gallery.references(FACE, "net")
    gallery.enrol("Ann", [template(4)], REPLACE)
    assert resident(gallery) == [(1, score(4))]
    assert resident(gallery, VOICE) == [(1, score(2))]
    assert len(gallery.references(FACE, "old")) == 1


def test_replacing_leaves_other_subjects_alone(gallery: AnyGallery) -> None:
    gallery.enrol("Ann", [template(1)], NEW)
    gallery.enrol("Bob", [template(2)], NEW)
    gallery.enrol("Ann", [template(3)], REPLACE)
    assert resident(gallery) == [(1, score(3)), (2, score(2))]


def test_a_matrix_asked_for_before_the_first_enrolment_fills(gallery: AnyGallery) -> None:
    early = gallery.references(FACE, "net")
    gallery.enrol("Ann", [template(1)], NEW)
    assert len(early) == 1


def test_rolling_back_brings_the_replaced_templates_back(gallery: AnyGallery) -> None:
    gallery.enrol("Ann", templates([1, 2]), NEW)
    before = resident(gallery)
    gallery.enrol("Ann", [template(3)], REPLACE)
    record = gallery.roll_back("Ann")
    assert resident(gallery) == before
    assert (record.kind, record.face_templates) == (EnrolmentKind.ROLLBACK, 2)


def test_rolling_back_twice_goes_two_steps(gallery: AnyGallery) -> None:
    gallery.enrol("Ann", [template(1)], NEW)
    gallery.enrol("Ann", [template(2)], REPLACE)
    gallery.enrol("Ann", [template(3)], ADD)
    gallery.roll_back("Ann")
    assert resident(gallery) == [(1, score(2))]
    gallery.roll_back("Ann")
    assert resident(gallery) == [(1, score(1))]


def test_the_first_enrolment_cannot_be_rolled_back(gallery: AnyGallery) -> None:
    gallery.enrol("Ann", [template(1)], NEW)
    gallery.enrol("Ann", [template(2)], ADD)
    gallery.roll_back("Ann")
    with pytest.raises(InputError, match="no re-enrolment"):
        gallery.roll_back("Ann")


def test_history_is_newest_first_and_says_what_is_in_force(gallery: AnyGallery) -> None:
    gallery.enrol("Ann", [template(1)], NEW)
    gallery.enrol("Ann", [template(2)], REPLACE)
    gallery.roll_back("Ann")
    history = [(record.kind.value, record.active) for record in gallery.history("Ann")]
    assert history == [("rollback", False), ("replace", False), ("new", True)]


def test_a_renamed_subject_keeps_everything_else(gallery: AnyGallery) -> None:
    gallery.enrol("Ann", [template(1)], NEW)
    gallery.rename("ann", "박지호")
    assert gallery.subject_name(1) == "박지호"
    assert len(gallery.templates(1)) == 1


def test_the_case_of_a_name_can_be_changed(gallery: AnyGallery) -> None:
    gallery.enrol("ann", [template(1)], NEW)
    gallery.rename("ann", "Ann")
    assert gallery.subject_name(1) == "Ann"


def test_a_rename_to_a_taken_name_is_refused(gallery: AnyGallery) -> None:
    gallery.enrol("Ann", [template(1)], NEW)
    gallery.enrol("Bob", [template(2)], NEW)
    with pytest.raises(InputError, match="enrolled already"):
        gallery.rename("Ann", "BOB")


def test_removing_takes_templates_history_and_decisions_along(gallery: AnyGallery) -> None:
    gallery.enrol("Ann", templates([1, 2]), NEW)
    gallery.enrol("Bob", [template(3)], NEW)
    gallery.enrol("Ann", [template(4)], REPLACE)
    gallery.record(identified(1))
    gallery.record(identified(2))
    assert gallery.remove("Ann") == 3
    assert resident(gallery) == [(2, score(3))]
    assert [each.subject_id for each in gallery.decisions()] == [2]
    assert problems_of(gallery) == []
    with pytest.raises(InputError):
        gallery.subject_name(1)


def test_a_removed_name_can_be_enrolled_again_under_a_new_id(gallery: AnyGallery) -> None:
    gallery.enrol("Ann", [template(1)], NEW)
    gallery.remove("Ann")
    assert gallery.enrol("Ann", [template(1)], NEW).subject_id == 2


def test_notes_are_replaced_but_not_emptied(gallery: AnyGallery) -> None:
    gallery.enrol("Ann", [template(1)], NEW, "first")
    gallery.enrol("Ann", [template(2)], ADD)
    assert gallery.subject("Ann").note == "first"
    gallery.enrol("Ann", [template(3)], ADD, "second")
    assert gallery.subject("Ann").note == "second"


def test_summaries_count_the_templates_in_use(gallery: AnyGallery) -> None:
    gallery.enrol("Ann", [*templates([1, 2]), template(3, VOICE)], NEW)
    gallery.enrol("Ann", [template(4)], REPLACE)
    (summary,) = gallery.summaries()
    assert (summary.face_templates, summary.voice_templates) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (NEW, []),
        (EnrolmentKind.ROLLBACK, [template(1)]),
        (NEW, [Template(FACE, "net", np.ones(16, np.float32), 0.5, "file")]),
        (NEW, [template(1), template(2, dims=8)]),
    ],
)
def test_an_impossible_enrolment_is_a_bug_and_leaves_nothing(
    gallery: AnyGallery, kind: EnrolmentKind, given: list[Template]
) -> None:
    with pytest.raises(BugError):
        gallery.enrol("Ann", given, kind)
    assert gallery.subjects() == []
    assert len(gallery.references(FACE, "net")) == 0


def identified(subject_id: int) -> Decision:
    numpys_own: Any = np.float32(5.5)
    top = Candidate(subject_id, "", numpys_own, 0.99, face_score=0.7, face_llr=5.5)
    return Decision(DecisionOutcome.IDENTIFIED, (top,), (FACE,), 0.99)


def test_a_decision_is_kept_with_its_scores(gallery: AnyGallery) -> None:
    gallery.enrol("Ann", [template(1)], NEW)
    gallery.record(identified(1))
    (kept,) = gallery.decisions()
    assert (kept.outcome, kept.subject_id, kept.reason) == (DecisionOutcome.IDENTIFIED, 1, "")
    assert (kept.fused_llr, kept.face_score, kept.voice_score) == (5.5, 0.7, None)
    assert (kept.with_face, kept.with_voice, kept.conflict) == (True, False, False)


def test_a_decision_about_nobody_is_kept(gallery: AnyGallery) -> None:
    gallery.record(Decision(DecisionOutcome.UNUSABLE, reason=DecisionReason.NO_EVIDENCE))
    kept = gallery.decisions()[0]
    assert (kept.subject_id, kept.reason) == (None, "no_evidence")


def test_a_decision_about_somebody_just_removed_is_kept_without_them(gallery: AnyGallery) -> None:
    gallery.record(identified(77))
    assert gallery.decisions()[0].subject_id is None


def test_old_decisions_can_be_forgotten(gallery: AnyGallery) -> None:
    for _ in range(5):
        gallery.record(Decision(DecisionOutcome.UNKNOWN))
    third = gallery.decisions()[2].time
    assert gallery.purge_decisions(third.astimezone(UTC)) == 2
    assert [each.time >= third for each in gallery.decisions()] == [True] * 3
    assert gallery.purge_decisions(datetime.now(UTC) + timedelta(days=999)) == 3


def test_changes_of_another_process_are_noticed(tmp_path: Path) -> None:
    ours, other = open_in(tmp_path), open_in(tmp_path)
    ours.enrol("Ann", [template(1)], NEW)
    assert resident(ours) == [(1, score(1))]
    other.enrol("Bob", [template(2)], NEW)
    other.enrol("Ann", [template(3)], REPLACE)
    assert resident(ours) == [(1, score(3)), (2, score(2))]
    other.remove("Ann")
    ours.enrol("Carl", [template(4)], NEW)
    assert resident(ours) == [(2, score(2)), (3, score(4))]
    other.close()
    ours.close()


def test_nothing_readable_is_in_the_file(tmp_path: Path) -> None:
    gallery = open_in(tmp_path)
    gallery.enrol("Readable Name", [template(1)], NEW, "readable note")
    gallery.close()
    content = (tmp_path / "data" / "gallery.db").read_bytes()
    for secret in (b"SQLite format 3", b"Readable", b"readable", stored_bytes(1)):
        assert secret not in content


@pytest.mark.parametrize("forget", ["remove", "roll_back"])
def test_deleted_templates_are_overwritten(tmp_path: Path, forget: str) -> None:
    """Without encryption, so that the bytes in the file are those in the pages."""
    path = tmp_path / "plain.db"
    gallery = SqlGallery(plain_database(path))
    for number in range(30):
        gallery.enrol(f"subject {number}", [template(number, dims=512)], NEW)
        gallery.enrol(f"subject {number}", [template(100 + number, dims=512)], ADD)
    assert all(stored_bytes(100 + n, 512) in path.read_bytes() for n in range(30))
    for number in range(30):
        getattr(gallery, forget)(f"subject {number}")
    gallery.close()
    assert not any(stored_bytes(100 + n, 512) in path.read_bytes() for n in range(30))


def stored_bytes(seed: int, dims: int = 16) -> bytes:
    return encode(unit(seed, dims))
