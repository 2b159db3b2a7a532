"""Checks of the speech that is given to a voice network."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from kiosk.core.errors import InputError
from kiosk.core.media import SPEECH_RATE, Waveform


def checked_speech(speech: Waveform) -> Tensor:
    """Speech as a tensor. Raises InputError if it is too short, silent or not finite."""
    if len(speech) < SPEECH_RATE // 2:
        raise InputError("The speech is shorter than half a second.", "Speak longer.")
    if not np.isfinite(speech).all() or float(np.abs(speech).max()) < 1e-5:
        raise InputError("The sound is silent or damaged.", "Check the microphone.")
    return torch.from_numpy(np.ascontiguousarray(speech, np.float32))
