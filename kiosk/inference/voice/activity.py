"""Where somebody speaks: the Silero network, its weights read from the installed package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from kiosk.core.errors import ModelError
from kiosk.core.media import Waveform
from kiosk.inference.packages import packaged_weights

WINDOW = 512
"""Samples at 16 kHz judged at a time: 32 ms."""
_CONTEXT = 64
_PACKAGE = "silero_vad"
_FILE = "data/silero_vad_16k.safetensors"
_REMEDY = "Reinstall it: pip install --force-reinstall silero-vad."


class SileroNet(nn.Module):
    """Silero VAD 6 for 16 kHz (MIT; github.com/snakers4/silero-vad).

    A learnt short-time Fourier transform, four convolutions that reduce each window to 128
    features, one LSTM over the windows, and a sigmoid.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stft_conv = nn.Conv1d(1, 258, 256, stride=128, bias=False)
        self.conv1 = nn.Conv1d(129, 128, 3, padding=1)
        self.conv2 = nn.Conv1d(128, 64, 3, stride=2, padding=1)
        self.conv3 = nn.Conv1d(64, 64, 3, stride=2, padding=1)
        self.conv4 = nn.Conv1d(64, 128, 3, padding=1)
        self.lstm = nn.LSTM(128, 128, batch_first=True)
        self.final_conv = nn.Conv1d(128, 1, 1)

    def forward(
        self, windows: Tensor, state: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """(windows, 64 + 512) successive stretches of sound to (windows,) probabilities."""
        padded = nn.functional.pad(windows.unsqueeze(1), (0, _CONTEXT), "reflect")
        spectrum = self.stft_conv(padded)
        x = (spectrum[:, :129] ** 2 + spectrum[:, 129:] ** 2).sqrt()
        for layer in (self.conv1, self.conv2, self.conv3, self.conv4):
            x = layer(x).relu()
        hidden, state = self.lstm(x.transpose(0, 2).transpose(1, 2), state)
        logit = self.final_conv(hidden.transpose(1, 2).relu())
        return logit.sigmoid().flatten(), state


def load_silero(path: Path | None = None) -> SileroNet:
    """The network with the package's weights (or those of ``path``). Raises ModelError."""
    file = path or packaged_weights(_PACKAGE, _FILE)
    try:
        tensors = load_file(file)
        net = SileroNet()
        net.load_state_dict({_renamed(key): value for key, value in tensors.items()})
    except (OSError, SafetensorError, RuntimeError) as error:
        raise ModelError(f"{file.name} is not the Silero network.", _REMEDY) from error
    return net.eval()


def _renamed(key: str) -> str:
    """The package keeps a cell where we keep a whole layer."""
    return f"lstm.{key.removeprefix('lstm_cell.')}_l0" if key.startswith("lstm_cell.") else key


class VoiceActivity:
    """Speech probability of a stream of 16 kHz sound, window by window.

    Keeps what does not fill a window for the next call.
    """

    def __init__(self, net: SileroNet | None = None) -> None:
        self._net = net or load_silero()
        self.reset()

    def reset(self) -> None:
        """Forget the stream."""
        self._state: tuple[Tensor, Tensor] | None = None
        self._context: Waveform = np.zeros(_CONTEXT, np.float32)
        self._rest: Waveform = np.zeros(0, np.float32)

    def hear(self, samples: Waveform) -> tuple[Waveform, NDArray[np.float32]]:
        """Take more sound; returns the whole windows now complete, (windows, 512), and the
        probability of speech in each, (windows,)."""
        sound = np.concatenate((self._rest, samples))
        count = len(sound) // WINDOW
        self._rest = sound[count * WINDOW :].copy()
        windows = sound[: count * WINDOW].reshape(count, WINDOW)
        if not count:
            return windows, np.zeros(0, np.float32)
        before = np.vstack((self._context[None], windows[:-1, -_CONTEXT:]))
        self._context = windows[-1, -_CONTEXT:].copy()
        with torch.inference_mode():
            stretches = torch.from_numpy(np.hstack((before, windows)))
            probability, self._state = self._net(stretches, self._state)
        return windows, probability.numpy()
