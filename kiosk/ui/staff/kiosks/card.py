"""One kiosk beside the table, and the form by which it is put out of the fleet."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from kiosk.core.fleet import KioskLine
from kiosk.runtime.fleet.standing import light_of, troubles_of
from kiosk.ui.staff.kiosks.model import SIGNS, ago
from kiosk.ui.strings import kiosks as w
from kiosk.ui.strings import staff
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.controls import Button, ButtonRow, Card, SignRow, words
from kiosk.ui.toolkit.question import Question
from kiosk.ui.toolkit.scrolling import scrolling
from kiosk.ui.toolkit.theme import Scale

TALL = 18
"""In body sizes: the height under a table."""
LEAST = 18
"""In body sizes: lower than this is what a keyboard leaves of a small screen."""
USUAL_OWNER = "postgres"


class KioskCard(Card):
    """How a kiosk stands, in sentences."""

    revoke = Signal()
    back = Signal()

    def __init__(self) -> None:
        super().__init__(steps=0.8)
        self.list_button = Button("quiet")
        self.list_button.setProperty("place", "bar")
        self.list_button.clicked.connect(self.back)
        self.list_button.hide()
        self.name, self.state = words("name"), SignRow("check", role="strong")
        self.troubles, self.facts = words("body"), words("soft")
        self.revoke_button = Button("danger")
        self.revoke_button.clicked.connect(self.revoke)
        content = QWidget()
        self._inside = QVBoxLayout(content)
        self._inside.setContentsMargins(0, 0, 0, 0)
        top = QHBoxLayout()
        top.addWidget(self.name, 1)
        top.addWidget(self.list_button)
        self._inside.addLayout(top)
        self._more = (self.state, self.troubles, self.facts)
        for part in self._more:
            self._inside.addWidget(part)
        self._inside.addStretch(1)
        self.box.addWidget(scrolling(content, by_keys=True), 1)
        self.buttons = ButtonRow(self.revoke_button)
        self.box.addWidget(self.buttons)

    def rescale(self, scale: Scale) -> None:
        """On a tall screen as high as its words need."""
        super().rescale(scale)
        self._inside.setSpacing(scale.gap(0.8))
        self.setMinimumHeight(scale.px(TALL) if scale.portrait else 0)

    def show_kiosk(self, line: KioskLine | None, own: str, now: datetime) -> None:
        """A kiosk, or the request to choose one; none puts itself out."""
        for part in self._more:
            part.setVisible(line is not None)
        may = line is not None and line.name != own and not (line.revoked or line.left)
        self.buttons.setVisible(may)
        self.list_button.say(say(staff.TO_LIST))
        self.revoke_button.say(say(w.REVOKE))
        if line is None:
            self.name.setText(say(w.CHOOSE))
            return
        light = light_of(line, now)
        self.name.setText(line.name)
        self.state.say(say(w.LIGHTS[light]), *SIGNS[light])
        self.troubles.setText("\n".join(trouble_lines(line, now)))
        self.facts.setText("\n".join(_facts(line, now)))
        self.buttons.arrange()


def trouble_lines(line: KioskLine, now: datetime) -> list[str]:
    """What is to be said of it, or that there is nothing."""
    values = {
        "behind": line.behind,
        "waiting": line.waiting,
        "oldest": _moment(line.oldest),
        "unconfirmed": line.unconfirmed,
        "since": _moment(line.unconfirmed_since),
        "minutes": round(abs(line.skew or 0.0) / 60),
        "revoked": _moment(line.revoked),
        "destroyed": _moment(line.destroyed),
        "left": _moment(line.left),
    }
    told = [f"· {say(w.TROUBLES[each], **values)}" for each in troubles_of(line, now)]
    return told or [say(w.NOTHING_MISSING)]


def _facts(line: KioskLine, now: datetime) -> list[str]:
    found = [
        say(w.SITES, sites=", ".join(line.sites)),
        say(w.CONTACT, when=_moment(line.contact) if line.contact else ago(None, now)),
    ]
    if line.people is not None:
        found.append(say(w.PEOPLE, count=line.people))
    if line.program:
        found.append(say(w.PROGRAM, program=line.program, ring=line.ring))
    return found


def _moment(time: datetime | None) -> str:
    return "–" if time is None else f"{time.astimezone():%Y-%m-%d %H:%M}"


class RevokeForm(Question):
    """What is lost, and who owns the server; stays until it is answered. `given` with role and
    password, which is forgotten here at once."""

    given = Signal(str, str)

    def __init__(self, page: QWidget) -> None:
        self._least = 0
        super().__init__(page)
        self.owner_label, self.owner = words("soft"), QLineEdit()
        self.password_label = words("soft")
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        grid = QGridLayout()  # beside each other: a small screen with a keyboard has few lines
        self.card.box.insertLayout(self.card.box.indexOf(self.field), grid)
        pairs = ((self.owner_label, self.owner), (self.password_label, self.field))
        for column, pair in enumerate(pairs):
            for row, part in enumerate(pair):
                grid.addWidget(part, row, column)
        self.owner.returnPressed.connect(self.field.setFocus)
        self.no_button.clicked.connect(self.put_away)
        self.field.returnPressed.disconnect(self._answer)  # nothing goes by a slip of a key

    def rescale(self, scale: Scale) -> None:
        """A card in the middle."""
        super().rescale(scale)
        self._least = scale.px(LEAST)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """What is lost was read before a keyboard came, and gives way to it."""
        super().resizeEvent(event)
        self.text.setVisible(self.height() >= self._least)

    def begin(self, line: KioskLine, now: datetime) -> None:
        """About one kiosk."""
        title = say(w.REVOKE_TITLE, name=line.name)
        text = say(w.REVOKE_TEXT, waiting=_lost(line, now))
        self.owner_label.setText(say(w.OWNER))
        self.password_label.setText(say(w.PASSWORD))
        self.owner.setAccessibleName(say(w.OWNER))
        self.owner.setText(USUAL_OWNER)
        self.ask(title, text, say(w.REVOKE), say(staff.KEEP), "", danger=True)
        self.field.setAccessibleName(say(w.PASSWORD))
        self.no_button.setFocus()

    @Slot()
    def put_away(self) -> None:
        """Closed without an answer; no password stays in a field."""
        self.hide()
        self.field.clear()

    @Slot()
    def _answer(self) -> None:
        role, password = self.owner.text().strip(), self.field.text()
        self.put_away()
        self.given.emit(role, password)


def _lost(line: KioskLine, now: datetime) -> str:
    """What it had not sent, as far as is known."""
    if line.contact is None:
        return say(w.LOST_UNKNOWN, when=say(w.LOST_NEVER))
    when = ago(line.contact, now)
    if not line.waiting:
        return say(w.LOST_UNKNOWN, when=say(w.LOST_AFTER, when=when))
    return say(w.LOST_WAITING, count=line.waiting, when=when)
