"""Who is not known enrols themselves: real widgets, a real gallery, a scripted person in front."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from kiosk.config import Settings
from kiosk.domain import DecisionOutcome, Fault, Frame, Hint, Modality, NoticeKind, SourceNotice
from kiosk.guided import Goal
from kiosk.records import Origin
from kiosk.storage import SqlGallery
from kiosk.studio import MOST_WAITING, Plan
from kiosk.ui import words as visitor
from kiosk.ui import words_enrol, words_self
from kiosk.ui.desk import StudioDesk
from kiosk.ui.keyboard import Key, Keyboard
from kiosk.ui.panels import MessagePanel
from kiosk.ui.screenshots import drawn_person, views
from kiosk.ui.screenshots_self import SelfStates
from kiosk.ui.self_enrolment import SelfEnrolment
from kiosk.ui.walkup import Page
from tests.people_office import StudioRoom, key, press, words_on
from tests.storage_support import NEW, open_in, template
from tests.test_guided import POSES
from tests.test_storage_people import AGREED
from tests.test_ui_window import cut_off, overlapping
from tests.ui_support import LANDSCAPE, PORTRAIT, SMALL, ScreenMaker, decision, looking, settle

SIZES = [PORTRAIT, LANDSCAPE, SMALL]


def type_on(keyboard: Keyboard, signs: str) -> None:
    """Touch the keys with these signs on them."""
    for sign in signs:
        keys = keyboard.findChildren(Key)
        press(next(each for each in keys if each.isVisible() and each.sign == sign))


class Walk(StudioRoom):
    """A walk-up window before which somebody stands."""

    def __init__(self, folder: Path, qtbot: QtBot, screen: ScreenMaker, **changes: Any) -> None:
        self.qtbot = qtbot
        self.gallery: SqlGallery = open_in(folder)
        self.desk = StudioDesk()
        changes = {"self_enrolment": "on", **changes}
        settings = Settings(self_enrolment=changes["self_enrolment"])
        self.furnish(self.gallery, self.desk.tell, settings)
        self.desk.attach(self.studio)
        self.desk.serve(lambda command: command())
        size = changes.pop("size", PORTRAIT)
        screen.studio = self.desk
        self.screen = screen(size, **changes)
        self.window, self.model = self.screen.window, self.screen.model

    @property
    def page(self) -> Page:
        return self.model.view.page

    @property
    def flow(self) -> SelfEnrolment:
        return self.window.enrolment

    @property
    def message(self) -> MessagePanel:
        panel = self.window.panels[Page.UNKNOWN]
        assert isinstance(panel, MessagePanel)
        return panel

    def unknown(self, reason: str = "below_threshold") -> None:
        """A visit that ends with somebody who is not known."""
        self.model.start()
        self.model.take(looking())
        self.model.take(decision(DecisionOutcome.UNKNOWN, reason=reason))
        settle()

    def agree(self) -> None:
        """From the result to the name."""
        self.unknown()
        press(self.message.enrol_button)
        press(self.flow.consent.agree_button)

    def type(self, signs: str) -> None:
        """On the screen's keyboard."""
        type_on(self.flow.name.keyboard, signs)

    def go_on(self, name: str = "Ann") -> None:
        """To the capture."""
        self.agree()
        self.flow.name.field.setText(name)
        press(self.flow.name.on_button)
        self.wait(self.flow.capture)

    def capture(self, who: int = 0, name: str = "Ann") -> None:
        """To what is told after it."""
        self.go_on(name)
        self.look(who)
        self.speak(who)
        self.wait(self.flow.telling)
        settle()

    def wait(self, step: object) -> None:
        """Until a step is shown."""
        self.qtbot.waitUntil(lambda: self.flow.steps.currentWidget() is step)

    def told(self) -> str:
        """Every word on the screen."""
        buttons = [b.text() for b in self.window.findChildren(QAbstractButton) if b.isVisible()]
        return "\n".join([words_on(self.window), *buttons])

    def forgotten(self) -> bool:
        """Whether nothing of the visitor is left, on the screen or in the studio."""
        fields = self.window.findChildren(QLineEdit)
        samples = self.studio.active or self.studio._collected is not None
        return not samples and not any(field.text() for field in fields)


Make = Callable[..., Walk]


@pytest.fixture
def walk(tmp_path: Path, qtbot: QtBot, screen: ScreenMaker) -> Iterator[Make]:
    made: list[Walk] = []

    def make(**changes: Any) -> Walk:
        made.append(Walk(tmp_path / str(len(made)), qtbot, screen, **changes))
        return made[-1]

    yield make
    for each in made:
        each.gallery.close()


# --- whether it is offered ---------------------------------------------------------------------


def test_by_default_strangers_are_sent_to_staff() -> None:
    assert Settings().self_enrolment == "off"


def test_where_it_is_not_allowed_nothing_is_offered(walk: Make) -> None:
    made = walk(self_enrolment="off")
    made.unknown()
    assert visitor.UNKNOWN_TEXT in made.told()
    assert words_self.OFFER not in made.told()
    made.model.enrol()
    assert made.page is Page.UNKNOWN


def test_where_it_is_allowed_it_is_the_second_way(walk: Make) -> None:
    made = walk()
    made.unknown()
    assert words_self.UNKNOWN_TEXT in made.told()
    assert made.message.again_button.hasFocus()
    press(made.message.enrol_button)
    assert made.page is Page.ENROL
    assert made.screen.control.asked[-1] == "pause"  # no visit runs meanwhile


@pytest.mark.parametrize("reason", ["conflict", "small_margin"])
def test_who_resembles_somebody_is_not_offered_it(walk: Make, reason: str) -> None:
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
    assert "이 안내기는 얼굴과 목소리로" in made.flow.consent.text.toPlainText()
    assert "90일" in made.flow.consent.text.toPlainText()
    press(made.flow.consent.agree_button)
    made.type("ㅎㅏㄴㄱㅏㄹㅏㅁ")
    press(made.flow.name.on_button)
    made.wait(made.flow.capture)
    assert not made.flow.capture.samples.isVisible()
    made.look(0)
    made.speak(0)
    made.wait(made.flow.telling)
    assert "한가람 님, 저장할까요?" in made.told()
    assert made.gallery.subjects() == []
    press(made.flow.telling.save_button)
    made.qtbot.waitUntil(lambda: "한가람 님, 등록되었습니다" in made.told())
    (stored,) = made.gallery.summaries()
    assert (stored.subject.name, stored.face_templates, stored.voice_templates) == ("한가람", 8, 2)
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
    made.speak(0)
    made.wait(made.flow.telling)
    settle()
    key(Qt.Key.Key_Space)
    made.qtbot.waitUntil(lambda: len(made.gallery.subjects()) == 1)
    settle()
    key(Qt.Key.Key_Space)
    assert made.page is Page.ATTRACT


def test_the_consent_is_kept_with_its_words_and_language(walk: Make) -> None:
    made = walk(language="ko")
    made.capture()
    press(made.flow.telling.save_button)
    made.qtbot.waitUntil(lambda: len(made.gallery.subjects()) == 1)
    (consent,) = made.gallery.consents("Ann")
    assert (consent.version, consent.language) == (words_enrol.CONSENT_VERSION, "ko")
    assert consent.text == made.flow.consent.text.words
    assert consent.witness == ""


def test_by_face_alone_for_who_does_not_speak(walk: Make) -> None:
    made = walk()
    made.go_on()
    made.look(0)
    press(made.flow.capture.skip_button)
    made.wait(made.flow.telling)
    assert words_self.NOT_TAKEN[Modality.VOICE] in made.told()
    press(made.flow.telling.save_button)
    made.qtbot.waitUntil(lambda: len(made.gallery.subjects()) == 1)
    assert made.gallery.summaries()[0].voice_templates == 0


def test_too_little_can_be_tried_again(walk: Make) -> None:
    made = walk()
    made.go_on()
    made.path.hint = Hint.MORE_LIGHT
    made.look(0, [POSES[Goal.STRAIGHT]])
    press(made.flow.capture.skip_button)
    press(made.flow.capture.skip_button)
    made.wait(made.flow.telling)
    assert words_enrol.SHORT_TITLE in made.told()
    assert visitor.HINTS[Hint.MORE_LIGHT] in made.told()
    made.path.hint = None
    press(made.flow.telling.again_button)
    made.wait(made.flow.capture)
    assert made.studio.active


# --- names -------------------------------------------------------------------------------------


def test_without_a_name_it_does_not_go_on(walk: Make) -> None:
    made = walk()
    made.agree()
    press(made.flow.name.on_button)
    assert words_enrol.NAME_EMPTY in made.told()
    assert made.flow.name.field.hasFocus()


def test_a_taken_name_does_not_tell_that_it_is_somebodys(walk: Make) -> None:
    made = walk()
    made.gallery.enrol("Ben", [template(1)], NEW, consent=AGREED)
    made.agree()
    made.flow.name.field.setText("ben")
    press(made.flow.name.on_button)
    made.qtbot.waitUntil(lambda: words_self.NAME_BAD in made.told())
    made.flow.name.field.setText("Ben 2")
    press(made.flow.name.on_button)
    made.wait(made.flow.capture)


# --- who is known already, and too many --------------------------------------------------------


def test_a_double_is_told_of_no_name_and_nothing_is_saved(walk: Make) -> None:
    made = walk()
    made.capture(0, "Alice")
    press(made.flow.telling.save_button)
    made.qtbot.waitUntil(lambda: len(made.gallery.subjects()) == 1)
    made.model.finish()
    made.capture(0, "Somebody Else")
    assert words_self.KNOWN_TEXT in made.told()
    assert "Alice" not in made.told()
    assert not made.flow.telling.save_button.isVisible()
    assert made.studio._collected is None
    assert [each.name for each in made.gallery.subjects()] == ["Alice"]
    press(made.flow.telling.finish_button)
    assert made.forgotten()


def test_who_resembles_two_is_known_too(walk: Make) -> None:
    """Alone a margin that is too small identifies nobody; here it is somebody."""
    made = walk()
    for name in ("Alice", "Alicia"):
        made.studio.read([Path("0.mp4")], lambda: False)
        made.studio.save(Plan(name, NEW, AGREED))
    made.capture(0, "Alison")
    assert words_self.KNOWN_TEXT in made.told()


def test_while_many_wait_for_staff_nobody_more_enrols_themselves(walk: Make) -> None:
    made = walk()
    for number in range(MOST_WAITING):
        made.gallery.enrol(
            f"P{number}", [template(number)], NEW, consent=AGREED, origin=Origin.SELF
        )
    at_consent(made)
    made.wait(made.flow.telling)
    assert words_self.CLOSED_TEXT in made.told()
    made.gallery.confirm("P0")
    made.model.finish()
    made.go_on()


def test_a_camera_that_is_gone_is_no_place_to_enrol(walk: Make) -> None:
    made = walk()
    made.studio.source_ended()
    at_consent(made)
    made.qtbot.waitUntil(lambda: words_self.CLOSED_TITLE in made.told())


# --- leaving -----------------------------------------------------------------------------------


def at_consent(made: Walk) -> None:
    made.unknown()
    press(made.message.enrol_button)


def at_name(made: Walk) -> None:
    made.agree()
    made.flow.name.field.setText("Ann")


def at_capture(made: Walk) -> None:
    made.go_on()
    made.look(0, [POSES[Goal.STRAIGHT]])


STEPS = [at_consent, at_name, at_capture, Walk.capture]


def cancel(made: Walk) -> None:
    key(Qt.Key.Key_Escape)


def time_out(made: Walk) -> None:
    made.screen.clock.now += 4 * made.screen.settings.result_seconds + 1
    made.model.tick()


def staff(made: Walk) -> None:
    made.model.suspend()


def fault(made: Walk) -> None:
    made.model.take(Fault("x", "y", Modality.FACE, code="DeviceMissing"))
    made.screen.clock.now += 1
    made.model.tick()


@pytest.mark.parametrize("leave", [cancel, time_out, staff, fault])
@pytest.mark.parametrize("step", STEPS)
def test_whoever_leaves_is_forgotten(
    walk: Make, step: Callable[[Walk], None], leave: Callable[[Walk], None]
) -> None:
    made = walk()
    step(made)
    leave(made)
    settle()
    assert made.page in (Page.ATTRACT, Page.FAULT)
    assert made.flow.isHidden()
    assert made.forgotten()
    assert made.gallery.subjects() == []


@pytest.mark.parametrize("way", ["decline", "back_of_name", "back_of_capture", "discard"])
def test_there_is_a_way_out_on_every_step(walk: Make, way: str) -> None:
    made = walk()
    flow = made.flow
    ways: dict[str, tuple[Callable[[Walk], None], QAbstractButton]] = {
        "decline": (at_consent, flow.consent.decline_button),
        "back_of_name": (at_name, flow.name.back_button),
        "back_of_capture": (at_capture, flow.capture.back_button),
        "discard": (Walk.capture, flow.telling.finish_button),
    }
    begin, button = ways[way]
    begin(made)
    press(button)
    assert made.page is Page.ATTRACT
    assert made.forgotten()


def test_after_it_a_kiosk_that_sees_by_itself_looks_again(walk: Make) -> None:
    made = walk(start="walk_up")
    at_consent(made)
    made.model.finish()
    assert made.screen.control.asked[-2:] == ["resume", "rest"]


def test_there_is_time_to_read_and_a_warning_before_it_ends(walk: Make) -> None:
    made = walk(result_seconds=20.0)
    at_consent(made)
    made.screen.clock.now += 65
    made.model.tick()
    assert not made.window.timeout.isVisible()
    made.screen.clock.now += 10
    made.model.tick()
    assert made.window.timeout.isVisible()
    press(made.window.timeout.more_button)
    assert not made.window.timeout.isVisible()


def test_typing_and_being_seen_are_signs_of_life(walk: Make) -> None:
    made = walk(result_seconds=20.0)
    made.agree()
    for sign in "Ann":
        made.screen.clock.now += 60
        made.type(sign)
        made.model.tick()
    assert made.page is Page.ENROL
    press(made.flow.name.on_button)
    made.wait(made.flow.capture)
    made.screen.clock.now += 60
    made.look(0, [POSES[Goal.STRAIGHT]])
    made.screen.clock.now += 60
    made.model.tick()
    assert made.page is Page.ENROL
    made.path.pose = None  # gone: pictures of nobody are no sign
    for _ in range(30):
        made.studio.feed(Frame(drawn_person()[:4, :4].copy(), made.time))
    settle()
    made.screen.clock.now += 21
    made.model.tick()
    assert made.flow.isHidden()


def test_a_lost_source_is_told_while_posing(walk: Make) -> None:
    made = walk()
    made.go_on()
    made.studio.feed(SourceNotice(NoticeKind.LOST, "The camera went away.", "Plug it in."))
    settle()
    assert words_enrol.SOURCE_LOST in made.told()


# --- languages, sizes, reach, screen readers ---------------------------------------------------


def test_the_language_can_be_switched_on_the_way(walk: Make) -> None:
    made = walk()
    at_consent(made)
    press(made.window.language_button)
    assert "동의합니다" in made.told()
    press(made.flow.consent.agree_button)
    made.type("ㅎㅏㄴ")
    press(made.window.language_button)
    assert words_self.NAME_TITLE in made.told()
    assert made.flow.name.field.text() == "한"


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s.width()}")
def test_no_step_cuts_off_a_word(walk: Make, size: QSize, language: str) -> None:
    made = walk(size=size, language=language)
    picture = Frame(drawn_person(), 0.0)
    unknown = views(language, picture)["unknown"]
    states = SelfStates(made.window, language, made.screen.mailbox, picture, unknown)
    for controls in ("low", "high"):
        made.window.adopt(replace(made.screen.settings, controls=controls))
        for name, step in states.steps().items():
            step()
            settle()
            assert not cut_off(made.window), name
            if "warning" not in name:
                assert not overlapping(made.window), name
            assert made.window.size() == size
        made.model.changed.emit(replace(unknown, page=Page.ATTRACT))


def test_high_controls_move_what_is_touched(walk: Make) -> None:
    made = walk(controls="high")
    at_name(made)
    settle()
    keyboard = made.flow.name.keyboard
    high = keyboard.mapTo(made.window, keyboard.rect().center()).y()
    press(made.window.reach_button)
    settle()
    low = keyboard.mapTo(made.window, keyboard.rect().center()).y()
    assert high < made.window.height() / 2 < low


def test_every_button_and_field_has_a_name_for_screen_readers(walk: Make) -> None:
    made = walk()
    for step in (at_consent, at_name, at_capture):
        step(made)
        settle()
        for widget in made.window.findChildren(QAbstractButton) + made.window.findChildren(
            QLineEdit
        ):
            if widget.isVisible():
                assert widget.accessibleName(), widget
        assert QApplication.focusWidget() is not None
        made.model.finish()


def test_each_step_is_told_to_screen_readers(walk: Make) -> None:
    made = walk()
    said: list[str] = []
    made.flow.told.connect(said.append)
    made.go_on()
    for pose in POSES.values():
        made.look(0, [pose])
    made.speak(0)
    made.wait(made.flow.telling)
    settle()
    assert said[0].startswith(words_self.CONSENT_TITLE)
    assert words_self.NAME_TITLE in said
    assert any("left" in each for each in said)
    assert any(phrase in each for each in said for phrase in words_enrol.PHRASES)
    assert said[-1].startswith("Shall I save this, Ann?")
