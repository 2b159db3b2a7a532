"""Enrolment and re-enrolment: gather samples, judge them, look for duplicates, store.

A `Collector` is fed by a source like a visit is; `enrol` and `re_enrol` turn what it gathered into
templates. Nothing is written before everything has been checked.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kiosk.core.decisions import Candidate, DecisionOutcome
from kiosk.core.errors import EnrolmentRefused
from kiosk.core.media import Modality
from kiosk.core.pooling import keep_consistent, pool
from kiosk.core.ports.gallery import PeopleStore
from kiosk.core.records import Consent, Origin
from kiosk.core.samples import (
    Embedding,
    Probe,
)
from kiosk.core.scoring import PAIR_LLR
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind, EnrolmentRecord, Template
from kiosk.enrolment.advice import advice, counted
from kiosk.enrolment.collector import Collected
from kiosk.enrolment.names_alike import looks_like
from kiosk.enrolment.selection import consistent_faces, dropped_faces, two_people, varied
from kiosk.recognition.identification import Identifier, Models

_log = logging.getLogger(__name__)
MAX_TEMPLATES = 8
"""Per modality and enrolment: more cost time at every visit and add nothing measurable."""
LIKENESS_LLR = PAIR_LLR
"""Natural log: the many faces of an enrolment are one person's from here on. In a small gallery a
visit names on less; people who are merely alike reach that, the same person many times as much. In
a large one as much is asked as names a visitor."""


@dataclass(frozen=True)
class Duplicate:
    """Somebody already enrolled whom the new samples resemble."""

    candidate: Candidate
    modality: Modality


class DuplicateSuspected(EnrolmentRefused):
    """The samples resemble somebody enrolled. `duplicates` names them; the text does not."""

    def __init__(self, duplicates: Sequence[Duplicate]) -> None:
        kinds = " and ".join(sorted({duplicate.modality.value for duplicate in duplicates}))
        super().__init__(
            f"By {kinds} this person seems to be enrolled already.",
            "Re-enrol that subject, or repeat with --allow-duplicate if they are two people.",
        )
        self.duplicates = tuple(duplicates)


class TwoPeople(EnrolmentRefused):
    """The faces or the voices of one enrolment are of two people; `counts` is how many are of
    either."""

    def __init__(self, modality: Modality, counts: tuple[int, int]) -> None:
        super().__init__(
            f"The {modality.value} samples are of two people: {counts[0]} of one, {counts[1]} of "
            "another.",
            "Leave out the recordings or pictures with somebody else, and record one person alone.",
        )
        self.modality, self.counts = modality, counts


@dataclass(frozen=True)
class EnrolmentResult:
    """What an enrolment stored."""

    record: EnrolmentRecord
    faces_used: int
    faces_dropped: int
    voices_used: int
    speech_seconds: float
    alike_by_voice: tuple[str, ...] = ()
    """Who else would be named by this voice: no reason to refuse, but worth a word."""
    alike_by_name: str = ""
    """That the name looks like somebody else's, in words for staff; kept in the note as well."""
    copies: int = 0
    """Pictures that were copies of another and counted for nothing."""


class Enroller:
    """Turns collected samples into templates, after every check."""

    def __init__(
        self, models: Models, identifier: Identifier, gallery: PeopleStore, settings: Settings
    ) -> None:
        self._models = models
        self._identifier = identifier
        self._gallery = gallery
        self._settings = settings

    def enrol(
        self,
        name: str,
        collected: Collected,
        source: str,
        *,
        only: Modality | None = None,
        allow_duplicate: bool = False,
        note: str = "",
        consent: Consent | None = None,
        origin: Origin = Origin.STAFF,
    ) -> EnrolmentResult:
        """A new subject. Raises EnrolmentRefused, DuplicateSuspected, InputError (name taken)."""
        templates = self.templates(collected, source, only)
        duplicates = self.duplicates(templates, collected.other_probes)
        if duplicates and not allow_duplicate:
            raise DuplicateSuspected(duplicates)
        suspected = {each.candidate.subject_id for each in duplicates}
        alike = [
            each.name
            for each in self._named_by_voice(templates, collected.other_probes)
            if each.subject_id not in suspected
        ]
        staff = origin is Origin.STAFF  # who enrols themselves gets a number behind the name
        looks = looks_like(name, self._gallery.subjects()) if staff else ""
        note = " ".join(filter(None, (note, looks)))
        record = self._gallery.enrol(
            name, templates, EnrolmentKind.NEW, note, consent, self._picture(collected), origin
        )
        result = _result(record, collected, templates)
        return replace(result, alike_by_voice=tuple(alike), alike_by_name=looks)

    def re_enrol(
        self,
        name: str,
        collected: Collected,
        source: str,
        *,
        kind: EnrolmentKind,
        only: Modality | None = None,
        force: bool = False,
        note: str = "",
        consent: Consent | None = None,
    ) -> EnrolmentResult:
        """Add to or replace the templates of a subject; can be rolled back.

        Refused when the samples resemble somebody else, or do not resemble the subject, unless
        forced.
        """
        subject = self._gallery.subject(name)
        templates = self.templates(collected, source, only)
        others = [
            duplicate
            for duplicate in self.duplicates(templates, collected.other_probes)
            if duplicate.candidate.subject_id != subject.subject_id
        ]
        if not force:
            if others:
                raise DuplicateSuspected(others)
            self._check_resemblance(subject.subject_id, templates, collected.other_probes)
        record = self._gallery.enrol(
            subject.name, templates, kind, note, consent, self._picture(collected)
        )
        return _result(record, collected, templates)

    def _picture(self, collected: Collected) -> bytes | None:
        """For staff, where the operator chose to keep one."""
        return collected.portrait.jpeg() if self._settings.keep_pictures else None

    def templates(
        self, collected: Collected, source: str, only: Modality | None = None
    ) -> list[Template]:
        """The templates these samples make. Raises EnrolmentRefused with what is missing."""
        wanted = {only} if only else collected.carried
        missing = wanted - collected.carried
        if not wanted or missing:
            what = " or ".join(sorted(missing)) or "picture or sound"
            raise EnrolmentRefused(f"There is no {what} in this source.", "Give another recording.")
        templates: list[Template] = []
        if Modality.FACE in wanted:
            templates += self._face_templates(collected, source)
        if Modality.VOICE in wanted:
            templates += self._voice_templates(collected, source)
        return templates

    def duplicates(
        self, templates: Iterable[Template], others: Sequence[Probe] = ()
    ) -> list[Duplicate]:
        """Whom the faces among these templates may be, the likeliest first, also where they may be
        each of several, as twins and people enrolled twice; `others` are probes of the same samples
        by the models beside the chosen ones.

        A voice adds to what a face says and never suffices by itself: what a voice can claim at
        most is reached by different people who are alike.
        """
        faces = by_modality(templates, others).get(Modality.FACE)
        if faces is None:
            return []
        bound = max(LIKENESS_LLR, self._identifier.needed(Modality.FACE))
        alike = [
            each
            for each in self._identifier.resemblance(faces).candidates
            if each.fused_llr >= bound
        ]
        found = [Duplicate(each, Modality.FACE) for each in alike]
        suspected = {each.subject_id for each in alike}
        voices = self._named_by_voice(templates, others) if alike else []
        return found + [
            Duplicate(each, Modality.VOICE) for each in voices if each.subject_id in suspected
        ]

    def _named_by_voice(
        self, templates: Iterable[Template], others: Sequence[Probe]
    ) -> list[Candidate]:
        """Whom the voices among these templates alone would name."""
        voices = by_modality(templates, others).get(Modality.VOICE)
        if voices is None:
            return []
        decision = self._identifier.resemblance(voices)
        named = decision.outcome is DecisionOutcome.IDENTIFIED and decision.top is not None
        return [decision.top] if named and decision.top is not None else []

    def holds(self, name: str, source: str) -> bool:
        """Whether a subject of this name has templates with this very source."""
        folded = name.strip().casefold()
        return any(
            template.source == source
            for subject in self._gallery.subjects()
            if subject.name.casefold() == folded
            for template in self._gallery.templates(subject.subject_id)
        )

    def resembles(
        self, subject_id: int, templates: Iterable[Template], others: Sequence[Probe] = ()
    ) -> bool:
        """Whether the evidence for this subject, all modalities together, is not against it; each
        counts by the first model the subject has templates of."""
        total = 0.0
        for probes in by_modality(templates, others).values():
            about = (
                self._identifier.evidence_about(probe, np.array([subject_id])) for probe in probes
            )
            total += next((float(each.llrs[0]) for each in about if len(each.llrs)), 0.0)
        return total >= 0

    def enough(self, collected: Collected) -> set[Modality]:
        """The modalities of which there are samples enough for templates."""
        faces = len(consistent_faces(collected.faces)) >= self._settings.enrol_faces
        voices = bool(collected.voices) and collected.speech_seconds >= self._settings.enrol_speech
        return {m for m, there in ((Modality.FACE, faces), (Modality.VOICE, voices)) if there}

    def _check_resemblance(
        self, subject_id: int, templates: list[Template], others: Sequence[Probe]
    ) -> None:
        """The log-likelihood ratios against the subject's own templates must not sum below zero."""
        if not self.resembles(subject_id, templates, others):
            raise EnrolmentRefused(
                "The new samples do not resemble this subject.",
                "Check that the right person was recorded; --force stores them all the same.",
            )

    def _face_templates(self, collected: Collected, source: str) -> list[Template]:
        self._require_one_person(Modality.FACE, [face.embedding for face in collected.faces])
        kept = consistent_faces(collected.faces)
        needed = self._settings.enrol_faces
        if len(kept) < needed:
            raise EnrolmentRefused(
                f"{len(kept)} usable face samples, {needed} are needed; "
                f"frames by outcome: {counted(collected.face_outcomes)}"
                f"{f', copies of another {collected.copies}' if collected.copies else ''}.",
                advice(collected.hints, Modality.FACE, collected.carried),
            )
        chosen = varied(kept, max(needed, MAX_TEMPLATES))
        model = self._models.face.model_id
        return [_template(Modality.FACE, model, face.embedding, source) for face in chosen]

    def _require_one_person(self, modality: Modality, samples: Sequence[Embedding]) -> None:
        """Raises TwoPeople, by the ratio the model's own calibration gives two samples."""
        if not samples:
            return
        embedder = self._models.face if modality is Modality.FACE else self._models.voice
        rows = np.stack([sample.vector for sample in samples])
        calibration = self._identifier.scale(embedder.model_id).calibration
        counts = two_people(calibration.llr(self._identifier.among(embedder.model_id, rows)))
        if counts is not None:
            raise TwoPeople(modality, counts)

    def _voice_templates(self, collected: Collected, source: str) -> list[Template]:
        needed = self._settings.enrol_speech
        if collected.speech_seconds < needed or not collected.voices:
            raise EnrolmentRefused(
                f"{collected.speech_seconds:.1f} s of usable speech, {needed:.1f} s are needed; "
                f"segments by outcome: {counted(collected.voice_outcomes) or 'none'}.",
                advice(collected.hints, Modality.VOICE, collected.carried),
            )
        self._require_one_person(Modality.VOICE, collected.voices)
        matrix = np.stack([voice.vector for voice in collected.voices])
        agreeing = keep_consistent(matrix)
        voices = [v for v, keep in zip(collected.voices, agreeing, strict=True) if keep]
        voices.sort(key=lambda voice: -voice.quality)
        model = self._models.voice.model_id
        return [_template(Modality.VOICE, model, voice, source) for voice in voices[:MAX_TEMPLATES]]


def probes_of(templates: Iterable[Template]) -> list[Probe]:
    """Templates pooled as if they were a visit, one probe to a modality and model."""
    groups: dict[tuple[Modality, str], list[Embedding]] = {}
    for template in templates:
        key = (template.modality, template.model_id)
        groups.setdefault(key, []).append(Embedding(template.vector, template.quality))
    return [pool(group, modality, model) for (modality, model), group in groups.items()]


def by_modality(
    templates: Iterable[Template], others: Sequence[Probe]
) -> dict[Modality, list[Probe]]:
    """The probes that templates make, each modality's with those of other models behind it."""
    return {
        probe.modality: [probe, *(each for each in others if each.modality is probe.modality)]
        for probe in probes_of(templates)
    }


def _template(modality: Modality, model_id: str, sample: Embedding, source: str) -> Template:
    return Template(modality, model_id, sample.vector, sample.quality, source)


def _result(
    record: EnrolmentRecord, collected: Collected, templates: Sequence[Template]
) -> EnrolmentResult:
    faces = sum(template.modality is Modality.FACE for template in templates)
    voices, kind = len(templates) - faces, record.kind
    _log.info("Enrolled (%s): %d face and %d voice templates.", kind, faces, voices)
    return EnrolmentResult(
        record,
        faces,
        dropped_faces(collected),
        voices,
        collected.speech_seconds,
        copies=collected.copies,
    )
