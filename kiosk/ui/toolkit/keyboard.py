"""A keyboard on the screen, for places that have no other: Korean in two-set order, Latin, signs.

Its keys never take the focus: whoever has a real keyboard goes on typing into the field, and the
tab key does not stop at forty keys.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from kiosk.ui.strings import keyboard as w
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit import hangul
from kiosk.ui.toolkit.controls import Scaled, set_property
from kiosk.ui.toolkit.theme import Scale, icon

KOREAN, LATIN, SIGNS = "ko", "en", "signs"
ROWS = {
    KOREAN: ("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ", "ㅋㅌㅊㅍㅠㅜㅡ"),
    LATIN: ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    SIGNS: ("1234567890", "-/:;()&@\"'", ".,?!_+#"),
}
SHIFTED = {
    KOREAN: ("ㅃㅉㄸㄲㅆㅛㅕㅑㅒㅖ", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ", "ㅋㅌㅊㅍㅠㅜㅡ"),
    LATIN: ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM"),
    SIGNS: ("1234567890", "[]{}<>=*~^", "$%|\\`·€"),
}
NAMES = {KOREAN: "한글", LATIN: "ABC"}
"""Each script calls itself by its own name, whatever the language of the screen."""
COLUMNS = 20
"""Each letter is two of them wide, so that rows can stand half a key aside."""
WIDEST = 36
"""In body sizes."""


def room_above(window: QWidget) -> QRect:
    """What a keyboard at the lower edge of a window leaves of it."""
    room = window.rect()
    for keyboard in window.findChildren(Keyboard):
        if keyboard.isVisible():
            room.setBottom(keyboard.mapTo(window, keyboard.rect().topLeft()).y())
    return room


class Key(QPushButton):
    """One key; `sign` is what it writes."""

    def __init__(self, role: str = "key") -> None:
        super().__init__()
        self.sign = ""
        self.setProperty("role", role)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def label(self, text: str, spoken: str = "") -> None:
        """What stands on it, and what a screen reader calls it."""
        self.sign = text
        self.setText(text.replace("&", "&&"))
        self.setAccessibleName(spoken or text)


class Keyboard(QWidget, Scaled):
    """Types into one field at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._field: QLineEdit | None = None
        self._names = False
        self._layout, self._letters, self._shift = LATIN, LATIN, False
        self._open: tuple[str, int] | None = None
        self.letters = [[Key() for _ in row] for row in ROWS[KOREAN]]
        self.spare = Key()
        self.shift_key, self.erase_key = Key("key-side"), Key("key-side")
        self.signs_key, self.language_key = Key("key-side"), Key("key-side")
        self.space_key, self.enter_key = Key(), Key("key-main")
        self.erase_key.setAutoRepeat(True)
        self.shift_key.setCheckable(True)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.letters[1].append(self.spare)
        self.grid = QGridLayout()
        for column in range(COLUMNS):
            self.grid.setColumnStretch(column, 1)
        for place, key in enumerate(self.letters[0]):
            self.grid.addWidget(key, 0, 2 * place, 1, 2)
        self.grid.addWidget(self.shift_key, 2, 0, 1, 3)
        for place, key in enumerate(self.letters[2]):
            self.grid.addWidget(key, 2, 3 + 2 * place, 1, 2)
        self.grid.addWidget(self.erase_key, 2, 17, 1, 3)
        self.grid.addWidget(self.signs_key, 3, 0, 1, 3)
        self.grid.addWidget(self.language_key, 3, 3, 1, 4)
        self.grid.addWidget(self.space_key, 3, 7, 1, 8)
        self.grid.addWidget(self.enter_key, 3, 15, 1, 5)
        self.inside = QWidget()
        self.inside.setLayout(self.grid)
        self.grid.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(self.inside, 100)
        row.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(row)
        self._draw()

    def _connect(self) -> None:
        for key in (key for row in self.letters for key in row):
            key.clicked.connect(self._type)
        self.space_key.clicked.connect(self._space)
        self.erase_key.clicked.connect(self._erase)
        self.shift_key.clicked.connect(self._draw)
        self.signs_key.clicked.connect(self._turn_signs)
        self.language_key.clicked.connect(self._turn_language)
        self.enter_key.clicked.connect(self._enter)

    def rescale(self, scale: Scale) -> None:
        """No wider than two hands reach; how tall keys are says the theme."""
        self.grid.setSpacing(scale.gap(0.7))
        self.inside.setMaximumWidth(scale.px(WIDEST))
        side = scale.px(1.1)
        for key, sign in ((self.erase_key, "erase"), (self.shift_key, "shift")):
            key.setIcon(icon(sign, side, "ink"))
            key.setIconSize(QSize(side, side))

    def serve(self, field: QLineEdit, *, language: str = LATIN, names: bool = False) -> None:
        """Type into this field, first in this language; for `names` Latin words begin large."""
        self._field, self._names, self._open = field, names, None
        self._layout = self._letters = language
        self._begin_word()

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self._draw()

    # --- what stands on the keys -----------------------------------------------------------

    @Slot()
    def _draw(self) -> None:
        shifted = self.shift_key.isChecked()
        rows = (SHIFTED if shifted else ROWS)[self._layout]
        for keys, row in zip(self.letters, rows, strict=True):
            for key, sign in zip(keys, row, strict=False):
                key.label(sign)
        self._place_middle(len(rows[1]))
        self.shift_key.label("", say(w.SHIFT))
        self.erase_key.label("", say(w.ERASE))
        self.space_key.label(say(w.SPACE))
        self.space_key.sign = " "
        self.enter_key.label(say(w.ENTER))
        signs = self._layout == SIGNS
        self.signs_key.label(
            NAMES[self._letters] if signs else "123", say(w.LETTERS if signs else w.SIGNS)
        )
        other, spoken = (KOREAN, w.TO_KOREAN) if self._letters == LATIN else (LATIN, w.TO_LATIN)
        self.language_key.label(NAMES[other], say(spoken))
        set_property(self.shift_key, "state", "on" if shifted else "")

    def _place_middle(self, count: int) -> None:
        """Nine letters stand half a key aside under ten."""
        self.spare.setVisible(count > len(ROWS[LATIN][1]))
        aside = len(self.letters[0]) - count
        for place, key in enumerate(self.letters[1]):
            self.grid.removeWidget(key)
            self.grid.addWidget(key, 1, min(aside + 2 * place, COLUMNS - 2), 1, 2)

    @Slot()
    def _turn_signs(self) -> None:
        self._layout = self._letters if self._layout == SIGNS else SIGNS
        self._lower()

    @Slot()
    def _turn_language(self) -> None:
        self._letters = KOREAN if self._letters == LATIN else LATIN
        self._layout = self._letters
        self._begin_word()

    def _begin_word(self) -> None:
        """A name begins with a large letter, where there are such."""
        before = self._before()
        fresh = not before or before[-1] in " -"
        self.shift_key.setChecked(self._names and self._layout == LATIN and fresh)
        self._draw()

    def _lower(self) -> None:
        self.shift_key.setChecked(False)
        self._draw()

    # --- typing ----------------------------------------------------------------------------

    def _before(self) -> str:
        """What stands before the cursor."""
        return self._field.text()[: self._field.cursorPosition()] if self._field is not None else ""

    def _being_written(self) -> str:
        """The Korean syllable that is not finished, if the cursor still stands behind it."""
        before = self._before()
        known = self._field is not None and self._open == (self._field.text(), len(before))
        return before[-1:] if known else ""

    @Slot()
    def _type(self) -> None:
        key = self.sender()
        assert isinstance(key, Key)
        if self._layout == KOREAN:
            written = self._being_written()
            self._write(written, hangul.add(written, key.sign))
        else:
            self._write("", key.sign)
        if self._layout != SIGNS:
            self._lower()

    @Slot()
    def _space(self) -> None:
        self._open = None
        self._press(Qt.Key.Key_Space, " ")
        self._begin_word()

    @Slot()
    def _erase(self) -> None:
        """A letter of the syllable being written, else the whole sign."""
        written = self._being_written()
        if written:
            self._write(written, hangul.drop(written))
        else:
            self._press(Qt.Key.Key_Backspace)
            self._begin_word()

    @Slot()
    def _enter(self) -> None:
        self._press(Qt.Key.Key_Return)

    def _write(self, old: str, new: str) -> None:
        """Put `new` in place of the syllable being written."""
        if old:
            self._press(Qt.Key.Key_Backspace)
        for sign in new:
            self._press(Qt.Key.Key_unknown, sign)
        going_on = self._layout == KOREAN and bool(new) and self._field is not None
        field = self._field
        self._open = (field.text(), field.cursorPosition()) if going_on and field else None

    def _press(self, which: Qt.Key, text: str = "") -> None:
        """As a real keyboard would: fields, time-outs and idle locks notice it alike."""
        if self._field is None:
            return
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, which, Qt.KeyboardModifier.NoModifier, text)
            QApplication.sendEvent(self._field, event)
