"""The attendance written to a file, for the command line and for the page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kiosk.core.attendance import AttendanceDay, Calendar
from kiosk.core.errors import InputError
from kiosk.recognition.attendance_tables import as_csv, as_xlsx
from kiosk.storage.keys.private import put_private

SUFFIXES = (".csv", ".xlsx")


def require_table(file: Path) -> None:
    """Raises InputError for a name that says neither of the two kinds."""
    if file.suffix.lower() not in SUFFIXES:
        raise InputError(f"{file} is neither .csv nor .xlsx.", "Name the file so.")


def write_attendance(
    file: Path, days: Sequence[AttendanceDay], calendar: Calendar, *, replace: bool
) -> None:
    """Write the days as the file's name says, mode 0600, whole or not at all. Raises InputError."""
    require_table(file)
    csv = file.suffix.lower() == ".csv"
    # The mark at the beginning tells a spreadsheet that names are in UTF-8.
    table = b"\xef\xbb\xbf" + as_csv(days, calendar).encode() if csv else as_xlsx(days, calendar)
    try:
        written = put_private(file, table, replace=replace)
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}.", "Check it.") from error
    if not written:
        raise InputError(f"{file} exists already.", "Name another file, or give --force.")
