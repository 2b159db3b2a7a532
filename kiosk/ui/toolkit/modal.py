"""What lies over a page and holds the focus until it is answered."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from kiosk.ui.toolkit.controls import Scaled
from kiosk.ui.toolkit.keyboard import room_above


class Modal(QWidget, Scaled):
    """Covers the window of a page. While it is shown no key reaches what lies behind: the tab key
    goes round among its own parts, and a focus that is set elsewhere comes back."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._before: QWidget | None = None
        self._covers = False
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("role", "scrim")
        self.hide()

    def cover(self) -> None:
        """Appear over everything; whoever calls sets the focus."""
        window = self._page.window()
        if not self.isVisible():
            focus = QApplication.focusWidget()
            self._before = focus if focus is not None and window.isAncestorOf(focus) else None
        if self.parentWidget() is not window:
            self.setParent(window)
        if not self._covers:
            self._covers = True
            window.installEventFilter(self)
            _application().focusChanged.connect(self._hold)
        self.fit()
        self.show()
        self.raise_()

    def fit(self) -> None:
        """Over everything; but not over a keyboard where there is something to be typed here."""
        window = self._page.window()
        typed = any(field.isVisibleTo(self) for field in self.findChildren(QLineEdit))
        self.setGeometry(room_above(window) if typed else window.rect())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Cover the window whatever its size."""
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self.fit()
        return super().eventFilter(watched, event)

    def forget(self) -> None:
        """It is hidden: nothing of what it told stays."""

    def dismiss(self) -> None:
        """Escape: the harmless answer."""
        self.hide()

    @property
    def stops(self) -> list[QWidget]:
        """Where the tab key stops, in its order."""
        found, each = [], self.nextInFocusChain()
        while each is not None and each is not self:
            reached = each.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
            if reached and self.isAncestorOf(each) and each.isVisible() and each.isEnabled():
                found.append(each)
            each = each.nextInFocusChain()
        return found

    @property
    def _on_top(self) -> bool:
        """Whether no other such thing lies over this one."""
        window = self.parentWidget()
        shown = [
            each
            for each in (window.children() if window is not None else ())
            if isinstance(each, Modal) and each.isVisible()
        ]
        return bool(shown) and shown[-1] is self

    @Slot(QWidget, QWidget)
    def _hold(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Whatever is set behind does not get the focus; another window may."""
        if new is None or not self.isVisible() or not self._on_top:
            return
        inside = new is self or self.isAncestorOf(new)
        if not inside and self.window().isAncestorOf(new):
            (next(iter(self.stops), self)).setFocus(Qt.FocusReason.OtherFocusReason)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 - Qt's name
        """Round and round."""
        stops = self.stops
        if not stops:
            self.setFocus(Qt.FocusReason.TabFocusReason)
            return True
        focus = QApplication.focusWidget()
        at = stops.index(focus) if focus in stops else (-1 if forward else 0)
        following = stops[(at + (1 if forward else -1)) % len(stops)]
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        following.setFocus(reason)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape is the harmless answer; no other key goes on to the page."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        event.accept()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """The focus goes back to where it was."""
        super().hideEvent(event)
        if not self._covers or event.spontaneous():
            return
        self._covers = False
        _application().focusChanged.disconnect(self._hold)
        self._page.window().removeEventFilter(self)
        self.forget()
        before, self._before = self._before, None
        if before is not None and before.isVisible():
            before.setFocus(Qt.FocusReason.PopupFocusReason)


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application
