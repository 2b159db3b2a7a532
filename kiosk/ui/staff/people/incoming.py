"""Who would come in with an archive, whom they resemble, and who made it: before anybody does."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from kiosk.core.records import Incoming
from kiosk.core.signers import Signer, Trust
from kiosk.ui.strings import archive as w
from kiosk.ui.strings import visitor
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.controls import Button, ButtonRow, Card, words
from kiosk.ui.toolkit.modal import Modal
from kiosk.ui.toolkit.scrolling import by_finger
from kiosk.ui.toolkit.theme import Scale, icon

MOST_ROWS = 500
"""More than these nobody reads; those with something to look at come first."""
SIGN_PIXELS = 64
_SIGNED = {
    Trust.OWN: w.SIGNED_OWN,
    Trust.TRUSTED: w.SIGNED_TRUSTED,
    Trust.UNKNOWN: w.SIGNED_UNKNOWN,
    Trust.UNSIGNED: w.SIGNED_NOT,
}


class IncomingList(Modal):
    """A list to be read, then taken in or left."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._then: Callable[[], None] = _nothing
        self.card = Card(steps=1.2)
        self.title, self.text, self.blocked = words("lead"), words("soft"), words("strong")
        self.list = QListWidget()
        self.take_button, self.leave_button = Button("primary"), Button()
        self.buttons = ButtonRow(self.take_button, self.leave_button)
        by_finger(self.list)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.list.setWordWrap(True)
        self.card.box.addWidget(self.title)
        self.card.box.addWidget(self.text)
        self.card.box.addWidget(self.list, 1)
        self.card.box.addWidget(self.blocked)
        self.card.box.addWidget(self.buttons)
        self._box = QVBoxLayout(self)
        self._box.addWidget(self.card)
        self.take_button.clicked.connect(self._take)
        self.leave_button.clicked.connect(self.hide)

    def rescale(self, scale: Scale) -> None:
        """A card of readable width, as high as there is room."""
        side = max(scale.gap(4), (scale.width - scale.px(40)) // 2)
        above = scale.gap(2 if scale.low else 6)
        self._box.setContentsMargins(side, above, side, above)
        self.list.setSpacing(scale.gap(1))
        self.list.setIconSize(QSize(scale.px(1.6), scale.px(1.6)))

    def show_people(
        self, people: Sequence[Incoming], signer: Signer, then: Callable[[], None]
    ) -> None:
        """Who would come in; `then` once staff have said so."""
        self._then = then
        taken = any(each.taken for each in people)
        self.title.setText(say(w.INCOMING_TITLE))
        signed = say(_SIGNED[signer.trust], name=signer.name, mark=signer.fingerprint)
        self.text.setText(f"{say(w.INCOMING_COUNT, count=len(people))} {signed}")
        self.blocked.setText(say(w.INCOMING_BLOCKED))
        self.blocked.setVisible(taken)
        self.take_button.say(say(w.INCOMING_YES))
        self.take_button.setEnabled(bool(people) and not taken)
        self.leave_button.say(say(visitor.BACK))
        self.list.setAccessibleName(say(w.INCOMING_TITLE))
        self.list.clear()
        for each in sorted(people, key=_first)[:MOST_ROWS]:
            self.list.addItem(_item(each))
        self.cover()
        self.buttons.arrange()
        self.leave_button.setFocus()

    def forget(self) -> None:
        """Nobody is listed for whoever comes next."""
        self.list.clear()
        self._then = _nothing

    @Slot()
    def _take(self) -> None:
        then = self._then
        self.hide()
        then()


def _first(person: Incoming) -> tuple[bool, bool, float, str]:
    """Whoever has to be looked at stands first, then whoever resembles somebody most."""
    return (not person.taken, not person.alike, -person.score, person.name.casefold())


def _item(person: Incoming) -> QListWidgetItem:
    consent = say(w.INCOMING_CONSENT if person.consent else w.INCOMING_NO_CONSENT)
    lines = [person.name, say(w.INCOMING_LINE, count=person.templates, consent=consent)]
    if person.nearest:
        lines.append(say(w.INCOMING_NEAREST, name=person.nearest, score=f"{person.score:.2f}"))
    if person.taken:
        lines.append(say(w.INCOMING_TAKEN))
    elif person.alike:
        lines.append(say(w.INCOMING_ALIKE, name=person.alike))
    item = QListWidgetItem("\n".join(lines))
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    if person.taken or person.alike:
        item.setIcon(icon("question", SIGN_PIXELS, "caution"))
    return item


def _nothing() -> None:
    """Nobody has asked."""
