"""One setting on the settings page: what it is, what it does, its value, what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from kiosk.core.declaration import Setting, as_text
from kiosk.core.declared.brand import LONGEST_TEXT, LONGEST_TITLE
from kiosk.core.greetings import LONGEST_GREETING
from kiosk.core.settings_layers import Origin
from kiosk.ui.strings import settings as w
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.choice import Choice
from kiosk.ui.toolkit.controls import Scaled, set_property, words
from kiosk.ui.toolkit.theme import Scale

DEVICE_KEYS = {"camera", "microphone"}
MODEL_KEYS = {"face_model", "voice_model"}
FOUND_KEYS = {*DEVICE_KEYS, *MODEL_KEYS, "monitor"}
"""What is chosen among what was found on this machine."""
CONTROL_SHARE = 15
"""Width of the values, in body sizes."""


class SettingRow(QWidget, Scaled):
    """One declared setting. `edited` carries the key whenever a person changes the value."""

    edited = Signal(str)

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setting, self.declared = setting, setting.declared
        self.label, self.help, self.when = words("strong"), words("soft"), words("accent")
        self.when.hide()
        self.unit, self.error = words("soft"), words("strong")
        self.error.setProperty("tone", "alarm")
        self.choice, self.field = Choice(), QLineEdit()
        self.chooses = bool(self.declared.choices) or setting.key in FOUND_KEYS
        self._found: list[tuple[str, str]] = []
        self._covered: Origin | None = None
        self._build()
        self.choice.currentIndexChanged.connect(self._edit)
        self.field.textEdited.connect(self._edit)

    def _build(self) -> None:
        self._value = QWidget()
        inside = QHBoxLayout(self._value)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.choice if self.chooses else self.field, 1)
        inside.addWidget(self.unit)
        self.unit.setVisible(self.declared.unit is not None)
        self.unit.setWordWrap(False)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.addWidget(self.label, 0, 0)
        self._grid.addWidget(self.help, 1, 0)
        self._grid.addWidget(self._value, 0, 1, 2, 1)
        self._grid.addWidget(self.when, 2, 1)
        self._grid.addWidget(self.error, 2, 0)
        self._grid.setColumnStretch(0, 1)
        self.error.hide()

    def rescale(self, scale: Scale) -> None:
        """Values of one width, so that they stand in a column."""
        self._grid.setHorizontalSpacing(scale.gap(4))
        self._grid.setVerticalSpacing(scale.gap(0.4))
        self._value.setFixedWidth(min(scale.px(CONTROL_SHARE), round(scale.width * 0.42)))

    @property
    def text(self) -> str:
        """The value as it stands there."""
        return self.choice.value if self.chooses else self.field.text().strip()

    def show_value(self, value: object, covered: Origin | None = None) -> None:
        """Take a value; `covered` when a layer above the file decides it."""
        self._covered = covered
        if self.chooses:
            self.choice.offer(self.words(), as_text(value))
        else:
            self.field.setText(as_text(value))
        for part in (self.choice, self.field):
            part.setEnabled(covered is None)
        self.tell("")

    def offer(self, found: Sequence[tuple[str, str]]) -> None:
        """What was found on this machine to choose among."""
        self._found = list(found)
        self.choice.offer(self.words(), self.choice.value)

    def words(self) -> list[tuple[str, str]]:
        """Every value that can be chosen, with its words."""
        fixed = [(value, w.told(text)) for value, text in self.declared.choices.items()]
        if self.setting.key in FOUND_KEYS:
            fixed.append(("auto", say(w.AUTO)))
        if self.setting.key in DEVICE_KEYS:
            fixed.append(("none", say(w.NONE)))
        return fixed + self._found

    def tell(self, error: str, *, changed: bool = False) -> None:
        """Say what is wrong, at the field, if the text is not empty; and of a change whether it
        counts at once."""
        self.when.setVisible(changed and not error)
        covered = {
            Origin.COMMAND_LINE: w.COVERED_LINE,
            Origin.ENVIRONMENT: w.COVERED_ENVIRONMENT,
        }
        note = error or (say(covered[self._covered]) if self._covered in covered else "")
        self.error.setText(note)
        self.error.setVisible(bool(note))
        set_property(self.error, "tone", "alarm" if error else "caution")
        set_property(self.field, "state", "wrong" if error else "")

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self.label.setText(w.told(self.declared.label))
        self.help.setText(w.told(self.declared.help))
        self.when.setText(say(w.AT_ONCE if self.declared.at_once else w.AFTER_RESTART))
        self.unit.setText(w.told(self.declared.unit) if self.declared.unit else "")
        for part in (self.choice, self.field):
            part.setAccessibleName(w.told(self.declared.label))
            part.setAccessibleDescription(w.told(self.declared.help))
        if self.chooses and self.choice.count():
            self.choice.offer(self.words(), self.choice.value)

    @Slot()
    def _edit(self) -> None:
        self.edited.emit(self.setting.key)


_WRONG = {
    "accent_colour": (w.WRONG_COLOUR, 0),
    "ground_colour": (w.WRONG_COLOUR, 0),
    "screen_hours": (w.WRONG_HOURS, 0),
    "attract_title": (w.WRONG_LINE, LONGEST_TITLE),
    "attract_text": (w.WRONG_LINE, LONGEST_TEXT),
    "greeting": (w.WRONG_LINE, LONGEST_GREETING),
    "attendance_zone": (w.WRONG_ZONE, 0),
    "attendance_day_begins": (w.WRONG_CLOCK, 0),
    "greeting_until": (w.WRONG_DAY, 0),
}
"""What a text has to be like, with the most letters it may have."""


def what_is_wrong(setting: Setting) -> str:
    """A sentence for a value that the settings refuse."""
    if setting.key == "emotion":
        return say(w.WRONG_EMOTION)
    if setting.key in DEVICE_KEYS:
        return say(w.WRONG_DEVICES)
    if setting.key in _WRONG:
        text, most = _WRONG[setting.key]
        return say(text, most=most)
    if setting.declared.range is None:
        return say(w.WRONG_VALUE)
    low, high = (f"{bound:g}" for bound in setting.declared.range)
    return say(w.WRONG_WHOLE if setting.kind is int else w.WRONG_NUMBER, low=low, high=high)
