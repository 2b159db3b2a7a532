"""An enrolment asks for a living person as a visit does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.core.liveness import Liveness, LivenessOutcome
from kiosk.core.ports.inference import Pipelines
from kiosk.core.samples import Pose
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind
from kiosk.enrolment.guided_capture import DIRECTIONS, PITCH_DEGREES, YAW_DEGREES
from kiosk.enrolment.living import NotLiving, is_doubtful, with_turns
from kiosk.enrolment.session import EnrolmentRequest, EnrolmentSession
from kiosk.recognition.identification import Identifier
from kiosk.recognition.liveness import LivenessCheck
from kiosk.recognition.turn_request import NOT_TURNED
from kiosk.storage import SqlGallery
from tests.support.consents import AGREED
from tests.support.files import ScriptedFile
from tests.support.guided import PosedPath
from tests.support.liveness import ScriptedPicture, pad_models
from tests.support.scripted import FPS, Script, ScriptedVoicePath, picture, scripted_models, sound
from tests.support.storage_support import open_in

NEW, ADD = EnrolmentKind.NEW, EnrolmentKind.ADD
PERSON, PHOTOGRAPH = 2.0, -2.0


class Booth:
    """A session before which somebody stands whose head turns, or is a photograph's."""

    def __init__(self, folder: Path) -> None:
        self.gallery: SqlGallery = open_in(folder)
        script, self.path = Script(), PosedPath()
        pipelines = Pipelines(self.path, ScriptedVoicePath(script))
        models = replace(scripted_models(script), pipelines=lambda: pipelines)
        settings = Settings(self_enrolment=True)
        identifier = Identifier(models, self.gallery, Policy())
        self.session = EnrolmentSession(
            models, identifier, self.gallery, settings, ScriptedFile, lambda _: None
        )

    def capture_alone(self, odds: float) -> None:
        """Somebody who is alone, and takes every pose when it is asked for."""
        check = LivenessCheck(pad_models(ScriptedPicture(odds)), required=True)
        self.session.look_for_living(check)
        self.session.capture(alone=True)
        self._time = 0.0
        capture = self.session._capture
        assert capture is not None
        for _ in DIRECTIONS:
            across, up = DIRECTIONS[capture._poses.waiting[0]]
            self.path.pose = Pose(across * (YAW_DEGREES + 4), up * (PITCH_DEGREES + 3), 0.0)
            self._look(1.5)
        for k in range(7 * FPS):
            self.session.feed(sound(1, self._time + k / FPS))

    def capture(self, odds: float, *, required: bool = True, turns: bool = True) -> None:
        check = LivenessCheck(pad_models(ScriptedPicture(odds)), required=required)
        self.session.look_for_living(check)
        self.session.capture()
        self._time = 0.0
        for yaw in (0.0, YAW_DEGREES + 4, -YAW_DEGREES - 4) if turns else (0.0,):
            self.path.pose = Pose(yaw, 0.0, 0.0)
            self._look(1.5)
        self.session.skip()
        for k in range(7 * FPS):
            self.session.feed(sound(1, self._time + k / FPS))

    def _look(self, seconds: float) -> None:
        for _ in range(round(seconds * FPS)):
            self.session.feed(picture(0, self._time))
            self._time += 1 / FPS


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    made = Booth(tmp_path)
    yield made
    made.gallery.close()


PLAN = EnrolmentRequest("Alice", NEW, AGREED)
ALONE = replace(PLAN, alone=True)


def test_a_living_person_is_enrolled_without_a_word(booth: Booth) -> None:
    booth.capture(PERSON)
    review = booth.session.review(PLAN)
    assert (review.liveness.outcome, review.must_say_why) == (LivenessOutcome.LIVE, False)
    booth.session.save(PLAN)
    assert booth.gallery.subject("Alice").note == ""


def test_staff_save_a_doubtful_capture_only_with_a_reason_which_is_kept(booth: Booth) -> None:
    booth.capture(PHOTOGRAPH)
    review = booth.session.review(PLAN)
    assert (review.liveness.outcome, review.must_say_why) == (LivenessOutcome.NOT_LIVE, True)
    with pytest.raises(NotLiving):
        booth.session.save(replace(PLAN, despite="  "))
    booth.session.save(replace(PLAN, despite="seen in person"))
    note = booth.gallery.subject("Alice").note
    assert "face_picture" in note
    assert "seen in person" in note


def test_a_reason_is_added_to_what_was_noted_before(booth: Booth) -> None:
    booth.capture(PERSON)
    booth.session.save(PLAN)
    booth.capture(PHOTOGRAPH)
    booth.session.save(replace(PLAN, kind=ADD, despite="poor light"))
    booth.capture(PHOTOGRAPH)
    booth.session.save(replace(PLAN, kind=ADD, despite="seen in person"))
    note = booth.gallery.subject("Alice").note
    assert note.index("poor light") < note.index("seen in person")


def test_nobody_enrols_a_photograph_alone(booth: Booth) -> None:
    booth.capture_alone(PHOTOGRAPH)
    with pytest.raises(NotLiving):
        booth.session.review(ALONE)
    assert booth.gallery.subjects() == []
    booth.capture_alone(PERSON)
    booth.session.review(ALONE)
    booth.session.save(ALONE)
    assert [each.name[:6] for each in booth.gallery.subjects()] == ["Alice "]


def test_a_head_that_never_turned_is_not_called_live(booth: Booth) -> None:
    booth.capture(PERSON, turns=False)
    review = booth.session.review(PLAN)
    assert (review.liveness.reason, review.must_say_why) == (NOT_TURNED, True)
    with pytest.raises(NotLiving):
        booth.session.review(ALONE)


def test_where_it_only_warns_nothing_stands_in_the_way(booth: Booth) -> None:
    booth.capture(PHOTOGRAPH, required=False)
    review = booth.session.review(PLAN)
    assert is_doubtful(review.liveness)
    assert not review.must_say_why
    booth.session.save(PLAN)


def test_files_are_said_not_to_be_checked(booth: Booth) -> None:
    booth.session.look_for_living(LivenessCheck(pad_models(ScriptedPicture()), required=True))
    booth.session.read([Path("0.mp4")], lambda: False)
    review = booth.session.review(PLAN)
    assert (review.liveness.outcome, review.liveness.reason) == (
        LivenessOutcome.NOT_CHECKED,
        "files",
    )
    assert not is_doubtful(review.liveness)


def test_turns_take_nothing_from_an_attack() -> None:
    attack = Liveness(LivenessOutcome.NOT_LIVE, -2.0, reason="motion")
    assert with_turns(attack, []) is attack
    assert with_turns(Liveness(LivenessOutcome.LIVE, 2.0), []).reason == NOT_TURNED
