"""The text people agree to before they are enrolled, and the record of that."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextBrowser

from kiosk.core.outgoing import EventField, chosen_channels, read_fields
from kiosk.core.records import Consent
from kiosk.core.settings import Settings
from kiosk.ui.strings import enrolment as w
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
        """Whether pictures are kept, how long visits, and who else is told of them."""
        self._days = settings.keep_days
        pictures = settings.keep_pictures
        self.version = w.CONSENT_PICTURE_VERSION if pictures else w.CONSENT_VERSION
        self._text = w.CONSENT_PICTURE_TEXT if pictures else w.CONSENT_TEXT
        named = EventField.NAME in read_fields(settings.event_fields)
        self._sent = w.CONSENT_SENT_NOWHERE
        if chosen_channels(settings):
            self.version += w.CONSENT_EVENTS_VERSION
            self._sent = w.CONSENT_NAME_SENT if named else w.CONSENT_SENT

    @property
    def words(self) -> str:
        """The text in the language in use."""
        text = say(self._text, days=self._days)
        return text.replace(say(w.CONSENT_SENT_NOWHERE), say(self._sent))

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
