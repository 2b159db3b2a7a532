"""Scores to natural-log likelihood ratios: logistic calibration with bounds the data can support.

Linear logistic regression with both kinds of comparison weighted alike: its log-odds are then the
log-likelihood ratio (Brümmer and du Preez, Computer Speech and Language 20, 2006).

The greatest claim against a stranger is counted in pairs of different people: that two of n pairs
never reached a ratio says that at most 3 / n of such pairs do (rule of three, 95 %; Hanley and
Lippman-Hand, JAMA 249, 1983), so that a ratio there is at most n / 3. Comparing the same two people
a hundred times says nothing new about third ones, and how often people were compared with
themselves says nothing about strangers at all. Pairs that share a person are not quite independent.
Hoeffding's decomposition (Annals of Mathematical Statistics 19, 1948) parts the variance of a share
p of the pairs of m people into p / n, as of independent pairs, and 4 c^2 p^2 / m, where c is how
much people differ in how often they are confused, in units of p. Near the bound p is about 1 / n
and n about m^2 / 2, so the second part is 4 c^2 / m of the first: little, as long as nobody is
confused with everybody. That is why pairs are counted, and not people.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from kiosk.core.errors import InputError
from kiosk.core.scoring import Calibration

Floats = NDArray[np.float64]

_OBSERVED_NOTHING = 3.0
_LEAST_TRIALS = 10.0
_UNREGULARISED = 1e6
VETO_SHARE = 0.02
"""Of people compared with themselves whose ratio may be taken for a contradiction."""
VETO_QUALITY_SHARE = 0.05
"""Of their probes that were too poor to contradict anybody."""
FULL_QUALITIES = (1e-6, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
"""Tried as the probe quality from which a ratio counts in full; the first means always."""


@dataclass(frozen=True, eq=False)
class Trials:
    """Comparison scores with the quality of each probe, (trials,), and how many independent
    comparisons they are worth."""

    score: Floats
    quality: Floats
    effective: float
    weight: Floats | None = None

    def weights(self) -> Floats:
        """Summing to one half, so that both kinds count alike."""
        raw = np.ones(self.score.size) if self.weight is None else self.weight
        return np.asarray(0.5 * raw / raw.sum(), dtype=np.float64)


def fit_calibration(mated: Trials, other: Trials) -> Calibration:
    """Slope, intercept, bounds, veto and the quality from which the ratio counts in full.

    The bounds follow the rule of three: a score that no non-mated comparison of n reached says at
    most n / 3 to 1, and likewise below. Raises InputError for too few trials or scores that do not
    rise with sameness.
    """
    if min(mated.effective, other.effective) < _LEAST_TRIALS:
        raise InputError(
            "There are too few comparisons to calibrate with.",
            "Give at least a dozen people with two samples or more each.",
        )
    slope, intercept = _logistic(mated, other)
    if slope <= 0:
        raise InputError(
            "The scores of one person are not higher than those of two people.",
            "Check that the folders separate people and that the model is the right one.",
        )
    low = -math.log(mated.effective / _OBSERVED_NOTHING)
    high = math.log(other.effective / _OBSERVED_NOTHING)
    whole = Calibration(slope, intercept, low, high, FULL_QUALITIES[0])
    tried = [replace(whole, full_quality=quality) for quality in FULL_QUALITIES]
    best = min(tried, key=lambda calibration: cost(calibration, mated, other))
    return with_veto(best, mated)


def with_veto(calibration: Calibration, mated: Trials) -> Calibration:
    """The calibration with the ratio that one in fifty people compared with themselves stay
    below, and the quality that nineteen in twenty of their probes had: half a second of speech may
    sound like anybody's."""
    order = np.argsort(free := unbounded(calibration, mated))
    below = np.cumsum(mated.weights()[order]) / 0.5
    place = min(int(np.searchsorted(below, VETO_SHARE)), free.size - 1)
    quality = float(np.quantile(mated.quality, VETO_QUALITY_SHARE))
    return replace(calibration, veto=float(free[order[place]]), veto_quality=quality)


def honest(calibration: Calibration, groups: Sequence[Trials]) -> Calibration:
    """The calibration, its intercept lowered until in no group of strangers the mean ratio is
    above one, which it is for true ratios. Who stands before a kiosk shares a room and a microphone
    with everybody else there, and an average over rooms flatters each of them."""
    means = [
        float(np.average(np.exp(unbounded(calibration, group)), weights=group.weights()))
        for group in groups
    ]
    above = max(means, default=1.0)
    return replace(calibration, intercept=calibration.intercept - max(0.0, math.log(above)))


def _logistic(mated: Trials, other: Trials) -> tuple[float, float]:
    score = np.concatenate([mated.score, other.score])
    same = np.concatenate([np.ones(mated.score.size), np.zeros(other.score.size)])
    weight = np.concatenate([mated.weights(), other.weights()]) * score.size
    centre, spread = float(score.mean()), float(score.std()) or 1.0
    model = LogisticRegression(C=_UNREGULARISED, max_iter=1000)
    model.fit(((score - centre) / spread)[:, None], same, sample_weight=weight)
    slope = float(model.coef_[0, 0]) / spread
    return slope, float(model.intercept_[0]) - slope * centre


def cost(calibration: Calibration, mated: Trials, other: Trials) -> float:
    """Cllr in bits of the ratios as the kiosk would use them, quality included."""
    missed = np.logaddexp(0.0, -ratios(calibration, mated))
    falsely = np.logaddexp(0.0, ratios(calibration, other))
    total = (missed * mated.weights()).sum() + (falsely * other.weights()).sum()
    return float(total) / math.log(2.0)


def ratios(calibration: Calibration, trials: Trials) -> Floats:
    """`Calibration.llr` for a quality of its own per trial: the full ratio, times the weight."""
    full = calibration.llr(trials.score)
    weight = np.clip(trials.quality / calibration.full_quality, 0.0, 1.0)
    return np.asarray(full * weight, dtype=np.float64)


def unbounded(calibration: Calibration, trials: Trials) -> Floats:
    """The ratios as candidates are compared by them: evidence against somebody has its bound,
    evidence for somebody has none."""
    full = np.maximum(calibration.ratio(trials.score), calibration.llr_min)
    weight = np.clip(trials.quality / calibration.full_quality, 0.0, 1.0)
    return np.asarray(full * weight, dtype=np.float64)


def as_toml(name: str, calibration: Calibration, comments: Sequence[str] = ()) -> str:
    """The table for weights/manifest.toml."""
    lines = [f"[models.{name}.calibration]", *(f"# {comment}" for comment in comments)]
    for key in ("slope", "intercept", "llr_min", "llr_max", "full_quality", "veto", "veto_quality"):
        lines.append(f"{key} = {getattr(calibration, key):.6g}")
    return "\n".join(lines) + "\n"


def with_calibration(manifest: str, name: str, table: str) -> str:
    """The manifest's text with the calibration of one model replaced, or put after the model.

    Everything else, comments too, stays as it was. Raises InputError if there is no such model.
    """
    parts = re.split(r"(?m)^(?=\[)", manifest)
    kept = [
        _after_last_value(part) if part.startswith(f"[models.{name}.calibration]") else part
        for part in parts
    ]
    for place, part in enumerate(kept):
        if part.startswith(f"[models.{name}]"):
            own, rest = _after_last_value(part, head=True), _after_last_value(part)
            kept[place] = f"{own}\n{table}{rest}"
            return re.sub(r"\n{3,}", "\n\n", "".join(kept)).rstrip() + "\n"
    raise InputError(f"The manifest has no model {name}.", "Add its entry first.")


def _after_last_value(part: str, *, head: bool = False) -> str:
    """What follows the last key of a table (comments about the next one), or what comes before."""
    lines = part.splitlines(keepends=True)
    last = max(n for n, line in enumerate(lines) if "=" in line and not line.startswith("#"))
    return "".join(lines[: last + 1] if head else lines[last + 1 :])
