"""Speaker recognisers behind the `VoiceEmbedder` port, by the manifest's `network`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from kiosk.core.errors import BugError
from kiosk.core.settings import Settings
from kiosk.inference.checkpoint import read_cohort
from kiosk.inference.manifest import ModelEntry, locate, locate_cohort, model_id
from kiosk.inference.voice.networks.campplus import CamPlusVoice
from kiosk.inference.voice.networks.folded_campplus import FoldedVoice
from kiosk.inference.voice.networks.ge2e import Ge2eVoice
from kiosk.inference.voice.networks.own import OwnVoice

VoiceModel = CamPlusVoice | FoldedVoice | Ge2eVoice | OwnVoice
KINDS: dict[str, Callable[[Path, torch.device], VoiceModel]] = {
    "campplus": CamPlusVoice,
    "ge2e": Ge2eVoice,
    "kiosk-campplus": FoldedVoice,
    "kiosk-voice": OwnVoice,
}


def build_voice(entry: ModelEntry, settings: Settings, device: torch.device) -> VoiceModel:
    """Load the verified weights of `entry`. Raises ModelError."""
    if entry.network not in KINDS:
        raise BugError(f"the manifest names the unknown network {entry.network!r}")
    path = locate(entry, settings)
    model = KINDS[entry.network](path, device)
    model.model_id = model_id(entry, path)
    if entry.cohort:
        more = read_cohort(locate_cohort(entry))
        if model.cohort is not None and more is not None:
            vectors = np.concatenate([model.cohort.vectors, more.numpy()])
            model.cohort = replace(model.cohort, vectors=vectors)
    return model
