"""The page of a fleet's kiosks: how each stands, who has not confirmed a deletion, and putting out
one that was stolen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QTableView, QVBoxLayout

from kiosk.core.errors import FleetUnreachable, KnownError
from kiosk.core.fleet import FleetBoard, KioskLine
from kiosk.core.ports.fleet import FleetOffice
from kiosk.core.status import Light
from kiosk.runtime.fleet.standing import light_of
from kiosk.ui.engine.requests import BackgroundTasks, Requester, Work
from kiosk.ui.staff.kiosks.card import KioskCard, RevokeForm
from kiosk.ui.staff.kiosks.model import Column, KiosksModel, ago
from kiosk.ui.strings import kiosks as w
from kiosk.ui.strings import staff
from kiosk.ui.strings.visitor import error_words, say
from kiosk.ui.toolkit.controls import Button, Card, SignRow, words
from kiosk.ui.toolkit.overlays import Working
from kiosk.ui.toolkit.question import Question
from kiosk.ui.toolkit.tables import ListPage, list_rows, place_beside
from kiosk.ui.toolkit.theme import Scale

LOOK_MS = 5_000
"""Between two questions while the page is shown."""
SMALL_WIDTH = 60
"""In body sizes: below, the table and a kiosk do not stand beside each other."""
TALL_WIDTH = 50
"""The same of an upright screen, where the table has the whole width."""
_NEEDED = (Column.NAME, Column.STATE, Column.CONTACT, Column.UNCONFIRMED)
_WIDTHS = {
    Column.STATE: 8.0,
    Column.SITES: 7.6,
    Column.CONTACT: 7.6,
    Column.BEHIND: 5.4,
    Column.WAITING: 5.4,
    Column.UNCONFIRMED: 6.6,
}


def _now() -> datetime:
    return datetime.now(UTC)


class KiosksPage(ListPage[KioskLine]):
    """Asks on a thread of its own and shows what is known meanwhile. `known` when it turned out
    whether this kiosk belongs to a fleet, `revoked` with the name of one that was put out."""

    title = w.KIOSKS
    known = Signal()
    revoked = Signal(str)

    def __init__(self, office: FleetOffice, now: Callable[[], datetime] = _now) -> None:
        super().__init__()
        self.office, self._now = office, now
        self.tasks = BackgroundTasks(self)
        self._asker: Requester[Work] = Requester(self.tasks, self)
        self._worker: Requester[Work] = Requester(self.tasks, self)
        self.member, self._asking = False, False
        self._board: FleetBoard | None = None
        self._heard: FleetBoard | None = None
        """The newest in which the server answered."""
        self.model = KiosksModel(self)
        self.table, self.card = QTableView(), KioskCard()
        self.notice, self.cut = Card("caution"), SignRow("fault", colour="caution")
        self.reason = words("soft")
        self.count, self.look_button = words("soft"), Button("quiet")
        self.form, self.question, self.working = RevokeForm(self), Question(self), Working(self)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._build()
        self._connect()

    def _build(self) -> None:
        list_rows(self.table, self.model, Column.NAME)
        self.notice.box.addWidget(self.cut)
        self.notice.box.addWidget(self.reason)
        self.body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.body.addWidget(self.table, 3)
        self.body.addWidget(self.card, 2)
        self.below = QHBoxLayout()
        self.below.addWidget(self.count, 1)
        self.look_button.setProperty("place", "bar")
        self.below.addWidget(self.look_button)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.addWidget(self.notice)
        self.box.addLayout(self.body, 1)
        self.box.addLayout(self.below)

    def _connect(self) -> None:
        self._timer.timeout.connect(self.look)
        self.look_button.clicked.connect(self.look)
        self._follow_choice(self.model)
        self.table.clicked.connect(self.open_card)
        self.table.activated.connect(self.open_card)
        self.card.back.connect(self.close_card)
        self.card.revoke.connect(self._ask_revoke)
        self.form.given.connect(self._revoke)
        self._asker.failed.connect(self._not_looked)
        self._worker.failed.connect(self._tell_error)

    def rescale(self, scale: Scale) -> None:
        """Details beside the table or under it; a small screen shows the columns that matter."""
        place_beside(self.body, self.card, scale)
        for layout, steps in ((self.body, 3), (self.below, 2), (self.box, 2)):
            layout.setSpacing(scale.gap(steps))
        narrow = scale.width < scale.body * (TALL_WIDTH if scale.portrait else SMALL_WIDTH)
        self._alone = narrow and not scale.portrait
        if self._alone:
            self.card.setMaximumWidth(scale.width)
        self.card.list_button.setVisible(self._alone)
        self.model.sign_pixels = scale.px(1)
        self.table.verticalHeader().setDefaultSectionSize(scale.px(2.3))
        for column, bodies in _WIDTHS.items():
            self.table.setColumnHidden(column, narrow and column not in _NEEDED)
            self.table.setColumnWidth(column, scale.px(bodies))
        self._place()

    # --- coming and going ------------------------------------------------------------------

    @Slot()
    def find_out(self) -> None:
        """Whether there is anything to show: asked when staff come to the gate."""
        self._asker.ask(self.office.is_member, self._found)

    def _found(self, member: bool) -> None:
        self.member = member
        self.known.emit()

    def enter(self) -> None:
        """Look, and go on looking."""
        self.close_card()
        self.look()
        self._timer.start()
        self.table.setFocus()

    def leave(self) -> None:
        """Rest; nothing of people is shown here, so that what is known may stay."""
        self._timer.stop()
        self.form.put_away()
        self.question.hide()

    def escape(self) -> bool:
        """Close what lies over the page; what is being done cannot be closed."""
        shown = self.question.isVisible() or self.form.isVisible()
        self.question.hide()
        self.form.put_away()
        opened = self._alone and self._opened
        if not shown:
            self.close_card()
        return shown or opened or self.working.isVisible()

    # --- looking ---------------------------------------------------------------------------

    @Slot()
    def look(self) -> None:
        """Ask once; while an answer is awaited nothing more is asked."""
        if not self._asking:
            self._asking = True
            self._asker.ask(self.office.look, self.show_board)
        self._tell()

    def show_board(self, board: FleetBoard) -> None:
        """Take what was found; where the server did not answer, kiosks stay as they were."""
        self._asking = False
        self._board = board
        if board.kiosks is not None:
            self._heard = board
        heard = self._heard
        kiosks = heard.kiosks if heard is not None else None
        self.model.show(kiosks or (), board.name, self._at())

    def _at(self) -> datetime:
        """The moment, by the server's clock, of which kiosks are shown: a line that is cut here
        says nothing of how they are."""
        heard = self._heard
        return heard.at if heard is not None and heard.at is not None else self._now()

    @Slot(object)
    def _not_looked(self, error: KnownError) -> None:
        self._asking = False
        before = self._board
        name = before.name if before is not None else ""
        self.show_board(FleetBoard(name, self._now(), problem=error))

    # --- words -----------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self.look_button.say(say(w.LOOK))
        self.table.setAccessibleName(say(w.KIOSKS))
        self.model.retranslate()
        self._tell()

    def _tell(self) -> None:
        """Everything beside the table."""
        self._tell_line()
        self.count.setText(self._summary())
        self._show_card()

    def _tell_line(self) -> None:
        """That the line is cut, how old what is shown is, and what this kiosk has."""
        board, heard = self._board, self._heard
        problem = board.problem if board is not None else None
        self.notice.setVisible(problem is not None)
        if problem is None or board is None:
            return
        cut = isinstance(problem, FleetUnreachable)
        if heard is None:
            self.cut.say(say(w.CUT_BEFORE if cut else w.REFUSED_BEFORE))
        else:
            time = f"{heard.asked.astimezone():%m-%d %H:%M}"
            of = {"time": time, "when": ago(heard.asked, self._now())}
            self.cut.say(say(w.CUT if cut else w.REFUSED, **of))
        told = [say(w.GOES_ON), *_here(board)]
        self.reason.setText(" · ".join(told) + ("" if cut else f"\n{problem}"))

    def _summary(self) -> str:
        heard = self._heard
        if heard is None or heard.kiosks is None:
            return say(w.ASKING) if self._asking else ""
        lights = [light_of(each, self._at()) for each in heard.kiosks]
        counts = {light.value: lights.count(light) for light in Light}
        missing = [each.name for each in self.model.shown if each.unconfirmed and not each.left]
        confirmed = say(w.ALL_CONFIRMED)
        if missing:
            confirmed = say(w.NOT_CONFIRMED, names=", ".join(missing))
        age = say(w.AS_OF, when=ago(heard.asked, self._now()))
        return f"{say(w.COUNT, all=len(lights), **counts)} {confirmed} {age}"

    def _show_card(self) -> None:
        self.card.show_kiosk(self._chosen, self.model.own, self._at())

    # --- putting one out ---------------------------------------------------------------------

    @Slot()
    def _ask_revoke(self) -> None:
        if self._chosen is not None:
            self.form.begin(self._chosen, self._at())

    @Slot(str, str)
    def _revoke(self, role: str, password: str) -> None:
        """Have it done; it takes as long as the gallery is large."""
        if self._chosen is None:
            return
        name, office, share = self._chosen.name, self.office, self.working.share
        self.working.begin(say(w.REVOKING))

        def work() -> int:
            return office.revoke(name, role, password, share.emit)

        self._worker.ask(work, lambda count: self._tell_revoked(name, count))

    def _tell_revoked(self, name: str, count: int) -> None:
        self.working.hide()
        self.revoked.emit(name)
        text = say(w.REVOKED_TEXT, count=count)
        self.question.ask(say(w.REVOKED, name=name), text, say(staff.DONE), "")
        self.look()

    @Slot(object)
    def _tell_error(self, error: KnownError) -> None:
        self.working.hide()
        self.question.ask(say(staff.FAILED), error_words(error), say(staff.DONE), "")
        self.look()


def _here(board: FleetBoard) -> list[str]:
    """What this kiosk has, and what it still has to send."""
    found = []
    for site, time in board.current.items():
        moment = f"{time.astimezone():%m-%d %H:%M}" if time else ""
        found.append(
            say(w.CURRENT, site=site, time=moment) if time else say(w.CURRENT_NEVER, site=site)
        )
    if board.waiting:
        found.append(say(w.TO_TELL, count=board.waiting))
    return found
