"""The settings page as data: groups, rows, and what each setting does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.ui.strings.visitor import mark

SETTINGS = mark("Kiosk", "Settings")


@dataclass(frozen=True)
class Row:
    """One setting. `at_once`: the running kiosk follows without a restart; `choices`: words for the
    values of a choice; `unit` stands behind a number."""

    key: str
    label: str
    help: str
    at_once: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""


@dataclass(frozen=True)
class Group:
    """Settings that belong together."""

    name: str
    title: str
    rows: tuple[Row, ...]


ON, OFF = mark("Kiosk", "On"), mark("Kiosk", "Off")
AUTO, NONE = mark("Kiosk", "Automatic"), mark("Kiosk", "None")
SECONDS = mark("Kiosk", "seconds")
DAYS = mark("Kiosk", "days")
PIXELS = mark("Kiosk", "pixels")
INCHES = mark("Kiosk", "inches")
PICTURES = mark("Kiosk", "pictures")
_ON_OFF = {"on": ON, "off": OFF}

_DEVICES = Group(
    "devices",
    mark("Kiosk", "Devices"),
    (
        Row(
            "camera",
            mark("Kiosk", "Camera"),
            mark("Kiosk", "Looks at visitors. Automatic takes the first one."),
        ),
        Row(
            "microphone",
            mark("Kiosk", "Microphone"),
            mark("Kiosk", "Listens to visitors. Automatic takes the system's default."),
        ),
    ),
)
_RECOGNITION = Group(
    "recognition",
    mark("Kiosk", "Recognition"),
    (
        Row(
            "min_probability",
            mark("Kiosk", "How sure to be"),
            mark("Kiosk", "A visitor is named only from this probability on. Higher is stricter."),
        ),
        Row(
            "min_llr",
            mark("Kiosk", "Least evidence"),
            mark("Kiosk", "Evidence needed for a name (natural logarithm). Higher is stricter."),
        ),
        Row(
            "min_margin",
            mark("Kiosk", "Distance to the second"),
            mark("Kiosk", "How much more must speak for the first than for the next person."),
        ),
        Row(
            "known_share",
            mark("Kiosk", "Share of enrolled visitors"),
            mark("Kiosk", "How many of those who come are enrolled: 0.9 means nine in ten."),
        ),
        Row(
            "good_frames",
            mark("Kiosk", "Pictures of a face"),
            mark("Kiosk", "Good pictures gathered before the face is compared."),
            unit=PICTURES,
        ),
        Row(
            "speech_seconds",
            mark("Kiosk", "Speech"),
            mark("Kiosk", "Speech gathered before the voice is compared."),
            unit=SECONDS,
        ),
        Row(
            "min_face",
            mark("Kiosk", "Smallest face"),
            mark("Kiosk", "Width from which a face counts; people farther away are not looked at."),
            unit=PIXELS,
        ),
    ),
)
_MODELS = Group(
    "models",
    mark("Kiosk", "Models"),
    (
        Row(
            "face_model",
            mark("Kiosk", "Face recogniser"),
            mark("Kiosk", "People enrolled with another one are not recognised by this one."),
        ),
        Row(
            "voice_model",
            mark("Kiosk", "Voice recogniser"),
            mark("Kiosk", "People enrolled with another one are not recognised by this one."),
        ),
        Row(
            "device",
            mark("Kiosk", "Processor"),
            mark("Kiosk", "Where the models run. Automatic takes a graphics card if there is one."),
            choices={
                "auto": AUTO,
                "cpu": mark("Kiosk", "Processor only"),
                "cuda": mark("Kiosk", "Graphics card"),
            },
        ),
        Row(
            "threads",
            mark("Kiosk", "Threads"),
            mark("Kiosk", "How many processor cores the models may use."),
        ),
        Row(
            "detect_every",
            mark("Kiosk", "Search for faces"),
            mark("Kiosk", "Pictures between two searches while a face is followed."),
            unit=PICTURES,
        ),
    ),
)
_ATTRIBUTES = Group(
    "attributes",
    mark("Kiosk", "Estimates"),
    (
        Row(
            "profile",
            mark("Kiosk", "Place"),
            mark("Kiosk", "At work and in education the law forbids estimating emotion."),
            choices={
                "standard": mark("Kiosk", "Elsewhere"),
                "workplace": mark("Kiosk", "At work"),
                "education": mark("Kiosk", "In education"),
            },
        ),
        Row(
            "emotion",
            mark("Kiosk", "Emotion"),
            mark("Kiosk", "Estimated and shown. Automatic: where the place permits it."),
            choices={"auto": AUTO, **_ON_OFF},
        ),
        Row(
            "age",
            mark("Kiosk", "Age"),
            mark("Kiosk", "Estimated and shown as a range of years."),
            choices={"auto": AUTO, **_ON_OFF},
        ),
        Row(
            "gender",
            mark("Kiosk", "Gender"),
            mark("Kiosk", "Estimated and shown with how sure it is."),
            choices={"auto": AUTO, **_ON_OFF},
        ),
    ),
)
_SCREEN = Group(
    "screen",
    mark("Kiosk", "Screen"),
    (
        Row(
            "language",
            mark("Kiosk", "Language"),
            mark("Kiosk", "What visitors find first; they can switch at any moment."),
            at_once=True,
            choices={"ko": mark("Kiosk", "Korean"), "en": mark("Kiosk", "English")},
        ),
        Row(
            "start",
            mark("Kiosk", "Beginning of a visit"),
            mark("Kiosk", "By touch nothing is looked at or listened to before Start is pressed."),
            choices={
                "touch": mark("Kiosk", "By touch"),
                "walk_up": mark("Kiosk", "By stepping up"),
            },
        ),
        Row(
            "prompts",
            mark("Kiosk", "Spoken prompts"),
            mark("Kiosk", "Says aloud what to do, for people who cannot see the screen."),
            at_once=True,
            choices=_ON_OFF,
        ),
        Row(
            "screen_inches",
            mark("Kiosk", "Size of the screen"),
            mark("Kiosk", "Its diagonal. Letters are made large enough for it."),
            at_once=True,
            unit=INCHES,
        ),
        Row(
            "controls",
            mark("Kiosk", "Place of the buttons"),
            mark("Kiosk", "On a tall screen. Low is better for people who sit."),
            at_once=True,
            choices={"low": mark("Kiosk", "Low"), "high": mark("Kiosk", "High")},
        ),
        Row(
            "motion",
            mark("Kiosk", "Motion"),
            mark("Kiosk", "Reduced: nothing on the screen moves by itself."),
            choices={"full": mark("Kiosk", "Full"), "reduced": mark("Kiosk", "Reduced")},
        ),
    ),
)
_TIMES = Group(
    "times",
    mark("Kiosk", "Times"),
    (
        Row(
            "result_seconds",
            mark("Kiosk", "A result stays"),
            mark("Kiosk", "Then it is cleared. Visitors are warned before and can ask for more."),
            at_once=True,
            unit=SECONDS,
        ),
        Row(
            "visit_end",
            mark("Kiosk", "End of a visit"),
            mark("Kiosk", "So long after nobody is seen any more, the visit is forgotten."),
            unit=SECONDS,
        ),
        Row(
            "speech_limit",
            mark("Kiosk", "Waiting for speech"),
            mark("Kiosk", "After so long the kiosk decides with what it has heard."),
            unit=SECONDS,
        ),
    ),
)
_DATA = Group(
    "data",
    mark("Kiosk", "Data"),
    (
        Row(
            "keep_days",
            mark("Kiosk", "Keep decisions"),
            mark("Kiosk", "Older ones are deleted, together with their corrections."),
            at_once=True,
            unit=DAYS,
        ),
        Row(
            "keep_probes",
            mark("Kiosk", "Keep templates of visits"),
            mark("Kiosk", "To compare before a re-registration. Otherwise only of denied visits."),
            choices={"no": mark("Kiosk", "No"), "yes": mark("Kiosk", "Yes")},
        ),
        Row(
            "keep_pictures",
            mark("Kiosk", "Keep enrolment pictures"),
            mark("Kiosk", "A small picture of the face for staff. The text of consent says so."),
            choices={"no": mark("Kiosk", "No"), "yes": mark("Kiosk", "Yes")},
        ),
        Row(
            "self_enrolment",
            mark("Kiosk", "Self-enrolment"),
            mark(
                "Kiosk",
                "Who is not known may enrol themselves and counts at once. The page of people "
                "marks them until you have checked them.",
            ),
            choices=_ON_OFF,
        ),
        Row(
            "enrol_faces",
            mark("Kiosk", "Pictures for an enrolment"),
            mark("Kiosk", "Good pictures needed before somebody can be enrolled."),
            unit=PICTURES,
        ),
        Row(
            "enrol_speech",
            mark("Kiosk", "Speech for an enrolment"),
            mark("Kiosk", "Speech needed before somebody can be enrolled with their voice."),
            unit=SECONDS,
        ),
    ),
)
GROUPS = (_DEVICES, _RECOGNITION, _MODELS, _ATTRIBUTES, _SCREEN, _TIMES, _DATA)
NOT_SHOWN = {"database", "key_file", "models"}
"""Where things lie is for whoever installs the kiosk."""

AT_ONCE = mark("Kiosk", "At once")
AFTER_RESTART = mark("Kiosk", "After a restart")
COVERED_LINE = mark("Kiosk", "Set on the command line; it cannot be changed here.")
COVERED_ENVIRONMENT = mark("Kiosk", "Set by the environment; it cannot be changed here.")
WRONG_NUMBER = mark("Kiosk", "Give a number from {low} to {high}.")
WRONG_WHOLE = mark("Kiosk", "Give a whole number from {low} to {high}.")
WRONG_EMOTION = mark("Kiosk", "The place forbids it: choose Automatic or Off.")
WRONG_DEVICES = mark("Kiosk", "Camera and microphone cannot both be None.")
WRONG_VALUE = mark("Kiosk", "This value is not possible.")

SAVE_CHANGES = mark("Kiosk", "Save")
DISCARD = mark("Kiosk", "Discard")
RESTART = mark("Kiosk", "Restart now")
UNSAVED = mark("Kiosk", "Changed, not saved: {count}")
INVALID = mark("Kiosk", "Nothing is saved while a value is not possible.")
SAVED = mark("Kiosk", "Saved.")
SAVED_RESTART = mark("Kiosk", "Saved. Some of it counts after a restart of a few seconds.")

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
REFUSED = mark("Kiosk", "About 1 visit in {n} of enrolled people is not recognised.")
REFUSED_BOUND = mark("Kiosk", "At most about 1 visit in {n} of enrolled people is not recognised.")
REFUSED_OFTEN = mark("Kiosk", "Hardly anybody is recognised.")
BASIS = mark(
    "Kiosk",
    "For {enrolled} enrolled, from recordings of {people} people. Real visits may differ. "
    "“At most” means that the recordings are too few to promise more.",
)

MODELS_TITLE = mark("Kiosk", "Models on this machine")
MODEL_READY = mark("Kiosk", "ready")
MODEL_MISSING = mark("Kiosk", "missing")
MODEL_DAMAGED = mark("Kiosk", "damaged")
MODEL_IN_USE = mark("Kiosk", "in use")
MODEL_CARD = mark("Kiosk", "Card")
MODEL_CARD_OF = mark("Kiosk", "Card of {name}")
MODEL_STATES = {"ready": MODEL_READY, "missing": MODEL_MISSING, "damaged": MODEL_DAMAGED}
