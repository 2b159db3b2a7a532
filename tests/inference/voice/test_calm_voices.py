"""Whoever plays nothing is told no strong emotion: the demo people, by every way they are heard."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch

from kiosk.capture.media import MediaSource
from kiosk.core.estimates import Emotion, EmotionEstimate
from kiosk.core.media import AudioChunk, Waveform
from kiosk.core.settings import Settings
from kiosk.inference.manifest import find_entry, locate
from kiosk.inference.voice.attributes import (
    HIGHEST_ADULT,
    NAME,
    NetVoiceAttributes,
    VoiceReadout,
    load_voice_attribute_net,
    load_voice_attributes,
)
from kiosk.inference.voice.features.resampling import at_speech_rate
from kiosk.training.attributes.calibration import WRONG, calm_thresholds
from kiosk.training.attributes.voice_calm import by_telephone, with_echo
from tests.support.paths import DEMO

PEOPLE = ("amara", "bawi", "danbi", "garam", "gureum", "noeul", "ravi", "robin")


@pytest.fixture(scope="module")
def shipped() -> NetVoiceAttributes:
    return load_voice_attributes(Settings(emotion="on"))


@cache
def heard(name: str) -> Waveform:
    """The sound of a demo person at 16 kHz."""
    with MediaSource(DEMO / f"{name}-2.mp4") as source:
        chunks = [event for event in source.events() if isinstance(event, AudioChunk)]
    whole = np.concatenate([chunk.samples for chunk in chunks])
    return np.asarray(at_speech_rate(AudioChunk(whole, chunks[0].rate, 0.0)), dtype=np.float32)


def views(sound: Waveform) -> list[Waveform]:
    """As it is, by telephone, with an echo of a millisecond."""
    tensor = torch.from_numpy(sound)
    return [sound, by_telephone(tensor).numpy(), with_echo(tensor).numpy()]


def strong(made: EmotionEstimate | None) -> bool:
    """Whether an emotion is told."""
    return made is not None and made.sure and made.top is not Emotion.NEUTRAL


def test_calm_people_are_told_no_emotion_by_any_way(shipped: NetVoiceAttributes) -> None:
    told = {}
    for name in PEOPLE:
        found = [shipped.estimate(view).emotion for view in views(heard(name))]
        tops = {each.top for each in found if strong(each) and each is not None}
        assert len(tops) < 2, (name, tops)
        told[name] = bool(tops)
    assert sum(told.values()) <= 1, told


def test_the_shipped_bounds_are_above_what_actors_alone_would_ask() -> None:
    net = load_voice_attribute_net(locate(find_entry(NAME), Settings()))
    readout = net.config.readout
    assert len(readout.calm_sure) == len(Emotion)
    strictest = max(readout.least(place) for place in range(len(Emotion)))
    assert readout.emotion_sure < 0.6 < 0.9 < strictest < 1.0
    assert VoiceReadout(emotion_sure=0.5).least(3) == 0.5


def test_of_calm_recordings_as_many_are_told_as_may_be(rng: np.random.Generator) -> None:
    chances = rng.dirichlet(np.full(7, 0.4), 4000)
    least = calm_thresholds(chances, 0.3)
    said, highest = chances.argmax(1), chances.max(1)
    neutral = list(Emotion).index(Emotion.NEUTRAL)
    told = (highest >= np.array(least)[said]) & (said != neutral)
    assert WRONG * 0.8 < told.mean() < WRONG * 1.2
    assert least[neutral] == 0.3
    assert calm_thresholds(np.eye(7)[[neutral] * 30], 0.4) == (0.4,) * 7


def test_of_a_voice_that_may_be_a_childs_no_gender_is_told(shipped: NetVoiceAttributes) -> None:
    """A woman's voice, sped up until it is higher than any grown reader's."""
    sound = heard("amara")
    grown = shipped.estimate(sound).gender
    high = np.interp(np.arange(0, len(sound), 2.0), np.arange(len(sound)), sound)
    child = shipped.estimate(high.astype(np.float32)).gender
    assert grown is not None
    assert child is not None
    assert not child.sure
    assert HIGHEST_ADULT == 300.0
