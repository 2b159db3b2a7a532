"""Scores to natural-log likelihood ratios: logistic calibration with bounds the data can support.

Linear logistic regression with both kinds of comparison weighted alike: its log-odds are then the
log-likelihood ratio (Brümmer and du Preez, Computer Speech and Language 20, 2006).
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
    """Slope, intercept, bounds and the quality from which the ratio counts in full.

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
    return min(tried, key=lambda calibration: cost(calibration, mated, other))


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


def as_toml(name: str, calibration: Calibration, comments: Sequence[str] = ()) -> str:
    """The table for weights/manifest.toml."""
    lines = [f"[models.{name}.calibration]", *(f"# {comment}" for comment in comments)]
    for key in ("slope", "intercept", "llr_min", "llr_max", "full_quality"):
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
