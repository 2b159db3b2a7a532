"""The words of enrolment and re-registration; see `kiosk.ui.strings.visitor`."""

from __future__ import annotations

from kiosk.core.media import Modality
from kiosk.enrolment.guided_capture import Goal
from kiosk.ui.strings.visitor import mark

ENROL = mark("Kiosk", "Enrol somebody")
ENROL_SHORT = mark("Kiosk", "Enrol")
ENROL_TITLE = mark("Kiosk", "Enrol a new person")
RE_REGISTER = mark("Kiosk", "Re-register")
RE_REGISTER_TITLE = mark("Kiosk", "Re-register {name}")

NAME_FIELD = mark("Kiosk", "Name or number")
NAME_EMPTY = mark("Kiosk", "Please type a name first.")
NAME_TAKEN = mark("Kiosk", "This name is used already or cannot be used. Choose another one.")
TWO_PEOPLE = mark(
    "Kiosk",
    "The samples are of two people: {one} of one, {other} of another. "
    "Record one person alone, or choose files with nobody else.",
)
CONSENT = mark("Kiosk", "Consent")
CONSENT_VERSION = "3"
CONSENT_INTRO = mark("Kiosk", "This kiosk will recognise you by your face and your voice.")
CONSENT_KEPT = mark(
    "Kiosk",
    "What is kept: your name, and numbers computed from your face and voice (templates). "
    "Pictures and recordings are not kept.",
)
CONSENT_KEPT_PICTURE = mark(
    "Kiosk",
    "What is kept: your name, numbers computed from your face and voice (templates), and one small "
    "picture of your face for the staff. Recordings are not kept.",
)
CONSENT_LEARNT = mark(
    "Kiosk", "Later visits: some add such numbers, so that you are recognised as you change."
)
CONSENT_WHERE = mark("Kiosk", "Where: encrypted, on this machine only.")
CONSENT_FOR = mark("Kiosk", "What for: to tell who is standing here. For nothing else.")
CONSENT_FOR_AND = mark("Kiosk", "What for: to tell who is standing here.")
CONSENT_ESTIMATES = mark("Kiosk", "Beside that: {fact} No such result is kept.")
CONSENT_ATTENDANCE = mark(
    "Kiosk", "Attendance: on every day, when you were recognised first and last is told to staff."
)
CONSENT_GREETING = mark(
    "Kiosk", "Greeting: staff may have a line shown to you when you are recognised."
)
CONSENT_HOW_LONG = mark(
    "Kiosk",
    "How long: until you or the operator delete it. Of every visit, for {days} days: when it was, "
    "and numbers computed from it.",
)
CONSENT_FREE = mark(
    "Kiosk",
    "You need not agree, and you can take your consent back at any time: ask a member of staff, "
    "and everything about you is deleted.",
)
CONSENT_SENT_NOWHERE = mark("Kiosk", "Nothing is sent anywhere.")
"""The sentence that does not hold where others are told of decisions."""
CONSENT_SENT = mark(
    "Kiosk", "Other devices of the operator are told that you were recognised, and when."
)
CONSENT_NAME_SENT = mark(
    "Kiosk", "Other devices of the operator are told your name when you are recognised, and when."
)
CONSENT_AGREE = mark("Kiosk", "I have read this and agree")
CONSENT_MISSING = mark("Kiosk", "The person must read the text and agree first.")
CONSENT_GIVEN = mark("Kiosk", "Consent given on {date} (text {version}).")
REPLACE = mark("Kiosk", "Replace the old")
ADD = mark("Kiosk", "Add to the old")
REPLACE_TEXT = mark(
    "Kiosk", "The old templates are put aside; one touch on Roll back brings them back."
)
ADD_TEXT = mark(
    "Kiosk",
    "New templates are used beside the old ones: good on another day, with or without glasses.",
)
FROM_CAMERA = mark("Kiosk", "Start with the camera")
FROM_FILES = mark("Kiosk", "From files")
FROM_FOLDER = mark("Kiosk", "From a folder")
CHOOSE_FILES = mark("Kiosk", "Choose videos, pictures or recordings of this one person")
CHOOSE_FOLDER = mark("Kiosk", "Choose a folder with files of this one person")

GOALS = {
    Goal.STRAIGHT: mark("Kiosk", "Look straight into the camera"),
    Goal.LEFT: mark("Kiosk", "Turn your head a little to the left"),
    Goal.RIGHT: mark("Kiosk", "Turn your head a little to the right"),
    Goal.UP: mark("Kiosk", "Raise your chin a little"),
    Goal.DOWN: mark("Kiosk", "Lower your chin a little"),
}
GOALS_SHORT = {
    Goal.STRAIGHT: mark("Kiosk", "Straight"),
    Goal.LEFT: mark("Kiosk", "Left"),
    Goal.RIGHT: mark("Kiosk", "Right"),
    Goal.UP: mark("Kiosk", "Up"),
    Goal.DOWN: mark("Kiosk", "Down"),
}
POSE_TEXT = mark("Kiosk", "Bring the dot into the ring.")
POSE_STEP = mark("Kiosk", "Step {step} of 6")
SPEAK_STEP = mark("Kiosk", "Please read this aloud")
SPEECH_LEFT = mark("Kiosk", "{seconds} s of speech still needed")
NOT_TAKEN = mark("Kiosk", "Not taken: {reason}")
TOO_FAR = mark("Kiosk", "A little less, please")
LEFT_OUT = mark("Kiosk", "left out")
QUALITY = mark("Kiosk", "Quality {percent} %")
SAMPLES = mark("Kiosk", "Samples taken, with their quality")
SKIP = mark("Kiosk", "Skip")
SKIP_POSES = mark("Kiosk", "Skip the remaining poses")
SKIP_SPEECH = mark("Kiosk", "Stop speaking")
SOURCE_LOST = mark("Kiosk", "The camera or microphone went away; it is being tried again.")
PHRASES = (
    mark("Kiosk", "My name is on this list now, and I speak as I always do."),
    mark("Kiosk", "Over the hill the sun is warm, and the road home is long."),
    mark("Kiosk", "Please open the door, I would like to come in and sit down."),
)

READING = mark("Kiosk", "Reading files")
READING_TEXT = mark("Kiosk", "{done} of {total} files are done.")
FILES_BAD = mark("Kiosk", "{bad} of {total} files could not be read and were left out.")
STOP = mark("Kiosk", "Stop")
WORKING = mark("Kiosk", "One moment …")

REVIEW_TITLE = mark("Kiosk", "Check before saving: {name}")
REVIEW_COUNTS = mark("Kiosk", "New templates: {face} face, {voice} voice.")
REVIEW_DROPPED = mark("Kiosk", "Pictures left out because they did not fit the others: {count}")
ONE_MODALITY = {
    Modality.FACE: mark("Kiosk", "By face only: there is too little speech."),
    Modality.VOICE: mark("Kiosk", "By voice only: there are too few pictures."),
}
DUPLICATE = mark("Kiosk", "This seems to be {name}, who is enrolled already.")
DUPLICATE_SCORES = mark(
    "Kiosk", "Face {face} (counts from {face_at}), voice {voice} (from {voice_at})."
)
PICTURE_NEW = mark("Kiosk", "Recorded now")
PICTURE_KEPT = mark("Kiosk", "On file for {name}")
PICTURE_NONE = mark("Kiosk", "No picture of {name} is kept.")
NO_SCORE = mark("Kiosk", "none")
OTHER_PERSON = mark("Kiosk", "The new samples resemble {name} more than anybody should.")
STRANGER = mark("Kiosk", "The new samples do not resemble {name}. Is this the right person?")
NOT_LIVING = mark("Kiosk", "These samples do not seem to be of a living person.")
NOT_CHECKED = mark("Kiosk", "It could not be told whether these samples are of a living person.")
FILES_UNCHECKED = mark("Kiosk", "From files: nobody can tell whether the person was there.")
LIVING_REASONS = {
    "face_picture": mark("Kiosk", "The picture looks like paper or a screen."),
    "motion": mark("Kiosk", "The face does not move as a head does."),
    "lip_sound": mark("Kiosk", "The lips do not go with the voice."),
    "not_turned": mark("Kiosk", "The head was never turned."),
    "blurred": mark("Kiosk", "The pictures are blurred."),
}
LIVING_OTHER = mark("Kiosk", "There were too few pictures to tell.")
WHY_SAVE = mark("Kiosk", "Why save it anyway")
WHY_CHOOSE = mark("Kiosk", "Choose a reason")
WHY = {
    "the person was seen here": mark("Kiosk", "I see the person here myself"),
    "poor light or camera": mark("Kiosk", "The light or the camera is poor"),
    "cannot turn the head": mark("Kiosk", "The person cannot turn their head"),
}
"""What is written down of a reason, and its words."""
APART = {
    Modality.FACE: mark("Kiosk", "Face: well apart from everyone else"),
    Modality.VOICE: mark("Kiosk", "Voice: well apart from everyone else"),
}
NOT_APART = {
    Modality.FACE: mark("Kiosk", "Face: close to somebody else"),
    Modality.VOICE: mark("Kiosk", "Voice: close to somebody else"),
}
UNEVEN = {
    Modality.FACE: mark("Kiosk", "Face: the samples differ among themselves"),
    Modality.VOICE: mark("Kiosk", "Voice: the samples differ among themselves"),
}
ALONE = mark("Kiosk", "Nobody else is enrolled yet.")
PLOT_TEXT = mark(
    "Kiosk", "Further to the right means more alike; beyond the line somebody is recognised."
)
OWN = mark("Kiosk", "this person")
NEAREST = mark("Kiosk", "nearest: {name}")
COMPARED_VISITS = {
    Modality.FACE: mark("Kiosk", "Face, last {count} visits: old {old}, new {new}"),
    Modality.VOICE: mark("Kiosk", "Voice, last {count} visits: old {old}, new {new}"),
}
COMPARED_RECORDED = {
    Modality.FACE: mark("Kiosk", "Face: visits so far {recorded}, new samples {likeness}"),
    Modality.VOICE: mark("Kiosk", "Voice: visits so far {recorded}, new samples {likeness}"),
}
COMPARED_TEXT = mark("Kiosk", "with the old templates; recognised from {threshold} on")
SAVE = mark("Kiosk", "Save")
SAVE_ANYWAY = mark("Kiosk", "Different people: save")
ADD_INSTEAD = mark("Kiosk", "Add to {name} instead")
RECORD_AGAIN = mark("Kiosk", "Record again")
DISCARD = mark("Kiosk", "Discard")
SHORT_TITLE = mark("Kiosk", "That is not enough yet")
SHORT_TEXT = mark(
    "Kiosk", "Usable pictures: {faces} of {faces_needed}. Speech: {speech} of {speech_needed} s."
)
SHORT_HINT = mark("Kiosk", "Most often: {hint}")
NOTHING_READ = mark("Kiosk", "None of these files can be read. Choose videos, pictures or sound.")
