"""The words of the admin screens; see `kiosk.ui.words`."""

from __future__ import annotations

from kiosk.ui.words import mark

ADMIN_TITLE = mark("Kiosk", "Administration")
CLOSE = mark("Kiosk", "Close")

GATE_FIRST = mark("Kiosk", "Choose an administrator passphrase")
GATE_FIRST_TEXT = mark(
    "Kiosk", "At least {length} characters. Keep it safe: it cannot be looked up later."
)
GATE_TITLE = mark("Kiosk", "Administrator passphrase")
PASSPHRASE = mark("Kiosk", "Passphrase")
PASSPHRASE_AGAIN = mark("Kiosk", "The same once more")
OPEN = mark("Kiosk", "Open")
GATE_WRONG = mark("Kiosk", "That is not the passphrase.")
GATE_WAIT = mark("Kiosk", "Too many tries. Please wait {seconds} s.")
GATE_SHORT = mark("Kiosk", "Too short: at least {length} characters.")
GATE_DIFFERENT = mark("Kiosk", "The two are not the same.")

PEOPLE = mark("Kiosk", "People")
PEOPLE_COUNT = mark("Kiosk", "{shown} of {all} people")
PEOPLE_NONE = mark("Kiosk", "Nobody is enrolled yet.")
SEARCH = mark("Kiosk", "Search by name")
COLUMN_NAME = mark("Kiosk", "Name")
COLUMN_FACE = mark("Kiosk", "Face")
COLUMN_VOICE = mark("Kiosk", "Voice")
COLUMN_SINCE = mark("Kiosk", "Enrolled")
CHOOSE = mark("Kiosk", "Choose somebody in the table.")
DETAIL_SAMPLES = mark("Kiosk", "Templates: {face} face, {voice} voice")
DETAIL_SINCE = mark("Kiosk", "Enrolled on {date}")
HISTORY = mark("Kiosk", "History")
HISTORY_LINE = mark("Kiosk", "{date} · {kind} · {face} face, {voice} voice")
KIND_NEW = mark("Kiosk", "enrolled")
KIND_ADD = mark("Kiosk", "added to")
KIND_REPLACE = mark("Kiosk", "re-registered")
KIND_ROLLBACK = mark("Kiosk", "rolled back")

RENAME = mark("Kiosk", "Rename")
RENAME_TITLE = mark("Kiosk", "A new name for {name}")
ROLL_BACK = mark("Kiosk", "Roll back")
ROLL_BACK_TITLE = mark("Kiosk", "Undo the last re-registration of {name}?")
ROLL_BACK_TEXT = mark("Kiosk", "What it brought is deleted; what it replaced is used again.")
DELETE = mark("Kiosk", "Delete")
DELETE_TITLE = mark("Kiosk", "Delete {name}?")
DELETE_TEXT = mark(
    "Kiosk", "All templates, the history and the decisions go as well. This cannot be undone."
)
RECEIPT_TITLE = mark("Kiosk", "Deleted")
RECEIPT_TEXT = mark("Kiosk", "Number {number} · {date} · {count} templates overwritten")
KEEP = mark("Kiosk", "Keep")
SAVE = mark("Kiosk", "Save")
DONE = mark("Kiosk", "Done")
FAILED = mark("Kiosk", "That did not work")
