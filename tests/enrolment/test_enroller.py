"""Enrolment with scripted samples and the real encrypted gallery."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kiosk.core.errors import EnrolmentRefused, InputError
from kiosk.core.media import Modality
from kiosk.core.pooling import normalise
from kiosk.core.samples import Embedding, Pose
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind, Template
from kiosk.enrolment.collector import Collected, Collector, FaceCandidate
from kiosk.enrolment.enroller import (
    LIKENESS_LLR,
    MAX_TEMPLATES,
    DuplicateSuspected,
    Enroller,
    TwoPeople,
)
from kiosk.enrolment.selection import consistent_faces, two_people, varied
from kiosk.recognition.identification import Identifier, Models
from kiosk.storage.sqlite.gallery import SqlGallery
from tests.support.scripted import (
    ALICE,
    BOB,
    CARL,
    FPS,
    NOBODY,
    Script,
    picture,
    scripted_models,
    sound,
)


@pytest.fixture
def models() -> Models:
    return scripted_models(Script())


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[SqlGallery]:
    opened = SqlGallery.open(tmp_path / "g.db", tmp_path / "keys" / "g.key")
    yield opened
    opened.close()


@pytest.fixture
def enroller(models: Models, gallery: SqlGallery) -> Enroller:
    return Enroller(models, Identifier(models, gallery, Policy()), gallery, Settings())


def collect(models: Models, who: int, seconds: float = 4.0, *, speaks: bool = True) -> Collected:
    """A clip of a person who turns the head and, unless told not to, speaks."""
    collector = Collector(models)
    for k in range(round(seconds * FPS)):
        collector.feed(picture(who, k / FPS, k))
        if speaks:
            collector.feed(sound(1 if who == NOBODY else who + 1, k / FPS))
    collector.flush()
    return collector.collected


def test_a_clip_becomes_face_and_voice_templates(
    models: Models, enroller: Enroller, gallery: SqlGallery
) -> None:
    result = enroller.enrol("Alice", collect(models, 0), "file")
    assert (result.faces_used, result.voices_used) == (8, 2)
    stored = gallery.templates(gallery.subject("Alice").subject_id)
    assert {template.modality for template in stored} == set(Modality)
    assert {template.source for template in stored} == {"file"}


def test_too_few_faces_are_refused_with_the_cause(models: Models, enroller: Enroller) -> None:
    with pytest.raises(EnrolmentRefused, match=r"0 usable face samples.*no_face 100") as caught:
        enroller.enrol("Alice", collect(models, NOBODY), "file")
    assert "Show a face" in caught.value.remedy
    assert "--only voice" in caught.value.remedy


def test_too_little_speech_is_refused(models: Models, enroller: Enroller) -> None:
    with pytest.raises(EnrolmentRefused, match=r"s of usable speech, 3\.0 s are needed"):
        enroller.enrol("Alice", collect(models, 0, 2.0), "file")


def test_one_modality_can_be_asked_for(models: Models, enroller: Enroller) -> None:
    result = enroller.enrol("Alice", collect(models, 0, 2.0), "file", only=Modality.FACE)
    assert result.voices_used == 0


def test_a_modality_that_is_not_there_is_refused(models: Models, enroller: Enroller) -> None:
    with pytest.raises(EnrolmentRefused, match="no voice"):
        enroller.enrol("Alice", collect(models, 0, speaks=False), "file", only=Modality.VOICE)


def test_the_same_person_under_another_name_is_suspected(
    models: Models, enroller: Enroller, gallery: SqlGallery
) -> None:
    enroller.enrol("Alice", collect(models, 0), "file")
    with pytest.raises(DuplicateSuspected) as caught:
        enroller.enrol("Alicia", collect(models, 0), "file")
    assert {d.candidate.name for d in caught.value.duplicates} == {"Alice"}
    assert {d.modality for d in caught.value.duplicates} == set(Modality)
    assert "Alice" not in str(caught.value)
    assert [subject.name for subject in gallery.subjects()] == ["Alice"]
    enroller.enrol("Alicia", collect(models, 0), "file", allow_duplicate=True)


def test_a_likeness_that_would_name_a_visitor_is_no_duplicate_yet(
    models: Models, gallery: SqlGallery
) -> None:
    """Two people are enrolled, so that little suffices for a name; the ratio of a cosine of 0.55
    says 3."""
    scale = replace(models.face_calibration, slope=20.0, intercept=-8.0)
    alike = replace(models, face_calibration=scale)
    identifier = Identifier(alike, gallery, Policy(min_llr=2.0))
    enroller = Enroller(alike, identifier, gallery, Settings())
    enroller.enrol("Alice", collect(models, 0), "file", only=Modality.FACE)

    def suspects(cosine: float) -> int:
        vector = normalise(cosine * ALICE + (1 - cosine**2) ** 0.5 * BOB)
        made = [Template(Modality.FACE, models.face.model_id, vector, 0.9, "file")] * 5
        return len(enroller.duplicates(made))

    assert 2.0 < 20 * 0.55 - 8 < LIKENESS_LLR
    assert (suspects(0.55), suspects(0.75)) == (0, 1)


def test_a_voice_alone_makes_nobody_a_duplicate(
    models: Models, enroller: Enroller, gallery: SqlGallery
) -> None:
    """One speaker was once taken for another by a ratio at its cap. Bob has the voice of Alice."""
    enroller.enrol("Alice", collect(models, 0), "file")
    mixed = collect(models, 1)
    mixed.voices = collect(models, 0).voices
    result = enroller.enrol("Bob", mixed, "file")
    assert result.alike_by_voice == ("Alice",)
    alone = collect(models, 0, speaks=True)
    spoken = enroller.enrol("Carl", alone, "file", only=Modality.VOICE)
    assert spoken.faces_used == 0
    assert enroller.enrol("Dan", collect(models, 2), "file").alike_by_voice == ()


def test_a_name_that_looks_like_another_is_told_and_noted(
    models: Models, enroller: Enroller, gallery: SqlGallery
) -> None:
    assert enroller.enrol("Alice", collect(models, 0), "file").alike_by_name == ""
    said = enroller.enrol("Aliсe", collect(models, 1), "file", note="by post").alike_by_name
    assert said == "This name looks like that of somebody enrolled before (no. 1)."
    assert gallery.subject("Aliсe").note == f"by post {said}"


def test_who_may_be_each_of_several_is_suspected_as_well(
    models: Models, enroller: Enroller
) -> None:
    """Twins, or somebody who is enrolled twice already: no single one is named, both are."""
    enroller.enrol("Alice", collect(models, 0), "file")
    enroller.enrol("Twin", collect(models, 0), "file", allow_duplicate=True)
    with pytest.raises(DuplicateSuspected) as caught:
        enroller.enrol("Third", collect(models, 0), "file")
    faces = [d for d in caught.value.duplicates if d.modality is Modality.FACE]
    assert {d.candidate.name for d in faces} == {"Alice", "Twin"}


def test_a_name_cannot_be_taken_twice(models: Models, enroller: Enroller) -> None:
    enroller.enrol("Alice", collect(models, 0), "file")
    with pytest.raises(InputError):
        enroller.enrol("alice", collect(models, 1), "file")


@pytest.mark.parametrize(("kind", "times"), [(EnrolmentKind.ADD, 2), (EnrolmentKind.REPLACE, 1)])
def test_re_enrolment_adds_or_replaces_and_can_be_rolled_back(
    models: Models, enroller: Enroller, gallery: SqlGallery, kind: EnrolmentKind, times: int
) -> None:
    first = enroller.enrol("Alice", collect(models, 0), "file")
    subject, once = first.record.subject_id, first.faces_used + first.voices_used
    assert 1 < first.faces_used <= MAX_TEMPLATES
    enroller.re_enrol("Alice", collect(models, 0), "file", kind=kind)
    assert len(gallery.templates(subject)) == times * once
    gallery.roll_back("Alice")
    assert len(gallery.templates(subject)) == once


def test_re_enrolment_with_somebody_elses_samples_is_refused(
    models: Models, enroller: Enroller
) -> None:
    enroller.enrol("Alice", collect(models, 0), "file")
    enroller.enrol("Bob", collect(models, 1), "file")
    with pytest.raises(DuplicateSuspected):
        enroller.re_enrol("Alice", collect(models, 1), "file", kind=EnrolmentKind.REPLACE)
    with pytest.raises(EnrolmentRefused, match="do not resemble"):
        enroller.re_enrol("Alice", collect(models, 2), "file", kind=EnrolmentKind.REPLACE)


def test_samples_of_another_person_in_between_are_dropped(rng: np.random.Generator) -> None:
    own = [normalise(ALICE + 0.1 * rng.normal(size=8)) for _ in range(6)]
    faces = [FaceCandidate(Embedding(v, 0.9), Pose(0, 0, 0)) for v in [*own, BOB]]
    kept = consistent_faces(faces)
    assert len(kept) == 6
    assert all(face.embedding.vector is not BOB for face in kept)


@pytest.mark.parametrize(("one", "other"), [(4.0, 4.0), (4.0, 1.0), (1.0, 4.0)])
def test_samples_of_two_people_are_refused_with_their_numbers(
    models: Models, enroller: Enroller, gallery: SqlGallery, one: float, other: float
) -> None:
    collected, more = collect(models, 0, one), collect(models, 1, other)
    counts = sorted((len(collected.faces), len(more.faces)), reverse=True)
    collected.faces += more.faces
    with pytest.raises(TwoPeople, match=f"{counts[0]} of one, {counts[1]} of another") as caught:
        enroller.enrol("Both", collected, "file", only=Modality.FACE, allow_duplicate=True)
    assert "one person alone" in caught.value.remedy
    assert gallery.subjects() == []
    enroller.enrol("Alice", collect(models, 0), "file")
    with pytest.raises(TwoPeople):
        enroller.re_enrol(
            "Alice", collected, "file", kind=EnrolmentKind.ADD, only=Modality.FACE, force=True
        )


@pytest.mark.parametrize("force", [False, True])
def test_voices_of_two_people_are_refused_as_well(
    models: Models, enroller: Enroller, gallery: SqlGallery, force: bool
) -> None:
    mixed = collect(models, 0)
    mixed.voices = [Embedding(each, 0.9) for each in (ALICE, ALICE, BOB, BOB)]
    with pytest.raises(TwoPeople, match="voice samples are of two people: 2 of one") as caught:
        enroller.enrol("Both", mixed, "file", allow_duplicate=force)
    assert caught.value.modality is Modality.VOICE
    assert gallery.subjects() == []
    enroller.enrol("Alice", mixed, "file", only=Modality.FACE)


def test_two_groups_are_told_from_one_and_from_a_single_bad_sample() -> None:
    def between(groups: list[int], apart: float) -> np.ndarray:
        who = np.repeat(np.arange(len(groups)), groups)
        return np.where(who[:, None] == who[None, :], 5.0, apart)

    assert two_people(between([8, 8], -6)) == (8, 8)
    assert two_people(between([2, 5], -2.1)) == (5, 2)
    assert two_people(between([8, 8], -1.9)) is None
    assert two_people(between([9, 1], -6)) is None
    assert two_people(between([10], 0)) is None
    assert two_people(between([1, 1], -6)) is None
    assert two_people(between([4, 3, 3], -6)) in {(7, 3), (6, 4)}


def test_templates_are_spread_over_looks_where_poses_are_alike() -> None:
    """A folder of pictures of several days: the odd one counts more than a little quality."""
    looks = [ALICE] * 5 + [normalise(ALICE + 0.8 * BOB), normalise(ALICE + 0.8 * CARL)]
    faces = [
        FaceCandidate(Embedding(look, 0.9 - 0.02 * (k > 4)), Pose(0, 0, 0))
        for k, look in enumerate(looks)
    ]
    chosen = [face.embedding.vector for face in varied(faces, 3)]
    assert {int(np.abs(vector - ALICE).argmax()) for vector in chosen[1:]} == {1, 2}
    assert np.allclose(chosen[0], ALICE)


def test_templates_are_spread_over_poses() -> None:
    poses = [Pose(yaw, 0, 0) for yaw in [0, 1, 2, 3, 25, -25]]
    faces = [FaceCandidate(Embedding(ALICE, 0.9), pose) for pose in poses]
    chosen = {face.pose.yaw for face in varied(faces, 3)}
    assert chosen >= {25, -25}


def test_settings_say_how_much_is_enough(models: Models, gallery: SqlGallery) -> None:
    strict = replace(Settings(), enrol_faces=50)
    enroller = Enroller(models, Identifier(models, gallery, Policy()), gallery, strict)
    with pytest.raises(EnrolmentRefused, match="50 are needed"):
        enroller.enrol("Alice", collect(models, 0), "file")
