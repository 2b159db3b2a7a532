"""The words of the visits page; see `kiosk.ui.strings.visitor`."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.core.decisions import DecisionOutcome, DecisionReason
from kiosk.core.records import Corrector
from kiosk.ui.strings.visitor import mark

VISITS = mark("Kiosk", "Visits")
LIST = mark("Kiosk", "List")
CHARTS = mark("Kiosk", "Charts")
COUNT = mark("Kiosk", "{shown} of {all} visits.")
NO_VISITS = mark("Kiosk", "No visits are kept for this time.")
KEPT_FOR = mark("Kiosk", "Decisions are kept for {days} days, then deleted.")

PERIOD = mark("Kiosk", "Time")
PERIODS = {
    "1": mark("Kiosk", "Last 24 hours"),
    "7": mark("Kiosk", "Last 7 days"),
    "30": mark("Kiosk", "Last 30 days"),
    "0": mark("Kiosk", "Everything kept"),
}
FILTER = mark("Kiosk", "Result")
EVERY_RESULT = mark("Kiosk", "Every result")
CORRECTED = mark("Kiosk", "wrong")
OUTCOMES = {
    DecisionOutcome.IDENTIFIED: mark("Kiosk", "recognised"),
    DecisionOutcome.UNKNOWN: mark("Kiosk", "unknown"),
    DecisionOutcome.UNUSABLE: mark("Kiosk", "not usable"),
    DecisionOutcome.CONTRADICTED: mark("Kiosk", "contradicted"),
    DecisionOutcome.NOT_LIVE: mark("Kiosk", "no living person"),
}

COLUMN_TIME = mark("Kiosk", "When")
COLUMN_RESULT = mark("Kiosk", "Result")
COLUMN_WHO = mark("Kiosk", "Nearest")
COLUMN_FACE = mark("Kiosk", "Face")
COLUMN_VOICE = mark("Kiosk", "Voice")
COLUMN_SURE = mark("Kiosk", "Sure")

CHOOSE_VISIT = mark("Kiosk", "Choose a visit in the table.")
NOBODY = mark("Kiosk", "nobody")
FACE_LINE = mark("Kiosk", "Face: evidence {llr}")
VOICE_LINE = mark("Kiosk", "Voice: evidence {llr}")
FACE_NONE = mark("Kiosk", "Face: not used")
VOICE_NONE = mark("Kiosk", "Voice: not used")
FUSED_LINE = mark("Kiosk", "Together: evidence {llr}, {needed} needed; {sure} sure")
REASONS: Mapping[str, str] = {
    DecisionReason.BELOW_THRESHOLD: mark("Kiosk", "Too little evidence for anybody."),
    DecisionReason.SMALL_MARGIN: mark("Kiosk", "Two people were too much alike."),
    DecisionReason.CONFLICT: mark("Kiosk", "Face and voice spoke for different people."),
    DecisionReason.EMPTY_GALLERY: mark("Kiosk", "Nobody is enrolled."),
    DecisionReason.NO_EVIDENCE: mark("Kiosk", "Neither face nor voice was good enough."),
    DecisionReason.UNCHECKED: mark("Kiosk", "Somebody whom staff have not checked yet."),
    DecisionReason.NOT_LIVE: mark("Kiosk", "A picture, a film or a foreign voice."),
    DecisionReason.NOT_CHECKED: mark(
        "Kiosk", "Too little was seen to tell a person from a picture."
    ),
}
WRONG_BY = {
    Corrector.VISITOR: mark("Kiosk", "The visitor said that this was wrong."),
    Corrector.STAFF: mark("Kiosk", "Staff said that this was wrong."),
}
WRONG_WAS = mark("Kiosk", "It was {name}.")
SUGGEST = mark(
    "Kiosk", "Somebody else was mistaken for {name} ({count}): re-registering {name} may help."
)

TO_PERSON = mark("Kiosk", "Go to this person")

WRONG = mark("Kiosk", "This was wrong")
WRONG_TITLE = mark("Kiosk", "Who was it really?")
WRONG_TEXT = mark(
    "Kiosk",
    "Choose the person, or say that it was nobody enrolled. "
    "What was kept of the visit no longer counts for the person named.",
)
COST_TITLE = mark("Kiosk", "Mark this as wrong?")
COST_NOTHING = mark("Kiosk", "Nothing was kept of this visit: later visits are answered as before.")
COST_OWN = mark(
    "Kiosk",
    "By what was kept, this visit is as much like {name} as the templates of {name} are like each "
    "other. It will take nothing away from {name}.",
)
COST_LOST = mark(
    "Kiosk",
    "Visits that look more like this one than like {name} will not count for {name}. "
    "Of the templates of {name} that is so for {lost} of {count}.",
)
WRONG_NOBODY = mark("Kiosk", "Nobody enrolled")
TAKE_BACK = mark("Kiosk", "It was right after all")

EXPORT = mark("Kiosk", "Save as CSV")
EXPORT_TITLE = mark("Kiosk", "Where to save the table")
EXPORT_TEXT = mark("Kiosk", "It holds the names and scores of the {count} visits shown.")
EXPORT_DONE = mark("Kiosk", "Saved")
EXPORT_WHERE = mark("Kiosk", "{count} visits in {file}")

CHART_HOURS = mark("Kiosk", "Visits by hour of the day")
CHART_SCORES = mark("Kiosk", "Evidence for the nearest person")
CHART_UNKNOWN = mark("Kiosk", "Visitors recognised and not")
CHART_THRESHOLD = mark("Kiosk", "needed: {llr}")
CHART_EMPTY = mark("Kiosk", "Nothing to show yet.")
HOURS_FEW = mark("Kiosk", "They came at: {times}.")
HOURS_MANY = mark("Kiosk", "{count} visits on {days} days.")
HOURS_BUSIEST = mark("Kiosk", "Most between {first} and {last} h: {count}.")
SCORES_KNOWN = mark("Kiosk", "Recognised with: {scores}.")
SCORES_UNKNOWN = mark("Kiosk", "Not recognised with: {scores}.")
SCORES_NEAR = mark(
    "Kiosk", "{near} of {known} recognised visits were within {spare} of what is needed."
)
UNKNOWN_OF = mark("Kiosk", "{unknown} of {usable} were not recognised.")
UNKNOWN_FEW = mark("Kiosk", "These are too few for a share.")
UNKNOWN_SHARE = mark("Kiosk", "That is {share} % (between {low} and {high}).")
UNKNOWN_SPAN = mark("Kiosk", "One bar is {days} days.")
