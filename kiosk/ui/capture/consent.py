"""The text people agree to before they are enrolled, and the record of that."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextBrowser

from kiosk.core.attribute_fusion import wanted
from kiosk.core.declared.events import chosen_channels
from kiosk.core.outgoing import EventField, read_fields
from kiosk.core.records import Consent
from kiosk.core.settings import Settings
from kiosk.ui.strings import enrolment as w
from kiosk.ui.strings.estimates import fact
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.scrolling import by_finger

LONGEST_TOPIC = 16
"""Letters before a colon that name what a line is about."""


class ConsentText(QTextBrowser):
    """Says what this kiosk keeps as it is set; scrolled by touch and by the arrow keys."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.adopt(settings)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        by_finger(self)

    def adopt(self, settings: Settings) -> None:
        """What is kept, for how long, and what is done beside telling who it is."""
        self._settings = settings

    @property
    def version(self) -> str:
        """Of the text, with a letter for each part that settings add to it: P pictures, L learning
        from visits, A estimates of attributes, E events that others are told, T attendance (time),
        G greetings."""
        chosen = self._settings
        parts = (
            ("P", chosen.keep_pictures),
            ("L", chosen.learn_from_visits),
            ("A", wanted(chosen).anything),
            ("E", bool(chosen_channels(chosen))),
            ("T", chosen.attendance),
            ("G", chosen.greetings),
        )
        return w.CONSENT_VERSION + "".join(letter for letter, there in parts if there)

    @property
    def _sent(self) -> str:
        """What leaves the machine."""
        if not chosen_channels(self._settings):
            return w.CONSENT_SENT_NOWHERE
        named = EventField.NAME in read_fields(self._settings.event_fields)
        return w.CONSENT_NAME_SENT if named else w.CONSENT_SENT

    @property
    def words(self) -> str:
        """The text in the language in use."""
        chosen, want = self._settings, wanted(self._settings)
        told = [
            say(w.CONSENT_KEPT_PICTURE if chosen.keep_pictures else w.CONSENT_KEPT),
            say(w.CONSENT_LEARNT) if chosen.learn_from_visits else "",
            f"{say(w.CONSENT_WHERE)} {say(self._sent)}",
            say(w.CONSENT_FOR_AND if want.anything else w.CONSENT_FOR),
            say(w.CONSENT_ESTIMATES, fact=say(fact(want))) if want.anything else "",
            say(w.CONSENT_ATTENDANCE) if chosen.attendance else "",
            say(w.CONSENT_GREETING) if chosen.greetings else "",
            say(w.CONSENT_HOW_LONG, days=chosen.keep_days),
        ]
        middle = "\n".join(line for line in told if line)
        return f"{say(w.CONSENT_INTRO)}\n\n{middle}\n\n{say(w.CONSENT_FREE)}"

    def retranslate(self) -> None:
        """Words in the language in use, from the first line on."""
        self.setPlainText(self.words.replace("\n\n", "\n"))  # margins set lines apart
        self._set_off()
        self.setAccessibleName(say(w.CONSENT))
        self.setAccessibleDescription(self.words)

    def _set_off(self) -> None:
        """What each line is about stands out, and the lines stand apart."""
        bold, apart = QTextCharFormat(), QTextBlockFormat()
        bold.setFontWeight(QFont.Weight.Bold)
        apart.setBottomMargin(0.5 * self.fontMetrics().height())
        self.document().setDocumentMargin(0.3 * self.fontMetrics().height())
        cursor = QTextCursor(self.document())
        for number in range(self.document().blockCount()):
            block = self.document().findBlockByNumber(number)
            topic = block.text().find(":") + 1
            cursor.setPosition(block.position())
            cursor.mergeBlockFormat(apart)
            if 0 < topic <= LONGEST_TOPIC:
                cursor.setPosition(block.position() + topic, QTextCursor.MoveMode.KeepAnchor)
                cursor.mergeCharFormat(bold)

    def given(self, language: str) -> Consent:
        """The record that somebody agrees now, to these very words."""
        return Consent(datetime.now(UTC), self.version, language, self.words)
