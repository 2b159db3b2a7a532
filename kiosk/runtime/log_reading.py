"""Reads the log back: its errors for the health page, its newest part for the bundle."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from pathlib import Path

from kiosk.core.status import LoggedError, LogStatus
from kiosk.runtime.logs import FILE_NAME, log_folder

LONGEST = 1 << 18
"""Bytes of the newest part."""
SHOWN = 5
"""Errors told one by one."""
_ERROR = re.compile(
    r"^(?P<time>\S+)Z (?:ERROR|CRITICAL) (?P<logger>\S+) (?P<code>\S+) ", re.MULTILINE
)


def newest_part(folder: Path | None = None) -> str:
    """Whole entries from the end of the log, and of the file before it where that is short."""
    folder = folder or log_folder()
    text = ""
    for name in (FILE_NAME, f"{FILE_NAME}.1"):
        text = _end_of(folder / name, LONGEST - len(text)) + text
        if len(text) >= LONGEST // 2:
            break
    return text


def read_errors(folder: Path | None = None) -> LogStatus:
    """The errors in the newest part of the log."""
    found = [
        LoggedError(
            datetime.fromisoformat(match["time"] + "+00:00"),
            _package(match["logger"]),
            "" if match["code"] == "-" else match["code"],
        )
        for match in _ERROR.finditer(newest_part(folder))
    ]
    counts = Counter(each.package for each in found)
    return LogStatus(dict(counts.most_common()), tuple(reversed(found[-SHOWN:])))


def _package(logger: str) -> str:
    """Of "kiosk.capture.live" it is capture, of another library its name."""
    own, *rest = logger.split(".")
    return rest[0] if own == "kiosk" and rest else own


def _end_of(file: Path, limit: int) -> str:
    """At most so many bytes, from the beginning of an entry on; empty where there is no file."""
    try:
        with file.open("rb") as opened:
            begin = max(0, file.stat().st_size - limit)
            opened.seek(begin)
            text = opened.read(limit).decode("utf-8", errors="replace")
    except OSError:
        return ""
    if begin == 0:
        return text
    first = re.search(r"^\d{4}-", text[1:], re.MULTILINE)
    return text[1 + first.start() :] if first else ""
