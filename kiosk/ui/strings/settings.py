"""What the settings page says around the settings; what each of them does is declared with it."""

from __future__ import annotations

from kiosk.core.declaration import Text
from kiosk.ui.strings.visitor import OTHER_LANGUAGE, mark, say

SETTINGS = mark("Kiosk", "Settings")
AUTO, NONE = mark("Kiosk", "Automatic"), mark("Kiosk", "None")


def told(text: Text) -> str:
    """A declared text in the language in use: in Korean, the switch offers English."""
    return text.english if say(OTHER_LANGUAGE) == OTHER_LANGUAGE else text.korean


AT_ONCE = mark("Kiosk", "At once")
AFTER_RESTART = mark("Kiosk", "After a restart")
COVERED_LINE = mark("Kiosk", "Set on the command line; it cannot be changed here.")
COVERED_ENVIRONMENT = mark("Kiosk", "Set by the environment; it cannot be changed here.")
WRONG_NUMBER = mark("Kiosk", "Give a number from {low} to {high}.")
WRONG_WHOLE = mark("Kiosk", "Give a whole number from {low} to {high}.")
WRONG_EMOTION = mark("Kiosk", "The place forbids it: choose Automatic or Off.")
WRONG_DEVICES = mark("Kiosk", "Camera and microphone cannot both be None.")
WRONG_VALUE = mark("Kiosk", "This value is not possible.")
WRONG_COLOUR = mark(
    "Kiosk",
    "Give #RRGGBB. Text needs a contrast of 4.5:1: a darker colour of buttons, a lighter ground.",
)
WRONG_HOURS = mark("Kiosk", "Give hours like Mo-Fr 07:30-19:00; Sa 09:00-13:00.")
WRONG_LINE = mark("Kiosk", "Give up to {most} letters, digits and signs.")
WRONG_ZONE = mark("Kiosk", "Give a time zone like Asia/Seoul, or nothing.")
WRONG_CLOCK = mark("Kiosk", "Give a time as HH:MM.")
WRONG_DAY = mark("Kiosk", "Give a day as YYYY-MM-DD, or nothing.")

SAVE_CHANGES = mark("Kiosk", "Save")
DISCARD = mark("Kiosk", "Discard")
RESTART = mark("Kiosk", "Restart now")
UNSAVED = mark("Kiosk", "Changed, not saved: {count}")
INVALID = mark("Kiosk", "Nothing can be saved until every value is valid.")
SAVED = mark("Kiosk", "Saved.")
SAVED_RESTART = mark("Kiosk", "Saved. Some changes take effect after a restart of a few seconds.")

LEVEL_NOW = mark("Kiosk", "Loudness now")
LEVEL_NONE = mark("Kiosk", "Nothing is heard.")
PREVIEW_HELP = mark("Kiosk", "Picture and loudness of what is in use now.")

MEANING = mark("Kiosk", "What this means")
MEANING_WAIT = mark("Kiosk", "Reckoning …")
MEANING_NONE = mark("Kiosk", "Nothing was measured with these models, so nothing can be promised.")
BOTH = mark("Kiosk", "Face and voice")
FACE_ALONE = mark("Kiosk", "Face alone")
VOICE_ALONE = mark("Kiosk", "Voice alone")
ACCEPTED = mark("Kiosk", "About 1 stranger in {n} is taken for somebody.")
ACCEPTED_BOUND = mark("Kiosk", "At most about 1 stranger in {n} is taken for somebody.")
ACCEPTED_OFTEN = mark("Kiosk", "Strangers may be taken for somebody.")
REFUSED = mark("Kiosk", "For that, about 1 visit in {n} of enrolled people is asked again.")
REFUSED_BOUND = mark(
    "Kiosk", "For that, at most about 1 visit in {n} of enrolled people is asked again."
)
REFUSED_OFTEN = mark("Kiosk", "Hardly anybody is recognised.")
UNSUPPORTED = mark(
    "Kiosk",
    "You asked for 1 in {asked}, more than the recordings support: 1 in {n} is the most that can "
    "be promised.",
)
BASIS = mark(
    "Kiosk",
    "For {enrolled} enrolled, from recordings of {people} people. Real visits may differ. "
    "“At most” means that the recordings are too few to promise more.",
)

PHOTOGRAPHS = mark("Kiosk", "About 1 photograph in {n} is taken for a person.")
PHOTOGRAPHS_BOUND = mark("Kiosk", "At most about 1 photograph in {n} is taken for a person.")
PHOTOGRAPHS_OFTEN = mark("Kiosk", "Photographs may be taken for people.")
FILMS = mark("Kiosk", "About 1 film on a screen in {n} is taken for a person.")
FILMS_BOUND = mark("Kiosk", "At most about 1 film on a screen in {n} is taken for a person.")
FILMS_OFTEN = mark("Kiosk", "Films on screens may be taken for people.")
ASKED_AGAIN = mark("Kiosk", "About 1 living person in {n} is asked again.")
ASKED_AGAIN_BOUND = mark("Kiosk", "At most about 1 living person in {n} is asked again.")
ASKED_AGAIN_OFTEN = mark("Kiosk", "Hardly any living person gets through.")
NOT_SUPPORTED = mark("Kiosk", "The recordings can promise no less than 1 photograph in {n}.")
ATTACK_BASIS = mark(
    "Kiosk",
    "Measured on presentations of {people} people by one webcam; there were no masks among them.",
)

MODELS_TITLE = mark("Kiosk", "Models on this machine")
MODEL_READY = mark("Kiosk", "ready")
MODEL_MISSING = mark("Kiosk", "missing")
MODEL_DAMAGED = mark("Kiosk", "damaged")
MODEL_IN_USE = mark("Kiosk", "in use")
MODEL_CARD = mark("Kiosk", "Card")
MODEL_CARD_OF = mark("Kiosk", "Card of {name}")
MODEL_STATES = {"ready": MODEL_READY, "missing": MODEL_MISSING, "damaged": MODEL_DAMAGED}
