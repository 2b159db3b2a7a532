"""The words of the page of a fleet's kiosks; see `kiosk.ui.strings.visitor`."""

from __future__ import annotations

from kiosk.core.status import Light
from kiosk.runtime.fleet.standing import KioskTrouble
from kiosk.ui.strings.visitor import mark

KIOSKS = mark("Kiosk", "Kiosks")
THIS_ONE = mark("Kiosk", "{name} (this one)")
COLUMN_STATE = mark("Kiosk", "State")
COLUMN_SITES = mark("Kiosk", "Sites")
COLUMN_CONTACT = mark("Kiosk", "Last contact")
COLUMN_BEHIND = mark("Kiosk", "To get")
COLUMN_WAITING = mark("Kiosk", "To send")
COLUMN_UNCONFIRMED = mark("Kiosk", "To delete")
LIGHTS: dict[Light | None, str] = {
    Light.GREEN: mark("Kiosk", "In order"),
    Light.AMBER: mark("Kiosk", "Look at it"),
    Light.RED: mark("Kiosk", "Act now"),
    None: mark("Kiosk", "Taken out"),
}

NEVER = mark("Kiosk", "never")
SECONDS_AGO = mark("Kiosk", "{count} s ago")
MINUTES_AGO = mark("Kiosk", "{count} min ago")
HOURS_AGO = mark("Kiosk", "{count} h ago")
DAYS_AGO = mark("Kiosk", "{count} days ago")

CHOOSE = mark("Kiosk", "Choose a kiosk in the table.")
SITES = mark("Kiosk", "Sites: {sites}")
CONTACT = mark("Kiosk", "Last contact: {when}")
PEOPLE = mark("Kiosk", "People on it: {count}")
PROGRAM = mark("Kiosk", "Program {program}, ring {ring}")
NOTHING_MISSING = mark("Kiosk", "Nothing is missing on it.")
TROUBLES: dict[KioskTrouble, str] = {
    KioskTrouble.NOT_JOINED: mark("Kiosk", "It was invited and has not joined yet."),
    KioskTrouble.SILENT: mark(
        "Kiosk", "It has not been heard of for a while: check its power and its line."
    ),
    KioskTrouble.BEHIND: mark("Kiosk", "Changes that have not reached it yet: {behind}"),
    KioskTrouble.WAITING: mark(
        "Kiosk", "Changes made on it that the others do not have yet: {waiting}, since {oldest}"
    ),
    KioskTrouble.UNCONFIRMED: mark(
        "Kiosk",
        "Deletions and withdrawn consents that it has not confirmed: {unconfirmed}, since {since}",
    ),
    KioskTrouble.OUT_OF_ORDER: mark(
        "Kiosk", "It says of itself that it is out of order: see Health on it."
    ),
    KioskTrouble.SEE_TO: mark("Kiosk", "It works, and asks to be seen to: see Health on it."),
    KioskTrouble.CLOCK: mark("Kiosk", "Its clock is {minutes} minutes off: set it."),
    KioskTrouble.AT_LARGE: mark(
        "Kiosk",
        "Put out on {revoked}. It has not said yet that it destroyed its key: until then only that "
        "key guards the people on its disk.",
    ),
    KioskTrouble.DESTROYED: mark(
        "Kiosk", "Put out on {revoked}. On {destroyed} it destroyed its key and its people."
    ),
    KioskTrouble.LEFT: mark("Kiosk", "It left the fleet on {left} and kept its people."),
}

ASKING = mark("Kiosk", "Asking the server …")
AS_OF = mark("Kiosk", "As of {when}")
CUT = mark("Kiosk", "No line to the server. What is shown is of {time}, {when}.")
CUT_BEFORE = mark("Kiosk", "No line to the server: nothing is known of the other kiosks yet.")
REFUSED = mark("Kiosk", "The server refuses this kiosk. What is shown is of {time}, {when}.")
REFUSED_BEFORE = mark(
    "Kiosk", "The server refuses this kiosk: nothing is known of the other kiosks."
)
GOES_ON = mark("Kiosk", "This kiosk goes on with the people it has.")
CURRENT = mark("Kiosk", "{site}: complete as of {time}")
CURRENT_NEVER = mark("Kiosk", "{site}: not complete yet")
TO_TELL = mark("Kiosk", "Changes waiting to be sent: {count}")
COUNT = mark("Kiosk", "Kiosks: {all}. In order: {green}, to look at: {amber}, to act on: {red}.")
ALL_CONFIRMED = mark("Kiosk", "Every deletion is confirmed by all of them.")
NOT_CONFIRMED = mark("Kiosk", "Deletions not confirmed by: {names}.")
LOOK = mark("Kiosk", "Refresh")

REVOKE = mark("Kiosk", "Put out")
REVOKE_TITLE = mark("Kiosk", "Put {name} out for good?")
REVOKE_TEXT = mark(
    "Kiosk",
    "For a stolen or lost kiosk. Lost with it: {waiting}, its visits and attendance. When it next "
    "asks the server it deletes everybody and destroys its key; until then only that key guards "
    "its disk. It comes back only by a new invitation.",
)
LOST_WAITING = mark("Kiosk", "{count} changes that it had not sent when last heard of ({when})")
LOST_UNKNOWN = mark("Kiosk", "changes that it has not sent ({when})")
LOST_AFTER = mark("Kiosk", "last heard of {when}")
LOST_NEVER = mark("Kiosk", "never heard of")
OWNER = mark("Kiosk", "Owner at the server")
PASSWORD = mark("Kiosk", "Its password (kept nowhere)")
REVOKING = mark("Kiosk", "Sealing the gallery with the new key …")
REVOKED = mark("Kiosk", "{name} is out")
REVOKED_TEXT = mark(
    "Kiosk", "Sealed anew: {count}. The other kiosks take the new key by themselves."
)
