"""Comparison and decision in pure NumPy: scores, calibration, fusion, open-set decision.

The chain for one visit: embeddings of a modality are pooled into a probe (`pooling`); the probe is
compared with all templates and the scores gathered per subject (`subject_scores`); calibration
turns a score into a natural-log likelihood ratio (`Calibration`); the ratios of the modalities that
are there are weighted by quality and summed, and Bayes' rule over everyone in the gallery and a
stranger gives the probability that the top candidate is right (`decide`).

Sources: likelihood-ratio fusion by sum, Brümmer & du Preez, "Application-independent evaluation of
speaker detection" (2006); open-set identification terms, ISO/IEC 19795-1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.core.decisions import Candidate, Decision, DecisionOutcome, DecisionReason
from kiosk.core.errors import BugError
from kiosk.core.media import Modality
from kiosk.core.open_set import posterior
from kiosk.core.samples import Probe

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]

CONTRADICTION_LLR = 2.0
"""Natural log: both modalities must speak at least this strongly to contradict each other."""
LEAST_LLR = 2.0
"""Natural log: on less nobody is named, however few are enrolled and however lax the target."""
MAX_CANDIDATES = 5


class Aggregate(StrEnum):
    """How the scores against several templates of one subject become one."""

    BEST = "best"
    MEAN = "mean"
    BLEND = "blend"
    CENTROID = "centroid"
    """The score against the mean of the templates; see `template_scores`."""


def subject_scores(
    subject_ids: Ids, scores: NDArray[np.floating], aggregate: Aggregate = Aggregate.BLEND
) -> tuple[Ids, Floats]:
    """Scores per template, (templates,), to scores per subject, (subjects,), ids ascending.

    BLEND is the mean of best and mean: the best finds the right pose, the mean resists one bad
    template. CENTROID cannot be told from scores. Time and memory follow the number of templates,
    however high the ids are.
    """
    if aggregate is Aggregate.CENTROID:
        raise BugError("scores of templates do not tell the score of their centroid")
    if len(subject_ids) == 0:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float64)
    ids, place = _numbered(subject_ids)
    count = np.bincount(place, minlength=len(ids))
    present = np.flatnonzero(count)
    best = np.full(len(ids), -np.inf)
    np.maximum.at(best, place, scores)
    mean = np.bincount(place, weights=scores, minlength=len(ids))[present] / count[present]
    values = {
        Aggregate.BEST: best[present],
        Aggregate.MEAN: mean,
        Aggregate.BLEND: (best[present] + mean) / 2,
    }
    return ids[present], np.asarray(values[aggregate], dtype=np.float64)


def _numbered(subject_ids: Ids) -> tuple[Ids, Ids]:
    """Ids ascending and, for every template, the place of its subject among them. Ids that are
    small beside the number of templates are their own places: that saves sorting them."""
    highest = int(subject_ids.max())
    if subject_ids.min() >= 0 and highest < 2 * len(subject_ids):
        return np.arange(highest + 1, dtype=np.int64), subject_ids
    ids, place = np.unique(subject_ids, return_inverse=True)
    return ids.astype(np.int64), place


@dataclass(frozen=True, eq=False)
class SubjectScores:
    """Comparison scores of a probe with subjects, both (subjects,), ids ascending.

    `left_out` more subjects have templates of the same model; none of them scores above `bound`,
    which is -inf where nobody is left out.
    """

    subject_ids: Ids
    scores: Floats
    left_out: int = 0
    bound: float = -np.inf


def best_scores(subject_ids: Ids, scores: Floats, limit: int) -> SubjectScores:
    """The `limit` highest of scores per subject, (subjects,), ids ascending."""
    if len(subject_ids) <= limit:
        return SubjectScores(subject_ids, scores)
    order = np.argpartition(-scores, limit)
    kept = np.sort(order[:limit])
    rest = scores[order[limit:]]
    return SubjectScores(subject_ids[kept], scores[kept], len(rest), float(rest.max()))


@dataclass(frozen=True)
class Calibration:
    """A score as a natural-log likelihood ratio, same person against two people: slope * score +
    intercept.

    `llr_max` is the most that may be claimed against a stranger: n / 3 to 1 where n pairs of
    different people were compared (rule of three). It bounds that claim alone, never order or
    distance of candidates. Evidence against a candidate counts down to `llr_min`, as far as people
    compared with themselves can show. `veto` is the ratio that one in fifty comparisons of one
    person stays below: whoever lies there is contradicted, by probes of `veto_quality` or more.
    `full_quality` is the probe quality at and above which the ratio counts in full; below, it
    shrinks towards zero.
    """

    slope: float
    intercept: float
    llr_min: float = -7.0
    llr_max: float = 9.0
    full_quality: float = 0.5
    veto: float = -6.0
    veto_quality: float = 0.0

    def ratio(self, scores: NDArray[np.floating], quality: float = 1.0) -> Floats:
        """Of scores of any shape, for a probe of this quality; without bounds."""
        return np.asarray(
            self.weight(quality) * (self.slope * scores + self.intercept), dtype=np.float64
        )

    def llr(self, scores: NDArray[np.floating], quality: float = 1.0) -> Floats:
        """The ratio within its bounds: what may be claimed of one candidate alone."""
        weight = self.weight(quality)
        bounds = weight * self.llr_min, weight * self.llr_max
        return np.asarray(np.clip(self.ratio(scores, quality), *bounds), dtype=np.float64)

    def weight(self, quality: float) -> float:
        """How much a probe of this quality counts, 0..1."""
        return min(1.0, max(0.0, quality) / self.full_quality)

    def score_at(self, llr: float) -> float:
        """The score at which the ratio is `llr`: for showing a threshold on a score axis."""
        return (llr - self.intercept) / self.slope


@dataclass(frozen=True, eq=False)
class Evidence:
    """One modality's say about subjects who have templates of it.

    `llrs` (subjects,) are unbounded. `llr_min` is as far as evidence against a candidate counts,
    `llr_max` as far as a claim against a stranger goes, and below `veto` the modality contradicts.
    `left_out` more have such templates too, and no ratio of theirs is above `bound`.
    """

    modality: Modality
    subject_ids: Ids
    scores: Floats
    llrs: Floats
    left_out: int = 0
    bound: float = -np.inf
    llr_min: float = -np.inf
    llr_max: float = np.inf
    veto: float = -6.0

    def of(self, subject_id: int) -> int | None:
        """The row of a subject, None without templates of this modality."""
        row = int(np.searchsorted(self.subject_ids, subject_id))
        there = row < len(self.subject_ids) and self.subject_ids[row] == subject_id
        return row if there else None

    @property
    def ratios(self) -> Floats:
        """What counts between candidates, (subjects,)."""
        return np.asarray(np.maximum(self.llrs, self.llr_min), dtype=np.float64)


def weigh(probe: Probe, found: SubjectScores, calibration: Calibration) -> Evidence:
    """A probe's scores as evidence about subjects."""
    quality, weight = probe.quality, calibration.weight(probe.quality)
    bound = calibration.ratio(np.array([found.bound]), quality)[0] if found.left_out else -np.inf
    return Evidence(
        probe.modality,
        found.subject_ids,
        found.scores,
        calibration.ratio(found.scores, quality),
        found.left_out,
        float(bound),
        weight * calibration.llr_min,
        weight * calibration.llr_max,
        calibration.veto if quality >= calibration.veto_quality else -np.inf,
    )


PAIR_LLR = 4.0
"""Natural log: from here on two samples count as one person's where no size of gallery says how
sure one has to be, and the operator has not set `min_llr`."""


class Thresholds(Protocol):
    """Gives the ratio from which somebody is named; see `recognition.operating_point`."""

    def needed(self, modalities: tuple[Modality, ...], enrolled: int, once_in: float) -> float:
        """The fused ratio, natural log and unbounded, that at most one in `once_in` strangers
        reaches against any of `enrolled` people."""


class HonestRatios:
    """Takes ratios at their word: no more than one in exp(t) strangers reaches a ratio of t (the
    mean ratio of strangers is one; Markov's inequality). Strict, and always at hand."""

    def needed(self, modalities: tuple[Modality, ...], enrolled: int, once_in: float) -> float:
        """See `Thresholds`."""
        return math.log(enrolled * once_in)


@dataclass(frozen=True)
class Policy:
    """When a top candidate counts as identified. Log-likelihood ratios are natural.

    `stranger_named_once_in` is the target from which `thresholds` derive the least ratio; `min_llr`
    replaces it where an operator has set one.
    """

    known_share: float = 0.9
    stranger_named_once_in: float = 100.0
    min_probability: float = 0.5
    min_llr: float | None = None
    min_margin: float = 2.0
    name_unchecked: bool = True
    """Whether those are named, with a mark, who enrolled themselves and whom staff have not
    checked."""
    thresholds: Thresholds = field(default_factory=HonestRatios)

    def needed(self, modalities: tuple[Modality, ...], enrolled: int) -> float:
        """The least fused ratio of a candidate compared in these modalities."""
        if self.min_llr is not None:
            return self.min_llr
        asked = self.thresholds.needed(modalities, enrolled, self.stranger_named_once_in)
        return max(LEAST_LLR, asked)


def decide(
    evidence: Sequence[Evidence],
    policy: Policy,
    name_of: Callable[[int], str],
    *,
    with_parts: bool = True,
    population: int | None = None,
) -> Decision:
    """Open-set decision over everyone the evidence speaks about.

    No evidence at all is UNUSABLE; face and voice that contradict each other are CONTRADICTED.
    `with_parts` adds the decision each modality makes alone. `population` is how many subjects
    have templates of any of the models; by default those listed and, where a search left some out,
    as many more as there can be.
    """
    if not evidence:
        return Decision(DecisionOutcome.UNUSABLE, reason=DecisionReason.NO_EVIDENCE)
    parts = _parts(evidence, policy, name_of) if with_parts else {}
    modalities = tuple(item.modality for item in evidence)
    ids = np.unique(np.concatenate([item.subject_ids for item in evidence]))
    if len(ids) == 0:
        return Decision(
            DecisionOutcome.UNKNOWN, modalities=modalities, reason=DecisionReason.EMPTY_GALLERY
        )
    rest = sum(item.left_out for item in evidence)
    left_out = rest if population is None else population - len(ids)
    candidates = _candidates(ids, evidence, policy, name_of, left_out)
    reason = _refusal(candidates, policy, len(ids) + left_out, _bound(evidence))
    conflict = _names_disagree(parts) or any(
        _vetoed(subject_id, evidence) for subject_id in _named(candidates[0], reason, parts)
    )
    return Decision(
        _outcome(reason, conflict=conflict),
        candidates,
        modalities,
        candidates[0].probability,
        conflict,
        DecisionReason.CONFLICT if conflict else reason,
        parts.get(Modality.FACE),
        parts.get(Modality.VOICE),
    )


def _outcome(reason: DecisionReason, *, conflict: bool) -> DecisionOutcome:
    if conflict:
        return DecisionOutcome.CONTRADICTED
    return DecisionOutcome.UNKNOWN if reason else DecisionOutcome.IDENTIFIED


def _candidates(
    ids: Ids,
    evidence: Sequence[Evidence],
    policy: Policy,
    name_of: Callable[[int], str],
    left_out: int,
) -> tuple[Candidate, ...]:
    """The most likely of these subjects, best first."""
    ratios, claims = np.zeros(len(ids)), np.zeros(len(ids))
    for item in evidence:
        rows = np.searchsorted(ids, item.subject_ids)
        ratios[rows] += item.ratios
        claims[rows] += np.minimum(item.ratios, item.llr_max)
    most = sum(item.llr_max for item in evidence)
    probabilities = posterior(ratios, claims, most, policy.known_share, left_out, _bound(evidence))
    order = np.argsort(-ratios, kind="stable")[:MAX_CANDIDATES]
    return tuple(
        _candidate(int(ids[k]), float(ratios[k]), float(probabilities[k]), evidence, name_of)
        for k in order
    )


def _bound(evidence: Sequence[Evidence]) -> float:
    """What the fused ratio of somebody left out can be at most: they may have templates of one
    modality or of all from whose search they were left out; -inf where nobody was."""
    bounds = [max(item.bound, item.llr_min) for item in evidence if item.left_out]
    above = [bound for bound in bounds if bound > 0]
    return sum(above) if above else max(bounds, default=-np.inf)


def _parts(
    evidence: Sequence[Evidence], policy: Policy, name_of: Callable[[int], str]
) -> dict[Modality, Decision]:
    return {item.modality: decide([item], policy, name_of, with_parts=False) for item in evidence}


def _candidate(
    subject_id: int,
    fused: float,
    probability: float,
    evidence: Sequence[Evidence],
    name_of: Callable[[int], str],
) -> Candidate:
    found: dict[str, float] = {}
    for item in evidence:
        row = item.of(subject_id)
        if row is not None:
            found[f"{item.modality}_score"] = float(item.scores[row])
            found[f"{item.modality}_llr"] = float(item.llrs[row])
    return Candidate(subject_id, name_of(subject_id), fused, probability, **found)


def _named(top: Candidate, reason: DecisionReason, parts: dict[Modality, Decision]) -> set[int]:
    """Who would be named, by all evidence or by one modality alone."""
    alone = (part.top for part in parts.values() if part.outcome is DecisionOutcome.IDENTIFIED)
    named = {candidate.subject_id for candidate in alone if candidate}
    return named if reason else named | {top.subject_id}


def _vetoed(subject_id: int, evidence: Sequence[Evidence]) -> bool:
    """Whether a modality speaks against a subject so strongly as hardly ever against the right
    one. However much speaks for the subject otherwise: that may be a photograph."""
    rows = ((item, item.of(subject_id)) for item in evidence)
    against = (
        item.llrs[row] <= min(item.veto, -CONTRADICTION_LLR)
        for item, row in rows
        if row is not None
    )
    return len(evidence) > 1 and any(against)


def _names_disagree(parts: dict[Modality, Decision]) -> bool:
    """Whether both modalities alone would identify, but different people."""
    tops = {
        part.top.subject_id
        for part in parts.values()
        if part.outcome is DecisionOutcome.IDENTIFIED and part.top
    }
    return len(tops) > 1


def _refusal(
    candidates: tuple[Candidate, ...], policy: Policy, enrolled: int, bound: float
) -> DecisionReason:
    """Why nobody is identified, if so; `bound` is the ratio that somebody not listed may have."""
    top = candidates[0]
    second = max(candidates[1].fused_llr if len(candidates) > 1 else -np.inf, bound)
    close = top.fused_llr - second < policy.min_margin
    compared = tuple(
        modality
        for modality, score in ((Modality.FACE, top.face_llr), (Modality.VOICE, top.voice_llr))
        if score is not None
    )
    enough = top.fused_llr >= policy.needed(compared, enrolled)
    if close and enough:
        return DecisionReason.SMALL_MARGIN
    if not enough or top.probability < policy.min_probability:
        return DecisionReason.BELOW_THRESHOLD
    return DecisionReason.NONE
