"""People are carried over from one recogniser to another, from what their visits show anyway.

The old model says who somebody is, the new one embeds the same samples; what it makes is set aside
until several visits agree, and then takes the place of the old templates in one step. Nobody is
ever without templates, and scores of the two models are never compared.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.errors import KnownError
from kiosk.core.liveness import Liveness, LivenessOutcome
from kiosk.core.media import Modality
from kiosk.core.pooling import keep_consistent, pool
from kiosk.core.ports.gallery import ConsentStore
from kiosk.core.ports.upgrade import UpgradeStore
from kiosk.core.redaction import log_failure
from kiosk.core.samples import Embedding
from kiosk.core.scoring import PAIR_LLR
from kiosk.core.settings import Settings
from kiosk.core.subjects import Template
from kiosk.core.upgrades import ModelUpgrade, UpgradeState
from kiosk.recognition.identification import Identifier, Searchable

_log = logging.getLogger(__name__)
SOURCE = "visit"
PICTURE = "picture"
VISITS_NEEDED = 2
"""Occasions on which samples were taken: one wrong identification alone can never carry anybody
over, and two have to agree in the new model's eyes."""
SAMPLES_A_VISIT = 4
"""What one visit gives at most: a set of templates is to show a person on more than one day."""
MOST_SAMPLES = 8
SUPPORT_LLR = 2.0
"""Natural log: the modality that is carried over must speak for the person by itself, so that a
face is never learnt because a voice was known."""
SURE_PROBABILITY = 0.98


class MigrationGallery(UpgradeStore, Searchable, ConsentStore, Protocol):
    """The part of a gallery that an upgrade needs."""


@dataclass(frozen=True)
class _Lesson:
    """What a visit would teach, if nobody takes it back."""

    upgrade: ModelUpgrade
    subject_id: int
    samples: tuple[Embedding, ...]


class TemplateMigration:
    """Implements `ports.upgrade.VisitLearner`; on the thread of the gallery. `changed` hears that
    somebody was carried over."""

    def __init__(
        self,
        gallery: MigrationGallery,
        identifier: Identifier,
        settings: Settings,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._gallery = gallery
        self._identifier = identifier
        self._settings = settings
        self._changed = changed
        self._pending: list[_Lesson] = []
        # What begins later begins with the kiosk's next start, when its model is loaded.
        self._active = any(
            each.state is not UpgradeState.ROLLED_BACK and not each.complete
            for each in gallery.upgrades()
        )

    def decided(
        self, decision: Decision, samples: Mapping[str, Sequence[Embedding]], liveness: Liveness
    ) -> None:
        """Remember what a sure visit shows of somebody who is still to be carried over."""
        self.ended()
        top = decision.top
        if not self._active or top is None or not _sure(decision):
            return
        if liveness.outcome is LivenessOutcome.NOT_LIVE:
            return
        try:
            self._pending = [
                _Lesson(upgrade, top.subject_id, tuple(samples[upgrade.new]))
                for upgrade in self._running()
                if samples.get(upgrade.new)
                and _supported(decision, upgrade.modality)
                and self._is_waiting(upgrade, top.subject_id)
            ]
        except KnownError as error:
            log_failure(_log, "What a visit may teach cannot be read: %s.", error)

    def denied(self) -> None:
        """Nothing is learnt from a visit that somebody calls wrong."""
        self._pending = []

    def ended(self) -> None:
        """The visit is over: nobody took it back, so it counts."""
        lessons, self._pending = self._pending, []
        for lesson in lessons:
            try:
                self.learn(lesson.upgrade, lesson.subject_id, lesson.samples)
            except KnownError as error:
                log_failure(_log, "What a visit taught cannot be kept: %s.", error)

    def learn(
        self,
        upgrade: ModelUpgrade,
        subject_id: int,
        samples: Sequence[Embedding],
        source: str = SOURCE,
    ) -> bool:
        """Set samples of one occasion aside; returns whether the subject was carried over. Of who
        has taken consent back nothing new is kept."""
        if self._has_withdrawn(subject_id) or self._is_somebody_else(upgrade, subject_id, samples):
            return False
        held = self._gallery.aside(upgrade.upgrade_id, subject_id)
        if source == PICTURE and any(template.source == PICTURE for _, template in held):
            return False
        room = min(SAMPLES_A_VISIT, MOST_SAMPLES - len(held))
        templates = [
            Template(upgrade.modality, upgrade.new, each.vector, each.quality, source)
            for each in best_of(samples, room)
        ]
        visit = secrets.token_hex(8)
        self._gallery.set_aside(upgrade.upgrade_id, subject_id, visit, templates)
        return self._carry_over_if_enough(upgrade, subject_id)

    def carry_over(self, upgrade: ModelUpgrade, subject_id: int) -> None:
        """Put what was set aside to use, however little it is."""
        self._gallery.carry_over(upgrade.upgrade_id, subject_id)
        self._changed()

    def _carry_over_if_enough(self, upgrade: ModelUpgrade, subject_id: int) -> bool:
        held = self._gallery.aside(upgrade.upgrade_id, subject_id)
        if not self._is_enough(upgrade.modality, held):
            return False
        if not self._agree(upgrade, held):
            _log.warning("Visits of a subject disagree by the new model; they are forgotten.")
            self._gallery.discard_aside(upgrade.upgrade_id, subject_id)
            return False
        self.carry_over(upgrade, subject_id)
        return True

    def _running(self) -> list[ModelUpgrade]:
        return [each for each in self._gallery.upgrades() if each.state is UpgradeState.RUNNING]

    def _is_waiting(self, upgrade: ModelUpgrade, subject_id: int) -> bool:
        holders = self._gallery.holders(upgrade.modality)
        new = holders.get(upgrade.new, frozenset())
        return subject_id in holders.get(upgrade.old, frozenset()) and subject_id not in new

    def _has_withdrawn(self, subject_id: int) -> bool:
        given = self._gallery.consents(self._gallery.subject_name(subject_id))
        return bool(given) and given[0].withdrawn is not None

    def _is_enough(self, modality: Modality, held: Sequence[tuple[str, Template]]) -> bool:
        needed = self._settings.enrol_faces if modality is Modality.FACE else VISITS_NEEDED
        visits = {visit for visit, _ in held}
        return len(visits) >= VISITS_NEEDED and len(held) >= min(needed, MOST_SAMPLES)

    def _is_somebody_else(
        self, upgrade: ModelUpgrade, subject_id: int, samples: Sequence[Embedding]
    ) -> bool:
        """Whether the new model takes these samples for another person, carried over already."""
        evidence = self._identifier.evidence(pool(samples, upgrade.modality, upgrade.new))
        others = evidence.llrs[evidence.subject_ids != subject_id]
        return bool(len(others) and others.max() >= (self._settings.min_llr or PAIR_LLR))

    def _agree(self, upgrade: ModelUpgrade, held: Sequence[tuple[str, Template]]) -> bool:
        """Whether every two visits are rather of one person than of two, by the new model."""
        visits: dict[str, list[Embedding]] = {}
        for visit, template in held:
            visits.setdefault(visit, []).append(Embedding(template.vector, template.quality))
        probes = [pool(some, upgrade.modality, upgrade.new) for some in visits.values()]
        scores = self._identifier.among(upgrade.new, np.stack([each.vector for each in probes]))
        pairs = scores[np.triu_indices(len(probes), 1)]
        return bool((self._identifier.scale(upgrade.new).calibration.llr(pairs) > 0).all())


def best_of(samples: Sequence[Embedding], count: int) -> list[Embedding]:
    """The best `count` of those that agree with each other."""
    kept = keep_consistent(np.stack([each.vector for each in samples]))
    agreeing = [each for each, keep in zip(samples, kept, strict=True) if keep]
    return sorted(agreeing, key=lambda each: -each.quality)[:count]


def _sure(decision: Decision) -> bool:
    """Identified, without contradiction, and with more certainty than an answer needs."""
    identified = decision.outcome is DecisionOutcome.IDENTIFIED
    return identified and not decision.conflict and decision.probability >= SURE_PROBABILITY


def _supported(decision: Decision, modality: Modality) -> bool:
    """Whether this modality speaks for the person by itself."""
    top = decision.top
    ratio = None if top is None else top.face_llr if modality is Modality.FACE else top.voice_llr
    return ratio is not None and ratio >= SUPPORT_LLR
