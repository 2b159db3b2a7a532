"""Fits how the attribute estimates of face, voice and text are weighed together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kiosk.core.errors import InputError
from kiosk.core.estimates import Channel

if TYPE_CHECKING:
    from kiosk.core.attribute_fusion import Fusion
    from kiosk.evaluation.attributes.fusion import Chimeras
    from kiosk.evaluation.attributes.metrics import Judged
    from kiosk.training.attributes.fusion import Trials


EMOTION_RIGHT, GENDER_RIGHT = 0.8, 0.98
"""Share of right answers among those that are told without "not sure"."""
EMOTION_LEAST, GENDER_LEAST = 0.5, 0.9
"""Probabilities below which an answer is not told, however well those above them do."""
FEW_PEOPLE = 20
UNPROVEN = 2.0
"""With fewer people of known age than that, an interval is made so many times wider: a channel that
two people were measured by must not outweigh one that was measured by hundreds."""


def fit_all(sets: Mapping[Channel, list[Judged]], made: Mapping[str, Chimeras | None]) -> Fusion:
    """Emotion and gender from chimeric people, ages channel by channel. Raises InputError where no
    attribute has two channels."""
    from kiosk.training.attributes.fusion import NO_POOL, as_fusion, fit

    if not any(made.values()):
        raise InputError(
            "No attribute is estimated by two channels.", "Give a folder with faces and voices."
        )
    emotion, gender = made["emotion"], made["gender"]
    parts = (
        fit(trials(emotion, "emotion")) if emotion else NO_POOL,
        fit(trials(gender, "gender"), with_prior=False) if gender else NO_POOL,
        age_scales(sets),
    )
    return as_fusion(*parts, thresholds(as_fusion(*parts, {}), made))


def trials(made: Chimeras, attribute: str) -> Trials:
    """Chimeric samples as the fit takes them; of gender the kinds are male and female."""
    import numpy as np

    from kiosk.core.estimates import Gender
    from kiosk.evaluation.attributes.metrics import EMOTIONS
    from kiosk.training.attributes.fusion import Opinions, Trials

    said = {}
    for channel, estimates in made.said.items():
        if attribute == "emotion":
            rows = [e.emotion.probabilities for e in estimates if e.emotion]
        else:
            rows = [(e.gender.male, 1 - e.gender.male) for e in estimates if e.gender]
        quality = np.array([e.quality for e in estimates])
        said[channel] = Opinions(np.array(rows, dtype=np.float64), quality)
    if attribute == "emotion":
        truth = [EMOTIONS.index(t.emotion) for t in made.truths if t.emotion]
    else:
        truth = [int(t.gender is not Gender.MALE) for t in made.truths]
    return Trials(np.array(truth, dtype=np.int64), said)


def age_scales(sets: Mapping[Channel, list[Judged]]) -> dict[Channel, float]:
    """By channel, from all its people of known age."""
    import numpy as np

    from kiosk.training.attributes.fusion import AgeTrials, fit_age_scale

    found = {}
    for channel, each in sets.items():
        parts = [judged.with_age() for judged in each]
        parts = [part for part in parts if len(part)]
        if parts:
            truth = np.concatenate([part.age for part in parts])
            ages = np.concatenate([part.ages for part in parts])
            people = sum(len(np.unique(part.person)) for part in parts)
            scale = fit_age_scale(AgeTrials(truth, ages))
            found[channel] = scale if people >= FEW_PEOPLE else UNPROVEN * max(1.0, scale)
    return found


def thresholds(fusion: Fusion, made: Mapping[str, Chimeras | None]) -> dict[str, float]:
    """From where on an answer is told: over every set of channels alike."""
    import numpy as np

    from kiosk.evaluation.attributes.fusion import fused_sets
    from kiosk.evaluation.attributes.metrics import top_emotion, top_gender
    from kiosk.training.attributes.calibration import sure_from

    found: dict[str, float] = {}
    for name, top, right_share, least in (
        ("emotion", top_emotion, EMOTION_RIGHT, EMOTION_LEAST),
        ("gender", top_gender, GENDER_RIGHT, GENDER_LEAST),
    ):
        pairs = made[name]
        if pairs is not None:
            picks = [top(each) for each in fused_sets(pairs, fusion)]
            highest, right = (np.concatenate(parts) for parts in zip(*picks, strict=True))
            found[f"{name}_sure"] = max(least, sure_from(highest, right, right_share))
    return found


def told(fusion: Fusion) -> list[str]:
    """The coefficients in words, for the card."""
    lines = []
    for channel, row in fusion.channels.items():
        bias = " ".join(f"{value:+.2f}" for value in row.emotion_bias)
        lines.append(
            f"{channel}: emotion x {row.emotion:.3f} ({bias}), gender x {row.gender:.3f} "
            f"({row.gender_bias:+.3f}), age x {row.age_scale:.3f}, full from quality "
            f"{row.full_quality:g}"
        )
    prior = " ".join(f"{value:+.2f}" for value in fusion.emotion_prior)
    return [
        *lines,
        f"added once to emotion: {prior}",
        f"emotion told from {fusion.emotion_sure:.3f}, gender from {fusion.gender_sure:.3f}, "
        f"age up to {fusion.age_widest:.1f} years wide",
    ]
