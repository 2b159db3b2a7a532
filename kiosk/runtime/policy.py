"""The rule of decision that settings ask for, with thresholds from the models in use."""

from __future__ import annotations

from functools import lru_cache

from kiosk.core.errors import KnownError
from kiosk.core.media import Modality
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.recognition.development_scores import DEVELOPMENT_FILE, load_scores
from kiosk.recognition.operating_point import DevelopmentScores, TargetThresholds


@lru_cache(maxsize=8)
def policy(settings: Settings) -> Policy:
    """Least evidence of 0 leaves it to the target."""
    return Policy(
        settings.known_share,
        settings.stranger_named_once_in,
        settings.min_probability,
        settings.min_llr or None,
        settings.min_margin,
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
