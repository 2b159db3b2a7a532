"""New templates from kept pictures, where the operator keeps them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import cv2
import numpy as np

from kiosk.core.media import Frame, Modality
from kiosk.core.pooling import pool
from kiosk.core.ports.gallery import PictureStore
from kiosk.core.samples import Embedding, FaceOutcome, FaceSample
from kiosk.core.upgrades import ModelUpgrade
from kiosk.enrolment.template_migration import PICTURE, MigrationGallery, TemplateMigration
from kiosk.recognition.embedding import embed_face
from kiosk.recognition.identification import Identifier, Models
from kiosk.recognition.other_models import OtherEmbeddings

_AT_ONCE = 100
"""Pictures read from the gallery at a time."""


class PicturedGallery(MigrationGallery, PictureStore, Protocol):
    """The part of a gallery that this needs."""


def pictured(gallery: PicturedGallery, modality: Modality, old: str, new: str) -> list[int]:
    """Who is to be carried over and has a picture; nobody's picture helps to know a voice."""
    if modality is not Modality.FACE:
        return []
    holders = gallery.holders(modality)
    waiting = sorted(holders.get(old, frozenset()) - holders.get(new, frozenset()))
    chunks = (waiting[k : k + _AT_ONCE] for k in range(0, len(waiting), _AT_ONCE))
    return sorted(each for chunk in chunks for each in gallery.pictures(chunk))


class PictureSamples:
    """Carries people over from their kept pictures.

    A picture is one occasion like a visit; with `suffices` it is enough by itself. It counts only
    where the old model, if it is here, knows the person in it: pictures of somebody else would
    otherwise become templates.
    """

    def __init__(
        self, models: Models, identifier: Identifier, gallery: PicturedGallery, least_llr: float
    ) -> None:
        self._models = models
        self._identifier = identifier
        self._gallery = gallery
        self._least_llr = least_llr

    def learn(
        self,
        upgrade: ModelUpgrade,
        migration: TemplateMigration,
        *,
        suffices: bool = False,
        tell: Callable[[float], None] = lambda share: None,
    ) -> int:
        """Take a sample from every picture; returns how many could be used."""
        people = pictured(self._gallery, upgrade.modality, upgrade.old, upgrade.new)
        used = 0
        for done, subject_id in enumerate(people, 1):
            jpeg = self._gallery.pictures([subject_id]).get(subject_id)
            samples = self._embedded(jpeg) if jpeg is not None else {}
            if self._is_usable(upgrade, subject_id, samples):
                used += 1
                new = samples[upgrade.new]
                carried = migration.learn(upgrade, subject_id, new, PICTURE)
                held = self._gallery.aside(upgrade.upgrade_id, subject_id)
                if suffices and not carried and held:
                    migration.carry_over(upgrade, subject_id)
            tell(done / len(people))
        return used

    def _is_usable(
        self, upgrade: ModelUpgrade, subject_id: int, samples: Mapping[str, Sequence[Embedding]]
    ) -> bool:
        if upgrade.new not in samples:
            return False
        if upgrade.old not in self._models.scales:
            return True
        evidence = self._identifier.evidence(pool(samples[upgrade.old], Modality.FACE, upgrade.old))
        if not len(evidence.llrs) or evidence.llrs.max() < self._least_llr:
            return False
        return int(evidence.subject_ids[int(evidence.llrs.argmax())]) == subject_id

    def _embedded(self, jpeg: bytes) -> Mapping[str, Sequence[Embedding]]:
        """The face in a picture by every resident model; empty if the gate refuses it."""
        sample = self._look(jpeg)
        if sample is None or sample.outcome is not FaceOutcome.USABLE or sample.located is None:
            return {}
        others = OtherEmbeddings(self._models)
        others.see(sample)
        own = embed_face(self._models.face, sample)
        return {self._models.face.model_id: [own], **others.samples()}

    def _look(self, jpeg: bytes) -> FaceSample | None:
        coded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        if coded is None:
            return None
        picture = np.asarray(cv2.cvtColor(coded, cv2.COLOR_BGR2RGB), np.uint8)
        return self._models.pipelines().face.look(Frame(picture, 0.0, 0))
