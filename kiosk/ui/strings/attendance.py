"""The words of the page of the attendance; see `kiosk.ui.strings.visitor`."""

from __future__ import annotations

from kiosk.ui.strings.visitor import mark

ATTENDANCE = mark("Kiosk", "Attendance")
BEFORE, AFTER = mark("Kiosk", "Day before"), mark("Kiosk", "Day after")
TODAY = mark("Kiosk", "Today")
DAY = mark("Kiosk", "{day} · {weekday}")
WEEKDAYS = (
    mark("Kiosk", "Monday"),
    mark("Kiosk", "Tuesday"),
    mark("Kiosk", "Wednesday"),
    mark("Kiosk", "Thursday"),
    mark("Kiosk", "Friday"),
    mark("Kiosk", "Saturday"),
    mark("Kiosk", "Sunday"),
)
WHO = mark("Kiosk", "Who is shown")
SEEN = mark("Kiosk", "Who was here")
EVERYBODY = mark("Kiosk", "Everybody")
TO_LOOK_AT = mark("Kiosk", "Corrected, or to check")
COUNT = mark("Kiosk", "Here on this day: {seen} of {all} people.")
NOBODY = mark("Kiosk", "Nobody was here on this day, as far as is known.")

COLUMN_FIRST, COLUMN_LAST = mark("Kiosk", "First"), mark("Kiosk", "Last")
COLUMN_VISITS, COLUMN_NOTE = mark("Kiosk", "Visits"), mark("Kiosk", "Note")
CORRECTED = mark("Kiosk", "corrected")
CLOCK = mark("Kiosk", "to check")

CHOOSE = mark("Kiosk", "Choose somebody in the table.")
NOT_SEEN = mark("Kiosk", "Not seen on this day.")
SEEN_LINE = mark("Kiosk", "Seen from {first} to {last}, visits: {count}")
COUNTS_LINE = mark("Kiosk", "Counts as: {first} to {last}")
ABSENT_LINE = mark("Kiosk", "Counts as: was not here")
CLOCK_LINE = mark(
    "Kiosk", "The clock of the kiosk was changed on this day: check whether the times are right."
)
WORD_LINE = mark("Kiosk", "{when} · {by}: {what}. {reason}")
WORD_TIMES = mark("Kiosk", "{first} to {last}")
WORD_ABSENT = mark("Kiosk", "was not here")
BY_STAFF = mark("Kiosk", "staff {number}")
BY_SHELL = mark("Kiosk", "in a shell")
CORRECT = mark("Kiosk", "Correct day")

CORRECT_TITLE = mark("Kiosk", "{name} on {day}")
CORRECT_TEXT = mark(
    "Kiosk",
    "What visits said is kept beside it. Times as HH:MM; the reason is kept with them.",
)
WAS_ABSENT = mark("Kiosk", "Was not here")
REASON = mark("Kiosk", "Reason")
FAULT_TIMES = mark("Kiosk", "Give both times as HH:MM, in order and not in the future.")
FAULT_REASON = mark("Kiosk", "Give a reason of up to {most} characters.")

EXPORT_XLSX = mark("Kiosk", "Month as XLSX")
EXPORT_CSV = mark("Kiosk", "Month as CSV")
EXPORT_WHERE = mark("Kiosk", "Where to put the month {month}; the file holds names")
EXPORT_DONE = mark("Kiosk", "Saved")
EXPORT_LINES = mark("Kiosk", "Lines: {count}. {file}")
