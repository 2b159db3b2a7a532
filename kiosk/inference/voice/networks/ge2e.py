"""GE2E, the yardstick: the speaker network that comes with the package Resemblyzer (Apache-2.0).

Only its weights are used; the package is never imported, because it drags in an old SciPy and
webrtcvad (L. Wan et al., "Generalized end-to-end loss for speaker verification", 2018).
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kiosk.core.cohort import Cohort
from kiosk.core.errors import ModelError
from kiosk.core.media import Waveform
from kiosk.core.samples import Embedding
from kiosk.inference.packages import packaged_weights
from kiosk.inference.published import published
from kiosk.inference.voice.features.mel import BANDS, Ge2eMel
from kiosk.inference.voice.features.speech import checked_speech
from kiosk.inference.voice.networks.own import windows_of

DIMS = 256
WIDTH = 256
LAYERS = 3


def ge2e_file() -> Path:
    """The weights inside the installed package. Raises ModelError if it is not installed."""
    return packaged_weights("resemblyzer", "pretrained.pt")


def ge2e_state(path: Path | None = None) -> dict[str, Tensor]:
    """The tensors of the network, ``lstm.*`` and ``linear.*``, read as data and never as code.

    Raises ModelError if the file is missing, damaged or another network's.
    """
    file = path or ge2e_file()
    with published(file, "GE2E", "Reinstall resemblyzer.") as content:
        state: dict[str, Tensor] = content["model_state"]
    return {key: value for key, value in state.items() if not key.startswith("similarity_")}


class Ge2eNet(nn.Module):
    """Windows of mel power (batch, 160 frames, 40) to unit vectors (batch, 256)."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(BANDS, WIDTH, LAYERS, batch_first=True)
        self.linear = nn.Linear(WIDTH, DIMS)

    def forward(self, mel: Tensor) -> Tensor:
        """See the class."""
        _, (hidden, _) = self.lstm(mel)
        return F.normalize(self.linear(hidden[-1]).relu(), dim=-1)


class Ge2eVoice:
    """GE2E as a speaker recogniser (the port ``VoiceEmbedder``); it has no opinion on quality."""

    model_id = "ge2e-resemblyzer"
    dims = DIMS
    cohort: Cohort | None = None

    def __init__(self, path: Path | None = None, device: torch.device | None = None) -> None:
        self._device = device or torch.device("cpu")
        self._net = Ge2eNet()
        try:
            self._net.load_state_dict(ge2e_state(path))
        except RuntimeError as error:
            raise ModelError("These are not the GE2E weights.", "Reinstall resemblyzer.") from error
        self._net.to(self._device).eval()
        self._mel = Ge2eMel().to(self._device)

    def embed(self, speech: Waveform) -> Embedding:
        """The mean over overlapping windows. Raises InputError for less than half a second."""
        samples = checked_speech(speech).to(self._device)
        with torch.inference_mode():
            windows = windows_of(self._mel(samples)[None])[0]
            vector = F.normalize(self._net(windows).mean(0), dim=0)
        return Embedding(vector.cpu().numpy(), 1.0)
