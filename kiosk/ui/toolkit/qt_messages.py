"""What Qt itself has to say, in the log instead of on standard error."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from kiosk.core.redaction import Public, plain_word

LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_SPEAKER = re.compile(r"Q\w+(?:::\w+)+", re.ASCII)
_log = logging.getLogger(__name__)


@contextmanager
def qt_messages_logged() -> Iterator[None]:
    """While this lasts, Qt's messages are logged: category, and the function that speaks where the
    message begins with it. The rest may hold a path or a text somebody typed, and is left out."""
    before = qInstallMessageHandler(take)
    try:
        yield
    finally:
        qInstallMessageHandler(before)


def take(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Called by Qt on any thread."""
    speaker = _SPEAKER.match(message)
    said_by = Public(speaker[0] if speaker else "text withheld")
    category = Public(plain_word(context.category or "default"))
    _log.log(LEVELS.get(kind, logging.WARNING), "Qt (%s): %s.", category, said_by)
