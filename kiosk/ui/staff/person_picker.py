"""Choosing somebody enrolled from a list that is searched: nobody has to know how a name is
written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from PySide6.QtCore import QModelIndex, Qt, Slot
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from kiosk.ui.strings import staff as w
from kiosk.ui.strings import visitor as visitor
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.controls import Button, ButtonRow, Card, words
from kiosk.ui.toolkit.modal import Modal
from kiosk.ui.toolkit.scrolling import by_finger
from kiosk.ui.toolkit.theme import Scale

Picked: TypeAlias = Callable[[int | None], None]
MOST_ROWS = 500
"""More than these nobody scrolls through; the search finds the others."""
_ID = Qt.ItemDataRole.UserRole


class PersonPicker(Modal):
    """A list with a search; answered with a subject's id, or with None where `nobody` is
    offered."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._people: Mapping[int, str] = {}
        self._then: Picked = _nothing
        self.card = Card(steps=1.2)
        self.title, self.text, self.none = words("lead"), words("soft"), words("soft")
        self.search, self.list = QLineEdit(), QListWidget()
        self.choose_button, self.nobody_button = Button("primary"), Button()
        self.back_button = Button("quiet")
        self.buttons = ButtonRow(self.choose_button, self.nobody_button, self.back_button)
        self._build()
        self.search.textChanged.connect(self._seek)
        self.search.returnPressed.connect(self._answer)
        self.list.currentRowChanged.connect(self._allow)
        self.list.doubleClicked.connect(self._double)
        self.choose_button.clicked.connect(self._answer)
        self.nobody_button.clicked.connect(self._answer_nobody)
        self.back_button.clicked.connect(self.hide)

    def _build(self) -> None:
        by_finger(self.list)
        for part in (self.title, self.text, self.search):
            self.card.box.addWidget(part)
        self.card.box.addWidget(self.list, 1)
        self.card.box.addWidget(self.none, 1)
        self.card.box.addWidget(self.buttons)
        self._box = QVBoxLayout(self)
        self._box.addWidget(self.card)

    def rescale(self, scale: Scale) -> None:
        """A card of readable width, as high as there is room."""
        side = max(scale.gap(4), (scale.width - scale.px(34)) // 2)
        above = scale.gap(2 if scale.low else 6)
        self._box.setContentsMargins(side, above, side, above)
        self.text.setVisible(not scale.low)

    def ask(
        self, title: str, text: str, people: Mapping[int, str], then: Picked, nobody: str = ""
    ) -> None:
        """Show the names of subjects by their ids."""
        self._people, self._then = people, then
        self.title.setText(title)
        self.text.setText(text)
        self.none.setText(say(w.PICK_NONE))
        self.choose_button.say(say(w.PICK))
        self.nobody_button.say(nobody)
        self.nobody_button.setVisible(bool(nobody))
        self.back_button.say(say(visitor.BACK))
        self.search.setPlaceholderText(say(w.SEARCH))
        self.search.setAccessibleName(say(w.SEARCH))
        self.list.setAccessibleName(title)
        self.search.clear()
        self._seek("")
        self.cover()
        self.buttons.arrange()
        self.search.setFocus()

    @Slot(str)
    def _seek(self, text: str) -> None:
        sought = text.strip().casefold()
        found = [pair for pair in self._people.items() if sought in pair[1].casefold()]
        self.list.clear()
        for number, name in sorted(found, key=lambda pair: pair[1].casefold())[:MOST_ROWS]:
            item = QListWidgetItem(name)
            item.setData(_ID, number)
            self.list.addItem(item)
        self.list.setVisible(bool(found))
        self.none.setVisible(not found)
        if sought and len(found) == 1:
            self.list.setCurrentRow(0)
        self._allow()

    @property
    def chosen(self) -> int | None:
        """The id of whoever is chosen."""
        item = self.list.currentItem()
        return None if item is None else int(item.data(_ID))

    @Slot()
    def _allow(self) -> None:
        self.choose_button.setEnabled(self.chosen is not None)

    @Slot()
    def _answer(self) -> None:
        chosen = self.chosen
        if chosen is not None:
            self._end(chosen)

    @Slot()
    def _answer_nobody(self) -> None:
        self._end(None)

    @Slot(QModelIndex)
    def _double(self, _index: QModelIndex) -> None:
        self._answer()

    def forget(self) -> None:
        """Nobody is listed for whoever comes next."""
        self._people = {}
        self.list.clear()

    def _end(self, chosen: int | None) -> None:
        then, self._then = self._then, _nothing
        self.hide()
        then(chosen)


def _nothing(_chosen: int | None) -> None:
    """Nobody has asked."""
