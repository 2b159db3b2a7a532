"""Every word the screens say, in English; translations/kiosk_ko.ts holds the Korean.

Texts are marked here and looked up when shown, so that the language can change at any moment.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from kiosk.core.errors import KnownError
from kiosk.core.korean_errors import translated
from kiosk.core.media import Modality
from kiosk.core.samples import Hint

CONTEXT = "Kiosk"


def mark(_context: str, text: str) -> str:
    """Mark a text for lupdate (make translations) and leave it as it is: Qt's QT_TRANSLATE_NOOP,
    with types."""
    return text


def say(text: str, **values: object) -> str:
    """A text of this module in the language in use, with its {places} filled."""
    said = QCoreApplication.translate(CONTEXT, text)
    return said.format(**values) if values else said


def in_korean() -> bool:
    """Whether Korean is in use: then the switch offers English."""
    return say(OTHER_LANGUAGE) != OTHER_LANGUAGE


def in_language(both: tuple[str, str]) -> str:
    """Of an operator's text, Korean and English, the one of the language in use."""
    return both[0] if in_korean() else both[1]


TITLE = mark("Kiosk", "Kiosk")
OTHER_LANGUAGE = mark("Kiosk", "한국어")
OTHER_LANGUAGE_SPOKEN = mark("Kiosk", "Switch the screen to Korean")

WELCOME = mark("Kiosk", "Hello.\nLet me see whether I know you.")
WELCOME_SHORT = mark("Kiosk", "Hello. Who are you?")
WELCOME_TEXT = mark("Kiosk", "I recognise people who are enrolled here, by face and voice.")
FACT_DEVICES = mark("Kiosk", "A camera and a microphone are on.")
FACT_CAMERA = mark("Kiosk", "A camera is on, no microphone.")
FACT_MICROPHONE = mark("Kiosk", "A microphone is on, no camera.")
FACT_LATER = mark("Kiosk", "Nothing is looked at or listened to before you press Start.")
FACT_OFFLINE = mark("Kiosk", "Nothing leaves this machine.")
FACT_EVENTS = mark("Kiosk", "Pictures and sounds stay on this machine.")
"""In place of FACT_OFFLINE where others are told of decisions."""
FACT_EVENTS_SHORT = mark("Kiosk", "Pictures stay here.")
FACT_ATTRIBUTES = mark("Kiosk", "Age, gender and mood are not estimated.")
FACT_DEVICES_SHORT = mark("Kiosk", "Camera and mic are on.")
FACT_CAMERA_SHORT = mark("Kiosk", "A camera is on.")
FACT_MICROPHONE_SHORT = mark("Kiosk", "A microphone is on.")
FACT_LATER_SHORT = mark("Kiosk", "All is off before Start.")
FACT_OFFLINE_SHORT = mark("Kiosk", "Nothing leaves here.")
START = mark("Kiosk", "Start")
WALK_UP = mark("Kiosk", "Step in front of the camera, or press Start.")
PREPARING = mark("Kiosk", "Getting ready …")
PREPARING_TITLE = mark("Kiosk", "One moment, I am getting ready")
PREPARING_TITLE_SHORT = mark("Kiosk", "Getting ready …")
PREPARING_TEXT = mark("Kiosk", "I was started just now. As soon as I can see you, I go on.")
READING = mark("Kiosk", "A recording is read: {at} of {length}")
READING_ON = mark("Kiosk", "A recording is read: {at} so far, its length is not known")
READING_SHORT = mark("Kiosk", "Recording: {at} of {length}")
READING_ON_SHORT = mark("Kiosk", "Recording: {at} so far")

LOOK_TITLE = mark("Kiosk", "Please look at the camera")
LOOK_GOOD = mark("Kiosk", "That is good. Hold on a moment.")
LOOK_TEXT = mark("Kiosk", "Good pictures: {good} of {needed}")
BACK = mark("Kiosk", "Cancel")

SPEAK_TITLE = mark("Kiosk", "Please read this aloud")
SPEAK_LEFT = mark("Kiosk", "About {seconds} more seconds of speech")
SPEAK_LEFT_ONE = mark("Kiosk", "About one more second of speech")
SPEAK_DONE = mark("Kiosk", "Thank you, that is enough.")
VOICE_ONLY = mark("Kiosk", "By voice only")
SKIP_VOICE = mark("Kiosk", "Go on without speaking")
SKIP_VOICE_SHORT = mark("Kiosk", "Skip speaking")
SPEAK_LEFT_SHORT = mark("Kiosk", "About {seconds} s more")
PHRASES = (
    mark("Kiosk", "Good to see you. I am here today, in my usual voice."),
    mark("Kiosk", "The morning is clear, and the door opens when I arrive."),
    mark("Kiosk", "I walked along the river, and now I have arrived."),
)
LEVEL = mark("Kiosk", "Loudness of your voice")

THINK_TITLE = mark("Kiosk", "One moment, please")
THINK_TEXT = mark("Kiosk", "Comparing with the people enrolled here.")

GREETING = mark("Kiosk", "Welcome,")
NAME = mark("Kiosk", "{name}")
RECOGNISED = mark("Kiosk", "Recognised")
BY_VOICE_ALONE = mark("Kiosk", "Recognised by your voice alone")
BY_VOICE_SHORT = mark("Kiosk", "By voice alone")
NOT_ME_SHORT = mark("Kiosk", "Not me")
NOT_ME = mark("Kiosk", "This is not me")
FINISH = mark("Kiosk", "Finish")

UNKNOWN_TITLE = mark("Kiosk", "I do not recognise you")
UNKNOWN_TEXT = mark("Kiosk", "Please ask a member of staff; they will gladly help.")
CONFLICT_TITLE = mark("Kiosk", "Face and voice do not fit together")
CONFLICT_TEXT = mark(
    "Kiosk", "Perhaps somebody else spoke. Please try again alone, or ask a member of staff."
)
UNSURE_TITLE = mark("Kiosk", "I am not sure who you are")
SMALL_MARGIN_TEXT = mark(
    "Kiosk", "You look like more than one person here. Please try again, or ask a member of staff."
)
AGAIN = mark("Kiosk", "Try again")

UNUSABLE_TITLE = mark("Kiosk", "Let me try that once more")
UNUSABLE_TEXT = mark("Kiosk", "I could not see or hear you well enough.")

NOT_LIVE_TITLE = mark("Kiosk", "I need to see you in person")
NOT_LIVE_TEXT = mark(
    "Kiosk", "Please stand here yourself, without a picture or a screen, or ask a member of staff."
)

NOT_ME_TITLE = mark("Kiosk", "Sorry about that")
NOT_ME_TEXT = mark("Kiosk", "The result is cleared. Please ask a member of staff, or try again.")

FAULT_TITLE = mark("Kiosk", "I am sorry, I need a short break")
FAULT_TITLE_SHORT = mark("Kiosk", "Sorry, a short break")
FAULT_TEXT = mark("Kiosk", "I will try again by myself. If it is urgent, ask a member of staff.")
FAULT_ENDED_TEXT = mark("Kiosk", "Please ask a member of staff.")
FAULT_STAFF = mark("Kiosk", "For staff")
LIMITED_VOICE = mark("Kiosk", "I cannot hear at the moment; your face is enough.")
LIMITED_VOICE_SHORT = mark("Kiosk", "By face alone just now")
LIMITED_SHORT = mark("Kiosk", "Partly out of order")
LIMITED = mark("Kiosk", "A part of me is not working; I will do what I can.")

WARNING_TITLE = mark("Kiosk", "Are you still there?")
WARNING_TEXT = mark("Kiosk", "This screen is cleared in {seconds} s.")
MORE_TIME = mark("Kiosk", "I need more time")

CALL = mark("Kiosk", "Call staff")
CALL_SHORT = mark("Kiosk", "Staff")
CALL_AGAIN = mark("Kiosk", "Call again")
CALLED = mark("Kiosk", "Staff were called at {time}. Please wait here.")
CALLED_SHORT = mark("Kiosk", "Staff called: {time}")
CALLED_TITLE = mark("Kiosk", "Staff were called")
CALLED_HERE = mark("Kiosk", "Staff were called at {time}. The call is shown here and to staff.")
CALLED_BUTTON = mark("Kiosk", "Called {time}")
CALL_WAITS = mark("Kiosk", "The call of {time} is not passed on yet; I keep trying.")
CALL_WAITS_SHORT = mark("Kiosk", "Not passed on yet")
CALL_BACK = mark("Kiosk", "Take the call back")
CALL_BACK_SHORT = mark("Kiosk", "Take back")

REACH_HIGH = mark("Kiosk", "Move buttons up")
REACH_LOW = mark("Kiosk", "Move buttons down")
PREVIEW = mark("Kiosk", "Mirror picture of the camera")

HINTS: dict[Hint, str] = {
    Hint.STEP_UP: mark("Kiosk", "Please step in front of the camera"),
    Hint.ONE_PERSON: mark("Kiosk", "One person at a time, please"),
    Hint.COME_CLOSER: mark("Kiosk", "Please come a little closer"),
    Hint.MOVE_TO_CENTRE: mark("Kiosk", "Please move to the middle"),
    Hint.LOOK_HERE: mark("Kiosk", "Please look straight at the camera"),
    Hint.UNCOVER_FACE: mark("Kiosk", "Please uncover your face"),
    Hint.MORE_LIGHT: mark("Kiosk", "It is too dark; please face the light"),
    Hint.LESS_LIGHT: mark("Kiosk", "It is too bright; please turn away from the light"),
    Hint.HOLD_STILL: mark("Kiosk", "Please hold still for a moment"),
    Hint.LOOK_LONGER: mark("Kiosk", "Please look here a little longer"),
    Hint.TURN_LEFT: mark("Kiosk", "Please turn your head to the left, then back"),
    Hint.TURN_RIGHT: mark("Kiosk", "Please turn your head to the right, then back"),
    Hint.SPEAK: mark("Kiosk", "Please speak now"),
    Hint.SPEAK_LOUDER: mark("Kiosk", "A little louder, please"),
    Hint.SPEAK_SOFTER: mark("Kiosk", "A little softer, please"),
    Hint.LESS_NOISE: mark("Kiosk", "It is noisy here; please come closer"),
    Hint.SPEAK_LONGER: mark("Kiosk", "Please keep speaking"),
}
HINT_ICONS: dict[Hint, str] = {
    Hint.STEP_UP: "closer",
    Hint.ONE_PERSON: "one-person",
    Hint.COME_CLOSER: "closer",
    Hint.MOVE_TO_CENTRE: "centre",
    Hint.LOOK_HERE: "eye",
    Hint.UNCOVER_FACE: "face",
    Hint.MORE_LIGHT: "light",
    Hint.LESS_LIGHT: "light",
    Hint.HOLD_STILL: "still",
    Hint.LOOK_LONGER: "eye",
    Hint.TURN_LEFT: "turn-left",
    Hint.TURN_RIGHT: "turn-right",
    Hint.SPEAK: "voice",
    Hint.SPEAK_LOUDER: "microphone",
    Hint.SPEAK_SOFTER: "microphone",
    Hint.LESS_NOISE: "less-noise",
    Hint.SPEAK_LONGER: "voice",
}

FAULTS: dict[str, tuple[str, str, str]] = {
    "DeviceMissing": (
        "CAP-1",
        mark("Kiosk", "No camera or microphone is found."),
        mark("Kiosk", "Plug it in, and check camera and microphone in the settings."),
    ),
    "DeviceBusy": (
        "CAP-2",
        mark("Kiosk", "Another program holds the camera or microphone."),
        mark("Kiosk", "Close the other program."),
    ),
    "DeviceForbidden": (
        "CAP-3",
        mark("Kiosk", "The system forbids the camera or microphone."),
        mark("Kiosk", "Allow it in the system's privacy settings."),
    ),
    "DeviceSilent": (
        "CAP-4",
        mark("Kiosk", "The camera or microphone delivers nothing."),
        mark("Kiosk", "Unplug it, plug it in again, and check its cable."),
    ),
    "StreamLost": (
        "CAP-5",
        mark("Kiosk", "The network stream broke off."),
        mark("Kiosk", "Check the network and the sender."),
    ),
    "MonitorMissing": (
        "SCR-1",
        mark("Kiosk", "The chosen monitor is not there; another one shows the kiosk."),
        mark("Kiosk", "Plug it in, or choose another in the settings."),
    ),
    "SourceLost": (
        "CAP-6",
        mark("Kiosk", "A device went away and is being tried again."),
        mark("Kiosk", "Check its cable; the kiosk goes on by itself."),
    ),
    "SourceEnded": (
        "CAP-7",
        mark("Kiosk", "The recording or stream has ended."),
        mark("Kiosk", "Start the kiosk again."),
    ),
    "CaptureError": (
        "CAP-9",
        mark("Kiosk", "The camera or microphone does not work."),
        mark("Kiosk", "Check camera and microphone in the settings."),
    ),
    "InputError": (
        "IN-1",
        mark("Kiosk", "A recording cannot be used."),
        mark("Kiosk", "Choose another recording."),
    ),
    "ModelError": (
        "MOD-1",
        mark("Kiosk", "A model file is missing or damaged."),
        mark("Kiosk", "See which one under Settings, Models; then install the kiosk again."),
    ),
    "PackageMissing": (
        "PKG-1",
        mark("Kiosk", "The chosen model needs a package that is not installed."),
        mark("Kiosk", "Choose another model under Settings, Models."),
    ),
    "SettingsError": (
        "SET-1",
        mark("Kiosk", "A setting is not valid."),
        mark("Kiosk", "Run: kiosk doctor"),
    ),
    "WrongKey": (
        "DB-1",
        mark("Kiosk", "The key does not open the gallery."),
        mark("Kiosk", "Put the right key file in its place."),
    ),
    "NewerDatabase": (
        "DB-2",
        mark("Kiosk", "The gallery belongs to a newer version."),
        mark("Kiosk", "Install the newer version of the program."),
    ),
    "ReadOnlyDatabase": (
        "DB-3",
        mark("Kiosk", "The gallery cannot be written."),
        mark("Kiosk", "Check the permissions of its folder."),
    ),
    "DiskFull": (
        "DB-4",
        mark("Kiosk", "The disk is full."),
        mark("Kiosk", "Make room on the disk."),
    ),
    "StorageError": (
        "DB-9",
        mark("Kiosk", "The gallery cannot be used."),
        mark("Kiosk", "Run: kiosk doctor"),
    ),
    "FleetError": (
        "FLT-1",
        mark("Kiosk", "The server of the fleet cannot do what was asked."),
        mark("Kiosk", "Ask whoever looks after the fleet; the code helps them."),
    ),
    "FleetUnreachable": (
        "FLT-2",
        mark("Kiosk", "The server of the fleet does not answer; the kiosk goes on by itself."),
        mark("Kiosk", "Check the network and the server."),
    ),
    "FleetRevoked": (
        "FLT-3",
        mark("Kiosk", "The fleet has put this kiosk out."),
        mark("Kiosk", "Ask whoever looks after the fleet; the kiosk can join again."),
    ),
    "NotReady": (
        "RUN-1",
        mark("Kiosk", "The kiosk is not ready for that."),
        mark("Kiosk", "Wait a moment, or see on the page of people what is out of order."),
    ),
    "PowerRefused": (
        "SYS-1",
        mark("Kiosk", "The machine cannot be restarted or shut down from here."),
        mark("Kiosk", "Use its own switch, or ask whoever looks after it."),
    ),
    "MemoryRefused": (
        "SYS-2",
        mark("Kiosk", "The machine has no memory left."),
        mark("Kiosk", "Close other programs, or add memory."),
    ),
    "DeliveryError": (
        "EVT-1",
        mark("Kiosk", "Decisions do not reach those who are to be told."),
        mark("Kiosk", "Run: kiosk events test"),
    ),
    "BugError": (
        "INT-1",
        mark("Kiosk", "An internal error."),
        mark("Kiosk", "Restart the kiosk and report the code."),
    ),
}
"""By the name of the class in `kiosk.core.errors`: code, what is wrong, remedy."""


def fault_words(code: str) -> tuple[str, str, str]:
    """Code, what is wrong and remedy for staff; an unnamed fault is that of a lost device."""
    return FAULTS.get(code or "SourceLost", FAULTS["BugError"])


def error_words(error: KnownError) -> str:
    """What is wrong, its remedy and code for staff; below, what the error itself says, in the
    language in use where somebody has translated it."""
    code, what, remedy = fault_words(type(error).__name__)
    own = str(error)
    if in_korean():
        own = " ".join(translated(part) or part for part in (error.text, error.remedy) if part)
    return f"{say(what)} {say(remedy)} ({code})\n{own}"


VOICE = mark("Kiosk", "Voice")
MODALITY_ICONS = {Modality.FACE: "face", Modality.VOICE: "voice"}
MAX_SHOWN_PERCENT = 99.9


def percent(probability: float) -> str:
    """How sure, in a number for staff; never 100 %."""
    value = probability * 100
    if value >= MAX_SHOWN_PERCENT:
        return f"> {per_hundred(MAX_SHOWN_PERCENT)}"
    return per_hundred(f"{value:.1f}")


def per_hundred(number: object) -> str:
    """A number with the sign of per cent, which Korean joins to it."""
    return f"{number}%" if in_korean() else f"{number} %"
