"""The rule of decision that settings ask for, with thresholds from the models in use."""

from __future__ import annotations

from functools import cache, lru_cache

from kiosk.core.errors import KnownError
from kiosk.core.media import Modality
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.recognition.development_scores import DEVELOPMENT_FILE, load_scores
from kiosk.recognition.liveness_policy import LivenessPolicy
from kiosk.recognition.operating_point import DevelopmentScores, TargetThresholds
from kiosk.recognition.pad_operating_point import (
    DEVELOPMENT_FILE as PAD_DEVELOPMENT_FILE,
)
from kiosk.recognition.pad_operating_point import (
    PadDevelopment,
    load_pad_development,
    models_key,
)

SURE_TIMES = 5.0
"""Who scores so high that so many times fewer photographs do is asked for no turn of the head."""


@lru_cache(maxsize=8)
def policy(settings: Settings) -> Policy:
    """Least evidence of 0 leaves it to the target."""
    return Policy(
        settings.known_share,
        settings.stranger_named_once_in,
        settings.min_probability,
        settings.min_llr or None,
        settings.min_margin,
        settings.unchecked_people == "marked",
        TargetThresholds(development_scores(settings)),
    )


def development_scores(settings: Settings) -> dict[Modality, DevelopmentScores]:
    """Of the recognisers in use, as far as there are any of just these weights."""
    from kiosk.inference import manifest

    file = manifest.weights_folder() / DEVELOPMENT_FILE
    found = {}
    for modality in Modality:
        try:
            entry = manifest.choose(settings, modality)
        except KnownError:
            continue
        scores = load_scores(file, entry.name, entry.sha256)
        if scores is not None:
            found[modality] = scores
    return found


def pad_models_key() -> str:
    """Which networks presentation attacks are judged by."""
    from kiosk.inference import manifest

    names = ("face-pad", "face-pad-close", "lip-sound")
    return models_key(*(manifest.find_entry(name).sha256 for name in names))


@cache
def pad_development() -> PadDevelopment | None:
    """What was measured of presentation attacks with just these networks."""
    from kiosk.inference import manifest

    file = manifest.weights_folder() / PAD_DEVELOPMENT_FILE
    return load_pad_development(file, pad_models_key())


def liveness_policy(settings: Settings) -> LivenessPolicy:
    """When a visit counts as live: as few photographs get through as the setting says. Where
    nothing was measured, the calibration of the channels is taken at its word."""
    measured = pad_development()
    if measured is None:
        return LivenessPolicy()
    asked = settings.photograph_passes_once_in
    return LivenessPolicy(measured.threshold(asked), measured.threshold(SURE_TIMES * asked))
