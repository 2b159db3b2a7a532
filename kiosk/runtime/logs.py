"""The log: one rotating file in the state folder, in which nobody is named.

Every package writes to the logger of its name (`kiosk.capture`); this is the one place that says
where that goes. What may be written of values and errors is decided in `kiosk.core.redaction` and
applied here, by the formatter, so that no caller can forget it. Of other libraries' records only
who, where and how grave is kept: PIL, FFmpeg and matplotlib put names of files into their texts.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_state_path

from kiosk.core.redaction import (
    Public,
    code_of,
    one_line,
    place,
    plain_word,
    redacted,
    trace_lines,
)
from kiosk.runtime.crashes import crash_file, report_crashes, watching
from kiosk.runtime.log_file import LogFile

FILE_NAME = "kiosk.log"
WITHHELD = "(text withheld)"


def log_folder() -> Path:
    """Where the log is; made at the first entry."""
    return user_state_path("kiosk", appauthor=False)


def log_file() -> Path:
    """The file that is written; older ones beside it end with .1 and so on."""
    return log_folder() / FILE_NAME


@contextmanager
def recording(level: str, folder: Path | None = None) -> Iterator[None]:
    """While this lasts, everything is written that is at least as grave as `level` (`set_level`):
    what the packages log, what nobody caught on any thread, and where the interpreter itself fell
    over. Never raises and never takes anything down: what cannot be written is lost."""
    folder = folder or log_folder()
    handler = LogFile(folder / FILE_NAME)
    handler.setFormatter(RedactingFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    set_level(level)
    try:
        report_crashes(folder)
        with watching(), crash_file(folder):
            yield
    finally:
        root.removeHandler(handler)
        handler.let_go()


def set_level(level: str) -> None:
    """The least grave entries that are written: debug, info, warning or error; of other libraries
    warnings at least."""
    logging.getLogger("kiosk").setLevel(level.upper())


class RedactingFormatter(logging.Formatter):
    """One line for an entry: time, level, logger, code of an error or -, process, thread, place,
    text; below it, indented, the places of a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Never raises: an entry that cannot be written as meant says so."""
        try:
            return "\n    ".join([_head(record), *_trace(record)])
        except Exception as error:
            head = f"{_time(record)} ERROR kiosk.runtime {code_of(error)}"
            return f"{head} {record.process} - - An entry could not be written."


def _head(record: logging.LogRecord) -> str:
    where = f"{place(record.pathname)}:{record.lineno}"
    thread = re.sub(r"[^\w().-]", "_", record.threadName or "-", flags=re.ASCII)
    facts = (_time(record), record.levelname, plain_word(record.name), _code(record))
    return " ".join([*facts, str(record.process), thread, where, _text(record)])


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _code(record: logging.LogRecord) -> str:
    """Of the traceback's error, or of the first one among the arguments."""
    if record.exc_info and record.exc_info[1] is not None:
        return code_of(record.exc_info[1])
    given = record.args if isinstance(record.args, tuple) else ()
    return next((code_of(each) for each in given if isinstance(each, BaseException)), "-")


def _text(record: logging.LogRecord) -> str:
    """The entry's words with what may be written of its values. Only our own words are constants
    of the code; those of other libraries may have been put together from anything."""
    ours = record.name == "kiosk" or record.name.startswith("kiosk.")
    if not ours or isinstance(record.args, dict):
        return WITHHELD
    values = tuple(redacted(each) for each in record.args or ())
    return one_line(str(record.msg) % values if values else str(record.msg))


def _trace(record: logging.LogRecord) -> list[str]:
    given = getattr(record, "trace", ())
    lines = [one_line(line) for line in given if isinstance(line, Public)]
    if record.exc_info and record.exc_info[1] is not None:
        lines += trace_lines(record.exc_info[1])
    return lines
