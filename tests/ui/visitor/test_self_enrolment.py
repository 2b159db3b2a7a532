"""Who is not known enrols themselves: real widgets, a real gallery, a scripted person in front."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt

from kiosk.core.decisions import DecisionReason
from kiosk.core.media import Modality
from kiosk.core.records import Origin
from kiosk.core.samples import Hint
from kiosk.core.settings import Settings
from kiosk.enrolment.guided_capture import Goal
from kiosk.enrolment.self_enrolment import FORGET_AFTER, MOST_A_DAY, MOST_TRIES
from kiosk.enrolment.session import EnrolmentRequest, SelfEnrolmentClosed
from kiosk.recognition.liveness import LivenessCheck
from kiosk.ui.strings import enrolment, self_enrolment
from kiosk.ui.strings import visitor as visitor
from kiosk.ui.visitor.self_enrolment import ANSWER_AFTER
from kiosk.ui.visitor.walkup import Page
from tests.support.consents import AGREED
from tests.support.guided import POSES
from tests.support.liveness import ScriptedPicture, pad_models
from tests.support.people_office import key, press
from tests.support.storage_support import NEW, template
from tests.support.ui_support import LANDSCAPE, PORTRAIT, SMALL, settle
from tests.support.walk_room import Make, Walk, at_consent

SIZES = [PORTRAIT, LANDSCAPE, SMALL]


# --- whether it is offered ---------------------------------------------------------------------


def test_by_default_strangers_are_sent_to_staff() -> None:
    assert not Settings().self_enrolment


def test_where_it_is_not_allowed_nothing_is_offered(walk: Make) -> None:
    made = walk(self_enrolment=False)
    made.unknown()
    assert visitor.UNKNOWN_TEXT in made.told()
    assert self_enrolment.OFFER not in made.told()
    made.model.enrol()
    assert made.page is Page.UNKNOWN


def test_where_it_is_allowed_it_is_the_second_way(walk: Make) -> None:
    made = walk()
    made.unknown()
    assert self_enrolment.UNKNOWN_TEXT in made.told()
    assert made.message.again_button.hasFocus()
    press(made.message.enrol_button)
    assert made.page is Page.ENROL
    assert made.screen.control.asked[-1] == "pause"  # no visit runs meanwhile


@pytest.mark.parametrize("reason", [DecisionReason.CONFLICT, DecisionReason.SMALL_MARGIN])
def test_who_resembles_somebody_is_not_offered_it(walk: Make, reason: DecisionReason) -> None:
    made = walk()
    made.unknown(reason)
    assert not made.message.offer.isVisible()


# --- the whole way -----------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s.width()}")
def test_by_touch_alone(walk: Make, size: QSize) -> None:
    """Agree, a name on the screen's keyboard, poses, phrases, save."""
    made = walk(size=size, language="ko")
    made.unknown()
    press(made.message.enrol_button)
    assert "이 키오스크는 얼굴과 목소리로" in made.flow.consent.text.toPlainText()
    assert "90일" in made.flow.consent.text.toPlainText()
    press(made.flow.consent.agree_button)
    made.type("ㅎㅏㄴㄱㅏㄹㅏㅁ")
    press(made.flow.name.on_button)
    made.wait(made.flow.capture)
    assert not made.flow.capture.samples.isVisible()
    made.look(0)
    made.retranslate(0)
    made.wait(made.flow.telling)
    assert "한가람 님, 저장할까요?" in made.told()
    assert made.gallery.subjects() == []
    press(made.flow.telling.save_button)
    made.qtbot.waitUntil(lambda: "한가람 님, 감사합니다" in made.told())
    (stored,) = made.gallery.summaries()
    assert re.fullmatch(r"한가람 [1-9]\d\d", stored.subject.name)
    assert (stored.face_templates, stored.voice_templates) == (8, 2)
    assert stored.origin is Origin.SELF
    assert {each.source for each in made.gallery.templates(1)} == {"self"}
    press(made.flow.telling.finish_button)
    assert made.page is Page.ATTRACT
    assert made.forgotten()


def test_by_keyboard_alone(walk: Make) -> None:
    made = walk(size=LANDSCAPE)
    made.unknown()
    key(Qt.Key.Key_Tab)
    assert made.message.enrol_button.hasFocus() or made.message.finish_button.hasFocus()
    while not made.message.enrol_button.hasFocus():
        key(Qt.Key.Key_Tab)
    key(Qt.Key.Key_Space)
    assert made.flow.consent.text.hasFocus()  # nobody agrees by chance
    key(Qt.Key.Key_Tab)
    key(Qt.Key.Key_Space)
    key(Qt.Key.Key_A, "Ann")
    key(Qt.Key.Key_Return)
    made.wait(made.flow.capture)
    made.look(0)
    made.retranslate(0)
    made.wait(made.flow.telling)
    settle()
    key(Qt.Key.Key_Space)
    made.qtbot.waitUntil(lambda: "Thank you, Ann" in made.told())
    assert len(made.gallery.subjects()) == 1
    settle()
    key(Qt.Key.Key_Space)
    assert made.page is Page.ATTRACT


def test_the_consent_is_kept_with_its_words_and_language(walk: Make) -> None:
    made = walk(language="ko")
    made.capture()
    press(made.flow.telling.save_button)
    made.qtbot.waitUntil(lambda: "Ann 님, 감사합니다" in made.told())
    (consent,) = made.gallery.consents(made.gallery.subjects()[0].name)
    assert consent.version.startswith(enrolment.CONSENT_VERSION)  # letters say what it tells of
    assert consent.language == "ko"
    assert consent.text == made.flow.consent.text.words
    assert consent.witness == ""


def test_by_face_alone_for_who_does_not_speak(walk: Make) -> None:
    made = walk()
    made.go_on()
    made.look(0)
    press(made.flow.capture.skip_button)
    made.wait(made.flow.telling)
    made.qtbot.waitUntil(lambda: self_enrolment.NOT_TAKEN[Modality.VOICE] in made.told())
    press(made.flow.telling.save_button)
    made.qtbot.waitUntil(lambda: "Thank you, Ann" in made.told())
    assert made.gallery.summaries()[0].voice_templates == 0


def test_too_little_can_be_tried_again(walk: Make) -> None:
    made = walk()
    made.go_on()
    made.path.hint = Hint.MORE_LIGHT
    made.look(0, [POSES[Goal.STRAIGHT]])
    press(made.flow.capture.skip_button)
    press(made.flow.capture.skip_button)
    made.wait(made.flow.telling)
    made.qtbot.waitUntil(lambda: enrolment.SHORT_TITLE in made.told())
    assert visitor.HINTS[Hint.MORE_LIGHT] in made.told()
    made.path.hint = None
    press(made.flow.telling.again_button)
    made.wait(made.flow.capture)
    assert made.session.active


# --- names -------------------------------------------------------------------------------------


def test_without_a_name_it_does_not_go_on(walk: Make) -> None:
    made = walk()
    made.agree()
    press(made.flow.name.on_button)
    assert enrolment.NAME_EMPTY in made.told()
    assert made.flow.name.field.hasFocus()


@pytest.mark.parametrize("name", ["Ben", "ben", "B\u200den", "Веn", "B  e n", "Ｂｅｎ"])
def test_a_name_of_somebody_enrolled_is_taken_like_any_other(walk: Make, name: str) -> None:
    """No answer tells whose names are known; staff read that it looks like another's."""
    made = walk()
    made.gallery.enrol("Ben", [template(1)], NEW, consent=AGREED)
    made.capture(0, name)
    press(made.flow.telling.save_button)
    made.qtbot.waitUntil(lambda: "Thank you" in made.told())
    (other,) = [each for each in made.gallery.subjects() if each.name != "Ben"]
    assert re.search(r" [1-9]\d\d$", other.name)
    assert "looks like that of somebody enrolled before (no. 1)" in other.note


def test_a_name_nobody_can_have_is_refused_by_its_spelling(walk: Make) -> None:
    made = walk()
    made.agree()
    made.flow.name.field.setText("Ann\u202e")
    press(made.flow.name.on_button)
    made.qtbot.waitUntil(lambda: self_enrolment.NAME_BAD in made.told())


# --- who is known already, and too many --------------------------------------------------------


def words_of_the_whole_way(made: Walk, who: int, name: str) -> list[str]:
    """Everything that is told from the capture on."""
    made.capture(who, name)
    told = [made.told()]
    asked = time.monotonic()
    press(made.flow.telling.save_button)
    thanks = f"Thank you, {name}"
    made.qtbot.waitUntil(lambda: thanks in made.told())
    assert time.monotonic() - asked >= ANSWER_AFTER
    return [*told, made.told()]


def test_who_is_enrolled_already_hears_what_everybody_hears(walk: Make) -> None:
    """The same words, no sooner and no later, and nothing is saved."""
    made = walk()
    first = words_of_the_whole_way(made, 0, "Sam")
    made.model.finish()
    assert words_of_the_whole_way(made, 0, "Sam") == first
    assert made.session._collected is None
    assert len(made.gallery.subjects()) == 1
    assert [entry.act for entry in made.gallery.trail()] == ["enrolled", "self-enrolment refused"]
    press(made.flow.telling.finish_button)
    assert made.forgotten()


def test_a_photograph_enrols_nobody(walk: Make) -> None:
    made = walk()
    check = LivenessCheck(pad_models(ScriptedPicture(-2.0)), required=True)
    made.session.look_for_living(check)
    made.capture(0, "Alice")
    assert self_enrolment.UNSEEN_TEXT in made.told()
    assert not made.flow.telling.save_button.isVisible()
    assert made.flow.telling.again_button.isVisible()
    assert made.gallery.subjects() == []


def test_who_resembles_two_is_known_too(walk: Make) -> None:
    """Alone a margin that is too small identifies nobody; here it is somebody."""
    made = walk()
    for name in ("Alice", "Alicia"):
        made.session.read([Path("0.mp4")], lambda: False)
        made.session.save(EnrolmentRequest(name, NEW, AGREED))
    words_of_the_whole_way(made, 0, "Alison")
    assert [each.name for each in made.gallery.subjects()] == ["Alice", "Alicia"]


def test_a_head_that_turns_the_other_way_enrols_nobody(walk: Make) -> None:
    """A film turns as it likes; who was asked for one side turns to that."""
    made = walk()
    made.go_on()
    poses = made.session._capture
    assert poses is not None
    wrong = {Goal.LEFT: Goal.RIGHT, Goal.RIGHT: Goal.LEFT}
    for pose in made.asked_for():
        goal = poses._poses.waiting[0]
        if goal in wrong:
            made.look(0, [POSES[Goal.STRAIGHT], POSES[wrong[goal]]])
        made.look(0, [pose])
    made.retranslate(0)
    made.wait(made.flow.telling)
    made.qtbot.waitUntil(lambda: self_enrolment.UNSEEN_TEXT in made.told())
    assert made.gallery.subjects() == []


def test_without_a_turn_of_the_head_nobody_enrols_themselves(walk: Make) -> None:
    """Skipped, or waited out: pictures enough, and a head that never moved."""
    made = walk()
    made.go_on()
    made.look(0, [POSES[Goal.STRAIGHT]] * 2)
    press(made.flow.capture.skip_button)
    made.retranslate(0)
    made.wait(made.flow.telling)
    made.qtbot.waitUntil(lambda: self_enrolment.UNSEEN_TEXT in made.told())


def test_poses_are_asked_for_in_an_order_nobody_foresees(walk: Make) -> None:
    made = walk()
    orders = set()
    for _ in range(40):
        made.session.capture(alone=True)
        capture = made.session._capture
        assert capture is not None
        orders.add(tuple(capture._poses.waiting))
    assert len(orders) > 5
    assert {order[0] for order in orders} == {Goal.STRAIGHT}


def test_who_floods_closes_the_kiosk_for_a_day_at_most(walk: Make) -> None:
    made = walk()
    for number in range(MOST_A_DAY):
        made.gallery.enrol(
            f"P{number}", [template(number)], NEW, consent=AGREED, origin=Origin.SELF
        )
    at_consent(made)
    made.wait(made.flow.telling)
    assert self_enrolment.CLOSED_TEXT in made.told()
    made.session._now = lambda: datetime.now(UTC) + timedelta(days=1)
    made.model.finish()
    made.go_on()
    made.session._now = lambda: datetime.now(UTC)
    made.gallery.confirm("P0")
    made.model.finish()
    made.go_on()


def test_who_tries_too_often_is_refused_and_others_are_not(walk: Make) -> None:
    made = walk()
    plan = EnrolmentRequest("Ann", NEW, AGREED, alone=True)

    def tried(who: int) -> None:
        made.session.capture(alone=True)
        made.look(who)
        made.session.skip()
        made.session.review(plan)

    for _ in range(MOST_TRIES):
        tried(0)
    with pytest.raises(SelfEnrolmentClosed):
        tried(0)
    tried(1)
    made.session._tries._now = lambda: time.monotonic() + FORGET_AFTER
    tried(0)


def test_a_camera_that_is_gone_is_no_place_to_enrol(walk: Make) -> None:
    made = walk()
    made.session.source_ended()
    at_consent(made)
    made.qtbot.waitUntil(lambda: self_enrolment.CLOSED_TITLE in made.told())
