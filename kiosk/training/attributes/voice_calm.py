"""From which probability on an emotion of a voice may be told, fitted on people who play nothing.

Actors are who emotions were learnt from; whoever reads aloud or gives a talk is not among them, and
sounds sad, disgusted or angry to a network that knows actors alone. Readers and speakers of talks,
as they are, by telephone and with an echo of a millisecond, say how high each emotion has to be
before it is more than that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from scipy.signal import butter, sosfiltfilt
from torch import Tensor

from kiosk.core.errors import InputError
from kiosk.core.media import SPEECH_RATE
from kiosk.core.progress import Bar
from kiosk.core.settings import Settings
from kiosk.inference.manifest import find_entry, locate
from kiosk.inference.voice.attributes import (
    EMOTIONS,
    NAME,
    SHORTEST,
    VoiceAttributeNet,
    load_voice_attribute_net,
    save_voice_attributes,
    segments,
)
from kiosk.training.attributes.calibration import Doubles, calm_thresholds
from kiosk.training.attributes.voice_data import MOST_SEGMENTS
from kiosk.training.loop import write_atomically
from kiosk.training.voice.data import Recording, find_recordings, read_sound
from kiosk.training.voice.run import parse_source

MOST_RECORDINGS = 8
"""Of each speaker."""
_FEWEST = 20


def calibrate(sources: Sequence[str], out: Path, console: Console) -> Path:
    """The shipped network with thresholds of its own for each emotion, written to `out`. Raises
    InputError: too few recordings; ModelError."""
    net = load_voice_attribute_net(locate(find_entry(NAME), Settings()))
    recordings = [each for name, folder in map(parse_source, sources) for each in few(name, folder)]
    with Bar(console, "listening", len(recordings)) as bar:
        rows = [chances_of(net, each, bar.advance) for each in recordings]
    chances = np.concatenate([np.zeros((0, len(EMOTIONS))), *rows])
    if len(chances) < _FEWEST:
        raise InputError("There is too little calm speech.", "Give --data of more of it.")
    readout = net.config.readout
    least = calm_thresholds(chances, readout.emotion_sure)
    for emotion, value in zip(EMOTIONS, least, strict=True):
        console.print(f"{emotion.name.lower()} is told from {value:.3f} on")
    net.config = replace(net.config, readout=replace(readout, calm_sure=least))
    write_atomically(out, save_voice_attributes(net))
    return out


def few(name: str, folder: Path) -> list[Recording]:
    """The first recordings of each speaker of a collection. Raises InputError."""
    heard: Counter[str] = Counter()
    found = []
    for each in find_recordings(name, folder):
        heard[each.speaker] += 1
        if heard[each.speaker] <= MOST_RECORDINGS:
            found.append(each)
    return found


def chances_of(
    net: VoiceAttributeNet, recording: Recording, tick: Callable[[], None] = lambda: None
) -> Doubles:
    """(views, 7) of one recording as it is, by telephone and with an echo; (0, 7) of too little."""
    tick()
    sound = torch.from_numpy(read_sound(Path(recording.file)))
    views = (sound, by_telephone(sound), with_echo(sound))
    found = [row for view in views if (row := _chances(net, view)) is not None]
    return np.array(found).reshape(-1, len(EMOTIONS))


def _chances(net: VoiceAttributeNet, sound: Tensor) -> Doubles | None:
    pieces = [piece for piece in segments(sound, MOST_SEGMENTS) if len(piece) >= SHORTEST]
    if not pieces:
        return None
    with torch.inference_mode():
        logits = net(torch.stack([net.listen(piece) for piece in pieces]))[0].double().mean(0)
        found = (logits / net.config.readout.emotion_temperature).softmax(0).numpy()
    return np.asarray(found, dtype=np.float64)


def by_telephone(sound: Tensor, highest: float = 3600.0) -> Tensor:
    """(samples,) at 16 kHz without what lies above `highest` hertz."""
    filters = butter(8, highest, fs=SPEECH_RATE, output="sos")
    return torch.from_numpy(sosfiltfilt(filters, sound.numpy()).astype(np.float32))


def with_echo(sound: Tensor, milliseconds: float = 1.0, share: float = 0.7) -> Tensor:
    """(samples,) at 16 kHz with itself after so long, `share` times as strong."""
    late = int(SPEECH_RATE * milliseconds / 1000)
    heard = sound.clone()
    heard[late:] += share * sound[:-late]
    return heard
