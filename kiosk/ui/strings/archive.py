"""The words about people who come in with an archive; see `kiosk.ui.strings.visitor`."""

from __future__ import annotations

from kiosk.ui.strings.visitor import mark

LOOKING = mark("Kiosk", "Looking through the archive")
INCOMING_TITLE = mark("Kiosk", "Take these people in?")
INCOMING_COUNT = mark("Kiosk", "People in the archive: {count}.")
SIGNED_OWN = mark("Kiosk", "This kiosk made it.")
SIGNED_TRUSTED = mark("Kiosk", "Signed by {name} ({mark}).")
SIGNED_UNKNOWN = mark("Kiosk", "Signed by a kiosk that is not known here ({mark}).")
SIGNED_NOT = mark("Kiosk", "It is not signed: who made it is not known.")
INCOMING_LINE = mark("Kiosk", "Templates: {count} · {consent}")
INCOMING_CONSENT = mark("Kiosk", "consent on record")
INCOMING_NO_CONSENT = mark("Kiosk", "no consent on record")
INCOMING_NEAREST = mark("Kiosk", "Nearest here: {name} (score {score})")
INCOMING_TAKEN = mark("Kiosk", "Somebody of this name is enrolled here.")
INCOMING_ALIKE = mark("Kiosk", "The name looks like “{name}”, who is enrolled here.")
INCOMING_BLOCKED = mark(
    "Kiosk", "Nobody is taken in while a name is taken: rename or delete that person here first."
)
INCOMING_YES = mark("Kiosk", "Take them in")
