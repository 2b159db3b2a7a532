"""Words of the attribute estimates; see `kiosk.ui.strings.visitor`."""

from __future__ import annotations

from kiosk.core.estimates import AgeEstimate, AttributeSelection, Emotion, Gender
from kiosk.ui.strings.visitor import FACT_ATTRIBUTES, mark, say

ESTIMATES = mark("Kiosk", "Estimates, which may be wrong")
ESTIMATES_SHORT = mark("Kiosk", "Estimated:")
SHOW = mark("Kiosk", "Show estimates")
SHOW_SHORT = mark("Kiosk", "Estimates")
MOOD = mark("Kiosk", "Mood: {said}")
AGE = mark("Kiosk", "Age: {said}")
GENDER = mark("Kiosk", "Gender: {said}")
YEARS = mark("Kiosk", "{low}–{high}")

MOODS: dict[Emotion, str] = {
    Emotion.HAPPINESS: mark("Kiosk", "cheerful"),
    Emotion.ANGER: mark("Kiosk", "tense"),
    Emotion.DISGUST: mark("Kiosk", "reserved"),
    Emotion.FEAR: mark("Kiosk", "uneasy"),
    Emotion.NEUTRAL: mark("Kiosk", "calm"),
    Emotion.SADNESS: mark("Kiosk", "thoughtful"),
    Emotion.SURPRISE: mark("Kiosk", "surprised"),
}
"""What a visitor reads of an emotion: words one can bear to see of oneself. The field's words stand
in the results of the other interfaces."""
GENDERS: dict[Gender, str] = {
    Gender.MALE: mark("Kiosk", "male"),
    Gender.FEMALE: mark("Kiosk", "female"),
}
_FACTS: dict[tuple[bool, bool, bool], str] = {
    (True, True, True): mark("Kiosk", "Age, gender and mood are estimated."),
    (True, True, False): mark("Kiosk", "Age and gender are estimated."),
    (True, False, True): mark("Kiosk", "Age and mood are estimated."),
    (True, False, False): mark("Kiosk", "Age is estimated."),
    (False, True, True): mark("Kiosk", "Gender and mood are estimated."),
    (False, True, False): mark("Kiosk", "Gender is estimated."),
    (False, False, True): mark("Kiosk", "Mood is estimated."),
    (False, False, False): FACT_ATTRIBUTES,
}


def fact(want: AttributeSelection) -> str:
    """What the first screen tells people about estimates, to be translated."""
    return _FACTS[want.age, want.gender, want.emotion]


def years(age: AgeEstimate) -> str:
    """The interval in whole years."""
    return say(YEARS, low=round(age.low), high=round(age.high))
