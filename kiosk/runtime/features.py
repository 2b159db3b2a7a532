"""Puts together what takes features along recordings; see `kiosk.recognition.features`."""

from __future__ import annotations

from kiosk.core.settings import Settings
from kiosk.recognition.features import FeatureExtractor, TextFeatures
from kiosk.runtime import composition


def build_extractor(settings: Settings) -> FeatureExtractor:
    """With the chosen recognisers. Raises ModelError, SettingsError."""
    from kiosk.inference.face.geometry.face_crop import face_crop

    models = composition.build_models(settings)
    return FeatureExtractor(models.pipelines, models.face, models.voice, face_crop)


def build_text_features(settings: Settings) -> tuple[TextFeatures, str]:
    """The network of texts and its id. Raises ModelError, SettingsError where emotion is not
    wanted, which is all that this network is for."""
    from kiosk.inference import manifest
    from kiosk.inference.text import emotion

    entry = manifest.find_entry(emotion.NAME)
    path = manifest.locate(entry, settings)
    return emotion.load_text_emotion(settings), manifest.model_id(entry, path)
