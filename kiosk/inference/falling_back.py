"""Recognisers that go on when the graphics card is lost: a visit ends on the processor."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from kiosk.core.media import Waveform
from kiosk.core.ports.inference import FaceEmbedder, VoiceEmbedder
from kiosk.core.samples import Embedding, LocatedFace
from kiosk.inference.devices import FallingBack


class FallingBackFace(FaceEmbedder):
    """A face recogniser on a card, and then on the processor; `make` builds it on either."""

    def __init__(self, make: Callable[[torch.device], FaceEmbedder], device: torch.device) -> None:
        self._place = FallingBack(make, device)
        made = self._place.made
        self.model_id, self.dims, self.cohort = made.model_id, made.dims, made.cohort

    def embed(self, faces: Sequence[LocatedFace]) -> list[Embedding]:
        """Implements FaceEmbedder."""
        return self._place.call(lambda made: made.embed(faces))


class FallingBackVoice(VoiceEmbedder):
    """A speaker recogniser; see `FallingBackFace`."""

    def __init__(self, make: Callable[[torch.device], VoiceEmbedder], device: torch.device) -> None:
        self._place = FallingBack(make, device)
        made = self._place.made
        self.model_id, self.dims, self.cohort = made.model_id, made.dims, made.cohort

    def embed(self, speech: Waveform) -> Embedding:
        """Implements VoiceEmbedder."""
        return self._place.call(lambda made: made.embed(speech))
