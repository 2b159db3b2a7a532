"""The text of consent says what this kiosk does as it is set, in both languages."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from kiosk.core.settings import Settings
from kiosk.ui.capture.consent import ConsentText
from kiosk.ui.strings import enrolment as w
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.language import Language


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("pictures", [False, True])
def test_it_does_not_promise_that_nothing_is_sent_where_something_is(
    qtbot: QtBot, language: str, pictures: bool
) -> None:
    chosen = Language(language)
    text = ConsentText(Settings(keep_pictures=pictures))
    qtbot.addWidget(text)
    usual, nowhere = text.version, say(w.CONSENT_SENT_NOWHERE)
    assert nowhere in text.words
    for fields, sent in (("subject_id", w.CONSENT_SENT), ("name", w.CONSENT_NAME_SENT)):
        telling = Settings(keep_pictures=pictures, event_journal=True, event_fields=fields)
        text.adopt(telling)
        assert nowhere not in text.words
        assert say(sent) in text.words
        assert text.version == usual + "E"
    chosen.close()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_each_use_brings_its_line(qtbot: QtBot, language: str) -> None:
    chosen = Language(language)
    text = ConsentText(Settings())
    qtbot.addWidget(text)
    usual, lines = text.version, [say(w.CONSENT_ATTENDANCE), say(w.CONSENT_GREETING)]
    assert not any(line in text.words for line in lines)
    text.adopt(Settings(attendance=True))
    assert lines[0] in text.words
    assert lines[1] not in text.words
    assert text.version == usual + "T"
    text.adopt(Settings(attendance=True, greetings=True))
    assert lines[1] in text.words
    assert text.version == usual + "TG"
    chosen.close()
