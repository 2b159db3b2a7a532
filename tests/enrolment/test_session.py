"""Enrolment at the kiosk without its screens: review, save, re-enrolment, files, duplicates."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome
from kiosk.core.errors import InputError, Interrupted, NotReady
from kiosk.core.media import Modality
from kiosk.core.pooling import normalise
from kiosk.core.samples import Probe
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind
from kiosk.enrolment.guided_capture import CaptureProgress
from kiosk.enrolment.session import (
    EnrolmentRequest,
    EnrolmentSession,
    FileProgress,
    Told,
    TooFewSamples,
)
from kiosk.recognition.identification import Identifier
from kiosk.storage import SqlGallery
from tests.support.consents import AGREED
from tests.support.files import ScriptedFile
from tests.support.scripted import ALICE, FPS, Script, picture, scripted_models, sound
from tests.support.storage_support import open_in

NEW, ADD, REPLACE = EnrolmentKind.NEW, EnrolmentKind.ADD, EnrolmentKind.REPLACE


class Room:
    """A studio on a real gallery."""

    def __init__(self, folder: Path, settings: Settings | None = None) -> None:
        self.gallery: SqlGallery = open_in(folder)
        models = scripted_models(Script())
        self.told: list[Told] = []
        identifier = Identifier(models, self.gallery, Policy())
        self.session = EnrolmentSession(
            models,
            identifier,
            self.gallery,
            settings or Settings(),
            ScriptedFile,
            self.told.append,
        )

    def enrol(self, name: str, who: int, kind: EnrolmentKind = NEW) -> None:
        """As the screens do."""
        self.read(who)
        self.session.save(EnrolmentRequest(name, kind, AGREED))

    def read(self, *who: int | str) -> FileProgress:
        return self.session.read([Path(f"{each}.mp4") for each in who], lambda: False)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path)
    yield made
    made.gallery.close()


def test_what_was_reviewed_is_saved_with_consent(room: Room) -> None:
    room.read(0)
    review = room.session.review(EnrolmentRequest("Alice", NEW))
    assert (review.faces, review.voices, review.suspects) == (8, 2, ())
    assert room.gallery.subjects() == []
    room.session.save(EnrolmentRequest("Alice", NEW, AGREED))
    (alice,) = room.gallery.summaries()
    assert (alice.face_templates, alice.voice_templates, alice.consent) == (8, 2, AGREED)


def test_leaving_forgets_the_samples(room: Room) -> None:
    room.session.capture()
    assert room.session.active
    room.session.leave()
    assert not room.session.active
    assert room.gallery.subjects() == []


def test_live_samples_come_from_what_the_source_gives(room: Room) -> None:
    room.session.capture()
    for k in range(2 * FPS):
        room.session.feed(picture(0, k / FPS, k))
    room.session.skip()
    for k in range(7 * FPS):
        room.session.feed(sound(1, k / FPS))
    assert not room.session.active
    assert room.session.review(EnrolmentRequest("Alice", NEW)).voices == 2


def test_a_name_is_checked_before_anybody_takes_the_trouble(room: Room) -> None:
    room.enrol("Alice", 0)
    with pytest.raises(InputError):
        room.session.check(EnrolmentRequest("alice", NEW))
    with pytest.raises(InputError):
        room.session.check(EnrolmentRequest("Bob", ADD))
    room.session.check(EnrolmentRequest("Bob", NEW))
    room.session.check(EnrolmentRequest("Alice", REPLACE))


def test_a_duplicate_is_named_with_both_scores(room: Room) -> None:
    room.enrol("Alice", 0)
    room.read(0)
    (suspect,) = room.session.review(EnrolmentRequest("Alicia", NEW)).suspects
    assert suspect.name == "Alice"
    assert set(suspect.by) == set(Modality)
    assert suspect.face_score == pytest.approx(1.0, abs=1e-3)
    assert suspect.voice_score == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("kept", [True, False])
def test_staff_get_the_pictures_of_both_where_one_is_kept(tmp_path: Path, *, kept: bool) -> None:
    room = Room(tmp_path, Settings(keep_pictures=kept))
    room.enrol("Alice", 0)
    room.read(0)
    review = room.session.review(EnrolmentRequest("Alicia", NEW))
    (suspect,) = review.suspects
    assert review.picture is not None
    assert (suspect.picture is not None) == kept
    assert "\\xff\\xd8" not in repr(review)  # a picture is never written out with it
    room.read(1)
    assert room.session.review(EnrolmentRequest("Bob", NEW)).picture is None
    room.gallery.close()


def test_a_duplicate_can_be_saved_as_two_people_or_added(room: Room) -> None:
    room.enrol("Alice", 0)
    room.enrol("Alicia", 0)
    assert len(room.gallery.subjects()) == 2
    room.enrol("Alice", 0, ADD)
    assert room.gallery.summaries()[0].face_templates == 16


def test_separation_tells_own_from_nearest(room: Room) -> None:
    room.enrol("Bob", 1)
    room.read(0)
    face, voice = room.session.review(EnrolmentRequest("Alice", NEW)).separations
    assert (face.modality, face.nearest) == (Modality.FACE, "Bob")
    assert min(face.own) == pytest.approx(1.0, abs=1e-3)
    assert max(face.others) == pytest.approx(0.0, abs=1e-3)
    assert face.apart
    assert voice.apart
    needed = math.log(100)  # one person enrolled, one stranger in a hundred, ratios as they are
    assert face.threshold == pytest.approx((needed + 10) / 20)


def test_separation_from_a_likeness_fails(room: Room) -> None:
    room.enrol("Alice", 0)
    room.read(0)
    assert not room.session.review(EnrolmentRequest("Alicia", NEW)).separations[0].apart


def test_in_an_empty_gallery_nobody_is_near(room: Room) -> None:
    room.read(0)
    face = room.session.review(EnrolmentRequest("Alice", NEW)).separations[0]
    assert (face.others, face.nearest) == ((), "")
    assert face.apart


def test_re_enrolment_is_compared_with_the_old_on_recent_visits(room: Room) -> None:
    room.enrol("Alice", 0)
    near = normalise(ALICE + 0.3 * np.eye(8, dtype=np.float32)[4])
    top = Candidate(1, "Alice", 6.0, 0.99, face_score=0.9, face_llr=6.0)
    seen = Decision(DecisionOutcome.IDENTIFIED, (top,), (Modality.FACE,), 0.99)
    room.gallery.record(seen, [Probe(Modality.FACE, "face@0", near, 0.8, 5)])
    room.read(0)
    review = room.session.review(EnrolmentRequest("Alice", REPLACE))
    assert review.resembles
    assert review.suspects == ()
    face = review.compared[0]
    assert (face.old, face.new, face.visits) == (8, 8, 1)
    assert face.visits_old == pytest.approx(float(near @ ALICE), abs=2e-3)
    assert face.visits_new == pytest.approx(face.visits_old, abs=2e-3)
    assert face.recorded == pytest.approx(0.9)
    assert face.likeness == pytest.approx(1.0, abs=1e-3)
    assert review.compared[1].visits == 0


def test_somebody_else_is_noticed_at_re_enrolment(room: Room) -> None:
    room.enrol("Alice", 0)
    room.enrol("Bob", 1)
    room.read(1)
    review = room.session.review(EnrolmentRequest("Alice", REPLACE))
    assert not review.resembles
    assert [each.name for each in review.suspects] == ["Bob"]


def test_re_enrolment_can_be_rolled_back(room: Room) -> None:
    room.enrol("Alice", 0)
    before = {each.template_id for each in room.gallery.templates(1)}
    room.enrol("Alice", 0, REPLACE)
    assert not before & {each.template_id for each in room.gallery.templates(1)}
    room.gallery.roll_back("Alice")
    assert {each.template_id for each in room.gallery.templates(1)} == before


def test_one_modality_suffices_where_the_other_is_too_little(room: Room) -> None:
    room.session.capture()
    for k in range(2 * FPS):
        room.session.feed(picture(0, k / FPS, k))
    room.session.skip()
    room.session.skip()
    review = room.session.review(EnrolmentRequest("Alice", NEW))
    assert review.voices == 0
    assert review.faces > 0
    room.session.save(EnrolmentRequest("Alice", NEW))
    assert room.gallery.summaries()[0].voice_templates == 0


def test_too_little_says_what_is_missing(room: Room) -> None:
    room.session.capture()
    room.session.skip()
    room.session.skip()
    with pytest.raises(TooFewSamples) as caught:
        room.session.review(EnrolmentRequest("Alice", NEW))
    assert (caught.value.faces, caught.value.faces_needed) == (0, 5)
    assert caught.value.speech == 0.0


# --- files -------------------------------------------------------------------------------------


def test_files_that_cannot_be_read_are_counted(room: Room) -> None:
    assert room.read(0, "letter", 0) == FileProgress(3, 3, 1)
    assert FileProgress(2, 3, 1) in room.told
    assert room.session.review(EnrolmentRequest("Alice", NEW)).faces == 8


def test_no_file_at_all_is_refused(room: Room) -> None:
    with pytest.raises(InputError):
        room.read("letter", "song")


def test_reading_can_be_stopped(room: Room) -> None:
    with pytest.raises(Interrupted):
        room.session.read([Path("0.mp4")], lambda: True)
    assert room.gallery.subjects() == []


def test_without_a_camera_only_files_remain(room: Room) -> None:
    room.session.capture()
    room.session.source_ended()
    last = room.told[-1]
    assert isinstance(last, CaptureProgress)
    assert last.text
    with pytest.raises(NotReady):
        room.session.capture()
    room.read(0)
    assert room.session.review(EnrolmentRequest("Alice", NEW)).faces == 8
