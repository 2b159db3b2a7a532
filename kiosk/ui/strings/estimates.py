"""Words of the attribute estimates; see `kiosk.ui.strings.visitor`."""

from __future__ import annotations

from kiosk.core.estimates import AgeEstimate, AttributeSelection, Emotion, Gender
from kiosk.ui.strings.visitor import FACT_ATTRIBUTES, mark, say

ESTIMATES = mark("Kiosk", "Estimates")
MOOD = mark("Kiosk", "Estimated mood: {said}")
AGE = mark("Kiosk", "Estimated age: {said}")
GENDER = mark("Kiosk", "Estimated gender: {said}")
NOT_SURE = mark("Kiosk", "not sure")
YEARS = mark("Kiosk", "{low}–{high}")
YEARS_SHORT = mark("Kiosk", "age {low}–{high}")
MOOD_UNSURE = mark("Kiosk", "mood: unsure")
AGE_UNSURE = mark("Kiosk", "age: unsure")
GENDER_UNSURE = mark("Kiosk", "gender: unsure")
SHARE = mark("Kiosk", "{emotion}: {percent}")

EMOTIONS: dict[Emotion, str] = {
    Emotion.HAPPINESS: mark("Kiosk", "happiness"),
    Emotion.ANGER: mark("Kiosk", "anger"),
    Emotion.DISGUST: mark("Kiosk", "disgust"),
    Emotion.FEAR: mark("Kiosk", "fear"),
    Emotion.NEUTRAL: mark("Kiosk", "neutral"),
    Emotion.SADNESS: mark("Kiosk", "sadness"),
    Emotion.SURPRISE: mark("Kiosk", "surprise"),
}
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


def percent(share: float) -> str:
    """A share of one in whole hundredths; never 0 and never 100."""
    return f"{min(99, max(1, round(100 * share)))} %"


def years(age: AgeEstimate, *, short: bool = False) -> str:
    """The interval in whole years."""
    text = YEARS_SHORT if short else YEARS
    return say(text, low=round(age.low), high=round(age.high))
