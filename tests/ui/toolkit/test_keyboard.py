"""The keyboard on the screen: Korean, Latin and signs by touch alone, into real fields."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kiosk.ui.toolkit.keyboard import KOREAN, LATIN, Key, Keyboard
from kiosk.ui.toolkit.language import Language
from tests.support.people_office import press
from tests.support.walk_room import type_on


class GalleryClient:
    """A field, and the keyboard that serves it."""

    def __init__(self, qtbot: QtBot, language: str, *, names: bool) -> None:
        self.window = QWidget()
        self.field, self.keyboard = QLineEdit(), Keyboard()
        box = QVBoxLayout(self.window)
        box.addWidget(self.field)
        box.addWidget(self.keyboard)
        qtbot.addWidget(self.window)
        self.window.resize(900, 400)
        self.window.show()
        self.keyboard.serve(self.field, language=language, names=names)

    def type(self, signs: str) -> None:
        """Touch the keys with these signs on them."""
        type_on(self.keyboard, signs)


@pytest.fixture
def korean(qtbot: QtBot) -> GalleryClient:
    return GalleryClient(qtbot, KOREAN, names=True)


@pytest.fixture
def latin(qtbot: QtBot) -> GalleryClient:
    return GalleryClient(qtbot, LATIN, names=True)


def test_a_korean_name(korean: GalleryClient) -> None:
    korean.type("ㄱㅣㅁㅎㅏㄴㅡㄹ")
    assert korean.field.text() == "김하늘"


def test_double_consonants_are_shifted_once(korean: GalleryClient) -> None:
    press(korean.keyboard.shift_key)
    korean.type("ㅆㅏㅇ")
    assert korean.field.text() == "쌍"
    assert not korean.keyboard.shift_key.isChecked()


def test_what_is_being_written_is_taken_back_letter_by_letter(korean: GalleryClient) -> None:
    korean.type("ㄱㅏㅇㅏㄴ")
    seen = []
    for _ in range(4):
        press(korean.keyboard.erase_key)
        seen.append(korean.field.text())
    assert seen == ["가아", "가ㅇ", "가", ""]


def test_after_the_cursor_moved_nothing_is_joined(korean: GalleryClient) -> None:
    korean.type("ㄱㅏ")
    korean.field.setCursorPosition(0)
    korean.type("ㄴㅏ")
    assert korean.field.text() == "나가"


def test_a_latin_name_begins_large_in_every_part(latin: GalleryClient) -> None:
    latin.type("Ann Lee")
    assert latin.field.text() == "Ann Lee"


def test_both_scripts_and_signs_in_one_name(latin: GalleryClient) -> None:
    latin.type("Kim ")
    press(latin.keyboard.language_key)
    latin.type("ㅎㅏㄴ")
    press(latin.keyboard.signs_key)
    latin.type("2&")
    press(latin.keyboard.signs_key)
    latin.type("ㅇ")
    assert latin.field.text() == "Kim 한2&ㅇ"


def test_typing_is_an_edit_as_from_a_real_keyboard(latin: GalleryClient, qtbot: QtBot) -> None:
    with qtbot.waitSignal(latin.field.textEdited):
        latin.type("A")
    with qtbot.waitSignal(latin.field.returnPressed):
        press(latin.keyboard.enter_key)


def test_keys_never_take_the_focus_and_all_have_names(korean: GalleryClient) -> None:
    korean.field.setFocus()
    for key in korean.window.findChildren(Key):
        if key.isVisible():
            assert key.accessibleName()
            assert key.focusPolicy() is Qt.FocusPolicy.NoFocus
    korean.type("ㄱ")
    QTest.keyClicks(korean.field, "x")
    assert korean.field.text() == "ㄱx"


@pytest.fixture
def in_korean() -> Iterator[Language]:
    made = Language("ko")
    yield made
    made.close()


def test_the_side_keys_speak_the_language_of_the_screen(
    in_korean: Language, korean: GalleryClient
) -> None:
    assert korean.keyboard.space_key.text() == "띄어쓰기"
    assert korean.keyboard.enter_key.text() == "완료"
    assert korean.keyboard.language_key.accessibleName() == "영문 자판"
