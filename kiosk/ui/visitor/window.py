"""The window of the walk-up screen: bar, stage, words, and the layout for every shape of screen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QCloseEvent,
    QKeyEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QStackedWidget, QVBoxLayout, QWidget

from kiosk.core.settings import Settings
from kiosk.recognition.estimate_formats import fused
from kiosk.ui.capture.camera_preview import CameraPreview
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.engine.clients import EnrolmentClient, GalleryClient
from kiosk.ui.engine.staff_calls import StaffCalls
from kiosk.ui.strings import visitor as w
from kiosk.ui.toolkit.brand import Logo, brand_image
from kiosk.ui.toolkit.controls import Button, Scaled
from kiosk.ui.toolkit.illustrations import OutcomeSign, Stage, Welcome
from kiosk.ui.toolkit.language import Language
from kiosk.ui.toolkit.overlays import Choices
from kiosk.ui.toolkit.theme import Scale, theme
from kiosk.ui.visitor.estimates import EstimateCard
from kiosk.ui.visitor.notices import CallCard, LimitedBanner, ReadingCard, TimeoutDialog
from kiosk.ui.visitor.panels import (
    AttractPanel,
    LookPanel,
    MessagePanel,
    Panel,
    ResultPanel,
    SpeakPanel,
    ThinkPanel,
)
from kiosk.ui.visitor.prompts import Caption
from kiosk.ui.visitor.self_enrolment import SelfEnrolment
from kiosk.ui.visitor.walkup import LIVE, Page, View, WalkUp

STAFF_KEYS = QKeyCombination(
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_A
)
PANEL_SHARE_PORTRAIT = 0.41
PANEL_SHARE_LANDSCAPE = 0.46
PANEL_SHARE_COMPACT = 0.63
_SIGNS = {
    Page.UNKNOWN: ("question", "accent"),
    Page.CONTRADICTED: ("question", "caution"),
    Page.UNUSABLE: ("again", "caution"),
    Page.NOT_LIVE: ("question", "caution"),
    Page.NOT_ME: ("not-me", "caution"),
    Page.FAULT: ("fault", "alarm"),
}


class WalkUpWindow(QWidget):
    """Shows the views of a `WalkUp` and passes touches back to it."""

    staff = Signal()
    retry = Signal()
    leave = Signal()
    held = False

    def __init__(
        self,
        model: WalkUp,
        settings: Settings,
        mailbox: Mailbox,
        language: Language,
        session: EnrolmentClient | None = None,
        calls: StaffCalls | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.model, self.settings, self.language = model, settings, language
        self.calls = calls or StaffCalls(GalleryClient(self), parent=self)
        self._controls_high = settings.controls == "high"
        self._scale: Scale | None = None
        self._page: tuple[Page, bool] | None = None
        self._moved = 0, 0
        moves = settings.motion == "full"
        picture = brand_image("attract_picture", settings.attract_picture)
        self._logo = brand_image("logo", settings.logo)
        self.logo = Logo(self._logo)
        self.welcome, self.camera_preview = (
            Welcome(moves=moves, picture=picture),
            CameraPreview(mailbox, moves=moves),
        )
        self.outcome_sign = OutcomeSign()
        self.enrolment = SelfEnrolment(
            session or EnrolmentClient(self), mailbox, settings, language
        )
        self.panels = self._make_panels()
        self._build()
        self._connect()
        self._show(model.view)

    def _make_panels(self) -> dict[Page, Panel]:
        message = MessagePanel(self.settings)
        return {
            Page.ATTRACT: AttractPanel(self.settings),
            Page.LOOK: LookPanel(self.settings),
            Page.SPEAK: SpeakPanel(self.settings),
            Page.THINK: ThinkPanel(self.settings),
            Page.IDENTIFIED: ResultPanel(self.settings),
            Page.UNKNOWN: message,
            Page.CONTRADICTED: message,
            Page.UNUSABLE: message,
            Page.NOT_LIVE: message,
            Page.NOT_ME: message,
            Page.ENROL: message,
            Page.FAULT: message,
        }

    def _build(self) -> None:
        self.language_button = Button("quiet", "globe")
        self.reach_button = Button("quiet", "height")
        self.call_button = Button("plain", "bell")
        for button in (self.language_button, self.reach_button, self.call_button):
            button.setProperty("place", "bar")
        self.bar = QHBoxLayout()
        self.bar.addWidget(self.logo)
        self.bar.addWidget(self.reach_button)
        self.bar.addStretch(1)
        self.bar.addWidget(self.call_button)
        self.bar.addWidget(self.language_button)
        self.stage, self.panel = QStackedWidget(), QStackedWidget()
        for drawing in (self.welcome, self.camera_preview, self.outcome_sign):
            self.stage.addWidget(drawing)
        for panel in dict.fromkeys(self.panels.values()):
            self.panel.addWidget(panel)
        self.body = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self.left = QWidget()
        self.left_box = QVBoxLayout(self.left)
        self.left_box.setContentsMargins(0, 0, 0, 0)
        self.estimates = EstimateCard()
        self.left_box.addWidget(self.stage, 1)
        self.left_box.addWidget(self.estimates)
        self.body.addWidget(self.left, 1)
        self.body.addWidget(self.panel)
        self.banner = LimitedBanner()
        self.caption = Caption(self, self.stage)
        self.box = QVBoxLayout(self)
        # The window says how much room there is, not the words on it.
        self.box.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.box.addLayout(self.bar)
        self.box.addLayout(self.body, 1)
        self.box.addWidget(self.enrolment, 1)
        self.enrolment.hide()
        self.reading, self.call_card = ReadingCard(), CallCard(self.calls)
        self.box.addWidget(self.reading)
        self.box.addWidget(self.call_card)
        self.box.addWidget(self.banner)
        self.take_back_button, self.again_button = Button(), Button("primary", "bell")
        self.call_menu = Choices(self, (self.again_button, self.take_back_button))
        self.take_back_button.clicked.connect(self.calls.take_back)
        self.again_button.clicked.connect(self.calls.call)
        self.timeout = TimeoutDialog(self)

    def _connect(self) -> None:
        model, panels = self.model, self.panels
        model.changed.connect(self._show)
        model.forgotten.connect(self._forget)
        self.welcome.held.connect(self.staff)
        self.outcome_sign.held.connect(self._hold_medallion)
        self.language.changed.connect(self._retranslate)
        self.language_button.clicked.connect(self._switch_language)
        self.reach_button.clicked.connect(self._move_controls)
        self.timeout.more.connect(model.touched)
        self.timeout.finish.connect(model.finish)
        self.timeout.call.connect(self._call_staff)
        self.call_button.clicked.connect(self._call_staff)
        self.calls.changed.connect(self._show_call)
        attract, look, speak = panels[Page.ATTRACT], panels[Page.LOOK], panels[Page.SPEAK]
        result, message = panels[Page.IDENTIFIED], panels[Page.UNKNOWN]
        assert isinstance(attract, AttractPanel)
        assert isinstance(look, LookPanel)
        assert isinstance(speak, SpeakPanel)
        assert isinstance(result, ResultPanel)
        assert isinstance(message, MessagePanel)
        attract.start.connect(model.start)
        look.back.connect(model.finish)
        look.voice_only.connect(model.by_voice)
        speak.back.connect(model.finish)
        speak.skip.connect(model.skip_voice)
        result.finish.connect(model.finish)
        result.not_me.connect(model.not_me)
        message.again.connect(model.start)
        message.enrol.connect(model.enrol)
        message.finish.connect(model.finish)
        message.retry.connect(self.retry)
        message.help.connect(self.staff)
        model.retry.connect(self.retry)
        self.enrolment.finished.connect(model.finish)
        self.enrolment.alive.connect(model.touched)
        self.enrolment.told.connect(self._announce)
        self.enrolment.turned.connect(self._place_language)

    # --- showing -------------------------------------------------------------------------

    @Slot(object)
    def _show(self, view: View) -> None:
        panel = self.panels[view.page]
        panel.show_view(view)
        self.banner.show_fault(view.limited)
        self.timeout.show_seconds(view.warning)
        self._show_estimates(view)
        gathered = view.good_frames / self.settings.good_frames
        if view.page in LIVE:
            self.camera_preview.follow(view.face, gathered, thinking=view.page is Page.THINK)
        if (view.page, view.voice_only) != self._page:
            self._page = (view.page, view.voice_only)
            self._turn_to(view, panel)

    def _show_estimates(self, view: View) -> None:
        """Of whoever is named alone, under the sign of the result; in its place where there is
        little room."""
        told = view.decision if view.page is Page.IDENTIFIED else None
        made = fused(told.attributes) if told is not None else None
        self.estimates.show_estimates(made, self.settings.show_estimates)
        compact = self._scale is not None and self._scale.compact
        self.stage.setVisible(self.estimates.isHidden() or not compact)

    def _turn_to(self, view: View, panel: Panel) -> None:
        if self.enrolment.isHidden() is (view.page is Page.ENROL):
            self._turn_enrolment(here=view.page is Page.ENROL)
        if view.page is Page.ENROL:
            return
        self.stage.setCurrentWidget(self._drawing(view))
        self.panel.setCurrentWidget(panel)
        (panel.first() or self).setFocus(Qt.FocusReason.OtherFocusReason)
        self._announce(f"{panel.summary()} {self.estimates.summary()}".rstrip())

    def _turn_enrolment(self, *, here: bool) -> None:
        """It has the whole window; whoever leaves it is forgotten."""
        for part in (self.left, self.panel):
            part.setVisible(not here)
        self.enrolment.setVisible(here)
        self._place_language()
        if here:
            self.enrolment.begin()
        else:
            self.enrolment.leave()

    def _drawing(self, view: View) -> Stage | CameraPreview:
        if view.page is Page.ATTRACT:
            return self.welcome
        if view.voice_only:
            self.outcome_sign.display("voice", "accent")
            return self.outcome_sign
        if view.page in LIVE:
            return self.camera_preview
        if view.page is Page.IDENTIFIED:
            self.outcome_sign.display("check", "accent")
        elif view.page is Page.UNUSABLE and view.hint is not None:
            self.outcome_sign.display(w.HINT_ICONS[view.hint], "caution")
        else:
            self.outcome_sign.display(*_SIGNS[view.page])
        return self.outcome_sign

    @Slot(str)
    def _announce(self, text: str) -> None:
        """For screen readers; the same words are on the screen."""
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    @Slot()
    def _call_staff(self) -> None:
        """From every page, by one touch; whoever calls is still there. Where the screen has no room
        for more, the same button leads to what became of it."""
        self.model.touched()
        if self._narrow and self.calls.since is not None:
            self.call_menu.offer(w.say(w.CALLED_TITLE), self.call_card.words)
            self.call_menu.back_button.say(w.say(w.FINISH))
        else:
            self.calls.call()

    @Slot()
    def _show_call(self) -> None:
        """What became of a call, told to a screen reader where it is another."""
        before = self.call_card.row.label.text()
        self._say_call()
        told = self.call_card.words
        if told and told != before:
            self._announce(told)

    def _say_call(self) -> None:
        self.call_card.retranslate()
        shown = self.settings.staff_call
        for button in (self.call_button, self.timeout.call_button):
            button.setVisible(shown)
        self.again_button.say(w.say(w.CALL_AGAIN))
        self.take_back_button.say(w.say(w.CALL_BACK))
        since = self.calls.since
        text = w.say(w.CALL if since is None else w.CALL_AGAIN)
        self.call_button.say(text)
        if self._narrow and since is not None:
            called = w.say(w.CALLED_BUTTON, time=f"{since.astimezone():%H:%M}")
            self.call_button.say(called, alone=True)
        elif self._narrow and not self.enrolment.isHidden():
            self.call_button.say(w.say(w.CALL_SHORT))
            self.call_button.setAccessibleName(text)

    @Slot()
    def _hold_medallion(self) -> None:
        """On a visitor's result a long touch is nothing; on the page of a fault it is staff."""
        if self.model.view.page is Page.FAULT:
            self.staff.emit()

    @Slot()
    def _forget(self) -> None:
        """The next visitor finds nothing of this one, nor their language."""
        self.camera_preview.forget()
        for panel in self.panels.values():
            if isinstance(panel, ResultPanel):
                panel.forget()
        self.estimates.show_estimates(None)
        self.language.switch_to(self.settings.language)

    def adopt(self, settings: Settings) -> None:
        """Take what can change while the window stands."""
        self.settings = settings
        self._controls_high = settings.controls == "high"
        for panel in self.panels.values():
            panel.settings = settings
        self.enrolment.adopt(settings)
        self.language.switch_to(settings.language)
        self.take_size(self.size())

    # --- language and shape --------------------------------------------------------------

    @Slot()
    def _switch_language(self) -> None:
        self.model.touched()
        self.language.switch_to(self.language.other)

    @Slot()
    def _retranslate(self) -> None:
        self.setWindowTitle(w.say(w.TITLE))
        self.language_button.say(w.say(w.OTHER_LANGUAGE))
        self.language_button.setAccessibleName(w.say(w.OTHER_LANGUAGE_SPOKEN))
        self.reach_button.say(w.say(w.REACH_LOW if self._controls_high else w.REACH_HIGH))
        self.camera_preview.setAccessibleName(w.say(w.PREVIEW))
        self.banner.retranslate()
        self.timeout.retranslate()
        self.reading.retranslate()
        self._say_call()
        self.enrolment.retranslate()
        self._show(self.model.view)

    @Slot()
    def _move_controls(self) -> None:
        self.model.touched()
        self._controls_high = not self._controls_high
        self._arrange()
        self._retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Everything follows the size of the window."""
        super().resizeEvent(event)
        self.take_size(event.size())

    def take_size(self, size: QSize) -> None:
        """Lengths, style sheet and layout for a size of the window."""
        self._scale = theme().scale(size, self.settings.screen_inches)
        self.setStyleSheet(theme().style_sheet(self._scale))
        self._arrange()
        for child in self.findChildren(QWidget):
            if isinstance(child, Scaled):
                child.rescale(self._scale)
        self._retranslate()
        self.timeout.setGeometry(self.rect())

    def _arrange(self) -> None:
        scale = self._scale
        if scale is None:
            return
        side = scale.gap(2 if scale.compact else 4)
        narrow = self._narrow
        right, down = self._moved
        top = side if narrow else scale.gap(1.5)
        self.box.setContentsMargins(side + right, top + down, side - right, side - down)
        in_bar = not narrow and not scale.portrait  # upright it is full of buttons
        self.logo.setVisible(self._logo is not None and in_bar)
        self.welcome.logo = None if in_bar else self._logo
        self.box.setSpacing(scale.gap(1.5))
        self.body.setSpacing(side)
        self.left_box.setSpacing(scale.gap(1 if scale.compact else 2))
        self.reach_button.setVisible(scale.portrait)
        self._place_language()
        self._place_panel(scale, side)
        self.enrolment.place(scale, high=self._controls_high)

    @Slot(int, int)
    def move_by(self, right: int, down: int) -> None:
        """Everything stands so many pixels beside its place."""
        self._moved = right, down
        self._arrange()

    @Slot()
    def _place_language(self) -> None:
        """With the call for staff in the bar; on a small wide screen, which has none, both stand
        under the drawing or in a corner."""
        buttons = (self.call_button, self.language_button)
        corner = self.enrolment.corner
        if not self._narrow:
            place: QBoxLayout | None = self.bar
        else:
            place = self.left_box if self.enrolment.isHidden() else corner
        if place is not None:
            for button in buttons:
                place.addWidget(button)
        self._say_call()

    @property
    def _narrow(self) -> bool:
        """Whether the screen is wide and so low that it has no bar."""
        return self._scale is not None and self._scale.compact and not self._scale.portrait

    def _place_panel(self, scale: Scale, side: int) -> None:
        """The words keep their place on every page, so the picture never jumps."""
        direction = QBoxLayout.Direction
        if scale.portrait:
            share = PANEL_SHARE_COMPACT if scale.compact else PANEL_SHARE_PORTRAIT
            high = direction.BottomToTop if self._controls_high else direction.TopToBottom
            self.body.setDirection(high)
            self.panel.setFixedSize(scale.width - 2 * side, round(scale.height * share))
        else:
            share = PANEL_SHARE_COMPACT if scale.compact else PANEL_SHARE_LANDSCAPE
            self.body.setDirection(direction.LeftToRight)
            self.panel.setMinimumHeight(0)
            self.panel.setMaximumHeight(scale.height)
            self.panel.setFixedWidth(round(scale.width * share) - side)

    # --- keyboard ------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape leaves the visit, F2 changes the language, Ctrl+Shift+A is for staff."""
        if event.keyCombination() == STAFF_KEYS:
            self.staff.emit()
            return
        if event.key() == Qt.Key.Key_Escape:
            self.model.finish()
        elif event.key() == Qt.Key.Key_F2:
            self._switch_language()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """A window manager's way to close is no way out of a screen that is held."""
        if self.held:
            event.ignore()
            self.leave.emit()
        else:
            super().closeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Any key or touch means that somebody is still there."""
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress):
            self.model.touched()
        return super().event(event)
