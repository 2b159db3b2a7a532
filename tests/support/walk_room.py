"""A walk-up window before which somebody stands who is not known yet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QAbstractButton, QLineEdit
from pytestqt.qtbot import QtBot

from kiosk.core.decisions import DecisionOutcome, DecisionReason
from kiosk.core.settings import Settings
from kiosk.storage import SqlGallery
from kiosk.ui.engine.clients import EnrolmentClient
from kiosk.ui.toolkit.keyboard import Key, Keyboard
from kiosk.ui.visitor.panels import MessagePanel
from kiosk.ui.visitor.self_enrolment import SelfEnrolment
from kiosk.ui.visitor.self_enrolment_messages import End
from kiosk.ui.visitor.walkup import Page
from tests.support.people_office import StudioRoom, press, words_on
from tests.support.storage_support import open_in
from tests.support.ui_support import PORTRAIT, ScreenMaker, decision, looking, settle


def type_on(keyboard: Keyboard, signs: str) -> None:
    """Touch the keys with these signs on them."""
    for sign in signs:
        keys = keyboard.findChildren(Key)
        press(next(each for each in keys if each.isVisible() and each.sign == sign))


class Walk(StudioRoom):
    """A walk-up window before which somebody stands."""

    def __init__(self, folder: Path, qtbot: QtBot, screen: ScreenMaker, **changes: Any) -> None:
        self.qtbot = qtbot
        self.gallery: SqlGallery = open_in(folder)
        self.client = EnrolmentClient()
        changes = {"self_enrolment": True, **changes}
        settings = Settings(self_enrolment=changes["self_enrolment"])
        self.furnish(self.gallery, self.client.tell, settings)
        self.client.attach(self.session)
        self.client.serve(lambda command: command())
        size = changes.pop("size", PORTRAIT)
        screen.session = self.client
        self.screen = screen(size, **changes)
        self.window, self.model = self.screen.window, self.screen.model

    @property
    def page(self) -> Page:
        return self.model.view.page

    @property
    def flow(self) -> SelfEnrolment:
        return self.window.enrolment

    @property
    def message(self) -> MessagePanel:
        panel = self.window.panels[Page.UNKNOWN]
        assert isinstance(panel, MessagePanel)
        return panel

    def unknown(self, reason: DecisionReason = DecisionReason.BELOW_THRESHOLD) -> None:
        """A visit that ends with somebody who is not known."""
        self.model.start()
        self.model.take(looking())
        self.model.take(decision(DecisionOutcome.UNKNOWN, reason=reason))
        settle()

    def agree(self) -> None:
        """From the result to the name."""
        self.unknown()
        press(self.message.enrol_button)
        press(self.flow.consent.agree_button)

    def type(self, signs: str) -> None:
        """On the screen's keyboard."""
        type_on(self.flow.name.keyboard, signs)

    def go_on(self, name: str = "Ann") -> None:
        """To the capture."""
        self.agree()
        self.flow.name.field.setText(name)
        press(self.flow.name.on_button)
        self.wait(self.flow.capture)

    def capture(self, who: int = 0, name: str = "Ann") -> None:
        """To what is told after it."""
        self.go_on(name)
        self.look(who)
        self.retranslate(who)
        self.wait(self.flow.telling)
        settle()

    def wait(self, step: object) -> None:
        """Until a step is shown, and what is told there is no longer to wait a moment."""
        telling = self.flow.telling

        def shown() -> bool:
            waits = step is telling and telling._outcome.end is End.WAIT
            return self.flow.steps.currentWidget() is step and not waits

        self.qtbot.waitUntil(shown)

    def told(self) -> str:
        """Every word on the screen."""
        buttons = [b.text() for b in self.window.findChildren(QAbstractButton) if b.isVisible()]
        return "\n".join([words_on(self.window), *buttons])

    def forgotten(self) -> bool:
        """Whether nothing of the visitor is left, on the screen or in the studio."""
        fields = self.window.findChildren(QLineEdit)
        samples = self.session.active or self.session._collected is not None
        return not samples and not any(field.text() for field in fields)


def at_consent(made: Walk) -> None:
    """To the first step."""
    made.unknown()
    press(made.message.enrol_button)


Make = Callable[..., Walk]
