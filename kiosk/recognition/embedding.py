"""From a judged sample to an embedding, whose quality is the network's judgement times the
sample's: the one place where the two meet."""

from __future__ import annotations

from kiosk.core.ports.inference import FaceEmbedder, VoiceEmbedder
from kiosk.core.samples import Embedding, FaceSample, VoiceSample


def embed_face(embedder: FaceEmbedder, sample: FaceSample) -> Embedding:
    """Of a usable face."""
    assert sample.located is not None
    return embedder.embed([sample.located])[0].weighed(sample.quality)


def embed_voice(embedder: VoiceEmbedder, sample: VoiceSample) -> Embedding:
    """Of usable speech."""
    return embedder.embed(sample.speech).weighed(sample.quality)
