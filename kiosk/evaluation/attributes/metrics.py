"""How well emotion, age and gender are estimated: figures of any channel, and the report of all.

A channel turns recordings into `Judged` (see `attributes_face`); everything from there on is the
same for face, voice and text. Shares are over samples; intervals draw people again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kiosk.core.estimates import AttributeEstimate, Channel, Emotion, Gender
from kiosk.evaluation.metrics.error_rates import Floats
from kiosk.evaluation.metrics.intervals import Estimate, bootstrap
from kiosk.evaluation.metrics.probability import expected_calibration_error

EMOTIONS = tuple(Emotion)
AGE_BANDS = ((0, 12), (13, 19), (20, 29), (30, 39), (40, 49), (50, 59), (60, 69), (70, 120))
NEAR_YEARS = 5
"""The ancestor's metric: the share of ages no further off than this."""
FEWEST_IN_GROUP = 10

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Truth:
    """What is known of a sample: labels, whose it is, and labels of groups such as race or
    language, by the name of the grouping."""

    person: str
    emotion: Emotion | None = None
    age: float | None = None
    gender: Gender | None = None
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Judged:
    """One channel's estimates of one set, beside what is true.

    `chances` (n, 7), `ages` (n, 3) years, low, high, `male` (n,) and `sure` (n, 3) for emotion, age
    and gender; NaN and False where nothing was said. `emotion` (n,) is the place in `EMOTIONS` or
    -1, `age` and `is_male` (n,) NaN where unknown, `person` (n,) numbers from 0. `groups` maps a
    grouping to a label for each sample, "" where unknown; `notes` go under the set's first table.
    """

    name: str
    channel: Channel
    chances: Floats
    ages: Floats
    male: Floats
    sure: NDArray[np.bool_]
    emotion: Integers
    age: Floats
    is_male: Floats
    person: Integers
    groups: Mapping[str, NDArray[np.str_]]
    notes: tuple[str, ...] = ()

    def rows(self, chosen: NDArray[np.bool_]) -> Judged:
        """Some of the samples."""
        return Judged(
            self.name,
            self.channel,
            self.chances[chosen],
            self.ages[chosen],
            self.male[chosen],
            self.sure[chosen],
            self.emotion[chosen],
            self.age[chosen],
            self.is_male[chosen],
            self.person[chosen],
            {name: labels[chosen] for name, labels in self.groups.items()},
            self.notes,
        )

    def with_emotion(self) -> Judged:
        """Samples whose emotion is known and was estimated."""
        return self.rows((self.emotion >= 0) & ~np.isnan(self.chances[:, 0]))

    def with_age(self) -> Judged:
        """Samples whose age is known and was estimated."""
        return self.rows(~np.isnan(self.age) & ~np.isnan(self.ages[:, 0]))

    def with_gender(self) -> Judged:
        """Samples whose gender is known and was estimated."""
        return self.rows(~np.isnan(self.is_male) & ~np.isnan(self.male))

    def __len__(self) -> int:
        return len(self.person)


def judged(
    name: str,
    channel: Channel,
    estimates: Sequence[AttributeEstimate],
    truths: Sequence[Truth],
    notes: tuple[str, ...] = (),
) -> Judged:
    """Estimates and truths of the same samples in one order, as arrays; age and gender become
    groups of their own."""
    _, person = np.unique([truth.person for truth in truths], return_inverse=True)
    age = np.array([np.nan if t.age is None else t.age for t in truths])
    is_male = np.array([np.nan if t.gender is None else t.gender is Gender.MALE for t in truths])
    given = sorted({key for truth in truths for key in truth.groups})
    groups = {key: np.array([truth.groups.get(key, "") for truth in truths]) for key in given}
    groups["age"] = np.array([age_band(value) for value in age])
    groups["gender"] = np.array([t.gender.name.lower() if t.gender else "" for t in truths])
    nothing = (np.nan,) * len(EMOTIONS)
    chances = [e.emotion.probabilities if e.emotion else nothing for e in estimates]
    ages = [(e.age.years, e.age.low, e.age.high) if e.age else nothing[:3] for e in estimates]
    sure = [[p is not None and p.sure for p in (e.emotion, e.age, e.gender)] for e in estimates]
    return Judged(
        name,
        channel,
        np.array(chances, dtype=np.float64),
        np.array(ages, dtype=np.float64),
        np.array([e.gender.male if e.gender else np.nan for e in estimates]),
        np.array(sure, dtype=np.bool_),
        np.array([EMOTIONS.index(t.emotion) if t.emotion else -1 for t in truths], np.int64),
        age,
        is_male.astype(np.float64),
        person.astype(np.int64),
        groups,
        notes,
    )


def age_band(age: float) -> str:
    """Such as "20-29"; "" where the age is not known."""
    for low, high in AGE_BANDS:
        if low <= age < high + 1:
            return f"{low:02d}-{high}" if high < AGE_BANDS[-1][1] else f"{low}+"
    return ""


# --- emotion -------------------------------------------------------------------------------


def confusion(truth: Integers, said: Integers, weight: Floats) -> Floats:
    """(7, 7): weight of samples by true (rows) and estimated emotion."""
    kinds = len(EMOTIONS)
    counts = np.bincount(truth * kinds + said, weights=weight, minlength=kinds * kinds)
    return counts.reshape(kinds, kinds).astype(np.float64)


def accuracy(table: Floats) -> float:
    """Share of samples whose estimate is true."""
    return float(np.trace(table) / table.sum())


def unweighted_recall(table: Floats) -> float:
    """Mean recall over the emotions that occur (UAR)."""
    totals = table.sum(1)
    there = totals > 0
    return float((np.diag(table)[there] / totals[there]).mean())


def macro_f1(table: Floats) -> float:
    """Mean F1 over the emotions that occur."""
    hits, totals, said = np.diag(table), table.sum(1), table.sum(0)
    there = totals > 0
    return float((2 * hits[there] / (totals[there] + said[there])).mean())


EMOTION_FIGURES: dict[str, Callable[[Floats], float]] = {
    "accuracy": accuracy,
    "macro F1": macro_f1,
    "unweighted recall": unweighted_recall,
}


def emotion_figures(part: Judged, seed: int) -> dict[str, Estimate]:
    """Accuracy, macro-F1 and unweighted recall; over people whose emotion is known."""
    part = _renumbered(part.with_emotion())
    said = part.chances.argmax(1).astype(np.int64)
    people = int(part.person.max()) + 1

    def of(figure: Callable[[Floats], float]) -> Estimate:
        def weighted(multiplicity: Floats) -> float:
            return figure(confusion(part.emotion, said, multiplicity[part.person]))

        return bootstrap(weighted, people, len(part), seed)

    return {name: of(figure) for name, figure in EMOTION_FIGURES.items()}


# --- age and gender ------------------------------------------------------------------------


def age_errors(part: Judged) -> Floats:
    """Absolute error in years of each sample."""
    return np.asarray(np.abs(part.ages[:, 0] - part.age), dtype=np.float64)


def age_figures(part: Judged, seed: int) -> dict[str, Estimate]:
    """MAE and mean width of the interval in years; shares within five years, inside the 80 %
    interval, and said to be sure."""
    part = part.with_age()
    far = age_errors(part)
    inside = (part.ages[:, 1] <= part.age) & (part.age <= part.ages[:, 2])
    values: dict[str, ArrayLike] = {
        "MAE": far,
        "within 5 years": far <= NEAR_YEARS,
        "in the 80 % interval": inside,
        "interval width": part.ages[:, 2] - part.ages[:, 1],
        "sure": part.sure[:, 1],
    }
    return {name: _mean(value, part, seed) for name, value in values.items()}


def gender_figures(part: Judged, seed: int) -> dict[str, Estimate]:
    """Accuracy, the share said to be sure, and accuracy among those."""
    part = part.with_gender()
    right = (part.male >= 0.5) == (part.is_male == 1)
    figures = {
        "accuracy": _mean(right, part, seed),
        "sure": _mean(part.sure[:, 2], part, seed),
    }
    kept = part.sure[:, 2]
    if kept.any():
        figures["accuracy of the sure"] = _mean(right[kept], part.rows(kept), seed)
    return figures


def sure_emotion_figures(part: Judged, seed: int) -> dict[str, Estimate]:
    """The share of emotions said to be sure and the accuracy among those; of neutral samples, how
    many are told to be something else for sure, and of the others, how many are still told."""
    part = part.with_emotion()
    right = part.chances.argmax(1) == part.emotion
    kept = part.sure[:, 0]
    figures = {"sure": _mean(kept, part, seed)}
    if kept.any():
        figures["accuracy of the sure"] = _mean(right[kept], part.rows(kept), seed)
    neutral = part.emotion == EMOTIONS.index(Emotion.NEUTRAL)
    if neutral.any():
        told = kept & (part.chances.argmax(1) != EMOTIONS.index(Emotion.NEUTRAL))
        figures["neutral, told as an emotion for sure"] = _mean(
            told[neutral], part.rows(neutral), seed
        )
        if not neutral.all():
            figures["not neutral, told for sure"] = _mean(kept[~neutral], part.rows(~neutral), seed)
    return figures


def calibration_errors(part: Judged) -> dict[str, float]:
    """ECE (15 bins) of the likeliest emotion and of the likelier gender, where there are labels."""
    found = {}
    felt, sexed = part.with_emotion(), part.with_gender()
    if len(felt):
        found["emotion"] = expected_calibration_error(*top_emotion(felt), bins=15)
    if len(sexed):
        found["gender"] = expected_calibration_error(*top_gender(sexed), bins=15)
    return found


def top_emotion(part: Judged) -> tuple[Floats, NDArray[np.bool_]]:
    """Probability of the likeliest emotion and whether it is true, of samples with both."""
    return part.chances.max(1), part.chances.argmax(1) == part.emotion


def top_gender(part: Judged) -> tuple[Floats, NDArray[np.bool_]]:
    """Probability of the likelier gender and whether it is true, of samples with both."""
    return np.maximum(part.male, 1 - part.male), (part.male >= 0.5) == (part.is_male == 1)


def _mean(values: ArrayLike, part: Judged, seed: int) -> Estimate:
    part = _renumbered(part)
    numbers = np.asarray(values, dtype=np.float64)

    def weighted(multiplicity: Floats) -> float:
        return float(np.average(numbers, weights=multiplicity[part.person]))

    return bootstrap(weighted, int(part.person.max()) + 1, len(part), seed)


def _renumbered(part: Judged) -> Judged:
    _, person = np.unique(part.person, return_inverse=True)
    return replace(part, person=person.astype(np.int64))


def by_group(part: Judged, grouping: str) -> list[tuple[str, Judged]]:
    """The labels of a grouping that have at least `FEWEST_IN_GROUP` samples, and those samples."""
    labels = part.groups[grouping]
    parts = [(str(label), part.rows(labels == label)) for label in np.unique(labels) if label]
    return [(label, some) for label, some in parts if len(some) >= FEWEST_IN_GROUP]
