"""The admin window: the gate, then the pages; closes itself when nobody touches it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from kiosk.core.events import Fault, VisitDecision
from kiosk.core.own_files import OwnFiles
from kiosk.core.ports.audit import Act
from kiosk.core.records import PersonSummary
from kiosk.core.settings import Settings
from kiosk.runtime.passphrase import Passphrase, Role, Staff
from kiosk.runtime.places import file_places
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.engine.clients import GalleryClient
from kiosk.ui.engine.services import Services
from kiosk.ui.engine.staff_calls import StaffCalls
from kiosk.ui.staff.attendance.page import AttendancePage
from kiosk.ui.staff.enrolment.page import EnrolPage
from kiosk.ui.staff.health_page import HealthPage
from kiosk.ui.staff.idle import IdleLock
from kiosk.ui.staff.kiosks.page import KiosksPage
from kiosk.ui.staff.passphrase_gate import PassphraseGate
from kiosk.ui.staff.people.page import PeoplePage
from kiosk.ui.staff.record import StaffRecord
from kiosk.ui.staff.screen_keyboard import ScreenKeyboard
from kiosk.ui.staff.settings.page import SettingsPage
from kiosk.ui.staff.visits.page import VisitsPage
from kiosk.ui.strings import staff as w
from kiosk.ui.strings import visitor as visitor
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.controls import (
    BadgeButton,
    Button,
    Card,
    Scaled,
    SignRow,
    set_property,
    words,
)
from kiosk.ui.toolkit.language import Language
from kiosk.ui.toolkit.page import AdminPage
from kiosk.ui.toolkit.theme import STAFF_NARROW, theme

DRAFT_MS = 900_000
"""So long an enrolment that is not saved waits behind the gate; then its samples are forgotten."""
_SIGNS_OF_LIFE = {QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel}


class AdminWindow(QWidget):
    """`closed` when the walk-up screen may go on."""

    closed = Signal()
    leave_kiosk = Signal()
    restart = Signal()
    adopted = Signal(object)

    def __init__(
        self,
        client: GalleryClient,
        passphrase: Passphrase,
        settings: Settings,
        language: Language,
        services: Services | None = None,
        preview: Mailbox | None = None,
        calls: StaffCalls | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._settings, self._language = settings, language
        self.calls = calls or StaffCalls(client, parent=self)
        self.calls.changed.connect(self._show_call)
        self.gate, self.people = (
            PassphraseGate(passphrase),
            PeoplePage(client, OwnFiles.of(settings), partial(file_places, settings)),
        )
        self.people.work.greets = settings.greetings
        self.people.adopt(settings)
        self.adopted.connect(self.people.adopt)
        self.visits = VisitsPage(client, settings)
        self.adopted.connect(self.visits.adopt)
        self.attendance = AttendancePage(client, settings)
        self.adopted.connect(self.attendance.adopt)
        self.visits.person.connect(self._enrolled)
        self._desk, self._services = client, services
        office = services.fleet if services is not None else None
        self.kiosks = KiosksPage(office) if office is not None else None
        self._preview = preview or Mailbox()
        self.enrolment = EnrolPage(client, self._preview, settings, language)
        self.adopted.connect(self.enrolment.adopt)
        self.tabs: dict[AdminPage, BadgeButton] = {}
        self._narrow, self._close = False, 0
        self._role, self._leaving = Role.OPERATOR, False
        self._posing = False
        self._idle = IdleLock(self)
        self._idle.expired.connect(self.close)
        self._draft = QTimer(self)
        self._draft.setSingleShot(True)
        self._draft.setInterval(DRAFT_MS)
        self._draft.timeout.connect(self.forget_draft)
        self.record = StaffRecord(client, self)
        self.gate.tried.connect(self.record.tried)
        self.gate.opened.connect(self._enter)
        self.gate.left.connect(self.close)
        language.changed.connect(self.retranslate)
        self._build()

    def _build(self) -> None:
        self.heading = words("accent")
        self.language_button, self.close_button = Button("quiet", "globe"), Button("quiet")
        self.typing = ScreenKeyboard(self, self._language)
        self.keyboard_button, self.keyboard = self.typing.button, self.typing.keyboard
        for button in (self.language_button, self.close_button):
            button.setProperty("place", "bar")
        self.language_button.clicked.connect(self._switch_language)
        self.close_button.clicked.connect(self.close)
        self.bar, self.tab_bar = QHBoxLayout(), QHBoxLayout()
        self.bar.addWidget(self.heading, 1)
        self.bar.addLayout(self.tab_bar)
        self.bar.addStretch(0)
        self.bar.addWidget(self.keyboard_button)
        self.bar.addWidget(self.language_button)
        self.bar.addWidget(self.close_button)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.gate)
        self.call_row, self.call_button = SignRow("bell", colour="caution"), Button()
        self.call_button.setProperty("place", "bar")
        self.call_button.clicked.connect(self.calls.answer)
        self.call_notice = Card("caution")
        line = QHBoxLayout()
        line.addWidget(self.call_row, 1)
        line.addWidget(self.call_button)
        self.call_notice.box.addLayout(line)
        self.add_page(self.people)
        self.add_page(self.visits)
        self.add_page(self.attendance)
        if self.kiosks is not None:
            self.kiosks.known.connect(self._show_tabs)
            self.kiosks.revoked.connect(self._note_revoked)
            self.add_page(self.kiosks)
        self.pages.addWidget(self.enrolment)
        self.people.enrol.connect(self._enrol)
        self.enrolment.done.connect(self._enrolled)
        self.enrolment.alive.connect(self._idle.alive)
        self.enrolment.posing.connect(self._pose)
        self.people.model.modelReset.connect(self._tell_waiting)
        if self._services is not None:
            self._add_machine_pages(self._services)
        self.box = QVBoxLayout(self)
        self.box.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.box.addLayout(self.bar)
        self.box.addWidget(self.call_notice)
        self.box.addWidget(self.pages, 1)
        self.box.addWidget(self.keyboard)

    def _add_machine_pages(self, services: Services) -> None:
        self.settings_page = SettingsPage(self._desk, services, self._settings, self._preview)
        self.settings_page.restart.connect(self.restart)
        self.settings_page.adopted.connect(self.adopted)
        self.settings_page.saved.connect(self._settings_saved)
        self.add_page(self.settings_page)
        self.health_page = HealthPage(services.health_service, services.power)
        self.health_page.power.restart.connect(self.restart)
        self.health_page.power.done.connect(self._note_power)
        self.add_page(self.health_page)

    def add_page(self, page: AdminPage) -> None:
        """One more page, with a tab."""
        tab = BadgeButton("quiet")
        tab.setProperty("place", "bar")
        tab.clicked.connect(self._turn)
        self.tabs[page] = tab
        self.tab_bar.addWidget(tab)
        self.pages.addWidget(page)

    # --- coming and going ----------------------------------------------------------------------

    def begin(self, *, leaving: bool = False) -> None:
        """Show the gate; `leaving`, an operator who passes it ends the kiosk."""
        self._leaving = leaving
        self._draft.stop()
        self._show_gate()
        if self.kiosks is not None:
            self.kiosks.find_out()
        self.retranslate()
        self._idle.start()
        _application().installEventFilter(self)

    def _show_gate(self, text: str = "") -> None:
        self.typing.hide()
        self.pages.setCurrentWidget(self.gate)
        self._show_tabs()
        self.gate.begin(text)

    @Slot(bool)
    def _pose(self, posing: bool) -> None:
        """The person who is enrolled has the kiosk: nothing leads to the other pages. Whatever ends
        that, staff prove who they are before they go on."""
        self._posing = posing
        if posing or not self.isVisible() or self._draft.isActive():
            self._show_tabs()
        else:
            self._show_gate(w.GATE_HAND_BACK)

    @Slot()
    def forget_draft(self) -> None:
        """Nobody came back for an enrolment that was not saved, or the kiosk ends."""
        self._draft.stop()
        self.enrolment.leave()

    def lock_after(self, milliseconds: int) -> None:
        """How long the screens stay open without a touch, from now on."""
        self._idle.start(milliseconds)

    @Slot(object)
    def _enter(self, staff: Staff) -> None:
        self._role = staff.role
        if not self._leaving:
            self.limit_to(staff.role)
            goes_on = self.enrolment.draft and staff.role is not Role.AUDITOR
            self.turn_to(self.enrolment if goes_on else self.allowed()[0])
        elif staff.role is Role.OPERATOR:
            self.leave_kiosk.emit()
        else:
            self.gate.refuse()

    def allowed(self) -> list[AdminPage]:
        """The pages of whoever passed the gate; a role that has none here sees no page."""
        there = [page for page in self.tabs if self._is_used(page)]
        of_role: dict[Role, list[AdminPage]] = {
            Role.OPERATOR: there,
            Role.ENROLLER: [self.people],
            Role.AUDITOR: [page for page in there if self._only_looks(page)],
        }
        return of_role[self._role]

    def _only_looks(self, page: AdminPage) -> bool:
        return isinstance(page, VisitsPage | AttendancePage | HealthPage)

    def _is_used(self, page: AdminPage) -> bool:
        """A page of a use that is switched off is not there; nor are a fleet's kiosks where this
        one belongs to none."""
        if isinstance(page, KiosksPage):
            return page.member
        return page is not self.attendance or self._settings.attendance

    def limit_to(self, role: Role) -> None:
        """What a role may not do is not offered."""
        self._role = role
        self.people.carry(everybody=role is Role.OPERATOR)
        self.visits.card.may_correct = role is Role.OPERATOR
        self.attendance.card.may_correct = role is Role.OPERATOR
        if self._services is not None:
            self.health_page.power.button.setVisible(role is Role.OPERATOR)

    @Slot(object)
    def _settings_saved(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.record.note(Act.SETTING, key=key)

    @Slot(str)
    def _note_power(self, what: str) -> None:
        self.record.note(Act.POWER, what=what)

    @Slot(str)
    def _note_revoked(self, name: str) -> None:
        self.record.note(Act.FLEET, what="put out", name=name)

    @Slot(object)
    def _enrol(self, person: PersonSummary | None) -> None:
        self.turn_to(self.enrolment)
        self.enrolment.begin(person)

    @Slot(str)
    def _enrolled(self, name: str) -> None:
        self.turn_to(self.people)
        self.people.load(name)

    @Slot(object)
    def take(self, event: object) -> None:
        """From the engine: what is out of order, until it works again; a visit that came to its end
        says so as well."""
        if isinstance(event, Fault):
            self.people.show_fault(None if event.restored else event)
        elif isinstance(event, VisitDecision) and event.final:
            self.people.show_fault(None)

    @Slot()
    def _turn(self) -> None:
        tab = self.sender()
        self.turn_to(next(page for page, each in self.tabs.items() if each is tab))

    def turn_to(self, page: AdminPage) -> None:
        """Show a page; the one before forgets what it showed."""
        before = self.pages.currentWidget()
        if isinstance(before, AdminPage):
            before.leave()
        self.typing.hide()
        self.pages.setCurrentWidget(page)
        self._show_tabs()
        self.record.note(Act.PAGE, page=page.title)
        page.enter()

    @Slot()
    def _show_tabs(self) -> None:
        inside = self.pages.currentWidget() is not self.gate
        free = inside and not self._posing
        self.heading.setVisible(not inside)
        self.bar.setStretch(2, 1 if inside else 0)
        self.close_button.setVisible(not self._posing)
        self.keyboard_button.setVisible(not self._posing)
        self.close_button.say(say(w.LOG_OUT if inside else w.CLOSE))
        for page, tab in self.tabs.items():
            tab.setVisible(free and page in self.allowed())
            set_property(tab, "tab", "here" if page is self.pages.currentWidget() else "")
        self._fit_bar()
        self._show_call()

    @Slot()
    def _show_call(self) -> None:
        """Somebody waits for staff: that stands over every page until one of them has seen to it;
        before the gate it is only told."""
        since = self.calls.since
        self.call_notice.setVisible(since is not None)
        inside = self.pages.currentWidget() is not self.gate
        self.call_button.setVisible(inside and not self._posing)
        self.call_button.say(say(w.CALL_ANSWER))
        if since is not None:
            self.call_row.say(say(w.CALL_NOTICE, time=f"{since.astimezone():%m-%d %H:%M}"))

    @Slot()
    def _tell_waiting(self) -> None:
        """How many enrolled themselves whom staff have not looked at."""
        self.tabs[self.people].count(self.people.model.waiting, say(w.TO_CHECK))

    @Slot()
    def retranslate(self) -> None:
        """Render the texts in the language in use."""
        self.setWindowTitle(say(w.ADMIN_TITLE))
        self.heading.setText(say(w.ADMIN_TITLE))
        self.typing.retranslate()
        self.gate.retranslate()
        self.enrolment.retranslate()
        for page, tab in self.tabs.items():
            tab.say(say(page.title))
            page.retranslate()
        self._show_tabs()
        self._tell_waiting()

    @Slot()
    def _switch_language(self) -> None:
        self._language.switch_to(self._language.other)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Everything follows the size of the window."""
        super().resizeEvent(event)
        self.take_size(event.size())

    def take_size(self, size: QSize) -> None:
        """Lengths and style sheet for a size; staff stand nearer than visitors."""
        scale = theme().scale(size, self._settings.screen_inches, staff=True)
        self.setStyleSheet(theme().style_sheet(scale))
        self._narrow, self._close = scale.width < STAFF_NARROW * scale.body, scale.gap(0.5)
        side = scale.gap(4)
        self.box.setContentsMargins(side, scale.gap(2), side, side)
        self.box.setSpacing(scale.gap(2))
        for child in self.findChildren(QWidget):
            if isinstance(child, Scaled):
                child.rescale(scale)
        self._fit_bar()

    def _fit_bar(self) -> None:
        """Where so many pages have no room in the bar, they move together, and the name of the
        other language gives way to its sign."""
        self.language_button.say("" if self._narrow else say(visitor.OTHER_LANGUAGE))
        self.language_button.setAccessibleName(say(visitor.OTHER_LANGUAGE_SPOKEN))
        beside = (self.keyboard_button, self.language_button, self.close_button)
        shown = [each for each in (*self.tabs.values(), *beside) if not each.isHidden()]
        for layout in (self.bar, self.tab_bar):
            layout.setSpacing(-1)  # as the style has it
        margins = self.box.contentsMargins()
        room = self.width() - margins.left() - margins.right()
        needed = sum(each.sizeHint().width() + self.bar.spacing() for each in shown)
        if needed > room:
            self.language_button.say("")
            for layout in (self.bar, self.tab_bar):
                layout.setSpacing(self._close)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Every touch keeps the screens open; a field that is touched may want a keyboard."""
        if event.type() in _SIGNS_OF_LIFE:
            self._idle.keeps = self.enrolment.draft
            self._idle.alive()
        self.typing.notice(watched, event)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape closes a question first, then the screens."""
        page = self.pages.currentWidget()
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif not (isinstance(page, AdminPage) and page.escape()):
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Lock: whoever comes next needs the passphrase again. An enrolment that is not saved waits
        a while for staff to come back."""
        self.typing.hide()
        self._idle.stop()
        _application().removeEventFilter(self)
        for page in self.tabs:
            page.leave()
        if self.enrolment.draft:
            self.enrolment.set_aside()
            self._draft.start()
        else:
            self.hide()
            self.enrolment.leave()
        self.record.left()
        super().closeEvent(event)
        self.closed.emit()


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application
