"""What recognises, and the one comparison with the gallery that visits and enrolment share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from kiosk.core.cohort import Cohort
from kiosk.core.decisions import Candidate, Decision, DecisionOutcome, DecisionReason
from kiosk.core.errors import BugError
from kiosk.core.media import Matrix, Modality, Vector
from kiosk.core.negatives import is_own
from kiosk.core.ports.gallery import TemplateSearch
from kiosk.core.ports.inference import FaceEmbedder, NewPipelines, VoiceEmbedder
from kiosk.core.records import Corrector, Origin, ReportedMismatch
from kiosk.core.samples import Probe
from kiosk.core.scoring import Aggregate, Calibration, Evidence, Floats, Ids, Policy, decide, weigh
from kiosk.core.subjects import Template

UNCHECKED_MARK = " (?)"
"""Behind the name of somebody who enrolled themselves, wherever it is told, in every language."""
SEARCH_LIMIT = 1000
"""Subjects a search returns for each modality. A gallery of as many people or fewer is decided on
exactly; in a larger one the others count as if each came as near as the last of these, which costs
the right one little: their ratios are far below one (docs/storage.md)."""


@dataclass(frozen=True)
class ScoreScale:
    """What the scores of one model are measured with: they belong to the `model_id`, never to the
    modality."""

    calibration: Calibration
    cohort: Cohort | None = None


@dataclass(frozen=True)
class OtherFace:
    """A face recogniser beside the chosen one, for those who have templates of it alone, or for
    whom its first templates are being made."""

    embedder: FaceEmbedder
    calibration: Calibration


@dataclass(frozen=True)
class OtherVoice:
    """A speaker recogniser beside the chosen one; see `OtherFace`."""

    embedder: VoiceEmbedder
    calibration: Calibration


@dataclass(frozen=True)
class Models:
    """Everything that recognises, each with the calibration of its scores, without state; what has
    state is made for each session by `pipelines`."""

    pipelines: NewPipelines
    face: FaceEmbedder
    voice: VoiceEmbedder
    face_calibration: Calibration
    voice_calibration: Calibration
    other_faces: tuple[OtherFace, ...] = ()
    other_voices: tuple[OtherVoice, ...] = ()

    @property
    def scales(self) -> dict[str, ScoreScale]:
        """By `model_id`, those of the chosen models first."""
        chosen = {
            self.face.model_id: _scale(self.face, self.face_calibration),
            self.voice.model_id: _scale(self.voice, self.voice_calibration),
        }
        faces = {e.embedder.model_id: _scale(e.embedder, e.calibration) for e in self.other_faces}
        voices = {e.embedder.model_id: _scale(e.embedder, e.calibration) for e in self.other_voices}
        return chosen | faces | voices


def _scale(embedder: FaceEmbedder | VoiceEmbedder, calibration: Calibration) -> ScoreScale:
    return ScoreScale(calibration, embedder.cohort)


class Searchable(TemplateSearch, Protocol):
    """The part of a gallery that an identification needs."""

    def subject_name(self, subject_id: int) -> str:
        """The name behind an id."""

    def origin(self, subject_id: int) -> Origin:
        """Who enrolled them."""

    def templates(self, subject_id: int) -> list[Template]:
        """Theirs in use."""


class Identifier:
    """Compares probes with the gallery; the one place where models, gallery and policy meet."""

    def __init__(
        self,
        models: Models,
        gallery: Searchable,
        policy: Policy,
        reported_mismatches: Callable[[Modality, str], Sequence[ReportedMismatch]] | None = None,
        limit: int = SEARCH_LIMIT,
    ) -> None:
        self._gallery = gallery
        self._negatives = reported_mismatches
        self._policy = policy
        self._limit = limit
        self._models = {
            Modality.FACE: models.face.model_id,
            Modality.VOICE: models.voice.model_id,
        }
        self._scales: Mapping[str, ScoreScale] = models.scales

    def scale(self, model_id: str) -> ScoreScale:
        """Calibration and cohort of a model. Raises BugError for one that is not resident."""
        if model_id not in self._scales:
            raise BugError(f"scores of {model_id}, which is not resident, cannot be weighed")
        return self._scales[model_id]

    def needed(self, modality: Modality) -> float:
        """The ratio that names somebody by this modality alone, among everybody enrolled so."""
        enrolled = self._gallery.population([(modality, self._models[modality])])
        return self._policy.needed((modality,), max(1, enrolled))

    def evidence(self, probe: Probe) -> Evidence:
        """A probe's say about the most similar of those enrolled with the same model."""
        scale = self.scale(probe.model_id)
        found = self._gallery.scores(probe, self._limit, scale.cohort)
        return self._without_denied(weigh(probe, found, scale.calibration), probe)

    def evidence_about(self, probe: Probe, subject_ids: Ids) -> Evidence:
        """A probe's say about these subjects, those among them who have templates of its model."""
        scale = self.scale(probe.model_id)
        found = self._gallery.scores_of(probe, subject_ids, scale.cohort)
        return self._without_denied(weigh(probe, found, scale.calibration), probe)

    def face_ratio(self, one: Vector, other: Vector) -> float:
        """The natural-log ratio of two faces to be of one person rather than of two, without the
        bounds of a comparison with the gallery: it is a distance between frames of one camera."""
        return self._ratio(self._models[Modality.FACE], one, other)

    def voice_ratio(self, one: Vector, other: Vector) -> float:
        """The same of two stretches of speech."""
        return self._ratio(self._models[Modality.VOICE], one, other)

    def _ratio(self, model_id: str, one: Vector, other: Vector) -> float:
        score = float(self.among(model_id, np.stack([one, other]))[0, 1])
        calibration = self.scale(model_id).calibration
        return calibration.slope * score + calibration.intercept

    def among(self, model_id: str, rows: Matrix) -> Floats:
        """Scores of samples with each other, (rows, rows), on the scale of `evidence`."""
        scores = np.asarray(rows @ rows.T, dtype=np.float64)
        cohort = self.scale(model_id).cohort
        if cohort is None:
            return scores
        cohort_similarity = cohort.cohort_similarity(rows)
        return cohort.normalise(scores, cohort_similarity[:, None], cohort_similarity[None, :])

    def decide(self, probes: Sequence[Probe]) -> Decision:
        """Who it is, from one or both modalities. Whoever enrolled themselves and was not checked
        by staff is named with a mark, or not at all."""
        decision = self.resemblance(probes)
        if decision.top is None or self._policy.name_unchecked:
            return decision
        parts = (decision, decision.face, decision.voice)
        if any(part is not None and self._names_unchecked(part) for part in parts):
            return replace(
                decision,
                outcome=DecisionOutcome.UNKNOWN,
                reason=DecisionReason.UNCHECKED,
                candidates=(),
                probability=0.0,
                conflict=False,
                face=None,
                voice=None,
            )
        face, voice = (
            part and replace(part, candidates=self._checked(part))
            for part in (decision.face, decision.voice)
        )
        return replace(decision, candidates=self._checked(decision), face=face, voice=voice)

    def _checked(self, decision: Decision) -> tuple[Candidate, ...]:
        return tuple(e for e in decision.candidates if not self._is_unchecked(e.subject_id))

    def resemblance(self, probes: Sequence[Probe]) -> Decision:
        """Whom these probes resemble, checked by staff or not: for whoever looks for doubles."""
        evidence = self.weighed(probes)
        return decide(
            evidence,
            self._policy,
            self._name_told,
            population=self._population(probes, evidence),
        )

    def _name_told(self, subject_id: int) -> str:
        name = self._gallery.subject_name(subject_id)
        return name + UNCHECKED_MARK if self._is_unchecked(subject_id) else name

    def _names_unchecked(self, decision: Decision) -> bool:
        named = decision.outcome is DecisionOutcome.IDENTIFIED and decision.top is not None
        return named and decision.top is not None and self._is_unchecked(decision.top.subject_id)

    def _is_unchecked(self, subject_id: int) -> bool:
        return self._gallery.origin(subject_id) is Origin.SELF

    def weighed(self, probes: Sequence[Probe]) -> list[Evidence]:
        """The evidence of each modality, about the same subjects: the most similar by any of them.

        Whoever is among the most similar by face has to be scored by voice as well, near or not,
        or a fused ratio would lack what speaks against them.
        """
        groups = self._by_modality(probes)
        evidence = [self._searched(group) for group in groups]
        if len(evidence) < 2 or not any(item.left_out for item in evidence):
            return evidence
        listed = np.unique(np.concatenate([item.subject_ids for item in evidence]))
        return [
            self._completed(item, group, listed)
            for item, group in zip(evidence, groups, strict=True)
        ]

    def _by_modality(self, probes: Sequence[Probe]) -> list[list[Probe]]:
        """Probes of one modality together, the chosen model's first."""
        order = list(self._scales)
        groups: dict[Modality, list[Probe]] = {}
        for probe in probes:
            self.scale(probe.model_id)
            groups.setdefault(probe.modality, []).append(probe)
        return [sorted(g, key=lambda probe: order.index(probe.model_id)) for g in groups.values()]

    def _searched(self, group: Sequence[Probe]) -> Evidence:
        """The most similar by the probes of one modality, each subject by one model.

        Whoever has templates of several models is scored by the first of them alone. Ratios of
        different models may stand beside each other, for each comes from its own calibration;
        scores never do.
        """
        evidence = [self.evidence(probe) for probe in group]
        if len(evidence) == 1:
            return evidence[0]
        own = [self._own(item, group[:place]) for place, item in enumerate(evidence)]
        merged = _joined(own)
        bounds = [item.bound for item in evidence if item.left_out]
        if not bounds:
            return merged
        people = self._gallery.population([(probe.modality, probe.model_id) for probe in group])
        return replace(merged, left_out=people - len(merged.subject_ids), bound=max(bounds))

    def _own(self, evidence: Evidence, earlier: Sequence[Probe]) -> Evidence:
        """The evidence about those who have no templates of an earlier model."""
        kept = np.ones(len(evidence.subject_ids), dtype=np.bool_)
        for probe in earlier:
            held = self._gallery.scores_of(probe, evidence.subject_ids).subject_ids
            kept &= ~np.isin(evidence.subject_ids, held)
        return replace(
            evidence,
            subject_ids=evidence.subject_ids[kept],
            scores=evidence.scores[kept],
            llrs=evidence.llrs[kept],
        )

    def _completed(self, evidence: Evidence, group: Sequence[Probe], listed: Ids) -> Evidence:
        """The evidence, also about those of `listed` whom its own search left out."""
        missing = np.setdiff1d(listed, evidence.subject_ids, assume_unique=True)
        if not evidence.left_out or not len(missing):
            return evidence
        about = [self.evidence_about(probe, missing) for probe in group]
        added = [self._own(item, group[:place]) for place, item in enumerate(about)]
        merged = _joined([evidence, *added])
        new = len(merged.subject_ids) - len(evidence.subject_ids)
        return replace(merged, left_out=evidence.left_out - new, bound=evidence.bound)

    def _population(self, probes: Sequence[Probe], evidence: Sequence[Evidence]) -> int | None:
        """How many people are compared with, where the evidence does not tell."""
        if not any(item.left_out for item in evidence):
            return None
        return self._gallery.population([(probe.modality, probe.model_id) for probe in probes])

    def _without_denied(self, evidence: Evidence, probe: Probe) -> Evidence:
        """The evidence, without what speaks for subjects whose negatives the probe resembles more
        than their templates: then it is rather the person who was mistaken for them before.

        Only the word of staff counts: who denies a right answer in jest must not lock themselves
        out. Nor must they where staff believed it: a negative that is itself as much like the
        subject as their own templates are counts for nothing.
        """
        known = self._negatives(probe.modality, probe.model_id) if self._negatives else ()
        told = [each for each in known if each.by is Corrector.STAFF]
        if not told:
            return evidence
        ids = np.array(sorted({each.subject_id for each in told}))
        own = self._gallery.scores_of(probe, ids, None, Aggregate.CENTROID)
        score = dict(zip(own.subject_ids.tolist(), own.scores.tolist(), strict=True))
        nearer = [
            each
            for each in told
            if float(each.vector @ probe.vector) > score.get(each.subject_id, np.inf)
        ]
        against = {each.subject_id for each in nearer if not self._is_own(each)}
        denied = np.isin(evidence.subject_ids, sorted(against))
        return replace(
            evidence, llrs=np.where(denied, np.minimum(evidence.llrs, 0.0), evidence.llrs)
        )

    def _is_own(self, negative: ReportedMismatch) -> bool:
        """Whether it is as much like the subject as their own templates are."""
        held = self._gallery.templates(negative.subject_id)
        rows = [each.vector for each in held if each.model_id == negative.model_id]
        return bool(rows) and is_own(negative.vector, np.stack(rows))


def _joined(parts: Sequence[Evidence]) -> Evidence:
    """Evidence of one modality about different subjects as one, nobody left out; of the bounds of
    several models the tightest hold for all."""
    ids = np.concatenate([part.subject_ids for part in parts])
    order = np.argsort(ids)
    return Evidence(
        parts[0].modality,
        ids[order],
        np.concatenate([part.scores for part in parts])[order],
        np.concatenate([part.llrs for part in parts])[order],
        llr_min=max(part.llr_min for part in parts),
        llr_max=min(part.llr_max for part in parts),
        veto=min(part.veto for part in parts),
    )
