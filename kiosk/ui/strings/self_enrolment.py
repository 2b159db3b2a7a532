"""The words of people who enrol themselves; see `kiosk.ui.strings.visitor`."""

from __future__ import annotations

from kiosk.core.media import Modality
from kiosk.ui.strings.visitor import mark

OFFER = mark("Kiosk", "Enrol myself")
UNKNOWN_TEXT = mark("Kiosk", "Please ask a member of staff, or enrol yourself here.")
CONSENT_TITLE = mark("Kiosk", "Shall I remember you?")
AGREE = mark("Kiosk", "I agree")
DECLINE = mark("Kiosk", "No, thank you")
DECLINE_SHORT = mark("Kiosk", "No")
NAME_TITLE = mark("Kiosk", "What shall I call you?")
NAME_TEXT = mark("Kiosk", "I greet you by this name and a number, and staff can see it.")
NAME_FIELD = mark("Kiosk", "Your name")
NAME_BAD = mark("Kiosk", "This name cannot be used. Use letters, digits and spaces.")
NAME_BAD_SHORT = mark("Kiosk", "Use letters and digits")
NAME_EMPTY_SHORT = mark("Kiosk", "Type a name first")
GO_ON = mark("Kiosk", "Go on")
CHECK_TITLE = mark("Kiosk", "Shall I save this, {name}?")
CHECK_TEXT = mark("Kiosk", "Nothing is saved yet.")
TAKEN = {
    Modality.FACE: mark("Kiosk", "Your face: taken"),
    Modality.VOICE: mark("Kiosk", "Your voice: taken"),
}
NOT_TAKEN = {
    Modality.FACE: mark("Kiosk", "Your face: not taken"),
    Modality.VOICE: mark("Kiosk", "Your voice: not taken"),
}
UNSEEN_TITLE = mark("Kiosk", "I could not see you in person")
UNSEEN_TEXT = mark(
    "Kiosk",
    "Please stand here yourself, in good light, and turn your head when I ask. Nothing was saved.",
)
CLOSED_TITLE = mark("Kiosk", "That is not possible just now")
CLOSED_TEXT = mark("Kiosk", "Nothing was saved. Please ask a member of staff.")
SHORT_TEXT = mark("Kiosk", "I could not see or hear you well enough. Nothing was saved.")
SAVED_TITLE = mark("Kiosk", "Thank you, {name}")
SAVED_TEXT = mark(
    "Kiosk", "If I do not recognise you at your next visit, please ask a member of staff."
)
SAVED_RIGHT = mark(
    "Kiosk", "{date}. Staff tell you what is kept of you, and delete it whenever you ask."
)
