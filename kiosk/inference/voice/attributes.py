"""The project's own network for emotion, age and gender of a voice, and its port.

Two branches over segments of two seconds, merged:

* what the layers of a recurrent network hear in mel bands, as mean and deviation of their states.
  The network is GE2E's (Wan et al. 2018, arXiv:1710.10467), which was made to tell speakers apart
  and so hears how a voice sounds; there are too few actors to train one of its own;
* statistics of the utterance: pitch, level, rhythm (`prosody`) and the bands themselves.

Answers of the segments are averaged. Ages were known of few people, so age is mostly an interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kiosk.core.attribute_fusion import only, wanted
from kiosk.core.estimates import (
    AgeEstimate,
    AttributeEstimate,
    AttributeSelection,
    Channel,
    Emotion,
    EmotionEstimate,
    GenderEstimate,
    is_sure,
)
from kiosk.core.media import SPEECH_RATE, Waveform
from kiosk.core.settings import Settings
from kiosk.inference.checkpoint import load_checkpoint, save_checkpoint, stored
from kiosk.inference.devices import half_is_fast, one_thread
from kiosk.inference.manifest import find_entry, locate
from kiosk.inference.voice.features.mel import BANDS, HOP, Ge2eMel, MelPower
from kiosk.inference.voice.features.prosody import STATISTICS, TRACKS, Prosody
from kiosk.inference.voice.features.speech import checked_speech
from kiosk.inference.voice.networks.own import GE2E_LEVEL, QUIET, centred_decibels, normalised_power

NETWORK = "kiosk-voice-attributes"
NAME = "voice-attributes"
EMOTIONS = tuple(Emotion)
SEGMENT = 2 * SPEECH_RATE
SHORTEST = SPEECH_RATE // 2
YOUNGEST, OLDEST = 5.0, 100.0
HIGHEST_ADULT = 300.0
"""Median pitch in hertz above which a voice may be a child's: of 217 recordings of women who read
or gave talks none lay above, of 353 of men one."""
_MIDDLE_PITCH = 6 * TRACKS + 3
"""Place of the median pitch, in octaves above 100 Hz, among the features."""
_FLOOR_DB = -45.0
_EDGE_DB = 35.0
_FRONT_ENDS = ("mel_power.", "ge2e_mel.", "prosody.")


@dataclass(frozen=True)
class VoiceReadout:
    """From raw outputs to probabilities, fitted on people who were not trained on.

    Temperatures divide logits; `age_margin` years to either side hold the age of four in five; an
    answer below its `sure` probability, and an age whose interval is wider than `widest_age`, is
    "not sure". `calm_sure` are higher bounds for each emotion, fitted on people who played none.
    """

    emotion_temperature: float = 1.0
    gender_temperature: float = 1.0
    age_margin: float = 20.0
    emotion_sure: float = 0.5
    gender_sure: float = 0.8
    widest_age: float = 25.0
    calm_sure: tuple[float, ...] = ()

    def least(self, place: int) -> float:
        """The probability from which on the emotion at `place` is sure."""
        return (
            max(self.emotion_sure, self.calm_sure[place]) if self.calm_sure else self.emotion_sure
        )


@dataclass(frozen=True)
class VoiceAttributeConfig:
    """What must be known to build the network before its weights can be read."""

    width: int = 256
    layers: int = 3
    """Of the recurrent network."""
    heard: tuple[int, ...] = (1, 2)
    """The layers whose states are looked at, from 0."""
    hidden: int = 256
    age_mean: float = 35.0
    age_spread: float = 10.0
    readout: VoiceReadout = field(default_factory=VoiceReadout)

    @property
    def features(self) -> int:
        """Numbers that are known of a segment."""
        return STATISTICS + 3 * BANDS + 2 * self.width * len(self.heard)


class VoiceAttributeNet(nn.Module):
    """Features of segments (batch, features) to logits of emotion (batch, 7), ages in years
    (batch,) and logits of being male (batch,)."""

    mean: Tensor
    scale: Tensor

    def __init__(self, config: VoiceAttributeConfig) -> None:
        super().__init__()
        self.config = config
        self.mel_power, self.ge2e_mel, self.prosody = MelPower(), Ge2eMel(), Prosody()
        widths = [BANDS] + [config.width] * (config.layers - 1)
        self.recurrent = nn.ModuleList(
            nn.LSTM(width, config.width, batch_first=True) for width in widths
        )
        self.register_buffer("mean", torch.zeros(config.features))
        self.register_buffer("scale", torch.ones(config.features))
        self.merge = nn.Linear(config.features, config.hidden)
        self.emotion = nn.Linear(config.hidden, len(EMOTIONS))
        self.age = nn.Linear(config.features, 1)
        self.male = nn.Linear(config.features, 1)

    def listen(self, speech: Tensor) -> Tensor:
        """(features,) of one segment (samples,) at 16 kHz, at least half a second."""
        return torch.cat((self.prosody(speech), self._bands(speech), self._states(speech)))

    def _bands(self, speech: Tensor) -> Tensor:
        """(3 * BANDS,): level, deviation and mean step of each band."""
        power = normalised_power(self.mel_power(speech)[None])
        level = torch.log10(power[0] + 10.0 ** (_FLOOR_DB / 10.0)).mean(0)
        bands = centred_decibels(power, _FLOOR_DB)[0]
        return torch.cat((level, bands.std(0), bands.diff(dim=0).std(0)))

    def _states(self, speech: Tensor) -> Tensor:
        """Mean and deviation over time of the layers' states."""
        x = normalised_power(self.ge2e_mel(speech)[None]) * GE2E_LEVEL
        x = x.to(next(self.recurrent.parameters()).dtype)
        found = []
        for number, layer in enumerate(self.recurrent):
            x, _ = layer(x)
            if number in self.config.heard:
                states = x[0].float()
                found += [states.mean(0), states.std(0)]
        return torch.cat(found)

    def standard(self, features: Tensor) -> Tensor:
        """Features as numbers around zero; far outliers count as less far."""
        return ((features - self.mean) / self.scale).clamp(-5, 5)

    def judge(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """From standard features; shapes: see the class."""
        emotion = self.emotion(nn.functional.gelu(self.merge(x)))
        age, male = self.age(x).squeeze(1), self.male(x).squeeze(1)
        return emotion, self.config.age_mean + self.config.age_spread * age, male

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Shapes: see the class."""
        return self.judge(self.standard(features))

    def forget_emotion(self) -> None:
        """Lose the weights of emotion: it cannot be computed with this network any more."""
        with torch.no_grad():
            for weights in (*self.emotion.parameters(), *self.merge.parameters()):
                weights.zero_()


def trimmed(speech: Tensor) -> Tensor:
    """(samples,) without what is far quieter than the loud frames at either end."""
    frames = speech.unfold(0, 2 * HOP, HOP)
    level = 10 * torch.log10(frames.square().mean(1).clamp_min(QUIET))
    loud = (level > torch.quantile(level, 0.95) - _EDGE_DB).nonzero()
    first, last = int(loud[0]) * HOP, (int(loud[-1]) + 2) * HOP
    return speech[first:last] if last - first >= SHORTEST else speech


def segments(speech: Tensor, most: int | None = None) -> list[Tensor]:
    """Trimmed speech in pieces of two seconds, overlapping as little as covers all of it; shorter
    speech is one piece. At most so many, evenly laid."""
    sound = trimmed(speech)
    over = len(sound) - SEGMENT
    if over <= 0:
        return [sound]
    count = 1 + -(-over // SEGMENT)
    starts = torch.linspace(0, over, count if most is None else min(count, most)).long().tolist()
    return [sound[start : start + SEGMENT] for start in starts]


@dataclass(frozen=True)
class VoiceAnswer:
    """Probabilities of emotions (7,) and of being male, an age in years, and the median pitch in
    hertz."""

    emotion: NDArray[np.float64]
    male: float
    years: float
    pitch: float = 0.0


def read_out(emotion: Tensor, age: Tensor, male: Tensor, readout: VoiceReadout) -> VoiceAnswer:
    """Segments of one utterance (n, 7), (n,), (n,) together: the mean of logits and of ages."""
    chances = (emotion.double().mean(0) / readout.emotion_temperature).softmax(0)
    return VoiceAnswer(
        chances.numpy(),
        float(torch.sigmoid(male.double().mean() / readout.gender_temperature)),
        float(age.double().mean().clamp(YOUNGEST, OLDEST)),
    )


class NetVoiceAttributes:
    """The network as a `VoiceAttributes`."""

    def __init__(self, net: VoiceAttributeNet, want: AttributeSelection | None = None) -> None:
        self._net = net.eval()
        self._want = want or AttributeSelection(True, True, True)

    def estimate(self, speech: Waveform) -> AttributeEstimate:
        """Channel VOICE. Raises InputError for less than half a second, and for silence."""
        with one_thread():
            answer = self.answer(segments(checked_speech(speech)))
        return only(_estimate(answer, self._net.config.readout), self._want)

    def answer(self, pieces: Sequence[Tensor]) -> VoiceAnswer:
        """Of the pieces (samples,) of one utterance."""
        with torch.inference_mode(), one_thread():
            features = torch.stack([self._net.listen(piece) for piece in pieces])
            emotion, age, male = self._net(features)
        found = read_out(emotion, age, male, self._net.config.readout)
        return replace(found, pitch=100.0 * 2.0 ** float(features[:, _MIDDLE_PITCH].mean()))


def _estimate(answer: VoiceAnswer, readout: VoiceReadout) -> AttributeEstimate:
    chances = tuple(float(p) for p in answer.emotion)
    low = max(YOUNGEST, answer.years - readout.age_margin)
    high = min(OLDEST, answer.years + readout.age_margin)
    certain = 2 * readout.age_margin <= readout.widest_age
    sexed = max(answer.male, 1 - answer.male) >= readout.gender_sure
    grown = answer.pitch <= HIGHEST_ADULT
    return AttributeEstimate(
        Channel.VOICE,
        EmotionEstimate(chances, is_sure(chances, readout.least(int(answer.emotion.argmax())))),
        AgeEstimate(answer.years, low, high, certain),
        GenderEstimate(answer.male, sexed and grown),
    )


def save_voice_attributes(net: VoiceAttributeNet) -> bytes:
    """The file's bytes; the readout is part of the config."""
    return save_checkpoint(stored(net, _FRONT_ENDS), network=NETWORK, config=net.config)


def load_voice_attribute_net(path: Path) -> VoiceAttributeNet:
    """The network in `path`, in float32. Raises ModelError."""
    file = load_checkpoint(path, network=NETWORK, config_class=VoiceAttributeConfig)
    return file.build(VoiceAttributeNet, computed=_FRONT_ENDS)


def load_voice_attributes(settings: Settings) -> NetVoiceAttributes:
    """The shipped network behind the port; where emotion is not wanted, without the weights that
    make it. Raises ModelError."""
    want = wanted(settings)
    net = load_voice_attribute_net(locate(find_entry(NAME), settings))
    if not want.emotion:
        net.forget_emotion()
    if half_is_fast(torch.device("cpu")):  # half the time; see the test of half precision
        net.recurrent.to(torch.bfloat16)
    return NetVoiceAttributes(net, want)
