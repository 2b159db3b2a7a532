"""A voice recipe small enough for a test."""

from __future__ import annotations

from kiosk.inference.voice.networks.own import VoiceNetConfig
from kiosk.training.voice.recipe import VoiceConfig

TINY = VoiceConfig(
    net=VoiceNetConfig(stem_channels=4, channels=16, blocks=1, branch_dims=8, attention=4, dims=16),
    batch=8,
    steps_per_epoch=2,
    frames=(100, 140),
    analysis_crops=64,
    analysis_frames=(100, 140),
)
