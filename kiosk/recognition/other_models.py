"""What the models beside the chosen ones make of the samples of one visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kiosk.core.media import Modality
from kiosk.core.pooling import pool
from kiosk.core.samples import Embedding, FaceSample, Probe, VoiceSample
from kiosk.recognition.embedding import embed_face, embed_voice
from kiosk.recognition.identification import Models


class OtherEmbeddings:
    """Embeddings of every usable sample by every other resident model; empty, and at no cost,
    where there is none.

    While a model is being replaced, some people have templates of the old one and some of the new:
    each sample is embedded by both, and each probe is compared with its own model's templates.
    """

    def __init__(self, models: Models) -> None:
        self._models = models
        self._made: dict[str, list[Embedding]] = {}
        self._modality: dict[str, Modality] = {}

    def see(self, sample: FaceSample) -> None:
        """A usable face that the chosen model embeds as well."""
        for other in self._models.other_faces:
            if sample.located is not None:
                made = embed_face(other.embedder, sample)
                self._add(Modality.FACE, other.embedder.model_id, made)

    def hear(self, sample: VoiceSample) -> None:
        """Usable speech that the chosen model embeds as well."""
        for other in self._models.other_voices:
            made = embed_voice(other.embedder, sample)
            self._add(Modality.VOICE, other.embedder.model_id, made)

    def probes(self) -> list[Probe]:
        """One for each model that has samples."""
        return [pool(made, self._modality[name], name) for name, made in self._made.items()]

    def samples(self) -> Mapping[str, Sequence[Embedding]]:
        """By `model_id`."""
        return dict(self._made)

    def reset(self) -> None:
        """Forget the visit."""
        self._made.clear()

    def _add(self, modality: Modality, model_id: str, made: Embedding) -> None:
        self._modality[model_id] = modality
        self._made.setdefault(model_id, []).append(made)
