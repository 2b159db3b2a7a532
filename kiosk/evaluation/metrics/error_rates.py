"""Error rates of verification and identification, after ISO/IEC 19795-1:2021.

A comparison score is accepted when it is at or above the threshold. All functions take optional
weights, so that the bootstrap over people (`intervals`) can run through the same code.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ErrorCurve:
    """FMR and FNMR at every threshold that makes a difference.

    `thresholds` (points,) rise; `fmr` falls from 1 to 0 with them and `fnmr` rises from 0 to 1; the
    last threshold is infinite.
    """

    thresholds: Floats
    fmr: Floats
    fnmr: Floats


def error_curve(
    genuine: ArrayLike,
    impostor: ArrayLike,
    genuine_weight: ArrayLike | None = None,
    impostor_weight: ArrayLike | None = None,
) -> ErrorCurve:
    """False match rate and false non-match rate (ISO/IEC 19795-1, 3.3) over all thresholds.

    Raises:
        ValueError: no genuine or no impostor score, or one that is not a number.
    """
    same, different = _scores(genuine, "genuine"), _scores(impostor, "impostor")
    thresholds = np.append(np.unique(np.concatenate([same, different])), np.inf)
    fnmr = _share_below(same, genuine_weight, thresholds)
    fmr = 1.0 - _share_below(different, impostor_weight, thresholds)
    return ErrorCurve(thresholds, np.clip(fmr, 0.0, 1.0), fnmr)


def _scores(values: ArrayLike, kind: str) -> Floats:
    scores = np.asarray(values, dtype=np.float64).ravel()
    if scores.size == 0:
        raise ValueError(f"there are no {kind} scores")
    if np.isnan(scores).any():
        raise ValueError(f"a {kind} score is not a number")
    return scores


def _share_below(scores: Floats, weight: ArrayLike | None, thresholds: Floats) -> Floats:
    order = np.argsort(scores, kind="stable")
    weights = np.ones(scores.size) if weight is None else np.asarray(weight, dtype=np.float64)
    mass = np.concatenate([[0.0], np.cumsum(weights[order])])
    if mass[-1] <= 0:
        raise ValueError("the weights sum to nothing")
    places = np.searchsorted(scores[order], thresholds, side="left")
    return np.asarray(mass[places] / mass[-1], dtype=np.float64)


def eer(curve: ErrorCurve) -> float:
    """Equal error rate: where FMR and FNMR cross, on a straight line between the two points around.

    A single-figure summary that ISO/IEC 19795-1 allows beside the curve, not instead of it.
    """
    difference = curve.fnmr - curve.fmr
    after = int(np.argmax(difference >= 0))
    if after == 0:
        return float(curve.fmr[0])
    before = after - 1
    gap = difference[after] - difference[before]
    share = -difference[before] / gap if gap > 0 else 0.5
    return float(curve.fmr[before] + share * (curve.fmr[after] - curve.fmr[before]))


def threshold_at_fmr(curve: ErrorCurve, fmr: float) -> float:
    """The lowest threshold whose false match rate is at most `fmr`.

    Infinite when only rejecting everything observed would do.
    """
    return float(curve.thresholds[_first_within(curve, fmr)])


def fnmr_at_fmr(curve: ErrorCurve, fmr: float) -> float:
    """False non-match rate at the lowest threshold whose false match rate is at most `fmr`."""
    return float(curve.fnmr[_first_within(curve, fmr)])


def tar_at_far(curve: ErrorCurve, far: float) -> float:
    """True accept rate, 1 - FNMR, at the threshold of a false accept rate.

    FAR is FMR here: one attempt, and samples that could not be acquired are not in it.
    """
    return 1.0 - fnmr_at_fmr(curve, far)


def _first_within(curve: ErrorCurve, fmr: float) -> int:
    return int(np.argmax(curve.fmr <= fmr + 1e-12))


def fmr_at(impostor: ArrayLike, threshold: float, weight: ArrayLike | None = None) -> float:
    """False match rate at a threshold (ISO/IEC 19795-1, 3.3.2)."""
    scores = _scores(impostor, "impostor")
    return 1.0 - float(_share_below(scores, weight, np.array([threshold]))[0])


def fnmr_at(genuine: ArrayLike, threshold: float, weight: ArrayLike | None = None) -> float:
    """False non-match rate at a threshold (ISO/IEC 19795-1, 3.3.1)."""
    scores = _scores(genuine, "genuine")
    return float(_share_below(scores, weight, np.array([threshold]))[0])


def det_points(curve: ErrorCurve, floor: float = 1e-5) -> tuple[Floats, Floats]:
    """FMR and FNMR as normal deviates, the axes of a DET plot (Martin et al., Eurospeech 1997).

    Rates are kept within `floor` and 1 - `floor`, where the deviate is finite.
    """
    x = norm.ppf(np.clip(curve.fmr, floor, 1 - floor))
    y = norm.ppf(np.clip(curve.fnmr, floor, 1 - floor))
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)


def best_threshold(genuine: ArrayLike, impostor: ArrayLike) -> float:
    """The threshold with the fewest errors, both kinds counted alike (balanced accuracy): midway
    between the two observed scores it separates."""
    curve = error_curve(genuine, impostor)
    place = int(np.argmin(curve.fmr + curve.fnmr))
    above = curve.thresholds[place]
    below = curve.thresholds[max(place - 1, 0)]
    return float((above + below) / 2 if np.isfinite(above) else below + 1e-9)


def fold_accuracies(score: Floats, same: NDArray[np.bool_], fold: NDArray[np.int64]) -> Floats:
    """Share of right verdicts in each fold at the threshold best on all the other folds.

    The protocol of Labeled Faces in the Wild (Huang et al., 2007). Returns (folds,).
    """
    accuracies = []
    for number in np.unique(fold):
        here = fold == number
        threshold = best_threshold(score[~here & same], score[~here & ~same])
        accuracies.append(float(((score[here] >= threshold) == same[here]).mean()))
    return np.asarray(accuracies, dtype=np.float64)


# --- identification ------------------------------------------------------------------------


def ranks(scores: Floats, mate: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rank of each probe's mate, 1 being the best.

    `scores` (probes, subjects), `mate` (probes,) the column of the right subject. Ties count
    against the mate.
    """
    own = np.take_along_axis(scores, mate[:, None], axis=1)
    return np.asarray((scores >= own).sum(axis=1), dtype=np.int64)


def cmc(rank: NDArray[np.int64], deepest: int, weight: ArrayLike | None = None) -> Floats:
    """Cumulative match characteristic: true positive identification rate within ranks 1..deepest
    (ISO/IEC 19795-1, closed-set identification). Returns (deepest,)."""
    weights = np.ones(rank.size) if weight is None else np.asarray(weight, dtype=np.float64)
    hits = np.array([(weights * (rank <= depth)).sum() for depth in range(1, deepest + 1)])
    return np.asarray(hits / weights.sum(), dtype=np.float64)


def open_set_fnir(
    mated: Floats,
    first: NDArray[np.bool_],
    strangers: Floats,
    fpir: float,
    mated_weight: ArrayLike | None = None,
    stranger_weight: ArrayLike | None = None,
) -> float:
    """FNIR at an FPIR (ISO/IEC 19795-1, open-set identification; candidate list of length one).

    `mated` (probes,) holds the score of the mate, `first` (probes,) whether it headed the
    candidate list, `strangers` (probes,) the best score of every probe without a mate. A mated
    probe is missed when its mate is not first or scores below the threshold.
    """
    bar = _above_share(strangers, stranger_weight, fpir)
    missed = (~first | (mated <= bar)).astype(np.float64)
    weights = None if mated_weight is None else np.asarray(mated_weight, dtype=np.float64)
    return float(np.average(missed, weights=weights))


def _above_share(scores: Floats, weight: ArrayLike | None, share: float) -> float:
    """The lowest score above which lies at most this share of the scores."""
    order = np.argsort(-scores, kind="stable")  # linear for scores that fall already
    weights = np.ones(scores.size) if weight is None else np.asarray(weight, dtype=np.float64)
    mass = np.cumsum(weights[order])
    if not mass.size or mass[-1] <= 0:
        raise ValueError("there are no searches of strangers")
    place = int(np.searchsorted(mass, share * mass[-1] * (1 + 1e-12), side="right"))
    return float(scores[order[place]]) if place < scores.size else -np.inf


# --- quality and groups --------------------------------------------------------------------


def error_versus_reject(
    genuine: Floats, quality: Floats, threshold: float, shares: Floats
) -> Floats:
    """FNMR of the comparisons kept when the share of lowest quality is refused.

    Error-versus-reject curve of Grother and Tabassi, PAMI 29(4), 2007 (ISO/IEC 29794-1's EDC).
    `quality` (pairs,) is the lower one of the two samples'; `shares` (points,) in 0..1. Equal
    qualities are kept or refused in the order given, so constant quality gives a flat expectation.
    """
    order = np.argsort(quality, kind="stable")
    missed = (genuine[order] < threshold).astype(np.float64)
    kept = [missed[round(share * missed.size) :] for share in shares]
    return np.asarray([part.mean() if part.size else 0.0 for part in kept], dtype=np.float64)


def fmr_by_group(
    impostor: Floats, group: NDArray[np.str_], threshold: float
) -> dict[str, tuple[float, int]]:
    """False match rate and number of comparisons of each group at one global threshold
    (ISO/IEC 19795-10:2024, differential performance). `group` (pairs,) names the pair's group."""
    return {
        str(name): (fmr_at(impostor[group == name], threshold), int((group == name).sum()))
        for name in np.unique(group)
    }
