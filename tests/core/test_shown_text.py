"""Text from outside, as it may be shown."""

from __future__ import annotations

from kiosk.core.errors import InputError
from kiosk.core.media import NoticeKind, SourceNotice
from kiosk.core.shown_text import shown


def test_what_would_act_is_written_as_its_escape() -> None:
    assert shown("a\x1b[2Jb\n\x9b\u202ec\udcff\u2028") == (r"a\x1b[2Jb\n\x9b\u202ec\udcff\u2028")


def test_what_can_be_read_stays() -> None:
    for text in ("김구름.mp4", "[bold]x[/bold] <b>", "علی\u200cرضا", "👩\u200d💻", ""):
        assert shown(text) == text


def test_no_message_acts_on_a_terminal() -> None:
    error = InputError("There is no file \x1b[2J.", "Look for \r.")
    notice = SourceNotice(NoticeKind.LOST, "\x1b]0;x\x07 went away", "\x1b[31m")
    for text in (str(error), *error.args, error.remedy, notice.text, notice.remedy):
        assert "\\" in text
        assert text.isprintable()
