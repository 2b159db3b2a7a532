"""The words of the admin screens; see `kiosk.ui.strings.visitor`."""

from __future__ import annotations

from kiosk.ui.strings.visitor import mark

ADMIN_TITLE = mark("Kiosk", "Administration")
CLOSE = mark("Kiosk", "Close")
LOG_OUT = mark("Kiosk", "Log out")
IDLE_TITLE = mark("Kiosk", "Are you still working?")
IDLE_TEXT = mark("Kiosk", "These pages lock in {seconds} s.")
IDLE_DRAFT = mark("Kiosk", "Your unsaved enrolment is kept: enter the passphrase to go on with it.")
IDLE_STAY = mark("Kiosk", "Keep working")

GATE_NONE = mark("Kiosk", "The staff pages are closed")
GATE_NONE_TEXT = mark(
    "Kiosk",
    "No passphrase is set. Whoever looks after this machine sets one in a shell: {command}",
)
GATE_CLOSED = mark("Kiosk", "The staff pages stay closed.")
GATE_TITLE = mark("Kiosk", "Administrator passphrase")
PASSPHRASE = mark("Kiosk", "Passphrase")
OPEN = mark("Kiosk", "Open")
GATE_HAND_BACK = mark("Kiosk", "Thank you. Please hand the kiosk back to a member of staff.")
GATE_WRONG = mark("Kiosk", "That is not the passphrase.")
GATE_WAIT = mark("Kiosk", "Too many tries. Please wait {seconds} s.")
GATE_OPERATOR = mark("Kiosk", "Only an operator may end the kiosk.")

PEOPLE = mark("Kiosk", "People")
PEOPLE_COUNT = mark("Kiosk", "{shown} of {all} people")
PEOPLE_NONE = mark("Kiosk", "Nobody is enrolled yet.")
PEOPLE_LOADING = mark("Kiosk", "Getting the list ready …")
TO_CHECK = mark("Kiosk", "To check")
TO_CHECK_NONE = mark("Kiosk", "Nobody left to check.")
EXPIRING = mark("Kiosk", "Deleted soon")
EXPIRING_NONE = mark("Kiosk", "Nobody is deleted soon.")
DETAIL_EXPIRES_UNSEEN = mark("Kiosk", "Will be deleted on {date} if not seen before")
DETAIL_EXPIRES = mark("Kiosk", "Will be deleted on {date} without a new consent")
DETAIL_ALIKE = mark("Kiosk", "The name looks like “{name}”.")
TO_LIST = mark("Kiosk", "Back to the list")
DETAIL_SELF = mark("Kiosk", "Enrolled themselves; not checked yet")
DETAIL_CONFIRMED = mark("Kiosk", "Enrolled themselves; checked by staff")
CONFIRM = mark("Kiosk", "I have checked this person")
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
KIND_LEARNT = mark("Kiosk", "learnt from a visit")
FORGET_LEARNT = mark("Kiosk", "Forget what visits taught")
FORGET_LEARNT_TITLE = mark("Kiosk", "Forget what visits taught of {name}?")
FORGET_LEARNT_TEXT = mark("Kiosk", "Templates that visits added are deleted; enrolled ones stay.")

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

COLUMN_SEEN = mark("Kiosk", "Last seen")
COLUMN_CONSENT = mark("Kiosk", "Consent")
CONSENT_YES = mark("Kiosk", "given")
CONSENT_NO = mark("Kiosk", "none")
CONSENT_BACK = mark("Kiosk", "taken back")
DETAIL_SEEN = mark("Kiosk", "Last seen on {date}")
DETAIL_NEVER = mark("Kiosk", "Not seen yet")
DETAIL_CONSENT = mark("Kiosk", "Consent given on {date}, text {version}")
DETAIL_NO_CONSENT = mark("Kiosk", "No consent on record")
DETAIL_CONSENT_BACK = mark("Kiosk", "Consent taken back on {date}")
MORE = mark("Kiosk", "More")
MERGE = mark("Kiosk", "Merge with another")
MERGE_YES = mark("Kiosk", "Merge")
MERGE_CHOOSE = mark("Kiosk", "Who is the same person as {name}?")
MERGE_CHOOSE_TEXT = mark("Kiosk", "Choose the other name. {name} is kept, the other name goes.")
PICK_NONE = mark("Kiosk", "Nobody of this name.")
PICK = mark("Kiosk", "Choose")
MERGE_TITLE = mark("Kiosk", "Merge {other} into {name}?")
MERGE_TEXT = mark(
    "Kiosk",
    "Templates, history, visits and consent of {other} become those of {name}. "
    "The name {other} is gone; Roll back can only delete what was added.",
)
WITHDRAW = mark("Kiosk", "Take consent back")
WITHDRAW_TITLE = mark("Kiosk", "Has {name} taken consent back?")
WITHDRAW_TEXT = mark(
    "Kiosk",
    "From now on nobody is compared with them. They are deleted in a few days by themselves.",
)
EXPORT = mark("Kiosk", "Export")
IMPORT = mark("Kiosk", "Import")
EXPORT_FILE = mark("Kiosk", "Where to put the archive")
IMPORT_FILE = mark("Kiosk", "Which archive to take people from")
ARCHIVE_PASSPHRASE = mark("Kiosk", "Passphrase of the archive")
ARCHIVE_PASSPHRASE_TEXT = mark(
    "Kiosk", "At least 8 characters. Without it nobody can open the archive: write it down."
)
EXPORTING = mark("Kiosk", "Writing the archive")
IMPORTING = mark("Kiosk", "Importing the archive")
CARRIED_OUT = mark("Kiosk", "Exported")
CARRIED_IN = mark("Kiosk", "Imported")
CARRIED_TEXT = mark("Kiosk", "{people} people with {templates} templates.")
RECEIPT_FILE = mark("Kiosk", "Where to put the receipt")
RECEIPT_SAVE = mark("Kiosk", "Save receipt")
RECEIPT_PAPER = mark(
    "Kiosk",
    "Receipt of deletion\n\nSubject number: {number}\nDeleted: {date}\n"
    "Templates overwritten: {count}\nDecisions deleted: {decisions}\n"
    "Consents deleted: {consents}\n\nThis paper holds no name and no biometric data.\n",
)
OUT_OF_ORDER = mark("Kiosk", "The kiosk is out of order: {what} {remedy} ({code})")
CALL_NOTICE = mark("Kiosk", "A visitor called staff at {time}.")
CALL_ANSWER = mark("Kiosk", "I have seen to it")
