"""What a teacher network says of speech: the lessons of `kiosk.training.voice.distillation`.

A lesson is up to four seconds of one person's speech, pauses removed, with the teacher's vector of
all of it. Lessons are heard at several speeds, which makes other voices of the same people. They
are computed once and kept: mel bands of both kinds as float16 decibels, vectors as float32.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torchaudio
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from kiosk.core.errors import InputError
from kiosk.core.media import SPEECH_RATE
from kiosk.datasets.splits import is_word
from kiosk.inference.voice.features.mel import BANDS, HOP, Ge2eMel, MelPower, decibels
from kiosk.inference.voice.networks.campplus import CamPlus, kaldi_bands
from kiosk.inference.voice.networks.own import loud_frames
from kiosk.training.loop import autocast, write_atomically
from kiosk.training.voice.data import SOUND, Broken, Recording, held_out_people, read_sound

LONGEST = 4 * SPEECH_RATE
SHORTEST = 4 * SPEECH_RATE // 5
TEMPI = ((1, 1), (20, 17), (17, 20), (10, 9), (9, 10))
"""Speeds as fractions; a voice played faster is also higher."""
_WORDS_A_LESSON = 8
_WORD_LESSONS = 12
"""Lessons of one speaker of single words at most."""
_LONG = 6 * SPEECH_RATE
_LEVEL = 0.05
_BATCH = 8
_PENDING = 96
_ALIKE = 20
"""Frames by which the lessons of a batch may differ; all are cut to the shortest."""


@dataclass(frozen=True)
class DistillationSample:
    """Recordings of one person to join, and how fast to play them."""

    collection: str
    speaker: str
    files: tuple[str, ...]
    tempo: tuple[int, int]


def find_loose(name: str, folder: Path) -> list[Recording]:
    """Every sound below a folder as somebody else's. Raises InputError if there is none."""
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SOUND)
    if not paths:
        raise InputError(f"{folder} holds no recordings.", "Give a folder of sound.")
    return [Recording(name, str(path.relative_to(folder)), str(path)) for path in paths]


def plan_lessons(
    recordings: Sequence[Recording], loose: Sequence[Recording], seed: int
) -> list[DistillationSample]:
    """Lessons of everybody outside the held-out people, in random order.

    Recordings give one lesson each, words one for eight of them; each is heard as it is and at two
    other speeds, in small collections (under 200 recordings) at all four.
    """
    drawn = random.Random(seed)  # noqa: S311  which recordings are heard is no secret
    held = held_out_people(recordings)
    people: dict[tuple[str, str], list[Recording]] = defaultdict(list)
    for each in [*recordings, *loose]:
        person = (each.collection, each.speaker)
        if person not in held and Path(each.file).suffix != ".p":
            people[person].append(each)
    sizes: dict[str, int] = defaultdict(int)
    for (collection, _), own in people.items():
        sizes[collection] += len(own)
    distillation_set = [
        DistillationSample(collection, speaker, files, tempo)
        for (collection, speaker), own in sorted(people.items())
        for files in _groups(own, drawn)
        for tempo in (
            TEMPI[0],
            *drawn.sample(TEMPI[1:], 4 if sizes[collection] < 200 else 2),
        )
    ]
    drawn.shuffle(distillation_set)
    return distillation_set


def _groups(own: list[Recording], drawn: random.Random) -> list[tuple[str, ...]]:
    if not is_word(own[0].file):
        return [(each.file,) for each in own]
    files = [each.file for each in own]
    drawn.shuffle(files)
    groups = [tuple(files[n : n + _WORDS_A_LESSON]) for n in range(0, len(files), _WORDS_A_LESSON)]
    return groups[:_WORD_LESSONS]


class DistillationSet:
    """Lessons as they are kept. `people` (n,) numbers voices: person and tempo together."""

    def __init__(self, folder: Path) -> None:
        content = json.loads((folder / "lessons.json").read_text(encoding="utf-8"))
        self.skipped: list[str] = content["skipped"]
        rows = content["rows"]
        self.starts = np.array([row["start"] for row in rows])
        self.lengths = np.array([row["length"] for row in rows])
        self.collections = np.array([row["collection"] for row in rows])
        voices = [f"{r['collection']}/{r['speaker']}/{r['tempo']}" for r in rows]
        self.people = torch.from_numpy(np.unique(voices, return_inverse=True)[1].astype(np.int64))
        self.targets = _targets(np.load(folder / "vectors.npy"), self.people)
        self._kinds = [
            np.memmap(folder / name, np.float16, "r").reshape(-1, BANDS)
            for name in ("mel.f16", "linear.f16")
        ]

    def __len__(self) -> int:
        return len(self.starts)

    def crops(
        self, places: NDArray[np.int64], frames: int, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """Decibels (batch, frames, 40) of either kind, each from a random moment of its lesson."""
        starts = [int(self.starts[n] + rng.integers(self.lengths[n] - frames + 1)) for n in places]
        first, second = (
            torch.from_numpy(np.stack([kind[s : s + frames] for s in starts]).astype(np.float32))
            for kind in self._kinds
        )
        return first, second


def _targets(vectors: NDArray[np.float32], people: Tensor) -> Tensor:
    """Halfway between what the teacher said of a lesson and the mean of what it said of that
    voice: the mean knows the person in other moods and sentences."""
    said = torch.from_numpy(vectors)
    said = F.normalize(said - said.mean(0), dim=1)
    sums = torch.zeros(int(people.max()) + 1, said.shape[1]).index_add_(0, people, said)
    return F.normalize(said + F.normalize(sums, dim=1)[people], dim=1)


def build_lessons(
    distillation_set: Sequence[DistillationSample],
    folder: Path,
    teacher: CamPlus,
    say: Callable[[str], None],
    tick: Callable[[], None] = lambda: None,
) -> DistillationSet:
    """Compute them, or take those of the same plan that are there; ``tick`` for each lesson.

    Raises InputError if nothing could be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mark = hashlib.sha256(
        json.dumps([asdict(each) for each in distillation_set]).encode()
    ).hexdigest()
    index = folder / "lessons.json"
    if index.is_file() and json.loads(index.read_text(encoding="utf-8"))["mark"] == mark:
        return DistillationSet(folder)
    index.unlink(missing_ok=True)  # cut short, new bands must not be read with an old index
    broken = Broken([])
    rows = _Writer(folder, teacher).write(distillation_set, broken, say, tick)
    if not rows:
        raise InputError("None of the recordings can be read.", "Check the folders given.")
    content = {"mark": mark, "skipped": broken.lines, "rows": rows}
    write_atomically(index, json.dumps(content).encode())
    return DistillationSet(folder)


class _Writer:
    """Writes bands as they come and asks the teacher about lessons of like length together."""

    def __init__(self, folder: Path, teacher: CamPlus) -> None:
        self._folder, self._teacher = folder, teacher
        self._mel, self._linear = MelPower(), Ge2eMel(level_db=-200.0)
        self._pending: list[tuple[Tensor, int]] = []
        self._vectors: dict[int, NDArray[np.float32]] = {}

    def write(
        self,
        distillation_set: Sequence[DistillationSample],
        broken: Broken,
        say: Callable[[str], None],
        tick: Callable[[], None],
    ) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        start = 0
        paths = self._folder / "mel.f16", self._folder / "linear.f16"
        with paths[0].open("wb") as mel, paths[1].open("wb") as linear:
            for lesson in distillation_set:
                tick()
                try:
                    sound = lesson_sound(lesson)
                except (InputError, OSError) as error:
                    broken.add(Path(lesson.files[0]), getattr(error, "text", str(error)), say)
                    continue
                kinds = self._bands(sound, len(rows))
                length = min(map(len, kinds))
                for handle, kind in zip((mel, linear), kinds, strict=True):
                    handle.write(kind[:length].tobytes())
                rows.append(asdict(lesson) | {"start": start, "length": length})
                start += length
        self._ask(everything=True)
        if rows:
            np.save(
                self._folder / "vectors.npy", np.stack([self._vectors[n] for n in range(len(rows))])
            )
        return rows

    def _bands(self, sound: Tensor, number: int) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
        with torch.inference_mode():
            mel = decibels(self._mel(sound)).numpy().astype(np.float16)
            linear = decibels(self._linear(sound), 1e-8).numpy().astype(np.float16)
            self._pending.append((kaldi_bands(sound), number))
        if len(self._pending) >= _PENDING:
            self._ask()
        return mel, linear

    def _ask(self, *, everything: bool = False) -> None:
        alike: dict[int, list[tuple[Tensor, int]]] = defaultdict(list)
        for bands, number in self._pending:
            alike[len(bands) // _ALIKE].append((bands, number))
        self._pending = []
        for group in alike.values():
            whole = len(group) if everything else len(group) // _BATCH * _BATCH
            self._pending += group[whole:]
            for first in range(0, whole, _BATCH):
                self._answer(group[first : min(first + _BATCH, whole)])

    def _answer(self, batch: list[tuple[Tensor, int]]) -> None:
        shortest = min(len(bands) for bands, _ in batch)
        stacked = torch.stack([bands[:shortest] for bands, _ in batch])
        with torch.inference_mode(), autocast(torch.device("cpu")):
            said = self._teacher(stacked).float().numpy()
        self._vectors |= {number: row for (_, number), row in zip(batch, said, strict=True)}


def lesson_sound(lesson: DistillationSample) -> Tensor:
    """The speech of a lesson (samples,) at one level. Raises InputError for under 0.8 s of it."""
    parts: list[Tensor] = []
    for number, file in enumerate(lesson.files):
        sound = torch.from_numpy(read_sound(Path(file)))
        if len(sound) > _LONG:  # another stretch of a long recording at each speed
            place = random.Random(f"{lesson.tempo}{number}").randrange(len(sound) - _LONG)  # noqa: S311
            sound = sound[place : place + _LONG]
        if lesson.tempo != TEMPI[0]:
            sound = torchaudio.functional.resample(sound, *lesson.tempo)
        parts.append(_speech(sound))
        if sum(map(len, parts)) >= LONGEST:
            break
    speech = torch.cat(parts)[:LONGEST]
    if len(speech) < SHORTEST:
        raise InputError(f"{Path(lesson.files[0]).name} holds too little speech.", "Leave it out.")
    return speech


def _speech(sound: Tensor) -> Tensor:
    """Without pauses, brought to one level."""
    with torch.inference_mode():
        kept = loud_frames(MelPower()(sound)).repeat_interleave(HOP)[: len(sound)]
    speech = sound[: len(kept)][kept]
    return speech / (speech.pow(2).mean().sqrt() + 1e-6) * _LEVEL
