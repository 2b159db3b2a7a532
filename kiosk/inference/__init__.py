"""The networks: face, voice and text, the manifest of their weights, and where they run.

torch is imported when a network is built, not when this package is: the manifest is read without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.core.threads import wait_without_spinning

if TYPE_CHECKING:
    import torch

    from kiosk.core.ports.inference import FaceEmbedder, VoiceEmbedder
    from kiosk.core.settings import Settings
    from kiosk.inference.manifest import ModelEntry

__all__ = ["build_face", "build_voice"]

wait_without_spinning()


def build_face(entry: ModelEntry, settings: Settings, device: torch.device) -> FaceEmbedder:
    """The face recogniser that `entry` describes, its weights verified. Raises ModelError."""
    from kiosk.inference.face.embedders import build_face as build
    from kiosk.inference.falling_back import FallingBackFace

    if device.type == "cpu":
        return build(entry, settings, device)
    return FallingBackFace(lambda place: build(entry, settings, place), device)


def build_voice(entry: ModelEntry, settings: Settings, device: torch.device) -> VoiceEmbedder:
    """The speaker recogniser that `entry` describes, its weights verified. Raises ModelError."""
    from kiosk.inference.falling_back import FallingBackVoice
    from kiosk.inference.voice.embedders import build_voice as build

    if device.type == "cpu":
        return build(entry, settings, device)
    return FallingBackVoice(lambda place: build(entry, settings, place), device)
