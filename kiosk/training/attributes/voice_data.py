"""Labelled voices: recordings with emotion, age or gender, and the cache of their features.

A collection is a folder with `index.csv`: columns file, speaker and any of gender, age and emotion.
An emotion that is none of the seven, such as calm or boredom, counts as unknown. Of each recording
at most four segments of two seconds are listened to, as they are and, where the emotion is known,
in disturbed views too: faster or slower, with noise, with the spectrum tilted.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from kiosk.core.errors import InputError
from kiosk.core.estimates import Emotion
from kiosk.datasets.splits import by_hash, kept_from_attributes
from kiosk.inference.voice.attributes import SHORTEST, VoiceAttributeNet, segments
from kiosk.training.loop import write_atomically
from kiosk.training.voice.data import Broken, find_recordings, read_sound

EMOTIONS = tuple(Emotion)
MOST_SEGMENTS = 4
_SEED = 5
_NAMES = {emotion.name.lower(): place for place, emotion in enumerate(EMOTIONS)}

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class LabelledVoice:
    """A recording; `emotion` is the place in `EMOTIONS` or -1, `male` 1, 0 or -1, `age` in years or
    -1."""

    file: str
    collection: str
    speaker: str
    emotion: int
    male: int
    age: float

    @property
    def gender(self) -> str:
        """As an index writes it."""
        return {1: "male", 0: "female"}.get(self.male, "")

    @property
    def person(self) -> str:
        """Names a speaker across collections."""
        return f"{self.collection}/{self.speaker}"


def labelled_voices(name: str, folder: Path) -> list[LabelledVoice]:
    """Recordings of a collection with at least one label, in the order of its index.

    Raises InputError: no index, a missing column, no labels.
    """
    index = folder / "index.csv"
    if not index.is_file():
        raise InputError(f"{folder} has no index.csv.", "Give a folder with labelled recordings.")
    with index.open(encoding="utf-8", newline="") as handle:
        ages = {
            row["file"]: row.get("age") or "" for row in csv.DictReader(handle) if "file" in row
        }
    found = [
        LabelledVoice(
            each.file,
            name,
            each.speaker,
            _NAMES.get(each.emotion, -1),
            {"male": 1, "female": 0}.get(each.gender, -1),
            _age(ages[str(Path(each.file).relative_to(folder))]),
        )
        for each in find_recordings(name, folder)
    ]
    found = [each for each in found if each.emotion >= 0 or each.male >= 0 or each.age >= 0]
    if not found:
        raise InputError(f"{index} labels nothing.", "Give it columns emotion, age or gender.")
    return found


def _age(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1.0


def held_out_people(voices: Sequence[LabelledVoice]) -> set[str]:
    """Persons held out altogether; see `kept_from_attributes`."""
    people = [(each.collection, each.gender, each.speaker) for each in voices]
    return {f"{collection}/{speaker}" for collection, speaker in kept_from_attributes(people)}


def folds_of(voices: Sequence[LabelledVoice], folds: int) -> dict[str, int]:
    """A fold for every person; each holds as many of a collection and gender as the others."""
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    for each in voices:
        groups[each.collection, each.gender].add(each.speaker)
    return {
        f"{collection}/{speaker}": number % folds
        for (collection, _), speakers in groups.items()
        for number, speaker in enumerate(by_hash(collection, speakers))
    }


# --- the cache -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Heard:
    """Segments: `features` (n, features), `voice` (n,) the place of the recording, `view` (n,) 0
    for undisturbed."""

    features: Floats
    voice: NDArray[np.int64]
    view: NDArray[np.int64]


def hear(
    voices: Sequence[LabelledVoice],
    net: VoiceAttributeNet,
    folder: Path,
    views: int,
    say: Callable[[str], None],
    tick: Callable[[], None] = lambda: None,
) -> Heard:
    """Features of every recording; a finished cache of the same recordings is taken as it is.

    `views` is how many disturbed views there are of those whose emotion is known. A broken file is
    named and left out. Raises InputError where nothing could be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = json.dumps([[asdict(each) for each in voices], list(net.config.heard), views, _SEED])
    mark = hashlib.sha256(wanted.encode()).hexdigest()
    path = folder / f"voices-{mark[:16]}.npz"
    if path.is_file():
        with np.load(path) as kept:
            return Heard(kept["features"], kept["voice"], kept["view"])
    found = _listen(voices, net, views, say, tick)
    buffer = io.BytesIO()
    np.savez(buffer, features=found.features, voice=found.voice, view=found.view)
    write_atomically(path, buffer.getvalue())
    return found


def _listen(
    voices: Sequence[LabelledVoice],
    net: VoiceAttributeNet,
    views: int,
    say: Callable[[str], None],
    tick: Callable[[], None],
) -> Heard:
    rows: list[Floats] = []
    places: list[tuple[int, int]] = []
    broken = Broken([])
    draw = torch.Generator().manual_seed(_SEED)
    with torch.inference_mode():
        for place, each in enumerate(voices):
            tick()
            try:
                sound = torch.from_numpy(read_sound(Path(each.file)))
            except (InputError, OSError) as error:
                broken.add(Path(each.file), getattr(error, "text", str(error)), say)
                continue
            for view in range(1 + (views if each.emotion >= 0 else 0)):
                heard = sound if view == 0 else disturbed(sound, draw)
                pieces = [p for p in segments(heard, MOST_SEGMENTS) if len(p) >= SHORTEST]
                rows += [net.listen(piece).numpy() for piece in pieces]
                places += [(place, view)] * len(pieces)
    if not rows:
        raise InputError("None of the recordings can be read.", "Check the folders given.")
    voice, view_of = np.array(places, dtype=np.int64).T
    return Heard(np.stack(rows).astype(np.float32), voice, view_of)


def disturbed(sound: Tensor, draw: torch.Generator) -> Tensor:
    """(samples,) up to 8 % faster or slower, with a tilted spectrum and noise 12-35 dB below."""

    def between(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=draw))

    count = int(len(sound) * between(0.92, 1.08))
    moved = functional.interpolate(sound[None, None], count, mode="linear")[0, 0]
    tilt = between(-0.4, 0.4)
    moved = moved + tilt * torch.cat((moved.new_zeros(1), moved[:-1]))
    noise = torch.randn(count, generator=draw)
    if between(0, 1) < 0.5:  # noise as of a room: mostly low
        noise = functional.avg_pool1d(noise[None], 8, 1, 4)[0, :count]
    level = moved.std() / noise.std().clamp_min(1e-6) * 10 ** (-between(12, 35) / 20)
    return moved + level * noise
