"""Enrolment and re-registration on real widgets, with a real gallery and a scripted person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize, Qt
from pytestqt.qtbot import QtBot

from kiosk.core.media import Frame
from kiosk.core.records import Consent
from kiosk.core.samples import Hint
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind
from kiosk.enrolment.guided_capture import Goal
from kiosk.recognition.liveness import LivenessCheck
from kiosk.ui.staff.enrolment.form import FormStep
from kiosk.ui.strings import enrolment as w
from kiosk.ui.strings import visitor as visitor
from tests.support.guided import POSES
from tests.support.layouts import overlapping
from tests.support.liveness import ScriptedPicture, pad_models
from tests.support.office_support import badly_placed
from tests.support.people_office import OpenPeople, PeopleOffice, key, press, words_on
from tests.support.ui_support import LANDSCAPE, PORTRAIT, SMALL, frame, settle
from tools.screenshots.people import PeopleStates
from tools.screenshots.walkup import drawn_person


@pytest.fixture
def office(tmp_path: Path, qtbot: QtBot) -> Iterator[OpenPeople]:
    made: list[PeopleOffice] = []

    def make(size: QSize = LANDSCAPE, language: str = "en") -> PeopleOffice:
        made.append(PeopleOffice(tmp_path / str(len(made)), qtbot, size, language))
        return made[-1]

    yield make
    for each in made:
        each.close()


# --- somebody new ------------------------------------------------------------------------------


def test_enrolment_by_touch(office: OpenPeople) -> None:
    """Enrol, a name, agree, camera, save: four touches, and the person's own time."""
    made = office()
    made.enrol("김하늘", 0)
    made.qtbot.waitUntil(lambda: made.people.card.name.text() == "김하늘")
    (stored,) = made.gallery.summaries()
    assert stored.face_templates == 8
    assert stored.voice_templates == 2
    assert stored.consent is not None
    assert (stored.consent.version, stored.consent.language) == (f"{w.CONSENT_VERSION}A", "en")
    for part in (w.CONSENT_INTRO, w.CONSENT_KEPT, w.CONSENT_FREE, "for 90 days"):
        assert part in stored.consent.text
    assert made.time < 60  # seconds of the person's own time


def test_enrolment_by_keyboard_alone(office: OpenPeople) -> None:
    made = office()
    made.people.enrol_button.setFocus()
    key(Qt.Key.Key_Space)
    key(Qt.Key.Key_A, "Ann")
    key(Qt.Key.Key_Return)
    key(Qt.Key.Key_Space)  # agrees
    while not made.enrolment.form.camera_button.hasFocus():
        key(Qt.Key.Key_Tab)
    key(Qt.Key.Key_Space)
    made.wait(made.enrolment.capture)
    made.look(0)
    made.retranslate(0)
    made.wait(made.enrolment.review)
    key(Qt.Key.Key_Space)
    made.qtbot.waitUntil(lambda: len(made.gallery.subjects()) == 1)


def test_without_a_name_or_consent_nobody_is_captured(office: OpenPeople) -> None:
    made = office()
    press(made.people.enrol_button)
    form = made.enrolment.form
    press(form.camera_button)
    assert form.message.text() == w.NAME_EMPTY
    form.name.setText("Ann")
    press(form.camera_button)
    assert form.message.text() == w.CONSENT_MISSING
    settle()
    assert made.step is form
    assert not made.session.active


def test_a_taken_name_is_told_before_the_camera_starts(office: OpenPeople) -> None:
    made = office()
    made.enrol("Ann", 0)
    made.fill_in("ann")
    press(made.enrolment.form.camera_button)
    made.qtbot.waitUntil(lambda: made.enrolment.form.message.text() == w.NAME_TAKEN)
    assert not made.session.active


def test_guidance_goes_from_pose_to_pose_to_speech(office: OpenPeople) -> None:
    made = office()
    made.fill_in("Ann")
    press(made.enrolment.form.camera_button)
    made.wait(made.enrolment.capture)
    capture = made.enrolment.capture
    for goal in Goal:
        assert capture.instruction.text() == w.GOALS[goal]
        made.look(0, [POSES[goal]])
    assert capture.instruction.text() == w.SPEAK_STEP
    assert capture.phrase.text() in w.PHRASES
    assert "6 s" in capture.left.text()
    made.retranslate(0, 3.1)
    assert "3 s" in capture.left.text()
    assert "Voice" in capture.samples.told()
    assert "80 %" in capture.samples.told()


def test_a_refused_sample_is_told_with_the_reason(office: OpenPeople) -> None:
    made = office()
    made.fill_in("Ann")
    press(made.enrolment.form.camera_button)
    made.wait(made.enrolment.capture)
    made.path.hint = Hint.MORE_LIGHT
    made.look(0, [POSES[Goal.STRAIGHT]])
    reason = visitor.HINTS[Hint.MORE_LIGHT]
    assert w.NOT_TAKEN.format(reason=reason) in words_on(made.enrolment.capture)


def test_who_turns_too_far_is_told_so(office: OpenPeople) -> None:
    made = office()
    made.fill_in("Ann")
    press(made.enrolment.form.camera_button)
    made.wait(made.enrolment.capture)
    made.look(0, [POSES[Goal.STRAIGHT]])
    made.path.hint = Hint.LOOK_HERE
    made.look(0, [POSES[Goal.LEFT]])
    assert w.TOO_FAR in words_on(made.enrolment.capture)


def test_the_rings_are_drawn_on_the_mirror(office: OpenPeople) -> None:
    made = office()
    made.fill_in("Ann")
    press(made.enrolment.form.camera_button)
    made.wait(made.enrolment.capture)
    camera_preview = made.enrolment.capture.camera_preview
    made.preview.put(frame(value=90))
    made.qtbot.waitUntil(lambda: camera_preview.painted > 0)
    plain = camera_preview.grab().toImage()
    made.look(0, [POSES[Goal.STRAIGHT], POSES[Goal.LEFT]])
    made.preview.put(frame(value=90))
    camera_preview.advance()
    guided = camera_preview.grab().toImage()
    assert plain != guided


def test_discarding_leaves_nothing(office: OpenPeople) -> None:
    made = office()
    made.fill_in("Ann")
    made.capture(0)
    press(made.enrolment.review.discard_button)
    made.qtbot.waitUntil(lambda: made.window.pages.currentWidget() is made.people)
    settle()
    assert made.gallery.subjects() == []
    assert made.enrolment.review.heading.text() == ""
    assert made.enrolment.form.name.text() == ""


def test_locking_in_mid_capture_forgets_the_samples(office: OpenPeople) -> None:
    made = office()
    made.fill_in("Ann")
    press(made.enrolment.form.camera_button)
    made.wait(made.enrolment.capture)
    made.look(0, [POSES[Goal.STRAIGHT]])
    made.window.close()
    assert not made.session.active


def test_escape_goes_back_a_step(office: OpenPeople) -> None:
    made = office()
    made.fill_in("Ann")
    press(made.enrolment.form.camera_button)
    made.wait(made.enrolment.capture)
    key(Qt.Key.Key_Escape)
    made.wait(made.enrolment.form)
    made.qtbot.waitUntil(lambda: not made.session.active)
    assert made.enrolment.form.name.text() == "Ann"
    key(Qt.Key.Key_Escape)
    assert made.window.pages.currentWidget() is made.people


def test_by_face_only_where_somebody_does_not_speak(office: OpenPeople) -> None:
    made = office()
    made.fill_in("Ann")
    press(made.enrolment.form.camera_button)
    made.wait(made.enrolment.capture)
    made.look(0)
    press(made.enrolment.capture.skip_button)
    made.wait(made.enrolment.review)
    assert "By face only" in words_on(made.enrolment.review)
    press(made.enrolment.review.save_button)
    made.qtbot.waitUntil(lambda: len(made.gallery.subjects()) == 1)
    assert made.gallery.summaries()[0].voice_templates == 0


def test_too_little_is_told_in_words(office: OpenPeople) -> None:
    made = office()
    made.fill_in("Ann")
    press(made.enrolment.form.camera_button)
    made.wait(made.enrolment.capture)
    press(made.enrolment.capture.skip_button)
    settle()
    press(made.enrolment.capture.skip_button)
    made.wait(made.enrolment.review)
    assert w.SHORT_TITLE in words_on(made.enrolment.review)
    assert not made.enrolment.review.save_button.isVisible()
    press(made.enrolment.review.again_button)
    made.wait(made.enrolment.form)


# --- somebody who is there already -------------------------------------------------------------


def test_a_duplicate_is_named_and_can_be_added_instead(office: OpenPeople) -> None:
    made = office()
    made.enrol("Ann", 0)
    made.fill_in("Anna")
    made.capture(0)
    review = made.enrolment.review
    text = words_on(review)
    assert w.DUPLICATE.format(name="Ann") in text
    assert "Face 1.00 (counts from 0.73), voice 1.00 (from 0.73)." in text
    assert not review.save_button.hasFocus()
    new, kept = review.faces.pictures
    assert not new.pixmap().isNull()
    assert kept.pixmap().isNull()  # nobody's picture is kept unless the operator says so
    assert {w.PICTURE_NEW, w.PICTURE_NONE.format(name="Ann")} <= set(words_on(review).splitlines())
    press(review.add_button)
    made.qtbot.waitUntil(lambda: not review.warning.isVisible() and made.step is review)
    press(review.save_button)
    made.qtbot.waitUntil(lambda: made.window.pages.currentWidget() is made.people)
    (ann,) = made.gallery.summaries()
    assert (ann.subject.name, ann.face_templates) == ("Ann", 16)


def test_a_photograph_is_warned_about_and_saved_only_with_a_reason(office: OpenPeople) -> None:
    made = office()
    check = LivenessCheck(pad_models(ScriptedPicture(-2.0)), required=True)
    made.session.look_for_living(check)
    made.fill_in("Ann")
    made.capture(0)
    review = made.enrolment.review
    assert w.NOT_LIVING in words_on(review)
    assert w.LIVING_REASONS["face_picture"] in words_on(review)
    assert not review.save_button.isEnabled()
    assert review.again_button.hasFocus()
    review.living.choice.setCurrentIndex(1)
    press(review.save_button)
    made.qtbot.waitUntil(lambda: made.window.pages.currentWidget() is made.people)
    (ann,) = made.gallery.subjects()
    assert next(iter(w.WHY)) in ann.note


def test_two_people_who_look_alike_can_both_be_enrolled(office: OpenPeople) -> None:
    made = office()
    made.enrol("Ann", 0)
    made.enrol("Anna", 0)
    assert len(made.gallery.subjects()) == 2


def test_re_registration_replaces_and_rolls_back_with_one_action(office: OpenPeople) -> None:
    made = office()
    made.enrol("Ann", 0)
    before = {each.template_id for each in made.gallery.templates(1)}
    made.choose("Ann")
    press(made.people.card.re_register_button)
    form = made.enrolment.form
    assert form.on_record.isVisible()
    assert not form.agree.isVisible()
    assert form.replace.isChecked()
    made.capture(0)
    assert "Face: visits so far" in words_on(made.enrolment.review)
    press(made.enrolment.review.save_button)
    made.qtbot.waitUntil(lambda: len(made.gallery.history("Ann")) == 2)
    assert made.gallery.history("Ann")[0].kind is EnrolmentKind.REPLACE
    assert not before & {each.template_id for each in made.gallery.templates(1)}
    made.qtbot.waitUntil(made.people.card.roll_back_button.isVisible)
    press(made.people.card.roll_back_button)
    press(made.people.work.question.yes_button)
    made.qtbot.waitUntil(lambda: len(made.gallery.history("Ann")) == 3)
    assert {each.template_id for each in made.gallery.templates(1)} == before


def test_re_registration_of_somebody_else_is_warned_about(office: OpenPeople) -> None:
    made = office()
    made.enrol("Ann", 0)
    made.enrol("Ben", 1)
    made.choose("Ann")
    press(made.people.card.re_register_button)
    press(made.enrolment.form.add)
    made.capture(1)
    assert w.OTHER_PERSON.format(name="Ben") in words_on(made.enrolment.review)
    assert made.enrolment.review.again_button.hasFocus()


def test_missing_consent_is_asked_for_at_re_registration(office: OpenPeople) -> None:
    made = office()
    made.enrol("Ann", 0)
    made.gallery.withdraw_consent("Ann")
    made.people.load()
    made.qtbot.waitUntil(lambda: made.people.model.total == 1)
    settle()
    made.choose("Ann")
    press(made.people.card.re_register_button)
    form = made.enrolment.form
    assert form.agree.isVisible()
    press(form.camera_button)
    assert form.message.text() == w.CONSENT_MISSING


# --- from files --------------------------------------------------------------------------------


def test_enrolment_from_files(office: OpenPeople, tmp_path: Path) -> None:
    made = office()
    made.fill_in("Ann")
    press(made.enrolment.form.files_button)
    settle()
    made.answer_dialog(tmp_path / "0.mp4", tmp_path / "letter.txt")
    made.wait(made.enrolment.review)
    assert w.FILES_BAD.format(bad=1, total=2) in words_on(made.enrolment.review)
    press(made.enrolment.review.save_button)
    made.qtbot.waitUntil(lambda: len(made.gallery.subjects()) == 1)
    assert made.gallery.templates(1)[0].source == "file"


def test_enrolment_from_a_folder(office: OpenPeople, tmp_path: Path) -> None:
    folder = tmp_path / "ann"
    (folder / "deep").mkdir(parents=True)
    for name in ("0.mp4", "deep/0.mp4", ".hidden.mp4"):
        (folder / name).write_text("")
    made = office()
    made.fill_in("Ann")
    press(made.enrolment.form.folder_button)
    settle()
    made.answer_dialog(folder)
    made.wait(made.enrolment.review)
    assert "could not be read" not in words_on(made.enrolment.review)


def test_files_that_cannot_be_read_at_all(office: OpenPeople, tmp_path: Path) -> None:
    made = office()
    made.fill_in("Ann")
    press(made.enrolment.form.files_button)
    settle()
    made.answer_dialog(tmp_path / "letter.txt")
    made.wait(made.enrolment.form)
    assert made.enrolment.form.message.text() == w.NOTHING_READ


# --- languages and sizes -----------------------------------------------------------------------


def test_the_language_can_be_switched_at_every_step(office: OpenPeople) -> None:
    made = office()
    made.fill_in("Ann")
    press(made.window.language_button)
    assert "동의합니다" in made.enrolment.form.agree.text()
    press(made.enrolment.form.camera_button)
    made.wait(made.enrolment.capture)
    assert "똑바로" in made.enrolment.capture.instruction.text()
    made.look(0)
    made.retranslate(0)
    made.wait(made.enrolment.review)
    assert "저장 전 확인" in made.enrolment.review.heading.text()
    press(made.window.language_button)
    assert "Check before saving" in made.enrolment.review.heading.text()
    press(made.enrolment.review.save_button)
    made.qtbot.waitUntil(lambda: len(made.gallery.subjects()) == 1)
    assert "이 키오스크는" in made.gallery.consents("Ann")[0].text


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, SMALL], ids=lambda s: f"{s.width()}")
def test_no_step_cuts_off_a_word(office: OpenPeople, size: QSize, language: str) -> None:
    made = office(size, language)
    picture_of_somebody = Frame(drawn_person(), 0.0)
    states = PeopleStates(made.window, language, made.preview, picture_of_somebody)
    for name, step in states.steps().items():
        step()
        settle()
        assert not badly_placed(made.window), name
        if made.window.pages.currentWidget() is made.enrolment:
            shown = made.step
            review = made.enrolment.review
            scrolled = review.scroller.widget() if shown is review else None
            assert not overlapping(scrolled or shown), name
    assert made.window.size() == size


def agreed_to(qtbot: QtBot, **settings: Any) -> Consent:
    """What somebody agrees to where the kiosk is set so."""
    form = FormStep(Settings(**settings))
    qtbot.addWidget(form)
    form.begin(None)
    form.name.setText("Ann")
    form.agree.setChecked(True)
    plan = form.wish("en")
    assert plan is not None
    assert plan.consent is not None
    return plan.consent


OFF = {"emotion": "off", "age": "off", "gender": "off"}


def test_the_text_of_consent_is_made_from_the_settings(qtbot: QtBot) -> None:
    bare = agreed_to(qtbot, **OFF)
    assert bare.version == w.CONSENT_VERSION
    assert "Pictures and recordings are not kept" in bare.text
    assert "For nothing else." in bare.text
    assert "for 90 days" in bare.text
    for settings, letter, part in (
        ({"keep_pictures": True}, "P", "one small picture of your face"),
        ({"learn_from_visits": True}, "L", "Later visits"),
        ({"keep_days": 7}, "", "for 7 days"),
    ):
        found = agreed_to(qtbot, **OFF, **settings)
        assert found.version == w.CONSENT_VERSION + letter
        assert part in found.text
        assert part not in bare.text


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "Age, gender and mood are estimated. No such result is kept."),
        ({"profile": "workplace"}, "Age and gender are estimated. No such result is kept."),
        ({"age": "off", "gender": "off"}, "Mood is estimated. No such result is kept."),
    ],
)
def test_consent_names_what_is_estimated(qtbot: QtBot, settings: dict[str, str], told: str) -> None:
    found = agreed_to(qtbot, **settings)
    assert found.version == f"{w.CONSENT_VERSION}A"
    assert told in found.text
    assert "For nothing else" not in found.text
