"""Attribute estimates as text, as JSON objects and as the ancestors' numeric codes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from kiosk.core.estimates import AgeEstimate, AttributeEstimate, Channel, Emotion, Gender

INTERVAL_SHARE = 0.8
"""Share of unseen people whose age lies in the interval told."""
_NORMAL_80 = 1.2816  # deviations from the middle to an end of such an interval


class AgeCode(IntEnum):
    """The ancestors' keys of age, carried on to every decade: YEARS, then a group per decade."""

    YEARS = 20000
    UNDER_TEN = 20001
    TEENS = 20002
    TWENTIES = 20003
    THIRTIES = 20004
    FORTIES = 20005
    FIFTIES = 20006
    SIXTIES = 20007
    SEVENTIES = 20008
    EIGHTIES = 20009
    NINETIES = 20010
    HUNDRED_AND_OVER = 20011


GROUPS = tuple(code for code in AgeCode if code is not AgeCode.YEARS)


def age_groups(age: AgeEstimate) -> dict[AgeCode, float]:
    """Probability of each decade, summing to one, from mean and interval.

    The age is taken as normal on either side of its mean, each side as wide as the interval says
    (a two-piece normal distribution), and never below zero.
    """
    edges = [_share_below(age, 10.0 * decade) for decade in range(len(GROUPS))]
    total = 1.0 - edges[0]
    ends = [*edges[1:], 1.0]
    return {
        code: (end - begin) / total for code, begin, end in zip(GROUPS, edges, ends, strict=True)
    }


def _share_below(age: AgeEstimate, years: float) -> float:
    below = max(age.years - age.low, 0.5) / _NORMAL_80
    above = max(age.high - age.years, 0.5) / _NORMAL_80
    spread = below if years < age.years else above
    half = math.erf(abs(years - age.years) / spread / math.sqrt(2)) / 2
    # Each side holds its share of the whole, so that the two pieces meet at the mean.
    share = below / (below + above)
    if years < age.years:
        return share * (1 - 2 * half)
    return share + (1 - share) * 2 * half


def group_of(age: AgeEstimate) -> AgeCode:
    """The decade the mean lies in."""
    return GROUPS[min(len(GROUPS) - 1, max(0, int(age.years // 10)))]


# --- JSON ----------------------------------------------------------------------------------


def as_dict(estimate: AttributeEstimate) -> dict[str, Any]:
    """One object of docs/schema/headless.json (`attributes`); null where nothing is said."""
    return {
        "modality": estimate.channel.value,
        "quality": round(estimate.quality, 4),
        "emotion": _emotion(estimate),
        "age": _age(estimate),
        "gender": _gender(estimate),
    }


def _emotion(estimate: AttributeEstimate) -> dict[str, Any] | None:
    emotion = estimate.emotion
    if emotion is None:
        return None
    pairs = zip(Emotion, emotion.probabilities, strict=True)
    return {
        "top": emotion.top.name.lower(),
        "code": int(emotion.top),
        "confidence": round(max(emotion.probabilities), 4),
        "sure": emotion.sure,
        "probabilities": {kind.name.lower(): round(share, 4) for kind, share in pairs},
    }


def _age(estimate: AttributeEstimate) -> dict[str, Any] | None:
    age = estimate.age
    if age is None:
        return None
    group = group_of(age)
    return {
        "years": round(age.years, 1),
        "low": round(age.low, 1),
        "high": round(age.high, 1),
        "confidence": INTERVAL_SHARE,
        "sure": age.sure,
        "group": int(group),
        "group_confidence": round(age_groups(age)[group], 4),
    }


def _gender(estimate: AttributeEstimate) -> dict[str, Any] | None:
    gender = estimate.gender
    if gender is None:
        return None
    return {
        "top": gender.top.name.lower(),
        "code": int(gender.top),
        "confidence": round(max(gender.male, 1 - gender.male), 4),
        "sure": gender.sure,
    }


# --- codes ---------------------------------------------------------------------------------


def as_codes(estimates: Iterable[AttributeEstimate]) -> dict[str, dict[str, Any]]:
    """By numeric key, then by modality: the confidence (a probability); for 20000 the years, the
    interval and how many of a hundred lie in it. What is not estimated has no key."""
    found: dict[str, dict[str, Any]] = {}
    for estimate in estimates:
        for code, value in _codes(estimate):
            found.setdefault(str(int(code)), {})[estimate.channel.value] = value
    return dict(sorted(found.items(), key=lambda item: int(item[0])))


def _codes(estimate: AttributeEstimate) -> Iterable[tuple[IntEnum, Any]]:
    if estimate.emotion is not None:
        for kind, share in zip(Emotion, estimate.emotion.probabilities, strict=True):
            yield kind, round(share, 4)
    age = _age(estimate)
    if estimate.age is not None and age is not None:
        yield AgeCode.YEARS, {key: age[key] for key in ("years", "low", "high", "confidence")}
        for code, share in age_groups(estimate.age).items():
            yield code, round(share, 4)
    if estimate.gender is not None:
        yield Gender.MALE, round(estimate.gender.male, 4)
        yield Gender.FEMALE, round(1 - estimate.gender.male, 4)


# --- text ----------------------------------------------------------------------------------


def as_text(estimate: AttributeEstimate) -> str:
    """A few words for people, for example `sadness 62 %, 27-38 years, female 97 %`; what is not
    sure is said to be so."""
    parts = []
    if estimate.emotion is not None:
        share = max(estimate.emotion.probabilities)
        told = f"{estimate.emotion.top.name.lower()} {_percent(share)}"
        parts.append(_unless_sure("emotion", estimate.emotion.sure, told))
    if estimate.age is not None:
        told = f"{estimate.age.low:.0f}-{estimate.age.high:.0f} years"
        parts.append(_unless_sure("age", estimate.age.sure, told))
    if estimate.gender is not None:
        share = max(estimate.gender.male, 1 - estimate.gender.male)
        told = f"{estimate.gender.top.name.lower()} {_percent(share)}"
        parts.append(_unless_sure("gender", estimate.gender.sure, told))
    return ", ".join(parts)


def _unless_sure(what: str, sure: bool, told: str) -> str:
    return told if sure else f"{what} not sure"


def _percent(share: float) -> str:
    return "over 99 %" if share > 0.99 else f"{100 * share:.0f} %"


def fused(estimates: Iterable[AttributeEstimate]) -> AttributeEstimate | None:
    """All channels together, if any estimate was made."""
    return next((made for made in estimates if made.channel is Channel.FUSED), None)
